//! Standard output, never waiting for a slow reader.
//!
//! A regular file is written to directly. A pipe is written with `RWF_NOWAIT` where the kernel can (6.4 and
//! newer); elsewhere, and for terminals and sockets, as much as `poll(2)` promises room for. Rows for people
//! pass the aligner, which holds the first ones for a moment to learn the widths.

use super::{Finish, SinkState};
use crate::error::JobError;
use crate::format::encode::Aligner;
use crate::plan::{SinkFormat, SinkPlan};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ReadWriteFlags, pwritev2};
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

/// Bytes that a pipe with room takes without blocking: PIPE_BUF of pipe(7).
const PIPE_BYTES: usize = 4096;
/// Bytes written by one poll at most.
const WRITE_BYTES_MAX: usize = 1 << 16;
/// How long the first rows of a table may be held to learn the widths. For people; no machine reads it.
const HOLD: Duration = Duration::from_millis(100);

/// Writes to standard output.
pub struct StdoutSink {
    // Fixed at construction.
    out: Output,
    // State.
    way: Way,
    aligner: Option<Aligner>,
    bytes: Vec<u8>,
    at: usize,
    /// The caller's buffer, to be given back.
    spare: Option<Vec<u8>>,
    /// Since when the aligner may hold rows.
    held_since: Option<Instant>,
    is_finishing: bool,
    is_closed: bool,
}

enum Output {
    Stdout,
    /// Another descriptor, for tests.
    #[cfg_attr(not(test), allow(dead_code))]
    Other(OwnedFd),
}

/// How the descriptor is written to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A file: the page cache takes everything.
    Direct,
    /// Asks the kernel not to wait.
    NoWait,
    /// Asks for room first.
    Polled,
}

impl StdoutSink {
    /// The sink of `plan`.
    pub fn new(plan: &SinkPlan) -> Self {
        Self::over(Output::Stdout, plan)
    }

    #[cfg(test)]
    pub(super) fn to(descriptor: OwnedFd, plan: &SinkPlan) -> Self {
        Self::over(Output::Other(descriptor), plan)
    }

    fn over(out: Output, plan: &SinkPlan) -> Self {
        let is_table = plan.format == Some(SinkFormat::Table);
        let aligner = is_table.then(|| Aligner::new(&plan.schema, &plan.changelog));
        let way = out.with(|descriptor| match rustix::fs::fstat(descriptor) {
            Ok(stat) if rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file() => Way::Direct,
            _ => Way::NoWait,
        });
        Self {
            out,
            way,
            aligner,
            bytes: Vec::new(),
            at: 0,
            spare: None,
            held_since: None,
            is_finishing: false,
            is_closed: false,
        }
    }

    /// See [`super::SinkWriter::write`].
    ///
    /// # Panics
    /// When the bytes before are not written yet.
    pub fn write(&mut self, bytes: Vec<u8>) {
        assert!(
            self.at == self.bytes.len() && self.spare.is_none(),
            "a sink is written to when it is idle"
        );
        match &mut self.aligner {
            Some(aligner) => {
                self.bytes.clear();
                self.at = 0;
                aligner.push(&bytes, &mut self.bytes);
                self.held_since.get_or_insert_with(Instant::now);
                self.spare = Some(bytes);
            }
            None => {
                self.bytes = bytes;
                self.at = 0;
            }
        }
    }

    /// See [`super::SinkWriter::poll`].
    ///
    /// # Errors
    /// `JobError::Io`.
    pub fn poll(&mut self) -> Result<SinkState, JobError> {
        if self.is_closed {
            return Ok(SinkState::Closed);
        }
        if self.at == self.bytes.len()
            && self.held_since.is_some_and(|since| HOLD <= since.elapsed())
        {
            self.held_since = None;
            self.start_over();
            if let Some(aligner) = &mut self.aligner {
                aligner.flush(&mut self.bytes);
            }
        }
        if self.at < self.bytes.len() && !self.write_some()? {
            return Ok(if self.is_closed {
                SinkState::Closed
            } else {
                SinkState::Busy
            });
        }
        Ok(SinkState::Idle(self.take_spare()))
    }

    /// See [`super::SinkWriter::finish`].
    ///
    /// # Errors
    /// `JobError::Io`.
    pub fn finish(&mut self) -> Result<Finish, JobError> {
        if self.is_closed {
            return Ok(Finish::Done);
        }
        if self.at == self.bytes.len() && !self.is_finishing {
            self.is_finishing = true;
            self.start_over();
            if let Some(aligner) = &mut self.aligner {
                aligner.finish(&mut self.bytes);
            }
        }
        if self.at < self.bytes.len() && !self.write_some()? && !self.is_closed {
            return Ok(Finish::Busy);
        }
        // What was left when the finish began may have kept the aligner's last rows waiting.
        Ok(if self.is_finishing || self.is_closed {
            Finish::Done
        } else {
            Finish::Busy
        })
    }

    fn start_over(&mut self) {
        self.bytes.clear();
        self.at = 0;
    }

    fn take_spare(&mut self) -> Option<Vec<u8>> {
        let spare = if self.aligner.is_some() {
            self.spare.take()
        } else {
            self.at = 0;
            Some(std::mem::take(&mut self.bytes)).filter(|bytes| bytes.capacity() > 0)
        };
        spare.map(|mut bytes| {
            bytes.clear();
            bytes
        })
    }

    /// Writes what there is room for; true once everything is written.
    fn write_some(&mut self) -> Result<bool, JobError> {
        let rest = &self.bytes[self.at..];
        let (way, limit) = (self.way, rest.len().min(WRITE_BYTES_MAX));
        let written = self.out.with(|descriptor| match way {
            Way::Direct => rustix::io::write(descriptor, &rest[..limit]),
            Way::NoWait => pwritev2(
                descriptor,
                &[IoSlice::new(&rest[..limit])],
                u64::MAX,
                ReadWriteFlags::NOWAIT,
            ),
            Way::Polled if has_room(descriptor)? => {
                rustix::io::write(descriptor, &rest[..limit.min(PIPE_BYTES)])
            }
            Way::Polled => Err(Errno::AGAIN),
        });
        match written {
            Ok(bytes) => self.at += bytes,
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::SPIPE)
                if self.way == Way::NoWait =>
            {
                self.way = Way::Polled;
            }
            Err(Errno::PIPE) => self.is_closed = true,
            Err(errno) => {
                return Err(JobError::Io {
                    what: "writing to stdout".to_owned(),
                    cause: io::Error::from(errno).to_string(),
                    hint: (errno == Errno::NOSPC).then(|| "make room: df -h .".to_owned()),
                });
            }
        }
        Ok(self.at == self.bytes.len())
    }
}

impl Output {
    fn with<T>(&self, action: impl FnOnce(std::os::fd::BorrowedFd<'_>) -> T) -> T {
        match self {
            Self::Stdout => action(io::stdout().as_fd()),
            Self::Other(descriptor) => action(descriptor.as_fd()),
        }
    }
}

fn has_room(descriptor: std::os::fd::BorrowedFd<'_>) -> rustix::io::Result<bool> {
    let mut asked = [PollFd::from_borrowed_fd(descriptor, PollFlags::OUT)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // An error or a hang-up is ready too: the write then says which.
    Ok(poll(&mut asked, Some(&now))? > 0)
}
