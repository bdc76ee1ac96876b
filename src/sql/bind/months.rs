//! `ts + INTERVAL '1' MONTH`: calendar months, by the session's clock.

use super::call::call;
use super::expr::{Binder, Bound, error};
use super::place::place;
use super::types;
use crate::error::{Span, SqlError};
use crate::plan::{Expr, ScalarFunction, TimeFunction};
use crate::sql::months::months_of;
use crate::types::{DataType, Value};
use sqlparser::ast::{BinaryOperator, Expr as SqlExpr};

impl Binder<'_> {
    /// A time moved by months, if that is what the operation is: the same day and clock, or the last day of a month
    /// that is too short. `None` for every other operation.
    pub(super) fn months_moved(
        &mut self,
        left: &SqlExpr,
        op: &BinaryOperator,
        right: &SqlExpr,
    ) -> Option<Bound> {
        let months = |operand: &SqlExpr| match operand {
            SqlExpr::Interval(interval) => months_of(interval),
            _ => None,
        };
        let (time, interval, count) = match (op, months(left), months(right)) {
            (BinaryOperator::Plus, _, Some(count)) => (left, right, count),
            (BinaryOperator::Minus, _, Some(count)) => (left, right, count.checked_neg()?),
            (BinaryOperator::Plus, Some(count), None) => (right, left, count),
            _ => return None,
        };
        Some(self.moved_by(time, count, place(interval)))
    }

    fn moved_by(&mut self, time: &SqlExpr, count: i64, span: Span) -> Bound {
        let bound = self.bind(time)?;
        let ty = bound.ty();
        if !ty.is_instant() && ty != DataType::Date && !types::is_null(&bound) {
            return Err(not_a_time(ty, span));
        }
        let literal = |value, ty| Expr::Literal { value, ty };
        let unit = literal(Value::Text("month".into()), DataType::Varchar);
        let count = literal(Value::I64(count), DataType::BigInt);
        let function = ScalarFunction::Time(TimeFunction::Add);
        // The days of a DATE are those of every clock.
        let moved = |time| call(function, vec![unit, count, time], None, span);
        if ty == DataType::Date {
            return moved(bound);
        }
        let moved = self.instant(moved(self.local(bound, span)?)?, span)?;
        match ty {
            DataType::TimestampLtz(_) => {
                types::cast_to(moved, ty, false).map_err(|message| error(span, message))
            }
            _ => Ok(moved),
        }
    }
}

fn not_a_time(ty: DataType, span: Span) -> SqlError {
    error(
        span,
        format!("months are added to a TIMESTAMP or DATE, not to {ty}"),
    )
}
