//! Sinks: declared ones, CREATE .. AS, and stdout.

use super::flow::Flow;
use super::source::{physical_columns, physical_schema};
use super::{Planner, bind_error, plan_error};
use crate::error::{Span, SqlError};
use crate::plan::{BinaryFormat, ChangelogMode, Expr, SinkConnector, SinkFormat, SinkId, SinkPlan};
use crate::sql::ast::{CreateTable, Name, TableRole};
use crate::sql::bind::{cast_to, is_null};
use crate::sql::names;
use crate::sql::options::{self, ChangelogName, Options};
use crate::types::{Field, Physical, Schema, Value};

/// A sink of the job, its order still open.
#[derive(Clone)]
pub struct SinkDraft {
    /// The table; `None`: stdout of a bare SELECT, or memory.
    pub table: Option<String>,
    /// Its plan; `ordered` is set at the end.
    pub plan: SinkPlan,
    /// `'order'`, if said.
    pub ordered: Option<bool>,
}

/// Where a statement writes.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// Standard output.
    Stdout,
    /// Memory, for the query around a subquery.
    Memory {
        /// Rows after which no more are needed.
        rows_max: u64,
    },
    /// A table, by column list or position.
    Table {
        /// Its declaration.
        table: &'a CreateTable,
        /// The column list.
        columns: &'a [Name],
    },
}

/// A result's columns on their way to a sink.
pub struct Outcome {
    /// The values.
    pub exprs: Vec<Expr>,
    /// Names and types.
    pub schema: Schema,
    /// The sink.
    pub sink: SinkId,
}

impl Planner<'_> {
    /// The retention that a sink's options ask for.
    pub(super) fn retention(&self, target: Target<'_>) -> Result<i64, SqlError> {
        let Target::Table { table, .. } = target else {
            return Ok(self.settings.retention_ns);
        };
        let options = Options::new(&table.options, table.name.span)?;
        Ok(options
            .duration("late.retention")?
            .unwrap_or(self.settings.retention_ns))
    }

    /// Fits a flow's columns to the target.
    pub(super) fn result(
        &mut self,
        flow: &Flow,
        target: Target<'_>,
        span: Span,
    ) -> Result<Outcome, SqlError> {
        match target {
            Target::Stdout => {
                let format = self.stdout_format.clone();
                Ok(self.undeclared(flow, "stdout", SinkConnector::Stdout, format))
            }
            Target::Memory { .. } => {
                Ok(self.undeclared(flow, "memory", SinkConnector::Memory, SinkFormat::Rows))
            }
            Target::Table { table, columns } => {
                let sink = self.sink(table, flow, columns, span)?;
                let plan = self.drafts.sinks[usize::from(sink.0)].plan.clone();
                let mut exprs = self.fitted(flow, &plan, columns, table, span)?;
                if let Some(SinkFormat::Binary(format)) = &plan.format {
                    fit(flow, &mut exprs, &plan.schema, format)
                        .map_err(|message| plan_error(span, message).with_hint(NULLS_HINT))?;
                }
                let schema = plan.schema;
                Ok(Outcome {
                    exprs,
                    schema,
                    sink,
                })
            }
        }
    }

    /// A sink that the text does not declare, of the flow's own columns.
    fn undeclared(
        &mut self,
        flow: &Flow,
        name: &str,
        connector: SinkConnector,
        format: SinkFormat,
    ) -> Outcome {
        let schema = natural(flow);
        self.drafts.sinks.push(SinkDraft {
            table: None,
            plan: SinkPlan {
                name: name.into(),
                connector,
                format: Some(format),
                schema: schema.clone(),
                changelog: ChangelogMode::Append,
                ordered: true,
            },
            ordered: None,
        });
        Outcome {
            exprs: exprs(flow),
            schema,
            sink: SinkId(self.drafts.sinks.len() as u16 - 1),
        }
    }

    fn sink(
        &mut self,
        table: &CreateTable,
        flow: &Flow,
        columns: &[Name],
        span: Span,
    ) -> Result<SinkId, SqlError> {
        let name = &table.name.text;
        if table.role == TableRole::Source {
            return Err(plan_error(
                span,
                format!("{name} is a source: it cannot be written"),
            ));
        }
        if self
            .drafts
            .sources
            .iter()
            .any(|source| source.is_called(name))
        {
            return Err(plan_error(
                span,
                format!("{name} is read by this job: it cannot be written too"),
            ));
        }
        let known = self
            .drafts
            .sinks
            .iter()
            .position(|sink| sink.table.as_ref() == Some(name));
        if let Some(at) = known {
            return Ok(SinkId(at as u16));
        }
        let options = Options::new(&table.options, table.name.span)?;
        let physical = physical_columns(table);
        let schema = if physical.is_empty() {
            if !columns.is_empty() {
                return Err(plan_error(
                    columns[0].span,
                    format!("{name} declares no columns: INSERT INTO it takes no column list"),
                ));
            }
            natural(flow)
        } else {
            physical_schema(&physical, self.zone_id())?
        };
        let declared = options::sink_options(&options, &schema, &physical)?;
        let changelog = changelog(declared.changelog, table, &schema)?;
        self.drafts.sinks.push(SinkDraft {
            table: Some(name.clone()),
            plan: SinkPlan {
                name: name.clone(),
                connector: declared.connector,
                format: declared.format,
                schema,
                changelog,
                ordered: true,
            },
            ordered: declared.ordered,
        });
        Ok(SinkId(self.drafts.sinks.len() as u16 - 1))
    }

    /// The flow's columns cast to the sink's, by position or list; others are NULL.
    fn fitted(
        &mut self,
        flow: &Flow,
        sink: &SinkPlan,
        columns: &[Name],
        table: &CreateTable,
        span: Span,
    ) -> Result<Vec<Expr>, SqlError> {
        let schema = &sink.schema;
        let targets = target_columns(schema, columns, table)?;
        if targets.len() != flow.columns.len() {
            return Err(bind_error(
                span,
                format!(
                    "the query has {} columns, {} takes {}",
                    flow.columns.len(),
                    table.name.text,
                    targets.len()
                ),
            ));
        }
        let mut fitted: Vec<Expr> = schema
            .fields
            .iter()
            .map(|field| Expr::Literal {
                value: Value::Null,
                ty: field.ty,
            })
            .collect();
        let mut given = vec![false; schema.fields.len()];
        for (column, at) in flow.columns.iter().zip(targets) {
            let field = &schema.fields[at];
            fitted[at] = cast_to(column.expr.clone(), field.ty, false).map_err(|message| {
                bind_error(
                    span,
                    format!("column {} of {}: {message}", field.name, table.name.text),
                )
            })?;
            given[at] = true;
        }
        for ((field, given), expr) in schema.fields.iter().zip(given).zip(&fitted) {
            if field.nullable {
                continue;
            }
            if !given {
                return Err(bind_error(
                    span,
                    format!(
                        "column {} of {} is NOT NULL and is not given",
                        field.name, table.name.text
                    ),
                ));
            }
            // Rows of binary records are checked before they are encoded.
            let checked = matches!(sink.format, Some(SinkFormat::Binary(_)));
            if flow.nullable(expr) && !checked {
                self.notes.warnings.push((
                    span,
                    format!(
                        "column {} of {} is NOT NULL, the query's may be NULL: sinks do not check it",
                        field.name, table.name.text
                    ),
                ));
            }
        }
        Ok(fitted)
    }
}

