//! The loops that every kernel is made of.
//!
//! A kernel is a closure over values, applied by one of the loops here to slices or constants, for all rows or
//! for selected ones. Each combination compiles apart, so the dense loops vectorise. The closures must accept
//! any legal value, because values of NULL rows are computed like the others; only what can fail looks at NULLs:
//!
//! * `map`, `map2`: cannot fail.
//! * `flag2`: the closure says whether the value is bad. The flags are or-ed over the batch, and only a batch
//!   with a bad row is gone through again to report those that are not NULL.
//! * `try_map`, `try2`: the closure is costly or fails in several ways; NULL rows are left out.

use super::RowErrors;
use crate::batch::{Column, ColumnData, Rows, TextColumn, TextView};
use crate::error::Reason;

/// The values of an operand: a column of the batch, or row 0 of one that stands for all rows.
#[derive(Clone, Copy)]
pub(super) struct Operand<'a> {
    pub(super) column: &'a Column,
    pub(super) constant: bool,
}

/// The values of an operand in the representation a kernel works on.
#[derive(Clone, Copy)]
pub(super) enum Arg<'a, T> {
    Slice(&'a [T]),
    Scalar(T),
}

/// The texts of an operand.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    pub(super) column: &'a TextColumn,
    constant: bool,
}

impl<'a> Texts<'a> {
    #[inline(always)]
    pub(super) fn index(self, row: usize) -> usize {
        if self.constant { 0 } else { row }
    }

    #[inline(always)]
    pub(super) fn get(self, row: usize) -> &'a [u8] {
        self.column.get(self.index(row))
    }

    /// Columns hold only valid UTF-8.
    pub(super) fn get_str(self, row: usize) -> &'a str {
        self.column.get_str(self.index(row))
    }
}

impl<T: Copy> Arg<'_, T> {
    #[inline(always)]
    pub(super) fn at(self, row: usize) -> T {
        match self {
            Self::Slice(values) => values[row],
            Self::Scalar(value) => value,
        }
    }
}

macro_rules! accessor {
    ($name:ident, $variant:ident, $ty:ty) => {
        pub(super) fn $name(self) -> Arg<'a, $ty> {
            let ColumnData::$variant(values) = &self.column.data else {
                panic!(
                    "an operand of another representation: {:?}",
                    self.column.data
                );
            };
            if self.constant {
                Arg::Scalar(values[0])
            } else {
                Arg::Slice(values)
            }
        }
    };
}

impl<'a> Operand<'a> {
    accessor!(bools, Bool, bool);
    accessor!(i64s, I64, i64);
    accessor!(i128s, I128, i128);
    accessor!(f64s, F64, f64);

    pub(super) fn texts(self) -> Texts<'a> {
        let ColumnData::Text(column) = &self.column.data else {
            panic!("an operand that is no text: {:?}", self.column.data);
        };
        Texts {
            column,
            constant: self.constant,
        }
    }

    #[inline(always)]
    pub(super) fn is_null(self, row: usize) -> bool {
        self.column.is_null(if self.constant { 0 } else { row })
    }

    pub(super) fn has_nulls(self) -> bool {
        !self.column.nulls.is_empty()
    }
}

/// Calls `$body` with the exact numbers of `$operand`, `i64` or `i128`.
macro_rules! with_exact {
    ($operand:expr, $values:ident => $body:expr) => {
        if matches!($operand.column.data, crate::batch::ColumnData::I64(_)) {
            let $values = $operand.i64s();
            $body
        } else {
            let $values = $operand.i128s();
            $body
        }
    };
}
pub(super) use with_exact;

/// The values of a column that the caller knows to be of this representation.
macro_rules! data_of {
    ($column:expr, $variant:ident) => {{
        let crate::batch::ColumnData::$variant(values) = &mut $column else {
            panic!("a result of another representation");
        };
        values
    }};
}
pub(super) use data_of;

/// An unscaled DECIMAL or an integer, held in 64 or 128 bits.
pub(super) trait Exact: Copy {
    fn wide(self) -> i128;
    /// Keeps the low bits; callers have checked the range.
    fn from_wide(value: i128) -> Self;
}

