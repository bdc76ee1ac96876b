//! System columns of a morsel's records: what is known of them beside their bytes.

use crate::batch::{Column, ColumnData, RowOrder};
use crate::chunk::Morsel;
use crate::plan::{SourcePlan, SystemColumn, WorkerId};
use crate::time::{WATERMARK_NONE, WatermarkRuns};

/// Writes the columns of a table that are not in its records.
pub struct SystemWriter {
    // Fixed at construction.
    /// The table's index of the first.
    first: usize,
    columns: Vec<SystemColumn>,
    worker: WorkerId,
}

impl SystemWriter {
    /// Those of `source`, on `worker`.
    pub fn new(source: &SourcePlan, worker: WorkerId) -> Self {
        Self {
            first: source.schema.fields.len(),
            columns: source.system.clone(),
            worker,
        }
    }

    /// Writes column `index` of the table for all rows of `morsel`, whose order is `order` by now; false where a format
    /// decodes it.
    #[inline]
    pub fn write(
        &self,
        morsel: &Morsel,
        order: &RowOrder,
        index: usize,
        column: &mut Column,
    ) -> bool {
        if index < self.first {
            return false;
        }
        self.fill(morsel, order, self.columns[index - self.first], column);
        true
    }

    fn fill(&self, morsel: &Morsel, order: &RowOrder, which: SystemColumn, column: &mut Column) {
        let rows = morsel.rows.len();
        column.reset(rows);
        let ColumnData::I64(values) = &mut column.data else {
            unreachable!("system columns are numbers and times");
        };
        let one = match which {
            SystemColumn::Partition => i64::from(morsel.file),
            SystemColumn::Worker => i64::from(self.worker.0),
            SystemColumn::Timestamp => {
                let arrival_ns = i64::try_from(morsel.arrival_ns).unwrap_or(i64::MAX);
                arrival_ns.saturating_add(morsel.wall_offset_ns)
            }
            SystemColumn::Offset => {
                for (row, value) in values.iter_mut().enumerate() {
                    let start = u64::from(morsel.rows.place(row).0);
                    *value = (morsel.file_offset + start) as i64;
                }
                return;
            }
            SystemColumn::Watermark => {
                let RowOrder::Source { watermarks, .. } = order else {
                    unreachable!("records come in their source's order");
                };
                return fill_watermarks(watermarks, column);
            }
        };
        values.fill(one);
    }
}

/// Writes the watermark before each row; NULL where there is none yet.
fn fill_watermarks(runs: &WatermarkRuns, column: &mut Column) {
    let ColumnData::I64(values) = &mut column.data else {
        unreachable!("a watermark is a time");
    };
    let rows = values.len();
    let watermarks = std::iter::once(runs.initial).chain(runs.rises.iter().map(|rise| rise.1));
    let starts = runs.rises.iter().map(|rise| rise.0 as usize);
    let mut from = 0;
    for (watermark, end) in watermarks.zip(starts.chain([rows])) {
        // The last rise may be in force only for a refused record behind the last row.
        let end = end.min(rows);
        values[from..end].fill(watermark);
        if watermark == WATERMARK_NONE {
            column.nulls.resize(rows, false);
            column.nulls[from..end].fill(true);
        }
        from = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{DataType, Value};

    #[test]
    fn a_row_has_the_watermark_of_the_rise_before_it() {
        let mut column = Column::new(DataType::Timestamp);
        let mut watermarks = |initial, rises: &[(u32, i64)]| {
            column.reset(4);
            let runs = WatermarkRuns {
                initial,
                rises: rises.to_vec(),
            };
            fill_watermarks(&runs, &mut column);
            (0..4).map(|row| column.value(row)).collect::<Vec<_>>()
        };
        let null = Value::Null;
        let at = Value::I64;
        assert_eq!(watermarks(7, &[]), [at(7), at(7), at(7), at(7)]);
        assert_eq!(
            watermarks(WATERMARK_NONE, &[(1, 5), (3, 6), (4, 9)]),
            [null.clone(), at(5), at(5), at(6)]
        );
        assert_eq!(watermarks(WATERMARK_NONE, &[]), vec![null; 4]);
    }
}
