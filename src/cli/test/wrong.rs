//! Queries that must be refused, with what is said: a file `NAME.errors` is a table of them.
//!
//! ```text
//! SELECT symbl FROM trades
//! ----
//! error: column symbl does not exist
//!  --> 2:8
//! ...
//! ====
//! the next query
//! ```
//! A file `prelude.sql` in the same folder is put before every query, on a line of its own.

use super::{Expectation, TestEnvironment, Verdict};
use crate::sql::CompileOptions;
use std::path::Path;

/// What stands before every query of a folder's tables.
pub(super) const PRELUDE: &str = "prelude.sql";
/// Between a query and what is said of it.
const MESSAGE: &str = "----";
/// Between two queries.
const NEXT: &str = "====";

/// Compiles every query of the table and compares the whole file with what it should be.
pub(super) fn check(path: &Path, expectation: &Expectation) -> Result<Verdict, String> {
    let prelude = prelude(path)?;
    let text = std::str::from_utf8(&expectation.expected)
        .map_err(|error| format!("it is not UTF-8: {error}"))?;
    let mut found = String::new();
    let mut accepted = Vec::new();
    for query in queries(text) {
        if !found.is_empty() {
            found += NEXT;
            found.push('\n');
        }
        let sql = format!("{prelude}\n{query}");
        let message = match crate::sql::compile(&sql, &CompileOptions::default(), &TestEnvironment)
        {
            Ok(_) => {
                accepted.push(query.clone());
                "it is accepted".to_owned()
            }
            Err(error) => error.render("query", &sql),
        };
        found += &format!("{query}\n{MESSAGE}\n{}\n", message.trim_end());
    }
    if let Some(query) = accepted.first() {
        let count = accepted.len();
        return Err(format!(
            "{count} of its queries are accepted, the first of them:\n{query}"
        ));
    }
    expectation.settle(found.as_bytes())
}

/// The text of `prelude.sql` beside the table, on one line, so that places in queries begin in line 2.
fn prelude(path: &Path) -> Result<String, String> {
    let path = path.with_file_name(PRELUDE);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

/// The queries of a table, without what is said of them.
fn queries(text: &str) -> Vec<String> {
    let mut queries = vec![String::new()];
    let mut in_query = true;
    for line in text.lines() {
        match line {
            NEXT => {
                queries.push(String::new());
                in_query = true;
            }
            MESSAGE if in_query => in_query = false,
            _ if in_query => {
                let query = queries.last_mut().expect("one is open");
                if !query.is_empty() {
                    query.push('\n');
                }
                *query += line;
            }
            _ => {}
        }
    }
    queries.retain(|query| !query.trim().is_empty());
    queries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_holds_queries_and_what_is_said() {
        let text = "SELECT 1\nFROM t\n----\nerror: no\n----\n====\nSELECT 2\n";
        assert_eq!(queries(text), ["SELECT 1\nFROM t", "SELECT 2"]);
        assert!(queries("").is_empty());
    }
}
