//! Subqueries in expressions: jobs of their own, run to the end before the job that they stand in starts.
//!
//! `crate::subquery` puts their results in the place of the expressions that name them, so that operators see
//! constants and sets only.

use super::Job;
use crate::types::Value;
use std::sync::Arc;

/// A subquery of a job, which expressions name by its index in [`Job::subqueries`].
#[derive(Clone, Debug)]
pub struct SubqueryPlan {
    /// Its own job, whose only sink keeps rows in memory.
    pub job: Job,
    /// What is made of its rows.
    pub result: SubqueryResult,
}

/// What is made of a subquery's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubqueryResult {
    /// The value of its one row; NULL when there is none, more are an error.
    Value,
    /// Whether there is a row.
    Existence,
    /// The set of its rows, at most `limits::SUBQUERY_ROWS_MAX`.
    Set,
    /// As a set, of which no two rows have the same in all columns but the last.
    Values,
}

/// The rows that [`super::Expr::Member`] and its kin look among.
#[derive(Clone, Debug, PartialEq)]
pub enum MemberRows {
    /// Those of a subquery that has not run yet.
    Of {
        /// Index in [`Job::subqueries`].
        index: u16,
        /// What of its rows.
        part: MemberPart,
    },
    /// Those of one that has.
    Known(Arc<Vec<Vec<Value>>>),
}

/// What of a subquery's rows is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberPart {
    /// All of them.
    Whole,
    /// All but their last column.
    Keys,
    /// All but their last column, of the rows where that is NULL.
    KeysOfNull,
}
