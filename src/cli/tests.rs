//! Arguments to settings, and messages that help.

use super::generate::DataSet;
use super::input::{InputArgs, SqlText};
use super::run::{ReportKind, RunArgs, StdoutFormat};
use super::values::{cpu_list, duration_ns, instant_ns};
use super::*;
use crate::limits::{MORSEL_ROWS_MAX, SQL_BYTES_MAX};
use crate::plan::IdleMode;
use crate::source::generator::RowFormat;
use crate::sql::Environment;
use clap::CommandFactory;
use clap::error::ErrorKind;
use std::io::Write;
use std::path::PathBuf;

fn parse(args: &[&str]) -> Result<Command, ErrorKind> {
    let all = ["velo-tpc"].iter().chain(args);
    Cli::try_parse_from(all)
        .map(|cli| cli.command)
        .map_err(|error| error.kind())
}

fn run_args(args: &[&str]) -> RunArgs {
    match parse(args) {
        Ok(Command::Run(args)) => args,
        other => panic!("{other:?}"),
    }
}

/// A directory of this test's own, removed when it goes.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("velo-cli-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn read(path: &std::path::Path) -> Result<SqlText, String> {
    InputArgs {
        file: Some(path.to_owned()),
        execute: None,
    }
    .read()
}

#[test]
fn the_command_is_consistent_and_each_has_examples() {
    let mut cli = Cli::command();
    cli.build();
    cli.clone().debug_assert();
    for command in cli
        .get_subcommands_mut()
        .filter(|it| it.get_name() != "help")
    {
        let help = command.render_long_help().to_string();
        assert!(help.contains("Examples:"), "{}", command.get_name());
    }
}

#[test]
fn run_flags_become_settings() {
    let args = run_args(&[
        "run",
        "q.sql",
        "--workers",
        "3",
        "--cores",
        "0-2,5",
        "--ingest-core",
        "0",
        "--egress-core",
        "5",
        "--idle",
        "spin",
        "--format",
        "json",
        "--report",
        "none",
        "--close-open",
        "--latency",
        "--max-groups",
        "10",
        "--max-state",
        "2GiB",
        "--state-ttl",
        "90m",
        "--no-progress",
    ]);
    let options = args.compile_options();
    let settings = options.settings;
    assert_eq!(settings.workers, Some(3));
    assert_eq!(settings.cores, Some(vec![0, 1, 2, 5]));
    assert_eq!(
        (settings.ingest_core, settings.egress_core),
        (Some(0), Some(5))
    );
    assert_eq!(settings.idle, IdleMode::Spin);
    assert_eq!(settings.max_groups, Some(10));
    assert_eq!(settings.max_state, Some(2 << 30));
    assert_eq!(settings.state_ttl_ns, Some(5_400_000_000_000));
    assert_eq!(settings.morsel_rows, Some(256));
    assert!(settings.close_open && args.no_progress);
    assert_eq!(options.stdout_format.as_deref(), Some("json"));
    assert_eq!(
        (args.format, args.report),
        (Some(StdoutFormat::Json), ReportKind::None)
    );
}

#[test]
fn nothing_said_leaves_the_settings_unsaid() {
    let options = run_args(&["run", "-e", "SELECT 1"]).compile_options();
    assert_eq!(options.settings, crate::plan::Settings::default());
    assert_eq!(options.stdout_format, None);
    let options = run_args(&["run", "-", "--throughput"]).compile_options();
    assert_eq!(options.settings.morsel_rows, Some(MORSEL_ROWS_MAX as u32));
}

#[test]
fn wrong_usage_is_refused() {
    for (args, kind) in [
        (&["run"][..], ErrorKind::MissingRequiredArgument),
        (
            &["run", "a.sql", "-e", "SELECT 1"],
            ErrorKind::ArgumentConflict,
        ),
        (
            &["run", "a.sql", "--latency", "--throughput"],
            ErrorKind::ArgumentConflict,
        ),
        (
            &["run", "a.sql", "--cores", "3-1"],
            ErrorKind::ValueValidation,
        ),
        (&["run", "a.sql", "--cores", ""], ErrorKind::ValueValidation),
        (
            &["run", "a.sql", "--max-groups", "0"],
            ErrorKind::ValueValidation,
        ),
        (&["run", "a.sql", "--idle", "doze"], ErrorKind::InvalidValue),
        (&["rnu", "a.sql"], ErrorKind::InvalidSubcommand),
        (&["gen", "quotes"], ErrorKind::InvalidValue),
        (
            &["gen", "trades", "--symbols", "0"],
            ErrorKind::ValueValidation,
        ),
        (
            &["gen", "trades", "--disorder", "5"],
            ErrorKind::ValueValidation,
        ),
        (
            &["gen", "trades", "--start", "noon"],
            ErrorKind::ValueValidation,
        ),
    ] {
        assert_eq!(parse(args).map(|_| ()).unwrap_err(), kind, "{args:?}");
    }
}

