//! Routes: which worker takes a row, and the morsels being filled for each.

use super::source::SourceInput;
use crate::batch::swap_vecs;
use crate::chunk::{Morsel, Reject};
use crate::error::Reason;
use crate::format::Frames;
use crate::limits::{SEQUENCE_BLOCK, VNODES};
use crate::link::{Message, Sender};
use crate::plan::{Job, RouteId, RoutePlan, SourceId, Strategy};
use crate::time::{EventTimeNs, OrderKey};

/// Rises of the watermark that every morsel has room for from the start; more make it grow.
const RISES_EXPECTED: usize = 8;

/// Rows of a morsel that leaves at the end of its read even if its worker has others to take. A morsel costs a worker
/// some 5,000 instructions beside its rows'.
const MORSEL_ROWS_HELD: usize = 256;

/// Rows `start..end` of a source's frames, in order and without faults, under one watermark.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// First frame.
    pub start: u32,
    /// Frame behind the last.
    pub end: u32,
    /// Number of the first frame in the merged sequence.
    pub seq: u64,
    /// W in force for all of them.
    pub watermark: EventTimeNs,
}

/// Which frames' hashes a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashSource {
    /// The route needs none.
    None,
    /// Entry of `Frames::hashes`, found by the framer.
    Framed(usize),
    /// Entry of the expression keys' hashes.
    Keyed(usize),
}

/// Rows that are divided among workers at a time.
const SCATTER_ROWS: usize = 1024;

/// The rows of a segment by worker.
#[derive(Default)]
struct Scatter {
    /// Room for [`SCATTER_ROWS`] frames of each worker.
    rows: Vec<u32>,
    /// How many each has.
    counts: Vec<u32>,
}

impl Scatter {
    fn new(workers: usize) -> Self {
        Self {
            rows: vec![0; workers * SCATTER_ROWS],
            counts: vec![0; workers],
        }
    }

    /// Writes down whose the frames of `segment` are, at most [`SCATTER_ROWS`].
    fn divide(&mut self, vnode_table: &[u8; VNODES], hashes: &[u64], segment: Segment) {
        self.counts.fill(0);
        let frames = segment.start..segment.end;
        let hashes = &hashes[segment.start as usize..segment.end as usize];
        for (frame, &hash) in frames.zip(hashes) {
            let vnode = usize::from(crate::hash::vnode_of(hash).0);
            let worker = usize::from(vnode_table[vnode]);
            let count = &mut self.counts[worker];
            self.rows[worker * SCATTER_ROWS + *count as usize] = frame;
            *count += 1;
        }
    }

    /// The frames of `worker`, rising.
    fn rows_of(&self, worker: usize) -> &[u32] {
        &self.rows[worker * SCATTER_ROWS..][..self.counts[worker] as usize]
    }
}

/// A route at run time.
pub struct RouteState {
    // Fixed at construction.
    id: RouteId,
    source: SourceId,
    strategy: Strategy,
    hash: HashSource,
    vnode_table: Box<[u8; VNODES]>,
    workers: usize,
    morsel_rows: usize,
    // State.
    open: Vec<Option<Box<Morsel>>>,
    /// Worker whose turn it is (round robin).
    turn: usize,
    /// Scratch of a route by hash.
    scatter: Scatter,
}

impl RouteState {
    /// The state of route `index` of `job`.
    pub fn new(
        job: &Job,
        index: usize,
        plan: &RoutePlan,
        workers: usize,
        morsel_rows: usize,
    ) -> Self {
        let mut vnode_table = Box::new([0; VNODES]);
        for (vnode, worker) in vnode_table.iter_mut().enumerate() {
            *worker = (vnode * workers / VNODES) as u8;
        }
        Self {
            id: RouteId(index as u16),
            source: plan.source,
            strategy: plan.strategy,
            hash: super::keyed::hash_source(job, index, workers),
            vnode_table,
            workers,
            morsel_rows,
            open: (0..workers).map(|_| None).collect(),
            turn: 0,
            scatter: match plan.strategy {
                Strategy::Hash | Strategy::Smart if workers > 1 => Scatter::new(workers),
                _ => Scatter::default(),
            },
        }
    }

    /// Whose records it takes.
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// Where its hashes come from.
    pub fn hash(&self) -> HashSource {
        self.hash
    }

