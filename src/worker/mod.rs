//! ROLE: morsels in, encoded rows out. Decodes what the plan needs, runs each statement's operators, and
//! keeps the order of time: rows first, then what their watermark makes final.
//!
//! ```text
//!   morsel --> decode --> gates (WHERE, late) --> decode the rest --> operators --> encode --> egress
//!                                                                        |  ^
//!                                                    exchange (N x N) <--+  +-- merge by order key
//! ```
//! One [`Worker::step`] handles one morsel, one slice of firing, or one merged batch of an exchange. Later
//! stages go first, so that a stage that waits for room cannot hold the one it waits for.

mod build;
mod exchange;
mod ledger;
mod output;
mod pipeline;
mod route;
mod snapshot;
mod stage;
mod stash;
mod system;

pub use exchange::ExchangeLinks;
pub use ledger::{LedgerCounts, StatementLedger};
pub use snapshot::{SnapshotPart, WorkerSnapshot};

use crate::chunk::Morsel;
use crate::egress::OutputMorsel;
use crate::error::JobError;
use crate::link::{Message, Receiver, Sender};
use crate::plan::{Job, WorkerId};
use crate::time::{ClockNs, EventTimeNs, OrderKey};
use pipeline::Pipeline;
use route::RouteWork;
use std::collections::BTreeSet;

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerStep {
    /// Something was done; call again.
    Worked,
    /// Nothing to do until a message comes.
    Idle,
    /// An output ring is full.
    Blocked,
    /// All input is processed and the end has been passed on.
    Done,
}

/// The links of a worker role.
pub struct WorkerLinks {
    /// From ingest.
    pub input: Receiver<Morsel>,
    /// To egress, one for each output (the statements, then the dead letters).
    pub outputs: Vec<Sender<OutputMorsel>>,
    /// For each statement, one for each of its stages but the first.
    pub exchanges: Vec<Vec<ExchangeLinks>>,
}

/// What follows once the first stages have advanced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Nothing,
    Barrier(u64),
    End,
}

/// The worker role.
pub struct Worker {
    // Fixed at construction.
    id: WorkerId,
    // State.
    input: Receiver<Morsel>,
    stash: stash::Stash,
    frontier: OrderKey,
    after: After,
    ended: bool,
    routes: Vec<RouteWork>,
    pipelines: Vec<Pipeline>,
    dead_letters: Vec<Option<output::DeadLetterPort>>,
    snapshots: Vec<WorkerSnapshot>,
    failed: bool,
    /// Nothing has been done since all was published: an idle worker asks for its input only.
    settled: bool,
    morsels: u64,
    /// Bytes of state that it may hold.
    max_state: Option<u64>,
}

/// Morsels between two looks at the size of the state.
const STATE_LOOK_MORSELS: u64 = 64;

impl Worker {
    /// Worker `id` of `workers`.
    ///
    /// # Errors
    /// `JobError::Limit` when an operator cannot be made.
    pub fn new(
        job: &Job,
        id: WorkerId,
        workers: usize,
        links: WorkerLinks,
    ) -> Result<Self, JobError> {
        build::worker(job, id, workers, links)
    }

    /// Does a bounded piece of work. `now_ns` is for metrics only.
    pub fn step(&mut self, _now_ns: ClockNs) -> WorkerStep {
        let mut clear = true;
        let mut single = true;
        for pipeline in &mut self.pipelines {
            clear &= pipeline.flush();
            single &= pipeline.stages.len() == 1;
        }
        if self.failed {
            // The failure itself may still wait for room behind the samples.
            return if clear {
                WorkerStep::Done
            } else {
                WorkerStep::Idle
            };
        }
        for port in self.dead_letters.iter_mut().flatten() {
            clear &= port.flush();
        }
        if !single && self.step_later_stages() {
            return WorkerStep::Worked;
        }
        let step = if self.stash.is_used() {
            self.step_routes()
        } else if self.first_stages_clear() {
            self.step_first_stage()
        } else {
            WorkerStep::Blocked
        };
        let idle = step == WorkerStep::Idle;
        if !(idle && self.settled) {
            self.publish();
        }
        self.settled = idle && clear;
        if idle {
            self.prepare();
        }
        match step {
            WorkerStep::Done if !clear || !self.all_ended() => WorkerStep::Idle,
            step => step,
        }
    }

