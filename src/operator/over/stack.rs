//! What is left of a full block, for MIN and MAX: a stack of the rows that become the extreme one after the other.
//!
//! A row of a full block is the extreme of the block's rest, from some older row on, if no newer row replaces
//! it. These rows, the oldest on top, are all that the frames still to come can show of the block, so a frame
//! looks at the top only, and pops it when its row leaves:
//!
//! ```text
//! block, for MIN:   7  3  9  5  8  6        stack, top first:   3 (slot 1)   5 (slot 3)   6 (slot 5)
//! ```
//!
//! Of 100 random rows about five are on the stack, so it touches few cache lines, rarely; of rising ones all.
//!
//! Before, a ring a component held the extreme of each row and those after it. For AVG, SUM, MIN and MAX over 100
//! random DOUBLEs the stacks, with the shared ring of `lane`, take 54 ns a row where the rings took 93; MIN alone
//! over rising ones 44 where it took 31, for then every row is pushed and popped (2026-11-25, medians of
//! `cargo bench --bench over` without link-time optimisation, the machine noisy).

use super::number::{Number, Order};
use super::slots::{Region, Slab};

/// The slot of a front that never leaves: there is none.
pub const NEVER: u32 = u32::MAX;

#[derive(Clone, Copy, Default)]
struct Entry<T> {
    value: T,
    slot: u32,
}

#[derive(Clone, Copy, Default)]
struct Head {
    region: Region,
    depth: usize,
}

/// The stacks of all partitions.
pub struct Stacks<T> {
    heads: Vec<Head>,
    slab: Slab<Entry<T>>,
    // Scratch.
    built: Vec<Entry<T>>,
}

impl<T: Number> Stacks<T> {
    /// For blocks of `length` rows.
    pub fn new(length: usize) -> Self {
        Self {
            heads: Vec::new(),
            slab: Slab::new(length),
            built: Vec::new(),
        }
    }

    /// Makes room for `partitions` partitions.
    pub fn grow(&mut self, partitions: usize) {
        self.heads.resize(partitions, Head::default());
    }

    /// Stacks the block in `slots` but its oldest row, which no later frame has. Gives the extreme and its slot.
    pub fn build<O: Order<T>>(
        &mut self,
        partition: usize,
        slots: &[T],
        present: Option<&[bool]>,
    ) -> (T, u32) {
        self.built.clear();
        match present {
            None => stack::<T, O>(slots, |_| true, &mut self.built),
            Some(present) => stack::<T, O>(slots, |slot| present[slot], &mut self.built),
        }
        let head = &mut self.heads[partition];
        head.depth = self.built.len();
        self.slab.reserve(&mut head.region, head.depth);
        let start = head.region.start;
        self.slab.values[start..start + head.depth].copy_from_slice(&self.built);
        self.top::<O>(partition)
    }

    /// Drops the top; gives the next extreme and its slot.
    #[cold]
    pub fn pop<O: Order<T>>(&mut self, partition: usize) -> (T, u32) {
        self.heads[partition].depth -= 1;
        self.top::<O>(partition)
    }

    /// The extreme and its slot.
    fn top<O: Order<T>>(&self, partition: usize) -> (T, u32) {
        let Head { region, depth } = self.heads[partition];
        if depth == 0 {
            return (O::NONE, NEVER);
        }
        let entry = self.slab.values[region.start + depth - 1];
        (entry.value, entry.slot)
    }

    /// The entries of a partition with slots from `from` on, the newest row first.
    pub fn save(&self, partition: usize, from: u32) -> (Vec<T>, Vec<i64>) {
        let Head { region, depth } = self.heads[partition];
        let entries = &self.slab.values[region.start..region.start + depth];
        // The newest row of a block that is over is never popped, only built over.
        let entries = &entries[..entries.partition_point(|entry| entry.slot >= from)];
        let slots = entries.iter().map(|entry| i64::from(entry.slot));
        (
            entries.iter().map(|entry| entry.value).collect(),
            slots.collect(),
        )
    }

    /// Gives a partition its entries again, with slots in `from..length`; `None` when they do not fit.
    pub fn load<O: Order<T>>(
        &mut self,
        partition: usize,
        (values, slots): (Vec<T>, Vec<i64>),
        (from, length): (u32, u32),
    ) -> Option<(T, u32)> {
        let descending = slots.windows(2).all(|pair| pair[1] < pair[0]);
        let inside = |slot: &i64| (i64::from(from)..i64::from(length)).contains(slot);
        let fits = values.len() == slots.len() && descending && slots.iter().all(inside);
        fits.then_some(())?;
        let head = &mut self.heads[partition];
        head.depth = slots.len();
        self.slab.reserve(&mut head.region, head.depth);
        let entries = values.into_iter().zip(slots);
        for (at, (value, slot)) in entries.enumerate() {
            let slot = slot as u32;
            self.slab.values[head.region.start + at] = Entry { value, slot };
        }
        Some(self.top::<O>(partition))
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.heads.len() * size_of::<Head>() + self.slab.values.len() * size_of::<Entry<T>>()
    }
}

/// Stacks the rows of `slots` but the oldest.
#[inline(always)]
fn stack<T: Number, O: Order<T>>(
    slots: &[T],
    present: impl Fn(usize) -> bool,
    built: &mut Vec<Entry<T>>,
) {
    let mut top = O::NONE;
    for (slot, &value) in slots.iter().enumerate().skip(1).rev() {
        // The older of two equal ones is the extreme, but while they look alike one entry does for both.
        let covers = !O::replaces(top, value) && !T::same(top, value);
        if covers && present(slot) {
            top = value;
            let slot = slot as u32;
            built.push(Entry { value, slot });
        }
    }
}
