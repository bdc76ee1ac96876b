//! The same roles in one thread, stepped in an order drawn from a seed, and the oracle they are compared
//! with.
//!
//! Reads of any size, rings down to one slot, morsels down to one row, any number of workers, and a
//! snapshot + restore into another number of workers at a random point: whatever the seed draws, the output
//! must be the same. Rounds in which no role can do anything are a failure.
//!
//! The clock is virtual. Where a source says when its bytes come ([`SimSource::reads`]), it stands still while any role
//! can do anything and then jumps to the next read or tick: a machine without end of speed, on which what the clock does
//! depends on the script alone.

mod files;
pub mod oracle;
mod random;
mod subquery;
#[cfg(test)]
mod tests;

pub use files::{inputs, sections};
pub use random::Random;
pub use subquery::resolve;

use crate::egress::EgressStep;
use crate::error::JobError;
use crate::ingest::{IngestOptions, IngestStep};
use crate::link::ErrorSample;
use crate::plan::{Job, SourceId};
use crate::time::ClockNs;
use crate::wiring::{JobSnapshot, Roles, WiringOptions, wire};
use crate::worker::{LedgerCounts, WorkerStep};

/// Rounds over all roles without any work before the run is given up.
const IDLE_ROUNDS_MAX: u32 = 64;

/// The bytes of one source.
#[derive(Clone, Debug, Default)]
pub struct SimSource {
    /// Its files in order, decoded.
    pub files: Vec<Vec<u8>>,
    /// When its bytes come, by rising clock reading, and how many; it ends when the last have come. Empty: as the seed
    /// draws.
    pub reads: Vec<(ClockNs, usize)>,
}

impl SimSource {
    /// A source of these files, read as the seed draws.
    pub fn new(files: Vec<Vec<u8>>) -> Self {
        Self {
            files,
            reads: Vec::new(),
        }
    }

    /// Bytes that have come at `now_ns`, of all files together.
    fn come(&self, now_ns: ClockNs) -> usize {
        if self.reads.is_empty() {
            return usize::MAX;
        }
        let reads = self.reads.iter().take_while(|read| read.0 <= now_ns);
        reads.map(|read| read.1).sum()
    }

    /// When the next bytes come, or the end.
    fn next_read(&self, now_ns: ClockNs) -> Option<ClockNs> {
        let mut reads = self.reads.iter().map(|read| read.0);
        reads.find(|&at_ns| now_ns < at_ns)
    }
}

/// How a run is to go; everything not said is drawn from the seed.
#[derive(Clone, Copy, Debug)]
pub struct SimOptions {
    /// The seed.
    pub seed: u64,
    /// Workers.
    pub workers: usize,
    /// Workers after a snapshot, restore and rescale in the middle; `None`: no interruption.
    pub rescale_to: Option<usize>,
    /// Greatest size of a read in bytes.
    pub read_bytes_max: usize,
    /// Greatest number of rows in a morsel.
    pub morsel_rows_max: usize,
    /// Greatest number of slots in a ring.
    pub slots_max: usize,
}

impl SimOptions {
    /// Everything tiny: the hardest on ordering.
    pub fn tiny(seed: u64, workers: usize) -> Self {
        Self {
            seed,
            workers,
            rescale_to: None,
            read_bytes_max: 200,
            morsel_rows_max: 7,
            slots_max: 2,
        }
    }

    /// Sizes of a real run.
    pub fn full(seed: u64, workers: usize) -> Self {
        Self {
            seed,
            workers,
            rescale_to: None,
            read_bytes_max: crate::limits::CHUNK_BYTES,
            morsel_rows_max: crate::limits::MORSEL_ROWS_MAX,
            slots_max: crate::limits::LINK_SLOTS,
        }
    }

