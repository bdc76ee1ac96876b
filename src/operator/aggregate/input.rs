//! Evaluates what an aggregate reads of a batch: keys, time, filters, arguments.
//!
//! Nothing is folded before all of it is evaluated: a row that fails anywhere is refused whole. An argument is
//! evaluated only for rows that pass its call's filter.

use super::layout::Layout;
use crate::batch::{Batch, Column, ColumnData, Rows, Selection};
use crate::error::Reason;
use crate::expr::{Program, RowErrors};
use crate::operator::Ledger;
use crate::plan::{AggregatePlan, WindowPlan};

/// The programs of an aggregate.
pub(super) struct Inputs {
    // Fixed at construction.
    keys: Vec<Program>,
    time: Option<Program>,
    measure: Option<Program>,
    filters: Vec<Program>,
    args: Vec<(Program, Option<usize>)>,
    // State: scratch of one batch.
    errors: RowErrors,
    passing: Vec<Vec<u32>>,
    spare: Spare,
}

/// The rows of a batch that were refused, each told to the ledger once.
#[derive(Default)]
pub(super) struct Failed {
    rows: Vec<bool>,
    any: bool,
}

/// Memory of [`Evaluated`] between batches.
#[derive(Default)]
pub(super) struct Spare {
    keys: Vec<&'static Column>,
    filters: Vec<&'static Column>,
    args: Vec<&'static Column>,
    selected: Selection,
    failed: Failed,
}

/// What a batch says, by row.
pub(super) struct Evaluated<'a> {
    pub keys: Vec<&'a Column>,
    pub filters: Vec<&'a Column>,
    pub args: Vec<&'a Column>,
    pub time: Option<&'a Column>,
    /// What rows add to their bar.
    pub measure: Option<&'a Column>,
    /// Rows that are in play and have not failed.
    pub selected: Selection,
    failed: Failed,
}

impl Failed {
    fn start(&mut self) {
        self.any = false;
        self.rows.clear();
    }

    fn refuse(&mut self, total: usize, row: u32, reason: Reason, ledger: &mut dyn Ledger) {
        self.rows.resize(total, false);
        if !std::mem::replace(&mut self.rows[row as usize], true) {
            self.any = true;
            ledger.rejected(row, reason);
        }
    }

    /// Refuses the rows of `errors` and takes them out of `selected`.
    fn settle(
        &mut self,
        errors: &mut RowErrors,
        total: usize,
        selected: &mut Selection,
        ledger: &mut dyn Ledger,
    ) {
        if errors.rows.is_empty() {
            return;
        }
        for (row, reason) in errors.rows.drain(..) {
            self.refuse(total, row, reason, ledger);
        }
        selected.retain(|row| !self.rows[row]);
    }
}

impl Inputs {
    pub fn new(plan: &AggregatePlan, layout: &Layout) -> Self {
        Self {
            keys: plan.keys.iter().map(Program::new).collect(),
            time: plan.time.as_ref().map(Program::new),
            measure: plan
                .window
                .as_ref()
                .and_then(WindowPlan::measure)
                .map(Program::new),
            filters: layout.filters.iter().map(Program::new).collect(),
            args: layout
                .args
                .iter()
                .map(|arg| (Program::new(&arg.expr), arg.filter))
                .collect(),
            errors: RowErrors::default(),
            passing: vec![Vec::new(); layout.filters.len()],
            spare: Spare::default(),
        }
    }

