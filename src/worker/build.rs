//! From the plan to a worker: operators, column needs, ports.

use super::exchange::{ExchangeInput, ExchangePort};
use super::output::{DeadLetterPort, OutputPort};
use super::pipeline::{ColumnNeeds, Pipeline};
use super::route::{RouteWork, show_bytes, show_text};
use super::stage::{Port, Stage};
use super::stash::Stash;
use super::system::SystemWriter;
use super::{After, Worker, WorkerLinks};
use crate::batch::Batch;
use crate::error::JobError;
use crate::format;
use crate::link::Sender;
use crate::operator::{self, Operator};
use crate::plan::{
    Expr, Job, OnError, OperatorPlan, RouteId, SinkPlan, StagePlan, StatementPlan, Strategy,
    WorkerId,
};
use crate::time::OrderKey;
use crate::types::DataType;
use std::collections::VecDeque;

/// Builds worker `id`.
pub fn worker(
    job: &Job,
    id: WorkerId,
    workers: usize,
    links: WorkerLinks,
) -> Result<Worker, JobError> {
    let mut outputs: VecDeque<Sender<_>> = links.outputs.into();
    let mut pipelines = Vec::with_capacity(job.statements.len());
    for (plan, exchanges) in job.statements.iter().zip(links.exchanges) {
        let sender = outputs.pop_front().expect("a link for each statement");
        pipelines.push(pipeline(job, id, plan, exchanges, sender)?);
    }
    let dead_letters = job
        .sources
        .iter()
        .map(|source| {
            matches!(source.on_error, OnError::DeadLetter(_)).then(|| {
                let sender = outputs.pop_front().expect("a link for each dead letter");
                DeadLetterPort::new(sender, source.format.record_bytes())
            })
        })
        .collect();
    let routes = (0..job.routes.len())
        .map(|index| route(job, id, RouteId(index as u16)))
        .collect();
    let route_of = job.statements.iter().map(|it| usize::from(it.route.0));
    let stash = Stash::new(job.routes.len(), route_of.collect());
    debug_assert!(usize::from(id.0) < workers);
    Ok(Worker {
        id,
        input: links.input,
        stash,
        frontier: OrderKey::MIN,
        after: After::Nothing,
        ended: false,
        routes,
        pipelines,
        dead_letters,
        snapshots: Vec::new(),
        failed: false,
        settled: false,
        morsels: 0,
        max_state: job.settings.max_state,
    })
}

fn route(job: &Job, worker: WorkerId, id: RouteId) -> RouteWork {
    let source = usize::from(job.routes[usize::from(id.0)].source.0);
    let plan = &job.sources[source];
    let statements = statements_of(job, id);
    let table = plan.table();
    let types: Vec<DataType> = table.fields.iter().map(|field| field.ty).collect();
    let decoder = match plan.event_time.as_ref().map(|time| &time.expr) {
        Some(&Expr::Column { index, .. }) => {
            format::decoder_with_event_time(&plan.format, &plan.schema, index)
        }
        _ => format::decoder(&plan.format, &plan.schema),
    };
    let show = match plan.format.record_bytes() {
        Some(_) => show_bytes,
        None => show_text,
    };
    let system = SystemWriter::new(plan, worker);
    RouteWork::new(
        source,
        statements,
        decoder,
        system,
        Batch::new(&types),
        show,
    )
}

fn statements_of(job: &Job, id: RouteId) -> Vec<usize> {
    (0..job.statements.len())
        .filter(|&index| job.statements[index].route == id)
        .collect()
}

