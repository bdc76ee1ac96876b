//! Aggregates: bound apart and left behind as virtual columns.

use super::call::plain_arguments;
use super::expr::{Binder, Bound, Clause, error, unbuilt};
use super::place::{any, place};
use super::{AGGREGATE_BASE, GROUPING_BASE, OVER_BASE, WINDOW_BASE, rewrite, types};
use crate::error::{Span, SqlError};
use crate::expr::catalogue::{self, FunctionInfo, FunctionKind, Rewrite, signature};
use crate::plan::{AggregateCall, AggregateKind, Expr, NestedFunction, ScalarFunction};
use crate::types::{DataType, Value};
use sqlparser::ast::{
    DuplicateTreatment, Expr as SqlExpr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
};

/// Whether the expression holds an aggregate that is not an OVER call.
pub fn has_aggregate(expr: &SqlExpr) -> bool {
    any(expr, |node| match node {
        SqlExpr::Function(function) if function.over.is_none() => {
            catalogue::lookup(&function.name.to_string()).is_some_and(|info| {
                matches!(
                    info.kind,
                    FunctionKind::Aggregate(_) | FunctionKind::Rewrite(Rewrite::Ohlc)
                )
            })
        }
        _ => false,
    })
}

/// Whether the expression holds an OVER call.
pub fn has_over(expr: &SqlExpr) -> bool {
    any(
        expr,
        |node| matches!(node, SqlExpr::Function(function) if function.over.is_some()),
    )
}

