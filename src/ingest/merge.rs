//! The merged sequence: in which order records of several sources are numbered, and their way to the routes.
//!
//! Bounded sources are merged by (event time, declaration order), each source's own order kept; those
//! without event time come first, one after another, and so does a record whose time cannot be read. With a
//! live source in the job, records are numbered as they were framed.

use super::route::{HashSource, RouteState, Segment};
use super::{Ingest, IngestStep};
use crate::format::{FaultScope, FrameFault, Frames};
use crate::plan::{Job, SourceId};
use crate::time::{ClockNs, EventTimeNs};

/// How sources are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeOrder {
    /// As framed: one source, or a live one among several.
    Framed,
    /// By (event time, declaration order).
    EventTime,
}

impl MergeOrder {
    /// The order that `job` asks for.
    pub fn new(job: &Job) -> Self {
        let bounded = job.sources.iter().all(|source| source.bounded);
        if bounded && job.sources.len() > 1 {
            Self::EventTime
        } else {
            Self::Framed
        }
    }
}

impl Ingest {
    /// Numbers and routes what may go on now.
    pub(super) fn dispatch(&mut self, now_ns: ClockNs) -> IngestStep {
        // Before the next record is numbered: when the word of a source's end came decides nothing.
        self.end_drained();
        let step = match self.merge {
            MergeOrder::Framed => self.dispatch_framed(now_ns),
            MergeOrder::EventTime => self.dispatch_merged(now_ns),
        };
        self.end_drained();
        step
    }

    fn dispatch_framed(&mut self, now_ns: ClockNs) -> IngestStep {
        let mut step = IngestStep::NeedsInput;
        for index in 0..self.sources.len() {
            let (due, not_before) = self.sources[index].due(now_ns);
            if !due.is_empty() {
                self.dispatch_run(index, due);
                step = IngestStep::Worked;
            } else if let (Some(at), IngestStep::NeedsInput) = (not_before, step) {
                step = IngestStep::NotBefore(at);
            }
        }
        step
    }

    fn dispatch_merged(&mut self, now_ns: ClockNs) -> IngestStep {
        let mut heads: Vec<(EventTimeNs, usize)> = Vec::with_capacity(self.sources.len());
        for (index, input) in self.sources.iter().enumerate() {
            if let Some(row) = input.pending().next() {
                heads.push((input.time_of(row), index));
            } else if self.stopping.is_none() && !(input.has_ended() && input.is_drained()) {
                return IngestStep::NeedsInput;
            }
        }
        heads.sort_unstable();
        let Some(&(_, first)) = heads.first() else {
            return IngestStep::NeedsInput;
        };
        let rival = heads.get(1).copied();
        let (due, not_before) = self.sources[first].due(now_ns);
        let input = &self.sources[first];
        let taken = due
            .clone()
            .take_while(|&row| rival.is_none_or(|rival| (input.time_of(row), first) < rival))
            .count();
        if taken == 0 {
            return not_before.map_or(IngestStep::NeedsInput, IngestStep::NotBefore);
        }
        self.dispatch_run(first, due.start..due.start + taken);
        IngestStep::Worked
    }

    /// Tells the watermark of sources that have ended and are handed on.
    fn end_drained(&mut self) {
        for (index, input) in self.sources.iter().enumerate() {
            if input.has_ended() && input.is_drained() {
                self.watermark.end(SourceId(index as u16));
            }
        }
    }

