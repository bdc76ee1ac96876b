//! EXPLAIN: a statement's plan as text.

mod cost;
mod expr;
mod over;
mod subquery;
mod window;

use crate::limits::CHECKPOINT_INTERVAL_NS;
use crate::plan::{
    AggregateMode, AggregatePlan, BinaryFormat, ChangelogMode, Emission, FeedPlan, FillPlan,
    FillValue, FormatPlan, GeneratorKind, GeneratorPlan, Job, LateColumnsPlan, LatePolicy,
    OperatorPlan, Pace, SinkConnector, SinkFormat, SinkPlan, SortPlan, SourceConnector, SourcePlan,
    StagePlan, StatementPlan, TcpRole, UnnestPlan, WindowPlan,
};
use crate::sql::plan::{columns_read, strategy_name};
use expr::{list, show};
use std::fmt::Write;
use std::path::Path;
use window::window;

/// The plans of all the job's statements.
pub fn all_statements(job: &Job) -> String {
    statements_from(job, 0)
}

/// The plans of the job's statements from number `first` on.
pub fn statements_from(job: &Job, first: usize) -> String {
    let statements = job.statements[first..].iter();
    let plans = statements.map(|it| one_statement(job, it));
    let subqueries = subquery::texts(job, first);
    subqueries
        .into_iter()
        .chain(plans)
        .collect::<Vec<_>>()
        .join("\n")
}

fn one_statement(job: &Job, statement: &StatementPlan) -> String {
    let route = &job.routes[usize::from(statement.route.0)];
    let source = &job.sources[usize::from(route.source.0)];
    let sink = &job.sinks[usize::from(statement.sink.0)];
    let mut names: Vec<String> = source
        .table()
        .fields
        .iter()
        .map(|field| field.name.clone())
        .collect();
    let mut out = format!("statement {}\n", statement.name);
    let _ = writeln!(
        out,
        "  source {}: {}",
        source.name,
        source_text(source, &names)
    );
    let shared = job
        .statements
        .iter()
        .filter(|other| other.route == statement.route)
        .count();
    let key = if route.key.is_empty() {
        String::new()
    } else {
        format!(" on {}", list(&route.key, &names))
    };
    let _ = writeln!(
        out,
        "  route: {}{key}: {}{}",
        strategy_name(route.strategy),
        route.reason,
        if shared > 1 {
            format!("; shared by {shared} statements")
        } else {
            String::new()
        }
    );
    let clocks = not_reproducible(source, statement);
    if !clocks.is_empty() {
        let _ = writeln!(out, "  not reproducible: {}", clocks.join(", "));
    }
    let parallelism = cost::parallelism(source, route, statement, &names);
    let mut states = Vec::new();
    for (at, stage) in statement.stages.iter().enumerate() {
        stage_text(&mut out, at, stage, &mut names, &mut states);
    }
    for state in states {
        let _ = writeln!(out, "  state: {state}");
    }
    let _ = writeln!(out, "  parallelism: {parallelism}");
    if let Some(dir) = &job.settings.checkpoint_dir {
        let _ = writeln!(out, "  checkpoints: {}", checkpoints(job, dir, sink));
    }
    match &statement.feeds {
        None => {
            let _ = write!(out, "  sink {}: {}", sink.name, sink_text(sink, statement));
        }
        Some(feed) => feed_text(&mut out, job, feed, &names),
    }
    out
}

/// How often, where, and what a restart does to the sink's rows.
fn checkpoints(job: &Job, dir: &Path, sink: &SinkPlan) -> String {
    let interval_ns = job.settings.checkpoint_interval_ns;
    let every = length(interval_ns.unwrap_or(CHECKPOINT_INTERVAL_NS));
    let rows = match &sink.connector {
        SinkConnector::File { .. } => "rows come once: the file is cut back before a run goes on",
        SinkConnector::Stdout => "rows behind the newest come again when a run goes on",
        SinkConnector::Blackhole | SinkConnector::Memory => "rows are counted once",
    };
    format!("every {every} in {}; {rows}", dir.display())
}

