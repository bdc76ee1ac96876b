//! ROLE: encoded rows in, the sink's bytes out. Merges the workers' outputs of each sink, in order-key order
//! when the sink asks for it, and counts what it hands over.
//!
//! A producer (one statement on one worker) holds at most one morsel here beside those in its ring. A row is
//! released once no producer can still bring a smaller key: a producer without a morsel answers with its
//! progress line.

mod latency;
mod merge;

pub use latency::{Cause, HandOver, HandOverLog};

use crate::error::JobError;
use crate::format::Encoded;
use crate::link::{ErrorSample, Keyed, ProgressWriter, Receiver};
use crate::time::{ClockNs, OrderKey};
use hdrhistogram::Histogram;
use latency::LatencyMeter;
use merge::SinkMerge;

/// Encoded rows on their way from a worker to egress.
#[derive(Debug, Default)]
pub struct OutputMorsel {
    /// The rows' bytes; empty for a sink that only counts.
    pub encoded: Encoded,
    /// Their order keys; empty when the sink takes rows as they come.
    pub keys: Vec<OrderKey>,
    /// How many rows.
    pub rows: u64,
    /// Arrival stamp of the read that caused the newest of them; 0 when unknown.
    pub arrival_ns: ClockNs,
}

impl OutputMorsel {
    /// Empties it, keeping its memory.
    pub fn clear(&mut self) {
        self.encoded.bytes.clear();
        self.encoded.ends.clear();
        self.keys.clear();
        self.rows = 0;
        self.arrival_ns = 0;
    }
}

impl Keyed for OutputMorsel {
    fn first_key(&self) -> OrderKey {
        self.keys.first().copied().unwrap_or(OrderKey::MIN)
    }

    #[inline]
    fn fetch_first(&self) {
        let Encoded { bytes, ends } = &self.encoded;
        let first = (bytes.first().copied(), ends.first().copied());
        std::hint::black_box((first, self.keys.first().copied()));
    }
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EgressStep {
    /// Rows were released or messages taken; call again.
    Worked,
    /// Nothing to do until a worker sends something.
    Idle,
    /// This sink's bytes must be taken first.
    Blocked(u16),
    /// Every row is released.
    Done,
}

/// One stream of rows: a statement's result, or the refused records of a source.
#[derive(Clone, Debug)]
pub struct OutputPlan {
    /// Which sink's bytes it becomes.
    pub sink: u16,
    /// Rows after which the rest is dropped.
    pub limit: Option<u64>,
    /// Whether it is a statement's; refused records alone do not keep a job reading.
    pub is_result: bool,
}

/// What egress needs to know of a sink.
#[derive(Clone, Debug, Default)]
pub struct SinkSpec {
    /// Release rows in order-key order.
    pub ordered: bool,
    /// What stands before the first row.
    pub header: Vec<u8>,
    /// Whether rows are bytes; otherwise they are only counted.
    pub encoded: bool,
    /// Whether rows with equal keys are one row: a record that several workers refused.
    pub unique: bool,
}

/// What went out, for the report and for snapshots.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct EgressSnapshot {
    /// Rows handed over, for each output.
    pub rows: Vec<u64>,
    /// Bytes handed over, for each sink.
    pub bytes: Vec<u64>,
}

/// The links of an egress role.
pub struct EgressLinks {
    /// For each output, one for each worker.
    pub outputs: Vec<Vec<Receiver<OutputMorsel>>>,
    /// Where egress says that it needs no more rows.
    pub stop: ProgressWriter,
}

/// The egress role.
pub struct Egress {
    // Fixed at construction.
    outputs: Vec<OutputPlan>,
    // State.
    sinks: Vec<SinkMerge>,
    stop: ProgressWriter,
    rows: Vec<u64>,
    latency: LatencyMeter,
    samples: Vec<ErrorSample>,
    failure: Option<JobError>,
    /// By barrier: sinks pass it one by one.
    barriers: Vec<BarrierPass>,
}

/// How far a barrier is through the sinks.
struct BarrierPass {
    id: u64,
    /// Sinks that it has still to pass.
    left: usize,
    snapshot: EgressSnapshot,
}

impl Egress {
    /// A role that merges `outputs` into `sinks`; the limits of outputs count rows of this run and of the
    /// run it is restored from (`before`).
    pub fn new(
        outputs: Vec<OutputPlan>,
        sinks: &[SinkSpec],
        links: EgressLinks,
        before: Option<&EgressSnapshot>,
    ) -> Self {
        let rows = before.map_or_else(|| vec![0; outputs.len()], |before| before.rows.clone());
        let mut merges: Vec<SinkMerge> = sinks
            .iter()
            .enumerate()
            .map(|(index, spec)| {
                let bytes = before.map_or(0, |before| before.bytes[index]);
                SinkMerge::new(spec, bytes)
            })
            .collect();
        for (index, receivers) in links.outputs.into_iter().enumerate() {
            let sink = usize::from(outputs[index].sink);
            for receiver in receivers {
                merges[sink].add_producer(index, receiver);
            }
        }
        Self {
            outputs,
            sinks: merges,
            stop: links.stop,
            rows,
            latency: LatencyMeter::new(),
            samples: Vec::new(),
            failure: None,
            barriers: Vec::new(),
        }
    }

