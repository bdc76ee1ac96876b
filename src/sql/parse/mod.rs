//! Text to [`Script`]: statements, queries and clauses are read here, scalar expressions by sqlparser.
//!
//! The streaming clauses stand between those of a SELECT in any order and with several spellings, so the whole
//! structure of a query is read by recursive descent over sqlparser's tokens, which keep their places, and only
//! expressions and types go to sqlparser. What this version does not have is thereby never parsed and dropped:
//! a token that no clause takes is an error that names it.

mod bars;
mod create;
mod cursor;
mod emit;
mod expression;
mod fill;
mod from;
mod grouping;
mod limit;
mod options;
mod query;
mod set_operation;
mod star;
mod statement;
mod subquery;
mod types;
mod unnest;
mod values;
mod window;
mod words;
mod zone;

use super::Environment;
use super::ast::Script;
use super::bind::calls_of;
use super::dialect::VeloDialect;
use super::lex::lex;
use crate::error::SqlError;
use crate::limits::SQL_BYTES_MAX;
use crate::plan::SystemColumn;
use cursor::Cursor;
use sqlparser::tokenizer::{Token, TokenWithSpan};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_errors;
#[cfg(test)]
mod tests_hostile;

/// Reads a text.
///
/// # Errors
/// The first thing that is wrong with it, with its place.
pub fn parse(text: &str, environment: &dyn Environment) -> Result<Script, SqlError> {
    let lexed = lex(text)?;
    let system = mentioned(&lexed.statements);
    // Variables in option values may not make the text longer than a text can be.
    let mut budget = SQL_BYTES_MAX;
    let mut subqueries = Vec::new();
    let mut statements = Vec::with_capacity(lexed.statements.len());
    for tokens in lexed.statements {
        let dialect = VeloDialect::default();
        let mut cursor = Cursor::new(tokens, &dialect, environment, &mut budget, &mut subqueries);
        statements.push(cursor.whole_statement()?);
    }
    Ok(Script {
        statements,
        annotations: lexed.annotations,
        system,
        subqueries,
    })
}

/// The system columns that the tokens name, those behind the calls of the clock too. One that is named for another
/// reason costs nothing but its place in a table.
fn mentioned(statements: &[Vec<TokenWithSpan>]) -> Vec<SystemColumn> {
    let mut found = [false; SystemColumn::ALL.len()];
    for token in statements.iter().flatten() {
        let Token::Word(word) = &token.token else {
            continue;
        };
        for (at, column) in SystemColumn::ALL.into_iter().enumerate() {
            let name = column.name();
            let mut names = calls_of(column).iter().chain([&name]);
            found[at] |= names.any(|name| word.value.eq_ignore_ascii_case(name));
        }
    }
    let columns = SystemColumn::ALL.into_iter().zip(found);
    columns
        .filter_map(|(column, found)| found.then_some(column))
        .collect()
}
