//! Names of types: sqlparser reads them, but for ROWs, MAPs and ARRAYs of them, which it knows in other dialects only.

use sqlparser::ast::{
    ArrayElemTypeDef, DataType as SqlType, MapBracketKind, StructBracketKind, StructField,
};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::dialect::is_word;
use crate::limits::JSON_DEPTH_MAX;

/// A type, and whether the `>>` that closes it closes the one around it too.
pub(super) type Closed = (SqlType, bool);

/// Reads the type that is next.
pub(super) fn parse(parser: &mut Parser) -> Result<Closed, ParserError> {
    within(parser, 0)
}

fn within(parser: &mut Parser, depth: u32) -> Result<Closed, ParserError> {
    if depth >= JSON_DEPTH_MAX {
        return Err(ParserError::RecursionLimitExceeded);
    }
    let [first, second] = [0, 1].map(|at| &parser.peek_nth_token_ref(at).token);
    let opens = matches!(second, Token::Lt | Token::LParen);
    if opens && (is_word(first, "ROW") || is_word(first, "STRUCT")) {
        return row(parser, depth);
    }
    if opens && is_word(first, "MAP") {
        return map(parser, depth);
    }
    if is_word(first, "ARRAY") && *second == Token::Lt {
        parser.advance_token();
        parser.advance_token();
        let (element, closed) = within(parser, depth + 1)?;
        let ty = SqlType::Array(ArrayElemTypeDef::AngleBracket(Box::new(element)));
        return Ok((ty, !closed && close_angle(parser)?));
    }
    Ok((parser.parse_data_type()?, false))
}

/// `ROW<name type, ..>`, or in parentheses.
fn row(parser: &mut Parser, depth: u32) -> Result<Closed, ParserError> {
    let angled = open(parser);
    let mut fields = Vec::new();
    let closed = loop {
        let name = parser.parse_identifier()?;
        let (field_type, closed) = within(parser, depth + 1)?;
        fields.push(StructField {
            field_name: Some(name),
            field_type,
            options: None,
        });
        if closed && angled {
            break false;
        }
        if parser.consume_token(&Token::Comma) {
            continue;
        }
        if angled {
            break close_angle(parser)?;
        }
        expect(parser, &Token::RParen, "`)` after the parts of a ROW")?;
        break false;
    };
    let bracket = StructBracketKind::AngleBrackets;
    Ok((SqlType::Struct(fields, bracket), closed))
}

/// `MAP<key, value>`, or in parentheses.
fn map(parser: &mut Parser, depth: u32) -> Result<Closed, ParserError> {
    let angled = open(parser);
    let (key, _) = within(parser, depth + 1)?;
    expect(parser, &Token::Comma, "`,` between the types of a MAP")?;
    let (value, closed) = within(parser, depth + 1)?;
    let bracket = MapBracketKind::AngleBrackets;
    let ty = SqlType::Map(Box::new(key), Box::new(value), bracket);
    if angled {
        return Ok((ty, !closed && close_angle(parser)?));
    }
    expect(parser, &Token::RParen, "`)` after the types of a MAP")?;
    Ok((ty, false))
}

/// Takes the word and the bracket behind it; whether that is an angle.
fn open(parser: &mut Parser) -> bool {
    parser.advance_token();
    let angled = parser.peek_nth_token_ref(0).token == Token::Lt;
    parser.advance_token();
    angled
}

/// Takes `>` or `>>`; whether it was the latter.
fn close_angle(parser: &mut Parser) -> Result<bool, ParserError> {
    if parser.consume_token(&Token::ShiftRight) {
        return Ok(true);
    }
    expect(parser, &Token::Gt, "`>` after the parts of a type")?;
    Ok(false)
}

fn expect(parser: &mut Parser, token: &Token, what: &str) -> Result<(), ParserError> {
    match parser.consume_token(token) {
        true => Ok(()),
        false => parser.expected(what, parser.peek_token()),
    }
}
