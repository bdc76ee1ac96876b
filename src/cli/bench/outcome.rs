//! What `bench latency` found: verified first, then told.

use super::charge::Charged;
use super::latency::Extent;
use crate::cli::values::Idle;
use crate::egress::Cause;
use crate::metrics::report::{RunReport, duration, grouped};
use crate::runtime::{GAP_NS_MIN, GapKind, Gaps, Measured};
use crate::time::{ClockNs, Schedule};
use hdrhistogram::Histogram;
use serde_json::{Value, json};
use std::fmt::Write;

/// A measured and verified run.
pub(super) struct LatencyOutcome {
    pub(super) rate: u64,
    pub(super) extent: Extent,
    /// Intended time of the first record that counts.
    pub(super) counted_from_ns: ClockNs,
    pub(super) query: String,
    /// Over TCP: the sender's CPU, if it has one of its own.
    pub(super) sender_cpu: Option<Option<u16>>,
    pub(super) idle: Idle,
    pub(super) encode: Option<&'static str>,
    pub(super) charged: Charged,
    /// Waits on the same CPUs without an engine, right behind the run.
    pub(super) bare: Histogram<u64>,
    /// Nanoseconds of a cache line's way from one of the first two CPUs to the other and back, behind the run.
    pub(super) line_ns: Option<u64>,
    pub(super) gaps: Vec<(u16, Gaps)>,
    pub(super) report: RunReport,
}

/// Checks that every record sent was read, that the ledger adds up, and that every row out has its time.
///
/// # Errors
/// What does not hold; there are no figures then.
pub(super) fn verify(
    report: &RunReport,
    measured: &Measured,
    extent: Extent,
    schedule: &Schedule,
) -> Result<(), String> {
    let expected = extent.records;
    if report.records() != expected {
        let read = report.records();
        return Err(format!("{expected} records were to be read, {read} were"));
    }
    for statement in &report.statements {
        let ledger = &statement.ledger;
        if !ledger.is_balanced() || ledger.read != expected {
            return Err(format!(
                "the ledger of {} does not add up: {ledger:?}",
                statement.name
            ));
        }
        if ledger.rejected_total() > 0 || statement.group_errors > 0 {
            return Err(format!(
                "{} refuses records of the feed, so it is not measured: {ledger:?}",
                statement.name
            ));
        }
    }
    let log = &measured.hand_overs;
    let emitted: u64 = report.statements.iter().map(|it| it.emitted).sum();
    if log.missed > 0 {
        return Err(format!(
            "the query gives {emitted} rows for {expected} records, more than the two a record that are logged"
        ));
    }
    if log.rows.len() as u64 != emitted {
        let logged = log.rows.len();
        return Err(format!("{emitted} rows left, {logged} were logged"));
    }
    if emitted == 0 {
        return Err("the query gave no row, so there is no latency".to_owned());
    }
    for row in &log.rows {
        let early = match row.cause() {
            Cause::Record(seq) => seq >= expected || row.at_ns < schedule.at_ns(seq),
            Cause::Read(arrival_ns) => row.at_ns < arrival_ns,
        };
        if early {
            return Err(format!(
                "a row left before its record was intended: {row:?}"
            ));
        }
    }
    Ok(())
}

const QUANTILES: [(&str, f64); 4] = [
    ("p50", 0.5),
    ("p99", 0.99),
    ("p99_9", 0.999),
    ("p99_99", 0.9999),
];

impl LatencyOutcome {
    fn rows(&self) -> [(&'static str, &'static str, &Histogram<u64>); 4] {
        [
            ("latency", "latency_ns", &self.charged.all),
            ("less host", "less_host_ns", &self.charged.without_host),
            (
                "less both",
                "less_host_and_interrupts_ns",
                &self.charged.without_gaps,
            ),
            ("bare loop", "bare_loop_ns", &self.bare),
        ]
    }

