//! Rows that come when the watermark has passed their time, and windows on top of them.
//!
//! LEAD, FILL and a UNION of bars let rows go when later rows have come, by any time; ranks, ORDER BY and groups without a
//! window when the input has ended. No watermark says when all rows of a window of theirs are there, so such a window
//! needs an input that ends: the rows are kept until then and sorted by time, and what stands on top sees an input that
//! comes in the order of time. Nothing is late for it.

use super::bars::let_whole_leave;
use super::flow::{Flow, Led, Spread};
use super::query::Context;
use super::{Planner, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::plan::{Expr, OperatorPlan, TimeSortPlan};
use crate::sql::ast::{Emit, EmitMode};
use crate::sql::bind::OverDraft;

impl Flow {
    /// Whether its rows are to be sorted at the end of the input before a window is taken of them.
    pub fn settles(&self) -> bool {
        self.state.backdated || self.state.at_end
    }

    /// How far behind its end the rows of the window below come, for a window on top: rows that are sorted first come with
    /// their time.
    pub fn comes_behind_ns(&self) -> i64 {
        match self.settles() {
            true => 0,
            false => self.lag(),
        }
    }

    /// How far behind their time the rows come.
    pub fn lag(&self) -> i64 {
        let window = self.window.as_ref();
        window.map_or(self.lag_ns, |window| window.allowed_ns.max(self.lag_ns))
    }

    /// Whether a call has to take whole partitions, for the rows do not come in its order and the input ends: those of
    /// LEAD by other keys, those that come at the end unless `emit` asks for them as they come, and all that are behind
    /// their time where it asks for their order.
    pub fn takes_whole(&self, draft: &OverDraft, emit: Option<&Emit>) -> bool {
        let asks = |mode| emit.is_some_and(|emit| emit.mode == mode);
        let is_apart = |led: &Led| !led.keeps_order(&draft.keys);
        let unordered = self.led.as_ref().is_some_and(is_apart)
            || self.state.at_end && !asks(EmitMode::Changes)
            || self.settles() && asks(EmitMode::Final);
        self.bounded && unordered && !draft.order.is_empty()
    }

    /// Refuses `what` of rows that come behind the watermark of an input that does not end.
    pub fn check_settles(&self, what: &str, span: Span) -> Result<(), SqlError> {
        if self.bounded || !self.settles() {
            return Ok(());
        }
        let (of, hint) = if self.led.is_some() {
            (
                "rows of LEAD, which come by any time later, of an input that does not end",
                "put the window into a subquery, and LEAD on top of it",
            )
        } else if self.state.at_end {
            (
                "a UNION of rows that come at the end and an input that does not end",
                "run the query whose input ends first, into a file",
            )
        } else {
            (
                "FILL or a UNION of bars, which come behind their time, of an input that does not end",
                "put the window into the subquery, and FILL or the UNION on top of it",
            )
        };
        Err(unbuilt(span, format!("{what} over {of}")).with_hint(hint))
    }
}

impl Planner<'_> {
    /// Keeps the rows of `flow` until the input ends and hands them on by rising `time`.
    pub(super) fn settle(&self, flow: &mut Flow, time: &Expr) {
        let_whole_leave(flow);
        let keys = match &flow.spread {
            Spread::Keyed(keys) => keys.clone(),
            // Rows meet in one place behind it, if anywhere.
            Spread::Free | Spread::Single | Spread::Scattered => Vec::new(),
        };
        flow.push(OperatorPlan::TimeSort(TimeSortPlan {
            input: flow.physical.clone(),
            time: time.clone(),
            keys,
            allowed_ns: 0,
            at_end: true,
        }));
        if let Some(window) = &mut flow.window {
            (window.allowed_ns, window.at_once) = (0, true);
        }
        flow.lag_ns = 0;
        flow.time = Some(time.clone());
        flow.led = None;
        flow.rests = false;
        let state = &mut flow.state;
        (state.backdated, state.at_end, state.bars) = (false, false, false);
        (state.sorted, state.settled) = (true, true);
    }
}

/// Refuses LATE DATA of rows that are sorted first.
pub(super) fn check_settled(flow: &Flow, context: &Context<'_>) -> Result<(), SqlError> {
    match context.late.filter(|_| !flow.state.late_taken) {
        Some(late) => {
            let message = "no row is late for a window over rows that come behind their time: it closes when the input ends";
            Err(plan_error(late.span, message).with_hint("leave LATE DATA out"))
        }
        None => Ok(()),
    }
}
