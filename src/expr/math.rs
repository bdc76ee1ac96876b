//! Functions of DOUBLEs, WIDTH_BUCKET, and the operators on bits.

use super::arguments::{Arguments, Target};
use super::kernel::{Operand, data_of, map, map2};
use crate::error::Reason;
use crate::plan::{BitFunction, DoubleFunction};

/// Evaluates a function of one or two DOUBLEs.
pub(super) fn double(function: DoubleFunction, args: Arguments<'_>, target: &mut Target<'_>) {
    use DoubleFunction as D;
    match function {
        D::Sqrt => unary(f64::sqrt, args, target),
        D::Cbrt => unary(f64::cbrt, args, target),
        D::Exp => unary(f64::exp, args, target),
        D::Ln => unary(f64::ln, args, target),
        D::Log10 => unary(f64::log10, args, target),
        D::Log2 => unary(f64::log2, args, target),
        D::Sin => unary(f64::sin, args, target),
        D::Cos => unary(f64::cos, args, target),
        D::Tan => unary(f64::tan, args, target),
        D::Cot => unary(|x| x.tan().recip(), args, target),
        D::Asin => unary(f64::asin, args, target),
        D::Acos => unary(f64::acos, args, target),
        D::Atan => unary(f64::atan, args, target),
        D::Radians => unary(f64::to_radians, args, target),
        D::Degrees => unary(f64::to_degrees, args, target),
        D::LogBase => binary(log, args, target),
        D::Power => binary(f64::powf, args, target),
        D::Atan2 => binary(f64::atan2, args, target),
    }
}

fn unary(f: impl Fn(f64) -> f64, args: Arguments<'_>, target: &mut Target<'_>) {
    let len = target.out.len();
    if args.add_nulls(&mut target.out.nulls, len) {
        let values = data_of!(target.out.data, F64);
        map(target.rows, args.get(0).f64s(), values, f);
    }
}

fn binary(f: impl Fn(f64, f64) -> f64, args: Arguments<'_>, target: &mut Target<'_>) {
    let len = target.out.len();
    if args.add_nulls(&mut target.out.nulls, len) {
        let values = data_of!(target.out.data, F64);
        let (a, b) = (args.get(0).f64s(), args.get(1).f64s());
        map2(target.rows, a, b, values, f);
    }
}

/// LOG(base, x); whole powers of 2 and of 10 give whole results.
fn log(base: f64, x: f64) -> f64 {
    if base == 2.0 {
        x.log2()
    } else if base == 10.0 {
        x.log10()
    } else {
        x.ln() / base.ln()
    }
}

/// SIGN of a DOUBLE: NaN and the zeros are their own.
pub(super) fn sign(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        x
    }
}

/// WIDTH_BUCKET(x, low, high, count): 0 before `low`, `count + 1` at and behind `high`; the bounds may fall.
pub(super) fn width_bucket(args: Arguments<'_>, target: &mut Target<'_>) {
    let (x, low, high) = (args.get(0).f64s(), args.get(1).f64s(), args.get(2).f64s());
    let count = args.get(3).i64s();
    target.i64s(args, |row| {
        bucket(x.at(row), low.at(row), high.at(row), count.at(row))
    });
}

fn bucket(x: f64, low: f64, high: f64, count: i64) -> Result<i64, Reason> {
    if count <= 0 || x.is_nan() || low == high || !(low - high).is_finite() {
        return Err(Reason::Domain);
    }
    let past = count.checked_add(1).ok_or(Reason::Overflow)?;
    let (before, behind) = if low < high {
        (x < low, x >= high)
    } else {
        (x > low, x <= high)
    };
    if before {
        return Ok(0);
    }
    if behind {
        return Ok(past);
    }
    let share = (x - low) / (high - low) * count as f64;
    // Rounding may reach the upper bound, which no value before it does.
    Ok((share as i64).min(count - 1) + 1)
}

/// Evaluates an operator on bits; INT operands give INTs, because their sign fills the upper half.
pub(super) fn bits(function: BitFunction, args: Arguments<'_>, target: &mut Target<'_>) {
    use BitFunction as B;
    match function {
        B::And => words(|a, b| a & b, args, target),
        B::Or => words(|a, b| a | b, args, target),
        B::Xor => words(|a, b| a ^ b, args, target),
        B::Not => {
            let len = target.out.len();
            if args.add_nulls(&mut target.out.nulls, len) {
                let values = data_of!(target.out.data, I64);
                map(target.rows, args.get(0).i64s(), values, |a| !a);
            }
        }
        B::ShiftLeft => shift(|value, count| value << count, args, target),
        B::ShiftRight => shift(|value, count| value >> count, args, target),
    }
}

fn words(f: impl Fn(i64, i64) -> i64, args: Arguments<'_>, target: &mut Target<'_>) {
    let len = target.out.len();
    if args.add_nulls(&mut target.out.nulls, len) {
        let values = data_of!(target.out.data, I64);
        let (a, b) = (args.get(0).i64s(), args.get(1).i64s());
        map2(target.rows, a, b, values, f);
    }
}

/// A count that is not in 0..=63 is outside the domain.
fn shift(f: impl Fn(i64, u32) -> i64, args: Arguments<'_>, target: &mut Target<'_>) {
    let [values, counts] = [0, 1].map(|index| Operand::i64s(args.get(index)));
    target.i64s(args, |row| match counts.at(row) {
        count @ 0..=63 => Ok(f(values.at(row), count as u32)),
        _ => Err(Reason::Domain),
    });
}
