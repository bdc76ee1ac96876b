//! The state of one slot: columns indexed by group, and what is done to them a batch at a time.

use super::cells::{change_cells, fold_cells, merge_cells};
use super::held::{self, Held, Scratch};
use super::kernel::{Native, Running, Span, count, count_running, fold, fold_running};
use super::layout::{SlotKind, SlotPlan};
use super::pick_by::{Picked, pick_by};
use super::{moments, trading};
use crate::batch::{Column, ColumnData, Rows, TextColumn, TextView};
use crate::types::{DataType, Physical};

/// Heap bytes below which the texts of a slot are not compacted.
const COMPACT_BYTES_MIN: usize = 1 << 16;

/// State of a slot by group; in the shape of the same columns also its running state by row.
pub(super) struct SlotState {
    /// As [`SlotPlan::state_types`] says.
    pub columns: Vec<Column>,
    // How many of the columns results are made of.
    results: usize,
    // What does not fit columns: then they are those of results.
    held: Option<Box<dyn Held>>,
    scratch: Scratch,
    // Heap size at which texts that were overwritten are swept out.
    compact_at: usize,
}

/// The arguments of a fold.
#[derive(Clone, Copy)]
pub(super) struct Args<'a> {
    pub first: Option<&'a Column>,
    pub second: Option<&'a Column>,
    /// Event time by row; as many zeros when there is none.
    pub times: &'a [i64],
}

