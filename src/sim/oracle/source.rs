//! Records of all sources in the job's merged sequence, each with W(i).
//!
//! W of a source is the greatest event time of its records so far, less the delay; nothing before the first,
//! +infinity after the last. The job's is the least of them. A record moves it when its event time can be
//! read, whatever becomes of the record later, unless its frame is spoilt.

use super::eval::eval_row;
use super::{binary, csv, json};
use crate::error::Reason;
use crate::plan::{Expr, FormatPlan, Job, RoutePlan, SourcePlan, Strategy, SystemColumn};
use crate::time::{WATERMARK_END, WATERMARK_NONE};
use crate::types::{Schema, Value};

/// A record as its format reads it.
#[derive(Clone, Debug)]
pub struct Record {
    /// What is wrong with the record as a whole.
    pub fault: Option<Reason>,
    /// Whether it has too few or too many fields.
    pub wrong_count: bool,
    /// Each schema column's value, or why it has none.
    pub values: Vec<Result<Value, Reason>>,
    /// Bytes of its file before it.
    pub offset: usize,
}

impl Record {
    /// A record that cannot be read.
    pub fn spoilt(reason: Reason, schema: &Schema, offset: usize) -> Self {
        Self {
            fault: Some(reason),
            wrong_count: false,
            values: schema.fields.iter().map(|_| Err(reason)).collect(),
            offset,
        }
    }
}

/// A record in the merged sequence; its number is its place.
#[derive(Clone, Debug)]
pub struct Sequenced {
    /// Index of its source.
    pub source: usize,
    /// W(i).
    pub watermark: i64,
    /// Its event time, if the source has one.
    pub time: Option<Result<i64, Reason>>,
    /// The record.
    pub record: Record,
}

/// The merged sequence of `job` over `inputs[source][file]`.
pub fn sequence(job: &Job, inputs: &[Vec<Vec<u8>>]) -> Vec<Sequenced> {
    let mut queues: Vec<std::collections::VecDeque<Record>> = Vec::new();
    for (plan, files) in job.sources.iter().zip(inputs) {
        let numbered = files.iter().enumerate();
        queues.push(
            numbered
                .flat_map(|(number, file)| with_system(plan, number, read(plan, file)))
                .collect(),
        );
    }
    let mut greatest: Vec<Option<i64>> = vec![None; queues.len()];
    let mut watermark = WATERMARK_NONE;
    let mut sequence = Vec::new();
    loop {
        let ended: Vec<bool> = queues.iter().map(|queue| queue.is_empty()).collect();
        watermark = watermark.max(job_watermark(job, &greatest, &ended));
        // Of the records in front, the one with the least event time; one without a time comes at once.
        let heads = queues.iter().enumerate();
        let heads = heads.filter_map(|(source, queue)| Some((source, queue.front()?)));
        let next = heads.min_by_key(|(source, record)| {
            let time = event_time(&job.sources[*source], record);
            (time.and_then(Result::ok).unwrap_or(i64::MIN), *source)
        });
        let Some(source) = next.map(|(source, _)| source) else {
            return sequence;
        };
        let mut record = queues[source].pop_front().expect("it has a head");
        show_watermark(&job.sources[source], watermark, &mut record);
        let time = event_time(&job.sources[source], &record);
        if let Some(Ok(time)) = time
            && !frame_is_spoilt(job, source, &record)
        {
            greatest[source] = greatest[source].max(Some(time));
        }
        sequence.push(Sequenced {
            source,
            watermark,
            time,
            record,
        });
    }
}

/// The records of file `number` with the system columns that the job uses. What another run gives other values is 0:
/// nobody may compare it.
fn with_system(plan: &SourcePlan, number: usize, mut records: Vec<Record>) -> Vec<Record> {
    for record in &mut records {
        for column in &plan.system {
            record.values.push(Ok(Value::I64(match column {
                SystemColumn::Partition => number as i64,
                SystemColumn::Offset => record.offset as i64,
                SystemColumn::Worker | SystemColumn::Timestamp => 0,
                // Known once the record has its place in the sequence.
                SystemColumn::Watermark => WATERMARK_NONE,
            })));
        }
    }
    records
}

/// Writes W before the record where the job reads it.
fn show_watermark(plan: &SourcePlan, watermark: i64, record: &mut Record) {
    let mut columns = plan.system.iter();
    if let Some(at) = columns.position(|&column| column == SystemColumn::Watermark) {
        record.values[plan.schema.fields.len() + at] = Ok(match watermark {
            WATERMARK_NONE => Value::Null,
            watermark => Value::I64(watermark),
        });
    }
}

fn read(plan: &SourcePlan, file: &[u8]) -> Vec<Record> {
    match &plan.format {
        FormatPlan::Csv(format) => csv::records(file, format, &plan.schema),
        FormatPlan::Json(format) => json::records(file, format, &plan.schema),
        FormatPlan::Binary(format) => binary::records(file, format, &plan.schema),
    }
}

fn job_watermark(job: &Job, greatest: &[Option<i64>], ended: &[bool]) -> i64 {
    let mut least = WATERMARK_END;
    for ((plan, &greatest), &ended) in job.sources.iter().zip(greatest).zip(ended) {
        let Some(time) = &plan.event_time else {
            continue;
        };
        let own = match greatest {
            _ if ended => WATERMARK_END,
            Some(greatest) if time.rises => job.watermark_grid.floor(
                greatest
                    .saturating_sub(time.delay_ns)
                    .max(WATERMARK_NONE + 1),
            ),
            _ => WATERMARK_NONE,
        };
        least = least.min(own);
    }
    // At +infinity there is no record left to judge; without event time there is no watermark at all.
    if least == WATERMARK_END {
        WATERMARK_NONE
    } else {
        least
    }
}

/// The event time of a record; `None` when its source has none.
fn event_time(plan: &SourcePlan, record: &Record) -> Option<Result<i64, Reason>> {
    let expr = &plan.event_time.as_ref()?.expr;
    if let Some(fault) = record.fault {
        return Some(Err(fault));
    }
    Some(match evaluate(expr, record) {
        Ok(Value::I64(time)) if time != i64::MIN && time != i64::MAX => Ok(time),
        Ok(Value::Null) => Err(Reason::EventTimeNull),
        _ => Err(Reason::EventTimeInvalid),
    })
}

/// Evaluates over columns that may be faulty; NULL in a NOT NULL column is no fault yet.
fn evaluate(expr: &Expr, record: &Record) -> Result<Value, Reason> {
    let mut columns = Vec::new();
    expr.columns(&mut columns);
    let mut row = Vec::new();
    for (column, value) in record.values.iter().enumerate() {
        row.push(match value {
            Ok(value) => value.clone(),
            Err(reason) if *reason != Reason::Null && columns.contains(&column) => {
                return Err(*reason);
            }
            Err(_) => Value::Null,
        });
    }
    eval_row(expr, &row)
}

/// Whether the record's key of `route` can be read.
pub fn key_is_valid(route: &RoutePlan, record: &Record) -> bool {
    let hashed = route.needs_hash || matches!(route.strategy, Strategy::Hash | Strategy::Smart);
    !hashed || route.key.iter().all(|expr| evaluate(expr, record).is_ok())
}

/// Whether nobody can use the record, not even for its time: a spoilt frame, or a wrong number of fields that
/// shows where the time or a key should be.
fn frame_is_spoilt(job: &Job, source: usize, record: &Record) -> bool {
    let mut routes = job.routes.iter();
    let keys_fault =
        routes.any(|route| usize::from(route.source.0) == source && !key_is_valid(route, record));
    record.fault.is_some() || (record.wrong_count && keys_fault)
}
