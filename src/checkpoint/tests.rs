//! Checkpoints on disk: what comes back, and what does not.

use super::file::{read, write};
use super::origin::FileMark;
use super::*;
use crate::egress::EgressSnapshot;
use crate::error::JobError;
use crate::ingest::{IngestSnapshot, SourcePosition};
use crate::sql::{CompileOptions, Environment, compile};
use crate::worker::{LedgerCounts, SnapshotPart, WorkerSnapshot};
use std::path::{Path, PathBuf};

/// Of a file that is not there.
fn mark(name: &str) -> FileMark {
    FileMark {
        name: name.into(),
        head_bytes: 0,
        crc: 0,
    }
}

fn origin() -> Origin {
    Origin {
        engine: "1.2.3".into(),
        plan: 77,
        files: vec![vec![mark("no/a.csv"), mark("no/b.csv")], Vec::new()],
    }
}

/// Number `id`, with two workers, one of which holds something.
fn checkpoint(id: u64) -> Checkpoint {
    let position = SourcePosition {
        file: 1,
        offset: 4096,
        records: 99,
        bytes: 1000,
        time_range: Some((-5, 7)),
    };
    let part = |vnode: u16| SnapshotPart {
        statement: 1,
        stage: 2,
        operator: 3,
        vnode,
        archive: vec![vnode as u8; usize::from(vnode) + 1],
    };
    let worker = |worker: u16, parts: Vec<SnapshotPart>| WorkerSnapshot {
        id,
        worker,
        parts,
        ledgers: vec![LedgerCounts {
            read: 99,
            ..LedgerCounts::default()
        }],
    };
    Checkpoint {
        origin: origin(),
        state: JobSnapshot {
            id,
            ingest: IngestSnapshot {
                seq: 100,
                watermark: 5,
                sources: vec![
                    (position, 7, false),
                    (SourcePosition::default(), i64::MIN, true),
                ],
            },
            workers: vec![worker(0, vec![part(0), part(17)]), worker(1, Vec::new())],
            egress: EgressSnapshot {
                rows: vec![3, 4],
                bytes: vec![300, 0],
            },
        },
    }
}

fn bytes_of(checkpoint: &Checkpoint) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = write(checkpoint, &mut bytes).expect("memory takes all");
    assert_eq!(written, bytes.len() as u64);
    bytes
}

fn read_bytes(bytes: &[u8]) -> Result<Checkpoint, JobError> {
    read(&mut &bytes[..], bytes.len() as u64)
}

#[test]
fn what_is_written_comes_back() {
    for checkpoint in [checkpoint(7), Checkpoint::default()] {
        assert_eq!(read_bytes(&bytes_of(&checkpoint)), Ok(checkpoint));
    }
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    let bytes = bytes_of(&checkpoint(7));
    // The head's last 4 bytes mean nothing yet.
    for bit in (0..bytes.len() * 8).filter(|bit| !(12 * 8..16 * 8).contains(bit)) {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(read_bytes(&damaged).is_err(), "bit {bit}");
    }
    for cut in 0..bytes.len() {
        assert!(read_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(read_bytes(&longer).is_err(), "with a byte behind its end");
}

/// A directory of a test, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("velo-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        Self(dir)
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).expect("it is there");
        let names = entries.map(|entry| entry.expect("it can be read").file_name());
        let mut names: Vec<_> = names.map(|it| it.into_string().expect("UTF-8")).collect();
        names.sort_unstable();
        names
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn load(dir: &Path, origin: &Origin) -> (Result<Option<u64>, String>, Vec<String>) {
    let store = Store::open(dir).expect("nobody else uses it");
    let mut told = Vec::new();
    let found = store.load(origin, &mut |line| told.push(line));
    let found = found
        .map(|found| found.map(|checkpoint| checkpoint.state.id))
        .map_err(|error| error.to_string());
    (found, told)
}

#[test]
fn the_newest_two_are_kept_and_the_newest_whole_one_is_taken() {
    let scratch = Scratch::new("store");
    assert_eq!(load(&scratch.0, &origin()), (Ok(None), Vec::new()));
    let mut store = Store::open(&scratch.0).expect("it is made");
    for id in 1..=3 {
        assert_eq!(store.next_number(), id);
        store.save(&checkpoint(id)).expect("there is room");
    }
    drop(store);
    let names = ["checkpoint-0000000002", "checkpoint-0000000003", "lock"];
    assert_eq!(scratch.files(), names);
    assert_eq!(load(&scratch.0, &origin()), (Ok(Some(3)), Vec::new()));
    // As a crash leaves it.
    std::fs::write(scratch.0.join("checkpoint-0000000004.part"), "torn").expect("there is room");
    assert_eq!(load(&scratch.0, &origin()).0, Ok(Some(3)));
    let newest = scratch.0.join(names[1]);
    let mut bytes = std::fs::read(&newest).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&newest, bytes).expect("there is room");
    let (found, told) = load(&scratch.0, &origin());
    assert_eq!(found, Ok(Some(2)));
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("checkpoint 3 is passed over: "),
        "{told:?}"
    );
    std::fs::write(scratch.0.join(names[0]), "").expect("there is room");
    let (found, told) = load(&scratch.0, &origin());
    let error =
        found.expect_err("there were checkpoints, so the job is not started over by itself");
    assert!(
        error.contains("neither it nor one before it is whole; to start from the beginning: rm -r")
    );
    assert_eq!(told.len(), 2);
}

