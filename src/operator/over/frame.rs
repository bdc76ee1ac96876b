//! A frame over one argument: the components that its calls share.

use super::fold::{Fold, Greatest, Least, SlidingFold, Total};
use super::lag::mark;
use super::part::{Part, RowsInPlay};
use super::slots::TextSlot;
use super::sum::{SlidingSum, Wide};
use crate::batch::{Column, ColumnData, TextColumn};
use crate::types::{DataType, Physical};

/// What SUM and AVG are made from.
pub enum Sums {
    /// 64-bit integers.
    I64(SlidingSum<i64, i128>),
    /// 128-bit integers.
    I128(SlidingSum<i128, Wide>),
    /// DOUBLE.
    F64(SlidingFold<Total>),
}

/// MIN or MAX: `F` picks which.
pub enum Extremes {
    /// MIN of 64-bit integers.
    LeastI64(SlidingFold<Least<i64>>),
    /// MAX of 64-bit integers.
    GreatestI64(SlidingFold<Greatest<i64>>),
    /// MIN of 128-bit integers.
    LeastI128(SlidingFold<Least<i128>>),
    /// MAX of 128-bit integers.
    GreatestI128(SlidingFold<Greatest<i128>>),
    /// MIN of DOUBLE.
    LeastF64(SlidingFold<Least<f64>>),
    /// MAX of DOUBLE.
    GreatestF64(SlidingFold<Greatest<f64>>),
    /// MIN of VARCHAR.
    LeastText(SlidingFold<Least<TextSlot>>),
    /// MAX of VARCHAR.
    GreatestText(SlidingFold<Greatest<TextSlot>>),
}

impl Sums {
    /// For an argument of type `ty`; `None` when it cannot be summed.
    pub fn new(ty: DataType, length: Option<usize>) -> Option<Self> {
        match ty.physical() {
            Physical::I64 => Some(Self::I64(SlidingSum::new(length))),
            Physical::I128 => Some(Self::I128(SlidingSum::new(length))),
            Physical::F64 => Some(Self::F64(SlidingFold::new(length))),
            Physical::Bool | Physical::Text => None,
        }
    }

    /// Takes in the rows; `results` then holds each one's sum.
    pub fn slide(&mut self, rows: &RowsInPlay<'_>, argument: &Column) {
        let nulls = &argument.nulls;
        match (self, &argument.data) {
            (Self::I64(sums), ColumnData::I64(values)) => slide_sum(sums, rows, values, nulls),
            (Self::I128(sums), ColumnData::I128(values)) => slide_sum(sums, rows, values, nulls),
            (Self::F64(sums), ColumnData::F64(values)) => {
                let mut results = std::mem::take(&mut sums.results);
                results.clear();
                slide_fold(sums, rows, values, nulls, |_, &sum| results.push(sum));
                sums.results = results;
            }
            _ => panic!("sum over a column of another type"),
        }
    }

    /// As a component.
    pub fn part(&mut self) -> &mut dyn Part {
        match self {
            Self::I64(sums) => sums,
            Self::I128(sums) => sums,
            Self::F64(sums) => sums,
        }
    }
}

impl Sums {
    /// Bytes held.
    pub fn bytes(&self) -> usize {
        match self {
            Self::I64(sums) => sums.bytes(),
            Self::I128(sums) => sums.bytes(),
            Self::F64(sums) => sums.bytes(),
        }
    }
}

impl Extremes {
    /// Bytes held.
    pub fn bytes(&self) -> usize {
        match self {
            Self::LeastI64(fold) => fold.bytes(),
            Self::GreatestI64(fold) => fold.bytes(),
            Self::LeastI128(fold) => fold.bytes(),
            Self::GreatestI128(fold) => fold.bytes(),
            Self::LeastF64(fold) => fold.bytes(),
            Self::GreatestF64(fold) => fold.bytes(),
            Self::LeastText(fold) => fold.bytes(),
            Self::GreatestText(fold) => fold.bytes(),
        }
    }

    /// MIN for an argument of type `ty`; `None` when it has no order here.
    pub fn least(ty: DataType, length: Option<usize>) -> Option<Self> {
        match ty.physical() {
            Physical::I64 => Some(Self::LeastI64(SlidingFold::new(length))),
            Physical::I128 => Some(Self::LeastI128(SlidingFold::new(length))),
            Physical::F64 => Some(Self::LeastF64(SlidingFold::new(length))),
            Physical::Text => Some(Self::LeastText(SlidingFold::new(length))),
            Physical::Bool => None,
        }
    }

    /// MAX likewise.
    pub fn greatest(ty: DataType, length: Option<usize>) -> Option<Self> {
        match ty.physical() {
            Physical::I64 => Some(Self::GreatestI64(SlidingFold::new(length))),
            Physical::I128 => Some(Self::GreatestI128(SlidingFold::new(length))),
            Physical::F64 => Some(Self::GreatestF64(SlidingFold::new(length))),
            Physical::Text => Some(Self::GreatestText(SlidingFold::new(length))),
            Physical::Bool => None,
        }
    }

