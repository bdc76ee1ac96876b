//! VALUES, and queries without FROM: their records have nothing but a number, which tells whose values a row has.

use super::flow::{Flow, Spread};
use super::statement::project;
use super::{Planner, bind_error};
use crate::error::{Span, SqlError};
use crate::plan::{CompareOp, Expr};
use crate::sql::ast::{ColumnDef, ColumnKind, CreateTable, IfTaken, Name, OptionEntry, TableRole};
use crate::sql::bind::{Binder, Clause, Column, nullable, unify_all};
use crate::types::{DataType, Field, Schema};
use sqlparser::ast::{DataType as SqlType, Expr as SqlExpr};

impl Planner<'_> {
    /// The rows, their columns named `column1`, `column2` and so on.
    pub(super) fn values(&mut self, rows: &[Vec<SqlExpr>], span: Span) -> Result<Flow, SqlError> {
        let mut flow = self.numbered(rows.len(), span)?;
        let mut scope = flow.scope();
        scope.zone.clone_from(&self.settings.zone);
        let mut binder = Binder::new(&scope);
        let mut columns: Vec<Vec<Expr>> = vec![Vec::with_capacity(rows.len()); rows[0].len()];
        for row in rows {
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(binder.bind_in(Clause::Values, value)?);
            }
        }
        self.notes.warnings.append(&mut binder.warnings);
        let (mut exprs, mut fields) = (Vec::new(), Vec::new());
        for (at, values) in columns.into_iter().enumerate() {
            let name = format!("column{}", at + 1);
            let (values, ty) = unify_all(values, "VALUES")
                .map_err(|message| bind_error(span, format!("{name}: {message}")))?;
            let nullable = values.iter().any(|value| nullable(value, &|_| true));
            exprs.push(by_number(values, ty));
            fields.push(Field { name, ty, nullable });
        }
        flow.columns = Column::of_fields(&fields);
        project(&mut flow, exprs, &Schema { fields });
        // Ingest knows the records' numbers only: rows go to their keys' workers behind it.
        (flow.spread, flow.arrival) = (Spread::Scattered, None);
        Ok(flow)
    }

    /// As many records without columns, save those of the system.
    pub(super) fn numbered(&mut self, rows: usize, span: Span) -> Result<Flow, SqlError> {
        let name = match rows {
            1 => "one row".to_owned(),
            _ => format!("{rows} rows"),
        };
        let mut sources = self.drafts.sources.iter();
        let known = sources.position(|source| source.unnamed && source.plan.name == name);
        let at = match known {
            Some(at) => at,
            None => {
                let mut source = self.declared(&numbers(&name, rows, span))?;
                source.unnamed = true;
                source.columns.clear();
                self.add_source(source, span)?
            }
        };
        Ok(self.flow_of(at, Vec::new()))
    }
}

/// A table of as many numbers, from 0 on.
fn numbers(name: &str, rows: usize, span: Span) -> CreateTable {
    let named = |text: &str| Name {
        text: text.to_owned(),
        quoted: true,
        span,
    };
    let option = |key: &str, value: &str| OptionEntry {
        key: key.to_owned(),
        key_span: span,
        value: value.to_owned(),
        value_span: span,
    };
    CreateTable {
        name: named(name),
        columns: vec![ColumnDef {
            name: named("number"),
            kind: ColumnKind::Physical(SqlType::BigInt(None)),
            not_null: true,
        }],
        primary_key: Vec::new(),
        watermark: None,
        options: vec![
            option("connector", "generator"),
            option("kind", "numbers"),
            option("rows", &rows.to_string()),
        ],
        role: TableRole::Source,
        taken: IfTaken::Refuse,
    }
}

/// The value of a record by its number: the last is that of all others.
fn by_number(mut values: Vec<Expr>, ty: DataType) -> Expr {
    let last = values.pop().expect("VALUES has rows");
    if values.is_empty() {
        return last;
    }
    let is = |number: i64| Expr::Compare {
        op: CompareOp::Equal,
        left: Box::new(Expr::Column {
            index: 0,
            ty: DataType::BigInt,
        }),
        right: Box::new(Expr::number(number)),
    };
    Expr::Case {
        branches: (0..).map(is).zip(values).collect(),
        otherwise: Some(Box::new(last)),
        ty,
    }
}
