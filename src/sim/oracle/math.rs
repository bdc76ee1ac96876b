//! Mathematical functions and operators on bits, one row at a time.

use super::big::Big;
use super::eval::unscaled;
use super::number::{Exact, shortest_text};
use crate::error::Reason;
use crate::plan::{BitFunction, DoubleFunction};
use crate::types::Value;

fn f64_of(value: &Value) -> f64 {
    match value {
        Value::F64(value) => *value,
        other => panic!("{other:?} is no DOUBLE"),
    }
}

/// A function of one or two DOUBLEs.
pub fn double(function: DoubleFunction, args: &[Value]) -> f64 {
    use DoubleFunction as D;
    let a = f64_of(&args[0]);
    let b = args.get(1).map_or(f64::NAN, f64_of);
    match function {
        D::Sqrt => a.sqrt(),
        D::Cbrt => a.cbrt(),
        D::Exp => a.exp(),
        D::Ln => a.ln(),
        D::Log10 => a.log10(),
        D::Log2 => a.log2(),
        D::LogBase if a == 2.0 => b.log2(),
        D::LogBase if a == 10.0 => b.log10(),
        D::LogBase => b.ln() / a.ln(),
        D::Power => a.powf(b),
        D::Sin => a.sin(),
        D::Cos => a.cos(),
        D::Tan => a.tan(),
        D::Cot => 1.0 / a.tan(),
        D::Asin => a.asin(),
        D::Acos => a.acos(),
        D::Atan => a.atan(),
        D::Atan2 => a.atan2(b),
        D::Radians => a * (std::f64::consts::PI / 180.0),
        D::Degrees => a * (180.0 / std::f64::consts::PI),
    }
}

/// WIDTH_BUCKET.
pub fn width_bucket(args: &[Value]) -> Result<Value, Reason> {
    let (x, low, high) = (f64_of(&args[0]), f64_of(&args[1]), f64_of(&args[2]));
    let count = unscaled(&args[3]);
    if count < 1 || x.is_nan() || low == high || !(high - low).is_finite() {
        return Err(Reason::Domain);
    }
    if count == i128::from(i64::MAX) {
        return Err(Reason::Overflow);
    }
    let rising = low < high;
    let number = if (rising && x < low) || (!rising && x > low) {
        0
    } else if (rising && x >= high) || (!rising && x <= high) {
        count + 1
    } else {
        let part = (x - low) / (high - low) * count as f64;
        1 + (part.floor() as i128).clamp(0, count - 1)
    };
    Ok(Value::I64(number as i64))
}

/// An operator on bits, bit by bit.
pub fn bits(function: BitFunction, args: &[Value]) -> Result<Value, Reason> {
    use BitFunction as B;
    let word = |index: usize| unscaled(&args[index]) as i64;
    let a = word(0);
    let bit = |value: i64, at: i64| (0..64).contains(&at) && (value >> at) & 1 == 1;
    let sign = a < 0;
    let count = if args.len() > 1 { word(1) } else { 0 };
    if matches!(function, B::ShiftLeft | B::ShiftRight) && !(0..64).contains(&count) {
        return Err(Reason::Domain);
    }
    let result = (0..64).fold(0_i64, |result, at| {
        let set = match function {
            B::And => bit(a, at) && bit(count, at),
            B::Or => bit(a, at) || bit(count, at),
            B::Xor => bit(a, at) != bit(count, at),
            B::Not => !bit(a, at),
            B::ShiftLeft => bit(a, at - count),
            B::ShiftRight if at + count > 63 => sign,
            B::ShiftRight => bit(a, at + count),
        };
        result | i64::from(set) << at
    });
    Ok(Value::I64(result))
}

/// TRUNC of a DOUBLE by its decimal text.
pub fn cut_double(value: f64, digits: i128) -> f64 {
    if !value.is_finite() || value == 0.0 {
        return value + 0.0;
    }
    let text = shortest_text(value.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let power = exponent.parse::<i128>().expect("an exponent") - fraction.len() as i128;
    let figures = format!("{whole}{fraction}");
    let drop = -digits - power;
    if drop <= 0 {
        return value;
    }
    let kept = figures.len() as i128 - drop;
    if kept <= 0 {
        return 0.0;
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let text = format!("{sign}{}e{}", &figures[..kept as usize], power + drop);
    text.parse::<f64>()
        .expect("digits and an exponent are a number")
        + 0.0
}

/// TRUNC of an exact number.
pub fn cut_exact(value: i128, scale: u8, digits: i128) -> Exact {
    let drop = (i128::from(scale) - digits).clamp(0, 100) as u32;
    let unit = Big::power_of_ten(drop);
    let value = Big::new(value);
    Exact {
        unscaled: value.divide(&unit).0.times(&unit),
        scale: u32::from(scale),
    }
}
