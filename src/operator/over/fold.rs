//! Sliding SUM of DOUBLE, MIN and MAX: two stacks laid out by blocks.
//!
//! Rows of a partition are cut into blocks as long as the frame. The current block is folded in source order
//! as its rows come (the *back*); when a block is full, its slots are overwritten from the newest to the
//! oldest with the fold of each row and those after it (the *front*). A frame is then the front from its
//! oldest row to the end of the block before, followed by the back:
//!
//! ```text
//! block before, slots hold suffix folds      current block, slots hold values
//! | .. | x x x | v+(v+(v+v)) | .. | v+v | v ||  v | v | v |
//!              ^ slot + 1: the front           (v+v)+v: the back          frame = front + back
//! ```
//!
//! Both parts share one ring: a slot is read as front once before the current block takes it. Nothing is ever
//! subtracted, so a DOUBLE neither drifts nor keeps a NaN, and its fold shape depends on the number of the
//! row alone (row `r` of the partition is slot `r mod length`). Each row is folded at most three times. A
//! monotonic queue does less work on random values but more on rising ones, and branches on the data.

use super::part::{Part, PartState, RowsInPlay};
use super::slots::{Region, Saved, Slab, TextSlot};

/// An associative way to put two neighbouring runs of rows together.
pub trait Fold: Send {
    /// The fold of a run.
    type Item: Clone + Default + Saved + Send;
    /// What changes nothing: the item of a NULL.
    fn identity() -> Self::Item;
    /// `older` becomes the fold of `older` followed by `newer`.
    fn absorb(older: &mut Self::Item, newer: &Self::Item);
}

/// SUM of DOUBLE.
pub struct Total;
/// MIN: among equal ones the oldest, as without OVER.
pub struct Least<T>(std::marker::PhantomData<T>);
/// MAX: among equal ones the oldest, as without OVER.
pub struct Greatest<T>(std::marker::PhantomData<T>);

impl Fold for Total {
    type Item = f64;

    fn identity() -> f64 {
        // -0.0 + x is x for every x; 0.0 + -0.0 is not.
        -0.0
    }

    #[inline(always)]
    fn absorb(older: &mut f64, newer: &f64) {
        *older += *newer;
    }
}

macro_rules! extremes {
    ($type:ty, $least:expr, $greatest:expr, $below:expr) => {
        impl Fold for Least<$type> {
            type Item = $type;

            fn identity() -> $type {
                $greatest
            }

            #[inline(always)]
            fn absorb(older: &mut $type, newer: &$type) {
                *older = if $below(*newer, *older) {
                    *newer
                } else {
                    *older
                };
            }
        }

        impl Fold for Greatest<$type> {
            type Item = $type;

            fn identity() -> $type {
                $least
            }

            #[inline(always)]
            fn absorb(older: &mut $type, newer: &$type) {
                *older = if $below(*older, *newer) {
                    *newer
                } else {
                    *older
                };
            }
        }
    };
}

/// Whether `a` sorts before `b`, NaN behind every number.
#[inline(always)]
fn below_f64(a: f64, b: f64) -> bool {
    a < b || (b.is_nan() && !a.is_nan())
}

extremes!(i64, i64::MIN, i64::MAX, |a, b| a < b);
extremes!(i128, i128::MIN, i128::MAX, |a, b| a < b);
extremes!(f64, f64::NEG_INFINITY, f64::NAN, below_f64);

impl Fold for Least<TextSlot> {
    type Item = TextSlot;

    fn identity() -> TextSlot {
        TextSlot::default()
    }

    fn absorb(older: &mut TextSlot, newer: &TextSlot) {
        if newer.present && (!older.present || newer.bytes < older.bytes) {
            older.clone_from(newer);
        }
    }
}

impl Fold for Greatest<TextSlot> {
    type Item = TextSlot;

    fn identity() -> TextSlot {
        TextSlot::default()
    }

    fn absorb(older: &mut TextSlot, newer: &TextSlot) {
        if newer.present && (!older.present || newer.bytes > older.bytes) {
            older.clone_from(newer);
        }
    }
}

#[derive(Clone)]
struct Cell<T> {
    region: Region,
    /// Slot of the next row; the frame's length when the block is full.
    slot: usize,
    /// Whether the slots from `slot` on hold the front.
    has_front: bool,
    back: T,
}

/// The sliding fold of one argument over one frame, for every partition.
pub struct SlidingFold<F: Fold> {
    // Fixed at construction.
    length: Option<usize>,
    // State.
    cells: Vec<Cell<F::Item>>,
    slab: Slab<F::Item>,
    // Scratch.
    result: F::Item,
    /// Fold of the frame of each row of the last batch, when `slide` was told to keep it.
    pub results: Vec<F::Item>,
}

