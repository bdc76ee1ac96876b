//! Tables as sources: declared, generated and inferred ones.

use super::flow::Flow;
use super::{Planner, bind_error, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::limits::{COLUMNS_MAX, SOURCES_MAX};
use crate::plan::{
    EventTimePlan, Expr, FormatPlan, OnError, Pace, SourceConnector, SourceId, SourcePlan,
};
use crate::sql::ast::{ColumnDef, ColumnKind, CreateTable, Name, OptionEntry, TableRole};
use crate::sql::bind::{Binder, Clause, Column, Scope, column_type, near_type, zone_id};
use crate::sql::infer::{self, Inferred};
use crate::sql::names;
use crate::sql::options::{self, FormatName, Options};
use crate::types::{DataType, Field, Schema, ZoneId};

/// A source of the job.
#[derive(Clone)]
pub struct SourceTable {
    /// Its plan.
    pub plan: SourcePlan,
    /// Its columns over the physical ones, computed ones among them.
    pub columns: Vec<Column>,
    /// Physical columns whose values lie whole in a partition (`'partitioned.by'`).
    pub partitioned_by: Vec<usize>,
    /// Whether no name means it: another table has taken its own since, or it had none.
    pub unnamed: bool,
}

impl SourceTable {
    /// Whether `name` means it.
    pub fn is_called(&self, name: &str) -> bool {
        self.plan.name == name && !self.unnamed
    }
}

impl Planner<'_> {
    /// A declared table's rows.
    pub(super) fn table(
        &mut self,
        name: &Name,
        table: &CreateTable,
        span: Span,
    ) -> Result<Flow, SqlError> {
        if table.role == TableRole::Sink {
            return Err(plan_error(
                span,
                format!("{} is a sink: it cannot be read", name.text),
            ));
        }
        if self
            .drafts
            .sinks
            .iter()
            .any(|sink| sink.table == Some(name.text.clone()))
        {
            return Err(plan_error(
                span,
                format!(
                    "{} is written by this job: it cannot be read too",
                    name.text
                ),
            ));
        }
        let known = self
            .drafts
            .sources
            .iter()
            .position(|source| source.is_called(&name.text));
        let at = match known {
            Some(at) => at,
            None => {
                let source = self.declared(table)?;
                self.add_source(source, span)?
            }
        };
        Ok(self.flow_of(at, vec![name.clone()]))
    }

    /// Checks types, computed columns and watermark of a declaration that names its columns.
    pub(super) fn check_columns(&mut self, table: &CreateTable) -> Result<(), SqlError> {
        let physical = physical_columns(table);
        if physical.is_empty() {
            return Ok(());
        }
        let schema = physical_schema(&physical, self.zone_id())?;
        let notes = self.notes.clone();
        let columns = self.columns(table, &schema)?;
        self.notes = notes;
        event_time(table, &columns).map(|_| ())
    }

    /// A file used as a table.
    pub(super) fn file(&mut self, path: &str, span: Span) -> Result<Flow, SqlError> {
        let known = self
            .drafts
            .sources
            .iter()
            .position(|source| source.is_called(path));
        let at = match known {
            Some(at) => at,
            None => {
                let entry = OptionEntry {
                    key: "path".into(),
                    key_span: span,
                    value: path.to_owned(),
                    value_span: span,
                };
                let paths = options::files(&entry, self.environment)?;
                let inferred = infer::infer(&paths, span, self.environment)?;
                self.note_inferred(path, &inferred);
                let connector = SourceConnector::File {
                    paths,
                    follow: false,
                };
                let source = inferred_source(path, connector, inferred);
                self.add_source(source, span)?
            }
        };
        let stem = path.rsplit('/').next().unwrap_or(path);
        let stem = stem.split('.').next().unwrap_or(stem);
        let qualifier = |text: &str| Name {
            text: text.to_owned(),
            quoted: false,
            span,
        };
        Ok(self.flow_of(at, vec![qualifier(stem), qualifier(path)]))
    }

    fn note_inferred(&mut self, name: &str, inferred: &Inferred) {
        self.notes.inferred.push((
            name.to_owned(),
            inferred.schema.clone(),
            inferred.reason.clone(),
        ));
    }

    pub(super) fn add_source(
        &mut self,
        mut source: SourceTable,
        span: Span,
    ) -> Result<usize, SqlError> {
        if self.drafts.sources.len() == SOURCES_MAX {
            return Err(plan_error(
                span,
                format!("a job reads at most {SOURCES_MAX} sources"),
            ));
        }
        if source.plan.schema.fields.len() > COLUMNS_MAX {
            return Err(plan_error(
                span,
                format!("a table has at most {COLUMNS_MAX} columns"),
            ));
        }
        super::system::add_columns(&mut source, &self.mentioned);
        self.drafts.sources.push(source);
        Ok(self.drafts.sources.len() - 1)
    }

    pub(super) fn flow_of(&self, at: usize, qualifiers: Vec<Name>) -> Flow {
        Flow::of_source(SourceId(at as u16), &self.drafts.sources[at], qualifiers)
    }

    pub(super) fn declared(&mut self, table: &CreateTable) -> Result<SourceTable, SqlError> {
        let options = Options::new(&table.options, table.name.span)?;
        let (schema, inferred) = self.schema(table, &options)?;
        let columns = self.columns(table, &schema)?;
        let mut event_time = event_time(table, &columns)?;
        let declared = options::source_options(
            &options,
            &schema,
            &physical_columns(table),
            event_time.is_some() || inferred.as_ref().is_some_and(|found| found.time.is_some()),
            self.environment,
        )?;
        let mut format = declared.format;
        if let Some(inferred) = inferred {
            if event_time.is_none() {
                event_time = inferred_time(&inferred);
            }
            format = inferred.format;
        }
        if let SourceConnector::Generator(plan) = &declared.connector
            && table.columns.is_empty()
            && event_time.is_none()
        {
            event_time = schema
                .fields
                .iter()
                .rposition(|field| field.ty == DataType::Timestamp)
                .map(|index| EventTimePlan {
                    expr: Expr::Column {
                        index,
                        ty: DataType::Timestamp,
                    },
                    delay_ns: plan.disorder_ns,
                    rises: true,
                });
        }
        Ok(SourceTable {
            plan: SourcePlan {
                name: table.name.text.clone(),
                connector: declared.connector,
                format,
                schema,
                event_time,
                bounded: declared.bounded,
                on_error: declared.on_error,
                idle_timeout_ns: declared.idle_timeout_ns,
                max_future_skew_ns: declared.max_future_skew_ns,
                pace: declared.pace,
                validate_all: declared.validate_all,
                system: Vec::new(),
                follows_clock: false,
                silence: None,
            },
            columns,
            partitioned_by: declared.partitioned_by,
            unnamed: false,
        })
    }

    /// The physical columns: declared, made by the generator, or inferred.
    fn schema(
        &mut self,
        table: &CreateTable,
        options: &Options<'_>,
    ) -> Result<(Schema, Option<Inferred>), SqlError> {
        let physical = physical_columns(table);
        if !physical.is_empty() {
            return Ok((physical_schema(&physical, self.zone_id())?, None));
        }
        match &options::check_connector(options)?[..] {
            "generator" => Ok((options::generator_columns(options)?, None)),
            "file" => {
                for key in [
                    "csv.header",
                    "csv.delimiter",
                    "csv.quote",
                    "csv.null",
                    "timestamp.format",
                ] {
                    if let Some(entry) = options.take(key) {
                        return Err(plan_error(
                            entry.key_span,
                            format!(
                                "'{key}' needs declared columns: without them the file is inferred"
                            ),
                        ));
                    }
                }
                let entry = options.required("path", "trades.csv")?;
                if options::format_name(options, Some(&entry.value))? == Some(FormatName::Binary) {
                    return Err(plan_error(
                        table.name.span,
                        format!(
                            "{} declares no columns, and binary records tell none",
                            table.name.text
                        ),
                    )
                    .with_hint("declare every column of a record, in its order"));
                }
                let paths = options::files(entry, self.environment)?;
                let inferred = infer::infer(&paths, entry.value_span, self.environment)?;
                self.note_inferred(&table.name.text, &inferred);
                Ok((inferred.schema.clone(), Some(inferred)))
            }
            connector => Err(plan_error(
                table.name.span,
                format!(
                    "{} declares no columns, and connector {connector} tells none",
                    table.name.text
                ),
            )),
        }
    }

    /// All columns over the physical ones; a computed one may use those before it.
    fn columns(&mut self, table: &CreateTable, schema: &Schema) -> Result<Vec<Column>, SqlError> {
        let physical = |index: usize| Column::of_field(index, &schema.fields[index]);
        if !table
            .columns
            .iter()
            .any(|c| matches!(c.kind, ColumnKind::Physical(_)))
        {
            let mut columns = Column::of_fields(&schema.fields);
            self.computed(table, &mut columns)?;
            return Ok(columns);
        }
        // Computed columns may use any physical one, and stand where they were declared.
        let mut known: Vec<Column> = (0..schema.fields.len()).map(physical).collect();
        self.computed(table, &mut known)?;
        let mut ordered = Vec::with_capacity(table.columns.len());
        for column in &table.columns {
            let at = known
                .iter()
                .position(|known| known.name == column.name.text)
                .expect("every declared column is known");
            ordered.push(known[at].clone());
        }
        Ok(ordered)
    }

    /// The session's zone.
    pub(super) fn zone_id(&self) -> ZoneId {
        zone_id(self.settings.zone.as_deref())
    }

    fn computed(&mut self, table: &CreateTable, columns: &mut Vec<Column>) -> Result<(), SqlError> {
        for column in &table.columns {
            let ColumnKind::Computed(expr) = &column.kind else {
                continue;
            };
            let scope = Scope {
                qualifiers: vec![table.name.clone()],
                columns: columns.clone(),
                zone: self.settings.zone.clone(),
                subqueries: Vec::new(),
            };
            let mut binder = Binder::new(&scope);
            let bound = binder.bind_in(Clause::Computed, expr)?;
            self.notes.warnings.append(&mut binder.warnings);
            columns.push(Column {
                name: column.name.text.clone(),
                expr: bound,
                nullable: true,
                hidden: false,
            });
        }
        Ok(())
    }
}

