//! From drafts to the job: routes, the sinks' order, the watermark grid.

use super::clock::ClockUse;
use super::flow::RouteNeed;
use super::route::can_fail;
use super::system::columns_read;
use super::{Planner, plan_error};
use crate::error::{Span, SqlError};
use crate::limits::ROUTES_MAX;
use crate::plan::{
    AggregatePlan, DaysPlan, FeedPlan, Job, LatePolicy, OperatorPlan, RouteId, RoutePlan, SinkId,
    SourceId, SourcePlan, StagePlan, StatementPlan, Strategy, SystemColumn, WindowPlan,
};
use crate::time::{NS_PER_DAY, NS_PER_SECOND, WatermarkGrid, gcd};
use crate::types::Schema;

/// A statement whose route is not chosen yet.
#[derive(Clone)]
pub struct StatementDraft {
    /// Shown in reports.
    pub name: String,
    /// Whose records.
    pub source: SourceId,
    /// What its first stage needs.
    pub route: RouteNeed,
    /// SET 'partitioning' where the statement stood.
    pub partitioning: Option<Strategy>,
    /// Its stages.
    pub stages: Vec<StagePlan>,
    /// The result.
    pub output: Schema,
    /// Where it goes.
    pub sink: SinkId,
    /// LIMIT.
    pub limit: Option<u64>,
    /// Whether rows carry ops.
    pub changelog: bool,
    /// The statement that takes its rows, if they do not go to the sink themselves.
    pub feeds: Option<FeedPlan>,
    /// What it wants of the clock.
    pub clock: ClockUse,
    /// Where.
    pub span: Span,
}

impl Planner<'_> {
    /// The job of the statements so far; `None` if there are none.
    pub(super) fn job(&self) -> Result<Option<Job>, SqlError> {
        if self.drafts.statements.is_empty() {
            return Ok(None);
        }
        let (sources, ids) = self.used_sources();
        self.check_clocks(&sources)?;
        let (routes, route_of) = self.routes(&ids)?;
        let bounded = sources.iter().all(|source| source.bounded);
        let sinks = self
            .drafts
            .sinks
            .iter()
            .map(|draft| {
                let mut plan = draft.plan.clone();
                plan.ordered = draft.ordered.unwrap_or(bounded);
                plan
            })
            .collect();
        let statements = self
            .drafts
            .statements
            .iter()
            .zip(route_of)
            .map(|(draft, route)| StatementPlan {
                name: draft.name.clone(),
                route,
                stages: draft.stages.clone(),
                output: draft.output.clone(),
                sink: draft.sink,
                limit: draft.limit,
                changelog: draft.changelog,
                feeds: draft.feeds.clone(),
            })
            .collect();
        let mut job = Job {
            sources,
            routes,
            statements,
            sinks,
            settings: self.settings.job.clone(),
            watermark_grid: self.grid(),
            subqueries: self.drafts.subqueries.clone(),
        };
        super::subquery::cast_results(&mut job);
        Ok(Some(job))
    }

    /// The grid that no statement can tell from the exact watermark.
    fn grid(&self) -> WatermarkGrid {
        let reads_it = |draft: &StatementDraft| {
            let source = &self.drafts.sources[usize::from(draft.source.0)].plan;
            columns_read(source, &draft.stages).contains(&SystemColumn::Watermark)
        };
        match self.drafts.statements.iter().any(reads_it) {
            true => WatermarkGrid::EXACT,
            false => grid(&self.drafts.statements),
        }
    }

    /// Sources that statements read, and the new number of each.
    fn used_sources(&self) -> (Vec<SourcePlan>, Vec<SourceId>) {
        let mut sources = Vec::new();
        let mut ids = Vec::with_capacity(self.drafts.sources.len());
        for (at, table) in self.drafts.sources.iter().enumerate() {
            ids.push(SourceId(sources.len() as u16));
            let is_read = |draft: &StatementDraft| usize::from(draft.source.0) == at;
            if self.drafts.statements.iter().any(is_read) {
                let mut plan = table.plan.clone();
                self.set_clock(at, &mut plan);
                sources.push(plan);
            }
        }
        (sources, ids)
    }

    /// The distinct routes and each statement's: first those that need a certain one, then the stateless
    /// statements, which join what there is.
    fn routes(&self, ids: &[SourceId]) -> Result<(Vec<RoutePlan>, Vec<RouteId>), SqlError> {
        let statements = &self.drafts.statements;
        let mut routes: Vec<RoutePlan> = Vec::new();
        let mut route_of = vec![RouteId(0); statements.len()];
        let stateless = |draft: &StatementDraft| draft.route == RouteNeed::Stateless;
        let (later, first): (Vec<usize>, Vec<usize>) =
            (0..statements.len()).partition(|&at| stateless(&statements[at]));
        for at in first.into_iter().chain(later) {
            let draft = &statements[at];
            let source = ids[usize::from(draft.source.0)];
            let wanted = if stateless(draft) {
                match stateless_route(draft, source, &routes)? {
                    Ok(joined) => {
                        route_of[at] = joined;
                        continue;
                    }
                    Err(wanted) => wanted,
                }
            } else {
                needed_route(draft, source)
            };
            let same = |route: &RoutePlan| {
                route.source == wanted.source
                    && route.strategy == wanted.strategy
                    && route.key == wanted.key
            };
            let index = match routes.iter().position(same) {
                Some(index) => {
                    routes[index].needs_hash |= wanted.needs_hash;
                    index
                }
                None if routes.len() == ROUTES_MAX => {
                    return Err(plan_error(
                        draft.span,
                        format!("the job needs more than {ROUTES_MAX} routes: each is another key or strategy of a source"),
                    )
                    .with_hint("run some of the statements in a job of their own"));
                }
                None => {
                    routes.push(wanted);
                    routes.len() - 1
                }
            };
            route_of[at] = RouteId(index as u16);
        }
        Ok((routes, route_of))
    }
}

