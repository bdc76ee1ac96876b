//! The merge of one sink's producers.

use super::latency::LatencyMeter;
use super::{EgressStep, OutputMorsel, OutputPlan, SinkSpec};
use crate::error::JobError;
use crate::inbox::{Inbox, Received, aligned_barrier, pass_barrier};
use crate::link::{ErrorSample, Receiver};
use crate::time::OrderKey;

/// Bytes of a sink that may wait to be written; one morsel more can come on top.
const SINK_BUFFER_BYTES: usize = 1 << 20;
/// Refused records kept until the driver takes them.
const SAMPLES_MAX: usize = 1024;

/// What releasing rows writes to, beside the sink's bytes.
pub struct Release<'a> {
    pub outputs: &'a [OutputPlan],
    pub rows: &'a mut [u64],
    pub latency: &'a mut LatencyMeter,
    pub samples: &'a mut Vec<ErrorSample>,
    pub failure: &'a mut Option<JobError>,
}

/// One sink.
pub struct SinkMerge {
    // Fixed at construction.
    ordered: bool,
    encoded: bool,
    unique: bool,
    // State.
    /// Key of the row released last.
    last: OrderKey,
    /// One for each output and worker.
    producers: Vec<Inbox<OutputMorsel>>,
    /// The output of each producer.
    outputs: Vec<usize>,
    buffer: Vec<u8>,
    spare: Vec<Vec<u8>>,
    bytes: u64,
    barrier: Option<u64>,
}

impl SinkMerge {
    pub fn new(spec: &SinkSpec, bytes_before: u64) -> Self {
        let header = if bytes_before == 0 {
            spec.header.clone()
        } else {
            Vec::new()
        };
        Self {
            ordered: spec.ordered,
            encoded: spec.encoded,
            unique: spec.unique,
            last: OrderKey::MIN,
            producers: Vec::new(),
            outputs: Vec::new(),
            bytes: bytes_before + header.len() as u64,
            buffer: header,
            spare: Vec::new(),
            barrier: None,
        }
    }

    pub fn add_producer(&mut self, output: usize, receiver: Receiver<OutputMorsel>) {
        self.producers.push(Inbox::new(receiver));
        self.outputs.push(output);
    }

    pub fn take(&mut self) -> Option<Vec<u8>> {
        if self.buffer.is_empty() {
            return None;
        }
        let empty = self.spare.pop().unwrap_or_default();
        Some(std::mem::replace(&mut self.buffer, empty))
    }

    pub fn give_back(&mut self, mut buffer: Vec<u8>) {
        buffer.clear();
        if self.spare.len() < 4 {
            self.spare.push(buffer);
        }
    }

    /// The barrier that has just passed, once.
    pub fn take_barrier(&mut self) -> Option<u64> {
        self.barrier.take()
    }

    /// Bytes handed over, those of the run before included.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether anything can be written to it.
    pub fn is_fed(&self) -> bool {
        !self.producers.is_empty()
    }

    pub fn step(&mut self, release: &mut Release<'_>) -> EgressStep {
        if self.buffer.len() >= SINK_BUFFER_BYTES {
            return EgressStep::Blocked(0);
        }
        let mut worked = self.receive(release);
        worked |= if self.ordered {
            self.release_ordered(release)
        } else {
            self.release_as_they_come(release)
        };
        worked |= self.pass_barrier();
        worked = worked || self.make_room();
        if worked {
            EgressStep::Worked
        } else if self.has_ended() {
            EgressStep::Done
        } else {
            EgressStep::Idle
        }
    }

    pub fn is_done(&self) -> bool {
        self.buffer.is_empty() && self.has_ended()
    }

    fn has_ended(&self) -> bool {
        self.producers.iter().all(Inbox::has_ended)
    }

    /// Takes the next message of every producer that has no head.
    fn receive(&mut self, release: &mut Release<'_>) -> bool {
        let mut worked = false;
        for producer in &mut self.producers {
            match producer.receive() {
                Received::Nothing => continue,
                Received::Taken => {}
                Received::Fail(error) => {
                    release.failure.get_or_insert(*error);
                }
                Received::Sample(sample) => {
                    if release.samples.len() < SAMPLES_MAX {
                        release.samples.push(*sample);
                    }
                }
            }
            worked = true;
        }
        worked
    }

    /// The merge waits for a producer: the others go on.
    fn make_room(&mut self) -> bool {
        let mut worked = false;
        for producer in &mut self.producers {
            worked |= producer.make_room();
        }
        worked
    }

