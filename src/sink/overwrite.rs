//! A sink's file is emptied at start: not one that the job reads, nor one that another sink writes.

use crate::error::JobError;
use crate::plan::{Job, SinkConnector, SourceConnector};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Refuses a job that would empty its own input or write two sinks into one file.
///
/// # Errors
/// `JobError::Io` naming both sides.
pub fn refuse_overwriting(job: &Job) -> Result<(), JobError> {
    let mut taken: Vec<(PathBuf, String)> = Vec::new();
    read_files(job, &mut taken);
    for sink in &job.sinks {
        let SinkConnector::File { path } = &sink.connector else {
            continue;
        };
        if let Some((_, why)) = taken.iter().find(|(other, _)| is_same_file(path, other)) {
            return Err(JobError::Io {
                what: format!("writing sink {} to {}", sink.name, path.display()),
                cause: why.clone(),
                hint: Some("give the sink a path of its own".to_owned()),
            });
        }
        taken.push((path.clone(), format!("sink {} writes it", sink.name)));
    }
    Ok(())
}

/// The files that the job and its subqueries read.
fn read_files(job: &Job, taken: &mut Vec<(PathBuf, String)>) {
    for source in &job.sources {
        if let SourceConnector::File { paths, .. } = &source.connector {
            let reader = format!("source {} reads it", source.name);
            taken.extend(paths.iter().map(|path| (path.clone(), reader.clone())));
        }
    }
    for subquery in &job.subqueries {
        read_files(&subquery.job, taken);
    }
}

/// Same file by identity, or by name where it does not exist yet. Devices such as `/dev/null` are shared freely.
fn is_same_file(one: &Path, other: &Path) -> bool {
    match (std::fs::metadata(one), std::fs::metadata(other)) {
        (Ok(one), Ok(other)) => {
            one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino())
        }
        (Err(_), Err(_)) => one == other,
        _ => false,
    }
}