impl Exact for i64 {
    #[inline(always)]
    fn wide(self) -> i128 {
        i128::from(self)
    }
    #[inline(always)]
    fn from_wide(value: i128) -> Self {
        value as Self
    }
}

impl Exact for i128 {
    #[inline(always)]
    fn wide(self) -> i128 {
        self
    }
    #[inline(always)]
    fn from_wide(value: i128) -> Self {
        value
    }
}

/// Gives a scratch column `rows` rows of any legal values without NULLs; allocates only when it grows.
pub(super) fn prepare(column: &mut Column, rows: usize) {
    column.nulls.clear();
    match &mut column.data {
        ColumnData::Bool(values) => values.resize(rows, false),
        ColumnData::I64(values) => values.resize(rows, 0),
        ColumnData::I128(values) => values.resize(rows, 0),
        ColumnData::F64(values) => values.resize(rows, 0.0),
        ColumnData::Text(texts) => {
            // Old views would point into a heap that is gone.
            texts.clear();
            texts.views.resize(rows, TextView::default());
        }
    }
}

/// Marks `row` NULL in a mask for `len` rows.
#[inline]
pub(super) fn mark_null(nulls: &mut Vec<bool>, len: usize, row: usize) {
    if nulls.is_empty() {
        nulls.resize(len, false);
    }
    nulls[row] = true;
}

/// Adds the NULLs of a strict operand to the mask of the result, which has `len` rows. False when the operand is
/// a constant NULL, and with it every row of the result.
pub(super) fn add_nulls(nulls: &mut Vec<bool>, operand: Operand<'_>, len: usize) -> bool {
    if !operand.has_nulls() {
        return true;
    }
    if operand.constant {
        if operand.column.nulls[0] {
            nulls.clear();
            nulls.resize(len, true);
            return false;
        }
        return true;
    }
    let from = &operand.column.nulls[..len];
    if nulls.is_empty() {
        nulls.extend_from_slice(from);
    } else {
        for (to, &from) in nulls.iter_mut().zip(from) {
            *to |= from;
        }
    }
    true
}

/// What becomes of a row that fails.
pub(super) enum Faults<'a> {
    /// It is reported.
    Report(&'a mut RowErrors),
    /// It is NULL and nothing else (TRY_CAST).
    Ignore,
}

impl<'a> Faults<'a> {
    /// Reports to `errors`, unless the cast is `lenient`.
    pub(super) fn unless(lenient: bool, errors: &'a mut RowErrors) -> Self {
        match lenient {
            true => Self::Ignore,
            false => Self::Report(errors),
        }
    }

    pub(super) fn add(&mut self, row: usize, reason: Reason) {
        if let Self::Report(errors) = self {
            errors.rows.push((row as u32, reason));
        }
    }
}

/// `out[row] = f(a[row])`.
#[inline(always)]
pub(super) fn map<A: Copy, T>(rows: Rows<'_>, a: Arg<'_, A>, out: &mut [T], f: impl Fn(A) -> T) {
    map2(rows, a, Arg::Scalar(()), out, |a, ()| f(a));
}

/// `out[row] = f(a[row], b[row])`.
#[inline(always)]
pub(super) fn map2<A: Copy, B: Copy, T>(
    rows: Rows<'_>,
    a: Arg<'_, A>,
    b: Arg<'_, B>,
    out: &mut [T],
    f: impl Fn(A, B) -> T,
) {
    flag2(rows, a, b, out, |a, b| (f(a, b), false));
}

/// `out[row] = f(a[row], b[row]).0`; whether a row, NULL or not, was flagged.
#[inline(always)]
pub(super) fn flag2<A: Copy, B: Copy, T>(
    rows: Rows<'_>,
    a: Arg<'_, A>,
    b: Arg<'_, B>,
    out: &mut [T],
    f: impl Fn(A, B) -> (T, bool),
) -> bool {
    let mut any = false;
    let mut put = |to: &mut T, a: A, b: B| {
        let (value, flag) = f(a, b);
        *to = value;
        any |= flag;
    };
    match (rows, a, b) {
        (Rows::All(n), Arg::Slice(a), Arg::Slice(b)) => {
            for ((to, &a), &b) in out[..n].iter_mut().zip(&a[..n]).zip(&b[..n]) {
                put(to, a, b);
            }
        }
        (Rows::All(n), Arg::Slice(a), Arg::Scalar(b)) => {
            for (to, &a) in out[..n].iter_mut().zip(&a[..n]) {
                put(to, a, b);
            }
        }
        (Rows::All(n), Arg::Scalar(a), Arg::Slice(b)) => {
            for (to, &b) in out[..n].iter_mut().zip(&b[..n]) {
                put(to, a, b);
            }
        }
        (Rows::All(n), Arg::Scalar(a), Arg::Scalar(b)) => {
            for to in &mut out[..n] {
                put(to, a, b);
            }
        }
        (Rows::Some(rows), a, b) => {
            for &row in rows {
                let row = row as usize;
                put(&mut out[row], a.at(row), b.at(row));
            }
        }
    }
    any
}

