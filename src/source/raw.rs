//! Bytes of a file descriptor without ever blocking the core.
//!
//! A regular file in the page cache is read straight into the caller's slice by `preadv2(RWF_NOWAIT)`. When
//! the kernel says that it would have to wait, a local task reads the next bytes through io_uring and a later
//! poll copies them; the kernel's read-ahead then usually stays in front of the next reads. Pipes, FIFOs and
//! terminals are asked by `poll(2)` with a zero timeout before they are read: setting `O_NONBLOCK` would
//! change them for every other process that shares them.

use super::READ_BYTES_MAX;
use super::open::open_for_reading;
use crate::error::JobError;
use glommio::io::{BufferedFile, ReadResult};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Advice, fadvise};
use rustix::io::{Errno, ReadWriteFlags, preadv2};
use std::cell::RefCell;
use std::fs::{File, Metadata};
use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::path::Path;
use std::rc::Rc;
use std::task::Poll;

/// A source of bytes that are given as they lie on the medium.
pub(super) enum Raw {
    Regular(RegularFile),
    Stream(File),
    Stdin,
}

impl Raw {
    /// Opens `path`, which may be a FIFO or a device too.
    pub(super) fn open(path: &Path) -> Result<Self, JobError> {
        let (file, metadata) = open_for_reading(path)?;
        Ok(if metadata.is_file() {
            Self::Regular(RegularFile::new(file))
        } else {
            Self::Stream(file)
        })
    }

    /// Reads into the front of `into`, which is not empty; 0 is the end, which a growing file may outlive.
    pub(super) fn poll_read(&mut self, into: &mut [u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Regular(file) => file.poll_read(into),
            Self::Stream(file) => poll_stream(file.as_fd(), into),
            Self::Stdin => poll_stream(io::stdin().as_fd(), into),
        }
    }

    /// Whether a read through io_uring is under way.
    pub(super) fn waits_for_ring(&self) -> bool {
        matches!(self, Self::Regular(file) if matches!(file.slow, Slow::Reading(_)))
    }

    /// The regular file's state now and how far it has been read; `None` for streams.
    pub(super) fn progress(&self) -> io::Result<Option<(Metadata, u64)>> {
        match self {
            Self::Regular(file) => Ok(Some((file.file.metadata()?, file.offset))),
            _ => Ok(None),
        }
    }
}

/// A regular file read from front to back.
pub(super) struct RegularFile {
    file: File,
    offset: u64,
    /// False once the file system has said that it cannot read without waiting.
    cached: bool,
    slow: Slow,
}

/// The io_uring way.
enum Slow {
    Idle(Option<BufferedFile>),
    Reading(Rc<RefCell<Option<SlowResult>>>),
    Ready {
        bytes: ReadResult,
        at: usize,
        file: BufferedFile,
    },
}

struct SlowResult {
    file: Option<BufferedFile>,
    bytes: io::Result<ReadResult>,
}

impl RegularFile {
    fn new(file: File) -> Self {
        // A hint: the read-ahead window doubles. Where it is not known nothing is lost.
        let _ = fadvise(&file, 0, None, Advice::Sequential);
        Self {
            file,
            offset: 0,
            cached: true,
            slow: Slow::Idle(None),
        }
    }

    /// A file that is never asked for its cached bytes, so that tests go the slow way.
    #[cfg(test)]
    pub(super) fn uncached(file: File) -> Self {
        Self {
            cached: false,
            ..Self::new(file)
        }
    }

    /// Reads on from byte `offset`; false when the file does not reach so far. Nothing may be under way.
    pub(super) fn seek(&mut self, offset: u64) -> io::Result<bool> {
        assert!(
            matches!(self.slow, Slow::Idle(_) | Slow::Ready { .. }),
            "a file is sought between reads"
        );
        if let Slow::Ready { file, .. } = std::mem::replace(&mut self.slow, Slow::Idle(None)) {
            self.slow = Slow::Idle(Some(file));
        }
        self.offset = offset;
        Ok(offset <= self.file.metadata()?.len())
    }

