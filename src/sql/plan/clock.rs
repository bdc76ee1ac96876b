//! What the clock does in a job: windows of PROCTIME(), EVERY without event time, TIMEOUT.
//!
//! The watermark is the job's, so a source has one: of its event time, or of the clock. What would take it away from
//! another statement of the job is refused. What stands on top of a union is wanted of the source of each query.

use super::emission::refuse_late;
use super::finish::StatementDraft;
use super::flow::Flow;
use super::query::Context;
use super::system::columns_read;
use super::window::BoundWindow;
use super::{Planner, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::plan::{
    Emission, LatePolicy, OperatorPlan, Pace, SilencePlan, SourceId, SourcePlan, SystemColumn,
    WindowPlan,
};
use crate::sql::ast::Emit;

/// What a query wants of the clock.
#[derive(Clone, Debug, Default)]
pub struct ClockUse {
    /// Whether its time is the arrival stamp and the clock.
    pub follows: bool,
    /// TIMEOUT.
    pub timeout_ns: Option<i64>,
    /// What closes by time, one behind the other, each with the time past its end that it stays open.
    pub windows: Vec<(WindowPlan, i64)>,
}

impl ClockUse {
    /// What a query of a union wants, and what stands on top of the union.
    pub fn below(&self, top: &Self) -> Self {
        Self {
            follows: self.follows || top.follows,
            timeout_ns: self.timeout_ns.or(top.timeout_ns),
            windows: [&self.windows[..], &top.windows].concat(),
        }
    }

    /// The silence that closes the windows.
    pub fn silence(&self) -> Option<SilencePlan> {
        Some(SilencePlan {
            timeout_ns: self.timeout_ns?,
            windows: self.windows.clone(),
        })
    }
}

impl Planner<'_> {
    /// Makes the clock the time of a table's rows.
    pub(super) fn follow_clock(&self, flow: &mut Flow, span: Span) -> Result<(), SqlError> {
        let mut sources = flow.sources().into_iter().map(|source| self.source(source));
        if let Some(source) = sources.find(|source| source.pace != Pace::Max) {
            let message = format!(
                "'pace' replays the event time of {}, and PROCTIME() counts the clock",
                source.name
            );
            return Err(plan_error(span, message).with_hint("leave 'pace' out"));
        }
        flow.clock.follows = true;
        Ok(())
    }

    /// A source as it is declared.
    pub(super) fn source(&self, source: SourceId) -> &SourcePlan {
        &self.drafts.sources[usize::from(source.0)].plan
    }

    /// What an aggregate wants of the clock: its windows may go by it, and TIMEOUT closes them.
    pub(super) fn use_clock(
        &self,
        flow: &mut Flow,
        window: Option<&BoundWindow>,
        emission: Emission,
        context: &Context<'_>,
    ) -> Result<(), SqlError> {
        if let Some(window) = window.filter(|window| window.by_clock) {
            self.follow_clock(flow, window.span)?;
            refuse_late(context)?;
        }
        let closes = window.is_some() && emission != Emission::Changes;
        take_timeout(flow, context.emit, closes)
    }

    /// Gives a source of the job the clock as its time and the silence that closes its windows, as its statements
    /// want it.
    pub(super) fn set_clock(&self, at: usize, plan: &mut SourcePlan) {
        let statements = self.drafts.statements.iter();
        for draft in statements.filter(|draft| usize::from(draft.source.0) == at) {
            if draft.clock.follows {
                plan.follows_clock = true;
                plan.event_time = None;
            }
            plan.silence = plan.silence.take().or_else(|| draft.clock.silence());
        }
    }

    /// Refuses statements that want different times of one source.
    pub(super) fn check_clocks(&self, sources: &[SourcePlan]) -> Result<(), SqlError> {
        let statements = &self.drafts.statements;
        for draft in statements {
            let table = self.source(draft.source);
            let of_table = statements.iter().filter(|it| it.source == draft.source);
            for other in of_table {
                let reads_it =
                    || columns_read(table, &other.stages).contains(&SystemColumn::Watermark);
                if draft.clock.follows && reads_it() {
                    let message = format!(
                        "CURRENT_WATERMARK is of event time, and {} goes by the clock in this job",
                        table.name
                    );
                    return Err(plan_error(other.span, message).with_hint(
                        "run the statements that use PROCTIME() in a job of their own",
                    ));
                }
                let has_time = table.event_time.is_some() && keeps_state(other);
                if draft.clock.follows && !other.clock.follows && has_time {
                    let message = format!(
                        "{} is read by its event time and by the clock in one job",
                        table.name
                    );
                    return Err(plan_error(other.span, message).with_hint(
                        "run the statements that use PROCTIME() in a job of their own",
                    ));
                }
                let silence = draft.clock.silence();
                if silence.is_some() && silence != other.clock.silence() && heeds_time(other) {
                    let message = format!(
                        "TIMEOUT closes the windows of all statements that read {}, and this one has others",
                        table.name
                    );
                    return Err(plan_error(other.span, message).with_hint(
                        "give it the same windows and TIMEOUT, or run it in a job of its own",
                    ));
                }
            }
        }
        let clock = sources.iter().find(|source| source.follows_clock);
        let event = sources.iter().find(|source| source.event_time.is_some());
        match (clock, event, statements.iter().find(|it| it.clock.follows)) {
            (Some(clock), Some(event), Some(draft)) => Err(unbuilt(
                draft.span,
                format!(
                    "a job in which {} goes by the clock and {} by its event time",
                    clock.name, event.name
                ),
            )
            .with_hint(
                "a job has one watermark, the least of its sources': run them in jobs of their own",
            )),
            _ => Ok(()),
        }
    }
}

