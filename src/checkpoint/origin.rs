//! What a checkpoint was taken of, and whether a job can go on from it.

use crate::error::JobError;
use crate::plan::{GeneratorPlan, Job, OperatorPlan, Pace, SourceConnector, SourcePlan};
use std::fmt::{Debug, Write};
use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes of a file's beginning that tell it from another of its name.
const HEAD_BYTES: u64 = 4096;

/// An input file as it was.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct FileMark {
    /// Its path, as the query has it.
    pub name: String,
    /// Bytes of its beginning that `crc` is of: all, where it was shorter than that.
    pub head_bytes: u64,
    /// Their CRC-32.
    pub crc: u32,
}

impl FileMark {
    /// Of the file at `path`; one that cannot be read is told when it is opened.
    pub fn of(path: &Path) -> Self {
        let (head_bytes, crc) = head_of(path, HEAD_BYTES);
        Self {
            name: name(path),
            head_bytes,
            crc,
        }
    }

    /// Whether the file of that name begins as it did.
    fn is_the_same(&self) -> bool {
        head_of(Path::new(&self.name), self.head_bytes) == (self.head_bytes, self.crc)
    }
}

/// How many of the first `bytes` bytes there are, and their CRC-32.
fn head_of(path: &Path, bytes: u64) -> (u64, u32) {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(bytes).read_to_end(&mut head));
    if read.is_err() {
        head.clear();
    }
    (head.len() as u64, crc32fast::hash(&head))
}

/// What a checkpoint was taken of.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct Origin {
    /// Version of the engine.
    pub engine: String,
    /// Hash of the job's plan, without what may differ from run to run: cores, workers, pace, limits, names of input
    /// files.
    pub plan: u64,
    /// Files of each source; empty for one that has none.
    pub files: Vec<Vec<FileMark>>,
}

impl Origin {
    /// Of `job`, its subqueries being answered.
    pub fn of(job: &Job) -> Self {
        Self {
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            plan: plan_hash(job),
            files: job
                .sources
                .iter()
                .map(|source| {
                    paths(source)
                        .iter()
                        .map(|path| FileMark::of(path))
                        .collect()
                })
                .collect(),
        }
    }

    /// Why a job of this origin cannot go on from a checkpoint of `taken`, whose sources stand in the files of these
    /// numbers; `None` when it can. Files may have come behind those.
    pub fn differs(&self, taken: &Self, stands_in: impl Iterator<Item = u32>) -> Option<String> {
        if self.engine != taken.engine {
            let (then, now) = (&taken.engine, &self.engine);
            return Some(format!("it was taken by version {then}, this is {now}"));
        }
        if self.plan != taken.plan {
            return Some(
                "it was taken of another query, or of the same over other columns or subquery results"
                    .to_owned(),
            );
        }
        let files = self.files.iter().zip(&taken.files);
        for ((now, then), file) in files.zip(stands_in) {
            let upto = then.len().min(file as usize + 1);
            for (at, then) in then[..upto].iter().enumerate() {
                let (number, name) = (at + 1, &then.name);
                let is_now = now.get(at).map_or("missing", |now| &now.name);
                if is_now != name {
                    let changed = format!("its input file {number} was {name}, now it is {is_now}");
                    return Some(changed);
                }
                if !then.is_the_same() {
                    return Some(format!("its input file {name} begins with other bytes now"));
                }
            }
        }
        None
    }
}

fn plan_hash(job: &Job) -> u64 {
    let mut hasher = PlanHasher(DefaultHasher::new());
    for source in &job.sources {
        let mut source = source.clone();
        source.pace = Pace::Max;
        match &mut source.connector {
            SourceConnector::File { paths, .. } => paths.clear(),
            SourceConnector::Generator(GeneratorPlan { rate, .. }) => *rate = None,
            SourceConnector::Stdin | SourceConnector::Tcp { .. } => {}
        }
        hasher.add(&source);
    }
    hasher.add(&job.routes);
    let mut statements = job.statements.clone();
    let stages = statements.iter_mut().flat_map(|it| &mut it.stages);
    stages.flat_map(|it| &mut it.operators).for_each(lift_limit);
    hasher.add(&statements);
    hasher.add(&job.sinks);
    hasher.add(&job.watermark_grid);
    hasher.add(&job.settings.hash_seed);
    hasher.0.finish()
}

/// A job that reached its limit goes on with a greater one.
fn lift_limit(operator: &mut OperatorPlan) {
    let limit = match operator {
        OperatorPlan::Aggregate(plan) => &mut plan.groups_max,
        OperatorPlan::Over(plan) => &mut plan.groups_max,
        OperatorPlan::Lead(plan) => &mut plan.groups_max,
        OperatorPlan::Fill(plan) => &mut plan.groups_max,
        OperatorPlan::LateForSessions(plan) => &mut plan.groups_max,
        OperatorPlan::Coalesce(plan) => &mut plan.groups_max,
        _ => return,
    };
    *limit = 0;
}

/// Hashes what Debug writes: plans derive it, so nothing of them is left out.
struct PlanHasher(DefaultHasher);

impl PlanHasher {
    fn add(&mut self, part: &impl Debug) {
        writeln!(self, "{part:?}").expect("a hasher takes all");
    }
}

impl Write for PlanHasher {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

fn paths(source: &SourcePlan) -> &[PathBuf] {
    match &source.connector {
        SourceConnector::File { paths, .. } => paths,
        _ => &[],
    }
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

/// Refuses a job whose sources cannot be read again from where they stood.
///
/// # Errors
/// `JobError::Io` naming the source and the cure.
pub fn check(job: &Job) -> Result<(), JobError> {
    for source in &job.sources {
        let stream = match &source.connector {
            SourceConnector::Stdin => Some("stdin".to_owned()),
            SourceConnector::Tcp { address, .. } => Some(format!("tcp {address}")),
            SourceConnector::Generator(_) => None,
            SourceConnector::File { paths, .. } => paths
                .iter()
                .find(|path| !std::fs::metadata(path).is_ok_and(|it| it.is_file()))
                .map(|path| name(path)),
        };
        if let Some(stream) = stream {
            return Err(JobError::Io {
                what: format!("checkpoints of source {}", source.name),
                cause: format!(
                    "{stream} is not a regular file: what it gave cannot be read again after a restart"
                ),
                hint: Some(
                    "record it into a file and read that with 'follow' = 'true', or run without \
                     checkpoint.dir"
                        .to_owned(),
                ),
            });
        }
    }
    Ok(())
}
