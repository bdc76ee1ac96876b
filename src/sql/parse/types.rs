//! Types of columns: sqlparser reads them, but for ROWs, MAPs and ARRAYs, which it knows in other dialects only.

use sqlparser::ast::{
    ArrayElemTypeDef, DataType as SqlType, Ident, MapBracketKind, StructBracketKind, StructField,
};
use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::{SqlError, SqlErrorKind};
use crate::limits::JSON_DEPTH_MAX;

/// A type, and whether the `>>` that closes it closes the one around it too.
type Closed = (SqlType, bool);

impl Cursor<'_> {
    /// The type of a column.
    pub(super) fn data_type(&mut self) -> Result<SqlType, SqlError> {
        match self.type_within(0)? {
            (ty, false) => Ok(ty),
            (_, true) => {
                let message = "a `>` too many behind the type";
                Err(self.error(SqlErrorKind::Parse, self.here(), message))
            }
        }
    }

    fn type_within(&mut self, depth: u32) -> Result<Closed, SqlError> {
        if depth >= JSON_DEPTH_MAX {
            return Err(self.error(SqlErrorKind::Parse, self.here(), "types nest too deep"));
        }
        let opens = matches!(self.peek_at(1), Token::Lt | Token::LParen);
        if opens && (self.word_at(0, "ROW") || self.word_at(0, "STRUCT")) {
            return self.row_type(depth);
        }
        if self.word_at(0, "ARRAY") && self.peek_at(1) == &Token::Lt {
            self.advance();
            self.advance();
            let (element, closed) = self.type_within(depth + 1)?;
            let ty = SqlType::Array(ArrayElemTypeDef::AngleBracket(Box::new(element)));
            return match closed {
                true => Ok((ty, false)),
                false => Ok((ty, self.close_angle()?)),
            };
        }
        if self.word_at(0, "MAP") && opens {
            return self.map_type(depth);
        }
        self.dialect.clear();
        match self.parser.parse_data_type() {
            Ok(ty) => Ok((ty, false)),
            Err(error) => Err(self.parser_error(&error)),
        }
    }

    /// `ROW<name type, ..>`, or in parentheses.
    fn row_type(&mut self, depth: u32) -> Result<Closed, SqlError> {
        self.advance();
        let angled = self.peek() == &Token::Lt;
        self.advance();
        let mut fields = Vec::new();
        let closed = loop {
            let name = self.name("the name of a part")?;
            let (field_type, closed) = self.type_within(depth + 1)?;
            fields.push(StructField {
                field_name: Some(Ident::new(name.text)),
                field_type,
                options: None,
            });
            if closed && angled {
                break false;
            }
            if self.eat(&Token::Comma) {
                continue;
            }
            if angled {
                break self.close_angle()?;
            }
            self.expect(&Token::RParen, "after the parts of a ROW")?;
            break false;
        };
        let bracket = StructBracketKind::AngleBrackets;
        Ok((SqlType::Struct(fields, bracket), closed))
    }

    /// `MAP<key, value>`, or in parentheses.
    fn map_type(&mut self, depth: u32) -> Result<Closed, SqlError> {
        self.advance();
        let angled = self.eat(&Token::Lt);
        if !angled {
            self.advance();
        }
        let (key, _) = self.type_within(depth + 1)?;
        self.expect(&Token::Comma, "between the types of a MAP")?;
        let (value, closed) = self.type_within(depth + 1)?;
        let bracket = MapBracketKind::AngleBrackets;
        let ty = SqlType::Map(Box::new(key), Box::new(value), bracket);
        match (angled, closed) {
            (true, true) => Ok((ty, false)),
            (true, false) => Ok((ty, self.close_angle()?)),
            (false, _) => {
                self.expect(&Token::RParen, "after the types of a MAP")?;
                Ok((ty, false))
            }
        }
    }

    /// Takes `>` or `>>`; whether it was the latter.
    fn close_angle(&mut self) -> Result<bool, SqlError> {
        if self.eat(&Token::ShiftRight) {
            return Ok(true);
        }
        self.expect(&Token::Gt, "after the parts of a type")?;
        Ok(false)
    }
}
