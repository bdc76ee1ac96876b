//! System columns: what is known of a record beside its bytes, as hidden columns of a table.

use super::source::SourceTable;
use crate::plan::{Expr, SystemColumn};
use crate::sql::bind::Column;
use crate::types::{DataType, Value};

/// Adds the system columns that the text names to a table, and those that cost nothing. A column of the table's own
/// keeps its name.
pub fn add_columns(table: &mut SourceTable, mentioned: &[SystemColumn]) {
    let names: Vec<String> = table.columns.iter().map(|it| it.name.clone()).collect();
    let is_free = |name: &str| !names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let width = table.plan.schema.fields.len();
    let used = mentioned.iter().filter(|column| is_free(column.name()));
    table.plan.system = used.copied().collect();
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
        add(column.name(), expr, false);
    }
    let null = |ty| Expr::Literal {
        value: Value::Null,
        ty,
    };
    let time = table.plan.event_time.as_ref().map(|time| time.expr.clone());
    let time = time.unwrap_or_else(|| null(DataType::Timestamp));
    add("_event_time", time, true);
    // What no connector of this version tells.
    add("_key", null(DataType::Varchar), true);
    add("_topic", null(DataType::Varchar), true);
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
