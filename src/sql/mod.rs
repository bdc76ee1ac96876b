//! Text to [`crate::plan::Job`]: dialect, parse, bind, plan, explain.

pub mod ast;
pub mod bind;
pub mod catalog;
mod describe;
mod dialect;
pub mod duration;
mod explain;
mod guard;
pub mod infer;
mod lex;
mod mark;
mod months;
pub mod names;
pub mod options;
pub mod parse;
pub mod plan;
mod scan;
mod type_name;
mod variables;

pub use explain::all_statements as explain_job;
pub use plan::rewrite_job;

use crate::error::{Span, SqlError};
use crate::plan::{Job, Settings};
use crate::types::Schema;

/// What the planner may ask of the world outside; the command line gives the real one, tests a fake.
pub trait Environment {
    /// The value of an environment variable, for `${VAR}`.
    fn variable(&self, name: &str) -> Option<String>;
    /// Paths that match a glob, sorted; a plain path gives itself if it exists.
    ///
    /// # Errors
    /// The system's message.
    fn files(&self, pattern: &str) -> Result<Vec<std::path::PathBuf>, String>;
    /// Up to `bytes` decoded (gunzipped) bytes from a file's start.
    ///
    /// # Errors
    /// The system's message.
    fn head(&self, path: &std::path::Path, bytes: usize) -> Result<Vec<u8>, String>;
}

/// What a text compiles to.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The job of all its SELECTs and INSERTs; `None` if it has none.
    pub job: Option<Job>,
    /// Text that EXPLAIN, DESCRIBE and SHOW print, in order.
    pub output: Vec<String>,
    /// Whether an EXPLAIN ANALYZE asks for a run with its report.
    pub analyze: bool,
    /// Inferred tables, to be told on stderr: (path, schema, why the time column was chosen).
    pub inferred: Vec<(String, Schema, String)>,
    /// Things that are legal and probably not meant.
    pub warnings: Vec<(Span, String)>,
}

/// What the command line says before the text's own SET statements.
#[derive(Clone, Debug, Default)]
pub struct CompileOptions {
    /// Settings from flags and `VELO_*`.
    pub settings: Settings,
    /// Format of a bare SELECT on stdout: `table`, `csv` or `json`; `None`: table.
    pub stdout_format: Option<String>,
}

/// A compiled text or the first error in it.
pub type CompileResult = Result<Compiled, SqlError>;

/// Compiles a text: parses it, applies its statements in order, and plans the job of all its queries.
///
/// # Errors
/// The first error in the text.
pub fn compile(
    text: &str,
    options: &CompileOptions,
    environment: &dyn Environment,
) -> CompileResult {
    let script = parse::parse(text, environment)?;
    plan::compile_script(&script, options, environment)
}

#[cfg(test)]
mod tests;
