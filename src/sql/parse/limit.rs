//! How many rows: LIMIT, OFFSET, FETCH FIRST, TOP, and PER WINDOW behind them.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::sql::ast::Query;

/// The clauses that say how many rows, each at most once.
#[derive(Default)]
pub(super) struct Rows {
    /// LIMIT or FETCH.
    pub limit: Option<(u64, Span)>,
    /// OFFSET.
    pub offset: Option<(u64, Span)>,
    /// PER WINDOW.
    pub per_window: Option<Span>,
}

impl Cursor<'_> {
    /// Reads the clause that begins with `word`: LIMIT, OFFSET or FETCH.
    pub(super) fn rows(&mut self, word: &str, rows: &mut Rows) -> Result<(), SqlError> {
        match word {
            "OFFSET" => {
                self.once(&rows.offset, "OFFSET")?;
                self.advance();
                rows.offset = Some(self.row_count()?);
                if !self.eat_words(&["ROWS"]) {
                    self.eat_words(&["ROW"]);
                }
            }
            "FETCH" => {
                self.once(&rows.limit, "LIMIT or FETCH")?;
                rows.limit = Some(self.fetch()?);
            }
            _ => {
                self.once(&rows.limit, "LIMIT")?;
                self.advance();
                self.limit(rows)?;
            }
        }
        let start = self.index();
        if self.word_at(0, "PER") {
            self.once(&rows.per_window, "PER WINDOW")?;
            self.advance();
            self.expect_word("WINDOW")?;
            rows.per_window = Some(self.since(start));
        }
        Ok(())
    }

    /// `n`, `offset, n` or ALL behind LIMIT.
    fn limit(&mut self, rows: &mut Rows) -> Result<(), SqlError> {
        if self.eat_words(&["ALL"]) {
            return Ok(());
        }
        let first = self.row_count()?;
        rows.limit = Some(first);
        if self.peek() == &Token::Comma {
            self.once(&rows.offset, "OFFSET")?;
            self.advance();
            rows.offset = Some(first);
            rows.limit = Some(self.row_count()?);
        }
        Ok(())
    }

    /// `FETCH FIRST n ROWS ONLY`: one row without a number.
    fn fetch(&mut self) -> Result<(u64, Span), SqlError> {
        let start = self.index();
        self.expect_word("FETCH")?;
        if !self.eat_words(&["FIRST"]) && !self.eat_words(&["NEXT"]) {
            return Err(self.expected("FIRST or NEXT", &["FIRST", "NEXT"]));
        }
        let rows = match self.peek() {
            Token::Word(_) => (1, self.since(start)),
            _ => self.row_count()?,
        };
        if !self.eat_words(&["ROWS"]) && !self.eat_words(&["ROW"]) {
            return Err(self.expected("ROWS", &["ROWS", "ROW"]));
        }
        self.with_ties("FETCH")?;
        self.expect_word("ONLY")?;
        Ok(rows)
    }

    /// `TOP n` or `TOP (n)`, if it is next.
    pub(super) fn top(&mut self) -> Result<Option<(u64, Span)>, SqlError> {
        let is_top = matches!(self.peek_at(1), Token::Number(..) | Token::LParen);
        if !is_top || !self.eat_words(&["TOP"]) {
            return Ok(None);
        }
        let nested = self.eat(&Token::LParen);
        let rows = self.row_count()?;
        if nested {
            self.expect(&Token::RParen, "after the number of rows")?;
        }
        self.with_ties("TOP")?;
        Ok(Some(rows))
    }

    /// Gives a query the TOP of its SELECT for its LIMIT.
    pub(super) fn settle_top(&self, query: &mut Query) -> Result<(), SqlError> {
        let Some(top) = query.body.top.take() else {
            return Ok(());
        };
        if query.limit.is_some() {
            let error = self.error(SqlErrorKind::Parse, top.1, "TOP and LIMIT in one query");
            return Err(error.with_hint("leave one of them out"));
        }
        query.limit = Some(top);
        Ok(())
    }

    fn with_ties(&self, clause: &str) -> Result<(), SqlError> {
        if !self.at_words(&["WITH", "TIES"]) {
            return Ok(());
        }
        let error = self.unsupported(self.index(), &format!("{clause} .. WITH TIES is"));
        Err(error.with_hint("QUALIFY RANK() OVER (ORDER BY ..) <= n keeps rows of equal rank"))
    }

    fn row_count(&mut self) -> Result<(u64, Span), SqlError> {
        let start = self.index();
        let rows = match self.peek() {
            Token::Number(text, _) => text.parse::<u64>().ok(),
            _ => None,
        };
        let Some(rows) = rows else {
            return Err(self.expected("a number of rows", &[]));
        };
        self.advance();
        Ok((rows, self.since(start)))
    }
}
