//! When rows leave: a histogram of their latency, or a log with an entry for each row.
//!
//! A role reads no clock, so rows are noted when they are released and get their time from the driver right
//! after the sink has taken them ([`LatencyMeter::handed_over`]). The log is for measuring: it keeps what
//! caused a row, so that a row can be charged from the time at which its record was intended.

use crate::time::{ClockNs, OrderKey};
use hdrhistogram::Histogram;

/// A cause that is no record: the top bit marks an arrival stamp.
const BY_TIME: u64 = 1 << 63;

/// What made a row leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The record with this number in the merged sequence.
    Record(u64),
    /// Time: the read with this arrival stamp moved the watermark.
    Read(ClockNs),
}

/// A row's hand-over to the sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandOver {
    cause: u64,
    /// When the sink had it.
    pub at_ns: ClockNs,
}

impl HandOver {
    /// A row of `cause` that the sink had at `at_ns`.
    pub fn new(cause: Cause, at_ns: ClockNs) -> Self {
        let cause = match cause {
            Cause::Record(seq) => seq,
            Cause::Read(arrival_ns) => arrival_ns | BY_TIME,
        };
        Self { cause, at_ns }
    }

    /// What made it leave.
    pub fn cause(&self) -> Cause {
        match self.cause & BY_TIME {
            0 => Cause::Record(self.cause),
            _ => Cause::Read(self.cause & !BY_TIME),
        }
    }
}

/// The hand-overs of a run.
#[derive(Clone, Debug, Default)]
pub struct HandOverLog {
    /// In the order in which rows left.
    pub rows: Vec<HandOver>,
    /// Rows that found it full.
    pub missed: u64,
    /// Entries that have their time.
    stamped: usize,
}

/// Measures every row that is released.
pub struct LatencyMeter {
    histogram_ns: Histogram<u64>,
    /// Arrival stamp and number of the rows that wait for their time.
    open: Vec<(ClockNs, u64)>,
    log: Option<HandOverLog>,
}

impl LatencyMeter {
    /// One that fills the histogram.
    pub fn new() -> Self {
        Self {
            histogram_ns: Histogram::new_with_bounds(1, 3_600_000_000_000, 3)
                .expect("the bounds are legal"),
            open: Vec::new(),
            log: None,
        }
    }

    /// Keeps a log of up to `rows` rows instead, its memory touched now.
    pub fn keep_log(&mut self, rows: usize) {
        let blank = HandOver::new(Cause::Read(1), 1);
        let mut log = HandOverLog {
            rows: vec![blank; rows],
            ..HandOverLog::default()
        };
        log.rows.clear();
        self.log = Some(log);
    }

    /// Notes `rows` rows, the first of them with `keys` if it is known, that came with a read of `arrival_ns`.
    pub fn released(&mut self, arrival_ns: ClockNs, keys: &[OrderKey], rows: u64) {
        let Some(log) = &mut self.log else {
            if arrival_ns > 0 {
                self.open.push((arrival_ns, rows));
            }
            return;
        };
        let room = (log.rows.capacity() - log.rows.len()).min(keys.len());
        log.missed += rows - room as u64;
        log.rows.extend(keys[..room].iter().map(|key| {
            let cause = match key.kind {
                1 => Cause::Record(key.seq),
                _ => Cause::Read(arrival_ns),
            };
            HandOver::new(cause, 0)
        }));
    }

    /// Whether rows wait for their time.
    pub fn has_open(&self) -> bool {
        match &self.log {
            Some(log) => log.stamped < log.rows.len(),
            None => !self.open.is_empty(),
        }
    }

    /// The sink has had all that was released since `now_ns`.
    pub fn handed_over(&mut self, now_ns: ClockNs) {
        for (arrival_ns, rows) in self.open.drain(..) {
            let latency_ns = now_ns.saturating_sub(arrival_ns).max(1);
            self.histogram_ns.saturating_record_n(latency_ns, rows);
        }
        if let Some(log) = &mut self.log {
            for row in &mut log.rows[log.stamped..] {
                row.at_ns = now_ns;
            }
            log.stamped = log.rows.len();
        }
    }

    /// From arrival to hand-over, one entry a row; empty when a log is kept.
    pub fn histogram_ns(&self) -> &Histogram<u64> {
        &self.histogram_ns
    }

    /// The log, if one was kept.
    pub fn take_log(&mut self) -> Option<HandOverLog> {
        self.log.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_stamped_once_and_keeps_its_cause() {
        let mut meter = LatencyMeter::new();
        meter.keep_log(3);
        let record = |seq| OrderKey::record(7, seq);
        meter.released(50, &[record(4), OrderKey::fired(7, 1, 0)], 2);
        assert!(meter.has_open());
        meter.handed_over(60);
        assert!(!meter.has_open());
        meter.released(70, &[record(5), record(6)], 2);
        meter.handed_over(80);
        let log = meter.take_log().expect("one was kept");
        let found: Vec<_> = log
            .rows
            .iter()
            .map(|row| (row.cause(), row.at_ns))
            .collect();
        let expected = [
            (Cause::Record(4), 60),
            (Cause::Read(50), 60),
            (Cause::Record(5), 80),
        ];
        assert_eq!(found, expected);
        assert_eq!(log.missed, 1, "the fourth row found the log full");
    }

    #[test]
    fn without_a_log_rows_are_charged_from_their_read() {
        let mut meter = LatencyMeter::new();
        meter.released(50, &[], 3);
        meter.released(0, &[], 9);
        meter.handed_over(150);
        assert_eq!(
            meter.histogram_ns().len(),
            3,
            "an unknown arrival counts not"
        );
        assert_eq!(meter.histogram_ns().max(), 100);
    }
}
