//! Fixed cases of every rule; `twins` compares the fast readers with the slow ones over random data.

mod twins;

use super::naive::{NaiveDecoder, NaiveFramer};
use super::*;
use crate::batch::{Column, Rows};
use crate::chunk::RowDescriptors;
use crate::error::Reason;
use crate::format::{Decoder, FaultScope, FieldFault, FrameFault, Framer, Frames, RECORD_FAULT};
use crate::hash;
use crate::limits::RECORD_BYTES_MAX;
use crate::types::{DataType, Field, Value};

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 16) as usize % bound
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

fn schema(types: &[DataType]) -> Schema {
    let field = |(index, &ty): (usize, &DataType)| Field {
        name: format!("c{index}"),
        ty,
        nullable: index != 3,
    };
    Schema {
        fields: types.iter().enumerate().map(field).collect(),
    }
}

fn format(columns: u16) -> CsvFormat {
    CsvFormat {
        delimiter: b',',
        quote: b'"',
        header: false,
        null_text: None,
        fields: (0..columns).collect(),
        field_count: columns,
        timestamp: TimestampFormat::Millis,
    }
}

/// ts, symbol, price, size, side.
const TRADES: [DataType; 5] = [
    DataType::Timestamp,
    DataType::Varchar,
    DataType::decimal(18, 4),
    DataType::BigInt,
    DataType::Varchar,
];

fn trades_spec() -> FrameSpec {
    FrameSpec {
        time: Some(0),
        keys: vec![vec![1]],
        hash_seed: 7,
    }
}

/// What framing gives, apart from how it was called.
#[derive(Debug, Default, PartialEq)]
struct Framed {
    records: Vec<Vec<u8>>,
    times: Vec<i64>,
    hashes: Vec<Vec<u64>>,
    faults: Vec<FrameFault>,
}

impl Framed {
    fn take(&mut self, bytes: &[u8], frames: &Frames) {
        let before = self.records.len() as u32;
        let record = |(&start, &end): (&u32, &u32)| bytes[start as usize..end as usize].to_vec();
        self.records
            .extend(frames.starts.iter().zip(&frames.ends).map(record));
        self.times.extend(&frames.times);
        self.hashes.resize_with(frames.hashes.len(), Vec::new);
        for (all, more) in self.hashes.iter_mut().zip(&frames.hashes) {
            all.extend(more);
        }
        self.faults
            .extend(frames.faults.iter().map(|fault| FrameFault {
                row: fault.row + before,
                ..*fault
            }));
        // What a faulty row holds there is nobody's business.
        for fault in &self.faults {
            let row = fault.row as usize;
            if let Some(time) = self.times.get_mut(row) {
                *time = 0;
            }
            for hashes in &mut self.hashes {
                hashes[row] = 0;
            }
        }
    }
}

fn frame_whole(framer: &mut dyn Framer, bytes: &[u8]) -> Framed {
    let mut frames = Frames::default();
    let next = framer.frame(bytes, 0, true, usize::MAX >> 1, &mut frames);
    assert_eq!(next, bytes.len(), "all bytes are done with");
    let mut framed = Framed::default();
    framed.take(bytes, &frames);
    framed
}

fn frame(bytes: &[u8], format: &CsvFormat, spec: &FrameSpec) -> Framed {
    let schema = schema(&TRADES);
    let fast = frame_whole(&mut CsvFramer::new(format, &schema, spec), bytes);
    let slow = frame_whole(&mut NaiveFramer::new(format, &schema, spec), bytes);
    assert_eq!(fast, slow);
    fast
}

fn texts(framed: &Framed) -> Vec<&str> {
    let text = |record| std::str::from_utf8(record).unwrap();
    framed.records.iter().map(|r| text(r)).collect()
}

fn fault(row: u32, scope: FaultScope, reason: Reason) -> FrameFault {
    FrameFault { row, scope, reason }
}

