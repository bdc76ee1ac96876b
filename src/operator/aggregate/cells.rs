//! States of a fixed number of integers and doubles a group, such as a variance's count, mean and sum of squares.
//!
//! The columns are the integers, then the doubles; the state of no rows is zero in all of them. A state is loaded,
//! stepped and stored a row at a time: every step needs the whole of it.

use super::kernel::{Native, Running, Span};
use super::slot::SlotState;
use crate::batch::{Column, Rows};

/// The state of one group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cells<const I: usize, const F: usize> {
    pub ints: [i64; I],
    pub floats: [f64; F],
}

impl<const I: usize, const F: usize> Cells<I, F> {
    /// The state of no rows.
    pub const EMPTY: Self = Self {
        ints: [0; I],
        floats: [0.0; F],
    };
}

struct Slices<'a, const I: usize, const F: usize> {
    ints: [&'a [i64]; I],
    floats: [&'a [f64]; F],
}

impl<'a, const I: usize, const F: usize> Slices<'a, I, F> {
    fn of(columns: &'a [Column]) -> Self {
        Self {
            ints: std::array::from_fn(|at| i64::of(&columns[at])),
            floats: std::array::from_fn(|at| f64::of(&columns[I + at])),
        }
    }

    #[inline(always)]
    fn load(&self, at: usize) -> Cells<I, F> {
        Cells {
            ints: std::array::from_fn(|cell| self.ints[cell][at]),
            floats: std::array::from_fn(|cell| self.floats[cell][at]),
        }
    }
}

struct SlicesMut<'a, const I: usize, const F: usize> {
    ints: [&'a mut [i64]; I],
    floats: [&'a mut [f64]; F],
}

impl<'a, const I: usize, const F: usize> SlicesMut<'a, I, F> {
    fn of(columns: &'a mut [Column]) -> Self {
        let mut columns = columns.iter_mut();
        let mut next = || columns.next().expect("a column for each cell");
        Self {
            ints: std::array::from_fn(|_| &mut i64::of_mut(next())[..]),
            floats: std::array::from_fn(|_| &mut f64::of_mut(next())[..]),
        }
    }

    #[inline(always)]
    fn load(&self, at: usize) -> Cells<I, F> {
        Cells {
            ints: std::array::from_fn(|cell| self.ints[cell][at]),
            floats: std::array::from_fn(|cell| self.floats[cell][at]),
        }
    }

    #[inline(always)]
    fn store(&mut self, at: usize, state: Cells<I, F>) {
        for (column, value) in self.ints.iter_mut().zip(state.ints) {
            column[at] = value;
        }
        for (column, value) in self.floats.iter_mut().zip(state.floats) {
            column[at] = value;
        }
    }
}

/// `state = step(state, row)` for every row, in order; with a trace, every row's running state is written.
#[inline(always)]
pub(super) fn fold_cells<const I: usize, const F: usize>(
    columns: &mut [Column],
    span: Span<'_>,
    trace: Option<(&Running<'_>, &mut SlotState)>,
    step: impl Fn(Cells<I, F>, usize) -> Cells<I, F>,
) {
    let mut states = SlicesMut::<I, F>::of(columns);
    match trace {
        None => span.for_each(|row, group| states.store(group, step(states.load(group), row))),
        Some((running, out)) => {
            let mut out = SlicesMut::<I, F>::of(&mut out.columns);
            running.for_each(|row, group, folded| {
                let mut state = states.load(group);
                if folded {
                    state = step(state, row);
                    states.store(group, state);
                }
                out.store(row, state);
            });
        }
    }
}

/// `state = merge(state, part)` for the parts in `parts`, in order.
#[inline(always)]
pub(super) fn merge_cells<const I: usize, const F: usize>(
    columns: &mut [Column],
    parts: &[Column],
    span: Span<'_>,
    merge: impl Fn(Cells<I, F>, Cells<I, F>) -> Cells<I, F>,
) {
    let parts = Slices::<I, F>::of(parts);
    fold_cells(columns, span, None, |state, row| {
        merge(state, parts.load(row))
    });
}

/// Appends `result` of every one of `rows` to a DOUBLE column; `None` is NULL.
#[inline(always)]
pub(super) fn finish_cells<const I: usize, const F: usize>(
    columns: &[Column],
    rows: Rows<'_>,
    out: &mut Column,
    result: impl Fn(Cells<I, F>) -> Option<f64>,
) {
    let states = Slices::<I, F>::of(columns);
    rows.for_each(|row| match result(states.load(row)) {
        None => out.push_null(),
        Some(value) => {
            f64::of_mut(out).push(value);
            if !out.nulls.is_empty() {
                out.nulls.push(false);
            }
        }
    });
}

/// Changes the states of `rows` in place; `change` is told the row.
pub(super) fn change_cells<const I: usize, const F: usize>(
    columns: &mut [Column],
    rows: Rows<'_>,
    change: impl Fn(Cells<I, F>, usize) -> Cells<I, F>,
) {
    let mut states = SlicesMut::<I, F>::of(columns);
    rows.for_each(|row| states.store(row, change(states.load(row), row)));
}
