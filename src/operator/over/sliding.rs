//! Any aggregate over a frame of any bounds, for every partition: two stacks in one queue.
//!
//! Every row has a position that never falls: its number for ROWS, its time for RANGE. A frame reaches from
//! `position - preceding` to `position - until`. Rows that no frame has reached yet wait; those in the frame lie in
//! a queue, the oldest first:
//!
//! ```text
//! inside:  | front, each with the state of its row and those of the front after it | back |   pending: | .. |
//!            ^ the frame's state = the first of the front + the back's running state
//! ```
//!
//! Of whole partitions every row's frame is known by places (`around`), and rows enter when a frame reaches them.
//!
//! When a row leaves and the front is empty, all that is inside becomes the front. Each row is merged once on
//! entering and once there, so a row costs O(1) amortised whatever the frame's length, and nothing is ever
//! subtracted. The shape of a fold follows from the positions alone.

use super::around::Framed;
use super::fold::{Args, Fold};
use super::part::{Part, PartState, Progress, RowsInPlay};
use super::slots::Saved;
use crate::batch::Column;
use std::collections::VecDeque;

/// How far a frame reaches back from a row's position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Where it begins; `None`: at the beginning.
    pub preceding: Option<i64>,
    /// Where it ends, the end included.
    pub until: i64,
}

impl Bounds {
    /// The least position inside the frame of a row at `at`.
    pub fn from(self, at: i64) -> i64 {
        self.preceding
            .map_or(i64::MIN, |preceding| at.saturating_sub(preceding))
    }

    /// The greatest.
    pub fn upto(self, at: i64) -> i64 {
        at.saturating_sub(self.until)
    }
}

/// A call's component that slides by positions and writes its results itself.
pub trait Slide: Part {
    /// Takes in the rows, which stand at `positions`, and writes the results to `out`; appends the rows whose
    /// result cannot be represented to `failed`.
    fn slide(
        &mut self,
        rows: &RowsInPlay<'_>,
        positions: &[i64],
        args: &Args<'_>,
        out: &mut Column,
        failed: &mut Vec<u32>,
    );

    /// Writes the results over the frames of a whole partition, whose `rows` are in its order, to `out`; appends the
    /// rows whose result cannot be represented to `failed`. The frames' ends only move on.
    fn whole(
        &mut self,
        rows: &[u32],
        frames: &[Framed],
        args: &Args<'_>,
        out: &mut Column,
        failed: &mut Vec<u32>,
    );
}

#[derive(Clone)]
struct Entry<S> {
    at: i64,
    state: S,
}

struct Cell<S> {
    inside: VecDeque<Entry<S>>,
    /// Entries of `inside` that are front.
    front: usize,
    back: S,
    pending: VecDeque<Entry<S>>,
}

/// One aggregate over one frame, for every partition.
pub struct Sliding<F: Fold> {
    // Fixed at construction.
    fold: F,
    bounds: Bounds,
    none: F::State,
    // State.
    cells: Vec<Cell<F::State>>,
    // Scratch. Entries whose memory is used again.
    spare: Vec<Entry<F::State>>,
    result: F::State,
}

