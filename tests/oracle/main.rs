//! Random queries over random data: the engine against the oracle, for any seed.
//!
//! Each seed makes tables with their bytes (`data`), queries as text (`query`), and several ways to run them:
//! workers, sizes, and a snapshot restored into another number of workers. The bytes of every sink and the
//! ledger of every statement must be the oracle's. A disagreement is reduced to the records that still show
//! it, and printed with the command that repeats it.
//!
//! `SEED=7 cargo test --test oracle -- --nocapture` runs one seed, `ORACLE_SEEDS=5000` runs more of them.

mod binary;
mod data;
mod frames;
mod late;
mod nest;
mod query;
mod scalar;
mod subquery;
mod union;

use data::Table;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;
use velo_tpc::error::Reason;
use velo_tpc::plan::{Job, OperatorPlan};
use velo_tpc::sim::oracle::{self, Counts};
use velo_tpc::sim::{Random, SimOptions, SimSource, resolve, run};
use velo_tpc::sql::{self, CompileOptions, Environment};
use velo_tpc::worker::LedgerCounts;

/// Seeds of a plain `cargo test`.
const SEEDS: u64 = 140;
/// First seed of a plain `cargo test`.
const FIRST_SEED: u64 = 1;

/// Time spent on reducing one disagreement.
const REDUCTION: Duration = Duration::from_secs(4);

struct Case {
    tables: Vec<Table>,
    script: String,
    /// SET 'state.ttl', now and then; the planner may refuse it.
    ttl: &'static str,
    runs: Vec<SimOptions>,
}

/// Lengths of event time after which state is forgotten; rows come some 40 ms apart.
const TTLS: [&str; 4] = [
    "SET 'state.ttl' = '20ms';\n",
    "SET 'state.ttl' = '90ms';\n",
    "SET 'state.ttl' = '400ms';\n",
    "SET 'state.ttl' = '3 s';\n",
];

impl Case {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut rows = [30, 120, 300][random.below(3) as usize];
        let names = ["t", "u"];
        let count = if random.one_in(4) { 2 } else { 1 };
        let mut shapes = random.clone();
        let made = |random: &mut Random, rows| -> Vec<Table> {
            let names = names.iter().take(count);
            names.map(|name| data::table(random, name, rows)).collect()
        };
        let mut tables = made(&mut random, rows);
        let script = query::script(&mut random, &tables);
        // A second table's shape depends on how many rows the first has.
        let same_shapes = count == 1;
        if script.keyless && same_shapes && !is_slow(&script.text) && random.one_in(3) {
            rows = 6_000;
            tables = made(&mut shapes, rows);
        }
        let ddl: String = tables.iter().map(|table| table.ddl.as_str()).collect();
        let runs = (0..3)
            .map(|index| options(&mut random, index, rows))
            .collect();
        // Drawn last: what else a seed draws does not depend on it.
        let ttl = ttl(&mut random);
        Self {
            tables,
            script: ddl + &script.text,
            ttl,
            runs,
        }
    }
}

impl Case {
    /// The bytes of the job's tables.
    fn inputs(&self, job: &Job) -> Vec<Vec<Vec<u8>>> {
        let sources = job.sources.iter();
        let files = sources.map(|source| {
            let table = if source.name == "t" { 0 } else { 1 };
            let files = self.tables[table].bytes().into_iter();
            files.map(|file| file.1).collect()
        });
        files.collect()
    }

    fn sources(&self, job: &Job) -> Vec<SimSource> {
        let inputs = self.inputs(job).into_iter();
        inputs.map(SimSource::new).collect()
    }
}

/// The setting of half of all cases.
fn ttl(random: &mut Random) -> &'static str {
    match random.one_in(2) {
        true => TTLS[random.below(TTLS.len() as u64) as usize],
        false => "",
    }
}

/// The `index`th way to run: one without interruption, the others with.
fn options(random: &mut Random, index: u64, rows: u64) -> SimOptions {
    let workers = 1 + random.below(5) as usize;
    let seed = random.next();
    let options = if rows > 1000 || random.one_in(3) {
        SimOptions::full(seed, workers)
    } else {
        SimOptions::tiny(seed, workers)
    };
    if index == 0 {
        options
    } else {
        options.rescaled(1 + random.below(5) as usize)
    }
}

/// The tables' files.
struct Files(Vec<(String, Vec<u8>)>);

impl Environment for Files {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn files(&self, pattern: &str) -> Result<Vec<PathBuf>, String> {
        let stem = pattern.trim_end_matches(".in").trim_end_matches('*');
        let names = self.0.iter().map(|file| &file.0);
        Ok(names
            .filter(|name| name.starts_with(stem))
            .map(PathBuf::from)
            .collect())
    }

    fn head(&self, path: &Path, bytes: usize) -> Result<Vec<u8>, String> {
        let found = self.0.iter().find(|file| Path::new(&file.0) == path);
        let (_, content) = found.ok_or("no such file")?;
        Ok(content[..content.len().min(bytes)].to_vec())
    }
}