    /// Evaluates everything for the selected rows of `batch`.
    pub fn evaluate<'a>(&'a mut self, batch: &'a Batch, ledger: &mut dyn Ledger) -> Evaluated<'a> {
        let spare = std::mem::take(&mut self.spare);
        let mut now = Evaluated {
            keys: recycled(spare.keys),
            filters: recycled(spare.filters),
            args: recycled(spare.args),
            time: None,
            measure: None,
            selected: spare.selected,
            failed: spare.failed,
        };
        now.failed.start();
        now.selected.copy_from(&batch.selection);
        let errors = &mut self.errors;
        errors.rows.clear();
        for program in &mut self.keys {
            now.keys
                .push(program.eval(batch, now.selected.rows(), errors));
            now.settle(errors, batch.rows, ledger);
        }
        if let Some(program) = &mut self.time {
            let column = program.eval(batch, now.selected.rows(), errors);
            now.time = Some(column);
            if !column.nulls.is_empty() {
                // Rows that failed are NULL too, and keep their own reason.
                now.settle(errors, batch.rows, ledger);
                now.selected.rows().for_each(|row| {
                    if column.nulls[row] {
                        errors.rows.push((row as u32, Reason::EventTimeNull));
                    }
                });
            }
            now.settle(errors, batch.rows, ledger);
        }
        if let Some(program) = &mut self.measure {
            now.measure = Some(program.eval(batch, now.selected.rows(), errors));
            now.settle(errors, batch.rows, ledger);
        }
        for (program, passing) in self.filters.iter_mut().zip(&mut self.passing) {
            let column = program.eval(batch, now.selected.rows(), errors);
            now.filters.push(column);
            now.settle(errors, batch.rows, ledger);
            passing.clear();
            now.selected.rows().for_each(|row| {
                if is_true(column, row) {
                    passing.push(row as u32);
                }
            });
        }
        for (program, filter) in &mut self.args {
            let rows = match filter {
                None => now.selected.rows(),
                Some(filter) => {
                    let passing = &mut self.passing[*filter];
                    if now.failed.any {
                        passing.retain(|&row| !now.failed.rows[row as usize]);
                    }
                    Rows::Some(passing)
                }
            };
            now.args.push(program.eval(batch, rows, errors));
            now.settle(errors, batch.rows, ledger);
        }
        now
    }

    /// Takes the memory of an evaluation back.
    pub fn give_back(&mut self, spare: Spare) {
        self.spare = spare;
    }
}

impl Evaluated<'_> {
    fn settle(&mut self, errors: &mut RowErrors, total: usize, ledger: &mut dyn Ledger) {
        self.failed
            .settle(errors, total, &mut self.selected, ledger);
    }

    /// Refuses rows whose time no window takes.
    pub fn refuse(&mut self, rows: &[u32], total: usize, reason: Reason, ledger: &mut dyn Ledger) {
        for &row in rows {
            self.failed.refuse(total, row, reason, ledger);
        }
        let failed = &self.failed;
        self.selected.retain(|row| !failed.rows[row]);
    }

    /// The event time of the window by row; empty without one.
    pub fn times(&self) -> &[i64] {
        match self.time.map(|column| &column.data) {
            Some(ColumnData::I64(times)) => times,
            Some(other) => panic!("the planner takes windows of a TIMESTAMP, not {other:?}"),
            None => &[],
        }
    }

    /// Its memory without what it borrowed.
    pub fn into_spare(self) -> Spare {
        Spare {
            keys: recycled(self.keys),
            filters: recycled(self.filters),
            args: recycled(self.args),
            selected: self.selected,
            failed: self.failed,
        }
    }
}

/// Whether a BOOLEAN is TRUE.
#[inline(always)]
pub(super) fn is_true(column: &Column, row: usize) -> bool {
    let ColumnData::Bool(values) = &column.data else {
        panic!("the binder admits only BOOLEAN filters")
    };
    values[row] && !column.is_null(row)
}

/// An empty vector for other borrows in the same memory: collecting in place keeps the allocation.
pub(super) fn recycled<'b>(mut columns: Vec<&Column>) -> Vec<&'b Column> {
    if columns.capacity() == 0 {
        return Vec::new();
    }
    columns.clear();
    columns
        .into_iter()
        .map(|_| unreachable!("it was cleared"))
        .collect()
}
