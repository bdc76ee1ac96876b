//! Fixed-width little-endian records; [`BinaryFormat`] draws them.
//!
//! A text is padded with NUL bytes; a VARBINARY has exactly the bytes of its field. A NULL, where there is a bitmap for it, leaves its field zero. TIMESTAMPs
//! in a unit above the nanosecond are rounded towards the past. Every NaN is written as the same one, so that
//! the bytes do not depend on which of two NaNs a sum met first.

use super::{Changelog, Columns, Encoded, Encoder, encode_rows};
use crate::batch::{Batch, Column, ColumnData};
use crate::plan::BinaryFormat;
use crate::types::{DataType, Schema};

/// Writes fixed-width records.
#[derive(Debug)]
pub struct BinaryEncoder {
    // Fixed at construction.
    changelog: Changelog,
    record_bytes: usize,
    unit_ns: i64,
    columns: Columns<Place>,
}

/// Where a column's field lies.
#[derive(Clone, Copy, Debug)]
struct Place {
    ty: DataType,
    offset: usize,
    width: usize,
    /// Byte and bit of its NULL mark; `None` without a bitmap.
    null: Option<(usize, u8)>,
}

impl BinaryEncoder {
    /// An encoder of rows of `schema`.
    ///
    /// # Panics
    /// When `format` does not have a width for every column.
    pub fn new(format: &BinaryFormat, schema: &Schema, changelog: Changelog) -> Self {
        assert_eq!(format.widths.len(), schema.fields.len(), "a width a column");
        let place = |(column, ty)| Place {
            ty,
            offset: format.offset(column),
            width: format.widths[column] as usize,
            null: (format.null_bitmap).then(|| (column / 8, 1 << (column % 8))),
        };
        let types = schema.fields.iter().map(|field| field.ty);
        Self {
            changelog,
            record_bytes: format.record_bytes(),
            unit_ns: format.timestamp.ns(),
            columns: Columns::new(types.enumerate().map(place)),
        }
    }
}

impl Place {
    /// Writes the value of `row` into a zeroed record.
    #[inline(always)]
    fn write(&self, column: &Column, row: usize, unit_ns: i64, record: &mut [u8]) {
        if column.is_null(row) {
            let (byte, bit) = self.null.expect("only rows that fit are encoded");
            record[byte] |= bit;
            return;
        }
        let field = &mut record[self.offset..self.offset + self.width];
        match (&column.data, self.ty) {
            (ColumnData::I64(values), DataType::Int | DataType::Date) => {
                field.copy_from_slice(&(values[row] as i32).to_le_bytes());
            }
            (ColumnData::I64(values), DataType::Timestamp | DataType::TimestampLtz(_)) => {
                field.copy_from_slice(&values[row].div_euclid(unit_ns).to_le_bytes());
            }
            (ColumnData::I64(values), _) => field.copy_from_slice(&values[row].to_le_bytes()),
            (ColumnData::I128(values), _) => field.copy_from_slice(&values[row].to_le_bytes()),
            (ColumnData::F64(values), DataType::Real) => {
                let value = values[row] as f32;
                let value = if value.is_nan() { f32::NAN } else { value };
                field.copy_from_slice(&value.to_bits().to_le_bytes());
            }
            (ColumnData::F64(values), _) => {
                let value = values[row];
                let value = if value.is_nan() { f64::NAN } else { value };
                field.copy_from_slice(&value.to_bits().to_le_bytes());
            }
            (ColumnData::Bool(values), _) => field[0] = u8::from(values[row]),
            (ColumnData::Text(values), _) => {
                let text = values.get(row);
                field[..text.len()].copy_from_slice(text);
            }
        }
    }
}

impl Encoder for BinaryEncoder {
    fn header(&self) -> Vec<u8> {
        Vec::new()
    }

    fn place(&mut self, columns: &[usize]) {
        self.columns.place(columns);
    }

    fn encode(&mut self, batch: &Batch, out: &mut Encoded) {
        let (record_bytes, unit_ns) = (self.record_bytes, self.unit_ns);
        let columns = &mut self.columns;
        encode_rows(batch, self.changelog, out, |row, op, bytes| {
            assert!(op.is_none(), "the planner gives no ops to a binary sink");
            let start = bytes.len();
            bytes.resize(start + record_bytes, 0);
            let record = &mut bytes[start..];
            for (place, column) in columns.each(batch) {
                place.write(column, row, unit_ns, record);
            }
        });
    }
}
