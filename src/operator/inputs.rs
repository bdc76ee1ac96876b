//! Expressions evaluated for a whole batch before any state changes.
//!
//! An operator with state first evaluates everything it will read; rows that err are rejected and leave the
//! selection, so that no row is half applied. Plain columns are read where they are, computed ones are kept.

use super::Ledger;
use crate::batch::{Batch, Column, ColumnData, Rows};
use crate::expr::{Program, RowErrors};
use crate::plan::Expr;

enum Input {
    /// A column of the batch.
    Plain(usize),
    /// A computed column, kept while the batch is processed.
    Computed {
        program: Box<Program>,
        result: Column,
    },
}

/// The expressions of one operator.
#[derive(Default)]
pub(super) struct Inputs {
    inputs: Vec<Input>,
    errors: RowErrors,
}

impl Inputs {
    /// Prepares `exprs`; their places are their indices from now on.
    pub(super) fn new<'a>(exprs: impl Iterator<Item = &'a Expr>) -> Self {
        let input = |expr: &Expr| match expr {
            Expr::Column { index, .. } => Input::Plain(*index),
            other => Input::Computed {
                program: Box::new(Program::new(other)),
                result: Column::new(other.ty()),
            },
        };
        Self {
            inputs: exprs.map(input).collect(),
            errors: RowErrors::default(),
        }
    }

    /// Evaluates all for the selected rows of `batch`. Rows that err are rejected, each once, and not
    /// evaluated further.
    pub(super) fn eval(&mut self, batch: &mut Batch, ledger: &mut dyn Ledger) {
        for input in &mut self.inputs {
            if let Input::Computed { program, result } = input {
                self.errors.rows.clear();
                let rows = batch.selection.rows();
                let column = program.eval(batch, rows, &mut self.errors);
                copy_rows(column, rows, batch.rows, result);
                reject(&self.errors, batch, ledger);
            }
        }
    }

    /// The values of expression `index`, as last evaluated for `batch`.
    pub(super) fn column<'a>(&'a self, index: usize, batch: &'a Batch) -> &'a Column {
        match &self.inputs[index] {
            Input::Plain(column) => &batch.columns[*column],
            Input::Computed { result, .. } => result,
        }
    }
}

/// Rejects the rows of `errors` and takes those still selected out of the selection.
pub(super) fn reject(errors: &RowErrors, batch: &mut Batch, ledger: &mut dyn Ledger) {
    if errors.rows.is_empty() {
        return;
    }
    for &(row, reason) in &errors.rows {
        ledger.rejected(row, reason);
    }
    let mut failed = errors.rows.iter().map(|&(row, _)| row as usize).peekable();
    batch.selection.retain(|row| {
        while failed.next_if(|&next| next < row).is_some() {}
        failed.next_if_eq(&row).is_none()
    });
}

/// Makes `to` a column of `total` rows that equals `from` in `rows`; the others hold any value.
pub(super) fn copy_rows(from: &Column, rows: Rows<'_>, total: usize, to: &mut Column) {
    to.reset(total);
    match (&mut to.data, &from.data) {
        (ColumnData::Bool(to), ColumnData::Bool(from)) => scatter(from, rows, to),
        (ColumnData::I64(to), ColumnData::I64(from)) => scatter(from, rows, to),
        (ColumnData::I128(to), ColumnData::I128(from)) => scatter(from, rows, to),
        (ColumnData::F64(to), ColumnData::F64(from)) => scatter(from, rows, to),
        (ColumnData::Text(to), ColumnData::Text(from)) => {
            rows.for_each(|row| {
                let view = from.views[row];
                if view.is_inline() {
                    to.views[row] = view;
                } else {
                    to.set(row, from.get(row));
                }
            });
        }
        (to, from) => panic!("column of {from:?} copied to {to:?}"),
    }
    if !from.nulls.is_empty() {
        to.nulls.resize(total, false);
        scatter(&from.nulls, rows, &mut to.nulls);
    }
}

fn scatter<T: Copy>(from: &[T], rows: Rows<'_>, to: &mut [T]) {
    match rows {
        Rows::All(rows) => to[..rows].copy_from_slice(&from[..rows]),
        Rows::Some(rows) => {
            for &row in rows {
                to[row as usize] = from[row as usize];
            }
        }
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! What the operators' tests share: a ledger that counts, an output that collects, a random source.

    use crate::batch::{Batch, RowOp, RowOrder};
    use crate::error::Reason;
    use crate::operator::{Context, Ledger, Output};
    use crate::plan::Expr;
    use crate::time::OrderKey;
    use crate::types::{DataType, Value};

    /// Counts what operators say.
    #[derive(Debug, Default, PartialEq)]
    pub struct Counts {
        pub filtered: u64,
        pub late: u64,
        pub rejected: Vec<(u32, Reason)>,
        pub out_of_order: u64,
        pub group_errors: Vec<Reason>,
        pub corrected: u64,
        pub warned: Vec<u32>,
    }

    impl Ledger for Counts {
        fn filtered(&mut self, count: u64) {
            self.filtered += count;
        }
        fn late(&mut self, count: u64) {
            self.late += count;
        }
        fn rejected(&mut self, row: u32, reason: Reason) {
            self.rejected.push((row, reason));
        }
        fn out_of_order(&mut self, count: u64) {
            self.out_of_order += count;
        }
        fn group_error(&mut self, reason: Reason) {
            self.group_errors.push(reason);
        }
        fn corrected(&mut self, count: u64) {
            self.corrected += count;
        }
        fn warned(&mut self, row: u32) {
            self.warned.push(row);
        }
    }

    /// Keeps the rows pushed to it.
    #[derive(Default)]
    pub struct Collect {
        pub rows: Vec<(OrderKey, RowOp, Vec<Value>)>,
    }

    impl Output for Collect {
        fn push(&mut self, batch: &mut Batch, _: &mut Context<'_>) {
            batch.selection.rows().for_each(|row| {
                let values = batch.columns.iter().map(|c| c.value(row)).collect();
                let op = batch.ops.get(row).copied().unwrap_or(RowOp::Insert);
                self.rows.push((batch.order.key(row), op, values));
            });
        }
    }

    /// A batch of `rows`, record `first_seq` and on, W unknown.
    pub fn keyed(types: &[DataType], rows: &[Vec<Value>], first_seq: u64) -> Batch {
        let mut batch = Batch::new(types);
        for row in rows {
            for (column, value) in batch.columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        batch.rows = rows.len();
        batch.selection.all(rows.len());
        batch.order = RowOrder::Source {
            first_seq,
            seq_offsets: Vec::new(),
            watermarks: crate::time::WatermarkRuns::default(),
        };
        batch
    }

    /// A plain column.
    pub fn column(index: usize, ty: DataType) -> Expr {
        Expr::Column { index, ty }
    }

    /// xorshift64*.
    pub struct Random(pub u64);

    impl Random {
        pub fn next(&mut self) -> u64 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
        }

        pub fn below(&mut self, bound: u64) -> u64 {
            self.next() % bound
        }
    }
}
