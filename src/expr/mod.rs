//! Vectorised evaluation of [`crate::plan::Expr`] over a batch, and the function catalogue.
//!
//! [`Program`] compiles an expression to a tree of nodes (`node`, `compile`), each with a scratch column that is
//! used again for every batch. A node evaluates its operands for the rows in play and applies a kernel: one loop
//! over slices, written once for every combination of column and constant (`kernel`). AND, OR, CASE and COALESCE
//! narrow the rows for what comes after (`logic`), so that a row fails only in parts it reaches. A failing row is
//! NULL from there on, and reported with the first reason found for it.

mod arguments;
mod arithmetic;
mod bytes;
mod calendar;
mod cast;
mod cast_text;
mod cast_time;
mod compare;
mod compile;
mod decimal_arithmetic;
mod filter;
mod fit;
mod function;
mod in_list;
mod in_rows;
mod json;
mod kernel;
mod like;
mod logic;
mod lookup;
mod math;
mod nested;
mod nested_map;
mod node;
mod pattern;
mod recast;
mod round;
mod row_set;
mod text_function;
mod text_parts;
mod time_function;

#[cfg(test)]
mod tests;

pub use bytes::is_charset;
pub use calendar::TimeUnit;
pub use cast::can_cast;
pub(crate) use cast::nearest_real;
pub use filter::filter;
pub use json::is_json_path;
pub use pattern::check_pattern;
pub use recast::parts as cast_parts;
pub use row_set::has_repeats;

pub mod catalogue;

use crate::batch::{Batch, Column, Rows};
use crate::error::Reason;
use crate::plan::Expr;
use node::{Kind, Node};

/// Rows whose evaluation failed, with the reason; by rising row within one evaluation.
#[derive(Clone, Debug, Default)]
pub struct RowErrors {
    /// (row, reason).
    pub rows: Vec<(u32, Reason)>,
}

/// An expression ready to be evaluated, with the scratch columns it needs.
pub struct Program {
    root: Node,
    /// The values of a root that is a constant.
    constant: Column,
}

impl Program {
    /// Prepares `expr`.
    ///
    /// # Panics
    /// When operand types are not those that [`Expr`] asks for, or a cast is none that [`can_cast`] admits.
    pub fn new(expr: &Expr) -> Self {
        let root = compile::compile(expr);
        let constant = Column::with_physical(root.ty.physical());
        Self { root, constant }
    }

    /// Evaluates the expression for `rows` of `batch`; other rows of the result hold any value. A plain
    /// column is borrowed from the batch, not copied. A row that fails is NULL in the result and appended to
    /// `errors`, by rising row, once.
    pub fn eval<'a>(
        &'a mut self,
        batch: &'a Batch,
        rows: Rows<'_>,
        errors: &mut RowErrors,
    ) -> &'a Column {
        let before = errors.rows.len();
        self.root.eval(batch, rows, errors);
        if errors.rows.len() > before {
            settle(&mut errors.rows, before);
            for &(row, _) in &errors.rows[before..] {
                self.root.out.set_null(row as usize);
            }
        }
        if matches!(self.root.kind, Kind::Constant) {
            kernel::prepare(&mut self.constant, batch.rows);
            kernel::copy_rows(self.root.result(batch), rows, &mut self.constant);
            return &self.constant;
        }
        self.root.result(batch).column
    }
}

/// Orders the failures behind the first `before` by row and keeps the first of each row.
fn settle(failures: &mut Vec<(u32, Reason)>, before: usize) {
    let new = &mut failures[before..];
    if new.is_sorted_by(|a, b| a.0 < b.0) {
        return;
    }
    // Stable: the first that was found stays first.
    new.sort_by_key(|failure| failure.0);
    let mut kept = before;
    for i in before..failures.len() {
        if kept == before || failures[kept - 1].0 != failures[i].0 {
            failures[kept] = failures[i];
            kept += 1;
        }
    }
    failures.truncate(kept);
}
