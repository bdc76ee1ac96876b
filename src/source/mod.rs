//! EDGE: where bytes come from.
//!
//! A [`SourceReader`] is polled by the ingest core's loop with a slice of the current chunk. A poll never
//! blocks: it gives bytes that are there, or says that there are none now. What would block (a file outside
//! the page cache) is read through io_uring by a local task of the same executor and copied at a later poll.
//!
//! ```text
//! file   raw (page cache | io_uring) -> codec (plain, gzip, zstd) -+
//! stdin  raw (poll, read)            -> codec                     -+-> ReadEvent
//! tcp    one connection after another ----------------------------+
//! generator ------------------------------------------------------+
//! ```
//!
//! Every source says [`ReadEvent::BeginFile`] before its first byte and [`ReadEvent::EndFile`] after the last
//! one of a file, a connection, or its only stream: framing starts anew between the two.

mod codec;
mod file;
pub mod generator;
mod header;
mod open;
mod raw;
mod stdin;
mod tcp;
#[cfg(test)]
mod tests;

pub use codec::{Detection, decoded_head};
pub use file::FileReader;
pub use open::input_bytes;
pub use stdin::StdinReader;
pub use tcp::TcpReader;

use crate::error::JobError;
use crate::ingest::SourcePosition;
use crate::plan::{SourceConnector, SourcePlan};
use generator::GeneratorReader;
use header::HeaderCheck;

/// Bytes given by one poll at most. Half a chunk: long enough to hide the system call, short enough that a
/// poll that decodes gzip (about 300 MB/s) is over in 0.4 ms.
pub const READ_BYTES_MAX: usize = crate::limits::CHUNK_BYTES / 2;

/// What one poll of a source found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadEvent {
    /// This many bytes, at least one, at the slice's front.
    Bytes(usize),
    /// The bytes that follow are those of file (or connection) `file`, from 0.
    BeginFile {
        /// Rises by one from file to file.
        file: u32,
    },
    /// The file's bytes are complete.
    EndFile,
    /// Nothing now.
    Pending,
    /// Nothing any more.
    End,
}

/// Reads one source.
pub struct SourceReader {
    reader: Reader,
    header: Option<HeaderCheck>,
}

enum Reader {
    File(FileReader),
    Stdin(StdinReader),
    Tcp(TcpReader),
    Generator(Box<GeneratorReader>),
}

impl SourceReader {
    /// Opens the source of `plan`, on the core that will poll it.
    ///
    /// # Errors
    /// `JobError::Io` when an address cannot be used or a plan cannot be done. Files are opened as they are
    /// reached.
    pub fn open(plan: &SourcePlan) -> Result<Self, JobError> {
        let detection = Detection::of(&plan.format);
        let reader = match &plan.connector {
            SourceConnector::File { paths, follow } => Reader::File(if *follow {
                FileReader::following(paths.clone(), detection)
            } else {
                FileReader::new(paths.clone(), detection)
            }),
            SourceConnector::Stdin => Reader::Stdin(StdinReader::open(detection)?),
            SourceConnector::Tcp { address, role } => Reader::Tcp(TcpReader::open(address, *role)?),
            SourceConnector::Generator(plan) => {
                Reader::Generator(Box::new(GeneratorReader::open(plan)?))
            }
        };
        Ok(Self {
            reader,
            header: HeaderCheck::new(plan),
        })
    }

    /// Begins at `position` of an earlier run rather than at the beginning. To be called before the first poll.
    ///
    /// # Errors
    /// `JobError::Io` when the file is not there any more, or a stream cannot be read again.
    pub fn resume(&mut self, position: &SourcePosition) -> Result<(), JobError> {
        match &mut self.reader {
            Reader::File(reader) => reader.resume(position.file, position.offset),
            Reader::Generator(reader) => {
                reader.resume(position.offset);
                Ok(())
            }
            Reader::Stdin(_) | Reader::Tcp(_) => Err(JobError::Io {
                what: format!("going on with {}", self.file_name(position.file)),
                cause: "it cannot be read again from where it stood".to_owned(),
                hint: None,
            }),
        }
    }

    /// Reads what is there into the front of `into`, without blocking. `now_wall_ns` is the wall clock, for
    /// rates and for the pace of asking a followed file; an empty slice gives `Pending` where bytes are due.
    ///
    /// Must be called within a glommio executor when the source has files.
    ///
    /// # Errors
    /// `JobError::Io` with the path or address and, where there is one, the cure; or when a stream has
    /// another header than its columns.
    pub fn poll(&mut self, into: &mut [u8], now_wall_ns: i64) -> Result<ReadEvent, JobError> {
        let event = match &mut self.reader {
            Reader::File(reader) => reader.poll(into, now_wall_ns)?,
            Reader::Stdin(reader) => reader.poll(into)?,
            Reader::Tcp(reader) => reader.poll(into, now_wall_ns)?,
            Reader::Generator(reader) => reader.poll(into, now_wall_ns),
        };
        if let Some(header) = &mut self.header {
            match event {
                ReadEvent::BeginFile { .. } => header.begin(),
                ReadEvent::Bytes(bytes) => header.read(&into[..bytes])?,
                ReadEvent::EndFile => header.end()?,
                ReadEvent::Pending | ReadEvent::End => {}
            }
        }
        Ok(event)
    }

    /// Lets the rate of a generator begin at `start_wall_ns`; other sources have no rate of their own.
    pub fn start_at(&mut self, start_wall_ns: i64) {
        if let Reader::Generator(reader) = &mut self.reader {
            reader.start_at(start_wall_ns);
        }
    }

    /// Whether I/O of the executor is under way, so that its reactor has to be visited.
    pub fn waits_for_ring(&self) -> bool {
        matches!(&self.reader, Reader::File(reader) if reader.waits_for_ring())
    }

    /// What file (or connection) `file` is called in reports.
    pub fn file_name(&self, file: u32) -> String {
        match &self.reader {
            Reader::File(reader) => reader.file_name(file),
            Reader::Stdin(_) => "stdin".to_owned(),
            Reader::Tcp(reader) => reader.connection_name(file),
            Reader::Generator(_) => "generator".to_owned(),
        }
    }

    /// Something to tell the user on stderr, once: where a socket listens, who connected, who left.
    pub fn take_notice(&mut self) -> Option<String> {
        match &mut self.reader {
            Reader::Tcp(reader) => reader.take_notice(),
            _ => None,
        }
    }
}
