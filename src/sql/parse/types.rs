//! Types of columns.

use sqlparser::ast::DataType as SqlType;

use super::cursor::Cursor;
use crate::error::{SqlError, SqlErrorKind};
use crate::sql::type_name;

impl Cursor<'_> {
    /// The type of a column.
    pub(super) fn data_type(&mut self) -> Result<SqlType, SqlError> {
        self.dialect.clear();
        match type_name::parse(&mut self.parser) {
            Ok((ty, false)) => Ok(ty),
            Ok((_, true)) => {
                let message = "a `>` too many behind the type";
                Err(self.error(SqlErrorKind::Parse, self.here(), message))
            }
            Err(error) => Err(self.parser_error(&error)),
        }
    }
}
