//! The event time and the key hashes of records: of one whose members the parser found, or of a run of rows that
//! have one layout.

use super::layout::{Leaf, Run};
use super::parse::Span;
use super::paths::Paths;
use super::value::{ValueReader, Words, plain_text_hash, text_of};
use crate::error::Reason;
use crate::format::csv::column::Read;
use crate::format::simd::{Scan, Swar};
use crate::format::{FaultScope, FrameFault, FrameSpec, Frames};
use crate::hash;
use crate::plan::JsonFormat;
use crate::time::{EventTimeNs, WATERMARK_END, WATERMARK_NONE};
use crate::types::Schema;

/// The least time whose milliseconds have 13 digits, the first of them not 0.
const LEAST_OF_13_DIGITS: EventTimeNs = 1_000_000_000_000 * 1_000_000;

/// The values that the job wants of a record.
pub(super) struct Wanted {
    time: Option<Member>,
    keys: Vec<Vec<Member>>,
    seed: u64,
}

/// A wanted value: where the parser leaves it, and how it is read.
struct Member {
    slot: usize,
    reader: ValueReader,
}

impl Wanted {
    /// What `spec` asks for, and the paths to it.
    pub fn new(format: &JsonFormat, schema: &Schema, spec: &FrameSpec) -> (Self, Paths) {
        let columns: Vec<usize> = spec
            .time
            .iter()
            .chain(spec.keys.iter().flatten())
            .copied()
            .collect();
        let wanted: Vec<&[String]> = columns
            .iter()
            .map(|&column| format.paths[column].as_slice())
            .collect();
        let (paths, slots) = Paths::new(&wanted);
        // The members come in the order of `columns`: the time, then key by key.
        let mut members = columns.iter().zip(&slots).map(|(&column, &slot)| Member {
            slot: slot as usize,
            reader: ValueReader::new(schema.fields[column].ty, &format.timestamp),
        });
        let time = spec.time.and_then(|_| members.next());
        let keys = spec
            .keys
            .iter()
            .map(|key| members.by_ref().take(key.len()).collect())
            .collect();
        let wanted = Self {
            time,
            keys,
            seed: spec.hash_seed,
        };
        (wanted, paths)
    }

    /// Keys.
    pub fn keys(&self) -> usize {
        self.keys.len()
    }

    /// Appends the event time and the key hashes of the record just framed.
    pub fn read(&self, bytes: &[u8], spans: &[Span], scratch: &mut Vec<u8>, out: &mut Frames) {
        let row = (out.starts.len() - 1) as u32;
        let mut fault = |scope, reason| out.faults.push(FrameFault { row, scope, reason });
        if let Some(member) = &self.time {
            let span = spans[member.slot];
            let plain = member.plain_time(bytes, span);
            match plain.map_or_else(|| member.event_time(bytes, span, scratch), Ok) {
                Ok(time) => out.times.push(time),
                Err(reason) => {
                    fault(FaultScope::EventTime, reason);
                    out.times.push(0);
                }
            }
        }
        for (i, (key, hashes)) in self.keys.iter().zip(&mut out.hashes).enumerate() {
            match self.key_hash(key, bytes, spans, scratch) {
                Ok(hash) => hashes.push(hash),
                Err(reason) => {
                    fault(FaultScope::Key(i as u16), reason);
                    hashes.push(0);
                }
            }
        }
    }

    fn key_hash(
        &self,
        key: &[Member],
        bytes: &[u8],
        spans: &[Span],
        scratch: &mut Vec<u8>,
    ) -> Result<u64, Reason> {
        let mut hash = None;
        for member in key {
            let span = spans[member.slot];
            let next = match member.plain_hash(bytes, span, self.seed) {
                Some(hash) => hash,
                None => member.hash(bytes, span, self.seed, scratch)?,
            };
            hash = Some(hash.map_or(next, |before| hash::combine(before, next)));
        }
        Ok(hash.unwrap_or_default())
    }

    /// Marks the record just framed as faulty.
    #[cold]
    pub fn spoilt(&self, reason: Reason, out: &mut Frames) {
        out.faults.push(FrameFault {
            row: (out.starts.len() - 1) as u32,
            scope: FaultScope::Record,
            reason,
        });
        if self.time.is_some() {
            out.times.push(0);
        }
        for hashes in &mut out.hashes {
            hashes.push(0);
        }
    }

