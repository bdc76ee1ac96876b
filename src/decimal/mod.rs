//! DECIMAL arithmetic on scaled integers.
//!
//! A DECIMAL is its unscaled value and a scale known from the type: `(12345, 2)` is 123.45. Everything is exact;
//! where digits must go they are rounded half up, that is away from zero. Intermediate results that leave 128
//! bits go on in 256 (`wide`). Result types follow Flink.

mod parse;
mod wide;

pub use parse::{parse_i64, parse_i128, parse_rounded};

use crate::error::Reason;
use crate::plan::ArithmeticOp;
use crate::types::DECIMAL_DIGITS_MAX;
use wide::U256;

/// 10^0 to 10^38.
pub const POWERS_OF_TEN: [i128; 39] = {
    let mut powers = [1; 39];
    let mut i = 1;
    while i < powers.len() {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// Fraction digits that a result keeps at least when it is cut to 38 digits.
const SCALE_KEPT: u8 = 6;

/// Whether `value` has at most `precision` digits.
#[inline]
pub fn fits(value: i128, precision: u8) -> bool {
    value.unsigned_abs() < POWERS_OF_TEN[precision as usize] as u128
}

/// The unscaled value at scale `to` of one at scale `from`, rounded half up; `None` on overflow of 128 bits.
#[inline]
pub fn rescale(value: i128, from: u8, to: u8) -> Option<i128> {
    if from <= to {
        value.checked_mul(POWERS_OF_TEN[(to - from) as usize])
    } else {
        Some(divide_half_up(
            value,
            POWERS_OF_TEN[(from - to) as usize] as u128,
        ))
    }
}

/// The unscaled value without the last `digits` digits, cut off.
pub fn truncate(value: i128, digits: u8) -> i128 {
    value / POWERS_OF_TEN[digits as usize]
}

fn divide_half_up(value: i128, divisor: u128) -> i128 {
    let magnitude = value.unsigned_abs();
    let (quotient, rest) = (magnitude / divisor, magnitude % divisor);
    let rounded = quotient + u128::from(rest >= divisor - rest);
    // At most 2^127 / 1, and rounding up needs a divisor of at least 2.
    with_sign(rounded, value < 0).unwrap_or(i128::MIN)
}

fn with_sign(magnitude: u128, negative: bool) -> Option<i128> {
    let value = i128::try_from(magnitude).ok()?;
    Some(if negative { -value } else { value })
}

/// Precision and scale of `left op right` by Flink's rules; each operand is (precision, scale).
pub fn result_type(op: ArithmeticOp, left: (u8, u8), right: (u8, u8)) -> (u8, u8) {
    let (p1, s1) = (u32::from(left.0), u32::from(left.1));
    let (p2, s2) = (u32::from(right.0), u32::from(right.1));
    let (precision, scale) = match op {
        ArithmeticOp::Add | ArithmeticOp::Subtract => {
            let scale = s1.max(s2);
            ((p1 - s1).max(p2 - s2) + scale + 1, scale)
        }
        ArithmeticOp::Multiply => (p1 + p2 + 1, s1 + s2),
        ArithmeticOp::Divide => {
            let scale = u32::from(SCALE_KEPT).max(s1 + p2 + 1);
            (p1 - s1 + s2 + scale, scale)
        }
        ArithmeticOp::Modulo => {
            let scale = s1.max(s2);
            ((p1 - s1).min(p2 - s2) + scale, scale)
        }
    };
    cut_to_38(precision, scale)
}

/// Digits before the point come first, but at most [`SCALE_KEPT`] of those behind it give way to them.
fn cut_to_38(precision: u32, scale: u32) -> (u8, u8) {
    let most = u32::from(DECIMAL_DIGITS_MAX);
    if precision <= most {
        return (precision as u8, scale as u8);
    }
    let whole = precision - scale;
    let kept = scale.min(u32::from(SCALE_KEPT));
    (
        DECIMAL_DIGITS_MAX,
        most.saturating_sub(whole).max(kept) as u8,
    )
}

fn checked(value: Option<i128>, precision: u8) -> Result<i128, Reason> {
    value
        .filter(|&value| fits(value, precision))
        .ok_or(Reason::Overflow)
}

/// `left + right`; operands are (unscaled, scale), the result is unscaled for `result` (precision, scale).
///
/// # Errors
/// `Overflow` when it has too many digits.
pub fn add(left: (i128, u8), right: (i128, u8), result: (u8, u8)) -> Result<i128, Reason> {
    let scale = left.1.max(right.1);
    let exact = rescale(left.0, left.1, scale)
        .zip(rescale(right.0, right.1, scale))
        .and_then(|(a, b)| a.checked_add(b));
    let value = match exact {
        Some(value) => rescale(value, scale, result.1),
        None => add_wide(left, right, scale, result.1),
    };
    checked(value, result.0)
}

fn add_wide(left: (i128, u8), right: (i128, u8), scale: u8, to: u8) -> Option<i128> {
    let magnitude = |(value, from): (i128, u8)| {
        U256::product(
            value.unsigned_abs(),
            POWERS_OF_TEN[(scale - from) as usize] as u128,
        )
    };
    let (a, b) = (magnitude(left), magnitude(right));
    let (sum, negative) = if (left.0 < 0) == (right.0 < 0) {
        (a.checked_add(b)?, left.0 < 0)
    } else if a >= b {
        (a.minus(b), left.0 < 0)
    } else {
        (b.minus(a), right.0 < 0)
    };
    with_sign(shift_half_up(sum, scale, to)?, negative)
}

/// A magnitude at scale `from` taken to scale `to`, half up.
fn shift_half_up(value: U256, from: u8, to: u8) -> Option<u128> {
    if to >= from {
        let factor = POWERS_OF_TEN.get((to - from) as usize)?;
        return value.checked_mul(*factor as u128)?.narrow();
    }
    let digits = usize::from(from - to);
    if digits < POWERS_OF_TEN.len() {
        return value.divide_half_up(POWERS_OF_TEN[digits] as u128);
    }
    // More than 38 digits go: whether the cut part reaches a half shows in its leading digits alone, which
    // are those of the second step.
    let (head, _) = value.div_rem(POWERS_OF_TEN[38] as u128);
    head.divide_half_up(*POWERS_OF_TEN.get(digits - 38)? as u128)
}

/// `left - right`, like [`add`].
///
/// # Errors
/// `Overflow` when it has too many digits.
pub fn subtract(left: (i128, u8), right: (i128, u8), result: (u8, u8)) -> Result<i128, Reason> {
    let negated = right.0.checked_neg().ok_or(Reason::Overflow)?;
    add(left, (negated, right.1), result)
}

/// `left * right`, like [`add`].
///
/// # Errors
/// `Overflow` when it has too many digits.
pub fn multiply(left: (i128, u8), right: (i128, u8), result: (u8, u8)) -> Result<i128, Reason> {
    let scale = left.1 + right.1;
    let value = match left.0.checked_mul(right.0) {
        Some(product) if scale.abs_diff(result.1) <= DECIMAL_DIGITS_MAX => {
            rescale(product, scale, result.1)
        }
        _ => {
            let product = U256::product(left.0.unsigned_abs(), right.0.unsigned_abs());
            shift_half_up(product, scale, result.1)
                .and_then(|value| with_sign(value, (left.0 < 0) != (right.0 < 0)))
        }
    };
    checked(value, result.0)
}

/// `left / right`, like [`add`].
///
/// # Errors
/// `DivisionByZero`; `Overflow` when it has too many digits.
pub fn divide(left: (i128, u8), right: (i128, u8), result: (u8, u8)) -> Result<i128, Reason> {
    if right.0 == 0 {
        return Err(Reason::DivisionByZero);
    }
    let negative = (left.0 < 0) != (right.0 < 0);
    let (a, b) = (left.0.unsigned_abs(), right.0.unsigned_abs());
    let shift = i32::from(result.1) + i32::from(right.1) - i32::from(left.1);
    let magnitude = if shift >= 0 {
        divide_shifted(a, b, shift as usize)
    } else {
        match b.checked_mul(POWERS_OF_TEN[-shift as usize] as u128) {
            Some(divisor) => U256::from(a).divide_half_up(divisor),
            // The divisor is above 2^128, the dividend below 10^38: less than a half.
            None => Some(0),
        }
    };
    checked(
        magnitude.and_then(|value| with_sign(value, negative)),
        result.0,
    )
}

fn divide_shifted(a: u128, b: u128, shift: usize) -> Option<u128> {
    let first = POWERS_OF_TEN[shift.min(38)] as u128;
    if shift <= 38
        && let Some(dividend) = a.checked_mul(first)
    {
        let (quotient, rest) = (dividend / b, dividend % b);
        return quotient.checked_add(u128::from(rest >= b - rest));
    }
    let mut dividend = U256::product(a, first);
    if shift > 38 {
        dividend = dividend.checked_mul(*POWERS_OF_TEN.get(shift - 38)? as u128)?;
    }
    dividend.divide_half_up(b)
}

/// `left % right` with the sign of the dividend, like [`add`].
///
/// # Errors
/// `DivisionByZero`; `Overflow` when it has too many digits.
pub fn modulo(left: (i128, u8), right: (i128, u8), result: (u8, u8)) -> Result<i128, Reason> {
    if right.0 == 0 {
        return Err(Reason::DivisionByZero);
    }
    let scale = left.1.max(right.1);
    let (a, b) = (left.0.unsigned_abs(), right.0.unsigned_abs());
    let rest = if left.1 < scale {
        let factor = POWERS_OF_TEN[(scale - left.1) as usize] as u128;
        U256::product(a, factor).div_rem(b).1
    } else {
        let factor = POWERS_OF_TEN[(scale - right.1) as usize] as u128;
        // A divisor that leaves 128 bits is greater than any dividend.
        b.checked_mul(factor).map_or(a, |b| a % b)
    };
    let value = with_sign(rest, left.0 < 0).and_then(|value| rescale(value, scale, result.1));
    checked(value, result.0)
}

/// Appends `value` as text with all its `scale` digits behind the point.
pub fn write(value: i128, scale: u8, out: &mut Vec<u8>) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(value.unsigned_abs()).as_bytes();
    if value < 0 {
        out.push(b'-');
    }
    let scale = usize::from(scale);
    if scale == 0 {
        out.extend_from_slice(digits);
    } else if digits.len() > scale {
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        out.extend_from_slice(whole);
        out.push(b'.');
        out.extend_from_slice(fraction);
    } else {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + scale - digits.len(), b'0');
        out.extend_from_slice(digits);
    }
}

