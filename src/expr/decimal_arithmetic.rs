//! `+ - * / %` over DECIMAL.
//!
//! Where the result type holds every result exactly, which Flink's types do until they reach 38 digits, sums and
//! products are plain integer arithmetic without a check; a narrow result (18 digits) stays in 64 bits. The rest
//! goes row by row through [`crate::decimal`].

use super::RowErrors;
use super::kernel::{Arg, Exact, Faults, Operand, data_of, map2, try2, with_exact};
use crate::batch::{Column, ColumnData, Rows};
use crate::decimal::{self, POWERS_OF_TEN};
use crate::error::Reason;
use crate::plan::ArithmeticOp;
use crate::types::DataType;

/// Precision and scale of a DECIMAL, or those by which an integer enters DECIMAL arithmetic.
pub(super) const fn shape(ty: DataType) -> (u8, u8) {
    match ty {
        DataType::Decimal { precision, scale } => (precision, scale),
        DataType::Int => (10, 0),
        _ => (19, 0),
    }
}

/// Evaluates `left op right` into `out`, whose NULLs are those of the operands.
pub(super) fn arithmetic(
    op: ArithmeticOp,
    types: (DataType, DataType, DataType),
    left: Operand<'_>,
    right: Operand<'_>,
    rows: Rows<'_>,
    out: &mut Column,
    errors: &mut RowErrors,
) {
    let (l, r, result) = (shape(types.0), shape(types.1), shape(types.2));
    match op {
        _ if !is_exact(op, l, r, result) => {
            let function = function_of(op);
            with_exact!(left, a => with_exact!(right, b => {
                let faults = Faults::Report(errors);
                general(function, (a, l.1), (b, r.1), result, rows, out, faults);
            }));
        }
        ArithmeticOp::Multiply => product(left, right, rows, out),
        _ => {
            let up = |scale: u8| POWERS_OF_TEN[usize::from(result.1 - scale)];
            let sign = if op == ArithmeticOp::Add { 1 } else { -1 };
            sum(left, right, (up(l.1), sign * up(r.1)), rows, out);
        }
    }
}

/// Whether the result type holds every sum or product, no digit lost at either end.
fn is_exact(op: ArithmeticOp, l: (u8, u8), r: (u8, u8), result: (u8, u8)) -> bool {
    match op {
        ArithmeticOp::Add | ArithmeticOp::Subtract => {
            let whole = (l.0 - l.1).max(r.0 - r.1) + 1;
            result.1 >= l.1.max(r.1) && result.0 - result.1 >= whole
        }
        ArithmeticOp::Multiply => result.1 == l.1 + r.1 && result.0 >= l.0 + r.0,
        ArithmeticOp::Divide | ArithmeticOp::Modulo => false,
    }
}

/// `left * factors.0 + right * factors.1`.
fn sum(
    left: Operand<'_>,
    right: Operand<'_>,
    factors: (i128, i128),
    rows: Rows<'_>,
    out: &mut Column,
) {
    match &mut out.data {
        ColumnData::I64(values) => {
            let (fa, fb) = (factors.0 as i64, factors.1 as i64);
            map2(rows, left.i64s(), right.i64s(), values, |a, b| {
                a.wrapping_mul(fa).wrapping_add(b.wrapping_mul(fb))
            });
        }
        data => {
            let values = data_of!(*data, I128);
            with_exact!(left, a => with_exact!(right, b => map2(rows, a, b, values, |a, b| {
                a.wide()
                    .wrapping_mul(factors.0)
                    .wrapping_add(b.wide().wrapping_mul(factors.1))
            })));
        }
    }
}

fn product(left: Operand<'_>, right: Operand<'_>, rows: Rows<'_>, out: &mut Column) {
    match &mut out.data {
        ColumnData::I64(values) => {
            map2(rows, left.i64s(), right.i64s(), values, i64::wrapping_mul);
        }
        data => {
            let values = data_of!(*data, I128);
            with_exact!(left, a => with_exact!(right, b => {
                map2(rows, a, b, values, |a, b| a.wide().wrapping_mul(b.wide()));
            }));
        }
    }
}

/// A function of [`crate::decimal`].
type DecimalFunction = fn((i128, u8), (i128, u8), (u8, u8)) -> Result<i128, Reason>;

fn function_of(op: ArithmeticOp) -> DecimalFunction {
    match op {
        ArithmeticOp::Add => decimal::add,
        ArithmeticOp::Subtract => decimal::subtract,
        ArithmeticOp::Multiply => decimal::multiply,
        ArithmeticOp::Divide => decimal::divide,
        ArithmeticOp::Modulo => decimal::modulo,
    }
}

fn general<A: Exact, B: Exact>(
    function: DecimalFunction,
    (a, sa): (Arg<'_, A>, u8),
    (b, sb): (Arg<'_, B>, u8),
    result: (u8, u8),
    rows: Rows<'_>,
    out: &mut Column,
    mut faults: Faults<'_>,
) {
    let nulls = &mut out.nulls;
    let f = |a: A, b: B| function((a.wide(), sa), (b.wide(), sb), result);
    match &mut out.data {
        ColumnData::I64(values) => try2(rows, a, b, values, nulls, &mut faults, |a, b| {
            f(a, b).map(i64::from_wide)
        }),
        data => try2(rows, a, b, data_of!(*data, I128), nulls, &mut faults, f),
    }
}

/// Whether `left op right` can fail for a row.
pub(super) fn can_fail(op: ArithmeticOp, types: (DataType, DataType, DataType)) -> bool {
    !is_exact(op, shape(types.0), shape(types.1), shape(types.2))
}
