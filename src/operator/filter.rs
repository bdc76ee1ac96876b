//! WHERE and HAVING: keeps the rows whose predicate is TRUE.
//!
//! A row whose predicate is FALSE or NULL is filtered; one whose predicate errs is rejected. Behind an
//! aggregate the worker passes a ledger that ignores both counts of rows that are no records.

use super::inputs::reject;
use super::{Advance, Context, Operator, Output, SnapshotStep};
use crate::batch::Batch;
use crate::error::JobError;
use crate::expr::{self, Program, RowErrors};
use crate::hash::Vnode;
use crate::plan::Expr;
use crate::time::OrderKey;
use crate::types::DataType;

/// Keeps rows whose predicate is TRUE.
pub struct Filter {
    // Fixed at construction.
    types: Vec<DataType>,
    predicate: Program,
    // Scratch.
    errors: RowErrors,
}

impl Filter {
    /// Filters rows of columns `input` by `predicate`, a BOOLEAN over them.
    pub fn new(predicate: &Expr, input: &[DataType]) -> Self {
        assert_eq!(predicate.ty(), DataType::Boolean, "predicates are BOOLEAN");
        Self {
            types: input.to_vec(),
            predicate: Program::new(predicate),
            errors: RowErrors::default(),
        }
    }
}

impl Operator for Filter {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, next: &mut dyn Output) {
        let before = batch.selection.len();
        self.errors.rows.clear();
        expr::filter(&mut self.predicate, batch, &mut self.errors);
        // Rows that err are out of the selection already; here they are counted.
        reject(&self.errors, batch, context.ledger);
        let gone = before - batch.selection.len() - self.errors.rows.len();
        if gone > 0 {
            context.ledger.filtered(gone as u64);
        }
        if !batch.selection.is_empty() {
            next.push(batch, context);
        }
    }

    fn advance(&mut self, _: OrderKey, _: &mut Context<'_>, _: &mut dyn Output) -> Advance {
        Advance::Done
    }

    fn snapshot(&mut self, _: Vnode, _: &mut Vec<u8>, _: usize) -> SnapshotStep {
        SnapshotStep::Done
    }

    fn restore(&mut self, _: &[u8]) -> Result<(), JobError> {
        Err(JobError::Snapshot("a filter holds no state".into()))
    }

    fn state_size(&self) -> (u64, u64) {
        (0, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::inputs::testing::{Collect, Counts, column, keyed};
    use crate::types::Value;

    #[test]
    fn keeps_true_and_counts_the_rest() {
        let types = [DataType::Boolean, DataType::BigInt];
        let predicate = column(0, DataType::Boolean);
        let mut filter = Filter::new(&predicate, &types);
        let rows = [
            vec![Value::Bool(true), Value::I64(1)],
            vec![Value::Bool(false), Value::I64(2)],
            vec![Value::Null, Value::I64(3)],
            vec![Value::Bool(true), Value::I64(4)],
        ];
        let mut counts = Counts::default();
        let mut failure = None;
        let mut sink = Collect::default();
        let mut batch = keyed(&types, &rows, 0);
        filter.process(
            &mut batch,
            &mut Context {
                ledger: &mut counts,
                failure: &mut failure,
            },
            &mut sink,
        );
        let kept: Vec<_> = sink.rows.iter().map(|row| row.2[1].clone()).collect();
        assert_eq!(kept, [Value::I64(1), Value::I64(4)]);
        assert_eq!(sink.rows[1].0.seq, 3);
        assert_eq!(counts.filtered, 2);
    }
}
