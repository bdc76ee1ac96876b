//! The functions of the catalogue over numbers, and the dispatch to the others.

use super::arguments::{Arguments, Target};
use super::calendar;
use super::compare::Comparable;
use super::decimal_arithmetic::shape;
use super::kernel::{
    Arg, Exact, Faults, Operand, add_nulls, copy_rows, copy_text, data_of, map, try2, with_exact,
};
use super::node::{Memo, Node};
use super::{bytes, json, math, nested, pattern, round, text_function, text_parts, time_function};
use crate::batch::{Batch, Column, ColumnData, Rows};
use crate::decimal::{self, POWERS_OF_TEN};
use crate::error::Reason;
use crate::plan::{
    BitFunction, BytesFunction, NestedFunction, ScalarFunction, TextFunction, TimeFunction,
};
use crate::types::DataType;

/// Whether a call can fail for a row.
pub(super) fn can_fail(function: ScalarFunction, ty: DataType) -> bool {
    use TextFunction as T;
    match function {
        ScalarFunction::Abs
        | ScalarFunction::Round
        | ScalarFunction::Ceil
        | ScalarFunction::Floor
        | ScalarFunction::Truncate => ty != DataType::Double,
        ScalarFunction::Substring | ScalarFunction::DateTrunc | ScalarFunction::Extract => true,
        ScalarFunction::Greatest
        | ScalarFunction::Least
        | ScalarFunction::Upper
        | ScalarFunction::Lower
        | ScalarFunction::CharLength
        | ScalarFunction::Trim
        | ScalarFunction::Concat
        | ScalarFunction::Sign
        | ScalarFunction::Double(_) => false,
        ScalarFunction::WidthBucket | ScalarFunction::Pattern(_) | ScalarFunction::Json(_) => true,
        ScalarFunction::Bytes(function) => function != BytesFunction::Length,
        ScalarFunction::Nested(function) => matches!(
            function,
            NestedFunction::Array
                | NestedFunction::Row
                | NestedFunction::Element
                | NestedFunction::Map
                | NestedFunction::MapFromArrays
        ),
        ScalarFunction::Time(function) => function != TimeFunction::Format,
        ScalarFunction::Bits(function) => {
            matches!(function, BitFunction::ShiftLeft | BitFunction::ShiftRight)
        }
        ScalarFunction::Text(function) => matches!(
            function,
            T::PadLeft | T::PadRight | T::Replace | T::Repeat | T::SplitPart | T::ToHex
        ),
    }
}

/// Calls `function` on evaluated arguments; the target is a prepared column of type `ty`.
pub(super) fn call(
    (function, ty): (ScalarFunction, DataType),
    args: Arguments<'_>,
    memo: &mut Memo,
    target: &mut Target<'_>,
) {
    match function {
        ScalarFunction::Double(function) => math::double(function, args, target),
        ScalarFunction::Bits(function) => math::bits(function, args, target),
        ScalarFunction::WidthBucket => math::width_bucket(args, target),
        ScalarFunction::Text(function) => text_parts::call(function, args, target),
        ScalarFunction::Bytes(function) => bytes::call(function, args, target),
        ScalarFunction::Nested(function) => nested::call(function, args, target),
        ScalarFunction::Pattern(function) => {
            pattern::call(function, args, &mut memo.patterns, target);
        }
        ScalarFunction::Json(function) => json::call(function, args, &mut memo.path, target),
        ScalarFunction::Time(function) => {
            time_function::call(function, args, &mut memo.zone, target);
        }
        _ => call_plain((function, ty), args, target),
    }
}