#[test]
fn lines_end_in_every_way() {
    let none = FrameSpec::default();
    let framed = frame(b"a,b\n\n\r\nc\r\nd\re\nf\r", &format(1), &none);
    assert_eq!(texts(&framed), ["a,b", "c", "d\re", "f"]);
    assert!(framed.faults.is_empty());
    assert_eq!(texts(&frame(b"", &format(1), &none)), [""; 0]);
    assert_eq!(texts(&frame(b"\r", &format(1), &none)), [""; 0]);
    assert_eq!(texts(&frame(b"a\0b\n", &format(1), &none)), ["a\0b"]);
}

#[test]
fn mark_and_header_of_each_file_are_skipped() {
    let format = CsvFormat {
        header: true,
        ..format(1)
    };
    let mut framer = CsvFramer::new(&format, &schema(&TRADES[..1]), &FrameSpec::default());
    for _ in 0..2 {
        framer.begin_file();
        let framed = frame_whole(&mut framer, b"\xef\xbb\xbf\n\"na\nme\"\n1\n2");
        assert_eq!(texts(&framed), ["1", "2"]);
    }
    framer.begin_file();
    let framed = frame_whole(&mut framer, b"\"open\n1\n");
    assert_eq!(framed.faults, [fault(0, FaultScope::Record, Reason::Quote)]);
}

#[test]
fn time_and_key_are_found() {
    let line = b"1700000000000,SYM0001,101.25,500,B\n";
    let framed = frame(line, &format(5), &trades_spec());
    assert_eq!(framed.times, [1_700_000_000_000_000_000]);
    assert_eq!(framed.hashes, [[hash::hash_text(7, b"SYM0001")]]);
    assert!(framed.faults.is_empty());

    let quoted = b"\"1700000000000\",\"a\"\"b\",1,1,B\n,x,1,1,1\n1,,1,1,1\n1,\"\",1,1,1\n";
    let framed = frame(quoted, &format(5), &trades_spec());
    assert_eq!(
        framed.faults,
        [fault(1, FaultScope::EventTime, Reason::EventTimeNull)]
    );
    assert_eq!(framed.times[0], 1_700_000_000_000_000_000);
    assert_eq!(framed.hashes[0][0], hash::hash_text(7, b"a\"b"));
    assert_eq!(framed.hashes[0][2], hash::hash_null(7));
    assert_eq!(framed.hashes[0][3], hash::hash_text(7, b""));
}

#[test]
fn faults_come_in_the_order_of_the_ledger() {
    let spec = FrameSpec {
        keys: vec![vec![3], vec![2, 1]],
        ..trades_spec()
    };
    let bytes =
        b"x,a,1,1,B\n1,a,1,z,B\nx,a,1,1\n1\n1,a\n1,a,1,1,B,C\nx,\xff,1,y,B\n1,\"a\"b,1,1,B\n";
    let framed = frame(bytes, &format(5), &spec);
    assert_eq!(
        framed.faults,
        [
            fault(0, FaultScope::EventTime, Reason::EventTimeInvalid),
            fault(1, FaultScope::Key(0), Reason::KeyInvalid),
            fault(2, FaultScope::Record, Reason::FieldCount),
            fault(3, FaultScope::Record, Reason::FieldCount),
            fault(4, FaultScope::Record, Reason::FieldCount),
            fault(6, FaultScope::EventTime, Reason::EventTimeInvalid),
            fault(6, FaultScope::Key(0), Reason::KeyInvalid),
            fault(6, FaultScope::Key(1), Reason::KeyInvalid),
            fault(7, FaultScope::Record, Reason::Quote),
        ]
    );
    let expected = hash::combine(hash::hash_i64(7, 10_000), hash::hash_text(7, b"a"));
    assert_eq!(framed.hashes[1][5], expected);
}

#[test]
fn event_times_at_the_ends_of_the_range_are_refused() {
    let format = CsvFormat {
        timestamp: TimestampFormat::Nanos,
        ..format(5)
    };
    let bytes =
        b"9223372036854775807,a,1,1,B\n-9223372036854775808,a,1,1,B\n9223372036854775806,a,1,1,B\n";
    let framed = frame(bytes, &format, &trades_spec());
    assert_eq!(framed.faults.len(), 2);
    assert_eq!(framed.times[2], i64::MAX - 1);
}

