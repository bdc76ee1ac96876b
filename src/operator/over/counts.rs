//! How many rows of a frame are not NULL in the argument.
//!
//! Until an argument's first NULL that follows from the number of the row. From then on a ring of which rows
//! hold values slides with the rows, begun as if it had always been there.

use super::part::{Part, PartState, Progress, RowsInPlay};
use super::slots::{Region, Saved, Slab};
use crate::batch::{Column, ColumnData};

#[derive(Clone, Copy, Default)]
struct Cell {
    region: Region,
    /// Slot of the next row, below the frame's length.
    slot: usize,
    /// Whether every slot is in use, so that the next row makes one leave.
    full: bool,
    count: u64,
}

struct Ring {
    cells: Vec<Cell>,
    slab: Slab<bool>,
}

/// The counts of one argument, or of rows, over one frame, for every partition.
pub struct Counts {
    // Fixed at construction.
    length: Option<u32>,
    // State.
    partitions: usize,
    /// `None` before the first NULL.
    ring: Option<Ring>,
    /// Count of the frame of each row in play of the last batch; empty when `uniform`.
    pub results: Vec<u64>,
    /// The one count that all frames of the last batch have, when that is known without looking.
    pub uniform: Option<u64>,
}

impl Counts {
    /// Over the last `length` rows; `None`: all.
    pub fn new(length: Option<u32>) -> Self {
        Self {
            length,
            partitions: 0,
            ring: None,
            results: Vec::new(),
            uniform: None,
        }
    }

    /// Looks at a batch before its rows are counted in `progress`: with a NULL in it the ring must be there.
    pub fn prepare(&mut self, argument: Option<&Column>, progress: &[Progress]) {
        let nulls = argument.map_or(&[][..], |column| &column.nulls);
        if self.ring.is_none() && nulls.contains(&true) {
            self.begin_ring(progress);
        }
    }

    fn begin_ring(&mut self, progress: &[Progress]) {
        let mut ring = Ring {
            cells: vec![Cell::default(); self.partitions],
            slab: Slab::new(self.length.map_or(1, |length| length as usize)),
        };
        for (partition, progress) in progress.iter().enumerate() {
            ring.begin(partition, self.length, progress.rows);
        }
        self.ring = Some(ring);
    }

    /// Takes in the rows.
    pub fn slide(&mut self, rows: &RowsInPlay<'_>, argument: Option<&Column>) {
        self.results.clear();
        let length = self.length.map(u64::from);
        self.uniform =
            length.filter(|&length| self.ring.is_none() && rows.number_min + 1 >= length);
        if self.uniform.is_some() {
            return;
        }
        let Some(ring) = &mut self.ring else {
            let most = length.unwrap_or(u64::MAX);
            let counts = rows.numbers.iter().map(|number| (number + 1).min(most));
            self.results.extend(counts);
            return;
        };
        let nulls = argument.map_or(&[][..], |column| &column.nulls);
        let in_play = rows.rows.iter().zip(rows.partitions);
        self.results.extend(in_play.map(|(&row, &partition)| {
            let present = nulls.is_empty() || !nulls[row as usize];
            ring.slide(partition as usize, self.length, present)
        }));
    }

    /// Count of the frame of the row in play at `position`.
    #[inline(always)]
    pub fn of(&self, position: usize) -> u64 {
        self.uniform.unwrap_or_else(|| self.results[position])
    }

    /// Whether a frame of the last batch may have no value at all.
    fn may_be_none(&self) -> bool {
        self.ring.is_some()
    }

    /// Writes COUNT.
    pub fn write(&self, rows: &RowsInPlay<'_>, out: &mut Column) {
        out.reset(rows.total);
        let ColumnData::I64(to) = &mut out.data else {
            panic!("COUNT is BIGINT");
        };
        if let Some(count) = self.uniform {
            to.fill(count as i64);
            return;
        }
        for (&row, &count) in rows.rows.iter().zip(&self.results) {
            to[row as usize] = count as i64;
        }
    }

