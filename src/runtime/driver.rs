//! Starts one pinned executor per core, watches them from the control thread, and gathers the report.

use super::checkpoint::Checkpoints;
use super::core::{self, CoreOutcome, CoreTask, Notice, Shared};
use super::edges::RunClock;
use super::placement::Placement;
use super::progress::{Progress, ProgressSample};
use super::report::{assemble, describe};
use super::signals::Interrupt;
use super::{Measure, Measured, RunOptions};
use crate::error::JobError;
use crate::ingest::IngestOptions;
use crate::limits;
use crate::link::ErrorSample;
use crate::metrics::report::RunReport;
use crate::plan::{Job, SinkConnector};
use crate::time::Schedule;
use crate::wiring::{JobSnapshot, Roles, WiringOptions, wire};
use glommio::{ExecutorJoinHandle, LocalExecutorBuilder};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Chunks of one source: enough to fill every ring, few enough to stay in the shared cache.
const CHUNKS_PER_SOURCE: usize = 12;
/// How often the control thread looks; a core that is done wakes it at once. On small hosts it shares a core with
/// the engine, and each look takes the core away: it used to look every 500 us.
const CONTROL_PERIOD: Duration = Duration::from_millis(50);
/// How often the progress line changes.
const PROGRESS_PERIOD: Duration = Duration::from_millis(200);
/// Practically never: cores visit their I/O themselves. glommio 0.9 goes to sleep with runnable tasks, and
/// nothing wakes it, when this timer fires between its arming and the first task's run (`run_task_queues`
/// then says that nothing ran). At 50 to 100 us a busy host hung one run in five that way, 2026-11-21.
const PREEMPT_PERIOD: Duration = Duration::from_secs(3600);
/// How long an executor polls its rings before it sleeps: longer than a visit of `core`, which then costs no
/// wake-up.
const SPIN_BEFORE_PARK: Duration = Duration::from_micros(20);
/// Memory of an executor's own I/O buffers; cores here do no direct I/O.
const EXECUTOR_IO_BYTES: usize = 64 << 10;
/// Notices a core can have waiting.
const NOTICES_MAX: usize = 1024;

type Handle = ExecutorJoinHandle<Result<CoreOutcome, JobError>>;

/// What a run leaves behind.
pub(super) struct Ran {
    /// Its report.
    pub report: RunReport,
    /// What was measured.
    pub measured: Measured,
    /// The bytes of a sink in memory.
    pub kept: Vec<u8>,
}

/// Runs `job` on the cores of `placement`.
///
/// # Errors
/// See [`super::run`].
pub(super) fn run(
    job: Job,
    placement: Placement,
    options: RunOptions,
    measure: Option<Measure>,
    mut checkpoints: Option<Checkpoints>,
) -> Result<Ran, JobError> {
    let clock = measure.map_or_else(RunClock::start, |measure| measure.clock);
    let wiring = wiring_options(&job, placement.workers.len(), &clock);
    let from = checkpoints.as_mut().and_then(Checkpoints::take_from);
    let mut roles = wire(&job, &wiring, from.as_ref())?;
    // The workers have theirs.
    let from = from.map(|from| {
        Arc::new(JobSnapshot {
            workers: Vec::new(),
            ..from
        })
    });
    if let Some(measure) = &measure {
        roles.log_hand_overs(measure.rows);
    }
    let schedule = measure.map(|measure| measure.schedule());
    let job = Arc::new(job);
    let shared = Arc::new(Shared::default());
    let mut notices = Vec::new();
    let mut handles: Vec<(u16, Handle)> = Vec::new();
    for (mut task, receiver) in tasks(&job, &placement, roles, schedule) {
        notices.push(receiver);
        task.from.clone_from(&from);
        task.takes_checkpoints = checkpoints.is_some();
        let cpu = task.cpu;
        match start(&job, task, &shared, &options, clock) {
            Ok(handle) => handles.push((cpu, handle)),
            Err(error) => {
                // Release: the cores already started must not go on.
                shared.flags.failed.store(true, Ordering::Release);
                for (_, handle) in handles {
                    let _ = handle.join();
                }
                return Err(error);
            }
        }
    }
    let mut watch = Watch::new(
        &job,
        &options,
        placement.workers.len(),
        checkpoints.as_mut(),
    );
    let samples = watch.run(&shared, &mut notices, handles.len());
    let mut outcomes = join(handles)?;
    // Relaxed: the cores are joined.
    let closed = shared.flags.closed.load(Ordering::Relaxed);
    let measured = measured(schedule, &mut outcomes);
    let kept = outcomes.iter_mut().find_map(|outcome| outcome.kept.take());
    let mut report = assemble(&job, outcomes, samples, clock.now_ns(), closed);
    report.checkpoints = checkpoints.map(|checkpoints| {
        checkpoints.finish(report.is_complete(), &mut |line| eprintln!("{line}"))
    });
    Ok(Ran {
        report,
        measured,
        kept: kept.unwrap_or_default(),
    })
}

