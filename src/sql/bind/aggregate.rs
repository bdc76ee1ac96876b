//! Aggregates and OVER calls: bound apart and left behind as virtual columns.

use super::call::plain_arguments;
use super::expr::{Binder, Bound, error, unbuilt};
use super::place::{any, place};
use super::{AGGREGATE_BASE, OVER_BASE, types};
use crate::error::{Span, SqlError};
use crate::expr::catalogue::{self, FunctionInfo, FunctionKind, signature};
use crate::plan::{AggregateCall, AggregateKind, Expr, OverCall, OverFunction};
use crate::types::{DataType, Value};
use sqlparser::ast::{
    DuplicateTreatment, Expr as SqlExpr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec, WindowType,
};

/// An OVER call and the rows it looks at.
#[derive(Clone, Debug)]
pub struct OverDraft {
    /// PARTITION BY.
    pub keys: Vec<Expr>,
    /// ORDER BY.
    pub order: Option<Expr>,
    /// The call.
    pub call: OverCall,
    /// Where.
    pub span: Span,
}

/// Whether the expression holds an aggregate that is not an OVER call.
pub fn has_aggregate(expr: &SqlExpr) -> bool {
    any(expr, |node| match node {
        SqlExpr::Function(function) if function.over.is_none() => {
            catalogue::lookup(&function.name.to_string())
                .is_some_and(|info| matches!(info.kind, FunctionKind::Aggregate(_)))
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
        if self.nested {
            return Err(error(span, "aggregates do not nest")
                .with_hint("compute the inner one in a subquery"));
        }
        if let Some(over) = &function.over {
            return self.over_aggregate(function, kind, info, over, span);
        }
        if !self.clause.takes_aggregates() {
            return Err(error(
                span,
                format!("an aggregate cannot stand in {}", self.clause.name()),
            )
            .with_hint("conditions on aggregates go into HAVING"));
        }
        let (kind, args, ty) = self.aggregate_arguments(function, kind, info, span)?;
        let filter = match &function.filter {
            None => None,
            Some(filter) => Some(self.inside(span, |binder| binder.condition(filter))?),
        };
        let distinct = is_distinct(function);
        if distinct
            && matches!(
                kind,
                AggregateKind::First | AggregateKind::Last | AggregateKind::Vwap
            )
        {
            return Err(error(span, format!("{} takes no DISTINCT", info.names[0])));
        }
        // MIN and MAX of the distinct values are those of the values.
        let distinct = distinct && !matches!(kind, AggregateKind::Min | AggregateKind::Max);
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

    fn aggregate_arguments(
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
        let args = plain_arguments(function, info, span)?;
        let bound = self.inside(span, |binder| {
            args.iter()
                .map(|arg| binder.bind(arg))
                .collect::<Result<Vec<_>, _>>()
        })?;
        if let (AggregateKind::Count, [Expr::Literal { value, .. }]) = (kind, &bound[..])
            && *value != Value::Null
            && !is_distinct(function)
        {
            return Ok((AggregateKind::CountRows, Vec::new(), DataType::BigInt));
        }
        let arg_types: Vec<DataType> = bound.iter().map(Expr::ty).collect();
        let signature =
            signature::aggregate(kind, &arg_types).map_err(|message| error(span, message))?;
        let args = bound
            .into_iter()
            .zip(&signature.arguments)
            .map(|(arg, &ty)| types::cast_to(arg, ty, false))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|message| error(span, message))?;
        Ok((kind, args, signature.result))
    }

    /// Binds arguments: no aggregates, no window columns and nothing made of them inside.
    fn inside<T: AsExprs>(
        &mut self,
        span: Span,
        bind: impl FnOnce(&mut Self) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        let before = std::mem::replace(&mut self.nested, true);
        let bound = bind(self);
        self.nested = before;
        let bound = bound?;
        for expr in bound.exprs() {
            let mut columns = Vec::new();
            expr.columns(&mut columns);
            if columns.last().is_some_and(|&index| index >= AGGREGATE_BASE) {
                return Err(error(
                    span,
                    "an aggregate's argument uses an aggregate, an OVER call or a window column",
                )
                .with_hint("compute it in a subquery"));
            }
        }
        Ok(bound)
    }

    fn over_aggregate(
        &mut self,
        function: &Function,
        kind: AggregateKind,
        info: &FunctionInfo,
        over: &WindowType,
        span: Span,
    ) -> Bound {
        if matches!(
            kind,
            AggregateKind::First | AggregateKind::Last | AggregateKind::Vwap
        ) {
            return Err(unbuilt(span, format!("{} with OVER", info.names[0]))
                .with_hint("AVG, SUM, MIN, MAX, COUNT and LAG are"));
        }
        if is_distinct(function) {
            return Err(unbuilt(span, "DISTINCT with OVER"));
        }
        if function.filter.is_some() {
            return Err(unbuilt(span, "FILTER with OVER"));
        }
        let (kind, args, ty) = self.aggregate_arguments(function, kind, info, span)?;
        let (keys, order, frame) = self.over_spec(over, span)?;
        let preceding = rows_frame(frame, span)?;
        self.over_call(OverDraft {
            keys,
            order,
            call: OverCall {
                function: OverFunction::Aggregate(kind),
                preceding,
                args,
                ty,
            },
            span,
        })
    }

    pub(super) fn lag(&mut self, function: &Function, info: &FunctionInfo, span: Span) -> Bound {
        if self.nested {
            return Err(error(span, "LAG cannot stand inside an aggregate"));
        }
        let Some(over) = &function.over else {
            return Err(error(span, "LAG needs OVER (PARTITION BY .. ORDER BY ts)"));
        };
        let args = plain_arguments(function, info, span)?;
        let value = self.inside(span, |binder| binder.bind(args[0]))?;
        let ty = value.ty();
        let offset = match args.get(1) {
            None => 1,
            Some(arg) => match self.bind(arg)? {
                Expr::Literal {
                    value: Value::I64(rows),
                    ty: DataType::Int | DataType::BigInt,
                } if (0..=i64::from(FRAME_ROWS_MAX)).contains(&rows) => rows as u32,
                _ => {
                    return Err(error(
                        place(arg),
                        format!("LAG takes a constant number of rows, 0 to {FRAME_ROWS_MAX}"),
                    ));
                }
            },
        };
        let default = match args.get(2) {
            None => Value::Null,
            Some(arg) => {
                let bound = self.bind(arg)?;
                match types::cast_to(bound, ty, false)
                    .map_err(|message| error(place(arg), message))?
                {
                    Expr::Literal { value, .. } => value,
                    _ => {
                        return Err(unbuilt(
                            place(arg),
                            "LAG with a default that is not a constant",
                        ));
                    }
                }
            }
        };
        let (keys, order, _) = self.over_spec(over, span)?;
        self.over_call(OverDraft {
            keys,
            order,
            call: OverCall {
                function: OverFunction::Lag { offset, default },
                preceding: None,
                args: vec![value],
                ty,
            },
            span,
        })
    }

    fn over_call(&mut self, draft: OverDraft) -> Bound {
        if self.clause != super::Clause::Select {
            return Err(error(
                draft.span,
                format!("an OVER call cannot stand in {}", self.clause.name()),
            )
            .with_hint("compute it in a subquery"));
        }
        let ty = draft.call.ty;
        let same = |known: &OverDraft| {
            known.keys == draft.keys
                && known.order == draft.order
                && known.call.function == draft.call.function
                && known.call.preceding == draft.call.preceding
                && known.call.args == draft.call.args
        };
        let at = match self.overs.iter().position(same) {
            Some(at) => at,
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

    #[allow(clippy::type_complexity)] // The three parts of a window specification, used once.
    fn over_spec<'e>(
        &mut self,
        over: &'e WindowType,
        span: Span,
    ) -> Result<(Vec<Expr>, Option<Expr>, Option<&'e WindowFrame>), SqlError> {
        let WindowType::WindowSpec(spec) = over else {
            return Err(unbuilt(span, "OVER with a named window"));
        };
        let WindowSpec {
            window_name: None,
            partition_by,
            order_by,
            window_frame,
        } = spec
        else {
            return Err(unbuilt(span, "OVER with a named window"));
        };
        let keys = self.inside(span, |binder| {
            partition_by
                .iter()
                .map(|key| binder.bind(key))
                .collect::<Result<Vec<_>, _>>()
        })?;
        let order = match &order_by[..] {
            [] => None,
            [item] if item.options.sort != Some(sqlparser::ast::OrderBySort::Desc) => {
                Some(self.inside(span, |binder| binder.bind(&item.expr))?)
            }
            [item] => {
                return Err(unbuilt(place(&item.expr), "OVER with ORDER BY .. DESC")
                    .with_hint("rows come in rising time: ORDER BY ts"));
            }
            [_, item, ..] => {
                return Err(unbuilt(
                    place(&item.expr),
                    "OVER with more than one ORDER BY column",
                ));
            }
        };
        Ok((keys, order, window_frame.as_ref()))
    }
}

/// Rows that a frame may reach back: each is kept for every partition.
const FRAME_ROWS_MAX: u32 = 1 << 20;

fn rows_frame(frame: Option<&WindowFrame>, span: Span) -> Result<Option<u32>, SqlError> {
    let cure = "write ROWS BETWEEN 99 PRECEDING AND CURRENT ROW";
    let Some(frame) = frame else {
        return Err(unbuilt(span, "OVER without a ROWS frame").with_hint(cure));
    };
    match frame.units {
        WindowFrameUnits::Rows => {}
        WindowFrameUnits::Range => return Err(unbuilt(span, "a RANGE frame").with_hint(cure)),
        WindowFrameUnits::Groups => return Err(unbuilt(span, "a GROUPS frame").with_hint(cure)),
    }
    if !matches!(frame.end_bound, None | Some(WindowFrameBound::CurrentRow)) {
        return Err(unbuilt(span, "a frame that does not end at CURRENT ROW").with_hint(cure));
    }
    match &frame.start_bound {
        WindowFrameBound::CurrentRow => Ok(Some(0)),
        WindowFrameBound::Preceding(None) => Ok(None),
        WindowFrameBound::Preceding(Some(rows)) => {
            let text = rows.to_string();
            match text.parse::<u32>() {
                Ok(rows) if rows <= FRAME_ROWS_MAX => Ok(Some(rows)),
                _ => Err(error(
                    place(rows),
                    format!(
                        "a frame reaches back a constant number of rows, 0 to {FRAME_ROWS_MAX}"
                    ),
                )),
            }
        }
        WindowFrameBound::Following(_) => {
            Err(unbuilt(span, "a frame of FOLLOWING rows").with_hint(cure))
        }
    }
}

fn is_distinct(function: &Function) -> bool {
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

/// One or several bound expressions.
trait AsExprs {
    fn exprs(&self) -> &[Expr];
}

impl AsExprs for Expr {
    fn exprs(&self) -> &[Expr] {
        std::slice::from_ref(self)
    }
}

impl AsExprs for Vec<Expr> {
    fn exprs(&self) -> &[Expr] {
        self
    }
}
