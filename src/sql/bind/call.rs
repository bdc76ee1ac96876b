//! Calls of scalar functions, and the special forms that SQL gives some of them.

use super::expr::{Binder, Bound, error, unbuilt};
use super::json::check_constant_path;
use super::pattern::check_constant_pattern;
use super::place::place;
use super::{WINDOW_BASE, types};
use crate::error::{Span, SqlError};
use crate::expr::catalogue::{self, FunctionInfo, FunctionKind, Rewrite, signature};
use crate::expr::is_charset;
use crate::plan::{
    ArithmeticOp, BytesFunction, CompareOp, DoubleFunction, Expr, JsonFunction, NestedFunction,
    PatternFunction, ScalarFunction, TextFunction, TimeFunction,
};
use crate::sql::{mark, names};
use crate::types::{DataType, Value};
use sqlparser::ast::{
    CeilFloorKind, DateTimeField, DuplicateTreatment, Expr as SqlExpr, Function, FunctionArg,
    FunctionArgExpr, FunctionArguments, Spanned,
};

impl Binder<'_> {
    pub(super) fn bind_call(&mut self, expr: &SqlExpr) -> Bound {
        if let Some(found) = mark::read(expr) {
            return self.subquery(found);
        }
        let span = place(expr);
        match expr {
            SqlExpr::Function(function) => self.function(expr, function),
            SqlExpr::Extract {
                field, expr: input, ..
            } => self.time_unit(ScalarFunction::Extract, &field_name(field), input, span),
            SqlExpr::Ceil { expr: input, field } => match field {
                CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => {
                    self.scalar(ScalarFunction::Ceil, &[input], span)
                }
                _ => Err(unbuilt(span, "CEIL to a unit or scale")),
            },
            SqlExpr::Floor { expr: input, field } => match field {
                CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => {
                    self.scalar(ScalarFunction::Floor, &[input], span)
                }
                CeilFloorKind::DateTimeField(unit) => {
                    self.time_unit(ScalarFunction::DateTrunc, &field_name(unit), input, span)
                }
                CeilFloorKind::Scale(_) => Err(unbuilt(span, "FLOOR to a scale")),
            },
            SqlExpr::Substring {
                expr: input,
                substring_from,
                substring_for,
                ..
            } => {
                let one = SqlExpr::value(sqlparser::ast::Value::Number("1".into(), false));
                let mut args = vec![&**input, substring_from.as_deref().unwrap_or(&one)];
                args.extend(substring_for.as_deref());
                self.scalar(ScalarFunction::Substring, &args, span)
            }
            SqlExpr::Trim { .. }
            | SqlExpr::Position { .. }
            | SqlExpr::SimilarTo { .. }
            | SqlExpr::RLike { .. } => self.text_form(expr, span),
            SqlExpr::AtTimeZone {
                timestamp,
                time_zone,
            } => self.at_time_zone(timestamp, time_zone, span),
            SqlExpr::Array(array) => self.array(&array.elem, span),
            SqlExpr::CompoundFieldAccess { root, access_chain } => {
                self.accessed(root, access_chain, span)
            }
            SqlExpr::Map(map) => self.map(map, span),
            SqlExpr::Struct { .. } | SqlExpr::Tuple(_) => {
                Err(unbuilt(span, "a value of several parts"))
            }
            other => Err(unbuilt(
                span,
                format!("the expression {}", shortened(other)),
            )),
        }
    }

    /// The forms of SQL for functions of texts.
    fn text_form(&mut self, expr: &SqlExpr, span: Span) -> Bound {
        match expr {
            SqlExpr::Trim {
                expr: input,
                trim_where,
                trim_what,
                trim_characters,
            } => {
                let set = match (trim_what.as_deref(), trim_characters.as_deref()) {
                    (Some(set), _) | (None, Some([set])) => Some(set),
                    (None, None) => None,
                    _ => return Err(error(span, "the call is TRIM([side] [set FROM] s)")),
                };
                self.trim(input, set, *trim_where, span)
            }
            SqlExpr::Position { expr: part, r#in } => self.scalar(
                ScalarFunction::Text(TextFunction::Position),
                &[r#in, part],
                span,
            ),
            SqlExpr::SimilarTo {
                negated,
                expr: input,
                pattern,
                escape_char,
            } => self.similar(input, pattern, escape_char.as_deref(), *negated),
            SqlExpr::RLike {
                negated,
                expr: input,
                pattern,
                ..
            } => self.matches(input, pattern, (false, *negated)),
            other => unreachable!("{other} is no form of a text function"),
        }
    }

    fn function(&mut self, expr: &SqlExpr, function: &Function) -> Bound {
        let name = function.name.to_string();
        let span = names::span_of(function.name.span());
        if self.grouped && name.eq_ignore_ascii_case("GROUPING") {
            return self.grouping(function);
        }
        let Some(info) = catalogue::lookup(&name) else {
            return Err(unknown_function(&name, span));
        };
        let ordered =
            !function.within_group.is_empty() && !matches!(info.kind, FunctionKind::Aggregate(_));
        if function.parameters != FunctionArguments::None || ordered {
            return Err(unbuilt(
                span,
                format!("{name} with parameters or WITHIN GROUP"),
            ));
        }
        if function.null_treatment == Some(sqlparser::ast::NullTreatment::IgnoreNulls) {
            return Err(unbuilt(span, "IGNORE NULLS"));
        }
        match info.kind {
            FunctionKind::Aggregate(kind) => self.aggregate(function, kind, info, span),
            FunctionKind::Rewrite(Rewrite::Ohlc) => self.ohlc(function, info, span),
            FunctionKind::Window(kind) => self.window_function(function, kind, info, span),
            _ if function.over.is_some() => Err(error(
                span,
                format!("{name} is not an aggregate: it takes no OVER"),
            )),
            _ if function.filter.is_some() => Err(error(
                span,
                format!("{name} is not an aggregate: it takes no FILTER"),
            )),
            FunctionKind::Scalar(scalar) => {
                if scalar == ScalarFunction::Json(JsonFunction::Value)
                    && let Some(bound) = self.json_returning(function, info, span)
                {
                    return bound;
                }
                let args = plain_arguments(function, info, span)?;
                self.scalar_call(scalar, &args, &name, span)
            }
            FunctionKind::ExtractUnit(unit) => {
                let args = plain_arguments(function, info, span)?;
                self.time_unit(ScalarFunction::Extract, unit, args[0], span)
            }
            FunctionKind::Rewrite(rewrite) => {
                let args = plain_arguments(function, info, span)?;
                self.rewritten(expr, rewrite, &args, span)
            }
        }
    }

    /// A call whose name is a scalar function's.
    fn scalar_call(
        &mut self,
        function: ScalarFunction,
        args: &[&SqlExpr],
        name: &str,
        span: Span,
    ) -> Bound {
        let unit = || {
            unit_argument(args[0]).ok_or_else(|| {
                let message = format!("{name} takes its unit as a constant text");
                error(place(args[0]), message)
            })
        };
        match function {
            ScalarFunction::Time(TimeFunction::Boundaries) if args.len() == 2 => {
                self.with_unit(function, "day", &[args[1], args[0]], span)
            }
            ScalarFunction::DateTrunc
            | ScalarFunction::Extract
            | ScalarFunction::Time(
                TimeFunction::Add
                | TimeFunction::Elapsed
                | TimeFunction::Boundaries
                | TimeFunction::TruncateInZone,
            ) => self.with_unit(function, &unit()?, &args[1..], span),
            ScalarFunction::Time(function) => self.time_call(function, args, span),
            _ => self.scalar(function, args, span),
        }
    }

    pub(super) fn scalar(
        &mut self,
        mut function: ScalarFunction,
        args: &[&SqlExpr],
        span: Span,
    ) -> Bound {
        let mut bound = args
            .iter()
            .map(|arg| self.bind(arg))
            .collect::<Result<Vec<_>, _>>()?;
        complete(&mut function, &mut bound);
        if function == ScalarFunction::Text(TextFunction::Contains) && bound[0].ty().is_nested() {
            function = ScalarFunction::Nested(NestedFunction::Contains);
        }
        match function {
            ScalarFunction::Pattern(_) => check_constant_pattern(&bound[1], place(args[1]))?,
            ScalarFunction::Json(_) => check_constant_path(&bound[1], place(args[1]))?,
            ScalarFunction::Bytes(BytesFunction::Encode | BytesFunction::Decode) => {
                check_charset(&bound[1], place(args[1]))?;
            }
            _ => {}
        }
        if function == ScalarFunction::Concat {
            return self.concat(bound, span);
        }
        let mut digits = None;
        if matches!(function, ScalarFunction::Round | ScalarFunction::Truncate) && bound.len() == 2
        {
            let Expr::Literal {
                value: Value::I64(count),
                ty: DataType::Int | DataType::BigInt,
            } = bound[1]
            else {
                return Err(error(
                    place(args[1]),
                    format!(
                        "{} takes its digits as a constant",
                        catalogue::scalar_name(function).to_ascii_uppercase()
                    ),
                ));
            };
            digits = Some(count.clamp(-38, 38));
        }
        if matches!(function, ScalarFunction::Greatest | ScalarFunction::Least) {
            bound = types::unify_all(bound, &catalogue::scalar_name(function))
                .map_err(|message| error(span, message))?
                .0;
        }
        call(function, bound, digits, span)
    }

    pub(super) fn concat(&mut self, args: Vec<Expr>, span: Span) -> Bound {
        let mut parts = Vec::with_capacity(args.len());
        for arg in args {
            match arg {
                Expr::Call {
                    function: ScalarFunction::Concat,
                    args,
                    ..
                } => parts.extend(args),
                arg if types::is_null(&arg) => {
                    parts.push(
                        types::cast_to(arg, DataType::Varchar, false)
                            .map_err(|message| error(span, message))?,
                    );
                }
                arg => parts.push(arg),
            }
        }
        call(ScalarFunction::Concat, parts, None, span)
            .map_err(|error| error.with_hint("cast it: CAST(x AS VARCHAR)"))
    }

    fn time_unit(
        &mut self,
        function: ScalarFunction,
        unit: &str,
        input: &SqlExpr,
        span: Span,
    ) -> Bound {
        self.with_unit(function, unit, &[input], span)
    }

    /// A call of a function with a unit in front of its other arguments, by the session's zone.
    fn with_unit(
        &mut self,
        mut function: ScalarFunction,
        unit: &str,
        inputs: &[&SqlExpr],
        span: Span,
    ) -> Bound {
        let unit = known_unit(function, unit, span)?;
        let mut args = vec![Expr::Literal {
            value: Value::Text(unit.into()),
            ty: DataType::Varchar,
        }];
        for input in inputs {
            let mut bound = self.bind(input)?;
            if types::is_null(&bound) && inputs.len() == 1 {
                bound = types::cast_to(bound, DataType::Timestamp, false)
                    .map_err(|message| error(span, message))?;
            }
            args.push(bound);
        }
        if args[1].ty() == DataType::Time && !TIME_UNITS.contains(&unit) {
            return Err(error(span, format!("a TIME has no {unit}")));
        }
        if let Some(zone) = &self.scope.zone {
            if function == ScalarFunction::DateTrunc && args[1].ty().is_instant() {
                function = ScalarFunction::Time(TimeFunction::TruncateInZone);
                args.push(Expr::Literal {
                    value: Value::Text(zone.clone()),
                    ty: DataType::Varchar,
                });
            } else if function == ScalarFunction::Extract && unit != "epoch" {
                let instant = args.remove(1);
                args.push(self.local(instant, span)?);
            }
        }
        call(function, args, None, span)
    }

    fn rewritten(
        &mut self,
        expr: &SqlExpr,
        rewrite: Rewrite,
        args: &[&SqlExpr],
        span: Span,
    ) -> Bound {
        match rewrite {
            Rewrite::Coalesce => {
                let bound = args
                    .iter()
                    .map(|arg| self.bind(arg))
                    .collect::<Result<Vec<_>, _>>()?;
                let (args, ty) =
                    types::unify_all(bound, "COALESCE").map_err(|message| error(span, message))?;
                Ok(Expr::Coalesce { args, ty })
            }
            Rewrite::NullIf => {
                let (left, right) = (self.bind(args[0])?, self.bind(args[1])?);
                let ty = left.ty();
                let test = types::compare(CompareOp::Equal, left.clone(), right)
                    .map_err(|message| error(span, message))?;
                let null = Expr::Literal {
                    value: Value::Null,
                    ty,
                };
                self.case_of(vec![test], vec![null, left], span)
            }
            Rewrite::If => {
                let test = self.condition_of("IF", args[0])?;
                let results = vec![self.bind(args[1])?, self.bind(args[2])?];
                self.case_of(vec![test], results, span)
            }
            Rewrite::FromUnixtime => self.unixtime_text(args, span),
            Rewrite::UnixTimestamp => self.unix_timestamp(args, span),
            Rewrite::Now => self.arrival(expr, span),
            Rewrite::Today => {
                let arrival = self.arrival(expr, span)?;
                self.cast_time(arrival, DataType::Date, false, span)
            }
            Rewrite::Watermark => self.watermark(args.first().copied(), span),
            Rewrite::Ohlc => unreachable!("it is bound as aggregates are"),
            Rewrite::TimeNow => {
                let arrival = self.arrival(expr, span)?;
                self.cast_time(arrival, DataType::Time, false, span)
            }
            Rewrite::Pi => Ok(Expr::Literal {
                value: Value::F64(std::f64::consts::PI),
                ty: DataType::Double,
            }),
            Rewrite::Modulo => {
                let (left, right) = (self.bind(args[0])?, self.bind(args[1])?);
                self.arithmetic(expr, ArithmeticOp::Modulo, left, right)
            }
            Rewrite::WindowStart | Rewrite::WindowEnd => {
                let index = WINDOW_BASE + usize::from(rewrite == Rewrite::WindowEnd);
                let exists = self.scope.columns.iter().any(
                    |column| matches!(column.expr, Expr::Column { index: at, .. } if at == index),
                );
                if !exists {
                    return Err(error(span, "the query has no window")
                        .with_hint("add GROUP BY TUMBLE(ts, INTERVAL '1' SECOND)"));
                }
                Ok(Expr::Column {
                    index,
                    ty: DataType::Timestamp,
                })
            }
        }
    }
}

