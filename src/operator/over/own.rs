//! The components of calls that share none: aggregates over frames of any bounds, and values of single rows.

use super::cells::{CellsFold, Taken};
use super::distinct::{Distinct, DoubleFold, Made};
use super::fold::{
    CountFold, DoubleSum, DoubleVwap, EndFold, ExactSum, ExactVwap, ExtremeFold, Fold, NOTHING,
};
use super::gather::{Gather, Gathering};
use super::gathered::{Joined, Joining, ModeOf, Quantile};
use super::item::{AnyItem, Item, for_item};
use super::pairs::{ArgFold, DeltaFold, Difference, DoubleImbalance, ExactImbalance, RateFold};
use super::pick::{Pick, Which};
use super::plan::{not_built, summable};
use super::sliding::{Bounds, Slide, Sliding};
use super::slots::TextSlot;
use crate::error::JobError;
use crate::operator::aggregate::cells::Cells;
use crate::operator::aggregate::layout::{Fraction, Parameter, fraction_of};
use crate::operator::aggregate::{moments, trading};
use crate::plan::{AggregateKind, Expr, OverCall, OverFrame, OverFunction};
use crate::types::{DataType, Physical};

/// A component of one call.
pub struct Own {
    /// The component.
    pub slide: Box<dyn Slide>,
    /// Whether it slides by times, and not by numbers.
    pub by_time: bool,
}

/// The bounds of a frame, and whether they are times.
fn bounds(frame: OverFrame) -> (Bounds, bool) {
    match frame {
        OverFrame::Rows { preceding, until } => {
            let (preceding, until) = (preceding.map(i64::from), i64::from(until));
            (Bounds { preceding, until }, false)
        }
        OverFrame::Range {
            preceding_ns,
            until_ns,
        } => {
            let (preceding, until) = (preceding_ns, until_ns);
            (Bounds { preceding, until }, true)
        }
        // Where it lies is told for each row (`around`); this says whether rows leave it.
        OverFrame::Around(around) => {
            let preceding = around.from.map(|_| 0);
            let bounds = Bounds {
                preceding,
                until: 0,
            };
            (bounds, false)
        }
    }
}

/// The component of a call with a frame; its columns are its `arguments`.
///
/// # Errors
/// `JobError::Limit` when it is not built.
pub fn own_call(call: &OverCall, arguments: [Option<usize>; 2]) -> Result<Own, JobError> {
    let own = match (&call.function, arguments[0]) {
        (OverFunction::Aggregate(kind), argument)
            if (*kind == AggregateKind::CountRows) == argument.is_none() =>
        {
            own_aggregate(call, *kind)
        }
        (OverFunction::Distinct(kind), Some(_)) => own_distinct(call, *kind),
        (OverFunction::Nth(n), Some(_)) => {
            let which = n.checked_sub(1).map(|n| Which::At(n as usize));
            which.and_then(|which| own_pick(call, which))
        }
        (OverFunction::LastValue, Some(_)) => own_pick(call, Which::Last),
        _ => None,
    };
    own.ok_or_else(|| not_built(call))
}