#[test]
fn gen_knows_its_data_sets() {
    let gen_args = |args: &[&str]| match parse(&[&["gen"], args].concat()) {
        Ok(Command::Gen(args)) => args,
        other => panic!("{other:?}"),
    };
    let args = gen_args(&["market_data", "--rows", "5", "-o", "x.jsonl"]);
    assert_eq!(args.kind, DataSet::MarketData);
    let plan = args.plan().unwrap();
    assert_eq!(
        (plan.rows, plan.seed, plan.symbols, plan.start_ns),
        (Some(5), 42, 200, 0)
    );
    assert_eq!(args.row_format(), RowFormat::Json);
    assert_eq!(args.first_line().unwrap(), "");
    let args = gen_args(&["trades", "--disorder", "50ms", "--start", "2025-01-02"]);
    let plan = args.plan().unwrap();
    assert_eq!((plan.disorder_ns, plan.symbols), (50_000_000, 1000));
    assert_eq!(plan.start_ns, 1_735_776_000_000_000_000);
    assert_eq!(args.first_line().unwrap(), "ts,symbol,price,size,side\n");
    assert_eq!(
        gen_args(&["trades", "--no-header"]).first_line().unwrap(),
        ""
    );
    assert!(
        gen_args(&["trades", "--format", "json", "--header"])
            .first_line()
            .is_err()
    );
    assert!(gen_args(&["orders", "--symbols", "3"]).plan().is_err());
    let args = gen_args(&["trades", "-o", "trades.bin"]);
    assert_eq!(args.row_format(), RowFormat::Binary);
    assert_eq!(args.first_line().unwrap(), "");
    assert!(
        gen_args(&["trades", "--format", "binary", "--header"])
            .first_line()
            .is_err()
    );
}

#[test]
fn gen_writes_the_file() {
    let directory = Directory::new("gen");
    let path = directory.0.join("orders.csv");
    let Ok(Command::Gen(args)) =
        parse(&["gen", "orders", "--rows", "3", "-o", path.to_str().unwrap()])
    else {
        panic!("gen parses");
    };
    assert_eq!(generate::generate(&args), 0);
    let expected = "order_id,customer_id,order_date,total_amount\n\
                    0,0,1735689600000,150\n1,1,1735689600000,151\n2,2,1735689600000,152\n";
    assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
}

#[test]
fn a_file_that_is_not_there_is_told_helpfully() {
    let directory = Directory::new("input");
    let path = directory.file("query.sql", b"SELECT 1");
    assert_eq!(read(&path).unwrap().text, "SELECT 1");
    let message = read(&directory.0.join("qurey.sql")).unwrap_err();
    assert!(
        message.contains("did you mean") && message.contains("query.sql?"),
        "{message}"
    );
    let message = read(&PathBuf::from("SELECT 1")).unwrap_err();
    assert!(message.contains("-e"), "{message}");
    assert!(read(&directory.0).unwrap_err().contains("directory"));
    let long = directory.file("long.sql", &vec![b' '; SQL_BYTES_MAX + 1]);
    assert!(read(&long).unwrap_err().contains("longer than"));
    let binary = directory.file("binary.sql", &[0xff, 0xfe]);
    assert!(read(&binary).unwrap_err().contains("UTF-8"));
}

#[test]
fn the_environment_finds_files_and_decodes_heads() {
    let directory = Directory::new("environment");
    let plain = directory.file("b.csv", b"x\n1\n");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"y\n2\n").unwrap();
    let gzip = directory.file("a.csv", &gzip.finish().unwrap());
    let zstd = directory.file("c.csv", &zstd::encode_all(&b"z\n3\n"[..], 1).unwrap());
    let starred = directory.file("[*].txt", b"");
    let environment = HostEnvironment;
    let pattern = directory.0.join("*.csv");
    assert_eq!(
        environment.files(pattern.to_str().unwrap()).unwrap(),
        [gzip.clone(), plain.clone(), zstd.clone()]
    );
    assert_eq!(
        environment.files(starred.to_str().unwrap()).unwrap(),
        [starred]
    );
    assert!(environment.files("no/such/*.csv").unwrap().is_empty());
    assert_eq!(environment.head(&plain, 2).unwrap(), b"x\n");
    assert_eq!(environment.head(&gzip, 100).unwrap(), b"y\n2\n");
    assert_eq!(environment.head(&zstd, 3).unwrap(), b"z\n3");
    assert!(environment.head(&directory.0.join("none"), 3).is_err());
    assert!(environment.head(&directory.0, 3).is_err());
}

#[test]
fn values_are_read_or_refused() {
    assert_eq!(duration_ns("50ms"), Ok(50_000_000));
    assert_eq!(duration_ns("0"), Ok(0));
    for wrong in ["", "5", "ms", "-1s", "1.5s", "99999999999d", "1 s"] {
        assert!(duration_ns(wrong).is_err(), "{wrong}");
    }
    assert_eq!(instant_ns("1970-01-01T00:00:01Z"), Ok(1_000_000_000));
    assert!(cpu_list("").is_err());
    assert_eq!(cpu_list("1,0").unwrap().0, [1, 0]);
}