    /// Appends all there is to say of the rows of `run`; false, and nothing appended, where one of them is at fault.
    #[inline(always)]
    pub fn read_run<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        run: &Run<'_>,
        scratch: &mut Vec<u8>,
        out: &mut Frames,
    ) -> bool {
        let before = out.starts.len();
        let time = self.time.as_ref().and_then(|time| run.leaf(time.slot));
        let mut is_plain = self.read_times(scan, bytes, run, scratch, &mut out.times)
            && run.push_lengths(bytes, time, &mut out.delimiters);
        for (key, hashes) in self.keys.iter().zip(&mut out.hashes) {
            is_plain = is_plain && self.read_key(scan, bytes, run, (key, hashes), scratch);
        }
        if is_plain {
            run.push_places(&mut out.starts, &mut out.ends);
        } else {
            out.times.truncate(before);
            out.delimiters.truncate(before);
            for hashes in &mut out.hashes {
                hashes.truncate(before);
            }
        }
        is_plain
    }

    /// Appends the event times of the rows of `run`; false where one of them has none or is no legal value.
    #[inline(always)]
    fn read_times<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        run: &Run<'_>,
        scratch: &mut Vec<u8>,
        times: &mut Vec<EventTimeNs>,
    ) -> bool {
        let Some(member) = &self.time else {
            return true;
        };
        let Some(leaf) = run.leaf(member.slot) else {
            return false;
        };
        let before = times.len();
        times.resize(before + run.len(), 0);
        let times = run.places(leaf).zip(&mut times[before..]);
        let Words::Millis(reader) = member.reader.words() else {
            return times.into_iter().all(|(place, time)| {
                let found = member.leaf_time(bytes, leaf, place, scratch);
                *time = found.unwrap_or_default();
                found.is_some()
            });
        };
        for ((from, to), time) in times {
            // Most times are numbers that need no other look to be known as legal.
            match reader.read(scan, bytes, from, to) {
                Some(plain) if plain >= LEAST_OF_13_DIGITS && plain != WATERMARK_END => {
                    *time = plain;
                }
                _ => match member.leaf_time(bytes, leaf, (from, to), scratch) {
                    Some(other) => *time = other,
                    None => return false,
                },
            }
        }
        true
    }

    /// Appends the hashes of a key of the rows of `run`, which are legal; false where one of them is at fault.
    #[inline(always)]
    fn read_key<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        run: &Run<'_>,
        (key, hashes): (&[Member], &mut Vec<u64>),
        scratch: &mut Vec<u8>,
    ) -> bool {
        let before = hashes.len();
        hashes.resize(before + run.len(), 0);
        let hashes = &mut hashes[before..];
        for (index, member) in key.iter().enumerate() {
            let take = |hash: &mut u64, next| match index {
                0 => *hash = next,
                _ => *hash = hash::combine(*hash, next),
            };
            let Some(leaf) = run.leaf(member.slot) else {
                let null = hash::hash_null(self.seed);
                hashes.iter_mut().for_each(|hash| take(hash, null));
                continue;
            };
            let reader = &member.reader;
            if leaf.is_text && matches!(reader.words(), Words::Text) {
                for (place, hash) in run.places(leaf).zip(&mut *hashes) {
                    match plain_text_hash(bytes, place, self.seed) {
                        Some(next) => take(hash, next),
                        None => match member.leaf_hash(bytes, leaf, place, self.seed, scratch) {
                            Some(next) => take(hash, next),
                            None => return false,
                        },
                    }
                }
                continue;
            }
            for (place, hash) in run.places(leaf).zip(&mut *hashes) {
                match reader.plain_hash(scan, bytes, place, self.seed) {
                    Some(next) => take(hash, next),
                    None => match member.leaf_hash(bytes, leaf, place, self.seed, scratch) {
                        Some(next) => take(hash, next),
                        None => return false,
                    },
                }
            }
        }
        true
    }
}

impl Member {
    /// The event time, if it is as plain as most are.
    #[inline(always)]
    fn plain_time(&self, bytes: &[u8], span: Span) -> Option<EventTimeNs> {
        let (start, end) = span.range();
        let time = self.reader.plain_i64(Swar, bytes, start, end)?;
        let is_plain = span.is_literal() && time != WATERMARK_NONE && time != WATERMARK_END;
        is_plain.then_some(time)
    }

    /// The hash, if the value is as plain as most are.
    #[inline(always)]
    fn plain_hash(&self, bytes: &[u8], span: Span, seed: u64) -> Option<u64> {
        if !span.is_literal() {
            return None;
        }
        match self.reader.words() {
            Words::Text => plain_text_hash(bytes, span.range(), seed),
            _ => self.reader.plain_hash(Swar, bytes, span.range(), seed),
        }
    }

    fn event_time(
        &self,
        bytes: &[u8],
        span: Span,
        scratch: &mut Vec<u8>,
    ) -> Result<EventTimeNs, Reason> {
        let text = text_of(span, bytes, scratch).ok_or(Reason::EventTimeNull)?;
        match self.reader.i64(span.kind(), text) {
            Ok(WATERMARK_NONE | WATERMARK_END) | Err(_) => Err(Reason::EventTimeInvalid),
            Ok(time) => Ok(time),
        }
    }

    fn hash(
        &self,
        bytes: &[u8],
        span: Span,
        seed: u64,
        scratch: &mut Vec<u8>,
    ) -> Result<u64, Reason> {
        match text_of(span, bytes, scratch) {
            None => Ok(hash::hash_null(seed)),
            Some(text) => self
                .reader
                .hash(span.kind(), text, seed)
                .map_err(|_| Reason::KeyInvalid),
        }
    }

    /// The event time in a leaf, unless it is at fault.
    #[inline(never)]
    fn leaf_time(
        &self,
        bytes: &[u8],
        leaf: &Leaf,
        (from, to): (usize, usize),
        scratch: &mut Vec<u8>,
    ) -> Option<EventTimeNs> {
        let span = leaf.span(bytes, from, to)?;
        self.event_time(bytes, span, scratch).ok()
    }

    /// The hash of a leaf, unless it is at fault.
    #[inline(never)]
    fn leaf_hash(
        &self,
        bytes: &[u8],
        leaf: &Leaf,
        (from, to): (usize, usize),
        seed: u64,
        scratch: &mut Vec<u8>,
    ) -> Option<u64> {
        let span = leaf.span(bytes, from, to)?;
        self.hash(bytes, span, seed, scratch).ok()
    }
}
