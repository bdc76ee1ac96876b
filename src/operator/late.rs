//! LATE DATA: drops the rows whose windows are closed, before the columns that only the window needs are used.
//!
//! A row is late when the watermark in force for it, W(row), has reached the end of its last window plus the
//! allowed lateness (plus the retention when closed windows are corrected). Where only some of its windows are
//! closed it is used for the others, and those are counted. A row that lies between hopping windows is filtered. A
//! batch passes after one look at its times when under each of its watermarks the first window of the least time is
//! still open.
//!
//! For a table of late rows (`LATE DATA INTO`) the same decision is made the other way round: late rows go on, the
//! others are filtered.

use super::aggregate::window::{Window, WindowAssigner};
use super::{Advance, Context, Operator, Output, SnapshotStep};
use crate::batch::{Batch, Column, ColumnData, RowOrder};
use crate::error::{JobError, Reason};
use crate::expr::{Program, RowErrors};
use crate::hash::Vnode;
use crate::plan::{LatePlan, LatePolicy};
use crate::table::Segment;
use crate::time::OrderKey;
use crate::types::DataType;

/// Drops late rows.
pub struct Late {
    // Fixed at construction.
    time: Program,
    assigner: WindowAssigner,
    /// Where late rows that are kept are logged: the same windows without retention.
    logged: Option<WindowAssigner>,
    /// Whether late rows are what goes on.
    collects: bool,
    types: Vec<DataType>,
    // State: scratch of one batch.
    errors: RowErrors,
    verdicts: Vec<Verdict>,
    closed: Vec<Verdict>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Keep,
    Late,
    /// Between two windows.
    Nowhere,
    Refused(Reason),
}

impl Late {
    /// Prepares the operator for input columns of these types.
    pub fn new(plan: &LatePlan, input: &[DataType]) -> Self {
        let retention_ns = match plan.policy {
            LatePolicy::Drop => 0,
            LatePolicy::Process | LatePolicy::Warn | LatePolicy::Collect => plan.retention_ns,
        };
        Self {
            time: Program::new(&plan.time),
            assigner: WindowAssigner::new(&plan.window, plan.allowed_ns, retention_ns),
            logged: (plan.policy == LatePolicy::Warn)
                .then(|| WindowAssigner::new(&plan.window, plan.allowed_ns, 0)),
            collects: plan.policy == LatePolicy::Collect,
            types: input.to_vec(),
            errors: RowErrors::default(),
            verdicts: Vec::new(),
            closed: Vec::new(),
        }
    }
}

impl Late {
    /// Lets the rows go on that are wanted, and counts the others.
    fn narrow(&self, batch: &mut Batch, context: &mut Context<'_>) {
        let (verdicts, mut late, mut filtered) = (&self.verdicts, 0, 0);
        let (wanted, other) = match self.collects {
            true => (Verdict::Late, &mut filtered),
            false => (Verdict::Keep, &mut late),
        };
        let mut nowhere = 0;
        batch.selection.retain(|row| {
            match verdicts[row] {
                verdict if verdict == wanted => return true,
                Verdict::Nowhere => nowhere += 1,
                Verdict::Refused(reason) => context.ledger.rejected(row as u32, reason),
                Verdict::Keep | Verdict::Late => *other += 1,
            }
            false
        });
        filtered += nowhere;
        if late > 0 {
            context.ledger.late(late);
        }
        if filtered > 0 {
            context.ledger.filtered(filtered);
        }
    }
}

impl Operator for Late {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, next: &mut dyn Output) {
        self.errors.rows.clear();
        let rows = batch.selection.rows();
        let column = self.time.eval(batch, rows, &mut self.errors);
        let strictest = self.logged.as_ref().unwrap_or(&self.assigner);
        if self.errors.rows.is_empty() && all_on_time(strictest, column, batch, rows.into()) {
            match self.collects {
                true => context.ledger.filtered(rows.len() as u64),
                false => next.push(batch, context),
            }
            return;
        }
        self.verdicts.clear();
        self.verdicts.resize(batch.rows, Verdict::Keep);
        let closed = judge(&self.assigner, column, batch, &mut self.verdicts);
        if closed > 0 && !self.collects {
            context.ledger.late_assignments(closed);
        }
        if let Some(logged) = &self.logged {
            self.closed.clear();
            self.closed.resize(batch.rows, Verdict::Keep);
            judge(logged, column, batch, &mut self.closed);
            let mut pairs = self.closed.iter().zip(&self.verdicts);
            // One of a batch will do: most are not shown anyway.
            let first = pairs.position(|pair| pair == (&Verdict::Late, &Verdict::Keep));
            if let Some(row) = first {
                context.ledger.warned(row as u32);
            }
        }
        for &(row, reason) in &self.errors.rows {
            self.verdicts[row as usize] = Verdict::Refused(reason);
        }
        self.narrow(batch, context);
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
        let what = "state for the late filter, which has none".to_owned();
        Err(JobError::Snapshot(what))
    }

    fn state_size(&self) -> (u64, u64) {
        (0, 0)
    }
}

