//! The dialect handed to sqlparser: which identifiers and expressions it may accept, and what it must refuse.
//!
//! sqlparser's own grammar takes any word for an identifier and backtracks when a guess fails, so a message about
//! what is really wrong can be lost. The hooks here note the first cause of a refusal with its place; the
//! expression parser prefers that note to sqlparser's message.

use std::cell::{Cell, RefCell};

use sqlparser::ast::{
    CastKind, Expr, Interval, Map, MapEntry, TypedString, UnaryOperator, Value, ValueWithSpan,
};
use sqlparser::dialect::{Dialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Span as TokenSpan, Token, TokenWithSpan};

use super::duration;
use super::mark::{self, MarkKind};
use super::type_name;
use crate::error::SqlErrorKind;

/// Words that cannot begin an expression unless they are quoted.
const NOT_A_PREFIX: &[&str] = &[
    "AND", "AS", "ASC", "BETWEEN", "BY", "DESC", "ELSE", "EMIT", "END", "FROM", "GROUP", "HAVING",
    "ILIKE", "IN", "INTO", "IS", "LIKE", "LIMIT", "ON", "OR", "ORDER", "QUALIFY", "THEN", "UNION",
    "WHEN", "WHERE",
];

/// Calls with a grammar of their own that the dialect does not have; sqlparser takes very long over nested ones.
const UNBUILT_CALLS: &[&str] = &["CONVERT", "TRY_CONVERT", "SAFE_CAST", "OVERLAY"];

/// Tokens of the first key of a MAP literal, within which its comma is looked for.
const MAP_KEY_TOKENS_MAX: usize = 64;

/// Why a hook refused, and the tokens it means.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// The kind of the error to report.
    pub kind: SqlErrorKind,
    /// The message.
    pub message: String,
    /// The place in sqlparser's terms.
    pub span: TokenSpan,
    /// The cure.
    pub hint: Option<&'static str>,
}

/// velo-tpc's SQL for sqlparser.
#[derive(Debug, Default)]
pub struct VeloDialect {
    refusal: RefCell<Option<Refusal>>,
    /// Whether a subquery was passed over.
    marked: Cell<bool>,
}

impl VeloDialect {
    /// Forgets what was refused: an expression begins.
    pub(super) fn clear(&self) {
        *self.refusal.borrow_mut() = None;
        self.marked.set(false);
    }

    /// Whether a subquery was passed over since `clear`.
    pub(super) fn has_marked(&self) -> bool {
        self.marked.get()
    }

    /// What a hook refused since `clear`, the furthest in the text.
    pub(super) fn take(&self) -> Option<Refusal> {
        self.refusal.borrow_mut().take()
    }

    fn refuse<T>(&self, refusal: Refusal) -> Option<Result<T, ParserError>> {
        let message = refusal.message.clone();
        let mut slot = self.refusal.borrow_mut();
        let further = slot
            .as_ref()
            .is_none_or(|old| old.span.start < refusal.span.start);
        if further {
            *slot = Some(refusal);
        }
        Some(Err(ParserError::ParserError(message)))
    }

    /// `[NOT] EXISTS (SELECT ..)`, if it is next.
    fn parse_exists(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        let negated = usize::from(is_word(&parser.peek_nth_token_ref(0).token, "NOT"));
        let at = |offset| &parser.peek_nth_token_ref(negated + offset).token;
        if !is_word(at(0), "EXISTS") || *at(1) != Token::LParen || !begins_query(at(2)) {
            return None;
        }
        for _ in 0..=negated {
            parser.advance_token();
        }
        Some(self.mark(parser, MarkKind::Existence).map(|exists| {
            if negated == 0 {
                return exists;
            }
            Expr::UnaryOp {
                op: UnaryOperator::Not,
                expr: Box::new(exists),
            }
        }))
    }

