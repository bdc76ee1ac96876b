//! One source's bytes: its chunks, what of them is framed, and what of that is handed on.

use super::keyed::{self, KeyedEvaluator};
use super::{IngestOptions, SourcePosition, SourceReport};
use crate::chunk::{Chunk, ChunkBytes};
use crate::error::Reason;
use crate::format::{self, FaultScope, FrameFault, Framer, Frames};
use crate::limits::{CHUNK_BYTES, RECORD_BYTES_MAX};
use crate::plan::{Job, Pace, SourceId};
use crate::probe::{Stage, mark};
use crate::time::{ClockNs, EventTimeNs};

/// A read into less room than this is not worth a system call: the chunk is retired instead.
const READ_BYTES_MIN: usize = CHUNK_BYTES / 16;

/// A source as ingest sees it.
pub struct SourceInput {
    // Fixed at construction.
    id: SourceId,
    options: IngestOptions,
    pace: Pace,
    has_time: bool,
    max_future_skew_ns: Option<i64>,
    // State.
    framer: Box<dyn Framer>,
    keyed: Option<KeyedEvaluator>,
    chunk: Chunk,
    retired: Vec<Chunk>,
    chunks_made: usize,
    /// Bytes of the chunk that are framed.
    consumed: usize,
    /// Offset in the file of the chunk's first byte.
    chunk_offset: u64,
    file: u32,
    /// A new file wants a chunk of its own.
    wants_fresh_chunk: bool,
    file_ended: bool,
    source_ended: bool,
    /// What is read holds no further whole record.
    starved: bool,
    arrival_ns: ClockNs,
    frames: Frames,
    next: usize,
    records: u64,
    bytes: u64,
    time_range: Option<(EventTimeNs, EventTimeNs)>,
    pace_base: Option<(ClockNs, EventTimeNs)>,
}

impl SourceInput {
    /// The source before its first byte.
    pub fn new(job: &Job, id: SourceId, workers: usize, options: IngestOptions) -> Self {
        let plan = &job.sources[usize::from(id.0)];
        let (spec, keyed) = keyed::frame_spec(job, id, workers);
        Self {
            id,
            options,
            pace: plan.pace,
            has_time: plan.event_time.is_some(),
            max_future_skew_ns: plan.max_future_skew_ns,
            framer: format::framer(&plan.format, &plan.schema, &spec),
            keyed,
            chunk: Chunk::new(CHUNK_BYTES),
            retired: Vec::new(),
            chunks_made: 1,
            consumed: 0,
            chunk_offset: 0,
            file: 0,
            wants_fresh_chunk: false,
            file_ended: false,
            source_ended: false,
            starved: true,
            arrival_ns: 0,
            frames: Frames::default(),
            next: 0,
            records: 0,
            bytes: 0,
            time_range: None,
            pace_base: None,
        }
    }

    /// Which source.
    pub fn id(&self) -> SourceId {
        self.id
    }

    /// Arrival stamp of the last read.
    pub fn arrival_ns(&self) -> ClockNs {
        self.arrival_ns
    }

    /// How far the wall clock is ahead of the one that stamps reads.
    pub fn wall_offset_ns(&self) -> i64 {
        self.options.wall_offset_ns
    }

    /// What `sticky` routing goes by.
    pub fn partition(&self) -> u32 {
        self.file
    }

    /// Whether a read would find use now.
    pub fn wants_bytes(&self) -> bool {
        !self.source_ended && !self.file_ended && self.starved && self.next == self.frames.len()
    }

    /// Whether the chunk has room worth reading into.
    pub fn has_room(&self) -> bool {
        !self.wants_fresh_chunk && self.chunk.capacity() - self.chunk.filled() >= READ_BYTES_MIN
    }

    /// The room to read into.
    pub fn free(&mut self) -> &mut [u8] {
        self.chunk.free()
    }

