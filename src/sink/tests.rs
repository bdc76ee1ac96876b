//! Bytes arrive whole and in order, buffers come back, and what cannot be written is told.

use super::*;
use crate::plan::{ChangelogMode, Job, Settings, SinkFormat};
use crate::time::WatermarkGrid;
use crate::types::{DataType, Field, Schema};
use glommio::{LocalExecutorBuilder, Placement};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("velo-sink-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn plan(connector: SinkConnector, format: Option<SinkFormat>) -> SinkPlan {
    SinkPlan {
        name: "out".to_owned(),
        connector,
        format,
        schema: Schema {
            fields: vec![Field {
                name: "symbol".to_owned(),
                ty: DataType::Varchar,
                nullable: true,
            }],
        },
        changelog: ChangelogMode::Append,
        ordered: true,
    }
}

#[test]
fn a_pipe_takes_what_it_has_room_for_and_gives_the_buffer_back() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut sink = StdoutSink::to(OwnedFd::from(writer), &plan(SinkConnector::Stdout, None));
    assert_eq!(sink.poll(), Ok(SinkState::Idle(None)));
    let bytes: Vec<u8> = (0..1 << 20).map(|i: u32| (i % 251) as u8).collect();
    sink.write(bytes.clone());
    // Nobody reads: the pipe fills and the sink says so instead of waiting.
    for _ in 0..10_000 {
        assert_eq!(sink.poll(), Ok(SinkState::Busy));
    }
    let reading = std::thread::spawn(move || {
        let mut found = Vec::new();
        reader.read_to_end(&mut found).unwrap();
        found
    });
    let back = loop {
        match sink.poll().unwrap() {
            SinkState::Idle(back) => break back.unwrap(),
            SinkState::Busy => std::thread::yield_now(),
            SinkState::Closed => panic!("the pipe is open"),
        }
    };
    assert!(back.is_empty() && back.capacity() >= 1 << 20);
    while sink.finish().unwrap() == Finish::Busy {}
    drop(sink);
    let found = reading.join().unwrap();
    assert!(found == bytes);
}

#[test]
fn a_reader_that_went_away_closes_the_sink_quietly() {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut sink = StdoutSink::to(OwnedFd::from(writer), &plan(SinkConnector::Stdout, None));
    drop(reader);
    sink.write(b"rows\n".to_vec());
    // The first poll may only learn which way the descriptor can be written to.
    let state = (0..3).map(|_| sink.poll().unwrap()).last();
    assert_eq!(state, Some(SinkState::Closed));
    assert_eq!(sink.finish(), Ok(Finish::Done));
}

#[test]
fn a_table_is_aligned_and_its_last_rows_come_at_the_end() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let plan = plan(SinkConnector::Stdout, Some(SinkFormat::Table));
    let mut sink = StdoutSink::to(OwnedFd::from(writer), &plan);
    let mut text = String::new();
    while sink.finish().unwrap() == Finish::Busy {}
    drop(sink);
    reader.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("symbol\n"), "{text:?}");
}

fn written(path: &Path, parts: Vec<Vec<u8>>) -> Result<(), JobError> {
    let path = path.to_owned();
    LocalExecutorBuilder::new(Placement::Unbound)
        .io_memory(64 << 10)
        .spawn(move || async move {
            let mut sink = SinkWriter::open(&plan(SinkConnector::File { path }, None))?;
            for part in parts {
                sink.write(part);
                while sink.poll()? == SinkState::Busy {
                    glommio::executor().yield_task_queue_now().await;
                }
            }
            while sink.finish()? == Finish::Busy {
                glommio::executor().yield_task_queue_now().await;
            }
            Ok(())
        })
        .unwrap()
        .join()
        .unwrap()
}

#[test]
fn a_file_is_emptied_first_and_holds_the_bytes_in_order() {
    let directory = Directory::new("file");
    let path = directory.0.join("out.csv");
    std::fs::write(&path, vec![b'x'; 1 << 20]).unwrap();
    let parts: Vec<Vec<u8>> = (0..50u8).map(|i| vec![i; usize::from(i) * 1000]).collect();
    let expected = parts.concat();
    written(&path, parts).unwrap();
    assert!(std::fs::read(&path).unwrap() == expected);
    written(&path, Vec::new()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"");
}

#[test]
fn a_directory_that_is_not_there_is_told_with_its_cure() {
    let directory = Directory::new("parent");
    let error = written(&directory.0.join("a/b/out.csv"), Vec::new()).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("out.csv") && text.contains("mkdir -p"),
        "{text}"
    );
}

#[test]
fn a_full_device_is_an_error() {
    let path = Path::new("/dev/full");
    if path.exists() {
        assert!(written(path, vec![b"row\n".to_vec()]).is_err());
    }
}

#[test]
fn the_blackhole_gives_buffers_back() {
    let mut sink = SinkWriter::open(&plan(SinkConnector::Blackhole, None)).unwrap();
    sink.write(b"rows".to_vec());
    match sink.poll().unwrap() {
        SinkState::Idle(Some(buffer)) => assert!(buffer.is_empty() && buffer.capacity() >= 4),
        other => panic!("{other:?}"),
    }
    assert_eq!(sink.finish(), Ok(Finish::Done));
}

#[test]
fn two_sinks_into_one_file_are_refused() {
    let directory = Directory::new("overwrite");
    let file = |name: &str| SinkConnector::File {
        path: directory.0.join(name),
    };
    let job = |connectors: Vec<SinkConnector>| Job {
        sources: Vec::new(),
        routes: Vec::new(),
        statements: Vec::new(),
        sinks: connectors.into_iter().map(|it| plan(it, None)).collect(),
        settings: Settings::default(),
        watermark_grid: WatermarkGrid::EXACT,
        subqueries: Vec::new(),
    };
    assert_eq!(refuse_overwriting(&job(vec![file("a"), file("b")])), Ok(()));
    assert!(refuse_overwriting(&job(vec![file("a"), file("a")])).is_err());
    std::fs::write(directory.0.join("a"), "").unwrap();
    std::os::unix::fs::symlink(directory.0.join("a"), directory.0.join("link")).unwrap();
    assert!(refuse_overwriting(&job(vec![file("a"), file("link")])).is_err());
    let null = || SinkConnector::File {
        path: PathBuf::from("/dev/null"),
    };
    assert_eq!(refuse_overwriting(&job(vec![null(), null()])), Ok(()));
}