/// What the cores have measured.
fn measured(schedule: Option<Schedule>, outcomes: &mut [CoreOutcome]) -> Measured {
    Measured {
        schedule,
        hand_overs: outcomes
            .iter_mut()
            .find_map(|outcome| outcome.hand_overs.take())
            .unwrap_or_default(),
        gaps: outcomes
            .iter_mut()
            .map(|outcome| (outcome.cpu, std::mem::take(&mut outcome.gaps)))
            .collect(),
    }
}

fn wiring_options(job: &Job, workers: usize, clock: &RunClock) -> WiringOptions {
    let morsel_rows = job
        .settings
        .morsel_rows
        .map_or(limits::MORSEL_ROWS_MAX, |rows| rows as usize);
    WiringOptions {
        workers,
        link_slots: limits::LINK_SLOTS,
        output_slots: limits::OUTPUT_SLOTS,
        exchange_slots: limits::EXCHANGE_SLOTS,
        ingest: IngestOptions {
            morsel_rows: morsel_rows.clamp(1, limits::MORSEL_ROWS_MAX),
            chunks: CHUNKS_PER_SOURCE,
            wall_offset_ns: clock.wall_offset_ns(),
        },
    }
}

/// The roles by core, each with the receiving end of its notices.
fn tasks(
    job: &Job,
    placement: &Placement,
    roles: Roles,
    schedule: Option<Schedule>,
) -> Vec<(CoreTask, rtrb::Consumer<Notice>)> {
    let mut ingest = Some(roles.ingest);
    let mut egress = Some(roles.egress);
    let mut workers: Vec<Option<_>> = roles.workers.into_iter().map(Some).collect();
    placement
        .cores()
        .into_iter()
        .map(|core| {
            let (sender, receiver) = rtrb::RingBuffer::new(NOTICES_MAX);
            let task = CoreTask {
                cpu: core.cpu,
                ingest: if core.ingest { ingest.take() } else { None },
                workers: core
                    .workers
                    .iter()
                    .map(|id| {
                        let worker = workers[usize::from(id.0)].take();
                        (id.0, worker.expect("placement names each worker once"))
                    })
                    .collect(),
                egress: if core.egress { egress.take() } else { None },
                idle: job.settings.idle,
                notices: sender,
                control: std::thread::current(),
                schedule,
                from: None,
                takes_checkpoints: false,
            };
            (task, receiver)
        })
        .collect()
}

fn start(
    job: &Arc<Job>,
    task: CoreTask,
    shared: &Arc<Shared>,
    options: &RunOptions,
    clock: RunClock,
) -> Result<Handle, JobError> {
    let (job, shared) = (Arc::clone(job), Arc::clone(shared));
    let interrupt = options.interrupt.clone();
    let cpu = task.cpu;
    LocalExecutorBuilder::new(glommio::Placement::Fixed(usize::from(cpu)))
        .name(&format!("velo-core-{cpu}"))
        .io_memory(EXECUTOR_IO_BYTES)
        .preempt_timer(PREEMPT_PERIOD)
        .spin_before_park(SPIN_BEFORE_PARK)
        .spawn(move || core::run(job, task, shared, interrupt, clock))
        .map_err(|error| executor_error(cpu, &error.to_string()))
}