/// The system columns that the statement reads and that another run gives other values.
fn not_reproducible(source: &SourcePlan, statement: &StatementPlan) -> Vec<&'static str> {
    let read = columns_read(source, &statement.stages).into_iter();
    let read = read.filter(|column| !column.is_reproducible());
    let read = read.map(|column| column.name());
    let clocks = [
        ("PROCTIME", source.follows_clock),
        ("TIMEOUT", source.silence.is_some()),
        ("idle.timeout", source.idle_timeout_ns.is_some()),
    ];
    let clocks = clocks.into_iter().filter(|(_, used)| *used);
    clocks.map(|(name, _)| name).chain(read).collect()
}

/// Where the rows of a query of a UNION meet the others.
fn feed_text(out: &mut String, job: &Job, feed: &FeedPlan, names: &[String]) {
    let key = match &feed.exchange.key[..] {
        [] => "to worker 0".to_owned(),
        key => format!("by {}", list(key, names)),
    };
    let name = &job.statements[usize::from(feed.statement.0)].name;
    let (stage, number) = (feed.stage, feed.statement.0 + 1);
    let _ = write!(
        out,
        "  exchange {key}: into stage {stage} of statement {number}, {name}"
    );
}

/// Appends a stage; what its operators hold goes to `states`, `names` become those of its output.
fn stage_text(
    out: &mut String,
    at: usize,
    stage: &StagePlan,
    names: &mut Vec<String>,
    states: &mut Vec<String>,
) {
    if let Some(exchange) = &stage.exchange {
        let key = if exchange.key.is_empty() {
            "to worker 0".to_owned()
        } else {
            format!("by {}", list(&exchange.key, names))
        };
        let union = exchange.union.map_or(String::new(), |place| {
            format!(", with the rows of {} queries", place.queries)
        });
        let _ = writeln!(out, "  exchange {key}: {}{union}", exchange.reason);
    }
    let _ = writeln!(out, "  stage {at}");
    if stage.operators.is_empty() {
        out.push_str("    rows as they are\n");
    }
    for operator in &stage.operators {
        states.extend(cost::state(operator, names));
        let text = operator_text(operator, names);
        let _ = writeln!(out, "    {text}");
    }
}

/// The operator as text; `names` become those of its output.
fn operator_text(operator: &OperatorPlan, names: &mut Vec<String>) -> String {
    match operator {
        OperatorPlan::Filter { predicate } => format!("filter {}", show(predicate, names)),
        OperatorPlan::Late(plan) => format!(
            "late: {} by {} on {}",
            policy(plan.policy, plan.allowed_ns, plan.retention_ns),
            match &plan.window {
                WindowPlan::Bars(_) => "the watermark".to_owned(),
                shape => window(shape),
            },
            show(&plan.time, names)
        ),
        OperatorPlan::LateForSessions(plan) => late_for_sessions(plan, names),
        OperatorPlan::Project { exprs } => {
            let shown: Vec<String> = exprs.iter().map(|expr| show(expr, names)).collect();
            let text = format!("project {}", shown.join(", "));
            *names = shown;
            text
        }
        OperatorPlan::Aggregate(plan) => aggregate_text(plan, names),
        OperatorPlan::Over(plan) => over::text(plan, names),
        OperatorPlan::Ranked(plan) => over::ranked(plan, names),
        OperatorPlan::Lead(plan) => over::lead(plan, names),
        OperatorPlan::Coalesce(plan) => {
            let what = match plan.early {
                Some(_) => "early results: the last change of each group that is not final",
                None => "coalesce: the last change of each group",
            };
            format!("{what}, every {}", length(plan.every_ns))
        }
        OperatorPlan::LateColumns(_) => {
            let added = LateColumnsPlan::COLUMNS.map(|(name, _)| name);
            names.extend(added.map(str::to_owned));
            format!("add {}", added.join(", "))
        }
        OperatorPlan::Fill(plan) => fill_text(plan),
        OperatorPlan::Unnest(plan) => unnest_text(plan, names),
        OperatorPlan::TimeSort(plan) if plan.at_end => {
            let time = show(&plan.time, names);
            format!("sort by {time} at the end of the input")
        }
        OperatorPlan::TimeSort(plan) => {
            let allowed = match plan.allowed_ns {
                0 => String::new(),
                ns => format!(", {} allowed", length(ns)),
            };
            let time = show(&plan.time, names);
            format!("sort by {time} up to the watermark; late rows: drop{allowed}")
        }
        OperatorPlan::Sort(plan) => sort_text(plan, names),
    }
}

