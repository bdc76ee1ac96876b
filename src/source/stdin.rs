//! Standard input: one stream, plain or compressed, without touching flags that other processes share.

use super::ReadEvent;
use super::codec::{ByteStream, Decoded, Detection};
use super::raw::Raw;
use crate::error::JobError;

/// Reads standard input.
pub struct StdinReader {
    stream: ByteStream,
    phase: Phase,
}

#[derive(Clone, Copy)]
enum Phase {
    Before,
    Within,
    After,
}

impl StdinReader {
    /// A reader of standard input.
    ///
    /// # Errors
    /// `JobError::Io` when standard input is closed.
    pub fn open(detection: Detection) -> Result<Self, JobError> {
        rustix::fs::fstat(std::io::stdin()).map_err(|errno| JobError::Io {
            what: "reading stdin".to_owned(),
            cause: errno.to_string(),
            hint: Some("give it something to read: velo-tpc run query.sql < trades.csv".to_owned()),
        })?;
        Ok(Self {
            stream: ByteStream::new("stdin".to_owned(), Raw::Stdin, detection),
            phase: Phase::Before,
        })
    }

    /// See [`super::SourceReader::poll`].
    ///
    /// # Errors
    /// `JobError::Io`.
    pub fn poll(&mut self, into: &mut [u8]) -> Result<ReadEvent, JobError> {
        match self.phase {
            Phase::Before => {
                self.phase = Phase::Within;
                Ok(ReadEvent::BeginFile { file: 0 })
            }
            Phase::Within => Ok(match self.stream.poll(into)? {
                Decoded::Bytes(bytes) => ReadEvent::Bytes(bytes),
                Decoded::Pending => ReadEvent::Pending,
                Decoded::End => {
                    self.phase = Phase::After;
                    ReadEvent::EndFile
                }
            }),
            Phase::After => Ok(ReadEvent::End),
        }
    }
}
