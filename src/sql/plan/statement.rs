//! The statements of a text, one after another.

use super::finish::StatementDraft;
use super::flow::{Flow, Spread};
use super::query::Context;
use super::sink::{Outcome, Target};
use super::union::UnionChoice;
use super::{Planner, bind_error, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::limits::STATEMENTS_MAX;
use crate::plan::{ChangelogMode, Expr, OperatorPlan, SinkId, SortKey, SortPlan};
use crate::sql::ast::{
    CreateTable, Name, OptionEntry, Query, Script, Statement, StatementKind, TableRole,
};
use crate::sql::catalog::{Entry, check_table, connector_of};
use crate::sql::options::{self, Options};
use crate::sql::{CompileOptions, CompileResult, Compiled, Environment, describe, explain};
use crate::types::{Field, Schema};
use std::rc::Rc;

/// Plans a parsed text.
///
/// # Errors
/// The first error in it.
pub fn compile_script(
    script: &Script,
    options: &CompileOptions,
    environment: &dyn Environment,
) -> CompileResult {
    let mut planner = Planner::new(options, environment)?;
    planner.mentioned.clone_from(&script.system);
    planner.texts = script.subqueries.iter().cloned().map(Rc::new).collect();
    for annotation in &script.annotations {
        if let Some(warning) = options::annotate(&mut planner.settings, annotation) {
            planner.notes.warnings.push((annotation.2, warning));
        }
    }
    for statement in &script.statements {
        planner.statement(statement)?;
    }
    let job = planner.job()?;
    Ok(Compiled {
        job,
        output: planner.output,
        analyze: planner.analyze,
        inferred: planner.notes.inferred,
        warnings: planner.notes.warnings,
    })
}

impl Planner<'_> {
    fn statement(&mut self, statement: &Statement) -> Result<(), SqlError> {
        match &statement.kind {
            StatementKind::CreateTable(table) => self.create_table(table),
            StatementKind::CreateView { name, query } => self.create_view(name, query),
            StatementKind::Set {
                key,
                value,
                value_span,
            } => options::set(&mut self.settings, key, value, *value_span),
            StatementKind::Explain { analyze, statement } => self.explain(*analyze, statement),
            StatementKind::Describe(name) => self.describe(name),
            StatementKind::ShowTables => {
                let rows = self.catalog.rows();
                self.output
                    .push(describe::aligned(&["name", "kind", "connector"], &rows));
                Ok(())
            }
            StatementKind::ShowFunctions => {
                self.output.push(describe::functions());
                Ok(())
            }
            StatementKind::Query(_)
            | StatementKind::Insert { .. }
            | StatementKind::CreateAs { .. } => self.run(statement),
        }
    }

    fn create_table(&mut self, table: &CreateTable) -> Result<(), SqlError> {
        check_table(table)?;
        options::check_connector(&Options::new(&table.options, table.name.span)?)?;
        options::check_keys(&table.options)?;
        self.check_columns(table)?;
        self.catalog
            .add(&table.name, Entry::Table(Rc::new(table.clone())))
    }

    /// A view is planned once where it is created, so that its errors show there.
    fn create_view(&mut self, name: &Name, query: &Query) -> Result<(), SqlError> {
        let (drafts, notes) = (self.drafts.clone(), self.notes.clone());
        let context = Context {
            ctes: None,
            emit: None,
            late: None,
            feeds: false,
            inserts: true,
            retention_ns: self.settings.retention_ns,
            depth: 0,
        };
        self.query(query, context)?;
        (self.drafts, self.notes) = (drafts, notes);
        self.catalog.add(name, Entry::View(Rc::new(query.clone())))
    }

    /// A statement that makes rows.
    fn run(&mut self, statement: &Statement) -> Result<(), SqlError> {
        match &statement.kind {
            StatementKind::Query(query) => self.write(query, Target::Stdout, statement.span),
            StatementKind::Insert {
                target,
                columns,
                query,
            } => {
                let table = self.writable(target)?;
                let target = Target::Table {
                    table: &table,
                    columns,
                };
                self.write(query, target, statement.span)
            }
            StatementKind::CreateAs {
                name,
                options,
                primary_key,
                query,
            } => self.create_as(name, options, primary_key, query, statement.span),
            _ => Err(plan_error(statement.span, "only queries can be explained")),
        }
    }

    /// The table that rows are to be written to.
    pub(super) fn writable(&self, target: &Name) -> Result<Rc<CreateTable>, SqlError> {
        match self.catalog.find(target) {
            None => Err(self.catalog.unknown(target, &[])),
            Some((_, Entry::View(_))) => Err(plan_error(
                target.span,
                format!("{} is a view: it cannot be written", target.text),
            )),
            Some((_, Entry::Table(table))) => Ok(Rc::clone(table)),
        }
    }

    /// CREATE STREAM .. AS: a sink, and a view of the same name.
    fn create_as(
        &mut self,
        name: &Name,
        options: &[OptionEntry],
        primary_key: &[Name],
        query: &Query,
        span: Span,
    ) -> Result<(), SqlError> {
        let table = CreateTable {
            name: name.clone(),
            columns: Vec::new(),
            primary_key: primary_key.to_vec(),
            watermark: None,
            options: options.to_vec(),
            role: TableRole::Sink,
        };
        if connector_of(&table).is_empty() && options.is_empty() {
            self.notes.warnings.push((
                name.span,
                format!(
                    "{} has no WITH ('connector' = ..): it is a view, and nothing is written",
                    name.text
                ),
            ));
            return self.create_view(name, query);
        }
        if self.catalog.find(name).is_some() {
            return Err(bind_error(
                name.span,
                format!("{} is declared twice", name.text),
            ));
        }
        let target = Target::Table {
            table: &table,
            columns: &[],
        };
        self.write(query, target, span)?;
        self.catalog.add(name, Entry::View(Rc::new(query.clone())))
    }

    /// Plans a query and where its rows go: a statement, or one for each query of a union.
    fn write(&mut self, query: &Query, target: Target<'_>, span: Span) -> Result<(), SqlError> {
        let context = Context {
            ctes: None,
            emit: None,
            late: None,
            feeds: false,
            inserts: matches!(target, Target::Table { .. }),
            retention_ns: self.retention(target)?,
            depth: 0,
        };
        self.write_within(query, target, span, context)
    }

    /// The same, within a query that `context` tells of.
    pub(super) fn write_within(
        &mut self,
        query: &Query,
        target: Target<'_>,
        span: Span,
        context: Context<'_>,
    ) -> Result<(), SqlError> {
        let mut pick = 0;
        loop {
            self.union = UnionChoice::of(pick);
            self.write_one(query, target, span, context)?;
            pick += 1;
            if self.union.count.is_none_or(|count| pick == count) {
                self.union = UnionChoice::default();
                return Ok(());
            }
        }
    }

    fn write_one(
        &mut self,
        query: &Query,
        target: Target<'_>,
        span: Span,
        context: Context<'_>,
    ) -> Result<(), SqlError> {
        self.check_statements(span)?;
        let mut flow = self.query_body(query, &query.order_by, context)?;
        self.check_union(query)?;
        if let Target::Memory { .. } = target {
            super::subquery::check_ends(&flow, query.span)?;
        }
        let outcome = match target {
            Target::Stdout | Target::Memory { .. } if self.union.pick > 0 => {
                self.result_again(&flow)
            }
            _ => self.result(&flow, target, query.span)?,
        };
        self.check_corrections(&flow, query, &outcome)?;
        let name = match target {
            Target::Stdout => "select".to_owned(),
            Target::Memory { .. } => "subquery".to_owned(),
            Target::Table { table, .. } => table.name.text.clone(),
        };
        let (sink, output) = (outcome.sink, outcome.schema.clone());
        if flow.sort.is_empty() {
            project(&mut flow, outcome.exprs, &output);
        } else {
            self.sort(&mut flow, query, outcome)?;
        }
        let late_rows = std::mem::take(&mut flow.late_rows);
        let limit = query.limit.map(|(rows, _)| rows);
        let limit = match target {
            Target::Memory { rows_max } => Some(limit.map_or(rows_max, |rows| rows.min(rows_max))),
            _ => limit,
        };
        self.draft(flow, name, (sink, output), limit, span);
        late_rows
            .into_iter()
            .try_for_each(|rows| self.write_late(rows))
    }

    /// Refuses one statement too many.
    pub(super) fn check_statements(&self, span: Span) -> Result<(), SqlError> {
        if self.drafts.statements.len() < STATEMENTS_MAX {
            return Ok(());
        }
        let message = format!("a job has at most {STATEMENTS_MAX} statements");
        Err(plan_error(span, message))
    }

    /// Adds a planned flow to the job.
    pub(super) fn draft(
        &mut self,
        mut flow: Flow,
        name: String,
        (sink, output): (SinkId, Schema),
        limit: Option<u64>,
        span: Span,
    ) {
        super::ranked::limit(&mut flow.stages);
        super::prune::prune(
            &mut flow.stages,
            self.drafts.sources[usize::from(flow.source.0)]
                .plan
                .table()
                .fields
                .len(),
        );
        self.drafts.statements.push(StatementDraft {
            name,
            source: flow.source,
            route: flow.route,
            partitioning: self.settings.job.partitioning,
            stages: flow.stages,
            output,
            sink,
            limit,
            changelog: flow.state.corrections,
            span,
        });
    }

    /// Refuses corrections that the sink cannot hold.
    fn check_corrections(
        &self,
        flow: &Flow,
        query: &Query,
        outcome: &Outcome,
    ) -> Result<(), SqlError> {
        let sink = &self.drafts.sinks[usize::from(outcome.sink.0)];
        if !flow.state.corrections || sink.plan.changelog != ChangelogMode::Append {
            return Ok(());
        }
        let at = query.late.as_ref().map_or(query.span, |late| late.span);
        let name = &sink.plan.name;
        Err(plan_error(
            at,
            format!("LATE DATA PROCESS and WARN correct rows, and sink {name} only appends"),
        )
        .with_hint("add 'changelog.mode' = 'upsert' with a PRIMARY KEY, or 'retract', to the sink"))
    }

    /// ORDER BY: all rows in one place, sorted at the end.
    fn sort(&mut self, flow: &mut Flow, query: &Query, outcome: Outcome) -> Result<(), SqlError> {
        let span = query.order_by.first().map_or(query.span, |item| item.span);
        if !flow.bounded {
            return Err(plan_error(span, "ORDER BY needs an input that ends")
                .with_hint("leave it out: rows come in the order of their input"));
        }
        if flow.state.changes {
            return Err(unbuilt(span, "ORDER BY over changing results").with_hint("add EMIT FINAL"));
        }
        if flow.state.corrections {
            return Err(unbuilt(span, "ORDER BY over corrected windows"));
        }
        let width = outcome.exprs.len();
        let mut exprs = outcome.exprs;
        let mut fields = outcome.schema.fields.clone();
        let mut keys = Vec::with_capacity(flow.sort.len());
        for key in std::mem::take(&mut flow.sort) {
            let index = match exprs.iter().position(|expr| *expr == key.expr) {
                Some(at) => at,
                None => {
                    fields.push(Field {
                        name: format!("sort{}", keys.len() + 1),
                        ty: key.expr.ty(),
                        nullable: true,
                    });
                    exprs.push(key.expr.clone());
                    exprs.len() - 1
                }
            };
            keys.push(SortKey {
                expr: Expr::Column {
                    index,
                    ty: key.expr.ty(),
                },
                ..key
            });
        }
        let input = Schema { fields };
        let all = exprs.len();
        if flow.spread == Spread::Free && self.settings.job.partitioning.is_none() {
            // Stateless work stays spread: only the sorting is done in one place.
            flow.spread = Spread::Scattered;
        }
        project(flow, exprs, &input);
        self.bring_to_one(flow, "ORDER BY");
        flow.push(OperatorPlan::Sort(SortPlan {
            input: input.clone(),
            keys,
            limit: query.limit.map(|(rows, _)| rows),
        }));
        if all > width {
            let shown = columns(&input, width);
            project(flow, shown, &outcome.schema);
        }
        Ok(())
    }

    fn explain(&mut self, analyze: bool, statement: &Statement) -> Result<(), SqlError> {
        let first = self.drafts.statements.len();
        if analyze {
            self.run(statement)?;
            self.analyze = true;
            let job = self.job()?;
            if let Some(job) = &job {
                self.output.push(explain::statements_from(job, first));
            }
            return Ok(());
        }
        let (drafts, catalog) = (self.drafts.clone(), self.catalog.clone());
        self.run(statement)?;
        let job = self.job()?;
        let text = if self.drafts.statements.len() > first {
            job.as_ref().map(|job| explain::statements_from(job, first))
        } else {
            Some("a view: nothing runs".to_owned())
        };
        self.output.extend(text);
        (self.drafts, self.catalog) = (drafts, catalog);
        Ok(())
    }
}

/// Appends a projection unless it would change nothing.
pub(super) fn project(flow: &mut Flow, exprs: Vec<Expr>, schema: &Schema) {
    let identity = exprs.len() == flow.physical.fields.len()
        && exprs
            .iter()
            .enumerate()
            .all(|(at, expr)| matches!(expr, Expr::Column { index, .. } if *index == at));
    flow.physical = schema.clone();
    if !identity {
        flow.push(OperatorPlan::Project { exprs });
    }
}

fn columns(schema: &Schema, count: usize) -> Vec<Expr> {
    schema.fields[..count]
        .iter()
        .enumerate()
        .map(|(index, field)| Expr::Column {
            index,
            ty: field.ty,
        })
        .collect()
}
