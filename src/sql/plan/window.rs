//! Windows: which column they are taken of, and where they lie.

use super::flow::Flow;
use super::{bind_error, plan_error};
use crate::civil::zone::Zone;
use crate::error::{Span, SqlError};
use crate::limits::WINDOWS_PER_ROW_MAX;
use crate::plan::{
    ArithmeticOp, DaysPlan, Expr, OverlappingPlan, Reach, ScalarFunction, SystemColumn,
    TimeFunction, WindowPlan,
};
use crate::sql::ast::{Name, Window, WindowShape};
use crate::sql::bind::{Column, Scope, WINDOW_BASE, window_time, zone_hint};
use crate::sql::explain::length;
use crate::sql::names;
use crate::time::NS_PER_DAY;
use crate::types::{DataType, Value};

/// A window over a flow.
#[derive(Clone)]
pub struct BoundWindow {
    /// Where windows lie.
    pub plan: WindowPlan,
    /// TIMESTAMP they are taken of, over the flow's output.
    pub time: Expr,
    /// Whether a group key must name it (table functions).
    pub named_by_group: bool,
    /// SESSION(.. PARTITION BY ..): the keys that it says; `None`: those of GROUP BY.
    pub partition: Option<Vec<Expr>>,
    /// Whether its time is the arrival stamp and the clock.
    pub by_clock: bool,
    /// Lateness that rows of an earlier window bring.
    pub allowed_ns_min: i64,
    /// Whether the rows have to be sorted at the end of the input first.
    pub settles: bool,
    /// Where.
    pub span: Span,
}

/// Resolves a window; `in_from` says that it is a table function's.
pub fn bind(window: &Window, flow: &Flow, in_from: bool) -> Result<BoundWindow, SqlError> {
    let plan = match &window.shape {
        WindowShape::Bars(bars) => super::bars::plan(bars, flow)?,
        shape => plan_of(window, shape)?,
    };
    let plan = match &window.zone {
        Some((zone, span)) => in_zone(plan, zone, *span, window.span)?,
        None => plan,
    };
    let time = time_of(window, flow)?;
    Ok(BoundWindow {
        plan,
        by_clock: flow.arrival.as_ref() == Some(&time) && flow.is_stateless_so_far(),
        time,
        named_by_group: in_from,
        partition: partition_of(window, flow, in_from)?,
        allowed_ns_min: flow.comes_behind_ns(),
        settles: flow.settles(),
        span: window.span,
    })
}

/// The keys of a session or of bars in FROM.
fn partition_of(
    window: &Window,
    flow: &Flow,
    in_from: bool,
) -> Result<Option<Vec<Expr>>, SqlError> {
    let is_keyed = matches!(
        window.shape,
        WindowShape::Session { .. } | WindowShape::Bars(_)
    );
    if !in_from || !is_keyed {
        return Ok(None);
    }
    let scope = flow.scope();
    let keys = window.partition.iter().map(|name| {
        let column = scope.find(name)?;
        let column = column.ok_or_else(|| scope.unknown(name, &[]))?;
        Ok(column.expr.clone())
    });
    keys.collect::<Result<_, _>>().map(Some)
}

/// Checks that PARTITION BY of a session or of bars says the same as GROUP BY.
pub fn check_partition(window: &BoundWindow, keys: &[Expr]) -> Result<(), SqlError> {
    let Some(partition) = &window.partition else {
        return Ok(());
    };
    let same = keys.iter().all(|key| partition.contains(key))
        && partition.iter().all(|key| keys.contains(key));
    if same {
        return Ok(());
    }
    let (what, function) = match window.plan {
        WindowPlan::Bars(_) => ("a bar", "BARS"),
        _ => ("a session", "SESSION"),
    };
    let message =
        format!("{what} is of the keys of its PARTITION BY: GROUP BY has to hold the same");
    Err(plan_error(window.span, message).with_hint(format!(
        "write {function}(TABLE t PARTITION BY k, ..) GROUP BY k, window_start, window_end"
    )))
}

/// Where the windows of a shape lie.
fn plan_of(window: &Window, shape: &WindowShape) -> Result<WindowPlan, SqlError> {
    let at_least_one = |ns: i64| match ns < 1 {
        true => Err(plan_error(window.span, "a window's size is at least 1 ns")),
        false => Ok(()),
    };
    Ok(match *shape {
        WindowShape::Bars(_) => unreachable!("bars are not cut out of time"),
        WindowShape::Tumble { size_ns, offset_ns } => {
            at_least_one(size_ns)?;
            WindowPlan::Tumble {
                size_ns,
                offset_ns: offset_ns.rem_euclid(size_ns),
            }
        }
        WindowShape::Hop {
            slide_ns,
            size_ns,
            offset_ns,
        } => {
            at_least_one(size_ns.min(slide_ns))?;
            check_overlap(window, size_ns, slide_ns)?;
            WindowPlan::Hop {
                size_ns,
                slide_ns,
                offset_ns: offset_ns.rem_euclid(slide_ns),
            }
        }
        WindowShape::Cumulate {
            step_ns,
            size_ns,
            offset_ns,
        } => {
            at_least_one(size_ns.min(step_ns))?;
            check_overlap(window, size_ns, step_ns)?;
            if size_ns % step_ns != 0 {
                let message = "the size of a cumulating window is a multiple of its step";
                return Err(plan_error(window.span, message).with_hint(
                    "the step comes before the size: CUMULATE(TABLE t, DESCRIPTOR(ts), step, size)",
                ));
            }
            WindowPlan::Cumulate {
                size_ns,
                step_ns,
                offset_ns: offset_ns.rem_euclid(size_ns),
            }
        }
        WindowShape::Session { gap_ns, span_ns } => WindowPlan::Session { gap_ns, span_ns },
    })
}

