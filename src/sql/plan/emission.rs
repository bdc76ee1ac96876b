//! When results leave and what happens to late rows: clauses and defaults.

use super::flow::Flow;
use super::query::Context;
use super::{Planner, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::plan::{Emission, LatePolicy, OperatorPlan, SourceId};
use crate::sql::ast::{Emit, EmitMode, LatePolicyAst};

/// What an aggregate does with late rows.
#[derive(Clone, Copy, Debug)]
pub struct Lateness {
    /// The policy.
    pub policy: LatePolicy,
    /// LATE DATA ALLOW.
    pub allowed_ns: i64,
    /// How long closed windows are kept for corrections.
    pub retention_ns: i64,
}

/// The emission of an aggregate, `windowed` or not.
pub fn emission(
    flow: &Flow,
    context: &Context<'_>,
    windowed: bool,
    span: Span,
) -> Result<Emission, SqlError> {
    let asked = context.emit.map(|emit| match emit.mode {
        EmitMode::Changes => Emission::Changes,
        EmitMode::Final if emit.every_ns.is_some() => Emission::Early,
        EmitMode::Final => Emission::Final,
    });
    // Changes by default in an INSERT, bounded or not, so that replay and live agree.
    let ends_once = flow.bounded && (context.feeds || !context.inserts);
    let emission = asked.unwrap_or(if windowed || ends_once {
        Emission::Final
    } else {
        Emission::Changes
    });
    let at = context.emit.map_or(span, |emit| emit.span);
    if emission != Emission::Changes && !windowed && !flow.bounded {
        return Err(plan_error(
            at,
            "EMIT FINAL without a window over an unbounded input would never emit",
        )
        .with_hint("add a window, or EMIT CHANGES"));
    }
    if emission != Emission::Final && context.feeds {
        return Err(unbuilt(
            at,
            "an aggregate, DISTINCT or OVER on top of changing results",
        )
        .with_hint(if windowed {
            "use EMIT FINAL in the subquery"
        } else {
            "add a window to the subquery, or read a bounded input"
        }));
    }
    Ok(emission)
}

impl Lateness {
    /// Without a window nothing is late.
    pub const NONE: Self = Self {
        policy: LatePolicy::Drop,
        allowed_ns: 0,
        retention_ns: 0,
    };
}

impl Planner<'_> {
    /// The time between two emissions of a group's changes, if the query gives one: event time, or the clock's where
    /// the table has none. `late` is what follows closed windows.
    pub(super) fn every_ns(
        &self,
        flow: &mut Flow,
        context: &Context<'_>,
        late: LatePolicy,
    ) -> Result<Option<i64>, SqlError> {
        let Some(emit) = context.emit.filter(|emit| emit.every_ns.is_some()) else {
            return Ok(None);
        };
        if late != LatePolicy::Drop {
            let what = "EMIT .. EVERY with corrections of closed windows";
            return Err(unbuilt(emit.span, what).with_hint("use LATE DATA DROP or ALLOW"));
        }
        if emit.mode == EmitMode::Final && fires(flow) {
            let what = "EMIT FINAL EARLY over rows that a window, an aggregate or a sort made";
            return Err(unbuilt(emit.span, what).with_hint("use EMIT CHANGES EVERY"));
        }
        let sources = flow.sources();
        let without = |source: &&SourceId| self.source(**source).event_time.is_none();
        match sources.iter().filter(without).count() {
            0 => {}
            count if count == sources.len() => self.follow_clock(flow, emit.span)?,
            _ => {
                let what = "EMIT .. EVERY over a UNION of tables with event time and without";
                return Err(unbuilt(emit.span, what).with_hint(
                    "declare it for all: WATERMARK FOR ts AS ts - INTERVAL '1' SECOND",
                ));
            }
        }
        Ok(emit.every_ns)
    }
}

/// Whether time makes the rows: then those that are final do not differ by their keys.
fn fires(flow: &Flow) -> bool {
    let mut operators = flow.stages.iter().flat_map(|stage| &stage.operators);
    operators.any(|operator| {
        use OperatorPlan::{Aggregate, Ranked, TimeSort};
        matches!(operator, Aggregate(_) | TimeSort(_) | Ranked(_))
    })
}

/// Refuses LATE DATA of rows that go by the clock.
pub fn refuse_late(context: &Context<'_>) -> Result<(), SqlError> {
    match context.late {
        Some(late) => Err(plan_error(
            late.span,
            "nothing is late by PROCTIME(): rows go by the clock as they arrive",
        )
        .with_hint("leave LATE DATA out, or take the window of the table's event time")),
        None => Ok(()),
    }
}

/// Refuses EVERY where there are no groups, and TIMEOUT where there are no windows.
pub fn refuse_every(emit: Option<&Emit>, what: &str) -> Result<(), SqlError> {
    if let Some(emit) = emit.filter(|emit| emit.timeout_ns.is_some()) {
        return Err(plan_error(
            emit.span,
            format!("EMIT .. TIMEOUT of {what}: it closes windows"),
        )
        .with_hint("add a window to the query, or leave TIMEOUT out"));
    }
    match emit.filter(|emit| emit.every_ns.is_some()) {
        Some(emit) => Err(unbuilt(emit.span, format!("EMIT .. EVERY of {what}"))
            .with_hint("EVERY gives the last change of each group: use GROUP BY, or leave it out")),
        None => Ok(()),
    }
}

/// The treatment of late rows by a windowed aggregate.
pub fn lateness(context: &Context<'_>, allowed_ns_min: i64) -> Result<Lateness, SqlError> {
    let drop = Lateness {
        policy: LatePolicy::Drop,
        allowed_ns: allowed_ns_min,
        retention_ns: 0,
    };
    let Some(late) = context.late else {
        return Ok(drop);
    };
    let correcting = |policy| {
        if context.feeds {
            return Err(unbuilt(
                late.span,
                "an aggregate, DISTINCT or OVER on top of corrected windows",
            )
            .with_hint("use LATE DATA DROP or ALLOW in the subquery"));
        }
        Ok(Lateness {
            policy,
            allowed_ns: allowed_ns_min,
            retention_ns: context.retention_ns,
        })
    };
    match &late.policy {
        LatePolicyAst::Drop => Ok(drop),
        LatePolicyAst::Warn => correcting(LatePolicy::Warn),
        LatePolicyAst::Process => correcting(LatePolicy::Process),
        LatePolicyAst::Allow(length) if *length >= 0 => Ok(Lateness {
            allowed_ns: allowed_ns_min.max(*length),
            ..drop
        }),
        LatePolicyAst::Allow(_) => Err(plan_error(
            late.span,
            "ALLOW takes a length that is not negative",
        )),
    }
}
