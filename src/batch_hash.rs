//! Hashes of the keys of a batch, column by column.
//!
//! They are the hashes that a framer computes from a record's bytes: the first column's own, then the next
//! columns' folded in.

use crate::batch::{Column, ColumnData, Rows, TextColumn};
use crate::hash::{combine, hash_f64, hash_i64, hash_i128, hash_null, hash_text};

/// Writes the hash of the key `columns` of every row of `rows` to `out[row]`; `out` gets the columns' length and
/// its other rows hold any value. Without columns every key is the same and its hash is 0.
pub fn hash_keys(columns: &[&Column], rows: Rows<'_>, seed: u64, out: &mut Vec<u64>) {
    let Some((first, rest)) = columns.split_first() else {
        let len = match rows {
            Rows::All(len) => len,
            Rows::Some(rows) => rows.last().map_or(0, |&row| row as usize + 1),
        };
        out.clear();
        out.resize(len, 0);
        return;
    };
    out.resize(first.len(), 0);
    let out = out.as_mut_slice();
    hash_column(first, rows, seed, |row, hash| out[row] = hash);
    for column in rest {
        hash_column(column, rows, seed, |row, hash| {
            out[row] = combine(out[row], hash);
        });
    }
}

#[inline(always)]
fn hash_column(column: &Column, rows: Rows<'_>, seed: u64, put: impl FnMut(usize, u64)) {
    let nulls = &column.nulls;
    match &column.data {
        ColumnData::Bool(values) => hash_values(values, nulls, rows, seed, put, |seed, value| {
            hash_i64(seed, i64::from(value))
        }),
        ColumnData::I64(values) => hash_values(values, nulls, rows, seed, put, hash_i64),
        ColumnData::I128(values) => hash_values(values, nulls, rows, seed, put, hash_i128),
        ColumnData::F64(values) => hash_values(values, nulls, rows, seed, put, hash_f64),
        ColumnData::Text(values) => hash_texts(values, nulls, rows, seed, put),
    }
}

#[inline(always)]
fn hash_values<T: Copy>(
    values: &[T],
    nulls: &[bool],
    rows: Rows<'_>,
    seed: u64,
    mut put: impl FnMut(usize, u64),
    hash: impl Fn(u64, T) -> u64,
) {
    if nulls.is_empty() {
        rows.for_each(|row| put(row, hash(seed, values[row])));
    } else {
        rows.for_each(|row| {
            let hash = if nulls[row] {
                hash_null(seed)
            } else {
                hash(seed, values[row])
            };
            put(row, hash);
        });
    }
}

#[inline(always)]
fn hash_texts(
    texts: &TextColumn,
    nulls: &[bool],
    rows: Rows<'_>,
    seed: u64,
    mut put: impl FnMut(usize, u64),
) {
    rows.for_each(|row| {
        let hash = if !nulls.is_empty() && nulls[row] {
            hash_null(seed)
        } else {
            hash_text(seed, texts.get(row))
        };
        put(row, hash);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::DEFAULT_SEED;
    use crate::types::{DataType, Value};

    fn column(ty: DataType, values: &[Value]) -> Column {
        let mut column = Column::new(ty);
        values.iter().for_each(|value| column.push(value));
        column
    }

    fn naive(value: &Value, seed: u64) -> u64 {
        match value {
            Value::Null => hash_null(seed),
            Value::Bool(value) => hash_i64(seed, i64::from(*value)),
            Value::I64(value) => hash_i64(seed, *value),
            Value::I128(value) => hash_i128(seed, *value),
            Value::F64(value) => hash_f64(seed, *value),
            Value::Text(value) => hash_text(seed, value.as_bytes()),
            Value::Bytes(value) => hash_text(seed, value),
        }
    }

    #[test]
    fn keys_hash_like_their_values_one_by_one() {
        let columns = [
            column(
                DataType::Varchar,
                &[
                    Value::Text("AAPL".into()),
                    Value::Null,
                    Value::Text("a text that is longer than twelve bytes".into()),
                ],
            ),
            column(
                DataType::BigInt,
                &[Value::I64(7), Value::I64(i64::MIN), Value::I64(0)],
            ),
            column(
                DataType::Boolean,
                &[Value::Bool(true), Value::Null, Value::Bool(false)],
            ),
            column(
                DataType::decimal(38, 2),
                &[Value::I128(1 << 90), Value::I128(7), Value::Null],
            ),
            column(
                DataType::Double,
                &[Value::F64(-0.0), Value::F64(f64::NAN), Value::Null],
            ),
        ];
        for count in 1..=columns.len() {
            let keys: Vec<&Column> = columns.iter().take(count).collect();
            for rows in [Rows::All(3), Rows::Some(&[0, 2]), Rows::Some(&[])] {
                let mut out = vec![99; 7];
                hash_keys(&keys, rows, DEFAULT_SEED, &mut out);
                assert_eq!(out.len(), 3);
                rows.for_each(|row| {
                    let expected = keys
                        .iter()
                        .map(|key| naive(&key.value(row), DEFAULT_SEED))
                        .reduce(combine)
                        .expect("at least one column");
                    assert_eq!(out[row], expected, "{count} columns, row {row}");
                });
            }
        }
    }

    #[test]
    fn a_key_without_columns_is_one_key() {
        let mut out = vec![1];
        hash_keys(&[], Rows::All(4), DEFAULT_SEED, &mut out);
        assert_eq!(out, [0; 4]);
    }
}
