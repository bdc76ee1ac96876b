//! WITH and SET, read right.

use super::{files, job, run};
use crate::plan::{
    CsvFormat, FormatPlan, GeneratorKind, IdleMode, JsonFormat, OnError, Pace, SinkConnector,
    SinkFormat, SourceConnector, SourcePlan, TcpRole, TimestampFormat,
};
use crate::sql::{CompileOptions, compile};
use std::path::PathBuf;

fn source(columns: &str, options: &str) -> SourcePlan {
    let job = job(&format!(
        "CREATE TABLE s ({columns}) WITH ({options}); SELECT COUNT(*) FROM s;"
    ));
    super::check(&job);
    job.sources[0].clone()
}

fn csv(source: &SourcePlan) -> &CsvFormat {
    match &source.format {
        FormatPlan::Csv(format) => format,
        other => panic!("not csv: {other:?}"),
    }
}

#[test]
fn csv_columns_match_the_header_by_name() {
    let source = source(
        "Size BIGINT, symbol VARCHAR",
        "'connector' = 'file', 'path' = 'trades.csv', 'csv.header' = 'true', 'csv.null' = 'NA', 'timestamp.format' = '%Y'",
    );
    let format = csv(&source);
    assert_eq!((&format.fields[..], format.field_count), (&[3, 1][..], 5));
    assert_eq!(format.null_text.as_deref(), Some("NA"));
    assert_eq!(format.timestamp, TimestampFormat::Strftime("%Y".into()));
    assert!(source.bounded && source.max_future_skew_ns.is_none());
}

#[test]
fn csv_columns_match_by_position_without_a_header() {
    let source = source(
        "s VARCHAR, n INT",
        "'connector' = 'file', 'path' = 'bare.csv', 'format' = 'csv', 'csv.delimiter' = ';', 'csv.quote' = ''''",
    );
    let format = csv(&source);
    assert_eq!((&format.fields[..], format.field_count), (&[0, 1][..], 2));
    assert_eq!((format.delimiter, format.quote), (b';', b'\''));
}

#[test]
fn globs_are_expanded() {
    let source = source(
        "a INT, b INT",
        "'connector' = 'file', 'path' = 'part*.csv', 'csv.header' = 'true'",
    );
    assert_eq!(
        source.connector,
        SourceConnector::File {
            paths: vec![PathBuf::from("part1.csv"), PathBuf::from("part2.csv")],
            follow: false
        }
    );
}

#[test]
fn live_sources_have_a_future_bound() {
    const DAY: i64 = 86_400_000_000_000;
    let tcp = source(
        "a INT",
        "'connector' = 'tcp', 'connect' = 'feed:9000', 'format' = 'csv', 'idle.timeout' = '5s'",
    );
    assert_eq!(
        tcp.connector,
        SourceConnector::Tcp {
            address: "feed:9000".into(),
            role: TcpRole::Connect
        }
    );
    assert_eq!(tcp.max_future_skew_ns, Some(DAY));
    assert_eq!(tcp.idle_timeout_ns, Some(5_000_000_000));
    let followed = source(
        "a INT, b INT",
        "'connector' = 'file', 'path' = 'bare.csv', 'follow' = 'true', 'max.future.skew' = '1h'",
    );
    assert!(!followed.bounded);
    assert_eq!(followed.max_future_skew_ns, Some(3_600_000_000_000));
    let local = source(
        "a INT",
        "'connector' = 'tcp', 'listen' = ':7000', 'format' = 'json'",
    );
    assert!(
        matches!(local.connector, SourceConnector::Tcp { address, .. } if address == "127.0.0.1:7000")
    );
}

#[test]
fn json_columns_have_paths() {
    let source = source(
        "price DOUBLE, symbol VARCHAR",
        "'connector' = 'stdin', 'format' = 'json', 'json.path.price' = 'data.p', 'timestamp.format' = 'us'",
    );
    assert_eq!(
        source.format,
        FormatPlan::Json(JsonFormat {
            paths: vec![vec!["data".into(), "p".into()], vec!["symbol".into()]],
            timestamp: TimestampFormat::Micros
        })
    );
}

#[test]
fn error_policies_and_pace() {
    let source = source(
        "ts TIMESTAMP, s VARCHAR, WATERMARK FOR ts AS ts",
        "'connector' = 'file', 'path' = 'bare.csv', 'on.error' = 'dead_letter', 'dead.letter.path' = 'bad.txt', 'pace' = '10x', 'validate' = 'all'",
    );
    assert_eq!(
        source.on_error,
        OnError::DeadLetter(PathBuf::from("bad.txt"))
    );
    assert_eq!(source.pace, Pace::Speed(10.0));
    assert!(source.validate_all);
    let time = source.event_time.expect("event time");
    assert_eq!((time.delay_ns, time.rises), (0, true));
}

