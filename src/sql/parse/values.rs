//! The rows of VALUES.

use sqlparser::ast::Expr;
use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::{SqlError, SqlErrorKind};
use crate::limits::VALUES_ROWS_MAX;

impl Cursor<'_> {
    /// `(a, b), (c, d)`: rows of one width.
    pub(super) fn value_rows(&mut self) -> Result<Vec<Vec<Expr>>, SqlError> {
        let mut rows: Vec<Vec<Expr>> = Vec::new();
        loop {
            let start = self.index();
            self.expect(&Token::LParen, "before the values of a row")?;
            let mut row = vec![self.expression()?];
            while self.eat(&Token::Comma) {
                row.push(self.expression()?);
            }
            self.expect(&Token::RParen, "or `,` after a value")?;
            let span = self.since(start);
            if let Some(first) = rows.first().filter(|first| first.len() != row.len()) {
                let (number, count, known) = (rows.len() + 1, row.len(), first.len());
                let message =
                    format!("row {number} of VALUES has {count} values, the first {known}");
                return Err(self.error(SqlErrorKind::Parse, span, message));
            }
            if rows.len() == VALUES_ROWS_MAX {
                let message = format!("VALUES has at most {VALUES_ROWS_MAX} rows");
                return Err(self
                    .error(SqlErrorKind::Parse, span, message)
                    .with_hint("put them into a file, and read it: FROM 'rows.csv'"));
            }
            rows.push(row);
            if !self.eat(&Token::Comma) {
                return Ok(rows);
            }
        }
    }
}
