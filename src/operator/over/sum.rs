//! Sliding sums of exact numbers, and counts: the new row is added, the one that leaves is subtracted.
//!
//! Exact arithmetic has no drift, so one addition and one subtraction a row do. 64-bit values sum in `i128`,
//! which 2^63 rows cannot fill; 128-bit ones in 192 bits, so that a frame that overflows DECIMAL(38) and
//! comes back is right again.

use super::part::{Part, PartState, RowsInPlay};
use super::slots::{Region, Saved, Slab};
use crate::operator::archive::{ColumnImage, ColumnValues};

/// An exact sum of values `T`.
pub trait Sum<T>: Copy + Default + Send {
    /// Adds a value.
    fn add(&mut self, value: T);
    /// Takes a value back.
    fn subtract(&mut self, value: T);
    /// As items of a snapshot.
    fn image(self) -> ColumnImage;
    /// From items of a snapshot.
    fn of_image(image: ColumnImage) -> Option<Self>;
}

impl Sum<bool> for u64 {
    #[inline(always)]
    fn add(&mut self, value: bool) {
        *self += Self::from(value);
    }

    #[inline(always)]
    fn subtract(&mut self, value: bool) {
        *self -= Self::from(value);
    }

    fn image(self) -> ColumnImage {
        i128::save(&[i128::from(self)])
    }

    fn of_image(image: ColumnImage) -> Option<Self> {
        i128::load(image)?.pop()?.try_into().ok()
    }
}

impl Sum<i64> for i128 {
    #[inline(always)]
    fn add(&mut self, value: i64) {
        *self += Self::from(value);
    }

    #[inline(always)]
    fn subtract(&mut self, value: i64) {
        *self -= Self::from(value);
    }

    fn image(self) -> ColumnImage {
        Self::save(&[self])
    }

    fn of_image(image: ColumnImage) -> Option<Self> {
        Self::load(image)?.pop()
    }
}

/// A 192-bit integer: `high * 2^128 + low`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wide {
    low: u128,
    high: i64,
}

impl Wide {
    /// The value, if it fits.
    pub fn narrow(self) -> Option<i128> {
        let low = self.low as i128;
        let sign = if low < 0 { -1 } else { 0 };
        (self.high == sign).then_some(low)
    }
}

impl Sum<i128> for Wide {
    #[inline(always)]
    fn add(&mut self, value: i128) {
        let (low, carry) = self.low.overflowing_add(value as u128);
        self.low = low;
        self.high += i64::from(carry) - i64::from(value < 0);
    }

    #[inline(always)]
    fn subtract(&mut self, value: i128) {
        let (low, borrow) = self.low.overflowing_sub(value as u128);
        self.low = low;
        self.high += i64::from(value < 0) - i64::from(borrow);
    }

    fn image(self) -> ColumnImage {
        i128::save(&[self.low as i128, i128::from(self.high)])
    }

    fn of_image(image: ColumnImage) -> Option<Self> {
        let ColumnValues::I128(items) = image.values else {
            return None;
        };
        let [low, high] = items[..] else {
            return None;
        };
        Some(Self {
            low: low as u128,
            high: high.try_into().ok()?,
        })
    }
}

#[derive(Clone, Copy, Default)]
struct Cell<S> {
    region: Region,
    /// Slot of the next row, below the frame's length.
    slot: usize,
    /// Whether every slot is in use, so that the next row makes one leave.
    full: bool,
    sum: S,
}

/// The sliding sum of one argument over one frame, for every partition.
pub struct SlidingSum<T, S> {
    // Fixed at construction.
    length: Option<usize>,
    // State.
    cells: Vec<Cell<S>>,
    slab: Slab<T>,
    /// Sum of the frame of each row in play of the last batch.
    pub results: Vec<S>,
}

impl<T: Copy + Default + Saved + Send, S: Sum<T>> SlidingSum<T, S> {
    /// Sums the last `length` rows; `None`: all.
    pub fn new(length: Option<usize>) -> Self {
        Self {
            length,
            cells: Vec::new(),
            slab: Slab::new(length.unwrap_or(1)),
            results: Vec::new(),
        }
    }

    /// Adds every row in play; `value` is 0 where NULL.
    #[inline(always)]
    pub fn slide(&mut self, rows: &RowsInPlay<'_>, mut value: impl FnMut(usize) -> T) {
        self.results.clear();
        let cells = &mut self.cells;
        let in_play = rows.rows.iter().zip(rows.partitions);
        let Some(length) = self.length else {
            self.results.extend(in_play.map(|(&row, &partition)| {
                let sum = &mut cells[partition as usize].sum;
                sum.add(value(row as usize));
                *sum
            }));
            return;
        };
        let slab = &mut self.slab;
        self.results.extend(in_play.map(|(&row, &partition)| {
            let cell = &mut cells[partition as usize];
            if cell.slot == cell.region.capacity {
                slab.grow(&mut cell.region);
            }
            let slot = &mut slab.values[cell.region.start + cell.slot];
            let new = value(row as usize);
            cell.sum.add(new);
            // A slot not in use yet may hold anything, so it must not be subtracted.
            cell.sum
                .subtract(if cell.full { *slot } else { T::default() });
            *slot = new;
            cell.slot += 1;
            if cell.slot == length {
                cell.slot = 0;
                cell.full = true;
            }
            cell.sum
        }));
    }
}

impl<T: Copy + Default + Saved + Send, S: Sum<T>> Part for SlidingSum<T, S> {
    fn grow(&mut self, partitions: usize) {
        self.cells.resize(partitions, Cell::default());
    }

    fn save(&self, partition: usize) -> PartState {
        let cell = &self.cells[partition];
        let held = match (self.length, cell.full) {
            (Some(length), true) => length,
            _ => cell.slot,
        };
        let start = cell.region.start;
        PartState {
            slot: cell.slot as u64,
            full: cell.full,
            accumulator: cell.sum.image(),
            slots: T::save(&self.slab.values[start..start + held]),
        }
    }

    fn load(&mut self, partition: usize, state: PartState) -> Option<()> {
        let slots = T::load(state.slots)?;
        let slot = usize::try_from(state.slot).ok()?;
        let held = match (self.length, state.full) {
            (Some(length), true) => length,
            _ => slot,
        };
        let fits = slots.len() == held && slot < self.length.unwrap_or(1);
        fits.then_some(())?;
        let cell = &mut self.cells[partition];
        self.slab.reserve(&mut cell.region, held);
        let start = cell.region.start;
        self.slab.values[start..start + held].copy_from_slice(&slots);
        cell.slot = slot;
        cell.full = state.full;
        cell.sum = S::of_image(state.accumulator)?;
        Some(())
    }

    fn bytes(&self) -> usize {
        self.cells.len() * size_of::<Cell<S>>() + self.slab.values.len() * size_of::<T>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_sums_come_back_from_overflow() {
        let mut sum = Wide::default();
        for _ in 0..5 {
            sum.add(i128::MAX);
        }
        assert_eq!(sum.narrow(), None);
        for _ in 0..4 {
            sum.subtract(i128::MAX);
        }
        assert_eq!(sum.narrow(), Some(i128::MAX));
        sum.add(i128::MIN);
        assert_eq!(sum.narrow(), Some(-1));
        sum.add(i128::MIN);
        assert_eq!(sum.narrow(), None);
        sum.subtract(i128::MIN);
        assert_eq!(sum.narrow(), Some(-1));
        assert_eq!(Wide::of_image(sum.image()), Some(sum));
    }
}
