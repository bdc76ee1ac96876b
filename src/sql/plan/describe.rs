//! DESCRIBE: the columns of tables, files and views.

use super::Planner;
use super::query::Context;
use super::source::physical_columns;
use crate::error::SqlError;
use crate::plan::Expr;
use crate::sql::ast::{CreateTable, Name, TableRole};
use crate::sql::catalog::{Entry, connector_of};
use crate::sql::describe;

impl Planner<'_> {
    /// Appends what DESCRIBE of `name` prints.
    pub(super) fn describe(&mut self, name: &Name) -> Result<(), SqlError> {
        let found = self.catalog.find(name).map(|(_, entry)| entry.clone());
        let text = match found {
            None if name.quoted && name.text.contains(['.', '/']) => {
                let (drafts, notes) = (self.drafts.clone(), self.notes.clone());
                let flow = self.file(&name.text, name.span)?;
                let found = self.source_columns(usize::from(flow.source.0));
                (self.drafts, self.notes) = (drafts, notes);
                describe::columns(&found)
            }
            None | Some(Entry::Replaced) => return Err(self.catalog.unknown(name, &[])),
            Some(Entry::Table(table)) => {
                let found = self.undeclared_columns(name, &table)?;
                describe::table(&table, found)?
            }
            Some(Entry::View(query)) => {
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
                let flow = self.query_body(&query, &query.order_by, context)?;
                (self.drafts, self.notes) = (drafts, notes);
                let rows: Vec<Vec<String>> = flow
                    .columns
                    .iter()
                    .map(|column| vec![column.name.clone(), column.expr.ty().to_string()])
                    .collect();
                describe::aligned(&["column", "type"], &rows)
            }
        };
        self.output.push(text);
        Ok(())
    }

    /// The columns of source `at`, for DESCRIBE.
    fn source_columns(&self, at: usize) -> Vec<Vec<String>> {
        let plan = &self.drafts.sources[at].plan;
        let time = plan.event_time.as_ref().and_then(|time| match time.expr {
            Expr::Column { index, .. } => Some(index),
            _ => None,
        });
        describe::schema(&plan.schema, time)
    }

    /// The columns of a table that declares none, where its connector or file tells them. Those of a sink
    /// are its query's.
    fn undeclared_columns(
        &mut self,
        name: &Name,
        table: &CreateTable,
    ) -> Result<Vec<Vec<String>>, SqlError> {
        let connector = connector_of(table);
        let tells = matches!(connector, "file" | "generator");
        if table.role == TableRole::Sink || !physical_columns(table).is_empty() || !tells {
            return Ok(Vec::new());
        }
        let (drafts, notes) = (self.drafts.clone(), self.notes.clone());
        let found = match self.table(name, table, name.span) {
            Ok(flow) => Ok(self.source_columns(usize::from(flow.source.0))),
            // The same options without a role are a sink's too, whose file need not be there yet.
            Err(_) if table.role == TableRole::Any => Ok(Vec::new()),
            Err(error) => Err(error),
        };
        (self.drafts, self.notes) = (drafts, notes);
        found
    }
}
