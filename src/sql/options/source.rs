//! Options of sources: connector, error policy, time and replay.

use super::format::{FormatName, csv_source, format_name, json_source};
use super::{Options, binary_format, invalid};
use crate::error::{SqlError, SqlErrorKind};
use crate::plan::{
    CsvFormat, FormatPlan, GeneratorKind, GeneratorPlan, OnError, Pace, SourceConnector, TcpRole,
    TimestampFormat,
};
use crate::sql::Environment;
use crate::sql::ast::{ColumnDef, OptionEntry};
use crate::sql::names;
use crate::time::NS_PER_DAY;
use crate::types::{DataType, Field, Schema};
use std::path::PathBuf;

const CONNECTORS: &[&str] = &["file", "stdin", "tcp", "generator", "stdout", "blackhole"];
const CONNECTORS_UNBUILT: &[&str] = &[
    "udp",
    "unix",
    "kafka",
    "redpanda",
    "pcap",
    "http",
    "websocket",
    "ws",
    "nats",
    "mqtt",
    "s3",
    "postgres",
    "shm",
];
/// First event time of the generator: 2025-01-01.
const GENERATOR_START_NS: i64 = 1_735_689_600_000_000_000;

/// What the options of a source say.
#[derive(Clone, Debug)]
pub struct SourceOptions {
    /// Where bytes come from.
    pub connector: SourceConnector,
    /// How records lie in them.
    pub format: FormatPlan,
    /// Whether the input ends.
    pub bounded: bool,
    /// What happens to refused records.
    pub on_error: OnError,
    /// Silence after which the source no longer holds the watermark.
    pub idle_timeout_ns: Option<i64>,
    /// How far event time may be ahead of arrival.
    pub max_future_skew_ns: Option<i64>,
    /// Replay speed.
    pub pace: Pace,
    /// Whether unused columns are validated.
    pub validate_all: bool,
    /// Columns whose values lie whole in a partition.
    pub partitioned_by: Vec<usize>,
}

/// Checks the connector's name as soon as a table is declared.
///
/// # Errors
/// When it is missing, unknown or not built.
pub fn check_connector(options: &Options<'_>) -> Result<String, SqlError> {
    let entry = options.required("connector", "file")?;
    let value = match entry.value.to_ascii_lowercase().as_str() {
        "filesystem" => "file".to_owned(),
        "datagen" => "generator".to_owned(),
        other => other.to_owned(),
    };
    if CONNECTORS.contains(&&value[..]) {
        return Ok(value);
    }
    if CONNECTORS_UNBUILT.contains(&&value[..]) {
        return Err(SqlError::new(
            SqlErrorKind::Unsupported,
            entry.value_span,
            format!("connector {value} is not built in this version"),
        )
        .with_hint(format!("connectors are {}", CONNECTORS.join(", "))));
    }
    let error = invalid(entry, format!("connector '{}' is not known", entry.value));
    Err(match names::hint(&value, CONNECTORS) {
        Some(hint) => error.with_hint(hint),
        None => error,
    })
}

/// The columns that a generator makes, when the table declares none.
///
/// # Errors
/// When the kind is unknown.
pub fn generator_columns(options: &Options<'_>) -> Result<Schema, SqlError> {
    let field = |(name, ty): (&str, DataType)| Field {
        name: name.to_owned(),
        ty,
        nullable: false,
    };
    let (text, big, time) = (DataType::Varchar, DataType::BigInt, DataType::Timestamp);
    let price = DataType::decimal(18, 2);
    let columns: Vec<(&str, DataType)> = match generator_kind(options)? {
        GeneratorKind::Trades => vec![
            ("ts", time),
            ("symbol", text),
            ("price", price),
            ("size", big),
            ("side", text),
        ],
        GeneratorKind::Orders => vec![
            ("order_id", big),
            ("customer_id", big),
            ("order_date", time),
            ("total_amount", price),
        ],
        GeneratorKind::MarketData => vec![
            ("symbol", text),
            ("price", price),
            ("quantity", big),
            ("trader_id", text),
            ("timestamp", time),
            ("trade_time", time),
        ],
        GeneratorKind::Numbers => vec![("number", DataType::BigInt)],
    };
    Ok(Schema {
        fields: columns.into_iter().map(field).collect(),
    })
}

