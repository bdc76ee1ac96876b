//! FIRST_VALUE, NTH_VALUE and LAST_VALUE: the value of one row of the frame, NULL included.
//!
//! Bounds and positions are those of `sliding`. A frame without a beginning keeps the rows up to the wanted one
//! only, and LAST_VALUE the newest.

use super::fold::Args;
use super::item::Item;
use super::part::{Part, PartState, Progress, RowsInPlay};
use super::sliding::{Bounds, Slide};
use super::slots::Saved;
use crate::batch::Column;
use std::collections::VecDeque;

/// Which row of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The n-th, counted from 0.
    At(usize),
    /// The last.
    Last,
}

#[derive(Clone, Default)]
struct Cell<T> {
    inside: VecDeque<(i64, T)>,
    pending: VecDeque<(i64, T)>,
}

/// The value of one row of the frame, for every partition.
pub struct Pick<T> {
    // Fixed at construction.
    which: Which,
    bounds: Bounds,
    // State.
    cells: Vec<Cell<T>>,
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

/// Keeps what holds memory of its own.
pub fn reuse<T>(spare: &mut Vec<T>, value: T) {
    if std::mem::needs_drop::<T>() {
        spare.push(value);
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
}

impl<T: Item> Part for Pick<T> {
    fn grow(&mut self, partitions: usize) {
        self.cells.resize(partitions, Cell::default());
    }

    /// Images: the positions of the rows inside and of those pending, the values of both.
    fn save(&self, partition: usize) -> PartState {
        let cell = &self.cells[partition];
        let mut images = Vec::new();
        for rows in [&cell.inside, &cell.pending] {
            images.push(i64::save(
                &rows.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
            ));
        }
        for rows in [&cell.inside, &cell.pending] {
            let values: Vec<_> = rows.iter().map(|(_, value)| value.clone()).collect();
            images.push(T::save(&values));
        }
        PartState {
            slot: 0,
            full: false,
            images,
        }
    }

    fn load(&mut self, partition: usize, state: PartState, _: &[Progress]) -> Option<()> {
        let [inside_at, pending_at, inside, pending] = state.images.try_into().ok()?;
        let rows = |at, values| {
            let (at, values) = (i64::load(at)?, T::load(values)?);
            let rises = at.windows(2).all(|pair| pair[0] <= pair[1]);
            let fits = rises && at.len() == values.len();
            fits.then(|| at.into_iter().zip(values).collect::<VecDeque<_>>())
        };
        self.cells[partition] = Cell {
            inside: rows(inside_at, inside)?,
            pending: rows(pending_at, pending)?,
        };
        Some(())
    }

    fn bytes(&self) -> usize {
        let rows = |cell: &Cell<T>| cell.inside.capacity() + cell.pending.capacity();
        self.cells.len() * size_of::<Cell<T>>()
            + self.cells.iter().map(rows).sum::<usize>() * size_of::<(i64, T)>()
    }
}