/// An aggregate with a component of its own; `None` when it is not built.
pub fn own_aggregate(call: &OverCall, kind: AggregateKind) -> Option<Own> {
    use AggregateKind as K;
    let argument = call.args.first().map_or(DataType::BigInt, Expr::ty);
    let physical = argument.physical();
    let ty = call.ty;
    let keeps_type = physical == ty.physical();
    Some(match kind {
        K::CountRows | K::Count => own(call, CountFold),
        K::Sum | K::Avg => {
            let average = kind == K::Avg;
            summable(argument, ty, average).then_some(())?;
            match argument {
                DataType::Double => own(call, DoubleSum::new(average)),
                _ => own(call, ExactSum::new(argument, ty, average)),
            }
        }
        K::Min | K::Max | K::BoolAnd | K::BoolOr if keeps_type => {
            let greatest = matches!(kind, K::Max | K::BoolOr);
            for_item!(physical, own_extreme(call, greatest))
        }
        K::First | K::Last if keeps_type => for_item!(physical, own_end(call, kind == K::Last)),
        K::Mode if keeps_type => gathering(call, ModeOf),
        K::ArgMin | K::ArgMax if keeps_type => {
            call.args.get(1)?;
            let by = ExtremeFold::<AnyItem>::new(kind == K::ArgMax);
            own(call, ArgFold::new(by))
        }
        K::Vwap => {
            let [price, size] = [call.args.first()?.ty(), call.args.get(1)?.ty()];
            match (price, size) {
                (DataType::Double, DataType::Double) => own(call, DoubleVwap),
                (DataType::Double, _) | (_, DataType::Double) => return None,
                _ => own(call, ExactVwap::new(price, ty)),
            }
        }
        K::Imbalance => match physical {
            Physical::F64 => own(call, DoubleImbalance),
            _ => own(call, ExactImbalance),
        },
        K::Delta => match physical {
            Physical::I64 => own_delta::<Option<i64>>(call),
            Physical::I128 => own_delta::<Option<i128>>(call),
            Physical::F64 => own_delta::<Option<f64>>(call),
            Physical::Bool | Physical::Text => return None,
        },
        K::Rate => own(call, RateFold),
        K::StringAgg => {
            let parameter = Parameter::of_call(kind, &call.args);
            gathering(call, Joined::new(parameter.text()))
        }
        // Its elements are ARRAYs of one.
        K::ArrayAgg => gathering(call, Joined::new("")),
        // Exact: a frame holds its values, and a sketch could not forget those that leave.
        K::ApproxCountDistinct => gathering(call, Distinct::new(Made::Count)),
        K::Median | K::PercentileCont | K::PercentileDisc | K::ApproxPercentile if keeps_type => {
            let parameter = Parameter::of_call(kind, &call.args);
            let fraction = fraction_of(kind, &parameter)?;
            match physical {
                Physical::I64 => own_quantile::<Option<i64>>(call, fraction),
                Physical::I128 => own_quantile::<Option<i128>>(call, fraction),
                Physical::F64 => own_quantile::<Option<f64>>(call, fraction),
                Physical::Bool | Physical::Text => return None,
            }
        }
        _ => own_numbers(call, kind)?,
    })
}

/// An aggregate of distinct values; `None` when it is not built.
pub fn own_distinct(call: &OverCall, kind: AggregateKind) -> Option<Own> {
    use AggregateKind as K;
    let argument = call.args.first()?.ty();
    let parameter = Parameter::of_call(kind, &call.args);
    let made = match kind {
        K::Count => Made::Count,
        K::Sum | K::Avg => {
            let average = kind == K::Avg;
            summable(argument, call.ty, average).then_some(())?;
            match argument {
                DataType::Double => Made::Doubles(sum_of(average)),
                _ => Made::Sum(ExactSum::new(argument, call.ty, average)),
            }
        }
        K::StringAgg => Made::Joined(Joining::new(parameter.text())),
        K::ArrayAgg => Made::Joined(Joining::new("")),
        K::Median | K::PercentileCont | K::PercentileDisc | K::ApproxPercentile => {
            Made::Percentile(fraction_of(kind, &parameter)?)
        }
        K::StddevSamp | K::StddevPop | K::VarSamp | K::VarPop => {
            let result = move |state| moments::variance_result(kind, state);
            Made::Doubles(cells_of(moments::add_variance, result))
        }
        K::Skewness => Made::Doubles(cells_of(moments::add_moments, moments::skewness)),
        K::Kurtosis => Made::Doubles(cells_of(moments::add_moments, moments::kurtosis)),
        _ => return None,
    };
    Some(gathering(call, Distinct::new(made)))
}

fn sum_of(average: bool) -> DoubleFold {
    Box::new(move |values| {
        let (sum, count) = values.fold((NOTHING, 0), |(sum, count), x| (sum + x, count + 1));
        Some(if average { sum / f64::from(count) } else { sum })
    })
}

fn cells_of<const I: usize, const F: usize>(
    add: impl Fn(Cells<I, F>, f64) -> Cells<I, F> + Send + 'static,
    result: impl Fn(Cells<I, F>) -> Option<f64> + Send + 'static,
) -> DoubleFold {
    Box::new(move |values| result(values.fold(Cells::EMPTY, &add)))
}

