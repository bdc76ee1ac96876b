//! From text to job: type rules, plan shapes, options, inference, and what is refused.

mod clauses;
mod emission;
mod errors;
mod errors_queries;
mod explain;
mod infer;
mod options;
mod options_errors;
mod plans;
mod types;
mod windows;

use super::{CompileOptions, Compiled, Environment, compile};
use crate::error::SqlError;
use crate::plan::{
    AggregatePlan, Expr, Job, OperatorPlan, OverPlan, RoutePlan, StatementPlan, Strategy,
};
use std::path::{Path, PathBuf};

/// Files in memory.
#[derive(Default)]
pub struct Files(pub Vec<(&'static str, &'static [u8])>);

impl Environment for Files {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn files(&self, pattern: &str) -> Result<Vec<PathBuf>, String> {
        let matches = |name: &str| match pattern.split_once('*') {
            Some((head, tail)) => name.starts_with(head) && name.ends_with(tail),
            None => name == pattern,
        };
        Ok(self
            .0
            .iter()
            .filter(|(name, _)| matches(name))
            .map(|(name, _)| PathBuf::from(name))
            .collect())
    }

    fn head(&self, path: &Path, bytes: usize) -> Result<Vec<u8>, String> {
        let found = self.0.iter().find(|(name, _)| Path::new(name) == path);
        let (_, content) = found.ok_or("no such file")?;
        Ok(content[..content.len().min(bytes)].to_vec())
    }
}

/// The files that tests may read.
pub fn files() -> Files {
    Files(vec![
        (
            "trades.csv",
            b"ts,symbol,price,size,side\n1735689600000,A,1.50,10,B\n1735689600001,B,2.25,20,S\n",
        ),
        (
            "trades2.csv",
            b"ts,symbol,price,size\n1735689600000,A,1.50,10\n",
        ),
        ("bare.csv", b"A,1\nB,2\n"),
        ("empty.csv", b""),
        (
            "quotes.jsonl",
            b"{\"time\":\"2025-01-01 00:00:00\",\"bid\":1.5,\"ask\":2}\n",
        ),
        ("part1.csv", b"a,b\n1,2\n"),
        ("part2.csv", b"a,b\n3,4\n"),
    ])
}

/// A bounded table with a watermark, one without, a live one, and sinks of each mode.
pub const TABLES: &str = "
CREATE TABLE trades (
  ts TIMESTAMP(9), symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  notional AS price * size,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'trades.csv', 'format' = 'csv', 'csv.header' = 'true',
        'timestamp.format' = 'ms');
CREATE TABLE plain (a INT, b BIGINT, x DOUBLE, d DECIMAL(10,2), t VARCHAR, f BOOLEAN, day DATE, at TIMESTAMP)
  WITH ('connector' = 'stdin', 'format' = 'csv');
CREATE SOURCE live (ts TIMESTAMP, symbol VARCHAR, price DOUBLE, size INT,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'tcp', 'listen' = '9000', 'format' = 'json');
CREATE SINK out WITH ('connector' = 'blackhole');
CREATE SINK latest (symbol VARCHAR, n BIGINT, PRIMARY KEY (symbol) NOT ENFORCED)
  WITH ('connector' = 'stdout', 'format' = 'json', 'changelog.mode' = 'upsert');
CREATE SINK retracting WITH ('connector' = 'blackhole', 'changelog.mode' = 'retract');
CREATE SINK typed (symbol VARCHAR, price DOUBLE, n INT) WITH ('connector' = 'file', 'path' = 'o.csv', 'format' = 'csv');
";

/// Compiles statements after [`TABLES`].
pub fn run(sql: &str) -> Result<Compiled, SqlError> {
    compile(
        &format!("{TABLES}{sql}"),
        &CompileOptions::default(),
        &files(),
    )
}

/// The job of statements that must compile.
pub fn job(sql: &str) -> Job {
    match run(sql) {
        Ok(compiled) => compiled.job.expect("a job"),
        Err(error) => panic!("{}", error.render("test", &format!("{TABLES}{sql}"))),
    }
}

/// The last statement and its route.
pub fn last(job: &Job) -> (&StatementPlan, &RoutePlan) {
    let statement = job.statements.last().expect("a statement");
    (statement, &job.routes[usize::from(statement.route.0)])
}

/// Names of the operators, stage by stage.
pub fn shape(sql: &str) -> String {
    let job = job(sql);
    let (statement, route) = last(&job);
    let strategy = match route.strategy {
        Strategy::Hash => "hash",
        Strategy::Smart => "smart",
        Strategy::Sticky => "sticky",
        Strategy::RoundRobin => "round_robin",
        Strategy::FanIn => "fan_in",
        Strategy::Blocks => "blocks",
    };
    let mut text = strategy.to_owned();
    for stage in &statement.stages {
        if let Some(exchange) = &stage.exchange {
            text.push_str(&format!(" | exchange({})", exchange.key.len()));
        }
        for operator in &stage.operators {
            text.push_str(match operator {
                OperatorPlan::Filter { .. } => " filter",
                OperatorPlan::Late(_) => " late",
                OperatorPlan::LateForSessions(_) => " late_for_sessions",
                OperatorPlan::Project { .. } => " project",
                OperatorPlan::Aggregate(plan) => match plan.mode {
                    crate::plan::AggregateMode::Complete => " aggregate",
                    crate::plan::AggregateMode::Partial => " partial",
                    crate::plan::AggregateMode::Combine => " combine",
                },
                OperatorPlan::Over(_) => " over",
                OperatorPlan::Sort(_) => " sort",
                OperatorPlan::TimeSort(_) => " time_sort",
                OperatorPlan::Coalesce(_) => " coalesce",
                OperatorPlan::Ranked(_) => " ranked",
                OperatorPlan::Lead(_) => " lead",
                OperatorPlan::LateColumns(_) => " late_columns",
                OperatorPlan::Fill(_) => " fill",
                OperatorPlan::Unnest(_) => " unnest",
            });
        }
    }
    text
}

