//! Chunks and morsels: the bytes of a read and the rows found in them, handed from ingest to workers.
//!
//! A chunk is filled from the front by ingest alone; what is filled is never written again, so workers read
//! it while the rest is filled. A [`ChunkBytes`] is a view of filled bytes; the reference count behind it is
//! touched by the ingest core only, because morsels come home to be emptied. A chunk is reused when no view
//! of it is left.

#![allow(unsafe_code)] // The one exception of the data path: filled bytes are shared, the rest is exclusive.

use crate::limits::CHUNK_PADDING;
use crate::plan::RouteId;
use crate::time::{EventTimeNs, WatermarkRuns};
use std::cell::UnsafeCell;
use std::sync::Arc;

/// Workers read where the bytes are while ingest counts the views: the count has a cache line of its own.
#[repr(align(128))]
struct ChunkMemory {
    bytes: Box<[UnsafeCell<u8>]>,
}

// SAFETY: views read only below the `filled` mark at the time they were made, the one `Chunk` writes only at
// and above it, and the mark only rises until no view is left (`Arc::get_mut` in `Chunk::reset`).
unsafe impl Sync for ChunkMemory {}

/// The writing end of a chunk; ingest owns it.
pub struct Chunk {
    memory: Arc<ChunkMemory>,
    filled: usize,
}

impl Chunk {
    /// A zeroed chunk with room for `bytes` bytes.
    pub fn new(bytes: usize) -> Self {
        let zeroed = vec![0_u8; bytes + CHUNK_PADDING].into_boxed_slice();
        let cells = Box::into_raw(zeroed) as *mut [UnsafeCell<u8>];
        // SAFETY: the pointer comes from the box just given up, and `UnsafeCell<u8>` is laid out like `u8`.
        let memory = unsafe { Box::from_raw(cells) };
        Self {
            memory: Arc::new(ChunkMemory { bytes: memory }),
            filled: 0,
        }
    }

    /// Bytes it can hold.
    pub fn capacity(&self) -> usize {
        self.memory.bytes.len() - CHUNK_PADDING
    }

    /// Bytes filled.
    pub fn filled(&self) -> usize {
        self.filled
    }

    /// The bytes behind the filled ones, to be read into.
    pub fn free(&mut self) -> &mut [u8] {
        let capacity = self.capacity();
        let start = self.memory.bytes[self.filled..capacity].as_ptr();
        // SAFETY: no view reaches past `filled`, `&mut self` is the only writer, `UnsafeCell<u8>` is laid out
        // like `u8`, and the slice lies within the allocation.
        unsafe {
            std::slice::from_raw_parts_mut(start.cast::<u8>().cast_mut(), capacity - self.filled)
        }
    }

    /// Declares the next `bytes` bytes filled.
    ///
    /// # Panics
    /// When there is no such room.
    pub fn fill(&mut self, bytes: usize) {
        assert!(bytes <= self.capacity() - self.filled, "chunk overfilled");
        self.filled += bytes;
    }

    /// The filled bytes; for ingest's own framing.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: bytes below `filled` are never written while this borrow or any view lives.
        unsafe { std::slice::from_raw_parts(self.memory.bytes.as_ptr().cast::<u8>(), self.filled) }
    }

    /// A view of the filled bytes from `start` on.
    pub fn view(&self, start: usize) -> ChunkBytes {
        assert!(start <= self.filled, "view of unfilled bytes");
        ChunkBytes {
            memory: Arc::clone(&self.memory),
            start,
            end: self.filled,
        }
    }

    /// Empties it for reuse; false while a view of it is out.
    pub fn reset(&mut self) -> bool {
        let free = Arc::get_mut(&mut self.memory).is_some();
        if free {
            self.filled = 0;
        }
        free
    }
}

/// A view of bytes that will not change while it lives.
#[derive(Clone)]
pub struct ChunkBytes {
    memory: Arc<ChunkMemory>,
    start: usize,
    end: usize,
}

