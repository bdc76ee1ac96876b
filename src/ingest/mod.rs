//! ROLE: bytes in, morsels out. Frames records, numbers them in the job's merged sequence, keeps the
//! watermark, and spreads rows over the workers of each route.
//!
//! ```text
//!   read_buffer / read_done      frame            order           scatter            link
//!   bytes ----------------> chunk -----> Frames --------> run --------> open morsel -----> ring
//!                                         (per source)   seq, W(i)     (per route, worker)
//! ```
//! The driver reads into [`Ingest::read_buffer`], says how much with [`Ingest::read_done`], and calls
//! [`Ingest::step`]. A read's rows leave when they are framed; a full morsel leaves at once. When a ring is
//! full nothing more is framed, every other worker still gets its rows and its frontier.

mod clock;
mod keyed;
mod merge;
mod route;
mod snapshot;
mod source;
mod watermark;

pub use snapshot::{IngestSnapshot, SourcePosition};

use crate::chunk::Morsel;
use crate::link::{Keyed, Message, ProgressReader, Sender};
use crate::plan::{Job, SourceId, SystemColumn};
use crate::time::{ClockNs, EventTimeNs, OrderKey};
use route::RouteState;
use source::SourceInput;
use watermark::WatermarkTracker;

impl Keyed for Morsel {
    fn first_key(&self) -> OrderKey {
        OrderKey::record(self.watermarks.initial, self.first_seq)
    }

    #[inline]
    fn fetch_first(&self) {
        self.fetch_first_row();
    }
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IngestStep {
    /// Something was done; call again.
    Worked,
    /// Nothing to do until bytes come.
    NeedsInput,
    /// Nothing to do before this clock reading (paced replay).
    NotBefore(ClockNs),
    /// The ring to this worker is full.
    Blocked(u16),
    /// All input has been handed on.
    Done,
}

/// Sizes of an ingest role.
#[derive(Clone, Copy, Debug)]
pub struct IngestOptions {
    /// Rows of a full morsel.
    pub morsel_rows: usize,
    /// Chunks a source may have; bounds what is in flight.
    pub chunks: usize,
    /// Wall clock less the clock that stamps reads, in nanoseconds.
    pub wall_offset_ns: i64,
}

/// The links of an ingest role.
pub struct IngestLinks {
    /// One for each worker.
    pub workers: Vec<Sender<Morsel>>,
    /// Egress publishes `OrderKey::MAX` here when it needs no more rows.
    pub stop: ProgressReader,
}

/// What a source has seen, for the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceReport {
    /// Records framed, refused ones included.
    pub records: u64,
    /// Bytes framed.
    pub bytes: u64,
    /// Least event time; `None` before the first.
    pub event_time_min: Option<i64>,
    /// Greatest event time.
    pub event_time_max: Option<i64>,
    /// File being read, and the offset in it of the first record not handed on.
    pub file: u32,
    /// See `file`.
    pub offset: u64,
}

/// The ingest role.
pub struct Ingest {
    // Fixed at construction.
    close_open: bool,
    /// Whether a statement reads arrival stamps: then no morsel has records of two reads.
    stamps: bool,
    // State.
    sources: Vec<SourceInput>,
    routes: Vec<RouteState>,
    links: IngestLinks,
    watermark: WatermarkTracker,
    seq: u64,
    rises: Vec<(u32, EventTimeNs)>,
    barrier: Option<u64>,
    /// The job is to be interrupted behind this one.
    last_barrier: Option<u64>,
    barrier_state: Option<(u64, IngestSnapshot)>,
    stopping: Option<Stop>,
    finished: bool,
    /// Everything below has been pushed and published, and every link is clear.
    settled: OrderKey,
    merge: merge::MergeOrder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// Ctrl-C: what has been read is handed on, open windows stay open.
    Interrupted,
    /// The same behind a barrier: what has been read and not handed on is read again.
    Suspended,
    /// Egress has all the rows it wants.
    Satisfied,
}

impl Ingest {
    /// A role that reads the job's sources from their beginning.
    pub fn new(job: &Job, options: IngestOptions, links: IngestLinks) -> Self {
        let workers = links.workers.len();
        let sources = (0..job.sources.len())
            .map(|index| SourceInput::new(job, SourceId(index as u16), workers, options))
            .collect();
        let routes = job
            .routes
            .iter()
            .enumerate()
            .map(|(index, plan)| RouteState::new(job, index, plan, workers, options.morsel_rows))
            .collect();
        Self {
            close_open: job.settings.close_open,
            stamps: job.sources.iter().any(|source| {
                source.system.contains(&SystemColumn::Timestamp) || source.follows_clock
            }),
            sources,
            routes,
            links,
            watermark: WatermarkTracker::new(job, options.wall_offset_ns),
            seq: 0,
            rises: Vec::new(),
            barrier: None,
            last_barrier: None,
            barrier_state: None,
            stopping: None,
            finished: false,
            settled: OrderKey::MIN,
            merge: merge::MergeOrder::new(job),
        }
    }

