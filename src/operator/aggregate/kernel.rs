//! Leaf loops: fold values of rows into states of groups, with or without writing each row's running state.

use crate::batch::{Column, ColumnData};
use crate::table::Segment;

/// The group of each position of a span.
#[derive(Clone, Copy, Debug)]
pub(super) enum Groups<'a> {
    /// All rows are of one group: its state stays in a register.
    One(u32),
    /// By position.
    Each(&'a [u32]),
}

/// Rows and their groups.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span<'a> {
    pub rows: Segment<'a>,
    pub groups: Groups<'a>,
}

impl Span<'static> {
    /// One row.
    pub fn one(row: usize, group: usize) -> Self {
        Self {
            rows: Segment::Range {
                start: row,
                end: row + 1,
            },
            groups: Groups::One(group as u32),
        }
    }
}

impl Span<'_> {
    /// Calls `f(row, group)` for every row.
    #[inline(always)]
    pub fn for_each(self, mut f: impl FnMut(usize, usize)) {
        let mut position = 0;
        match self.groups {
            Groups::One(group) => self.rows.for_each(|row| f(row, group as usize)),
            Groups::Each(groups) => self.rows.for_each(|row| {
                f(row, groups[position] as usize);
                position += 1;
            }),
        }
    }
}

/// Where running states are written: for every row of `base`, folded or not.
pub(super) struct Running<'a> {
    /// All rows of the segment.
    pub base: Span<'a>,
    /// By row: whether it is folded; `None`: all are.
    pub mask: Option<&'a [bool]>,
}

impl<'a> Running<'a> {
    /// The rows and their groups where all rows are folded.
    #[inline(always)]
    pub fn plain(&self) -> Option<(Segment<'a>, &'a [u32])> {
        match (self.mask, self.base.groups) {
            (None, Groups::Each(groups)) => Some((self.base.rows, groups)),
            _ => None,
        }
    }

    /// Calls `f(row, group, folded)` for every row.
    #[inline(always)]
    pub fn for_each(&self, mut f: impl FnMut(usize, usize, bool)) {
        match self.mask {
            None => self.base.for_each(|row, group| f(row, group, true)),
            Some(mask) => self.base.for_each(|row, group| f(row, group, mask[row])),
        }
    }
}

/// Values that are held plainly in a vector.
pub(super) trait Native: Copy + Send + Sync {
    /// Least value for MIN to start from: no value is greater.
    const MIN_START: Self;
    /// Greatest value for MAX to start from: no value is less.
    const MAX_START: Self;
    /// The vector of a column.
    fn of(column: &Column) -> &[Self];
    /// The vector of a column.
    fn of_mut(column: &mut Column) -> &mut Vec<Self>;
    /// The vector of a column, if it has this representation.
    fn try_of_mut(column: &mut Column) -> Option<&mut Vec<Self>>;
    /// Whether `a` comes before `b`; NaN comes after every number.
    fn less(a: Self, b: Self) -> bool;
    /// The lesser of a state and a value, the state where they are equal; NaN comes after every number.
    fn min_of(state: Self, value: Self) -> Self;
    /// The greater of a state and a value, the state where they are equal; NaN comes after every number.
    fn max_of(state: Self, value: Self) -> Self;
}

macro_rules! native {
    ($ty:ty, $variant:ident, $min_start:expr, $max_start:expr, $less:expr, $min_of:expr, $max_of:expr) => {
        impl Native for $ty {
            const MIN_START: Self = $min_start;
            const MAX_START: Self = $max_start;

            #[inline(always)]
            fn of(column: &Column) -> &[Self] {
                match &column.data {
                    ColumnData::$variant(values) => values,
                    other => panic!("a {} column is {other:?}", stringify!($variant)),
                }
            }

            #[inline(always)]
            fn of_mut(column: &mut Column) -> &mut Vec<Self> {
                match &mut column.data {
                    ColumnData::$variant(values) => values,
                    other => panic!("a {} column is {other:?}", stringify!($variant)),
                }
            }

            fn try_of_mut(column: &mut Column) -> Option<&mut Vec<Self>> {
                match &mut column.data {
                    ColumnData::$variant(values) => Some(values),
                    _ => None,
                }
            }

            #[inline(always)]
            fn less(a: Self, b: Self) -> bool {
                let less: fn(Self, Self) -> bool = $less;
                less(a, b)
            }

            #[inline(always)]
            fn min_of(state: Self, value: Self) -> Self {
                let min_of: fn(Self, Self) -> Self = $min_of;
                min_of(state, value)
            }

            #[inline(always)]
            fn max_of(state: Self, value: Self) -> Self {
                let max_of: fn(Self, Self) -> Self = $max_of;
                max_of(state, value)
            }
        }
    };
}

