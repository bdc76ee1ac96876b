//! Columns of CSV records.

use super::Dialect;
use super::column::{self, Buffers, Target};
use super::spans::Bounds;
use super::split::SplitRows;
use crate::batch::{Column, ColumnData, Rows};
use crate::chunk::RowDescriptors;
use crate::error::Reason;
use crate::format::{Decoder, FieldFault, RECORD_FAULT};
use crate::plan::CsvFormat;
use crate::types::Schema;

/// The decoder of CSV.
#[derive(Debug)]
pub struct CsvDecoder {
    // Fixed at construction.
    dialect: Dialect,
    schema: Schema,
    fields: Vec<u16>,
    field_count: usize,
    /// Bounds of a row: one more than there are fields up to the last that a column uses.
    stride: usize,
    event_time: Option<usize>,
    // State of one morsel.
    /// `stride` arrays with an entry for each row: the index before its first byte, and the ends of its fields.
    bounds: Vec<u32>,
    // Buffers.
    slots: Vec<u32>,
    record_faults: Vec<(u32, Reason)>,
    buffers: Buffers,
}

impl CsvDecoder {
    /// A decoder of the columns of `schema`.
    ///
    /// # Panics
    /// When `format` does not have a field for every column.
    pub fn new(format: &CsvFormat, schema: &Schema) -> Self {
        assert_eq!(format.fields.len(), schema.fields.len(), "a field a column");
        let stride = format.fields.iter().map(|&field| usize::from(field) + 2);
        Self {
            dialect: Dialect::new(format),
            schema: schema.clone(),
            fields: format.fields.clone(),
            field_count: usize::from(format.field_count),
            stride: stride.max().unwrap_or(1),
            event_time: None,
            bounds: Vec::new(),
            slots: Vec::new(),
            record_faults: Vec::new(),
            buffers: Buffers::default(),
        }
    }

    /// The same decoder, told that `RowDescriptors::times`, where present, are the values of `column`.
    #[must_use]
    pub fn with_event_time(mut self, column: usize) -> Self {
        self.event_time = Some(column);
        self
    }
}

impl Decoder for CsvDecoder {
    fn begin(&mut self, bytes: &[u8], rows: &RowDescriptors, faults: &mut Vec<FieldFault>) {
        let needed = rows.len() * self.stride;
        if self.bounds.len() < needed {
            self.bounds.resize(needed, 0);
        }
        self.record_faults.clear();
        SplitRows {
            bytes,
            starts: &rows.starts,
            ends: &rows.ends,
            delimiters: &rows.delimiters,
            field_count: self.field_count,
            dialect: &self.dialect,
            bounds: &mut self.bounds[..needed],
            stride: self.stride,
            slots: &mut self.slots,
            faults: &mut self.record_faults,
        }
        .split();
        faults.extend(self.record_faults.iter().map(|&(row, reason)| FieldFault {
            row,
            column: RECORD_FAULT,
            reason,
        }));
    }

    fn column(
        &mut self,
        bytes: &[u8],
        rows: &RowDescriptors,
        column: usize,
        selection: Rows<'_>,
        out: &mut Column,
        faults: &mut Vec<FieldFault>,
    ) {
        out.reset(rows.len());
        if self.event_time == Some(column)
            && !rows.times.is_empty()
            && let ColumnData::I64(values) = &mut out.data
        {
            values.copy_from_slice(&rows.times);
            return;
        }
        let field = usize::from(self.fields[column]);
        let bounds = Bounds::of(bytes, &self.bounds, rows.len(), field);
        let target = Target {
            index: column as u16,
            field: &self.schema.fields[column],
        };
        column::decode(
            bounds,
            &self.dialect,
            &target,
            selection,
            out,
            &mut self.buffers,
            faults,
        );
    }
}