    /// Room for the next read of `source`; `None` while what it has read is not handed on yet, while no
    /// chunk is free, or when it has ended.
    pub fn read_buffer(&mut self, source: SourceId) -> Option<&mut [u8]> {
        if self.stopping.is_some() || self.finished {
            return None;
        }
        let input = &mut self.sources[usize::from(source.0)];
        if !input.wants_bytes() {
            return None;
        }
        if !input.has_room() {
            let routes = &mut self.routes;
            let senders = &mut self.links.workers;
            route::push_open(routes, senders, input);
            if !input.next_chunk() {
                route::reclaim(senders);
                if !input.next_chunk() {
                    return None;
                }
            }
        }
        Some(input.free())
    }

    /// The last buffer of `source` was filled with `bytes` bytes that arrived at `arrival_ns`.
    pub fn read_done(&mut self, source: SourceId, bytes: usize, arrival_ns: u64) {
        let input = &mut self.sources[usize::from(source.0)];
        if self.stamps {
            route::push_open(&mut self.routes, &mut self.links.workers, input);
        }
        let arrival_ns = self.watermark.heard_from(source, arrival_ns);
        input.filled(bytes, arrival_ns);
    }

    /// The next bytes of `source` are the beginning of its file number `file`. Called between reads, after
    /// the file before it was ended.
    pub fn begin_file(&mut self, source: SourceId, file: u32) {
        let input = &mut self.sources[usize::from(source.0)];
        route::push_open(&mut self.routes, &mut self.links.workers, input);
        input.begin_file(file);
    }

    /// The current file of `source` ends with what has been read.
    pub fn end_file(&mut self, source: SourceId) {
        self.sources[usize::from(source.0)].end_file();
    }

    /// Whether a new file can be begun: everything of the last one is framed and handed on.
    pub fn is_drained(&self, source: SourceId) -> bool {
        self.sources[usize::from(source.0)].is_drained()
    }

    /// `source` has no more input.
    pub fn end_source(&mut self, source: SourceId) {
        self.sources[usize::from(source.0)].end_source();
    }

    /// Stops reading: what has been read is handed on, and nothing is closed that time has not closed.
    pub fn interrupt(&mut self) {
        self.stopping.get_or_insert(Stop::Interrupted);
    }

    /// Stops reading, and hands on nothing behind barrier `id`, which goes out at once: a run that goes on from there
    /// reads the rest again. Within a record that is being skipped there is no barrier: then as [`Self::interrupt`].
    pub fn interrupt_at(&mut self, id: u64) {
        if self.stopping.is_some() || self.finished {
            return;
        }
        match self.sources.iter().all(SourceInput::is_at_boundary) {
            true => self.last_barrier = Some(id),
            false => self.interrupt(),
        }
    }

    /// Whether the job was interrupted.
    pub fn is_interrupted(&self) -> bool {
        matches!(self.stopping, Some(Stop::Interrupted | Stop::Suspended))
    }

    /// Asks for a barrier; it goes out when the rows before it have.
    pub fn request_barrier(&mut self, id: u64) {
        self.barrier = Some(id);
    }

    /// The state at barrier `id`, once it has gone out; a barrier that has not when all is handed on never does.
    pub fn take_snapshot(&mut self, id: u64) -> Option<IngestSnapshot> {
        let (_, state) = self.barrier_state.take_if(|state| state.0 == id)?;
        Some(state)
    }

    /// Whether everything has been handed on and the end has been said.
    pub fn is_finished(&self) -> bool {
        self.finished && self.links.workers.iter().all(Sender::is_clear)
    }

