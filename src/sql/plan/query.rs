//! Queries: CTEs, FROM, and the clauses that apply to a whole query.

use super::flow::Flow;
use super::window::{self, BoundWindow};
use super::{Planner, bind_error, plan_error};
use crate::error::{Span, SqlError};
use crate::limits::SQL_DEPTH_MAX;
use crate::sql::ast::{Emit, EmitMode, From, LateData, Name, OrderItem, Query, TableAlias};
use crate::sql::catalog::Entry;
use crate::sql::names;
use std::rc::Rc;

/// What a query is told by what stands around it.
#[derive(Clone, Copy)]
pub struct Context<'q> {
    /// CTEs in scope.
    pub ctes: Option<&'q CteScope<'q>>,
    /// EMIT of this query or one around it.
    pub emit: Option<&'q Emit>,
    /// LATE DATA of this query or one around it.
    pub late: Option<&'q LateData>,
    /// Whether an aggregate, DISTINCT or OVER takes the rows.
    pub feeds: bool,
    /// Whether the statement is an INSERT (or CREATE .. AS).
    pub inserts: bool,
    /// How long closed windows are kept for corrections.
    pub retention_ns: i64,
    /// Queries around this one.
    pub depth: usize,
}

impl Context<'_> {
    /// That of a query whose rows something that keeps state takes: EMIT and LATE DATA are for that.
    pub fn feeding(self) -> Self {
        Self {
            emit: None,
            late: None,
            feeds: true,
            ..self
        }
    }
}

/// CTEs that a query can name.
pub struct CteScope<'q> {
    parent: Option<&'q CteScope<'q>>,
    list: &'q [(Name, Query)],
}

/// FROM, planned.
pub struct Relation {
    /// Its rows.
    pub flow: Flow,
    /// The window of a table function.
    pub window: Option<BoundWindow>,
}

impl Planner<'_> {
    /// Plans a query within another one. With ORDER BY or LIMIT its rows are those of its whole input.
    pub(super) fn query(&mut self, query: &Query, context: Context<'_>) -> Result<Flow, SqlError> {
        if query.order_by.is_empty() && !query.is_cut() {
            return self.query_body(query, &[], context);
        }
        let inner = Context {
            feeds: true,
            ..context
        };
        let mut flow = self.query_body(query, &query.order_by, inner)?;
        self.sort_within(&mut flow, query)?;
        Ok(flow)
    }

    /// Plans a query with its ORDER BY given apart.
    pub(super) fn query_body(
        &mut self,
        query: &Query,
        order_by: &[OrderItem],
        context: Context<'_>,
    ) -> Result<Flow, SqlError> {
        if context.depth >= SQL_DEPTH_MAX {
            return Err(plan_error(
                query.span,
                format!("queries and views nest deeper than {SQL_DEPTH_MAX}"),
            ));
        }
        for (at, (name, _)) in query.ctes.iter().enumerate() {
            let known = &query.ctes[..at];
            if known
                .iter()
                .any(|(other, _)| names::means(name, &other.text))
            {
                let message = format!("{} is declared twice in WITH", name.text);
                return Err(bind_error(name.span, message));
            }
        }
        let ctes = CteScope {
            parent: context.ctes,
            list: &query.ctes,
        };
        let inner = Context {
            ctes: Some(&ctes),
            emit: query.emit.as_ref().or(context.emit),
            late: query.late.as_ref().or(context.late),
            ..context
        };
        let flow = self.select(&query.body, order_by, inner)?;
        if let Some(late) = &query.late
            && !flow.state.late_taken
        {
            return Err(plan_error(
                late.span,
                "LATE DATA needs a window, or OVER with EMIT FINAL",
            ));
        }
        if let Some(emit) = &query.emit
            && !flow.state.emit_taken
        {
            check_unused(emit, &flow)?;
        }
        Ok(flow)
    }

    /// Plans FROM.
    pub(super) fn relation(
        &mut self,
        from: &From,
        context: Context<'_>,
        span: Span,
    ) -> Result<Relation, SqlError> {
        let alias = match from {
            From::Windowed {
                input,
                window,
                alias,
            } => return self.windowed(input, window, alias.as_ref(), context),
            From::Unnest(unnest) => return self.unnest(unnest, context),
            From::Table { alias, .. } | From::File { alias, .. } | From::Subquery { alias, .. } => {
                alias.as_ref()
            }
            _ => None,
        };
        // One place on the stack for all of them: queries within queries stand on it.
        let flow = match from {
            From::Table { name, .. } => self.named(name, context),
            From::Subquery { query, .. } => self.inner(query, context),
            From::Union { arms, span } => self.union(arms, *span, context),
            From::SetOperation(operation) => self.set_operation(operation, context),
            other => self.records(other, span),
        };
        let mut flow = flow?;
        if let Some(alias) = alias {
            flow.qualifiers = vec![alias.name.clone()];
            name_columns(&mut flow, alias)?;
        }
        Ok(Relation { flow, window: None })
    }

    /// FROM without a query in it: a file, VALUES or nothing.
    fn records(&mut self, from: &From, span: Span) -> Result<Flow, SqlError> {
        match from {
            From::File { path, span, .. } => self.file(path, *span),
            From::Values { rows, span } => self.values(rows, *span),
            From::Nothing => self.numbered(1, span),
            other => unreachable!("{other:?} holds a query"),
        }
    }

    /// A query in parentheses.
    fn inner(&mut self, query: &Query, context: Context<'_>) -> Result<Flow, SqlError> {
        let inner = Context {
            depth: context.depth + 1,
            ..context
        };
        let mut flow = self.query(query, inner)?;
        flow.qualifiers.clear();
        Ok(flow)
    }

    fn windowed(
        &mut self,
        input: &From,
        window: &crate::sql::ast::Window,
        alias: Option<&TableAlias>,
        context: Context<'_>,
    ) -> Result<Relation, SqlError> {
        let inner = Context {
            depth: context.depth + 1,
            ..context.feeding()
        };
        if inner.depth > SQL_DEPTH_MAX {
            return Err(plan_error(window.span, "windows nest too deep"));
        }
        let mut relation = self.relation(input, inner, window.span)?;
        if relation.window.is_some() {
            return Err(plan_error(
                window.span,
                "a window over a window needs an aggregate between them",
            )
            .with_hint("aggregate the inner window in a subquery"));
        }
        relation.window = Some(window::bind(window, &relation.flow, true)?);
        if let Some(alias) = alias {
            relation.flow.qualifiers.push(alias.name.clone());
            name_columns(&mut relation.flow, alias)?;
        }
        Ok(relation)
    }

    /// A CTE, view or table.
    fn named(&mut self, name: &Name, context: Context<'_>) -> Result<Flow, SqlError> {
        if let Some((scope, query)) = find_cte(context.ctes, name) {
            let inner = Context {
                ctes: Some(&scope),
                depth: context.depth + 1,
                ..context
            };
            let mut flow = self.query(query, inner)?;
            flow.qualifiers = vec![name.clone()];
            return Ok(flow);
        }
        let found = self
            .catalog
            .find(name)
            .map(|(known, entry)| (known.clone(), entry.clone()));
        let mut flow = match found {
            None => return Err(self.unknown_table(name, context.ctes)),
            Some((known, Entry::Table(table))) => self.table(&known, &table, name.span)?,
            Some((_, Entry::Replaced)) => {
                let message = format!("{} would read itself", name.text);
                return Err(bind_error(name.span, message)
                    .with_hint("give what is created another name than what it reads"));
            }
            Some((_, Entry::View(query))) => {
                let query = Rc::clone(&query);
                let inner = Context {
                    ctes: None,
                    depth: context.depth + 1,
                    ..context
                };
                // A place in the view's own text would mislead: the view is what the reader sees.
                self.query(&query, inner)?
            }
        };
        flow.qualifiers = vec![name.clone()];
        Ok(flow)
    }

    fn unknown_table(&self, name: &Name, ctes: Option<&CteScope<'_>>) -> SqlError {
        let mut others: Vec<&str> = Vec::new();
        let mut scope = ctes;
        while let Some(known) = scope {
            others.extend(known.list.iter().map(|(name, _)| &name.text[..]));
            scope = known.parent;
        }
        self.catalog.unknown(name, &others)
    }
}

