//! APPROX_COUNT_DISTINCT and APPROX_PERCENTILE: sketches of bounded size whose answer depends on the set of values
//! alone, not on their order or on how they were divided.
//!
//! Counting: HyperLogLog (P. Flajolet, E. Fusy, O. Gandouet, F. Meunier, 2007) with 4096 registers, a standard error
//! of 1.6 %, estimated without tables after O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches"
//! (2017). Few values are kept as a sorted list of the registers that are not zero.
//!
//! Percentiles: DDSketch (C. Masson, J. E. Rim, H. K. Lee, VLDB 2019): counts of values in bins that grow by a factor,
//! so that a result is within 1 % of the value it stands for. Bins are never collapsed: the doubles have at most
//! 2 * 73,000 of them, and prices some hundreds.
//!
//! Rejected (2026-11): the crate hyperloglogplus has no state but what serde makes of its private fields, and counts
//! through `&mut`; sketches-ddsketch collapses bins in a way that depends on the order of values, and forgets in its
//! bytes that it did, so that a restored sketch may go on otherwise than the one that was saved.

use super::held::{Held, Scratch, take};
use super::kernel::{Native, Span};
use super::layout::Fraction;
use crate::batch::Column;
use crate::table::hash_keys;

/// Bits of the hash that choose a register.
const INDEX_BITS: u32 = 12;
const REGISTERS: usize = 1 << INDEX_BITS;
/// Registers listed before all of them are laid out: then the list has half their bytes.
const LISTED_MAX: usize = REGISTERS / 8;
/// One answer whatever the job's seed is.
const SEED: u64 = 0x5ca1_ab1e_0ddb_a115;

/// Relative error of a percentile.
const ERROR: f64 = 0.01;

/// HyperLogLog registers of one group.
#[derive(Default)]
struct Counter {
    /// `index << 8 | rank` of the registers that are not 0, by index; empty once they are laid out.
    listed: Vec<u32>,
    registers: Vec<u8>,
}

impl Counter {
    fn raise(&mut self, index: u32, rank: u8) {
        if !self.registers.is_empty() {
            let register = &mut self.registers[index as usize];
            *register = rank.max(*register);
            return;
        }
        let at = self.listed.partition_point(|known| known >> 8 < index);
        match self.listed.get_mut(at) {
            Some(known) if *known >> 8 == index => {
                *known = (*known).max(index << 8 | u32::from(rank))
            }
            _ => self.listed.insert(at, index << 8 | u32::from(rank)),
        }
        if self.listed.len() > LISTED_MAX {
            self.registers.resize(REGISTERS, 0);
            for known in self.listed.drain(..) {
                self.registers[known as usize >> 8] = known as u8;
            }
        }
    }

    fn add(&mut self, hash: u64) {
        let index = (hash >> (64 - INDEX_BITS)) as u32;
        let rank = (hash << INDEX_BITS).leading_zeros().min(64 - INDEX_BITS) + 1;
        self.raise(index, rank as u8);
    }

    fn for_each(&self, mut f: impl FnMut(u32, u8)) {
        self.listed
            .iter()
            .for_each(|known| f(known >> 8, *known as u8));
        let laid_out = (0..).zip(&self.registers);
        laid_out
            .filter(|(_, rank)| **rank > 0)
            .for_each(|(index, rank)| f(index, *rank));
    }

    fn estimate(&self) -> i64 {
        const RANK_MAX: usize = 64 - INDEX_BITS as usize + 1;
        let mut of_rank = [0u32; RANK_MAX + 1];
        let mut zeros = REGISTERS as u32;
        self.for_each(|_, rank| {
            of_rank[usize::from(rank)] += 1;
            zeros -= 1;
        });
        let m = REGISTERS as f64;
        let mut z = m * tau(1.0 - f64::from(of_rank[RANK_MAX]) / m);
        for rank in (1..RANK_MAX).rev() {
            z = 0.5 * (z + f64::from(of_rank[rank]));
        }
        z += m * sigma(f64::from(zeros) / m);
        (m * m / (2.0 * std::f64::consts::LN_2 * z)).round() as i64
    }
}

