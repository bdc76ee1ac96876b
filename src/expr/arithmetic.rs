//! `+ - * / %` and unary minus over integers, times and DOUBLE.
//!
//! Times are integers too: TIMESTAMP and INTERVAL are nanoseconds, and the compiler has turned DATE operands into
//! TIMESTAMPs. INT is held in 64 bits, so its results are checked against 32.

use super::kernel::{Arg, Faults, Operand, add_nulls, data_of, flag2, map, map2, report};
use super::{RowErrors, decimal_arithmetic};
use crate::batch::{Column, Rows};
use crate::error::Reason;
use crate::plan::ArithmeticOp;
use crate::types::DataType;

/// Evaluates `left op right` into `out`, a prepared column of type `types.2`; `types` are those of the
/// operands and of the result.
pub(super) fn arithmetic(
    op: ArithmeticOp,
    types: (DataType, DataType, DataType),
    left: Operand<'_>,
    right: Operand<'_>,
    rows: Rows<'_>,
    out: &mut Column,
    errors: &mut RowErrors,
) {
    let len = out.len();
    if !add_nulls(&mut out.nulls, left, len) || !add_nulls(&mut out.nulls, right, len) {
        return;
    }
    match types.2 {
        DataType::Double => doubles(op, left.f64s(), right.f64s(), rows, data_of!(out.data, F64)),
        DataType::Decimal { .. } => {
            decimal_arithmetic::arithmetic(op, types, left, right, rows, out, errors);
        }
        DataType::Int => integers::<true>(op, left.i64s(), right.i64s(), rows, out, errors),
        _ => integers::<false>(op, left.i64s(), right.i64s(), rows, out, errors),
    }
}

fn doubles(op: ArithmeticOp, a: Arg<'_, f64>, b: Arg<'_, f64>, rows: Rows<'_>, out: &mut [f64]) {
    match op {
        ArithmeticOp::Add => map2(rows, a, b, out, |a, b| a + b),
        ArithmeticOp::Subtract => map2(rows, a, b, out, |a, b| a - b),
        ArithmeticOp::Multiply => map2(rows, a, b, out, |a, b| a * b),
        ArithmeticOp::Divide => map2(rows, a, b, out, |a, b| a / b),
        ArithmeticOp::Modulo => map2(rows, a, b, out, |a, b| a % b),
    }
}

/// Whether a result overflows INT (`INT`) or did overflow 64 bits.
#[inline(always)]
fn limit<const INT: bool>((value, overflow): (i64, bool)) -> (i64, bool) {
    (value, overflow | (INT && i64::from(value as i32) != value))
}

#[inline(always)]
fn divide(a: i64, b: i64) -> (i64, bool) {
    if b == 0 {
        (0, true)
    } else {
        a.overflowing_div(b)
    }
}

#[inline(always)]
fn modulo(a: i64, b: i64) -> (i64, bool) {
    // i64::MIN % -1 is 0; only its quotient overflows.
    if b == 0 {
        (0, true)
    } else {
        (a.wrapping_rem(b), false)
    }
}

fn integers<const INT: bool>(
    op: ArithmeticOp,
    a: Arg<'_, i64>,
    b: Arg<'_, i64>,
    rows: Rows<'_>,
    out: &mut Column,
    errors: &mut RowErrors,
) {
    let values = data_of!(out.data, I64);
    let len = values.len();
    let bad = match op {
        ArithmeticOp::Add => flag2(rows, a, b, values, |a, b| {
            limit::<INT>(a.overflowing_add(b))
        }),
        ArithmeticOp::Subtract => flag2(rows, a, b, values, |a, b| {
            limit::<INT>(a.overflowing_sub(b))
        }),
        ArithmeticOp::Multiply => flag2(rows, a, b, values, |a, b| {
            limit::<INT>(a.overflowing_mul(b))
        }),
        ArithmeticOp::Divide => flag2(rows, a, b, values, |a, b| limit::<INT>(divide(a, b))),
        ArithmeticOp::Modulo => flag2(rows, a, b, values, |a, b| limit::<INT>(modulo(a, b))),
    };
    if bad {
        let faults = &mut Faults::Report(errors);
        report(rows, len, &mut out.nulls, faults, |row| {
            reason::<INT>(op, a.at(row), b.at(row))
        });
    }
}

/// Why `a op b` fails.
fn reason<const INT: bool>(op: ArithmeticOp, a: i64, b: i64) -> Option<Reason> {
    let result = match op {
        ArithmeticOp::Add => a.overflowing_add(b),
        ArithmeticOp::Subtract => a.overflowing_sub(b),
        ArithmeticOp::Multiply => a.overflowing_mul(b),
        ArithmeticOp::Divide | ArithmeticOp::Modulo if b == 0 => {
            return Some(Reason::DivisionByZero);
        }
        ArithmeticOp::Divide => divide(a, b),
        ArithmeticOp::Modulo => modulo(a, b),
    };
    limit::<INT>(result).1.then_some(Reason::Overflow)
}

/// Evaluates `-input` into `out`, a prepared column of the same type `ty`.
pub(super) fn negate(
    ty: DataType,
    input: Operand<'_>,
    rows: Rows<'_>,
    out: &mut Column,
    errors: &mut RowErrors,
) {
    let len = out.len();
    if !add_nulls(&mut out.nulls, input, len) {
        return;
    }
    match &mut out.data {
        crate::batch::ColumnData::F64(values) => map(rows, input.f64s(), values, |value| -value),
        // A DECIMAL's range is symmetric.
        crate::batch::ColumnData::I128(values) => {
            map(rows, input.i128s(), values, i128::wrapping_neg);
        }
        _ if ty == DataType::Int => integers::<true>(
            ArithmeticOp::Subtract,
            Arg::Scalar(0),
            input.i64s(),
            rows,
            out,
            errors,
        ),
        _ => integers::<false>(
            ArithmeticOp::Subtract,
            Arg::Scalar(0),
            input.i64s(),
            rows,
            out,
            errors,
        ),
    }
}
