//! Where frames of any bounds lie among the sorted rows of a whole partition.
//!
//! Both ends of a frame only move on from one row to the next, whatever its bounds are counted in. So the aggregates of
//! frames take in and let go each row once (`sliding`, `gather`).
//!
//! ```text
//! places:   0  1  2  3  4  5  6          RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING, of place 4: places 2 to 5
//! values:   1  3  5  5  6  7  9  NULL    NULLs are peers of each other, and at no distance from a value
//! ```

use crate::batch::{Column, ColumnData};
use crate::plan::{Around, Distance, FrameUnit};

/// What a column is sorted by.
#[derive(Clone, Copy)]
pub struct Direction {
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST.
    pub nulls_first: bool,
}

/// The rows of a whole partition in its order.
#[derive(Clone, Copy)]
pub struct Partition<'a> {
    /// Rows of the columns.
    pub rows: &'a [u32],
    /// The place at which each group of peers begins, ascending from 0.
    pub groups: &'a [u32],
    /// The first ORDER BY column.
    pub by: Option<(&'a Column, Direction)>,
}

/// The frame of a row: the places from `start` on and before `end`; none unless `start < end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framed {
    /// The row that it is of.
    pub row: u32,
    /// The first place.
    pub start: u32,
    /// The place behind the last.
    pub end: u32,
}

/// Writes the frames of all rows, in their order, to `frames`.
pub fn find(frame: &Around, partition: &Partition<'_>, frames: &mut Vec<Framed>) {
    frames.clear();
    match (frame.unit, partition.by) {
        (FrameUnit::Rows, _) => {
            let places = partition.rows.len();
            let frames_of = (0..places).map(|at| (at, at + 1));
            extend(
                frame,
                partition,
                frames_of,
                &|place| place as u32,
                places,
                frames,
            );
        }
        (FrameUnit::Groups, _) => {
            let groups = partition.groups.len();
            let begin = |group: usize| match partition.groups.get(group) {
                Some(&place) => place,
                None => partition.rows.len() as u32,
            };
            let frames_of = (0..groups).map(|at| (begin(at) as usize, begin(at + 1) as usize));
            extend(frame, partition, frames_of, &begin, groups, frames);
        }
        (FrameUnit::Range, Some((column, direction))) => {
            let descending = direction.descending;
            match &column.data {
                ColumnData::I64(values) => {
                    let value = |row: u32| i128::from(values[row as usize]);
                    range(frame, partition, (column, descending), value, frames);
                }
                ColumnData::I128(values) => {
                    let value = |row: u32| values[row as usize];
                    range(frame, partition, (column, descending), value, frames);
                }
                ColumnData::F64(values) => {
                    let value = |row: u32| values[row as usize];
                    range(frame, partition, (column, descending), value, frames);
                }
                other => panic!("a RANGE frame by {other:?}"),
            }
        }
        (FrameUnit::Range, None) => panic!("a RANGE frame needs ORDER BY"),
    }
}

/// The frames of rows by numbered steps, each the places of `steps`; `begin` is where a step begins.
fn extend(
    frame: &Around,
    partition: &Partition<'_>,
    steps: impl Iterator<Item = (usize, usize)>,
    begin: &dyn Fn(usize) -> u32,
    count: usize,
    frames: &mut Vec<Framed>,
) {
    let at = |step: usize, by: i128| (step as i128 + by).clamp(0, count as i128) as usize;
    for (step, (first, end_of_step)) in steps.enumerate() {
        let start = frame.from.map_or(0, |from| begin(at(step, exact(from))));
        let end = begin(frame.upto.map_or(count, |upto| at(step, exact(upto) + 1)));
        let rows = partition.rows[first..end_of_step].iter();
        frames.extend(rows.map(|&row| Framed { row, start, end }));
    }
}

fn exact(distance: Distance) -> i128 {
    match distance {
        Distance::Exact(count) => count,
        Distance::Double(_) => panic!("rows and groups are counted"),
    }
}

/// A value that others are near to.
trait Near: Copy {
    /// The value at a distance.
    fn moved(self, by: Distance, descending: bool) -> Self;
    /// Whether it sorts before another.
    fn is_before(self, other: Self, descending: bool) -> bool;
}

impl Near for i128 {
    fn moved(self, by: Distance, descending: bool) -> Self {
        match descending {
            false => self.saturating_add(exact(by)),
            true => self.saturating_sub(exact(by)),
        }
    }

    fn is_before(self, other: Self, descending: bool) -> bool {
        match descending {
            false => self < other,
            true => self > other,
        }
    }
}

impl Near for f64 {
    fn moved(self, by: Distance, descending: bool) -> Self {
        let by = match by {
            Distance::Exact(by) => by as f64,
            Distance::Double(by) => by,
        };
        match descending {
            false => self + by,
            true => self - by,
        }
    }

