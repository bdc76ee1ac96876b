//! Keys in columns: their hash, their equality, and how one is copied.
//!
//! NULL equals NULL, a DOUBLE is compared by its canonical bits (one zero, one NaN), text by its bytes.

use super::Segment;
use crate::batch::{Column, ColumnData, Rows};
use crate::hash;

/// Writes the hash of each row's key to `out[row]`, as ingest computes it from bytes. `out` is grown to
/// `total`, the rows of the batch; entries of other rows hold any value.
///
/// A key of no columns hashes to 0.
pub fn hash_keys(seed: u64, keys: &[&Column], rows: Segment<'_>, total: usize, out: &mut Vec<u64>) {
    out.clear();
    out.resize(total, 0);
    let mut columns = keys.iter();
    if let Some(first) = columns.next() {
        hash_column(seed, first, rows, out, |_, next| next);
    }
    for column in columns {
        hash_column(seed, column, rows, out, hash::combine);
    }
}

fn hash_column(
    seed: u64,
    column: &Column,
    rows: Segment<'_>,
    out: &mut [u64],
    join: impl Fn(u64, u64) -> u64 + Copy,
) {
    match &column.data {
        ColumnData::Bool(values) => hash_values(seed, column, rows, out, join, |row| {
            hash::hash_i64(seed, i64::from(values[row]))
        }),
        ColumnData::I64(values) => hash_values(seed, column, rows, out, join, |row| {
            hash::hash_i64(seed, values[row])
        }),
        ColumnData::I128(values) => hash_values(seed, column, rows, out, join, |row| {
            hash::hash_i128(seed, values[row])
        }),
        ColumnData::F64(values) => hash_values(seed, column, rows, out, join, |row| {
            hash::hash_f64(seed, values[row])
        }),
        ColumnData::Text(values) => hash_values(seed, column, rows, out, join, |row| {
            hash::hash_text(seed, values.get(row))
        }),
    }
}

#[inline(always)]
fn hash_values(
    seed: u64,
    column: &Column,
    rows: Segment<'_>,
    out: &mut [u64],
    join: impl Fn(u64, u64) -> u64,
    value: impl Fn(usize) -> u64,
) {
    if column.nulls.is_empty() {
        rows.for_each(|row| out[row] = join(out[row], value(row)));
    } else {
        let null = hash::hash_null(seed);
        rows.for_each(|row| {
            let next = if column.nulls[row] { null } else { value(row) };
            out[row] = join(out[row], next);
        });
    }
}

/// Whether `stored[group]` and `column[row]` are the same key value.
#[inline]
pub(super) fn same_key(stored: &Column, group: usize, column: &Column, row: usize) -> bool {
    match (stored.is_null(group), column.is_null(row)) {
        (true, true) => return true,
        (false, false) => {}
        _ => return false,
    }
    match (&stored.data, &column.data) {
        (ColumnData::Bool(a), ColumnData::Bool(b)) => a[group] == b[row],
        (ColumnData::I64(a), ColumnData::I64(b)) => a[group] == b[row],
        (ColumnData::I128(a), ColumnData::I128(b)) => a[group] == b[row],
        (ColumnData::F64(a), ColumnData::F64(b)) => {
            hash::canonical_f64_bits(a[group]) == hash::canonical_f64_bits(b[row])
        }
        (ColumnData::Text(a), ColumnData::Text(b)) => a.equals(group, b, row),
        _ => false,
    }
}

/// Appends to `collided` the positions whose row differs from the group it was given.
pub(super) fn verify(
    stored: &Column,
    column: &Column,
    rows: Segment<'_>,
    groups: &[u32],
    collided: &mut Vec<u32>,
) {
    if !stored.nulls.is_empty() || !column.nulls.is_empty() {
        return check(rows, groups, collided, |group, row| {
            same_key(stored, group, column, row)
        });
    }
    match (&stored.data, &column.data) {
        (ColumnData::I64(a), ColumnData::I64(b)) => {
            check(rows, groups, collided, |group, row| a[group] == b[row]);
        }
        (ColumnData::Text(a), ColumnData::Text(b)) => {
            check(rows, groups, collided, |group, row| a.equals(group, b, row));
        }
        _ => check(rows, groups, collided, |group, row| {
            same_key(stored, group, column, row)
        }),
    }
}

#[inline(always)]
fn check(
    rows: Segment<'_>,
    groups: &[u32],
    collided: &mut Vec<u32>,
    same: impl Fn(usize, usize) -> bool,
) {
    let mut position = 0;
    rows.for_each(|row| {
        if !same(groups[position] as usize, row) {
            collided.push(position as u32);
        }
        position += 1;
    });
}

/// Appends `rows` of one column to another of the same representation; texts without a heap in one go.
///
/// # Panics
/// When the columns' representations differ.
pub fn append_keys(to: &mut Column, from: &Column, rows: Rows<'_>) {
    if let (ColumnData::Text(to), ColumnData::Text(from), true) = (
        &mut to.data,
        &from.data,
        to.nulls.is_empty() && from.nulls.is_empty(),
    ) && from.heap_bytes() == 0
    {
        match rows {
            Rows::All(rows) => to.views.extend_from_slice(&from.views[..rows]),
            Rows::Some(rows) => {
                to.views
                    .extend(rows.iter().map(|&row| from.views[row as usize]));
            }
        }
        return;
    }
    to.extend_from(from, rows);
}

/// Appends row `row` of `from` to `to` as a key: a DOUBLE in its canonical form.
///
/// # Panics
/// When the columns' representations differ.
pub(super) fn push_key(to: &mut Column, from: &Column, row: usize) {
    if from.is_null(row) {
        to.push_null();
        return;
    }
    match (&mut to.data, &from.data) {
        (ColumnData::Bool(to), ColumnData::Bool(from)) => to.push(from[row]),
        (ColumnData::I64(to), ColumnData::I64(from)) => to.push(from[row]),
        (ColumnData::I128(to), ColumnData::I128(from)) => to.push(from[row]),
        (ColumnData::F64(to), ColumnData::F64(from)) => {
            to.push(f64::from_bits(hash::canonical_f64_bits(from[row])));
        }
        (ColumnData::Text(to), ColumnData::Text(from)) => to.push_from(from, row),
        (to, from) => panic!("key of {from:?} pushed to a column of {to:?}"),
    }
    if !to.nulls.is_empty() {
        to.nulls.push(false);
    }
}