    /// Takes in the rows and writes each one's extreme to `out`.
    pub fn slide(&mut self, rows: &RowsInPlay<'_>, argument: &Column, out: &mut Column) {
        use ColumnData as C;
        let nulls = &argument.nulls;
        match (self, &argument.data, &mut out.data) {
            (Self::LeastI64(fold), C::I64(from), C::I64(to)) => {
                slide_fold(fold, rows, from, nulls, |row, value| to[row] = *value);
            }
            (Self::GreatestI64(fold), C::I64(from), C::I64(to)) => {
                slide_fold(fold, rows, from, nulls, |row, value| to[row] = *value);
            }
            (Self::LeastI128(fold), C::I128(from), C::I128(to)) => {
                slide_fold(fold, rows, from, nulls, |row, value| to[row] = *value);
            }
            (Self::GreatestI128(fold), C::I128(from), C::I128(to)) => {
                slide_fold(fold, rows, from, nulls, |row, value| to[row] = *value);
            }
            (Self::LeastF64(fold), C::F64(from), C::F64(to)) => {
                slide_fold(fold, rows, from, nulls, |row, value| to[row] = *value);
            }
            (Self::GreatestF64(fold), C::F64(from), C::F64(to)) => {
                slide_fold(fold, rows, from, nulls, |row, value| to[row] = *value);
            }
            (Self::LeastText(fold), C::Text(from), C::Text(to)) => {
                slide_text(fold, rows, argument, from, to);
            }
            (Self::GreatestText(fold), C::Text(from), C::Text(to)) => {
                slide_text(fold, rows, argument, from, to);
            }
            _ => panic!("MIN and MAX keep the type of their argument"),
        }
    }

    /// As a component.
    pub fn part(&mut self) -> &mut dyn Part {
        match self {
            Self::LeastI64(fold) => fold,
            Self::GreatestI64(fold) => fold,
            Self::LeastI128(fold) => fold,
            Self::GreatestI128(fold) => fold,
            Self::LeastF64(fold) => fold,
            Self::GreatestF64(fold) => fold,
            Self::LeastText(fold) => fold,
            Self::GreatestText(fold) => fold,
        }
    }
}

fn slide_sum<T, S>(sums: &mut SlidingSum<T, S>, rows: &RowsInPlay<'_>, values: &[T], nulls: &[bool])
where
    T: Copy + Default + super::slots::Saved + Send,
    S: super::sum::Sum<T>,
{
    if nulls.is_empty() {
        sums.slide(rows, |row| values[row]);
    } else {
        sums.slide(rows, |row| {
            if nulls[row] {
                T::default()
            } else {
                values[row]
            }
        });
    }
}

fn slide_fold<F: Fold>(
    fold: &mut SlidingFold<F>,
    rows: &RowsInPlay<'_>,
    values: &[F::Item],
    nulls: &[bool],
    emit: impl FnMut(usize, &F::Item),
) where
    F::Item: Copy,
{
    if nulls.is_empty() {
        fold.slide(rows, |row, item| *item = values[row], emit);
    } else {
        let identity = F::identity();
        fold.slide(
            rows,
            |row, item| *item = if nulls[row] { identity } else { values[row] },
            emit,
        );
    }
}

fn slide_text<F: Fold<Item = TextSlot>>(
    fold: &mut SlidingFold<F>,
    rows: &RowsInPlay<'_>,
    argument: &Column,
    from: &TextColumn,
    to: &mut TextColumn,
) {
    fold.slide(
        rows,
        |row, item| item.take(argument, from, row),
        |row, item| {
            if item.present {
                to.set(row, &item.bytes);
            }
        },
    );
}

/// The rows of a frame that are not NULL in the argument, or all when there is none.
pub struct Counts {
    // Fixed at construction.
    length: Option<usize>,
    /// `None` for COUNT(*), whose result follows from the number of the row.
    sums: Option<SlidingSum<bool, u64>>,
    /// Count of the frame of each row in play of the last batch.
    pub results: Vec<u64>,
}

impl Counts {
    /// Counts of an argument's values, or of rows.
    pub fn new(of_argument: Option<usize>, length: Option<usize>) -> Self {
        Self {
            length,
            sums: of_argument.map(|_| SlidingSum::new(length)),
            results: Vec::new(),
        }
    }

    /// Takes in the rows.
    pub fn slide(&mut self, rows: &RowsInPlay<'_>, argument: Option<&Column>) {
        match (&mut self.sums, argument) {
            (Some(sums), Some(column)) => {
                std::mem::swap(&mut sums.results, &mut self.results);
                if column.nulls.is_empty() {
                    sums.slide(rows, |_| true);
                } else {
                    sums.slide(rows, |row| !column.nulls[row]);
                }
                std::mem::swap(&mut sums.results, &mut self.results);
            }
            _ => {
                let most = self.length.map_or(u64::MAX, |length| length as u64);
                self.results.clear();
                self.results
                    .extend(rows.numbers.iter().map(|number| (number + 1).min(most)));
            }
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.sums.as_ref().map_or(0, Part::bytes)
    }

    /// As a component.
    pub fn part(&mut self) -> Option<&mut dyn Part> {
        self.sums.as_mut().map(|sums| sums as &mut dyn Part)
    }
}

/// Marks the rows in `out` NULL whose frame has no value.
pub fn mark_empty(rows: &RowsInPlay<'_>, counts: &[u64], out: &mut Column) {
    let len = out.len();
    for (&row, &count) in rows.rows.iter().zip(counts) {
        if count == 0 {
            mark(&mut out.nulls, len, row as usize);
        }
    }
}
