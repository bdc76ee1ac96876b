//! The loop of one core: its roles' steps in turn, their I/O between them, and how it waits when all are
//! idle.

use super::checkpoint::{CoreCheckpoints, Piece};
use super::edges::{EgressEdge, IngestEdge, RunClock};
use super::gaps::{GapWatch, Gaps, thread_cpu_ns};
use super::signals::Interrupt;
use crate::egress::{Egress, HandOverLog};
use crate::error::JobError;
use crate::ingest::{Ingest, SourceReport};
use crate::link::ErrorSample;
use crate::plan::{IdleMode, Job};
use crate::time::{ClockNs, EventTimeNs, Schedule};
use crate::wiring::JobSnapshot;
use crate::worker::{LedgerCounts, Worker, WorkerStep};
use hdrhistogram::Histogram;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::Thread;
use std::time::Duration;

/// How long a core runs before it looks at its I/O, while some is under way.
const VISIT_PERIOD_NS: u64 = 50_000;
/// How long such a visit lasts at least. The root task has to wait for something other than itself: the
/// executor runs a task that is always runnable without ever looking at its rings.
const VISIT: Duration = Duration::from_micros(5);
/// Rounds between two publications of progress.
const ROUNDS_PER_PROGRESS: u32 = 256;
/// Idle rounds before a `park` core sleeps.
const ROUNDS_BEFORE_PARK: u32 = 1000;
/// Idle rounds of a core that gives its CPU away after each such number. Giving it away took 0.66 us on a small
/// virtual machine (2026-11-25), several idle rounds: a record that comes in between waits for it.
const ROUNDS_PER_YIELD: u32 = 64;
/// How long a `park` core sleeps at a time.
const PARK: Duration = Duration::from_micros(200);

/// What cores tell the control thread.
#[derive(Debug, Default)]
pub struct Shared {
    /// Read in every round of every core, and hardly ever written.
    pub flags: Flags,
    /// Written by the cores of ingest and egress every some rounds.
    pub figures: Figures,
}

/// How a run ends; on cache lines of their own.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Flags {
    /// A core has failed: the others stop at once.
    pub failed: AtomicBool,
    /// The output's reader went away.
    pub closed: AtomicBool,
    /// Cores that are done.
    pub done: AtomicU64,
    /// The newest barrier asked for.
    pub barrier: AtomicU64,
    /// It is the last: the job is interrupted there.
    pub stop_at_barrier: AtomicBool,
}

/// How far a run is, each figure with one writer.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Figures {
    /// Records read.
    pub records: AtomicU64,
    /// Bytes read.
    pub bytes: AtomicU64,
    /// Rows handed over.
    pub rows: AtomicU64,
}

/// Something for stderr.
#[derive(Debug)]
pub enum Notice {
    /// A line.
    Line(String),
    /// A refused record: source file name and sample.
    Sample(Box<ErrorSample>),
    /// What a role held at the barrier of this number.
    Piece(u64, Box<Piece>),
}

/// The roles that one core runs.
pub struct CoreTask {
    /// Its CPU.
    pub cpu: u16,
    /// Reads.
    pub ingest: Option<Ingest>,
    /// Operate; with their numbers.
    pub workers: Vec<(u16, Worker)>,
    /// Writes.
    pub egress: Option<Egress>,
    /// How it waits.
    pub idle: IdleMode,
    /// To the control thread.
    pub notices: rtrb::Producer<Notice>,
    /// Wakes the control thread.
    pub control: Thread,
    /// When the records of a measured job are intended.
    pub schedule: Option<Schedule>,
    /// Of a job that takes checkpoints: where it goes on, its workers apart.
    pub from: Option<Arc<JobSnapshot>>,
    /// Whether the job takes checkpoints.
    pub takes_checkpoints: bool,
}

/// Windows whose results are still to come, as (start, end).
pub type OpenWindows = BTreeSet<(EventTimeNs, EventTimeNs)>;