/// All operators of the last statement.
pub fn operators(job: &Job) -> Vec<&OperatorPlan> {
    let (statement, _) = last(job);
    statement
        .stages
        .iter()
        .flat_map(|stage| &stage.operators)
        .collect()
}

/// The first aggregate of the last statement.
pub fn aggregate(job: &Job) -> &AggregatePlan {
    operators(job)
        .into_iter()
        .find_map(|operator| match operator {
            OperatorPlan::Aggregate(plan) => Some(plan),
            _ => None,
        })
        .expect("an aggregate")
}

/// The OVER operators of the last statement.
pub fn overs(job: &Job) -> Vec<&OverPlan> {
    operators(job)
        .into_iter()
        .filter_map(|operator| match operator {
            OperatorPlan::Over(plan) => Some(plan),
            _ => None,
        })
        .collect()
}

/// The expressions of the last projection.
pub fn projection(job: &Job) -> &[Expr] {
    operators(job)
        .into_iter()
        .rev()
        .find_map(|operator| match operator {
            OperatorPlan::Project { exprs } => Some(&exprs[..]),
            _ => None,
        })
        .expect("a projection")
}

/// Every expression of a job addresses columns that exist, with their types.
pub fn check(job: &Job) {
    for statement in &job.statements {
        let route = &job.routes[usize::from(statement.route.0)];
        let source = &job.sources[usize::from(route.source.0)];
        let mut types: Vec<_> = source.schema.fields.iter().map(|field| field.ty).collect();
        for key in &route.key {
            check_expr(key, &types);
        }
        let mut states: Option<Vec<_>> = None;
        for stage in &statement.stages {
            for key in stage.exchange.iter().flat_map(|exchange| &exchange.key) {
                check_expr(key, &types);
            }
            for operator in &stage.operators {
                if let OperatorPlan::Aggregate(plan) = operator
                    && plan.mode == crate::plan::AggregateMode::Combine
                {
                    types = states.take().expect("a partial before");
                    continue;
                }
                for expr in super::plan::operator_exprs(operator) {
                    check_expr(expr, &types);
                }
                match operator {
                    OperatorPlan::Project { exprs } => {
                        types = exprs.iter().map(Expr::ty).collect();
                    }
                    OperatorPlan::Aggregate(plan) => {
                        types = plan.keys.iter().map(Expr::ty).collect();
                        if plan.window.is_some() {
                            types.extend([crate::types::DataType::Timestamp; 2]);
                        }
                        types.extend(plan.aggregates.iter().map(|call| call.ty));
                        states = Some(types.clone());
                    }
                    OperatorPlan::Over(plan) => {
                        let input: Vec<_> = plan.input.fields.iter().map(|f| f.ty).collect();
                        assert_eq!(input, types, "the input of OVER");
                        types.extend(plan.calls.iter().map(|call| call.ty));
                    }
                    OperatorPlan::Ranked(plan) => {
                        let input: Vec<_> = plan.input.fields.iter().map(|f| f.ty).collect();
                        assert_eq!(input, types, "the input of ranks");
                        types.extend(plan.calls.iter().map(|call| call.ty));
                    }
                    OperatorPlan::Lead(plan) => {
                        let input: Vec<_> = plan.input.fields.iter().map(|f| f.ty).collect();
                        assert_eq!(input, types, "the input of LEAD");
                        types.extend(plan.calls.iter().map(|call| call.ty));
                    }
                    OperatorPlan::TimeSort(plan) => {
                        let input: Vec<_> = plan.input.fields.iter().map(|f| f.ty).collect();
                        assert_eq!(input, types, "the input of a sort by time");
                    }
                    OperatorPlan::Fill(plan) => {
                        let input: Vec<_> = plan.input.fields.iter().map(|f| f.ty).collect();
                        assert_eq!(input, types, "the input of FILL");
                    }
                    OperatorPlan::Coalesce(plan) => {
                        let input: Vec<_> = plan.input.fields.iter().map(|f| f.ty).collect();
                        assert_eq!(input, types, "the input of EVERY");
                    }
                    OperatorPlan::Sort(plan) => {
                        let input: Vec<_> = plan.input.fields.iter().map(|f| f.ty).collect();
                        assert_eq!(input, types, "the input of ORDER BY");
                    }
                    OperatorPlan::LateColumns(_) => {
                        let added = crate::plan::LateColumnsPlan::COLUMNS;
                        types.extend(added.map(|(_, ty)| ty));
                    }
                    OperatorPlan::Unnest(plan) => types.extend(plan.types()),
                    OperatorPlan::Filter { .. }
                    | OperatorPlan::Late(_)
                    | OperatorPlan::LateForSessions(_) => {}
                }
            }
        }
        let output: Vec<_> = statement.output.fields.iter().map(|f| f.ty).collect();
        assert_eq!(output, types, "the result of {}", statement.name);
        let sink = &job.sinks[usize::from(statement.sink.0)].schema;
        assert_eq!(sink.fields.len(), output.len());
    }
}

fn check_expr(expr: &Expr, types: &[crate::types::DataType]) {
    if let Expr::Column { index, ty } = expr {
        assert_eq!(types.get(*index), Some(ty), "column {index} of {types:?}");
    }
    if let Expr::Compare { left, right, .. } = expr {
        assert_eq!(left.ty(), right.ty(), "{expr:?}");
    }
    for child in expr.children() {
        check_expr(child, types);
    }
}