#[test]
fn long_records_are_cut_and_skipped_whatever_the_reads() {
    let longest = vec![b'x'; RECORD_BYTES_MAX];
    let mut bytes = b"1,a,1,1,B\n".to_vec();
    for extra in [&b""[..], b"y", b"yyyy,\"\n"] {
        bytes.extend_from_slice(b"1,");
        bytes.extend_from_slice(&longest[2..]);
        bytes.extend_from_slice(extra);
        bytes.extend_from_slice(b"\n");
    }
    bytes.extend_from_slice(b"2,\"open\n");
    bytes.extend_from_slice(&longest);
    bytes.extend_from_slice(&longest);
    bytes.extend_from_slice(b"\n3,c,1,1,B");
    let spec = FrameSpec {
        time: None,
        keys: vec![vec![0]],
        hash_seed: 7,
    };
    let whole = frame(&bytes, &format(5), &spec);
    assert_eq!(whole.records.last().unwrap(), b"3,c,1,1,B");
    assert_eq!(whole.records[1].len(), RECORD_BYTES_MAX);
    let reasons: Vec<_> = whole.faults.iter().map(|f| (f.row, f.reason)).collect();
    assert_eq!(
        reasons,
        [
            (2, Reason::LineTooLong),
            (3, Reason::LineTooLong),
            (4, Reason::LineTooLong)
        ],
        "{:?}",
        whole.records.len()
    );
    let seed = 0x5eed_0041;
    let mut random = Random(seed);
    for _ in 0..3 {
        let mut framer = CsvFramer::new(&format(5), &schema(&TRADES), &spec);
        let mut pieces = Framed::default();
        let (mut at, mut fed) = (0, 0);
        let mut frames = Frames::default();
        while fed < bytes.len() {
            fed = (fed + 1 + random.below(2 * RECORD_BYTES_MAX)).min(bytes.len());
            frames.clear(1);
            at = framer.frame(&bytes[..fed], at, fed == bytes.len(), 100, &mut frames);
            pieces.take(&bytes[..fed], &frames);
        }
        assert_eq!(pieces, whole, "seed {seed:#x}");
    }
}

#[test]
fn records_and_fields_fault_apart() {
    let bytes = b"1,a,x,5,B\n1,a,1,5\n1,a,1,,B";
    let rows = RowDescriptors {
        starts: vec![0, 10, 18],
        ends: vec![9, 17, bytes.len() as u32],
        times: vec![11, 12, 13],
        ..RowDescriptors::default()
    };
    let mut decoder = CsvDecoder::new(&format(5), &schema(&TRADES)).with_event_time(0);
    let mut faults = Vec::new();
    decoder.begin(bytes, &rows, &mut faults);
    let record = FieldFault {
        row: 1,
        column: RECORD_FAULT,
        reason: Reason::FieldCount,
    };
    assert_eq!(faults, [record]);
    faults.clear();
    let mut column = Column::new(TRADES[0]);
    decoder.column(
        bytes,
        &rows,
        0,
        Rows::Some(&[0, 2]),
        &mut column,
        &mut faults,
    );
    assert_eq!(column.value(2), Value::I64(13));
    let mut column = Column::new(TRADES[2]);
    decoder.column(
        bytes,
        &rows,
        2,
        Rows::Some(&[0, 2]),
        &mut column,
        &mut faults,
    );
    assert_eq!(
        (column.value(0), column.value(2)),
        (Value::Null, Value::I64(10_000))
    );
    let mut column = Column::new(TRADES[3]);
    decoder.column(
        bytes,
        &rows,
        3,
        Rows::Some(&[0, 2]),
        &mut column,
        &mut faults,
    );
    let reasons: Vec<_> = faults.iter().map(|f| (f.row, f.column, f.reason)).collect();
    assert_eq!(reasons, [(0, 2, Reason::Number), (2, 3, Reason::Null)]);
}
