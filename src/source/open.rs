//! Opening files so that nothing blocks later, and asking their lengths before a run.

use super::codec::Detection;
use crate::error::JobError;
use crate::plan::{Job, SourceConnector};
use rustix::fs::OFlags;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens `path` for reading. A FIFO without a writer does not block.
pub(super) fn open_for_reading(path: &Path) -> Result<(File, Metadata), JobError> {
    let fail = |cause: io::Error| JobError::Io {
        what: format!("opening {}", path.display()),
        hint: hint_for(&cause, path),
        cause: cause.to_string(),
    };
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(path)
        .map_err(fail)?;
    let metadata = file.metadata().map_err(fail)?;
    if metadata.is_dir() {
        return Err(JobError::Io {
            what: format!("opening {}", path.display()),
            cause: "it is a directory".to_owned(),
            hint: Some(format!("name its files: '{}/*.csv'", path.display())),
        });
    }
    Ok((file, metadata))
}

fn hint_for(cause: &io::Error, path: &Path) -> Option<String> {
    match cause.kind() {
        io::ErrorKind::NotFound if path.is_relative() => {
            let here = std::env::current_dir().ok()?;
            Some(format!("paths are taken from {}", here.display()))
        }
        io::ErrorKind::PermissionDenied => Some(format!("ls -l {}", path.display())),
        _ => None,
    }
}

/// Bytes that a job will read in all, for its progress bar: `None` when an input has no end, is not a regular
/// file, or is compressed.
pub fn input_bytes(job: &Job) -> Option<u64> {
    let mut total = 0u64;
    for source in &job.sources {
        let SourceConnector::File {
            paths,
            follow: false,
        } = &source.connector
        else {
            return None;
        };
        for path in paths {
            let detection = Detection::of(&source.format);
            total = total.checked_add(plain_length(path, detection)?)?;
        }
    }
    (total > 0).then_some(total)
}

fn plain_length(path: &Path, detection: Detection) -> Option<u64> {
    let (mut file, metadata) = open_for_reading(path).ok()?;
    if !metadata.is_file() {
        return None;
    }
    let mut magic = Vec::new();
    file.by_ref().take(4).read_to_end(&mut magic).ok()?;
    let plain = detection.takes_as_plain(&path.to_string_lossy()) || super::codec::is_plain(&magic);
    plain.then_some(metadata.len())
}
