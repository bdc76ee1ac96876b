//! Integers of any size by schoolbook methods: exact arithmetic without a thought for overflow.

use std::cmp::Ordering;

/// An integer: sign and magnitude, the magnitude in base 2^32 from the lowest digit, without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Big {
    negative: bool,
    digits: Vec<u32>,
}

impl Big {
    /// A machine integer.
    pub fn new(value: i128) -> Self {
        let magnitude = value.unsigned_abs();
        let digits = (0..4).map(|i| (magnitude >> (32 * i)) as u32).collect();
        Self::make(value < 0, digits)
    }

    /// 10^exponent.
    pub fn power_of_ten(exponent: u32) -> Self {
        (0..exponent).fold(Self::new(1), |power, _| power.times(&Self::new(10)))
    }

    fn make(negative: bool, mut digits: Vec<u32>) -> Self {
        while digits.last() == Some(&0) {
            digits.pop();
        }
        Self {
            negative: negative && !digits.is_empty(),
            digits,
        }
    }

    /// The machine integer, if it fits.
    pub fn to_i128(&self) -> Option<i128> {
        let magnitude = self.digits.iter().rev().try_fold(0_u128, |value, &digit| {
            (value >> 96 == 0).then(|| value << 32 | u128::from(digit))
        })?;
        if self.negative {
            0_i128.checked_sub_unsigned(magnitude)
        } else {
            i128::try_from(magnitude).ok()
        }
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Whether it is below 0.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// The number without its sign.
    pub fn abs(&self) -> Self {
        Self::make(false, self.digits.clone())
    }

    /// The number with the other sign.
    pub fn negate(&self) -> Self {
        Self::make(!self.negative, self.digits.clone())
    }

    /// The sum.
    pub fn plus(&self, other: &Self) -> Self {
        if self.negative == other.negative {
            return Self::make(self.negative, add(&self.digits, &other.digits));
        }
        match compare(&self.digits, &other.digits) {
            Ordering::Less => Self::make(other.negative, subtract(&other.digits, &self.digits)),
            _ => Self::make(self.negative, subtract(&self.digits, &other.digits)),
        }
    }

    /// The difference.
    pub fn minus(&self, other: &Self) -> Self {
        self.plus(&other.negate())
    }

    /// The product.
    pub fn times(&self, other: &Self) -> Self {
        let mut digits = vec![0_u32; self.digits.len() + other.digits.len()];
        for (i, &a) in self.digits.iter().enumerate() {
            let mut carry = 0_u64;
            for (j, &b) in other.digits.iter().enumerate() {
                let sum = u64::from(a) * u64::from(b) + u64::from(digits[i + j]) + carry;
                digits[i + j] = sum as u32;
                carry = sum >> 32;
            }
            digits[i + other.digits.len()] = carry as u32;
        }
        Self::make(self.negative != other.negative, digits)
    }

    /// Quotient towards zero and remainder with the sign of the dividend; `other` is not 0.
    pub fn divide(&self, other: &Self) -> (Self, Self) {
        assert!(!other.is_zero(), "callers refuse a divisor of zero");
        let mut quotient = vec![0_u32; self.digits.len()];
        let mut rest = Vec::new();
        // Bit by bit from the top, as with pencil and paper.
        for bit in (0..self.digits.len() * 32).rev() {
            rest = add(&rest, &rest);
            if self.digits[bit / 32] >> (bit % 32) & 1 == 1 {
                rest = add(&rest, &[1]);
            }
            if compare(&rest, &other.digits) != Ordering::Less {
                rest = Self::make(false, subtract(&rest, &other.digits)).digits;
                quotient[bit / 32] |= 1 << (bit % 32);
            }
        }
        let sign = self.negative != other.negative;
        (Self::make(sign, quotient), Self::make(self.negative, rest))
    }

    /// The quotient rounded to the nearest integer, halves away from zero.
    pub fn divide_half_up(&self, other: &Self) -> Self {
        let (quotient, rest) = self.divide(other);
        let twice = rest.plus(&rest).abs();
        if compare(&twice.digits, &other.digits) == Ordering::Less {
            return quotient;
        }
        let away = if self.negative == other.negative {
            1
        } else {
            -1
        };
        quotient.plus(&Self::new(away))
    }
}

fn compare(a: &[u32], b: &[u32]) -> Ordering {
    let by_length = a.len().cmp(&b.len());
    by_length.then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

fn add(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut digits = Vec::new();
    let mut carry = 0_u64;
    for i in 0..a.len().max(b.len()) {
        let digit = |x: &[u32]| x.get(i).map_or(0, |&digit| u64::from(digit));
        let sum = digit(a) + digit(b) + carry;
        digits.push(sum as u32);
        carry = sum >> 32;
    }
    if carry > 0 {
        digits.push(carry as u32);
    }
    digits
}

/// `a - b` for `a >= b`.
fn subtract(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut digits = Vec::new();
    let mut borrow = 0_i64;
    for (i, &digit) in a.iter().enumerate() {
        let other = b.get(i).map_or(0, |&digit| i64::from(digit));
        let difference = i64::from(digit) - other - borrow;
        borrow = i64::from(difference < 0);
        digits.push(difference as u32);
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_machine_integers() {
        let mut state = 7_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            i128::from(state as i64 >> (state >> 58))
        };
        for _ in 0..500 {
            let (a, b) = (next(), next());
            let (x, y) = (Big::new(a), Big::new(b));
            assert_eq!(x.plus(&y).to_i128(), Some(a + b));
            assert_eq!(x.minus(&y).to_i128(), Some(a - b));
            assert_eq!(x.times(&y).to_i128(), Some(a * b));
            if b != 0 {
                let (quotient, rest) = x.divide(&y);
                assert_eq!(quotient.to_i128(), Some(a / b));
                assert_eq!(rest.to_i128(), Some(a % b));
                let half_up = (2 * a.abs() + b.abs()) / (2 * b.abs()) * a.signum() * b.signum();
                assert_eq!(x.divide_half_up(&y).to_i128(), Some(half_up));
            }
        }
        assert_eq!(Big::new(i128::MIN).to_i128(), Some(i128::MIN));
        assert_eq!(Big::new(i128::MIN).negate().to_i128(), None);
        let large = Big::power_of_ten(60);
        assert_eq!(large.to_i128(), None);
        assert_eq!(large.divide(&Big::power_of_ten(58)).0.to_i128(), Some(100));
    }
}