/// Calls one of the functions over numbers, texts and times that are no family.
fn call_plain(
    (function, ty): (ScalarFunction, DataType),
    args: Arguments<'_>,
    target: &mut Target<'_>,
) {
    let arg = |index: usize| args.get(index);
    let Target {
        rows,
        out,
        buffer,
        errors,
    } = target;
    let (rows, out, buffer) = (*rows, &mut **out, &mut **buffer);
    let faults = &mut Faults::Report(errors);
    match function {
        ScalarFunction::Greatest => extreme::<true>(args.nodes, args.batch, rows, out),
        ScalarFunction::Least => extreme::<false>(args.nodes, args.batch, rows, out),
        ScalarFunction::Upper => {
            text_function::to_text(arg(0), rows, out, buffer, text_function::upper);
        }
        ScalarFunction::Lower => {
            text_function::to_text(arg(0), rows, out, buffer, text_function::lower);
        }
        ScalarFunction::Trim => {
            text_function::to_text(arg(0), rows, out, buffer, text_function::trim);
        }
        ScalarFunction::CharLength => text_function::char_length(arg(0), rows, out),
        ScalarFunction::Concat => text_function::concat(args.nodes, args.batch, rows, out, buffer),
        ScalarFunction::Substring => {
            let length = (args.len() > 2).then(|| arg(2));
            text_function::substring((arg(0), arg(1), length), rows, out, faults);
        }
        ScalarFunction::DateTrunc => {
            calendar::by_unit(calendar::truncate, arg(0), arg(1), rows, out, faults);
        }
        ScalarFunction::Extract => {
            calendar::by_unit(calendar::extract, arg(0), arg(1), rows, out, faults);
        }
        _ => rounding((function, args.ty(0), ty), args, rows, out, faults),
    }
}

/// Functions of one number of any type, and those with a number of digits beside it.
fn rounding(
    (function, from, ty): (ScalarFunction, DataType, DataType),
    args: Arguments<'_>,
    rows: Rows<'_>,
    out: &mut Column,
    faults: &mut Faults<'_>,
) {
    let types = (from, ty);
    let input = args.get(0);
    match function {
        ScalarFunction::Abs => {
            numeric(types, input, rows, out, faults, f64::abs, |value, _| {
                value.checked_abs()
            });
        }
        ScalarFunction::Ceil => numeric(types, input, rows, out, faults, f64::ceil, |value, s| {
            to_scale(-floor(value.checked_neg()?, s), s)
        }),
        ScalarFunction::Floor => {
            numeric(types, input, rows, out, faults, f64::floor, |value, s| {
                to_scale(floor(value, s), s)
            });
        }
        ScalarFunction::Sign => {
            numeric(types, input, rows, out, faults, math::sign, |value, s| {
                to_scale(value.signum(), s)
            });
        }
        ScalarFunction::Truncate if args.len() == 1 => {
            let double = |value: f64| value.trunc() + 0.0;
            numeric(types, input, rows, out, faults, double, |value, s| {
                to_scale(decimal::truncate(value, s), s)
            });
        }
        ScalarFunction::Truncate => {
            let f = (round::double_cut, round::exact_cut);
            by_digits(types, (input, args.get(1)), rows, out, faults, f);
        }
        ScalarFunction::Round if args.len() == 1 => {
            let whole = |value, s| to_scale(decimal::rescale(value, s, 0)?, s);
            numeric(types, input, rows, out, faults, round::whole, whole);
        }
        ScalarFunction::Round => {
            let f = (round::double, round::exact);
            by_digits(types, (input, args.get(1)), rows, out, faults, f);
        }
        other => unreachable!("{other:?} has a kernel of its own"),
    }
}

/// The greatest integer not above `value`, which has `scale` digits behind the point.
fn floor(value: i128, scale: u8) -> i128 {
    value.div_euclid(POWERS_OF_TEN[usize::from(scale)])
}

fn to_scale(whole: i128, scale: u8) -> Option<i128> {
    decimal::rescale(whole, 0, scale)
}

/// An exact result at the scale of the argument, brought to the result type.
fn finish((from, to): (DataType, DataType), value: Option<i128>) -> Result<i128, Reason> {
    let (precision, scale) = shape(to);
    value
        .and_then(|value| decimal::rescale(value, from.scale(), scale))
        .filter(|&value| match to {
            DataType::Int => i32::try_from(value).is_ok(),
            DataType::Decimal { .. } => decimal::fits(value, precision),
            _ => i64::try_from(value).is_ok(),
        })
        .ok_or(Reason::Overflow)
}

/// Applies `double` to DOUBLEs, or `exact` to exact numbers: it takes a value and its scale, and gives one of the
/// same scale.
fn numeric(
    types: (DataType, DataType),
    input: Operand<'_>,
    rows: Rows<'_>,
    out: &mut Column,
    faults: &mut Faults<'_>,
    double: impl Fn(f64) -> f64,
    exact: impl Fn(i128, u8) -> Option<i128>,
) {
    let len = out.len();
    if !add_nulls(&mut out.nulls, input, len) {
        return;
    }
    if types.0 == DataType::Double {
        map(rows, input.f64s(), data_of!(out.data, F64), double);
        return;
    }
    let scale = types.0.scale();
    let f = |value: i128, (): ()| finish(types, exact(value, scale));
    with_exact!(input, values => exact_loop(values, Arg::Scalar(()), rows, out, faults, f));
}

