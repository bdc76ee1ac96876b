//! UNNEST behind FROM: `CROSS JOIN UNNEST(a, b) AS u(x, y) WITH ORDINALITY`, behind a comma, or `LEFT JOIN UNNEST(a) AS
//! u(x) ON TRUE`.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::SqlError;
use crate::sql::ast::{From, Unnest};

/// The joins, and whether they keep rows without elements.
const JOINS: [(&[&str], bool); 4] = [
    (&["LEFT", "OUTER", "JOIN", "UNNEST"], true),
    (&["LEFT", "JOIN", "UNNEST"], true),
    (&["INNER", "JOIN", "UNNEST"], false),
    (&["JOIN", "UNNEST"], false),
];

impl Cursor<'_> {
    /// `input`, with the arrays that are unnested behind it.
    pub(super) fn unnests(&mut self, mut input: From) -> Result<From, SqlError> {
        loop {
            let comma = self.peek() == &Token::Comma && self.word_at(1, "UNNEST");
            let join = JOINS.iter().find(|(words, _)| self.at_words(words));
            if comma {
                self.advance();
                input = self.unnest(input, false)?;
            } else if self.at_words(&["CROSS", "JOIN", "UNNEST"]) {
                self.eat_words(&["CROSS", "JOIN"]);
                input = self.unnest(input, false)?;
            } else if let Some((words, outer)) = join {
                self.eat_words(&words[..words.len() - 1]);
                input = self.unnest(input, *outer)?;
                self.on_true()?;
            } else {
                return Ok(input);
            }
        }
    }

    /// The condition of a join with elements, which are those of their row whatever it says.
    fn on_true(&mut self) -> Result<(), SqlError> {
        self.expect_word("ON")?;
        if self.eat_words(&["TRUE"]) {
            return Ok(());
        }
        Err(self
            .unsupported(
                self.index(),
                "a condition of JOIN UNNEST other than TRUE is",
            )
            .with_hint("write ON TRUE, and the condition into WHERE"))
    }

    /// UNNEST(..) with its alias, of arrays over `input`.
    pub(super) fn unnest(&mut self, input: From, outer: bool) -> Result<From, SqlError> {
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
            outer,
            alias,
            columns,
            hidden: false,
            span,
        })))
    }
}
