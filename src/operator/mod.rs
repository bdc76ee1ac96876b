//! One SQL idea, one file: each operator takes batches, holds state, and hands batches on.
//!
//! Operators know nothing of workers, rings or sinks. The worker calls `process` with rows in order, then
//! `advance` whenever its frontier has risen, and snapshots between calls.

pub mod aggregate;
pub mod archive;
mod build;
pub mod coalesce;
pub mod expire;
pub mod fill;
pub mod filter;
mod inputs;
pub mod late;
pub mod late_columns;
pub mod over;
pub mod project;
pub mod sort;
pub mod unnest;
pub mod window_sort;

pub use build::build;

use crate::batch::Batch;
use crate::error::{JobError, Reason};
use crate::hash::Vnode;
use crate::time::{EventTimeNs, OrderKey};
use crate::types::DataType;
use std::collections::BTreeSet;

/// Where an operator's output goes: the next operator, an exchange, or the encoder.
pub trait Output {
    /// Takes the selected rows of `batch`. The callee may change the batch; the caller clears it afterwards.
    fn push(&mut self, batch: &mut Batch, context: &mut Context<'_>);
}

/// What of a record an operator says to the ledger.
///
/// The worker gives the first operators of a stage the ledger of the statement; a row leaves the ledger's
/// "in play" count by exactly one of these calls or by reaching a stateful operator (used).
pub trait Ledger {
    /// `count` rows whose predicate was not TRUE.
    fn filtered(&mut self, count: u64);
    /// `count` rows late for their window.
    fn late(&mut self, count: u64);
    /// `row` of the batch was refused.
    fn rejected(&mut self, row: u32, reason: Reason);
    /// `count` rows whose time is before their predecessor's (they are used all the same).
    fn out_of_order(&mut self, count: u64);
    /// A result row that could not be made (overflow at emission); it is dropped and counted.
    fn group_error(&mut self, reason: Reason);
    /// `count` late rows that corrected a closed window (policies `Process` and `Warn`; they are used).
    fn corrected(&mut self, count: u64);
    /// `count` windows that were closed for rows which other windows took in.
    fn late_assignments(&mut self, _count: u64) {}
    /// `count` records that an exchange brought, and that were counted as used before it, are late.
    fn late_behind(&mut self, _count: u64) {}
    /// `row` of the batch is late, corrects a closed window, and may be logged (policy `Warn`).
    fn warned(&mut self, row: u32);
}

/// What operators reach beside their input and output.
pub struct Context<'a> {
    /// The statement's ledger.
    pub ledger: &'a mut dyn Ledger,
    /// Set by an operator that cannot go on; the worker stops the job.
    pub failure: &'a mut Option<JobError>,
}

/// Whether an operator has more to hand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance {
    /// Everything final at this frontier has been handed on.
    Done,
    /// Call again with the same frontier once the output has room.
    More,
}

/// Whether a snapshot of a vnode is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotStep {
    /// All of the vnode's state is in `out`.
    Done,
    /// The budget is used up; call again.
    More,
}

/// The contract of every operator.
///
/// Output is in order-key order across all calls. Results depend on the rows and their order keys only, never
/// on how they were divided into batches or when `advance` was called.
pub trait Operator: Send {
    /// Types of the output's columns.
    fn output_types(&self) -> &[DataType];

    /// Takes the selected rows of `batch`, whose order keys rise from call to call.
    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>, next: &mut dyn Output);

    /// Hands on what is final once everything below `frontier` has been processed: at most
    /// `limits::FIRE_ROWS_MAX` rows a call. `frontier.watermark()` is the watermark;
    /// `OrderKey::MAX` is the end of a bounded input.
    fn advance(
        &mut self,
        frontier: OrderKey,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance;

    /// Appends the state of `vnode` to `out` as a checksummed rkyv archive, nothing if there is none. State
    /// without a key is vnode 0's. May stop after about `budget` bytes.
    fn snapshot(&mut self, vnode: Vnode, out: &mut Vec<u8>, budget: usize) -> SnapshotStep;

    /// Adds state that `snapshot` of the same plan wrote, on any number of workers.
    ///
    /// # Errors
    /// `JobError::Snapshot` when the checksum, version or shape does not fit.
    fn restore(&mut self, archive: &[u8]) -> Result<(), JobError>;

    /// Groups or partitions held, and an estimate of their bytes.
    fn state_size(&self) -> (u64, u64);

    /// Adds the windows whose results are still to come, as (start, end): an interrupted job reports them.
    /// Workers that hold groups of one window tell the same one.
    fn open_windows(&self, _windows: &mut BTreeSet<(EventTimeNs, EventTimeNs)>) {}
}
