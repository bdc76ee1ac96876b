//! Bars: for each key the rows in the order they come, divided where their amounts reach a bound.
//!
//! ```text
//! key table -> open[key] -> bar      at most one
//!                             | time of its first row and of its last, sum, slots by bar
//! ```
//!
//! A row goes into the open bar of its key, or begins one. What it adds is summed in the order rows come, exactly for
//! integers and DECIMALs; the row that brings the sum to the bound is the last of its bar, with all that it adds.
//! `window_start` is the event time of the bar's first row and `window_end` that of its last, as they came. With FINAL
//! a bar leaves with its last row, in the place of that row; what is open at the end of the input leaves then, in
//! the order of first rows.
//!
//! Numbers of bars rise and are not used again, so that all rows of a batch are folded in one pass whatever bars they
//! complete; when most bars are over, the open ones are moved together.

mod snapshot;

use std::collections::BTreeSet;

use super::engine::{Core, order_keys};
use super::finish::finish;
use super::fold::Folding;
use super::kernel::{Groups, Native, Span};
use super::layout::Layout;
use super::moving::{Mover, NUMBERED_MIN};
use super::state::{First, WindowState};
use crate::batch::{ColumnData, Rows};
use crate::hash::Vnode;
use crate::limits::FIRE_ROWS_MAX;
use crate::operator::{Advance, Context, Output};
use crate::plan::{BarBound, Emission, WindowPlan};
use crate::table::{GroupTable, Segment};
use crate::time::{EventTimeNs, OrderKey, WATERMARK_END};
use crate::types::DataType;

/// No bar.
const NONE: u32 = u32::MAX;

/// Values beside the groups that are held at least before those of bars that are over are forgotten.
const HELD_MIN: usize = 1 << 16;

/// The times of a bar's first row and last, as they came, and its key.
#[derive(Clone, Copy, Debug)]
struct Bar {
    first: i64,
    last: i64,
    key: u32,
}

/// What the rows of each bar come to, and where bars end.
enum Sums {
    Exact { bound: i128, of_bars: Vec<i128> },
    Double { bound: f64, of_bars: Vec<f64> },
}

impl Sums {
    fn new(bound: BarBound) -> Self {
        match bound {
            BarBound::Exact(bound) => Self::Exact {
                bound,
                of_bars: Vec::new(),
            },
            BarBound::Double(bound) => Self::Double {
                bound,
                of_bars: Vec::new(),
            },
        }
    }

    /// Keeps those of the bars `ids`, which rise.
    fn keep(&mut self, ids: &[u32]) {
        match self {
            Self::Exact { of_bars, .. } => keep(of_bars, ids),
            Self::Double { of_bars, .. } => keep(of_bars, ids),
        }
    }
}

/// Keeps the items numbered `ids`, which rise.
fn keep<T: Copy>(items: &mut Vec<T>, ids: &[u32]) {
    for (to, &from) in ids.iter().enumerate() {
        items[to] = items[from as usize];
    }
    items.truncate(ids.len());
}

/// All bars.
pub(super) struct Bars {
    // Fixed at construction.
    key_types: Vec<DataType>,
    // State.
    keys: GroupTable,
    /// By key: its open bar.
    open: Vec<u32>,
    sums: Sums,
    bars: Vec<Bar>,
    /// Slots and first rows by bar.
    arena: Box<WindowState>,
    opened: usize,
    /// Values held beside the groups after the last move.
    held: usize,
    /// Open bars by vnode, those of one by first row, built for a snapshot; whether it is of the present state.
    by_vnode: Vec<(Vnode, u32)>,
    indexed: bool,
    // Scratch.
    spare: Option<(Box<WindowState>, GroupTable)>,
    mover: Mover,
    key_of: Vec<u32>,
    created: Vec<u32>,
    of_rows: Vec<u32>,
    ids: Vec<u32>,
    numbers: Vec<u32>,
    /// (row, bar) of the bars that rows of the batch complete.
    completed: Vec<(u32, u32)>,
}