fn needed_route(draft: &StatementDraft, source: SourceId) -> RoutePlan {
    let (strategy, key, needs_hash, reason) = match &draft.route {
        RouteNeed::Keyed { key, smart, reason } => (
            if *smart {
                Strategy::Smart
            } else {
                Strategy::Hash
            },
            key.clone(),
            // What a record is refused for at ingest must not depend on the number of workers.
            *smart || goes_by_key(&draft.stages[0].operators),
            reason.clone(),
        ),
        RouteNeed::Single { reason } => (Strategy::FanIn, Vec::new(), false, reason.clone()),
        RouteNeed::Blocks { reason } => (Strategy::Blocks, Vec::new(), false, reason.clone()),
        RouteNeed::Stateless => (
            Strategy::RoundRobin,
            Vec::new(),
            false,
            "a query without state runs on any worker".to_owned(),
        ),
    };
    RoutePlan {
        source,
        strategy,
        key,
        needs_hash,
        reason,
    }
}

/// Whether an operator takes the hash of the route's key, or ranks by the key.
fn goes_by_key(operators: &[OperatorPlan]) -> bool {
    operators.iter().any(|operator| match operator {
        OperatorPlan::Aggregate(plan) => plan.hash_is_routed,
        OperatorPlan::LateForSessions(plan) => plan.hash_is_routed,
        OperatorPlan::Over(plan) => plan.hash_is_routed,
        OperatorPlan::Lead(plan) => plan.hash_is_routed,
        OperatorPlan::Ranked(plan) => !plan.keys.is_empty(),
        _ => false,
    })
}

/// A route to join, or the one to add.
#[allow(clippy::type_complexity)] // Two ways to succeed and one to fail, used once.
fn stateless_route(
    draft: &StatementDraft,
    source: SourceId,
    routes: &[RoutePlan],
) -> Result<Result<RouteId, RoutePlan>, SqlError> {
    let wanted = needed_route(draft, source);
    match draft.partitioning {
        None => {
            // Sharing a decode is worth more than the evenness of the spread, save with one worker for all. A
            // record whose key fails is lost to all of the route: it is another statement's key.
            let joined = routes.iter().position(|route| {
                route.source == source
                    && route.strategy != Strategy::FanIn
                    && !route.key.iter().any(can_fail)
            });
            Ok(joined.map(|at| RouteId(at as u16)).ok_or(wanted))
        }
        Some(strategy @ (Strategy::RoundRobin | Strategy::Sticky | Strategy::FanIn)) => {
            Ok(Err(RoutePlan {
                strategy,
                reason: "SET 'partitioning' asks for it".into(),
                ..wanted
            }))
        }
        Some(_) => Err(plan_error(
            draft.span,
            "'partitioning' = 'hash' needs a key: the query has none",
        )
        .with_hint("use sticky, round_robin or fan_in")),
    }
}