impl ChunkBytes {
    /// The bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        let slice = &self.memory.bytes[self.start..self.end];
        // SAFETY: `end` was at or below the filled mark when the view was made, so these bytes are never
        // written while the view keeps `Chunk::reset` from succeeding.
        unsafe { std::slice::from_raw_parts(slice.as_ptr().cast::<u8>(), slice.len()) }
    }
}

impl std::fmt::Debug for ChunkBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChunkBytes({}..{})", self.start, self.end)
    }
}

/// Records of one length, back to back: where each lies needs no word for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordRun {
    /// First byte of the first.
    pub start: u32,
    /// Bytes of each.
    pub record_bytes: u32,
    /// How many; 0 where there is no run.
    pub rows: u32,
}

impl RecordRun {
    /// First byte of record `row`, and the byte behind its last.
    #[inline(always)]
    pub fn place(self, row: usize) -> (u32, u32) {
        let start = self.start + row as u32 * self.record_bytes;
        (start, start + self.record_bytes)
    }

    /// Appends records `rows` of `other`; false, and nothing done, where that would not be a run.
    pub fn join(&mut self, other: Self, rows: std::ops::Range<usize>) -> bool {
        let part = Self {
            start: other.place(rows.start).0,
            rows: rows.len() as u32,
            ..other
        };
        if self.rows == 0 {
            *self = part;
            return true;
        }
        let (_, end) = self.place(self.rows as usize - 1);
        let joins = part.start == end && part.record_bytes == self.record_bytes;
        self.rows += if joins { part.rows } else { 0 };
        joins
    }

    /// Ends the run: its places are written one by one, before those of records that may lie anywhere.
    pub fn spread(&mut self, starts: &mut Vec<u32>, ends: &mut Vec<u32>) {
        let run = std::mem::take(self);
        for row in 0..run.rows as usize {
            let (start, end) = run.place(row);
            starts.push(start);
            ends.push(end);
        }
    }
}

/// What is known of each row of a morsel, struct of arrays. Only what the route needs is filled.
#[derive(Clone, Debug, Default)]
pub struct RowDescriptors {
    /// The records, where they are a run; `starts` and `ends` are empty then.
    pub run: RecordRun,
    /// First byte of each record, in the morsel's view.
    pub starts: Vec<u32>,
    /// Byte behind its last (the newline is not part of it).
    pub ends: Vec<u32>,
    /// Number in the merged sequence, less the morsel's first; empty when row `r` has offset `r`.
    pub seq_offsets: Vec<u32>,
    /// Key hash; empty when the route needs none.
    pub hashes: Vec<u64>,
    /// Event time; empty when the source has none.
    pub times: Vec<EventTimeNs>,
    /// See [`Frames::delimiters`](crate::format::Frames::delimiters).
    pub delimiters: Vec<u64>,
}

impl RowDescriptors {
    /// Rows.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.starts.len() + self.run.rows as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// First byte of the record of `row`, and the byte behind its last.
    #[inline(always)]
    pub fn place(&self, row: usize) -> (u32, u32) {
        if self.run.rows > 0 {
            self.run.place(row)
        } else {
            (self.starts[row], self.ends[row])
        }
    }

    /// Appends the places of a record that may lie anywhere.
    #[inline(always)]
    pub fn push_place(&mut self, place: (u32, u32)) {
        if self.run.rows > 0 {
            self.run.spread(&mut self.starts, &mut self.ends);
        }
        self.starts.push(place.0);
        self.ends.push(place.1);
    }

    /// Appends the places of records `rows`, given as [`Self::run`] or as [`Self::starts`] and [`Self::ends`].
    pub fn extend_places(
        &mut self,
        (run, starts, ends): (RecordRun, &[u32], &[u32]),
        rows: std::ops::Range<usize>,
    ) {
        let may_join = run.rows > 0 && self.starts.is_empty();
        if rows.is_empty() || (may_join && self.run.join(run, rows.clone())) {
            return;
        }
        self.run.spread(&mut self.starts, &mut self.ends);
        if run.rows > 0 {
            let places = rows.map(|row| run.place(row));
            places.for_each(|place| self.push_place(place));
        } else {
            self.starts.extend_from_slice(&starts[rows.clone()]);
            self.ends.extend_from_slice(&ends[rows]);
        }
    }