fn executor_error(cpu: u16, cause: &str) -> JobError {
    JobError::Host {
        what: format!("the executor of CPU {cpu} cannot be started: {cause}"),
        hint: "choose CPUs that this process may use with --cores; `taskset -p $$` shows them"
            .to_owned(),
    }
}

/// What the control thread does while the cores run: progress, notices, checkpoints.
struct Watch<'a> {
    // Fixed at construction.
    job: &'a Job,
    interrupt: &'a Interrupt,
    workers: usize,
    // State.
    checkpoints: Option<&'a mut Checkpoints>,
    progress: Progress,
    samples: Vec<ErrorSample>,
    /// When progress was last shown, and the records at it.
    shown: (Instant, u64),
}

impl<'a> Watch<'a> {
    fn new(
        job: &'a Job,
        options: &'a RunOptions,
        workers: usize,
        checkpoints: Option<&'a mut Checkpoints>,
    ) -> Self {
        let mut sinks = job.sinks.iter();
        let writes_stdout = sinks.any(|sink| sink.connector == SinkConnector::Stdout);
        let before = checkpoints
            .as_ref()
            .map_or(0, |checkpoints| checkpoints.resumed_records());
        Self {
            job,
            interrupt: &options.interrupt,
            workers,
            checkpoints,
            progress: match options.progress {
                true => Progress::new(crate::source::input_bytes(job), writes_stdout),
                false => Progress::hidden(),
            },
            samples: Vec::new(),
            shown: (Instant::now(), before),
        }
    }

    /// Until all cores are done; gives back the refused records.
    fn run(
        &mut self,
        shared: &Shared,
        notices: &mut [rtrb::Consumer<Notice>],
        cores: usize,
    ) -> Vec<ErrorSample> {
        loop {
            // Acquire: a core that is done has sent all its notices.
            let done = shared.flags.done.load(Ordering::Acquire) as usize == cores;
            let failed = shared.flags.failed.load(Ordering::Acquire);
            for receiver in notices.iter_mut() {
                while let Ok(notice) = receiver.pop() {
                    self.take(notice);
                }
            }
            if done || failed {
                self.progress.clear();
                return std::mem::take(&mut self.samples);
            }
            let mut period = CONTROL_PERIOD;
            if let Some(checkpoints) = &mut self.checkpoints {
                let interrupted = self.interrupt.is_requested();
                checkpoints.look(shared, self.workers, interrupted);
                period = period.min(checkpoints.next_look());
            }
            self.show(shared);
            // A wake-up without a reason does no harm.
            std::thread::park_timeout(period);
        }
    }

    fn take(&mut self, notice: Notice) {
        match notice {
            Notice::Line(line) => self.progress.tell(&line),
            Notice::Sample(sample) => {
                self.progress.tell(&describe(self.job, &sample));
                self.samples.push(*sample);
            }
            Notice::Piece(id, piece) => {
                let progress = &self.progress;
                if let Some(checkpoints) = &mut self.checkpoints {
                    checkpoints.take(id, *piece, &mut |line| progress.tell(&line));
                }
            }
        }
    }

    fn show(&mut self, shared: &Shared) {
        let passed = self.shown.0.elapsed();
        if passed < PROGRESS_PERIOD {
            return;
        }
        // Relaxed, all three: figures for people.
        let records = shared.figures.records.load(Ordering::Relaxed);
        self.progress.show(&ProgressSample {
            records,
            bytes: shared.figures.bytes.load(Ordering::Relaxed),
            rows: shared.figures.rows.load(Ordering::Relaxed),
            records_per_second: records.saturating_sub(self.shown.1) as f64 / passed.as_secs_f64(),
        });
        self.shown = (Instant::now(), records);
    }
}

fn join(handles: Vec<(u16, Handle)>) -> Result<Vec<CoreOutcome>, JobError> {
    let mut outcomes = Vec::with_capacity(handles.len());
    let mut failure = None;
    for (cpu, handle) in handles {
        match handle.join() {
            Ok(Ok(outcome)) => outcomes.push(outcome),
            Ok(Err(error)) => {
                failure.get_or_insert(error);
            }
            Err(error) => {
                failure.get_or_insert(executor_error(cpu, &error.to_string()));
            }
        }
    }
    match failure {
        Some(error) => Err(error),
        None => Ok(outcomes),
    }
}
