//! Statements to a job.
//!
//! A query becomes a flow: operators run so far, and the visible columns as expressions over the
//! last operator's output. A projection is not an operator until something needs it to be: expressions are
//! composed instead, so that filters meet in the first stage and keys reach the source's columns. Filters
//! are joined with AND in the order they were written, and an expression moves only behind filters, never
//! before one: what a filter guards stays guarded.

mod aggregate;
mod assigned;
mod bars;
mod clock;
mod describe;
mod distinct_on;
mod emission;
mod fill;
mod finish;
mod flow;
mod frame;
mod grouping;
mod late;
mod lead;
mod over;
mod placement;
mod prune;
mod query;
mod ranked;
mod route;
mod select;
mod set_operation;
mod settle;
mod sink;
mod sort;
mod source;
mod star;
mod statement;
mod subquery;
mod system;
mod ttl;
mod union;
mod unnest;
mod values;
mod window;

pub use statement::compile_script;

pub(in crate::sql) use over::call_name;
pub(in crate::sql) use prune::exprs as operator_exprs;
pub use prune::rewrite_job;
pub(in crate::sql) use route::strategy_name;
pub(in crate::sql) use system::columns_read;

use super::ast::Query;
use super::catalog::Catalog;
use super::options::SessionSettings;
use super::{CompileOptions, Environment};
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::plan::{SinkFormat, SubqueryPlan, SystemColumn};
use crate::types::Schema;
use finish::StatementDraft;
use sink::SinkDraft;
use source::SourceTable;
use std::rc::Rc;

/// Plans the statements of one text.
pub struct Planner<'a> {
    // Fixed at construction.
    environment: &'a dyn Environment,
    stdout_format: SinkFormat,
    // State.
    settings: SessionSettings,
    catalog: Catalog,
    drafts: Drafts,
    notes: Notes,
    output: Vec<String>,
    analyze: bool,
    /// System columns that the text names.
    mentioned: Vec<SystemColumn>,
    /// The subqueries in the text's expressions, by number.
    texts: Vec<Rc<Query>>,
}

/// The job so far.
#[derive(Clone, Default)]
struct Drafts {
    sources: Vec<SourceTable>,
    sinks: Vec<SinkDraft>,
    statements: Vec<StatementDraft>,
    subqueries: Vec<SubqueryPlan>,
}

impl Drafts {
    /// Another table is called `name` from now on: what reads or writes this one goes on with it.
    fn forget(&mut self, name: &str) {
        for source in &mut self.sources {
            source.unnamed |= source.plan.name == name;
        }
        for sink in &mut self.sinks {
            sink.table.take_if(|table| table == name);
        }
    }
}

/// What the user is told beside the job.
#[derive(Clone, Default)]
struct Notes {
    inferred: Vec<(String, Schema, String)>,
    warnings: Vec<(Span, String)>,
}

impl<'a> Planner<'a> {
    fn new(options: &CompileOptions, environment: &'a dyn Environment) -> Result<Self, SqlError> {
        let format = options.stdout_format.as_deref();
        let stdout_format = super::options::stdout_format(format).ok_or_else(|| {
            SqlError::new(
                SqlErrorKind::Plan,
                Span::default(),
                format!(
                    "output format '{}' is not known",
                    format.unwrap_or_default()
                ),
            )
            .with_hint("formats are table, csv and json")
        })?;
        Ok(Self {
            environment,
            stdout_format,
            settings: SessionSettings::new(options.settings.clone()),
            catalog: Catalog::default(),
            drafts: Drafts::default(),
            notes: Notes::default(),
            output: Vec::new(),
            analyze: false,
            mentioned: Vec::new(),
            texts: Vec::new(),
        })
    }
}

fn bind_error(span: Span, message: impl Into<String>) -> SqlError {
    SqlError::new(SqlErrorKind::Bind, span, message)
}

fn plan_error(span: Span, message: impl Into<String>) -> SqlError {
    SqlError::new(SqlErrorKind::Plan, span, message)
}

fn unbuilt(span: Span, what: impl std::fmt::Display) -> SqlError {
    SqlError::new(
        SqlErrorKind::Unsupported,
        span,
        format!("{what} is not built in this version"),
    )
}