    /// The counts of each statement.
    pub fn ledgers(&self) -> Vec<LedgerCounts> {
        self.pipelines.iter().map(Pipeline::counts).collect()
    }

    /// Windows whose results are still to come as (start, end), for each statement.
    pub fn open_windows(&self) -> Vec<BTreeSet<(EventTimeNs, EventTimeNs)>> {
        self.pipelines.iter().map(Pipeline::open_windows).collect()
    }

    /// Groups held and an estimate of their bytes, over all statements.
    pub fn state_size(&self) -> (u64, u64) {
        self.pipelines.iter().fold((0, 0), |sum, pipeline| {
            let size = pipeline.state_size();
            (sum.0 + size.0, sum.1 + size.1)
        })
    }

    /// Gives every result row its order key, also for a sink that takes rows as they come.
    pub fn key_outputs(&mut self) {
        for pipeline in &mut self.pipelines {
            if let Some(stage::Port::Encode(port)) =
                pipeline.stages.last_mut().map(|stage| &mut stage.port)
            {
                port.keyed = true;
            }
        }
    }

    /// Morsels processed.
    pub fn morsels(&self) -> u64 {
        self.morsels
    }

    /// The state at barrier `id`, once it has passed every stage.
    pub fn take_snapshot(&mut self, id: u64) -> Option<WorkerSnapshot> {
        let passed = self
            .pipelines
            .iter()
            .all(|pipeline| pipeline.barrier_passed() >= id);
        let at = self.snapshots.iter().position(|entry| entry.id == id)?;
        passed.then(|| self.snapshots.swap_remove(at))
    }

    /// Takes over the parts of a snapshot that this worker owns now.
    ///
    /// # Errors
    /// `JobError::Snapshot` when a part does not fit the plan.
    pub fn restore(
        &mut self,
        snapshots: &[WorkerSnapshot],
        workers: usize,
    ) -> Result<(), JobError> {
        snapshot::restore(self, snapshots, workers)
    }

    fn first_stages_clear(&self) -> bool {
        self.pipelines.iter().all(|p| p.stages[0].is_clear())
            && self
                .dead_letters
                .iter()
                .flatten()
                .all(|port| port.is_clear())
    }

    fn all_ended(&self) -> bool {
        self.ended && self.pipelines.iter().all(Pipeline::has_ended)
    }

    fn step_later_stages(&mut self) -> bool {
        let mut worked = false;
        let snapshots = &mut self.snapshots;
        for (statement, pipeline) in self.pipelines.iter_mut().enumerate() {
            worked |= pipeline.step_later_stages(statement as u16, snapshots);
        }
        worked |= self.stop_on_failure();
        worked
    }

    fn step_first_stage(&mut self) -> WorkerStep {
        let mut advancing = false;
        for pipeline in &mut self.pipelines {
            let Pipeline { stages, ledger, .. } = pipeline;
            if stages[0].is_advancing() {
                stages[0].advance_slice(ledger);
                advancing = true;
            }
        }
        if advancing {
            self.stop_on_failure();
            return WorkerStep::Worked;
        }
        let after = std::mem::replace(&mut self.after, After::Nothing);
        if after != After::Nothing {
            self.pass_on(after);
            return WorkerStep::Worked;
        }
        if self.ended {
            return WorkerStep::Done;
        }
        match self.input.receive_or_frontier() {
            Ok(Message::Data(morsel)) => {
                self.process(morsel);
                WorkerStep::Worked
            }
            Ok(Message::Barrier { id, frontier }) => self.advance_all(frontier, After::Barrier(id)),
            Ok(Message::End { frontier }) => self.advance_all(frontier, After::End),
            Ok(Message::Fail(_) | Message::Sample(_)) => {
                unreachable!("ingest sends neither failures nor samples")
            }
            Err(frontier) if frontier > self.frontier => self.advance_all(frontier, After::Nothing),
            Err(_) => WorkerStep::Idle,
        }
    }

