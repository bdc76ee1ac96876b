//! The time that a row stands at in its partition, and its ranks by it.
//!
//! A row that comes after one of a greater time, or without a time, stands where that one stands: time never falls
//! within a partition. Rows at one time are peers.

use super::part::{Part, PartState, Progress, RowsInPlay};
use super::slots::Saved;
use crate::batch::{Column, ColumnData};

#[derive(Clone, Copy)]
struct Cell {
    time: i64,
    rank: i64,
    dense_rank: i64,
}

/// Times and ranks of every partition.
pub struct Clock {
    // State.
    cells: Vec<Cell>,
    // Results of the last batch, by row in play.
    /// The times that the rows stand at.
    pub times: Vec<i64>,
    /// RANK.
    pub ranks: Vec<i64>,
    /// DENSE_RANK.
    pub dense_ranks: Vec<i64>,
}

impl Clock {
    /// At the beginning.
    pub fn new() -> Self {
        Self {
            cells: Vec::new(),
            times: Vec::new(),
            ranks: Vec::new(),
            dense_ranks: Vec::new(),
        }
    }

    /// Takes in the rows.
    pub fn slide(&mut self, rows: &RowsInPlay<'_>, time: &Column) {
        let ColumnData::I64(times) = &time.data else {
            panic!("ORDER BY a time");
        };
        self.times.clear();
        self.ranks.clear();
        self.dense_ranks.clear();
        let in_play = rows.rows.iter().zip(rows.partitions).zip(rows.numbers);
        for ((&row, &partition), &number) in in_play {
            let cell = &mut self.cells[partition as usize];
            let row = row as usize;
            let later = !time.is_null(row) && times[row] > cell.time;
            if later {
                cell.time = times[row];
            }
            if later || number == 0 {
                cell.rank = number as i64 + 1;
                cell.dense_rank += 1;
            }
            self.times.push(cell.time);
            self.ranks.push(cell.rank);
            self.dense_ranks.push(cell.dense_rank);
        }
    }
}

/// Writes one number for each row in play.
pub fn write(rows: &RowsInPlay<'_>, numbers: impl Iterator<Item = i64>, out: &mut Column) {
    out.nulls.clear();
    let ColumnData::I64(to) = &mut out.data else {
        panic!("a number of rows is BIGINT");
    };
    to.resize(rows.total, 0);
    for (&row, number) in rows.rows.iter().zip(numbers) {
        to[row as usize] = number;
    }
}

impl Part for Clock {
    fn grow(&mut self, partitions: usize) {
        let cell = Cell {
            time: super::TIME_NONE,
            rank: 0,
            dense_rank: 0,
        };
        self.cells.resize(partitions, cell);
    }

    /// Images: time, rank and dense rank.
    fn save(&self, partition: usize) -> PartState {
        let cell = &self.cells[partition];
        PartState {
            slot: 0,
            full: false,
            images: vec![i64::save(&[cell.time, cell.rank, cell.dense_rank])],
        }
    }

    fn load(&mut self, partition: usize, state: PartState, _: &[Progress]) -> Option<()> {
        let [image] = state.images.try_into().ok()?;
        let [time, rank, dense_rank] = i64::load(image)?.try_into().ok()?;
        self.cells[partition] = Cell {
            time,
            rank,
            dense_rank,
        };
        Some(())
    }

    fn bytes(&self) -> usize {
        self.cells.len() * size_of::<Cell>()
    }
}