const NULLS_HINT: &str = "give it a value, or add 'binary.nulls' = 'bitmap' to the sink";

/// Guards what a fixed-width record may not be able to hold; a message where it can hold no row at all.
fn fit(
    flow: &Flow,
    exprs: &mut [Expr],
    schema: &Schema,
    format: &BinaryFormat,
) -> Result<(), String> {
    for ((expr, field), &width) in exprs.iter_mut().zip(&schema.fields).zip(&format.widths) {
        let has_room = format.null_bitmap && field.nullable;
        if !has_room && is_null(expr) {
            return Err(format!(
                "column {} is always NULL, which a binary record without a null bitmap cannot hold",
                field.name
            ));
        }
        let bytes = (field.ty.physical() == Physical::Text).then_some(width);
        let nullable = has_room || !flow.nullable(expr);
        if bytes.is_none() && nullable {
            continue;
        }
        let hole = Expr::And(Vec::new());
        let input = Box::new(std::mem::replace(expr, hole));
        *expr = Expr::Fit {
            input,
            nullable,
            bytes,
        };
    }
    Ok(())
}

fn target_columns(
    schema: &Schema,
    columns: &[Name],
    table: &CreateTable,
) -> Result<Vec<usize>, SqlError> {
    if columns.is_empty() {
        return Ok((0..schema.fields.len()).collect());
    }
    let known: Vec<&str> = schema.fields.iter().map(|field| &field.name[..]).collect();
    let mut targets = Vec::with_capacity(columns.len());
    for name in columns {
        let found = names::find(name, known.iter().copied());
        let Some(&at) = found.first() else {
            let error = bind_error(
                name.span,
                format!("{} has no column {}", table.name.text, name.text),
            );
            return Err(match names::hint(&name.text, &known) {
                Some(hint) => error.with_hint(hint),
                None => error,
            });
        };
        if targets.contains(&at) {
            return Err(bind_error(
                name.span,
                format!("column {} is listed twice", name.text),
            ));
        }
        targets.push(at);
    }
    Ok(targets)
}

fn changelog(
    name: ChangelogName,
    table: &CreateTable,
    schema: &Schema,
) -> Result<ChangelogMode, SqlError> {
    match name {
        ChangelogName::Append => Ok(ChangelogMode::Append),
        ChangelogName::Retract => Ok(ChangelogMode::Retract),
        ChangelogName::Upsert => {
            if table.primary_key.is_empty() {
                return Err(plan_error(
                    table.name.span,
                    format!(
                        "'changelog.mode' = 'upsert' of {} needs a key",
                        table.name.text
                    ),
                )
                .with_hint("add PRIMARY KEY (column) NOT ENFORCED"));
            }
            let mut key = Vec::new();
            for column in &table.primary_key {
                let found = names::find(column, schema.fields.iter().map(|field| &field.name[..]));
                match found.first() {
                    Some(&at) => key.push(at),
                    None => {
                        return Err(bind_error(
                            column.span,
                            format!("column {} does not exist", column.text),
                        ));
                    }
                }
            }
            Ok(ChangelogMode::Upsert(key))
        }
    }
}

fn exprs(flow: &Flow) -> Vec<Expr> {
    flow.columns
        .iter()
        .map(|column| column.expr.clone())
        .collect()
}

fn natural(flow: &Flow) -> Schema {
    Schema {
        fields: flow
            .columns
            .iter()
            .map(|column| Field {
                name: column.name.clone(),
                ty: column.expr.ty(),
                nullable: flow.nullable(&column.expr),
            })
            .collect(),
    }
}