/// The windows by the clocks of a zone.
fn in_zone(plan: WindowPlan, zone: &str, at: Span, span: Span) -> Result<WindowPlan, SqlError> {
    if Zone::get(zone).is_none() {
        let message = format!("time zone '{zone}' is not known");
        return Err(bind_error(at, message).with_hint(zone_hint(zone)));
    }
    if zone.eq_ignore_ascii_case("UTC") && !plan.moves() {
        return Ok(plan);
    }
    let days = |size_ns: i64, offset_ns: i64| {
        if size_ns % NS_PER_DAY != 0 && NS_PER_DAY % size_ns != 0 {
            return Err(uneven(size_ns, span));
        }
        Ok(DaysPlan {
            zone: zone.to_owned(),
            size_ns,
            offset_ns,
        })
    };
    match plan {
        WindowPlan::Tumble { size_ns, offset_ns } => days(size_ns, offset_ns).map(WindowPlan::Days),
        WindowPlan::Hop {
            size_ns,
            slide_ns,
            offset_ns,
        } => {
            let parts = days(slide_ns, offset_ns)?;
            if size_ns % slide_ns != 0 {
                let message = "a window AT TIME ZONE is as many slides in a row, and this size is no multiple of its slide";
                return Err(plan_error(span, message).with_hint(
                    "take HOP(TABLE t, DESCRIPTOR(ts), 1h, 6h): the slide comes first",
                ));
            }
            let count = (size_ns / slide_ns) as u32;
            let reach = Reach::Parts(count);
            Ok(WindowPlan::Overlapping(OverlappingPlan { parts, reach }))
        }
        WindowPlan::Cumulate {
            size_ns,
            step_ns,
            offset_ns,
        } => {
            let parts = days(step_ns, offset_ns % step_ns)?;
            let reach = Reach::Since(days(size_ns, offset_ns)?);
            Ok(WindowPlan::Overlapping(OverlappingPlan { parts, reach }))
        }
        _ => {
            let message = "AT TIME ZONE of a window whose bounds are those of its rows";
            Err(plan_error(at, message)
                .with_hint("take TUMBLE, HOP or CUMULATE, or leave AT TIME ZONE out"))
        }
    }
}

/// Why windows of a zone are whole days or divide one: others would begin at another hour each day, and which of them
/// is the first no clock says.
fn uneven(size_ns: i64, span: Span) -> SqlError {
    let message = format!(
        "windows AT TIME ZONE are whole days or divide one: {} would begin at other hours of the clock each day",
        length(size_ns)
    );
    plan_error(span, message).with_hint("take 1h, 6h, 12h, 1d or 7d")
}

/// Bounds the windows that a row is in.
fn check_overlap(window: &Window, size_ns: i64, step_ns: i64) -> Result<(), SqlError> {
    let windows = size_ns / step_ns;
    if windows <= WINDOWS_PER_ROW_MAX {
        return Ok(());
    }
    let message = format!(
        "each row would be in {windows} windows; at most {WINDOWS_PER_ROW_MAX} are kept for a row"
    );
    let hint = "take a shorter size, or start windows less often";
    Err(plan_error(window.span, message).with_hint(hint))
}

/// The window that a row of `plan`'s windows is the result of, found by its `window_time`.
pub fn carried(plan: &WindowPlan) -> WindowPlan {
    match plan {
        WindowPlan::Tumble { .. } | WindowPlan::Days(_) | WindowPlan::Made(_) => plan.clone(),
        WindowPlan::Hop { .. }
        | WindowPlan::Cumulate { .. }
        | WindowPlan::Overlapping(_)
        | WindowPlan::Session { .. }
        | WindowPlan::Bars(_) => WindowPlan::Made(Box::new(plan.clone())),
    }
}

/// The bounds of a row's window where its time alone says them: of tumbling windows.
pub fn of_row(window: &BoundWindow) -> Option<[Expr; 2]> {
    let WindowPlan::Tumble { size_ns, offset_ns } = window.plan else {
        return None;
    };
    let literal = |value, ty| Expr::Literal {
        value: Value::I64(value),
        ty,
    };
    let start = Expr::Call {
        function: ScalarFunction::Time(TimeFunction::Bin),
        args: vec![
            literal(size_ns, DataType::Interval),
            window.time.clone(),
            literal(offset_ns, DataType::Timestamp),
        ],
        ty: DataType::Timestamp,
    };
    let end = Expr::Arithmetic {
        op: ArithmeticOp::Add,
        left: Box::new(start.clone()),
        right: Box::new(literal(size_ns, DataType::Interval)),
        ty: DataType::Timestamp,
    };
    Some([start, end])
}