/// What a core leaves behind.
#[derive(Default)]
pub struct CoreOutcome {
    /// Its CPU.
    pub cpu: u16,
    /// Its roles' names.
    pub roles: Vec<String>,
    /// Nanoseconds in rounds that did something, and in all.
    pub busy_ns: u64,
    /// See `busy_ns`.
    pub total_ns: u64,
    /// Of ingest: the sources, each with its file's name.
    pub sources: Option<Vec<(SourceReport, String)>>,
    /// Of ingest: file names by (source, file) of the samples.
    pub interrupted: bool,
    /// Of workers: ledgers and open windows by statement.
    pub ledgers: Vec<(Vec<LedgerCounts>, Vec<OpenWindows>)>,
    /// Of egress: rows by output, and latency.
    pub egress: Option<(Vec<u64>, Histogram<u64>)>,
    /// Of egress, if the job is measured: when each row left.
    pub hand_overs: Option<HandOverLog>,
    /// If the job is measured: what its loop did not have.
    pub gaps: Gaps,
    /// Of egress: what a sink in memory has kept.
    pub kept: Option<Vec<u8>>,
}

/// Runs a core until all its roles are done, or the job has failed.
pub async fn run(
    job: Arc<Job>,
    task: CoreTask,
    shared: Arc<Shared>,
    interrupt: Interrupt,
    clock: RunClock,
) -> Result<CoreOutcome, JobError> {
    let cpu = task.cpu;
    let control = task.control.clone();
    let flags = &shared.flags;
    let mut core = match Core::open(&job, task, &clock) {
        Ok(core) => core,
        Err(error) => {
            // Release: the reader of the flag needs nothing else, but a failure must not be reordered away.
            flags.failed.store(true, Ordering::Release);
            control.unpark();
            return Err(error);
        }
    };
    let outcome = core.drive(&shared, &interrupt, &clock).await;
    if outcome.is_err() {
        // Release: as above.
        flags.failed.store(true, Ordering::Release);
    }
    // Release: whoever sees the count sees the flags set before it.
    flags.done.fetch_add(1, Ordering::Release);
    control.unpark();
    outcome.map(|()| core.outcome(cpu))
}

struct Core {
    ingest: Option<IngestEdge>,
    workers: Vec<(u16, Worker, bool)>,
    egress: Option<EgressEdge>,
    idle: IdleMode,
    notices: rtrb::Producer<Notice>,
    control: Thread,
    checkpoints: Option<CoreCheckpoints>,
    busy_ns: u64,
    total_ns: u64,
    /// Only of a measured job.
    gaps: Option<GapWatch>,
}

impl Core {
    fn open(job: &Job, task: CoreTask, clock: &RunClock) -> Result<Self, JobError> {
        let from = task.from.as_deref();
        // Sinks first: a sink that cannot be opened must not have cost input.
        let egress = task
            .egress
            .map(|egress| EgressEdge::open(job, egress, from.map(|from| &from.egress)))
            .transpose()?;
        let ingest = task
            .ingest
            .map(|ingest| {
                let from = from.map(|from| &from.ingest);
                IngestEdge::open(job, ingest, clock, task.schedule, from)
            })
            .transpose()?;
        Ok(Self {
            ingest,
            workers: task
                .workers
                .into_iter()
                .map(|(id, worker)| (id, worker, false))
                .collect(),
            egress,
            idle: task.idle,
            notices: task.notices,
            control: task.control,
            checkpoints: task.takes_checkpoints.then(CoreCheckpoints::default),
            busy_ns: 0,
            total_ns: 0,
            gaps: task
                .schedule
                .map(|_| GapWatch::new(clock.now_ns(), thread_cpu_ns)),
        })
    }

