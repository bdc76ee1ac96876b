//! UNNEST behind FROM: `CROSS JOIN UNNEST(a, b) AS u(x, y) WITH ORDINALITY`, or behind a comma.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::SqlError;
use crate::sql::ast::{From, Unnest};

impl Cursor<'_> {
    /// `input`, with the arrays that are unnested behind it.
    pub(super) fn unnests(&mut self, mut input: From) -> Result<From, SqlError> {
        loop {
            let start = self.index();
            let comma = self.peek() == &Token::Comma && self.word_at(1, "UNNEST");
            if comma {
                self.advance();
            } else if self.at_words(&["CROSS", "JOIN", "UNNEST"]) {
                self.eat_words(&["CROSS", "JOIN"]);
            } else if self.at_words(&["LEFT", "JOIN", "UNNEST"]) {
                return Err(self
                    .unsupported(start, "LEFT JOIN UNNEST is")
                    .with_hint("CROSS JOIN UNNEST leaves out rows whose arrays are empty"));
            } else {
                return Ok(input);
            }
            input = self.unnest(input)?;
        }
    }

    fn unnest(&mut self, input: From) -> Result<From, SqlError> {
        let start = self.index();
        self.advance();
        self.expect(&Token::LParen, "after UNNEST")?;
        let mut arrays = vec![self.expression()?];
        while self.eat(&Token::Comma) {
            arrays.push(self.expression()?);
        }
        self.expect(&Token::RParen, "after the arrays")?;
        let span = self.since(start);
        let mut ordinality = self.eat_words(&["WITH", "ORDINALITY"]);
        let alias = self.alias()?;
        let mut columns = Vec::new();
        if alias.is_some() && self.eat(&Token::LParen) {
            columns.push(self.name("the name of a column")?);
            while self.eat(&Token::Comma) {
                columns.push(self.name("the name of a column")?);
            }
            self.expect(&Token::RParen, "after the columns")?;
        }
        ordinality |= self.eat_words(&["WITH", "ORDINALITY"]);
        Ok(From::Unnest(Box::new(Unnest {
            input,
            arrays,
            ordinality,
            alias,
            columns,
            hidden: false,
            span,
        })))
    }
}
