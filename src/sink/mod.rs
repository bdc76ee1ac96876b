//! EDGE: where rows go.
//!
//! A [`SinkWriter`] takes one owned buffer at a time and gives it back once it is written, so that egress can
//! use it again. Nothing here waits: the driver polls, and a sink that cannot take more says `Busy`.

mod file;
mod memory;
mod overwrite;
mod stdout;
#[cfg(test)]
mod tests;

pub use file::FileSink;
pub use memory::MemorySink;
pub use overwrite::refuse_overwriting;
pub use stdout::StdoutSink;

use crate::error::JobError;
use crate::plan::{SinkConnector, SinkPlan};

/// What a sink is doing.
#[derive(Debug, PartialEq, Eq)]
pub enum SinkState {
    /// Everything given is written; the buffer, emptied, if it can be used again.
    Idle(Option<Vec<u8>>),
    /// Still writing.
    Busy,
    /// Nobody reads any more (a closed pipe): the job should end, quietly.
    Closed,
}

/// Whether a sink has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Everything is written, and durable where the sink is a file.
    Done,
    /// Call again.
    Busy,
}

/// Writes to one sink.
pub enum SinkWriter {
    /// Standard output.
    Stdout(Box<StdoutSink>),
    /// A file.
    File(FileSink),
    /// Nothing: rows were counted by egress.
    Blackhole(Option<Vec<u8>>),
    /// Memory: rows of a subquery.
    Memory(MemorySink),
}

impl SinkWriter {
    /// Opens the sink of `plan`, on the core that will poll it; a file is created or emptied.
    ///
    /// # Errors
    /// `JobError::Io` with the path and the cure.
    pub fn open(plan: &SinkPlan) -> Result<Self, JobError> {
        Ok(match &plan.connector {
            SinkConnector::Stdout => Self::Stdout(Box::new(StdoutSink::new(plan))),
            SinkConnector::File { path } => Self::File(FileSink::create(path)?),
            SinkConnector::Blackhole => Self::Blackhole(None),
            SinkConnector::Memory => Self::Memory(MemorySink::default()),
        })
    }

    /// Opens the sink of `plan` where an earlier run had handed it `bytes` bytes. What is not a file has kept all it was
    /// given, what came later too.
    ///
    /// # Errors
    /// `JobError::Io` with the path and the cure.
    pub fn resume(plan: &SinkPlan, bytes: u64) -> Result<Self, JobError> {
        match &plan.connector {
            SinkConnector::File { path } => Ok(Self::File(FileSink::resume(path, bytes)?)),
            _ => Self::open(plan),
        }
    }

    /// Whether the first `bytes` bytes, which are written, survive a crash of the host; of a file, it makes them.
    ///
    /// # Errors
    /// `JobError::Io` when they cannot be made durable.
    pub fn make_durable(&mut self, bytes: u64) -> Result<bool, JobError> {
        match self {
            Self::File(sink) => sink.make_durable(bytes),
            Self::Stdout(_) | Self::Blackhole(_) | Self::Memory(_) => Ok(true),
        }
    }

    /// Takes bytes to write. Only after `poll` said `Idle`, or first of all.
    ///
    /// # Panics
    /// When the bytes before are not written yet.
    pub fn write(&mut self, bytes: Vec<u8>) {
        match self {
            Self::Stdout(sink) => sink.write(bytes),
            Self::File(sink) => sink.write(bytes),
            Self::Blackhole(kept) => {
                assert!(kept.is_none(), "a sink is written to when it is idle");
                *kept = Some(bytes);
            }
            Self::Memory(sink) => sink.write(bytes),
        }
    }

    /// Goes on writing, without blocking.
    ///
    /// # Errors
    /// `JobError::Io` when the bytes cannot be written.
    pub fn poll(&mut self) -> Result<SinkState, JobError> {
        match self {
            Self::Stdout(sink) => sink.poll(),
            Self::File(sink) => sink.poll(),
            Self::Blackhole(kept) => Ok(SinkState::Idle(kept.take().map(|mut bytes| {
                bytes.clear();
                bytes
            }))),
            Self::Memory(sink) => sink.poll(),
        }
    }

    /// Whether I/O of the executor is under way, so that its reactor has to be visited.
    pub fn waits_for_ring(&self) -> bool {
        matches!(self, Self::File(sink) if sink.waits_for_ring())
    }

    /// The bytes of a sink that keeps them.
    pub fn take_kept(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Memory(sink) => Some(std::mem::take(&mut sink.bytes)),
            _ => None,
        }
    }

    /// Ends the sink after the last bytes; to be called until it is done.
    ///
    /// # Errors
    /// `JobError::Io` when the bytes cannot be made durable.
    pub fn finish(&mut self) -> Result<Finish, JobError> {
        match self {
            Self::Stdout(sink) => sink.finish(),
            Self::File(sink) => sink.finish(),
            Self::Blackhole(_) | Self::Memory(_) => Ok(Finish::Done),
        }
    }
}