/// Ertl's sigma: what the registers at 0 say.
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before {
            return z;
        }
    }
}

/// Ertl's tau: what the registers at their greatest say.
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
        if z == before {
            return z / 3.0;
        }
    }
}

/// The counters of every group.
#[derive(Default)]
pub(super) struct Counters {
    counters: Vec<Counter>,
    entries: usize,
    // Scratch of one batch.
    hashes: Vec<u64>,
}

impl Counters {
    fn change(&mut self, group: usize, change: impl FnOnce(&mut Counter)) {
        let counter = &mut self.counters[group];
        let words = |counter: &Counter| counter.listed.len() / 2 + counter.registers.len() / 8;
        let before = words(counter);
        change(counter);
        self.entries = self.entries + words(counter) - before;
    }
}

impl Held for Counters {
    fn grow(&mut self, groups: usize) {
        if self.counters.len() < groups {
            self.counters.resize_with(groups, Counter::default);
        }
    }

    fn clear(&mut self) {
        for counter in &mut self.counters {
            counter.listed.clear();
            counter.registers.clear();
        }
        self.entries = 0;
    }

    fn fold(&mut self, arg: &Column, span: Span<'_>) {
        let mut hashes = std::mem::take(&mut self.hashes);
        hash_keys(SEED, &[arg], span.rows, arg.len(), &mut hashes);
        span.for_each(|row, group| self.change(group, |counter| counter.add(hashes[row])));
        self.hashes = hashes;
    }

    fn result(&self, group: usize, _: &mut Scratch, out: &mut [Column], at: usize) {
        i64::of_mut(&mut out[0])[at] = self.counters[group].estimate();
    }

    fn export(&self, group: usize, out: &mut Vec<u8>) {
        self.counters[group].for_each(|index, rank| {
            out.extend_from_slice(&(index << 8 | u32::from(rank)).to_le_bytes());
        });
    }

    fn merge(&mut self, group: usize, mut state: &[u8]) {
        self.change(group, |counter| {
            while !state.is_empty() {
                let known = u32::from_le_bytes(take(&mut state));
                counter.raise(known >> 8, known as u8);
            }
        });
    }

    fn entries(&self) -> usize {
        self.entries
    }
}

/// Counts of magnitudes by bin.
#[derive(Default)]
struct Bins {
    /// Bin of the first count.
    first: i32,
    counts: Vec<u64>,
    total: u64,
}

impl Bins {
    fn add(&mut self, bin: i32, count: u64) {
        if self.counts.is_empty() {
            self.first = bin;
        }
        if bin < self.first {
            let missing = (self.first - bin) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, missing));
            self.first = bin;
        }
        let at = (bin - self.first) as usize;
        if self.counts.len() <= at {
            self.counts.resize(at + 1, 0);
        }
        self.counts[at] += count;
        self.total += count;
    }

    /// The bin of the value that `rank` lesser ones are known of.
    fn at_rank(&self, rank: u64) -> i32 {
        let mut before = 0;
        let at = self.counts.iter().position(|count| {
            before += count;
            before > rank
        });
        self.first + at.expect("the rank is below the total") as i32
    }

    fn for_each(&self, mut f: impl FnMut(i32, u64)) {
        let bins = (self.first..).zip(&self.counts);
        bins.filter(|(_, count)| **count > 0)
            .for_each(|(bin, count)| f(bin, *count));
    }

    fn clear(&mut self) {
        self.counts.clear();
        self.total = 0;
    }
}

/// DDSketch of one group. The least and the greatest number are kept, so that they are exact.
#[derive(Default)]
struct Sketch {
    negative: Bins,
    zeros: u64,
    positive: Bins,
    least: f64,
    greatest: f64,
    infinities: [u64; 2],
    nans: u64,
}

fn log_gamma() -> f64 {
    ((1.0 + ERROR) / (1.0 - ERROR)).ln()
}