    /// The clock is read once a round, and once more after a wait that took time: a reading is 30 ns on a small
    /// virtual machine (2026-11-25), and the reading at a round's end serves the next round's beginning.
    async fn drive(
        &mut self,
        shared: &Shared,
        interrupt: &Interrupt,
        clock: &RunClock,
    ) -> Result<(), JobError> {
        let mut round = 0_u32;
        let mut idle_rounds = 0_u32;
        let start_ns = clock.now_ns();
        let (mut now_ns, mut visited_ns) = (start_ns, start_ns);
        loop {
            round = round.wrapping_add(1);
            let worked = self.round(shared, interrupt, clock, now_ns)?;
            if round.is_multiple_of(ROUNDS_PER_PROGRESS) {
                self.publish(&shared.figures);
            }
            let flags = &shared.flags;
            // Relaxed: the flags only end the loop; results are handed over by joining the thread.
            if flags.failed.load(Ordering::Relaxed) || flags.closed.load(Ordering::Relaxed) {
                break;
            }
            let before_ns = now_ns;
            now_ns = self.read_clock(clock, worked);
            if worked {
                self.busy_ns += now_ns - before_ns;
                idle_rounds = 0;
            } else {
                if self.is_done()? && self.has_given_pieces()? {
                    break;
                }
                idle_rounds = idle_rounds.wrapping_add(1);
            }
            if self.waits_for_ring() {
                if VISIT_PERIOD_NS <= now_ns - visited_ns || !worked {
                    glommio::timer::sleep(VISIT).await;
                    visited_ns = self.read_clock(clock, false);
                    now_ns = visited_ns;
                }
            } else if !worked && self.wait(idle_rounds).await {
                now_ns = self.read_clock(clock, false);
            }
        }
        self.publish(&shared.figures);
        self.total_ns = clock.now_ns() - start_ns;
        Ok(())
    }

    fn read_clock(&mut self, clock: &RunClock, worked: bool) -> ClockNs {
        let now_ns = clock.now_ns();
        if let Some(gaps) = &mut self.gaps {
            gaps.observe(now_ns, worked);
        }
        now_ns
    }

    /// One step of every role.
    fn round(
        &mut self,
        shared: &Shared,
        interrupt: &Interrupt,
        clock: &RunClock,
        now_ns: u64,
    ) -> Result<bool, JobError> {
        let mut worked = false;
        if let Some(edge) = &mut self.ingest {
            // With checkpoints the control thread says where to stop.
            if self.checkpoints.is_none() && interrupt.is_requested() {
                edge.ingest.interrupt();
            }
            worked |= edge.step(clock, now_ns)?;
            while let Some(line) = edge.take_notice() {
                let _ = self.notices.push(Notice::Line(line));
            }
        }
        for (_, worker, done) in &mut self.workers {
            let step = worker.step(now_ns);
            worked |= step == WorkerStep::Worked;
            *done = step == WorkerStep::Done;
        }
        if let Some(edge) = &mut self.egress {
            let stepped = edge.step(clock);
            if edge.egress.has_samples() {
                for sample in edge.egress.take_samples() {
                    let _ = self.notices.push(Notice::Sample(Box::new(sample)));
                }
            }
            worked |= stepped?;
            if edge.closed {
                // Relaxed: ends the loops, nothing is read on the strength of it.
                shared.flags.closed.store(true, Ordering::Relaxed);
            }
        }
        if self.checkpoints.is_some() {
            self.look_for_barriers(&shared.flags)?;
        }
        Ok(worked)
    }

    /// Hears of a new barrier, and gives the control thread what the roles hold at it.
    fn look_for_barriers(&mut self, flags: &Flags) -> Result<(), JobError> {
        let Some(checkpoints) = &mut self.checkpoints else {
            return Ok(());
        };
        let ingest = self.ingest.as_mut().map(|edge| &mut edge.ingest);
        checkpoints.hear(flags, ingest, (self.workers.len(), self.egress.is_some()));
        if checkpoints.is_under_way() {
            self.give_pieces()?;
        }
        Ok(())
    }

