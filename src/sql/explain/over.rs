//! OVER operators as text.

use super::expr::{list, show};
use super::length;
use crate::plan::{LeadPlan, OverCall, OverFrame, OverFunction, OverPlan, RankedPlan};
use crate::sql::plan::call_name;

/// The operator as text; `names` become those of its output.
pub(super) fn text(plan: &OverPlan, names: &mut Vec<String>) -> String {
    let calls = plan.calls.iter();
    let calls: Vec<String> = calls.map(|call| call_text(plan, call, names)).collect();
    let keys = if plan.keys.is_empty() {
        String::new()
    } else {
        format!(" by {}", list(&plan.keys, names))
    };
    let order = plan.time.as_ref().map_or(String::new(), |time| {
        let time = show(time, names);
        if plan.sorted {
            format!(" in the order of {time}")
        } else {
            format!(" in source order, {time} checked")
        }
    });
    let text = format!("over{keys}{order}: {}", calls.join(", "));
    names.extend(calls);
    text
}

/// Ranks of whole partitions as text; `names` become those of the output.
pub(super) fn ranked(plan: &RankedPlan, names: &mut Vec<String>) -> String {
    let calls = plan.calls.iter();
    let calls: Vec<String> = calls
        .map(|call| match call.function {
            OverFunction::Ntile(parts) => format!("ntile({parts})"),
            OverFunction::Lag { offset, .. } | OverFunction::Lead { offset, .. } => {
                looking(call, offset, names)
            }
            _ => format!("{}()", call_name(&call.function)),
        })
        .collect();
    let keys = match &plan.keys[..] {
        [] => String::new(),
        keys => format!(" by {}", list(keys, names)),
    };
    let order: Vec<String> = plan
        .order
        .iter()
        .map(|key| {
            let direction = if key.descending { " desc" } else { "" };
            let nulls = if key.nulls_first { " nulls first" } else { "" };
            format!("{}{direction}{nulls}", show(&key.expr, names))
        })
        .collect();
    let limit = plan
        .limit
        .map_or(String::new(), |rows| format!(", the first {rows} of each"));
    let close = match plan.at_end {
        true => "at the end of the input",
        false => "when the window closes",
    };
    let order = match order.is_empty() {
        true => "source order".to_owned(),
        false => format!("the order of {}", order.join(", ")),
    };
    let text = format!(
        "rank{keys} in {order}{limit}, {close}: {}",
        calls.join(", ")
    );
    names.extend(calls);
    text
}

/// LEAD as text; `names` become those of the output.
pub(super) fn lead(plan: &LeadPlan, names: &mut Vec<String>) -> String {
    let calls = plan.calls.iter().filter_map(|call| match call.function {
        OverFunction::Lead { offset, .. } => Some(looking(call, offset, names)),
        _ => None,
    });
    let calls: Vec<String> = calls.collect();
    let keys = match &plan.keys[..] {
        [] => String::new(),
        keys => format!(" by {}", list(keys, names)),
    };
    let order = plan.time.as_ref().map_or(String::new(), |time| {
        let time = show(time, names);
        match plan.sorted {
            true => format!(" in the order of {time}"),
            false => format!(" in source order, {time} checked"),
        }
    });
    let text = format!(
        "lead{keys}{order}, a row leaves when what it looks at has come: {}",
        calls.join(", ")
    );
    names.extend(calls);
    text
}

fn looking(call: &OverCall, offset: u32, names: &[String]) -> String {
    let name = call_name(&call.function);
    format!("{name}({}, {offset})", list(&call.args, names))
}

fn call_text(plan: &OverPlan, call: &OverCall, names: &[String]) -> String {
    let name = call_name(&call.function);
    let args = list(&call.args, names);
    match &call.function {
        OverFunction::Lag { offset, .. } | OverFunction::Lead { offset, .. } => {
            looking(call, *offset, names)
        }
        OverFunction::RowNumber
        | OverFunction::Rank
        | OverFunction::DenseRank
        | OverFunction::PercentRank
        | OverFunction::CumeDist => format!("{name}()"),
        OverFunction::Ntile(parts) => format!("ntile({parts})"),
        OverFunction::Nth(n) if *n > 1 => {
            format!("nth_value({args}, {n}) of {}", frame(plan, call.frame))
        }
        OverFunction::Distinct(_) => {
            format!("{name}(distinct {args}) of {}", frame(plan, call.frame))
        }
        OverFunction::Aggregate(_) | OverFunction::Nth(_) | OverFunction::LastValue => {
            format!("{name}({args}) of {}", frame(plan, call.frame))
        }
    }
}

fn frame(plan: &OverPlan, frame: OverFrame) -> String {
    match frame {
        OverFrame::Rows {
            preceding: None,
            until: 0,
        } => "all rows so far".to_owned(),
        OverFrame::Rows {
            preceding: Some(0),
            until: 0,
        } => "the row".to_owned(),
        OverFrame::Rows {
            preceding: Some(rows),
            until: 0,
        } => format!("the last {} rows", u64::from(rows) + 1),
        OverFrame::Rows {
            preceding: None,
            until,
        } => format!("all rows so far but the last {until}"),
        OverFrame::Rows {
            preceding: Some(rows),
            until,
        } => format!("the rows {rows} to {until} before"),
        OverFrame::Range {
            preceding_ns,
            until_ns: 0,
        } => {
            let peers = if plan.sorted {
                "all peers"
            } else {
                "the peers so far"
            };
            match preceding_ns {
                None => format!("all rows up to its time, with {peers}"),
                Some(ns) => format!("the last {}, with {peers}", length(ns)),
            }
        }
        OverFrame::Range {
            preceding_ns: None,
            until_ns,
        } => format!("all rows up to {} before", length(until_ns)),
        OverFrame::Range {
            preceding_ns: Some(ns),
            until_ns,
        } => format!("the rows {} to {} before", length(ns), length(until_ns)),
    }
}
