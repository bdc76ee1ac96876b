//! Plain, gzip or zstd by the first bytes, decoded in slices.
//!
//! Fixed-width records may begin with any bytes, a codec's magic among them: they are plain, unless the file's
//! name says `.gz` or `.zst` ([`Detection`]).
//!
//! A decoder reads from a [`Feed`], which says `WouldBlock` when it is empty; the decoders of flate2 and zstd
//! keep their state across that. So one poll decodes at most one slice and never waits.

use super::READ_BYTES_MAX;
use super::raw::Raw;
use crate::error::JobError;
use crate::plan::FormatPlan;
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::task::Poll;

/// Compressed bytes read at a time.
const FEED_BYTES: usize = 1 << 16;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// What was found by one poll of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    /// This many bytes, at least one.
    Bytes(usize),
    /// Nothing now.
    Pending,
    /// The end of the file as it is now.
    End,
}

/// Bytes of a file or pipe, decoded.
pub(super) struct ByteStream {
    // Fixed at construction.
    name: String,
    // State.
    raw: Raw,
    codec: Codec,
    /// Decoded bytes to be passed over before the first that are given.
    skip: u64,
}

/// How it is found out whether bytes are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detection {
    /// By their first ones: no text begins like that.
    FirstBytes,
    /// By the ending of the file's name.
    Name,
}

impl Detection {
    /// What the format of a source allows.
    pub fn of(format: &FormatPlan) -> Self {
        match format {
            FormatPlan::Csv(_) | FormatPlan::Json(_) => Self::FirstBytes,
            FormatPlan::Binary(_) => Self::Name,
        }
    }

    /// Whether a file called `name` is plain, whatever its bytes are.
    pub(super) fn takes_as_plain(self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        self == Self::Name && !lower.ends_with(".gz") && !lower.ends_with(".zst")
    }
}

enum Codec {
    /// Not enough bytes to tell.
    Unknown(Vec<u8>),
    /// Those read before the codec was known, and how many of them are out.
    Plain {
        head: Vec<u8>,
        at: usize,
    },
    Gzip(Box<MultiGzDecoder<Feed>>),
    Zstd(Box<zstd::Decoder<'static, Feed>>),
}

impl ByteStream {
    /// A stream over `raw`, called `name` in errors.
    pub(super) fn new(name: String, raw: Raw, detection: Detection) -> Self {
        let codec = if detection.takes_as_plain(&name) {
            let (head, at) = (Vec::new(), 0);
            Codec::Plain { head, at }
        } else {
            Codec::Unknown(Vec::new())
        };
        Self {
            name,
            raw,
            codec,
            skip: 0,
        }
    }

    /// Begins at decoded byte `offset`. To be called before the first poll.
    pub(super) fn skip_to(&mut self, offset: u64) {
        self.skip = offset;
    }

    /// Whether the bytes are known to be compressed.
    pub(super) fn is_compressed(&self) -> bool {
        matches!(self.codec, Codec::Gzip(_) | Codec::Zstd(_))
    }

    /// What the bytes come from.
    pub(super) fn raw(&self) -> &Raw {
        &self.raw
    }

    /// Decodes what is there into the front of `into`.
    pub(super) fn poll(&mut self, into: &mut [u8]) -> Result<Decoded, JobError> {
        let len = into.len().min(READ_BYTES_MAX);
        if len == 0 {
            return Ok(Decoded::Pending);
        }
        let into = &mut into[..len];
        if let Codec::Unknown(_) = self.codec
            && let Some(early) = self.find_codec()?
        {
            return Ok(early);
        }
        if self.skip > 0 && self.seek()? {
            return Ok(Decoded::Pending);
        }
        let decoded = self.decode(into)?;
        if self.skip > 0 {
            return self.pass_over(decoded, into);
        }
        Ok(decoded)
    }

