//! FROM: one table, file, subquery or windowed table.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use super::window::Kind;
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::sql::ast::{From, Name, TableAlias};
use crate::sql::lex::plain_word;

/// How the name of a file ends that can be read as a table.
const FILES: &[&str] = &["csv", "json", "jsonl", "ndjson"];
/// What may follow when it is compressed.
const COMPRESSIONS: &[&str] = &["gz", "zst"];

impl Cursor<'_> {
    /// What stands behind FROM, with its alias.
    pub(super) fn from(&mut self) -> Result<From, SqlError> {
        let mut from = self.relation()?;
        self.zone_of_from(&mut from)?;
        let given = self.table_alias()?;
        let from = self.unnests(with_alias(from, given))?;
        if self.peek() == &Token::Comma {
            return Err(self
                .unsupported(self.index(), "a JOIN is")
                .with_hint("read one table; aggregate each input in a query of its own"));
        }
        Ok(from)
    }

    /// An alias, perhaps with names for the columns of what it stands for.
    fn table_alias(&mut self) -> Result<Option<TableAlias>, SqlError> {
        let Some(name) = self.alias()? else {
            return Ok(None);
        };
        let columns = self.column_names()?;
        Ok(Some(TableAlias { name, columns }))
    }

    /// `(a, b)` if it is next: names for columns.
    pub(super) fn column_names(&mut self) -> Result<Vec<Name>, SqlError> {
        match self.peek() {
            Token::LParen => self.name_list("the name of a column"),
            _ => Ok(Vec::new()),
        }
    }

    /// A table without its alias.
    pub(super) fn relation(&mut self) -> Result<From, SqlError> {
        let start = self.index();
        if self.at_subquery() {
            self.expect(&Token::LParen, "before a query")?;
            let query = Box::new(self.inner_query()?);
            self.close_query()?;
            return Ok(From::Subquery { query, alias: None });
        }
        if let Some(path) = self.file()? {
            return Ok(From::File {
                path,
                alias: None,
                span: self.since(start),
            });
        }
        if self.word_at(0, "TABLE") && self.peek_at(1) == &Token::LParen {
            self.advance();
            self.advance();
            let relation = self.relation()?;
            if !matches!(relation, From::Windowed { .. }) {
                return Err(self.error(
                    SqlErrorKind::Parse,
                    self.since(start),
                    "expected a window like TUMBLE(..) inside TABLE(..)",
                ));
            }
            self.expect(&Token::RParen, "after the window")?;
            return Ok(relation);
        }
        if self.word_at(0, "LATERAL") {
            return Err(self.unsupported(start, "LATERAL is"));
        }
        if self.word_at(0, "UNNEST") && self.peek_at(1) == &Token::LParen {
            return self.unnest(From::Nothing, false);
        }
        if self.word_at(0, "VALUES") || (self.peek() == &Token::LParen && !self.at_end()) {
            return Err(self.expected("a table, a file in quotes or a query in parentheses", &[]));
        }
        if matches!(self.peek(), Token::Word(_)) && self.peek_at(1) == &Token::LParen {
            return self.table_function();
        }
        let name = self.name("the name of a table")?;
        if self.peek() == &Token::Period {
            return Err(self
                .unsupported(start, "a qualified name of a table is")
                .with_hint("tables have simple names; a file's name is written in quotes"));
        }
        Ok(From::Table { name, alias: None })
    }

    /// `'trades.csv'`, or words with periods that end like a file's name.
    pub(super) fn file(&mut self) -> Result<Option<String>, SqlError> {
        if let Token::SingleQuotedString(path) = self.peek() {
            if path.is_empty() {
                return Err(self.expected("the path of a file", &[]));
            }
            let path = path.clone();
            self.advance();
            return Ok(Some(path));
        }
        let mut parts = Vec::new();
        let mut tokens = 0;
        while let Some(word) = plain_word(self.peek_at(tokens)) {
            parts.push(word.value.as_str());
            tokens += 1;
            if self.peek_at(tokens) != &Token::Period {
                break;
            }
            tokens += 1;
        }
        let is = |part: Option<&&str>, endings: &[&str]| {
            part.is_some_and(|part| endings.iter().any(|end| part.eq_ignore_ascii_case(end)))
        };
        let mut ending = parts.len();
        if is(parts.last(), COMPRESSIONS) {
            ending -= 1;
        }
        if ending < 2 || !is(parts.get(ending - 1), FILES) {
            return Ok(None);
        }
        let path = parts.join(".");
        for _ in 0..tokens {
            self.advance();
        }
        Ok(Some(path))
    }

    /// A function in FROM: a window.
    fn table_function(&mut self) -> Result<From, SqlError> {
        let start = self.index();
        let name = match plain_word(self.peek()) {
            Some(word) => word.value.to_ascii_uppercase(),
            None => String::new(),
        };
        if let Some(kind) = Kind::named(&name) {
            return self.window_function(kind);
        }
        if name == "BARS" {
            return self.bars_function();
        }
        let what = format!("the function {} in FROM is", self.found());
        let error = self.unsupported(start, &what);
        let known = ["TUMBLE", "CUMULATE", "SESSION", "BARS"];
        Err(match super::words::nearest(&name, &known) {
            Some(meant) => error.with_hint(format!("did you mean {meant}?")),
            None => error,
        })
    }

    /// The error for a window that is not built.
    pub(super) fn unbuilt_window(&self, start: usize, name: &str) -> SqlError {
        self.unsupported(start, &format!("a {name} window is"))
            .with_hint("this version has the windows TUMBLE, HOP, CUMULATE, SESSION and BARS")
    }
}

/// `from` with its alias.
fn with_alias(mut from: From, given: Option<TableAlias>) -> From {
    match &mut from {
        From::Table { alias, .. }
        | From::File { alias, .. }
        | From::Subquery { alias, .. }
        | From::Windowed { alias, .. } => *alias = given,
        From::Nothing
        | From::Union { .. }
        | From::SetOperation(_)
        | From::Values { .. }
        | From::Unnest(_) => {}
    }
    from
}

/// The place of a relation that has one of its own; else `other`.
pub(super) fn place_of(from: &From, other: Span) -> Span {
    match from {
        From::Table { name, .. } => name.span,
        From::File { span, .. } => *span,
        From::Subquery { query, .. } => query.span,
        From::Windowed { window, .. } => window.span,
        From::Union { span, .. } | From::Values { span, .. } => *span,
        From::SetOperation(operation) => operation.span,
        From::Unnest(unnest) => unnest.span,
        From::Nothing => other,
    }
}
