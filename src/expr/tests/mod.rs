//! Random expressions against the naive evaluator, and the semantics one by one.

mod naive;
mod random;
mod semantics;

use super::*;
use crate::types::{DataType, Value};

/// A batch of these rows.
fn batch_of(types: &[DataType], rows: &[Vec<Value>]) -> Batch {
    let mut batch = Batch::new(types);
    for row in rows {
        for (column, value) in batch.columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    batch.rows = rows.len();
    batch.selection.all(rows.len());
    batch
}

/// Equality of results: one NaN, but two zeros.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::F64(a), Value::F64(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
        (a, b) => a == b,
    }
}

/// Checks values and errors of `program` for `selected` rows against the naive evaluator.
fn check(
    program: &mut Program,
    expr: &Expr,
    rows: &[Vec<Value>],
    batch: &Batch,
    selected: Rows<'_>,
    what: &str,
) {
    let mut errors = RowErrors::default();
    let result = program.eval(batch, selected, &mut errors);
    let mut expected = Vec::new();
    selected.for_each(|row| match naive::eval(expr, &rows[row]) {
        Ok(value) => {
            let actual = result.value(row);
            assert!(
                same(&actual, &value),
                "{what}\n{expr:?}\nrow {row}: {:?}\n{actual:?}, expected {value:?}",
                rows[row]
            );
        }
        Err(reason) => {
            assert_eq!(
                result.value(row),
                Value::Null,
                "{what}\n{expr:?}\nrow {row} fails"
            );
            expected.push((row as u32, reason));
        }
    });
    assert_eq!(errors.rows, expected, "{what}\n{expr:?}");
}

/// Checks what `filter` keeps and reports.
fn check_filter(expr: &Expr, rows: &[Vec<Value>], batch: &mut Batch, what: &str) {
    let mut errors = RowErrors::default();
    let mut kept = Vec::new();
    let mut failed = Vec::new();
    batch
        .selection
        .rows()
        .for_each(|row| match naive::eval(expr, &rows[row]) {
            Ok(Value::Bool(true)) => kept.push(row),
            Ok(_) => {}
            Err(reason) => failed.push((row as u32, reason)),
        });
    filter(&mut Program::new(expr), batch, &mut errors);
    let mut actual = Vec::new();
    batch.selection.rows().for_each(|row| actual.push(row));
    assert_eq!(actual, kept, "{what}\n{expr:?}");
    assert_eq!(errors.rows, failed, "{what}\n{expr:?}");
}
