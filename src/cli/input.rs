//! Where a command's SQL comes from: a file, stdin, or the command line itself.

use crate::limits::SQL_BYTES_MAX;
use clap::Args;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The SQL of a command.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct InputArgs {
    /// SQL file, or - for stdin
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// SQL text
    // A text may begin with a comment, which begins with hyphens.
    #[arg(
        short = 'e',
        long = "execute",
        value_name = "SQL",
        allow_hyphen_values = true
    )]
    pub(super) execute: Option<String>,
}

/// SQL text and what it is called in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SqlText {
    pub(super) name: String,
    pub(super) text: String,
    /// The text used stdin up, so no table can read it.
    pub(super) is_from_stdin: bool,
}

impl InputArgs {
    /// Reads the text, of at most `SQL_BYTES_MAX` bytes.
    ///
    /// # Errors
    /// A message with the cure.
    pub(super) fn read(&self) -> Result<SqlText, String> {
        match (&self.execute, &self.file) {
            (Some(text), _) => Ok(SqlText {
                name: "-e".to_owned(),
                text: text.clone(),
                is_from_stdin: false,
            }),
            (None, Some(path)) if path == Path::new("-") => Ok(SqlText {
                text: bounded(io::stdin().lock(), "stdin")?,
                name: "stdin".to_owned(),
                is_from_stdin: true,
            }),
            (None, Some(path)) => {
                let file = File::open(path).map_err(|error| open_error(path, &error))?;
                if file.metadata().is_ok_and(|it| it.is_dir()) {
                    return Err(format!("{} is a directory, not a SQL file", path.display()));
                }
                let name = path.display().to_string();
                Ok(SqlText {
                    text: bounded(file, &name)?,
                    name,
                    is_from_stdin: false,
                })
            }
            (None, None) => Err("no SQL: name a file, - for stdin, or give -e SQL".to_owned()),
        }
    }
}

fn bounded(input: impl Read, name: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    input
        .take(SQL_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("reading {name}: {error}"))?;
    if bytes.len() > SQL_BYTES_MAX {
        return Err(format!(
            "{name} is longer than {SQL_BYTES_MAX} bytes, which no query is; \
             data is read by a table: SELECT * FROM 'data.csv'"
        ));
    }
    String::from_utf8(bytes).map_err(|_| format!("{name} is not UTF-8 text"))
}

fn open_error(path: &Path, error: &io::Error) -> String {
    let shown = path.display();
    if error.kind() != io::ErrorKind::NotFound {
        return format!("opening {shown}: {error}");
    }
    let text = path.to_string_lossy();
    if text.contains(char::is_whitespace) || text.ends_with(';') {
        return format!(
            "there is no file '{shown}'; SQL text is given with -e: velo-tpc run -e \"..\""
        );
    }
    match nearest(path) {
        Some(near) => format!("there is no file {shown}; did you mean {}?", near.display()),
        None => format!("there is no file {shown}"),
    }
}

/// The file beside `path` whose name is most like it.
fn nearest(path: &Path) -> Option<PathBuf> {
    const ENTRIES_MAX: usize = 10_000;
    const LIKENESS_MIN: f64 = 0.8;
    let wanted = path.file_name()?.to_string_lossy().into_owned();
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
    let entries = std::fs::read_dir(parent.unwrap_or(Path::new("."))).ok()?;
    entries
        .take(ENTRIES_MAX)
        .flatten()
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (strsim::jaro_winkler(&wanted, &name), name)
        })
        .filter(|(likeness, _)| LIKENESS_MIN <= *likeness)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1)))
        .map(|(_, name)| parent.map_or_else(|| PathBuf::from(&name), |it| it.join(&name)))
}