#[test]
fn generators_need_no_columns() {
    let job = job("CREATE TABLE g WITH ('connector' = 'generator', 'rows' = '1_000', 'seed' = '7', 'symbols' = '10', 'disorder' = '5ms', 'start' = '2025-01-01 00:00:00', 'rate' = '100');
        SELECT symbol, COUNT(*) FROM g WINDOW TUMBLING(1s) GROUP BY symbol;");
    super::check(&job);
    let SourceConnector::Generator(plan) = job.sources[0].connector else {
        panic!("a generator");
    };
    assert_eq!(plan.kind, GeneratorKind::Trades);
    assert_eq!((plan.rows, plan.seed, plan.symbols), (Some(1000), 7, 10));
    assert_eq!((plan.disorder_ns, plan.rate), (5_000_000, Some(100)));
    assert_eq!(plan.start_ns, 1_735_689_600_000_000_000);
    assert_eq!(csv(&job.sources[0]).timestamp, TimestampFormat::Millis);
    assert_eq!(
        job.sources[0].event_time.as_ref().map(|time| time.delay_ns),
        Some(5_000_000)
    );
}

#[test]
fn generator_columns_are_picked_by_name() {
    let source = source("size INT, symbol VARCHAR", "'connector' = 'generator'");
    assert_eq!(csv(&source).fields, [3, 1]);
    assert_eq!(csv(&source).field_count, 5);
    assert!(!source.bounded);
}

#[test]
fn sinks_have_formats() {
    let job = job("CREATE SINK f WITH ('connector' = 'file', 'path' = 'x.csv', 'csv.header' = 'true', 'csv.delimiter' = 'tab', 'timestamp.format' = 'ns');
        INSERT INTO f SELECT ts FROM trades;
        CREATE SINK b WITH ('connector' = 'blackhole', 'format' = 'json');
        INSERT INTO b SELECT ts FROM trades;");
    assert_eq!(
        job.sinks[0].format,
        Some(SinkFormat::Csv {
            delimiter: b'\t',
            header: true,
            null_text: String::new(),
            timestamp: TimestampFormat::Nanos
        })
    );
    assert_eq!(job.sinks[1].connector, SinkConnector::Blackhole);
    assert!(job.sinks[1].format.is_some());
}

#[test]
fn settings_are_read() {
    let job = job("SET 'workers' = '4'; SET cores = '0,2,4-6'; SET 'idle' = 'spin'; SET max.groups = '100';
        SET 'ingest.core' = '1'; SET 'egress_core' = '3'; SET 'hash.seed' = '9'; SET 'close.open' = 'true';
        SET 'morsel.rows' = '64'; SET 'timezone' = 'UTC'; SELECT symbol, COUNT(*) FROM trades GROUP BY symbol;");
    let settings = &job.settings;
    assert_eq!(settings.workers, Some(4));
    assert_eq!(settings.cores.as_deref(), Some(&[0, 2, 4, 5, 6][..]));
    assert_eq!(settings.idle, IdleMode::Spin);
    assert_eq!(
        (settings.ingest_core, settings.egress_core),
        (Some(1), Some(3))
    );
    assert_eq!(
        (settings.hash_seed, settings.morsel_rows),
        (Some(9), Some(64))
    );
    assert!(settings.close_open);
    assert_eq!(super::aggregate(&job).groups_max, 100);
}

#[test]
fn state_ttl_is_that_of_the_queries_behind_it() {
    let ttl = |settings: &str| {
        let job = job(&format!(
            "{settings} SELECT symbol, COUNT(*) FROM trades GROUP BY symbol EMIT CHANGES;"
        ));
        let plan = super::aggregate(&job);
        let grid = job.watermark_grid;
        // Every watermark may be the one that a key expires at.
        assert_eq!(
            plan.ttl.is_some(),
            grid == crate::time::WatermarkGrid::EXACT
        );
        plan.ttl_ns()
    };
    assert_eq!(ttl(""), None);
    assert_eq!(ttl("SET 'state.ttl' = '1 h';"), Some(3_600_000_000_000));
    assert_eq!(
        ttl("SET 'state.ttl' = '1 h'; SET state_ttl = 5s;"),
        Some(5_000_000_000)
    );
    assert_eq!(
        ttl("SET 'state.ttl' = '1 h'; SET 'state.ttl' = '0s';"),
        None
    );
}

#[test]
fn annotations_are_honoured_or_warned_of() {
    let compiled = run("-- @num_partitions 3\n-- @partitioning_strategy sticky\n-- @colour blue\nSELECT symbol FROM trades;")
        .expect("compiles");
    let job = compiled.job.expect("a job");
    assert_eq!(job.settings.workers, Some(3));
    assert_eq!(job.routes[0].strategy, crate::plan::Strategy::Sticky);
    assert_eq!(compiled.warnings.len(), 1);
    assert!(compiled.warnings[0].1.contains("colour"));
}

#[test]
fn the_command_line_names_the_format_of_stdout() {
    let compiled = |format: &str| {
        let options = CompileOptions {
            stdout_format: Some(format.to_owned()),
            ..CompileOptions::default()
        };
        compile("SELECT a FROM 'part1.csv'", &options, &files())
    };
    let format = |name| {
        compiled(name).expect("compiles").job.expect("a job").sinks[0]
            .format
            .clone()
    };
    assert_eq!(format("table"), Some(SinkFormat::Table));
    assert!(matches!(
        format("csv"),
        Some(SinkFormat::Csv { header: true, .. })
    ));
    assert!(matches!(format("json"), Some(SinkFormat::Json { .. })));
    assert!(compiled("xml").is_err());
}
