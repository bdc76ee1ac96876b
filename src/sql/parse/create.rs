//! CREATE TABLE, SOURCE, STREAM, SINK and VIEW.

use sqlparser::ast::{BinaryOperator, Expr};
use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::{SqlError, SqlErrorKind};
use crate::sql::ast::{
    ColumnDef, ColumnKind, CreateTable, IfTaken, Name, StatementKind, TableRole, WatermarkDef,
};
use crate::sql::duration::interval_ns;
use crate::sql::lex::plain_word;

/// What CREATE can make.
const OBJECTS: &[&str] = &["TABLE", "SOURCE", "STREAM", "SINK", "VIEW"];

/// What stands between the parentheses of CREATE TABLE.
#[derive(Default)]
struct Elements {
    columns: Vec<ColumnDef>,
    primary_key: Vec<Name>,
    watermark: Option<WatermarkDef>,
}

impl Cursor<'_> {
    /// CREATE.
    pub(super) fn create(&mut self) -> Result<StatementKind, SqlError> {
        let start = self.index();
        self.expect_word("CREATE")?;
        let replaces = self.eat_words(&["OR", "REPLACE"]);
        // A text's tables and views all live as long as its job, and a view is planned wherever it is read.
        if !self.eat_words(&["TEMPORARY"]) {
            self.eat_words(&["TEMP"]);
        }
        if self.at_words(&["MATERIALIZED", "VIEW"]) {
            self.advance();
        }
        let Some(object) = plain_word(self.peek()).map(|word| word.value.to_ascii_uppercase())
        else {
            return Err(self.expected("TABLE, SOURCE, STREAM, SINK or VIEW", OBJECTS));
        };
        if !OBJECTS.contains(&object.as_str()) {
            return Err(self.uncreatable(start, &object));
        }
        self.advance();
        let taken = self.if_taken(replaces)?;
        let name = self.simple_name("a name")?;
        if object == "VIEW" {
            return self.create_view(name, taken);
        }
        let role = match object.as_str() {
            "SOURCE" => TableRole::Source,
            "SINK" => TableRole::Sink,
            _ => TableRole::Any,
        };
        self.create_table(name, role, taken)
    }

    /// IF NOT EXISTS, if it is next, behind CREATE with or without OR REPLACE.
    fn if_taken(&mut self, replaces: bool) -> Result<IfTaken, SqlError> {
        let at = self.index();
        match (replaces, self.eat_words(&["IF", "NOT", "EXISTS"])) {
            (false, false) => Ok(IfTaken::Refuse),
            (true, false) => Ok(IfTaken::Replace),
            (false, true) => Ok(IfTaken::Skip),
            (true, true) => Err(self
                .error(
                    SqlErrorKind::Parse,
                    self.since(at),
                    "OR REPLACE and IF NOT EXISTS exclude each other",
                )
                .with_hint("leave one of them out")),
        }
    }

    fn uncreatable(&self, start: usize, object: &str) -> SqlError {
        const UNBUILT: &[&str] = &[
            "CATALOG",
            "CONNECTION",
            "CONNECTOR",
            "DATABASE",
            "EXTERNAL",
            "FUNCTION",
            "INDEX",
            "MATERIALIZED",
            "MODEL",
            "ROLE",
            "SCHEMA",
            "SECRET",
            "TYPE",
            "UNIQUE",
            "UNLOGGED",
            "USER",
        ];
        if !UNBUILT.contains(&object) {
            return self.expected("TABLE, SOURCE, STREAM, SINK or VIEW", OBJECTS);
        }
        let error = self.unsupported(start, &format!("CREATE {object} is"));
        match object {
            "MATERIALIZED" => error.with_hint("use CREATE MATERIALIZED VIEW, which is a view"),
            "EXTERNAL" => error.with_hint("use CREATE TABLE"),
            _ => error,
        }
    }

    fn create_view(&mut self, name: Name, taken: IfTaken) -> Result<StatementKind, SqlError> {
        let columns = self.column_names()?;
        self.expect_word("AS")?;
        let query = self.inner_query()?.with_columns(name.clone(), columns);
        Ok(StatementKind::CreateView {
            name,
            query: Box::new(query),
            taken,
        })
    }

    fn create_table(
        &mut self,
        name: Name,
        role: TableRole,
        taken: IfTaken,
    ) -> Result<StatementKind, SqlError> {
        let open = self.index();
        let elements = if self.peek() == &Token::LParen {
            self.elements()?
        } else {
            Elements::default()
        };
        if self.word_at(0, "COMMENT") || self.word_at(0, "PARTITIONED") {
            let what = format!("{} here is", self.found());
            return Err(self.unsupported(self.index(), &what));
        }
        let mut options = if self.eat_words(&["WITH"]) {
            Some(self.options()?)
        } else {
            None
        };
        if !self.eat_words(&["AS"]) {
            if self.index() == open {
                return Err(self.expected("`(`, WITH or AS", &["WITH", "AS"]));
            }
            return Ok(StatementKind::CreateTable(CreateTable {
                name,
                columns: elements.columns,
                primary_key: elements.primary_key,
                watermark: elements.watermark,
                options: options.unwrap_or_default(),
                role,
                taken,
            }));
        }
        if !elements.columns.is_empty() || elements.watermark.is_some() {
            return Err(self
                .error(
                    SqlErrorKind::Unsupported,
                    self.place(open),
                    "columns and a watermark together with AS SELECT are not supported in this version",
                )
                .with_hint("the SELECT names and types the columns; only PRIMARY KEY may stand here"));
        }
        let query = Box::new(self.inner_query()?);
        // Velostream writes the options behind the query.
        if options.is_none() && self.eat_words(&["WITH"]) {
            options = Some(self.options()?);
        }
        Ok(StatementKind::CreateAs {
            name,
            options: options.unwrap_or_default(),
            primary_key: elements.primary_key,
            query,
            taken,
        })
    }

    fn elements(&mut self) -> Result<Elements, SqlError> {
        self.expect(&Token::LParen, "before the columns")?;
        let mut elements = Elements::default();
        loop {
            self.element(&mut elements)?;
            if self.eat(&Token::RParen) {
                return Ok(elements);
            }
            if !self.eat(&Token::Comma) {
                return Err(self.column_leftover());
            }
        }
    }

    fn element(&mut self, elements: &mut Elements) -> Result<(), SqlError> {
        let start = self.index();
        if self.at_words(&["WATERMARK", "FOR"]) {
            let watermark = self.watermark()?;
            if elements.watermark.replace(watermark).is_some() {
                let span = self.since(start);
                return Err(self.error(SqlErrorKind::Parse, span, "a second WATERMARK"));
            }
            return Ok(());
        }
        if self.eat_words(&["PRIMARY", "KEY"]) {
            let key = self.name_list("a column of the key")?;
            let _ = self.eat_words(&["NOT", "ENFORCED"]);
            return self.primary_key(start, key, elements);
        }
        for (word, next) in [
            ("CONSTRAINT", None),
            ("UNIQUE", Some(Token::LParen)),
            ("CHECK", Some(Token::LParen)),
        ] {
            if self.word_at(0, word) && next.is_none_or(|next| self.peek_at(1) == &next) {
                return Err(self.unsupported(start, &format!("{word} is")));
            }
        }
        if self.at_words(&["FOREIGN", "KEY"]) {
            return Err(self.unsupported(start, "FOREIGN KEY is"));
        }
        self.column(elements)
    }

    fn primary_key(
        &self,
        start: usize,
        key: Vec<Name>,
        elements: &mut Elements,
    ) -> Result<(), SqlError> {
        if !elements.primary_key.is_empty() {
            let span = self.since(start);
            return Err(self
                .error(SqlErrorKind::Parse, span, "a second PRIMARY KEY")
                .with_hint("a key of several columns is written PRIMARY KEY (a, b)"));
        }
        elements.primary_key = key;
        Ok(())
    }

    fn column(&mut self, elements: &mut Elements) -> Result<(), SqlError> {
        let name = self.simple_name("a column")?;
        if self.eat_words(&["AS"]) {
            let expr = Box::new(self.expression()?);
            elements.columns.push(ColumnDef {
                name,
                kind: ColumnKind::Computed(expr),
                not_null: false,
            });
            return Ok(());
        }
        if !matches!(self.peek(), Token::Word(_)) {
            return Err(self.expected("a type or AS", &[]));
        }
        let ty = self.data_type()?;
        let mut not_null = false;
        let mut null = false;
        loop {
            let start = self.index();
            if self.eat_words(&["NOT"]) {
                self.expect_word("NULL")?;
                not_null = true;
            } else if self.eat_words(&["NULL"]) {
                null = true;
            } else if self.eat_words(&["PRIMARY", "KEY"]) {
                let _ = self.eat_words(&["NOT", "ENFORCED"]);
                self.primary_key(start, vec![name.clone()], elements)?;
            } else {
                break;
            }
        }
        if null && not_null {
            return Err(self.error(
                SqlErrorKind::Parse,
                name.span,
                format!("column `{}` is both NULL and NOT NULL", name.text),
            ));
        }
        elements.columns.push(ColumnDef {
            name,
            kind: ColumnKind::Physical(ty),
            not_null,
        });
        Ok(())
    }

    /// What stands behind a column and is neither `,` nor `)`.
    fn column_leftover(&self) -> SqlError {
        const UNBUILT: &[&str] = &[
            "DEFAULT",
            "COMMENT",
            "GENERATED",
            "METADATA",
            "REFERENCES",
            "UNIQUE",
            "CHECK",
            "COLLATE",
            "CONSTRAINT",
            "AUTO_INCREMENT",
            "PERSISTED",
            "STORED",
            "VIRTUAL",
            "HEADERS",
            "KEY",
        ];
        let word = plain_word(self.peek()).map(|word| word.value.to_ascii_uppercase());
        match word {
            Some(word) if UNBUILT.contains(&word.as_str()) => {
                self.unsupported(self.index(), &format!("{word} of a column is"))
            }
            _ => self.expected("`,` or `)`", &["NOT", "NULL", "PRIMARY"]),
        }
    }

    /// `WATERMARK FOR ts AS ts [- INTERVAL ..]`.
    fn watermark(&mut self) -> Result<WatermarkDef, SqlError> {
        let start = self.index();
        self.expect_word("WATERMARK")?;
        self.expect_word("FOR")?;
        let column = self.simple_name("the time column")?;
        self.expect_word("AS")?;
        let begin = self.index();
        let expr = self.expression()?;
        let span = self.since(begin);
        let delay_ns = delay(&expr, &column).map_err(|(kind, message)| {
            SqlError::new(kind, span, message).with_hint(format!(
                "write {0} or {0} - INTERVAL '1' SECOND",
                column.text
            ))
        })?;
        Ok(WatermarkDef {
            column,
            delay_ns,
            span: self.since(start),
        })
    }
}

