//! How a subquery stands in an expression between parsing and binding.
//!
//! Scalar expressions are sqlparser's, queries our own, so a subquery is read apart, and in its place stands a call
//! of a function that no text can name, with the subquery's number as its argument.

use super::names::span_of;
use crate::error::Span;
use sqlparser::ast::{
    Expr as SqlExpr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Ident, ObjectName, Spanned, Value as SqlValue,
};
use sqlparser::tokenizer::Span as TokenSpan;

/// What a subquery stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// One value.
    Value,
    /// What IN looks among.
    Rows,
    /// EXISTS.
    Existence,
}

/// Their names, which have a space in them and no quotes around.
const NAMES: [(MarkKind, &str); 3] = [
    (MarkKind::Value, "a subquery"),
    (MarkKind::Rows, "rows of a subquery"),
    (MarkKind::Existence, "exists a subquery"),
];

/// A subquery in an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it stands for.
    pub kind: MarkKind,
    /// Where it is: a token while it is parsed, then its number in the text.
    pub number: usize,
    /// Where.
    pub span: Span,
}

/// The expression that stands for subquery `number`.
pub fn marked(kind: MarkKind, number: usize, span: TokenSpan) -> SqlExpr {
    let name = NAMES.iter().find(|(known, _)| *known == kind);
    let (_, name) = name.expect("every kind has a name");
    SqlExpr::Function(Function {
        name: ObjectName::from(vec![Ident::with_span(span, *name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: arguments(number),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

fn arguments(number: usize) -> FunctionArguments {
    let number = SqlExpr::value(SqlValue::Number(number.to_string(), false));
    FunctionArguments::List(FunctionArgumentList {
        duplicate_treatment: None,
        args: vec![FunctionArg::Unnamed(FunctionArgExpr::Expr(number))],
        clauses: Vec::new(),
    })
}

/// The subquery that the expression stands for.
pub fn read(expr: &SqlExpr) -> Option<Mark> {
    let SqlExpr::Function(function) = expr else {
        return None;
    };
    let [part] = &function.name.0[..] else {
        return None;
    };
    let ident = part.as_ident().filter(|it| it.quote_style.is_none())?;
    let (kind, _) = NAMES.iter().find(|(_, name)| ident.value == *name)?;
    let FunctionArguments::List(list) = &function.args else {
        return None;
    };
    let [FunctionArg::Unnamed(FunctionArgExpr::Expr(SqlExpr::Value(value)))] = &list.args[..]
    else {
        return None;
    };
    let SqlValue::Number(number, _) = &value.value else {
        return None;
    };
    Some(Mark {
        kind: *kind,
        number: number.parse().ok()?,
        span: span_of(function.name.span()),
    })
}

/// Gives a mark another number.
pub fn renumber(expr: &mut SqlExpr, number: usize) {
    if let SqlExpr::Function(function) = expr {
        function.args = arguments(number);
    }
}
