//! When results leave and what happens to late rows: clauses and defaults.

use super::flow::Flow;
use super::query::Context;
use super::{plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::plan::{Emission, LatePolicy};
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
    if emission == Emission::Final && !windowed && !flow.bounded {
        return Err(plan_error(
            at,
            "EMIT FINAL without a window over an unbounded input would never emit",
        )
        .with_hint("add a window, or EMIT CHANGES"));
    }
    if emission == Emission::Changes && context.feeds {
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

/// The time between two emissions of a group's changes, if the query gives one. `late` is what follows closed windows.
pub fn every_ns(
    flow: &Flow,
    context: &Context<'_>,
    late: LatePolicy,
) -> Result<Option<i64>, SqlError> {
    let Some(emit) = context.emit.filter(|emit| emit.every_ns.is_some()) else {
        return Ok(None);
    };
    if flow.time.is_none() {
        let message = "EMIT CHANGES EVERY counts event time, and these rows have none";
        return Err(plan_error(emit.span, message)
            .with_hint("declare WATERMARK FOR ts AS ts - INTERVAL '1' SECOND in CREATE TABLE"));
    }
    if late != LatePolicy::Drop {
        let what = "EMIT CHANGES EVERY with corrections of closed windows";
        return Err(unbuilt(emit.span, what).with_hint("use LATE DATA DROP or ALLOW"));
    }
    Ok(emit.every_ns)
}

/// Refuses EVERY where there are no groups.
pub fn refuse_every(emit: Option<&Emit>, what: &str) -> Result<(), SqlError> {
    match emit.filter(|emit| emit.every_ns.is_some()) {
        Some(emit) => Err(unbuilt(emit.span, format!("EMIT CHANGES EVERY of {what}"))
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
