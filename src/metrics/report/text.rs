//! The report for people, on stderr: what matters first, nothing that is zero and expected to be.

use super::{
    CheckpointReport, ErrorSample, LatencyReport, Position, RunEnd, RunReport, SourceReport,
    StatementReport,
};
use crate::civil::write_timestamp;
use crate::plan::TimestampFormat;
use crate::time::EventTimeNs;
use std::fmt::Write;

impl RunReport {
    /// The report as text, with a newline behind each line.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (index, subquery) in self.subqueries.iter().enumerate() {
            let _ = writeln!(
                out,
                "subquery  {}, before the start: {} records in {}",
                index + 1,
                grouped(subquery.records()),
                duration(subquery.elapsed_ns)
            );
            for statement in &subquery.statements {
                statement_lines(statement, &mut out);
            }
        }
        let _ = writeln!(
            out,
            "{} records in {}, {}",
            grouped(self.records()),
            duration(self.elapsed_ns),
            rate(self.records_per_second())
        );
        if let Some(warning) = self.incomplete() {
            let _ = writeln!(out, "{warning}");
        }
        for source in &self.sources {
            source_lines(source, &mut out);
        }
        for statement in &self.statements {
            statement_lines(statement, &mut out);
        }
        if let Some(latency) = &self.latency {
            let _ = writeln!(out, "latency   {}", latency_line(latency));
        }
        if !self.cores.is_empty() {
            let cores: Vec<String> = self
                .cores
                .iter()
                .map(|it| {
                    format!(
                        "cpu {} {:.0} % ({})",
                        it.cpu,
                        it.busy * 100.0,
                        it.roles.join(", ")
                    )
                })
                .collect();
            let _ = writeln!(out, "busy      {}", cores.join("; "));
        }
        if let Some(checkpoints) = &self.checkpoints {
            checkpoint_lines(checkpoints, &mut out);
        }
        if let Some(bytes) = self.memory_peak_bytes {
            let _ = writeln!(
                out,
                "memory    {:.1} MiB at most",
                bytes as f64 / f64::from(1 << 20)
            );
        }
        out
    }

    fn incomplete(&self) -> Option<String> {
        let open: u64 = self.statements.iter().map(|it| it.open_windows).sum();
        let why = match self.end {
            RunEnd::Complete => return None,
            RunEnd::Interrupted => "it was interrupted",
            RunEnd::OutputClosed => "nobody reads its output any more",
        };
        let mut text = format!("INCOMPLETE: {why}");
        if open > 0 {
            let _ = write!(
                text,
                "; {} open {} not emitted (--close-open emits {})",
                grouped(open),
                if open == 1 {
                    "window was"
                } else {
                    "windows were"
                },
                if open == 1 { "it" } else { "them" }
            );
        }
        Some(text)
    }
}

fn checkpoint_lines(report: &CheckpointReport, out: &mut String) {
    if let Some(id) = report.resumed_from {
        let records = grouped(report.resumed_records);
        let _ = writeln!(
            out,
            "resumed   from checkpoint {id}, after {records} records"
        );
    }
    if report.taken > 0 {
        let _ = writeln!(
            out,
            "checkpts  {} taken, the last, {}, of {} bytes in {}",
            grouped(report.taken),
            report.last,
            grouped(report.last_bytes),
            duration(report.last_ns)
        );
    }
    if report.failed > 0 {
        let failed = grouped(report.failed);
        let _ = writeln!(out, "          {failed} COULD NOT BE WRITTEN");
    }
}

fn source_lines(source: &SourceReport, out: &mut String) {
    let _ = writeln!(
        out,
        "source    {}: {} records, {} bytes",
        source.name,
        grouped(source.records),
        grouped(source.bytes)
    );
    if let Some((first, last)) = source.event_time {
        let _ = writeln!(
            out,
            "          event time {} .. {}",
            time(first),
            time(last)
        );
    }
    if let Some(position) = &source.position {
        let _ = writeln!(out, "          read up to {}", place(position));
    }
}