    fn feed(&self) -> String {
        match self.sender_cpu {
            None => "generator in the ingest core's loop".to_owned(),
            Some(Some(cpu)) => format!("loopback TCP, sender on cpu {cpu}"),
            Some(None) => "loopback TCP, sender on a CPU of the engine".to_owned(),
        }
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let counted = self.extent.records - self.extent.warmup;
        let _ = writeln!(
            out,
            "{} records/s, open loop, one record an event; {} records counted behind {} of warm-up",
            grouped(self.rate),
            grouped(counted),
            grouped(self.extent.warmup)
        );
        let _ = writeln!(out, "query      {}", self.query.trim());
        let _ = writeln!(out, "feed       {}", self.feed());
        let cores = self.report.cores.iter();
        let cores: Vec<String> = cores
            .map(|it| format!("cpu {} {}", it.cpu, it.roles.join(" + ")))
            .collect();
        let line = self.line_ns.map(|ns| {
            let trip = duration(ns);
            format!("; a cache line goes there and back in {trip}")
        });
        let _ = writeln!(
            out,
            "cores      {}{}; idle {}",
            cores.join(", "),
            line.unwrap_or_default(),
            self.idle.name()
        );
        for statement in &self.report.statements {
            let _ = writeln!(
                out,
                "verified   {} read, {} used, {} rows out{}, each with its time; the ledger adds up",
                grouped(statement.ledger.read),
                grouped(statement.ledger.used),
                grouped(statement.emitted),
                self.encode
                    .map(|it| format!(" as {it}"))
                    .unwrap_or_default()
            );
        }
        let _ = writeln!(
            out,
            "\n{:10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>12}",
            "", "p50", "p99", "p99.9", "p99.99", "max", "rows"
        );
        for (name, _, histogram) in self.rows() {
            let _ = write!(out, "{name:10}");
            // A quantile of nothing is not 0.
            let shown = |ns| match histogram.is_empty() {
                true => "-".to_owned(),
                false => duration(ns),
            };
            for (_, quantile) in QUANTILES {
                let value = shown(histogram.value_at_quantile(quantile));
                let _ = write!(out, " {value:>9}");
            }
            let max = shown(histogram.max());
            let _ = writeln!(out, " {max:>9} {:>12}", grouped(histogram.len()));
        }
        self.gap_lines(&mut out);
        out
    }

    fn gap_lines(&self, out: &mut String) {
        let limit = duration(GAP_NS_MIN);
        let _ = writeln!(
            out,
            "\ngaps of more than {limit} between two clock reads of a core's loop:"
        );
        for (cpu, gaps) in &self.gaps {
            for (kind, name) in [(GapKind::Host, "host"), (GapKind::Interrupt, "interrupt")] {
                let (count, total, most) = gaps.sum(kind, self.counted_from_ns);
                let _ = writeln!(
                    out,
                    "  cpu {cpu} {name:9} {:>9}, {} in all, longest {}",
                    grouped(count),
                    duration(total),
                    duration(most)
                );
            }
            if gaps.missed > 0 {
                let _ = writeln!(
                    out,
                    "  cpu {cpu}: {} more were not kept, rows that overlap them are not left out",
                    grouped(gaps.missed)
                );
            }
        }
        let _ = writeln!(
            out,
            "host: the thread's CPU clock advanced by less than half of the gap. interrupt: it advanced, in a round\n\
             in which no role did anything. \"less host\" and \"less both\" leave out the rows whose interval, from\n\
             intended time to hand-over, overlaps such a gap of any core; \"latency\" leaves out nothing.\n\
             bare loop: behind the run, threads on the same CPUs that only read the clock; how long a record waits\n\
             that comes while one of them does not run. An engine that takes no time would have these figures."
        );
    }

    /// For programs: one object.
    pub(super) fn json(&self) -> String {
        let mut object = json!({
            "bench": "latency",
            "rate": self.rate,
            "records": self.extent.records - self.extent.warmup,
            "records_warmup": self.extent.warmup,
            "query": self.query.trim(),
            "feed": self.feed(),
            "idle": self.idle.name(),
            "encode": self.encode,
            "line_round_trip_ns": self.line_ns,
            "rows": self.report.statements.iter().map(|it| it.emitted).sum::<u64>(),
            "cores": self.report.cores.iter().map(|it| {
                json!({"cpu": it.cpu, "roles": it.roles, "busy": it.busy})
            }).collect::<Vec<_>>(),
        });
        for (_, name, histogram) in self.rows() {
            let mut figures = json!({"max": histogram.max(), "rows": histogram.len()});
            for (quantile_name, quantile) in QUANTILES {
                figures[quantile_name] = histogram.value_at_quantile(quantile).into();
            }
            object[name] = figures;
        }
        let gaps = self.gaps.iter().map(|(cpu, gaps)| {
            let sum = |kind| {
                let (count, total, most) = gaps.sum(kind, self.counted_from_ns);
                json!({"count": count, "total_ns": total, "max_ns": most})
            };
            json!({
                "cpu": cpu,
                "host": sum(GapKind::Host),
                "interrupt": sum(GapKind::Interrupt),
                "not_kept": gaps.missed,
            })
        });
        object["gaps"] = Value::Array(gaps.collect());
        object.to_string()
    }
}