/// Reads the options of a table used as a source; `schema` holds its physical columns, declared as `declared`.
///
/// # Errors
/// When an option is missing, wrong, or not one of a source.
pub fn source_options(
    options: &Options<'_>,
    schema: &Schema,
    declared: &[&ColumnDef],
    has_event_time: bool,
    environment: &dyn Environment,
) -> Result<SourceOptions, SqlError> {
    let connector_name = check_connector(options)?;
    let (connector, bounded) = connector(&connector_name, options, environment)?;
    let format = format(&connector, options, (schema, declared), environment)?;
    let on_error = on_error(options)?;
    let idle_timeout_ns = options.duration("idle.timeout")?;
    let skew_entry = options.take("max.future.skew");
    if let (Some(entry), true) = (skew_entry, bounded) {
        return Err(invalid(
            entry,
            "'max.future.skew' is for live sources; this input is bounded",
        ));
    }
    let max_future_skew_ns = match skew_entry {
        Some(entry) if entry.value.eq_ignore_ascii_case("none") => None,
        _ => match options.duration("max.future.skew")? {
            Some(skew) => Some(skew),
            None => (!bounded).then_some(NS_PER_DAY),
        },
    };
    let pace = pace(options, bounded, has_event_time)?;
    let validate_all = options
        .one_of("validate", &[("used", false), ("all", true)])?
        .unwrap_or(false);
    let partitioned_by = match options.take("partitioned.by") {
        Some(entry) => partitioned_by(entry, schema)?,
        None => Vec::new(),
    };
    options.finish(&format!("a {connector_name} source"))?;
    Ok(SourceOptions {
        connector,
        format,
        bounded,
        on_error,
        idle_timeout_ns,
        max_future_skew_ns,
        pace,
        validate_all,
        partitioned_by,
    })
}

/// The columns that `a, b` names, each once.
fn partitioned_by(entry: &OptionEntry, schema: &Schema) -> Result<Vec<usize>, SqlError> {
    let known: Vec<&str> = schema.fields.iter().map(|field| &field.name[..]).collect();
    let mut columns = Vec::new();
    for name in entry.value.split(',').map(str::trim) {
        let Some(column) = known
            .iter()
            .position(|known| known.eq_ignore_ascii_case(name))
        else {
            let message =
                format!("'partitioned.by' names column '{name}', which the table does not have");
            let error = invalid(entry, message);
            return Err(match names::hint(name, &known) {
                Some(hint) => error.with_hint(hint),
                None => error,
            });
        };
        if columns.contains(&column) {
            return Err(invalid(
                entry,
                format!("'partitioned.by' names column '{name}' twice"),
            ));
        }
        columns.push(column);
    }
    Ok(columns)
}

fn connector(
    name: &str,
    options: &Options<'_>,
    environment: &dyn Environment,
) -> Result<(SourceConnector, bool), SqlError> {
    match name {
        "file" => {
            let entry = options.required("path", "trades.csv")?;
            let paths = files(entry, environment)?;
            let follow = options.bool("follow")?.unwrap_or(false);
            Ok((SourceConnector::File { paths, follow }, !follow))
        }
        "stdin" => Ok((SourceConnector::Stdin, true)),
        "tcp" => Ok((tcp(options)?, false)),
        "generator" => {
            let plan = generator(options)?;
            Ok((SourceConnector::Generator(plan), plan.rows.is_some()))
        }
        other => Err(SqlError::new(
            SqlErrorKind::Bind,
            options.span,
            format!("connector {other} is a sink: it cannot be read"),
        )),
    }
}

/// The files of a path or glob.
///
/// # Errors
/// When there are none.
pub fn files(entry: &OptionEntry, environment: &dyn Environment) -> Result<Vec<PathBuf>, SqlError> {
    let fail = |message: String| SqlError::new(SqlErrorKind::Plan, entry.value_span, message);
    let paths = environment
        .files(&entry.value)
        .map_err(|cause| fail(format!("cannot list {}: {cause}", entry.value)))?;
    if paths.is_empty() {
        return Err(fail(format!("no file {}", entry.value))
            .with_hint("paths are relative to the directory the command runs in"));
    }
    Ok(paths)
}

