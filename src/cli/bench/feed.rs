//! The feed that a bench reads: the table `trades`, declared in front of the query, and the query's text.

use super::DEFAULT_QUERY;
use crate::cli::compile::compile_text;
use crate::cli::input::{InputArgs, SqlText};
use crate::cli::{EXIT_USAGE, fail};
use crate::plan::{Job, SinkConnector};
use crate::sql::CompileOptions;
use clap::Args;
use std::path::PathBuf;

/// Columns of the feed, and its event time.
const COLUMNS: &str = "ts TIMESTAMP, symbol VARCHAR, price DOUBLE, size BIGINT, side VARCHAR, \
                       WATERMARK FOR ts AS ts";

/// The same of binary records, as `velo-tpc gen trades` writes them.
const BINARY_COLUMNS: &str = "ts TIMESTAMP, symbol CHAR(8), price DECIMAL(18,2), size BIGINT, \
                              side CHAR(1), WATERMARK FOR ts AS ts";

/// The query of a bench.
#[derive(Args, Clone, Debug, Default)]
#[group(multiple = false)]
pub(super) struct QueryArgs {
    /// Query over the table trades (ts, symbol, price, size, side), which the bench declares [default: one
    /// second windows by symbol, EMIT CHANGES]
    #[arg(long, value_name = "SQL")]
    pub(super) query: Option<String>,
    /// The same from a file; it may declare its sink
    #[arg(long, value_name = "FILE")]
    pub(super) query_file: Option<PathBuf>,
}

/// Where the rows of `trades` come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Feed {
    /// The generator in the ingest core's loop.
    Generator { rate: u64, rows: u64 },
    /// A sender at this port of the loopback.
    Tcp { port: u16 },
    /// Bytes that the bench hands over itself, in this format.
    Memory { format: &'static str },
    /// A file: CSV has a header, `.bin` the records of `velo-tpc gen trades`.
    File { path: PathBuf },
}

impl Feed {
    /// The declaration of `trades`, on one line: errors are told by line.
    fn declaration(&self) -> String {
        let mut columns = COLUMNS;
        let options = match self {
            Self::Generator { rate, rows } => {
                format!("'connector' = 'generator', 'rate' = '{rate}', 'rows' = '{rows}'")
            }
            Self::Tcp { port } => format!(
                "'connector' = 'tcp', 'connect' = '127.0.0.1:{port}', 'format' = 'csv', \
                 'timestamp.format' = 'ms'"
            ),
            Self::Memory { format } => {
                format!("'connector' = 'stdin', 'format' = '{format}', 'timestamp.format' = 'ms'")
            }
            Self::File { path } => {
                let ending = path.extension().and_then(|it| it.to_str());
                let own = match ending {
                    Some("csv") => "'timestamp.format' = 'ms', 'csv.header' = 'true'",
                    Some("bin") => "'format' = 'binary'",
                    _ => "'timestamp.format' = 'ms'",
                };
                if ending == Some("bin") {
                    columns = BINARY_COLUMNS;
                }
                let path = path.display().to_string().replace('\'', "''");
                format!("'connector' = 'file', 'path' = '{path}', {own}")
            }
        };
        format!("CREATE TABLE trades ({columns}) WITH ({options});")
    }
}

impl QueryArgs {
    /// The query's text.
    ///
    /// # Errors
    /// The exit code, after the error was told.
    pub(super) fn text(&self) -> Result<SqlText, u8> {
        let input = InputArgs {
            file: self.query_file.clone(),
            execute: match (&self.query, &self.query_file) {
                (None, None) => Some(DEFAULT_QUERY.to_owned()),
                (query, _) => query.clone(),
            },
        };
        input.read().map_err(|error| fail(EXIT_USAGE, &error))
    }

    /// The job of the query over `feed`. Rows of a bare SELECT are counted by a sink that keeps nothing, and
    /// encoded first if `encode` names a format.
    ///
    /// # Errors
    /// The exit code, after the error was told.
    pub(super) fn job(
        &self,
        feed: &Feed,
        encode: Option<&str>,
        options: CompileOptions,
    ) -> Result<Job, u8> {
        let query = self.text()?;
        let sql = SqlText {
            name: format!("{} (behind the bench's declaration of trades)", query.name),
            text: format!("{}\n{}", feed.declaration(), query.text),
            is_from_stdin: query.is_from_stdin,
        };
        let options = CompileOptions {
            stdout_format: Some(encode.unwrap_or("csv").to_owned()),
            ..options
        };
        let compiled = compile_text(&sql, &options)?;
        let Some(mut job) = compiled.job else {
            return Err(fail(
                EXIT_USAGE,
                &"the query has no SELECT or INSERT to measure",
            ));
        };
        if job.sources.len() != 1 {
            let count = job.sources.len();
            return Err(fail(
                EXIT_USAGE,
                &format!("a bench feeds the table trades alone; the query reads {count} tables"),
            ));
        }
        for sink in &mut job.sinks {
            if sink.connector == SinkConnector::Stdout {
                sink.connector = SinkConnector::Blackhole;
                sink.ordered = false;
                sink.format = sink.format.take().filter(|_| encode.is_some());
            }
        }
        Ok(job)
    }
}
