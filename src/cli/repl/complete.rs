//! Completion: names of files inside quotes, columns behind `table.`, else keywords, functions and names.

use super::split::{self, Inside};
use rustyline::Context;
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use std::path::Path;

/// Entries of a folder that are looked at.
const ENTRIES_MAX: usize = 10_000;

/// Words that statements are made of.
const KEYWORDS: &[&str] = &[
    "ALLOW",
    "ANALYZE",
    "AND",
    "AS",
    "ASC",
    "AT TIME ZONE",
    "BETWEEN",
    "BIGINT",
    "BOOLEAN",
    "CASE",
    "CAST",
    "CHANGES",
    "CREATE TABLE",
    "CREATE VIEW",
    "CUMULATE",
    "DATE",
    "DECIMAL",
    "DESC",
    "DESCRIBE",
    "DESCRIPTOR",
    "DISTINCT",
    "DOUBLE",
    "DROP",
    "ELSE",
    "EMIT",
    "END",
    "ESCAPE",
    "EXPLAIN",
    "FALSE",
    "FILTER",
    "FINAL",
    "FROM",
    "GROUP BY",
    "HAVING",
    "HOP",
    "IN",
    "INSERT INTO",
    "INT",
    "INTERVAL",
    "IS",
    "LATE DATA",
    "LIKE",
    "LIMIT",
    "NOT",
    "NULL",
    "ON WINDOW CLOSE",
    "OR",
    "ORDER BY",
    "OVER",
    "PARTITION BY",
    "PRECEDING",
    "PRIMARY KEY",
    "QUALIFY",
    "RANGE",
    "ROWS",
    "SAMPLE BY",
    "SELECT",
    "SESSION",
    "SET",
    "SHOW FUNCTIONS",
    "SHOW TABLES",
    "SIMILAR TO",
    "SLIDING",
    "THEN",
    "TIMESTAMP",
    "TRUE",
    "TRY_CAST",
    "TUMBLE",
    "TUMBLING",
    "VARCHAR",
    "WARN",
    "WATERMARK FOR",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
    "WITHIN GROUP",
];

/// What is declared: tables and views with their columns, and every function.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Name and columns.
    pub(super) tables: Vec<(String, Vec<String>)>,
    /// Names of functions.
    pub(super) functions: Vec<String>,
}

/// Completes one line of a statement.
pub(super) struct Completion {
    names: Names,
    /// The lines before it.
    before: String,
}

impl Completion {
    /// Over the names known now, behind the lines `before` of the same statement.
    pub(super) fn new(names: &Names, before: &str) -> Self {
        Self {
            names: names.clone(),
            before: before.to_owned(),
        }
    }

    /// Where in `line` the word under completion begins, and what it can become.
    fn candidates(&self, line: &str) -> (usize, Vec<String>) {
        let mut text = self.before.clone();
        let offset = text.len();
        text += line;
        let mut rest = 0;
        let inside = loop {
            match split::first(&text[rest..]) {
                Ok(length) => rest += length,
                Err(inside) => break inside,
            }
        };
        match inside {
            Inside::Quote(b'\'', at) if offset <= rest + at => {
                let start = rest + at - offset;
                (start, files(&line[start..]))
            }
            Inside::Plain => self.words(line),
            _ => (line.len(), Vec::new()),
        }
    }

    fn words(&self, line: &str) -> (usize, Vec<String>) {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let start = line.trim_end_matches(is_part).len();
        let word = &line[start..];
        if let Some(head) = line[..start].strip_suffix('.') {
            let table = &head[head.trim_end_matches(is_part).len()..];
            if table.is_empty() {
                return (start, Vec::new());
            }
            let known = |name: &str| name.eq_ignore_ascii_case(table);
            let columns = self.names.tables.iter().filter(|(name, _)| known(name));
            return (
                start,
                matching(word, columns.flat_map(|(_, columns)| columns)),
            );
        }
        if word.is_empty() {
            return (start, Vec::new());
        }
        let tables = self.names.tables.iter();
        let names = tables.flat_map(|(name, columns)| std::iter::once(name).chain(columns));
        let mut found = matching(word, names.chain(&self.names.functions));
        let is_lower = word.chars().all(|c| !c.is_uppercase());
        for keyword in KEYWORDS {
            if starts(keyword, word) {
                found.push(match is_lower {
                    true => keyword.to_ascii_lowercase(),
                    false => (*keyword).to_owned(),
                });
            }
        }
        (start, found)
    }
}

