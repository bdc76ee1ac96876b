//! `velo-tpc bench scaling`: how many workers one ingest core can feed, a model computed from measured stages.
//!
//! A role has a core of its own, cores do not slow each other down, and rows spread evenly: with `n` workers a
//! job does the least of what ingest, `n` workers and egress do. So it is an upper bound, and says which role
//! binds.

use super::feed::{Feed, QueryArgs};
use super::stages::{InputFormat, StageCosts, measure};
use crate::cli::run::ReportKind;
use crate::cli::{EXIT_FAILED, EXIT_USAGE, fail, print};
use crate::probe::Stage;
use crate::sql::CompileOptions;
use clap::Args;
use serde_json::json;
use std::fmt::Write;

/// Query shapes: the name in the table and the SQL over trades.
const SHAPES: [(&str, &str); 4] = [
    (
        "filter",
        "SELECT ts, symbol, price, size FROM trades WHERE price > 100",
    ),
    (
        "group by",
        "SELECT symbol, COUNT(*), SUM(size), AVG(price), MIN(price), MAX(price) FROM trades GROUP BY symbol",
    ),
    (
        "tumbling",
        "SELECT window_start, symbol, COUNT(*), SUM(size), AVG(price), MIN(price), MAX(price) \
         FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND) \
         GROUP BY window_start, window_end, symbol",
    ),
    ("changes", super::DEFAULT_QUERY),
];
/// Stages of each role.
const INGEST: [Stage; 3] = [Stage::Read, Stage::Frame, Stage::Route];
const WORKER: [Stage; 7] = [
    Stage::Hop,
    Stage::Decode,
    Stage::Filter,
    Stage::Group,
    Stage::Update,
    Stage::Emit,
    Stage::Encode,
];
/// Workers while the stages are measured: more than one, so that rows are scattered as they are on many.
const WORKERS_MEASURED: usize = 4;
/// Numbers of workers that the table predicts for.
const WORKERS_SHOWN: [u32; 5] = [1, 2, 4, 8, 16];

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  velo-tpc bench scaling
  velo-tpc bench scaling --rows 1000000 --encode csv
  velo-tpc bench scaling --query \"SELECT symbol, MAX(price) FROM trades GROUP BY symbol\"

It is a model: stages are measured on one core, and what several cores would do is computed from them.")]
pub(super) struct ScalingArgs {
    #[command(flatten)]
    pub(super) query: QueryArgs,
    /// Rows to generate
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(super) rows: u64,
    /// Encode the rows, too [default: they are counted]
    #[arg(long, value_name = "FORMAT")]
    pub(super) encode: Option<InputFormat>,
    /// What is printed
    #[arg(long, value_name = "KIND", default_value = "text")]
    pub(super) report: ReportKind,
}

/// What the model says of one shape in one format, in nanoseconds a record of each role.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Prediction {
    pub(super) shape: String,
    pub(super) format: &'static str,
    pub(super) ingest_ns: f64,
    pub(super) worker_ns: f64,
    pub(super) egress_ns: f64,
}

impl Prediction {
    fn new(shape: &str, format: &'static str, costs: &StageCosts) -> Self {
        Self {
            shape: shape.to_owned(),
            format,
            ingest_ns: costs.sum(&INGEST),
            worker_ns: costs.sum(&WORKER),
            egress_ns: costs.sum(&[Stage::Egress]),
        }
    }

    /// Workers that take as much as one ingest core gives.
    pub(super) fn workers_saturating(&self) -> u32 {
        (self.worker_ns / self.ingest_ns).ceil().max(1.0) as u32
    }

    /// Million records a second with `workers` workers, and the role that binds.
    pub(super) fn predicted(&self, workers: u32) -> (f64, &'static str) {
        let roles = [
            (self.ingest_ns, "ingest"),
            (self.worker_ns / f64::from(workers), "workers"),
            (self.egress_ns, "egress"),
        ];
        let slowest = roles.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
        let (ns, role) = slowest.expect("there are three");
        (1e3 / ns, role)
    }
}

/// Measures, and computes.
///
/// # Errors
/// The exit code, after the error was told.
pub(super) fn scaling(args: &ScalingArgs) -> Result<(), u8> {
    let own = args.query.query.is_some() || args.query.query_file.is_some();
    let shapes: Vec<(&str, QueryArgs)> = if own {
        vec![("query", args.query.clone())]
    } else {
        let shape = |(name, sql): (&'static str, &str)| {
            let query = QueryArgs {
                query: Some(sql.to_owned()),
                query_file: None,
            };
            (name, query)
        };
        SHAPES.into_iter().map(shape).collect()
    };
    let mut predictions = Vec::new();
    for format in InputFormat::ALL {
        let bytes = format.trades(args.rows);
        let bytes = bytes.map_err(|error| fail(EXIT_USAGE, &error))?;
        let feed = Feed::Memory {
            format: format.name(),
        };
        for (shape, query) in &shapes {
            let encode = args.encode.map(InputFormat::name);
            let job = query.job(&feed, encode, CompileOptions::default())?;
            let costs = measure(&job, &bytes, WORKERS_MEASURED);
            let costs = costs.map_err(|error| fail(EXIT_FAILED, &error))?;
            predictions.push(Prediction::new(shape, format.name(), &costs));
        }
    }
    match args.report {
        ReportKind::Text => print(&text(&predictions)),
        ReportKind::Json => print(&json_text(&predictions)),
        ReportKind::None => Ok(()),
    }
}

/// The table.
pub(super) fn text(predictions: &[Prediction]) -> String {
    let mut out = String::from(
        "A model computed from stages measured in one thread, not a measurement of several cores. Each role has a\n\
         core of its own; a rate is the least of what ingest, the workers and egress do.\n\n",
    );
    let _ = write!(
        out,
        "{:9} {:6} {:>9} {:>9} {:>9} {:>9}",
        "query", "format", "ingest", "worker", "egress", "workers"
    );
    for workers in WORKERS_SHOWN {
        let _ = write!(out, " {workers:>7}");
    }
    let _ = write!(
        out,
        "\n{:9} {:6} {:>9} {:>9} {:>9} {:>9}",
        "", "", "ns/rec", "ns/rec", "ns/rec", "saturate"
    );
    let _ = writeln!(out, "  workers: M records/s, * where they do not bind");
    for it in predictions {
        let _ = write!(
            out,
            "{:9} {:6} {:9.1} {:9.1} {:9.1} {:>9}",
            it.shape,
            it.format,
            it.ingest_ns,
            it.worker_ns,
            it.egress_ns,
            it.workers_saturating()
        );
        for workers in WORKERS_SHOWN {
            let (rate, role) = it.predicted(workers);
            let free = if role == "workers" { ' ' } else { '*' };
            let _ = write!(out, " {rate:6.1}{free}");
        }
        out.push('\n');
    }
    out
}

fn json_text(predictions: &[Prediction]) -> String {
    let rows = predictions.iter().map(|it| {
        let rates = WORKERS_SHOWN.map(|workers| {
            let (rate, role) = it.predicted(workers);
            json!({"workers": workers, "m_records_per_second": rate, "bound_by": role})
        });
        json!({
            "query": it.shape,
            "format": it.format,
            "ingest_ns": it.ingest_ns,
            "worker_ns": it.worker_ns,
            "egress_ns": it.egress_ns,
            "workers_saturating": it.workers_saturating(),
            "predicted": rates,
        })
    });
    json!({
        "bench": "scaling",
        "model": "computed from stages measured in one thread",
        "rows": rows.collect::<Vec<_>>(),
    })
    .to_string()
}
