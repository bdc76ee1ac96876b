//! Each type read right, each fault found, and the fast twins against the slow one over random bytes.

use super::naive::Naive;
use super::{BinaryDecoder, BinaryFramer};
use crate::batch::{Column, Rows};
use crate::chunk::{RecordRun, RowDescriptors};
use crate::error::Reason;
use crate::format::{Decoder, FaultScope, FieldFault, FrameFault, FrameSpec, Framer, Frames};
use crate::plan::{BinaryFormat, TimestampUnit};
use crate::sim::Random;
use crate::types::{DataType, Field, Schema, Value, ZoneId};

fn schema(types: &[DataType]) -> Schema {
    let field = |(index, &ty): (usize, &DataType)| Field {
        name: format!("c{index}"),
        ty,
        nullable: index % 3 != 2,
    };
    Schema {
        fields: types.iter().enumerate().map(field).collect(),
    }
}

fn format(types: &[DataType], text: u32) -> BinaryFormat {
    let widths = types.iter().map(|&ty| BinaryFormat::width_of(ty));
    BinaryFormat {
        widths: widths.map(|width| width.unwrap_or(text)).collect(),
        null_bitmap: false,
        timestamp: TimestampUnit::Nanos,
    }
}

fn frame(framer: &mut dyn Framer, bytes: &[u8]) -> Frames {
    let mut frames = Frames::default();
    let end = framer.frame(bytes, 0, true, usize::MAX, &mut frames);
    assert_eq!(end, bytes.len());
    frames
}

/// The values and faults of column `column`.
fn decode(
    decoder: &mut dyn Decoder,
    bytes: &[u8],
    rows: &RowDescriptors,
    column: (usize, DataType),
    selection: Rows<'_>,
) -> (Vec<Value>, Vec<FieldFault>) {
    let mut faults = Vec::new();
    decoder.begin(bytes, rows, &mut faults);
    let mut out = Column::new(column.1);
    decoder.column(bytes, rows, column.0, selection, &mut out, &mut faults);
    assert_eq!(out.len(), rows.len());
    let mut values = Vec::new();
    selection.for_each(|row| values.push(out.value(row)));
    (values, faults)
}

/// The only column of records of one column.
fn read(ty: DataType, text: u32, bytes: &[u8]) -> Vec<Result<Value, Reason>> {
    let (schema, format) = (schema(&[ty]), format(&[ty], text));
    let frames = frame(
        &mut BinaryFramer::new(&format, &schema, &FrameSpec::default()),
        bytes,
    );
    assert_eq!(frames.faults, []);
    assert!(frames.starts.is_empty(), "no word a record");
    let rows = RowDescriptors {
        run: frames.run,
        ..RowDescriptors::default()
    };
    let decoder = &mut BinaryDecoder::new(&format, &schema);
    let (values, faults) = decode(decoder, bytes, &rows, (0, ty), Rows::All(rows.len()));
    let mut results: Vec<_> = values.into_iter().map(Ok).collect();
    for fault in faults {
        results[fault.row as usize] = Err(fault.reason);
    }
    results
}