    /// Leaves what is to be passed over of a plain file unread; false where it has to be decoded.
    fn seek(&mut self) -> Result<bool, JobError> {
        let (Codec::Plain { head, at }, Raw::Regular(file)) = (&mut self.codec, &mut self.raw)
        else {
            return Ok(false);
        };
        let sought = file.seek(self.skip);
        (*head, *at) = (Vec::new(), 0);
        match sought {
            Ok(true) => self.skip = 0,
            Ok(false) => return Err(self.is_too_short()),
            Err(error) => return Err(self.failure(&error)),
        }
        Ok(true)
    }

    /// What is left of `decoded`, which lies in the front of `into`, behind what is to be passed over.
    fn pass_over(&mut self, decoded: Decoded, into: &mut [u8]) -> Result<Decoded, JobError> {
        let Decoded::Bytes(bytes) = decoded else {
            return match decoded {
                Decoded::End => Err(self.is_too_short()),
                other => Ok(other),
            };
        };
        let over = bytes.min(usize::try_from(self.skip).unwrap_or(usize::MAX));
        self.skip -= over as u64;
        into.copy_within(over..bytes, 0);
        Ok(match bytes - over {
            0 => Decoded::Pending,
            rest => Decoded::Bytes(rest),
        })
    }

    fn is_too_short(&self) -> JobError {
        JobError::Io {
            what: format!("reading {}", self.name),
            cause: "it is shorter than when the checkpoint was taken".to_owned(),
            hint: Some(
                "bring the file back as it was, or remove the checkpoint directory to start over"
                    .to_owned(),
            ),
        }
    }

    fn decode(&mut self, into: &mut [u8]) -> Result<Decoded, JobError> {
        let decoded = match &mut self.codec {
            Codec::Unknown(_) => unreachable!("the codec was found before"),
            Codec::Plain { head, at } => plain(&mut self.raw, head, at, into),
            Codec::Gzip(decoder) => {
                decode(&mut **decoder, MultiGzDecoder::get_mut, &mut self.raw, into)
            }
            Codec::Zstd(decoder) => {
                decode(&mut **decoder, zstd::Decoder::get_mut, &mut self.raw, into)
            }
        };
        decoded.map_err(|error| self.failure(&error))
    }

    /// Reads until the first bytes tell the codec; says what to return if they do not yet.
    fn find_codec(&mut self) -> Result<Option<Decoded>, JobError> {
        let Codec::Unknown(head) = &mut self.codec else {
            return Ok(None);
        };
        let held = head.len();
        head.resize(held + FEED_BYTES, 0);
        let read = self.raw.poll_read(&mut head[held..]);
        let bytes = match &read {
            Poll::Ready(Ok(bytes)) => *bytes,
            _ => 0,
        };
        head.truncate(held + bytes);
        let ended = match read {
            Poll::Pending => return Ok(Some(Decoded::Pending)),
            Poll::Ready(Err(error)) => return Err(self.failure(&error)),
            Poll::Ready(Ok(bytes)) => bytes == 0,
        };
        if ended && head.is_empty() {
            return Ok(Some(Decoded::End));
        }
        if !ended && !is_plain(head) && head.len() < ZSTD_MAGIC.len() {
            return Ok(Some(Decoded::Pending));
        }
        let head = std::mem::take(head);
        self.codec = if head.starts_with(GZIP_MAGIC) {
            Codec::Gzip(Box::new(MultiGzDecoder::new(Feed::new(head))))
        } else if head.starts_with(ZSTD_MAGIC) {
            let decoder = zstd::Decoder::with_buffer(Feed::new(head));
            Codec::Zstd(Box::new(decoder.map_err(|error| self.failure(&error))?))
        } else {
            Codec::Plain { head, at: 0 }
        };
        Ok(None)
    }

