//! The report for programs: one JSON object, every counter in it, zero or not.

use super::{CheckpointReport, ErrorSample, Position, RunReport, SourceReport, StatementReport};
use crate::error::Reason;
use serde_json::{Map, Value, json};

impl RunReport {
    /// The report as one line of JSON without a newline.
    pub fn json(&self) -> String {
        self.value().to_string()
    }

    fn value(&self) -> Value {
        let latency = self.latency.map(|it| {
            json!({
                "p50": it.p50_ns,
                "p99": it.p99_ns,
                "p99_9": it.p999_ns,
                "p99_99": it.p9999_ns,
                "max": it.max_ns,
            })
        });
        let cores: Vec<Value> = self
            .cores
            .iter()
            .map(|it| json!({ "cpu": it.cpu, "roles": it.roles, "busy": it.busy }))
            .collect();
        json!({
            "complete": self.is_complete(),
            "end": self.end.name(),
            "elapsed_ns": self.elapsed_ns,
            "records": self.records(),
            "records_per_second": self.records_per_second(),
            "subqueries": self.subqueries.iter().map(Self::value).collect::<Vec<_>>(),
            "sources": self.sources.iter().map(source).collect::<Vec<_>>(),
            "statements": self.statements.iter().map(statement).collect::<Vec<_>>(),
            "cores": cores,
            "latency_ns": latency,
            "memory_peak_bytes": self.memory_peak_bytes,
            "checkpoints": self.checkpoints.as_ref().map(checkpoints),
        })
    }
}

fn checkpoints(report: &CheckpointReport) -> Value {
    json!({
        "resumed_from": report.resumed_from,
        "resumed_records": report.resumed_records,
        "taken": report.taken,
        "failed": report.failed,
        "last": report.last,
        "last_bytes": report.last_bytes,
        "last_ns": report.last_ns,
    })
}

fn source(source: &SourceReport) -> Value {
    json!({
        "name": source.name,
        "records": source.records,
        "bytes": source.bytes,
        "event_time_min_ns": source.event_time.map(|range| range.0),
        "event_time_max_ns": source.event_time.map(|range| range.1),
        "position": source.position.as_ref().map(position),
    })
}

fn statement(statement: &StatementReport) -> Value {
    let ledger = &statement.ledger;
    let rejected: Map<String, Value> = Reason::ALL
        .into_iter()
        .map(|reason| {
            (
                reason.name().to_owned(),
                ledger.rejected[reason as usize].into(),
            )
        })
        .collect();
    json!({
        "name": statement.name,
        "source": statement.source,
        "read": ledger.read,
        "used": ledger.used,
        "filtered": ledger.filtered,
        "late": ledger.late,
        "rejected": ledger.rejected_total(),
        "rejected_by_reason": rejected,
        "emitted": statement.emitted,
        "out_of_order": statement.out_of_order,
        "corrected": statement.corrected,
        "late_assignments": statement.late_assignments,
        "group_errors": statement.group_errors,
        "open_windows": statement.open_windows,
        "error_samples": statement.samples.iter().map(sample).collect::<Vec<_>>(),
    })
}

fn sample(sample: &ErrorSample) -> Value {
    json!({
        "reason": sample.reason.name(),
        "column": sample.column,
        "position": sample.position.as_ref().map(position),
        "text": sample.text,
    })
}

fn position(position: &Position) -> Value {
    json!({
        "file": position.file,
        "byte_offset": position.byte_offset,
        "record_number": position.record_number,
    })
}
