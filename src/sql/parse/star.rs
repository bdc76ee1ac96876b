//! What may follow `*` and `t.*`: EXCLUDE or EXCEPT, REPLACE and RENAME, in any order.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::{SqlError, SqlErrorKind};
use crate::sql::ast::{Name, SelectItem, Star};

impl Cursor<'_> {
    /// The item whose `*` has just been taken; `qualifier` is what stood before it.
    pub(super) fn star(
        &mut self,
        start: usize,
        qualifier: Option<Name>,
    ) -> Result<SelectItem, SqlError> {
        let mut star = Star::plain(qualifier, self.since(start));
        loop {
            let at = self.index();
            if self.eat_words(&["EXCLUDE"]) || self.excepts() {
                self.said_once(at, star.exclude.is_empty(), "EXCLUDE")?;
                star.exclude = self.listed("a column", |cursor| cursor.simple_name("a column"))?;
            } else if self.word_at(0, "REPLACE") {
                self.advance();
                self.said_once(at, star.replace.is_empty(), "REPLACE")?;
                if self.peek() != &Token::LParen {
                    return Err(self
                        .expected("`(` behind REPLACE", &[])
                        .with_hint("* REPLACE (price * 2 AS price)"));
                }
                star.replace = self.listed("a column", |cursor| {
                    let expr = cursor.expression()?;
                    cursor.expect_word("AS")?;
                    Ok((expr, cursor.simple_name("a column")?))
                })?;
            } else if self.eat_words(&["RENAME"]) {
                self.said_once(at, star.rename.is_empty(), "RENAME")?;
                star.rename = self.listed("a column", |cursor| {
                    let column = cursor.simple_name("a column")?;
                    cursor.expect_word("AS")?;
                    Ok((column, cursor.simple_name("a column")?))
                })?;
            } else {
                break;
            }
        }
        for word in ["LIKE", "ILIKE", "SIMILAR"] {
            if self.word_at(0, word) {
                return Err(self
                    .unsupported(self.index(), &format!("* {word} is"))
                    .with_hint("name the columns, or leave some out: * EXCLUDE (a, b)"));
            }
        }
        Ok(SelectItem::Star(Box::new(star)))
    }

    /// Takes EXCEPT in its other meaning: two queries have it between them too.
    fn excepts(&mut self) -> bool {
        self.peek_at(1) == &Token::LParen && self.eat_words(&["EXCEPT"])
    }

    fn said_once(&self, at: usize, first: bool, word: &str) -> Result<(), SqlError> {
        if first {
            return Ok(());
        }
        let message = format!("a second {word} behind one `*`");
        Err(self
            .error(SqlErrorKind::Parse, self.place(at), message)
            .with_hint("name all columns in one list"))
    }

    /// `(x, y)`, or one alone without the parentheses.
    fn listed<T>(
        &mut self,
        what: &str,
        mut one: impl FnMut(&mut Self) -> Result<T, SqlError>,
    ) -> Result<Vec<T>, SqlError> {
        if !self.eat(&Token::LParen) {
            return Ok(vec![one(self)?]);
        }
        let mut all = vec![one(self)?];
        while self.eat(&Token::Comma) {
            all.push(one(self)?);
        }
        self.expect(&Token::RParen, &format!("or `,` after {what}"))?;
        Ok(all)
    }
}
