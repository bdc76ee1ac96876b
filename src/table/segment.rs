//! A part of a batch's rows: a range where nothing was dropped, else a list.

use crate::batch::Rows;

/// Ascending rows of a batch that are handled together; what is said of each is by *position* in it.
#[derive(Clone, Copy, Debug)]
pub enum Segment<'a> {
    /// Rows `start..end`.
    Range {
        /// First row.
        start: usize,
        /// Behind the last row.
        end: usize,
    },
    /// These rows.
    List(&'a [u32]),
}

impl<'a> Segment<'a> {
    /// How many rows.
    #[inline]
    pub fn len(self) -> usize {
        match self {
            Self::Range { start, end } => end - start,
            Self::List(rows) => rows.len(),
        }
    }

    /// Whether it has no row.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The row at `position`.
    #[inline(always)]
    pub fn row(self, position: usize) -> usize {
        match self {
            Self::Range { start, .. } => start + position,
            Self::List(rows) => rows[position] as usize,
        }
    }

    /// How many of its rows come before row `row` of the batch.
    pub fn position_of(self, row: usize) -> usize {
        match self {
            Self::Range { start, end } => row.clamp(start, end) - start,
            Self::List(rows) => rows.partition_point(|&other| (other as usize) < row),
        }
    }

    /// The rows at positions `from..to`.
    pub fn slice(self, from: usize, to: usize) -> Self {
        match self {
            Self::Range { start, .. } => Self::Range {
                start: start + from,
                end: start + to,
            },
            Self::List(rows) => Self::List(&rows[from..to]),
        }
    }

    /// Calls `f` with every row, ascending. The two loops compile apart, so the dense one vectorises.
    #[inline(always)]
    pub fn for_each(self, mut f: impl FnMut(usize)) {
        match self {
            Self::Range { start, end } => {
                for row in start..end {
                    f(row);
                }
            }
            Self::List(rows) => {
                for &row in rows {
                    f(row as usize);
                }
            }
        }
    }

    /// Appends `f(row)` of every row to `out`, growing it once.
    #[inline(always)]
    pub fn extend<T>(self, out: &mut Vec<T>, mut f: impl FnMut(usize) -> T) {
        match self {
            Self::Range { start, end } => out.extend((start..end).map(f)),
            Self::List(rows) => out.extend(rows.iter().map(|&row| f(row as usize))),
        }
    }
}

impl<'a> From<Rows<'a>> for Segment<'a> {
    fn from(rows: Rows<'a>) -> Self {
        match rows {
            Rows::All(total) => Self::Range {
                start: 0,
                end: total,
            },
            Rows::Some(rows) => Self::List(rows),
        }
    }
}