impl<F: Fold> Sliding<F> {
    /// An aggregate within `bounds`.
    pub fn new(fold: F, bounds: Bounds) -> Self {
        Self {
            none: fold.none(),
            result: fold.none(),
            fold,
            bounds,
            cells: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Takes the row in and leaves the state of its frame in `result`.
    fn enter(&mut self, partition: usize, at: i64, args: &Args<'_>, row: usize) {
        let Self {
            fold,
            bounds,
            none,
            cells,
            spare,
            result,
        } = self;
        let cell = &mut cells[partition];
        let (from, upto) = (bounds.from(at), bounds.upto(at));
        if bounds.preceding.is_some() {
            cell.evict(fold, none, from, spare);
        }
        let mut entry = taken(spare, none, at);
        fold.take(args, row, &mut entry.state);
        cell.pending.push_back(entry);
        while cell.pending.front().is_some_and(|entry| entry.at <= upto) {
            let entry = cell.pending.pop_front().expect("just seen");
            cell.absorb(fold, bounds.preceding.is_some(), from, entry, spare);
        }
        cell.whole(fold, result);
    }
}

/// An entry for the row at `at`.
#[inline]
fn taken<S: Clone>(spare: &mut Vec<Entry<S>>, none: &S, at: i64) -> Entry<S> {
    let mut entry = spare.pop().unwrap_or_else(|| Entry {
        at,
        state: none.clone(),
    });
    entry.at = at;
    entry
}

/// Keeps an entry whose state can have memory of its own.
fn keep<S>(spare: &mut Vec<Entry<S>>, entry: Entry<S>) {
    if std::mem::needs_drop::<S>() {
        spare.push(entry);
    }
}

impl<S: Clone> Cell<S> {
    /// Takes the rows before `from` out of the frame.
    fn evict<F: Fold<State = S>>(
        &mut self,
        fold: &F,
        none: &S,
        from: i64,
        spare: &mut Vec<Entry<S>>,
    ) {
        while self.inside.front().is_some_and(|entry| entry.at < from) {
            if self.front == 0 {
                let entries = self.inside.make_contiguous();
                for newer in (1..entries.len()).rev() {
                    let (older, newest) = entries.split_at_mut(newer);
                    fold.absorb(&mut older[newer - 1].state, &newest[0].state);
                }
                self.front = entries.len();
                self.back.clone_from(none);
            }
            self.front -= 1;
            keep(spare, self.inside.pop_front().expect("just seen"));
        }
    }

    /// Takes a row into the frame, which begins at `from`; it stays unless no row ever leaves.
    #[inline]
    fn absorb<F: Fold<State = S>>(
        &mut self,
        fold: &F,
        leaves: bool,
        from: i64,
        entry: Entry<S>,
        spare: &mut Vec<Entry<S>>,
    ) {
        // A frame that has jumped over a row never has it.
        if entry.at >= from {
            fold.absorb(&mut self.back, &entry.state);
            if leaves {
                return self.inside.push_back(entry);
            }
        }
        keep(spare, entry);
    }

    /// The state of the frame.
    #[inline]
    fn whole<F: Fold<State = S>>(&self, fold: &F, result: &mut S) {
        if self.front > 0 {
            result.clone_from(&self.inside[0].state);
            fold.absorb(result, &self.back);
        } else {
            result.clone_from(&self.back);
        }
    }
}

impl<F: Fold> Slide for Sliding<F> {
    fn slide(
        &mut self,
        rows: &RowsInPlay<'_>,
        positions: &[i64],
        args: &Args<'_>,
        out: &mut Column,
        failed: &mut Vec<u32>,
    ) {
        out.reset(rows.total);
        let in_play = rows.rows.iter().zip(rows.partitions).zip(positions);
        for ((&row, &partition), &at) in in_play {
            self.enter(partition as usize, at, args, row as usize);
            if self.fold.put(&self.result, row as usize, out).is_err() {
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
        let (fold, none, spare) = (&self.fold, &self.none, &mut self.spare);
        let cell = &mut self.cells[0];
        let leaves = self.bounds.preceding.is_some();
        let mut entered = 0;
        for frame in frames {
            let from = i64::from(frame.start);
            cell.evict(fold, none, from, spare);
            while entered < frame.end {
                let mut entry = taken(spare, none, i64::from(entered));
                fold.take(args, rows[entered as usize] as usize, &mut entry.state);
                cell.absorb(fold, leaves, from, entry, spare);
                entered += 1;
            }
            cell.whole(fold, &mut self.result);
            if fold.put(&self.result, frame.row as usize, out).is_err() {
                failed.push(frame.row);
            }
        }
    }
}

impl<F: Fold> Part for Sliding<F> {
    fn grow(&mut self, partitions: usize) {
        let none = &self.none;
        self.cells.resize_with(partitions, || Cell {
            inside: VecDeque::new(),
            front: 0,
            back: none.clone(),
            pending: VecDeque::new(),
        });
    }

    /// Images: the positions of the rows inside and of those pending; the states of both and of the back.
    fn save(&self, partition: usize) -> PartState {
        let cell = &self.cells[partition];
        let at = |entries: &VecDeque<Entry<F::State>>| {
            i64::save(&entries.iter().map(|entry| entry.at).collect::<Vec<_>>())
        };
        let entries = cell.inside.iter().chain(&cell.pending);
        let mut states: Vec<_> = entries.map(|entry| entry.state.clone()).collect();
        states.push(cell.back.clone());
        let mut images = vec![at(&cell.inside), at(&cell.pending)];
        images.extend(self.fold.save(&states));
        PartState {
            slot: cell.front as u64,
            full: false,
            images,
        }
    }

    fn load(&mut self, partition: usize, state: PartState, _: &[Progress]) -> Option<()> {
        let mut images = state.images.into_iter();
        let inside = i64::load(images.next()?)?;
        let pending = i64::load(images.next()?)?;
        let mut states = self.fold.load(&mut images)?;
        let rises = |at: &[i64]| at.windows(2).all(|pair| pair[0] <= pair[1]);
        let front = usize::try_from(state.slot).ok()?;
        let fits = states.len() == inside.len() + pending.len() + 1
            && front <= inside.len()
            && rises(&inside)
            && rises(&pending)
            && images.next().is_none();
        fits.then_some(())?;
        let cell = &mut self.cells[partition];
        cell.back = states.pop()?;
        cell.front = front;
        let mut states = states.into_iter();
        let mut entries = |at: Vec<i64>| -> VecDeque<_> {
            let pairs = at.into_iter().zip(states.by_ref());
            pairs.map(|(at, state)| Entry { at, state }).collect()
        };
        cell.inside = entries(inside);
        cell.pending = entries(pending);
        Some(())
    }

    fn bytes(&self) -> usize {
        let entries = |cell: &Cell<F::State>| cell.inside.capacity() + cell.pending.capacity();
        self.cells.len() * size_of::<Cell<F::State>>()
            + self.cells.iter().map(entries).sum::<usize>() * size_of::<Entry<F::State>>()
    }
}
