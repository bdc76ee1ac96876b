//! Ranks: functions of a row's place among those of its partition.

use crate::batch::{Column, ColumnData};
use crate::plan::OverFunction;

/// Some peers of a partition.
pub struct Peers {
    /// Rows before them.
    pub before: usize,
    /// Rows up to the last of them.
    pub upto: usize,
    /// Their number among the distinct ones.
    pub dense: i64,
    /// Rows of the partition.
    pub total: usize,
}

impl Peers {
    /// Writes the result of the row at `place` of the partition.
    pub fn put(&self, function: &OverFunction, place: usize, row: usize, out: &mut Column) {
        let ratio = |part: usize, whole: usize| part as f64 / whole as f64;
        match (&mut out.data, function) {
            (ColumnData::I64(to), OverFunction::RowNumber) => to[row] = place as i64 + 1,
            (ColumnData::I64(to), OverFunction::Rank) => to[row] = self.before as i64 + 1,
            (ColumnData::I64(to), OverFunction::DenseRank) => to[row] = self.dense,
            (ColumnData::I64(to), OverFunction::Ntile(buckets)) => {
                to[row] = bucket(place, self.total, *buckets as usize);
            }
            (ColumnData::F64(to), OverFunction::PercentRank) => {
                to[row] = match self.total {
                    1 => 0.0,
                    total => ratio(self.before, total - 1),
                };
            }
            (ColumnData::F64(to), OverFunction::CumeDist) => {
                to[row] = ratio(self.upto, self.total);
            }
            (_, other) => panic!("{other:?} is no rank of a whole partition"),
        }
    }
}

/// The bucket of the row at `place` of `total`, from 1; the first buckets have one more when they differ.
fn bucket(place: usize, total: usize, buckets: usize) -> i64 {
    let (small, larger) = (total / buckets, total % buckets);
    let in_larger = larger * (small + 1);
    let bucket = if place < in_larger {
        place / (small + 1)
    } else {
        larger + (place - in_larger) / small
    };
    bucket as i64 + 1
}
