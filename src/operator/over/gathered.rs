//! Percentiles, MODE, STRING_AGG and ARRAY_AGG over frames, made of the values that the frame holds (`gather`).

use super::gather::Gather;
use super::item::{AnyItem, Item};
use super::queue::reuse;
use super::slots::TextSlot;
use super::sorted::Sorted;
use crate::batch::{Column, ColumnData};
use crate::error::Reason;
use crate::hash::canonical_f64_bits;
use crate::operator::aggregate::layout::Fraction;
use crate::operator::aggregate::values::between;
use std::collections::VecDeque;
use std::marker::PhantomData;

/// Bytes of a joined text at most.
const JOINED_BYTES_MAX: usize = 1 << 28;

/// Makes a DOUBLE that was written the one that stands for its equals: one zero, one NaN.
fn canonical(row: usize, out: &mut Column) {
    if let ColumnData::F64(values) = &mut out.data {
        values[row] = f64::from_bits(canonical_f64_bits(values[row]));
    }
}

/// MEDIAN, PERCENTILE_CONT and PERCENTILE_DISC: the values in their order.
pub struct Quantile<T> {
    fraction: Fraction,
    item: PhantomData<fn() -> T>,
}

impl<T> Quantile<T> {
    /// The percentile `fraction`.
    pub fn new(fraction: Fraction) -> Self {
        let item = PhantomData;
        Self { fraction, item }
    }
}

impl<T: Item> Gather for Quantile<T> {
    type Value = T;
    type State = Sorted<T>;

    fn enter(&self, state: &mut Sorted<T>, value: &T) -> bool {
        state.insert(value);
        true
    }

    fn leave(&self, state: &mut Sorted<T>, value: &T) {
        state.remove(value);
    }

    fn put(
        &mut self,
        state: &mut Sorted<T>,
        _: &VecDeque<(i64, T)>,
        row: usize,
        out: &mut Column,
    ) -> Result<(), Reason> {
        match state.is_empty() {
            true => out.set_null(row),
            false => put_percentile(state, &self.fraction, row, out),
        }
        Ok(())
    }

    fn bytes(state: &Sorted<T>) -> usize {
        state.bytes()
    }
}

/// Writes the percentile `fraction` of values, of which there are some, to `row`.
pub fn put_percentile<T: Item>(
    sorted: &Sorted<T>,
    fraction: &Fraction,
    row: usize,
    out: &mut Column,
) {
    let (rank, share) = fraction.rank(sorted.len());
    sorted.get(rank).put(row, out);
    canonical(row, out);
    if share > 0.0 {
        let low = double_at(row, out);
        let next = (rank + 1).min(sorted.len() - 1);
        sorted.get(next).put(row, out);
        let high = double_at(row, out);
        Some(between(low, high, share)).put(row, out);
        canonical(row, out);
    }
}

/// The DOUBLE that was written: nothing else has values between its values.
fn double_at(row: usize, out: &Column) -> f64 {
    match &out.data {
        ColumnData::F64(values) => values[row],
        other => panic!("what is between values is DOUBLE, not {other:?}"),
    }
}

/// A value, how often it is in the frame, and the number of the first value of the frame that it is.
struct Tallied {
    value: AnyItem,
    count: u64,
    first: u64,
}

/// How often each value is in a frame. Values are numbered as they enter.
#[derive(Default)]
pub struct Tally {
    /// By value.
    tallied: Vec<Tallied>,
    entered: u64,
    left: u64,
    /// Values whose memory is used again.
    spare: Vec<AnyItem>,
}

/// MODE: the value that is most often in the frame, of several the one that is there first.
///
/// A row costs a search among the frame's distinct values and a look at each.
pub struct ModeOf;

impl Gather for ModeOf {
    type Value = AnyItem;
    type State = Tally;

    fn enter(&self, state: &mut Tally, value: &AnyItem) -> bool {
        let tallied = &mut state.tallied;
        let at = tallied.partition_point(|known| known.value.is_below(value));
        match tallied.get_mut(at) {
            Some(known) if !value.is_below(&known.value) => known.count += 1,
            _ => {
                let mut kept = state.spare.pop().unwrap_or_default();
                kept.clone_from(value);
                let new = Tallied {
                    value: kept,
                    count: 1,
                    first: state.entered,
                };
                tallied.insert(at, new);
            }
        }
        state.entered += 1;
        true
    }