#[test]
fn every_type_is_read_and_checked() {
    let bools = read(DataType::Boolean, 0, &[0, 1, 2, 255]);
    let wanted = [Ok(Value::Bool(false)), Ok(Value::Bool(true))];
    assert_eq!(bools[..2], wanted);
    assert_eq!(bools[2..], [Err(Reason::Boolean), Err(Reason::Boolean)]);
    let le = |values: &[i64]| values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let numbers: Vec<u8> = le(&[i64::MIN, -1, i64::MAX]);
    let wanted = [i64::MIN, -1, i64::MAX].map(|v| Ok(Value::I64(v)));
    assert_eq!(read(DataType::BigInt, 0, &numbers), wanted);
    assert_eq!(read(DataType::Timestamp, 0, &numbers), wanted);
    let times: Vec<u8> = le(&[0, 86_399_999_999_999, 86_400_000_000_000, -1]);
    let wanted = [
        Ok(Value::I64(0)),
        Ok(Value::I64(86_399_999_999_999)),
        Err(Reason::Time),
        Err(Reason::Time),
    ];
    assert_eq!(read(DataType::Time, 0, &times), wanted);
    let reals: Vec<u8> = [0.1_f32, -0.0]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let wanted = [0.1_f32, -0.0].map(|v| Ok(Value::F64(v.into())));
    assert_eq!(read(DataType::Real, 0, &reals), wanted);
    let wanted = [
        Ok(Value::Bytes(vec![0, 255])),
        Ok(Value::Text("A\0".into())),
    ];
    assert_eq!(read(DataType::Varbinary, 2, b"\0\xffA\0"), wanted);
    let ints: Vec<u8> = [i32::MIN, 7].iter().flat_map(|v| v.to_le_bytes()).collect();
    let wanted = [i64::from(i32::MIN), 7].map(|v| Ok(Value::I64(v)));
    assert_eq!(read(DataType::Int, 0, &ints), wanted);
    let days: Vec<u8> = [-719_528, -719_529, 2_932_896, 2_932_897_i32]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let wanted = [
        Ok(Value::I64(-719_528)),
        Err(Reason::Date),
        Ok(Value::I64(2_932_896)),
        Err(Reason::Date),
    ];
    assert_eq!(read(DataType::Date, 0, &days), wanted);
    let prices: Vec<u8> = le(&[9_999, 10_000, -9_999, -10_000, i64::MIN]);
    let wanted = [
        Ok(Value::I64(9_999)),
        Err(Reason::Range),
        Ok(Value::I64(-9_999)),
        Err(Reason::Range),
        Err(Reason::Range),
    ];
    assert_eq!(read(DataType::decimal(4, 2), 0, &prices), wanted);
    let most = 10_i128.pow(19);
    let wide = [most - 1, most, i128::MIN];
    let wide: Vec<u8> = wide.iter().flat_map(|v| v.to_le_bytes()).collect();
    let wanted = [
        Ok(Value::I128(most - 1)),
        Err(Reason::Range),
        Err(Reason::Range),
    ];
    assert_eq!(read(DataType::decimal(19, 0), 0, &wide), wanted);
    let doubles = [1.5_f64, f64::NEG_INFINITY];
    let bytes: Vec<u8> = doubles.iter().flat_map(|v| v.to_le_bytes()).collect();
    let wanted = doubles.map(|v| Ok(Value::F64(v)));
    assert_eq!(read(DataType::Double, 0, &bytes), wanted);
}

#[test]
fn texts_lose_their_padding_only() {
    let text = |text: &str| Ok(Value::Text(text.to_owned()));
    let found = read(
        DataType::Varchar,
        4,
        b"AB\0\0ABCD\0\0\0\0A\0B\0 A  \xc3\xa9\0\0\xff\0\0\0\xc3\0\0\0",
    );
    let wanted = [
        text("AB"),
        text("ABCD"),
        text(""),
        text("A\0B"),
        text(" A  "),
        text("é"),
        Err(Reason::Utf8),
        Err(Reason::Utf8),
    ];
    assert_eq!(found, wanted);
    // Fields around the words of 8 and 16 bytes and the 12 that a view holds.
    for width in [1, 7, 8, 9, 12, 13, 16, 17, 40] {
        for length in 0..=width as usize {
            let mut field = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"[..length].to_vec();
            let wanted = String::from_utf8(field.clone()).expect("ASCII");
            field.resize(width as usize, 0);
            let found = read(DataType::Varchar, width, &field.repeat(3));
            assert_eq!(found, vec![text(&wanted); 3], "{length} of {width} bytes");
        }
    }
}

#[test]
fn units_of_time_are_kept_in_range() {
    let types = [DataType::Timestamp];
    let schema = schema(&types);
    for unit in [
        TimestampUnit::Seconds,
        TimestampUnit::Millis,
        TimestampUnit::Micros,
    ] {
        let format = BinaryFormat {
            timestamp: unit,
            ..format(&types, 0)
        };
        let most = i64::MAX / unit.ns();
        let bytes: Vec<u8> = [most, most + 1, -most, -most - 1]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        let spec = FrameSpec {
            time: Some(0),
            ..FrameSpec::default()
        };
        let frames = frame(&mut BinaryFramer::new(&format, &schema, &spec), &bytes);
        let fault = |row| FrameFault {
            row,
            scope: FaultScope::EventTime,
            reason: Reason::EventTimeInvalid,
        };
        assert_eq!(frames.faults, [fault(1), fault(3)], "{unit:?}");
        assert_eq!(frames.times[0], most * unit.ns());
        assert_eq!(frames.times[2], -most * unit.ns());
    }
}

