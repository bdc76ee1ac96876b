//! DECIMAL and DOUBLE by text and by [`Big`]: reading, scaling, arithmetic.

use super::big::Big;
use crate::error::Reason;
use crate::plan::ArithmeticOp;

/// An exact number: `unscaled / 10^scale`.
#[derive(Clone, Debug)]
pub struct Exact {
    /// The digits as an integer.
    pub unscaled: Big,
    /// Digits behind the point.
    pub scale: u32,
}

impl Exact {
    /// A value as columns hold it.
    pub fn new(unscaled: i128, scale: u8) -> Self {
        Self {
            unscaled: Big::new(unscaled),
            scale: u32::from(scale),
        }
    }

    /// The unscaled value with `scale` digits behind the point, rounded half up.
    pub fn at_scale(&self, scale: u32) -> Big {
        if scale >= self.scale {
            self.unscaled.times(&Big::power_of_ten(scale - self.scale))
        } else {
            let divisor = Big::power_of_ten(self.scale - scale);
            self.unscaled.divide_half_up(&divisor)
        }
    }

    /// The integer part.
    pub fn truncated(&self) -> Big {
        self.unscaled.divide(&Big::power_of_ten(self.scale)).0
    }

    /// The greatest integer that is not above it.
    pub fn floor(&self) -> Big {
        let (quotient, rest) = self.unscaled.divide(&Big::power_of_ten(self.scale));
        if rest.is_negative() {
            quotient.minus(&Big::new(1))
        } else {
            quotient
        }
    }
}

/// The value as a DECIMAL of `precision` digits holds it, if it does.
pub fn in_precision(value: &Big, precision: u8) -> Option<i128> {
    let end = Big::power_of_ten(u32::from(precision));
    let too_long = !value.abs().minus(&end).is_negative();
    (!too_long).then(|| value.to_i128()).flatten()
}

/// `left op right` for a result of `precision` and `scale`.
pub fn decimal_arithmetic(
    op: ArithmeticOp,
    left: &Exact,
    right: &Exact,
    (precision, scale): (u8, u8),
) -> Result<i128, Reason> {
    let common = left.scale.max(right.scale);
    let (a, b) = (left.at_scale(common), right.at_scale(common));
    let divides = matches!(op, ArithmeticOp::Divide | ArithmeticOp::Modulo);
    if divides && b.is_zero() {
        return Err(Reason::DivisionByZero);
    }
    let exact = |unscaled, scale| Exact { unscaled, scale };
    let to = u32::from(scale);
    let value = match op {
        ArithmeticOp::Add => exact(a.plus(&b), common).at_scale(to),
        ArithmeticOp::Subtract => exact(a.minus(&b), common).at_scale(to),
        ArithmeticOp::Multiply => exact(a.times(&b), 2 * common).at_scale(to),
        ArithmeticOp::Divide => a.times(&Big::power_of_ten(to)).divide_half_up(&b),
        ArithmeticOp::Modulo => exact(a.divide(&b).1, common).at_scale(to),
    };
    in_precision(&value, precision).ok_or(Reason::Overflow)
}

/// Sign, digits and power of ten of `[+-] digits [. digits] [e [+-] digits]`.
struct Scientific {
    negative: bool,
    digits: Vec<u8>,
    power: i64,
}

/// Exponents further out than this say the same as this one: no number here has as many digits.
const POWER_FAR: i64 = 1_000_000;