/// The DOUBLE nearest to a DECIMAL.
#[inline]
pub fn to_f64(value: i128, scale: u8) -> f64 {
    /// Powers of ten up to this one, and integers below 2^53, are exact; so one division rounds once.
    const EXACT_POWER: u8 = 22;
    if value.unsigned_abs() < 1 << 53 && scale <= EXACT_POWER {
        return value as i64 as f64 / POWERS_OF_TEN[scale as usize] as f64;
    }
    to_f64_slow(value, scale)
}

#[cold]
fn to_f64_slow(value: i128, scale: u8) -> f64 {
    let mut text = itoa::Buffer::new();
    let mut number = text.format(value).to_owned();
    number.push_str("e-");
    number.push_str(itoa::Buffer::new().format(scale));
    fast_float2::parse(number).expect("digits and an exponent are a number")
}

/// The unscaled DECIMAL nearest to a DOUBLE, taken as the shortest decimal that reads back as it; half up.
///
/// # Errors
/// `Number` for NaN and the infinities, `Range` when it has too many digits.
pub fn from_f64(value: f64, precision: u8, scale: u8) -> Result<i128, Reason> {
    if !value.is_finite() {
        return Err(Reason::Number);
    }
    let mut text = zmij::Buffer::new();
    parse_rounded(text.format_finite(value).as_bytes(), precision, scale)
}

#[cfg(test)]
mod tests;