/// An aggregate of DOUBLEs made of cells; `None` when it is none.
fn own_numbers(call: &OverCall, kind: AggregateKind) -> Option<Own> {
    use AggregateKind as K;
    Some(match kind {
        K::StddevSamp | K::StddevPop | K::VarSamp | K::VarPop => {
            let add = |state, row: Taken| moments::add_variance(state, row.x);
            let result = move |state| moments::variance_result(kind, state);
            cells(call, add, moments::merge_variance, result)
        }
        K::Skewness | K::Kurtosis => {
            let add = |state, row: Taken| moments::add_moments(state, row.x);
            let result = match kind {
                K::Skewness => moments::skewness,
                _ => moments::kurtosis,
            };
            cells(call, add, moments::merge_moments, result)
        }
        K::Corr | K::CovarSamp | K::CovarPop | K::RegrSlope | K::RegrIntercept | K::RegrR2 => {
            let add = |state, row: Taken| moments::add_joint(state, row.x, row.y);
            let result = move |state| moments::joint_result(kind, state);
            cells(call, add, moments::merge_joint, result)
        }
        K::Ema => {
            let alpha = Parameter::of_call(kind, &call.args).number();
            let add = move |state, row: Taken| trading::add_ema(state, row.x, alpha);
            cells(call, add, trading::merge_ema, trading::ema)
        }
        K::Twap => {
            let add = |state, row: Taken| trading::add_twap(state, row.x, row.time);
            cells(call, add, trading::merge_twap, trading::twap)
        }
        K::RealizedVol => {
            let add = |state, row: Taken| trading::add_volatility(state, row.x);
            cells(call, add, trading::merge_volatility, trading::volatility)
        }
        K::MaxDrawdown => {
            let add = |state, row: Taken| trading::add_drawdown(state, row.x);
            cells(call, add, trading::merge_drawdown, trading::drawdown)
        }
        _ => return None,
    })
}

fn own<F: Fold>(call: &OverCall, fold: F) -> Own {
    let (bounds, by_time) = bounds(call.frame);
    Own {
        slide: Box::new(Sliding::new(fold, bounds)),
        by_time,
    }
}

fn cells<const I: usize, const F: usize>(
    call: &OverCall,
    add: impl Fn(Cells<I, F>, Taken) -> Cells<I, F> + Send + 'static,
    merge: impl Fn(Cells<I, F>, Cells<I, F>) -> Cells<I, F> + Send + 'static,
    result: impl Fn(Cells<I, F>) -> Option<f64> + Send + 'static,
) -> Own {
    own(call, CellsFold::new(add, merge, result))
}

fn gathering(call: &OverCall, gather: impl Gather) -> Own {
    let (bounds, by_time) = bounds(call.frame);
    Own {
        slide: Box::new(Gathering::new(gather, bounds)),
        by_time,
    }
}

fn own_extreme<T: Item>(call: &OverCall, greatest: bool) -> Own {
    own(call, ExtremeFold::<T>::new(greatest))
}

fn own_end<T: Item>(call: &OverCall, newest: bool) -> Own {
    own(call, EndFold::<T>::new(newest))
}

fn own_delta<T: Difference>(call: &OverCall) -> Own {
    own(call, DeltaFold::<T>::new(call.ty))
}

fn own_quantile<T: Item>(call: &OverCall, fraction: Fraction) -> Own {
    gathering(call, Quantile::<T>::new(fraction))
}

/// FIRST_VALUE and its kin; `None` when the argument is not what comes out.
pub fn own_pick(call: &OverCall, which: Which) -> Option<Own> {
    let physical = call.args.first()?.ty().physical();
    (physical == call.ty.physical()).then_some(())?;
    let (bounds, by_time) = bounds(call.frame);
    let slide = for_item!(physical, pick(which, bounds));
    Some(Own { slide, by_time })
}

fn pick<T: Item>(which: Which, bounds: Bounds) -> Box<dyn Slide> {
    Box::new(Pick::<T>::new(which, bounds))
}
