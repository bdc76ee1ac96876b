//! A file, written through io_uring by a local task of the executor that polls it.
//!
//! The file is created or emptied when the sink is opened, so that a wrong path is told before anything runs; a run
//! that goes on from a checkpoint cuts it to the bytes it had there.
//! glommio keeps a buffer that was written, so buffers do not come back from here.

use super::{Finish, SinkState};
use crate::error::JobError;
use glommio::io::{BufferedFile, OpenOptions};
use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Writes a file from front to back.
pub struct FileSink {
    // Fixed at construction.
    path: PathBuf,
    /// Keeps the descriptor that the ring's file is opened by.
    created: File,
    // State.
    ring: Ring,
    waiting: Option<Vec<u8>>,
    /// Bytes written.
    offset: u64,
    /// Of them, those known to be durable.
    durable: u64,
    /// A sync beside the writes: up to where, and its result.
    sync: Option<(u64, SyncResult)>,
}

type SyncResult = Rc<RefCell<Option<io::Result<()>>>>;

enum Ring {
    Idle(Option<BufferedFile>),
    Working(Rc<RefCell<Option<Worked>>>),
    /// After a failure: nothing more is written.
    Failed,
}

/// What a task did.
struct Worked {
    file: Option<BufferedFile>,
    /// Bytes written.
    result: io::Result<u64>,
}

impl FileSink {
    /// Creates or empties the file at `path`.
    ///
    /// # Errors
    /// `JobError::Io` with the path and the cure.
    pub fn create(path: &Path) -> Result<Self, JobError> {
        let created = File::create(path).map_err(|error| JobError::Io {
            what: format!("creating {}", path.display()),
            hint: hint_for(&error, path),
            cause: error.to_string(),
        })?;
        Ok(Self::over(path, created, 0))
    }

    /// Goes on with the file at `path`, of which an earlier run had written `bytes` at its checkpoint.
    ///
    /// # Errors
    /// `JobError::Io` with the path and the cure, also when the file is shorter.
    pub fn resume(path: &Path, bytes: u64) -> Result<Self, JobError> {
        let fail = |error: io::Error| JobError::Io {
            what: format!("going on with {}", path.display()),
            hint: hint_for(&error, path),
            cause: error.to_string(),
        };
        let created = File::options()
            .write(true)
            .create(bytes == 0)
            .truncate(false)
            .open(path)
            .map_err(fail)?;
        let metadata = created.metadata().map_err(fail)?;
        if !metadata.is_file() {
            return Ok(Self::over(path, created, bytes));
        }
        if metadata.len() < bytes {
            return Err(JobError::Io {
                what: format!("going on with {}", path.display()),
                cause: format!(
                    "it has {} bytes, {bytes} were written when the checkpoint was taken",
                    metadata.len()
                ),
                hint: Some(
                    "bring the file back, or remove the checkpoint directory to start over"
                        .to_owned(),
                ),
            });
        }
        created.set_len(bytes).map_err(fail)?;
        Ok(Self::over(path, created, bytes))
    }

    fn over(path: &Path, created: File, offset: u64) -> Self {
        Self {
            path: path.to_owned(),
            created,
            ring: Ring::Idle(None),
            waiting: None,
            offset,
            durable: 0,
            sync: None,
        }
    }

    /// Whether the first `bytes` bytes are durable; if they are written and not, makes them so beside the writes that
    /// follow.
    ///
    /// # Errors
    /// `JobError::Io`.
    pub fn make_durable(&mut self, bytes: u64) -> Result<bool, JobError> {
        if let Some((upto, cell)) = &self.sync {
            let Some(result) = cell.borrow_mut().take() else {
                return Ok(false);
            };
            let upto = *upto;
            self.sync = None;
            result.map_err(|error| self.failure(&error))?;
            self.durable = upto;
        }
        if bytes <= self.durable || !self.created.metadata().is_ok_and(|it| it.is_file()) {
            return Ok(true);
        }
        if bytes <= self.offset {
            let cell = Rc::new(RefCell::new(None));
            let result = Rc::clone(&cell);
            let descriptor = self.created.as_raw_fd();
            // The file's name is to survive too.
            let named_in = (self.durable == 0).then(|| parent_of(&self.path).to_owned());
            glommio::spawn_local(async move {
                *result.borrow_mut() = Some(sync_file(descriptor, named_in).await);
            })
            .detach();
            self.sync = Some((self.offset, cell));
        }
        Ok(false)
    }

