//! Checkpoints of a run: the control thread asks for barriers, cores give what their roles hold at them, the control
//! thread writes it. Disk work is done there, off the pinned cores' loops.
//!
//! One checkpoint is under way at a time. The next begins an interval after the last began, but not before the job has
//! gone on undisturbed for as long as the last took: state that outgrew the interval must not stop it. None begins
//! before a record was read or a row written since the last. An interrupted run takes a last one and hands on nothing
//! behind it.

use super::core::{Flags, Shared};
use super::edges::EgressEdge;
use crate::checkpoint::{Checkpoint, Origin, Store, check};
use crate::egress::EgressSnapshot;
use crate::error::JobError;
use crate::ingest::{Ingest, IngestSnapshot};
use crate::limits::CHECKPOINT_INTERVAL_NS;
use crate::metrics::report::{CheckpointReport, grouped};
use crate::plan::{Job, SinkConnector};
use crate::wiring::JobSnapshot;
use crate::worker::{Worker, WorkerSnapshot};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How soon a job that idles is looked at again.
const IDLE_PERIOD: Duration = Duration::from_millis(50);

/// What one role held at a barrier.
#[derive(Debug)]
pub enum Piece {
    /// Positions and numbers.
    Ingest(IngestSnapshot),
    /// A worker's operators.
    Worker(WorkerSnapshot),
    /// What every sink has, durably.
    Egress(EgressSnapshot),
}

/// The control thread's side.
pub struct Checkpoints {
    // Fixed at construction.
    store: Store,
    origin: Origin,
    interval: Duration,
    // State.
    from: Option<JobSnapshot>,
    /// The greatest number that was asked for.
    asked: u64,
    /// When that was.
    began: Instant,
    /// When the next is to begin.
    next: Instant,
    /// Records read and rows written when the newest began.
    seen: Option<(u64, u64)>,
    under_way: Option<UnderWay>,
    stopping: bool,
    report: CheckpointReport,
}

struct UnderWay {
    state: JobSnapshot,
    has_ingest: bool,
    has_egress: bool,
    workers: usize,
}

impl Checkpoints {
    /// Those of `job` in `dir`: takes the directory and looks for one to go on from. Damaged ones are told by `tell`.
    ///
    /// # Errors
    /// `JobError` when the directory cannot be used, holds another job's, or a source cannot be read again.
    pub fn open(job: &Job, dir: &Path, tell: &mut dyn FnMut(String)) -> Result<Self, JobError> {
        check(job)?;
        let store = Store::open(dir)?;
        let origin = Origin::of(job);
        let from = store.load(&origin, tell)?.map(|it| it.state);
        let interval_ns = job.settings.checkpoint_interval_ns;
        let interval_ns = interval_ns.unwrap_or(CHECKPOINT_INTERVAL_NS).max(1);
        let interval = Duration::from_nanos(interval_ns.unsigned_abs());
        Ok(Self {
            store,
            origin,
            interval,
            report: CheckpointReport {
                resumed_from: from.as_ref().map(|state| state.id),
                resumed_records: from.as_ref().map_or(0, |state| state.ingest.seq),
                ..CheckpointReport::default()
            },
            from,
            asked: 0,
            began: Instant::now(),
            next: Instant::now() + interval,
            seen: None,
            under_way: None,
            stopping: false,
        })
    }

    /// The state to go on from, once.
    pub fn take_from(&mut self) -> Option<JobSnapshot> {
        self.from.take()
    }

    /// Where the run goes on, for people; `None` when it starts from the beginning.
    pub fn greeting(&self, job: &Job) -> Option<String> {
        let state = self.from.as_ref()?;
        let again = job
            .sinks
            .iter()
            .any(|sink| sink.connector == SinkConnector::Stdout);
        let again = match again {
            true => "; rows that stdout was given behind it come again",
            false => "",
        };
        let records = grouped(state.ingest.seq);
        let id = state.id;
        Some(format!(
            "going on from checkpoint {id}, after {records} records{again}"
        ))
    }

    /// Records that were read before this run.
    pub fn resumed_records(&self) -> u64 {
        self.report.resumed_records
    }

    /// When to look again, at the latest.
    pub fn next_look(&self) -> Duration {
        match self.under_way {
            Some(_) => self.interval,
            None => self.next.saturating_duration_since(Instant::now()),
        }
    }

    /// Asks the cores of a job of `workers` workers for a barrier when one is due, or `interrupted` says that the job is
    /// to stop.
    pub fn look(&mut self, shared: &Shared, workers: usize, interrupted: bool) {
        if self.stopping {
            return;
        }
        let now = Instant::now();
        let due = self.under_way.is_none() && self.next <= now;
        if !due && !interrupted {
            return;
        }
        // Relaxed, both: they are of some rounds ago, which a job that idles has had.
        let records = shared.figures.records.load(Ordering::Relaxed);
        let rows = shared.figures.rows.load(Ordering::Relaxed);
        if self.seen == Some((records, rows)) && !interrupted {
            self.next = now + IDLE_PERIOD;
            return;
        }
        self.seen = Some((records, rows));
        let flags = &shared.flags;
        // One that is under way when the job is to stop is given up: the last one is newer. Cores know a request by its
        // number, so that of one which could not be written is not used again.
        let id = self.store.next_number().max(self.asked + 1);
        self.asked = id;
        self.began = now;
        self.under_way = Some(UnderWay {
            state: JobSnapshot {
                id,
                ..JobSnapshot::default()
            },
            has_ingest: false,
            has_egress: false,
            workers,
        });
        // Release: a core that sees the number sees whether it is the last.
        if interrupted {
            self.stopping = true;
            flags.stop_at_barrier.store(true, Ordering::Relaxed);
        }
        flags.barrier.store(id, Ordering::Release);
    }