#[test]
fn a_cut_record_is_a_fault_only_where_the_file_ends() {
    let types = [DataType::BigInt, DataType::Int];
    let (schema, format) = (schema(&types), format(&types, 0));
    let spec = FrameSpec {
        keys: vec![vec![1, 0], Vec::new()],
        ..FrameSpec::default()
    };
    let mut framer = BinaryFramer::new(&format, &schema, &spec);
    let bytes = [7; 30];
    let mut frames = Frames::default();
    assert_eq!(framer.frame(&bytes, 0, false, 9, &mut frames), 24);
    assert_eq!(framer.frame(&bytes, 24, false, 9, &mut frames), 24);
    assert_eq!((frames.len(), frames.faults.len()), (2, 0));
    assert_eq!(frames.run.rows, 2);
    assert_eq!(framer.frame(&bytes, 24, true, 9, &mut frames), 30);
    assert_eq!(
        (&frames.starts[..], &frames.ends[..]),
        (&[0, 12, 24][..], &[12, 24, 30][..])
    );
    let fault = FrameFault {
        row: 2,
        scope: FaultScope::Record,
        reason: Reason::FieldCount,
    };
    assert_eq!(frames.faults, [fault]);
    assert!(frames.hashes.iter().all(|hashes| hashes.len() == 3));
}

const TYPES: [DataType; 14] = [
    DataType::Boolean,
    DataType::Int,
    DataType::BigInt,
    DataType::Double,
    DataType::decimal(9, 2),
    DataType::decimal(18, 4),
    DataType::decimal(38, 6),
    DataType::Varchar,
    DataType::Date,
    DataType::Timestamp,
    DataType::Real,
    DataType::Varbinary,
    DataType::Time,
    DataType::TimestampLtz(ZoneId::UTC),
];

/// A random table, and records of it that are mostly legal.
fn table(random: &mut Random) -> (BinaryFormat, Schema, Vec<u8>) {
    let count = 1 + random.below(11) as usize;
    let mut any = || TYPES[random.below(TYPES.len() as u64) as usize];
    let types: Vec<_> = (0..count).map(|_| any()).collect();
    let units = [
        TimestampUnit::Seconds,
        TimestampUnit::Millis,
        TimestampUnit::Micros,
        TimestampUnit::Nanos,
    ];
    let mut format = format(&types, 0);
    format.null_bitmap = random.one_in(2);
    format.timestamp = units[random.below(4) as usize];
    for (width, ty) in format.widths.iter_mut().zip(&types) {
        if matches!(ty, DataType::Varchar | DataType::Varbinary) {
            *width = 1 + random.below(20) as u32;
        }
    }
    let mut bytes = Vec::new();
    for _ in 0..random.below(600) {
        for _ in 0..format.bitmap_bytes() {
            bytes.push((random.next() & random.next() & random.next()) as u8);
        }
        for (ty, &width) in types.iter().zip(&format.widths) {
            field(random, *ty, width as usize, &mut bytes);
        }
    }
    let cut = random.below(1 + 2 * u64::from(!bytes.is_empty())) as usize;
    bytes.truncate(bytes.len() - cut.min(bytes.len()));
    (format, schema(&types), bytes)
}

fn field(random: &mut Random, ty: DataType, width: usize, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    if random.one_in(12) {
        bytes.extend((0..width).map(|_| random.next() as u8));
        return;
    }
    match ty {
        DataType::Varchar => {
            let most = random.below(width as u64 + 1) as usize;
            let letters = ["a", "Z", "0", " ", "é", "日", "\0"];
            while bytes.len() - start < most {
                let choice = if random.one_in(8) { 7 } else { 4 };
                let letter = letters[random.below(choice) as usize];
                bytes.extend_from_slice(letter.as_bytes());
            }
            bytes.resize(start + width, 0);
        }
        DataType::Varbinary => bytes.extend((0..width).map(|_| random.next() as u8)),
        DataType::Boolean => bytes.push(random.below(2) as u8),
        _ => {
            let edges = [0, -1, i64::MAX, i64::MIN, i64::MAX - 1];
            let number = if random.one_in(10) {
                edges[random.below(5) as usize]
            } else {
                random.below(100_000) as i64 - 50_000
            };
            bytes.extend_from_slice(&i128::from(number).to_le_bytes()[..width]);
        }
    }
}

fn spec(random: &mut Random, schema: &Schema) -> FrameSpec {
    let columns = schema.fields.len() as u64;
    let times = schema.fields.iter();
    let mut key = || {
        let parts = 1 + random.below(3);
        (0..parts).map(|_| random.below(columns) as usize).collect()
    };
    FrameSpec {
        keys: vec![key(), key()],
        time: times
            .clone()
            .position(|field| field.ty == DataType::Timestamp),
        hash_seed: 7,
    }
}