fn tcp(options: &Options<'_>) -> Result<SourceConnector, SqlError> {
    let (entry, role) = match (options.take("listen"), options.take("connect")) {
        (Some(entry), None) => (entry, TcpRole::Listen),
        (None, Some(entry)) => (entry, TcpRole::Connect),
        (Some(_), Some(entry)) => {
            return Err(invalid(entry, "'listen' and 'connect' exclude each other"));
        }
        (None, None) => {
            return Err(SqlError::new(
                SqlErrorKind::Bind,
                options.span,
                "connector tcp needs 'listen' or 'connect'",
            )
            .with_hint("add 'listen' = '127.0.0.1:9000'"));
        }
    };
    Ok(SourceConnector::Tcp {
        address: address(entry)?,
        role,
    })
}

fn address(entry: &OptionEntry) -> Result<String, SqlError> {
    let (host, port) = entry.value.rsplit_once(':').unwrap_or(("", &entry.value));
    let host = if host.is_empty() { "127.0.0.1" } else { host };
    match port.parse::<u16>() {
        Ok(port) => Ok(format!("{host}:{port}")),
        Err(_) => Err(invalid(
            entry,
            format!("'{}' takes host:port, not '{}'", entry.key, entry.value),
        )),
    }
}

fn generator_kind(options: &Options<'_>) -> Result<GeneratorKind, SqlError> {
    let kinds = [
        ("trades", GeneratorKind::Trades),
        ("orders", GeneratorKind::Orders),
        ("market_data", GeneratorKind::MarketData),
        ("numbers", GeneratorKind::Numbers),
    ];
    Ok(options
        .one_of("kind", &kinds)?
        .unwrap_or(GeneratorKind::Trades))
}

fn generator(options: &Options<'_>) -> Result<GeneratorPlan, SqlError> {
    const SYMBOLS_MAX: u64 = 1 << 24;
    let kind = generator_kind(options)?;
    let default_symbols = if kind == GeneratorKind::MarketData {
        200
    } else {
        1000
    };
    let disorder_entry = options.take("disorder");
    let disorder_ns = options.duration("disorder")?.unwrap_or(0);
    if let Some(entry) = disorder_entry {
        if disorder_ns % 1_000_000 != 0 {
            return Err(invalid(entry, "'disorder' takes whole milliseconds"));
        }
        if kind == GeneratorKind::Orders && disorder_ns > 0 {
            return Err(invalid(
                entry,
                "orders all have the same date: they cannot be disordered",
            ));
        }
    }
    let start_ns = match options.take("start") {
        None => GENERATOR_START_NS,
        Some(entry) => crate::civil::parse_timestamp(entry.value.as_bytes(), &TimestampFormat::Iso)
            .map_err(|_| invalid(entry, format!("'{}' is not a timestamp", entry.value)))?,
    };
    Ok(GeneratorPlan {
        kind,
        rows: options.number("rows", 1, u64::MAX)?,
        seed: options.number("seed", 0, u64::MAX)?.unwrap_or(42),
        symbols: options
            .number("symbols", 1, SYMBOLS_MAX)?
            .unwrap_or(default_symbols) as u32,
        disorder_ns,
        start_ns,
        rate: options.number("rate", 1, u64::MAX)?,
    })
}

