//! The tables and views that a text has declared so far.

use super::ast::{CreateTable, Name, Query, TableRole};
use super::names;
use crate::error::{Span, SqlError, SqlErrorKind};
use std::rc::Rc;

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Entry {
    /// CREATE TABLE, SOURCE, STREAM or SINK.
    Table(Rc<CreateTable>),
    /// CREATE VIEW, or CREATE STREAM .. AS, whose rows are its query's wherever they are read.
    View(Rc<Query>),
    /// What CREATE OR REPLACE takes the place of while its own query is planned.
    Replaced,
}

/// Declared names in order.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    entries: Vec<(Name, Entry)>,
}

impl Catalog {
    /// Adds a name, or puts its entry in the place of a replaced one.
    ///
    /// # Errors
    /// When it is taken.
    pub fn add(&mut self, name: &Name, entry: Entry) -> Result<(), SqlError> {
        match self.place(name)? {
            None => self.entries.push((name.clone(), entry)),
            Some(at) => self.entries[at] = (name.clone(), entry),
        }
        Ok(())
    }

    /// Where the entry that `name` replaces stands, `None` if it is a new name.
    ///
    /// # Errors
    /// When it is taken.
    pub fn place(&self, name: &Name) -> Result<Option<usize>, SqlError> {
        let mut entries = self.entries.iter();
        let taken = entries.position(|(known, _)| names::means(name, &known.text));
        match taken.map(|at| &self.entries[at].1) {
            None | Some(Entry::Replaced) => Ok(taken),
            Some(_) => Err(SqlError::new(
                SqlErrorKind::Bind,
                name.span,
                format!("{} is declared twice", name.text),
            )
            .with_hint("CREATE OR REPLACE takes the place of the first")),
        }
    }

    /// Makes room for another entry called `name`; gives the declared spelling of the one that was there.
    pub fn replace(&mut self, name: &Name) -> Option<String> {
        let mut entries = self.entries.iter_mut();
        let (known, entry) = entries.find(|(known, _)| names::means(name, &known.text))?;
        *entry = Entry::Replaced;
        Some(known.text.clone())
    }

    /// What `name` means: the declared spelling and the entry.
    pub fn find(&self, name: &Name) -> Option<(&Name, &Entry)> {
        let found = names::find(name, self.entries.iter().map(|(known, _)| &known.text[..]));
        let (known, entry) = &self.entries[*found.first()?];
        Some((known, entry))
    }

    /// The declared names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| &name.text[..])
    }

    /// The error for a name that is not declared; `others` are names in scope beside the catalog's.
    pub fn unknown(&self, name: &Name, others: &[&str]) -> SqlError {
        let known: Vec<&str> = self.names().chain(others.iter().copied()).collect();
        let error = SqlError::new(
            SqlErrorKind::Bind,
            name.span,
            format!("table {} does not exist", name.text),
        );
        match names::hint(&name.text, &known) {
            Some(hint) => error.with_hint(hint),
            None => {
                error.with_hint("declare it with CREATE TABLE, or read a file: FROM 'trades.csv'")
            }
        }
    }

    /// SHOW TABLES: name and kind.
    pub fn rows(&self) -> Vec<Vec<String>> {
        self.entries
            .iter()
            .map(|(name, entry)| {
                let (kind, connector) = match entry {
                    Entry::View(_) | Entry::Replaced => ("view", ""),
                    Entry::Table(table) => (
                        match table.role {
                            TableRole::Any => "table",
                            TableRole::Source => "source",
                            TableRole::Sink => "sink",
                        },
                        connector_of(table),
                    ),
                };
                vec![name.text.clone(), kind.to_owned(), connector.to_owned()]
            })
            .collect()
    }
}

/// The value of a table's `'connector'`.
pub fn connector_of(table: &CreateTable) -> &str {
    table
        .options
        .iter()
        .find(|entry| entry.key.eq_ignore_ascii_case("connector"))
        .map_or("", |entry| &entry.value)
}

/// Checks what can be checked of a declaration before the table is used.
///
/// # Errors
/// When a column is declared twice or a key names none.
pub fn check_table(table: &CreateTable) -> Result<(), SqlError> {
    let error = |span: Span, message: String| SqlError::new(SqlErrorKind::Bind, span, message);
    if table.columns.len() > crate::limits::COLUMNS_MAX {
        return Err(error(
            table.name.span,
            format!("a table has at most {} columns", crate::limits::COLUMNS_MAX),
        ));
    }
    let mut seen = std::collections::HashSet::new();
    for column in &table.columns {
        if !seen.insert(column.name.text.to_ascii_lowercase()) {
            return Err(error(
                column.name.span,
                format!("column {} is declared twice", column.name.text),
            ));
        }
    }
    let known: Vec<&str> = table
        .columns
        .iter()
        .map(|column| &column.name.text[..])
        .collect();
    for key in &table.primary_key {
        if !known.is_empty() && !known.iter().any(|column| names::means(key, column)) {
            let error = error(key.span, format!("column {} does not exist", key.text));
            return Err(match names::hint(&key.text, &known) {
                Some(hint) => error.with_hint(hint),
                None => error,
            });
        }
    }
    if table.role == TableRole::Sink
        && let Some(watermark) = &table.watermark
    {
        return Err(error(watermark.span, "a sink has no watermark".into()));
    }
    Ok(())
}