    pub(super) fn poll_read(&mut self, into: &mut [u8]) -> Poll<io::Result<usize>> {
        if matches!(self.slow, Slow::Idle(_)) {
            if self.cached
                && let Some(result) = self.read_cached(into)
            {
                return Poll::Ready(result);
            }
            self.start_reading();
            return Poll::Pending;
        }
        match self.take_slow(into) {
            Some(result) => Poll::Ready(result),
            None => Poll::Pending,
        }
    }

    /// Bytes of the page cache; `None` when the next ones are not in it.
    fn read_cached(&mut self, into: &mut [u8]) -> Option<io::Result<usize>> {
        let mut slices = [IoSliceMut::new(into)];
        match preadv2(&self.file, &mut slices, self.offset, ReadWriteFlags::NOWAIT) {
            Ok(bytes) => {
                self.offset += bytes as u64;
                Some(Ok(bytes))
            }
            Err(Errno::AGAIN | Errno::INTR) => None,
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => {
                self.cached = false;
                None
            }
            Err(errno) => Some(Err(errno.into())),
        }
    }

    fn start_reading(&mut self) {
        let Slow::Idle(file) = &mut self.slow else {
            return;
        };
        let file = file.take();
        let (descriptor, offset) = (self.file.as_raw_fd(), self.offset);
        let cell = Rc::new(RefCell::new(None));
        let result = Rc::clone(&cell);
        glommio::spawn_local(async move {
            *result.borrow_mut() = Some(read_slowly(file, descriptor, offset).await);
        })
        .detach();
        self.slow = Slow::Reading(cell);
    }

    fn take_slow(&mut self, into: &mut [u8]) -> Option<io::Result<usize>> {
        if let Slow::Reading(cell) = &self.slow {
            let SlowResult { file, bytes } = cell.borrow_mut().take()?;
            match (bytes, file) {
                (Ok(bytes), Some(file)) => self.slow = Slow::Ready { bytes, at: 0, file },
                (Ok(_), None) => unreachable!("bytes come with the file they were read from"),
                (Err(error), file) => {
                    self.slow = Slow::Idle(file);
                    return Some(Err(error));
                }
            }
        }
        let Slow::Ready { bytes, at, .. } = &mut self.slow else {
            return None;
        };
        let count = into.len().min(bytes.len() - *at);
        into[..count].copy_from_slice(&bytes[*at..*at + count]);
        *at += count;
        self.offset += count as u64;
        if *at == bytes.len()
            && let Slow::Ready { file, .. } = std::mem::replace(&mut self.slow, Slow::Idle(None))
        {
            self.slow = Slow::Idle(Some(file));
        }
        Some(Ok(count))
    }
}

/// Reads the next bytes through io_uring. The descriptor is opened anew by its number, so that a path that
/// was renamed meanwhile still means the same file.
async fn read_slowly(file: Option<BufferedFile>, descriptor: i32, offset: u64) -> SlowResult {
    let file = match file {
        Some(file) => file,
        None => match BufferedFile::open(format!("/proc/self/fd/{descriptor}")).await {
            Ok(file) => file,
            Err(error) => {
                return SlowResult {
                    file: None,
                    bytes: Err(error.into()),
                };
            }
        },
    };
    let bytes = file.read_at(offset, READ_BYTES_MAX).await;
    SlowResult {
        file: Some(file),
        bytes: bytes.map_err(io::Error::from),
    }
}

/// Reads a pipe, FIFO, terminal or device when it has something to give.
fn poll_stream(descriptor: BorrowedFd<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
    let mut asked = [PollFd::from_borrowed_fd(descriptor, PollFlags::IN)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    match poll(&mut asked, Some(&now)) {
        Ok(0) | Err(Errno::INTR) => return Poll::Pending,
        Ok(_) => {}
        Err(errno) => return Poll::Ready(Err(errno.into())),
    }
    match rustix::io::read(descriptor, into) {
        Err(Errno::AGAIN | Errno::INTR) => Poll::Pending,
        result => Poll::Ready(result.map_err(io::Error::from)),
    }
}