    fn release_as_they_come(&mut self, release: &mut Release<'_>) -> bool {
        let mut worked = false;
        for index in 0..self.producers.len() {
            if let Some(head) = &self.producers[index].head {
                let rows = head.rows as usize;
                self.release_rows(index, rows, release);
                worked = true;
            }
        }
        worked
    }

    fn release_ordered(&mut self, release: &mut Release<'_>) -> bool {
        let mut worked = false;
        while self.buffer.len() < SINK_BUFFER_BYTES {
            let Some((first, bound)) = self.least_head() else {
                return worked;
            };
            let producer = &self.producers[first];
            let head = producer.head.as_ref().expect("it has the least head");
            let rest = &head.keys[producer.taken..];
            let output = self.outputs[first];
            // Most runs are whole morsels: look at the last key before searching.
            let all = rest.last().is_none_or(|&key| (key, output, first) < bound);
            let run = if all {
                rest.len()
            } else {
                rest.partition_point(|&key| (key, output, first) < bound)
            };
            if run == 0 && !rest.is_empty() {
                return worked;
            }
            let upto = producer.taken + run;
            let key = head.keys.get(producer.taken).copied();
            if self.unique && key == Some(self.last) {
                self.skip_row(first);
            } else {
                self.last = head.keys[..upto].last().copied().unwrap_or(self.last);
                self.release_rows(first, upto, release);
            }
            worked = true;
            if self.producers[first].head.is_none() && !self.receive(release) {
                // Its line was just read; the loop decides with it.
                continue;
            }
        }
        worked
    }

    /// The producer whose head has the least key, and the bound below which it may release: ties between
    /// statements go by statement.
    fn least_head(&self) -> Option<(usize, (OrderKey, usize, usize))> {
        let mut first: Option<(OrderKey, usize, usize)> = None;
        let mut bound = (OrderKey::MAX, usize::MAX, usize::MAX);
        for (index, producer) in self.producers.iter().enumerate() {
            let Some(head) = &producer.head else {
                bound = bound.min((producer.frontier, self.outputs[index], index));
                continue;
            };
            let key = head
                .keys
                .get(producer.taken)
                .copied()
                .unwrap_or(OrderKey::MIN);
            let entry = (key, self.outputs[index], index);
            match first {
                Some(least) if least < entry => bound = bound.min(entry),
                Some(least) => {
                    bound = bound.min(least);
                    first = Some(entry);
                }
                None => first = Some(entry),
            }
        }
        first.map(|(_, _, index)| (index, bound))
    }

    /// Releases the head's rows up to `upto`.
    fn release_rows(&mut self, index: usize, upto: usize, release: &mut Release<'_>) {
        let producer = &mut self.producers[index];
        let head = producer.head.as_ref().expect("a head is released");
        let from = producer.taken;
        let output = self.outputs[index];
        let left = release.outputs[output]
            .limit
            .map_or(u64::MAX, |limit| limit - release.rows[output].min(limit));
        let rows = ((upto - from) as u64).min(left);
        if rows > 0 && self.encoded {
            let start = from
                .checked_sub(1)
                .map_or(0, |before| head.encoded.ends[before] as usize);
            let end = head.encoded.ends[from + rows as usize - 1] as usize;
            self.buffer
                .extend_from_slice(&head.encoded.bytes[start..end]);
            self.bytes += (end - start) as u64;
        }
        release.rows[output] += rows;
        if rows > 0 {
            let keys = head.keys.get(from..from + rows as usize).unwrap_or(&[]);
            release.latency.released(head.arrival_ns, keys, rows);
        }
        producer.taken = upto;
        if upto as u64 == head.rows {
            producer.retire(OutputMorsel::clear);
        }
    }

    /// Passes over a row that another producer has brought.
    fn skip_row(&mut self, index: usize) {
        let producer = &mut self.producers[index];
        producer.taken += 1;
        let head = producer.head.as_ref().expect("a head has a row");
        if producer.taken as u64 == head.rows {
            producer.retire(OutputMorsel::clear);
        }
    }

    /// Once every producer stands at the same barrier and all before it is released, it has passed.
    fn pass_barrier(&mut self) -> bool {
        let Some(id) = aligned_barrier(&self.producers) else {
            return false;
        };
        pass_barrier(&mut self.producers);
        self.barrier = Some(id);
        true
    }
}
