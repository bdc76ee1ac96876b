//! Fixed-width records, their event time and key hashes: only the bytes of those are touched.

use super::place::{FieldValue, Place};
use super::read::{Read, Visit, dispatch};
use crate::batch::TextView;
use crate::chunk::RecordRun;
use crate::error::Reason;
use crate::format::simd::{self, Kernel, Scan};
use crate::format::{FaultScope, FrameFault, FrameSpec, Framer, Frames};
use crate::hash;
use crate::plan::BinaryFormat;
use crate::time::{WATERMARK_END, WATERMARK_NONE};
use crate::types::Schema;

/// Bytes that all loops go through before the next are looked at: they stay in the L1.
const BLOCK_BYTES: usize = 1 << 14;

/// The framer of fixed-width records.
#[derive(Debug)]
pub struct BinaryFramer {
    // Fixed at construction.
    record_bytes: usize,
    time: Option<Place>,
    keys: Vec<Vec<Place>>,
    seed: u64,
    // Buffers.
    slow: Vec<u32>,
    faults: Vec<FrameFault>,
}

impl BinaryFramer {
    /// A framer at the start of a file.
    ///
    /// # Panics
    /// When `spec` or `format` name columns that `schema` does not have.
    pub fn new(format: &BinaryFormat, schema: &Schema, spec: &FrameSpec) -> Self {
        let place = |column: usize| Place::new(format, schema, column);
        let record_bytes = format.record_bytes();
        assert!(record_bytes > 0, "a record has bytes");
        let keys = spec.keys.iter();
        Self {
            record_bytes,
            time: spec.time.map(place),
            keys: keys
                .map(|columns| columns.iter().map(|&column| place(column)).collect())
                .collect(),
            seed: spec.hash_seed,
            slow: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Appends what is to be found in `records`, which follow `before` others.
    fn frame_block(&mut self, records: &[u8], before: usize, out: &mut Frames) {
        self.faults.clear();
        if let Some(place) = self.time {
            self.read_times(&place, records, before, &mut out.times);
        }
        for index in 0..self.keys.len() {
            self.hash_keys(index, records, before, &mut out.hashes[index]);
        }
        if !self.faults.is_empty() {
            self.faults
                .sort_unstable_by_key(|fault| (fault.row, scope_order(fault.scope)));
            self.faults.dedup_by_key(|fault| (fault.row, fault.scope));
            out.faults.append(&mut self.faults);
        }
    }

    fn read_times(&mut self, place: &Place, records: &[u8], before: usize, times: &mut Vec<i64>) {
        let stride = self.record_bytes;
        self.slow.clear();
        dispatch(
            place,
            FillTimes {
                records,
                stride,
                times,
                slow: &mut self.slow,
            },
        );
        for &row in &self.slow {
            let row = row as usize;
            let reason = match place.read(&records[row * stride..][..stride]) {
                Ok(FieldValue::Null) => Reason::EventTimeNull,
                _ => Reason::EventTimeInvalid,
            };
            self.faults.push(FrameFault {
                row: (before + row) as u32,
                scope: FaultScope::EventTime,
                reason,
            });
        }
    }

    fn hash_keys(&mut self, index: usize, records: &[u8], before: usize, hashes: &mut Vec<u64>) {
        let (stride, seed) = (self.record_bytes, self.seed);
        hashes.resize(before + records.len() / stride, 0);
        let hashes = &mut hashes[before..];
        for (position, place) in self.keys[index].iter().enumerate() {
            self.slow.clear();
            dispatch(
                place,
                FoldHashes {
                    records,
                    stride,
                    seed,
                    first: position == 0,
                    hashes,
                    slow: &mut self.slow,
                },
            );
            for &row in &self.slow {
                let row = row as usize;
                match place.read(&records[row * stride..][..stride]) {
                    Ok(value) => {
                        let hash = hash_of(value, seed);
                        hashes[row] = folded(position == 0, hashes[row], hash);
                    }
                    Err(_) => self.faults.push(FrameFault {
                        row: (before + row) as u32,
                        scope: FaultScope::Key(index as u16),
                        reason: Reason::KeyInvalid,
                    }),
                }
            }
        }
    }

    /// Appends the bytes that a file ends with and that make no whole record.
    fn frame_rest(&mut self, start: usize, end: usize, out: &mut Frames) {
        out.faults.push(FrameFault {
            row: out.len() as u32,
            scope: FaultScope::Record,
            reason: Reason::FieldCount,
        });
        out.run.spread(&mut out.starts, &mut out.ends);
        out.starts.push(start as u32);
        out.ends.push(end as u32);
        if self.time.is_some() {
            out.times.push(0);
        }
        for hashes in &mut out.hashes {
            hashes.push(0);
        }
    }
}

fn scope_order(scope: FaultScope) -> u32 {
    match scope {
        FaultScope::Record => 0,
        FaultScope::EventTime => 1,
        FaultScope::Key(index) => 2 + u32::from(index),
    }
}

/// The hash of a field, as `hash.rs` says of its value.
fn hash_of(value: FieldValue<'_>, seed: u64) -> u64 {
    match value {
        FieldValue::Null => hash::hash_null(seed),
        FieldValue::Bool(value) => hash::hash_i64(seed, value.into()),
        FieldValue::I64(value) => hash::hash_i64(seed, value),
        FieldValue::I128(value) => hash::hash_i128(seed, value),
        FieldValue::F64(value) => hash::hash_f64(seed, value),
        FieldValue::Text(text) => hash::hash_text(seed, text),
    }
}

#[inline(always)]
fn folded(first: bool, before: u64, hash: u64) -> u64 {
    if first {
        hash
    } else {
        hash::combine(before, hash)
    }
}

/// Appends event times; rows that have none hold 0 and go to `slow`.
struct FillTimes<'a> {
    records: &'a [u8],
    stride: usize,
    times: &'a mut Vec<i64>,
    slow: &'a mut Vec<u32>,
}

impl Visit for FillTimes<'_> {
    type Output = ();