fn scientific(text: &[u8]) -> Option<Scientific> {
    let (negative, rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let at = rest.iter().position(|b| matches!(b, b'e' | b'E'));
    let (mantissa, exponent) = match at {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let (whole, fraction) = match mantissa.iter().position(|&b| b == b'.') {
        Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
        None => (mantissa, &[][..]),
    };
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut power = 0_i64;
    if let Some(exponent) = exponent {
        let (down, number) = match exponent {
            [b'-', number @ ..] => (true, number),
            [b'+', number @ ..] => (false, number),
            number => (false, number),
        };
        if number.is_empty() || !number.iter().all(u8::is_ascii_digit) {
            return None;
        }
        for digit in number {
            power = (power * 10 + i64::from(digit - b'0')).min(POWER_FAR);
        }
        power = if down { -power } else { power };
    }
    Some(Scientific {
        negative,
        digits,
        power: power - fraction.len() as i64,
    })
}

/// What happens to digits that a DECIMAL's scale has no room for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// Non-zero ones are refused (`Reason::Scale`).
    Refuse,
    /// They are rounded half up.
    Round,
}

/// Reads a DECIMAL: `Number`, `Range` and `Scale` as the reasons say.
pub fn read_decimal(
    text: &[u8],
    (precision, scale): (u8, u8),
    beyond: Beyond,
) -> Result<i128, Reason> {
    let number = scientific(text).ok_or(Reason::Number)?;
    // The digits as if written out: `whole` before the point, the rest behind it.
    let significant: Vec<u8> = {
        let leading = number.digits.iter().take_while(|&&b| b == b'0').count();
        number.digits[leading..].to_vec()
    };
    if significant.is_empty() {
        return Ok(0);
    }
    let whole = significant.len() as i64 + number.power;
    if whole > i64::from(precision - scale) {
        return Err(Reason::Range);
    }
    // Position of the last digit kept, from the first significant one.
    let kept = whole + i64::from(scale);
    let digit = |at: i64| {
        let at = usize::try_from(at).ok();
        at.and_then(|at| significant.get(at))
            .map_or(0, |b| b - b'0')
    };
    let mut value = (0..kept.max(0)).fold(0_i128, |value, at| value * 10 + i128::from(digit(at)));
    match beyond {
        Beyond::Refuse => {
            let from = kept.clamp(0, significant.len() as i64) as usize;
            if significant[from..].iter().any(|&b| b != b'0') {
                return Err(Reason::Scale);
            }
        }
        Beyond::Round => value += i128::from(digit(kept) >= 5),
    }
    let value = if number.negative { -value } else { value };
    in_precision(&Big::new(value), precision).ok_or(Reason::Range)
}

/// The shortest text that reads back as a finite DOUBLE. Where two are as short and as near, the even one: the
/// standard library rounds such ties up, so this is the one place where a package decides.
pub fn shortest_text(value: f64) -> String {
    zmij::Buffer::new().format_finite(value).to_owned()
}

/// The shortest text that reads back as a finite REAL.
pub fn shortest_real(value: f32) -> String {
    zmij::Buffer::new().format_finite(value).to_owned()
}

/// The shortest digits that read back as a finite DOUBLE, and their power of ten; the sign is lost.
pub fn shortest(value: f64) -> (Big, i64) {
    let text = shortest_text(value.abs());
    let number = scientific(text.as_bytes()).expect("a finite number is written as one");
    let digits = number.digits.iter().fold(Big::new(0), |value, digit| {
        value
            .times(&Big::new(10))
            .plus(&Big::new(i128::from(digit - b'0')))
    });
    (digits, number.power)
}

/// The DOUBLE nearest to an exact number.
pub fn to_double(unscaled: i128, scale: u8) -> f64 {
    let text = format!("{unscaled}e-{scale}");
    text.parse().expect("digits and an exponent are a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_by_the_rules() {
        for (text, expected) in [
            ("1.25", Ok(125)),
            ("-.5", Ok(-50)),
            ("+7.", Ok(700)),
            ("125e-2", Ok(125)),
            ("0.0125e2", Ok(125)),
            ("1.250000", Ok(125)),
            ("1.251", Err(Reason::Scale)),
            ("1e-9999999999999999", Err(Reason::Scale)),
            ("1000", Err(Reason::Range)),
            ("1e999999999999", Err(Reason::Range)),
            ("0e999999999999", Ok(0)),
            ("", Err(Reason::Number)),
            (".", Err(Reason::Number)),
            ("1e", Err(Reason::Number)),
            (" 1", Err(Reason::Number)),
        ] {
            let value = read_decimal(text.as_bytes(), (5, 2), Beyond::Refuse);
            assert_eq!(value, expected, "{text}");
        }
        assert_eq!(read_decimal(b"1.255", (5, 2), Beyond::Round), Ok(126));
        assert_eq!(read_decimal(b"-1.255", (5, 2), Beyond::Round), Ok(-126));
        assert_eq!(read_decimal(b"0.004", (5, 2), Beyond::Round), Ok(0));
        assert_eq!(read_decimal(b"0.0004e1", (5, 2), Beyond::Round), Ok(0));
        assert_eq!(
            read_decimal(b"999.995", (5, 2), Beyond::Round),
            Err(Reason::Range)
        );
    }
}
