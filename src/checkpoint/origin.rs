//! What a checkpoint was taken of, and whether a job can go on from it.

use crate::error::JobError;
use crate::plan::{GeneratorPlan, Job, Pace, SourceConnector, SourcePlan};
use std::fmt::{Debug, Write};
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

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
    pub files: Vec<Vec<String>>,
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
                .map(|source| paths(source).iter().map(|path| name(path)).collect())
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
            let Some(changed) = (0..upto).find(|&at| now.get(at) != then.get(at)) else {
                continue;
            };
            let is_now = now.get(changed).map_or("missing", |name| name);
            return Some(format!(
                "its input file {} was {}, now it is {is_now}",
                changed + 1,
                then[changed]
            ));
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
    hasher.add(&job.statements);
    hasher.add(&job.sinks);
    hasher.add(&job.watermark_grid);
    hasher.add(&job.settings.hash_seed);
    hasher.0.finish()
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