    fn integers(self, reader: impl Read<i64>) {
        let records = self.records.chunks_exact(self.stride).enumerate();
        self.times
            .extend(records.map(|(row, record)| match reader.read(record) {
                Some(time) if time != WATERMARK_NONE && time != WATERMARK_END => time,
                _ => {
                    self.slow.push(row as u32);
                    0
                }
            }));
    }

    fn bools(self, _: impl Read<bool>) {
        unreachable!("an event time is a timestamp");
    }

    fn wides(self, _: impl Read<i128>) {
        unreachable!("an event time is a timestamp");
    }

    fn doubles(self, _: impl Read<f64>) {
        unreachable!("an event time is a timestamp");
    }

    fn texts(self, _: impl Read<TextView>) {
        unreachable!("an event time is a timestamp");
    }
}

/// Folds the hashes of a column into those of the columns before it; rows not hashed go to `slow`.
struct FoldHashes<'a> {
    records: &'a [u8],
    stride: usize,
    seed: u64,
    first: bool,
    hashes: &'a mut [u64],
    slow: &'a mut Vec<u32>,
}

impl FoldHashes<'_> {
    #[inline(always)]
    fn fold<T>(self, reader: &impl Read<T>, hash: impl Fn(u64, T) -> u64) {
        if self.first {
            self.fold_with(reader, hash, |_, hash| hash);
        } else {
            self.fold_with(reader, hash, hash::combine);
        }
    }

    #[inline(always)]
    fn fold_with<T>(
        self,
        reader: &impl Read<T>,
        hash: impl Fn(u64, T) -> u64,
        fold: impl Fn(u64, u64) -> u64,
    ) {
        let records = self.records.chunks_exact(self.stride);
        for (row, (slot, record)) in self.hashes.iter_mut().zip(records).enumerate() {
            match reader.read(record) {
                Some(value) => *slot = fold(*slot, hash(self.seed, value)),
                None => self.slow.push(row as u32),
            }
        }
    }
}

impl Visit for FoldHashes<'_> {
    type Output = ();

    fn bools(self, reader: impl Read<bool>) {
        self.fold(&reader, |seed, value| hash::hash_i64(seed, value.into()));
    }

    fn integers(self, reader: impl Read<i64>) {
        self.fold(&reader, hash::hash_i64);
    }

    fn wides(self, reader: impl Read<i128>) {
        self.fold(&reader, hash::hash_i128);
    }

    fn doubles(self, reader: impl Read<f64>) {
        self.fold(&reader, hash::hash_f64);
    }

    fn texts(self, reader: impl Read<TextView>) {
        simd::dispatch(FoldTexts(self, reader));
    }
}

/// The loop over texts, which counts leading zeros.
struct FoldTexts<'a, R>(FoldHashes<'a>, R);

impl<R: Read<TextView>> Kernel for FoldTexts<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<S: Scan>(self, _: S) {
        self.0.fold(&self.1, |seed, view: TextView| {
            let word = view.word() >> 32;
            hash::hash_text_words(seed, word as u64, (word >> 64) as u64, view.len())
        });
    }
}

impl Framer for BinaryFramer {
    fn frame(
        &mut self,
        bytes: &[u8],
        from: usize,
        last: bool,
        max: usize,
        out: &mut Frames,
    ) -> usize {
        if out.hashes.len() < self.keys.len() {
            out.hashes.resize_with(self.keys.len(), Vec::new);
        }
        let stride = self.record_bytes;
        let rows = ((bytes.len() - from) / stride).min(max);
        let end = from + rows * stride;
        let mut before = out.len();
        for block in bytes[from..end].chunks((BLOCK_BYTES / stride).max(1) * stride) {
            self.frame_block(block, before, out);
            before += block.len() / stride;
        }
        out.extend_run(RecordRun {
            start: from as u32,
            record_bytes: stride as u32,
            rows: rows as u32,
        });
        if last && rows < max && end < bytes.len() {
            self.frame_rest(end, bytes.len(), out);
            return bytes.len();
        }
        end
    }

    fn begin_file(&mut self) {}

    fn resume_file(&mut self) {}

    fn is_skipping(&self) -> bool {
        false
    }
}