    /// Empties it, keeping its memory.
    pub fn clear(&mut self) {
        self.run = RecordRun::default();
        self.starts.clear();
        self.ends.clear();
        self.seq_offsets.clear();
        self.hashes.clear();
        self.times.clear();
        self.delimiters.clear();
    }
}

/// A record that ingest refused; a worker counts it, shows it and hands it to the dead-letter sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Its number in the merged sequence.
    pub seq: u64,
    /// W in force for it.
    pub watermark: EventTimeNs,
    /// First byte in the morsel's view.
    pub start: u32,
    /// Byte behind the last.
    pub end: u32,
    /// Why.
    pub reason: crate::error::Reason,
}

/// Rows of one route for one worker, with the bytes they lie in.
#[derive(Debug, Default)]
pub struct Morsel {
    /// Which route.
    pub route: Option<RouteId>,
    /// The bytes; `None` only while the morsel is in the pool.
    pub bytes: Option<ChunkBytes>,
    /// Index of the source's file.
    pub file: u32,
    /// Offset in that file (decoded bytes) of the first byte of the view.
    pub file_offset: u64,
    /// Arrival stamp of the read.
    pub arrival_ns: u64,
    /// How far the wall clock is ahead of the one that stamps reads.
    pub wall_offset_ns: i64,
    /// Number of the record that `seq_offsets` 0 means.
    pub first_seq: u64,
    /// The rows.
    pub rows: RowDescriptors,
    /// W(i) of the rows.
    pub watermarks: WatermarkRuns,
    /// Records that ingest refused on behalf of this route's statements.
    pub rejects: Vec<Reject>,
}

impl Morsel {
    /// Asks for the lines that the first row lies on, all at once. Another core wrote them; met one after another,
    /// as the row is worked on, each took 0.1 us to come (two cores of a small virtual machine, 2026-11-26).
    #[inline]
    pub fn fetch_first_row(&self) {
        let rows = &self.rows;
        let bytes = self.bytes.as_ref().map(ChunkBytes::bytes);
        let start = rows.starts.first().copied().unwrap_or(rows.run.start);
        let byte = bytes.and_then(|bytes| bytes.get(start as usize)).copied();
        std::hint::black_box((
            rows.ends.first(),
            rows.hashes.first().copied(),
            rows.times.first().copied(),
            rows.delimiters.first().copied(),
            self.watermarks.initial,
            byte,
        ));
    }

    /// Empties it for reuse; the view goes, on the core that calls.
    pub fn clear(&mut self) {
        self.route = None;
        self.bytes = None;
        self.rows.clear();
        self.rejects.clear();
        self.watermarks.reset(crate::time::WATERMARK_NONE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_stays_one_until_a_record_lies_elsewhere() {
        let run = |start, rows| RecordRun {
            start,
            record_bytes: 3,
            rows,
        };
        let mut rows = RowDescriptors::default();
        rows.extend_places((run(6, 4), &[], &[]), 1..3);
        rows.extend_places((run(6, 4), &[], &[]), 3..4);
        assert_eq!((rows.run, rows.len()), (run(9, 3), 3));
        assert_eq!(rows.place(2), (15, 18));
        let mut gap = rows.clone();
        gap.extend_places((run(18, 9), &[], &[]), 1..3);
        assert_eq!(gap.starts, [9, 12, 15, 21, 24]);
        assert_eq!((gap.run.rows, gap.place(4)), (0, (24, 27)));
        // What lies one by one does not become a run again.
        gap.extend_places((run(27, 1), &[], &[]), 0..1);
        assert_eq!((gap.run.rows, gap.len(), gap.place(5)), (0, 6, (27, 30)));
        rows.push_place((40, 41));
        assert_eq!(
            (&rows.starts[..], &rows.ends[..]),
            (&[9, 12, 15, 40][..], &[12, 15, 18, 41][..])
        );
        rows.extend_places((run(0, 0), &[50, 60], &[51, 61]), 1..2);
        assert_eq!((rows.len(), rows.place(4)), (5, (60, 61)));
        rows.clear();
        assert!(rows.is_empty());
    }
}