    /// Appends a segment of `frames`; full morsels go to `senders`.
    pub fn append(
        &mut self,
        input: &SourceInput,
        frames: &Frames,
        hashes: Option<&[u64]>,
        segment: Segment,
        senders: &mut [Sender<Morsel>],
    ) {
        match self.strategy {
            Strategy::Hash | Strategy::Smart if self.workers > 1 => {
                let hashes = hashes.expect("a hash route has hashes");
                self.scatter_by_hash(input, frames, hashes, segment, senders);
            }
            Strategy::Blocks if self.workers > 1 => {
                self.append_by_block(input, frames, hashes, segment, senders);
            }
            Strategy::RoundRobin if self.workers > 1 => {
                self.append_in_turn(input, frames, hashes, segment, senders);
            }
            Strategy::Sticky => {
                let worker = input.partition() as usize % self.workers;
                self.append_run(worker, input, frames, hashes, segment, senders);
            }
            _ => self.append_run(0, input, frames, hashes, segment, senders),
        }
    }

    /// Hands a refused record to worker 0, which counts and shows it.
    pub fn reject(
        &mut self,
        input: &SourceInput,
        frames: &Frames,
        segment: Segment,
        reason: Reason,
        senders: &mut [Sender<Morsel>],
    ) {
        let row = segment.start as usize;
        let (start, end) = frames.place(row);
        let reject = Reject {
            seq: segment.seq,
            watermark: segment.watermark,
            start,
            end,
            reason,
        };
        let full = {
            let morsel = self.open_morsel(0, input, segment.seq, segment.watermark, senders);
            morsel.rejects.push(reject);
            morsel.rejects.len() >= self.morsel_rows
        };
        if full {
            self.push(0, input, senders);
        }
    }

    /// Whether the next rows go to one worker and are better a morsel of their own, which `frames`, all of them sound,
    /// fit in: copying many behind the few that were held would cost more than it saves.
    pub fn takes_whole(&self, frames: &Frames) -> bool {
        let one_worker = self.workers == 1 || self.strategy == Strategy::RoundRobin;
        one_worker
            && (self.open[self.turn].is_none() || MORSEL_ROWS_HELD <= frames.len())
            && !matches!(self.hash, HashSource::Keyed(_))
            && frames.faults.is_empty()
            && frames.len() <= self.morsel_rows
    }

    /// Makes a morsel of all of `frames`, which get its empty vectors for their own: nothing is copied. `first` is
    /// the number of the first row and the W before it, `rises` are the rows behind whose predecessors W rises.
    pub fn take_whole(
        &mut self,
        input: &SourceInput,
        frames: &mut Frames,
        first: (u64, EventTimeNs),
        rises: &[(u32, EventTimeNs)],
        senders: &mut [Sender<Morsel>],
    ) {
        if self.open[self.turn].is_some() {
            self.push(self.turn, input, senders);
            self.turn = (self.turn + 1) % self.workers;
        }
        let (worker, count) = (self.turn, frames.len());
        let hash = self.hash;
        let morsel = self.open_morsel(worker, input, first.0, first.1, senders);
        let rows = &mut morsel.rows;
        rows.run = std::mem::take(&mut frames.run);
        swap_vecs(&mut rows.starts, &mut frames.starts);
        swap_vecs(&mut rows.ends, &mut frames.ends);
        swap_vecs(&mut rows.delimiters, &mut frames.delimiters);
        swap_vecs(&mut rows.times, &mut frames.times);
        if let HashSource::Framed(key) = hash {
            swap_vecs(&mut rows.hashes, &mut frames.hashes[key]);
        }
        // The last rise may take effect behind the last row: then it is the next morsel's beginning.
        let rises = rises.iter().filter(|rise| (rise.0 as usize) < count);
        morsel.watermarks.rises.extend(rises);
        if count == self.morsel_rows {
            self.push(worker, input, senders);
            self.turn = (worker + 1) % self.workers;
        }
    }

    fn append_in_turn(
        &mut self,
        input: &SourceInput,
        frames: &Frames,
        hashes: Option<&[u64]>,
        mut segment: Segment,
        senders: &mut [Sender<Morsel>],
    ) {
        while segment.start < segment.end {
            let worker = self.turn;
            let held = self.open[worker]
                .as_ref()
                .map_or(0, |morsel| morsel.rows.len());
            let room = (self.morsel_rows - held) as u32;
            let part = split(&mut segment, room);
            self.append_run(worker, input, frames, hashes, part, senders);
            if self.open[worker].is_none() {
                self.turn = (worker + 1) % self.workers;
            }
        }
    }

