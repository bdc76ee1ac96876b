//! A file, written through io_uring by a local task of the executor that polls it.
//!
//! The file is created or emptied when the sink is opened, so that a wrong path is told before anything runs.
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
    offset: u64,
    is_durable: bool,
}

enum Ring {
    Idle(Option<BufferedFile>),
    Working(Rc<RefCell<Option<Worked>>>),
    /// After a failure: nothing more is written.
    Failed,
}

/// What a task did.
struct Worked {
    file: Option<BufferedFile>,
    result: io::Result<Work>,
}

#[derive(Clone, Copy)]
enum Work {
    Written { bytes: u64 },
    Synced,
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
        Ok(Self {
            path: path.to_owned(),
            created,
            ring: Ring::Idle(None),
            waiting: None,
            offset: 0,
            is_durable: false,
        })
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
            self.is_durable = false;
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
                    Ok(written) => Ok(Work::Written {
                        bytes: written as u64,
                    }),
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
        matches!(self.ring, Ring::Working(_))
    }

    /// See [`super::SinkWriter::finish`].
    ///
    /// # Errors
    /// `JobError::Io`.
    pub fn finish(&mut self) -> Result<Finish, JobError> {
        if self.poll()? == SinkState::Busy {
            return Ok(Finish::Busy);
        }
        if self.is_durable {
            return Ok(Finish::Done);
        }
        // Nothing to sync in a pipe or a terminal that was named as a file.
        if !self.created.metadata().is_ok_and(|it| it.is_file()) {
            self.is_durable = true;
            return Ok(Finish::Done);
        }
        self.start(|file| async move {
            let result = file.fdatasync().await.map(|()| Work::Synced);
            (file, result.map_err(io::Error::from))
        });
        Ok(Finish::Busy)
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
            Ok(work) => {
                self.ring = Ring::Idle(file);
                match work {
                    Work::Written { bytes } => self.offset += bytes,
                    Work::Synced => self.is_durable = true,
                }
                Ok(())
            }
            Err(error) => {
                self.ring = Ring::Failed;
                Err(JobError::Io {
                    what: format!("writing {}", self.path.display()),
                    hint: hint_for(&error, &self.path),
                    cause: error.to_string(),
                })
            }
        }
    }

    fn start<F>(&mut self, work: impl FnOnce(BufferedFile) -> F + 'static)
    where
        F: Future<Output = (BufferedFile, io::Result<Work>)> + 'static,
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

fn hint_for(error: &io::Error, path: &Path) -> Option<String> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
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
