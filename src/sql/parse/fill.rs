//! `FILL (NULL | PREV | LINEAR | 0)`, one value for all aggregates or one for each.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::{Span, SqlError};
use crate::sql::ast::{Fill, FillItem};

impl Cursor<'_> {
    /// FILL behind GROUP BY or SAMPLE BY; `None`: FILL(NONE).
    pub(super) fn fill(&mut self) -> Result<Option<Fill>, SqlError> {
        let start = self.index();
        self.expect_word("FILL")?;
        self.expect(&Token::LParen, "after FILL")?;
        let none = self.eat_words(&["NONE"]);
        let mut items = Vec::new();
        if !none {
            items.push(self.fill_item()?);
            while self.eat(&Token::Comma) {
                items.push(self.fill_item()?);
            }
        }
        self.expect(&Token::RParen, "after the values of FILL")?;
        Ok((!none).then(|| Fill {
            items,
            span: self.since(start),
        }))
    }

    fn fill_item(&mut self) -> Result<(FillItem, Span), SqlError> {
        let start = self.index();
        let item = self.fill_value()?;
        Ok((item, self.since(start)))
    }

    fn fill_value(&mut self) -> Result<FillItem, SqlError> {
        for (words, item) in [
            (["NULL"], FillItem::Null),
            (["PREV"], FillItem::Previous),
            (["PREVIOUS"], FillItem::Previous),
            (["LINEAR"], FillItem::Linear),
        ] {
            if self.eat_words(&words) {
                return Ok(item);
            }
        }
        let negative = self.eat(&Token::Minus);
        let Token::Number(number, _) = self.peek() else {
            let known = ["NULL", "PREV", "LINEAR", "NONE"];
            return Err(self.expected("NULL, PREV, LINEAR, NONE or a number", &known));
        };
        let sign = if negative { "-" } else { "" };
        let number = format!("{sign}{number}");
        self.advance();
        Ok(FillItem::Number(number))
    }
}
