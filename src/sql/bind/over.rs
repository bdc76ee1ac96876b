//! OVER calls: functions, windows and frames, bound apart and left behind as virtual columns.

use super::aggregate::is_distinct;
use super::call::plain_arguments;
use super::expr::{Binder, Bound, error, unbuilt};
use super::place::place;
use super::{OVER_BASE, types};
use crate::error::{Span, SqlError};
use crate::expr::catalogue::{FunctionInfo, WindowFunction};
use crate::limits::COLUMNS_MAX;
use crate::plan::{AggregateKind, Expr, OverCall, OverFrame, OverFunction, SortKey};
use crate::sql::ast::Name;
use crate::sql::names;
use crate::types::{DataType, Value};
use sqlparser::ast::{
    Expr as SqlExpr, Function, Ident, OrderByExpr, WindowFrame, WindowSpec, WindowType,
};

/// An OVER call and the rows it looks at.
#[derive(Clone, Debug)]
pub struct OverDraft {
    /// PARTITION BY.
    pub keys: Vec<Expr>,
    /// ORDER BY.
    pub order: Vec<SortKey>,
    /// The call.
    pub call: OverCall,
    /// Whether it is of whole partitions, also where rows could be taken as they come.
    pub whole: bool,
    /// Where.
    pub span: Span,
}

impl OverDraft {
    /// All that it computes of its rows.
    pub fn exprs_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        let order = self.order.iter_mut().map(|key| &mut key.expr);
        self.keys.iter_mut().chain(order).chain(&mut self.call.args)
    }
}

/// What an OVER clause says, named windows put in.
pub(super) struct Window<'e> {
    partition_by: &'e [SqlExpr],
    order_by: &'e [OrderByExpr],
    pub(super) frame: Option<&'e WindowFrame>,
}

/// Rows that a frame may reach: each is kept for every partition.
pub(super) const FRAME_ROWS_MAX: u32 = 1 << 20;