impl Binder<'_> {
    pub(super) fn aggregate(
        &mut self,
        function: &Function,
        kind: AggregateKind,
        info: &FunctionInfo,
        span: Span,
    ) -> Bound {
        if self.nested || self.in_over && function.over.is_some() {
            return Err(error(span, "aggregates do not nest")
                .with_hint("compute the inner one in a subquery"));
        }
        if let Some(over) = &function.over {
            return self.over_aggregate(function, kind, info, over, span);
        }
        let of_groups = self.grouped && self.clause == Clause::Qualify;
        if !self.clause.takes_aggregates() && !of_groups {
            let error = error(
                span,
                format!("an aggregate cannot stand in {}", self.clause.name()),
            );
            return Err(match self.clause.is_condition() {
                true => error.with_hint("conditions on aggregates go into HAVING"),
                false => error.with_hint("compute it in a subquery"),
            });
        }
        let (kind, args, ty) = self.aggregate_arguments(function, kind, info, span)?;
        let filter = match &function.filter {
            None => None,
            Some(filter) => {
                Some(self.inside(span, |binder| binder.condition_of("FILTER", filter))?)
            }
        };
        // MIN and MAX of the distinct values are those of the values.
        let distinct = is_distinct(function) && !kind.ignores_repetitions();
        let call = AggregateCall {
            kind,
            args,
            filter,
            distinct,
            ty,
        };
        let at = match self.aggregates.iter().position(|known| *known == call) {
            Some(at) => at,
            None => {
                self.aggregates.push(call);
                self.aggregates.len() - 1
            }
        };
        Ok(Expr::Column {
            index: AGGREGATE_BASE + at,
            ty,
        })
    }

    pub(super) fn aggregate_arguments(
        &mut self,
        function: &Function,
        kind: AggregateKind,
        info: &FunctionInfo,
        span: Span,
    ) -> Result<(AggregateKind, Vec<Expr>, DataType), SqlError> {
        if kind == AggregateKind::Count && counts_rows(function) {
            if is_distinct(function) {
                return Err(error(span, "COUNT(DISTINCT *) has no meaning"));
            }
            return Ok((AggregateKind::CountRows, Vec::new(), DataType::BigInt));
        }
        let mut args = plain_arguments(function, info, span)?;
        if let Some(value) = within_group(function, kind, info, span)? {
            if args.len() != 1 {
                return Err(error(span, format!("the call is {}", info.call)));
            }
            args.insert(0, value);
        }
        let bind = |binder: &mut Self| {
            let bound = args.iter().map(|arg| binder.bind(arg));
            bound.collect::<Result<Vec<_>, _>>()
        };
        let bound = match function.over {
            Some(_) => self.inside_over(span, bind)?,
            None => self.inside(span, bind)?,
        };
        if let (AggregateKind::Count, [Expr::Literal { value, .. }]) = (kind, &bound[..])
            && *value != Value::Null
            && !is_distinct(function)
        {
            return Ok((AggregateKind::CountRows, Vec::new(), DataType::BigInt));
        }
        let bound = self.with_parameter(kind, bound, &args)?;
        let arg_types: Vec<DataType> = bound.iter().map(Expr::ty).collect();
        let signature =
            signature::aggregate(kind, &arg_types).map_err(|message| error(span, message))?;
        let args = bound
            .into_iter()
            .zip(&signature.arguments)
            .map(|(arg, &ty)| types::cast_to(arg, ty, false))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|message| error(span, message))?;
        if kind == AggregateKind::ArrayAgg {
            // Elements are joined as ARRAYs of one: a NULL is an element too.
            let element = Expr::Call {
                function: ScalarFunction::Nested(NestedFunction::Array),
                args,
                ty: signature.result,
            };
            return Ok((kind, vec![element], signature.result));
        }
        Ok((kind, args, signature.result))
    }

    /// Makes the constant argument of a call the DOUBLE that its operator wants.
    fn with_parameter(
        &self,
        kind: AggregateKind,
        mut bound: Vec<Expr>,
        args: &[&SqlExpr],
    ) -> Result<Vec<Expr>, SqlError> {
        use AggregateKind as A;
        match kind {
            A::Ema => {}
            A::PercentileCont | A::PercentileDisc | A::ApproxPercentile => {
                let share = (bound.len() == 2).then(|| bound.pop()).flatten();
                let share = share.and_then(constant).filter(|p| (0.0..=1.0).contains(p));
                let share = share.ok_or_else(|| {
                    error(
                        args.last().map_or_else(Span::default, |arg| place(arg)),
                        "a percentile is a constant from 0 to 1",
                    )
                    .with_hint("PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY x), or PERCENTILE_CONT(x, 0.9)")
                })?;
                bound.push(double(share));
                return Ok(bound);
            }
            A::StringAgg => {
                let separator = match bound.len() {
                    2 => bound.pop(),
                    _ => Some(text(",")),
                };
                let is_text = |expr: &Expr| {
                    matches!(
                        expr,
                        Expr::Literal {
                            value: Value::Text(_),
                            ..
                        }
                    )
                };
                let separator = separator.filter(is_text).ok_or_else(|| {
                    error(
                        place(args[1]),
                        "STRING_AGG takes its separator as a constant text",
                    )
                })?;
                bound.push(separator);
                return Ok(bound);
            }
            _ => return Ok(bound),
        }
        let alpha = bound.pop().and_then(|arg| match arg {
            Expr::Literal {
                value: Value::I64(rows @ 1..),
                ty: DataType::Int | DataType::BigInt,
            } => Some(2.0 / (rows as f64 + 1.0)),
            arg => constant(arg).filter(|alpha| 0.0 < *alpha && *alpha <= 1.0),
        });
        let alpha = alpha.ok_or_else(|| {
            error(
                place(args[1]),
                "EMA takes a constant: alpha above 0 and up to 1, or a whole number of rows n",
            )
            .with_hint("EMA(price, 0.1), or EMA(price, 19) for alpha = 2 / (19 + 1)")
        })?;
        bound.push(double(alpha));
        Ok(bound)
    }

    /// Binds arguments: no aggregates, no window columns and nothing made of them inside.
    pub(super) fn inside<T: AsExprs>(
        &mut self,
        span: Span,
        bind: impl FnOnce(&mut Self) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        let before = std::mem::replace(&mut self.nested, true);
        let bound = bind(self);
        self.nested = before;
        let mut bound = bound?;
        for expr in bound.exprs_mut() {
            if let Some(window) = &self.window_of_row {
                *expr = with_window(expr, window);
            }
            if uses(expr, AGGREGATE_BASE..usize::MAX) {
                return Err(error(
                    span,
                    "an aggregate's argument uses an aggregate, an OVER call or a window column",
                )
                .with_hint("compute it in a subquery"));
            }
        }
        Ok(bound)
    }

    /// GROUPING(key, ..): which keys the set of a row leaves out.
    pub(super) fn grouping(&mut self, function: &Function) -> Bound {
        let mut args = Vec::new();
        if let FunctionArguments::List(list) = &function.args {
            for arg in &list.args {
                if let FunctionArg::Unnamed(FunctionArgExpr::Expr(arg)) = arg {
                    args.push(self.bind(arg)?);
                }
            }
        }
        let known = self.groupings.iter().position(|known| *known == args);
        let at = known.unwrap_or_else(|| {
            self.groupings.push(args);
            self.groupings.len() - 1
        });
        Ok(Expr::Column {
            index: GROUPING_BASE + at,
            ty: DataType::BigInt,
        })
    }

    /// Binds what an OVER call reads: over groups, their keys and aggregates; over rows as `inside`.
    pub(super) fn inside_over<T: AsExprs>(
        &mut self,
        span: Span,
        bind: impl FnOnce(&mut Self) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        if !self.grouped {
            return self.inside(span, bind);
        }
        let before = std::mem::replace(&mut self.in_over, true);
        let bound = bind(self);
        self.in_over = before;
        let mut bound = bound?;
        let mut exprs = bound.exprs_mut().iter();
        match exprs.any(|expr| uses(expr, OVER_BASE..WINDOW_BASE)) {
            true => Err(error(span, "an OVER call uses another")
                .with_hint("compute the inner one in a subquery")),
            false => Ok(bound),
        }
    }
}

