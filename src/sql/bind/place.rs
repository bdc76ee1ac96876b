//! Walks over parsed expressions that do not recurse: places, searches and measures.
//!
//! The parser's recursion limit does not see chains such as `a + a + ..`, so nothing here may use the stack
//! in proportion to an expression's depth.

use super::super::names::span_of;
use crate::error::Span;
use sqlparser::ast::{
    AccessExpr, BinaryOperator, Expr as SqlExpr, FunctionArg, FunctionArgExpr, FunctionArguments,
    Spanned, Subscript,
};

/// Where an expression stands in the text.
pub fn place(expr: &SqlExpr) -> Span {
    let (start, end) = (edge(expr, Side::Left), edge(expr, Side::Right));
    if start.line == 0 {
        return end;
    }
    if end.line == 0 {
        return start;
    }
    Span {
        end_line: end.end_line,
        end_column: end.end_column,
        ..start
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

fn edge(mut expr: &SqlExpr, side: Side) -> Span {
    loop {
        expr = match expr {
            SqlExpr::BinaryOp { left, right, .. } if side == Side::Left || is_leaf(right) => {
                if side == Side::Left { left } else { right }
            }
            SqlExpr::BinaryOp { right, .. } => right,
            SqlExpr::Between { high, .. } if side == Side::Right => high,
            SqlExpr::InList { list, .. } if side == Side::Right && !list.is_empty() => {
                &list[list.len() - 1]
            }
            SqlExpr::Like { pattern, .. } | SqlExpr::ILike { pattern, .. }
                if side == Side::Right =>
            {
                pattern
            }
            SqlExpr::Function(function) => return span_of(function.name.span()),
            SqlExpr::Case {
                case_token,
                end_token,
                ..
            } => {
                return span_of(match side {
                    Side::Left => case_token.0.span,
                    Side::Right => end_token.0.span,
                });
            }
            other => match first_child(other) {
                Some(child) => child,
                None => return span_of(other.span()),
            },
        };
    }
}

fn is_leaf(expr: &SqlExpr) -> bool {
    first_child(expr).is_none()
}

fn first_child(expr: &SqlExpr) -> Option<&SqlExpr> {
    match expr {
        SqlExpr::Value(_) | SqlExpr::Identifier(_) | SqlExpr::CompoundIdentifier(_) => None,
        other => children(other).first().copied(),
    }
}

/// A value whose parts are taken, and the places they are taken from.
fn accessed<'e>(root: &'e SqlExpr, chain: &'e [AccessExpr]) -> Vec<&'e SqlExpr> {
    let mut parts = vec![root];
    for access in chain {
        match access {
            AccessExpr::Subscript(Subscript::Index { index }) => parts.push(index),
            AccessExpr::Subscript(Subscript::Slice {
                lower_bound,
                upper_bound,
                ..
            }) => parts.extend(lower_bound.iter().chain(upper_bound)),
            AccessExpr::Dot(_) => {}
        }
    }
    parts
}

/// The expressions directly below, of the forms that the binder knows.
pub fn children(expr: &SqlExpr) -> Vec<&SqlExpr> {
    match expr {
        SqlExpr::IsFalse(input)
        | SqlExpr::IsNotFalse(input)
        | SqlExpr::IsTrue(input)
        | SqlExpr::IsNotTrue(input)
        | SqlExpr::IsNull(input)
        | SqlExpr::IsNotNull(input)
        | SqlExpr::IsUnknown(input)
        | SqlExpr::IsNotUnknown(input)
        | SqlExpr::Nested(input)
        | SqlExpr::UnaryOp { expr: input, .. }
        | SqlExpr::Cast { expr: input, .. }
        | SqlExpr::Extract { expr: input, .. }
        | SqlExpr::Ceil { expr: input, .. }
        | SqlExpr::Floor { expr: input, .. }
        | SqlExpr::Collate { expr: input, .. }
        | SqlExpr::Convert { expr: input, .. }
        | SqlExpr::JsonAccess { value: input, .. } => vec![input],
        SqlExpr::Array(array) => array.elem.iter().collect(),
        SqlExpr::CompoundFieldAccess { root, access_chain } => accessed(root, access_chain),
        SqlExpr::IsDistinctFrom(left, right)
        | SqlExpr::IsNotDistinctFrom(left, right)
        | SqlExpr::BinaryOp { left, right, .. } => vec![left, right],
        SqlExpr::InList { expr, list, .. } => std::iter::once(&**expr).chain(list.iter()).collect(),
        SqlExpr::Between {
            expr, low, high, ..
        } => vec![expr, low, high],
        SqlExpr::Like { expr, pattern, .. }
        | SqlExpr::ILike { expr, pattern, .. }
        | SqlExpr::SimilarTo { expr, pattern, .. }
        | SqlExpr::RLike { expr, pattern, .. } => vec![expr, pattern],
        SqlExpr::Substring {
            expr,
            substring_from,
            substring_for,
            ..
        } => [Some(expr), substring_from.as_ref(), substring_for.as_ref()]
            .into_iter()
            .flatten()
            .map(|child| &**child)
            .collect(),
        SqlExpr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => operand
            .as_deref()
            .into_iter()
            .chain(
                conditions
                    .iter()
                    .flat_map(|when| [&when.condition, &when.result]),
            )
            .chain(else_result.as_deref())
            .collect(),
        SqlExpr::Function(function) => {
            let mut found: Vec<&SqlExpr> = arguments(&function.args);
            found.extend(function.filter.as_deref());
            found
        }
        other => of_calls(other),
    }
}

/// Those of calls with a grammar of their own.
fn of_calls(expr: &SqlExpr) -> Vec<&SqlExpr> {
    match expr {
        SqlExpr::Position { expr, r#in } => vec![expr, r#in],
        SqlExpr::AtTimeZone {
            timestamp,
            time_zone,
        } => vec![timestamp, time_zone],
        SqlExpr::Trim {
            expr,
            trim_what,
            trim_characters,
            ..
        } => trim_what
            .as_deref()
            .into_iter()
            .chain(std::iter::once(&**expr))
            .chain(trim_characters.iter().flatten())
            .collect(),
        SqlExpr::Tuple(list) => list.iter().collect(),
        SqlExpr::Map(map) => {
            let entries = map.entries.iter();
            entries
                .flat_map(|entry| [&*entry.key, &*entry.value])
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The plain expressions among a call's arguments.
fn arguments(args: &FunctionArguments) -> Vec<&SqlExpr> {
    match args {
        FunctionArguments::List(list) => list
            .args
            .iter()
            .filter_map(|arg| match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))
                | FunctionArg::Named {
                    arg: FunctionArgExpr::Expr(expr),
                    ..
                } => Some(expr),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether `test` holds for a node of the expression.
pub fn any(expr: &SqlExpr, test: impl Fn(&SqlExpr) -> bool) -> bool {
    let mut open = vec![expr];
    while let Some(node) = open.pop() {
        if test(node) {
            return true;
        }
        open.extend(children(node));
    }
    false
}

/// Whether the expression has at most `most` nodes.
pub fn is_small(expr: &SqlExpr, most: usize) -> bool {
    let mut open = vec![expr];
    let mut seen = 0;
    while let Some(node) = open.pop() {
        seen += 1;
        if seen > most {
            return false;
        }
        open.extend(children(node));
    }
    true
}

/// Whether an operator's chains are bound as one list.
pub fn is_chained(op: &BinaryOperator) -> bool {
    matches!(
        op,
        BinaryOperator::And | BinaryOperator::Or | BinaryOperator::StringConcat
    )
}

/// How deep the leftmost path goes, chains of AND, OR and `||` left out.
pub fn left_depth(mut expr: &SqlExpr) -> usize {
    let mut depth = 0;
    loop {
        let counts = !matches!(expr, SqlExpr::BinaryOp { op, .. } if is_chained(op));
        depth += usize::from(counts);
        match first_child(expr) {
            Some(child) => expr = child,
            None => return depth,
        }
    }
}

/// The operands of a chain of `op`, left to right.
pub fn chain<'a>(expr: &'a SqlExpr, wanted: &BinaryOperator) -> Vec<&'a SqlExpr> {
    let mut operands = Vec::new();
    let mut node = expr;
    while let SqlExpr::BinaryOp { left, op, right } = node {
        if op != wanted {
            break;
        }
        operands.push(&**right);
        node = left;
    }
    operands.push(node);
    operands.reverse();
    operands
}
