//! Bars: `BARS(TABLE t PARTITION BY k, DESCRIPTOR(ts), TICKS n)` in FROM, `WINDOW BARS(TICKS n)` behind it.
//!
//! What a bar counts is `TICKS n`, `VOLUME n, size` or `DOLLAR n, price, size`.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::{SqlError, SqlErrorKind};
use crate::sql::ast::{Bars, From, Name, Window, WindowShape};

/// How bars are written in FROM.
pub(super) const EXAMPLE: &str = "BARS(TABLE t PARTITION BY k, DESCRIPTOR(ts), VOLUME 10000, size)";

/// What a bar can count, and the columns that each takes.
const MEASURES: [(&str, &[&str]); 3] = [
    ("TICKS", &[]),
    ("VOLUME", &["size"]),
    ("DOLLAR", &["price", "size"]),
];

impl Cursor<'_> {
    /// `BARS(..)` in FROM.
    pub(super) fn bars_function(&mut self) -> Result<From, SqlError> {
        let start = self.index();
        self.expect_word("BARS")?;
        self.expect(&Token::LParen, "after BARS")?;
        let (input, partition) = self.window_input(None)?;
        self.expect(&Token::Comma, "before the time column of BARS")?;
        let time = self.time_column()?;
        self.expect(&Token::Comma, "after the time column of BARS")?;
        let bars = self.bars_measure()?;
        self.expect(&Token::RParen, "after the amount of BARS")?;
        Ok(From::Windowed {
            input: Box::new(input),
            window: self.bars(start, Some(time), partition, bars, false),
            alias: None,
        })
    }

    /// `BARS([ts,] ..)` behind WINDOW, which stands at `start`.
    pub(super) fn bars_clause(&mut self, start: usize) -> Result<Window, SqlError> {
        self.expect_word("BARS")?;
        self.expect(&Token::LParen, "after BARS")?;
        let mut time = None;
        if self.peek_at(1) == &Token::Comma || self.word_at(0, "DESCRIPTOR") {
            time = Some(self.time_column()?);
            self.expect(&Token::Comma, "after the time column")?;
        }
        let bars = self.bars_measure()?;
        self.expect(&Token::RParen, "after the amount of BARS")?;
        Ok(self.bars(start, time, Vec::new(), bars, true))
    }

    fn bars(
        &self,
        start: usize,
        time: Option<Name>,
        partition: Vec<Name>,
        bars: Bars,
        clause: bool,
    ) -> Window {
        Window {
            time,
            shape: WindowShape::Bars(bars),
            partition,
            clause,
            zone: None,
            sampled: false,
            span: self.since(start),
        }
    }

    /// `TICKS 100`, `VOLUME 10000, size` or `DOLLAR 1e6, price, size`.
    fn bars_measure(&mut self) -> Result<Bars, SqlError> {
        let known = MEASURES.iter().find(|(word, _)| self.word_at(0, word));
        let Some((word, columns)) = known else {
            return Err(self
                .expected("TICKS, VOLUME or DOLLAR", &MEASURES.map(|(word, _)| word))
                .with_hint(format!("write {EXAMPLE}")));
        };
        self.advance();
        let start = self.index();
        let Token::Number(amount, _) = self.peek() else {
            return Err(self.expected(&format!("an amount behind {word}"), &[]));
        };
        let amount = amount.clone();
        self.advance();
        let span = self.since(start);
        let mut factors = Vec::with_capacity(columns.len());
        for _ in *columns {
            if !self.eat(&Token::Comma) {
                let message = format!("{word} takes an amount and {}", columns.join(" and "));
                return Err(self
                    .error(SqlErrorKind::Parse, self.here(), message)
                    .with_hint(format!("write {word} {amount}, {}", columns.join(", "))));
            }
            factors.push(self.expression()?);
        }
        Ok(Bars {
            amount,
            factors,
            span,
        })
    }
}