    fn failure(&self, error: &io::Error) -> JobError {
        let (format, test) = match self.codec {
            Codec::Gzip(_) => ("gzip", "gzip -t"),
            Codec::Zstd(_) => ("zstd", "zstd -t"),
            Codec::Unknown(_) | Codec::Plain { .. } => {
                return JobError::Io {
                    what: format!("reading {}", self.name),
                    cause: error.to_string(),
                    hint: None,
                };
            }
        };
        let cause = if error.kind() == io::ErrorKind::UnexpectedEof {
            format!("its {format} data ends in the middle")
        } else {
            format!("its {format} data is damaged ({error})")
        };
        JobError::Io {
            what: format!("reading {}", self.name),
            cause,
            hint: Some(format!("fetch it again; {test} {} tests it", self.name)),
        }
    }
}

/// Whether a file that starts with these bytes is not compressed.
pub(super) fn is_plain(head: &[u8]) -> bool {
    let may_be = |magic: &[u8]| {
        let known = head.len().min(magic.len());
        head[..known] == magic[..known]
    };
    head.is_empty() || !(may_be(GZIP_MAGIC) || may_be(ZSTD_MAGIC))
}

fn plain(
    raw: &mut Raw,
    head: &mut Vec<u8>,
    at: &mut usize,
    into: &mut [u8],
) -> io::Result<Decoded> {
    if *at < head.len() {
        let count = into.len().min(head.len() - *at);
        into[..count].copy_from_slice(&head[*at..*at + count]);
        *at += count;
        if *at == head.len() {
            *head = Vec::new();
            *at = 0;
        }
        return Ok(Decoded::Bytes(count));
    }
    match raw.poll_read(into) {
        Poll::Pending => Ok(Decoded::Pending),
        Poll::Ready(Ok(0)) => Ok(Decoded::End),
        Poll::Ready(Ok(bytes)) => Ok(Decoded::Bytes(bytes)),
        Poll::Ready(Err(error)) => Err(error),
    }
}

fn decode<D: Read>(
    decoder: &mut D,
    feed_of: impl Fn(&mut D) -> &mut Feed,
    raw: &mut Raw,
    into: &mut [u8],
) -> io::Result<Decoded> {
    loop {
        match decoder.read(into) {
            Ok(0) => return Ok(Decoded::End),
            Ok(bytes) => return Ok(Decoded::Bytes(bytes)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        let feed = feed_of(decoder);
        match raw.poll_read(feed.room()) {
            Poll::Pending => return Ok(Decoded::Pending),
            Poll::Ready(result) => feed.filled(result?),
        }
    }
}

/// Compressed bytes waiting for their decoder.
pub(super) struct Feed {
    bytes: Vec<u8>,
    at: usize,
    end: usize,
    ended: bool,
}

impl Feed {
    fn new(head: Vec<u8>) -> Self {
        let end = head.len();
        let mut bytes = head;
        bytes.resize(end.max(FEED_BYTES), 0);
        Self {
            bytes,
            at: 0,
            end,
            ended: false,
        }
    }

    /// All of the buffer, which the decoder has emptied.
    fn room(&mut self) -> &mut [u8] {
        assert_eq!(self.at, self.end, "a feed is filled when it is empty");
        &mut self.bytes
    }

    fn filled(&mut self, bytes: usize) {
        (self.at, self.end) = (0, bytes);
        self.ended = bytes == 0;
    }
}

impl Read for Feed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let rest = self.fill_buf()?;
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Feed {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end && !self.ended {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(&self.bytes[self.at..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
        assert!(self.at <= self.end, "a feed is read within its bytes");
    }
}

/// Up to `bytes` decoded bytes from a file's start, waiting for them: for inference, before anything runs.
///
/// # Errors
/// The system's message. A file that is damaged behind the bytes asked for is not one.
pub fn decoded_head(path: &Path, bytes: usize) -> io::Result<Vec<u8>> {
    let mut file = std::fs::File::open(path)?;
    let mut magic = Vec::new();
    file.by_ref()
        .take(ZSTD_MAGIC.len() as u64)
        .read_to_end(&mut magic)?;
    let whole = io::BufReader::new(io::Cursor::new(magic.clone()).chain(file));
    let mut head = Vec::new();
    let limit = bytes as u64;
    if magic.starts_with(GZIP_MAGIC) {
        MultiGzDecoder::new(whole)
            .take(limit)
            .read_to_end(&mut head)?;
    } else if magic.starts_with(ZSTD_MAGIC) {
        zstd::Decoder::with_buffer(whole)?
            .take(limit)
            .read_to_end(&mut head)?;
    } else {
        whole.take(limit).read_to_end(&mut head)?;
    }
    Ok(head)
}