fn late_for_sessions(plan: &AggregatePlan, names: &[String]) -> String {
    let by = match plan.keys.is_empty() {
        true => String::new(),
        false => format!(" by {}", list(&plan.keys, names)),
    };
    let (shape, time) = (plan.window.as_ref().map(window), plan.time.as_ref());
    let open_ns = plan.allowed_ns.saturating_add(plan.retention_ns);
    format!(
        "late: {} of each {}{by} on {}",
        policy(LatePolicy::Collect, open_ns, 0),
        shape.unwrap_or_default(),
        time.map_or_else(String::new, |time| show(time, names))
    )
}

fn sort_text(plan: &SortPlan, names: &[String]) -> String {
    let keys: Vec<String> = plan
        .keys
        .iter()
        .map(|key| {
            format!(
                "{}{} nulls {}",
                show(&key.expr, names),
                if key.descending { " desc" } else { "" },
                if key.nulls_first { "first" } else { "last" }
            )
        })
        .collect();
    let whose = if plan.at_end { "" } else { " of each window" };
    let limit = match (plan.limit, plan.offset) {
        (None, 0) => None,
        (Some(rows), 0) => Some(format!("first {rows}{whose}")),
        (Some(rows), offset) => Some(format!("{rows} behind the first {offset}{whose}")),
        (None, offset) => Some(format!("all behind the first {offset}{whose}")),
    };
    let what = if plan.at_end {
        "sort"
    } else {
        "sort each window"
    };
    let by = (!keys.is_empty()).then(|| format!("{what} by {}", keys.join(", ")));
    by.into_iter().chain(limit).collect::<Vec<_>>().join(", ")
}

fn unnest_text(plan: &UnnestPlan, names: &mut Vec<String>) -> String {
    let arrays: Vec<String> = plan.arrays.iter().map(|it| show(it, names)).collect();
    names.extend(arrays.iter().map(|array| format!("element of {array}")));
    let mut text = format!("unnest {}", arrays.join(", "));
    if plan.ordinality {
        names.push("ordinality".to_owned());
        text.push_str(", with ordinality");
    }
    if plan.outer {
        text.push_str(", rows without elements too");
    }
    text
}

fn fill_text(plan: &FillPlan) -> String {
    let aggregates = &plan.input.fields[plan.keys + 2..];
    let values = plan.values.iter().zip(aggregates);
    let values = values.map(|(value, field)| match value {
        FillValue::Null => "null".to_owned(),
        FillValue::Previous => "prev".to_owned(),
        FillValue::Linear => "linear".to_owned(),
        FillValue::Constant(value) => expr::constant(value, field.ty),
    });
    let values: Vec<String> = values.collect();
    let forgets = forgets("key", "window with rows", plan.ttl_ns);
    format!("fill windows without rows: {}{forgets}", values.join(", "))
}

/// When each `what` is forgotten behind its last `touch`, if it is.
fn forgets(what: &str, touch: &str, ttl_ns: Option<i64>) -> String {
    ttl_ns.map_or(String::new(), |ttl_ns| {
        let length = length(ttl_ns);
        format!("; a {what} is forgotten {length} behind its last {touch}")
    })
}

