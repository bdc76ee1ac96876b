//! `WITH ('key' = 'value', ..)`: keys in quotes or as dotted words, values with their variables replaced.

use std::collections::HashSet;

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::{SqlError, SqlErrorKind};
use crate::sql::ast::OptionEntry;
use crate::sql::dialect::adjacent;
use crate::sql::lex::plain_word;
use crate::sql::variables;

impl Cursor<'_> {
    /// The list behind WITH, which is already taken.
    pub(super) fn options(&mut self) -> Result<Vec<OptionEntry>, SqlError> {
        self.expect(&Token::LParen, "after WITH")?;
        let mut options: Vec<OptionEntry> = Vec::new();
        let mut keys = HashSet::new();
        loop {
            let start = self.index();
            let key = self.option_key("an option, like 'connector'")?;
            let key_span = self.since(start);
            if !keys.insert(key.clone()) {
                let message = format!("a second option `{key}`");
                return Err(self.error(SqlErrorKind::Parse, key_span, message));
            }
            self.expect(&Token::Eq, "after the option's name")?;
            let start = self.index();
            let value = self.option_value()?;
            options.push(OptionEntry {
                key,
                key_span,
                value,
                value_span: self.since(start),
            });
            if self.eat(&Token::RParen) {
                return Ok(options);
            }
            if !self.eat(&Token::Comma) {
                return Err(self.expected("`,` or `)` after the option", &[]));
            }
        }
    }

    /// `'a.b'`, `"a.b"` or `a.b`.
    pub(super) fn option_key(&mut self, what: &str) -> Result<String, SqlError> {
        match self.peek() {
            Token::SingleQuotedString(text) => {
                let text = text.clone();
                self.advance();
                Ok(text)
            }
            Token::Word(_) => {
                let mut key = String::new();
                loop {
                    match self.peek() {
                        Token::Word(word) => key.push_str(&word.value),
                        _ => return Err(self.expected(what, &[])),
                    }
                    self.advance();
                    if !self.eat(&Token::Period) {
                        return Ok(key);
                    }
                    key.push('.');
                }
            }
            _ => Err(self.expected(what, &[])),
        }
    }

    /// A string, a number, a duration, TRUE or FALSE.
    fn option_value(&mut self) -> Result<String, SqlError> {
        let start = self.index();
        if let Some(word) = plain_word(self.peek()) {
            let word = word.value.to_ascii_lowercase();
            if word == "true" || word == "false" {
                self.advance();
                return Ok(word);
            }
            return Err(self
                .expected("a value in quotes", &[])
                .with_hint(format!("write '{word}'")));
        }
        let text = self.literal_text("a value in quotes")?;
        let span = self.since(start);
        variables::expand(&text, self.environment, self.budget).map_err(|(message, hint)| {
            let error = SqlError::new(SqlErrorKind::Parse, span, message);
            match hint {
                Some(hint) => error.with_hint(hint),
                None => error,
            }
        })
    }

    /// The value of SET: as an option's, or words.
    pub(super) fn setting_value(&mut self) -> Result<String, SqlError> {
        match plain_word(self.peek()) {
            Some(_) => self.option_key("a value"),
            None => self.option_value(),
        }
    }

    /// The text of a string, a number with its sign, or a duration like 1s.
    fn literal_text(&mut self, what: &str) -> Result<String, SqlError> {
        let negative = self.peek() == &Token::Minus && matches!(self.peek_at(1), Token::Number(..));
        if negative {
            self.advance();
        }
        let text = match self.peek() {
            Token::SingleQuotedString(text) => text.clone(),
            Token::Number(text, _) if negative => format!("-{text}"),
            Token::Number(text, _) => text.clone(),
            _ => return Err(self.expected(what, &[])),
        };
        let number = matches!(self.peek(), Token::Number(..));
        let joined = number && adjacent(self.token_at(0), self.token_at(1));
        self.advance();
        let unit = plain_word(self.peek())
            .filter(|_| joined)
            .map(|word| word.value.clone());
        match unit {
            Some(unit) => {
                self.advance();
                Ok(text + &unit)
            }
            None => Ok(text),
        }
    }
}