impl Bars {
    pub fn new(plan: &WindowPlan, layout: &Layout, keys: &[DataType]) -> Option<Self> {
        let WindowPlan::Bars(plan) = plan else {
            return None;
        };
        Some(Self {
            key_types: keys.to_vec(),
            keys: GroupTable::new(keys),
            open: Vec::new(),
            sums: Sums::new(plan.bound),
            bars: Vec::new(),
            arena: Box::new(WindowState::new(layout, &[])),
            opened: 0,
            held: 0,
            by_vnode: Vec::new(),
            indexed: false,
            spare: None,
            mover: Mover::default(),
            key_of: Vec::new(),
            created: Vec::new(),
            of_rows: Vec::new(),
            ids: Vec::new(),
            numbers: Vec::new(),
            completed: Vec::new(),
        })
    }

    /// Open bars.
    pub fn open(&self) -> usize {
        self.opened
    }

    /// Open bars, and the values that are held beside the states of all.
    pub fn entries(&self) -> usize {
        self.opened + self.held()
    }

    fn held(&self) -> usize {
        self.arena.entries() - self.arena.groups()
    }

    /// An estimate of the bytes in use.
    pub fn bytes(&self) -> u64 {
        let by_bar = self.bars.len() * (size_of::<Bar>() + size_of::<i128>());
        let by_key = self.open.len() * size_of::<u32>();
        self.keys.bytes() + self.arena.bytes() + (by_bar + by_key) as u64
    }

    /// Adds the bounds of the open bars.
    pub fn open_windows(&self, windows: &mut BTreeSet<(EventTimeNs, EventTimeNs)>) {
        let open = self
            .open
            .iter()
            .filter_map(|&id| self.bars.get(id as usize));
        windows.extend(open.map(|bar| (bar.first, bar.last)));
    }

    /// Finds the bar of every row, and those that are completed.
    fn assign(&mut self, folding: &Folding<'_>, rows: Segment<'_>) {
        let mut key_of = std::mem::take(&mut self.key_of);
        if folding.keyless {
            key_of.clear();
            key_of.resize(rows.len(), 0);
            self.open.resize(1, NONE);
        } else {
            let (keys, created) = (&folding.input.keys, &mut self.created);
            self.keys
                .find_or_insert(folding.hashes, keys, rows, &mut key_of, created);
            self.open.resize(self.keys.len(), NONE);
        }
        self.of_rows.clear();
        self.completed.clear();
        let mut sums = std::mem::replace(&mut self.sums, Sums::new(BarBound::Exact(1)));
        match &mut sums {
            Sums::Exact { bound, of_bars } => {
                self.divide_exactly(folding, rows, &key_of, (*bound, of_bars));
            }
            Sums::Double { bound, of_bars } => {
                let (bound, column) = (*bound, folding.input.measure);
                let column = column.expect("doubles are summed of something");
                let values = f64::of(column);
                self.divide(folding, rows, &key_of, |bar, row| {
                    let value = if column.is_null(row) {
                        0.0
                    } else {
                        values[row]
                    };
                    let sum = added(of_bars, bar, |sum| sum + value);
                    // NaN is greater than every number.
                    sum.is_nan() || bound <= sum
                });
            }
        }
        self.sums = sums;
        self.key_of = key_of;
    }

    fn divide_exactly(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        key_of: &[u32],
        (bound, of_bars): (i128, &mut Vec<i128>),
    ) {
        let mut add =
            |bar: usize, value: i128| bound <= added(of_bars, bar, |sum| sum.saturating_add(value));
        match folding.input.measure.map(|column| (column, &column.data)) {
            None => self.divide(folding, rows, key_of, |bar, _| add(bar, 1)),
            Some((column, ColumnData::I64(values))) => {
                self.divide(folding, rows, key_of, |bar, row| {
                    let value = if column.is_null(row) { 0 } else { values[row] };
                    add(bar, i128::from(value))
                });
            }
            Some((column, ColumnData::I128(values))) => {
                self.divide(folding, rows, key_of, |bar, row| {
                    add(bar, if column.is_null(row) { 0 } else { values[row] })
                });
            }
            Some((_, other)) => panic!("the planner adds up numbers, not {other:?}"),
        }
    }

