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
//! the order of first rows, unless what takes the bars goes by time: then it stays.
//!
//! With `EMIT .. EVERY` a bar that is complete is kept until it has been told.

mod snapshot;

use std::collections::BTreeSet;

use super::engine::Core;
use super::fold::Folding;
use super::kernel::Native;
use super::layout::Layout;
use super::numbered::{NONE, Numbered, Placed, Results};
use super::state::First;
use super::told::Told;
use crate::batch::{ColumnData, RowOrder};
use crate::limits::FIRE_ROWS_MAX;
use crate::operator::{Advance, Context, Output};
use crate::plan::{BarBound, Emission, WindowPlan};
use crate::table::Segment;
use crate::time::{EventTimeNs, OrderKey, WATERMARK_END};
use crate::types::DataType;

/// The times of a bar's first row and last, as they came, and its key.
#[derive(Clone, Copy, Debug)]
struct Bar {
    first: i64,
    last: i64,
    key: u32,
    /// Whether it waits to be told as it is at the next tick.
    changed: bool,
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
    /// Whether what the end finds open stays.
    whole: bool,
    // State.
    numbered: Numbered,
    /// By key: its open bar.
    open: Vec<u32>,
    sums: Sums,
    bars: Vec<Bar>,
    opened: usize,
    // Scratch.
    key_of: Vec<u32>,
    of_rows: Vec<u32>,
    ids: Vec<u32>,
    of_ids: Vec<u32>,
    /// (row, bar) of the bars that rows of the batch complete.
    completed: Vec<(u32, u32)>,
}

impl Bars {
    pub fn new(
        plan: &WindowPlan,
        layout: &Layout,
        (keys, hash_seed): (&[DataType], u64),
    ) -> Option<Self> {
        let WindowPlan::Bars(plan) = plan else {
            return None;
        };
        Some(Self {
            whole: plan.whole,
            numbered: Numbered::new(layout, keys, hash_seed),
            open: Vec::new(),
            sums: Sums::new(plan.bound),
            bars: Vec::new(),
            opened: 0,
            key_of: Vec::new(),
            of_rows: Vec::new(),
            ids: Vec::new(),
            of_ids: Vec::new(),
            completed: Vec::new(),
        })
    }

    /// Open bars.
    pub fn open(&self) -> usize {
        self.opened
    }

    /// Open bars, and the values that are held beside the states of all.
    pub fn entries(&self) -> usize {
        self.opened + self.numbered.held()
    }

