//! SELECT's expressions: computes columns into a batch of its own.
//!
//! Rows stay at their index. A plain column is not copied: at its last use it is swapped with the output's
//! (still empty) column and swapped back when the output has been pushed, so that the batch is whole again
//! for whoever reads it next. All but the columns goes along in one swap.

use super::inputs::{copy_rows, reject};
use super::{Advance, Context, Operator, Output, SnapshotStep};
use crate::batch::{Batch, swap_vecs};
use crate::error::JobError;
use crate::expr::{Program, RowErrors};
use crate::hash::Vnode;
use crate::plan::Expr;
use crate::time::OrderKey;
use crate::types::DataType;
use std::mem::swap;

enum Item {
    /// The last use of a plain column.
    Move(usize),
    /// A plain column that is used again.
    Copy(usize),
    /// Anything else.
    Compute(Box<Program>),
}

/// Computes columns.
pub struct Project {
    // Fixed at construction.
    types: Vec<DataType>,
    items: Vec<Item>,
    // Scratch.
    out: Batch,
    errors: RowErrors,
}

impl Project {
    /// Computes one column for each of `exprs`.
    pub fn new(exprs: &[Expr]) -> Self {
        let types: Vec<_> = exprs.iter().map(Expr::ty).collect();
        let mut items = Vec::with_capacity(exprs.len());
        for (at, expr) in exprs.iter().enumerate() {
            items.push(match expr {
                Expr::Column { index, .. } if again(&exprs[at + 1..], *index) => Item::Copy(*index),
                Expr::Column { index, .. } => Item::Move(*index),
                other => Item::Compute(Box::new(Program::new(other))),
            });
        }
        Self {
            out: Batch::new(&types),
            types,
            items,
            errors: RowErrors::default(),
        }
    }

    /// Fills the columns that are copied or computed, which read the whole input.
    fn compute(&mut self, batch: &mut Batch, context: &mut Context<'_>) {
        for (item, out) in self.items.iter_mut().zip(&mut self.out.columns) {
            let rows = batch.selection.rows();
            match item {
                Item::Move(_) => {}
                Item::Copy(index) => copy_rows(&batch.columns[*index], rows, batch.rows, out),
                Item::Compute(program) => {
                    self.errors.rows.clear();
                    let column = program.eval(batch, rows, &mut self.errors);
                    copy_rows(column, rows, batch.rows, out);
                    reject(&self.errors, batch, context.ledger);
                }
            }
        }
    }

    /// Swaps everything that goes along between the input and the output.
    fn exchange(&mut self, batch: &mut Batch) {
        swap(&mut self.out, batch);
        swap_vecs(&mut self.out.columns, &mut batch.columns);
        for (item, out) in self.items.iter().zip(&mut self.out.columns) {
            if let Item::Move(index) = item {
                batch.columns[*index].swap_with(out);
            }
        }
    }
}

fn again(later: &[Expr], column: usize) -> bool {
    later
        .iter()
        .any(|expr| matches!(expr, Expr::Column { index, .. } if *index == column))
}

impl Operator for Project {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, next: &mut dyn Output) {
        self.compute(batch, context);
        if batch.selection.is_empty() {
            return;
        }
        let rows = batch.rows;
        self.exchange(batch);
        next.push(&mut self.out, context);
        self.exchange(batch);
        batch.rows = rows;
    }

    fn advance(&mut self, _: OrderKey, _: &mut Context<'_>, _: &mut dyn Output) -> Advance {
        Advance::Done
    }

    fn snapshot(&mut self, _: Vnode, _: &mut Vec<u8>, _: usize) -> SnapshotStep {
        SnapshotStep::Done
    }

    fn restore(&mut self, _: &[u8]) -> Result<(), JobError> {
        Err(JobError::Snapshot("a projection holds no state".into()))
    }

    fn state_size(&self) -> (u64, u64) {
        (0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::ColumnData;
    use crate::operator::inputs::testing::{Collect, Counts, column, keyed};
    use crate::types::Value;

    fn run(exprs: &[Expr], batch: &mut Batch) -> Collect {
        let (mut counts, mut failure) = (Counts::default(), None);
        let mut sink = Collect::default();
        let mut context = Context {
            ledger: &mut counts,
            failure: &mut failure,
        };
        Project::new(exprs).process(batch, &mut context, &mut sink);
        sink
    }

    #[test]
    fn columns_may_repeat_and_the_batch_is_whole_afterwards() {
        let types = [DataType::BigInt, DataType::Varchar];
        let long = "a text that does not fit inline";
        let rows = [
            vec![Value::I64(1), Value::Text("x".into())],
            vec![Value::Null, Value::Text(long.into())],
            vec![Value::I64(3), Value::Null],
        ];
        let text = column(1, DataType::Varchar);
        let exprs = [text.clone(), column(0, DataType::BigInt), text];
        let mut batch = keyed(&types, &rows, 7);
        batch.selection.assign(3, &[1, 2]);
        let sink = run(&exprs, &mut batch);
        let value = Value::Text(long.into());
        assert_eq!(sink.rows[0].2, [value.clone(), Value::Null, value]);
        assert_eq!(sink.rows[1].2, [Value::Null, Value::I64(3), Value::Null]);
        assert_eq!(sink.rows[1].0.seq, 9);
        for (row, expected) in rows.iter().enumerate() {
            let left: Vec<_> = batch.columns.iter().map(|c| c.value(row)).collect();
            assert_eq!(&left, expected);
        }
        assert_eq!(batch.selection.len(), 2);
    }

    /// Sees where the values lie.
    #[derive(Default)]
    struct Address(usize);

    impl Output for Address {
        fn push(&mut self, batch: &mut Batch, _: &mut Context<'_>) {
            if let ColumnData::I64(values) = &batch.columns[0].data {
                self.0 = values.as_ptr() as usize;
            }
        }
    }

    #[test]
    fn a_plain_column_is_not_copied() {
        let types = [DataType::BigInt];
        let mut batch = keyed(&types, &[vec![Value::I64(1)]], 0);
        let ColumnData::I64(values) = &batch.columns[0].data else {
            panic!("BIGINT is held in i64");
        };
        let before = values.as_ptr() as usize;
        let (mut counts, mut failure) = (Counts::default(), None);
        let mut sink = Address::default();
        let mut context = Context {
            ledger: &mut counts,
            failure: &mut failure,
        };
        Project::new(&[column(0, DataType::BigInt)]).process(&mut batch, &mut context, &mut sink);
        assert_eq!(sink.0, before);
    }
}