    /// The same with an interruption.
    #[must_use]
    pub fn rescaled(mut self, workers: usize) -> Self {
        self.rescale_to = Some(workers);
        self
    }
}

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct SimOutcome {
    /// The bytes of every sink, dead letters behind the declared ones.
    pub sinks: Vec<Vec<u8>>,
    /// Rows of every output.
    pub rows: Vec<u64>,
    /// Counts of every statement over all workers.
    pub ledgers: Vec<LedgerCounts>,
    /// Refused records shown.
    pub samples: Vec<ErrorSample>,
    /// Records numbered by ingest.
    pub records: u64,
    /// Steps taken by all roles.
    pub steps: u64,
    /// Whether a snapshot was taken and restored on the way.
    pub rescaled: bool,
    /// Clock reading at which bytes of a sink left, and how many.
    pub written: Vec<(ClockNs, u16, usize)>,
}

/// Runs `job` over `sources` to the end.
///
/// # Errors
/// What the job fails with, or `JobError::NoProgress` naming the seed.
pub fn run(job: &Job, sources: &[SimSource], options: &SimOptions) -> Result<SimOutcome, JobError> {
    let mut random = Random::new(options.seed);
    let mut outcome = SimOutcome::default();
    let (mut from, mut clock_ns) = (None, 1);
    if let Some(rescaled) = options.rescale_to {
        let files = sources.iter().flat_map(|source| &source.files);
        let bytes: usize = files.map(Vec::len).sum();
        let barrier_after = random.below(bytes as u64 + 1);
        let mut first = SimRun::new(job, sources, options, options.workers, None, &mut random)?;
        let snapshot = first.drive(&mut random, Some(barrier_after), &mut outcome)?;
        clock_ns = first.clock_ns;
        match snapshot {
            Some(snapshot) => {
                for (sink, &bytes) in outcome.sinks.iter_mut().zip(&snapshot.egress.bytes) {
                    sink.truncate(bytes as usize);
                }
                outcome.rescaled = true;
                from = Some((snapshot, rescaled));
            }
            None => return Ok(outcome),
        }
    }
    let (snapshot, workers) = match &from {
        Some((snapshot, workers)) => (Some(snapshot), *workers),
        None => (None, options.workers),
    };
    let mut run = SimRun::new(job, sources, options, workers, snapshot, &mut random)?;
    run.clock_ns = clock_ns;
    run.drive(&mut random, None, &mut outcome)?;
    Ok(outcome)
}

/// Where the edge of one source stands.
struct Edge {
    file: usize,
    offset: usize,
    begun: bool,
    ended: bool,
    /// Bytes given, of all files together.
    given: usize,
}

struct SimRun<'a> {
    job: &'a Job,
    sources: &'a [SimSource],
    read_bytes_max: usize,
    seed: u64,
    roles: Roles,
    edges: Vec<Edge>,
    bytes_read: u64,
    clock_ns: ClockNs,
    /// Whether the clock jumps from one event to the next.
    scripted: bool,
}

impl<'a> SimRun<'a> {
    fn new(
        job: &'a Job,
        sources: &'a [SimSource],
        options: &SimOptions,
        workers: usize,
        from: Option<&JobSnapshot>,
        random: &mut Random,
    ) -> Result<Self, JobError> {
        let mut upto = |most: usize| 1 + random.below(most as u64) as usize;
        let wiring = WiringOptions {
            workers,
            link_slots: upto(options.slots_max),
            output_slots: upto(options.slots_max),
            exchange_slots: upto(options.slots_max),
            ingest: IngestOptions {
                morsel_rows: upto(options.morsel_rows_max),
                chunks: 2 + upto(4),
                wall_offset_ns: 0,
            },
        };
        let roles = wire(job, &wiring, from)?;
        let edges = (0..sources.len())
            .map(|index| {
                let position = from.map(|snapshot| &snapshot.ingest.sources[index]);
                let offset = position.map_or(0, |position| position.0.offset as usize);
                let file = position.map_or(0, |position| position.0.file as usize);
                let before = sources[index].files.iter().take(file);
                Edge {
                    given: before.map(Vec::len).sum::<usize>() + offset,
                    file,
                    offset,
                    begun: offset > 0,
                    ended: false,
                }
            })
            .collect();
        Ok(Self {
            job,
            sources,
            read_bytes_max: options.read_bytes_max,
            seed: options.seed,
            roles,
            edges,
            bytes_read: 0,
            clock_ns: 1,
            scripted: sources.iter().any(|source| !source.reads.is_empty()),
        })
    }