    /// Goes on in a free chunk, the unframed rest carried over; false when none is free. No row of the old
    /// chunk may still be open.
    pub fn next_chunk(&mut self) -> bool {
        let fresh = match self.retired.iter_mut().position(Chunk::reset) {
            Some(free) => self.retired.swap_remove(free),
            None if self.chunks_made < self.options.chunks => {
                self.chunks_made += 1;
                Chunk::new(CHUNK_BYTES)
            }
            None => return false,
        };
        let old = std::mem::replace(&mut self.chunk, fresh);
        let rest = &old.bytes()[self.consumed..];
        self.chunk.free()[..rest.len()].copy_from_slice(rest);
        self.chunk.fill(rest.len());
        self.chunk_offset += self.consumed as u64;
        self.retired.push(old);
        self.consumed = 0;
        if self.wants_fresh_chunk {
            self.chunk_offset = 0;
            self.wants_fresh_chunk = false;
        }
        true
    }

    /// `bytes` bytes were read.
    pub fn filled(&mut self, bytes: usize, arrival_ns: ClockNs) {
        self.chunk.fill(bytes);
        self.arrival_ns = arrival_ns;
        self.starved &= bytes == 0;
    }

    /// A new file begins.
    pub fn begin_file(&mut self, file: u32) {
        assert!(
            self.is_drained(),
            "a file begins before the last one is framed"
        );
        self.bytes = self.bytes();
        self.file = file;
        self.file_ended = false;
        self.wants_fresh_chunk = true;
        self.consumed = self.chunk.filled();
        self.framer.begin_file();
    }

    /// The file ends with what was read.
    pub fn end_file(&mut self) {
        self.file_ended = true;
        self.starved = self.consumed == self.chunk.filled();
    }

    /// Nothing more comes.
    pub fn end_source(&mut self) {
        if !self.file_ended {
            self.end_file();
        }
        self.source_ended = true;
    }

    /// Whether nothing more comes.
    pub fn has_ended(&self) -> bool {
        self.source_ended
    }

    /// Whether every whole record that was read has been handed on.
    pub fn is_drained(&self) -> bool {
        self.starved && self.next == self.frames.len()
    }

    /// Frames more records when all that were framed are handed on.
    pub fn frame_more(&mut self) {
        while !self.starved && self.next == self.frames.len() {
            self.frame_once();
        }
    }

    fn frame_once(&mut self) {
        let keys = self.frames.hashes.len();
        self.frames.clear(keys);
        self.next = 0;
        let bytes = self.chunk.bytes();
        let before = self.consumed;
        self.consumed = self.framer.frame(
            bytes,
            self.consumed,
            self.file_ended,
            self.options.morsel_rows,
            &mut self.frames,
        );
        let rest = bytes.len() - self.consumed;
        if let Some(keyed) = &mut self.keyed {
            keyed.evaluate(bytes, &mut self.frames);
        }
        let stuck = self.consumed == before && self.frames.is_empty();
        assert!(
            !stuck || !self.file_ended || rest == 0,
            "bytes left at a file's end"
        );
        assert!(
            !stuck || rest <= RECORD_BYTES_MAX + 2,
            "the framer holds more than a record"
        );
        // Without a rest nothing more can be framed, which spares a lone record a second look.
        self.starved = rest == 0 || (stuck && self.frames.is_empty());
        self.refuse_future();
        mark(Stage::Frame);
    }

    /// Records framed and not handed on.
    pub fn pending(&self) -> std::ops::Range<usize> {
        self.next..self.frames.len()
    }

    /// Event time of a framed record; the least there is for one that has none, so that it goes on at once.
    pub fn time_of(&self, row: usize) -> EventTimeNs {
        let spoilt =
            self.frames.faults.iter().any(|fault| {
                fault.row as usize == row && !matches!(fault.scope, FaultScope::Key(_))
            });
        if self.has_time && !spoilt {
            self.frames.times[row]
        } else {
            EventTimeNs::MIN
        }
    }

    /// Lends the frames for handing on; [`Self::give_frames`] returns them.
    pub fn take_frames(&mut self) -> Frames {
        std::mem::take(&mut self.frames)
    }

    /// Returns the frames, `next` being the first not handed on.
    pub fn give_frames(&mut self, frames: Frames, next: usize) {
        self.records += (next - self.next) as u64;
        self.next = next;
        self.frames = frames;
    }