/// The nanoseconds that a watermark expression takes off its column.
fn delay(expr: &Expr, column: &Name) -> Result<i64, (SqlErrorKind, String)> {
    let is_column = |expr: &Expr| match unnested(expr) {
        Expr::Identifier(ident) if ident.quote_style.is_some() || column.quoted => {
            ident.value == column.text
        }
        Expr::Identifier(ident) => ident.value.eq_ignore_ascii_case(&column.text),
        _ => false,
    };
    let expr = unnested(expr);
    if is_column(expr) {
        return Ok(0);
    }
    if let Expr::BinaryOp {
        left,
        op: BinaryOperator::Minus,
        right,
    } = expr
        && is_column(left)
        && let Expr::Interval(interval) = unnested(right)
    {
        return match interval_ns(interval) {
            Ok(delay) if delay >= 0 => Ok(delay),
            Ok(_) => Err((
                SqlErrorKind::Parse,
                "a watermark cannot be ahead of its column".to_owned(),
            )),
            Err(message) => Err((SqlErrorKind::Parse, message)),
        };
    }
    Err((
        SqlErrorKind::Unsupported,
        "this expression for a watermark is not supported in this version".to_owned(),
    ))
}

/// An expression without the parentheses around it.
pub(super) fn unnested(mut expr: &Expr) -> &Expr {
    while let Expr::Nested(inner) = expr {
        expr = inner;
    }
    expr
}
