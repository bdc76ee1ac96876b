//! OVER operators as text.

use super::expr::{list, show};
use super::{forgets, length};
use crate::plan::{
    Around, Distance, FrameUnit, LeadPlan, OverCall, OverFrame, OverFunction, OverPlan, RankedPlan,
    SortKey,
};
use crate::sql::plan::call_name;
use crate::types::DataType;

/// The operator as text; `names` become those of its output.
pub(super) fn text(plan: &OverPlan, names: &mut Vec<String>) -> String {
    let calls = plan.calls.iter();
    let frame = |frame: OverFrame| frame_text(plan.sorted, frame);
    let calls: Vec<String> = calls.map(|call| call_text(call, &frame, names)).collect();
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
    let forgets = forgets("partition", "row", plan.ttl_ns());
    let text = format!("over{keys}{order}: {}{forgets}", calls.join(", "));
    names.extend(calls);
    text
}

/// Ranks and frames of whole partitions as text; `names` become those of the output.
pub(super) fn ranked(plan: &RankedPlan, names: &mut Vec<String>) -> String {
    let is_framed = |call: &OverCall| matches!(call.frame, OverFrame::Around(_));
    let frame = |frame: OverFrame| match frame {
        OverFrame::Around(frame) => around_text(&frame, plan.order.first()),
        frame => frame_text(true, frame),
    };
    let calls = plan.calls.iter();
    let calls: Vec<String> = calls.map(|call| call_text(call, &frame, names)).collect();
    let verb = match plan.calls.iter().all(is_framed) {
        true => "over whole partitions",
        false => "rank",
    };
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
        "{verb}{keys} in {order}{limit}, {close}: {}",
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

fn call_text(call: &OverCall, frame: &dyn Fn(OverFrame) -> String, names: &[String]) -> String {
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
            format!("nth_value({args}, {n}) of {}", frame(call.frame))
        }
        OverFunction::Distinct(_) => {
            format!("{name}(distinct {args}) of {}", frame(call.frame))
        }
        OverFunction::Aggregate(_) | OverFunction::Nth(_) | OverFunction::LastValue => {
            format!("{name}({args}) of {}", frame(call.frame))
        }
    }
}

/// A frame of rows that come in the order of their time where they are `sorted`.
fn frame_text(sorted: bool, frame: OverFrame) -> String {
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
            let peers = if sorted {
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
        OverFrame::Around(frame) => around_text(&frame, None),
    }
}

/// A frame of any bounds, of rows by `order`.
fn around_text(frame: &Around, order: Option<&SortKey>) -> String {
    if *frame == Around::WHOLE {
        return "the whole partition".to_owned();
    }
    let what = match frame.unit {
        FrameUnit::Rows => "rows",
        FrameUnit::Groups => "peers",
        FrameUnit::Range => "values",
    };
    let ty = order
        .filter(|_| frame.unit == FrameUnit::Range)
        .map_or(DataType::BigInt, |key| key.expr.ty());
    let bound = |bound: Option<Distance>, end: &str| {
        let Some(distance) = bound else {
            return format!("the {end}");
        };
        let is_before = match distance {
            Distance::Exact(length) => length < 0,
            Distance::Double(length) => length < 0.0,
        };
        match (distance == Distance::NONE, is_before) {
            (true, _) => "its own".to_owned(),
            (_, true) => format!("{} before", distance_text(distance, ty)),
            (_, false) => format!("{} behind", distance_text(distance, ty)),
        }
    };
    let (from, upto) = (bound(frame.from, "first"), bound(frame.upto, "last"));
    format!("the {what} from {from} to {upto}")
}

/// How far, by an ORDER BY column of type `ty`.
fn distance_text(distance: Distance, ty: DataType) -> String {
    let exact = match distance {
        Distance::Double(length) => return length.abs().to_string(),
        Distance::Exact(length) => length.saturating_abs(),
    };
    match (ty, i64::try_from(exact)) {
        (DataType::Date, _) => format!("{exact} days"),
        (DataType::Decimal { scale, .. }, _) if scale > 0 => {
            let digits = format!("{exact:0width$}", width = usize::from(scale) + 1);
            let (whole, part) = digits.split_at(digits.len() - usize::from(scale));
            format!("{whole}.{part}")
        }
        (ty, Ok(length_ns))
            if ty.is_instant() || matches!(ty, DataType::Time | DataType::Interval) =>
        {
            length(length_ns)
        }
        _ => exact.to_string(),
    }
}
