//! Rows as columns hold them, for a subquery whose result becomes constants of another job.
//!
//! ```text
//! row:   value of each column
//! value: tag u8, then   0 NULL: nothing    1 BOOLEAN: u8    2 64-bit: i64    3 128-bit: i128
//!                       4 DOUBLE: its bits, u64             5 text: length u32, bytes
//! ```
//! Little-endian, without separators: whoever reads them knows how many columns there are.

use super::{Changelog, Columns, Encoded, Encoder, encode_rows};
use crate::batch::{Batch, Column, ColumnData};
use crate::types::Value;

/// Writes rows of values.
#[derive(Debug)]
pub struct RowsEncoder {
    columns: Columns<()>,
}

impl RowsEncoder {
    /// An encoder of rows of `width` columns.
    pub fn new(width: usize) -> Self {
        Self {
            columns: Columns::new((0..width).map(|_| ())),
        }
    }
}

impl Encoder for RowsEncoder {
    fn header(&self) -> Vec<u8> {
        Vec::new()
    }

    fn place(&mut self, columns: &[usize]) {
        self.columns.place(columns);
    }

    fn encode(&mut self, batch: &Batch, out: &mut Encoded) {
        let columns = &mut self.columns;
        encode_rows(batch, Changelog::Upsert, out, |row, _, bytes| {
            for ((), column) in columns.each(batch) {
                write(column, row, bytes);
            }
        });
    }
}

fn write(column: &Column, row: usize, out: &mut Vec<u8>) {
    if column.is_null(row) {
        out.push(0);
        return;
    }
    match &column.data {
        ColumnData::Bool(values) => out.extend_from_slice(&[1, u8::from(values[row])]),
        ColumnData::I64(values) => {
            out.push(2);
            out.extend_from_slice(&values[row].to_le_bytes());
        }
        ColumnData::I128(values) => {
            out.push(3);
            out.extend_from_slice(&values[row].to_le_bytes());
        }
        ColumnData::F64(values) => {
            out.push(4);
            out.extend_from_slice(&values[row].to_bits().to_le_bytes());
        }
        ColumnData::Text(texts) => {
            let text = texts.get(row);
            out.push(5);
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            out.extend_from_slice(text);
        }
    }
}

/// The rows of `columns` columns that the encoder wrote.
///
/// # Panics
/// When the bytes are not those of whole rows.
pub fn decode(bytes: &[u8], columns: usize) -> Vec<Vec<Value>> {
    let mut rest = bytes;
    let mut rows = Vec::new();
    while !rest.is_empty() {
        rows.push((0..columns).map(|_| read(&mut rest)).collect());
    }
    rows
}

fn read(rest: &mut &[u8]) -> Value {
    match take::<1>(rest)[0] {
        0 => Value::Null,
        1 => Value::Bool(take::<1>(rest)[0] != 0),
        2 => Value::I64(i64::from_le_bytes(take(rest))),
        3 => Value::I128(i128::from_le_bytes(take(rest))),
        4 => Value::F64(f64::from_bits(u64::from_le_bytes(take(rest)))),
        tag => {
            assert_eq!(tag, 5, "a tag that the encoder writes");
            let len = u32::from_le_bytes(take(rest)) as usize;
            let (text, behind) = rest.split_at(len);
            *rest = behind;
            // Bytes that are no UTF-8 are those of a VARBINARY.
            match std::str::from_utf8(text) {
                Ok(text) => Value::Text(text.to_owned()),
                Err(_) => Value::Bytes(text.to_vec()),
            }
        }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let (first, behind) = rest.split_first_chunk().expect("whole rows");
    *rest = behind;
    *first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::DataType;

    #[test]
    fn what_is_written_is_read() {
        let types = [
            DataType::Boolean,
            DataType::BigInt,
            DataType::decimal(38, 2),
            DataType::Double,
            DataType::Varchar,
        ];
        let rows = [
            vec![
                Value::Bool(true),
                Value::I64(i64::MIN),
                Value::I128(1 << 100),
                Value::F64(-0.5),
                Value::Text("größer as twelve bytes".into()),
            ],
            vec![Value::Null; 5],
            vec![
                Value::Bool(false),
                Value::I64(0),
                Value::I128(-1),
                Value::F64(f64::INFINITY),
                Value::Text(String::new()),
            ],
        ];
        let mut batch = Batch::new(&types);
        for row in &rows {
            for (column, value) in batch.columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        batch.rows = rows.len();
        batch.selection.all(rows.len());
        let mut encoded = Encoded::default();
        RowsEncoder::new(types.len()).encode(&batch, &mut encoded);
        assert_eq!(decode(&encoded.bytes, types.len()), rows);
        assert_eq!(encoded.ends.len(), 3);
        assert!(decode(&[], 2).is_empty());
    }
}
