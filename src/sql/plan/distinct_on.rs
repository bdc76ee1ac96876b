//! DISTINCT ON: the first row of each key by the query's ORDER BY, as `QUALIFY ROW_NUMBER() OVER (PARTITION BY ..
//! ORDER BY ..) = 1` gives it; without one, the row that came first.

use super::select::{BoundOrder, Item, no_position, position, sort_key};
use super::{bind_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::plan::{CompareOp, Expr, OverCall, OverFrame, OverFunction, SortKey};
use crate::sql::ast::Select;
use crate::sql::bind::{Binder, OVER_BASE, OverDraft, WINDOW_BASE, place};
use crate::types::DataType;

/// The condition that the first row of each key meets; its call is added to those of `binder`.
///
/// # Errors
/// When it goes by OVER calls or by what has no order, or stands beside QUALIFY.
pub(super) fn distinct_on(
    binder: &mut Binder<'_>,
    select: &Select,
    items: &[Item],
    orders: &[BoundOrder],
) -> Result<Expr, SqlError> {
    let span = place(&select.distinct_on[0]);
    if let Some(qualify) = &select.qualify {
        return Err(unbuilt(place(qualify), "QUALIFY beside DISTINCT ON")
            .with_hint("put one of them into a subquery"));
    }
    let mut keys = Vec::with_capacity(select.distinct_on.len());
    for expr in &select.distinct_on {
        let key = match position(expr) {
            Some(number) => {
                let item = items.get(number.wrapping_sub(1));
                let missing = || no_position(number, items.len(), "DISTINCT ON", place(expr));
                item.ok_or_else(missing)?.expr.clone()
            }
            None => binder.bind_distinct_on(expr)?,
        };
        check(&key, place(expr))?;
        keys.push(key);
    }
    let mut order: Vec<SortKey> = Vec::with_capacity(orders.len());
    for BoundOrder { expr, item } in orders {
        check(expr, item.span)?;
        if expr.ty().is_nested() {
            return Err(bind_error(item.span, format!("{} has no order", expr.ty())));
        }
        order.push(sort_key(item, expr.clone()));
    }
    let call = OverCall {
        function: OverFunction::RowNumber,
        frame: OverFrame::RUNNING,
        args: Vec::new(),
        ty: DataType::BigInt,
    };
    let number = Expr::Column {
        index: OVER_BASE + binder.overs.len(),
        ty: call.ty,
    };
    binder.overs.push(OverDraft {
        keys,
        // The row that came first needs no other.
        whole: !order.is_empty(),
        order,
        call,
        span,
    });
    Ok(Expr::Compare {
        op: CompareOp::Equal,
        left: Box::new(number),
        right: Box::new(Expr::number(1)),
    })
}

/// Refuses what is known only behind the OVER calls.
fn check(expr: &Expr, span: Span) -> Result<(), SqlError> {
    let mut columns = Vec::new();
    expr.columns(&mut columns);
    if columns
        .iter()
        .any(|at| (OVER_BASE..WINDOW_BASE).contains(at))
    {
        return Err(unbuilt(span, "DISTINCT ON by the result of an OVER call")
            .with_hint("compute it in a subquery: SELECT DISTINCT ON (..) .. FROM (SELECT ..)"));
    }
    Ok(())
}
