//! Windows as text.

use super::length;
use crate::plan::{BarBound, BarsPlan, OverlappingPlan, Reach, WindowPlan};
use std::fmt::Write;

/// A window as EXPLAIN and messages name it.
pub(super) fn window(plan: &WindowPlan) -> String {
    let (mut text, offset_ns) = match plan {
        WindowPlan::Tumble { size_ns, offset_ns } => {
            (format!("tumble {}", length(*size_ns)), *offset_ns)
        }
        WindowPlan::Hop {
            size_ns,
            slide_ns,
            offset_ns,
        } => (
            format!("hop {} every {}", length(*size_ns), length(*slide_ns)),
            *offset_ns,
        ),
        WindowPlan::Cumulate {
            size_ns,
            step_ns,
            offset_ns,
        } => (
            format!("cumulate {} by {}", length(*size_ns), length(*step_ns)),
            *offset_ns,
        ),
        WindowPlan::Made(by) => (format!("the same {}", window(by)), 0),
        WindowPlan::Session { gap_ns, span_ns } => {
            let mut text = format!("session {}", length(*gap_ns));
            if let Some(span_ns) = span_ns {
                let _ = write!(text, ", at most {} long", length(*span_ns));
            }
            (text, 0)
        }
        WindowPlan::Bars(plan) => (bars(plan), 0),
        WindowPlan::Days(plan) => (
            format!("tumble {} in {}", length(plan.size_ns), plan.zone),
            plan.offset_ns,
        ),
        WindowPlan::Overlapping(plan) => overlapping(plan),
    };
    if offset_ns != 0 {
        let _ = write!(text, " + {}", length(offset_ns));
    }
    text
}

/// Windows of a zone that overlap, and the offset of the first.
fn overlapping(plan: &OverlappingPlan) -> (String, i64) {
    let (parts, zone) = (length(plan.parts.size_ns), &plan.parts.zone);
    match &plan.reach {
        Reach::Parts(count) => {
            let size = length(plan.parts.size_ns.saturating_mul(i64::from(*count)));
            (
                format!("hop {size} every {parts} in {zone}"),
                plan.parts.offset_ns,
            )
        }
        Reach::Since(whole) => {
            let size = length(whole.size_ns);
            (
                format!("cumulate {size} by {parts} in {zone}"),
                whole.offset_ns,
            )
        }
    }
}

fn bars(plan: &BarsPlan) -> String {
    let scale = plan
        .measure
        .as_ref()
        .map_or(0, |measure| measure.ty().scale());
    let amount = match plan.bound {
        BarBound::Exact(amount) => {
            let mut text = Vec::new();
            crate::decimal::write(amount, scale, &mut text);
            let text = String::from_utf8_lossy(&text);
            match scale {
                0 => text.into_owned(),
                _ => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            }
        }
        BarBound::Double(amount) => amount.to_string(),
    };
    let rows = if plan.measure.is_none() { " rows" } else { "" };
    let whole = if plan.whole { "whole " } else { "" };
    format!("{whole}bars of {amount}{rows}")
}
