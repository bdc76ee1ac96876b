//! A checkpoint as a file.
//!
//! ```text
//! | magic 8 "VELOCKPT" | version u32 | 0 u32 |                                    little-endian
//! | section ..                                                                                 |
//! | END section: sections before it u64 |
//! section: | kind u32 | crc u32 | payload bytes u64 | payload |
//! ```
//! The CRC-32 of a section is over everything of it but itself. State goes through a small buffer part by part: the
//! largest piece in memory is one vnode of one operator.

use super::{Checkpoint, Origin};
use crate::egress::EgressSnapshot;
use crate::error::JobError;
use crate::ingest::IngestSnapshot;
use crate::operator::archive::{self, ArchiveHeader};
use crate::wiring::JobSnapshot;
use crate::worker::{LedgerCounts, SnapshotPart, WorkerSnapshot};
use rkyv::Serialize;
use rkyv::api::high::HighSerializer;
use rkyv::rancor::Error;
use rkyv::ser::allocator::ArenaHandle;
use rkyv::util::AlignedVec;
use std::io::{self, Read, Write};

const MAGIC: &[u8; 8] = b"VELOCKPT";
/// Version of this layout and of the roles' own states; operators have theirs.
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 16;
/// Bytes before the archive of a part: statement, stage, operator, vnode.
const PLACE_BYTES: usize = 8;

/// Kinds of section, in the order they stand in.
const ORIGIN: u32 = 1;
const INGEST: u32 = 2;
const EGRESS: u32 = 3;
/// A worker's number and counts; its parts follow.
const WORKER: u32 = 4;
const PART: u32 = 5;
const END: u32 = 6;

/// What a worker holds beside its parts.
#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct WorkerHead {
    worker: u16,
    ledgers: Vec<LedgerCounts>,
}

fn header(operator: &str) -> ArchiveHeader<'_> {
    ArchiveHeader {
        operator,
        version: VERSION,
        hash_seed: 0,
    }
}

/// Writes `checkpoint`; how many bytes it took.
///
/// # Errors
/// What `out` says.
pub fn write(checkpoint: &Checkpoint, out: &mut impl Write) -> io::Result<u64> {
    let state = &checkpoint.state;
    let mut sections = Sections {
        out,
        count: 0,
        bytes: HEADER_BYTES as u64,
    };
    sections.out.write_all(MAGIC)?;
    sections.out.write_all(&VERSION.to_le_bytes())?;
    sections.out.write_all(&[0; 4])?;
    sections.archive(ORIGIN, "origin", &(state.id, checkpoint.origin.clone()))?;
    sections.archive(INGEST, "ingest", &state.ingest)?;
    sections.archive(EGRESS, "egress", &state.egress)?;
    for worker in &state.workers {
        let head = WorkerHead {
            worker: worker.worker,
            ledgers: worker.ledgers.clone(),
        };
        sections.archive(WORKER, "worker", &head)?;
        for part in &worker.parts {
            sections.part(part)?;
        }
    }
    let count = sections.count;
    sections.write(END, &[&count.to_le_bytes()])?;
    Ok(sections.bytes)
}

struct Sections<'a, W> {
    out: &'a mut W,
    count: u64,
    bytes: u64,
}

impl<W: Write> Sections<'_, W> {
    fn archive<T>(&mut self, kind: u32, name: &str, state: &T) -> io::Result<()>
    where
        T: for<'a> Serialize<HighSerializer<AlignedVec, ArenaHandle<'a>, Error>>,
    {
        let mut payload = Vec::new();
        archive::write(header(name), state, &mut payload);
        self.write(kind, &[&payload])
    }

    fn part(&mut self, part: &SnapshotPart) -> io::Result<()> {
        let place = [part.statement, part.stage, part.operator, part.vnode];
        let mut head = [0; PLACE_BYTES];
        for (bytes, number) in head.chunks_exact_mut(2).zip(place) {
            bytes.copy_from_slice(&number.to_le_bytes());
        }
        self.write(PART, &[&head, &part.archive])
    }

    fn write(&mut self, kind: u32, payload: &[&[u8]]) -> io::Result<()> {
        let len = payload.iter().map(|part| part.len() as u64).sum::<u64>();
        let mut head = [0; HEADER_BYTES];
        head[..4].copy_from_slice(&kind.to_le_bytes());
        head[8..].copy_from_slice(&len.to_le_bytes());
        let crc = checksum(&head, payload);
        head[4..8].copy_from_slice(&crc.to_le_bytes());
        self.out.write_all(&head)?;
        for part in payload {
            self.out.write_all(part)?;
        }
        self.count += 1;
        self.bytes += HEADER_BYTES as u64 + len;
        Ok(())
    }
}

