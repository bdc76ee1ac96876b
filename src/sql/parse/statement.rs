//! Statements: which one begins here, and the small ones.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use super::words;
use crate::error::{SqlError, SqlErrorKind};
use crate::sql::ast::{Name, Query, Statement, StatementKind};
use crate::sql::dialect::begins_query;
use crate::sql::lex::plain_word;

/// Statements of other engines that users may try.
const UNBUILT: &[&str] = &[
    "ALTER", "ANALYZE", "BEGIN", "CALL", "COMMIT", "COPY", "DELETE", "DROP", "EXECUTE", "GRANT",
    "KILL", "LOAD", "MERGE", "PREPARE", "REFRESH", "REPLACE", "RESET", "REVOKE", "ROLLBACK",
    "START", "STOP", "TABLE", "TRUNCATE", "UNSET", "UPDATE", "UPSERT", "USE", "FROM",
];

/// What a text can begin with.
const STATEMENT_HINT: &str =
    "statements begin with SELECT, INSERT, CREATE, EXPLAIN, DESCRIBE, SHOW or SET";

impl Cursor<'_> {
    /// One statement and nothing behind it.
    pub(super) fn whole_statement(&mut self) -> Result<Statement, SqlError> {
        let statement = self.statement()?;
        if self.at_end() {
            return Ok(statement);
        }
        Err(match statement.kind {
            StatementKind::Query(_)
            | StatementKind::Insert { .. }
            | StatementKind::CreateView { .. }
            | StatementKind::CreateAs { .. }
            | StatementKind::Explain { .. } => self.leftover_of_query(),
            _ => self.leftover("`;` or the end of the statement", &["WITH", "AS"]),
        })
    }

    /// The error for a token behind a complete query.
    pub(super) fn leftover_of_query(&self) -> SqlError {
        self.leftover("a clause or the end of the statement", words::CLAUSES)
    }

    fn statement(&mut self) -> Result<Statement, SqlError> {
        let start = self.index();
        let kind = match plain_word(self.peek()).map(|word| word.value.to_ascii_uppercase()) {
            Some(word) => self.statement_of(&word)?,
            None if self.peek() == &Token::LParen => StatementKind::Query(Box::new(self.query()?)),
            None => return Err(self.expected("a statement", &[]).with_hint(STATEMENT_HINT)),
        };
        Ok(Statement {
            kind,
            span: self.since(start),
        })
    }

    fn statement_of(&mut self, word: &str) -> Result<StatementKind, SqlError> {
        match word {
            "SELECT" | "WITH" | "VALUES" => Ok(StatementKind::Query(Box::new(self.query()?))),
            "CREATE" => self.create(),
            "INSERT" => self.insert(),
            "EXPLAIN" => self.explain(),
            "DESCRIBE" | "DESC" => {
                self.advance();
                Ok(StatementKind::Describe(self.described()?))
            }
            "SHOW" => self.show(),
            "SET" => self.set(),
            _ if UNBUILT.contains(&word) => {
                Err(self.unsupported(self.index(), &format!("{word} as a statement is")))
            }
            _ => {
                let error = self.expected("a statement", words::STATEMENTS);
                Err(match error.hint {
                    None => error.with_hint(STATEMENT_HINT),
                    Some(_) => error,
                })
            }
        }
    }

    fn insert(&mut self) -> Result<StatementKind, SqlError> {
        let start = self.index();
        self.expect_word("INSERT")?;
        if self.word_at(0, "OVERWRITE") || self.word_at(0, "OR") {
            return Err(self.unsupported(start, "INSERT OVERWRITE and INSERT OR are"));
        }
        self.expect_word("INTO")?;
        let target = self.simple_name("the name of a sink")?;
        let list = self.peek() == &Token::LParen && !begins_query(self.peek_at(1));
        let columns = if list && self.peek_at(1) != &Token::LParen {
            self.name_list("a column")?
        } else {
            Vec::new()
        };
        let query = Box::new(self.inner_query()?);
        if self.word_at(0, "ON") {
            return Err(self.unsupported(self.index(), "ON CONFLICT is"));
        }
        Ok(StatementKind::Insert {
            target,
            columns,
            query,
        })
    }

    /// A query where only a query can stand.
    pub(super) fn inner_query(&mut self) -> Result<Query, SqlError> {
        if begins_query(self.peek()) || self.peek() == &Token::LParen {
            return self.query();
        }
        Err(self.expected("SELECT", &["SELECT", "WITH"]))
    }

    fn explain(&mut self) -> Result<StatementKind, SqlError> {
        self.expect_word("EXPLAIN")?;
        let analyze = self.eat_words(&["ANALYZE"]);
        for option in ["PLAN", "VERBOSE", "EXTENDED", "FORMAT", "LOGICAL"] {
            if self.word_at(0, option) {
                return Err(self
                    .unsupported(self.index(), &format!("EXPLAIN {option} is"))
                    .with_hint("use EXPLAIN or EXPLAIN ANALYZE"));
            }
        }
        if self.word_at(0, "EXPLAIN") {
            return Err(self.expected("a query, INSERT or CREATE .. AS", &[]));
        }
        let start = self.index();
        let statement = self.statement()?;
        match statement.kind {
            StatementKind::Query(_)
            | StatementKind::Insert { .. }
            | StatementKind::CreateAs { .. } => Ok(StatementKind::Explain {
                analyze,
                statement: Box::new(statement),
            }),
            _ => Err(SqlError::new(
                SqlErrorKind::Parse,
                self.since(start),
                "only a query, INSERT or CREATE .. AS SELECT can be explained",
            )),
        }
    }

    /// A table's name, or a file as FROM takes it.
    fn described(&mut self) -> Result<Name, SqlError> {
        let start = self.index();
        if let Some(path) = self.file()? {
            return Ok(Name {
                text: path,
                quoted: true,
                span: self.since(start),
            });
        }
        self.simple_name("the name of a table")
    }

    fn show(&mut self) -> Result<StatementKind, SqlError> {
        self.expect_word("SHOW")?;
        if self.eat_words(&["TABLES"]) {
            Ok(StatementKind::ShowTables)
        } else if self.eat_words(&["FUNCTIONS"]) {
            Ok(StatementKind::ShowFunctions)
        } else {
            Err(self.expected("TABLES or FUNCTIONS", &["TABLES", "FUNCTIONS"]))
        }
    }

    fn set(&mut self) -> Result<StatementKind, SqlError> {
        self.expect_word("SET")?;
        let start = self.index();
        let quoted = matches!(self.peek(), Token::SingleQuotedString(_));
        let text = self.option_key("the name of a setting")?;
        let key = Name {
            text,
            quoted,
            span: self.since(start),
        };
        if !self.eat(&Token::Eq) && !self.eat_words(&["TO"]) {
            return Err(self.expected("`=` or TO", &["TO"]));
        }
        let start = self.index();
        let value = self.setting_value()?;
        Ok(StatementKind::Set {
            key,
            value,
            value_span: self.since(start),
        })
    }
}
