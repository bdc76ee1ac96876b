//! Regular expressions, SIMILAR TO, TRIM, and the operators that are functions: `~`, `&`, `<<` and their like.

use super::call::call;
use super::expr::{Binder, Bound, error, unbuilt};
use super::place::place;
use super::types;
use crate::error::{Span, SqlError};
use crate::expr::check_pattern;
use crate::plan::{BitFunction, Expr, JsonFunction, PatternFunction, ScalarFunction, TextFunction};
use crate::types::{DataType, Value};
use sqlparser::ast::{BinaryOperator, Expr as SqlExpr, TrimWhereField};

/// Refuses a constant that is no pattern.
pub(super) fn check_constant_pattern(pattern: &Expr, span: Span) -> Result<(), SqlError> {
    match pattern {
        Expr::Literal {
            value: Value::Text(text),
            ..
        } => check_pattern(text)
            .map_err(|message| error(span, format!("not a regular expression: {message}"))),
        _ => Ok(()),
    }
}

fn text(value: impl Into<String>) -> Expr {
    Expr::Literal {
        value: Value::Text(value.into()),
        ty: DataType::Varchar,
    }
}

fn inverted(bound: Expr, negated: bool) -> Expr {
    if negated {
        Expr::Not(Box::new(bound))
    } else {
        bound
    }
}

impl Binder<'_> {
    /// TRIM in all its forms.
    pub(super) fn trim(
        &mut self,
        input: &SqlExpr,
        set: Option<&SqlExpr>,
        side: Option<TrimWhereField>,
        span: Span,
    ) -> Bound {
        let function = match side {
            None | Some(TrimWhereField::Both) => match set {
                None => return self.scalar(ScalarFunction::Trim, &[input], span),
                Some(_) => TextFunction::TrimBoth,
            },
            Some(TrimWhereField::Leading) => TextFunction::TrimStart,
            Some(TrimWhereField::Trailing) => TextFunction::TrimEnd,
        };
        let mut args = vec![input];
        args.extend(set);
        self.scalar(ScalarFunction::Text(function), &args, span)
    }

    /// `input ~ pattern`, RLIKE and REGEXP.
    pub(super) fn matches(
        &mut self,
        input: &SqlExpr,
        pattern: &SqlExpr,
        (ignore_case, negated): (bool, bool),
    ) -> Bound {
        let span = place(pattern);
        let input = self.bind(input)?;
        let mut pattern = self.bind(pattern)?;
        check_constant_pattern(&pattern, span)?;
        if ignore_case {
            let flag = text("(?i)");
            pattern = match pattern {
                Expr::Literal {
                    value: Value::Text(pattern),
                    ..
                } => text(format!("(?i){pattern}")),
                other => self.concat(vec![flag, other], span)?,
            };
        }
        let function = ScalarFunction::Pattern(PatternFunction::Like);
        let bound = call(function, vec![input, pattern], None, span)?;
        Ok(inverted(bound, negated))
    }

    /// SIMILAR TO with a constant pattern.
    pub(super) fn similar(
        &mut self,
        input: &SqlExpr,
        pattern: &SqlExpr,
        escape: Option<&SqlExpr>,
        negated: bool,
    ) -> Bound {
        let span = place(pattern);
        let input = self.bind(input)?;
        let pattern = match self.bind(pattern)? {
            Expr::Literal {
                value: Value::Text(pattern),
                ..
            } => pattern,
            null if types::is_null(&null) => return Ok(null),
            _ => {
                return Err(unbuilt(
                    span,
                    "SIMILAR TO with a pattern that is not a constant",
                ));
            }
        };
        let escape = match escape {
            None => '\\',
            Some(escape) => self.escape_character(escape)?,
        };
        let pattern = text(similar_pattern(&pattern, escape));
        check_constant_pattern(&pattern, span)?;
        let function = ScalarFunction::Pattern(PatternFunction::Like);
        let bound = call(function, vec![input, pattern], None, span)?;
        Ok(inverted(bound, negated))
    }

    /// An operator that is a function: on bits, or with a regular expression.
    pub(super) fn operator(
        &mut self,
        expr: &SqlExpr,
        left: &SqlExpr,
        op: &BinaryOperator,
        right: &SqlExpr,
    ) -> Bound {
        let bits = match op {
            BinaryOperator::BitwiseAnd => BitFunction::And,
            BinaryOperator::BitwiseOr => BitFunction::Or,
            BinaryOperator::BitwiseXor => BitFunction::Xor,
            BinaryOperator::PGBitwiseShiftLeft => BitFunction::ShiftLeft,
            BinaryOperator::PGBitwiseShiftRight => BitFunction::ShiftRight,
            BinaryOperator::Arrow => return self.json_step(left, right, JsonFunction::Raw),
            BinaryOperator::LongArrow => return self.json_step(left, right, JsonFunction::Text),
            BinaryOperator::PGRegexMatch => return self.matches(left, right, (false, false)),
            BinaryOperator::PGRegexIMatch => return self.matches(left, right, (true, false)),
            BinaryOperator::PGRegexNotMatch => return self.matches(left, right, (false, true)),
            BinaryOperator::PGRegexNotIMatch => return self.matches(left, right, (true, true)),
            other => return Err(unbuilt(place(expr), format!("operator {other}"))),
        };
        self.scalar(ScalarFunction::Bits(bits), &[left, right], place(expr))
    }
}

/// A pattern of SIMILAR TO as a regular expression: it matches the whole text, `%` and `_` are as in LIKE, and
/// `| * + ? { } ( ) [ ]` as in regular expressions.
fn similar_pattern(pattern: &str, escape: char) -> String {
    let mut out = String::from("(?s)^(?:");
    let mut chars = pattern.chars();
    let mut in_class = false;
    while let Some(char) = chars.next() {
        if char == escape {
            let literal = chars.next().unwrap_or(char);
            push_literal(literal, &mut out);
            continue;
        }
        match char {
            '[' if !in_class => {
                in_class = true;
                out.push(char);
            }
            ']' => {
                in_class = false;
                out.push(char);
            }
            '^' | '-' if in_class => out.push(char),
            _ if in_class => push_literal(char, &mut out),
            '%' => out.push_str(".*"),
            '_' => out.push('.'),
            '|' | '*' | '+' | '?' | '{' | '}' | '(' | ')' => out.push(char),
            _ => push_literal(char, &mut out),
        }
    }
    out.push_str(")$");
    out
}

fn push_literal(char: char, out: &mut String) {
    if char.is_ascii_punctuation() {
        out.push('\\');
    }
    out.push(char);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_patterns_are_regular_expressions() {
        for (pattern, expected) in [
            ("a%", "(?s)^(?:a.*)$"),
            ("(a|b)_+", "(?s)^(?:(a|b).+)$"),
            ("[a-c%]x", "(?s)^(?:[a-c\\%]x)$"),
            ("1!%", "(?s)^(?:1\\%)$"),
            ("a.b^", "(?s)^(?:a\\.b\\^)$"),
        ] {
            assert_eq!(similar_pattern(pattern, '!'), expected);
            assert_eq!(check_pattern(expected), Ok(()));
        }
    }
}
