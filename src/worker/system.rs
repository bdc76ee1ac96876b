//! System columns of a morsel's records: what is known of them beside their bytes.

use crate::batch::{Column, ColumnData};
use crate::chunk::Morsel;
use crate::plan::{SourcePlan, SystemColumn, WorkerId};

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

    /// Writes column `index` of the table for all rows of `morsel`; false where a format decodes it.
    #[inline]
    pub fn write(&self, morsel: &Morsel, index: usize, column: &mut Column) -> bool {
        if index < self.first {
            return false;
        }
        self.fill(morsel, self.columns[index - self.first], column);
        true
    }

    fn fill(&self, morsel: &Morsel, which: SystemColumn, column: &mut Column) {
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
        };
        values.fill(one);
    }
}