impl Sketch {
    #[inline]
    fn add(&mut self, x: f64, log_gamma: f64) {
        if !x.is_finite() {
            match x.is_nan() {
                true => self.nans += 1,
                false => self.infinities[usize::from(x > 0.0)] += 1,
            }
            return;
        }
        self.bound(x, x);
        if x == 0.0 {
            self.zeros += 1;
            return;
        }
        let bin = (x.abs().ln() / log_gamma).ceil() as i32;
        match x > 0.0 {
            true => self.positive.add(bin, 1),
            false => self.negative.add(bin, 1),
        }
    }

    fn finite(&self) -> u64 {
        self.negative.total + self.zeros + self.positive.total
    }

    /// Widens the bounds; to be called before the values are counted.
    fn bound(&mut self, least: f64, greatest: f64) {
        let first = self.finite() == 0;
        if first || least < self.least {
            self.least = least;
        }
        if first || self.greatest < greatest {
            self.greatest = greatest;
        }
    }

    fn quantile(&self, fraction: f64, log_gamma: f64) -> f64 {
        let [below, above] = self.infinities;
        let all = below + self.finite() + above + self.nans;
        let rank = (fraction * all.saturating_sub(1) as f64) as u64;
        if rank < below {
            return f64::NEG_INFINITY;
        }
        let rank = rank - below;
        if self.finite() <= rank {
            return match rank - self.finite() < above {
                true => f64::INFINITY,
                false => f64::NAN,
            };
        }
        // The middle of a bin, by its relative error.
        let value = |bin: i32| (f64::from(bin) * log_gamma).exp() * (1.0 - ERROR);
        let (negative, zeros) = (self.negative.total, self.zeros);
        let found = if rank < negative {
            -value(self.negative.at_rank(negative - 1 - rank))
        } else if rank < negative + zeros {
            0.0
        } else {
            value(self.positive.at_rank(rank - negative - zeros))
        };
        found.clamp(self.least, self.greatest)
    }

    fn words(&self) -> usize {
        self.negative.counts.len() + self.positive.counts.len()
    }
}

/// The sketches of every group.
pub(super) struct Sketches {
    // Fixed at construction.
    fractions: Vec<f64>,
    log_gamma: f64,
    // State.
    sketches: Vec<Sketch>,
    entries: usize,
}

impl Sketches {
    pub fn new(fractions: &[Fraction]) -> Self {
        Self {
            fractions: fractions.iter().map(Fraction::number).collect(),
            log_gamma: log_gamma(),
            sketches: Vec::new(),
            entries: 0,
        }
    }
}

impl Held for Sketches {
    fn grow(&mut self, groups: usize) {
        if self.sketches.len() < groups {
            self.sketches.resize_with(groups, Sketch::default);
        }
    }

    fn clear(&mut self) {
        for sketch in &mut self.sketches {
            sketch.negative.clear();
            sketch.positive.clear();
            (sketch.zeros, sketch.nans, sketch.infinities) = (0, 0, [0, 0]);
        }
        self.entries = 0;
    }

    fn fold(&mut self, arg: &Column, span: Span<'_>) {
        let values = f64::of(arg);
        span.for_each(|row, group| {
            let sketch = &mut self.sketches[group];
            let before = sketch.words();
            sketch.add(values[row], self.log_gamma);
            self.entries += sketch.words() - before;
        });
    }

    fn result(&self, group: usize, _: &mut Scratch, out: &mut [Column], at: usize) {
        for (fraction, out) in self.fractions.iter().zip(out) {
            let value = self.sketches[group].quantile(*fraction, self.log_gamma);
            f64::of_mut(out)[at] = value;
        }
    }

    fn export(&self, group: usize, out: &mut Vec<u8>) {
        let sketch = &self.sketches[group];
        let mut word = |word: u64| out.extend_from_slice(&word.to_le_bytes());
        let [below, above] = sketch.infinities;
        [sketch.zeros, below, above, sketch.nans]
            .into_iter()
            .for_each(&mut word);
        [sketch.least, sketch.greatest]
            .into_iter()
            .for_each(|bound| word(bound.to_bits()));
        // The sign of a bin is in its lowest bit.
        for (sign, bins) in [(0, &sketch.positive), (1, &sketch.negative)] {
            bins.for_each(|bin, count| {
                word((i64::from(bin) << 1 | sign) as u64);
                word(count);
            });
        }
    }