/// What `check` says of a window that is probably not meant so.
pub fn warning(window: &Window) -> Option<(Span, String)> {
    match window.shape {
        WindowShape::Hop {
            slide_ns, size_ns, ..
        } if size_ns < slide_ns => Some((
            window.span,
            format!(
                "the slide of {} is longer than the size of {}: rows between two windows are in none",
                length(slide_ns),
                length(size_ns)
            ),
        )),
        _ => None,
    }
}

fn no_watermark(flow: &Flow, column: &str, span: Span) -> SqlError {
    let table = &flow.table;
    let message =
        format!("table {table} has no watermark: a window over {column} would never close");
    plan_error(span, message).with_hint(format!(
        "add WATERMARK FOR {column} AS {column} - INTERVAL '1' SECOND to CREATE TABLE {table}"
    ))
}

fn time_of(window: &Window, flow: &Flow) -> Result<Expr, SqlError> {
    flow.check_settles("a window", window.span)?;
    let Some(name) = &window.time else {
        return flow.time.clone().ok_or_else(|| match flow.stages.len() {
            1 if flow.is_stateless_so_far() => no_watermark(flow, "ts", window.span),
            _ => plan_error(
                window.span,
                "the rows have no event time to take a window of",
            ),
        });
    };
    let scope = flow.scope();
    let Some(column) = scope.find(name)? else {
        return Err(unknown_time(name, &scope));
    };
    if !column.expr.ty().is_instant() {
        return Err(bind_error(
            name.span,
            format!(
                "a window is taken of a TIMESTAMP: {} is {}",
                name.text,
                column.expr.ty()
            ),
        )
        .with_hint("declare it TIMESTAMP, with 'timestamp.format' = 'ms' for epoch milliseconds"));
    }
    if flow.arrival.as_ref() == Some(&column.expr) && flow.is_stateless_so_far() {
        return Ok(column.expr.clone());
    }
    match &flow.time {
        // They are sorted by any time then.
        _ if flow.state.at_end => Ok(column.expr.clone()),
        Some(time) if *time == column.expr => Ok(column.expr.clone()),
        Some(_) if flow.rests && flow.is_stateless_so_far() => Ok(column.expr.clone()),
        _ => Err(no_event_time(name, flow)),
    }
}

/// The error for a column that is not the rows' event time.
fn no_event_time(name: &Name, flow: &Flow) -> SqlError {
    let (text, span) = (&name.text, name.span);
    match &flow.time {
        Some(_) if flow.window.is_some() => {
            let message = format!("{text} is not the event time of a window's rows");
            plan_error(span, message).with_hint("use window_time")
        }
        Some(time) => {
            let known = flow.columns.iter().find(|column| column.expr == *time);
            let message = format!("the watermark of {} is not on {text}", flow.table);
            plan_error(span, message).with_hint(match known {
                Some(column) => format!("it is on {}", column.name),
                None => "select the table's time column in the subquery".into(),
            })
        }
        None if flow.is_open_union() => {
            let message = format!("{text} is not the event time of every query of the UNION");
            plan_error(span, message)
                .with_hint("select each table's time column in its place, or _timestamp of each")
        }
        None if flow.is_stateless_so_far() => no_watermark(flow, text, span),
        None => {
            let message = format!("{text} is not an event time: no window made these rows");
            plan_error(span, message)
        }
    }
}

/// The error for a time column that is not there.
fn unknown_time(name: &Name, scope: &Scope) -> SqlError {
    if !names::means(name, SystemColumn::Timestamp.name()) {
        return scope.unknown(name, &[]);
    }
    let message = "PROCTIME() is the arrival stamp of a table's rows, which these have not";
    bind_error(name.span, message).with_hint("select _timestamp in the subquery")
}

/// Adds the columns of a window to the names in scope, for `*` too where they are `shown`; they hide columns of the same names.
pub fn add_columns(scope: &mut Scope, with_underscore: bool, shown: bool) {
    let column = |index| Expr::Column {
        index,
        ty: DataType::Timestamp,
    };
    let mut added = vec![
        ("window_start", column(WINDOW_BASE)),
        ("window_end", column(WINDOW_BASE + 1)),
        ("window_time", window_time(WINDOW_BASE + 1)),
    ];
    if with_underscore {
        added.push(("_window_start", column(WINDOW_BASE)));
        added.push(("_window_end", column(WINDOW_BASE + 1)));
    }
    scope.columns.retain(|known| {
        !added
            .iter()
            .any(|(name, _)| known.name.eq_ignore_ascii_case(name))
    });
    scope
        .columns
        .extend(added.into_iter().map(|(name, expr)| Column {
            name: name.into(),
            expr,
            nullable: false,
            hidden: !shown,
        }));
}
