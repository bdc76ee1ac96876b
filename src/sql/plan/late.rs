//! LATE DATA INTO: late rows as a statement of their own, beside the one that they are late for.
//!
//! Both begin with the same operators over the same route. Where the one drops late rows the other collects them, so
//! that neither waits for the other and each counts its records by itself.

use super::flow::Flow;
use super::sink::Target;
use super::source::physical_columns;
use super::statement::{Written, project};
use super::{Planner, bind_error};
use crate::error::{Span, SqlError};
use crate::plan::{Expr, LateColumnsPlan, LatePlan, LatePolicy, OperatorPlan, WindowPlan};
use crate::sql::ast::{CreateTable, LateData};
use crate::sql::bind::Column;
use crate::sql::names;
use crate::types::Field;
use std::rc::Rc;

/// Where late rows are asked to go.
#[derive(Clone)]
pub struct LateTarget {
    /// The table.
    pub table: Rc<CreateTable>,
    /// Where it is named.
    pub span: Span,
}

/// Late rows on their way to a table.
#[derive(Clone)]
pub struct LateRows {
    /// They, with the columns that say how late they are.
    pub flow: Flow,
    /// Where they go.
    pub target: LateTarget,
}

/// Takes the late rows of `flow`, which `late` is about to drop in front of the last stage's operator `at`, as
/// [`collect_by`].
pub fn collect(flow: &mut Flow, late: &LatePlan, at: usize, window: Option<&WindowPlan>) {
    let gate = OperatorPlan::Late(LatePlan {
        policy: LatePolicy::Collect,
        ..late.clone()
    });
    collect_by(flow, gate, at, &late.time, window);
}

/// Takes the late rows of `flow`, which `gate` lets through in front of the last stage's operator `at`, for the table that
/// is asked for them, if one is. They are late by `time`; `window` is what `window_start` is of.
pub fn collect_by(
    flow: &mut Flow,
    gate: OperatorPlan,
    at: usize,
    time: &Expr,
    window: Option<&WindowPlan>,
) {
    let Some(target) = flow.late_into.take() else {
        return;
    };
    let mut rows = Flow {
        late_rows: Vec::new(),
        ..flow.clone()
    };
    rows.insert(at, gate);
    rows.push(OperatorPlan::LateColumns(LateColumnsPlan {
        time: time.clone(),
        window: window.cloned(),
    }));
    for (name, ty) in LateColumnsPlan::COLUMNS {
        rows.columns
            .retain(|column| !column.name.eq_ignore_ascii_case(name));
        let nullable = name == "window_start" && window.is_none();
        rows.columns.push(Column {
            name: name.into(),
            expr: Expr::Column {
                index: rows.physical.fields.len(),
                ty,
            },
            nullable,
            hidden: false,
        });
        rows.physical.fields.push(Field {
            name: name.into(),
            ty,
            nullable,
        });
    }
    flow.late_rows.push(LateRows { flow: rows, target });
}

impl Planner<'_> {
    /// The table that a LATE DATA clause names.
    pub(super) fn late_target(
        &self,
        late: Option<&LateData>,
    ) -> Result<Option<LateTarget>, SqlError> {
        let Some(name) = late.and_then(|late| late.into.as_ref()) else {
            return Ok(None);
        };
        Ok(Some(LateTarget {
            table: self.writable(name)?,
            span: name.span,
        }))
    }

    /// Plans the statement of late rows.
    pub(super) fn write_late(&mut self, rows: LateRows) -> Result<(), SqlError> {
        let LateRows { mut flow, target } = rows;
        flow.columns = columns_of(&target, &flow)?;
        let table = Target::Table {
            table: &target.table,
            columns: &[],
        };
        let outcome = self.result(&flow, table, target.span)?;
        project(&mut flow, outcome.exprs, &outcome.schema);
        let written = Written {
            name: target.table.name.text.clone(),
            output: outcome.schema,
            sink: outcome.sink,
            limit: None,
            span: target.span,
        };
        self.add_flow(flow, &written)
    }
}

/// The columns that the table takes: those of its own names, all where it declares none.
fn columns_of(target: &LateTarget, flow: &Flow) -> Result<Vec<Column>, SqlError> {
    let declared = physical_columns(&target.table);
    let known = flow.columns.iter();
    if declared.is_empty() {
        return Ok(known.filter(|column| !column.hidden).cloned().collect());
    }
    let known: Vec<&str> = known.map(|column| &column.name[..]).collect();
    let mut columns = Vec::with_capacity(declared.len());
    for column in declared {
        let found = names::find(&column.name, known.iter().copied());
        let Some(&at) = found.first() else {
            let message = format!(
                "column {} of {} is neither a column of the late rows nor late_by, window_start or watermark",
                column.name.text, target.table.name.text
            );
            let error = bind_error(target.span, message);
            return Err(match names::hint(&column.name.text, &known) {
                Some(hint) => error.with_hint(hint),
                None => error,
            });
        };
        columns.push(Column {
            name: column.name.text.clone(),
            ..flow.columns[at].clone()
        });
    }
    Ok(columns)
}

/// Refuses a table for late rows that nothing has filled.
pub fn check_collected(flow: &Flow) -> Result<(), SqlError> {
    let Some(target) = &flow.late_into else {
        return Ok(());
    };
    Err(bind_error(
        target.span,
        "rows of a window are never late for the next: LATE DATA INTO would stay empty",
    )
    .with_hint("write it in the subquery, where records come late"))
}