    fn merge(&mut self, group: usize, mut state: &[u8]) {
        let mut word = || u64::from_le_bytes(take(&mut state));
        let [zeros, below, above, nans] = std::array::from_fn(|_| word());
        let [least, greatest] = std::array::from_fn(|_| f64::from_bits(word()));
        let sketch = &mut self.sketches[group];
        let before = sketch.words();
        sketch.infinities[0] += below;
        sketch.infinities[1] += above;
        sketch.nans += nans;
        if zeros > 0 || !state.is_empty() {
            sketch.bound(least, greatest);
        }
        sketch.zeros += zeros;
        while !state.is_empty() {
            let bin = i64::from_le_bytes(take(&mut state));
            let count = u64::from_le_bytes(take(&mut state));
            match bin & 1 {
                0 => sketch.positive.add((bin >> 1) as i32, count),
                _ => sketch.negative.add((bin >> 1) as i32, count),
            }
        }
        self.entries += sketch.words() - before;
    }

    fn entries(&self) -> usize {
        self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::hash_i64;

    #[test]
    fn counts_are_close_and_do_not_depend_on_the_division() {
        for count in [0i64, 1, 10, 100, 500, 513, 5_000, 100_000] {
            let mut whole = Counter::default();
            (0..count).for_each(|value| whole.add(hash_i64(SEED, value)));
            let error = (whole.estimate() - count).abs() as f64;
            assert!(
                error <= 0.05 * count as f64,
                "{count}: {}",
                whole.estimate()
            );
            let mut merged = Counters::default();
            merged.grow(1);
            for part in 0..3 {
                let mut counters = Counters::default();
                counters.grow(1);
                let of_part = (0..count).filter(|value| value % 3 == part);
                of_part.for_each(|value| counters.counters[0].add(hash_i64(SEED, value)));
                let mut state = Vec::new();
                counters.export(0, &mut state);
                merged.merge(0, &state);
            }
            assert_eq!(merged.counters[0].estimate(), whole.estimate());
        }
    }

    #[test]
    fn percentiles_are_within_their_error() {
        let mut values: Vec<f64> = (-500..1500)
            .map(|i| f64::from(i) * f64::from(i).abs())
            .collect();
        values.extend([1e300, -1e-300]);
        let mut merged = Sketches::new(&[]);
        merged.grow(1);
        for part in values.chunks(700) {
            let mut sketches = Sketches::new(&[]);
            sketches.grow(1);
            part.iter()
                .for_each(|x| sketches.sketches[0].add(*x, log_gamma()));
            let mut state = Vec::new();
            sketches.export(0, &mut state);
            merged.merge(0, &state);
        }
        let sketch = &merged.sketches[0];
        values.sort_by(f64::total_cmp);
        for step in 0..=200 {
            let fraction = f64::from(step) / 200.0;
            let exact = values[(fraction * (values.len() - 1) as f64) as usize];
            let found = sketch.quantile(fraction, log_gamma());
            let error = (found - exact).abs();
            assert!(
                error <= 1.0001 * ERROR * exact.abs(),
                "{fraction}: {found} {exact}"
            );
        }
    }

    #[test]
    fn what_is_no_finite_number_is_counted_beside() {
        let mut sketch = Sketch::default();
        for x in [f64::NAN, 2.0, f64::INFINITY, f64::NEG_INFINITY, 2.0] {
            sketch.add(x, log_gamma());
        }
        let found = [0.0, 0.25, 0.5, 0.75].map(|fraction| sketch.quantile(fraction, log_gamma()));
        assert_eq!(found, [f64::NEG_INFINITY, 2.0, 2.0, f64::INFINITY]);
        assert!(sketch.quantile(1.0, log_gamma()).is_nan());
    }
}
