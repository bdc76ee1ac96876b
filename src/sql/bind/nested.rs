//! `ARRAY[a, b]`, `MAP[k, v]`, `a[1]`, `row.field` and OHLC(price).

use super::expr::{Binder, Bound, error, unbuilt};
use super::place::place;
use super::types;
use crate::error::{Span, SqlError};
use crate::expr::catalogue::FunctionInfo;
use crate::plan::{AggregateKind, Expr, NestedFunction, ScalarFunction};
use crate::sql::ast::Name;
use crate::sql::names;
use crate::types::{DataType, RowField, Value, array_of, row_of};
use sqlparser::ast::{AccessExpr, Expr as SqlExpr, Function, Ident, Map, MapEntry, Subscript};

const fn nested(function: NestedFunction) -> ScalarFunction {
    ScalarFunction::Nested(function)
}

impl Binder<'_> {
    /// `ARRAY[a, b, ..]`.
    pub(super) fn array(&mut self, elements: &[SqlExpr], span: Span) -> Bound {
        if elements.is_empty() {
            return Err(error(span, "an ARRAY without elements has no type")
                .with_hint("write one element: ARRAY[NULL]"));
        }
        let bound = elements
            .iter()
            .map(|element| self.bind(element))
            .collect::<Result<Vec<_>, _>>()?;
        let (args, ty) =
            types::unify_all(bound, "ARRAY").map_err(|message| error(span, message))?;
        Ok(Expr::Call {
            function: nested(NestedFunction::Array),
            args,
            ty: array_of(ty),
        })
    }

    /// `MAP[k, v, ..]`.
    pub(super) fn map(&mut self, map: &Map, span: Span) -> Bound {
        let bound = |binder: &mut Self, part: fn(&MapEntry) -> &SqlExpr, what| {
            let parts = map.entries.iter().map(|entry| binder.bind(part(entry)));
            let parts = parts.collect::<Result<Vec<_>, _>>()?;
            types::unify_all(parts, what).map_err(|message| error(span, message))
        };
        let (keys, _) = bound(self, |entry| &entry.key, "the keys of a MAP")?;
        let (values, _) = bound(self, |entry| &entry.value, "MAP")?;
        let args = keys
            .into_iter()
            .zip(values)
            .flat_map(|(key, value)| [key, value]);
        super::call::call(nested(NestedFunction::Map), args.collect(), None, span)
    }

    /// `root[index]`, `root.field` and several of them behind each other.
    pub(super) fn accessed(&mut self, root: &SqlExpr, chain: &[AccessExpr], span: Span) -> Bound {
        let mut bound = self.bind(root)?;
        for access in chain {
            bound = match access {
                AccessExpr::Dot(SqlExpr::Identifier(field)) => {
                    row_field(bound, &names::name_of(field))?
                }
                AccessExpr::Subscript(Subscript::Index { index }) => {
                    let place_of = self.bind(index)?;
                    super::call::call(
                        nested(NestedFunction::At),
                        vec![bound, place_of],
                        None,
                        place(index),
                    )?
                }
                AccessExpr::Subscript(Subscript::Slice {
                    lower_bound,
                    upper_bound,
                    stride,
                }) => self.slice(bound, [lower_bound, upper_bound], stride.as_ref(), span)?,
                _ => return Err(unbuilt(span, "this access to a value's parts")),
            };
        }
        Ok(bound)
    }

    /// `array[first:last:step]`, some of them left out.
    fn slice(
        &mut self,
        array: Expr,
        bounds: [&Option<SqlExpr>; 2],
        step: Option<&SqlExpr>,
        span: Span,
    ) -> Bound {
        let step = step.map(|step| self.step(step)).transpose()?;
        let ends = match step {
            Some((_, true)) => [-1, 1],
            _ => [1, -1],
        };
        let mut args = vec![array];
        for (bound, end) in bounds.into_iter().zip(ends) {
            args.push(match bound {
                Some(bound) => self.bind(bound)?,
                None => Expr::Literal {
                    value: Value::I64(end),
                    ty: DataType::Int,
                },
            });
        }
        args.extend(step.map(|(step, _)| step));
        super::call::call(nested(NestedFunction::Slice), args, None, span)
    }

    /// The step of a slice, and whether it goes backwards.
    fn step(&mut self, step: &SqlExpr) -> Result<(Expr, bool), SqlError> {
        let bound = self.bind(step)?;
        match &bound {
            Expr::Literal {
                value: Value::I64(by),
                ty,
            } if ty.is_integer() && *by != 0 => {
                let backwards = *by < 0;
                Ok((bound, backwards))
            }
            _ => Err(error(
                place(step),
                "the step of a slice is a constant number of places other than 0",
            )),
        }
    }

    /// `column.field` where the name before the dot is no table but a column of type ROW.
    pub(super) fn column_field(&mut self, column: &Ident, field: &Ident) -> Option<Bound> {
        let bound = self.bind(&SqlExpr::Identifier(column.clone())).ok()?;
        matches!(bound.ty(), DataType::Row(_)).then(|| row_field(bound, &names::name_of(field)))
    }

    /// OHLC(price): the ROW of four aggregates.
    pub(super) fn ohlc(&mut self, function: &Function, info: &FunctionInfo, span: Span) -> Bound {
        use AggregateKind::{First, Last, Max, Min};
        let mut args = Vec::with_capacity(4);
        for kind in [First, Max, Min, Last] {
            args.push(self.aggregate(function, kind, info, span)?);
        }
        let names = ["open", "high", "low", "close"];
        let fields: Vec<_> = names.into_iter().zip(args.iter().map(Expr::ty)).collect();
        Ok(Expr::Call {
            function: nested(NestedFunction::Row),
            args,
            ty: row_of(&fields),
        })
    }
}

/// A part of a ROW; of one that is just made, what it is made of.
pub(super) fn row_field(row: Expr, name: &Name) -> Bound {
    let DataType::Row(fields) = row.ty() else {
        return Err(error(
            name.span,
            format!("{} has no parts with names", row.ty()),
        ));
    };
    let found = names::find(name, fields.iter().map(|field| field.name));
    let Some(&at) = found.first() else {
        return Err(unknown_field(name, fields));
    };
    if let Expr::Call { function, args, .. } = &row
        && *function == nested(NestedFunction::Row)
    {
        return Ok(args[at].clone());
    }
    let place_of = Expr::Literal {
        value: Value::I64(at as i64 + 1),
        ty: DataType::BigInt,
    };
    Ok(Expr::Call {
        function: nested(NestedFunction::At),
        args: vec![row, place_of],
        ty: fields[at].ty,
    })
}

fn unknown_field(name: &Name, fields: &[RowField]) -> SqlError {
    let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
    let error = error(name.span, format!("the ROW has no part {}", name.text));
    match names::hint(&name.text, &known) {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}