    /// Returns frames whose `rows` records were all handed on, with their vectors.
    pub fn give_emptied(&mut self, frames: Frames, rows: usize) {
        debug_assert!(self.next == 0 && frames.is_empty(), "all were handed on");
        self.records += rows as u64;
        self.frames = frames;
    }

    /// The hashes of expression keys, one vector for each.
    pub fn keyed_hashes(&self, index: usize) -> &[u64] {
        let keyed = self
            .keyed
            .as_ref()
            .expect("the route has an expression key");
        keyed.hashes(index)
    }

    /// The filled bytes, the file and the offset in it of their first one.
    pub fn view(&self) -> (ChunkBytes, u32, u64) {
        (self.chunk.view(0), self.file, self.chunk_offset)
    }

    /// Takes note of the least and the greatest event time of records handed on.
    pub fn note_times(&mut self, (least, greatest): (EventTimeNs, EventTimeNs)) {
        let (min, max) = self.time_range.unwrap_or((least, greatest));
        self.time_range = Some((min.min(least), max.max(greatest)));
    }

    /// How many pending records are due at `now_ns`, and when the next one is.
    pub fn due(&mut self, now_ns: ClockNs) -> (std::ops::Range<usize>, Option<ClockNs>) {
        let pending = self.pending();
        let Pace::Speed(speed) = self.pace else {
            return (pending, None);
        };
        for row in pending.clone() {
            let time = self.time_of(row);
            if time == EventTimeNs::MIN {
                continue;
            }
            let (clock, base) = *self.pace_base.get_or_insert((now_ns, time));
            let ahead = time.saturating_sub(base).max(0) as f64 / speed;
            let due = clock.saturating_add(ahead as u64);
            if due > now_ns {
                return (pending.start..row, Some(due));
            }
        }
        // A paced record arrives when it is due, not when the file was read.
        self.arrival_ns = now_ns;
        (pending, None)
    }

    /// Bytes framed.
    pub fn bytes(&self) -> u64 {
        let begun = if self.wants_fresh_chunk {
            0
        } else {
            self.chunk_offset + self.consumed as u64
        };
        self.bytes + begun
    }

    /// What it has seen.
    pub fn report(&self) -> SourceReport {
        let position = self.position();
        SourceReport {
            records: self.records,
            bytes: self.bytes(),
            event_time_min: self.time_range.map(|range| range.0),
            event_time_max: self.time_range.map(|range| range.1),
            file: position.file,
            offset: position.offset,
        }
    }

    /// Where the first record that is not handed on begins.
    pub fn position(&self) -> SourcePosition {
        let in_chunk = if self.next < self.frames.len() {
            u64::from(self.frames.place(self.next).0)
        } else {
            self.consumed as u64
        };
        let offset = if self.wants_fresh_chunk {
            0
        } else {
            self.chunk_offset + in_chunk
        };
        SourcePosition {
            file: self.file,
            offset,
            records: self.records,
            bytes: self.bytes,
            time_range: self.time_range,
        }
    }

    /// Goes on from `position`: the next bytes read are those at its offset.
    pub fn restore(&mut self, position: &SourcePosition) {
        self.file = position.file;
        self.chunk_offset = position.offset;
        self.records = position.records;
        self.bytes = position.bytes;
        self.time_range = position.time_range;
        self.starved = true;
        if position.offset > 0 {
            self.framer.resume_file();
        }
    }

    /// Whether a snapshot can be taken: not within a record that is being skipped.
    pub fn is_at_boundary(&self) -> bool {
        !self.framer.is_skipping()
    }

    fn refuse_future(&mut self) {
        let Some(skew_ns) = self.max_future_skew_ns else {
            return;
        };
        let now_ns = (self.arrival_ns as i64).saturating_add(self.options.wall_offset_ns);
        let latest = now_ns.saturating_add(skew_ns);
        let before = self.frames.faults.len();
        for (row, &time) in self.frames.times.iter().enumerate() {
            if time > latest {
                self.frames.faults.push(FrameFault {
                    row: row as u32,
                    scope: FaultScope::EventTime,
                    reason: Reason::EventTimeFuture,
                });
            }
        }
        if self.frames.faults.len() > before {
            self.frames.faults.sort_by_key(|fault| fault.row);
        }
    }
}
