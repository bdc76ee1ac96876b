//! Vectorised evaluation of [`crate::plan::Expr`] over a batch, and the function catalogue.

use crate::batch::{Batch, Column, Rows};
use crate::error::Reason;
use crate::plan::Expr;

/// Rows whose evaluation failed, with the reason; by rising row within one evaluation.
#[derive(Clone, Debug, Default)]
pub struct RowErrors {
    /// (row, reason).
    pub rows: Vec<(u32, Reason)>,
}

/// An expression ready to be evaluated, with the scratch columns it needs.
pub struct Program {
    expr: Expr,
}

impl Program {
    /// Prepares `expr`.
    pub fn new(expr: &Expr) -> Self {
        Self { expr: expr.clone() }
    }

    /// Evaluates the expression for `rows` of `batch`; other rows of the result hold any value. A plain
    /// column is borrowed from the batch, not copied. A row that fails is NULL in the result and appended to
    /// `errors`, by rising row, once.
    pub fn eval<'a>(
        &'a mut self,
        batch: &'a Batch,
        _rows: Rows<'_>,
        _errors: &mut RowErrors,
    ) -> &'a Column {
        match &self.expr {
            Expr::Column { index, .. } => &batch.columns[*index],
            other => unimplemented!("{other:?}"),
        }
    }
}