    /// Does a bounded piece of work. `now_ns` is the clock that stamps reads; only paced replay and ticks
    /// look at it.
    pub fn step(&mut self, now_ns: ClockNs) -> IngestStep {
        for (worker, sender) in self.links.workers.iter_mut().enumerate() {
            if !sender.flush() {
                self.watermark.busy(now_ns);
                self.publish();
                return IngestStep::Blocked(worker as u16);
            }
        }
        if self.finished {
            self.publish();
            return IngestStep::Done;
        }
        if self.stopping.is_none() && self.links.stop.read() == OrderKey::MAX {
            self.stopping = Some(Stop::Satisfied);
        }
        if self.stopping == Some(Stop::Satisfied) {
            return self.finish(OrderKey::MAX);
        }
        if self.stopping == Some(Stop::Suspended) {
            return self.finish(self.interrupted_frontier());
        }
        if let Some(id) = self.last_barrier.take() {
            self.push_barrier(id);
            self.stopping = Some(Stop::Suspended);
            return IngestStep::Worked;
        }
        if self.watermark.is_due(now_ns) {
            let sources = &self.sources;
            let listens = |source: SourceId| sources[usize::from(source.0)].is_drained();
            self.watermark.tick(now_ns, listens);
        }
        if let Some(id) = self.barrier
            && self.sources.iter().all(SourceInput::is_at_boundary)
        {
            self.barrier = None;
            self.push_barrier(id);
            return IngestStep::Worked;
        }
        let stopping = self.stopping.is_some();
        for input in &mut self.sources {
            input.frame_more();
        }
        let progress = self.dispatch(now_ns);
        if progress == IngestStep::Worked {
            // The end of a read, seen at once: a lone record leaves in the step that framed it.
            if self.sources.iter().all(SourceInput::is_drained) {
                self.push_wanted();
            }
            return progress;
        }
        if self.settled != self.frontier() {
            self.push_wanted();
        }
        let ended = self.sources.iter().all(SourceInput::has_ended);
        let drained = self.sources.iter().all(SourceInput::is_drained);
        if ended && drained {
            return self.finish(OrderKey::MAX);
        }
        if stopping && drained {
            return self.finish(self.interrupted_frontier());
        }
        self.publish();
        route::prepare(&mut self.links.workers);
        progress
    }

    /// When the clock does something though no bytes come; `None`: never.
    pub fn next_tick(&self) -> Option<ClockNs> {
        self.watermark.next_tick()
    }

    /// What the sources have seen.
    pub fn reports(&self) -> Vec<SourceReport> {
        self.sources.iter().map(SourceInput::report).collect()
    }

    /// Records numbered so far.
    pub fn records(&self) -> u64 {
        self.seq
    }

    /// Bytes framed so far, in all sources.
    pub fn bytes(&self) -> u64 {
        self.sources.iter().map(SourceInput::bytes).sum()
    }

    /// The fullest ring ever: slots used and slots there are.
    pub fn ring_high_water(&self) -> (usize, usize) {
        self.links
            .workers
            .iter()
            .map(|sender| (sender.high_water(), sender.occupancy().1))
            .max()
            .unwrap_or((0, 1))
    }

    fn frontier(&self) -> OrderKey {
        OrderKey::record(self.watermark.job(), self.seq)
    }

    /// Up to where time has passed when the job is interrupted.
    fn interrupted_frontier(&self) -> OrderKey {
        match self.close_open {
            true => OrderKey::MAX,
            false => self.frontier(),
        }
    }

    fn push_wanted(&mut self) {
        for input in &self.sources {
            route::push_wanted(&mut self.routes, &mut self.links.workers, input);
        }
    }

    fn push_all(&mut self) {
        for input in &self.sources {
            route::push_open(&mut self.routes, &mut self.links.workers, input);
        }
    }

    fn push_barrier(&mut self, id: u64) {
        self.push_all();
        let frontier = self.frontier();
        for sender in &mut self.links.workers {
            sender.send(Message::Barrier { id, frontier });
        }
        self.barrier_state = Some((id, self.snapshot()));
        self.publish();
    }

    fn finish(&mut self, frontier: OrderKey) -> IngestStep {
        if frontier != OrderKey::MAX || self.stopping != Some(Stop::Satisfied) {
            self.push_all();
        }
        for sender in &mut self.links.workers {
            sender.send(Message::End { frontier });
        }
        self.finished = true;
        IngestStep::Worked
    }

    fn publish(&mut self) {
        if self.finished {
            return;
        }
        let frontier = self.frontier();
        if self.settled == frontier {
            return;
        }
        let mut settled = true;
        for (worker, sender) in self.links.workers.iter_mut().enumerate() {
            let open = route::first_open_key(&self.routes, worker);
            sender.publish(open.map_or(frontier, |open| open.min(frontier)));
            settled &= open.is_none() && sender.is_clear();
        }
        if settled {
            self.settled = frontier;
        }
    }
}
