//! MEDIAN and PERCENTILE_CONT / DISC, exact: every value of a group is kept.
//!
//! Values are kept as unsigned words in the order of the values (NaN behind every number, one zero), so that one
//! selection serves every type. It runs on a copy, in linear time. Where every row shows its result the lists are
//! kept sorted instead.

use super::held::{Held, Scratch, take};
use super::kernel::{Native, Span};
use super::layout::Fraction;
use crate::batch::Column;
use crate::hash::canonical_f64_bits;

/// Which percentiles are asked for, each a result column.
pub(super) struct Quantiles(Vec<Fraction>);

impl Quantiles {
    pub fn new(fractions: &[Fraction]) -> Self {
        Self(fractions.to_vec())
    }
}

/// A type whose values can be kept as words.
pub(super) trait Kept: Native {
    /// The word: ordered as the values are.
    type Word: Copy + Ord + Send;
    fn word(self) -> Self::Word;
    fn value(word: Self::Word) -> Self;
    fn scratch(scratch: &mut Scratch) -> &mut Vec<Self::Word>;
    fn write(word: Self::Word, out: &mut Vec<u8>);
    fn read(state: &mut &[u8]) -> Self::Word;
    /// The value between two neighbours, for doubles.
    fn between(low: Self, high: Self, share: f64) -> Self;
}

const SIGN: u64 = 1 << 63;

/// What lies `share` of the way from one value to the next.
pub(in crate::operator) fn between(low: f64, high: f64, share: f64) -> f64 {
    // Equal infinities have no difference.
    if low == high {
        low
    } else {
        low + (high - low) * share
    }
}

impl Kept for f64 {
    type Word = u64;

    fn word(self) -> u64 {
        let bits = canonical_f64_bits(self);
        if bits & SIGN == 0 { bits | SIGN } else { !bits }
    }

    fn value(word: u64) -> Self {
        Self::from_bits(if word & SIGN == 0 { !word } else { word ^ SIGN })
    }

    fn scratch(scratch: &mut Scratch) -> &mut Vec<u64> {
        &mut scratch.narrow
    }

    fn write(word: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(&word.to_le_bytes());
    }

    fn read(state: &mut &[u8]) -> u64 {
        u64::from_le_bytes(take(state))
    }

    fn between(low: Self, high: Self, share: f64) -> Self {
        between(low, high, share)
    }
}

impl Kept for i64 {
    type Word = u64;

    fn word(self) -> u64 {
        self as u64 ^ SIGN
    }

    fn value(word: u64) -> Self {
        (word ^ SIGN) as Self
    }

    fn scratch(scratch: &mut Scratch) -> &mut Vec<u64> {
        &mut scratch.narrow
    }

    fn write(word: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(&word.to_le_bytes());
    }

    fn read(state: &mut &[u8]) -> u64 {
        u64::from_le_bytes(take(state))
    }

    fn between(_: Self, _: Self, _: f64) -> Self {
        unreachable!("the signature makes what is between values DOUBLE")
    }
}

impl Kept for i128 {
    type Word = u128;

    fn word(self) -> u128 {
        self as u128 ^ 1 << 127
    }

    fn value(word: u128) -> Self {
        (word ^ 1 << 127) as Self
    }

    fn scratch(scratch: &mut Scratch) -> &mut Vec<u128> {
        &mut scratch.wide
    }

    fn write(word: u128, out: &mut Vec<u8>) {
        out.extend_from_slice(&word.to_le_bytes());
    }

    fn read(state: &mut &[u8]) -> u128 {
        u128::from_le_bytes(take(state))
    }

    fn between(_: Self, _: Self, _: f64) -> Self {
        unreachable!("the signature makes what is between values DOUBLE")
    }
}

/// The values of every group.
pub(super) struct Values<T: Kept> {
    // Fixed at construction.
    quantiles: Quantiles,
    // State.
    lists: Vec<Vec<T::Word>>,
    entries: usize,
    sorted: bool,
}

impl<T: Kept> Values<T> {
    pub fn new(quantiles: Quantiles) -> Self {
        Self {
            quantiles,
            lists: Vec::new(),
            entries: 0,
            sorted: false,
        }
    }
}

impl<T: Kept> Held for Values<T> {
    fn grow(&mut self, groups: usize) {
        if self.lists.len() < groups {
            self.lists.resize_with(groups, Vec::new);
        }
    }

    fn clear(&mut self) {
        self.lists.iter_mut().for_each(Vec::clear);
        self.entries = 0;
        self.sorted = false;
    }

    fn fold(&mut self, arg: &Column, span: Span<'_>) {
        let values = T::of(arg);
        self.entries += span.rows.len();
        if self.sorted {
            span.for_each(|row, group| {
                let (list, word) = (&mut self.lists[group], values[row].word());
                let at = list.partition_point(|known| *known <= word);
                list.insert(at, word);
            });
        } else {
            span.for_each(|row, group| self.lists[group].push(values[row].word()));
        }
    }

    fn expect_traces(&mut self) {
        if !self.sorted {
            self.lists.iter_mut().for_each(|list| list.sort_unstable());
            self.sorted = true;
        }
    }

    fn result(&self, group: usize, scratch: &mut Scratch, out: &mut [Column], at: usize) {
        let list = &self.lists[group];
        if list.is_empty() {
            return;
        }
        let copy = T::scratch(scratch);
        if !self.sorted {
            copy.clear();
            copy.extend_from_slice(list);
        }
        for (fraction, out) in self.quantiles.0.iter().zip(out) {
            let (rank, share) = fraction.rank(list.len());
            let (low, high) = match self.sorted {
                true => (list[rank], list[list.len().min(rank + 2) - 1]),
                false => {
                    let (_, low, above) = copy.select_nth_unstable(rank);
                    (*low, above.iter().min().copied().unwrap_or(*low))
                }
            };
            let low = T::value(low);
            T::of_mut(out)[at] = match share > 0.0 {
                true => T::between(low, T::value(high), share),
                false => low,
            };
        }
    }

    fn export(&self, group: usize, out: &mut Vec<u8>) {
        for &word in &self.lists[group] {
            T::write(word, out);
        }
    }

    fn merge(&mut self, group: usize, mut state: &[u8]) {
        let list = &mut self.lists[group];
        let before = list.len();
        while !state.is_empty() {
            list.push(T::read(&mut state));
        }
        self.entries += list.len() - before;
        if self.sorted {
            list.sort_unstable();
        }
    }

    fn entries(&self) -> usize {
        self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_ordered_as_their_values() {
        let doubles = [
            f64::NEG_INFINITY,
            -2.5,
            -1e-300,
            0.0,
            1e-300,
            7.0,
            f64::INFINITY,
        ];
        assert!(doubles.map(f64::word).is_sorted());
        assert_eq!(doubles.map(f64::word).map(f64::value), doubles);
        assert!(f64::NAN.word() > f64::INFINITY.word() && (-0.0f64).word() == 0.0f64.word());
        let narrow = [i64::MIN, -1, 0, 1, i64::MAX];
        assert!(narrow.map(i64::word).is_sorted());
        assert_eq!(narrow.map(i64::word).map(i64::value), narrow);
        let wide = [i128::MIN, -1, 0, 1, i128::MAX];
        assert!(wide.map(i128::word).is_sorted());
        assert_eq!(wide.map(i128::word).map(i128::value), wide);
    }
}