fn aggregate_text(plan: &AggregatePlan, names: &mut Vec<String>) -> String {
    let keys: Vec<String> = plan.keys.iter().map(|key| show(key, names)).collect();
    let calls: Vec<String> = plan
        .aggregates
        .iter()
        .map(|call| expr::call(call, names))
        .collect();
    let mut text = match plan.mode {
        AggregateMode::Complete => "aggregate",
        AggregateMode::Partial => "aggregate, partial",
        AggregateMode::Combine => "aggregate, combine",
    }
    .to_owned();
    // What is combined was computed a stage before: its columns are states.
    if plan.mode != AggregateMode::Combine {
        if !keys.is_empty() {
            let _ = write!(text, " by {}", keys.join(", "));
        }
        if let (Some(shape), Some(time)) = (&plan.window, &plan.time) {
            let _ = write!(text, ", {}", window(shape));
            if let Some(measure) = shape.measure() {
                let _ = write!(text, " of {}", show(measure, names));
            }
            let _ = write!(text, " on {}", show(time, names));
        }
        if !calls.is_empty() {
            let _ = write!(text, ": {}", calls.join(", "));
        }
    }
    let emission = match plan.emission {
        Emission::Final => "emit final",
        Emission::Changes if plan.every_ns.is_some() => "emit the last change of each",
        Emission::Changes => "emit changes",
        Emission::Early => "emit final, early results meanwhile",
    };
    let _ = write!(text, "; {emission}");
    if let Some(every_ns) = plan.every_ns {
        let _ = write!(text, ", every {}", length(every_ns));
    }
    text.push_str(&forgets("group", "row", plan.ttl_ns()));
    if plan.window.is_some() {
        let _ = write!(
            text,
            "; late rows: {}",
            policy(plan.late, plan.allowed_ns, plan.retention_ns)
        );
    }
    if plan.mode == AggregateMode::Partial {
        // The combining stage names the same calls.
        return text;
    }
    let mut output = keys;
    if plan.window.is_some() {
        output.push("window_start".into());
        output.push("window_end".into());
    }
    output.extend(calls);
    *names = output;
    text
}

fn policy(policy: LatePolicy, allowed_ns: i64, retention_ns: i64) -> String {
    let mut text = match policy {
        LatePolicy::Drop => "drop".to_owned(),
        LatePolicy::Process => format!("process for {}", length(retention_ns)),
        LatePolicy::Warn => format!("warn and process for {}", length(retention_ns)),
        LatePolicy::Collect => "collect".to_owned(),
    };
    if allowed_ns > 0 {
        let _ = write!(text, ", {} allowed", length(allowed_ns));
    }
    text
}

/// A length of time in its largest whole unit.
pub fn length(ns: i64) -> String {
    let units = [
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "us"),
    ];
    units
        .iter()
        .find(|(unit, _)| ns != 0 && ns % unit == 0)
        .map_or_else(
            || format!("{ns}ns"),
            |(unit, name)| format!("{}{name}", ns / unit),
        )
        .replace("0ns", if ns == 0 { "0s" } else { "0ns" })
}

