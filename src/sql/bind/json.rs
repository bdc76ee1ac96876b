//! JSON_VALUE with its RETURNING, `->` and `->>`.

use super::call::{call, plain_arguments};
use super::expr::{Binder, Bound, error};
use super::place::place;
use super::types;
use crate::error::{Span, SqlError};
use crate::expr::catalogue::FunctionInfo;
use crate::expr::is_json_path;
use crate::plan::{Expr, JsonFunction, ScalarFunction};
use crate::types::{DataType, Value};
use sqlparser::ast::{Expr as SqlExpr, Function, FunctionArgumentClause, FunctionArguments};

/// Refuses a constant that is no path.
pub(super) fn check_constant_path(path: &Expr, span: Span) -> Result<(), SqlError> {
    match path {
        Expr::Literal {
            value: Value::Text(text),
            ..
        } if !is_json_path(text) => Err(error(span, format!("'{text}' is not a path of JSON"))
            .with_hint("a path is $ and steps: $.name, $[\"any name\"], $[0]")),
        _ => Ok(()),
    }
}

impl Binder<'_> {
    /// JSON_VALUE(json, path RETURNING type): NULL where the value is none of the type.
    pub(super) fn json_returning(
        &mut self,
        function: &Function,
        info: &FunctionInfo,
        span: Span,
    ) -> Option<Bound> {
        let FunctionArguments::List(list) = &function.args else {
            return None;
        };
        let [FunctionArgumentClause::JsonReturningClause(returning)] = &list.clauses[..] else {
            return None;
        };
        let mut plain = function.clone();
        if let FunctionArguments::List(list) = &mut plain.args {
            list.clauses.clear();
        }
        let bound = (|| {
            let ty = self.sql_type(&returning.data_type, span)?;
            let args = plain_arguments(&plain, info, span)?;
            let value = ScalarFunction::Json(JsonFunction::Value);
            let bound = self.scalar(value, &args, span)?;
            types::cast_to(bound, ty, true).map_err(|message| error(span, message))
        })();
        Some(bound)
    }

    /// `json -> step` or `json ->> step`: a constant name, index or path.
    pub(super) fn json_step(
        &mut self,
        json: &SqlExpr,
        step: &SqlExpr,
        function: JsonFunction,
    ) -> Bound {
        let span = place(step);
        let json = self.bind(json)?;
        let path = match self.bind(step)? {
            Expr::Literal {
                value: Value::Text(text),
                ..
            } if text.starts_with('$') && is_json_path(&text) => text,
            Expr::Literal {
                value: Value::Text(name),
                ..
            } => {
                let name = name.replace('\\', "\\\\").replace('"', "\\\"");
                format!("$[\"{name}\"]")
            }
            Expr::Literal {
                value: Value::I64(index @ 0..),
                ty,
            } if ty.is_integer() => format!("$[{index}]"),
            _ => {
                return Err(error(span, "-> takes a constant name, or an index from 0"));
            }
        };
        let path = Expr::Literal {
            value: Value::Text(path),
            ty: DataType::Varchar,
        };
        call(ScalarFunction::Json(function), vec![json, path], None, span)
    }
}
