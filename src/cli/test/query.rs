//! One query against its expected output, in every shape of run.

use super::diff::{diff, sorted_lines};
use super::{Expectation, Shapes, TestEnvironment, Verdict};
use crate::plan::Job;
use crate::sim::{SimOptions, SimSource, inputs, resolve, run, sections};
use crate::sql::CompileOptions;
use crate::worker::LedgerCounts;
use std::path::Path;

/// Runs the query of `sql_path` and compares with the file beside it, or writes that anew.
pub(super) fn check(
    sql_path: &Path,
    sql: &str,
    expectation: &Expectation,
    shapes: &Shapes,
) -> Result<Verdict, String> {
    let name = sql_path.display().to_string();
    let options = CompileOptions {
        stdout_format: Some("csv".to_owned()),
        ..CompileOptions::default()
    };
    let compiled = crate::sql::compile(sql, &options, &TestEnvironment)
        .map_err(|error| error.render(&name, sql))?;
    let lines = compiled.output.iter();
    let printed: String = lines
        .map(|text| text.trim_end().to_owned() + "\n")
        .collect();
    let printed = printed.into_bytes();
    let Some(job) = &compiled.job else {
        return expectation.settle(&printed);
    };
    let sources = inputs(job)?;
    let unresolved = job;
    let job = &resolve(unresolved, &inputs, &SimOptions::full(1, 1))
        .map_err(|error| error.to_string())?;
    let first = run(job, &sources, &SimOptions::full(1, 1)).map_err(|error| error.to_string())?;
    let found = [printed.clone(), sections(job, &first.sinks, &first.rows)].concat();
    let ends_early = job.statements.iter().any(|it| it.limit.is_some());
    let case = Case {
        unresolved,
        job,
        sources: &sources,
        printed,
        ordered: job.sinks.iter().all(|sink| sink.ordered),
        found,
        // How far a statement with a LIMIT reads depends on timing.
        ledgers: (!ends_early).then_some(first.ledgers),
    };
    let verdict = case.settle(expectation)?;
    case.vary(shapes)?;
    Ok(verdict)
}

/// A query and its answer with one worker.
struct Case<'a> {
    /// As planned.
    unresolved: &'a Job,
    /// With the results of its subqueries.
    job: &'a Job,
    sources: &'a [SimSource],
    printed: Vec<u8>,
    ordered: bool,
    found: Vec<u8>,
    ledgers: Option<Vec<LedgerCounts>>,
}

impl Case<'_> {
    fn settle(&self, expectation: &Expectation) -> Result<Verdict, String> {
        if self.ordered {
            return expectation.settle(&self.found);
        }
        let expected = sorted_lines(&expectation.expected);
        if expected == sorted_lines(&self.found) {
            return Ok(Verdict::Passed);
        }
        expectation.settle(&self.found)
    }

    /// Any number of workers, size of reads, rings and morsels, and a snapshot restored into another number of
    /// workers must give what one worker gave.
    fn vary(&self, shapes: &Shapes) -> Result<(), String> {
        for options in shapes.options() {
            let what = describe(&options);
            let outcome = resolve(self.unresolved, &inputs, &options)
                .and_then(|job| run(&job, self.sources, &options))
                .map_err(|error| format!("{what}: {error}"))?;
            let rows = sections(self.job, &outcome.sinks, &outcome.rows);
            let found = [self.printed.clone(), rows].concat();
            let difference = if self.ordered {
                diff(&self.found, &found)
            } else {
                diff(&sorted_lines(&self.found), &sorted_lines(&found))
            };
            if let Some(difference) = difference {
                return Err(format!(
                    "{what} gives another answer than one worker\n{difference}"
                ));
            }
            if let Some(known) = &self.ledgers
                && *known != outcome.ledgers
            {
                return Err(format!(
                    "{what} counts\n{:?}\nwhere one worker counts\n{known:?}",
                    outcome.ledgers
                ));
            }
        }
        Ok(())
    }
}

fn describe(options: &SimOptions) -> String {
    let SimOptions {
        seed,
        workers,
        rescale_to,
        read_bytes_max,
        morsel_rows_max,
        slots_max,
    } = options;
    let restored = rescale_to.map_or(String::new(), |to| {
        format!(", a snapshot restored into {to} workers")
    });
    format!(
        "{workers} workers{restored}, reads of up to {read_bytes_max} bytes, morsels of up to {morsel_rows_max} rows, \
         rings of up to {slots_max} slots, seed {seed}"
    )
}
