//! `velo-tpc bench`: what a query costs on this host, latency first. Every bench verifies its answer before
//! it prints a figure.

mod bare;
mod charge;
mod feed;
mod latency;
mod line;
mod outcome;
mod scaling;
mod sender;
mod stages;
#[cfg(test)]
mod tests;

use clap::{Args, Subcommand};

/// Symbols, windows and aggregates of the default query: the changed group after each trade.
const DEFAULT_QUERY: &str = "SELECT window_start, symbol, COUNT(*), SUM(size), AVG(price), MIN(price), MAX(price) \
     FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND) \
     GROUP BY window_start, window_end, symbol EMIT CHANGES";

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  velo-tpc bench latency --rate 100000 --duration 10s
  velo-tpc bench stages --format json
  velo-tpc bench scaling")]
pub(super) struct BenchArgs {
    #[command(subcommand)]
    command: BenchCommand,
}

#[derive(Debug, Subcommand)]
enum BenchCommand {
    /// Latency of single records at a rate, open loop, from intended send time to the sink
    Latency(latency::LatencyArgs),
    /// Nanoseconds a record that each stage costs, on one thread
    Stages(stages::StagesArgs),
    /// How many workers one ingest core can feed: a model computed from measured stages
    Scaling(scaling::ScalingArgs),
}

/// Measures; the exit code.
pub(super) fn bench(args: &BenchArgs) -> u8 {
    let measured = match &args.command {
        BenchCommand::Latency(args) => latency::latency(args),
        BenchCommand::Stages(args) => stages::stages(args),
        BenchCommand::Scaling(args) => scaling::scaling(args),
    };
    match measured {
        Ok(()) => 0,
        Err(code) => code,
    }
}