/// A fold that also writes the running state of every row.
pub(super) type Trace<'a, 'b> = Option<(&'a Running<'a>, &'b mut SlotState)>;

impl SlotState {
    pub fn new(plan: &SlotPlan) -> Self {
        Self {
            columns: empty_columns(&plan.column_types()),
            results: plan.results(),
            held: held::held(plan),
            scratch: Scratch::default(),
            compact_at: COMPACT_BYTES_MIN,
        }
    }

    pub fn clear(&mut self) {
        for column in &mut self.columns {
            column.clear();
        }
        self.compact_at = COMPACT_BYTES_MIN;
        if let Some(held) = &mut self.held {
            held.clear();
        }
    }

    /// Values that are held beside the columns, or words of them.
    pub fn entries(&self) -> usize {
        self.held.as_ref().map_or(0, |held| held.entries())
    }

    /// How many columns a state has in snapshots and for [`merge`](Self::merge).
    pub fn width(&self) -> usize {
        match self.held {
            Some(_) => 1,
            None => self.columns.len(),
        }
    }

    /// The column that holds the states of these groups, where the columns do not.
    pub fn exported(&self, groups: &[u32]) -> Option<Column> {
        let held = self.held.as_ref()?;
        let mut column = Column::new(DataType::Varchar);
        held::exported(&**held, groups, &mut column);
        Some(column)
    }

    /// Gives the columns that results are made of one entry a row, to be written by index: any value until then.
    pub fn reset_rows(&mut self, rows: usize) {
        for column in &mut self.columns[..self.results] {
            match &mut column.data {
                // Their heap would grow from batch to batch.
                ColumnData::Text(_) => column.reset(rows),
                _ => {
                    column.nulls.clear();
                    extend_zeros(column, rows);
                }
            }
        }
    }

    /// Whether results are made of the states as they lie: they are in the columns, and no end of a window weighs.
    pub fn lies_ready(&self, plan: &SlotPlan) -> bool {
        self.held.is_none() && plan.kind != SlotKind::Twap
    }

    /// Replaces the columns that results are made of by the states of these groups.
    pub fn gather(&mut self, from: &Self, groups: &[u32]) {
        if let Some(held) = &from.held {
            return held::results(&**held, groups, &mut self.scratch, &mut self.columns);
        }
        let pairs = self.columns.iter_mut().zip(&from.columns);
        for (column, from) in pairs.take(self.results) {
            column.clear();
            column.extend_from(from, Rows::Some(groups));
        }
    }

    /// Tells gathered or running states the ends of their windows, by row: what weighs time weighs the rest.
    pub fn close(&mut self, plan: &SlotPlan, rows: Rows<'_>, end: impl Fn(usize) -> i64) {
        if plan.kind == SlotKind::Twap {
            change_cells(&mut self.columns, rows, |state, row| {
                trading::close_twap(state, end(row))
            });
        }
    }

    /// Gives new groups the state of no rows.
    pub fn grow(&mut self, plan: &SlotPlan, groups: usize) {
        if let Some(held) = &mut self.held {
            return held.grow(groups);
        }
        if plan.kind.is_made_of_cells() {
            self.columns
                .iter_mut()
                .for_each(|column| extend_zeros(column, groups));
            return;
        }
        let minimum = plan.kind == SlotKind::Min;
        let start = matches!(plan.kind, SlotKind::Min | SlotKind::Max);
        match &mut self.columns[0].data {
            ColumnData::Bool(values) => values.resize(groups, start_of(start, minimum, false)),
            ColumnData::I64(values) => values.resize(groups, start_of(start, minimum, 0)),
            ColumnData::I128(values) => values.resize(groups, start_of(start, minimum, 0)),
            ColumnData::F64(values) => values.resize(groups, start_of(start, minimum, 0.0)),
            ColumnData::Text(texts) => texts.views.resize(groups, TextView::default()),
        }
        match (plan.kind, self.columns.get_mut(1)) {
            (SlotKind::First, Some(times)) => i64::of_mut(times).resize(groups, i64::MAX),
            (SlotKind::Last, Some(times)) => i64::of_mut(times).resize(groups, i64::MIN),
            (_, Some(present)) => bool::of_mut(present).resize(groups, false),
            (_, None) => {}
        }
    }

    /// Folds rows into the states of their groups.
    pub fn fold(&mut self, plan: &SlotPlan, args: Args<'_>, span: Span<'_>, trace: Trace<'_, '_>) {
        let first = || {
            args.first
                .expect("every slot but the count has an argument")
        };
        if let Some(held) = &mut self.held {
            match trace {
                None => held.fold(first(), span),
                Some((running, out)) => {
                    let (scratch, out) = (&mut out.scratch, &mut out.columns);
                    held::fold_traced(&mut **held, first(), running, scratch, out);
                }
            }
            return;
        }
        match plan.kind {
            SlotKind::Count => self.count(span, trace),
            SlotKind::Sum => self.sum(first(), span, trace),
            SlotKind::Product => {
                let second = args.second.expect("a product has two arguments");
                self.product(first(), second, span, trace);
            }
            SlotKind::Min | SlotKind::Max => self.extreme(plan, first(), span, trace),
            SlotKind::First | SlotKind::Last => {
                self.pick(plan, first(), args.times, span, trace);
            }
            SlotKind::ArgMin | SlotKind::ArgMax => {
                let from = Picked {
                    values: first(),
                    by: args.second.expect("a pick is by its second argument"),
                    times: args.times,
                };
                self.pick_by(plan, from, span, trace);
            }
            _ => self.cells(plan, first(), args.second, span, trace),
        }
    }

    /// Folds rows into states of several cells.
    fn cells(
        &mut self,
        plan: &SlotPlan,
        first: &Column,
        second: Option<&Column>,
        span: Span<'_>,
        trace: Trace<'_, '_>,
    ) {
        let (columns, x) = (&mut self.columns[..], f64::of(first));
        let second = || second.expect("two arguments are folded together");
        match plan.kind {
            SlotKind::Variance => fold_cells(columns, span, trace, |state, row| {
                moments::add_variance(state, x[row])
            }),
            SlotKind::Moments => fold_cells(columns, span, trace, |state, row| {
                moments::add_moments(state, x[row])
            }),
            SlotKind::Joint => {
                let other = f64::of(second());
                fold_cells(columns, span, trace, |state, row| {
                    moments::add_joint(state, x[row], other[row])
                });
            }
            SlotKind::Ema => {
                let alpha = plan.parameter.number();
                fold_cells(columns, span, trace, |state, row| {
                    trading::add_ema(state, x[row], alpha)
                });
            }
            SlotKind::Twap => {
                let times = i64::of(second());
                fold_cells(columns, span, trace, |state, row| {
                    trading::add_twap(state, x[row], times[row])
                });
            }
            SlotKind::Volatility => fold_cells(columns, span, trace, |state, row| {
                trading::add_volatility(state, x[row])
            }),
            SlotKind::Drawdown => fold_cells(columns, span, trace, |state, row| {
                trading::add_drawdown(state, x[row])
            }),
            other => panic!("{other:?} is not made of cells"),
        }
    }

    fn pick_by(&mut self, plan: &SlotPlan, from: Picked<'_>, span: Span<'_>, trace: Trace<'_, '_>) {
        let minimum = plan.kind == SlotKind::ArgMin;
        pick_by(&mut self.columns, minimum, from, span, trace);
        for column in &mut self.columns[..2] {
            if let ColumnData::Text(texts) = &mut column.data {
                compact(texts, &mut self.compact_at);
            }
        }
    }

    /// Folds states that a slot of the same plan gave out.
    pub fn merge(&mut self, plan: &SlotPlan, states: &[Column], span: Span<'_>) {
        if let Some(held) = &mut self.held {
            return held::merge(&mut **held, &states[0], span);
        }
        match plan.kind {
            SlotKind::Count => {
                let counts = i64::of(&states[0]);
                let to = i64::of_mut(&mut self.columns[0]);
                fold(counts, span, to, |s, v| s.saturating_add(v));
            }
            SlotKind::Sum | SlotKind::Product => self.sum(&states[0], span, None),
            SlotKind::Min | SlotKind::Max => self.extreme(plan, &states[0], span, None),
            SlotKind::First | SlotKind::Last => {
                self.pick(plan, &states[0], i64::of(&states[1]), span, None);
            }
            SlotKind::ArgMin | SlotKind::ArgMax => {
                let from = Picked {
                    values: &states[0],
                    by: &states[1],
                    times: i64::of(&states[2]),
                };
                self.pick_by(plan, from, span, None);
            }
            SlotKind::Variance => {
                merge_cells(&mut self.columns, states, span, moments::merge_variance);
            }
            SlotKind::Moments => {
                merge_cells(&mut self.columns, states, span, moments::merge_moments);
            }
            SlotKind::Joint => merge_cells(&mut self.columns, states, span, moments::merge_joint),
            SlotKind::Ema => merge_cells(&mut self.columns, states, span, trading::merge_ema),
            SlotKind::Twap => merge_cells(&mut self.columns, states, span, trading::merge_twap),
            SlotKind::Volatility => {
                merge_cells(&mut self.columns, states, span, trading::merge_volatility);
            }
            SlotKind::Drawdown => {
                merge_cells(&mut self.columns, states, span, trading::merge_drawdown);
            }
            other => panic!("{other:?} is held beside the columns"),
        }
    }

    fn count(&mut self, span: Span<'_>, trace: Trace<'_, '_>) {
        let states = i64::of_mut(&mut self.columns[0]);
        match trace {
            None => count(span, states),
            Some((running, out)) => {
                count_running(running, states, i64::of_mut(&mut out.columns[0]));
            }
        }
    }

    fn sum(&mut self, arg: &Column, span: Span<'_>, trace: Trace<'_, '_>) {
        let state = &mut self.columns[0];
        match &arg.data {
            // 2^64 rows of 64-bit values fit an i128.
            ColumnData::I64(_) => {
                apply(arg, span, state, trace, |s: i128, v: i64| s + i128::from(v))
            }
            ColumnData::I128(_) => apply(arg, span, state, trace, add_exact),
            ColumnData::F64(_) => apply(arg, span, state, trace, |s: f64, v: f64| s + v),
            other => panic!("a sum of {other:?}"),
        }
    }

    fn product(&mut self, a: &Column, b: &Column, span: Span<'_>, trace: Trace<'_, '_>) {
        let state = &mut self.columns[0];
        match (&a.data, &b.data) {
            (ColumnData::F64(a), ColumnData::F64(b)) => {
                apply_rows(span, state, trace, |s: f64, row| s + a[row] * b[row]);
            }
            (ColumnData::I64(a), ColumnData::I64(b)) => {
                apply_rows(span, state, trace, |s, row| {
                    add_exact(s, i128::from(a[row]) * i128::from(b[row]))
                });
            }
            _ => apply_rows(span, state, trace, |s, row| {
                match wide_value(a, row).checked_mul(wide_value(b, row)) {
                    Some(product) => add_exact(s, product),
                    None => OVERFLOWED,
                }
            }),
        }
    }

    fn extreme(&mut self, plan: &SlotPlan, arg: &Column, span: Span<'_>, trace: Trace<'_, '_>) {
        let minimum = plan.kind == SlotKind::Min;
        match plan.ty.physical() {
            Physical::Bool => self.extreme_of::<bool>(minimum, arg, span, trace),
            Physical::I64 => self.extreme_of::<i64>(minimum, arg, span, trace),
            Physical::I128 => self.extreme_of::<i128>(minimum, arg, span, trace),
            Physical::F64 => self.extreme_of::<f64>(minimum, arg, span, trace),
            Physical::Text => {
                let texts = texts_of(arg);
                self.replace_texts(
                    texts,
                    span,
                    trace,
                    |known, present: &mut [bool], group, row| {
                        let new = texts.get(row);
                        let replace = !present[group]
                            || match minimum {
                                true => new < known.get(group),
                                false => new > known.get(group),
                            };
                        present[group] = true;
                        replace
                    },
                );
            }
        }
    }

    fn extreme_of<T: Native>(
        &mut self,
        minimum: bool,
        arg: &Column,
        span: Span<'_>,
        trace: Trace<'_, '_>,
    ) {
        let state = &mut self.columns[0];
        if minimum {
            apply(arg, span, state, trace, T::min_of);
        } else {
            apply(arg, span, state, trace, T::max_of);
        }
    }

    fn pick(
        &mut self,
        plan: &SlotPlan,
        arg: &Column,
        times: &[i64],
        span: Span<'_>,
        trace: Trace<'_, '_>,
    ) {
        let first = plan.kind == SlotKind::First;
        match plan.ty.physical() {
            Physical::Bool => self.pick_of::<bool>(first, arg, times, span, trace),
            Physical::I64 => self.pick_of::<i64>(first, arg, times, span, trace),
            Physical::I128 => self.pick_of::<i128>(first, arg, times, span, trace),
            Physical::F64 => self.pick_of::<f64>(first, arg, times, span, trace),
            Physical::Text => {
                let texts = texts_of(arg);
                self.replace_texts(texts, span, trace, |_, known: &mut [i64], group, row| {
                    let replace = is_earlier_or_later(first, times[row], known[group]);
                    if replace {
                        known[group] = times[row];
                    }
                    replace
                });
            }
        }
    }

    fn pick_of<T: Native>(
        &mut self,
        first: bool,
        arg: &Column,
        times: &[i64],
        span: Span<'_>,
        trace: Trace<'_, '_>,
    ) {
        let [state, known] = &mut self.columns[..] else {
            panic!("a pick has a value and a time")
        };
        let (values, state, known) = (T::of(arg), T::of_mut(state), i64::of_mut(known));
        let mut step = |row: usize, group: usize, folded: bool| {
            if folded && is_earlier_or_later(first, times[row], known[group]) {
                known[group] = times[row];
                state[group] = values[row];
            }
            state[group]
        };
        match trace {
            None => span.for_each(|row, group| {
                step(row, group, true);
            }),
            Some((running, out)) => {
                let out = T::of_mut(&mut out.columns[0]);
                running.for_each(|row, group, folded| out[row] = step(row, group, folded));
            }
        }
    }

    /// Overwrites the text of a group by that of a row where `replaces(known, side column, group, row)`.
    fn replace_texts<S: Native>(
        &mut self,
        texts: &TextColumn,
        span: Span<'_>,
        trace: Trace<'_, '_>,
        mut replaces: impl FnMut(&TextColumn, &mut [S], usize, usize) -> bool,
    ) {
        let [state, side] = &mut self.columns[..] else {
            panic!("a text slot has a second column")
        };
        let (ColumnData::Text(state), side) = (&mut state.data, S::of_mut(side)) else {
            panic!("a text slot holds texts")
        };
        let mut step = |state: &mut TextColumn, row: usize, group: usize| {
            if replaces(state, side, group, row) {
                state.set(group, texts.get(row));
            }
        };
        match trace {
            None => span.for_each(|row, group| step(state, row, group)),
            Some((running, out)) => {
                let ColumnData::Text(out) = &mut out.columns[0].data else {
                    panic!("a text slot runs on texts")
                };
                running.for_each(|row, group, folded| {
                    if folded {
                        step(state, row, group);
                    }
                    out.set(row, state.get(group));
                });
            }
        }
        compact(state, &mut self.compact_at);
    }
}

/// Sweeps out overwritten texts when there are many.
fn compact(texts: &mut TextColumn, compact_at: &mut usize) {
    if texts.heap_bytes() > *compact_at {
        *texts = texts.compacted();
        *compact_at = COMPACT_BYTES_MIN.max(2 * texts.heap_bytes());
    }
}

/// Gives a column exactly `rows` rows, zeros where there are more than before.
fn extend_zeros(column: &mut Column, rows: usize) {
    match &mut column.data {
        ColumnData::Bool(values) => values.resize(rows, false),
        ColumnData::I64(values) => values.resize(rows, 0),
        ColumnData::I128(values) => values.resize(rows, 0),
        ColumnData::F64(values) => values.resize(rows, 0.0),
        ColumnData::Text(texts) => texts.views.resize(rows, TextView::default()),
    }
}

/// The sum that says that a sum has left i128: no DECIMAL is near it, so it is an overflow when emitted.
pub(super) const OVERFLOWED: i128 = i128::MIN;

fn add_exact(state: i128, value: i128) -> i128 {
    if state == OVERFLOWED || value == OVERFLOWED {
        return OVERFLOWED;
    }
    state.checked_add(value).unwrap_or(OVERFLOWED)
}

fn start_of<T: Native>(extreme: bool, minimum: bool, zero: T) -> T {
    match (extreme, minimum) {
        (false, _) => zero,
        (true, true) => T::MIN_START,
        (true, false) => T::MAX_START,
    }
}

/// Ties go by source order: FIRST keeps what it has, LAST takes the newer.
#[inline(always)]
fn is_earlier_or_later(first: bool, time: i64, known: i64) -> bool {
    if first { time < known } else { known <= time }
}

fn wide_value(column: &Column, row: usize) -> i128 {
    match &column.data {
        ColumnData::I64(values) => i128::from(values[row]),
        ColumnData::I128(values) => values[row],
        other => panic!("a product of {other:?}"),
    }
}

fn texts_of(column: &Column) -> &TextColumn {
    match &column.data {
        ColumnData::Text(texts) => texts,
        other => panic!("a text argument is {other:?}"),
    }
}

#[inline(always)]
fn apply<T: Native, S: Native>(
    arg: &Column,
    span: Span<'_>,
    state: &mut Column,
    trace: Trace<'_, '_>,
    f: impl Fn(S, T) -> S,
) {
    let (values, states) = (T::of(arg), S::of_mut(state));
    match trace {
        None => fold(values, span, states, f),
        Some((running, out)) => {
            fold_running(values, running, states, S::of_mut(&mut out.columns[0]), f);
        }
    }
}

#[inline(always)]
fn apply_rows<S: Native>(
    span: Span<'_>,
    state: &mut Column,
    trace: Trace<'_, '_>,
    f: impl Fn(S, usize) -> S,
) {
    let states = S::of_mut(state);
    match trace {
        None => span.for_each(|row, group| states[group] = f(states[group], row)),
        Some((running, out)) => {
            let out = S::of_mut(&mut out.columns[0]);
            running.for_each(|row, group, folded| {
                if folded {
                    states[group] = f(states[group], row);
                }
                out[row] = states[group];
            });
        }
    }
}

/// The state column types of a plan's slots, in order.
pub(super) fn empty_columns(types: &[DataType]) -> Vec<Column> {
    types.iter().map(|&ty| Column::new(ty)).collect()
}