/// The grid on which every window and every tick of the job is decided as by the exact watermark.
fn grid(statements: &[StatementDraft]) -> WatermarkGrid {
    let mut grid: Option<(i64, i64)> = None;
    let operators = statements
        .iter()
        .flat_map(|draft| &draft.stages)
        .flat_map(|stage| &stage.operators);
    for operator in operators {
        // Whether a row is late by its own time, or a key has expired, is decided by every watermark, and shown is the
        // watermark itself.
        let needs_all = match operator {
            OperatorPlan::TimeSort(_) | OperatorPlan::LateColumns(_) => true,
            OperatorPlan::Aggregate(plan) => plan.ttl.is_some(),
            OperatorPlan::Over(plan) => plan.ttl.is_some(),
            _ => false,
        };
        if needs_all {
            return WatermarkGrid::EXACT;
        }
        let decided = match operator {
            OperatorPlan::Aggregate(plan) => decisions(plan),
            OperatorPlan::LateForSessions(plan) => decisions(plan),
            OperatorPlan::Coalesce(plan) => vec![(0, plan.every_ns)],
            _ => Vec::new(),
        };
        for (point, period) in decided {
            grid = Some(match grid {
                None => (point, period),
                Some((known, step)) => {
                    let apart = known.abs_diff(point);
                    let step = gcd(gcd(step.unsigned_abs(), period.unsigned_abs()), apart);
                    (known, step as i64)
                }
            });
        }
    }
    match grid {
        Some((point, period_ns)) => WatermarkGrid {
            period_ns,
            offset_ns: point.rem_euclid(period_ns),
        },
        // Nothing is decided by time: rises matter for progress only.
        None => WatermarkGrid {
            period_ns: NS_PER_DAY,
            offset_ns: 0,
        },
    }
}

/// Watermarks at which the aggregate decides something: a point and the distance of two.
fn decisions(plan: &AggregatePlan) -> Vec<(i64, i64)> {
    let Some((period_ns, end_ns)) = plan.window.as_ref().map(ends) else {
        return Vec::new();
    };
    let point = |length: i64| {
        let at = end_ns + i128::from(length);
        (at.rem_euclid(i128::from(period_ns)) as i64, period_ns)
    };
    let mut points = vec![point(plan.allowed_ns)];
    if plan.late != LatePolicy::Drop {
        points.push(point(plan.allowed_ns.saturating_add(plan.retention_ns)));
    }
    points
}

/// The distance of two ends of windows, and one of them.
fn ends(window: &WindowPlan) -> (i64, i128) {
    match *window {
        WindowPlan::Tumble { size_ns, offset_ns } => (size_ns, i128::from(offset_ns)),
        WindowPlan::Hop {
            size_ns,
            slide_ns,
            offset_ns,
        } => (slide_ns, i128::from(offset_ns) + i128::from(size_ns)),
        WindowPlan::Cumulate {
            step_ns, offset_ns, ..
        } => (step_ns, i128::from(offset_ns)),
        WindowPlan::Made(ref by) => ends(by),
        WindowPlan::Days(ref days) => changes_of(days),
        // What cumulating windows grow to begins at the offset of their parts.
        WindowPlan::Overlapping(ref windows) => changes_of(&windows.parts),
        // Sessions end anywhere, and a row of a bar is late by its own time.
        WindowPlan::Session { .. } | WindowPlan::Bars(_) => (1, 0),
    }
}

/// As [`ends`] of the parts that clocks of a zone show: they are changed by whole seconds, and at them.
fn changes_of(days: &DaysPlan) -> (i64, i128) {
    let step = gcd(days.size_ns.unsigned_abs(), NS_PER_SECOND as u64) as i64;
    match days.offset_ns % step {
        0 => (step, 0),
        _ => (1, 0),
    }
}