impl<F: Fold> SlidingFold<F> {
    /// Folds the last `length` rows; `None`: all.
    pub fn new(length: Option<usize>) -> Self {
        Self {
            length,
            cells: Vec::new(),
            slab: Slab::new(length.unwrap_or(1)),
            result: F::identity(),
            results: Vec::new(),
        }
    }

    /// Folds every row in play: `load` writes a row's item, `emit` takes its frame's fold.
    #[inline(always)]
    pub fn slide(
        &mut self,
        rows: &RowsInPlay<'_>,
        load: impl FnMut(usize, &mut F::Item),
        emit: impl FnMut(usize, &F::Item),
    ) {
        match self.length {
            Some(length) => self.slide_bounded(length, rows, load, emit),
            None => self.slide_running(rows, load, emit),
        }
    }

    #[inline(always)]
    fn slide_bounded(
        &mut self,
        length: usize,
        rows: &RowsInPlay<'_>,
        mut load: impl FnMut(usize, &mut F::Item),
        mut emit: impl FnMut(usize, &F::Item),
    ) {
        for (&row, &partition) in rows.rows.iter().zip(rows.partitions) {
            let cell = &mut self.cells[partition as usize];
            if cell.slot == length {
                let start = cell.region.start;
                turn::<F>(&mut self.slab.values[start..start + length]);
                cell.slot = 0;
                cell.has_front = true;
            }
            if cell.slot == cell.region.capacity {
                self.slab.grow(&mut cell.region);
            }
            let Region { start, capacity } = cell.region;
            let slots = &mut self.slab.values[start..start + capacity];
            let item = &mut slots[cell.slot];
            load(row as usize, item);
            if cell.slot == 0 {
                cell.back.clone_from(item);
            } else {
                F::absorb(&mut cell.back, item);
            }
            cell.slot += 1;
            if cell.has_front && cell.slot < length {
                self.result.clone_from(&slots[cell.slot]);
                F::absorb(&mut self.result, &cell.back);
                emit(row as usize, &self.result);
            } else {
                emit(row as usize, &cell.back);
            }
        }
    }

    #[inline(always)]
    fn slide_running(
        &mut self,
        rows: &RowsInPlay<'_>,
        mut load: impl FnMut(usize, &mut F::Item),
        mut emit: impl FnMut(usize, &F::Item),
    ) {
        for (&row, &partition) in rows.rows.iter().zip(rows.partitions) {
            let back = &mut self.cells[partition as usize].back;
            load(row as usize, &mut self.result);
            F::absorb(back, &self.result);
            emit(row as usize, back);
        }
    }
}

/// Makes every slot of a full block the fold of its row and those after it.
#[cold]
fn turn<F: Fold>(slots: &mut [F::Item]) {
    for slot in (1..slots.len()).rev() {
        let (older, newer) = slots.split_at_mut(slot);
        F::absorb(&mut older[slot - 1], &newer[0]);
    }
}

impl<F: Fold> Part for SlidingFold<F> {
    fn grow(&mut self, partitions: usize) {
        let empty = Cell {
            region: Region::default(),
            slot: 0,
            has_front: false,
            back: F::identity(),
        };
        self.cells.resize(partitions, empty);
    }

    fn save(&self, partition: usize) -> PartState {
        let cell = &self.cells[partition];
        let start = cell.region.start;
        let held = match (self.length, cell.has_front) {
            (None, _) => 0,
            (Some(length), true) => length,
            (Some(_), false) => cell.slot,
        };
        PartState {
            slot: cell.slot as u64,
            full: cell.has_front,
            accumulator: F::Item::save(std::slice::from_ref(&cell.back)),
            slots: F::Item::save(&self.slab.values[start..start + held]),
        }
    }

    fn load(&mut self, partition: usize, state: PartState) -> Option<()> {
        let slots = F::Item::load(state.slots)?;
        let back = F::Item::load(state.accumulator)?.pop()?;
        let slot = usize::try_from(state.slot).ok()?;
        let held = match (self.length, state.full) {
            (None, _) => 0,
            (Some(length), true) => length,
            (Some(_), false) => slot,
        };
        let fits = slots.len() == held && slot <= self.length.unwrap_or(0);
        fits.then_some(())?;
        let cell = &mut self.cells[partition];
        self.slab.reserve(&mut cell.region, held);
        let start = cell.region.start;
        self.slab.values[start..start + held].clone_from_slice(&slots);
        cell.slot = slot;
        cell.has_front = state.full;
        cell.back = back;
        Some(())
    }

    fn bytes(&self) -> usize {
        self.cells.len() * size_of::<Cell<F::Item>>()
            + self.slab.values.len() * size_of::<F::Item>()
    }
}
