//! Unsigned 256-bit integers, as far as DECIMAL needs them.

/// A 256-bit magnitude.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct U256 {
    high: u128,
    low: u128,
}

impl From<u128> for U256 {
    fn from(low: u128) -> Self {
        Self { high: 0, low }
    }
}

impl U256 {
    pub(super) fn product(a: u128, b: u128) -> Self {
        let (low, high) = a.carrying_mul(b, 0);
        Self { high, low }
    }

    pub(super) fn checked_mul(self, factor: u128) -> Option<Self> {
        let low = Self::product(self.low, factor);
        let high = self.high.checked_mul(factor)?.checked_add(low.high)?;
        Some(Self { high, low: low.low })
    }

    pub(super) fn checked_add(self, other: Self) -> Option<Self> {
        let (low, carry) = self.low.overflowing_add(other.low);
        let high = self
            .high
            .checked_add(other.high)?
            .checked_add(u128::from(carry))?;
        Some(Self { high, low })
    }

    /// `self - other`, which must not be greater.
    pub(super) fn minus(self, other: Self) -> Self {
        debug_assert!(other <= self);
        let (low, borrow) = self.low.overflowing_sub(other.low);
        let high = self
            .high
            .wrapping_sub(other.high)
            .wrapping_sub(u128::from(borrow));
        Self { high, low }
    }

    pub(super) fn narrow(self) -> Option<u128> {
        (self.high == 0).then_some(self.low)
    }

    /// Quotient and remainder; `divisor` is not 0.
    pub(super) fn div_rem(self, divisor: u128) -> (Self, u128) {
        if self.high == 0 {
            return (Self::from(self.low / divisor), self.low % divisor);
        }
        let high = self.high / divisor;
        let (low, rest) = divide_two_words(self.high % divisor, self.low, divisor);
        (Self { high, low }, rest)
    }

    /// The quotient rounded half up, if it has 128 bits.
    pub(super) fn divide_half_up(self, divisor: u128) -> Option<u128> {
        let (quotient, rest) = self.div_rem(divisor);
        quotient
            .narrow()?
            .checked_add(u128::from(rest >= divisor - rest))
    }
}

/// Divides `high * 2^128 + low` by `divisor > high`: Knuth's algorithm D with 64-bit digits (The Art of Computer
/// Programming 4.3.1; Hacker's Delight `divlu`).
fn divide_two_words(high: u128, low: u128, divisor: u128) -> (u128, u128) {
    const DIGIT: u128 = u64::MAX as u128;
    debug_assert!(high < divisor);
    let shift = divisor.leading_zeros();
    let divisor = divisor << shift;
    let (d1, d0) = (divisor >> 64, divisor & DIGIT);
    let carried = if shift == 0 { 0 } else { low >> (128 - shift) };
    let mut rest = (high << shift) | carried;
    let low = low << shift;
    let mut quotient = 0;
    for digit in [low >> 64, low & DIGIT] {
        let (mut q, mut r) = (rest / d1, rest % d1);
        while q > DIGIT || q * d0 > (r << 64 | digit) {
            q -= 1;
            r += d1;
            if r > DIGIT {
                break;
            }
        }
        rest = (rest << 64 | digit).wrapping_sub(q.wrapping_mul(divisor));
        quotient = quotient << 64 | q;
    }
    (quotient, rest >> shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit by bit.
    fn naive_div_rem(value: U256, divisor: u128) -> (U256, u128) {
        let (mut quotient, mut rest) = (U256::from(0), 0u128);
        for bit in (0..256).rev() {
            let word = if bit < 128 { value.low } else { value.high };
            let carry = rest >> 127;
            rest = rest << 1 | (word >> (bit % 128)) & 1;
            if carry == 1 || rest >= divisor {
                rest = rest.wrapping_sub(divisor);
                if bit < 128 {
                    quotient.low |= 1 << bit;
                } else {
                    quotient.high |= 1 << (bit - 128);
                }
            }
        }
        (quotient, rest)
    }

    #[test]
    fn division_agrees_with_bit_by_bit() {
        let mut state = 0x1234_5678_9abc_def1_u128;
        let mut next = || {
            state = state
                .wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645)
                .wrapping_add(1);
            let word = state ^ (state >> 64);
            // Few bits as often as many, and words close to the ends.
            match word % 4 {
                0 => word >> ((state >> 100) % 128),
                1 => u128::MAX - (word >> 100),
                2 => 1 << ((state >> 90) % 128),
                _ => word,
            }
        };
        for _ in 0..20_000 {
            let value = U256 {
                high: next(),
                low: next(),
            };
            let divisor = next().max(1);
            assert_eq!(
                value.div_rem(divisor),
                naive_div_rem(value, divisor),
                "{value:?} / {divisor}"
            );
        }
    }
}
