//! `*` and `t.*`: the columns of FROM, some of them left out, with other values or under other names.

use super::bind_error;
use super::select::Item;
use crate::error::{Span, SqlError};
use crate::sql::ast::{Name, Star};
use crate::sql::bind::{Alias, Binder, Clause, Column, Scope, has_aggregate};
use crate::sql::names;

/// What becomes of a column of `*`.
#[derive(Clone, Copy, Default)]
struct Change {
    /// Whether it is left out.
    excluded: bool,
    /// Which value of REPLACE it has.
    replaced: Option<usize>,
    /// Which name of RENAME it has.
    renamed: Option<usize>,
}

/// The items that `star` is.
///
/// # Errors
/// When its lists name what is no column, or one column twice, and when no column is left.
pub(super) fn star(
    binder: &mut Binder<'_>,
    scope: &Scope,
    star: &Star,
) -> Result<Vec<Item>, SqlError> {
    if let Some(qualifier) = &star.qualifier {
        scope.check_qualifier(qualifier)?;
    }
    let shown = scope.columns.iter().filter(|column| !column.hidden);
    let shown: Vec<&Column> = shown.collect();
    let changes = changes(scope, star, &shown)?;
    let mut items = Vec::with_capacity(shown.len());
    let mut aliases = Vec::new();
    for (column, change) in shown.into_iter().zip(changes) {
        if change.excluded {
            continue;
        }
        let (expr, aggregates, span) = match change.replaced.map(|at| &star.replace[at]) {
            Some((expr, name)) => {
                let bound = binder.bind_in(Clause::Select, expr)?;
                (bound, has_aggregate(expr), name.span)
            }
            None => (column.expr.clone(), false, star.span),
        };
        let name = match change.renamed {
            Some(at) => star.rename[at].1.clone(),
            None => column_name(column, star.span),
        };
        if change.replaced.is_some() || change.renamed.is_some() {
            aliases.push(Alias {
                name: name.clone(),
                expr: expr.clone(),
                nullable: true,
            });
        }
        items.push(Item {
            name,
            expr,
            aggregates,
            span,
        });
    }
    if items.is_empty() {
        let what = match star.exclude.is_empty() {
            true => "`*` without FROM has no columns",
            false => "EXCLUDE leaves no column",
        };
        return Err(bind_error(star.span, what));
    }
    binder.aliases.append(&mut aliases);
    Ok(items)
}

fn column_name(column: &Column, span: Span) -> Name {
    Name {
        text: column.name.clone(),
        quoted: false,
        span,
    }
}

/// What becomes of each of the columns `shown`.
fn changes(scope: &Scope, star: &Star, shown: &[&Column]) -> Result<Vec<Change>, SqlError> {
    let mut changes = vec![Change::default(); shown.len()];
    for name in &star.exclude {
        for at in meant(scope, name, shown)? {
            if std::mem::replace(&mut changes[at].excluded, true) {
                return Err(twice(name, "is left out"));
            }
        }
    }
    for (number, (_, name)) in star.replace.iter().enumerate() {
        let change = kept(&mut changes, one(scope, name, shown)?, name)?;
        if change.replaced.replace(number).is_some() {
            return Err(twice(name, "is replaced"));
        }
    }
    for (number, (name, _)) in star.rename.iter().enumerate() {
        let change = kept(&mut changes, one(scope, name, shown)?, name)?;
        if change.renamed.replace(number).is_some() {
            return Err(twice(name, "is renamed"));
        }
    }
    Ok(changes)
}

/// The change of a column that is not left out.
fn kept<'c>(changes: &'c mut [Change], at: usize, name: &Name) -> Result<&'c mut Change, SqlError> {
    match changes[at].excluded {
        false => Ok(&mut changes[at]),
        true => {
            let message = format!("column {} is left out by EXCLUDE", name.text);
            Err(bind_error(name.span, message))
        }
    }
}

fn twice(name: &Name, what: &str) -> SqlError {
    bind_error(name.span, format!("column {} {what} twice", name.text))
}

/// The columns called `name`, at least one.
fn meant(scope: &Scope, name: &Name, shown: &[&Column]) -> Result<Vec<usize>, SqlError> {
    let found = names::find(name, shown.iter().map(|column| &column.name[..]));
    if !found.is_empty() {
        return Ok(found);
    }
    if scope.find(name)?.is_some() {
        let message = format!("column {} is not part of `*`", name.text);
        return Err(bind_error(name.span, message));
    }
    Err(scope.unknown(name, &[]))
}

/// The one column called `name`.
fn one(scope: &Scope, name: &Name, shown: &[&Column]) -> Result<usize, SqlError> {
    match meant(scope, name, shown)?[..] {
        [at] => Ok(at),
        _ => {
            let message = format!("column {} is ambiguous", name.text);
            Err(bind_error(name.span, message))
        }
    }
}
