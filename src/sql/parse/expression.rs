//! Scalar expressions: sqlparser reads them, then chains of AND and OR are balanced, the depth is bounded, and
//! parts that nothing below can carry are refused.
//!
//! Balancing: `a AND b AND c AND d` comes as a tree as deep as it is long. `(a AND b) AND (c AND d)` has the same
//! value, evaluates the same operands in the same order and stops at the same one, and is only as deep as the
//! logarithm, so a generated condition of thousands of terms does not need a stack of thousands of frames.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArguments, Spanned, VisitMut, VisitorMut, WindowSpec,
};
use sqlparser::parser::ParserError;

use super::cursor::Cursor;
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::expr::catalogue::signature::EXTRACT_UNITS;
use crate::limits::SQL_EXPRESSION_DEPTH_MAX;
use crate::sql::lex::span_of;
use crate::sql::names;

/// Operands from which on a chain is balanced: a balanced tree's own left edge is shorter than this.
const BALANCE_MIN: usize = 32;

impl Cursor<'_> {
    /// An expression, up to the first token that does not continue it.
    pub(super) fn expression(&mut self) -> Result<Expr, SqlError> {
        let start = self.index();
        if self.at_end() {
            return Err(self.expected("an expression", &[]));
        }
        self.dialect.clear();
        let mut expr = match self.parser.parse_expr() {
            Ok(expr) => expr,
            Err(error) => return Err(self.parser_error(&error)),
        };
        let span = self.since(start);
        check(&mut expr, span)?;
        self.read_subqueries(&mut expr)?;
        Ok(expr)
    }

    /// A window for OVER, behind its `(` and with its `)`.
    pub(super) fn window_spec(&mut self) -> Result<WindowSpec, SqlError> {
        let start = self.index();
        self.dialect.clear();
        let mut spec = match self.parser.parse_window_spec() {
            Ok(spec) => spec,
            Err(error) => return Err(self.parser_error(&error)),
        };
        let span = self.since(start);
        let mut checker = Checker {
            depth: 0,
            whole: span,
        };
        match spec.visit(&mut checker) {
            ControlFlow::Continue(()) => {
                self.read_subqueries(&mut spec)?;
                Ok(spec)
            }
            ControlFlow::Break(error) => Err(*error),
        }
    }

    /// sqlparser's error with a place: what a hook noted, unless the parser got further; else where the message
    /// says, if a token begins there; else the token it stopped at.
    pub(super) fn parser_error(&self, error: &ParserError) -> SqlError {
        let text = match error {
            ParserError::RecursionLimitExceeded => {
                return self
                    .error(SqlErrorKind::Parse, self.here(), "nested too deeply")
                    .with_hint(
                        "name inner queries with WITH, or compute inner expressions in a subquery",
                    );
            }
            ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.as_str(),
        };
        let (message, location) = split_location(text);
        if let Some(refusal) = self.dialect.take() {
            let start = refusal.span.start;
            if location.is_none_or(|further| (start.line, start.column) >= further) {
                let error = SqlError::new(refusal.kind, span_of(refusal.span), refusal.message);
                return match refusal.hint {
                    Some(hint) => error.with_hint(hint),
                    None => error,
                };
            }
        }
        let span = location
            .and_then(|(line, column)| self.token_place(line, column))
            .unwrap_or_else(|| {
                if message.ends_with("found: EOF") {
                    self.place(usize::MAX)
                } else {
                    self.here()
                }
            });
        let error = SqlError::new(SqlErrorKind::Parse, span, reworded(message));
        match cure(message) {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

/// What helps against some of sqlparser's errors.
fn cure(message: &str) -> Option<String> {
    let (expected, found) = message
        .strip_prefix("Expected: ")?
        .rsplit_once(", found: ")?;
    match expected {
        "date/time field" => names::hint(found, EXTRACT_UNITS),
        _ if expected.starts_with(IS_WORDS) => Some("values are compared with =".to_owned()),
        _ if expected.starts_with("ROWS, RANGE") && found.eq_ignore_ascii_case("PARTITION") => {
            Some("write PARTITION BY".to_owned())
        }
        _ => None,
    }
}

/// How sqlparser begins to list what may follow IS.
const IS_WORDS: &str = "[NOT] NULL | TRUE";

/// `text at Line: 1, Column: 2` as the text and (1, 2).
fn split_location(text: &str) -> (&str, Option<(u64, u64)>) {
    let split = || {
        let (message, place) = text.rsplit_once(" at Line: ")?;
        let (line, column) = place.split_once(", Column: ")?;
        Some((message, (line.parse().ok()?, column.parse().ok()?)))
    };
    match split() {
        Some((message, location)) => (message, Some(location)),
        None => (text, None),
    }
}

/// `Expected: x, found: y` as `expected x, found y`; other messages with a small first letter.
fn reworded(message: &str) -> String {
    let message = message.trim_end_matches('.');
    if let Some(rest) = message.strip_prefix("Expected: ") {
        if let Some((expected, found)) = rest.rsplit_once(", found: ") {
            let found = match found {
                "EOF" => "the end of the statement".to_owned(),
                _ => {
                    let mut cut: String = found.chars().take(40).collect();
                    if cut.len() < found.len() {
                        cut.push_str("..");
                    }
                    format!("`{cut}`")
                }
            };
            let expected = match expected {
                ")" => "`)`",
                ":" => "`]`",
                _ if expected.starts_with(IS_WORDS) => {
                    "NULL, TRUE, FALSE or DISTINCT FROM after IS [NOT]"
                }
                _ => expected,
            };
            return format!("expected {expected}, found {found}");
        }
        return format!("expected {rest}");
    }
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => "this is not an expression".to_owned(),
    }
}

/// Balances, bounds and checks an expression.
fn check(expr: &mut Expr, whole: Span) -> Result<(), SqlError> {
    let mut checker = Checker { depth: 0, whole };
    match expr.visit(&mut checker) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

struct Checker {
    depth: usize,
    whole: Span,
}

impl VisitorMut for Checker {
    type Break = Box<SqlError>;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        balance(expr);
        self.depth += 1;
        if self.depth > SQL_EXPRESSION_DEPTH_MAX {
            return ControlFlow::Break(Box::new(
                SqlError::new(
                    SqlErrorKind::Parse,
                    self.whole,
                    format!(
                        "the expression is nested deeper than {SQL_EXPRESSION_DEPTH_MAX} levels"
                    ),
                )
                .with_hint("compute a part of it in a subquery"),
            ));
        }
        if let Some(what) = uncarried(expr) {
            let span = match span_of(expr.span()) {
                Span { line: 0, .. } => self.whole,
                span => span,
            };
            return ControlFlow::Break(Box::new(SqlError::new(
                SqlErrorKind::Unsupported,
                span,
                format!("{what} not supported in this version"),
            )));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, _: &mut Expr) -> ControlFlow<Self::Break> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }
}

/// What in an expression no later stage could see or name.
fn uncarried(expr: &Expr) -> Option<&'static str> {
    match expr {
        Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => {
            Some("a subquery in an expression is")
        }
        Expr::GroupingSets(_) | Expr::Cube(_) | Expr::Rollup(_) => Some("a grouping set is"),
        Expr::Function(function) => uncarried_call(function),
        _ => None,
    }
}