    fn append_by_block(
        &mut self,
        input: &SourceInput,
        frames: &Frames,
        hashes: Option<&[u64]>,
        mut segment: Segment,
        senders: &mut [Sender<Morsel>],
    ) {
        while segment.start < segment.end {
            let left = SEQUENCE_BLOCK - segment.seq % SEQUENCE_BLOCK;
            let vnode = crate::hash::vnode_of_block(segment.seq / SEQUENCE_BLOCK);
            let worker = usize::from(self.vnode_table[usize::from(vnode.0)]);
            let part = split(&mut segment, left as u32);
            self.append_run(worker, input, frames, hashes, part, senders);
        }
    }

    fn append_run(
        &mut self,
        worker: usize,
        input: &SourceInput,
        frames: &Frames,
        hashes: Option<&[u64]>,
        mut segment: Segment,
        senders: &mut [Sender<Morsel>],
    ) {
        let limit = self.morsel_rows;
        while segment.start < segment.end {
            let full = {
                let morsel =
                    self.open_morsel(worker, input, segment.seq, segment.watermark, senders);
                let part = split(&mut segment, (limit - morsel.rows.len()) as u32);
                extend(morsel, frames, hashes, part);
                morsel.rows.len() == limit
            };
            if full {
                self.push(worker, input, senders);
            }
        }
    }

    fn scatter_by_hash(
        &mut self,
        input: &SourceInput,
        frames: &Frames,
        hashes: &[u64],
        mut segment: Segment,
        senders: &mut [Sender<Morsel>],
    ) {
        let mut scatter = std::mem::take(&mut self.scatter);
        let limit = self.morsel_rows;
        while segment.start < segment.end {
            let part = split(&mut segment, SCATTER_ROWS as u32);
            scatter.divide(&self.vnode_table, hashes, part);
            for worker in 0..self.workers {
                let mut rows = scatter.rows_of(worker);
                while let Some(&first) = rows.first() {
                    let seq = part.seq + u64::from(first - part.start);
                    let morsel = self.open_morsel(worker, input, seq, part.watermark, senders);
                    let room = limit - morsel.rows.len();
                    let (now, later) = rows.split_at(room.min(rows.len()));
                    gather(morsel, frames, hashes, part, now);
                    rows = later;
                    if morsel.rows.len() == limit {
                        self.push(worker, input, senders);
                    }
                }
            }
        }
        self.scatter = scatter;
    }

    /// The morsel being filled for `worker`, with `watermark` in force for its next row.
    #[inline(always)]
    fn open_morsel(
        &mut self,
        worker: usize,
        input: &SourceInput,
        seq: u64,
        watermark: EventTimeNs,
        senders: &mut [Sender<Morsel>],
    ) -> &mut Morsel {
        if self.open[worker].is_none() {
            let mut morsel = senders[worker].take().unwrap_or_default();
            morsel.clear();
            morsel.route = Some(self.id);
            morsel.first_seq = seq;
            morsel.watermarks.reset(watermark);
            // Rises are rare: without this a morsel would allocate when it meets its first, long after the start.
            morsel.watermarks.rises.reserve(RISES_EXPECTED);
            morsel.arrival_ns = input.arrival_ns();
            morsel.wall_offset_ns = input.wall_offset_ns();
            self.open[worker] = Some(morsel);
        }
        let morsel = self.open[worker].as_mut().expect("opened above");
        if morsel.watermarks.last() != watermark {
            let row = morsel.rows.len() as u32;
            let runs = &mut morsel.watermarks;
            if row == 0 && morsel.rejects.is_empty() {
                runs.initial = watermark;
            } else if runs.rises.last().is_some_and(|rise| rise.0 == row) {
                runs.rises.last_mut().expect("just seen").1 = watermark;
            } else {
                runs.rises.push((row, watermark));
            }
        }
        morsel
    }

    fn push(&mut self, worker: usize, input: &SourceInput, senders: &mut [Sender<Morsel>]) {
        if let Some(mut morsel) = self.open[worker].take() {
            let (bytes, file, file_offset) = input.view();
            morsel.bytes = Some(bytes);
            morsel.file = file;
            morsel.file_offset = file_offset;
            senders[worker].send(Message::Data(morsel));
        }
    }
}

/// Cuts up to `rows` rows off the front of `segment`.
fn split(segment: &mut Segment, rows: u32) -> Segment {
    let taken = rows.min(segment.end - segment.start);
    let part = Segment {
        end: segment.start + taken,
        ..*segment
    };
    segment.start += taken;
    segment.seq += u64::from(taken);
    part
}

