//! What names mean inside one SELECT.

use super::super::ast::Name;
use super::super::names;
use super::Subquery;
use crate::error::{SqlError, SqlErrorKind};
use crate::plan::Expr;
use crate::types::Field;

/// A column that expressions can name.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its value over the input's columns.
    pub expr: Expr,
    /// Whether NULL may occur.
    pub nullable: bool,
    /// Not part of `*` (columns of a window).
    pub hidden: bool,
}

impl Column {
    /// The input's column `index`, which is `field`.
    pub fn of_field(index: usize, field: &Field) -> Self {
        let ty = field.ty;
        Self {
            name: field.name.clone(),
            expr: Expr::Column { index, ty },
            nullable: field.nullable,
            hidden: false,
        }
    }

    /// The columns of an input, in order.
    pub fn of_fields(fields: &[Field]) -> Vec<Self> {
        let fields = fields.iter().enumerate();
        fields
            .map(|(index, field)| Self::of_field(index, field))
            .collect()
    }
}

/// An item of the SELECT list that later clauses may name.
#[derive(Clone, Debug)]
pub struct Alias {
    /// Its name.
    pub name: Name,
    /// Its value over the input's columns, virtual ones included.
    pub expr: Expr,
    /// Whether NULL may occur.
    pub nullable: bool,
}

/// The columns of FROM.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Names that may stand before the dot.
    pub qualifiers: Vec<Name>,
    /// The columns in order.
    pub columns: Vec<Column>,
    /// The session's time zone, unless it is UTC.
    pub zone: Option<String>,
    /// The subqueries in the query's expressions.
    pub subqueries: Vec<Subquery>,
}

/// System columns of the dialect; where one is no column of the scope, it is refused by its name.
const SYSTEM_COLUMNS: &[&str] = &[
    "_timestamp",
    "_event_time",
    "_partition",
    "_offset",
    "_key",
    "_topic",
    "_worker",
    "_watermark",
    "_window_start",
    "_window_end",
];

/// Columns that a window adds.
const WINDOW_COLUMNS: &[&str] = &["window_start", "window_end", "window_time"];

impl Scope {
    /// The column called `name`, `None` if there is none.
    ///
    /// # Errors
    /// When several columns are meant.
    pub fn find(&self, name: &Name) -> Result<Option<&Column>, SqlError> {
        let found = names::find(name, self.columns.iter().map(|column| column.name.as_str()));
        match found[..] {
            [] => Ok(None),
            [at] => Ok(Some(&self.columns[at])),
            _ => Err(SqlError::new(
                SqlErrorKind::Bind,
                name.span,
                format!("column {} is ambiguous", name.text),
            )
            .with_hint("give the columns different aliases in the subquery")),
        }
    }

    /// Checks the name before a dot.
    ///
    /// # Errors
    /// When nothing in FROM is called so.
    pub fn check_qualifier(&self, qualifier: &Name) -> Result<(), SqlError> {
        if self
            .qualifiers
            .iter()
            .any(|known| names::means(qualifier, &known.text))
        {
            return Ok(());
        }
        let known: Vec<&str> = self.qualifiers.iter().map(|name| &name.text[..]).collect();
        let error = SqlError::new(
            SqlErrorKind::Bind,
            qualifier.span,
            format!("nothing in FROM is called {}", qualifier.text),
        );
        Err(match names::hint(&qualifier.text, &known) {
            Some(hint) => error.with_hint(hint),
            None => error,
        })
    }

    /// The error for a name that is no column.
    pub fn unknown(&self, name: &Name, aliases: &[Alias]) -> SqlError {
        if SYSTEM_COLUMNS.iter().any(|known| names::means(name, known)) {
            return if name.text.to_ascii_lowercase().starts_with("_window") {
                SqlError::new(
                    SqlErrorKind::Bind,
                    name.span,
                    format!(
                        "system column {} belongs to a window of this query",
                        name.text
                    ),
                )
                .with_hint("it exists with a WINDOW clause: WINDOW TUMBLING(1s)")
            } else {
                SqlError::new(
                    SqlErrorKind::Bind,
                    name.span,
                    format!(
                        "system column {} belongs to a record: only a query that reads a table itself knows it",
                        name.text
                    ),
                )
                .with_hint("select it in the subquery under another name")
            };
        }
        let known: Vec<&str> = self
            .columns
            .iter()
            .map(|column| &column.name[..])
            .chain(aliases.iter().map(|alias| &alias.name.text[..]))
            .collect();
        let error = SqlError::new(
            SqlErrorKind::Bind,
            name.span,
            format!("column {} does not exist", name.text),
        );
        if let Some(near) = names::nearest(&name.text, known.iter().copied()) {
            return error.with_hint(format!("did you mean {near}?"));
        }
        if name.quoted {
            return error.with_hint(format!("text is written in single quotes: '{}'", name.text));
        }
        if WINDOW_COLUMNS.iter().any(|known| names::means(name, known)) {
            return error.with_hint("it exists with a window: FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND)");
        }
        if self.columns.iter().all(|column| column.hidden) {
            return error.with_hint("name a table, or read a file: FROM 'trades.csv'");
        }
        match names::hint(&name.text, &known) {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}
