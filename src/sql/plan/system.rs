//! System columns: what is known of a record beside its bytes, as hidden columns of a table.

use super::prune::used;
use super::source::SourceTable;
use crate::plan::{Expr, SourcePlan, StagePlan, SystemColumn};
use crate::sql::bind::Column;
use crate::types::{DataType, Value};

/// Adds the system columns that the text names to a table, and those that cost nothing. A column of the table's own
/// keeps its name.
pub fn add_columns(table: &mut SourceTable, mentioned: &[SystemColumn]) {
    let names: Vec<String> = table.columns.iter().map(|it| it.name.clone()).collect();
    let is_free = |name: &str| !names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let width = table.plan.schema.fields.len();
    let has_time = table.plan.event_time.is_some();
    let is_there = |column: SystemColumn| {
        is_free(column.name()) && (has_time || column != SystemColumn::Watermark)
    };
    let mentioned = mentioned.iter().copied();
    table.plan.system = mentioned.filter(|&column| is_there(column)).collect();
    let mut add = |name: &str, expr, nullable| {
        if is_free(name) {
            table.columns.push(Column {
                name: name.to_owned(),
                expr,
                nullable,
                hidden: true,
            });
        }
    };
    for (at, column) in table.plan.system.iter().enumerate() {
        let expr = Expr::Column {
            index: width + at,
            ty: column.ty(),
        };
        add(column.name(), expr, column.nullable());
    }
    let null = |ty| Expr::Literal {
        value: Value::Null,
        ty,
    };
    let time = table.plan.event_time.as_ref().map(|time| time.expr.clone());
    let time = time.unwrap_or_else(|| null(DataType::Timestamp));
    add("_event_time", time, true);
    if !has_time {
        add(
            SystemColumn::Watermark.name(),
            null(DataType::Timestamp),
            true,
        );
    }
    // What no connector of this version tells.
    add("_key", null(DataType::Varchar), true);
    add("_topic", null(DataType::Varchar), true);
}

/// The system columns of `source` that stages over its records read.
pub fn columns_read(source: &SourcePlan, stages: &[StagePlan]) -> Vec<SystemColumn> {
    let width = source.schema.fields.len();
    let used = used(stages);
    let is_used = |at: usize| {
        let is_it = |it: &Expr| matches!(it, Expr::Column { index, .. } if *index == width + at);
        used.as_ref()
            .is_none_or(|columns| columns.iter().any(is_it))
    };
    let columns = source.system.iter().enumerate();
    let read = columns.filter(|(at, _)| is_used(*at));
    read.map(|(_, &column)| column).collect()
}

impl SourceTable {
    /// The arrival stamp as a column of the table, if the text reads it.
    pub fn arrival(&self) -> Option<Expr> {
        let mut system = self.plan.system.iter();
        let at = system.position(|&column| column == SystemColumn::Timestamp)?;
        Some(Expr::Column {
            index: self.plan.schema.fields.len() + at,
            ty: SystemColumn::Timestamp.ty(),
        })
    }
}
