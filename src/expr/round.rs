//! ROUND, half away from zero, and TRUNC.
//!
//! A DOUBLE is rounded as the shortest decimal that reads back as it, so that ROUND(2.675, 2) is 2.68 although the
//! binary value is a little less.

use crate::decimal;

/// Powers of ten up to this one are exact DOUBLEs.
const EXACT_POWER: i64 = 22;

/// ROUND(value). The result is never -0.0.
pub(super) fn whole(value: f64) -> f64 {
    value.round() + 0.0
}

/// ROUND(value, digits); NaN and the infinities stay. The result is never -0.0.
pub(super) fn double(value: f64, digits: i64) -> f64 {
    by_text(value, digits, |rest, divisor| rest >= divisor - rest)
}

/// TRUNC(value, digits); NaN and the infinities stay. The result is never -0.0.
pub(super) fn double_cut(value: f64, digits: i64) -> f64 {
    by_text(value, digits, |_, _| false)
}

/// Cuts the decimal text of a value; `up(rest, unit)` says whether what is cut off counts as one more unit.
#[inline(always)]
fn by_text(value: f64, digits: i64, up: impl Fn(u64, u64) -> bool) -> f64 {
    if !value.is_finite() || value == 0.0 {
        return value + 0.0;
    }
    let mut buffer = zmij::Buffer::new();
    let (magnitude, power) = split(buffer.format_finite(value.abs()));
    // Digits to drop from the end.
    let Some(drop) = digits
        .checked_neg()
        .and_then(|last| last.checked_sub(power))
        .filter(|&drop| 0 < drop)
    else {
        // Nothing to drop; the least i64 as digits drops everything.
        return if digits == i64::MIN { 0.0 } else { value };
    };
    let Some(divisor) = u32::try_from(drop)
        .ok()
        .and_then(|drop| 10u64.checked_pow(drop))
    else {
        return 0.0;
    };
    let (quotient, rest) = (magnitude / divisor, magnitude % divisor);
    let rounded = quotient + u64::from(up(rest, divisor));
    if rounded == 0 {
        return 0.0;
    }
    let result = scaled(rounded, -digits);
    if value < 0.0 { -result } else { result }
}

/// The significant digits and the power of ten of a text as `zmij` writes it: `12.5`, `1e20`, `1.25e-7`.
fn split(text: &str) -> (u64, i64) {
    let (mut digits, mut power, mut behind) = (0u64, 0i64, false);
    let mut bytes = text.bytes();
    for byte in bytes.by_ref() {
        match byte {
            b'0'..=b'9' => {
                // 17 significant digits and the zeros of `1234.0`; longer ones are written with an exponent.
                digits = digits.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                power -= i64::from(behind);
            }
            b'.' => behind = true,
            _ => break,
        }
    }
    let exponent: i64 = text
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    (digits, power + exponent)
}

/// `digits * 10^power`, rounded once.
fn scaled(digits: u64, power: i64) -> f64 {
    if digits < 1 << 53 && power.abs() <= EXACT_POWER {
        let factor = 10f64.powi(power.abs() as i32);
        let digits = digits as f64;
        return if power < 0 {
            digits / factor
        } else {
            digits * factor
        };
    }
    let text = format!("{digits}e{power}");
    fast_float2::parse(&text).expect("digits and an exponent are a number")
}

/// ROUND(value, digits) of an exact number, at its own scale; `None` on overflow.
pub(super) fn exact(value: i128, scale: u8, digits: i64) -> Option<i128> {
    let scale_wide = i64::from(scale);
    if digits >= scale_wide {
        return Some(value);
    }
    if let Ok(digits) = u8::try_from(digits) {
        return decimal::rescale(decimal::rescale(value, scale, digits)?, digits, scale);
    }
    let drop = scale_wide.saturating_sub(digits);
    match u8::try_from(drop) {
        Ok(drop) if usize::from(drop) < decimal::POWERS_OF_TEN.len() => {
            decimal::rescale(decimal::rescale(value, drop, 0)?, 0, drop)
        }
        _ => Some(0),
    }
}

/// TRUNC(value, digits) of an exact number, at its own scale.
pub(super) fn exact_cut(value: i128, scale: u8, digits: i64) -> Option<i128> {
    let drop = i64::from(scale).saturating_sub(digits);
    match usize::try_from(drop) {
        Err(_) => Some(value),
        Ok(drop) => Some(match decimal::POWERS_OF_TEN.get(drop) {
            Some(unit) => value - value % unit,
            None => 0,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_round_by_their_decimal_text() {
        for (value, digits, expected) in [
            (2.675, 2, 2.68),
            (-2.675, 2, -2.68),
            (0.145, 2, 0.15),
            (1.0, 2, 1.0),
            (1250.0, -2, 1300.0),
            (49.9, -2, 0.0),
            (50.0, -2, 100.0),
            (1e300, 2, 1e300),
            (1e300, -299, 1e300),
            (1.25e-7, 8, 1.3e-7),
            (-1e-300, 5, 0.0),
            (123.456, i64::MAX, 123.456),
            (123.456, i64::MIN, 0.0),
            (0.1, 30, 0.1),
            (9_007_199_254_740_993.0, 0, 9_007_199_254_740_992.0),
            (f64::MAX, -307, f64::INFINITY),
        ] {
            assert_eq!(
                double(value, digits).to_bits(),
                f64::to_bits(expected),
                "{value} {digits}"
            );
        }
        assert!(double(f64::NAN, 2).is_nan());
        assert_eq!(double(f64::INFINITY, 2), f64::INFINITY);
        assert_eq!(whole(-0.3).to_bits(), 0);
        assert_eq!(whole(-2.5), -3.0);
    }

    #[test]
    fn exact_numbers_round_on_both_sides_of_the_point() {
        assert_eq!(exact(12_345, 2, 1), Some(12_350));
        assert_eq!(exact(12_345, 2, 5), Some(12_345));
        assert_eq!(exact(-12_355, 2, -1), Some(-12_000));
        assert_eq!(exact(15, 0, -1), Some(20));
        assert_eq!(exact(15, 0, -100), Some(0));
        assert_eq!(exact(15, 0, i64::MIN), Some(0));
        assert_eq!(exact(9 * 10i128.pow(37), 0, -38), Some(10i128.pow(38)));
    }

    #[test]
    fn truncation_drops_digits_on_both_sides_of_the_point() {
        assert_eq!(double_cut(2.679, 2), 2.67);
        assert_eq!(double_cut(-1250.5, -2), -1200.0);
        assert_eq!(double_cut(-0.004, 2).to_bits(), 0);
        assert_eq!(double_cut(123.456, i64::MAX), 123.456);
        assert!(double_cut(f64::NAN, 0).is_nan());
        assert_eq!(exact_cut(-12_355, 2, 1), Some(-12_350));
        assert_eq!(exact_cut(12_355, 2, -1), Some(12_000));
        assert_eq!(exact_cut(12_355, 2, 5), Some(12_355));
        assert_eq!(exact_cut(12_355, 2, -100), Some(0));
        assert_eq!(exact_cut(12_355, 2, i64::MIN), Some(0));
    }
}