impl Binder<'_> {
    /// An aggregate with OVER.
    pub(super) fn over_aggregate(
        &mut self,
        function: &Function,
        kind: AggregateKind,
        info: &FunctionInfo,
        over: &WindowType,
        span: Span,
    ) -> Bound {
        use AggregateKind as K;
        let name = function.name.to_string().to_ascii_uppercase();
        let picked = match &name[..] {
            "FIRST_VALUE" => Some(OverFunction::Nth(1)),
            "LAST_VALUE" => Some(OverFunction::LastValue),
            _ => None,
        };
        if let Some(picked) = picked {
            return self.value_of_row(function, picked, info, over, span);
        }
        let distinct = is_distinct(function) && !kind.ignores_repetitions();
        if distinct && !goes_by_values(kind) {
            let what = format!("{name}(DISTINCT ..) with OVER");
            return Err(unbuilt(span, what).with_hint("GROUP BY takes it"));
        }
        let (mut kind, mut args, ty) = self.aggregate_arguments(function, kind, info, span)?;
        if let Some(filter) = &function.filter {
            let filter = self.inside_over(span, |binder| binder.condition_of("FILTER", filter))?;
            if kind == K::CountRows {
                (kind, args) = (K::Count, vec![one()]);
            }
            // A NULL is what every aggregate here skips. A parameter stays the constant that it is.
            let columns = args.len() - usize::from(kind.has_parameter());
            for arg in &mut args[..columns] {
                *arg = Expr::Case {
                    ty: arg.ty(),
                    branches: vec![(filter.clone(), arg.clone())],
                    otherwise: None,
                };
            }
        }
        let function = match distinct {
            true => OverFunction::Distinct(kind),
            false => OverFunction::Aggregate(kind),
        };
        let window = window(self.windows, over, span)?;
        let (keys, order) = self.keys_and_order(&window, span)?;
        let frame = OverFrame::Around(self.frame(&window, &order, span)?);
        let call = OverCall {
            function,
            frame,
            args,
            ty,
        };
        self.over_call(OverDraft {
            keys,
            order,
            call,
            whole: false,
            span,
        })
    }

    /// FIRST_VALUE, LAST_VALUE, NTH_VALUE.
    fn value_of_row(
        &mut self,
        function: &Function,
        picked: OverFunction,
        info: &FunctionInfo,
        over: &WindowType,
        span: Span,
    ) -> Bound {
        let args = plain_arguments(function, info, span)?;
        if is_distinct(function) || function.filter.is_some() {
            let name = &function.name;
            return Err(error(
                span,
                format!("{name} takes no DISTINCT and no FILTER"),
            ));
        }
        let value = self.inside_over(span, |binder| binder.bind(args[0]))?;
        let ty = value.ty();
        let window = window(self.windows, over, span)?;
        let (keys, order) = self.keys_and_order(&window, span)?;
        let frame = OverFrame::Around(self.frame(&window, &order, span)?);
        let call = OverCall {
            function: picked,
            frame,
            args: vec![value],
            ty,
        };
        self.over_call(OverDraft {
            keys,
            order,
            call,
            whole: false,
            span,
        })
    }

    /// A function that has no meaning without OVER.
    pub(super) fn window_function(
        &mut self,
        function: &Function,
        kind: WindowFunction,
        info: &FunctionInfo,
        span: Span,
    ) -> Bound {
        let name = info.names[0];
        if self.nested || self.in_over {
            return Err(error(
                span,
                format!("{name} cannot stand inside an aggregate or another OVER call"),
            ));
        }
        let Some(over) = &function.over else {
            return Err(error(
                span,
                format!("{name} needs OVER (PARTITION BY .. ORDER BY ts)"),
            ));
        };
        if function.filter.is_some() {
            return Err(error(span, format!("{name} takes no FILTER")));
        }
        let args = plain_arguments(function, info, span)?;
        let (function, args, ty) = match kind {
            WindowFunction::NthValue => {
                let n = self.constant_rows(args[1], name, 1)?;
                return self.value_of_row(function, OverFunction::Nth(n), info, over, span);
            }
            WindowFunction::Lag | WindowFunction::Lead => {
                let value = self.inside_over(span, |binder| binder.bind(args[0]))?;
                let ty = value.ty();
                let offset = match args.get(1) {
                    None => 1,
                    Some(arg) => self.constant_rows(arg, name, 0)?,
                };
                let default = self.default_of(args.get(2).copied(), name, ty)?;
                // What is no row ahead is no row back either, and known at once.
                let function = match kind == WindowFunction::Lead && offset > 0 {
                    true => OverFunction::Lead { offset, default },
                    false => OverFunction::Lag { offset, default },
                };
                (function, vec![value], ty)
            }
            WindowFunction::RowNumber => (OverFunction::RowNumber, Vec::new(), DataType::BigInt),
            WindowFunction::Rank => (OverFunction::Rank, Vec::new(), DataType::BigInt),
            WindowFunction::DenseRank => (OverFunction::DenseRank, Vec::new(), DataType::BigInt),
            WindowFunction::PercentRank => {
                (OverFunction::PercentRank, Vec::new(), DataType::Double)
            }
            WindowFunction::CumeDist => (OverFunction::CumeDist, Vec::new(), DataType::Double),
            WindowFunction::Ntile => {
                let parts = self.constant_rows(args[0], name, 1)?;
                (OverFunction::Ntile(parts), Vec::new(), DataType::BigInt)
            }
        };
        let call = OverCall {
            function,
            frame: OverFrame::RUNNING,
            args,
            ty,
        };
        self.running_call(call, name, over, span)
    }

    /// A call whose frame is the partition up to the row.
    fn running_call(&mut self, call: OverCall, name: &str, over: &WindowType, span: Span) -> Bound {
        let window = window(self.windows, over, span)?;
        let (keys, order) = self.keys_and_order(&window, span)?;
        let function = &call.function;
        let needs_order = !matches!(
            function,
            OverFunction::RowNumber | OverFunction::Lag { .. } | OverFunction::Lead { .. }
        );
        if order.is_empty() && needs_order {
            return Err(
                error(span, format!("{name} needs ORDER BY in its OVER clause"))
                    .with_hint("ORDER BY ts"),
            );
        }
        self.over_call(OverDraft {
            keys,
            order,
            call,
            whole: false,
            span,
        })
    }

    /// A constant number of rows from `least` on.
    fn constant_rows(&mut self, arg: &SqlExpr, name: &str, least: i64) -> Result<u32, SqlError> {
        match self.bind(arg)? {
            Expr::Literal {
                value: Value::I64(rows),
                ty: DataType::Int | DataType::BigInt,
            } if (least..=i64::from(FRAME_ROWS_MAX)).contains(&rows) => Ok(rows as u32),
            _ => Err(error(
                place(arg),
                format!("{name} takes a constant number of rows, {least} to {FRAME_ROWS_MAX}"),
            )),
        }
    }

    /// The constant that stands for a row that is not there.
    fn default_of(
        &mut self,
        arg: Option<&SqlExpr>,
        name: &str,
        ty: DataType,
    ) -> Result<Value, SqlError> {
        let Some(arg) = arg else {
            return Ok(Value::Null);
        };
        let bound = self.bind(arg)?;
        match types::cast_to(bound, ty, false).map_err(|message| error(place(arg), message))? {
            Expr::Literal { value, .. } => Ok(value),
            _ => Err(unbuilt(
                place(arg),
                format!("{name} with a default that is not a constant"),
            )),
        }
    }

    fn over_call(&mut self, draft: OverDraft) -> Bound {
        if !matches!(self.clause, super::Clause::Select | super::Clause::Qualify) {
            let error = error(
                draft.span,
                format!("an OVER call cannot stand in {}", self.clause.name()),
            );
            return Err(match self.clause.is_condition() {
                true => error.with_hint("conditions on OVER calls go into QUALIFY"),
                false => error.with_hint("compute it in a subquery"),
            });
        }
        let ty = draft.call.ty;
        let same = |known: &OverDraft| {
            known.keys == draft.keys && known.order == draft.order && known.call == draft.call
        };
        let at = match self.overs.iter().position(same) {
            Some(at) => at,
            None if self.overs.len() == COLUMNS_MAX => {
                let message = format!("a query has at most {COLUMNS_MAX} OVER calls");
                return Err(error(draft.span, message));
            }
            None => {
                self.overs.push(draft);
                self.overs.len() - 1
            }
        };
        Ok(Expr::Column {
            index: OVER_BASE + at,
            ty,
        })
    }

    fn keys_and_order(
        &mut self,
        window: &Window<'_>,
        span: Span,
    ) -> Result<(Vec<Expr>, Vec<SortKey>), SqlError> {
        let keys = self.inside_over(span, |binder| {
            let keys = window.partition_by.iter();
            keys.map(|key| binder.bind(key))
                .collect::<Result<Vec<_>, _>>()
        })?;
        let mut order = Vec::new();
        for item in window.order_by {
            let expr = self.inside_over(span, |binder| binder.bind(&item.expr))?;
            if expr.ty().is_nested() {
                return Err(error(
                    place(&item.expr),
                    format!("{} has no order", expr.ty()),
                ));
            }
            order.push(SortKey {
                expr,
                descending: item.options.sort == Some(sqlparser::ast::OrderBySort::Desc),
                nulls_first: item.options.nulls_first.unwrap_or(false),
            });
        }
        Ok((keys, order))
    }
}