/// Reports the rows that are not NULL and for which `reason` finds one, and makes them NULL.
#[cold]
pub(super) fn report(
    rows: Rows<'_>,
    len: usize,
    nulls: &mut Vec<bool>,
    faults: &mut Faults<'_>,
    reason: impl Fn(usize) -> Option<Reason>,
) {
    rows.for_each(|row| {
        if (nulls.is_empty() || !nulls[row])
            && let Some(reason) = reason(row)
        {
            faults.add(row, reason);
            mark_null(nulls, len, row);
        }
    });
}

/// `out[row] = f(a[row])` where not NULL; a row that fails is reported and NULL.
#[inline(always)]
pub(super) fn try_map<A: Copy, T>(
    rows: Rows<'_>,
    a: Arg<'_, A>,
    out: &mut [T],
    nulls: &mut Vec<bool>,
    faults: &mut Faults<'_>,
    f: impl Fn(A) -> Result<T, Reason>,
) {
    try2(rows, a, Arg::Scalar(()), out, nulls, faults, |a, ()| f(a));
}

/// `out[row] = f(a[row], b[row])` where not NULL; a row that fails is reported and NULL.
#[inline(always)]
pub(super) fn try2<A: Copy, B: Copy, T>(
    rows: Rows<'_>,
    a: Arg<'_, A>,
    b: Arg<'_, B>,
    out: &mut [T],
    nulls: &mut Vec<bool>,
    faults: &mut Faults<'_>,
    f: impl Fn(A, B) -> Result<T, Reason>,
) {
    try_rows(rows, out.len(), nulls, faults, |row| {
        out[row] = f(a.at(row), b.at(row))?;
        Ok(())
    });
}

/// Calls `f` for every row that is not NULL; a row that fails is reported and NULL.
#[inline(always)]
pub(super) fn try_rows(
    rows: Rows<'_>,
    len: usize,
    nulls: &mut Vec<bool>,
    faults: &mut Faults<'_>,
    mut f: impl FnMut(usize) -> Result<(), Reason>,
) {
    rows.for_each(|row| {
        if (nulls.is_empty() || !nulls[row])
            && let Err(reason) = f(row)
        {
            faults.add(row, reason);
            mark_null(nulls, len, row);
        }
    });
}

/// Copies rows `rows` of an operand, NULLs too, to a prepared column of its representation.
pub(super) fn copy_rows(from: Operand<'_>, rows: Rows<'_>, to: &mut Column) {
    match &mut to.data {
        ColumnData::Bool(to) => map(rows, from.bools(), to, |value| value),
        ColumnData::I64(to) => map(rows, from.i64s(), to, |value| value),
        ColumnData::I128(to) => map(rows, from.i128s(), to, |value| value),
        ColumnData::F64(to) => map(rows, from.f64s(), to, |value| value),
        ColumnData::Text(to) => {
            let texts = from.texts();
            rows.for_each(|row| copy_text(texts, row, to));
        }
    }
    if from.has_nulls() || !to.nulls.is_empty() {
        let len = to.len();
        to.nulls.resize(len, false);
        rows.for_each(|row| to.nulls[row] = from.is_null(row));
    }
}

/// Copies one text to row `row` of `to`.
#[inline(always)]
pub(super) fn copy_text(from: Texts<'_>, row: usize, to: &mut TextColumn) {
    let view = from.column.views[from.index(row)];
    if view.is_inline() {
        to.views[row] = view;
    } else {
        to.set(row, from.get(row));
    }
}
