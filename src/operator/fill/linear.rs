//! FILL(LINEAR): what lies between two windows of a key, on the line from one to the other.
//!
//! A key's windows without rows wait for its next that has one, and leave right before that one's row, as it is
//! fired: for that a key's last row is all that is kept. Behind the last of a key nothing follows. The line goes by
//! the ends of the windows; an exact number is rounded half away from zero to its scale; NULL on either side gives
//! NULL.

use super::Fill;
use crate::batch::{Column, ColumnData, Rows};
use crate::error::JobError;
use crate::limits::FIRE_ROWS_MAX;
use crate::plan::FillValue;
use crate::time::EventTimeNs;
use crate::types::DataType;

/// Where between two neighbours a value lies: `at` of `length`.
#[derive(Clone, Copy, Debug)]
struct Share {
    at: u64,
    length: u64,
}

impl Fill {
    /// Appends the next row of the queue behind the windows that its key has missed, as far as there is room.
    pub(super) fn pass_behind_gap(&mut self, due: EventTimeNs) -> Result<(), JobError> {
        let head = self.bounds(self.taken);
        let key = self.key_of_next(head.end);
        let mut since = self.seen[key as usize];
        if self.is_forgotten(since, head.end) {
            since = head.end;
        }
        let mut end = self.filled.unwrap_or(since);
        loop {
            let window = self.next_window(end);
            if head.end <= window.end {
                break;
            }
            if end == since {
                self.check_gap(head.end, window.end, end)?;
            }
            if self.out.rows == FIRE_ROWS_MAX {
                self.filled = Some(end);
                return Ok(());
            }
            let share = Share {
                at: window.end.abs_diff(since),
                length: head.end.abs_diff(since),
            };
            self.append_keys_and_bounds(window, &[key]);
            self.append_between(key, share);
            self.number(window, due, 1);
            end = window.end;
        }
        self.filled = Some(end);
        if self.out.rows < FIRE_ROWS_MAX {
            self.filled = None;
            self.append_from_queue(self.taken + 1);
            self.note(self.taken, key, head.end);
            self.number(head, due, 1);
            self.taken += 1;
            self.drop_taken();
        }
        self.check_keys()
    }

    /// The key of the next row of the queue, whose window ends at `end`; those of its window are found together.
    fn key_of_next(&mut self, end: i64) -> u32 {
        let known = self.taken.checked_sub(self.found);
        if let Some(&key) = known.and_then(|at| self.groups.get(at)) {
            return key;
        }
        self.forget(end);
        self.found = self.taken;
        self.list_window(FIRE_ROWS_MAX);
        self.find_keys(end);
        self.groups[0]
    }

    /// Appends what stands in the place of each aggregate of a key between its last window and the head of the queue.
    fn append_between(&mut self, key: u32, share: Share) {
        let Self {
            keys,
            types,
            values,
            constants,
            previous,
            queue,
            taken,
            out,
            ..
        } = self;
        let first = *keys + 2;
        let places = values.iter().zip(constants).zip(previous).enumerate();
        for (at, ((value, constant), previous)) in places {
            let out = &mut out.columns[first + at];
            match value {
                FillValue::Previous => out.extend_from(previous, Rows::Some(&[key])),
                FillValue::Null | FillValue::Constant(_) => {
                    out.extend_from(constant, Rows::All(1));
                }
                FillValue::Linear => {
                    let from = (&*previous, key as usize);
                    let to = (&queue[first + at], *taken);
                    append_on_line(from, to, share, types[first + at], out);
                }
            }
        }
    }
}

/// Appends the value that lies between two rows of columns of type `ty`.
fn append_on_line(
    from: (&Column, usize),
    to: (&Column, usize),
    share: Share,
    ty: DataType,
    out: &mut Column,
) {
    if from.0.is_null(from.1) || to.0.is_null(to.1) {
        return out.push_null();
    }
    match (&from.0.data, &to.0.data, &mut out.data) {
        (ColumnData::F64(before), ColumnData::F64(after), ColumnData::F64(values)) => {
            let value = share.of_doubles(before[from.1], after[to.1]);
            let is_real = ty == DataType::Real;
            values.push(if is_real {
                f64::from(value as f32)
            } else {
                value
            });
        }
        (ColumnData::I64(before), ColumnData::I64(after), ColumnData::I64(values)) => {
            let ends = [before[from.1], after[to.1]].map(i128::from);
            // Between two of them.
            values.push(share.of_exact(ends[0], ends[1]) as i64);
        }
        (ColumnData::I128(before), ColumnData::I128(after), ColumnData::I128(values)) => {
            values.push(share.of_exact(before[from.1], after[to.1]));
        }
        (from, to, _) => {
            panic!("the planner takes the line between numbers, not {from:?} and {to:?}")
        }
    }
    if !out.nulls.is_empty() {
        out.nulls.push(false);
    }
}

impl Share {
    fn of_doubles(self, before: f64, after: f64) -> f64 {
        // Equal infinities have no difference.
        if before == after {
            return before;
        }
        before + (after - before) * (self.at as f64 / self.length as f64)
    }

    /// Whole lengths and rests apart, so that nothing leaves 128 bits.
    fn of_exact(self, before: i128, after: i128) -> i128 {
        let (at, length) = (i128::from(self.at), i128::from(self.length));
        let rest = length - at;
        let whole = before.div_euclid(length) * rest + after.div_euclid(length) * at;
        let parts = before.rem_euclid(length) * rest + after.rem_euclid(length) * at;
        let floor = whole + parts / length;
        let twice = 2 * (parts % length);
        // Of two as near the one away from zero.
        let up = if floor < 0 {
            length < twice
        } else {
            length <= twice
        };
        floor + i128::from(up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_numbers_are_rounded_half_away_from_zero() {
        let between = |at, length, before, after| Share { at, length }.of_exact(before, after);
        assert_eq!([1, 2, 3].map(|at| between(at, 4, 0, 10)), [3, 5, 8]);
        assert_eq!([1, 2, 3].map(|at| between(at, 4, 0, -10)), [-3, -5, -8]);
        assert_eq!([1, 2, 3].map(|at| between(at, 4, -1, 1)), [-1, 0, 1]);
        assert_eq!(between(1, 3, 7, 7), 7);
        let (least, most) = (-(10i128.pow(38) - 1), 10i128.pow(38) - 1);
        assert_eq!(between(1, 2, least, most), 0);
        assert_eq!(between(u64::MAX / 4, u64::MAX / 2, most, most), most);
    }

    #[test]
    fn doubles_lie_on_the_line() {
        let between = |at, before, after| Share { at, length: 4 }.of_doubles(before, after);
        assert_eq!(between(1, 1.0, 3.0), 1.5);
        assert_eq!(between(3, f64::INFINITY, f64::INFINITY), f64::INFINITY);
        assert!(between(3, f64::NAN, 1.0).is_nan());
    }
}
