//! GROUP BY with tumbling windows, late data, and split aggregation.
//!
//! A batch is evaluated whole (`input`), divided into runs of one window (`fold`), and folded a window at a time:
//! the group of every row is found in one pass, then each accumulator is one leaf loop over (values, groups)
//! (`slot`, `kernel`). Which accumulators a plan needs is `layout`'s to say; `finish` makes results of them.
//!
//! ```text
//! batch -> input: keys, time, filters, args -> fold: window runs -> table: groups -> slots (by group)
//!                                                                        |              |
//!                                              changes: one row a row <--+--> fire: one row a group, when final
//! ```
//!
//! FINAL folds a batch whole and fires what is final afterwards: order keys put the rows right. Only the policies
//! that correct closed windows (`Process`, `Warn`) and early results (`early`) look at the watermark while they fold,
//! and split the batch at its rises.
//!
//! Split aggregates (`Partial`, `Combine`): the group of a row is its block of the merged sequence, so a DOUBLE
//! is summed within blocks in source order and the blocks in order, whatever the number of workers. All
//! partial rows leave when their window is final, by rising first row, one for each block.

mod bars;
pub(super) mod cells;
mod changes;
mod combine;
mod days;
mod early;
mod engine;
mod finish;
mod fire;
mod fold;
mod held;
mod input;
mod kernel;
pub(super) mod layout;
mod lone;
mod modes;
pub(super) mod moments;
mod moving;
mod multi;
mod numbered;
mod overlapping;
mod panes;
mod pick_by;
pub(super) mod session;
mod sketch;
mod slot;
mod snapshot;
mod state;
#[cfg(test)]
mod tests;
mod texts;
mod together;
mod told;
pub(super) mod trading;
pub(super) mod values;
pub mod window;

use super::expire::{Forget, Keep};
use super::{Advance, Context, Operator, Output, SnapshotStep};
use crate::batch::{Batch, RowOp};
use crate::error::JobError;
use crate::hash::Vnode;
use crate::plan::{AggregateMode, AggregatePlan, Emission, Expr, LatePolicy};
use crate::time::{EventTimeNs, OrderKey};
use crate::types::DataType;
use engine::Core;
use input::Inputs;
use layout::Layout;
use slot::SlotState;
use std::collections::BTreeSet;

/// GROUP BY.
pub struct Aggregate {
    inputs: Inputs,
    layout: Layout,
    core: Core,
}

impl Aggregate {
    /// Prepares the operator for input columns of these types; in mode `Combine` they are what `Partial` gives.
    ///
    /// # Panics
    /// When the plan asks for what no planner may ask for: a split aggregate with keys, without FINAL, or that
    /// corrects closed windows; a split DISTINCT.
    pub fn new(plan: &AggregatePlan, input: &[DataType], hash_seed: u64) -> Self {
        let layout = Layout::new(plan);
        if plan.mode != AggregateMode::Complete {
            assert!(plan.keys.is_empty(), "a split aggregate has no keys");
            assert_eq!(plan.emission, Emission::Final, "a split aggregate is FINAL");
            assert_eq!(
                plan.late,
                LatePolicy::Drop,
                "a split aggregate drops late rows"
            );
            let distinct = layout.lanes.iter().any(|lane| lane.distinct);
            assert!(!distinct, "a DISTINCT aggregate is not split");
        }
        if plan.mode == AggregateMode::Combine {
            assert_eq!(
                input,
                partial_types(plan),
                "the input is what Partial gives"
            );
        }
        let running = layout.lanes.iter();
        let running = running.map(|lane| lane.slots.iter().map(SlotState::new).collect());
        Self {
            inputs: Inputs::new(plan, &layout),
            core: Core::new(plan, &layout, hash_seed, running.collect()),
            layout,
        }
    }

    /// Says whether this worker emits the one row of a plan without keys and windows when no row came. The
    /// worker that all rows go to does (the default); the others must be told not to.
    pub fn set_owner(&mut self, owner: bool) {
        self.core.owner = owner;
    }
}

impl Forget for Aggregate {
    fn held(&self) -> u64 {
        self.core.windows.entries as u64
    }

    fn snapshot_of(&mut self, keep: &mut Keep<'_>, out: &mut Vec<u8>) {
        self.core.snapshot_of(&self.layout, keep, out);
    }
}

/// Types of the columns that mode `Partial` gives and mode `Combine` takes.
pub fn partial_types(plan: &AggregatePlan) -> Vec<DataType> {
    let mut types = vec![DataType::Timestamp; 2 * usize::from(plan.window.is_some())];
    types.extend(Layout::new(plan).state_types());
    types
}

fn output_types(plan: &AggregatePlan) -> Vec<DataType> {
    if plan.mode == AggregateMode::Partial {
        return partial_types(plan);
    }
    let mut types: Vec<DataType> = plan.keys.iter().map(Expr::ty).collect();
    types.extend(vec![
        DataType::Timestamp;
        2 * usize::from(plan.window.is_some())
    ]);
    types.extend(plan.aggregates.iter().map(|call| call.ty));
    types
}

impl Operator for Aggregate {
    fn output_types(&self) -> &[DataType] {
        &self.core.output_types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, next: &mut dyn Output) {
        if context.failure.is_some() || batch.selection.is_empty() {
            return;
        }
        let rows = batch.selection.rows();
        let mut revises = false;
        if !batch.ops.is_empty() {
            rows.for_each(|row| revises |= batch.ops[row] != RowOp::Insert);
        }
        if revises {
            *context.failure = Some(JobError::Limit(
                "an aggregate cannot take updates yet: let the query below it emit FINAL results \
                 and drop late data"
                    .to_owned(),
            ));
            return;
        }
        self.core.arrival_ns = self.core.arrival_ns.max(batch.arrival_ns);
        self.core.index.forget();
        if self.core.mode == AggregateMode::Combine {
            self.core.combine(&self.layout, batch);
        } else {
            let mut input = self.inputs.evaluate(batch, context.ledger);
            self.core
                .take(&self.layout, &mut input, batch, context, next);
            let spare = input.into_spare();
            self.inputs.give_back(spare);
        }
        self.core.check_limit(context);
    }

    fn advance(
        &mut self,
        frontier: OrderKey,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        self.core.advance(&self.layout, frontier, context, next)
    }

    fn snapshot(&mut self, vnode: Vnode, out: &mut Vec<u8>, _budget: usize) -> SnapshotStep {
        self.core.snapshot(&self.layout, vnode, out);
        SnapshotStep::Done
    }

    fn restore(&mut self, archive: &[u8]) -> Result<(), JobError> {
        self.core.restore(&self.layout, archive)
    }

    fn state_size(&self) -> (u64, u64) {
        if let Some(sessions) = &self.core.sessions {
            return (sessions.live() as u64, sessions.bytes());
        }
        if let Some(bars) = &self.core.bars {
            return (bars.open() as u64, bars.bytes());
        }
        let windows = self.core.windows.held.iter();
        let groups: usize = windows.clone().map(|state| state.groups()).sum();
        (groups as u64, windows.map(|state| state.bytes()).sum())
    }

    fn open_windows(&self, windows: &mut BTreeSet<(EventTimeNs, EventTimeNs)>) {
        // Every change of a window has gone out already where changes are emitted.
        if self.core.assigner.is_some() && self.core.emission != Emission::Changes {
            self.core.open_windows(windows);
        }
    }
}