    /// Passes over the query in parentheses that is next, and puts a mark in its place.
    fn mark(&self, parser: &mut Parser, kind: MarkKind) -> Result<Expr, ParserError> {
        let open = parser.index();
        let start = parser.peek_nth_token_ref(0).span.start;
        let mut depth = 0_usize;
        loop {
            let next = parser.peek_nth_token_ref(0);
            let end = next.span.end;
            match &next.token {
                Token::LParen => depth += 1,
                Token::RParen => depth -= 1,
                Token::EOF => return parser.expected("`)` behind a query", next.clone()),
                _ => {}
            }
            parser.advance_token();
            if depth == 0 {
                self.marked.set(true);
                return Ok(mark::marked(kind, open, TokenSpan::new(start, end)));
            }
        }
    }

    fn refuse_subquery<T>(&self, span: TokenSpan) -> Option<Result<T, ParserError>> {
        self.refuse(Refusal {
            kind: SqlErrorKind::Unsupported,
            message: "a subquery in an expression is not supported in this version".to_owned(),
            span,
            hint: Some("a subquery is written (SELECT ..), in parentheses of its own"),
        })
    }
}

/// Whether `token` is the unquoted word `word` (given in upper case).
pub(super) fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(w) if w.quote_style.is_none() && w.value.eq_ignore_ascii_case(word))
}

/// Whether a query begins at `token`.
pub(super) fn begins_query(token: &Token) -> bool {
    is_word(token, "SELECT") || is_word(token, "WITH") || is_word(token, "VALUES")
}

/// Whether `second` follows `first` without a space.
pub(super) fn adjacent(first: &TokenWithSpan, second: &TokenWithSpan) -> bool {
    first.span.end == second.span.start
}

impl Dialect for VeloDialect {
    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_'
    }

    /// Words whose construct is meant even where it is broken: the message is then about the construct.
    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        matches!(
            keyword,
            Keyword::CASE
                | Keyword::CAST
                | Keyword::EXISTS
                | Keyword::EXTRACT
                | Keyword::INTERVAL
                | Keyword::NOT
                | Keyword::TRIM
                | Keyword::TRY_CAST
        )
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_window_function_null_treatment_arg(&self) -> bool {
        true
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        true
    }

    fn supports_comma_separated_trim(&self) -> bool {
        true
    }

    /// Durations (`1s`), and refusals that sqlparser would not make or would word badly.
    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        if let Some(exists) = self.parse_exists(parser) {
            return Some(exists);
        }
        let first = parser.peek_nth_token_ref(0);
        let second = parser.peek_nth_token_ref(1);
        match &first.token {
            Token::Number(number, _) => {
                let Token::Word(unit) = &second.token else {
                    return None;
                };
                if !adjacent(first, second) {
                    return None;
                }
                let text = format!("{number}{}", unit.value);
                let span = TokenSpan::new(first.span.start, second.span.end);
                if let Err(message) = duration::duration_ns(&text) {
                    return self.refuse(Refusal {
                        kind: SqlErrorKind::Parse,
                        message,
                        span,
                        hint: Some("durations are written like 100ms, 5s or 1h"),
                    });
                }
                parser.advance_token();
                parser.advance_token();
                Some(Ok(duration_expression(text, span)))
            }
            Token::LParen if begins_query(&second.token) => {
                Some(self.mark(parser, MarkKind::Value))
            }
            Token::Word(word) if word.quote_style.is_none() => {
                if begins_query(&first.token) {
                    return self.refuse_subquery(first.span);
                }
                if let Some(refusal) = unbuilt_prefix(parser) {
                    return self.refuse(refusal);
                }
                if second.token == Token::LParen && is_word(&first.token, "CAST") {
                    return Some(parse_cast(parser, CastKind::Cast));
                }
                if second.token == Token::LParen && is_word(&first.token, "TRY_CAST") {
                    return Some(parse_cast(parser, CastKind::TryCast));
                }
                if begins_map(parser) {
                    return Some(parse_map(self, parser));
                }
                if second.token == Token::LParen && is_word(&first.token, "POSITION") {
                    return Some(parse_position(self, parser));
                }
                if begins_typed(&first.token, &second.token) {
                    return Some(parse_typed(parser));
                }
                let reserved = NOT_A_PREFIX
                    .iter()
                    .any(|reserved| word.value.eq_ignore_ascii_case(reserved));
                if !reserved {
                    return None;
                }
                self.refuse(Refusal {
                    kind: SqlErrorKind::Parse,
                    message: format!("expected an expression, found `{}`", word.value),
                    span: first.span,
                    hint: None,
                })
            }
            _ => None,
        }
    }

    fn parse_infix(
        &self,
        parser: &mut Parser,
        expr: &Expr,
        _precedence: u8,
    ) -> Option<Result<Expr, ParserError>> {
        let operator = parser.peek_nth_token_ref(0);
        if !carried(&operator.token) {
            return self.refuse(Refusal {
                kind: SqlErrorKind::Unsupported,
                message: format!(
                    "the operator `{}` is not supported in this version",
                    operator.token
                ),
                span: operator.span,
                hint: (operator.token == Token::DoubleEq).then_some("values are compared with ="),
            });
        }
        let negated = usize::from(is_word(&operator.token, "NOT"));
        if !is_word(&parser.peek_nth_token_ref(negated).token, "IN")
            || parser.peek_nth_token_ref(negated + 1).token != Token::LParen
        {
            return None;
        }
        let inner = parser.peek_nth_token_ref(negated + 2);
        if begins_query(&inner.token) {
            for _ in 0..=negated {
                parser.advance_token();
            }
            let list = self.mark(parser, MarkKind::Rows);
            return Some(list.map(|rows| Expr::InList {
                expr: Box::new(expr.clone()),
                list: vec![rows],
                negated: negated > 0,
            }));
        }
        None
    }
}

