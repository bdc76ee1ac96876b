//! LATE DATA INTO of sessions: of the records those that are late for every session of their key.
//!
//! The decision is that of the aggregate beside it, made over again: the same rows fail, the same rows are in
//! sessions, of which the bounds are kept and nothing else. The others are filtered. It is a gate, so that what the
//! table of late rows alone reads cannot keep a record out of its session.

use super::Sessions;
use crate::batch::Batch;
use crate::error::JobError;
use crate::hash::Vnode;
use crate::operator::aggregate::engine::Core;
use crate::operator::aggregate::fold::{Folding, hashes_of};
use crate::operator::aggregate::input::Inputs;
use crate::operator::aggregate::layout::Layout;
use crate::operator::{Advance, Context, Operator, Output, SnapshotStep};
use crate::plan::AggregatePlan;
use crate::time::{OrderKey, WATERMARK_END};
use crate::types::DataType;

/// Lets late rows go on.
pub struct LateForSessions {
    // Fixed at construction.
    types: Vec<DataType>,
    /// Of no aggregates.
    layout: Layout,
    // State.
    inputs: Inputs,
    core: Core,
}

impl LateForSessions {
    /// Prepares the operator for input columns of these types; `plan` is that of the aggregate.
    ///
    /// # Panics
    /// When its window is no session.
    pub fn new(plan: &AggregatePlan, input: &[DataType], hash_seed: u64) -> Self {
        let bounds = AggregatePlan {
            aggregates: Vec::new(),
            every_ns: None,
            ..plan.clone()
        };
        let layout = Layout::new(&bounds);
        let core = Core::new(&bounds, &layout, hash_seed, Vec::new());
        assert!(core.sessions.is_some(), "the window is a session");
        Self {
            types: input.to_vec(),
            inputs: Inputs::new(plan, &Layout::new(plan)),
            layout,
            core,
        }
    }

    /// Finds the late rows of a batch: `late` of the sessions; gives how many rows could be.
    fn judge(&mut self, batch: &Batch, context: &mut Context<'_>) -> usize {
        let core = &mut self.core;
        let mut input = self.inputs.evaluate(batch, context.ledger);
        core.refuse_unwindowed(&mut input, batch, context);
        let in_play = input.selected.len();
        let mut sessions = core.sessions.take().expect("the window is a session");
        sessions.late.clear();
        if in_play > 0 {
            let mut computed = std::mem::take(&mut core.scratch.hashes);
            let (seed, routed) = (core.hash_seed, core.hash_is_routed);
            let folding = Folding {
                layout: &self.layout,
                input: &input,
                batch,
                hashes: hashes_of(seed, routed, &input, batch, &mut computed),
                times: input.times(),
                hash_seed: seed,
                keyless: core.key_types.is_empty(),
            };
            core.assign(&mut sessions, &folding, input.selected.rows().into(), false);
            core.scratch.hashes = computed;
            sessions.compact(&self.layout, core.groups_max, None);
            core.windows.entries = sessions.entries();
        }
        core.sessions = Some(sessions);
        let spare = input.into_spare();
        self.inputs.give_back(spare);
        in_play
    }

    fn sessions(&mut self) -> &mut Sessions {
        let sessions = self.core.sessions.as_mut();
        sessions.expect("the window is a session")
    }
}

impl Operator for LateForSessions {
    fn output_types(&self) -> &[DataType] {
        &self.types
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, next: &mut dyn Output) {
        if context.failure.is_some() || batch.selection.is_empty() {
            return;
        }
        let in_play = self.judge(batch, context);
        let late = &self.sessions().late;
        if late.len() < in_play {
            context.ledger.filtered((in_play - late.len()) as u64);
        }
        batch.selection.assign(batch.rows, late);
        self.core.check_limit(context);
        if !batch.selection.is_empty() {
            next.push(batch, context);
        }
    }

    fn advance(
        &mut self,
        frontier: OrderKey,
        _context: &mut Context<'_>,
        _next: &mut dyn Output,
    ) -> Advance {
        let watermark = match frontier == OrderKey::MAX {
            true => WATERMARK_END,
            false => frontier.watermark(),
        };
        // Nobody asks what was in them.
        while self.sessions().next_due(watermark, false).is_some() {}
        Advance::Done
    }

    fn snapshot(&mut self, vnode: Vnode, out: &mut Vec<u8>, _budget: usize) -> SnapshotStep {
        self.core.snapshot(&self.layout, vnode, out);
        SnapshotStep::Done
    }

    fn restore(&mut self, archive: &[u8]) -> Result<(), JobError> {
        self.core.restore(&self.layout, archive)
    }

    fn state_size(&self) -> (u64, u64) {
        let sessions = self.core.sessions.as_ref();
        sessions.map_or((0, 0), |it| (it.live() as u64, it.bytes()))
    }
}