/// The columns that are read or written.
pub(super) fn physical_columns(table: &CreateTable) -> Vec<&ColumnDef> {
    table
        .columns
        .iter()
        .filter(|column| matches!(column.kind, ColumnKind::Physical(_)))
        .collect()
}

/// The fields of physical columns; `zone` is the session's.
pub(super) fn physical_schema(columns: &[&ColumnDef], zone: ZoneId) -> Result<Schema, SqlError> {
    let mut fields = Vec::with_capacity(columns.len());
    for column in columns {
        let ColumnKind::Physical(ty) = &column.kind else {
            continue;
        };
        let sql_type = ty;
        let ty = column_type(sql_type, zone).map_err(|(named, message)| {
            if named {
                unbuilt(
                    column.name.span,
                    message.trim_end_matches(" is not built in this version"),
                )
            } else {
                let error = bind_error(column.name.span, message);
                match near_type(sql_type) {
                    Some(hint) => error.with_hint(hint),
                    None => error,
                }
            }
        })?;
        if ty == DataType::Interval {
            return Err(bind_error(
                column.name.span,
                "a table has no INTERVAL columns",
            ));
        }
        fields.push(Field {
            name: column.name.text.clone(),
            ty,
            nullable: !column.not_null,
        });
    }
    Ok(Schema { fields })
}