/// Whether a literal of a type that sqlparser knows no literals of begins: `TIMESTAMP_LTZ '2025-01-02 09:30:00'`.
fn begins_typed(first: &Token, second: &Token) -> bool {
    is_word(first, "TIMESTAMP_LTZ") && matches!(second, Token::SingleQuotedString(_))
}

/// What the expression begins with that sqlparser reads and nothing here builds.
fn unbuilt_prefix(parser: &Parser) -> Option<Refusal> {
    let [first, second] = [0, 1].map(|at| parser.peek_nth_token_ref(at));
    let mut calls = UNBUILT_CALLS.iter();
    let call = calls.find(|call| is_word(&first.token, call))?;
    (second.token == Token::LParen).then(|| Refusal {
        kind: SqlErrorKind::Unsupported,
        message: format!("{call} is not supported in this version"),
        span: first.span,
        hint: Some("use CAST for types, and SUBSTRING and || for parts of text"),
    })
}

/// Whether `MAP[key, ..` or `MAP {key: ..` is next; an array named so has one index.
fn begins_map(parser: &Parser) -> bool {
    let token = |at| &parser.peek_nth_token_ref(at).token;
    if !is_word(token(0), "MAP") || *token(1) != Token::LBracket {
        return is_word(token(0), "MAP") && *token(1) == Token::LBrace;
    }
    let mut depth = 0;
    for at in 2..MAP_KEY_TOKENS_MAX {
        match token(at) {
            Token::Comma if depth == 0 => return true,
            Token::LBracket | Token::LParen => depth += 1,
            Token::RBracket | Token::RParen if depth > 0 => depth -= 1,
            Token::RBracket | Token::RParen | Token::EOF => return false,
            _ => {}
        }
    }
    false
}