/// Appends consecutive records; offsets are written only once the morsel has a gap.
fn extend(morsel: &mut Morsel, frames: &Frames, hashes: Option<&[u64]>, part: Segment) {
    let range = part.start as usize..part.end as usize;
    let rows = &mut morsel.rows;
    let held = rows.len();
    let offset = (part.seq - morsel.first_seq) as u32;
    if rows.seq_offsets.is_empty() && offset as usize != held {
        rows.seq_offsets.extend(0..held as u32);
    }
    if offset as usize != held || !rows.seq_offsets.is_empty() {
        rows.seq_offsets.extend(offset..offset + range.len() as u32);
    }
    rows.extend_places(frames.places(), range.clone());
    if !frames.times.is_empty() {
        rows.times.extend_from_slice(&frames.times[range.clone()]);
    }
    if !frames.delimiters.is_empty() {
        let delimiters = &frames.delimiters[range.clone()];
        rows.delimiters.extend_from_slice(delimiters);
    }
    if let Some(hashes) = hashes {
        rows.hashes.extend_from_slice(&hashes[range]);
    }
}

/// Appends some frames of `segment`, rising, as one worker's: column by column, so that no vector is asked for room once
/// a row (11.7 -> 5.4 ns a row of CSV with two workers, 2026-11-26).
fn gather(morsel: &mut Morsel, frames: &Frames, hashes: &[u64], segment: Segment, of: &[u32]) {
    let before = segment.seq.wrapping_sub(morsel.first_seq);
    let offset = |&frame: &u32| (before.wrapping_add(u64::from(frame - segment.start))) as u32;
    let rows = &mut morsel.rows;
    rows.seq_offsets.extend(of.iter().map(offset));
    if frames.run.rows > 0 {
        of.iter()
            .for_each(|&frame| rows.push_place(frames.place(frame as usize)));
    } else {
        rows.run.spread(&mut rows.starts, &mut rows.ends);
        extend_by(&mut rows.starts, &frames.starts, of);
        extend_by(&mut rows.ends, &frames.ends, of);
    }
    extend_by(&mut rows.hashes, hashes, of);
    if !frames.times.is_empty() {
        extend_by(&mut rows.times, &frames.times, of);
    }
    if !frames.delimiters.is_empty() {
        extend_by(&mut rows.delimiters, &frames.delimiters, of);
    }
}

/// Appends the entries of `from` at these indices.
fn extend_by<T: Copy>(to: &mut Vec<T>, from: &[T], at: &[u32]) {
    to.extend(at.iter().map(|&at| from[at as usize]));
}

/// Pushes what is open for the records of `input`: its chunk or its file ends, or a signal follows.
pub fn push_open(routes: &mut [RouteState], senders: &mut [Sender<Morsel>], input: &SourceInput) {
    push_where(routes, senders, input, |_, _| true);
}

/// Pushes what is open for the records of `input`, whose read has ended, to the workers that wait for rows. A worker
/// that has others before it would not take them now: they stay open for what the next read brings, or until it
/// has come to the end of its ring, or they are enough. So a worker behind takes fewer and larger morsels.
pub fn push_wanted(routes: &mut [RouteState], senders: &mut [Sender<Morsel>], input: &SourceInput) {
    push_where(routes, senders, input, |sender, morsel| {
        MORSEL_ROWS_HELD <= morsel.rows.len() + morsel.rejects.len() || sender.is_empty()
    });
}

fn push_where(
    routes: &mut [RouteState],
    senders: &mut [Sender<Morsel>],
    input: &SourceInput,
    is_due: impl Fn(&Sender<Morsel>, &Morsel) -> bool,
) {
    for route in routes {
        if route.source != input.id() {
            continue;
        }
        for worker in 0..route.workers {
            let open = route.open[worker].as_deref();
            if open.is_some_and(|morsel| is_due(&senders[worker], morsel)) {
                route.push(worker, input, senders);
                if route.turn == worker {
                    route.turn = (worker + 1) % route.workers;
                }
            }
        }
    }
}

/// For each worker the least key that is still in an open morsel.
pub fn first_open_key(routes: &[RouteState], worker: usize) -> Option<OrderKey> {
    routes
        .iter()
        .filter_map(|route| route.open[worker].as_deref())
        .map(crate::link::Keyed::first_key)
        .min()
}

/// Readies the links for the next row, while there is none.
pub fn prepare(senders: &mut [Sender<Morsel>]) {
    for sender in senders {
        sender.prepare(Morsel::clear);
    }
}

/// Empties the morsels that have come home, so that their chunks can be reused.
pub fn reclaim(senders: &mut [Sender<Morsel>]) {
    for sender in senders {
        sender.reclaim(Morsel::clear);
    }
}
