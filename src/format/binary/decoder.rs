//! Columns of fixed-width records.

use super::column::{FillColumn, Records, settle};
use super::place::Place;
use super::read::dispatch;
use crate::batch::{Column, ColumnData, Rows};
use crate::chunk::RowDescriptors;
use crate::format::{Decoder, FieldFault};
use crate::plan::BinaryFormat;
use crate::types::Schema;

/// The decoder of fixed-width records.
#[derive(Debug)]
pub struct BinaryDecoder {
    // Fixed at construction.
    places: Vec<Place>,
    record_bytes: usize,
    event_time: Option<usize>,
    // Buffers.
    slow: Vec<u32>,
}

impl BinaryDecoder {
    /// A decoder of the columns of `schema`.
    ///
    /// # Panics
    /// When `format` does not have a width for every column.
    pub fn new(format: &BinaryFormat, schema: &Schema) -> Self {
        assert_eq!(format.widths.len(), schema.fields.len(), "a width a column");
        let columns = 0..schema.fields.len();
        Self {
            places: columns
                .map(|column| Place::new(format, schema, column))
                .collect(),
            record_bytes: format.record_bytes(),
            event_time: None,
            slow: Vec::new(),
        }
    }

    /// The same decoder, told that `RowDescriptors::times`, where present, are the values of `column`.
    #[must_use]
    pub fn with_event_time(mut self, column: usize) -> Self {
        self.event_time = Some(column);
        self
    }
}

impl Decoder for BinaryDecoder {
    /// A record has no structure of its own.
    fn begin(&mut self, _: &[u8], _: &RowDescriptors, _: &mut Vec<FieldFault>) {}

    fn column(
        &mut self,
        bytes: &[u8],
        rows: &RowDescriptors,
        column: usize,
        selection: Rows<'_>,
        out: &mut Column,
        faults: &mut Vec<FieldFault>,
    ) {
        out.clear();
        if self.event_time == Some(column)
            && !rows.times.is_empty()
            && let ColumnData::I64(values) = &mut out.data
        {
            values.extend_from_slice(&rows.times);
            return;
        }
        let place = &self.places[column];
        let records = Records {
            bytes,
            rows,
            stride: self.record_bytes,
        };
        self.slow.clear();
        dispatch(
            place,
            FillColumn {
                records,
                selection,
                out,
                slow: &mut self.slow,
            },
        );
        for &row in &self.slow {
            if let Err(reason) = settle(place, records.get(row as usize), row as usize, out) {
                faults.push(FieldFault {
                    row,
                    column: column as u16,
                    reason,
                });
            }
        }
    }
}
