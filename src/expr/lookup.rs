//! The value that a set of rows has for the operands: what a correlated subquery in the place of a value has become.

use super::kernel::Operand;
use super::row_set::{RowSet, push_value};
use crate::batch::{Column, ColumnData, Rows, TextColumn};
use crate::types::{DataType, Value};

/// Stands for the row of the set where there is none: behind every row that a set can have.
const NONE: u32 = u32::MAX;

/// A set of keys, each with a value.
pub(super) struct Lookup {
    // Fixed at construction.
    keys: RowSet,
    values: Column,
    // Scratch.
    found: Vec<u32>,
}

impl Lookup {
    /// The set of `rows`: their first values, of `types`, are the keys, which differ; the next is the key's value, of
    /// type `ty`. Keys with a NULL are not in it.
    pub(super) fn new(types: &[DataType], ty: DataType, rows: &[Vec<Value>]) -> Self {
        let width = types.len();
        let whole = |row: &&Vec<Value>| !row[..width].contains(&Value::Null);
        let mut values = Column::new(ty);
        for row in rows.iter().filter(whole) {
            push_value(&mut values, ty, &row[width]);
        }
        let keys = rows.iter().filter(whole).map(|row| &row[..width]);
        Self {
            keys: RowSet::new(types, keys),
            values,
            found: Vec::new(),
        }
    }

    /// Writes to `out` the value of the key whose `at`th part is `input(at)`'s, NULL where there is no such key.
    pub(super) fn eval<'a>(
        &mut self,
        input: impl Fn(usize) -> Operand<'a> + Copy,
        rows: Rows<'_>,
        out: &mut Column,
    ) {
        let total = out.len();
        let Self {
            keys,
            values,
            found,
        } = self;
        found.resize(total, NONE);
        keys.each(input, rows, total, |row, key| {
            found[row] = key.unwrap_or(NONE);
        });
        match (&mut out.data, &values.data) {
            (ColumnData::Bool(to), ColumnData::Bool(from)) => take(from, found, rows, to),
            (ColumnData::I64(to), ColumnData::I64(from)) => take(from, found, rows, to),
            (ColumnData::I128(to), ColumnData::I128(from)) => take(from, found, rows, to),
            (ColumnData::F64(to), ColumnData::F64(from)) => take(from, found, rows, to),
            (ColumnData::Text(to), ColumnData::Text(from)) => take_texts(from, found, rows, to),
            (to, from) => panic!("column of {from:?} copied to {to:?}"),
        }
        out.nulls.resize(total, false);
        rows.for_each(|row| {
            let key = found[row];
            out.nulls[row] = key == NONE || values.is_null(key as usize);
        });
    }
}

fn take<T: Copy>(from: &[T], found: &[u32], rows: Rows<'_>, to: &mut [T]) {
    rows.for_each(|row| {
        if let Some(&value) = from.get(found[row] as usize) {
            to[row] = value;
        }
    });
}

fn take_texts(from: &TextColumn, found: &[u32], rows: Rows<'_>, to: &mut TextColumn) {
    rows.for_each(|row| {
        let key = found[row] as usize;
        match from.views.get(key) {
            Some(&view) if view.is_inline() => to.views[row] = view,
            Some(_) => to.set(row, from.get(key)),
            None => {}
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_search_through_all_rows_finds() {
        let types = [DataType::BigInt, DataType::Varchar];
        let key = |number: u64| match number % 5 {
            0 => [Value::Null, Value::Text("a".into())],
            other => [
                Value::I64((number % 30) as i64),
                Value::Text(format!("a text of some length {other}")),
            ],
        };
        for ty in [DataType::Varchar, DataType::Boolean, DataType::Double] {
            let value = |number: u64| match (number % 3, ty) {
                (0, _) => Value::Null,
                (_, DataType::Boolean) => Value::Bool(number.is_multiple_of(2)),
                (_, DataType::Double) => Value::F64(number as f64),
                (1, _) => Value::Text("short".into()),
                _ => Value::Text(format!("longer than the inline {number}")),
            };
            let row = |number| [&key(number)[..], &[value(number)]].concat();
            let rows: Vec<Vec<Value>> = (0..20).map(row).collect();
            let mut lookup = Lookup::new(&types, ty, &rows);
            let mut columns: Vec<Column> = types.iter().map(|&ty| Column::new(ty)).collect();
            let wanted: Vec<[Value; 2]> = (0..100).map(|n| key(n * 7)).collect();
            for row in &wanted {
                for (column, value) in columns.iter_mut().zip(row) {
                    column.push(value);
                }
            }
            let selected: Vec<u32> = (0..100).filter(|n| n % 4 != 1).collect();
            for rows_in_play in [Rows::All(100), Rows::Some(&selected)] {
                let mut out = Column::new(ty);
                out.reset(100);
                let input = |at: usize| Operand {
                    column: &columns[at],
                    constant: false,
                };
                lookup.eval(input, rows_in_play, &mut out);
                rows_in_play.for_each(|row| {
                    let key = &wanted[row];
                    let same =
                        |known: &&Vec<Value>| known[..2] == key[..] && !key.contains(&Value::Null);
                    let naive = rows.iter().find(same);
                    let naive = naive.map_or(Value::Null, |known| known[2].clone());
                    assert_eq!(out.value(row), naive, "{key:?}");
                });
            }
        }
    }
}
