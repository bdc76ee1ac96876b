//! BARS: what a row adds to its bar, and the amount that ends one.

use super::flow::Flow;
use super::{bind_error, plan_error};
use crate::decimal::{fits, parse_i128};
use crate::error::SqlError;
use crate::plan::{BarBound, BarsPlan, Expr, OperatorPlan, WindowPlan};
use crate::sql::ast::Bars;
use crate::sql::bind::{Binder, Clause, place};
use crate::types::{DECIMAL_DIGITS_MAX, DataType, Physical};
use sqlparser::ast::{BinaryOperator, Expr as SqlExpr};

/// The bars that are asked for over a flow.
pub(super) fn plan(bars: &Bars, flow: &Flow) -> Result<WindowPlan, SqlError> {
    let measure = measure(bars, flow)?;
    let ty = measure.as_ref().map_or(DataType::BigInt, Expr::ty);
    let bound = bound(bars, measure.is_none(), ty)?;
    Ok(WindowPlan::Bars(BarsPlan {
        measure: measure.map(Box::new),
        bound,
        whole: false,
    }))
}

/// Lets only complete bars leave the operator that makes the rows of `flow`: something goes on top that goes by time.
///
/// A bar comes with the record that ends it, which is on time: W <= its time + the lateness allowed. The bar's own time
/// is a nanosecond before `window_end`, which is that record's. So it is behind W by the lateness and a nanosecond at
/// most, and whoever stays open for as long (`rows_come_behind`) has it in time. One that the input's end finds open has
/// no end yet: W has passed its last row by any length, and to hold back what is above until it ends would make the
/// busiest key wait for the quietest.
pub(super) fn let_whole_leave(flow: &mut Flow) {
    if !flow.state.bars {
        return;
    }
    for arm in flow.unions.iter_mut().flat_map(|point| &mut point.arms) {
        let_whole_leave(&mut arm.flow);
    }
    let operators = flow
        .stages
        .iter_mut()
        .flat_map(|stage| &mut stage.operators);
    let made = operators.rev().find_map(|operator| match operator {
        OperatorPlan::Aggregate(plan) => plan.window.as_mut(),
        _ => None,
    });
    if let Some(WindowPlan::Bars(bars)) = made {
        bars.whole = true;
    }
}

/// The product of what a row's amount is made of.
fn measure(bars: &Bars, flow: &Flow) -> Result<Option<Expr>, SqlError> {
    let factors = bars.factors.iter().cloned();
    let product = factors.reduce(|left, right| SqlExpr::BinaryOp {
        left: Box::new(SqlExpr::Nested(Box::new(left))),
        op: BinaryOperator::Multiply,
        right: Box::new(SqlExpr::Nested(Box::new(right))),
    });
    let Some(product) = product else {
        return Ok(None);
    };
    let scope = flow.scope();
    let mut binder = Binder::new(&scope);
    for factor in &bars.factors {
        let bound = binder.bind_in(Clause::Window, factor)?;
        if !bound.ty().is_numeric() {
            let message = format!("a bar adds up numbers, and this is {}", bound.ty());
            return Err(bind_error(place(factor), message));
        }
    }
    binder.bind_in(Clause::Window, &product).map(Some)
}

/// The amount in units of a measure of type `ty`.
fn bound(bars: &Bars, ticks: bool, ty: DataType) -> Result<BarBound, SqlError> {
    let wrong = |message: String| plan_error(bars.span, message);
    if ty.physical() == Physical::F64 {
        let amount = bars.amount.parse::<f64>().ok();
        let amount = amount.filter(|amount| amount.is_finite() && *amount > 0.0);
        return amount
            .map(BarBound::Double)
            .ok_or_else(|| wrong("the amount of a bar is a number above 0".into()));
    }
    let amount = exact(&bars.amount, ty.scale());
    match amount {
        Some((amount, rounded)) if amount > 0 && !(ticks && rounded) => Ok(BarBound::Exact(amount)),
        Some(_) if ticks => Err(wrong("TICKS takes a whole number above 0".into())),
        Some(_) => Err(wrong("the amount of a bar is a number above 0".into())),
        None => Err(wrong(format!("the amount is out of the range of {ty}"))),
    }
}

/// The least number of `scale` digits behind the point that is not below `text`, unscaled, and whether it is above
/// it: sums of that scale reach both together.
fn exact(text: &str, scale: u8) -> Option<(i128, bool)> {
    if let Ok(amount) = parse_i128(text.as_bytes(), DECIMAL_DIGITS_MAX, scale) {
        return Some((amount, false));
    }
    // Digits beyond the scale that are not zero, or too many before the point.
    (scale..DECIMAL_DIGITS_MAX).skip(1).find_map(|finer| {
        let amount = parse_i128(text.as_bytes(), DECIMAL_DIGITS_MAX, finer).ok()?;
        let unit = 10i128.pow(u32::from(finer - scale));
        let above = amount.div_euclid(unit) + i128::from(amount.rem_euclid(unit) > 0);
        fits(above, DECIMAL_DIGITS_MAX).then_some((above, true))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_up_to_the_scale_of_the_sum() {
        assert_eq!(exact("10000", 0), Some((10_000, false)));
        assert_eq!(exact("1e6", 4), Some((10_000_000_000, false)));
        assert_eq!(exact("100.5", 0), Some((101, true)));
        assert_eq!(exact("0.00001", 4), Some((1, true)));
        assert_eq!(exact("2.50", 1), Some((25, false)));
        assert_eq!(exact("0", 2), Some((0, false)));
        assert_eq!(exact("1e40", 0), None);
        assert_eq!(exact("x", 0), None);
    }
}