    /// NaN sorts as the greatest number.
    fn is_before(self, other: Self, descending: bool) -> bool {
        let below = |a: f64, b: f64| a < b || (b.is_nan() && !a.is_nan());
        match descending {
            false => below(self, other),
            true => below(other, self),
        }
    }
}

/// The frames of rows by the values of a column.
fn range<T: Near>(
    frame: &Around,
    partition: &Partition<'_>,
    (column, descending): (&Column, bool),
    value: impl Fn(u32) -> T,
    frames: &mut Vec<Framed>,
) {
    let rows = partition.rows;
    let is_null = |row: u32| column.is_null(row as usize);
    // NULLs are at one end.
    let nulls = rows.iter().filter(|row| is_null(**row)).count();
    let first = match rows.first() {
        Some(&row) if is_null(row) => nulls,
        _ => 0,
    };
    let values = first..first + rows.len() - nulls;
    let null_places = match first {
        0 => values.end..rows.len(),
        _ => 0..nulls,
    };
    let (mut start, mut end) = (values.start, values.start);
    for (place, &row) in rows.iter().enumerate() {
        let [mut from, mut upto] = [0, rows.len()];
        if !values.contains(&place) {
            if frame.from.is_some() {
                from = null_places.start;
            }
            if frame.upto.is_some() {
                upto = null_places.end;
            }
        } else {
            let own = value(row);
            if let Some(by) = frame.from {
                let bound = own.moved(by, descending);
                while start < values.end && value(rows[start]).is_before(bound, descending) {
                    start += 1;
                }
                from = start;
            }
            if let Some(by) = frame.upto {
                let bound = own.moved(by, descending);
                while end < values.end && !bound.is_before(value(rows[end]), descending) {
                    end += 1;
                }
                upto = end;
            }
        }
        frames.push(Framed {
            row,
            start: from as u32,
            end: upto as u32,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{DataType, Value};

    fn bounds(frame: Around, values: &[Option<i64>], direction: Direction) -> Vec<(u32, u32)> {
        let mut column = Column::new(DataType::BigInt);
        for value in values {
            column.push(&value.map_or(Value::Null, Value::I64));
        }
        let rows: Vec<u32> = (0..values.len() as u32).collect();
        let is_new = |at: &u32| *at == 0 || values[*at as usize] != values[*at as usize - 1];
        let groups: Vec<u32> = rows.iter().copied().filter(is_new).collect();
        let partition = Partition {
            rows: &rows,
            groups: &groups,
            by: Some((&column, direction)),
        };
        let mut frames = Vec::new();
        find(&frame, &partition, &mut frames);
        frames
            .iter()
            .map(|frame| (frame.start, frame.end))
            .collect()
    }

    fn around(unit: FrameUnit, from: i128, upto: i128) -> Around {
        Around {
            unit,
            from: Some(Distance::Exact(from)),
            upto: Some(Distance::Exact(upto)),
        }
    }

    const RISING: Direction = Direction {
        descending: false,
        nulls_first: false,
    };

    #[test]
    fn rows_groups_and_values_are_counted() {
        let values = [1, 3, 5, 5, 6].map(Some);
        let rows = bounds(around(FrameUnit::Rows, -1, 1), &values, RISING);
        assert_eq!(rows, [(0, 2), (0, 3), (1, 4), (2, 5), (3, 5)]);
        let groups = bounds(around(FrameUnit::Groups, -1, 0), &values, RISING);
        assert_eq!(groups, [(0, 1), (0, 2), (1, 4), (1, 4), (2, 5)]);
        let near = bounds(around(FrameUnit::Range, -2, 1), &values, RISING);
        assert_eq!(near, [(0, 1), (0, 2), (1, 5), (1, 5), (2, 5)]);
        // Frames without rows: they begin where they end, or behind.
        let behind = bounds(around(FrameUnit::Range, 1, 1), &values, RISING);
        assert_eq!(behind, [(1, 1), (2, 2), (4, 5), (4, 5), (5, 5)]);
        let far = bounds(around(FrameUnit::Rows, 7, 9), &values, RISING);
        assert_eq!(far, [(5, 5); 5]);
    }

    #[test]
    fn nulls_are_at_no_distance() {
        let falling = Direction {
            descending: true,
            nulls_first: true,
        };
        let values = [None, None, Some(9), Some(7), Some(6)];
        let near = bounds(around(FrameUnit::Range, -2, 1), &values, falling);
        assert_eq!(near, [(0, 2), (0, 2), (2, 3), (2, 5), (3, 5)]);
        let open = Around {
            from: None,
            ..around(FrameUnit::Range, 0, 1)
        };
        assert_eq!(
            bounds(open, &values, falling),
            [(0, 2), (0, 2), (0, 3), (0, 5), (0, 5)]
        );
        let last = [Some(1), Some(2), None];
        let open = Around {
            upto: None,
            ..around(FrameUnit::Range, -1, 0)
        };
        assert_eq!(bounds(open, &last, RISING), [(0, 3), (0, 3), (2, 3)]);
    }
}
