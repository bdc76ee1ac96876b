//! Event time, the watermark's arithmetic, and order keys.
//!
//! Event time is `i64` nanoseconds since the epoch everywhere. `i64::MIN` is the watermark before any
//! record, `i64::MAX` the one after a bounded input's end; neither is a legal event time.

/// Nanoseconds since the epoch, UTC.
pub type EventTimeNs = i64;
/// Nanoseconds of a monotonic clock; for metrics and sleeping only.
pub type ClockNs = u64;

/// The watermark before any record.
pub const WATERMARK_NONE: i64 = i64::MIN;
/// The watermark after the end of a bounded input.
pub const WATERMARK_END: i64 = i64::MAX;
/// Nanoseconds in a second.
pub const NS_PER_SECOND: i64 = 1_000_000_000;
/// Nanoseconds in a day.
pub const NS_PER_DAY: i64 = 86_400 * NS_PER_SECOND;

/// Where an output row stands in the one order that does not depend on workers or batches.
///
/// A row caused by record `i` has `(W(i), kind 1, i, k)`; a row fired by time has `(f, kind 0, seq of the
/// group's first row, k)`, `f` being the least watermark at which it is final. As a *frontier* it is the
/// least key that anything still to come can have.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    rkyv::Archive,
    rkyv::Serialize,
    rkyv::Deserialize,
)]
pub struct OrderKey {
    /// W(i), or the watermark that fires the row.
    pub time: EventTimeNs,
    /// 0: fired by time; 1: caused by a record; 2: told early.
    pub kind: u8,
    /// Number in the merged sequence of the record, or of the group's first record.
    pub seq: u64,
    /// Which of the rows that one record caused.
    pub ordinal: u32,
}

impl OrderKey {
    /// Below every key.
    pub const MIN: Self = Self {
        time: i64::MIN,
        kind: 0,
        seq: 0,
        ordinal: 0,
    };
    /// Above every key: the frontier of a producer that has ended.
    pub const MAX: Self = Self {
        time: i64::MAX,
        kind: u8::MAX,
        seq: u64::MAX,
        ordinal: u32::MAX,
    };

    /// The key of the first row that record `seq` causes at watermark `watermark`.
    pub const fn record(watermark: EventTimeNs, seq: u64) -> Self {
        Self {
            time: watermark,
            kind: 1,
            seq,
            ordinal: 0,
        }
    }

    /// The key of a row fired by time, `first` being the key of its group's first row.
    pub const fn fired(final_at: EventTimeNs, first_seq: u64, first_ordinal: u32) -> Self {
        Self {
            time: final_at,
            kind: 0,
            seq: first_seq,
            ordinal: first_ordinal,
        }
    }

    /// The key of a row that was sorted among all those fired at `final_at`: behind the keys they had, by its number
    /// among all rows that were sorted.
    pub const fn sorted(final_at: EventTimeNs, number: u64) -> Self {
        Self::fired(final_at, 1 << 63 | number, 0)
    }

    /// The key of an early result told at watermark `tick`: behind the rows that records before it caused, and before
    /// those that are final at it. `first` is the key of what changed its group first.
    pub const fn early(tick: EventTimeNs, first_seq: u64, first_ordinal: u32) -> Self {
        Self {
            time: tick.saturating_sub(1),
            kind: 2,
            seq: first_seq,
            ordinal: first_ordinal,
        }
    }

    /// The key of a row that waited for a later one which the end of the input shows never to come: behind all that the
    /// end fires. `seq` and `ordinal` are those of the row.
    pub const fn left_over(seq: u64, ordinal: u32) -> Self {
        // No record has a number of 2^63.
        Self::fired(WATERMARK_END, seq | 1 << 63, ordinal)
    }

    /// The watermark in force for a stage that has received everything below this frontier.
    ///
    /// A frontier inside the rows fired at `time` has not yet passed `time` itself.
    pub const fn watermark(self) -> EventTimeNs {
        if self.kind == 0 {
            self.time.saturating_sub(1)
        } else {
            self.time
        }
    }
}

/// The rises of the watermark within one morsel: W before its first row, then `(row, W)` pairs.
///
/// A rise at `row` is in force for that row and those after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatermarkRuns {
    /// W in force for the rows before the first rise.
    pub initial: EventTimeNs,
    /// Row index and the watermark in force from it on; both strictly rising.
    pub rises: Vec<(u32, EventTimeNs)>,
}