fn source_text(source: &SourcePlan, names: &[String]) -> String {
    let mut text = match &source.connector {
        SourceConnector::File { paths, follow } => {
            let first = paths
                .first()
                .map_or(String::new(), |path| path.display().to_string());
            let more = match paths.len() {
                0 | 1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            format!(
                "file {first}{more}{}",
                if *follow { ", followed" } else { "" }
            )
        }
        SourceConnector::Stdin => "stdin".into(),
        SourceConnector::Tcp { address, role } => match role {
            TcpRole::Listen => format!("tcp, listens on {address}"),
            TcpRole::Connect => format!("tcp, connects to {address}"),
        },
        SourceConnector::Generator(GeneratorPlan {
            kind: GeneratorKind::Numbers,
            rows: Some(rows),
            ..
        }) => format!("the first {rows} numbers"),
        SourceConnector::Generator(plan) => match plan.rows {
            Some(rows) => format!("generator, {rows} rows, seed {}", plan.seed),
            None => format!("generator, seed {}", plan.seed),
        },
    };
    text.push_str(match &source.format {
        FormatPlan::Csv(format) if format.header => ", csv with header",
        FormatPlan::Csv(_) => ", csv",
        FormatPlan::Json(_) => ", json",
        FormatPlan::Binary(_) => ", binary",
    });
    if let FormatPlan::Binary(format) = &source.format {
        text.push_str(&record_text(format));
    }
    text.push_str(if source.bounded {
        ", bounded"
    } else {
        ", unbounded"
    });
    match &source.event_time {
        Some(time) if time.rises => {
            let _ = write!(
                text,
                ", event time {}, watermark {} behind",
                show(&time.expr, names),
                length(time.delay_ns)
            );
        }
        Some(time) => {
            let _ = write!(
                text,
                ", event time {}, watermark at the end",
                show(&time.expr, names)
            );
        }
        None if source.follows_clock => text.push_str(", watermark by the clock"),
        None => text.push_str(", no event time"),
    }
    timers_text(source, &mut text);
    if let Pace::Speed(speed) = source.pace {
        let _ = write!(text, ", pace {speed}x");
    }
    text
}

/// Appends what the clock does to a source.
fn timers_text(source: &SourcePlan, text: &mut String) {
    if let Some(silence) = &source.silence {
        let _ = write!(
            text,
            ", windows close after {} of silence",
            length(silence.timeout_ns)
        );
    }
    if let Some(idle_ns) = source.idle_timeout_ns {
        let _ = write!(text, ", idle after {}", length(idle_ns));
    }
}

/// What EXPLAIN says of a fixed-width record.
fn record_text(format: &BinaryFormat) -> String {
    let nulls = if format.null_bitmap {
        " with a null bitmap"
    } else {
        ""
    };
    format!(" records of {} bytes{nulls}", format.record_bytes())
}

fn sink_text(sink: &SinkPlan, statement: &StatementPlan) -> String {
    let mut text = match &sink.connector {
        SinkConnector::Stdout => "stdout".to_owned(),
        SinkConnector::File { path } => format!("file {}", path.display()),
        SinkConnector::Blackhole => "blackhole".into(),
        SinkConnector::Memory => "memory".into(),
    };
    text.push_str(match &sink.format {
        None | Some(SinkFormat::Rows) => "",
        Some(SinkFormat::Table) => ", table",
        Some(SinkFormat::Csv { .. }) => ", csv",
        Some(SinkFormat::Json { .. }) => ", json",
        Some(SinkFormat::Binary(_)) => ", binary",
    });
    if let Some(SinkFormat::Binary(format)) = &sink.format {
        text.push_str(&record_text(format));
    }
    text.push_str(match &sink.changelog {
        ChangelogMode::Append => ", append",
        ChangelogMode::Upsert(_) => ", upsert",
        ChangelogMode::Retract => ", retract",
    });
    text.push_str(if sink.ordered {
        ", order source"
    } else {
        ", order none"
    });
    if let Some(rows) = statement.limit {
        let _ = write!(text, ", limit {rows}");
    }
    let columns: Vec<String> = statement
        .output
        .fields
        .iter()
        .map(|field| format!("{} {}", field.name, field.ty))
        .collect();
    let _ = write!(text, "\n    {}", columns.join(", "));
    text
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn lengths_use_their_largest_whole_unit() {
        let shown: Vec<String> = [0, 1, 1500, 1_000_000, 60_000_000_000, 90_000_000_000]
            .into_iter()
            .map(length)
            .collect();
        assert_eq!(shown, ["0s", "1ns", "1500ns", "1ms", "1m", "90s"]);
    }
}
