//! Comparisons.
//!
//! DOUBLE compares as IEEE does, except that NaN equals itself and comes after every number. Texts compare by
//! bytes.

use super::kernel::{Arg, Operand, Texts, add_nulls, data_of, map2};
use crate::batch::{Column, ColumnData, Rows};
use crate::plan::CompareOp;

/// A value with SQL's equality and order.
pub(super) trait Comparable: Copy {
    fn same(self, other: Self) -> bool;
    fn below(self, other: Self) -> bool;
}

macro_rules! comparable {
    ($($ty:ty),*) => {$(
        impl Comparable for $ty {
            #[inline(always)]
            fn same(self, other: Self) -> bool {
                self == other
            }
            #[inline(always)]
            fn below(self, other: Self) -> bool {
                self < other
            }
        }
    )*};
}
comparable!(bool, i64, i128);

impl Comparable for f64 {
    #[inline(always)]
    fn same(self, other: Self) -> bool {
        self == other || (self.is_nan() && other.is_nan())
    }
    #[inline(always)]
    fn below(self, other: Self) -> bool {
        self < other || (other.is_nan() && !self.is_nan())
    }
}

/// Evaluates `left op right` into `out`, a prepared BOOLEAN column.
pub(super) fn compare(
    op: CompareOp,
    left: Operand<'_>,
    right: Operand<'_>,
    rows: Rows<'_>,
    out: &mut Column,
) {
    let len = out.len();
    let values = data_of!(out.data, Bool);
    if matches!(op, CompareOp::Distinct | CompareOp::NotDistinct) {
        let differ = op == CompareOp::Distinct;
        compare_values(
            if differ {
                CompareOp::NotEqual
            } else {
                CompareOp::Equal
            },
            left,
            right,
            rows,
            values,
        );
        if left.has_nulls() || right.has_nulls() {
            rows.for_each(|row| {
                let nulls = (left.is_null(row), right.is_null(row));
                if nulls.0 || nulls.1 {
                    values[row] = (nulls.0 != nulls.1) == differ;
                }
            });
        }
        return;
    }
    if add_nulls(&mut out.nulls, left, len) && add_nulls(&mut out.nulls, right, len) {
        compare_values(op, left, right, rows, values);
    }
}

fn compare_values(
    op: CompareOp,
    left: Operand<'_>,
    right: Operand<'_>,
    rows: Rows<'_>,
    out: &mut [bool],
) {
    match &left.column.data {
        ColumnData::Bool(_) => compare_slices(op, left.bools(), right.bools(), rows, out),
        ColumnData::I64(_) => compare_slices(op, left.i64s(), right.i64s(), rows, out),
        ColumnData::I128(_) => compare_slices(op, left.i128s(), right.i128s(), rows, out),
        ColumnData::F64(_) => compare_slices(op, left.f64s(), right.f64s(), rows, out),
        ColumnData::Text(_) => compare_texts(op, left.texts(), right.texts(), rows, out),
    }
}

fn compare_slices<T: Comparable>(
    op: CompareOp,
    a: Arg<'_, T>,
    b: Arg<'_, T>,
    rows: Rows<'_>,
    out: &mut [bool],
) {
    match op {
        CompareOp::Equal | CompareOp::NotDistinct => map2(rows, a, b, out, |a, b| a.same(b)),
        CompareOp::NotEqual | CompareOp::Distinct => map2(rows, a, b, out, |a, b| !a.same(b)),
        CompareOp::Less => map2(rows, a, b, out, |a, b| a.below(b)),
        CompareOp::LessOrEqual => map2(rows, a, b, out, |a, b| !b.below(a)),
        CompareOp::Greater => map2(rows, a, b, out, |a, b| b.below(a)),
        CompareOp::GreaterOrEqual => map2(rows, a, b, out, |a, b| !a.below(b)),
    }
}

fn compare_texts(op: CompareOp, a: Texts<'_>, b: Texts<'_>, rows: Rows<'_>, out: &mut [bool]) {
    let same = |row| a.column.equals(a.index(row), b.column, b.index(row));
    match op {
        CompareOp::Equal | CompareOp::NotDistinct => rows.for_each(|row| out[row] = same(row)),
        CompareOp::NotEqual | CompareOp::Distinct => rows.for_each(|row| out[row] = !same(row)),
        CompareOp::Less => rows.for_each(|row| out[row] = a.get(row) < b.get(row)),
        CompareOp::LessOrEqual => rows.for_each(|row| out[row] = a.get(row) <= b.get(row)),
        CompareOp::Greater => rows.for_each(|row| out[row] = a.get(row) > b.get(row)),
        CompareOp::GreaterOrEqual => rows.for_each(|row| out[row] = a.get(row) >= b.get(row)),
    }
}