/// `MAP[key, value, ..]` or `MAP {key: value, ..}`.
fn parse_map(dialect: &VeloDialect, parser: &mut Parser) -> Result<Expr, ParserError> {
    parser.advance_token();
    let braces = parser.consume_token(&Token::LBrace);
    let (between, close) = match braces {
        true => (Token::Colon, Token::RBrace),
        false => (Token::Comma, Token::RBracket),
    };
    if !braces {
        parser.expect_token(&Token::LBracket)?;
    }
    let entry = |parser: &mut Parser| {
        // Up to the colon, which is no operator here.
        let key = Box::new(parser.parse_subexpr(match braces {
            true => dialect.prec_value(Precedence::Colon),
            false => dialect.prec_unknown(),
        })?);
        if !parser.consume_token(&between) {
            let next = parser.peek_token();
            return parser.expected(&format!("`{between}` and the value of the key"), next);
        }
        let value = Box::new(parser.parse_expr()?);
        Ok(MapEntry { key, value })
    };
    let entries = parser.parse_comma_separated(entry)?;
    parser.expect_token(&close)?;
    Ok(Expr::Map(Map { entries }))
}

/// `CAST(x AS type)`, the types that sqlparser does not know among them.
fn parse_cast(parser: &mut Parser, kind: CastKind) -> Result<Expr, ParserError> {
    parser.advance_token();
    parser.expect_token(&Token::LParen)?;
    let expr = Box::new(parser.parse_expr()?);
    parser.expect_keyword_is(Keyword::AS)?;
    let (data_type, is_over) = type_name::parse(parser)?;
    if is_over {
        let message = "a `>` too many behind the type";
        return Err(ParserError::ParserError(message.to_owned()));
    }
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Cast {
        kind,
        expr,
        data_type,
        format: None,
    })
}

/// Reads a literal that [`begins_typed`] knows.
fn parse_typed(parser: &mut Parser) -> Result<Expr, ParserError> {
    Ok(Expr::TypedString(TypedString {
        data_type: parser.parse_data_type()?,
        value: parser.parse_value()?,
        uses_odbc_syntax: false,
    }))
}

/// `POSITION(part IN text)` or `POSITION(text, part)`. sqlparser tries the one and then the other, which for nested
/// calls takes exponentially long.
fn parse_position(dialect: &VeloDialect, parser: &mut Parser) -> Result<Expr, ParserError> {
    parser.advance_token();
    parser.expect_token(&Token::LParen)?;
    let first = parser.parse_subexpr(dialect.prec_value(Precedence::Between))?;
    let (expr, text) = if parser.parse_keyword(Keyword::IN) {
        (first, parser.parse_expr()?)
    } else {
        parser.expect_token(&Token::Comma)?;
        (parser.parse_expr()?, first)
    };
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Position {
        expr: Box::new(expr),
        r#in: Box::new(text),
    })
}

/// Whether an infix operator is one that the dialect has; sqlparser knows those of all others.
fn carried(operator: &Token) -> bool {
    match operator {
        Token::Eq
        | Token::Neq
        | Token::Lt
        | Token::LtEq
        | Token::Gt
        | Token::GtEq
        | Token::Plus
        | Token::Minus
        | Token::Mul
        | Token::Div
        | Token::Mod
        | Token::StringConcat
        | Token::DoubleColon
        | Token::Arrow
        | Token::LongArrow
        | Token::Ampersand
        | Token::Pipe
        | Token::Caret
        | Token::ShiftLeft
        | Token::ShiftRight
        | Token::Tilde
        | Token::TildeAsterisk
        | Token::ExclamationMarkTilde
        | Token::ExclamationMarkTildeAsterisk => true,
        Token::Word(word) => ![
            "XOR", "OVERLAPS", "OPERATOR", "DIV", "MATCH", "GLOB", "MEMBER",
        ]
        .iter()
        .any(|other| word.value.eq_ignore_ascii_case(other)),
        _ => false,
    }
}

/// `1s` as the expression `INTERVAL '1s'`.
fn duration_expression(text: String, span: TokenSpan) -> Expr {
    Expr::Interval(Interval {
        value: Box::new(Expr::Value(ValueWithSpan {
            value: Value::SingleQuotedString(text),
            span,
        })),
        leading_field: None,
        leading_precision: None,
        last_field: None,
        fractional_seconds_precision: None,
    })
}