fn pipeline(
    job: &Job,
    id: WorkerId,
    plan: &StatementPlan,
    exchanges: Vec<super::ExchangeLinks>,
    sender: Sender<crate::egress::OutputMorsel>,
) -> Result<Pipeline, JobError> {
    let route = &job.routes[usize::from(plan.route.0)];
    let source = &job.sources[usize::from(route.source.0)];
    let sink = &job.sinks[usize::from(plan.sink.0)];
    let seed = job.settings.hash_seed.unwrap_or(crate::hash::DEFAULT_SEED);
    let table = source.table().fields;
    let table: Vec<DataType> = table.iter().map(|field| field.ty).collect();
    let mut needs = column_needs(&plan.stages[0].operators, table.len());
    if source.validate_all {
        needs.rest = (0..table.len()).collect();
    }
    let mut stages = Vec::with_capacity(plan.stages.len());
    let mut types = table.clone();
    let mut exchanges = VecDeque::from(exchanges);
    let (mut from, mut sender) = (None, Some(sender));
    for (index, stage) in plan.stages.iter().enumerate() {
        let input = from.take().map(|from| ExchangeInput::new(&types, from));
        let encodes = index + 1 == plan.stages.len() && plan.feeds.is_none();
        let (plans, places) = match encodes {
            true => without_last_choice(&stage.operators),
            false => (&stage.operators[..], None),
        };
        let operators = built(plans, &mut types, seed, id)?;
        let port = match plan.stages.get(index + 1).map(|next| &next.exchange) {
            Some(exchange) => {
                let exchange = exchange.as_ref().expect("a later stage has an exchange");
                let links = exchanges.pop_front().expect("a link for each exchange");
                from = Some(links.from);
                Port::Exchange(ExchangePort::new(exchange, &types, seed, links.to))
            }
            None => {
                let sender = sender.take().expect("one last stage");
                match &plan.feeds {
                    None => Port::Encode(output_port(sink, places, sender)),
                    Some(feed) => {
                        let links = exchanges.pop_front().expect("a link for the feed");
                        let port = ExchangePort::new(&feed.exchange, &types, seed, links.to);
                        Port::Feed(port, sender)
                    }
                }
            }
        };
        let records_upto = match index {
            0 => records_upto(&stage.operators),
            _ => 0,
        };
        let single = stage
            .exchange
            .as_ref()
            .map_or(route.strategy == Strategy::FanIn, |it| it.key.is_empty());
        let of_rows = (single, fires(plans), timely(plans));
        stages.push(Stage::new(operators, records_upto, of_rows, port, input));
    }
    let shared = statements_of(job, plan.route).len() > 1;
    Ok(Pipeline::new(
        needs,
        source.on_error.clone(),
        (source.name.clone(), source.connector.clone()),
        (stages, makes_elements(&plan.stages)),
        shared.then(|| Batch::new(&table)),
    ))
}

/// The operators of `plans`, one behind the other; `types` are those of their input and become those of their output.
fn built(
    plans: &[OperatorPlan],
    types: &mut Vec<DataType>,
    seed: u64,
    id: WorkerId,
) -> Result<Vec<Box<dyn Operator>>, JobError> {
    let mut operators: Vec<Box<dyn Operator>> = Vec::with_capacity(plans.len());
    for plan in plans {
        let operator = operator::build(plan, types, seed, id.0 == 0)?;
        *types = operator.output_types().to_vec();
        operators.push(operator);
    }
    Ok(operators)
}

/// The operators of a last stage that are built, and which of their columns the sink's are: a last projection
/// that only chooses columns is the encoder's to do, which costs a batch nothing.
fn without_last_choice(operators: &[OperatorPlan]) -> (&[OperatorPlan], Option<Vec<usize>>) {
    let Some((OperatorPlan::Project { exprs }, before)) = operators.split_last() else {
        return (operators, None);
    };
    let index = |expr: &Expr| match expr {
        Expr::Column { index, .. } => Some(*index),
        _ => None,
    };
    match exprs.iter().map(index).collect() {
        Some(places) => (before, Some(places)),
        None => (operators, None),
    }
}

fn output_port(
    sink: &SinkPlan,
    places: Option<Vec<usize>>,
    sender: Sender<crate::egress::OutputMorsel>,
) -> OutputPort {
    let encoder = sink.format.as_ref().map(|format| {
        let mut encoder = format::encode::encoder(format, &sink.schema, &sink.changelog);
        if let Some(places) = &places {
            encoder.place(places);
        }
        encoder
    });
    let ordered = sink.ordered && encoder.is_some();
    OutputPort::new(encoder, ordered, sender)
}

/// How many of the operators time passes by before the input ends, where one keeps all rows until then.
fn timely(operators: &[OperatorPlan]) -> Option<usize> {
    let keeps =
        |operator: &OperatorPlan| matches!(operator, OperatorPlan::TimeSort(plan) if plan.at_end);
    operators.iter().position(keeps).map(|at| at + 1)
}