/// Frames in steps of at most `max` records over bytes that come bit by bit.
fn frame_in_steps(framer: &mut dyn Framer, bytes: &[u8], random: &mut Random) -> Frames {
    let mut frames = Frames::default();
    let (mut at, mut read) = (0, 0);
    loop {
        read = (read + random.below(4_000) as usize).min(bytes.len());
        let last = read == bytes.len();
        let max = 1 + random.below(300) as usize;
        let next = framer.frame(&bytes[..read], at, last, max, &mut frames);
        assert!(next >= at && next <= read);
        at = next;
        if last && at == read {
            return frames;
        }
    }
}

fn places(frames: &Frames) -> Vec<(u32, u32)> {
    (0..frames.len()).map(|row| frames.place(row)).collect()
}

/// Descriptors of the first `whole` records: all of them, taken in pieces, or those that a route would take.
fn some_rows(frames: &Frames, whole: usize, random: &mut Random) -> RowDescriptors {
    let mut rows = RowDescriptors::default();
    let gaps = random.one_in(2);
    let mut row = 0;
    while row < whole {
        if gaps && random.one_in(2) {
            rows.push_place(frames.place(row));
            row += 1 + random.below(3) as usize;
            continue;
        }
        let end = (row + 1 + random.below(200) as usize).min(whole);
        rows.extend_places(frames.places(), row..end);
        row = end + if gaps { random.below(2) as usize } else { 0 };
    }
    rows
}

#[test]
fn the_twins_agree() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let (format, schema, bytes) = table(&mut random);
        let spec = spec(&mut random, &schema);
        let mut naive = Naive::new(&format, &schema, &spec);
        let expected = frame(&mut naive, &bytes);
        let framer = &mut BinaryFramer::new(&format, &schema, &spec);
        let found = frame_in_steps(framer, &bytes, &mut random);
        assert_eq!(places(&found), places(&expected), "seed {seed}");
        assert_eq!(found.times, expected.times, "seed {seed}");
        assert_eq!(found.faults, expected.faults, "seed {seed}");
        for (index, (fast, slow)) in found.hashes.iter().zip(&expected.hashes).enumerate() {
            for row in 0..slow.len() {
                let spoilt = found.faults.iter().any(|fault| {
                    let scopes = [FaultScope::Record, FaultScope::Key(index as u16)];
                    fault.row as usize == row && scopes.contains(&fault.scope)
                });
                assert!(spoilt || fast[row] == slow[row], "seed {seed}, row {row}");
            }
        }
        let whole = bytes.len() / format.record_bytes();
        let rows = some_rows(&found, whole, &mut random);
        let some: Vec<u32> = (0..rows.len() as u32)
            .filter(|_| random.one_in(2))
            .collect();
        for selection in [Rows::All(rows.len()), Rows::Some(&some)] {
            let decoder = &mut BinaryDecoder::new(&format, &schema);
            for (index, field) in schema.fields.iter().enumerate() {
                let column = (index, field.ty);
                let (fast, faults) = decode(decoder, &bytes, &rows, column, selection);
                let (slow, expected) = decode(&mut naive, &bytes, &rows, column, selection);
                assert_eq!(faults, expected, "seed {seed}, column {index}");
                for (fast, slow) in fast.iter().zip(&slow) {
                    assert!(
                        same(fast, slow),
                        "seed {seed}, {column:?}: {fast:?} {slow:?}"
                    );
                }
            }
        }
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::F64(a), Value::F64(b)) => a.to_bits() == b.to_bits(),
        (a, b) => a == b,
    }
}

#[test]
fn times_that_ingest_found_are_not_read_again() {
    let types = [DataType::Timestamp];
    let (schema, format) = (schema(&types), format(&types, 0));
    let bytes = [0; 16];
    let rows = RowDescriptors {
        run: RecordRun {
            start: 0,
            record_bytes: 8,
            rows: 2,
        },
        times: vec![5, 6],
        ..RowDescriptors::default()
    };
    let decoder = &mut BinaryDecoder::new(&format, &schema).with_event_time(0);
    let found = decode(
        decoder,
        &bytes,
        &rows,
        (0, DataType::Timestamp),
        Rows::All(2),
    );
    assert_eq!(found.0, [Value::I64(5), Value::I64(6)]);
}
