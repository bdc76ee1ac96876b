//! One file per command. Data goes to stdout, all else to stderr.
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | done, or the reader of stdout went away |
//! | 1 | the run failed |
//! | 2 | wrong usage, or an error in the SQL |
//! | 130 | interrupted |

mod bench;
mod check;
mod compile;
mod environment;
mod explain;
mod generate;
mod input;
mod repl;
mod run;
mod test;
#[cfg(test)]
mod tests;
mod values;

pub use environment::HostEnvironment;

use clap::{Parser, Subcommand};
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

/// Exit code of a run that failed.
const EXIT_FAILED: u8 = 1;
/// Exit code of wrong usage and SQL errors, the one that clap uses.
const EXIT_USAGE: u8 = 2;

/// A streaming SQL engine for latency-sensitive trading feeds.
#[derive(Debug, Parser)]
#[command(name = "velo-tpc", version, arg_required_else_help = true)]
#[command(after_help = "Examples:
  velo-tpc run query.sql
  velo-tpc run -e \"SELECT symbol, COUNT(*) FROM 'trades.csv' GROUP BY symbol\"
  velo-tpc gen trades --rows 1000000 -o trades.csv")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the statements of a SQL file
    Run(run::RunArgs),
    /// Type statements and see what they give
    Repl(repl::ReplArgs),
    /// Print how the statements of a SQL file would be run
    Explain(explain::ExplainArgs),
    /// Check a SQL file without running it
    Check(check::CheckArgs),
    /// Test queries against their expected output, in every shape of run
    Test(test::TestArgs),
    /// Write generated rows: trades, orders or market data
    Gen(generate::GenArgs),
    /// Measure latency and the cost of stages on this host
    Bench(bench::BenchArgs),
}

/// Parses the arguments of this process and does what they say.
pub fn main() -> ExitCode {
    ExitCode::from(match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Repl(args) => repl::repl(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Check(args) => check::check(&args),
        Command::Test(args) => test::test(&args),
        Command::Gen(args) => generate::generate(&args),
        Command::Bench(args) => bench::bench(&args),
    })
}

/// Tells an error and gives the exit code it means.
fn fail(code: u8, error: &dyn Display) -> u8 {
    eprintln!("error: {error}");
    code
}

/// Prints text on stdout with a newline behind it. A reader that went away is no error.
fn print(text: &str) -> Result<(), u8> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(fail(EXIT_FAILED, &format!("writing to stdout: {error}")))
        }
        _ => Ok(()),
    }
}
