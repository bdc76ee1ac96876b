//! Files plain and compressed, followed, missing and damaged; pipes; TCP. Slices are tiny on purpose.

use super::raw::{Raw, RegularFile};
use super::*;
use crate::plan::TcpRole;
use codec::{ByteStream, Decoded};
use glommio::{LocalExecutorBuilder, Placement};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};

/// Polls without an event before a test gives up; each is at least a turn of the executor.
const PATIENCE: usize = 2_000_000;

struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("velo-source-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn in_executor<T: Send + 'static>(work: impl AsyncFnOnce() -> T + Send + 'static) -> T {
    LocalExecutorBuilder::new(Placement::Unbound)
        .io_memory(64 << 10)
        .spawn(move || async move { work().await })
        .unwrap()
        .join()
        .unwrap()
}

fn rows(count: usize) -> Vec<u8> {
    (0..count)
        .flat_map(|i| format!("{i},SYM{},{}\n", i % 7, i * i).into_bytes())
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// With the checksum that the `zstd` command writes; without one, damage may decode to other bytes.
fn checked_zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What a file source says, events as text, the bytes of each file together.
async fn drain(mut reader: FileReader, slice: usize) -> Result<Vec<(u32, Vec<u8>)>, JobError> {
    let mut slice = vec![0; slice];
    let mut files: Vec<(u32, Vec<u8>)> = Vec::new();
    let mut is_open = false;
    for _ in 0..PATIENCE {
        match reader.poll(&mut slice, 0)? {
            ReadEvent::BeginFile { file } => {
                assert!(!is_open);
                is_open = true;
                files.push((file, Vec::new()));
            }
            ReadEvent::Bytes(bytes) => {
                assert!(is_open && bytes > 0);
                files
                    .last_mut()
                    .unwrap()
                    .1
                    .extend_from_slice(&slice[..bytes]);
            }
            ReadEvent::EndFile => {
                assert!(is_open);
                is_open = false;
            }
            ReadEvent::Pending => glommio::executor().yield_task_queue_now().await,
            ReadEvent::End => {
                assert!(!is_open);
                return Ok(files);
            }
        }
    }
    panic!("the source never ended");
}

fn drained(paths: Vec<PathBuf>, slice: usize) -> Result<Vec<(u32, Vec<u8>)>, JobError> {
    in_executor(async move || drain(FileReader::new(paths, Detection::FirstBytes), slice).await)
}

#[test]
fn files_of_every_codec_are_read_in_order() {
    let directory = Directory::new("codecs");
    let data = rows(3000);
    let (first, second) = data.split_at(data.len() / 3);
    let members = [gzip(first), gzip(b""), gzip(second)].concat();
    let frames = [first, second]
        .map(|part| zstd::encode_all(part, 1).unwrap())
        .concat();
    let paths = vec![
        directory.file("a.csv", &data),
        directory.file("b.csv", b""),
        directory.file("c.csv.gz", &members),
        directory.file("d.csv.zst", &frames),
        directory.file("e", b"("),
        directory.file("f", &[0x1f]),
    ];
    let expected: Vec<&[u8]> = vec![&data, b"", &data, &data, b"(", &[0x1f]];
    for slice in [1, 13, 4096, 1 << 18] {
        let files = drained(paths.clone(), slice).unwrap();
        assert!(files.iter().map(|it| it.0).eq(0..6));
        for (index, (found, expected)) in files.iter().zip(&expected).enumerate() {
            assert!(found.1 == *expected, "file {index}, slices of {slice}");
        }
    }
}

#[test]
fn binary_records_that_begin_like_gzip_are_plain_unless_the_name_says_otherwise() {
    let directory = Directory::new("names");
    let data = [&[0x1f, 0x8b, 8, 0], &rows(100)[..]].concat();
    let paths = vec![
        directory.file("a.bin", &data),
        directory.file("b", &[0x28, 0xb5, 0x2f, 0xfd]),
        directory.file("c.bin.GZ", &gzip(&data)),
        directory.file("d.zst", &zstd::encode_all(&data[..], 1).unwrap()),
    ];
    let files =
        in_executor(async move || drain(FileReader::new(paths, Detection::Name), 4096).await);
    let files = files.unwrap();
    assert_eq!(files[1].1, [0x28, 0xb5, 0x2f, 0xfd]);
    for index in [0, 2, 3] {
        assert!(files[index].1 == data, "file {index}");
    }
}

#[test]
fn a_file_outside_the_page_cache_is_read_through_the_ring() {
    let directory = Directory::new("ring");
    let data = rows(40_000);
    let path = directory.file("a.csv", &data);
    let found = in_executor(async move || {
        let mut file = RegularFile::uncached(File::open(&path).unwrap());
        let (mut found, mut slice) = (Vec::new(), vec![0; 777]);
        for _ in 0..PATIENCE {
            match file.poll_read(&mut slice) {
                std::task::Poll::Pending => glommio::executor().yield_task_queue_now().await,
                std::task::Poll::Ready(result) => match result.unwrap() {
                    0 => return found,
                    bytes => found.extend_from_slice(&slice[..bytes]),
                },
            }
        }
        panic!("the file never ended");
    });
    assert!(found == data);
}

#[test]
fn archives_that_are_cut_or_damaged_are_told_with_their_path() {
    let directory = Directory::new("damaged");
    let data = rows(20_000);
    let archives = [("gzip", gzip(&data)), ("zstd", checked_zstd(&data))];
    for (format, archive) in archives {
        let cut = directory.file("cut", &archive[..archive.len() / 2]);
        match drained(vec![cut], 4096).unwrap_err() {
            JobError::Io { what, cause, hint } => {
                assert!(what.ends_with("/cut"), "{what}");
                assert!(
                    cause.contains(format) && cause.contains("in the middle"),
                    "{cause}"
                );
                assert!(hint.unwrap().contains("-t "), "{format}");
            }
            other => panic!("{other}"),
        }
        let mut damaged = archive.clone();
        let middle = archive.len() / 2;
        for byte in &mut damaged[middle..middle + 64] {
            *byte ^= 0x5a;
        }
        let damaged = directory.file("damaged", &damaged);
        assert!(matches!(
            drained(vec![damaged], 4096),
            Err(JobError::Io { .. })
        ));
    }
    let trailing = directory.file(
        "trailing",
        &[gzip(b"x\n"), b"junk behind".to_vec()].concat(),
    );
    assert!(drained(vec![trailing], 64).is_err());
}

#[test]
fn what_cannot_be_opened_is_told_with_a_cure() {
    let directory = Directory::new("open");
    let missing = drained(vec![directory.0.join("none.csv")], 64).unwrap_err();
    assert!(missing.to_string().contains("none.csv"), "{missing}");
    let folder = drained(vec![directory.0.clone()], 64).unwrap_err();
    assert!(folder.to_string().contains("*.csv"), "{folder}");
}

/// Polls until an event other than `Pending`, the clock rising by `step_ns` a poll.
async fn next(
    reader: &mut FileReader,
    slice: &mut [u8],
    now: &mut i64,
) -> Result<ReadEvent, JobError> {
    for _ in 0..PATIENCE {
        *now += 500_000;
        match reader.poll(slice, *now)? {
            ReadEvent::Pending => glommio::executor().yield_task_queue_now().await,
            event => return Ok(event),
        }
    }
    panic!("nothing came");
}

fn append(path: &Path, bytes: &[u8]) {
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn a_followed_file_is_read_as_it_grows_and_must_not_shrink() {
    let directory = Directory::new("follow");
    let path = directory.file("a.csv", b"one\n");
    in_executor(async move || {
        let mut reader = FileReader::following(vec![path.clone()], Detection::FirstBytes);
        let (mut slice, mut now) = (vec![0; 64], 0);
        let event = next(&mut reader, &mut slice, &mut now).await;
        assert_eq!(event, Ok(ReadEvent::BeginFile { file: 0 }));
        for text in ["one\n", "two\nth", "ree\n"] {
            if text != "one\n" {
                append(&path, text.as_bytes());
            }
            let event = next(&mut reader, &mut slice, &mut now).await;
            assert_eq!(event, Ok(ReadEvent::Bytes(text.len())));
            assert_eq!(&slice[..text.len()], text.as_bytes());
            // At the end, however long it is asked.
            for _ in 0..10 {
                now += 2_000_000;
                assert_eq!(reader.poll(&mut slice, now), Ok(ReadEvent::Pending));
            }
        }
        File::create(&path).unwrap();
        let error = next(&mut reader, &mut slice, &mut now).await.unwrap_err();
        assert!(error.to_string().contains("shrank"), "{error}");
    });
}

#[test]
fn a_followed_file_that_is_rotated_away_ends_the_job_after_its_last_byte() {
    let directory = Directory::new("rotate");
    let path = directory.file("a.csv", b"one\n");
    in_executor(async move || {
        let mut reader = FileReader::following(vec![path.clone()], Detection::FirstBytes);
        let (mut slice, mut now) = (vec![0; 64], 0);
        next(&mut reader, &mut slice, &mut now).await.unwrap();
        next(&mut reader, &mut slice, &mut now).await.unwrap();
        let old = path.with_extension("old");
        std::fs::rename(&path, &old).unwrap();
        append(&old, b"last\n");
        std::fs::write(&path, b"new\n").unwrap();
        assert_eq!(
            next(&mut reader, &mut slice, &mut now).await,
            Ok(ReadEvent::Bytes(5))
        );
        let error = next(&mut reader, &mut slice, &mut now).await.unwrap_err();
        assert!(error.to_string().contains("another file"), "{error}");
    });
}

#[test]
fn a_compressed_file_cannot_be_followed() {
    let directory = Directory::new("follow-gzip");
    let path = directory.file("a.csv.gz", &gzip(b"one\n"));
    in_executor(async move || {
        let mut reader = FileReader::following(vec![path], Detection::FirstBytes);
        let (mut slice, mut now) = (vec![0; 64], 0);
        next(&mut reader, &mut slice, &mut now).await.unwrap();
        let error = next(&mut reader, &mut slice, &mut now).await.unwrap_err();
        assert!(error.to_string().contains("compressed"), "{error}");
    });
}

#[test]
fn a_pipe_is_polled_and_never_waited_for() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let raw = Raw::Stream(File::from(std::os::fd::OwnedFd::from(reader)));
    let mut stream = ByteStream::new("pipe".to_owned(), raw, Detection::FirstBytes);
    let mut slice = [0; 16];
    assert_eq!(stream.poll(&mut slice), Ok(Decoded::Pending));
    // The first byte of zstd's magic: not yet decided.
    writer.write_all(b"(").unwrap();
    assert_eq!(stream.poll(&mut slice), Ok(Decoded::Pending));
    writer.write_all(b"a\n").unwrap();
    assert_eq!(stream.poll(&mut slice), Ok(Decoded::Bytes(3)));
    assert_eq!(&slice[..3], b"(a\n");
    assert_eq!(stream.poll(&mut slice), Ok(Decoded::Pending));
    writer.write_all(b"more\n").unwrap();
    assert_eq!(stream.poll(&mut slice), Ok(Decoded::Bytes(5)));
    drop(writer);
    assert_eq!(stream.poll(&mut slice), Ok(Decoded::End));
}

/// Polls a TCP source until an event other than `Pending`, the clock rising by a millisecond a poll.
fn next_tcp(
    reader: &mut TcpReader,
    slice: &mut [u8],
    now: &mut i64,
) -> Result<ReadEvent, JobError> {
    for _ in 0..20_000 {
        *now += 1_000_000;
        match reader.poll(slice, *now)? {
            ReadEvent::Pending => std::thread::sleep(std::time::Duration::from_micros(100)),
            event => return Ok(event),
        }
    }
    panic!("nothing came");
}

#[test]
fn a_listening_source_takes_one_connection_after_another() {
    let mut reader = TcpReader::open("127.0.0.1:0", TcpRole::Listen).unwrap();
    let address = reader.address();
    assert!(reader.take_notice().unwrap().contains(&address.to_string()));
    let (mut slice, mut now) = ([0; 4], 0);
    assert_eq!(reader.poll(&mut slice, 0), Ok(ReadEvent::Pending));
    for connection in 0..3 {
        let mut peer = TcpStream::connect(address).unwrap();
        let begin = next_tcp(&mut reader, &mut slice, &mut now);
        assert_eq!(begin, Ok(ReadEvent::BeginFile { file: connection }));
        peer.write_all(b"abcdef").unwrap();
        drop(peer);
        let mut bytes = Vec::new();
        loop {
            match next_tcp(&mut reader, &mut slice, &mut now).unwrap() {
                ReadEvent::Bytes(n) => bytes.extend_from_slice(&slice[..n]),
                event => break assert_eq!(event, ReadEvent::EndFile),
            }
        }
        assert_eq!(bytes, b"abcdef");
    }
}

#[test]
fn a_connecting_source_waits_for_its_peer_and_ends_with_it() {
    // A port that was free a moment ago.
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut reader = TcpReader::open(&address.port().to_string(), TcpRole::Connect).unwrap();
    assert_eq!(reader.address(), address);
    let (mut slice, mut now) = ([0; 64], 0);
    for _ in 0..200 {
        now += 10_000_000;
        assert_eq!(reader.poll(&mut slice, now), Ok(ReadEvent::Pending));
    }
    let listener = std::net::TcpListener::bind(address).unwrap();
    let begin = next_tcp(&mut reader, &mut slice, &mut now);
    assert_eq!(begin, Ok(ReadEvent::BeginFile { file: 0 }));
    let (mut peer, _) = listener.accept().unwrap();
    peer.write_all(b"row\n").unwrap();
    assert_eq!(
        next_tcp(&mut reader, &mut slice, &mut now),
        Ok(ReadEvent::Bytes(4))
    );
    drop(peer);
    assert_eq!(
        next_tcp(&mut reader, &mut slice, &mut now),
        Ok(ReadEvent::EndFile)
    );
    assert_eq!(reader.poll(&mut slice, now), Ok(ReadEvent::End));
}

#[test]
fn a_peer_that_never_comes_is_told_after_ten_seconds() {
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut reader = TcpReader::open(&address.to_string(), TcpRole::Connect).unwrap();
    let mut slice = [0; 8];
    assert_eq!(reader.poll(&mut slice, 0), Ok(ReadEvent::Pending));
    let error = (1..100)
        .find_map(|i| reader.poll(&mut slice, i * 150_000_000).err())
        .expect("it gives up");
    let text = error.to_string();
    assert!(
        text.contains("10 s") && text.contains("refused") && text.contains("nc -v"),
        "{text}"
    );
}

#[test]
fn addresses_that_cannot_be_used_are_told() {
    for wrong in ["", "nonsense", "127.0.0.1", "127.0.0.1:99999"] {
        assert!(TcpReader::open(wrong, TcpRole::Listen).is_err(), "{wrong}");
    }
    let first = TcpReader::open("127.0.0.1:0", TcpRole::Listen).unwrap();
    let error = TcpReader::open(&first.address().to_string(), TcpRole::Listen)
        .err()
        .unwrap();
    assert!(error.to_string().contains("ss -ltnp"), "{error}");
}