    /// Takes a piece of the checkpoint with number `id`; writes it when it was the last. A failure to write is told: the
    /// job goes on, and an older checkpoint stays.
    pub fn take(&mut self, id: u64, piece: Piece, tell: &mut dyn FnMut(String)) {
        let Some(under_way) = self.under_way.as_mut().filter(|it| it.state.id == id) else {
            return;
        };
        match piece {
            Piece::Ingest(state) => {
                under_way.state.ingest = state;
                under_way.has_ingest = true;
            }
            Piece::Worker(state) => under_way.state.workers.push(state),
            Piece::Egress(state) => {
                under_way.state.egress = state;
                under_way.has_egress = true;
            }
        }
        let complete = under_way.has_ingest
            && under_way.has_egress
            && under_way.state.workers.len() == under_way.workers;
        if !complete {
            return;
        }
        let mut state = self.under_way.take().expect("it is under way").state;
        state.workers.sort_by_key(|worker| worker.worker);
        let checkpoint = Checkpoint {
            origin: self.origin.clone(),
            state,
        };
        let saved = self.store.save(&checkpoint);
        let took = self.began.elapsed();
        self.next = (self.began + self.interval).max(Instant::now() + took);
        match saved {
            Ok(bytes) => {
                self.report.taken += 1;
                self.report.last_bytes = bytes;
                self.report.last_ns = took.as_nanos() as u64;
                self.report.last = id;
            }
            Err(error) => {
                self.report.failed += 1;
                self.seen = None;
                tell(format!("no checkpoint was taken: {error}"));
            }
        }
    }

    /// The run has ended without an error; `complete`: there is nothing left to go on with.
    pub fn finish(mut self, complete: bool, tell: &mut dyn FnMut(String)) -> CheckpointReport {
        if complete && let Err(error) = self.store.clear() {
            tell(error.to_string());
        }
        self.report
    }
}

/// A core's side.
#[derive(Debug, Default)]
pub struct CoreCheckpoints {
    /// The newest barrier that was asked for.
    newest: u64,
    /// What of it is not given yet.
    wants_ingest: bool,
    wants_egress: bool,
    workers_left: usize,
    /// Pieces that did not fit into the ring of notices.
    waiting: Vec<Piece>,
}

impl CoreCheckpoints {
    /// Number of the checkpoint that pieces are of.
    pub fn id(&self) -> u64 {
        self.newest
    }

    /// The next piece to be given.
    pub fn pop(&mut self) -> Option<Piece> {
        self.waiting.pop()
    }

    /// A piece that could not be given.
    pub fn push_back(&mut self, piece: Piece) {
        self.waiting.push(piece);
    }

    /// Passes a new request on to ingest.
    pub fn hear(
        &mut self,
        flags: &Flags,
        ingest: Option<&mut Ingest>,
        (workers, has_egress): (usize, bool),
    ) {
        // Acquire: see `Checkpoints::look`.
        let newest = flags.barrier.load(Ordering::Acquire);
        if newest == self.newest {
            return;
        }
        self.newest = newest;
        self.wants_ingest = ingest.is_some();
        self.wants_egress = has_egress;
        self.workers_left = workers;
        self.waiting.clear();
        if let Some(ingest) = ingest {
            match flags.stop_at_barrier.load(Ordering::Relaxed) {
                true => ingest.interrupt_at(newest),
                false => ingest.request_barrier(newest),
            }
        }
    }

    /// Takes what the roles have of the newest barrier.
    ///
    /// # Errors
    /// `JobError::Io` when a sink cannot be made durable.
    pub fn gather<'a>(
        &mut self,
        ingest: Option<&mut Ingest>,
        workers: impl Iterator<Item = &'a mut Worker>,
        egress: Option<&mut EgressEdge>,
    ) -> Result<(), JobError> {
        if let Some(ingest) = ingest
            && self.wants_ingest
            && let Some(state) = ingest.take_snapshot(self.newest)
        {
            self.wants_ingest = false;
            self.waiting.push(Piece::Ingest(state));
        }
        if self.workers_left > 0 {
            for state in workers.filter_map(|worker| worker.take_snapshot(self.newest)) {
                self.workers_left -= 1;
                self.waiting.push(Piece::Worker(state));
            }
        }
        if let Some(egress) = egress
            && self.wants_egress
            && let Some(state) = egress.take_snapshot(self.newest)?
        {
            self.wants_egress = false;
            self.waiting.push(Piece::Egress(state));
        }
        Ok(())
    }

    /// Whether the roles have nothing to give just now.
    pub fn is_settled(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether a checkpoint is under way on this core.
    pub fn is_under_way(&self) -> bool {
        self.wants_ingest || self.wants_egress || self.workers_left > 0 || !self.waiting.is_empty()
    }
}