    /// Steps roles until all are done, or until the snapshot that a barrier asked for once `barrier_after`
    /// bytes were read is complete.
    fn drive(
        &mut self,
        random: &mut Random,
        barrier_after: Option<u64>,
        outcome: &mut SimOutcome,
    ) -> Result<Option<JobSnapshot>, JobError> {
        let actors = self.edges.len() + 1 + self.roles.workers.len() + 1;
        let mut snapshot = barrier_after.map(|_| PartialSnapshot::default());
        let mut barrier = barrier_after;
        let mut idle = 0;
        let mut steps = 0;
        loop {
            let burst = 1 + random.below(3);
            let actor = random.below(actors as u64) as usize;
            let mut worked = false;
            for _ in 0..burst {
                worked |= self.step(actor, random, outcome)?;
            }
            steps += 1;
            outcome.steps += 1;
            if !self.scripted {
                self.clock_ns += random.below(1000);
            }
            if barrier.is_some_and(|bytes| bytes <= self.bytes_read) {
                self.roles.ingest.request_barrier(1);
                barrier = None;
            }
            if let Some(partial) = &mut snapshot
                && let Some(complete) = partial.gather(&mut self.roles)
            {
                return Ok(Some(complete));
            }
            if self.is_done() {
                self.settle(outcome);
                return Ok(None);
            }
            idle = if worked { 0 } else { idle + 1 };
            let patience = if self.scripted { 1 } else { IDLE_ROUNDS_MAX };
            if idle > patience * actors as u32 && self.rests(random, outcome)? {
                if self.jump() {
                    continue;
                }
                return Err(JobError::NoProgress(format!(
                    "after {steps} steps of seed {}",
                    self.seed
                )));
            }
        }
    }