    fn leave(&self, state: &mut Tally, value: &AnyItem) {
        let tallied = &mut state.tallied;
        let at = tallied.partition_point(|known| known.value.is_below(value));
        tallied[at].count -= 1;
        if tallied[at].count == 0 {
            reuse(&mut state.spare, tallied.remove(at).value);
        }
        state.left += 1;
    }

    fn put(
        &mut self,
        state: &mut Tally,
        inside: &VecDeque<(i64, AnyItem)>,
        row: usize,
        out: &mut Column,
    ) -> Result<(), Reason> {
        let most = state.tallied.iter().map(|known| known.count).max();
        let left = state.left;
        let often = state
            .tallied
            .iter_mut()
            .filter(|known| Some(known.count) == most);
        let mut mode: Option<&Tallied> = None;
        for known in often {
            if known.first < left {
                // The first has left: the next is somewhere behind.
                let is_same = |(_, value): &(i64, AnyItem)| {
                    !value.is_below(&known.value) && !known.value.is_below(value)
                };
                let at = inside.iter().position(is_same);
                known.first = left + at.expect("it is in the frame") as u64;
            }
            if mode.is_none_or(|mode| known.first < mode.first) {
                mode = Some(known);
            }
        }
        match mode {
            Some(mode) => {
                mode.value.put(row, out);
                canonical(row, out);
            }
            None => out.set_null(row),
        }
        Ok(())
    }

    fn bytes(state: &Tally) -> usize {
        state.tallied.capacity() * size_of::<Tallied>()
    }
}

/// Texts, or ARRAYs, that are joined.
pub struct Joining {
    separator: Vec<u8>,
    joined: Vec<u8>,
    is_begun: bool,
}

impl Joining {
    /// With `separator` between the texts.
    pub fn new(separator: &str) -> Self {
        Self {
            separator: separator.as_bytes().to_vec(),
            joined: Vec::new(),
            is_begun: false,
        }
    }

    /// Begins a result.
    pub fn begin(&mut self) {
        self.joined.clear();
        self.is_begun = false;
    }

    /// Appends a text.
    ///
    /// # Errors
    /// `Reason::Overflow` when the result grows beyond [`JOINED_BYTES_MAX`].
    pub fn add(&mut self, text: &[u8]) -> Result<(), Reason> {
        if std::mem::replace(&mut self.is_begun, true) {
            self.joined.extend_from_slice(&self.separator);
        }
        self.joined.extend_from_slice(text);
        match self.joined.len() > JOINED_BYTES_MAX {
            true => Err(Reason::Overflow),
            false => Ok(()),
        }
    }

    /// Writes the result to `row`.
    pub fn put(&self, row: usize, out: &mut Column) {
        let ColumnData::Text(texts) = &mut out.data else {
            panic!("texts and ARRAYs are joined");
        };
        texts.set(row, &self.joined);
    }
}

/// STRING_AGG and ARRAY_AGG: the frame's texts joined; to write the result costs as much as to join it.
pub struct Joined {
    joining: Joining,
}

impl Joined {
    /// With `separator` between the texts.
    pub fn new(separator: &str) -> Self {
        let joining = Joining::new(separator);
        Self { joining }
    }
}

impl Gather for Joined {
    type Value = TextSlot;
    type State = ();

    fn enter(&self, (): &mut (), _: &TextSlot) -> bool {
        true
    }

    fn leave(&self, (): &mut (), _: &TextSlot) {}

    fn put(
        &mut self,
        (): &mut (),
        inside: &VecDeque<(i64, TextSlot)>,
        row: usize,
        out: &mut Column,
    ) -> Result<(), Reason> {
        if inside.is_empty() {
            out.set_null(row);
            return Ok(());
        }
        self.joining.begin();
        for (_, text) in inside {
            self.joining.add(&text.bytes)?;
        }
        self.joining.put(row, out);
        Ok(())
    }

    fn bytes((): &()) -> usize {
        0
    }
}
