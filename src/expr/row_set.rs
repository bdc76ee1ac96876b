//! A set of rows without NULL, and which rows of a batch are in it: long IN lists, EXISTS.
//!
//! The rows are the groups of a [`GroupTable`]: a lookup is one hash a row and, mostly, one slot of the index.

use super::kernel::Operand;
use crate::batch::{Column, Rows};
use crate::batch_hash::hash_keys;
use crate::hash::{DEFAULT_SEED, combine};
use crate::table::GroupTable;
use crate::types::{DataType, Physical, Value};

/// A set of rows.
pub(super) struct RowSet {
    // Fixed at construction.
    table: GroupTable,
    // Scratch.
    hashes: Vec<u64>,
    of_column: Vec<u64>,
}

impl RowSet {
    /// The rows without NULL among `rows`, whose columns are of `types`.
    pub(super) fn new<'v>(types: &[DataType], rows: impl Iterator<Item = &'v [Value]>) -> Self {
        let mut columns: Vec<Column> = types.iter().map(|&ty| Column::new(ty)).collect();
        for row in rows.filter(|row| !row.contains(&Value::Null)) {
            for ((column, value), &ty) in columns.iter_mut().zip(row).zip(types) {
                push_value(column, ty, value);
            }
        }
        let len = columns.first().map_or(0, Column::len);
        let mut set = Self {
            table: GroupTable::new(types),
            hashes: Vec::new(),
            of_column: Vec::new(),
        };
        let whole = |at: usize| Operand {
            column: &columns[at],
            constant: false,
        };
        set.hash(whole, Rows::All(len), len);
        let keys: Vec<&Column> = columns.iter().collect();
        let (mut groups, mut created) = (Vec::new(), Vec::new());
        let hashes = std::mem::take(&mut set.hashes);
        set.table
            .find_or_insert(&hashes, &keys, Rows::All(len), &mut groups, &mut created);
        set
    }

    /// Writes to `out[row]` whether the row whose `at`th value is `input(at)`'s is in the set; one with a NULL is not.
    pub(super) fn find<'a>(
        &mut self,
        input: impl Fn(usize) -> Operand<'a> + Copy,
        rows: Rows<'_>,
        out: &mut [bool],
    ) {
        let total = out.len();
        self.each(input, rows, total, |row, found| {
            out[row] = found.is_some();
        });
    }

    /// Tells `each` of every row, of `total`, which one of the set it is, counted without those with a NULL.
    pub(super) fn each<'a>(
        &mut self,
        input: impl Fn(usize) -> Operand<'a> + Copy,
        rows: Rows<'_>,
        total: usize,
        mut each: impl FnMut(usize, Option<u32>),
    ) {
        self.hash(input, rows, total);
        let Self { table, hashes, .. } = self;
        rows.for_each(|row| {
            let found = table.find(hashes[row], |at| {
                let input = input(at);
                (input.column, if input.constant { 0 } else { row })
            });
            each(row, found);
        });
    }

    fn hash<'a>(&mut self, input: impl Fn(usize) -> Operand<'a>, rows: Rows<'_>, total: usize) {
        let Self {
            table,
            hashes,
            of_column,
        } = self;
        hashes.clear();
        hashes.resize(total, 0);
        for at in 0..table.keys().len() {
            let input = input(at);
            let join = |before: u64, next: u64| if at == 0 { next } else { combine(before, next) };
            if input.constant {
                hash_keys(&[input.column], Rows::All(1), DEFAULT_SEED, of_column);
                let next = of_column[0];
                rows.for_each(|row| hashes[row] = join(hashes[row], next));
            } else {
                hash_keys(&[input.column], rows, DEFAULT_SEED, of_column);
                rows.for_each(|row| hashes[row] = join(hashes[row], of_column[row]));
            }
        }
    }
}

/// Whether two of `rows`, whose columns are of `types`, are the same; one with a NULL is like no other.
pub fn has_repeats<'v>(
    types: &[DataType],
    rows: impl Iterator<Item = &'v [Value]> + Clone,
) -> bool {
    let whole = rows.clone().filter(|row| !row.contains(&Value::Null));
    let whole = whole.count();
    RowSet::new(types, rows).table.len() < whole
}

/// Appends a value as columns of type `ty` hold it.
pub(super) fn push_value(column: &mut Column, ty: DataType, value: &Value) {
    match (value, ty.physical()) {
        (Value::I64(value), Physical::I128) => column.push(&Value::I128(i128::from(*value))),
        (value, _) => column.push(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_search_through_all_rows_finds() {
        let types = [DataType::BigInt, DataType::Varchar];
        let row = |number: u64| {
            let text = match number % 7 {
                0 => Value::Null,
                other => Value::Text(format!("a text of some length {}", other % 4)),
            };
            [Value::I64((number % 11) as i64), text]
        };
        let members: Vec<[Value; 2]> = (0..40).filter(|n| n % 3 > 0).map(row).collect();
        let mut set = RowSet::new(&types, members.iter().map(|row| &row[..]));
        let mut columns: Vec<Column> = types.iter().map(|&ty| Column::new(ty)).collect();
        let wanted: Vec<[Value; 2]> = (0..200).map(|n| row(n * 5 + n / 7)).collect();
        for row in &wanted {
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        let selected: Vec<u32> = (0..200).filter(|n| n % 4 != 1).collect();
        for rows in [Rows::All(200), Rows::Some(&selected)] {
            let mut out = vec![false; 200];
            let input = |at: usize| Operand {
                column: &columns[at],
                constant: false,
            };
            set.find(input, rows, &mut out);
            rows.for_each(|row| {
                let naive = members
                    .iter()
                    .any(|member| *member == wanted[row] && !member.contains(&Value::Null));
                assert_eq!(out[row], naive, "{:?}", wanted[row]);
            });
        }
        assert!(set.table.len() > 10);
    }

    #[test]
    fn a_constant_is_the_same_for_every_row() {
        let types = [DataType::Double, DataType::BigInt];
        let rows = [
            [Value::F64(-0.0), Value::I64(1)],
            [Value::F64(f64::NAN), Value::I64(2)],
        ];
        let mut set = RowSet::new(&types, rows.iter().map(|row| &row[..]));
        let mut doubles = Column::new(DataType::Double);
        for value in [0.0, f64::NAN, 3.0] {
            doubles.push(&Value::F64(value));
        }
        let mut one = Column::new(DataType::BigInt);
        one.push(&Value::I64(1));
        let input = |at: usize| Operand {
            column: if at == 0 { &doubles } else { &one },
            constant: at == 1,
        };
        let mut out = vec![true; 3];
        set.find(input, Rows::All(3), &mut out);
        assert_eq!(out, [true, false, false]);
    }
}
