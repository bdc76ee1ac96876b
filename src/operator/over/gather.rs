//! Aggregates whose states do not merge: what they need follows the values that enter and leave the frame.
//!
//! The values that are not NULL wait in a queue until they leave; that of a frame without a beginning keeps all that
//! the aggregate needs.
//! In a snapshot there are the values alone: the rest is made of them again.

use super::around::Framed;
use super::fold::Args;
use super::item::Item;
use super::part::{Part, PartState, Progress, RowsInPlay};
use super::queue::{Queue, reuse};
use super::sliding::{Bounds, Slide};
use crate::batch::Column;
use crate::error::Reason;
use std::collections::VecDeque;

/// An aggregate that is told which values enter and leave.
pub trait Gather: Send + 'static {
    /// A value of the argument.
    type Value: Item;
    /// What is known of a frame's values beside themselves; that of none is the default.
    type State: Default + Send;
    /// Takes in the newest value; whether it must be kept even if it never leaves.
    fn enter(&self, state: &mut Self::State, value: &Self::Value) -> bool;
    /// Lets go the oldest value.
    fn leave(&self, state: &mut Self::State, value: &Self::Value);
    /// Writes the result over the values `inside`, the oldest first, to `row`; `Err` when it cannot be held.
    fn put(
        &mut self,
        state: &mut Self::State,
        inside: &VecDeque<(i64, Self::Value)>,
        row: usize,
        out: &mut Column,
    ) -> Result<(), Reason>;
    /// Bytes that a state holds.
    fn bytes(state: &Self::State) -> usize;
}

#[derive(Default)]
struct Cell<T, S> {
    queue: Queue<T>,
    state: S,
}

/// One such aggregate over one frame, for every partition.
pub struct Gathering<G: Gather> {
    // Fixed at construction.
    gather: G,
    bounds: Bounds,
    // State.
    cells: Vec<Cell<G::Value, G::State>>,
    // Scratch. Values whose memory is used again.
    spare: Vec<G::Value>,
}

impl<G: Gather> Gathering<G> {
    /// An aggregate within `bounds`.
    pub fn new(gather: G, bounds: Bounds) -> Self {
        Self {
            gather,
            bounds,
            cells: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Moves the frame to a row at `at`, which has its value in `argument`.
    fn enter(&mut self, partition: usize, at: i64, argument: &Column, row: usize) {
        let cell = &mut self.cells[partition];
        let (from, upto) = (self.bounds.from(at), self.bounds.upto(at));
        cell.evict(&self.gather, from, &mut self.spare);
        if !argument.is_null(row) {
            let mut value = self.spare.pop().unwrap_or_default();
            value.take(argument, row);
            cell.queue.pending.push_back((at, value));
        }
        let leaves = self.bounds.preceding.is_some();
        let pending = |cell: &Cell<_, _>| {
            cell.queue
                .pending
                .front()
                .is_some_and(|(at, _)| *at <= upto)
        };
        while pending(cell) {
            let entry = cell.queue.pending.pop_front().expect("just seen");
            cell.take(&self.gather, leaves, from, entry, &mut self.spare);
        }
    }
}

impl<T: Item, S> Cell<T, S> {
    /// Lets go the values before `from`.
    fn evict<G: Gather<Value = T, State = S>>(
        &mut self,
        gather: &G,
        from: i64,
        spare: &mut Vec<T>,
    ) {
        let inside = &mut self.queue.inside;
        while inside.front().is_some_and(|(at, _)| *at < from) {
            let (_, value) = inside.pop_front().expect("just seen");
            gather.leave(&mut self.state, &value);
            reuse(spare, value);
        }
    }

    /// Takes a value into the frame, which begins at `from`; it stays unless no value ever leaves and it is not needed.
    fn take<G: Gather<Value = T, State = S>>(
        &mut self,
        gather: &G,
        leaves: bool,
        from: i64,
        (at, value): (i64, T),
        spare: &mut Vec<T>,
    ) {
        // A frame that has jumped over a row never has it.
        if at >= from {
            let is_needed = gather.enter(&mut self.state, &value);
            if is_needed || leaves {
                return self.queue.inside.push_back((at, value));
            }
        }
        reuse(spare, value);
    }
}

impl<G: Gather> Slide for Gathering<G> {
    fn slide(
        &mut self,
        rows: &RowsInPlay<'_>,
        positions: &[i64],
        args: &Args<'_>,
        out: &mut Column,
        failed: &mut Vec<u32>,
    ) {
        out.reset(rows.total);
        let argument = args[0].expect("an argument");
        let in_play = rows.rows.iter().zip(rows.partitions).zip(positions);
        for ((&row, &partition), &at) in in_play {
            self.enter(partition as usize, at, argument, row as usize);
            let Cell { queue, state } = &mut self.cells[partition as usize];
            let done = self.gather.put(state, &queue.inside, row as usize, out);
            if done.is_err() {
                failed.push(row);
            }
        }
    }

    fn whole(
        &mut self,
        rows: &[u32],
        frames: &[Framed],
        args: &Args<'_>,
        out: &mut Column,
        failed: &mut Vec<u32>,
    ) {
        self.cells.clear();
        self.grow(1);
        let (cell, spare) = (&mut self.cells[0], &mut self.spare);
        let leaves = self.bounds.preceding.is_some();
        let argument = args[0].expect("an argument");
        let mut entered = 0;
        for frame in frames {
            let from = i64::from(frame.start);
            cell.evict(&self.gather, from, spare);
            for at in entered..frame.end {
                let row = rows[at as usize] as usize;
                if !argument.is_null(row) {
                    let mut value = spare.pop().unwrap_or_default();
                    value.take(argument, row);
                    cell.take(&self.gather, leaves, from, (i64::from(at), value), spare);
                }
            }
            entered = entered.max(frame.end);
            let Cell { queue, state } = &mut *cell;
            let row = frame.row as usize;
            if self.gather.put(state, &queue.inside, row, out).is_err() {
                failed.push(frame.row);
            }
        }
    }
}

impl<G: Gather> Part for Gathering<G> {
    fn grow(&mut self, partitions: usize) {
        self.cells.resize_with(partitions, || Cell {
            queue: Queue::default(),
            state: G::State::default(),
        });
    }

    fn save(&self, partition: usize) -> PartState {
        PartState {
            slot: 0,
            full: false,
            images: self.cells[partition].queue.save(),
        }
    }

    fn load(&mut self, partition: usize, state: PartState, _: &[Progress]) -> Option<()> {
        let cell = &mut self.cells[partition];
        cell.queue = Queue::load(state.images)?;
        for (_, value) in &cell.queue.inside {
            self.gather.enter(&mut cell.state, value);
        }
        Some(())
    }

    fn bytes(&self) -> usize {
        let cells = self.cells.iter();
        let held = |cell: &Cell<G::Value, G::State>| cell.queue.bytes() + G::bytes(&cell.state);
        cells.map(held).sum()
    }
}