fn exact_loop<A: Exact, B: Copy>(
    a: Arg<'_, A>,
    b: Arg<'_, B>,
    rows: Rows<'_>,
    out: &mut Column,
    faults: &mut Faults<'_>,
    f: impl Fn(i128, B) -> Result<i128, Reason>,
) {
    let nulls = &mut out.nulls;
    match &mut out.data {
        ColumnData::I64(values) => try2(rows, a, b, values, nulls, faults, |a, b| {
            f(a.wide(), b).map(i64::from_wide)
        }),
        data => {
            let values = data_of!(*data, I128);
            try2(rows, a, b, values, nulls, faults, |a, b| f(a.wide(), b));
        }
    }
}

/// Applies a function of a DOUBLE, or of an exact number and its scale, with a number of digits.
fn by_digits(
    types: (DataType, DataType),
    (input, digits): (Operand<'_>, Operand<'_>),
    rows: Rows<'_>,
    out: &mut Column,
    faults: &mut Faults<'_>,
    (double, exact): (
        impl Fn(f64, i64) -> f64,
        impl Fn(i128, u8, i64) -> Option<i128>,
    ),
) {
    let len = out.len();
    if !add_nulls(&mut out.nulls, input, len) || !add_nulls(&mut out.nulls, digits, len) {
        return;
    }
    let digits = digits.i64s();
    if types.0 == DataType::Double {
        let values = data_of!(out.data, F64);
        super::kernel::map2(rows, input.f64s(), digits, values, double);
        return;
    }
    let scale = types.0.scale();
    let f = |value, digits| finish(types, exact(value, scale, digits));
    with_exact!(input, values => exact_loop(values, digits, rows, out, faults, f));
}

/// GREATEST and LEAST: the first of the extreme values that are not NULL.
fn extreme<const GREATEST: bool>(args: &[Node], batch: &Batch, rows: Rows<'_>, out: &mut Column) {
    copy_rows(args[0].result(batch), rows, out);
    for arg in &args[1..] {
        let arg = arg.result(batch);
        let nulls = &mut out.nulls;
        match &mut out.data {
            ColumnData::Bool(values) => {
                better::<GREATEST, _>(arg, arg.bools(), rows, values, nulls);
            }
            ColumnData::I64(values) => better::<GREATEST, _>(arg, arg.i64s(), rows, values, nulls),
            ColumnData::I128(values) => {
                better::<GREATEST, _>(arg, arg.i128s(), rows, values, nulls);
            }
            ColumnData::F64(values) => better::<GREATEST, _>(arg, arg.f64s(), rows, values, nulls),
            ColumnData::Text(to) => {
                let texts = arg.texts();
                take_better(arg, rows, nulls, |row, free| {
                    let (new, old) = (texts.get(row), to.get(row));
                    let take = free || if GREATEST { old < new } else { new < old };
                    if take {
                        copy_text(texts, row, to);
                    }
                });
            }
        }
    }
}

fn better<const GREATEST: bool, T: Comparable>(
    arg: Operand<'_>,
    from: Arg<'_, T>,
    rows: Rows<'_>,
    to: &mut [T],
    nulls: &mut [bool],
) {
    take_better(arg, rows, nulls, |row, free| {
        let (new, old) = (from.at(row), to[row]);
        let take = free
            || if GREATEST {
                old.below(new)
            } else {
                new.below(old)
            };
        if take {
            to[row] = new;
        }
    });
}

/// Calls `take(row, whether the result is NULL so far)` where the argument is not NULL; the result is not from then.
fn take_better(
    arg: Operand<'_>,
    rows: Rows<'_>,
    nulls: &mut [bool],
    mut take: impl FnMut(usize, bool),
) {
    rows.for_each(|row| {
        if arg.is_null(row) {
            return;
        }
        let free = !nulls.is_empty() && nulls[row];
        take(row, free);
        if free {
            nulls[row] = false;
        }
    });
}