/// Gives the first columns of FROM the names that stand behind its alias.
fn name_columns(flow: &mut Flow, alias: &TableAlias) -> Result<(), SqlError> {
    let mut columns = flow.columns.iter_mut().filter(|column| !column.hidden);
    for (at, name) in alias.columns.iter().enumerate() {
        let Some(column) = columns.next() else {
            let (known, given) = (at, alias.columns.len());
            let name_of = &alias.name.text;
            let message =
                format!("{given} names for the columns of {name_of}, of which there are {known}");
            return Err(bind_error(name.span, message));
        };
        let mut before = alias.columns[..at].iter();
        if before.any(|other| names::means(name, &other.text)) {
            let message = format!(
                "two columns of {} are called {}",
                alias.name.text, name.text
            );
            return Err(bind_error(name.span, message));
        }
        column.name.clone_from(&name.text);
    }
    Ok(())
}

/// The CTE called `name` and the scope of its own query: those before it.
fn find_cte<'q>(
    mut scope: Option<&'q CteScope<'q>>,
    name: &Name,
) -> Option<(CteScope<'q>, &'q Query)> {
    while let Some(known) = scope {
        let found = known
            .list
            .iter()
            .rposition(|(cte, _)| names::means(name, &cte.text));
        if let Some(at) = found {
            let visible = CteScope {
                parent: known.parent,
                list: &known.list[..at],
            };
            return Some((visible, &known.list[at].1));
        }
        scope = known.parent;
    }
    None
}

/// EMIT on a query without an aggregate: CHANGES says what happens anyway.
fn check_unused(emit: &Emit, flow: &Flow) -> Result<(), SqlError> {
    super::emission::refuse_every(Some(emit), "rows without groups")?;
    match &emit.mode {
        EmitMode::Changes => Ok(()),
        EmitMode::Final if flow.bounded => Ok(()),
        EmitMode::Final => Err(plan_error(
            emit.span,
            "EMIT FINAL without a window over an unbounded input would never emit",
        )
        .with_hint("leave EMIT out: rows of a query without aggregates are final at once")),
    }
}
