//! IN a list of constants: short lists are gone through, longer ones searched by halves, long ones hashed.

use super::kernel::{Arg, Operand, Texts, add_nulls, data_of, map};
use super::row_set::{RowSet, push_value};
use crate::batch::{Column, Rows, TextColumn};
use crate::hash::canonical_f64_bits;
use crate::types::{DataType, Value};

/// Lists up to this length are gone through: about where a search by halves starts to win.
const SHORT: usize = 8;
/// Lists above this length are hashed: a search by halves would take more than six steps.
const HALVED_MAX: usize = 64;

/// The constants of a list, sorted, without NULL.
pub(super) struct InList {
    members: Members,
    has_null: bool,
    negated: bool,
}

enum Members {
    Bool(Vec<bool>),
    I64(Vec<i64>),
    I128(Vec<i128>),
    /// Canonical bits, so that NaN is found and -0.0 is 0.0.
    F64(Vec<u64>),
    Text(TextColumn),
    Hashed(RowSet),
}

impl InList {
    /// The list of an operand of type `ty`.
    pub(super) fn new(ty: DataType, list: &[Value], negated: bool) -> Self {
        let mut column = Column::new(ty);
        let mut has_null = false;
        for value in list {
            match value {
                Value::Null => has_null = true,
                value => push_value(&mut column, ty, value),
            }
        }
        Self {
            members: Members::new(ty, &column),
            has_null,
            negated,
        }
    }

    /// Evaluates `input IN (..)` into `out`, a prepared BOOLEAN column.
    pub(super) fn eval(&mut self, input: Operand<'_>, rows: Rows<'_>, out: &mut Column) {
        let len = out.len();
        if !add_nulls(&mut out.nulls, input, len) {
            return;
        }
        let values = data_of!(out.data, Bool);
        match &mut self.members {
            Members::Hashed(set) => set.find(|_| input, rows, values),
            Members::Bool(list) => find(list, rows, input.bools(), values, |value| value),
            Members::I64(list) => find(list, rows, input.i64s(), values, |value| value),
            Members::I128(list) => find(list, rows, input.i128s(), values, |value| value),
            Members::F64(list) => find(list, rows, input.f64s(), values, canonical_f64_bits),
            Members::Text(list) => find_text(list, rows, input.texts(), values),
        }
        if self.has_null {
            // Not found among the others is unknown.
            out.nulls.resize(len, false);
            rows.for_each(|row| out.nulls[row] |= !values[row]);
        }
        if self.negated {
            rows.for_each(|row| values[row] = !values[row]);
        }
    }
}

impl Members {
    fn new(ty: DataType, column: &Column) -> Self {
        if column.len() > HALVED_MAX {
            let rows: Vec<[Value; 1]> = (0..column.len()).map(|row| [column.value(row)]).collect();
            return Self::Hashed(RowSet::new(&[ty], rows.iter().map(|row| &row[..])));
        }
        let values = Operand {
            column,
            constant: false,
        };
        let rows = 0..column.len();
        match &column.data {
            crate::batch::ColumnData::Bool(list) => Self::Bool(sorted(list.iter().copied())),
            crate::batch::ColumnData::I64(list) => Self::I64(sorted(list.iter().copied())),
            crate::batch::ColumnData::I128(list) => Self::I128(sorted(list.iter().copied())),
            crate::batch::ColumnData::F64(list) => {
                Self::F64(sorted(list.iter().map(|&value| canonical_f64_bits(value))))
            }
            crate::batch::ColumnData::Text(_) => {
                let texts = values.texts();
                let mut list = TextColumn::default();
                for text in sorted(rows.map(|row| texts.get(row))) {
                    list.push(text);
                }
                Self::Text(list)
            }
        }
    }
}

fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.dedup();
    values
}

fn find<A: Copy, T: Ord + Copy>(
    list: &[T],
    rows: Rows<'_>,
    input: Arg<'_, A>,
    out: &mut [bool],
    key: impl Fn(A) -> T,
) {
    if list.len() <= SHORT {
        map(rows, input, out, |value| {
            let value = key(value);
            list.iter()
                .fold(false, |found, &member| found | (member == value))
        });
    } else {
        map(rows, input, out, |value| {
            list.binary_search(&key(value)).is_ok()
        });
    }
}

fn find_text(list: &TextColumn, rows: Rows<'_>, input: Texts<'_>, out: &mut [bool]) {
    let len = list.views.len();
    if len <= SHORT {
        rows.for_each(|row| {
            let row_in = input.index(row);
            out[row] = (0..len).any(|member| list.equals(member, input.column, row_in));
        });
    } else {
        rows.for_each(|row| {
            let text = input.get(row);
            let at = partition_point(len, |member| list.get(member) < text);
            out[row] = at < len && list.get(at) == text;
        });
    }
}

fn partition_point(len: usize, below: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if below(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
