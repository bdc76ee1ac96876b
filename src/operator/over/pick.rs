//! FIRST_VALUE, NTH_VALUE and LAST_VALUE: the value of one row of the frame, NULL included.
//!
//! Bounds and positions are those of `sliding`. A frame without a beginning keeps the rows up to the wanted one
//! only, and LAST_VALUE the newest. Of whole partitions the row is looked up.

use super::around::Framed;
use super::fold::Args;
use super::held::put;
use super::item::Item;
use super::part::{Part, PartState, Progress, RowsInPlay};
use super::queue::{Queue, reuse};
use super::sliding::{Bounds, Slide};
use crate::batch::Column;

/// Which row of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The n-th, counted from 0.
    At(usize),
    /// The last.
    Last,
}

/// The value of one row of the frame, for every partition.
pub struct Pick<T> {
    // Fixed at construction.
    which: Which,
    bounds: Bounds,
    // State.
    cells: Vec<Queue<T>>,
    // Scratch. Values whose memory is used again.
    spare: Vec<T>,
}

impl<T: Item> Pick<T> {
    /// Row `which` within `bounds`.
    pub fn new(which: Which, bounds: Bounds) -> Self {
        Self {
            which,
            bounds,
            cells: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Takes the row in and writes the picked value.
    fn enter(
        &mut self,
        partition: usize,
        at: i64,
        argument: &Column,
        (row, out): (usize, &mut Column),
    ) {
        let cell = &mut self.cells[partition];
        let spare = &mut self.spare;
        let (from, upto) = (self.bounds.from(at), self.bounds.upto(at));
        while cell.inside.front().is_some_and(|(at, _)| *at < from) {
            let (_, value) = cell.inside.pop_front().expect("just seen");
            reuse(spare, value);
        }
        let mut value = spare.pop().unwrap_or_default();
        value.take(argument, row);
        cell.pending.push_back((at, value));
        while cell.pending.front().is_some_and(|(at, _)| *at <= upto) {
            let (at, value) = cell.pending.pop_front().expect("just seen");
            let is_needed = match self.which {
                // Of a frame that no row leaves nothing behind the wanted row is ever looked at.
                Which::At(wanted) => self.bounds.preceding.is_some() || cell.inside.len() <= wanted,
                Which::Last => true,
            };
            if at < from || !is_needed {
                reuse(spare, value);
                continue;
            }
            if self.which == Which::Last {
                cell.inside
                    .drain(..)
                    .for_each(|(_, value)| reuse(spare, value));
            }
            cell.inside.push_back((at, value));
        }
        let picked = match self.which {
            Which::At(wanted) => cell.inside.get(wanted),
            Which::Last => cell.inside.back(),
        };
        match picked {
            Some((_, value)) => value.put(row, out),
            None => out.set_null(row),
        }
    }
}

impl<T: Item> Slide for Pick<T> {
    fn slide(
        &mut self,
        rows: &RowsInPlay<'_>,
        positions: &[i64],
        args: &Args<'_>,
        out: &mut Column,
        _: &mut Vec<u32>,
    ) {
        out.reset(rows.total);
        let argument = args[0].expect("an argument");
        let in_play = rows.rows.iter().zip(rows.partitions).zip(positions);
        for ((&row, &partition), &at) in in_play {
            self.enter(partition as usize, at, argument, (row as usize, out));
        }
    }

    fn whole(
        &mut self,
        rows: &[u32],
        frames: &[Framed],
        args: &Args<'_>,
        out: &mut Column,
        _: &mut Vec<u32>,
    ) {
        let argument = args[0].expect("an argument");
        for frame in frames {
            let inside = rows.get(frame.start as usize..frame.end as usize);
            let inside = inside.unwrap_or_default();
            let picked = match self.which {
                Which::At(wanted) => inside.get(wanted),
                Which::Last => inside.last(),
            };
            let row = frame.row as usize;
            match picked {
                Some(&picked) => put(out, row, argument, picked as usize),
                None => out.set_null(row),
            }
        }
    }
}

impl<T: Item> Part for Pick<T> {
    fn grow(&mut self, partitions: usize) {
        self.cells.resize(partitions, Queue::default());
    }

    fn save(&self, partition: usize) -> PartState {
        PartState {
            slot: 0,
            full: false,
            images: self.cells[partition].save(),
        }
    }

    fn load(&mut self, partition: usize, state: PartState, _: &[Progress]) -> Option<()> {
        self.cells[partition] = Queue::load(state.images)?;
        Some(())
    }

    fn bytes(&self) -> usize {
        self.cells.iter().map(Queue::bytes).sum()
    }
}
