//! MIN and MAX of VARCHAR over one frame, for every partition: two stacks laid out by blocks.
//!
//! As in `lane`, but the slots of a full block are overwritten with the extreme of each row and those after it,
//! so that a text is copied into memory that is there already.

use super::lag::mark;
use super::part::{Part, PartState, Progress, RowsInPlay};
use super::slots::{Region, Saved, Slab, TextSlot};
use crate::batch::{Column, ColumnData};

/// Which extreme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extreme {
    /// MIN.
    Least,
    /// MAX.
    Greatest,
}

impl Extreme {
    /// `older` becomes the extreme of both: among equal ones the older, NULL only when both are.
    fn absorb(self, older: &mut TextSlot, newer: &TextSlot) {
        let replaces = match self {
            Self::Least => newer.bytes < older.bytes,
            Self::Greatest => newer.bytes > older.bytes,
        };
        if newer.present && (!older.present || replaces) {
            older.clone_from(newer);
        }
    }
}

#[derive(Clone, Default)]
struct Cell {
    region: Region,
    /// Slot of the next row; the frame's length when the block is full.
    slot: usize,
    /// Whether the slots from `slot` on hold the front.
    has_front: bool,
    back: TextSlot,
}

/// The sliding extreme of one argument over one frame, for every partition.
pub struct SlidingText {
    // Fixed at construction.
    extreme: Extreme,
    length: Option<u32>,
    // State.
    cells: Vec<Cell>,
    slab: Slab<TextSlot>,
    // Scratch.
    result: TextSlot,
    out: Column,
}

impl SlidingText {
    /// Over the last `length` rows; `None`: all.
    pub fn new(extreme: Extreme, length: Option<u32>) -> Self {
        Self {
            extreme,
            length,
            cells: Vec::new(),
            slab: Slab::new(length.map_or(1, |length| length as usize)),
            result: TextSlot::default(),
            out: Column::new(crate::types::DataType::Varchar),
        }
    }

    /// Which extreme it is.
    pub fn extreme(&self) -> Extreme {
        self.extreme
    }

    /// Takes in the rows of a batch.
    pub fn slide(&mut self, rows: &RowsInPlay<'_>, argument: &Column) {
        self.out.reset(rows.total);
        for (&row, &partition) in rows.rows.iter().zip(rows.partitions) {
            self.enter(row as usize, partition as usize, argument);
            let Column { data, nulls } = &mut self.out;
            let ColumnData::Text(to) = data else {
                unreachable!("made for VARCHAR");
            };
            if self.result.present {
                to.set(row as usize, &self.result.bytes);
            } else {
                mark(nulls, rows.total, row as usize);
            }
        }
    }

    /// Gives the last batch's results to `out`, once.
    pub fn give(&mut self, out: &mut Column) {
        std::mem::swap(&mut self.out, out);
    }

    /// Takes in a row and leaves its frame's extreme in `result`.
    fn enter(&mut self, row: usize, partition: usize, argument: &Column) {
        let ColumnData::Text(from) = &argument.data else {
            panic!("an argument of another type");
        };
        let cell = &mut self.cells[partition];
        let Some(length) = self.length.map(|length| length as usize) else {
            self.result.take(argument, from, row);
            self.extreme.absorb(&mut cell.back, &self.result);
            self.result.clone_from(&cell.back);
            return;
        };
        if cell.slot == length {
            let start = cell.region.start;
            turn(self.extreme, &mut self.slab.values[start..start + length]);
            cell.slot = 0;
            cell.has_front = true;
        }
        if cell.slot == cell.region.capacity {
            self.slab.grow(&mut cell.region);
        }
        let Region { start, capacity } = cell.region;
        let slots = &mut self.slab.values[start..start + capacity];
        let item = &mut slots[cell.slot];
        item.take(argument, from, row);
        if cell.slot == 0 {
            cell.back.clone_from(item);
        } else {
            self.extreme.absorb(&mut cell.back, item);
        }
        cell.slot += 1;
        if cell.has_front && cell.slot < length {
            self.result.clone_from(&slots[cell.slot]);
            self.extreme.absorb(&mut self.result, &cell.back);
        } else {
            self.result.clone_from(&cell.back);
        }
    }
}

/// Makes every slot of a full block the extreme of its row and those after it.
#[cold]
fn turn(extreme: Extreme, slots: &mut [TextSlot]) {
    for slot in (1..slots.len()).rev() {
        let (older, newer) = slots.split_at_mut(slot);
        extreme.absorb(&mut older[slot - 1], &newer[0]);
    }
}

impl Part for SlidingText {
    fn grow(&mut self, partitions: usize) {
        self.cells.resize(partitions, Cell::default());
    }

    /// Images: the extreme of the current block, and the slots.
    fn save(&self, partition: usize) -> PartState {
        let cell = &self.cells[partition];
        let start = cell.region.start;
        let held = match self.length {
            None => 0,
            Some(length) if cell.has_front => length as usize,
            Some(_) => cell.slot,
        };
        PartState {
            slot: cell.slot as u64,
            full: cell.has_front,
            images: vec![
                TextSlot::save(std::slice::from_ref(&cell.back)),
                TextSlot::save(&self.slab.values[start..start + held]),
            ],
        }
    }

    fn load(&mut self, partition: usize, state: PartState, _: &[Progress]) -> Option<()> {
        let [back, slots] = state.images.try_into().ok()?;
        let slots = TextSlot::load(slots)?;
        let back = TextSlot::load(back)?.pop()?;
        let slot = usize::try_from(state.slot).ok()?;
        let length = self.length.map_or(0, |length| length as usize);
        let held = if state.full { length } else { slot };
        let fits = slots.len() == held && slot <= length;
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
        self.cells.len() * size_of::<Cell>() + self.slab.values.len() * size_of::<TextSlot>()
    }
}