/// What became of a case.
enum Verdict {
    /// Engine and oracle agree; runs that were asked to rescale, and those that did.
    /// Whether keys expire in one of its statements.
    Agrees { rescales: [u64; 2], expires: bool },
    /// The planner refuses the text.
    Refused(String),
    /// They differ.
    Differs(String),
}

/// The job of a case: with its TTL, unless the planner refuses that.
fn compile(case: &Case) -> Result<Job, String> {
    match compile_text(case, &format!("{}{}", case.ttl, case.script)) {
        Err(error) if error.contains("'state.ttl'") => compile_text(case, &case.script),
        compiled => compiled,
    }
}

/// Whether keys expire in one of the job's operators.
fn expires(job: &Job) -> bool {
    let stages = job.statements.iter().flat_map(|it| &it.stages);
    let mut operators = stages.flat_map(|stage| &stage.operators);
    operators.any(|operator| match operator {
        OperatorPlan::Aggregate(plan) => plan.ttl.is_some(),
        OperatorPlan::Over(plan) => plan.ttl.is_some(),
        OperatorPlan::Fill(plan) => plan.ttl_ns.is_some(),
        _ => false,
    })
}

fn compile_text(case: &Case, script: &str) -> Result<Job, String> {
    let files = Files(case.tables.iter().flat_map(Table::bytes).collect());
    let options = CompileOptions {
        stdout_format: Some("csv".to_owned()),
        ..CompileOptions::default()
    };
    let compiled = sql::compile(script, &options, &files);
    let compiled = compiled.map_err(|error| error.render("case", script))?;
    Ok(compiled.job.expect("a query makes a job"))
}

fn check(case: &Case) -> Verdict {
    let job = match compile(case) {
        Ok(job) => job,
        Err(error) => return Verdict::Refused(error),
    };
    let inputs_of = |job: &Job| Ok(case.inputs(job));
    let inputs = case.inputs(&job);
    let resolved = match oracle::resolve(&job, &inputs_of) {
        Ok(resolved) => resolved,
        Err(error) => return Verdict::Refused(format!("oracle: {error}")),
    };
    let answers = match oracle::run(&resolved, &inputs) {
        Ok(answers) => answers,
        Err(error) => return Verdict::Refused(format!("oracle: {error}")),
    };
    let expected: Vec<String> = (0..job.sinks.len())
        .map(|sink| expected_sink(&job, sink, &answers))
        .collect();
    let sources = case.sources(&job);
    let mut rescales = [0, 0];
    for options in &case.runs {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let job = resolve(&job, &|job| Ok(case.sources(job)), options)?;
            run(&job, &sources, options)
        }));
        let outcome = match outcome {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => return Verdict::Differs(format!("{options:?}: {error}")),
            Err(_) => return Verdict::Differs(format!("{options:?}: a panic (see above)")),
        };
        rescales[0] += u64::from(options.rescale_to.is_some());
        rescales[1] += u64::from(outcome.rescaled);
        for (sink, expected) in expected.iter().enumerate() {
            let found = String::from_utf8_lossy(&outcome.sinks[sink]);
            if let Some(difference) = difference(expected, &found) {
                return Verdict::Differs(format!("{options:?}: sink {sink}: {difference}"));
            }
        }
        for (index, (answer, ledger)) in answers.iter().zip(&outcome.ledgers).enumerate() {
            // A statement that stops at its LIMIT need not have read on.
            if job.statements[index].limit.is_none()
                && let Some(difference) = ledger_difference(&answer.counts, ledger)
            {
                return Verdict::Differs(format!("{options:?}: ledger {index}: {difference}"));
            }
        }
    }
    Verdict::Agrees {
        rescales,
        expires: expires(&job),
    }
}

/// The bytes of a sink: the rows of its statements in one order, ties by statement.
fn expected_sink(job: &Job, sink: usize, answers: &[oracle::Answer]) -> String {
    let statements = job.statements.iter().zip(answers);
    let mut rows = Vec::new();
    for (statement, answer) in statements {
        if usize::from(statement.sink.0) == sink {
            rows.extend(answer.rows.iter().cloned());
        }
    }
    rows.sort_by_key(|row| row.0);
    let bytes = oracle::render(&job.sinks[sink], &rows).expect("sinks are CSV");
    String::from_utf8(bytes).expect("text")
}

fn difference(expected: &str, found: &str) -> Option<String> {
    if expected == found {
        return None;
    }
    let mut pairs = expected.lines().zip(found.lines()).enumerate();
    let counts = (expected.lines().count(), found.lines().count());
    let line = pairs
        .find(|(_, (a, b))| a != b)
        .map_or(counts.0.min(counts.1), |(line, _)| line);
    let show = |text: &str| text.lines().nth(line).unwrap_or("(end)").to_owned();
    Some(format!(
        "line {line} of {} expected and {} found\nexpected: {}\nfound:    {}",
        counts.0,
        counts.1,
        show(expected),
        show(found)
    ))
}

