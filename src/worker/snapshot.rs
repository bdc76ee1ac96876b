//! A worker's state at a barrier: one archive for each operator and vnode that has any.

use super::Worker;
use super::ledger::LedgerCounts;
use crate::error::JobError;
use crate::hash::Vnode;
use crate::limits::VNODES;
use crate::operator::{Operator, SnapshotStep};
use crate::plan::WorkerId;

/// The state of one vnode in one operator.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct SnapshotPart {
    /// Statement of the job.
    pub statement: u16,
    /// Stage of the statement.
    pub stage: u16,
    /// Operator of the stage.
    pub operator: u16,
    /// Whose state.
    pub vnode: u16,
    /// The operator's own archive, checksummed.
    pub archive: Vec<u8>,
}

/// The state of a worker at a barrier.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct WorkerSnapshot {
    /// The barrier.
    pub id: u64,
    /// Whose.
    pub worker: u16,
    /// The parts, in no particular order.
    pub parts: Vec<SnapshotPart>,
    /// The counts of each statement.
    pub ledgers: Vec<LedgerCounts>,
}

impl WorkerSnapshot {
    /// An empty snapshot.
    pub fn new(id: u64, worker: WorkerId) -> Self {
        Self {
            id,
            worker: worker.0,
            ..Self::default()
        }
    }
}

/// Appends the state of every vnode of `operator`, which stands at (statement, stage, operator) `place`.
pub fn snapshot_operator(
    operator: &mut dyn Operator,
    place: (u16, u16, u16),
    parts: &mut Vec<SnapshotPart>,
) {
    for vnode in 0..VNODES as u16 {
        let mut archive = Vec::new();
        while operator.snapshot(Vnode(vnode), &mut archive, usize::MAX) == SnapshotStep::More {}
        if !archive.is_empty() {
            parts.push(SnapshotPart {
                statement: place.0,
                stage: place.1,
                operator: place.2,
                vnode,
                archive,
            });
        }
    }
}

/// Gives `worker` the parts it owns among `workers`.
pub fn restore(
    worker: &mut Worker,
    snapshots: &[WorkerSnapshot],
    workers: usize,
) -> Result<(), JobError> {
    let own = usize::from(worker.id.0);
    for snapshot in snapshots {
        for part in &snapshot.parts {
            let foreign =
                || JobError::Snapshot("it belongs to another query: an operator is missing".into());
            let stage = worker
                .pipelines
                .get_mut(usize::from(part.statement))
                .and_then(|pipeline| pipeline.stages.get_mut(usize::from(part.stage)))
                .ok_or_else(foreign)?;
            // State goes where its rows go.
            let home = match stage.single {
                true => 0,
                false => usize::from(part.vnode) * workers / VNODES,
            };
            if home != own {
                continue;
            }
            let operator = stage.operators.get_mut(usize::from(part.operator));
            let operator = operator.ok_or_else(foreign)?;
            operator.restore(&part.archive)?;
        }
        if usize::from(snapshot.worker) % workers == own {
            for (pipeline, counts) in worker.pipelines.iter_mut().zip(&snapshot.ledgers) {
                pipeline.ledger.counts.add(counts);
            }
        }
    }
    Ok(())
}
