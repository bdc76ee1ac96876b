//! The directory that checkpoints lie in.

use super::file;
use super::{Checkpoint, Origin};
use crate::error::JobError;
use rustix::fs::{FlockOperation, flock};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Names of complete checkpoints begin so; the number follows.
const PREFIX: &str = "checkpoint-";
/// What stands behind the name of one that is being written.
const PART: &str = ".part";
/// Held while a run uses the directory.
const LOCK: &str = "lock";
/// Checkpoints that are kept: the newest, and one to fall back on.
const KEPT: usize = 2;
/// Bytes written at a time.
const BUFFER_BYTES: usize = 1 << 20;

/// A directory of checkpoints, held by one run.
#[derive(Debug)]
pub struct Store {
    // Fixed at construction.
    dir: PathBuf,
    /// Unlocks when it is dropped, and when the process dies.
    _lock: File,
    // State.
    newest: u64,
}

impl Store {
    /// Takes the directory at `dir`, which is made if it is not there.
    ///
    /// # Errors
    /// `JobError::Io` when it cannot be used or another run uses it.
    pub fn open(dir: &Path) -> Result<Self, JobError> {
        let fail = |error: io::Error| failure("using the checkpoint directory", dir, &error);
        std::fs::create_dir_all(dir).map_err(fail)?;
        let lock = File::create(dir.join(LOCK)).map_err(fail)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|_| JobError::Io {
            what: format!("using the checkpoint directory {}", dir.display()),
            cause: "another run uses it".to_owned(),
            hint: Some("give each job a checkpoint.dir of its own".to_owned()),
        })?;
        let mut store = Self {
            dir: dir.to_owned(),
            _lock: lock,
            newest: 0,
        };
        store.newest = store.numbers()?.first().copied().unwrap_or(0);
        Ok(store)
    }

    /// Number of the next checkpoint.
    pub fn next_number(&self) -> u64 {
        self.newest + 1
    }

    /// The newest checkpoint that is whole, for a job of `origin`; what is damaged is told by `tell`.
    ///
    /// # Errors
    /// `JobError::Io` when the directory cannot be read or the newest whole one is not this job's.
    pub fn load(
        &self,
        origin: &Origin,
        tell: &mut dyn FnMut(String),
    ) -> Result<Option<Checkpoint>, JobError> {
        let numbers = self.numbers()?;
        for &number in &numbers {
            let path = self.path(number);
            match read(&path) {
                Ok(checkpoint) => {
                    let files = checkpoint.state.ingest.sources.iter();
                    let stands_in = files.map(|(position, ..)| position.file);
                    return match origin.differs(&checkpoint.origin, stands_in) {
                        None => Ok(Some(checkpoint)),
                        Some(why) => Err(self.foreign(&path, why)),
                    };
                }
                Err(error) => tell(format!("checkpoint {number} is passed over: {error}")),
            }
        }
        match numbers.first() {
            None => Ok(None),
            Some(&number) => Err(self.foreign(
                &self.path(number),
                "neither it nor one before it is whole".to_owned(),
            )),
        }
    }

    fn foreign(&self, path: &Path, cause: String) -> JobError {
        JobError::Io {
            what: format!("going on from {}", path.display()),
            cause,
            hint: Some(format!(
                "to start from the beginning: rm -r {}",
                self.dir.display()
            )),
        }
    }

    /// Makes `checkpoint` durable and removes those that are no longer needed; its bytes.
    ///
    /// # Errors
    /// `JobError::Io`; the checkpoints before are still there.
    pub fn save(&mut self, checkpoint: &Checkpoint) -> Result<u64, JobError> {
        let number = checkpoint.state.id;
        let path = self.path(number);
        let mut part = path.clone().into_os_string();
        part.push(PART);
        let part = PathBuf::from(part);
        let bytes = self
            .write(checkpoint, &part, &path)
            .map_err(|error| failure("writing checkpoint", &path, &error))?;
        self.newest = number;
        for old in self.numbers()?.into_iter().skip(KEPT) {
            // One that stays is removed after the next.
            let _ = std::fs::remove_file(self.path(old));
        }
        Ok(bytes)
    }

    fn write(&self, checkpoint: &Checkpoint, part: &Path, path: &Path) -> io::Result<u64> {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, File::create(part)?);
        let bytes = file::write(checkpoint, &mut out)?;
        out.flush()?;
        out.get_ref().sync_all()?;
        std::fs::rename(part, path)?;
        File::open(&self.dir)?.sync_all()?;
        Ok(bytes)
    }

    /// Removes all checkpoints: the job has come to its end.
    ///
    /// # Errors
    /// `JobError::Io`.
    pub fn clear(&mut self) -> Result<(), JobError> {
        // Whatever a failure leaves can be gone on from.
        for number in self.numbers()? {
            let path = self.path(number);
            std::fs::remove_file(&path)
                .map_err(|error| failure("removing checkpoint", &path, &error))?;
        }
        Ok(())
    }

    fn path(&self, number: u64) -> PathBuf {
        self.dir.join(format!("{PREFIX}{number:010}"))
    }

    /// Numbers of the complete checkpoints, the newest first.
    fn numbers(&self) -> Result<Vec<u64>, JobError> {
        let fail = |error| failure("reading the checkpoint directory", &self.dir, &error);
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.dir).map_err(fail)? {
            let name = entry.map_err(fail)?.file_name();
            let number = name
                .to_str()
                .and_then(|name| name.strip_prefix(PREFIX)?.parse().ok());
            numbers.extend::<Option<u64>>(number);
        }
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        Ok(numbers)
    }
}

fn read(path: &Path) -> Result<Checkpoint, JobError> {
    let open = || {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok((file, len))
    };
    let (file, len) =
        open().map_err(|error: io::Error| failure("reading checkpoint", path, &error))?;
    file::read(&mut BufReader::with_capacity(BUFFER_BYTES, file), len)
}

fn failure(doing: &str, path: &Path, error: &io::Error) -> JobError {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull => Some(format!("make room: df -h {}", path.display())),
        io::ErrorKind::PermissionDenied => Some(format!("ls -ld {}", path.display())),
        _ => None,
    };
    JobError::Io {
        what: format!("{doing} {}", path.display()),
        cause: error.to_string(),
        hint,
    }
}