fn double(number: f64) -> Expr {
    Expr::Literal {
        value: Value::F64(number),
        ty: DataType::Double,
    }
}

fn text(text: &str) -> Expr {
    Expr::Literal {
        value: Value::Text(text.to_owned()),
        ty: DataType::Varchar,
    }
}

/// What a percentile is taken of, where WITHIN GROUP says it.
fn within_group<'e>(
    function: &'e Function,
    kind: AggregateKind,
    info: &FunctionInfo,
    span: Span,
) -> Result<Option<&'e SqlExpr>, SqlError> {
    let percentile = matches!(
        kind,
        AggregateKind::PercentileCont | AggregateKind::PercentileDisc
    );
    match &function.within_group[..] {
        [] => Ok(None),
        [order] if percentile => match order.options.sort {
            Some(sqlparser::ast::OrderBySort::Desc) => Err(unbuilt(
                place(&order.expr),
                "WITHIN GROUP (ORDER BY .. DESC)",
            )
            .with_hint("take 1 - p of the rising order")),
            _ => Ok(Some(&order.expr)),
        },
        _ => Err(unbuilt(
            span,
            format!("{} with WITHIN GROUP", info.names[0]),
        )),
    }
}

/// The number that a literal is.
fn constant(expr: Expr) -> Option<f64> {
    match types::cast_to(expr, DataType::Double, false).ok()? {
        Expr::Literal {
            value: Value::F64(number),
            ..
        } => Some(number),
        _ => None,
    }
}

pub(super) fn is_distinct(function: &Function) -> bool {
    matches!(
        &function.args,
        FunctionArguments::List(list)
            if list.duplicate_treatment == Some(DuplicateTreatment::Distinct)
    )
}

fn counts_rows(function: &Function) -> bool {
    match &function.args {
        FunctionArguments::List(list) => match &list.args[..] {
            [] => true,
            [arg] => matches!(
                arg,
                FunctionArg::Unnamed(
                    FunctionArgExpr::Wildcard | FunctionArgExpr::WildcardWithOptions(_)
                )
            ),
            _ => false,
        },
        FunctionArguments::None => true,
        FunctionArguments::Subquery(_) => false,
    }
}

/// Whether the expression reads a column of `range`.
fn uses(expr: &Expr, range: std::ops::Range<usize>) -> bool {
    let mut columns = Vec::new();
    expr.columns(&mut columns);
    columns.iter().any(|column| range.contains(column))
}

/// The expression with the bounds of a row's window in the place of the query's.
pub fn with_window(expr: &Expr, window: &[Expr; 2]) -> Expr {
    let new = rewrite::<std::convert::Infallible>(expr, &mut |node| {
        Ok(match node {
            Expr::Column { index, .. } if *index >= WINDOW_BASE => {
                window.get(index - WINDOW_BASE).cloned()
            }
            _ => None,
        })
    });
    match new {
        Ok(expr) => expr,
        Err(never) => match never {},
    }
}

/// One or several bound expressions.
pub(super) trait AsExprs {
    fn exprs_mut(&mut self) -> &mut [Expr];
}

impl AsExprs for Expr {
    fn exprs_mut(&mut self) -> &mut [Expr] {
        std::slice::from_mut(self)
    }
}

impl AsExprs for Vec<Expr> {
    fn exprs_mut(&mut self) -> &mut [Expr] {
        self
    }
}