    /// Does a bounded piece of work.
    pub fn step(&mut self) -> EgressStep {
        let mut step = EgressStep::Done;
        for index in 0..self.sinks.len() {
            let sink = &mut self.sinks[index];
            let mut context = merge::Release {
                outputs: &self.outputs,
                rows: &mut self.rows,
                latency: &mut self.latency,
                samples: &mut self.samples,
                failure: &mut self.failure,
            };
            let of_sink = sink.step(&mut context);
            if let Some(id) = sink.take_barrier() {
                self.note_barrier(id, index);
            }
            step = match (step, of_sink) {
                (_, EgressStep::Worked) | (EgressStep::Worked, _) => EgressStep::Worked,
                (_, EgressStep::Blocked(_)) => EgressStep::Blocked(index as u16),
                (EgressStep::Blocked(sink), _) => EgressStep::Blocked(sink),
                (_, EgressStep::Idle) | (EgressStep::Idle, _) => EgressStep::Idle,
                (EgressStep::Done, EgressStep::Done) => EgressStep::Done,
            };
        }
        if step != EgressStep::Done && self.is_satisfied() {
            self.stop.publish(OrderKey::MAX);
        }
        step
    }

    /// Bytes for `sink` that are ready to be written.
    pub fn take(&mut self, sink: u16) -> Option<Vec<u8>> {
        self.sinks[usize::from(sink)].take()
    }

    /// Returns a buffer whose bytes are written, for reuse.
    pub fn give_back(&mut self, sink: u16, buffer: Vec<u8>) {
        self.sinks[usize::from(sink)].give_back(buffer);
    }

    /// Whether every row is released and every byte taken.
    pub fn is_done(&self) -> bool {
        self.sinks.iter().all(SinkMerge::is_done)
    }

    /// Rows handed over, for each output.
    pub fn rows(&self) -> &[u64] {
        &self.rows
    }

    /// Whether rows were released whose hand-over has no time yet.
    pub fn has_released(&self) -> bool {
        self.latency.has_open()
    }

    /// The sinks have had all that was released, at `now_ns`.
    pub fn handed_over(&mut self, now_ns: ClockNs) {
        self.latency.handed_over(now_ns);
    }

    /// From arrival at ingest to hand-over to the sink, one entry a row.
    pub fn latency_ns(&self) -> &Histogram<u64> {
        self.latency.histogram_ns()
    }

    /// Keeps a log of the hand-over of up to `rows` rows instead of that histogram. Rows need order keys.
    pub fn keep_log(&mut self, rows: usize) {
        self.latency.keep_log(rows);
    }

    /// That log.
    pub fn take_log(&mut self) -> Option<HandOverLog> {
        self.latency.take_log()
    }

    /// Whether refused records have come since the last call of [`Self::take_samples`].
    pub fn has_samples(&self) -> bool {
        !self.samples.is_empty()
    }

    /// Refused records that have come since the last call.
    pub fn take_samples(&mut self) -> Vec<ErrorSample> {
        std::mem::take(&mut self.samples)
    }

    /// Why the job must stop, if it must.
    pub fn take_failure(&mut self) -> Option<JobError> {
        self.failure.take()
    }

    /// Whether every output has as many rows as its limit allows: no more input is needed.
    pub fn is_satisfied(&self) -> bool {
        let outputs = self.outputs.iter().zip(&self.rows);
        let mut results = outputs.filter(|(plan, _)| plan.is_result).peekable();
        let full =
            |(plan, &rows): (&OutputPlan, &u64)| plan.limit.is_some_and(|limit| rows >= limit);
        results.peek().is_some() && results.all(full)
    }

    /// What had been handed over when barrier `id` passed all sinks.
    pub fn take_snapshot(&mut self, id: u64) -> Option<EgressSnapshot> {
        let mut passes = self.barriers.iter();
        let at = passes.position(|pass| pass.id == id && pass.left == 0)?;
        Some(self.barriers.swap_remove(at).snapshot)
    }

    /// Barrier `id` has passed `sink`.
    fn note_barrier(&mut self, id: u64, sink: usize) {
        let at = self.barriers.iter().position(|pass| pass.id == id);
        let at = at.unwrap_or_else(|| {
            // A sink that nothing is written to passes no barrier.
            let fed = self.sinks.iter().filter(|sink| sink.is_fed());
            self.barriers.push(BarrierPass {
                id,
                left: fed.count(),
                snapshot: EgressSnapshot {
                    rows: self.rows.clone(),
                    bytes: self.sinks.iter().map(SinkMerge::bytes).collect(),
                },
            });
            self.barriers.len() - 1
        });
        let pass = &mut self.barriers[at];
        pass.left -= 1;
        pass.snapshot.bytes[sink] = self.sinks[sink].bytes();
        for (index, output) in self.outputs.iter().enumerate() {
            if usize::from(output.sink) == sink {
                pass.snapshot.rows[index] = self.rows[index];
            }
        }
    }
}