native!(
    bool,
    Bool,
    true,
    false,
    |a, b| !a & b,
    |s, v| s & v,
    |s, v| s | v
);
native!(
    i64,
    I64,
    i64::MAX,
    i64::MIN,
    |a, b| a < b,
    Ord::min,
    Ord::max
);
native!(
    i128,
    I128,
    i128::MAX,
    i128::MIN,
    |a, b| a < b,
    Ord::min,
    Ord::max
);
// One comparison of each is an instruction that answers with the state where one of the two is NaN; what is left is
// the operand whose NaN decides otherwise.
native!(
    f64,
    F64,
    f64::NAN,
    f64::NEG_INFINITY,
    |a, b| a < b || (b.is_nan() && !a.is_nan()),
    |s, v| {
        let least = if v < s { v } else { s };
        if s.is_nan() { v } else { least }
    },
    |s, v| {
        let greatest = if v > s { v } else { s };
        if v.is_nan() { v } else { greatest }
    }
);

/// `state = f(state)` for every row.
pub(super) fn count(span: Span<'_>, states: &mut [i64]) {
    match span.groups {
        Groups::One(group) => states[group as usize] += span.rows.len() as i64,
        Groups::Each(groups) => {
            for &group in groups {
                states[group as usize] += 1;
            }
        }
    }
}

/// [`count`], writing the running counts by row.
pub(super) fn count_running(running: &Running<'_>, states: &mut [i64], out: &mut [i64]) {
    if let Some((rows, groups)) = running.plain() {
        for (position, &group) in groups.iter().enumerate() {
            let state = &mut states[group as usize];
            *state += 1;
            out[rows.row(position)] = *state;
        }
        return;
    }
    running.for_each(|row, group, folded| {
        states[group] += i64::from(folded);
        out[row] = states[group];
    });
}

/// `state = f(state, value)` for every row, in order.
#[inline(always)]
pub(super) fn fold<T: Copy, S: Copy>(
    values: &[T],
    span: Span<'_>,
    states: &mut [S],
    f: impl Fn(S, T) -> S,
) {
    match (span.rows, span.groups) {
        (Segment::Range { start, end }, Groups::One(group)) => {
            let state = &mut states[group as usize];
            *state = values[start..end].iter().fold(*state, |s, &v| f(s, v));
        }
        (Segment::List(rows), Groups::One(group)) => {
            let state = &mut states[group as usize];
            *state = rows
                .iter()
                .fold(*state, |s, &row| f(s, values[row as usize]));
        }
        (Segment::Range { start, end }, Groups::Each(groups)) => {
            for (&value, &group) in values[start..end].iter().zip(groups) {
                let state = &mut states[group as usize];
                *state = f(*state, value);
            }
        }
        (Segment::List(rows), Groups::Each(groups)) => {
            for (&row, &group) in rows.iter().zip(groups) {
                let state = &mut states[group as usize];
                *state = f(*state, values[row as usize]);
            }
        }
    }
}

/// [`fold`], writing the running states by row.
#[inline(always)]
pub(super) fn fold_running<T: Copy, S: Copy>(
    values: &[T],
    running: &Running<'_>,
    states: &mut [S],
    out: &mut [S],
    f: impl Fn(S, T) -> S,
) {
    if let Some((rows, groups)) = running.plain() {
        for (position, &group) in groups.iter().enumerate() {
            let (row, state) = (rows.row(position), &mut states[group as usize]);
            *state = f(*state, values[row]);
            out[row] = *state;
        }
        return;
    }
    running.for_each(|row, group, folded| {
        if folded {
            states[group] = f(states[group], values[row]);
        }
        out[row] = states[group];
    });
}