fn event_time(table: &CreateTable, columns: &[Column]) -> Result<Option<EventTimePlan>, SqlError> {
    let Some(watermark) = &table.watermark else {
        return Ok(None);
    };
    let found = names::find(
        &watermark.column,
        columns.iter().map(|column| &column.name[..]),
    );
    let Some(&at) = found.first() else {
        let scope = Scope {
            qualifiers: Vec::new(),
            columns: columns.to_vec(),
            zone: None,
            subqueries: Vec::new(),
        };
        return Err(scope.unknown(&watermark.column, &[]));
    };
    let expr = columns[at].expr.clone();
    if !expr.ty().is_instant() {
        return Err(bind_error(
            watermark.column.span,
            format!(
                "WATERMARK is for a TIMESTAMP: {} is {}",
                watermark.column.text,
                expr.ty()
            ),
        )
        .with_hint("declare it TIMESTAMP, with 'timestamp.format' = 'ms' for epoch milliseconds"));
    }
    if watermark.delay_ns < 0 {
        return Err(bind_error(
            watermark.span,
            "a watermark's delay cannot be negative",
        ));
    }
    Ok(Some(EventTimePlan {
        expr,
        delay_ns: watermark.delay_ns,
        rises: true,
    }))
}

fn inferred_time(inferred: &Inferred) -> Option<EventTimePlan> {
    inferred.time.map(|index| EventTimePlan {
        expr: Expr::Column {
            index,
            ty: DataType::Timestamp,
        },
        delay_ns: 0,
        rises: false,
    })
}

fn inferred_source(path: &str, connector: SourceConnector, inferred: Inferred) -> SourceTable {
    let columns = Column::of_fields(&inferred.schema.fields);
    let event_time = inferred_time(&inferred);
    let format: FormatPlan = inferred.format;
    SourceTable {
        plan: SourcePlan {
            name: path.to_owned(),
            connector,
            format,
            schema: inferred.schema,
            event_time,
            bounded: true,
            on_error: OnError::Skip,
            idle_timeout_ns: None,
            max_future_skew_ns: None,
            pace: Pace::Max,
            validate_all: false,
            system: Vec::new(),
            follows_clock: false,
            silence: None,
        },
        columns,
        partitioned_by: Vec::new(),
        unnamed: false,
    }
}