/// Adds the arguments that a call may leave out.
fn complete(function: &mut ScalarFunction, args: &mut Vec<Expr>) {
    use TextFunction as T;
    let space = || Expr::Literal {
        value: Value::Text(" ".to_owned()),
        ty: DataType::Varchar,
    };
    match (*function, args.len()) {
        (ScalarFunction::Double(DoubleFunction::LogBase), 1) => {
            *function = ScalarFunction::Double(DoubleFunction::Ln);
        }
        (ScalarFunction::Text(T::TrimStart | T::TrimEnd), 1)
        | (ScalarFunction::Text(T::PadLeft | T::PadRight), 2) => args.push(space()),
        (ScalarFunction::Nested(NestedFunction::Slice), 2) => args.push(Expr::Literal {
            value: Value::I64(-1),
            ty: DataType::Int,
        }),
        (ScalarFunction::Pattern(PatternFunction::Extract), 2) => args.push(Expr::Literal {
            value: Value::I64(0),
            ty: DataType::Int,
        }),
        _ => {}
    }
}

/// A call with its arguments cast to the function's signature.
pub(super) fn call(
    function: ScalarFunction,
    args: Vec<Expr>,
    digits: Option<i64>,
    span: Span,
) -> Bound {
    let signature =
        signature_of(function, &args, digits).map_err(|message| error(span, message))?;
    let args = args
        .into_iter()
        .zip(&signature.arguments)
        .map(|(arg, &ty)| types::cast_to(arg, ty, false))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|message| error(span, message))?;
    Ok(Expr::Call {
        function,
        args,
        ty: signature.result,
    })
}