#[test]
fn a_job_that_came_to_its_end_leaves_none() {
    let scratch = Scratch::new("clear");
    let mut store = Store::open(&scratch.0).expect("it is made");
    store.save(&checkpoint(1)).expect("there is room");
    store.save(&checkpoint(2)).expect("there is room");
    store.clear().expect("they can be removed");
    assert_eq!(scratch.files(), ["lock"]);
}

#[test]
fn a_directory_has_one_run() {
    let scratch = Scratch::new("lock");
    let store = Store::open(&scratch.0).expect("it is made");
    let error = Store::open(&scratch.0)
        .expect_err("it is in use")
        .to_string();
    assert!(error.contains("another run uses it"), "{error}");
    drop(store);
    Store::open(&scratch.0).expect("it is free");
}

#[test]
fn another_job_does_not_go_on_from_it() {
    let taken = origin();
    let differs = |now: &Origin| now.differs(&taken, [0, 0].into_iter());
    assert_eq!(differs(&origin()), None);
    let other = Origin {
        plan: 78,
        ..origin()
    };
    assert!(differs(&other).is_some_and(|why| why.contains("another query")));
    let other = Origin {
        engine: "2".into(),
        ..origin()
    };
    assert!(differs(&other).is_some_and(|why| why.contains("version 1.2.3")));
    // Files behind the one that is being read may come and go.
    let mut other = origin();
    other.files[0] = vec![mark("no/a.csv"), mark("no/a2.csv"), mark("no/b.csv")];
    assert_eq!(differs(&other), None);
    let why = other.differs(&taken, [1, 0].into_iter());
    assert_eq!(
        why.as_deref(),
        Some("its input file 2 was no/b.csv, now it is no/a2.csv")
    );
}

struct NoFiles;

impl Environment for NoFiles {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }
    fn files(&self, _: &str) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }
    fn head(&self, _: &Path, _: usize) -> Result<Vec<u8>, String> {
        Err("there are no files".to_owned())
    }
}

#[test]
fn a_file_that_grew_is_the_same_and_one_that_was_replaced_is_not() {
    let scratch = Scratch::new("marks");
    std::fs::create_dir_all(&scratch.0).expect("there is room");
    let path = scratch.0.join("trades.csv");
    let write = |text: &str| std::fs::write(&path, text).expect("there is room");
    let origin = || Origin {
        files: vec![vec![FileMark::of(&path)]],
        ..origin()
    };
    write("ts,price\n1,2\n");
    let taken = origin();
    let differs = || origin().differs(&taken, [0].into_iter());
    assert_eq!(differs(), None);
    write("ts,price\n1,2\n2,3\n");
    assert_eq!(differs(), None);
    for other in ["ts,price\n1,3\n2,3\n", "ts,price\n1,2", ""] {
        write(other);
        let why = differs().expect("another file");
        assert!(
            why.ends_with("trades.csv begins with other bytes now"),
            "{why}"
        );
    }
}

/// The job of a query over one generator.
fn job(query: &str, options: &str) -> crate::plan::Job {
    let sql = format!(
        "CREATE TABLE trades WITH ('connector' = 'generator', 'kind' = 'trades', 'rows' = '10'{options});\n{query}"
    );
    let compiled = compile(&sql, &CompileOptions::default(), &NoFiles);
    let compiled = compiled.expect("it compiles");
    compiled.job.expect("it has a query")
}

#[test]
fn a_plan_is_known_again_whatever_it_runs_on() {
    let query = "SELECT symbol, SUM(size) AS s FROM trades GROUP BY symbol";
    let one = Origin::of(&job(query, ""));
    assert_eq!(one, Origin::of(&job(query, "")));
    let faster = format!("SET 'workers' = '3'; SET 'max.groups' = '9';\n{query}");
    assert_eq!(one, Origin::of(&job(&faster, ", 'rate' = '5'")));
    for (query, options) in [
        (
            "SELECT symbol, MAX(size) AS s FROM trades GROUP BY symbol",
            "",
        ),
        (
            "SELECT symbol, SUM(size) AS t FROM trades GROUP BY symbol",
            "",
        ),
        (query, ", 'seed' = '5'"),
    ] {
        assert_ne!(one, Origin::of(&job(query, options)), "{query} {options}");
    }
}
