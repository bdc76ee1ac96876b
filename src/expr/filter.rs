//! WHERE: keeps the rows for which a predicate is TRUE.
//!
//! Comparisons of a column with a constant, alone or joined by AND, narrow the selection without a BOOLEAN column
//! in between.

use super::compare::Comparable;
use super::kernel::Operand;
use super::node::{Kind, Node};
use super::{Program, RowErrors, logic, settle};
use crate::batch::{Batch, Column, ColumnData, Selection};
use crate::plan::CompareOp;

/// Keeps the rows of `batch.selection` for which `program`, a BOOLEAN, is TRUE. Rows that fail are taken out and
/// appended to `errors`, by rising row, once.
pub fn filter(program: &mut Program, batch: &mut Batch, errors: &mut RowErrors) {
    let before = errors.rows.len();
    let mut selection = std::mem::take(&mut batch.selection);
    match &mut program.root.kind {
        Kind::And(..) => filter_and(&mut program.root, batch, &mut selection, errors),
        _ => filter_one(&mut program.root, batch, &mut selection, errors),
    }
    settle(&mut errors.rows, before);
    batch.selection = selection;
}

fn filter_one(node: &mut Node, batch: &Batch, selection: &mut Selection, errors: &mut RowErrors) {
    if let Some((op, column, constant)) = simple(node) {
        retain_compared(selection, op, &batch.columns[column], constant);
        return;
    }
    let before = errors.rows.len();
    node.eval(batch, selection.rows(), errors);
    retain_true(node.result(batch), selection);
    remove_failed(selection, errors, before);
}

/// Applies the arguments one after the other, each to the rows that the ones before it left.
///
/// A row whose first argument is NULL still reaches the second, which may fail for it; so a row that is not TRUE
/// may be taken out early only if it is FALSE or nothing behind can fail. From where that does not hold on, the
/// rest is evaluated as an AND.
fn filter_and(node: &mut Node, batch: &Batch, selection: &mut Selection, errors: &mut RowErrors) {
    let Kind::And(args, narrow) = &mut node.kind else {
        unreachable!("the caller has an AND");
    };
    let mut done = 0;
    while done < args.len() {
        let (arg, rest) = args[done..].split_first_mut().expect("not yet done");
        let rest_fails = rest.iter().any(|arg| arg.fallible);
        let without_nulls =
            simple(arg).is_some_and(|(_, column, _)| batch.columns[column].nulls.is_empty());
        if rest_fails && !without_nulls {
            break;
        }
        filter_one(arg, batch, selection, errors);
        done += 1;
    }
    if done < args.len() {
        let before = errors.rows.len();
        super::kernel::prepare(&mut node.out, batch.rows);
        let rows = selection.rows();
        logic::junction::<false>(
            &mut args[done..],
            narrow,
            batch,
            rows,
            &mut node.out,
            errors,
        );
        let result = Operand {
            column: &node.out,
            constant: false,
        };
        retain_true(result, selection);
        remove_failed(selection, errors, before);
    }
}

/// A comparison of a column with a constant that is not NULL, the column on the left.
fn simple(node: &Node) -> Option<(CompareOp, usize, &Column)> {
    let Kind::Compare { op, left, right } = &node.kind else {
        return None;
    };
    let (op, column, constant) = match (&left.kind, &right.kind) {
        (Kind::Column(column), Kind::Constant) => (*op, *column, &right.out),
        (Kind::Constant, Kind::Column(column)) => (mirrored(*op), *column, &left.out),
        _ => return None,
    };
    let treats_null = matches!(op, CompareOp::Distinct | CompareOp::NotDistinct);
    (!treats_null && !constant.is_null(0)).then_some((op, column, constant))
}

fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        same => same,
    }
}

fn retain_compared(selection: &mut Selection, op: CompareOp, column: &Column, constant: &Column) {
    let nulls = &column.nulls;
    match (&column.data, &constant.data) {
        (ColumnData::Bool(a), ColumnData::Bool(b)) => retain_values(selection, op, a, nulls, b[0]),
        (ColumnData::I64(a), ColumnData::I64(b)) => retain_values(selection, op, a, nulls, b[0]),
        (ColumnData::I128(a), ColumnData::I128(b)) => retain_values(selection, op, a, nulls, b[0]),
        (ColumnData::F64(a), ColumnData::F64(b)) => retain_values(selection, op, a, nulls, b[0]),
        (ColumnData::Text(a), ColumnData::Text(b)) => {
            let wanted = b.get(0);
            match op {
                CompareOp::Equal => retain(selection, nulls, |row| a.equals(row, b, 0)),
                CompareOp::NotEqual => retain(selection, nulls, |row| !a.equals(row, b, 0)),
                CompareOp::Less => retain(selection, nulls, |row| a.get(row) < wanted),
                CompareOp::LessOrEqual => retain(selection, nulls, |row| a.get(row) <= wanted),
                CompareOp::Greater => retain(selection, nulls, |row| a.get(row) > wanted),
                CompareOp::GreaterOrEqual => retain(selection, nulls, |row| a.get(row) >= wanted),
                CompareOp::Distinct | CompareOp::NotDistinct => unreachable!("not a simple one"),
            }
        }
        (a, b) => panic!("column of {a:?} compared with {b:?}"),
    }
}

fn retain_values<T: Comparable>(
    selection: &mut Selection,
    op: CompareOp,
    values: &[T],
    nulls: &[bool],
    constant: T,
) {
    match op {
        CompareOp::Equal => retain(selection, nulls, |row| values[row].same(constant)),
        CompareOp::NotEqual => retain(selection, nulls, |row| !values[row].same(constant)),
        CompareOp::Less => retain(selection, nulls, |row| values[row].below(constant)),
        CompareOp::LessOrEqual => retain(selection, nulls, |row| !constant.below(values[row])),
        CompareOp::Greater => retain(selection, nulls, |row| constant.below(values[row])),
        CompareOp::GreaterOrEqual => retain(selection, nulls, |row| !values[row].below(constant)),
        CompareOp::Distinct | CompareOp::NotDistinct => unreachable!("not a simple one"),
    }
}

#[inline(always)]
fn retain(selection: &mut Selection, nulls: &[bool], keep: impl Fn(usize) -> bool) {
    if nulls.is_empty() {
        selection.retain(keep);
    } else {
        selection.retain(|row| keep(row) & !nulls[row]);
    }
}

fn retain_true(result: Operand<'_>, selection: &mut Selection) {
    let values = result.bools();
    if result.has_nulls() {
        selection.retain(|row| values.at(row) & !result.is_null(row));
    } else {
        selection.retain(|row| values.at(row));
    }
}

/// Takes out the rows that failed since `before`: a failed operand may be hidden by a COALESCE or an OR above it.
fn remove_failed(selection: &mut Selection, errors: &mut RowErrors, before: usize) {
    if errors.rows.len() == before {
        return;
    }
    settle(&mut errors.rows, before);
    let failed = &errors.rows[before..];
    selection.retain(|row| failed.binary_search_by_key(&(row as u32), |f| f.0).is_err());
}
