//! Calls without a function: what they mean is known of a record beside its bytes.

use super::expr::{Binder, Bound, error};
use super::place::place;
use super::types::{cast_to, is_null};
use crate::error::Span;
use crate::plan::{Expr, SystemColumn};
use sqlparser::ast::Expr as SqlExpr;

/// The name of the call that can do without parentheses, and without a grammar of its own.
pub(super) const WATERMARK_CALL: &str = "CURRENT_WATERMARK";

/// The column that a table's event time is, whatever it is called.
const EVENT_TIME: &str = "_event_time";

/// The words that read a system column beside its name.
pub const fn calls_of(column: SystemColumn) -> &'static [&'static str] {
    match column {
        SystemColumn::Timestamp => &[
            "NOW",
            "CURRENT_TIMESTAMP",
            "LOCALTIMESTAMP",
            "PROCTIME",
            "CURRENT_DATE",
            "CURRENT_TIME",
            "LOCALTIME",
        ],
        SystemColumn::Watermark => &[WATERMARK_CALL],
        SystemColumn::Partition | SystemColumn::Offset | SystemColumn::Worker => &[],
    }
}

impl Binder<'_> {
    /// The arrival stamp of a record, which is all that a call of the clock can mean.
    pub(super) fn arrival(&self, call: &SqlExpr, span: Span) -> Bound {
        self.hidden(SystemColumn::Timestamp.name()).ok_or_else(|| {
            error(
                span,
                format!("{call} is when a record arrived: only a query that reads a table itself knows it"),
            )
            .with_hint("select it in the subquery under another name")
        })
    }

    /// CURRENT_WATERMARK, with the time column or without.
    pub(super) fn watermark(&mut self, column: Option<&SqlExpr>, span: Span) -> Bound {
        let known = self.hidden(SystemColumn::Watermark.name());
        let (Some(watermark), Some(time)) = (known, self.hidden(EVENT_TIME)) else {
            let message = format!(
                "{WATERMARK_CALL} is of a record: only a query that reads a table itself knows it"
            );
            return Err(
                error(span, message).with_hint("select it in the subquery under another name")
            );
        };
        if is_null(&watermark) {
            let message =
                format!("{WATERMARK_CALL} is of event time, and the table has no watermark");
            return Err(error(span, message)
                .with_hint("declare it: WATERMARK FOR ts AS ts - INTERVAL '1' SECOND"));
        }
        if let Some(column) = column
            && self.bind(column)? != time
        {
            let message =
                format!("{WATERMARK_CALL} takes the column that the table's WATERMARK is for");
            return Err(
                error(place(column), message).with_hint("without an argument it means that column")
            );
        }
        cast_to(watermark, time.ty(), false).map_err(|message| error(span, message))
    }

    fn hidden(&self, name: &str) -> Option<Expr> {
        let mut columns = self.scope.columns.iter();
        let found = columns.find(|column| column.hidden && column.name == name);
        found.map(|column| column.expr.clone())
    }
}
