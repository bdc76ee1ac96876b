//! Rows that wait: in slots of columns, which are used again.

use crate::batch::{Batch, Column, ColumnData, Rows, TextView};
use crate::error::JobError;
use crate::operator::archive::ColumnImage;
use crate::table::column_bytes;
use crate::types::DataType;

/// Heap bytes of a column of texts below which it is not swept.
const SWEEP_BYTES_MIN: usize = 1 << 16;

/// The rows, each in its slot of every column.
pub struct HeldRows {
    // Fixed at construction.
    types: Vec<DataType>,
    // State.
    columns: Vec<Column>,
    free: Vec<u32>,
    slots: u32,
    /// Heap size at which each column's texts that have left are swept out.
    sweep_at: Vec<usize>,
}

impl HeldRows {
    /// None yet, of columns of `types`.
    pub fn new(types: &[DataType]) -> Self {
        Self {
            types: types.to_vec(),
            columns: types.iter().map(|&ty| Column::new(ty)).collect(),
            free: Vec::new(),
            slots: 0,
            sweep_at: vec![SWEEP_BYTES_MIN; types.len()],
        }
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.slots as usize - self.free.len()
    }

    /// A slot that no row has.
    pub fn take_slot(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.slots += 1;
            self.slots - 1
        })
    }

    /// Puts row `row` of `batch` into `slot`.
    pub fn put(&mut self, slot: u32, batch: &Batch, row: usize) {
        for (to, from) in self.columns.iter_mut().zip(&batch.columns) {
            // Columns that nothing reads are not decoded and have no rows.
            if from.len() >= batch.rows {
                put(to, slot as usize, from, row);
            }
        }
    }

    /// Puts row `row` of `from` into `slot` of column `at`.
    pub fn put_in(&mut self, at: usize, slot: u32, from: &Column, row: usize) {
        put(&mut self.columns[at], slot as usize, from, row);
    }

    /// A column.
    pub fn column(&self, at: usize) -> &Column {
        &self.columns[at]
    }

    /// Appends the rows in `slots` to the columns `out`, as many as there are.
    pub fn append(&self, slots: &[u32], out: &mut [Column]) {
        for (out, column) in out.iter_mut().zip(&self.columns) {
            if !column.is_empty() {
                out.extend_from(column, Rows::Some(slots));
            }
        }
    }

    /// Gives back the slots of rows that have left.
    pub fn free(&mut self, slots: &[u32]) {
        for (column, sweep_at) in self.columns.iter_mut().zip(&mut self.sweep_at) {
            let ColumnData::Text(texts) = &mut column.data else {
                continue;
            };
            if texts.views.is_empty() {
                continue;
            }
            for &slot in slots {
                texts.views[slot as usize] = TextView::default();
            }
            if texts.heap_bytes() > *sweep_at {
                *texts = texts.compacted();
                *sweep_at = SWEEP_BYTES_MIN.max(2 * texts.heap_bytes());
            }
        }
        self.free.extend_from_slice(slots);
    }

    /// Copies the rows in `slots` to images; absent ones are of columns that nobody reads.
    pub fn save(&self, slots: &[u32]) -> Vec<Option<ColumnImage>> {
        let gather = |(column, &ty): (&Column, &DataType)| {
            (!column.is_empty()).then(|| {
                let mut gathered = Column::new(ty);
                gathered.extend_from(column, Rows::Some(slots));
                ColumnImage::of(&gathered)
            })
        };
        self.columns.iter().zip(&self.types).map(gather).collect()
    }

    /// Puts `count` saved rows into new slots, the first of which it gives; `None` when they have other columns.
    ///
    /// # Errors
    /// `JobError::Snapshot` when a column is of another type or length.
    pub fn load(
        &mut self,
        images: Vec<Option<ColumnImage>>,
        count: usize,
    ) -> Result<Option<u32>, JobError> {
        if images.len() != self.types.len() {
            return Ok(None);
        }
        let first = self.slots;
        for (at, image) in images.into_iter().enumerate() {
            if let Some(image) = image {
                let saved = image.into_column(self.types[at], count)?;
                for row in 0..count {
                    put(&mut self.columns[at], first as usize + row, &saved, row);
                }
            }
        }
        self.slots += count as u32;
        Ok(Some(first))
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(column_bytes).sum();
        columns + self.free.len() * size_of::<u32>()
    }
}

/// Gives slot `slot` of `to`, which may be one behind its end, row `row` of `from`.
pub(in crate::operator) fn put(to: &mut Column, slot: usize, from: &Column, row: usize) {
    let is_new = slot >= to.len();
    match (&mut to.data, &from.data) {
        (ColumnData::Bool(to), ColumnData::Bool(from)) => set(to, slot, from[row]),
        (ColumnData::I64(to), ColumnData::I64(from)) => set(to, slot, from[row]),
        (ColumnData::I128(to), ColumnData::I128(from)) => set(to, slot, from[row]),
        (ColumnData::F64(to), ColumnData::F64(from)) => set(to, slot, from[row]),
        (ColumnData::Text(to), ColumnData::Text(from)) => {
            let view = from.views[row];
            let view = if view.is_inline() {
                view
            } else {
                to.store(from.get(row))
            };
            set(&mut to.views, slot, view);
        }
        (to, from) => panic!("column of {from:?} copied to {to:?}"),
    }
    let is_null = from.is_null(row);
    if is_null && to.nulls.is_empty() {
        to.nulls.resize(to.len(), false);
    }
    if !to.nulls.is_empty() {
        if is_new {
            to.nulls.resize(to.len(), false);
        }
        to.nulls[slot] = is_null;
    }
}

fn set<T: Copy + Default>(values: &mut Vec<T>, slot: usize, value: T) {
    if slot >= values.len() {
        values.resize(slot + 1, T::default());
    }
    values[slot] = value;
}