fn uncarried_call(function: &Function) -> Option<&'static str> {
    let Function {
        name: _,
        uses_odbc_syntax,
        parameters,
        args,
        within_group: _,
        filter: _,
        null_treatment: _,
        over: _,
    } = function;
    if *uses_odbc_syntax {
        return Some("{fn ..} is");
    }
    if !matches!(parameters, FunctionArguments::None) {
        return Some("a second list of arguments is");
    }
    if matches!(args, FunctionArguments::Subquery(_)) {
        return Some("a subquery as an argument is");
    }
    None
}

/// Makes a long chain of AND, or of OR, at the root of `expr` a balanced tree.
fn balance(expr: &mut Expr) {
    let operator = match expr {
        Expr::BinaryOp {
            op: op @ (BinaryOperator::And | BinaryOperator::Or),
            ..
        } => op.clone(),
        _ => return,
    };
    if edge(expr, &operator) < BALANCE_MIN {
        return;
    }
    let placeholder = Expr::Tuple(Vec::new());
    let mut operands = Vec::new();
    let mut rest = std::mem::replace(expr, placeholder);
    loop {
        match rest {
            Expr::BinaryOp { left, op, right } if op == operator => {
                operands.push(*right);
                rest = *left;
            }
            first => {
                operands.push(first);
                break;
            }
        }
    }
    operands.reverse();
    // Joins neighbours until one is left: each round halves the number and deepens the tree by one.
    while operands.len() > 1 {
        let mut joined = Vec::with_capacity(operands.len().div_ceil(2));
        let mut pairs = operands.into_iter();
        while let Some(left) = pairs.next() {
            joined.push(match pairs.next() {
                Some(right) => Expr::BinaryOp {
                    left: Box::new(left),
                    op: operator.clone(),
                    right: Box::new(right),
                },
                None => left,
            });
        }
        operands = joined;
    }
    *expr = operands.pop().expect("a chain has operands");
}

/// Length of the left edge of operators `operator` at the root of `expr`, counted no further than needed.
fn edge(expr: &Expr, operator: &BinaryOperator) -> usize {
    let mut length = 0;
    let mut at = expr;
    while let Expr::BinaryOp { left, op, .. } = at {
        if op != operator || length >= BALANCE_MIN {
            break;
        }
        length += 1;
        at = left;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlparser::dialect::GenericDialect;
    use sqlparser::parser::Parser;

    fn parse(sql: &str) -> Expr {
        Parser::new(&GenericDialect {})
            .try_with_sql(sql)
            .expect("tokens")
            .parse_expr()
            .expect("an expression")
    }

    fn operands(expr: &Expr, out: &mut Vec<String>) -> usize {
        match expr {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::And,
                right,
            } => 1 + operands(left, out).max(operands(right, out)),
            other => {
                out.push(other.to_string());
                1
            }
        }
    }

    #[test]
    fn a_balanced_chain_keeps_its_operands_in_order() {
        for length in [1, 2, 31, 32, 33, 34, 1000, 1023, 1025] {
            let terms: Vec<String> = (0..length).map(|i| format!("c{i}")).collect();
            let mut expr = parse(&terms.join(" AND "));
            balance(&mut expr);
            let mut seen = Vec::new();
            let depth = operands(&expr, &mut seen);
            assert_eq!(seen, terms, "{length}");
            assert!(depth <= 33, "{length} terms are {depth} deep");
        }
    }

    #[test]
    fn messages_are_reworded() {
        assert_eq!(
            split_location("Expected: x, found: y at Line: 3, Column: 14"),
            ("Expected: x, found: y", Some((3, 14)))
        );
        assert_eq!(
            split_location("no place at Line: x"),
            ("no place at Line: x", None)
        );
        assert_eq!(
            reworded("Expected: x, found: EOF"),
            "expected x, found the end of the statement"
        );
        assert_eq!(reworded("Bad Thing."), "bad Thing");
    }
}
