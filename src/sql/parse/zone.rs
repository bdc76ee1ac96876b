//! Windows by the clocks of a time zone: `AT TIME ZONE 'z'` behind a window, and how QuestDB writes it,
//! `SAMPLE BY 1d ALIGN TO CALENDAR TIME ZONE 'z' WITH OFFSET '09:30'`.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::sql::ast::{From, Window, WindowShape};

impl Cursor<'_> {
    /// `AT TIME ZONE 'z'` behind a window, if it is next.
    pub(super) fn window_zone(&mut self, window: &mut Window) -> Result<(), SqlError> {
        if self.eat_words(&["AT", "TIME", "ZONE"]) {
            window.zone = Some(self.zone_name()?);
        }
        Ok(())
    }

    /// `AT TIME ZONE 'z'` behind what stands in FROM, if it is next.
    pub(super) fn zone_of_from(&mut self, from: &mut From) -> Result<(), SqlError> {
        let start = self.index();
        if let From::Windowed { window, .. } = from {
            return self.window_zone(window);
        }
        if self.eat_words(&["AT", "TIME", "ZONE"]) {
            let message = "AT TIME ZONE behind FROM is of a window like TUMBLE(..)";
            return Err(self.error(SqlErrorKind::Parse, self.since(start), message));
        }
        Ok(())
    }

    /// `ALIGN TO CALENDAR [TIME ZONE 'z'] [WITH OFFSET '09:30']` of SAMPLE BY.
    pub(super) fn align(&mut self, window: Option<&mut Window>) -> Result<(), SqlError> {
        let start = self.index();
        self.expect_word("ALIGN")?;
        self.expect_word("TO")?;
        if self.word_at(0, "FIRST") {
            return Err(self.unsupported(start, "ALIGN TO FIRST OBSERVATION is"));
        }
        self.expect_word("CALENDAR")?;
        let Some(window) = window.filter(|window| window.sampled) else {
            let message = "ALIGN TO CALENDAR stands behind SAMPLE BY";
            return Err(self.error(SqlErrorKind::Parse, self.since(start), message));
        };
        if self.eat_words(&["TIME", "ZONE"]) {
            window.zone = Some(self.zone_name()?);
        }
        if self.eat_words(&["WITH", "OFFSET"]) {
            let ns = self.clock_offset()?;
            if let WindowShape::Tumble { offset_ns, .. } = &mut window.shape {
                *offset_ns = ns;
            }
        }
        Ok(())
    }

    fn zone_name(&mut self) -> Result<(String, Span), SqlError> {
        let start = self.index();
        let Token::SingleQuotedString(name) = self.peek() else {
            return Err(self.expected("the name of a time zone like 'America/New_York'", &[]));
        };
        let name = name.clone();
        self.advance();
        Ok((name, self.since(start)))
    }

    /// `'[+-]hh:mm'` in nanoseconds.
    fn clock_offset(&mut self) -> Result<i64, SqlError> {
        let Token::SingleQuotedString(text) = self.peek() else {
            return Err(self.expected("an offset like '09:30'", &[]));
        };
        let (sign, clock) = match text.strip_prefix('-') {
            Some(clock) => (-1, clock),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let field = |text: &str, bound: i64| {
            let number = text.parse::<i64>().ok()?;
            (text.len() == 2 && (0..bound).contains(&number)).then_some(number)
        };
        let parts = clock.split_once(':');
        let minutes =
            parts.and_then(|(hours, minutes)| Some(field(hours, 24)? * 60 + field(minutes, 60)?));
        let Some(minutes) = minutes else {
            return Err(self.expected("an offset like '09:30'", &[]));
        };
        self.advance();
        Ok(sign * minutes * 60_000_000_000)
    }
}
