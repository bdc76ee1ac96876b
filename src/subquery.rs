//! Subqueries before the job they stand in: each is run to its end, then its result takes its place.
//!
//! A driver says how a job is run; what comes back are rows of values. A value becomes a constant, IN a list, and
//! the sets of EXISTS and of what is correlated are kept once for all workers. Roles are made of a job without any
//! subquery left, so nothing of this is on the data path.

use crate::error::JobError;
use crate::expr::has_repeats;
use crate::limits::SUBQUERY_ROWS_MAX;
use crate::plan::{Expr, Job, MemberPart, MemberRows, SubqueryResult};
use crate::sql::rewrite_job;
use crate::types::{DataType, Value};
use std::sync::Arc;

/// The rows of a subquery.
pub type SubqueryRows = Vec<Vec<Value>>;

/// Runs the subqueries of `job` through `run`, inner ones first, and gives the job with their results.
///
/// # Errors
/// Those of `run`; `JobError::Limit` when a value is asked of several rows, or a set has too many.
pub fn resolve(
    mut job: Job,
    run: &mut dyn FnMut(Job) -> Result<SubqueryRows, JobError>,
) -> Result<Job, JobError> {
    let subqueries = std::mem::take(&mut job.subqueries);
    if subqueries.is_empty() {
        return Ok(job);
    }
    let mut results = Vec::with_capacity(subqueries.len());
    for (index, subquery) in subqueries.into_iter().enumerate() {
        let fields = &subquery.job.sinks[0].schema.fields;
        let types: Vec<DataType> = fields.iter().map(|field| field.ty).collect();
        let inner = resolve(subquery.job, run)?;
        let rows = run(inner)?;
        check(&rows, &types, subquery.result, index + 1)?;
        results.push(rows);
    }
    rewrite_job(&mut job, &|node| replaced(node, &results));
    Ok(job)
}

fn check(
    rows: &SubqueryRows,
    types: &[DataType],
    result: SubqueryResult,
    number: usize,
) -> Result<(), JobError> {
    let refuse = |message: String| Err(JobError::Limit(message));
    match result {
        SubqueryResult::Value if rows.len() > 1 => refuse(format!(
            "subquery {number} stands for one value and gives more than one row; EXPLAIN shows it; add LIMIT 1 or \
             an aggregate"
        )),
        SubqueryResult::Set | SubqueryResult::Values if rows.len() > SUBQUERY_ROWS_MAX => {
            refuse(format!(
                "subquery {number} gives more than {SUBQUERY_ROWS_MAX} rows to look among; EXPLAIN shows it; add a \
                 condition or DISTINCT"
            ))
        }
        SubqueryResult::Values if repeats_a_key(types, rows) => refuse(format!(
            "subquery {number} stands for one value and gives more than one row for the same row of the query around \
             it; EXPLAIN shows it; add an aggregate"
        )),
        _ => Ok(()),
    }
}

/// Whether two rows have the same in all columns but the last.
fn repeats_a_key(types: &[DataType], rows: &SubqueryRows) -> bool {
    let keys = types.len() - 1;
    has_repeats(&types[..keys], rows.iter().map(|row| &row[..keys]))
}

/// What a node that names a subquery has become; `None` for all others.
fn replaced(node: &Expr, results: &[SubqueryRows]) -> Option<Expr> {
    let rows = |index: &u16| &results[usize::from(*index)];
    match node {
        Expr::Subquery { index, ty } => Some(Expr::Literal {
            value: rows(index)
                .first()
                .map_or(Value::Null, |row| row[0].clone()),
            ty: *ty,
        }),
        Expr::InSubquery {
            input,
            index,
            negated,
        } => Some(in_rows(input, rows(index), *negated)),
        Expr::Member {
            inputs,
            rows: MemberRows::Of { index, part },
        } => {
            let known = part_of(rows(index), *part);
            Some(match inputs.is_empty() {
                true => truth(!known.is_empty()),
                false => Expr::Member {
                    inputs: inputs.clone(),
                    rows: MemberRows::Known(Arc::new(known)),
                },
            })
        }
        Expr::InRows {
            inputs,
            keys,
            rows: MemberRows::Of { index, .. },
            negated,
        } => Some(Expr::InRows {
            inputs: inputs.clone(),
            keys: *keys,
            rows: MemberRows::Known(Arc::new(rows(index).clone())),
            negated: *negated,
        }),
        Expr::Lookup {
            inputs,
            rows: MemberRows::Of { index, .. },
            ty,
        } => Some(Expr::Lookup {
            inputs: inputs.clone(),
            rows: MemberRows::Known(Arc::new(rows(index).clone())),
            ty: *ty,
        }),
        _ => None,
    }
}

/// Nothing is in an empty set, not even NULL.
fn in_rows(input: &Expr, rows: &SubqueryRows, negated: bool) -> Expr {
    if rows.is_empty() {
        return truth(negated);
    }
    Expr::InList {
        input: Box::new(input.clone()),
        list: rows.iter().map(|row| row[0].clone()).collect(),
        negated,
    }
}

fn part_of(rows: &SubqueryRows, part: MemberPart) -> SubqueryRows {
    let keys = |row: &Vec<Value>| row[..row.len() - 1].to_vec();
    match part {
        MemberPart::Whole => rows.clone(),
        MemberPart::Keys => rows.iter().map(keys).collect(),
        MemberPart::KeysOfNull => rows
            .iter()
            .filter(|row| row.last() == Some(&Value::Null))
            .map(keys)
            .collect(),
    }
}

fn truth(value: bool) -> Expr {
    Expr::Literal {
        value: Value::Bool(value),
        ty: DataType::Boolean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_several_rows_is_refused_where_their_keys_are_the_same() {
        let types = [DataType::BigInt, DataType::Varchar];
        let row = |key, value: &str| vec![key, Value::Text(value.into())];
        let values = |rows| check(&rows, &types, SubqueryResult::Values, 1);
        let mut rows = vec![
            row(Value::I64(1), "a"),
            row(Value::I64(2), "a"),
            row(Value::Null, "a"),
            row(Value::Null, "b"),
        ];
        assert!(values(rows.clone()).is_ok(), "NULL is like no key");
        rows.push(row(Value::I64(2), "c"));
        let error = values(rows.clone()).expect_err("two rows of key 2");
        assert!(error.to_string().contains("more than one row for the same"));
        assert!(check(&rows, &types, SubqueryResult::Set, 1).is_ok());
        assert!(check(&rows, &types, SubqueryResult::Value, 1).is_err());
    }
}