fn statement_lines(statement: &StatementReport, out: &mut String) {
    let ledger = &statement.ledger;
    let _ = write!(
        out,
        "statement {} from {}: {} read = {} used",
        statement.name,
        statement.source,
        grouped(ledger.read),
        grouped(ledger.used)
    );
    let others = [
        (ledger.filtered, "filtered"),
        (ledger.late, "late"),
        (ledger.rejected_total(), "rejected"),
    ];
    for (count, name) in others.into_iter().filter(|(count, _)| *count > 0) {
        let _ = write!(out, " + {} {name}", grouped(count));
    }
    let _ = writeln!(out, "; {} rows out", grouped(statement.emitted));
    if !ledger.is_balanced() {
        let _ = writeln!(
            out,
            "          THE LEDGER DOES NOT ADD UP: please report this"
        );
    }
    let reasons: Vec<String> = ledger
        .reasons()
        .map(|(reason, count)| format!("{} {}", grouped(count), reason.name()))
        .collect();
    if !reasons.is_empty() {
        let _ = writeln!(out, "          rejected: {}", reasons.join(", "));
    }
    let notes = [
        (statement.out_of_order, "records out of order (used)"),
        (statement.corrected, "late records corrected closed windows"),
        (
            statement.late_assignments,
            "closed windows left out late records that others took in",
        ),
        (statement.group_errors, "result rows could not be made"),
    ];
    for (count, name) in notes.into_iter().filter(|(count, _)| *count > 0) {
        let _ = writeln!(out, "          {} {name}", grouped(count));
    }
    for sample in &statement.samples {
        let _ = writeln!(out, "          {}", sample_line(sample));
    }
}

fn sample_line(sample: &ErrorSample) -> String {
    let mut line = match &sample.position {
        Some(position) => format!("{}: {}", place(position), sample.reason.name()),
        None => sample.reason.name().to_owned(),
    };
    if let Some(column) = &sample.column {
        let _ = write!(line, " in {column}");
    }
    if !sample.text.is_empty() {
        // Escaped: a record may hold anything, a terminal should not obey it.
        let _ = write!(line, ": {}", sample.text.escape_debug());
    }
    line
}

fn place(position: &Position) -> String {
    format!(
        "{} record {} (byte {})",
        position.file,
        grouped(position.record_number),
        grouped(position.byte_offset)
    )
}

fn latency_line(latency: &LatencyReport) -> String {
    format!(
        "p50 {}  p99 {}  p99.9 {}  p99.99 {}  max {}",
        duration(latency.p50_ns),
        duration(latency.p99_ns),
        duration(latency.p999_ns),
        duration(latency.p9999_ns),
        duration(latency.max_ns)
    )
}

fn time(ns: EventTimeNs) -> String {
    let mut text = Vec::new();
    write_timestamp(ns, &TimestampFormat::Iso, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// `1,234,567`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Three digits and a unit.
pub fn duration(ns: u64) -> String {
    let (value, unit) = match ns {
        0..1_000 => return format!("{ns} ns"),
        1_000..1_000_000 => (ns as f64 / 1e3, "us"),
        1_000_000..1_000_000_000 => (ns as f64 / 1e6, "ms"),
        _ => (ns as f64 / 1e9, "s"),
    };
    match value {
        ..10.0 => format!("{value:.2} {unit}"),
        ..100.0 => format!("{value:.1} {unit}"),
        _ => format!("{value:.0} {unit}"),
    }
}

fn rate(records_per_second: f64) -> String {
    match records_per_second {
        ..1e3 => format!("{records_per_second:.0} records/s"),
        ..1e6 => format!("{:.1} K records/s", records_per_second / 1e3),
        _ => format!("{:.2} M records/s", records_per_second / 1e6),
    }
}
