//! The statements of a text, one after another.

use super::finish::StatementDraft;
use super::flow::Flow;
use super::query::Context;
use super::sink::{Outcome, Target};
use super::union::{self, Welded};
use super::{Planner, plan_error};
use crate::error::{Span, SqlError};
use crate::limits::STATEMENTS_MAX;
use crate::plan::{ChangelogMode, Expr, FeedPlan, OperatorPlan, SinkId, StatementId};
use crate::sql::ast::{
    CreateTable, IfTaken, Name, OptionEntry, Query, Script, Statement, StatementKind, TableRole,
};
use crate::sql::catalog::{Entry, check_table, connector_of};
use crate::sql::options::{self, Options};
use crate::sql::{CompileOptions, CompileResult, Compiled, Environment, describe, explain};
use crate::types::Schema;
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
    let settings = &planner.settings.job;
    if settings.checkpoint_interval_ns.is_some() && settings.checkpoint_dir.is_none() {
        let message = "checkpoint.interval has no effect without checkpoint.dir".to_owned();
        planner.notes.warnings.push((Span::default(), message));
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

/// What the statements of one query have in common.
pub struct Written {
    /// The statement's.
    pub name: String,
    /// Names and types of the rows.
    pub output: Schema,
    /// Where they go.
    pub sink: SinkId,
    /// Rows at most.
    pub limit: Option<u64>,
    /// Where the query stands.
    pub span: Span,
}

impl Planner<'_> {
    fn statement(&mut self, statement: &Statement) -> Result<(), SqlError> {
        match &statement.kind {
            StatementKind::CreateTable(table) => self.create_table(table),
            StatementKind::CreateView { name, query, taken } => match self.declares(name, *taken) {
                true => self.create_view(name, query),
                false => Ok(()),
            },
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

    /// Whether a CREATE is carried out: not where it says IF NOT EXISTS and its name is taken. Where it says OR REPLACE
    /// the name is free then, and what statements in front of it read and wrote stays theirs.
    fn declares(&mut self, name: &Name, taken: IfTaken) -> bool {
        let is_taken = self.catalog.find(name).is_some();
        match taken {
            IfTaken::Skip if is_taken => {
                let message = format!("{} is there already: this is passed over", name.text);
                self.notes.warnings.push((name.span, message));
                return false;
            }
            IfTaken::Refuse | IfTaken::Skip => {}
            IfTaken::Replace => {
                if let Some(known) = self.catalog.replace(name) {
                    self.drafts.forget(&known);
                }
            }
        }
        true
    }

    fn create_table(&mut self, table: &CreateTable) -> Result<(), SqlError> {
        if !self.declares(&table.name, table.taken) {
            return Ok(());
        }
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
                taken,
            } => match self.declares(name, *taken) {
                true => self.create_as(name, options, primary_key, query, statement.span),
                false => Ok(()),
            },
            _ => Err(plan_error(statement.span, "only queries can be explained")),
        }
    }

    /// The table that rows are to be written to.
    pub(super) fn writable(&self, target: &Name) -> Result<Rc<CreateTable>, SqlError> {
        match self.catalog.find(target) {
            None => Err(self.catalog.unknown(target, &[])),
            Some((_, Entry::View(_) | Entry::Replaced)) => Err(plan_error(
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
            taken: IfTaken::Refuse,
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
        self.catalog.place(name)?;
        let target = Target::Table {
            table: &table,
            columns: &[],
        };
        self.write(query, target, span)?;
        self.catalog.add(name, Entry::View(Rc::new(query.clone())))
    }

    /// Plans a query and where its rows go.
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
        let mut flow = self.query_body(query, &query.order_by, context)?;
        if let Target::Memory { .. } = target {
            super::subquery::check_ends(&flow, query.span)?;
        }
        let outcome = self.result(&flow, target, query.span)?;
        self.check_corrections(&flow, query, &outcome)?;
        let (sink, output) = (outcome.sink, outcome.schema.clone());
        let mut limit = query.limit.map(|(rows, _)| rows);
        let cut_in_place = query.per_window.is_some() || query.offset.is_some();
        if flow.sort.is_empty() && !cut_in_place {
            project(&mut flow, outcome.exprs, &output);
            if query.limit.is_some() && flow.is_open_union() {
                self.bring_to_one(&mut flow, "LIMIT of a UNION");
            }
        } else {
            let at_end = self.sort(&mut flow, query, outcome.exprs, &output)?;
            limit = limit.filter(|_| at_end);
            let width = output.fields.len();
            if flow.physical.fields.len() > width {
                let shown = columns(&output, width);
                project(&mut flow, shown, &output);
            }
        }
        let written = Written {
            name: match target {
                Target::Stdout => "select".to_owned(),
                Target::Memory { .. } => "subquery".to_owned(),
                Target::Table { table, .. } => table.name.text.clone(),
            },
            output,
            sink,
            limit: match target {
                Target::Memory { rows_max } => {
                    Some(limit.map_or(rows_max, |rows| rows.min(rows_max)))
                }
                _ => limit,
            },
            span,
        };
        let late_rows = std::mem::take(&mut flow.late_rows);
        self.add_flow(flow, &written)?;
        late_rows
            .into_iter()
            .try_for_each(|rows| self.write_late(rows))
    }

    /// Adds the statements that a planned flow becomes.
    pub(super) fn add_flow(&mut self, flow: Flow, written: &Written) -> Result<(), SqlError> {
        let before = self.drafts.statements.len();
        for welded in union::weld(flow) {
            self.add_statement(welded, written);
        }
        self.check_ttl(before, written.span)?;
        match self.drafts.statements.len() > STATEMENTS_MAX {
            true => Err(plan_error(
                written.span,
                format!(
                    "a job has at most {STATEMENTS_MAX} statements, one for each query of a UNION"
                ),
            )),
            false => Ok(()),
        }
    }

    /// Adds a statement behind those that feed it; gives its number.
    fn add_statement(&mut self, welded: Welded, written: &Written) -> usize {
        let Welded { mut flow, feeders } = welded;
        let fed: Vec<usize> = feeders.iter().map(|feeder| feeder.stage).collect();
        let mut feeding = Vec::with_capacity(feeders.len());
        for feeder in feeders {
            let at = self.add_statement(feeder.welded, written);
            feeding.push((at, feeder.stage, feeder.exchange));
        }
        super::ranked::limit(&mut flow.stages);
        let source = &self.drafts.sources[usize::from(flow.source.0)].plan;
        super::prune::prune(&mut flow.stages, source.table().fields.len(), &fed);
        self.drafts.statements.push(StatementDraft {
            name: written.name.clone(),
            source: flow.source,
            route: flow.route,
            partitioning: self.settings.job.partitioning,
            stages: flow.stages,
            output: written.output.clone(),
            sink: written.sink,
            limit: written.limit,
            changelog: flow.state.corrections,
            feeds: None,
            clock: flow.clock,
            span: written.span,
        });
        let own = self.drafts.statements.len() - 1;
        for (at, stage, exchange) in feeding {
            self.drafts.statements[at].feeds = Some(FeedPlan {
                statement: StatementId(own as u16),
                stage: stage as u16,
                exchange,
            });
        }
        own
    }

    /// Refuses corrections that the sink cannot hold.
    fn check_corrections(
        &self,
        flow: &Flow,
        query: &Query,
        outcome: &Outcome,
    ) -> Result<(), SqlError> {
        let sink = &self.drafts.sinks[usize::from(outcome.sink.0)];
        let at = query.late.as_ref().map_or(query.span, |late| late.span);
        let name = &sink.plan.name;
        let mode = &sink.plan.changelog;
        if flow.state.retracts && *mode != ChangelogMode::Retract {
            return Err(plan_error(
                at,
                format!(
                    "LATE DATA PROCESS and WARN of a session take rows back, for its window moves, and sink {name} cannot"
                ),
            )
            .with_hint("add 'changelog.mode' = 'retract' to the sink"));
        }
        if !flow.state.corrections || *mode != ChangelogMode::Append {
            return Ok(());
        }
        Err(plan_error(
            at,
            format!("LATE DATA PROCESS and WARN correct rows, and sink {name} only appends"),
        )
        .with_hint("add 'changelog.mode' = 'upsert' with a PRIMARY KEY, or 'retract', to the sink"))
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

/// The first `count` columns of `schema`.
pub(super) fn columns(schema: &Schema, count: usize) -> Vec<Expr> {
    schema.fields[..count]
        .iter()
        .enumerate()
        .map(|(index, field)| Expr::Column {
            index,
            ty: field.ty,
        })
        .collect()
}