    fn dispatch_run(&mut self, index: usize, run: std::ops::Range<usize>) {
        let mut frames = self.sources[index].take_frames();
        let (start, end) = (run.start as u32, run.end as u32);
        let first = frames.faults.partition_point(|fault| fault.row < start);
        let last = frames.faults.partition_point(|fault| fault.row < end);
        let faults = &frames.faults[first..last];
        self.rises.clear();
        let before = self.watermark.job();
        self.observe(index, &frames, faults, run.clone());
        let input = &self.sources[index];
        if run == (0..frames.len())
            && let Some(route) = only_route(&mut self.routes, input)
            && route.takes_whole(&frames)
        {
            let senders = &mut self.links.workers;
            route.take_whole(input, &mut frames, (self.seq, before), &self.rises, senders);
            self.seq += u64::from(end);
            self.sources[index].give_emptied(frames, run.end);
            return;
        }
        for route in &mut self.routes {
            if route.source() != input.id() {
                continue;
            }
            let hash = route.hash();
            let hashes = match hash {
                HashSource::None => None,
                HashSource::Framed(key) => Some(frames.hashes[key].as_slice()),
                HashSource::Keyed(key) => Some(input.keyed_hashes(key)),
            };
            let key_scope = match hash {
                HashSource::None => None,
                HashSource::Framed(key) => Some(key as u16),
                HashSource::Keyed(key) => Some((frames.hashes.len() + key) as u16),
            };
            let mut segment = Segment {
                start,
                end: start,
                seq: self.seq,
                watermark: before,
            };
            let ends = self.rises.iter().copied().chain([(end, before)]);
            for (row, watermark) in ends {
                segment.end = row.min(end);
                let senders = &mut self.links.workers;
                route.append_between_faults(
                    input, &frames, hashes, key_scope, faults, segment, senders,
                );
                segment.seq += u64::from(segment.end - segment.start);
                segment.start = segment.end;
                segment.watermark = watermark;
            }
        }
        self.seq += u64::from(end - start);
        self.sources[index].give_frames(frames, run.end);
    }

    /// Lifts the watermark by the records of `run` that have a time.
    fn observe(
        &mut self,
        index: usize,
        frames: &Frames,
        faults: &[FrameFault],
        run: std::ops::Range<usize>,
    ) {
        if frames.times.is_empty() {
            return;
        }
        let source = SourceId(index as u16);
        let mut from = run.start;
        let spoilt = faults
            .iter()
            .filter(|fault| !matches!(fault.scope, FaultScope::Key(_)))
            .map(|fault| fault.row as usize);
        for row in spoilt.chain([run.end]) {
            if row > from {
                let times = &frames.times[from..row];
                let bounds = bounds_of(times);
                self.watermark
                    .observe(source, from as u32, times, bounds, &mut self.rises);
                self.sources[index].note_times(bounds);
            }
            from = from.max(row + 1);
        }
    }
}

/// The route of a source that has no other.
fn only_route<'a>(
    routes: &'a mut [RouteState],
    input: &super::source::SourceInput,
) -> Option<&'a mut RouteState> {
    let mut own = routes
        .iter_mut()
        .filter(|route| route.source() == input.id());
    let first = own.next()?;
    own.next().is_none().then_some(first)
}

/// The least and the greatest of times, of which there is one.
fn bounds_of(times: &[EventTimeNs]) -> (EventTimeNs, EventTimeNs) {
    let mut bounds = (times[0], times[0]);
    for &time in times {
        bounds = (bounds.0.min(time), bounds.1.max(time));
    }
    bounds
}

impl RouteState {
    /// Appends the rows of `segment` that this route can use and refuses the others.
    #[allow(clippy::too_many_arguments)]
    fn append_between_faults(
        &mut self,
        input: &super::source::SourceInput,
        frames: &Frames,
        hashes: Option<&[u64]>,
        key_scope: Option<u16>,
        faults: &[FrameFault],
        segment: Segment,
        senders: &mut [crate::link::Sender<crate::chunk::Morsel>],
    ) {
        let mut rest = segment;
        for fault in faults {
            let foreign = match fault.scope {
                FaultScope::Key(key) => key_scope != Some(key),
                FaultScope::Record | FaultScope::EventTime => false,
            };
            if foreign || fault.row < rest.start || fault.row >= segment.end {
                continue;
            }
            let before = Segment {
                end: fault.row,
                ..rest
            };
            self.append(input, frames, hashes, before, senders);
            rest.seq += u64::from(fault.row - rest.start);
            rest.start = fault.row;
            self.reject(input, frames, rest, fault.reason, senders);
            rest.seq += 1;
            rest.start += 1;
        }
        self.append(input, frames, hashes, rest, senders);
    }
}