/// The texts that `word` begins, in any case; each once.
fn matching<'a>(word: &str, among: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut found: Vec<String> = among.filter(|text| starts(text, word)).cloned().collect();
    found.sort();
    found.dedup();
    found
}

fn starts(text: &str, word: &str) -> bool {
    let head = text.get(..word.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// Paths that `typed` begins, folders with a `/` behind them.
fn files(typed: &str) -> Vec<String> {
    let (folder, name) = match typed.rfind('/') {
        Some(at) => typed.split_at(at + 1),
        None => ("", typed),
    };
    let place = match folder {
        "" => Path::new("."),
        _ => Path::new(folder),
    };
    let Ok(entries) = std::fs::read_dir(place) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries.take(ENTRIES_MAX).flatten() {
        let entry_name = entry.file_name();
        let Some(text) = entry_name.to_str() else {
            continue;
        };
        let is_hidden = text.starts_with('.') && !name.starts_with('.');
        if !text.starts_with(name) || is_hidden {
            continue;
        }
        let slash = match entry.path().is_dir() {
            true => "/",
            false => "",
        };
        found.push(format!("{folder}{text}{slash}"));
    }
    found.sort();
    found
}

impl Completer for Completion {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, found) = self.candidates(&line[..at]);
        let pair = |text: String| Pair {
            display: text.clone(),
            replacement: text,
        };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}

impl Hinter for Completion {
    type Hint = String;
}
impl Highlighter for Completion {}
impl Validator for Completion {}
impl rustyline::Helper for Completion {}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(before: &str, line: &str) -> (usize, Vec<String>) {
        let text = |text: &str| text.to_owned();
        let names = Names {
            tables: vec![
                (text("trades"), vec![text("symbol"), text("size")]),
                (text("quotes"), vec![text("symbol"), text("bid")]),
            ],
            functions: vec![text("SUM"), text("SUBSTRING")],
        };
        Completion::new(&names, before).candidates(line)
    }

    #[test]
    fn words_become_keywords_functions_and_names() {
        assert_eq!(complete("", "sel"), (0, vec!["select".to_owned()]));
        assert_eq!(complete("", "SELECT su").1, ["SUBSTRING", "SUM"]);
        assert_eq!(
            complete("", "SELECT sy").1,
            ["symbol"],
            "once, of two tables"
        );
        assert_eq!(
            complete("", "SELECT 1 FROM tr").1,
            ["trades", "true", "try_cast"]
        );
        assert_eq!(complete("", "SELECT "), (7, Vec::new()));
        assert!(complete("", "-- sel").1.is_empty());
        assert_eq!(complete("", "SELECT 'a;'; sel").1, ["select"]);
    }

    #[test]
    fn columns_follow_the_dot_of_their_table() {
        assert_eq!(
            complete("", "SELECT trades.s"),
            (14, vec!["size".into(), "symbol".into()])
        );
        assert_eq!(complete("", "SELECT QUOTES.").1, ["bid", "symbol"]);
        assert!(complete("", "SELECT nosuch.s").1.is_empty());
        assert!(complete("", "SELECT 1.5, .").1.is_empty());
    }

    #[test]
    fn files_are_completed_inside_quotes() {
        assert_eq!(
            complete("", "SELECT * FROM 'Cargo.t"),
            (15, vec!["Cargo.toml".into()])
        );
        assert_eq!(
            complete("", "SELECT * FROM 'src/cli/rep").1,
            ["src/cli/repl/"]
        );
        assert_eq!(
            complete("SELECT *\n", "FROM 'src/cli/repl/mo").1,
            ["src/cli/repl/mod.rs"]
        );
        assert!(complete("", "SELECT * FROM 'nosuch/x").1.is_empty());
        assert!(
            complete("SELECT 'a\n", "sel").1.is_empty(),
            "inside a text of two lines"
        );
    }
}