    /// Gives every row its bar; `reaches(bar, row)` adds it and says whether it completes the bar.
    fn divide(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        key_of: &[u32],
        mut reaches: impl FnMut(usize, usize) -> bool,
    ) {
        let times = folding.input.times();
        let order = &folding.batch.order;
        for (position, &key) in key_of.iter().enumerate() {
            let row = rows.row(position);
            let mut id = self.open[key as usize];
            if id == NONE {
                let OrderKey { seq, ordinal, .. } = order.key(row);
                id = self.begin(key, times[row], First { seq, ordinal });
            }
            self.bars[id as usize].last = times[row];
            self.of_rows.push(id);
            if reaches(id as usize, row) {
                self.open[key as usize] = NONE;
                self.opened -= 1;
                self.completed.push((row as u32, id));
            }
        }
    }

    fn begin(&mut self, key: u32, time: i64, first: First) -> u32 {
        let id = self.bars.len() as u32;
        self.bars.push(Bar {
            first: time,
            last: time,
            key,
        });
        self.arena.firsts.push(first);
        self.open[key as usize] = id;
        self.opened += 1;
        id
    }

    /// Moves the open bars together when most are over, or hold most of what is held.
    fn compact(&mut self, layout: &Layout, groups_max: u64) {
        let numbered = self.bars.len().max(self.open.len());
        let held = self.held();
        let many = NUMBERED_MIN.max(4 * self.opened) <= numbered
            || HELD_MIN.max(2 * self.held) < held
            || groups_max < self.entries() as u64;
        if !many || self.bars.len() == self.opened {
            return;
        }
        let (mut arena, mut keys) = self.spare.take().unwrap_or_else(|| {
            let arena = Box::new(WindowState::new(layout, &[]));
            (arena, GroupTable::new(&self.key_types))
        });
        self.list_open();
        self.ids.sort_unstable();
        self.mover
            .states(layout, &self.arena, &mut arena, &self.ids);
        self.list_keys();
        let (from, numbers) = (&self.numbers, &mut self.created);
        self.mover.keys(&self.keys, &mut keys, from, numbers);
        self.sums.keep(&self.ids);
        keep(&mut self.bars, &self.ids);
        self.open.clear();
        self.open.resize(self.ids.len(), NONE);
        for ((id, bar), &key) in (0..).zip(&mut self.bars).zip(&self.created) {
            bar.key = key;
            self.open[key as usize] = id;
        }
        std::mem::swap(&mut self.arena, &mut arena);
        std::mem::swap(&mut self.keys, &mut keys);
        arena.clear();
        keys.clear();
        self.spare = Some((arena, keys));
        self.held = self.held();
    }

    /// Lists the open bars in `ids`.
    fn list_open(&mut self) {
        self.ids.clear();
        let open = self.open.iter().filter(|&&id| id != NONE);
        self.ids.extend(open);
    }

    /// Lists the keys of the bars in `ids` in `numbers`.
    fn list_keys(&mut self) {
        let bars = &self.bars;
        self.numbers.clear();
        self.numbers
            .extend(self.ids.iter().map(|&id| bars[id as usize].key));
    }
}

/// The sum of a bar after `add`; bars begin one after another.
#[inline(always)]
fn added<T: Copy + Default>(of_bars: &mut Vec<T>, bar: usize, add: impl FnOnce(T) -> T) -> T {
    if of_bars.len() == bar {
        of_bars.push(T::default());
    }
    of_bars[bar] = add(of_bars[bar]);
    of_bars[bar]
}