fn generator_format(
    options: &Options<'_>,
    kind: GeneratorKind,
    schema: &Schema,
) -> Result<FormatPlan, SqlError> {
    if let Some(entry) = options.take("format")
        && !entry.value.eq_ignore_ascii_case("csv")
    {
        return Err(invalid(
            entry,
            "connector generator has no other format than csv",
        ));
    }
    let made = generator_field_names(kind);
    let mut fields = Vec::with_capacity(schema.fields.len());
    for field in &schema.fields {
        match made
            .iter()
            .position(|name| name.eq_ignore_ascii_case(&field.name))
        {
            Some(at) => fields.push(at as u16),
            None => {
                return Err(SqlError::new(
                    SqlErrorKind::Bind,
                    options.span,
                    format!("the generator makes no column {}", field.name),
                )
                .with_hint(format!("it makes {}", made.join(", "))));
            }
        }
    }
    Ok(FormatPlan::Csv(CsvFormat {
        delimiter: b',',
        quote: b'"',
        header: false,
        null_text: None,
        fields,
        field_count: made.len() as u16,
        timestamp: TimestampFormat::Millis,
    }))
}

/// The fields of the generator's records, in the order it writes them.
pub const fn generator_field_names(kind: GeneratorKind) -> &'static [&'static str] {
    match kind {
        GeneratorKind::Trades => &["ts", "symbol", "price", "size", "side"],
        GeneratorKind::Orders => &["order_id", "customer_id", "order_date", "total_amount"],
        GeneratorKind::MarketData => &[
            "symbol",
            "price",
            "quantity",
            "trader_id",
            "timestamp",
            "trade_time",
        ],
        GeneratorKind::Numbers => &["number"],
    }
}

fn format(
    connector: &SourceConnector,
    options: &Options<'_>,
    (schema, declared): (&Schema, &[&ColumnDef]),
    environment: &dyn Environment,
) -> Result<FormatPlan, SqlError> {
    let no_paths = Vec::new();
    let paths = match connector {
        SourceConnector::Generator(plan) => return generator_format(options, plan.kind, schema),
        SourceConnector::File { paths, .. } => paths,
        _ => &no_paths,
    };
    let path = paths
        .first()
        .map(|path| path.to_string_lossy().into_owned());
    match format_name(options, path.as_deref())? {
        Some(FormatName::Csv) => csv_source(options, schema, paths, environment),
        Some(FormatName::Json) => json_source(options, schema),
        Some(FormatName::Binary) => {
            binary_format(options, schema, declared).map(FormatPlan::Binary)
        }
        Some(FormatName::Table) => Err(SqlError::new(
            SqlErrorKind::Bind,
            options.span,
            "format table can be written only",
        )),
        None => Err(SqlError::new(
            SqlErrorKind::Bind,
            options.span,
            "option 'format' is missing",
        )
        .with_hint("add 'format' = 'csv', 'json' or 'binary'")),
    }
}

fn on_error(options: &Options<'_>) -> Result<OnError, SqlError> {
    let policies = [
        ("skip", OnError::Skip),
        ("fail", OnError::Fail),
        ("dead_letter", OnError::DeadLetter(PathBuf::new())),
    ];
    let policy = options
        .one_of("on.error", &policies)?
        .unwrap_or(OnError::Skip);
    match policy {
        OnError::DeadLetter(_) => {
            let entry = options.required("dead.letter.path", "rejected.txt")?;
            Ok(OnError::DeadLetter(PathBuf::from(&entry.value)))
        }
        other => Ok(other),
    }
}

fn pace(options: &Options<'_>, bounded: bool, has_event_time: bool) -> Result<Pace, SqlError> {
    let Some(entry) = options.take("pace") else {
        return Ok(Pace::Max);
    };
    let value = entry.value.to_ascii_lowercase();
    let pace = match value.as_str() {
        "max" => return Ok(Pace::Max),
        "realtime" => Pace::Speed(1.0),
        _ => match value
            .strip_suffix('x')
            .and_then(|text| text.parse::<f64>().ok())
        {
            Some(speed) if speed.is_finite() && speed > 0.0 => Pace::Speed(speed),
            _ => {
                return Err(invalid(
                    entry,
                    format!(
                        "'pace' takes max, realtime or a factor like 10x, not '{}'",
                        entry.value
                    ),
                ));
            }
        },
    };
    if !bounded {
        return Err(invalid(entry, "'pace' is for bounded sources"));
    }
    if !has_event_time {
        return Err(
            invalid(entry, "'pace' goes by event time, and the table has none")
                .with_hint("add WATERMARK FOR ts AS ts"),
        );
    }
    Ok(pace)
}