/// Takes TIMEOUT, where `closes` says that rows leave when their window does.
fn take_timeout(flow: &mut Flow, emit: Option<&Emit>, closes: bool) -> Result<(), SqlError> {
    let Some((emit, timeout_ns)) = emit.and_then(|emit| Some((emit, emit.timeout_ns?))) else {
        return Ok(());
    };
    if !closes {
        let message = "TIMEOUT closes windows: it goes with EMIT FINAL of a window";
        return Err(plan_error(emit.span, message)
            .with_hint("add WINDOW TUMBLING(1s) and EMIT FINAL, or leave TIMEOUT out"));
    }
    if flow.follows_clock() {
        let message = "TIMEOUT has nothing to close: the clock closes windows of PROCTIME()";
        return Err(plan_error(emit.span, message));
    }
    if flow.rests {
        let message = format!(
            "TIMEOUT closes windows by the watermark, and {} has none before its end",
            flow.table
        );
        return Err(plan_error(emit.span, message)
            .with_hint("declare it: WATERMARK FOR ts AS ts - INTERVAL '1' SECOND"));
    }
    flow.clock.timeout_ns = Some(timeout_ns);
    Ok(())
}

/// Whether the statement's rows depend on the watermark.
fn heeds_time(draft: &StatementDraft) -> bool {
    let mut operators = draft.stages.iter().flat_map(|stage| &stage.operators);
    operators.any(|operator| match operator {
        OperatorPlan::Aggregate(plan) => plan.window.is_some(),
        OperatorPlan::Ranked(plan) => !plan.at_end,
        OperatorPlan::TimeSort(_) | OperatorPlan::Coalesce(_) => true,
        _ => false,
    })
}

/// Whether the statement has anything that could look at a row's time.
fn keeps_state(draft: &StatementDraft) -> bool {
    let mut operators = draft.stages.iter().flat_map(|stage| &stage.operators);
    operators.any(|operator| match operator {
        OperatorPlan::Filter { .. } | OperatorPlan::Project { .. } => false,
        OperatorPlan::Late(plan) => plan.policy != LatePolicy::Collect,
        OperatorPlan::LateForSessions(_) => false,
        _ => true,
    })
}