/// Of a section's head, its own place apart, and its payload.
fn checksum(head: &[u8; HEADER_BYTES], payload: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&head[..4]);
    hasher.update(&head[8..]);
    payload.iter().for_each(|part| hasher.update(part));
    hasher.finalize()
}

/// Reads a checkpoint of `len` bytes.
///
/// # Errors
/// `JobError::Snapshot`: why it is none, or is torn or damaged.
pub fn read(input: &mut impl Read, len: u64) -> Result<Checkpoint, JobError> {
    let mut reader = Reader {
        input,
        left: len,
        count: 0,
    };
    let head = reader.head()?;
    if head[..8] != *MAGIC {
        return refuse("it is not a checkpoint");
    }
    let version = u32_at(&head, 8);
    if version != VERSION {
        return refuse(&format!(
            "it has layout {version}, this build reads {VERSION}"
        ));
    }
    let (id, origin): (u64, Origin) = archive::read(header("origin"), &reader.expect(ORIGIN)?)?;
    let ingest: IngestSnapshot = archive::read(header("ingest"), &reader.expect(INGEST)?)?;
    let egress: EgressSnapshot = archive::read(header("egress"), &reader.expect(EGRESS)?)?;
    let workers = reader.workers(id)?;
    Ok(Checkpoint {
        origin,
        state: JobSnapshot {
            id,
            ingest,
            workers,
            egress,
        },
    })
}

struct Reader<'a, R> {
    input: &'a mut R,
    /// Bytes of the file that are not read yet.
    left: u64,
    /// Sections read.
    count: u64,
}

impl<R: Read> Reader<'_, R> {
    fn workers(&mut self, id: u64) -> Result<Vec<WorkerSnapshot>, JobError> {
        let mut workers: Vec<WorkerSnapshot> = Vec::new();
        loop {
            let before = self.count;
            let (kind, payload) = self.section()?;
            match kind {
                WORKER => {
                    let head: WorkerHead = archive::read(header("worker"), &payload)?;
                    workers.push(WorkerSnapshot {
                        id,
                        worker: head.worker,
                        parts: Vec::new(),
                        ledgers: head.ledgers,
                    });
                }
                PART => match workers.last_mut() {
                    Some(worker) => worker.parts.push(part(&payload)?),
                    None => return refuse("state of no worker"),
                },
                END if payload == before.to_le_bytes() && self.left == 0 => return Ok(workers),
                _ => return refuse("sections are missing"),
            }
        }
    }

    fn expect(&mut self, kind: u32) -> Result<Vec<u8>, JobError> {
        match self.section()? {
            (found, payload) if found == kind => Ok(payload),
            _ => refuse("sections are missing"),
        }
    }

    fn section(&mut self) -> Result<(u32, Vec<u8>), JobError> {
        let head = self.head()?;
        let len = u64::from_le_bytes(head[8..].try_into().expect("8 bytes"));
        // What a damaged length says is not allocated.
        if self.left < len {
            return refuse("it ends in the middle");
        }
        let mut payload = vec![0; len as usize];
        self.fill(&mut payload)?;
        if u32_at(&head, 4) != checksum(&head, &[&payload]) {
            return refuse("a checksum does not match");
        }
        self.count += 1;
        Ok((u32_at(&head, 0), payload))
    }

    fn head(&mut self) -> Result<[u8; HEADER_BYTES], JobError> {
        let mut head = [0; HEADER_BYTES];
        self.fill(&mut head)?;
        Ok(head)
    }

    fn fill(&mut self, into: &mut [u8]) -> Result<(), JobError> {
        match self.left.checked_sub(into.len() as u64) {
            Some(left) => self.left = left,
            None => return refuse("it ends in the middle"),
        }
        let read = self.input.read_exact(into);
        read.or_else(|error| refuse(&error.to_string()))
    }
}

fn part(payload: &[u8]) -> Result<SnapshotPart, JobError> {
    let Some((place, archive)) = payload.split_first_chunk::<PLACE_BYTES>() else {
        return refuse("a part has no place");
    };
    let number = |at: usize| u16::from_le_bytes([place[at], place[at + 1]]);
    Ok(SnapshotPart {
        statement: number(0),
        stage: number(2),
        operator: number(4),
        vnode: number(6),
        archive: archive.to_vec(),
    })
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"))
}

fn refuse<T>(why: &str) -> Result<T, JobError> {
    Err(JobError::Snapshot(why.to_owned()))
}