impl Core {
    /// Folds rows into the bars of their keys, and emits those that are complete, or what every row changes.
    pub(super) fn fold_bars(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        let Some(mut bars) = self.bars.take() else {
            return;
        };
        let traced = self.emission == Emission::Changes;
        bars.indexed = false;
        bars.assign(folding, rows);
        bars.arena.grow(folding.layout);
        if traced {
            self.start_tracing(folding);
            let times = folding.input.times();
            for (position, &id) in bars.of_rows.iter().enumerate() {
                let row = rows.row(position);
                self.starts[row] = bars.bars[id as usize].first;
                self.ends[row] = times[row];
            }
        }
        let span = Span {
            rows,
            groups: Groups::Each(&bars.of_rows),
        };
        let running = traced.then_some(&mut self.running);
        folding.fold_span(&mut bars.arena, span, &mut self.scratch, running);
        if traced {
            self.emit_rows(folding, folding.input.selected.rows());
        } else if !bars.completed.is_empty() {
            let Bars { ids, completed, .. } = &mut *bars;
            ids.clear();
            ids.extend(completed.iter().map(|(_, id)| id));
            let order = &folding.batch.order;
            let keys = completed.iter().map(|&(row, _)| order.key(row as usize));
            order_keys(&mut self.output).extend(keys);
            self.emit_bars(folding.layout, &mut bars);
        }
        bars.compact(folding.layout, self.groups_max);
        self.windows.entries = bars.entries();
        self.bars = Some(bars);
        self.flush(context, next);
    }

    /// Emits at most `FIRE_ROWS_MAX` of the bars that are open at the end of the input.
    pub(super) fn end_bars(
        &mut self,
        layout: &Layout,
        ended: bool,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        let silent = !ended || self.emission == Emission::Changes;
        let Some(mut bars) = self.bars.take_if(|_| !silent) else {
            return Advance::Done;
        };
        let firsts = &bars.arena.firsts;
        let from = match self.firing {
            Some(from) => from,
            None => {
                self.order.clear();
                self.order
                    .extend(bars.open.iter().filter(|&&id| id != NONE));
                self.order.sort_unstable_by_key(|&id| firsts[id as usize]);
                0
            }
        };
        let to = self.order.len().min(from + FIRE_ROWS_MAX);
        let leaving = &self.order[from..to];
        order_keys(&mut self.output).extend(leaving.iter().map(|&id| {
            let First { seq, ordinal } = firsts[id as usize];
            OrderKey::fired(WATERMARK_END, seq, ordinal)
        }));
        bars.ids.clear();
        bars.ids.extend_from_slice(leaving);
        self.emit_bars(layout, &mut bars);
        let rest = to < self.order.len();
        self.firing = rest.then_some(to);
        if !rest {
            bars.open.fill(NONE);
            bars.opened = 0;
            bars.indexed = false;
        }
        self.bars = Some(bars);
        self.flush(context, next);
        if rest { Advance::More } else { Advance::Done }
    }

    /// Appends the results of the bars in `ids` to the output, save their order keys.
    fn emit_bars(&mut self, layout: &Layout, bars: &mut Bars) {
        bars.list_keys();
        let (output, ids, keys) = (&mut self.output, &bars.ids, &bars.numbers);
        let bar = |at: usize| bars.bars[ids[at] as usize];
        for (to, key) in output.columns.iter_mut().zip(bars.keys.keys()) {
            to.extend_from(key, Rows::Some(keys));
        }
        let width = self.key_types.len();
        if let ColumnData::I64(starts) = &mut output.columns[width].data {
            starts.extend((0..ids.len()).map(|at| bar(at).first));
        }
        if let ColumnData::I64(ends) = &mut output.columns[width + 1].data {
            ends.extend((0..ids.len()).map(|at| bar(at).last));
        }
        let all = Rows::All(ids.len());
        let lanes = bars.arena.lanes.iter().zip(&layout.lanes);
        for (running, (lane, plan)) in self.running.iter_mut().zip(lanes) {
            let slots = lane.slots.iter().zip(&plan.slots);
            for (running, (slot, plan)) in running.iter_mut().zip(slots) {
                running.gather(slot, ids);
                running.close(plan, all, |at| bar(at).last);
            }
        }
        for (column, call) in layout.calls.iter().enumerate() {
            let out = &mut output.columns[width + 2 + column];
            finish(
                call,
                &self.running[call.lane],
                all,
                out,
                &mut self.group_errors,
            );
        }
        let hashes = bars.keys.hashes();
        if !hashes.is_empty() {
            let of_keys = keys.iter().map(|&key| hashes[key as usize]);
            output.hashes.extend(of_keys);
        }
        // As of any window: a nanosecond before its end.
        output
            .time
            .extend((0..ids.len()).map(|at| bar(at).last - 1));
        output.rows += ids.len();
    }
}