    fn failure(&self, error: &io::Error) -> JobError {
        JobError::Io {
            what: format!("writing {}", self.path.display()),
            hint: hint_for(error, &self.path),
            cause: error.to_string(),
        }
    }

    /// See [`super::SinkWriter::write`].
    ///
    /// # Panics
    /// When the bytes before are not written yet.
    pub fn write(&mut self, bytes: Vec<u8>) {
        assert!(
            self.waiting.is_none() && matches!(self.ring, Ring::Idle(_)),
            "a sink is written to when it is idle"
        );
        if !bytes.is_empty() {
            self.waiting = Some(bytes);
        }
    }

    /// See [`super::SinkWriter::poll`].
    ///
    /// # Errors
    /// `JobError::Io`.
    pub fn poll(&mut self) -> Result<SinkState, JobError> {
        self.collect()?;
        if let Some(bytes) = self.waiting.take() {
            let offset = self.offset;
            self.start(move |file| async move {
                let len = bytes.len();
                let written = file.write_at(bytes, offset).await;
                let result = match written {
                    Ok(written) if written < len => Err(io::Error::other(format!(
                        "{written} of {len} bytes were written: the disk is full or a limit is reached"
                    ))),
                    Ok(written) => Ok(written as u64),
                    Err(error) => Err(error.into()),
                };
                (file, result)
            });
        }
        Ok(match self.ring {
            Ring::Working(_) => SinkState::Busy,
            Ring::Idle(_) | Ring::Failed => SinkState::Idle(None),
        })
    }

    /// Whether a write or a sync is under way.
    pub fn waits_for_ring(&self) -> bool {
        matches!(self.ring, Ring::Working(_)) || self.sync.is_some()
    }

    /// See [`super::SinkWriter::finish`].
    ///
    /// # Errors
    /// `JobError::Io`.
    pub fn finish(&mut self) -> Result<Finish, JobError> {
        if self.poll()? == SinkState::Busy {
            return Ok(Finish::Busy);
        }
        Ok(match self.make_durable(self.offset)? {
            true => Finish::Done,
            false => Finish::Busy,
        })
    }

    /// Takes the result of a task that has ended.
    fn collect(&mut self) -> Result<(), JobError> {
        let Ring::Working(cell) = &self.ring else {
            return Ok(());
        };
        let Some(Worked { file, result }) = cell.borrow_mut().take() else {
            return Ok(());
        };
        match result {
            Ok(bytes) => {
                self.ring = Ring::Idle(file);
                self.offset += bytes;
                Ok(())
            }
            Err(error) => {
                self.ring = Ring::Failed;
                Err(self.failure(&error))
            }
        }
    }

    fn start<F>(&mut self, work: impl FnOnce(BufferedFile) -> F + 'static)
    where
        F: Future<Output = (BufferedFile, io::Result<u64>)> + 'static,
    {
        let Ring::Idle(file) = &mut self.ring else {
            return;
        };
        let file = file.take();
        let descriptor = self.created.as_raw_fd();
        let cell = Rc::new(RefCell::new(None));
        let result = Rc::clone(&cell);
        glommio::spawn_local(async move {
            let opened = match file {
                Some(file) => Ok(file),
                None => open_ring_file(descriptor).await,
            };
            *result.borrow_mut() = Some(match opened {
                Ok(file) => {
                    let (file, result) = work(file).await;
                    Worked {
                        file: Some(file),
                        result,
                    }
                }
                Err(error) => Worked {
                    file: None,
                    result: Err(error),
                },
            });
        })
        .detach();
        self.ring = Ring::Working(cell);
    }
}

async fn open_ring_file(descriptor: i32) -> io::Result<BufferedFile> {
    OpenOptions::new()
        .write(true)
        .buffered_open(format!("/proc/self/fd/{descriptor}"))
        .await
        .map_err(io::Error::from)
}

async fn sync_file(descriptor: i32, named_in: Option<PathBuf>) -> io::Result<()> {
    let file = open_ring_file(descriptor).await?;
    file.fdatasync().await?;
    match named_in {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}

fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn hint_for(error: &io::Error, path: &Path) -> Option<String> {
    let parent = parent_of(path);
    match error.kind() {
        io::ErrorKind::NotFound => Some(format!(
            "the directory does not exist: mkdir -p {}",
            parent.display()
        )),
        io::ErrorKind::PermissionDenied => Some(format!("ls -ld {}", parent.display())),
        io::ErrorKind::StorageFull => Some(format!("make room: df -h {}", parent.display())),
        _ => None,
    }
}
