//! From hand-overs to percentiles: every row is charged from the intended time of the record that caused it.
//!
//! Rows fired by time have no one record: they are charged from the intended time of the first record of the
//! read that moved the watermark, so their latency is exact for a lone record and rounded up behind others.
//!
//! A row's interval is from that time to the end of the hand-over. It *overlaps* a gap that begins before the
//! interval's end and ends behind its beginning, on whatever core.

use crate::egress::{Cause, HandOver};
use crate::runtime::{GapKind, Gaps};
use crate::time::{ClockNs, Schedule};
use hdrhistogram::Histogram;
use std::io::{self, Write};

/// Half-open stretches of time, disjoint and in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stretches(Vec<(ClockNs, ClockNs)>);

impl Stretches {
    /// The union of the gaps of all cores whose kind is wanted.
    pub(super) fn union(gaps: &[(u16, Gaps)], wanted: impl Fn(GapKind) -> bool) -> Self {
        let of_cores = gaps.iter().flat_map(|(_, gaps)| &gaps.list);
        let of_kind = of_cores.filter(|gap| wanted(gap.kind));
        Self::merged(of_kind.map(|gap| (gap.from_ns, gap.to_ns)).collect())
    }

    /// The union of `all`.
    pub(super) fn merged(mut all: Vec<(ClockNs, ClockNs)>) -> Self {
        all.sort_unstable();
        let mut union: Vec<(ClockNs, ClockNs)> = Vec::new();
        for (from, to) in all {
            match union.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => union.push((from, to)),
            }
        }
        Self(union)
    }

    /// In order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ClockNs, ClockNs)> {
        self.0.iter().copied()
    }

    /// Whether any of them overlaps `from..to`.
    pub(super) fn overlap(&self, from: ClockNs, to: ClockNs) -> bool {
        let first = self.0.partition_point(|stretch| stretch.1 <= from);
        self.0.get(first).is_some_and(|stretch| stretch.0 < to)
    }
}

/// Latencies of the measured rows.
pub(super) struct Charged {
    /// Of all.
    pub(super) all: Histogram<u64>,
    /// Of those that overlap no host gap.
    pub(super) without_host: Histogram<u64>,
    /// Of those that overlap neither a host gap nor an interrupt.
    pub(super) without_gaps: Histogram<u64>,
}

/// Charges the rows that records from `first` on caused.
pub(super) fn charge(
    schedule: &Schedule,
    rows: &[HandOver],
    first: u64,
    gaps: &[(u16, Gaps)],
) -> Charged {
    let host = Stretches::union(gaps, |kind| kind == GapKind::Host);
    let both = Stretches::union(gaps, |_| true);
    let mut charged = Charged {
        all: histogram(),
        without_host: histogram(),
        without_gaps: histogram(),
    };
    let first_ns = schedule.at_ns(first);
    for row in rows {
        let intended_ns = match row.cause() {
            Cause::Record(seq) => schedule.at_ns(seq),
            Cause::Read(arrival_ns) => arrival_ns,
        };
        if intended_ns < first_ns {
            continue;
        }
        let latency_ns = row.at_ns.saturating_sub(intended_ns).max(1);
        charged.all.saturating_record(latency_ns);
        if !host.overlap(intended_ns, row.at_ns) {
            charged.without_host.saturating_record(latency_ns);
        }
        if !both.overlap(intended_ns, row.at_ns) {
            charged.without_gaps.saturating_record(latency_ns);
        }
    }
    charged
}

/// An empty one, of nanoseconds up to an hour.
pub(super) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 3_600_000_000_000, 3).expect("the bounds are legal")
}

/// Writes the distribution as HdrHistogram's `outputPercentileDistribution` does, values in microseconds, so
/// that its plotters read it.
pub(super) fn write_distribution(
    histogram: &Histogram<u64>,
    out: &mut impl Write,
) -> io::Result<()> {
    const TICKS_PER_HALF: u32 = 5;
    /// Of 3 significant digits: the power of two at or above 2 x 10^3.
    const SUB_BUCKETS: u32 = 2048;
    let us = |ns: f64| ns / 1e3;
    writeln!(
        out,
        "{:>12} {:>14} {:>10} {:>14}\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    )?;
    let mut total = 0;
    for step in histogram.iter_quantiles(TICKS_PER_HALF) {
        total += step.count_since_last_iteration();
        let value = us(step.value_iterated_to() as f64);
        let quantile = step.quantile_iterated_to();
        if quantile < 1.0 {
            let odds = 1.0 / (1.0 - quantile);
            writeln!(out, "{value:12.3} {quantile:2.12} {total:10} {odds:14.2}")?;
        } else {
            writeln!(out, "{value:12.3} {quantile:2.12} {total:10}")?;
        }
    }
    writeln!(
        out,
        "#[Mean    = {:12.3}, StdDeviation   = {:12.3}]",
        us(histogram.mean()),
        us(histogram.stdev())
    )?;
    writeln!(
        out,
        "#[Max     = {:12.3}, Total count    = {:12}]",
        us(histogram.max() as f64),
        histogram.len()
    )?;
    writeln!(
        out,
        "#[Buckets = {:12}, SubBuckets     = {SUB_BUCKETS:12}]",
        histogram.buckets()
    )
}