/// The signature of a call; a NULL is taken for a value of the type that is asked for.
fn signature_of(
    function: ScalarFunction,
    args: &[Expr],
    digits: Option<i64>,
) -> Result<signature::Signature, String> {
    let types: Vec<DataType> = args.iter().map(Expr::ty).collect();
    let found = signature::scalar(function, &types, digits);
    if found.is_ok() || !args.iter().any(types::is_null) {
        return found;
    }
    [DataType::Int, DataType::Timestamp, DataType::Interval]
        .into_iter()
        .find_map(|ty| {
            let types = args
                .iter()
                .map(|arg| if types::is_null(arg) { ty } else { arg.ty() });
            signature::scalar(function, &types.collect::<Vec<_>>(), digits).ok()
        })
        .map_or(found, Ok)
}

/// The arguments of a call that takes plain expressions only, their number checked.
pub(super) fn plain_arguments<'e>(
    function: &'e Function,
    info: &FunctionInfo,
    span: Span,
) -> Result<Vec<&'e SqlExpr>, SqlError> {
    let usage = || error(span, format!("the call is {}", info.call));
    let args = match &function.args {
        FunctionArguments::None => Vec::new(),
        FunctionArguments::Subquery(_) => return Err(unbuilt(span, "a subquery as an argument")),
        FunctionArguments::List(list) => {
            if let Some(DuplicateTreatment::Distinct) = list.duplicate_treatment
                && !matches!(info.kind, FunctionKind::Aggregate(_))
            {
                return Err(error(span, "DISTINCT is for aggregates"));
            }
            if !list.clauses.is_empty() {
                return Err(unbuilt(span, "a clause inside a call's arguments"));
            }
            list.args
                .iter()
                .map(|arg| match arg {
                    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Ok(expr),
                    FunctionArg::Unnamed(_) => Err(usage()),
                    _ => Err(unbuilt(span, "a named argument")),
                })
                .collect::<Result<Vec<_>, _>>()?
        }
    };
    if !(info.arguments_min..=info.arguments_max).contains(&args.len()) {
        return Err(error(
            span,
            match args.len() {
                1 => format!("{} does not take 1 argument", info.names[0]),
                count => format!("{} does not take {count} arguments", info.names[0]),
            },
        )
        .with_hint(format!("the call is {}", info.call)));
    }
    Ok(args)
}

