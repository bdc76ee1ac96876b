//! Text to job, with what there is to say about it on stderr.

use super::environment::HostEnvironment;
use super::input::{InputArgs, SqlText};
use super::{EXIT_USAGE, fail};
use crate::sql::{CompileOptions, Compiled};
use crate::types::Schema;

/// Reads and compiles the SQL of a command, telling warnings and inferred tables.
///
/// # Errors
/// The exit code, after the error was told.
pub(super) fn compile(
    input: &InputArgs,
    options: &CompileOptions,
) -> Result<(SqlText, Compiled), u8> {
    let sql = input.read().map_err(|error| fail(EXIT_USAGE, &error))?;
    let compiled = compile_text(&sql, options)?;
    Ok((sql, compiled))
}

/// Compiles a text, telling warnings and inferred tables.
///
/// # Errors
/// The exit code, after the error was told.
pub(super) fn compile_text(sql: &SqlText, options: &CompileOptions) -> Result<Compiled, u8> {
    let compiled = crate::sql::compile(&sql.text, options, &HostEnvironment).map_err(|error| {
        eprintln!("{}", error.render(&sql.name, &sql.text));
        EXIT_USAGE
    })?;
    for (path, schema, why) in &compiled.inferred {
        eprintln!("{}", inferred(path, schema, why));
    }
    for (span, warning) in &compiled.warnings {
        match span.line {
            0 => eprintln!("warning: {warning}"),
            line => eprintln!(
                "warning: {warning}\n --> {}:{line}:{}",
                sql.name, span.column
            ),
        }
    }
    Ok(compiled)
}

/// What was inferred of a file used as a table: `trades.csv: ts TIMESTAMP, price DOUBLE (..)`.
pub(super) fn inferred(path: &str, schema: &Schema, why: &str) -> String {
    let columns: Vec<String> = schema
        .fields
        .iter()
        .map(|field| format!("{} {}", field.name, field.ty))
        .collect();
    let columns = columns.join(", ");
    if why.is_empty() {
        format!("{path}: {columns}")
    } else {
        format!("{path}: {columns} ({why})")
    }
}