/// Whether one of the operators lets rows go by time; the others hand them on in their places, or behind all else.
fn fires(operators: &[OperatorPlan]) -> bool {
    operators.iter().any(|operator| match operator {
        OperatorPlan::Filter { .. }
        | OperatorPlan::Late(_)
        | OperatorPlan::Project { .. }
        | OperatorPlan::Over(_)
        | OperatorPlan::Lead(_)
        | OperatorPlan::LateColumns(_)
        | OperatorPlan::LateForSessions(_)
        | OperatorPlan::Unnest(_) => false,
        OperatorPlan::Aggregate(_)
        | OperatorPlan::Sort(_)
        | OperatorPlan::TimeSort(_)
        | OperatorPlan::Coalesce(_)
        | OperatorPlan::Ranked(_)
        | OperatorPlan::Fill(_) => true,
    })
}

/// Whether what groups rows first groups elements of records.
fn makes_elements(stages: &[StagePlan]) -> bool {
    let mut operators = stages.iter().flat_map(|stage| &stage.operators);
    let first = operators.find(|operator| {
        matches!(
            operator,
            OperatorPlan::Unnest(_) | OperatorPlan::Aggregate(_)
        )
    });
    matches!(first, Some(OperatorPlan::Unnest(_)))
}

/// Operators up to and including the first that keeps state, or multiplies rows, see records; the others see its
/// results.
fn records_upto(operators: &[OperatorPlan]) -> usize {
    operators
        .iter()
        .position(|operator| {
            matches!(
                operator,
                OperatorPlan::Aggregate(_)
                    | OperatorPlan::Over(_)
                    | OperatorPlan::Sort(_)
                    | OperatorPlan::TimeSort(_)
                    | OperatorPlan::Ranked(_)
                    | OperatorPlan::Lead(_)
                    | OperatorPlan::Unnest(_)
            )
        })
        .map_or(operators.len(), |stateful| stateful + 1)
}

/// Which of the table's `width` columns the first stage reads, gate by gate and behind the gates.
fn column_needs(operators: &[OperatorPlan], width: usize) -> ColumnNeeds {
    let mut needs = ColumnNeeds::default();
    let mut rest = Vec::new();
    let mut in_gates = true;
    for operator in operators {
        let mut columns = Vec::new();
        for expr in expressions(operator) {
            expr.columns(&mut columns);
        }
        columns.retain(|&column| column < width);
        let gate = matches!(
            operator,
            OperatorPlan::Filter { .. } | OperatorPlan::Late(_) | OperatorPlan::LateForSessions(_)
        );
        if gate && in_gates {
            needs.gates.push(columns);
            continue;
        }
        in_gates = false;
        rest.extend(columns);
        if matches!(
            operator,
            OperatorPlan::Project { .. } | OperatorPlan::Aggregate(_)
        ) {
            rest.sort_unstable();
            rest.dedup();
            needs.rest = rest;
            return needs;
        }
    }
    // Nothing cuts the table down: its columns themselves are the result.
    needs.rest = (0..width).collect();
    needs
}

fn expressions(operator: &OperatorPlan) -> Vec<&Expr> {
    match operator {
        OperatorPlan::Filter { predicate } => vec![predicate],
        OperatorPlan::Late(plan) => vec![&plan.time],
        OperatorPlan::Project { exprs } => exprs.iter().collect(),
        OperatorPlan::Aggregate(plan) => plan.exprs(),
        OperatorPlan::LateForSessions(plan) => plan.exprs(),
        OperatorPlan::Over(plan) => plan.exprs(),
        OperatorPlan::Sort(plan) => plan.keys.iter().map(|key| &key.expr).collect(),
        OperatorPlan::Ranked(plan) => {
            let order = plan.order.iter().map(|key| &key.expr);
            let args = plan.calls.iter().flat_map(|call| &call.args);
            plan.keys.iter().chain(order).chain(args).collect()
        }
        OperatorPlan::Lead(plan) => {
            let args = plan.calls.iter().flat_map(|call| &call.args);
            plan.keys.iter().chain(&plan.time).chain(args).collect()
        }
        OperatorPlan::TimeSort(plan) => plan.keys.iter().chain([&plan.time]).collect(),
        OperatorPlan::Coalesce(plan) => plan.keys.iter().collect(),
        OperatorPlan::LateColumns(plan) => vec![&plan.time],
        OperatorPlan::Fill(_) => Vec::new(),
        OperatorPlan::Unnest(plan) => plan.arrays.iter().collect(),
    }
}