/// Units of EXTRACT that a TIME has.
const TIME_UNITS: &[&str] = &[
    "hour",
    "minute",
    "second",
    "millisecond",
    "microsecond",
    "nanosecond",
    "epoch",
];

/// Refuses a constant that is the name of no character set.
fn check_charset(charset: &Expr, span: Span) -> Result<(), SqlError> {
    match charset {
        Expr::Literal {
            value: Value::Text(name),
            ..
        } if !is_charset(name) => Err(error(span, format!("character set '{name}' is not known"))
            .with_hint("known are 'UTF-8', 'US-ASCII' and 'ISO-8859-1'")),
        _ => Ok(()),
    }
}

/// The name of a unit as the kernels know it.
fn known_unit(function: ScalarFunction, unit: &str, span: Span) -> Result<&'static str, SqlError> {
    let known = if function == ScalarFunction::Extract {
        signature::EXTRACT_UNITS
    } else {
        signature::TRUNC_UNITS
    };
    let lower = unit.to_ascii_lowercase();
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    let found = known
        .iter()
        .find(|known| **known == lower || **known == singular);
    found.copied().ok_or_else(|| {
        let error = error(span, format!("unit {unit} is not known"));
        match names::hint(unit, known) {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    })
}

fn unit_argument(expr: &SqlExpr) -> Option<String> {
    match expr {
        SqlExpr::Value(value) => value.value.clone().into_string(),
        SqlExpr::Identifier(ident) => Some(ident.value.clone()),
        _ => None,
    }
}

fn field_name(field: &DateTimeField) -> String {
    match field {
        DateTimeField::DayOfWeek => "dow".into(),
        DateTimeField::DayOfYear => "doy".into(),
        other => other.to_string(),
    }
}

fn unknown_function(name: &str, span: Span) -> SqlError {
    if name.eq_ignore_ascii_case("unnest") {
        return error(
            span,
            "UNNEST stands among the items of a SELECT, or in FROM",
        )
        .with_hint("FROM t CROSS JOIN UNNEST(a) AS u(x)");
    }
    let error = error(span, format!("function {name} does not exist"));
    match names::nearest(name, catalogue::names()) {
        Some(near) => error.with_hint(format!("did you mean {near}?")),
        None => error.with_hint("SHOW FUNCTIONS lists them"),
    }
}

fn shortened(expr: &SqlExpr) -> String {
    if super::place::is_small(expr, 32) {
        expr.to_string().chars().take(60).collect()
    } else {
        "here".into()
    }
}