    /// Passes a signal on behind everything before it.
    fn pass_on(&mut self, after: After) {
        match after {
            After::Nothing => {}
            After::Barrier(id) => self.pass_barrier(id),
            After::End => {
                for pipeline in &mut self.pipelines {
                    pipeline.stages[0].send_end(self.frontier);
                }
                for port in self.dead_letters.iter_mut().flatten() {
                    port.send(Message::End {
                        frontier: self.frontier,
                    });
                }
                self.ended = true;
            }
        }
    }

    fn process(&mut self, mut morsel: Box<Morsel>) {
        self.morsels += 1;
        let route = morsel.route.expect("a morsel in a ring has a route");
        let work = &mut self.routes[usize::from(route.0)];
        let dead_letter = self.dead_letters[work.source_index()].as_mut();
        work.process(&mut morsel, &mut self.pipelines, dead_letter);
        self.input.give_back(morsel);
        if let Some(most) = self.max_state
            && self.morsels.is_multiple_of(STATE_LOOK_MORSELS)
        {
            self.check_state(most);
        }
        self.stop_on_failure();
    }

    /// Fails the first statement when the state has outgrown what the job allows.
    fn check_state(&mut self, most: u64) {
        let (_, held) = self.state_size();
        if held > most {
            let failure = &mut self.pipelines[0].stages[0].failure;
            failure.get_or_insert_with(|| {
                JobError::Limit(format!(
                    "worker {} holds about {held} bytes of state, at most {most} are allowed; raise it with \
                     SET 'max.state', or keep less: fewer keys, shorter windows or frames",
                    self.id.0
                ))
            });
        }
    }

    fn advance_all(&mut self, frontier: OrderKey, after: After) -> WorkerStep {
        self.frontier = frontier;
        self.after = after;
        for pipeline in &mut self.pipelines {
            pipeline.stages[0].start_advance(frontier);
            pipeline.stages[0].advance_slice(&mut pipeline.ledger);
        }
        self.stop_on_failure();
        WorkerStep::Worked
    }

    fn pass_barrier(&mut self, id: u64) {
        let mut snapshot = WorkerSnapshot::new(id, self.id);
        for (statement, pipeline) in self.pipelines.iter_mut().enumerate() {
            snapshot.ledgers.push(pipeline.ledger.counts.clone());
            let stage = &mut pipeline.stages[0];
            stage.snapshot(statement as u16, 0, &mut snapshot.parts);
            stage.send_barrier(id, self.frontier);
        }
        for port in self.dead_letters.iter_mut().flatten() {
            port.send(Message::Barrier {
                id,
                frontier: self.frontier,
            });
        }
        self.snapshots.push(snapshot);
    }

    /// What an idle worker can do for the next row.
    fn prepare(&mut self) {
        for stage in self.pipelines.iter_mut().flat_map(|it| &mut it.stages) {
            stage.prepare();
        }
    }

    fn publish(&mut self) {
        for pipeline in &mut self.pipelines {
            for stage in &mut pipeline.stages {
                stage.publish();
            }
        }
        if self.ended {
            return;
        }
        for (source, port) in self.dead_letters.iter_mut().enumerate() {
            let Some(port) = port else { continue };
            // Only the source's own statements can refuse its records.
            let (stash, routes) = (&self.stash, &self.routes);
            let statements = self.pipelines.iter().enumerate();
            let done = statements
                .filter(|(at, _)| routes[stash.route_of(*at)].source_index() == source)
                .map(|(_, pipeline)| pipeline.stages[0].done)
                .min();
            port.publish(done.unwrap_or(self.frontier));
        }
    }

    /// A failed statement stops the job: egress hears of it and the worker does nothing more.
    fn stop_on_failure(&mut self) -> bool {
        for pipeline in &mut self.pipelines {
            if let Some(error) = pipeline.take_failure() {
                pipeline.send_failure(error);
                self.failed = true;
                return true;
            }
        }
        false
    }
}