/// Whether the aggregate of a frame's distinct values is told by what values they are.
fn goes_by_values(kind: AggregateKind) -> bool {
    use AggregateKind as K;
    matches!(
        kind,
        K::Count
            | K::Sum
            | K::Avg
            | K::StddevSamp
            | K::StddevPop
            | K::VarSamp
            | K::VarPop
            | K::Skewness
            | K::Kurtosis
            | K::Median
            | K::PercentileCont
            | K::PercentileDisc
            | K::ApproxPercentile
            | K::StringAgg
            | K::ArrayAgg
    )
}

/// What an OVER clause says, the named `windows` put in.
fn window<'e>(
    windows: &'e [(Name, WindowSpec)],
    over: &'e WindowType,
    span: Span,
) -> Result<Window<'e>, SqlError> {
    match over {
        WindowType::NamedWindow(name) => named_window(windows, name),
        WindowType::WindowSpec(spec) => specified(windows, spec, span),
    }
}

/// The window called `name`.
fn named_window<'e>(
    windows: &'e [(Name, WindowSpec)],
    name: &Ident,
) -> Result<Window<'e>, SqlError> {
    let wanted = names::name_of(name);
    let found = windows
        .iter()
        .position(|(window, _)| names::means(&wanted, &window.text));
    let Some(at) = found else {
        let all = windows.iter().map(|(window, _)| &window.text[..]);
        let missing = error(
            wanted.span,
            format!("window {} is not declared", wanted.text),
        );
        return Err(match names::nearest(&wanted.text, all) {
            Some(near) => missing.with_hint(format!("did you mean {near}?")),
            None => missing.with_hint("declare it: WINDOW w AS (PARTITION BY .. ORDER BY ts)"),
        });
    };
    // Only those declared before it can be a part of it.
    specified(&windows[..at], &windows[at].1, wanted.span)
}

fn specified<'e>(
    windows: &'e [(Name, WindowSpec)],
    spec: &'e WindowSpec,
    span: Span,
) -> Result<Window<'e>, SqlError> {
    let own = Window {
        partition_by: &spec.partition_by,
        order_by: &spec.order_by,
        frame: spec.window_frame.as_ref(),
    };
    let Some(name) = &spec.window_name else {
        return Ok(own);
    };
    let base = named_window(windows, name)?;
    let refused = |what: &str| {
        error(
            span,
            format!("a window made of {name} takes no {what} of its own"),
        )
        .with_hint("write the whole window inside OVER (..)")
    };
    if !own.partition_by.is_empty() {
        return Err(refused("PARTITION BY"));
    }
    if !own.order_by.is_empty() && !base.order_by.is_empty() {
        return Err(refused("second ORDER BY"));
    }
    if base.frame.is_some() {
        return Err(error(
            span,
            format!("{name} has a frame: nothing can be made of it"),
        )
        .with_hint("name it without parentheses, or leave the frame out where it is declared"));
    }
    Ok(Window {
        partition_by: base.partition_by,
        order_by: if own.order_by.is_empty() {
            base.order_by
        } else {
            own.order_by
        },
        frame: own.frame,
    })
}

fn one() -> Expr {
    Expr::Literal {
        value: Value::I64(1),
        ty: DataType::BigInt,
    }
}
