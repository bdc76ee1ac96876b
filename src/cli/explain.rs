//! `velo-tpc explain`: the plan of every statement, without running it.

use super::compile::compile;
use super::input::InputArgs;
use super::print;
use crate::sql::CompileOptions;
use clap::Args;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  velo-tpc explain query.sql
  velo-tpc explain -e \"SELECT symbol, COUNT(*) FROM 'trades.csv' GROUP BY symbol\"

EXPLAIN ANALYZE SELECT .. under run runs the query and reports.")]
pub(super) struct ExplainArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
}

/// Explains; the exit code.
pub(super) fn explain(args: &ExplainArgs) -> u8 {
    let compiled = match compile(&args.input, &CompileOptions::default()) {
        Ok((_, compiled)) => compiled,
        Err(code) => return code,
    };
    let plan = compiled.job.as_ref().map(crate::sql::explain_job);
    for text in compiled.output.iter().chain(plan.as_ref()) {
        if let Err(code) = print(text) {
            return code;
        }
    }
    0
}
