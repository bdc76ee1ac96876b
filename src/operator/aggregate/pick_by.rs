//! ARG_MIN and ARG_MAX: the value of the row whose other argument is least or greatest.
//!
//! Ties go to the least event time, then to source order, as with FIRST: parts of a group merge in any division by
//! time. The state is the value, what it is picked by, its time, and whether there is one.

use super::kernel::{Native, Running, Span};
use super::slot::SlotState;
use crate::batch::{Column, ColumnData, TextColumn};

/// The arguments of a pick: rows of a batch, or states to merge.
#[derive(Clone, Copy)]
pub(super) struct Picked<'a> {
    pub values: &'a Column,
    pub by: &'a Column,
    pub times: &'a [i64],
}

/// Folds rows into the states of their groups.
pub(super) fn pick_by(
    columns: &mut [Column],
    minimum: bool,
    from: Picked<'_>,
    span: Span<'_>,
    trace: Option<(&Running<'_>, &mut SlotState)>,
) {
    let [values, by, times, present] = columns else {
        panic!("a pick has four columns")
    };
    let state = State {
        values: &mut values.data,
        times: i64::of_mut(times),
        present: bool::of_mut(present),
    };
    match (&mut by.data, &from.by.data) {
        (ColumnData::Bool(known), ColumnData::Bool(new)) => {
            natives(state, known, new, minimum, from, span, trace);
        }
        (ColumnData::I64(known), ColumnData::I64(new)) => {
            natives(state, known, new, minimum, from, span, trace);
        }
        (ColumnData::I128(known), ColumnData::I128(new)) => {
            natives(state, known, new, minimum, from, span, trace);
        }
        (ColumnData::F64(known), ColumnData::F64(new)) => {
            natives(state, known, new, minimum, from, span, trace);
        }
        (ColumnData::Text(known), ColumnData::Text(new)) => {
            texts(state, known, new, minimum, from, span, trace);
        }
        (known, new) => panic!("picked by {new:?} where {known:?} is known"),
    }
}

/// What a pick keeps beside the values it picks by.
struct State<'a> {
    values: &'a mut ColumnData,
    times: &'a mut [i64],
    present: &'a mut [bool],
}

impl State<'_> {
    /// Whether a row is to replace the state of its group: `order` is how it compares with what is known.
    #[inline(always)]
    fn takes(&self, group: usize, time: i64, order: Order) -> bool {
        match order {
            _ if !self.present[group] => true,
            Order::Better => true,
            Order::Same => time < self.times[group],
            Order::Worse => false,
        }
    }

    fn take(&mut self, group: usize, from: Picked<'_>, row: usize) {
        self.present[group] = true;
        self.times[group] = from.times[row];
        set(self.values, group, &from.values.data, row);
    }
}

#[derive(Clone, Copy)]
enum Order {
    Better,
    Same,
    Worse,
}

/// How a new value compares when the least or the greatest is wanted.
#[inline(always)]
fn order_of<T>(minimum: bool, new: T, known: T, less: impl Fn(&T, &T) -> bool) -> Order {
    match (less(&new, &known), less(&known, &new)) {
        (false, false) => Order::Same,
        (less, _) if less == minimum => Order::Better,
        _ => Order::Worse,
    }
}

fn natives<T: Native>(
    mut state: State<'_>,
    known: &mut [T],
    new: &[T],
    minimum: bool,
    from: Picked<'_>,
    span: Span<'_>,
    trace: Option<(&Running<'_>, &mut SlotState)>,
) {
    let step = |state: &mut State<'_>, row: usize, group: usize| {
        let order = order_of(minimum, new[row], known[group], |a, b| T::less(*a, *b));
        if state.takes(group, from.times[row], order) {
            known[group] = new[row];
            state.take(group, from, row);
        }
    };
    run(&mut state, step, span, trace);
}

fn texts(
    mut state: State<'_>,
    known: &mut TextColumn,
    new: &TextColumn,
    minimum: bool,
    from: Picked<'_>,
    span: Span<'_>,
    trace: Option<(&Running<'_>, &mut SlotState)>,
) {
    let step = |state: &mut State<'_>, row: usize, group: usize| {
        let order = order_of(minimum, new.get(row), known.get(group), |a, b| a < b);
        if state.takes(group, from.times[row], order) {
            known.set(group, new.get(row));
            state.take(group, from, row);
        }
    };
    run(&mut state, step, span, trace);
}

fn run(
    state: &mut State<'_>,
    mut step: impl FnMut(&mut State<'_>, usize, usize),
    span: Span<'_>,
    trace: Option<(&Running<'_>, &mut SlotState)>,
) {
    match trace {
        None => span.for_each(|row, group| step(state, row, group)),
        Some((running, out)) => {
            let out = &mut out.columns[0].data;
            running.for_each(|row, group, folded| {
                if folded {
                    step(state, row, group);
                }
                set(out, row, state.values, group);
            });
        }
    }
}

/// Overwrites one value by one of another column of the same representation.
pub(super) fn set(to: &mut ColumnData, at: usize, from: &ColumnData, row: usize) {
    match (to, from) {
        (ColumnData::Bool(to), ColumnData::Bool(from)) => to[at] = from[row],
        (ColumnData::I64(to), ColumnData::I64(from)) => to[at] = from[row],
        (ColumnData::I128(to), ColumnData::I128(from)) => to[at] = from[row],
        (ColumnData::F64(to), ColumnData::F64(from)) => to[at] = from[row],
        (ColumnData::Text(to), ColumnData::Text(from)) => to.set(at, from.get(row)),
        (to, from) => panic!("{from:?} written to {to:?}"),
    }
}