/// Whether a look at the least time under each watermark, and at the greatest of all, clears every row.
fn all_on_time(
    assigner: &WindowAssigner,
    column: &Column,
    batch: &Batch,
    rows: Segment<'_>,
) -> bool {
    let ColumnData::I64(times) = &column.data else {
        panic!("the planner takes windows of a TIMESTAMP")
    };
    if !column.nulls.is_empty() || assigner.has_gaps() {
        return false;
    }
    if rows.is_empty() {
        return true;
    }
    let mut greatest = i64::MIN;
    // Windows are refused near the ends of time only, so what lies between two good times is good.
    let mut is_open = |rows: Segment<'_>, watermark: i64| {
        let (least, last) = bounds_of(times, rows);
        greatest = greatest.max(last);
        let pane = assigner.pane_of(least);
        pane.is_some_and(|pane| assigner.pane_gone_at(pane).0 > watermark)
    };
    let open = match &batch.order {
        RowOrder::Source { watermarks, .. } => {
            let (mut rest, mut watermark) = (rows, watermarks.initial);
            let mut open = true;
            for &(row, next) in &watermarks.rises {
                let before = rest.position_of(row as usize);
                if before > 0 {
                    open &= is_open(rest.slice(0, before), watermark);
                }
                rest = rest.slice(before, rest.len());
                watermark = next;
            }
            open && (rest.is_empty() || is_open(rest, watermark))
        }
        order @ RowOrder::Keys(_) => is_open(rows, order.watermark(rows.row(rows.len() - 1))),
    };
    // One row alone was looked at already.
    open && (rows.len() == 1 || assigner.pane_of(greatest).is_some())
}

/// The least and the greatest time of some rows.
fn bounds_of(times: &[i64], rows: Segment<'_>) -> (i64, i64) {
    let (mut least, mut greatest) = (i64::MAX, i64::MIN);
    for position in 0..rows.len() {
        let time = times[rows.row(position)];
        least = least.min(time);
        greatest = greatest.max(time);
    }
    (least, greatest)
}

/// Decides row by row; gives the number of closed windows of rows that are kept for others.
fn judge(
    assigner: &WindowAssigner,
    column: &Column,
    batch: &Batch,
    verdicts: &mut [Verdict],
) -> u64 {
    let ColumnData::I64(times) = &column.data else {
        panic!("the planner takes windows of a TIMESTAMP")
    };
    let mut cached: Option<Window> = None;
    let mut assignments = 0;
    batch.selection.rows().for_each(|row| {
        verdicts[row] = if column.is_null(row) {
            Verdict::Refused(Reason::EventTimeNull)
        } else {
            let time = times[row];
            if !cached.is_some_and(|pane| pane.contains(time)) {
                cached = assigner.pane_of(time);
            }
            match cached {
                None => Verdict::Refused(Reason::Range),
                Some(pane) => {
                    let watermark = batch.order.watermark(row);
                    let verdict = judge_pane(assigner, pane, watermark);
                    if verdict == Verdict::Keep && assigner.pane_gone_at(pane).0 <= watermark {
                        let mut windows = assigner.covering(pane);
                        let open = windows.position(|window| assigner.gone_at(window) > watermark);
                        assignments += open.unwrap_or(0) as u64;
                    }
                    verdict
                }
            }
        };
    });
    assignments
}

fn judge_pane(assigner: &WindowAssigner, pane: Window, watermark: i64) -> Verdict {
    if assigner.has_gaps() && assigner.covering(pane).next().is_none() {
        return Verdict::Nowhere;
    }
    if assigner.pane_gone_at(pane).1 <= watermark {
        Verdict::Late
    } else {
        Verdict::Keep
    }
}
