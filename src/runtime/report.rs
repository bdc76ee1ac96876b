//! From what the cores leave behind to the run's report.

use super::core::{CoreOutcome, OpenWindows};
use crate::link::ErrorSample;
use crate::metrics::report::{
    CoreReport, ErrorSample as ReportedSample, LatencyReport, LedgerReport, Position, RunEnd,
    RunReport, SourceReport, StatementReport,
};
use crate::plan::Job;
use crate::worker::LedgerCounts;
use hdrhistogram::Histogram;

/// A refused or late record as a line for stderr.
pub fn describe(job: &Job, sample: &ErrorSample) -> String {
    let source = source_of(job, sample.statement);
    let column = column_name(job, sample)
        .map(|name| format!(", column {name}"))
        .unwrap_or_default();
    let what = match sample.reason {
        Some(reason) => format!("refused ({}{column})", reason.name()),
        None => format!(
            "late, corrects a closed window ({})",
            job.statements[usize::from(sample.statement)].name
        ),
    };
    format!(
        "{what} at {} byte {}: {}",
        job.sources[source].connector.file_name(sample.file),
        sample.offset,
        sample.text
    )
}

/// The report of a run of `elapsed_ns`.
pub fn assemble(
    job: &Job,
    outcomes: Vec<CoreOutcome>,
    samples: Vec<ErrorSample>,
    elapsed_ns: u64,
    closed: bool,
) -> RunReport {
    let interrupted = outcomes.iter().any(|outcome| outcome.interrupted);
    let end = match (closed, interrupted) {
        (true, _) => RunEnd::OutputClosed,
        (false, true) => RunEnd::Interrupted,
        (false, false) => RunEnd::Complete,
    };
    let egress = outcomes.iter().find_map(|outcome| outcome.egress.as_ref());
    let ledgers: Vec<_> = outcomes
        .iter()
        .flat_map(|outcome| &outcome.ledgers)
        .collect();
    let statements = (0..job.statements.len())
        .map(|index| {
            let emitted = egress.map_or(0, |egress| egress.0[index]);
            statement_report(job, index, &ledgers, emitted, &samples)
        })
        .collect();
    RunReport {
        end,
        elapsed_ns,
        subqueries: Vec::new(),
        sources: source_reports(job, &outcomes),
        statements,
        cores: outcomes.iter().map(core_report).collect(),
        latency: egress.and_then(|egress| latency_report(&egress.1)),
        memory_peak_bytes: memory_peak_bytes(),
        checkpoints: None,
    }
}

fn source_reports(job: &Job, outcomes: &[CoreOutcome]) -> Vec<SourceReport> {
    let Some(sources) = outcomes.iter().find_map(|outcome| outcome.sources.as_ref()) else {
        return Vec::new();
    };
    sources
        .iter()
        .zip(&job.sources)
        .map(|((report, file), plan)| SourceReport {
            name: plan.name.clone(),
            records: report.records,
            bytes: report.bytes,
            event_time: report.event_time_min.zip(report.event_time_max),
            position: (report.bytes > 0).then(|| Position {
                file: file.clone(),
                byte_offset: report.offset,
                record_number: report.records,
            }),
        })
        .collect()
}

fn statement_report(
    job: &Job,
    index: usize,
    ledgers: &[&(Vec<LedgerCounts>, Vec<OpenWindows>)],
    emitted: u64,
    samples: &[ErrorSample],
) -> StatementReport {
    let mut counts = LedgerCounts::default();
    // Every worker that holds groups of a window tells it.
    let mut open_windows = OpenWindows::new();
    for (of_worker, open) in ledgers {
        counts.add(&of_worker[index]);
        open_windows.extend(&open[index]);
    }
    counts.settle();
    StatementReport {
        name: job.statements[index].name.clone(),
        source: job.sources[source_of(job, index as u16)].name.clone(),
        ledger: LedgerReport {
            read: counts.read,
            used: counts.used,
            filtered: counts.filtered,
            late: counts.late,
            rejected: counts.rejected,
        },
        emitted,
        out_of_order: counts.out_of_order,
        corrected: counts.corrected,
        late_assignments: counts.late_assignments,
        group_errors: counts.group_errors,
        open_windows: open_windows.len() as u64,
        samples: samples
            .iter()
            .filter(|sample| usize::from(sample.statement) == index)
            .filter_map(|sample| reported(job, sample))
            .collect(),
    }
}

fn reported(job: &Job, sample: &ErrorSample) -> Option<ReportedSample> {
    let source = source_of(job, sample.statement);
    Some(ReportedSample {
        reason: sample.reason?,
        column: column_name(job, sample),
        position: Some(Position {
            file: job.sources[source].connector.file_name(sample.file),
            byte_offset: sample.offset,
            record_number: sample.seq + 1,
        }),
        text: sample.text.clone(),
    })
}

fn source_of(job: &Job, statement: u16) -> usize {
    let route = job.statements[usize::from(statement)].route;
    usize::from(job.routes[usize::from(route.0)].source.0)
}

fn column_name(job: &Job, sample: &ErrorSample) -> Option<String> {
    let source = source_of(job, sample.statement);
    let field = job.sources[source]
        .schema
        .fields
        .get(usize::from(sample.column?))?;
    Some(field.name.clone())
}

fn core_report(outcome: &CoreOutcome) -> CoreReport {
    CoreReport {
        cpu: outcome.cpu,
        roles: outcome.roles.clone(),
        busy: outcome.busy_ns as f64 / outcome.total_ns.max(1) as f64,
    }
}

fn latency_report(histogram: &Histogram<u64>) -> Option<LatencyReport> {
    (!histogram.is_empty()).then(|| LatencyReport {
        p50_ns: histogram.value_at_quantile(0.5),
        p99_ns: histogram.value_at_quantile(0.99),
        p999_ns: histogram.value_at_quantile(0.999),
        p9999_ns: histogram.value_at_quantile(0.9999),
        max_ns: histogram.max(),
    })
}

/// VmHWM of this process.
fn memory_peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}
