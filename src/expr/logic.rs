//! AND, OR, NOT, IS NULL, CASE and COALESCE.
//!
//! Their arguments are reached from left to right, row by row: an argument that can fail or is costly is
//! evaluated only for the rows that the arguments before it leave undecided. Others are cheaper to evaluate for
//! all rows than to select rows for.

use super::RowErrors;
use super::kernel::{Operand, add_nulls, copy_rows, data_of, map, mark_null};
use super::node::Node;
use crate::batch::{Batch, Column, Rows};

/// Row lists for narrowing, kept from batch to batch.
#[derive(Default)]
pub(super) struct Narrow {
    undecided: Vec<u32>,
    taken: Vec<u32>,
}

/// AND (`ABSORBING` is false) and OR (it is true): a row with an absorbing argument is decided. `args` may be the
/// last ones of a longer chain.
pub(super) fn junction<const ABSORBING: bool>(
    args: &mut [Node],
    narrow: &mut Narrow,
    batch: &Batch,
    rows: Rows<'_>,
    out: &mut Column,
    errors: &mut RowErrors,
) {
    let Some((first, rest)) = args.split_first_mut() else {
        data_of!(out.data, Bool).fill(!ABSORBING);
        return;
    };
    first.eval(batch, rows, errors);
    copy_rows(first.result(batch), rows, out);
    for arg in rest {
        if !arg.guarded {
            arg.eval(batch, rows, errors);
            combine::<ABSORBING>(arg.result(batch), rows, out);
            continue;
        }
        narrow.undecided.clear();
        let values = data_of!(out.data, Bool);
        let nulls = &out.nulls;
        rows.for_each(|row| {
            if values[row] != ABSORBING || (!nulls.is_empty() && nulls[row]) {
                narrow.undecided.push(row as u32);
            }
        });
        if narrow.undecided.is_empty() {
            return;
        }
        let rows = Rows::Some(&narrow.undecided);
        arg.eval(batch, rows, errors);
        combine::<ABSORBING>(arg.result(batch), rows, out);
    }
}

/// `out[row] = out[row] AND/OR arg[row]` by three-valued logic.
fn combine<const ABSORBING: bool>(arg: Operand<'_>, rows: Rows<'_>, out: &mut Column) {
    let len = out.len();
    let values = data_of!(out.data, Bool);
    let more = arg.bools();
    if out.nulls.is_empty() && !arg.has_nulls() {
        rows.for_each(|row| {
            let (a, b) = (values[row], more.at(row));
            values[row] = if ABSORBING { a | b } else { a & b };
        });
        return;
    }
    out.nulls.resize(len, false);
    rows.for_each(|row| {
        let a_null = out.nulls[row];
        let b_null = arg.is_null(row);
        let decided =
            (!a_null && values[row] == ABSORBING) || (!b_null && more.at(row) == ABSORBING);
        values[row] = decided == ABSORBING;
        out.nulls[row] = !decided && (a_null || b_null);
    });
}

/// `NOT input` into `out`, a prepared BOOLEAN column.
pub(super) fn not(input: Operand<'_>, rows: Rows<'_>, out: &mut Column) {
    let len = out.len();
    if add_nulls(&mut out.nulls, input, len) {
        map(rows, input.bools(), data_of!(out.data, Bool), |value| {
            !value
        });
    }
}

/// `input IS NULL` or, if `negated`, `IS NOT NULL`.
pub(super) fn is_null(input: Operand<'_>, negated: bool, rows: Rows<'_>, out: &mut Column) {
    let values = data_of!(out.data, Bool);
    if input.has_nulls() {
        rows.for_each(|row| values[row] = input.is_null(row) != negated);
    } else {
        rows.for_each(|row| values[row] = negated);
    }
}

/// CASE: the result of the first branch whose condition is TRUE, else that of `otherwise`, else NULL.
pub(super) fn case(
    branches: &mut [(Node, Node)],
    otherwise: Option<&mut Node>,
    narrow: &mut Narrow,
    batch: &Batch,
    rows: Rows<'_>,
    out: &mut Column,
    errors: &mut RowErrors,
) {
    narrow.undecided.clear();
    rows.for_each(|row| narrow.undecided.push(row as u32));
    for (condition, result) in branches {
        if narrow.undecided.is_empty() {
            return;
        }
        condition.eval(batch, Rows::Some(&narrow.undecided), errors);
        let holds = condition.result(batch);
        let values = holds.bools();
        narrow.taken.clear();
        let taken = &mut narrow.taken;
        narrow.undecided.retain(|&row| {
            let take = values.at(row as usize) && !holds.is_null(row as usize);
            if take {
                taken.push(row);
            }
            !take
        });
        if !taken.is_empty() {
            let rows = Rows::Some(taken);
            result.eval(batch, rows, errors);
            copy_rows(result.result(batch), rows, out);
        }
    }
    let rows = Rows::Some(&narrow.undecided);
    if rows.is_empty() {
        return;
    }
    if let Some(otherwise) = otherwise {
        otherwise.eval(batch, rows, errors);
        copy_rows(otherwise.result(batch), rows, out);
    } else {
        let len = out.len();
        rows.for_each(|row| mark_null(&mut out.nulls, len, row));
    }
}

/// COALESCE: the first argument that is not NULL.
pub(super) fn coalesce(
    args: &mut [Node],
    narrow: &mut Narrow,
    batch: &Batch,
    rows: Rows<'_>,
    out: &mut Column,
    errors: &mut RowErrors,
) {
    let Some((first, rest)) = args.split_first_mut() else {
        let len = out.len();
        rows.for_each(|row| mark_null(&mut out.nulls, len, row));
        return;
    };
    first.eval(batch, rows, errors);
    copy_rows(first.result(batch), rows, out);
    for arg in rest {
        if out.nulls.is_empty() {
            return;
        }
        narrow.undecided.clear();
        rows.for_each(|row| {
            if out.nulls[row] {
                narrow.undecided.push(row as u32);
            }
        });
        if narrow.undecided.is_empty() {
            return;
        }
        let rows = Rows::Some(&narrow.undecided);
        arg.eval(batch, rows, errors);
        copy_rows(arg.result(batch), rows, out);
    }
}
