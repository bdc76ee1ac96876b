//! RANGE frames of sorted rows take in all peers: a row has the results of the last row of its time.
//!
//! All rows of one time come in one batch, so the last peer is among those behind a row in the batch.

use super::part::RowsInPlay;
use crate::batch::{Column, ColumnData};

/// Where the peers of a batch's rows are.
#[derive(Default)]
pub struct Peers {
    // Scratch.
    /// By partition the batch, time and row of the peer last seen.
    latest: Vec<(u64, i64, u32)>,
    batches: u64,
    /// For each row in play its last peer's row.
    sources: Vec<u32>,
}

impl Peers {
    /// Finds every row's last peer.
    pub fn find(&mut self, rows: &RowsInPlay<'_>, times: &[i64], partitions: usize) {
        self.batches += 1;
        self.latest.resize(partitions, (0, 0, 0));
        self.sources.clear();
        self.sources.resize(rows.rows.len(), 0);
        for position in (0..rows.rows.len()).rev() {
            let latest = &mut self.latest[rows.partitions[position] as usize];
            let time = times[position];
            if (latest.0, latest.1) != (self.batches, time) {
                *latest = (self.batches, time, rows.rows[position]);
            }
            self.sources[position] = latest.2;
        }
    }

    /// Gives every row the result of its last peer; `failed` are the rows of `out` without a result.
    pub fn share(&self, rows: &RowsInPlay<'_>, out: &mut Column, failed: &mut Vec<u32>) {
        match &mut out.data {
            ColumnData::Bool(values) => self.copy(rows, values),
            ColumnData::I64(values) => self.copy(rows, values),
            ColumnData::I128(values) => self.copy(rows, values),
            ColumnData::F64(values) => self.copy(rows, values),
            ColumnData::Text(values) => self.copy(rows, &mut values.views),
        }
        if !out.nulls.is_empty() {
            self.copy(rows, &mut out.nulls);
        }
        if !failed.is_empty() {
            let of = rows.rows.iter().zip(&self.sources);
            let now = of.filter(|(_, source)| failed.contains(source));
            *failed = now.map(|(&row, _)| row).collect();
        }
    }

    /// A last peer is its own, so the order of copying does not matter.
    fn copy<T: Copy>(&self, rows: &RowsInPlay<'_>, values: &mut [T]) {
        for (&row, &source) in rows.rows.iter().zip(&self.sources) {
            values[row as usize] = values[source as usize];
        }
    }
}
