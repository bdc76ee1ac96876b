//! `velo-tpc check`: everything that can be known before a run.

use super::compile::compile;
use super::input::InputArgs;
use super::print;
use crate::sql::CompileOptions;
use clap::Args;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  velo-tpc check query.sql && echo fine
  velo-tpc check -e \"SELECT symbol FROM 'trades.csv'\"

Exit code 0: it can be run; 2: it cannot. Warnings do not change it.")]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
}

/// Checks; the exit code.
pub(super) fn check(args: &CheckArgs) -> u8 {
    let (sql, compiled) = match compile(&args.input, &CompileOptions::default()) {
        Ok(both) => both,
        Err(code) => return code,
    };
    let (statements, sources) = compiled
        .job
        .as_ref()
        .map_or((0, 0), |job| (job.statements.len(), job.sources.len()));
    let summary = format!(
        "{}: ok, {}, {}, {}",
        sql.name,
        counted(statements, "statement"),
        counted(sources, "source"),
        counted(compiled.warnings.len(), "warning")
    );
    print(&summary).err().unwrap_or(0)
}

fn counted(count: usize, name: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {name}{plural}")
}