    /// An estimate of the bytes in use.
    pub fn bytes(&self) -> u64 {
        let by_bar = self.bars.len() * (size_of::<Bar>() + size_of::<i128>());
        let by_key = self.open.len() * size_of::<u32>();
        self.numbered.bytes() + (by_bar + by_key) as u64
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
        let keys = self.numbered.find(folding, rows, &mut key_of);
        self.open.resize(keys, NONE);
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
            changed: false,
        });
        self.numbered.begin(first);
        self.open[key as usize] = id;
        self.opened += 1;
        id
    }

    /// Moves the bars of use together when most are over; `told` are those that wait for a tick.
    fn compact(&mut self, layout: &Layout, groups_max: u64, told: Option<&mut Told>) {
        let waiting = told.as_ref().map_or(0, |told| told.changed.len());
        if !self.numbered.is_sparse(self.opened + waiting, groups_max) {
            return;
        }
        self.list_used(told.as_deref());
        let keyless = usize::from(self.numbered.is_keyless());
        let keys = self.numbered.keep(layout, &self.ids, &self.of_ids);
        let known = keys.iter().max().map_or(0, |&key| key as usize + 1);
        // Open bars of keys as they were numbered.
        let open = |id: u32, key: u32| self.open[key as usize] == id;
        let is_open = self.ids.iter().zip(&self.of_ids);
        let is_open = is_open.map(|(&id, &key)| u32::from(open(id, key)));
        self.key_of.clear();
        self.key_of.extend(is_open);
        self.sums.keep(&self.ids);
        keep(&mut self.bars, &self.ids);
        self.open.clear();
        self.open.resize(known.max(keyless), NONE);
        let bars = (0..).zip(&mut self.bars).zip(keys).zip(&self.key_of);
        for (((id, bar), &key), &is_open) in bars {
            bar.key = key;
            if is_open == 1 {
                self.open[key as usize] = id;
            }
        }
        if let Some(told) = told {
            for (_, id) in &mut told.changed {
                *id = self.ids.partition_point(|known| known < id) as u32;
            }
        }
    }

    /// Lists the bars of use in `ids`, which rise: the open ones, and those that wait to be told; and their keys.
    fn list_used(&mut self, told: Option<&Told>) {
        self.ids.clear();
        let open = self.open.iter().filter(|&&id| id != NONE);
        self.ids.extend(open);
        let waiting = told.iter().flat_map(|told| &told.changed);
        self.ids.extend(waiting.map(|&(_, id)| id));
        self.ids.sort_unstable();
        self.ids.dedup();
        let bars = &self.bars;
        self.of_ids.clear();
        self.of_ids
            .extend(self.ids.iter().map(|&id| bars[id as usize].key));
    }

    /// Marks the bars of rows: they wait for the tick.
    fn mark(&mut self, told: &mut Told, order: &RowOrder, rows: Segment<'_>) {
        for (position, &id) in self.of_rows.iter().enumerate() {
            let bar = &mut self.bars[id as usize];
            if !std::mem::replace(&mut bar.changed, true) {
                let OrderKey { seq, ordinal, .. } = order.key(rows.row(position));
                told.changed.push((First { seq, ordinal }, id));
            }
        }
    }

    /// Takes out of what waits for the tick what is not told at it: with EARLY the complete bars, which have left.
    pub fn leave_untold(&mut self, told: &mut Told) {
        let early = told.early;
        told.changed.retain(|&(_, id)| {
            let bar = self.bars[id as usize];
            !early || self.open[bar.key as usize] == id
        });
    }

    /// Forgets that bars waited for the tick.
    pub fn forget_told(&mut self, told: &Told) {
        for &id in &told.ids {
            self.bars[id as usize].changed = false;
        }
        self.numbered.forget_index();
    }

    /// Appends the results of bars to the output, save their order keys.
    pub fn emit(&mut self, layout: &Layout, ids: &[u32], to: Results<'_>) {
        let bars = &self.bars;
        let placed = |id: u32| {
            let Bar {
                first, last, key, ..
            } = bars[id as usize];
            Placed {
                key,
                start: first,
                end: last,
            }
        };
        self.numbered.emit(layout, ids, placed, to);
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
        let traced = self.emission == Emission::Changes && self.told.is_none();
        bars.numbered.forget_index();
        bars.assign(folding, rows);
        if traced {
            self.start_tracing(folding);
            let times = folding.input.times();
            for (position, &id) in bars.of_rows.iter().enumerate() {
                let row = rows.row(position);
                self.starts[row] = bars.bars[id as usize].first;
                self.ends[row] = times[row];
            }
        }
        let running = traced.then_some(&mut self.running);
        bars.numbered
            .fold(folding, rows, &bars.of_rows, &mut self.scratch, running);
        if let Some(told) = &mut self.told {
            bars.mark(told, &folding.batch.order, rows);
        }
        if traced {
            self.emit_rows(folding, folding.input.selected.rows());
        } else if self.emission != Emission::Changes && !bars.completed.is_empty() {
            let order = &folding.batch.order;
            let keys = bars.completed.iter();
            let keys = keys.map(|&(row, _)| order.key(row as usize));
            self.output.order_keys().extend(keys);
            let mut ids = std::mem::take(&mut bars.ids);
            ids.clear();
            ids.extend(bars.completed.iter().map(|(_, id)| id));
            bars.emit(folding.layout, &ids, self.results());
            bars.ids = ids;
        }
        bars.compact(folding.layout, self.groups_max, self.told.as_mut());
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
        let Some(mut bars) = self.bars.take_if(|bars| !silent && !bars.whole) else {
            return Advance::Done;
        };
        let firsts = &bars.numbered.arena.firsts;
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
        self.output.order_keys().extend(leaving.iter().map(|&id| {
            let First { seq, ordinal } = firsts[id as usize];
            OrderKey::fired(WATERMARK_END, seq, ordinal)
        }));
        let order = std::mem::take(&mut self.order);
        bars.emit(layout, &order[from..to], self.results());
        self.order = order;
        let rest = to < self.order.len();
        self.firing = rest.then_some(to);
        if !rest {
            bars.open.fill(NONE);
            bars.opened = 0;
            bars.numbered.forget_index();
        }
        self.bars = Some(bars);
        self.flush(context, next);
        if rest { Advance::More } else { Advance::Done }
    }
}