impl WatermarkRuns {
    /// W in force for `row`.
    pub fn at(&self, row: u32) -> EventTimeNs {
        match self.rises.partition_point(|rise| rise.0 <= row) {
            0 => self.initial,
            after => self.rises[after - 1].1,
        }
    }

    /// W in force for the last row.
    pub fn last(&self) -> EventTimeNs {
        self.rises.last().map_or(self.initial, |rise| rise.1)
    }

    /// Forgets the rises and starts again at `initial`.
    pub fn reset(&mut self, initial: EventTimeNs) {
        self.initial = initial;
        self.rises.clear();
    }
}

/// The grid that watermarks are thinned to: the greatest point not above W decides the same windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatermarkGrid {
    /// Distance of two points in nanoseconds, at least 1.
    pub period_ns: i64,
    /// A point of the grid, 0 <= offset < period.
    pub offset_ns: i64,
}

impl WatermarkGrid {
    /// The grid that keeps every watermark.
    pub const EXACT: Self = Self {
        period_ns: 1,
        offset_ns: 0,
    };

    /// The greatest point of the grid that is not above `watermark`; the two sentinels stay as they are.
    pub fn floor(self, watermark: EventTimeNs) -> EventTimeNs {
        if self.period_ns == 1 || watermark == WATERMARK_NONE || watermark == WATERMARK_END {
            return watermark;
        }
        let above = (i128::from(watermark) - i128::from(self.offset_ns))
            .rem_euclid(i128::from(self.period_ns));
        (i128::from(watermark) - above).max(i128::from(i64::MIN) + 1) as i64
    }
}

/// An open loop: record `i` is intended `i / rate` seconds after the start, whatever became of those before
/// it. What is late is late from its own intended time (no coordinated omission).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Intended time of record 0.
    pub start_ns: ClockNs,
    /// Records a second, at least 1.
    pub rate: u64,
}

impl Schedule {
    /// Intended time of `record`, rounded up to a whole nanosecond.
    pub fn at_ns(&self, record: u64) -> ClockNs {
        const SECOND: u64 = NS_PER_SECOND as u64;
        let offset_ns = match record.checked_mul(SECOND) {
            Some(scaled) => scaled.div_ceil(self.rate),
            None => {
                let scaled = u128::from(record) * u128::from(SECOND);
                u64::try_from(scaled.div_ceil(u128::from(self.rate))).unwrap_or(u64::MAX)
            }
        };
        self.start_ns.saturating_add(offset_ns)
    }

    /// Records intended at or before `now_ns`.
    pub fn due(&self, now_ns: ClockNs) -> u64 {
        let Some(elapsed_ns) = now_ns.checked_sub(self.start_ns) else {
            return 0;
        };
        let due = u128::from(elapsed_ns) * u128::from(self.rate) / NS_PER_SECOND as u128;
        u64::try_from(due).unwrap_or(u64::MAX).saturating_add(1)
    }
}

/// The greatest common divisor of two lengths (Euclid); one of them may be 0.
pub const fn gcd(left: u64, right: u64) -> u64 {
    match right {
        0 => left,
        _ => gcd(right, left % right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gcd_is_the_greatest_common_divisor() {
        assert_eq!(gcd(12, 18), 6);
        assert_eq!(gcd(5, 0), 5);
        assert_eq!(gcd(7, 3), 1);
    }

    #[test]
    fn a_record_is_due_from_its_intended_time_on_and_not_before() {
        for rate in [3, 7, 1_000, 999_983, 1_000_000_000, 3_000_000_000] {
            let schedule = Schedule {
                start_ns: 1_000,
                rate,
            };
            assert_eq!(schedule.due(999), 0);
            for record in (0..50).chain([1_000_003, 50_000_000_000]) {
                let at_ns = schedule.at_ns(record);
                assert!(schedule.due(at_ns) > record, "rate {rate} record {record}");
                let before = schedule.due(at_ns - 1);
                assert!(before <= record, "rate {rate} record {record}");
            }
        }
    }

    #[test]
    fn a_schedule_outlives_its_arithmetic() {
        let schedule = Schedule {
            start_ns: 5,
            rate: 1,
        };
        assert_eq!(schedule.at_ns(u64::MAX), u64::MAX);
        assert_eq!(schedule.due(u64::MAX), (u64::MAX - 5) / 1_000_000_000 + 1);
    }
}
