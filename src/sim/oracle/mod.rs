//! The oracle: a naive executor of a [`Job`], one record at a time, from raw bytes to rows.
//!
//! It is the specification that the engine is tested against, so it shares no code with it: of the engine it
//! knows the plan, types and order keys, nothing that decodes, evaluates or folds. Every value is a [`Value`],
//! every group keeps all its rows, every result is computed anew. Read it to learn what an answer must be.
//!
//! * `source`: records, their numbers, W(i). `csv`, `json`, `binary` and `field` read bytes.
//! * `statement`: which of the counted places a record ends in, and the operators one after the other.
//! * `ttl`: which rows of a key know of each other under `state.ttl`.
//! * `aggregate`, `over`, `ranked`, `sort`, `time_sort`: operators from a list of rows to a list of rows. `fold`: aggregates.
//! * `eval_row`: scalar expressions, with `number` and `big` for exact arithmetic.
//!
//! Left out: live input (idleness, future skew, processing time), strftime timestamps, and the counts of a
//! statement that stops early for its LIMIT. Jobs that need the first two are refused.

mod aggregate;
#[cfg(test)]
mod agreement;
#[cfg(test)]
mod agreement_casts;
#[cfg(test)]
mod agreement_functions;
mod around;
mod bars;
mod big;
mod binary;
mod bytes;
mod calendar;
mod cast;
mod coalesce;
mod csv;
mod digest;
mod early;
mod eval;
mod field;
mod fill;
mod fold;
mod function;
mod json;
mod json_function;
mod late_rows;
mod lead;
mod map;
mod math;
mod moments;
mod nested;
mod number;
mod ordered;
mod over;
mod over_shape;
mod pattern;
mod percentile;
mod ranked;
mod render;
mod session;
mod session_corrected;
mod sort;
mod source;
mod statement;
mod subquery;
#[cfg(test)]
mod tests;
mod time_sort;
mod times;
mod told;
mod ttl;
mod unnest;
mod window;
mod words;

pub use eval::eval_row;
pub use render::render;
pub use subquery::resolve;

use crate::batch::RowOp;
use crate::error::Reason;
use crate::plan::{FormatPlan, Job, TimestampFormat};
use crate::time::OrderKey;
use crate::types::Value;
use std::collections::BTreeMap;

/// A row between operators.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where it stands; [`OrderKey::watermark`] is the watermark in force for it.
    pub key: OrderKey,
    /// What happened to it.
    pub op: RowOp,
    /// Its event time, if it has one.
    pub time: Option<i64>,
    /// Its values.
    pub values: Vec<Value>,
}

/// Where a statement's records ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records of its source.
    pub read: u64,
    /// Those that reached a result or a state.
    pub used: u64,
    /// Those whose WHERE was not TRUE.
    pub filtered: u64,
    /// Those late for their window.
    pub late: u64,
    /// Those refused, by reason.
    pub rejected: BTreeMap<Reason, u64>,
    /// Used ones whose time was before their predecessor's in the partition.
    pub out_of_order: u64,
    /// Used late ones that corrected a closed window.
    pub corrected: u64,
    /// Windows that were closed for used ones, which others took in.
    pub late_assignments: u64,
    /// Results that could not be made, by reason.
    pub group_errors: BTreeMap<Reason, u64>,
    /// Whether rows are results by now: then a row that fails is a group error.
    results: bool,
    /// Whether they are elements of records, which are used.
    elements: bool,
}

impl Counts {
    /// A row failed.
    fn reject(&mut self, reason: Reason) {
        if self.results {
            self.group_error(reason);
        } else {
            *self.rejected.entry(reason).or_default() += 1;
        }
    }

    /// A row is late: the record with it, or one of its elements.
    fn late(&mut self) {
        match self.elements {
            true => self.late_assignments += 1,
            false => self.late += 1,
        }
    }

    /// A result could not be made.
    fn group_error(&mut self, reason: Reason) {
        *self.group_errors.entry(reason).or_default() += 1;
    }
}

/// What a statement must yield.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its rows in order.
    pub rows: Vec<(OrderKey, RowOp, Vec<Value>)>,
    /// Where its records ended.
    pub counts: Counts,
}

/// Executes `job` over `inputs[source][file]`; one answer for each statement.
///
/// # Errors
/// When the job needs what the oracle leaves out.
pub fn run(job: &Job, inputs: &[Vec<Vec<u8>>]) -> Result<Vec<Answer>, String> {
    assert_eq!(job.sources.len(), inputs.len(), "bytes for every source");
    for source in &job.sources {
        let timestamp = match &source.format {
            FormatPlan::Csv(format) => Some(&format.timestamp),
            FormatPlan::Json(format) => Some(&format.timestamp),
            FormatPlan::Binary(_) => None,
        };
        if !source.bounded || matches!(timestamp, Some(TimestampFormat::Strftime(_))) {
            return Err(format!(
                "the oracle reads bounded sources without strftime timestamps, not {}",
                source.name
            ));
        }
    }
    let sequence = source::sequence(job, inputs);
    let statements = job.statements.iter();
    statements
        .map(|plan| {
            let mut answer = statement::run(job, plan, &sequence)?;
            if plan.feeds.is_some() {
                // Another statement gives them.
                answer.rows.clear();
            }
            Ok(answer)
        })
        .collect()
}

/// Whether two keys are the same: NULL and NaN equal themselves, -0.0 equals 0.0.
fn same_values(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| match (a, b) {
            (Value::Null, Value::Null) => true,
            (Value::Null, _) | (_, Value::Null) => false,
            (a, b) => eval::order(a, b).is_eq(),
        })
}