    /// Whether no role has anything to do. A step that does nothing else may still make room for another role's, so that
    /// one pass over all does not tell.
    fn rests(&mut self, random: &mut Random, outcome: &mut SimOutcome) -> Result<bool, JobError> {
        for _ in 0..3 {
            if self.sweep(random, outcome)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sets the clock to the next read or tick, if there is one.
    fn jump(&mut self) -> bool {
        let now_ns = self.clock_ns;
        let edges = self.edges.iter().zip(self.sources);
        let reads = edges.filter_map(|(edge, source)| {
            let waits = self.scripted && !edge.ended;
            waits.then(|| source.next_read(now_ns)).flatten()
        });
        let tick = self.roles.ingest.next_tick();
        let next = reads.chain(tick.filter(|&tick| now_ns < tick)).min();
        self.clock_ns = next.unwrap_or(now_ns);
        next.is_some()
    }

    /// Steps every role once; whether any of them worked.
    fn sweep(&mut self, random: &mut Random, outcome: &mut SimOutcome) -> Result<bool, JobError> {
        let actors = self.edges.len() + 1 + self.roles.workers.len() + 1;
        let mut worked = false;
        for actor in 0..actors {
            worked |= self.step(actor, random, outcome)?;
        }
        Ok(worked)
    }

    fn step(
        &mut self,
        actor: usize,
        random: &mut Random,
        outcome: &mut SimOutcome,
    ) -> Result<bool, JobError> {
        let sources = self.edges.len();
        let now_ns = self.clock_ns;
        if actor < sources {
            return Ok(self.step_edge(actor, random));
        }
        if actor == sources {
            return Ok(match self.roles.ingest.step(now_ns) {
                IngestStep::Worked => true,
                IngestStep::NotBefore(at) => {
                    self.clock_ns = self.clock_ns.max(at);
                    true
                }
                IngestStep::NeedsInput | IngestStep::Blocked(_) | IngestStep::Done => false,
            });
        }
        if let Some(worker) = self.roles.workers.get_mut(actor - sources - 1) {
            return Ok(worker.step(now_ns) == WorkerStep::Worked);
        }
        let step = self.roles.egress.step();
        outcome.samples.extend(self.roles.egress.take_samples());
        if let Some(error) = self.roles.egress.take_failure() {
            return Err(error);
        }
        let mut worked = step == EgressStep::Worked;
        outcome.sinks.resize(self.sink_count(), Vec::new());
        for (index, sink) in outcome.sinks.iter_mut().enumerate() {
            if let Some(bytes) = self.roles.egress.take(index as u16) {
                sink.extend_from_slice(&bytes);
                outcome.written.push((now_ns, index as u16, bytes.len()));
                self.roles.egress.give_back(index as u16, bytes);
                worked = true;
            }
        }
        Ok(worked)
    }

    fn step_edge(&mut self, index: usize, random: &mut Random) -> bool {
        let edge = &mut self.edges[index];
        let id = SourceId(index as u16);
        let ingest = &mut self.roles.ingest;
        if edge.ended {
            return false;
        }
        let source = &self.sources[index];
        let come = source.come(self.clock_ns).saturating_sub(edge.given);
        if come == 0 && source.next_read(self.clock_ns).is_some() {
            return false;
        }
        let Some(file) = source.files.get(edge.file) else {
            ingest.end_source(id);
            edge.ended = true;
            return true;
        };
        if !edge.begun {
            if !ingest.is_drained(id) {
                return false;
            }
            ingest.begin_file(id, edge.file as u32);
            edge.begun = true;
        }
        if edge.offset == file.len() {
            ingest.end_file(id);
            edge.file += 1;
            edge.offset = 0;
            edge.begun = false;
            return true;
        }
        let Some(room) = ingest.read_buffer(id) else {
            return false;
        };
        let most = room
            .len()
            .min(file.len() - edge.offset)
            .min(self.read_bytes_max)
            .min(come);
        let bytes = 1 + random.below(most as u64) as usize;
        room[..bytes].copy_from_slice(&file[edge.offset..edge.offset + bytes]);
        edge.offset += bytes;
        edge.given += bytes;
        self.bytes_read += bytes as u64;
        ingest.read_done(id, bytes, self.clock_ns);
        true
    }

    fn sink_count(&self) -> usize {
        crate::wiring::sink_specs(self.job).len()
    }

    fn is_done(&mut self) -> bool {
        self.roles.ingest.is_finished() && self.roles.egress.is_done()
    }

    fn settle(&mut self, outcome: &mut SimOutcome) {
        outcome.rows = self.roles.egress.rows().to_vec();
        outcome.records = self.roles.ingest.records();
        outcome.ledgers = vec![LedgerCounts::default(); self.job.statements.len()];
        for worker in &self.roles.workers {
            for (sum, counts) in outcome.ledgers.iter_mut().zip(worker.ledgers()) {
                sum.add(&counts);
            }
        }
        outcome.ledgers.iter_mut().for_each(LedgerCounts::settle);
    }
}

/// The parts of a snapshot as they become complete.
#[derive(Default)]
struct PartialSnapshot {
    snapshot: JobSnapshot,
    has_ingest: bool,
    has_egress: bool,
}

impl PartialSnapshot {
    fn gather(&mut self, roles: &mut Roles) -> Option<JobSnapshot> {
        if let Some(ingest) = roles.ingest.take_snapshot(1) {
            self.snapshot.ingest = ingest;
            self.has_ingest = true;
        }
        if let Some(egress) = roles.egress.take_snapshot(1) {
            self.snapshot.egress = egress;
            self.has_egress = true;
        }
        for worker in &mut roles.workers {
            self.snapshot.workers.extend(worker.take_snapshot(1));
        }
        let complete = self.has_ingest
            && self.has_egress
            && self.snapshot.workers.len() == roles.workers.len();
        complete.then(|| std::mem::take(&mut self.snapshot))
    }
}