    /// Marks the rows in `out` NULL whose frame has no value.
    pub fn mark_empty(&self, rows: &RowsInPlay<'_>, out: &mut Column) {
        if !self.may_be_none() {
            return;
        }
        for (&row, &count) in rows.rows.iter().zip(&self.results) {
            if count == 0 {
                out.set_null(row as usize);
            }
        }
    }
}

impl Ring {
    /// Gives a new partition the state of `rows` rows that all hold values.
    fn begin(&mut self, partition: usize, length: Option<u32>, rows: u64) {
        let cell = &mut self.cells[partition];
        let Some(length) = length.map(u64::from) else {
            cell.count = rows;
            return;
        };
        let held = rows.min(length);
        cell.count = held;
        cell.slot = (rows % length) as usize;
        cell.full = held == length;
        self.slab.reserve(&mut cell.region, held as usize);
        let start = cell.region.start;
        self.slab.values[start..start + held as usize].fill(true);
    }

    #[inline(always)]
    fn slide(&mut self, partition: usize, length: Option<u32>, present: bool) -> u64 {
        let cell = &mut self.cells[partition];
        cell.count += u64::from(present);
        let Some(length) = length else {
            return cell.count;
        };
        if cell.slot == cell.region.capacity {
            self.slab.grow(&mut cell.region);
        }
        let slot = &mut self.slab.values[cell.region.start + cell.slot];
        cell.count -= u64::from(cell.full && *slot);
        *slot = present;
        cell.slot += 1;
        if cell.slot == length as usize {
            cell.slot = 0;
            cell.full = true;
        }
        cell.count
    }
}

impl Part for Counts {
    fn grow(&mut self, partitions: usize) {
        self.partitions = partitions;
        if let Some(ring) = &mut self.ring {
            ring.cells.resize(partitions, Cell::default());
        }
    }

    /// Images: the count and the ring; none before the first NULL.
    fn save(&self, partition: usize) -> PartState {
        let Some(ring) = &self.ring else {
            return PartState {
                slot: 0,
                full: false,
                images: Vec::new(),
            };
        };
        let cell = &ring.cells[partition];
        let held = match self.length {
            Some(length) if cell.full => length as usize,
            _ => cell.slot,
        };
        let start = cell.region.start;
        PartState {
            slot: cell.slot as u64,
            full: cell.full,
            images: vec![
                i64::save(&[cell.count as i64]),
                bool::save(&ring.slab.values[start..start + held]),
            ],
        }
    }

    fn load(&mut self, partition: usize, state: PartState, progress: &[Progress]) -> Option<()> {
        let Ok([count, slots]) = <[_; 2]>::try_from(state.images) else {
            // Without a NULL so far; if the others have a ring, this one's is as at its beginning.
            if let Some(ring) = &mut self.ring {
                ring.begin(partition, self.length, progress[partition].rows);
            }
            return Some(());
        };
        let slots = bool::load(slots)?;
        let count = i64::load(count)?.pop()?.try_into().ok()?;
        let slot = usize::try_from(state.slot).ok()?;
        let length = self.length.map_or(1, |length| length as usize);
        let held = if state.full { length } else { slot };
        let fits = slots.len() == held && slot < length;
        fits.then_some(())?;
        if self.ring.is_none() {
            self.begin_ring(progress);
        }
        let ring = self.ring.as_mut()?;
        let cell = &mut ring.cells[partition];
        ring.slab.reserve(&mut cell.region, held);
        let start = cell.region.start;
        ring.slab.values[start..start + held].copy_from_slice(&slots);
        cell.slot = slot;
        cell.full = state.full;
        cell.count = count;
        Some(())
    }

    fn bytes(&self) -> usize {
        self.ring.as_ref().map_or(0, |ring| {
            ring.cells.len() * size_of::<Cell>() + ring.slab.values.len()
        })
    }
}