    fn give_pieces(&mut self) -> Result<(), JobError> {
        let Some(checkpoints) = &mut self.checkpoints else {
            return Ok(());
        };
        checkpoints.gather(
            self.ingest.as_mut().map(|edge| &mut edge.ingest),
            self.workers.iter_mut().map(|(_, worker, _)| worker),
            self.egress.as_mut(),
        )?;
        while let Some(piece) = checkpoints.pop() {
            let notice = Notice::Piece(checkpoints.id(), Box::new(piece));
            if let Err(rtrb::PushError::Full(Notice::Piece(_, piece))) = self.notices.push(notice) {
                checkpoints.push_back(*piece);
                break;
            }
            self.control.unpark();
        }
        Ok(())
    }

    /// Whether all that the roles have for a checkpoint is given. Roles that are done have passed every barrier that they
    /// ever will.
    fn has_given_pieces(&mut self) -> Result<bool, JobError> {
        self.give_pieces()?;
        Ok(self
            .checkpoints
            .as_ref()
            .is_none_or(CoreCheckpoints::is_settled))
    }

    fn is_done(&mut self) -> Result<bool, JobError> {
        let ingest = self
            .ingest
            .as_ref()
            .is_none_or(|edge| edge.ingest.is_finished());
        let workers = self.workers.iter().all(|(.., done)| *done);
        if !(ingest && workers) {
            return Ok(false);
        }
        match &mut self.egress {
            Some(edge) => edge.finish(),
            None => Ok(true),
        }
    }

    fn waits_for_ring(&self) -> bool {
        self.ingest.as_ref().is_some_and(IngestEdge::waits_for_ring)
            || self.egress.as_ref().is_some_and(EgressEdge::waits_for_ring)
    }

    /// Waits as the job says, in its round number `idle_rounds` without work; whether that took time.
    async fn wait(&self, idle_rounds: u32) -> bool {
        match self.idle {
            IdleMode::Spin => {
                std::hint::spin_loop();
                return false;
            }
            IdleMode::Park if idle_rounds > ROUNDS_BEFORE_PARK => {
                glommio::timer::sleep(PARK).await;
            }
            IdleMode::Yield | IdleMode::Park => {
                if !idle_rounds.is_multiple_of(ROUNDS_PER_YIELD) {
                    std::hint::spin_loop();
                    return false;
                }
                std::thread::yield_now();
            }
        }
        true
    }

    fn publish(&self, figures: &Figures) {
        // Relaxed, all three: figures for people, each with one writer.
        if let Some(edge) = &self.ingest {
            let bytes = edge.ingest.bytes();
            figures
                .records
                .store(edge.ingest.records(), Ordering::Relaxed);
            figures.bytes.store(bytes, Ordering::Relaxed);
        }
        if let Some(edge) = &self.egress {
            let rows = edge.egress.rows().iter().sum();
            figures.rows.store(rows, Ordering::Relaxed);
        }
    }

    fn outcome(mut self, cpu: u16) -> CoreOutcome {
        let mut outcome = CoreOutcome {
            gaps: self
                .gaps
                .take()
                .map(GapWatch::into_gaps)
                .unwrap_or_default(),
            cpu,
            busy_ns: self.busy_ns,
            total_ns: self.total_ns,
            ..CoreOutcome::default()
        };
        if let Some(edge) = &self.ingest {
            outcome.roles.push("ingest".to_owned());
            outcome.interrupted = edge.ingest.is_interrupted();
            let reports = edge.ingest.reports().into_iter().enumerate();
            let named = reports.map(|(index, report)| {
                let name = edge.file_name(index, report.file);
                (report, name)
            });
            outcome.sources = Some(named.collect());
        }
        for (id, worker, _) in &self.workers {
            outcome.roles.push(format!("worker {id}"));
            outcome
                .ledgers
                .push((worker.ledgers(), worker.open_windows()));
        }
        if let Some(edge) = &mut self.egress {
            outcome.hand_overs = edge.egress.take_log();
            outcome.kept = edge.take_kept();
            outcome.roles.push("egress".to_owned());
            let rows = edge.egress.rows().to_vec();
            outcome.egress = Some((rows, edge.egress.latency_ns().clone()));
        }
        outcome
    }
}