fn ledger_difference(expected: &Counts, found: &LedgerCounts) -> Option<String> {
    let mut pairs = vec![
        ("read", expected.read, found.read),
        ("used", expected.used, found.used),
        ("filtered", expected.filtered, found.filtered),
        ("late", expected.late, found.late),
        ("out_of_order", expected.out_of_order, found.out_of_order),
        ("corrected", expected.corrected, found.corrected),
        (
            "late_assignments",
            expected.late_assignments,
            found.late_assignments,
        ),
        (
            "group_errors",
            expected.group_errors.values().sum(),
            found.group_errors,
        ),
    ];
    for reason in Reason::ALL {
        let expected = expected.rejected.get(&reason).copied().unwrap_or(0);
        pairs.push((reason.name(), expected, found.rejected[reason as usize]));
    }
    let wrong = pairs
        .iter()
        .filter(|(_, expected, found)| expected != found);
    let texts: Vec<_> = wrong
        .map(|(name, expected, found)| format!("{name} {expected} expected, {found} found"))
        .collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// Leaves out records as long as the case still differs.
fn reduce(mut case: Case, mut message: String) -> (Case, String) {
    let started = std::time::Instant::now();
    let mut part = case
        .tables
        .iter()
        .flat_map(|table| &table.files)
        .map(Vec::len)
        .max()
        .unwrap_or(1);
    while part > 0 {
        let mut smaller = false;
        for table in 0..case.tables.len() {
            for file in 0..case.tables[table].files.len() {
                let mut from = 0;
                while from < case.tables[table].files[file].len() && started.elapsed() < REDUCTION {
                    let records = case.tables[table].files[file].clone();
                    let to = (from + part).min(records.len());
                    case.tables[table].files[file].drain(from..to);
                    match check(&case) {
                        Verdict::Differs(other) => {
                            message = other;
                            smaller = true;
                        }
                        _ => {
                            case.tables[table].files[file] = records;
                            from = to;
                        }
                    }
                }
            }
        }
        if !smaller || part > 1 {
            part /= 2;
        }
    }
    (case, message)
}

fn report(seed: u64, message: String) -> String {
    let (case, message) = reduce(Case::new(seed), message);
    let mut text = format!(
        "SEED={seed} cargo test --test oracle -- --nocapture\n{}{}\n{message}\n",
        case.ttl, case.script
    );
    for (name, bytes) in case.tables.iter().flat_map(Table::bytes) {
        let content = String::from_utf8_lossy(&bytes);
        let shown: String = content.chars().take(2500).collect();
        text += &format!("--- {name}\n{shown}\n");
    }
    text
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Whether the oracle takes a time that grows with the square of the rows.
fn is_slow(text: &str) -> bool {
    let changes = text
        .lines()
        .any(|line| line.starts_with("INSERT") && !line.contains(" FINAL"));
    changes
        || ["CHANGES", "DISTINCT", " k0"]
            .iter()
            .any(|word| text.contains(word))
}

#[test]
fn the_engine_and_the_oracle_agree() {
    let one = number("SEED");
    let first = one.unwrap_or(number("ORACLE_FIRST").unwrap_or(FIRST_SEED));
    let count = if one.is_some() {
        1
    } else {
        number("ORACLE_SEEDS").unwrap_or(SEEDS)
    };
    let mut reports = Vec::new();
    let mut failed = Vec::new();
    let (mut refused, mut asked, mut rescaled, mut expiring) = (0, 0, 0, 0);
    for seed in first..first + count {
        let case = Case::new(seed);
        match check(&case) {
            Verdict::Agrees { rescales, expires } => {
                expiring += u64::from(expires);
                asked += rescales[0];
                rescaled += rescales[1];
            }
            // What is not built is refused with an error, and says so.
            Verdict::Refused(error) if !error.contains("is not built") => {
                failed.push(seed);
                reports.push(format!("seed {seed} is refused: {error}"));
            }
            Verdict::Refused(error) => {
                refused += 1;
                eprintln!("seed {seed} is refused: {error}");
            }
            Verdict::Differs(message) => {
                failed.push(seed);
                if reports.len() < 12 {
                    reports.push(report(seed, message));
                }
            }
        }
    }
    eprintln!(
        "{count} seeds, {refused} refused, {expiring} with state.ttl, {rescaled} of {asked} interruptions took place"
    );
    assert!(
        failed.is_empty(),
        "seeds {failed:?} differ\n\n{}",
        reports.join("\n\n")
    );
    if count >= 100 {
        assert!(
            refused * 10 < count,
            "{refused} of {count} queries are refused: mend query.rs"
        );
        assert!(
            expiring * 20 > count,
            "keys expire in {expiring} of {count} cases only: mend TTLS"
        );
        assert!(
            rescaled * 2 > asked,
            "{rescaled} of {asked} snapshots were taken: mend barrier_after"
        );
    }
}
