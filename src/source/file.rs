//! Files in the order given, and the last one's growth.
//!
//! A followed file is asked for new bytes at most every millisecond. It must only grow: one that shrank, or
//! whose path now means another file, has lost records or is about to, and ends the job.

use super::ReadEvent;
use super::codec::{ByteStream, Decoded, Detection};
use super::raw::Raw;
use crate::error::JobError;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// Time between two looks at a followed file.
const FOLLOW_INTERVAL_NS: i64 = 1_000_000;
/// Looks at a followed file between two looks at its path.
const LOOKS_PER_PATH_CHECK: u32 = 100;

/// Reads files one after another.
pub struct FileReader {
    // Fixed at construction.
    paths: Vec<PathBuf>,
    follow: bool,
    detection: Detection,
    // State.
    /// Index of the file that is open or comes next.
    current: usize,
    stream: Option<ByteStream>,
    /// Clock of the last look at the followed file.
    looked_ns: Option<i64>,
    looks: u32,
}

impl FileReader {
    /// A reader of `paths` that ends with the last.
    pub fn new(paths: Vec<PathBuf>, detection: Detection) -> Self {
        Self {
            paths,
            follow: false,
            detection,
            current: 0,
            stream: None,
            looked_ns: None,
            looks: 0,
        }
    }

    /// A reader of `paths` that goes on as the last one grows.
    pub fn following(paths: Vec<PathBuf>, detection: Detection) -> Self {
        Self {
            follow: true,
            ..Self::new(paths, detection)
        }
    }

    /// Begins at decoded byte `offset` of file `file` rather than with the first file. A position within a file says no
    /// [`ReadEvent::BeginFile`].
    ///
    /// # Errors
    /// `JobError::Io` with the file's path.
    pub fn resume(&mut self, file: u32, offset: u64) -> Result<(), JobError> {
        self.current = file as usize;
        if offset > 0 {
            self.open_next()?;
            if let Some(stream) = &mut self.stream {
                stream.skip_to(offset);
            }
        }
        Ok(())
    }

    /// See [`super::SourceReader::poll`].
    ///
    /// # Errors
    /// `JobError::Io` with the file's path.
    pub fn poll(&mut self, into: &mut [u8], now_wall_ns: i64) -> Result<ReadEvent, JobError> {
        let follows = self.follow && self.current + 1 == self.paths.len();
        let Some(stream) = &mut self.stream else {
            return self.open_next();
        };
        if let Some(looked_ns) = self.looked_ns {
            // A clock set back must not stop the looking.
            if (0..FOLLOW_INTERVAL_NS).contains(&now_wall_ns.saturating_sub(looked_ns)) {
                return Ok(ReadEvent::Pending);
            }
            self.looked_ns = None;
        }
        let decoded = stream.poll(into)?;
        if follows && stream.is_compressed() {
            return Err(self.followed_file_error("it is compressed", "follow a plain file"));
        }
        match decoded {
            Decoded::Bytes(bytes) => Ok(ReadEvent::Bytes(bytes)),
            Decoded::Pending => Ok(ReadEvent::Pending),
            Decoded::End if follows => {
                self.looked_ns = Some(now_wall_ns);
                self.check_followed()?;
                Ok(ReadEvent::Pending)
            }
            Decoded::End => {
                self.stream = None;
                self.current += 1;
                Ok(ReadEvent::EndFile)
            }
        }
    }

    /// Whether a read through io_uring is under way.
    pub fn waits_for_ring(&self) -> bool {
        let stream = self.stream.as_ref();
        stream.is_some_and(|stream| stream.raw().waits_for_ring())
    }

    /// What file `file` is called.
    pub fn file_name(&self, file: u32) -> String {
        self.paths
            .get(file as usize)
            .map_or_else(String::new, |path| path.display().to_string())
    }

    fn open_next(&mut self) -> Result<ReadEvent, JobError> {
        let Some(path) = self.paths.get(self.current) else {
            return Ok(ReadEvent::End);
        };
        let raw = Raw::open(path)?;
        self.stream = Some(ByteStream::new(
            path.display().to_string(),
            raw,
            self.detection,
        ));
        let file = u32::try_from(self.current).expect("fewer than 2^32 files");
        Ok(ReadEvent::BeginFile { file })
    }

    /// Looks whether the followed file, whose end has been read, is still what it was.
    fn check_followed(&mut self) -> Result<(), JobError> {
        let Some(stream) = &self.stream else {
            return Ok(());
        };
        let state = stream.raw().progress();
        let state =
            state.map_err(|e| self.followed_file_error(&e.to_string(), "check the disk"))?;
        let Some((metadata, offset)) = state else {
            return Err(
                self.followed_file_error("it is not a regular file", "read it without follow")
            );
        };
        if metadata.len() < offset {
            return Err(self.followed_file_error(
                &format!(
                    "it shrank to {} bytes after {offset} were read",
                    metadata.len()
                ),
                "a followed file must only grow; rotate it by starting the job anew",
            ));
        }
        self.looks = (self.looks + 1) % LOOKS_PER_PATH_CHECK;
        // Bytes written before the file was moved away are still read: only a file without any is left.
        if self.looks != 0 || metadata.len() > offset {
            return Ok(());
        }
        let path = &self.paths[self.current];
        match std::fs::metadata(path) {
            Ok(now) if (now.dev(), now.ino()) == (metadata.dev(), metadata.ino()) => Ok(()),
            Ok(_) => Err(self.followed_file_error(
                "its name now belongs to another file",
                "everything up to its end was read; start the job anew for the new file",
            )),
            Err(error) => Err(self.followed_file_error(
                &format!("its name is gone ({error})"),
                "everything up to its end was read; start the job anew once it is back",
            )),
        }
    }

    fn followed_file_error(&self, cause: &str, hint: &str) -> JobError {
        JobError::Io {
            what: format!("following {}", self.paths[self.current].display()),
            cause: cause.to_owned(),
            hint: Some(hint.to_owned()),
        }
    }
}
