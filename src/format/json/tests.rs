//! Goldens, and framer and decoder against the slow twin over made and broken records.

mod layouts;
mod near_misses;

use super::naive;
use crate::batch::{Column, Rows};
use crate::chunk::RowDescriptors;
use crate::error::Reason;
use crate::format::{Decoder, FaultScope, FieldFault, FrameFault, FrameSpec, Frames, RECORD_FAULT};
use crate::hash;
use crate::limits::RECORD_BYTES_MAX;
use crate::plan::{JsonFormat, TimestampFormat};
use crate::types::{DataType, Field, Schema, Value};

/// xorshift64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

fn table(columns: &[(&str, DataType)], timestamp: TimestampFormat) -> (JsonFormat, Schema) {
    let path = |name: &str| name.split('.').map(str::to_owned).collect();
    let field = |&(name, ty): &(&str, DataType)| Field {
        name: name.to_owned(),
        ty,
        nullable: true,
    };
    let format = JsonFormat {
        paths: columns.iter().map(|column| path(column.0)).collect(),
        timestamp,
    };
    let fields = columns.iter().map(field).collect();
    (format, Schema { fields })
}

fn trades() -> (JsonFormat, Schema) {
    table(
        &[
            ("ts", DataType::Timestamp),
            ("symbol", DataType::Varchar),
            ("price", DataType::decimal(18, 4)),
            ("size", DataType::BigInt),
            ("a.b", DataType::Int),
            ("a", DataType::Varchar),
            ("a.c.d", DataType::Double),
            ("ok", DataType::Boolean),
            ("day", DataType::Date),
            ("wide", DataType::decimal(38, 6)),
            ("symbol", DataType::Varchar),
        ],
        TimestampFormat::Millis,
    )
}

/// The whole of `lines` as one morsel.
fn descriptors(lines: &[u8]) -> RowDescriptors {
    let mut rows = RowDescriptors::default();
    let mut start = 0;
    for line in lines.split(|&byte| byte == b'\n') {
        rows.starts.push(start as u32);
        rows.ends.push((start + line.len()) as u32);
        start += line.len() + 1;
    }
    rows
}

fn decode_one(
    format: &JsonFormat,
    schema: &Schema,
    record: &[u8],
    column: usize,
) -> Result<Value, Reason> {
    let rows = descriptors(record);
    let mut decoder = super::decoder(format, schema);
    let mut faults = Vec::new();
    decoder.begin(record, &rows, &mut faults);
    if let Some(fault) = faults.first() {
        assert_eq!(fault.column, RECORD_FAULT);
        return Err(fault.reason);
    }
    let mut out = Column::new(schema.fields[column].ty);
    decoder.column(record, &rows, column, Rows::All(1), &mut out, &mut faults);
    match faults.first() {
        Some(fault) => {
            assert!(out.is_null(0));
            Err(fault.reason)
        }
        None => Ok(out.value(0)),
    }
}

#[test]
fn values_are_read_by_their_column() {
    let text = |text: &str| Ok(Value::Text(text.to_owned()));
    let varchar = DataType::Varchar;
    for (ty, json, wanted) in [
        (varchar, r#""AAPL""#, text("AAPL")),
        (varchar, r#""a\"\\\u00e9\ud83d\ude00""#, text("a\"\\é😀")),
        (
            varchar,
            "\"Zürich und noch weiter\"",
            text("Zürich und noch weiter"),
        ),
        (varchar, "1.50", text("1.50")),
        (varchar, "true", text("true")),
        (varchar, "[1, {\"x\":2}]", text("[1, {\"x\":2}]")),
        (varchar, "null", Ok(Value::Null)),
        (varchar, "\"\"", text("")),
        (DataType::BigInt, "-0", Ok(Value::I64(0))),
        (DataType::BigInt, "1.0", Ok(Value::I64(1))),
        (DataType::BigInt, "12e2", Ok(Value::I64(1200))),
        (DataType::BigInt, "\"42\"", Ok(Value::I64(42))),
        (DataType::BigInt, "1.5", Err(Reason::Number)),
        (DataType::BigInt, "9223372036854775808", Err(Reason::Range)),
        (
            DataType::BigInt,
            "-9223372036854775808",
            Ok(Value::I64(i64::MIN)),
        ),
        (DataType::BigInt, "{}", Err(Reason::Number)),
        (DataType::BigInt, "true", Err(Reason::Number)),
        (DataType::Int, "2147483648", Err(Reason::Range)),
        (DataType::Int, "2147483648.0", Err(Reason::Range)),
        (DataType::decimal(18, 4), "1.50", Ok(Value::I64(15_000))),
        (DataType::decimal(18, 4), "15e-1", Ok(Value::I64(15_000))),
        (DataType::decimal(18, 4), "\"1.50\"", Ok(Value::I64(15_000))),
        (DataType::decimal(18, 4), "1.00001", Err(Reason::Scale)),
        (
            DataType::decimal(38, 2),
            "-12345678901234567890.1",
            Ok(Value::I128(-1_234_567_890_123_456_789_010)),
        ),
        (DataType::Double, "1e3", Ok(Value::F64(1000.0))),
        (DataType::Double, "-0", Ok(Value::F64(-0.0))),
        (DataType::Double, "1e999", Err(Reason::Range)),
        (DataType::Double, "[]", Err(Reason::Number)),
        (DataType::Boolean, "false", Ok(Value::Bool(false))),
        (DataType::Boolean, "\"TRUE\"", Ok(Value::Bool(true))),
        (DataType::Boolean, "{}", Err(Reason::Boolean)),
        (DataType::Date, "\"1970-01-02\"", Ok(Value::I64(1))),
        (DataType::Date, "12", Err(Reason::Date)),
        (DataType::Timestamp, "1500", Ok(Value::I64(1_500_000_000))),
        (
            DataType::Timestamp,
            "\"1500\"",
            Ok(Value::I64(1_500_000_000)),
        ),
        (DataType::Timestamp, "[]", Err(Reason::Timestamp)),
        (DataType::Real, "0.1", Ok(Value::F64(0.1_f32.into()))),
        (DataType::Real, "1e39", Err(Reason::Range)),
        (
            DataType::Time,
            "\"09:30\"",
            Ok(Value::I64(34_200_000_000_000)),
        ),
        (DataType::Time, "930", Err(Reason::Time)),
        (
            DataType::Varbinary,
            "\"0x4142\"",
            Ok(Value::Text("AB".into())),
        ),
        (DataType::Varbinary, "\"QUI=\"", Err(Reason::Bytes)),
    ] {
        let (format, schema) = table(&[("v", ty)], TimestampFormat::Millis);
        let record = format!("{{ \"other\" : [] , \"v\" : {json} }} ");
        let found = decode_one(&format, &schema, record.as_bytes(), 0);
        assert_eq!(found, wanted, "{json} as {ty}");
    }
    let (format, schema) = table(&[("v", varchar)], TimestampFormat::Iso);
    let found = decode_one(&format, &schema, b"{\"v\":\"\xc3(\"}", 0);
    assert_eq!(found, Err(Reason::Utf8));
}

#[test]
fn null_in_a_not_null_column_is_a_fault() {
    let (format, mut schema) = table(&[("v", DataType::Int)], TimestampFormat::Iso);
    schema.fields[0].nullable = false;
    assert_eq!(decode_one(&format, &schema, b"{}", 0), Err(Reason::Null));
}

#[test]
fn the_last_of_equal_members_wins() {
    let (format, schema) = trades();
    let column = |name: &str| schema.position(name).expect("a column");
    let read = |record: &str, name| decode_one(&format, &schema, record.as_bytes(), column(name));
    assert_eq!(read(r#"{"size":1,"size":2}"#, "size"), Ok(Value::I64(2)));
    assert_eq!(
        read(r#"{"size":1,"siz\u0065":null}"#, "size"),
        Ok(Value::Null)
    );
    assert_eq!(read(r#"{"a":{"b":1}}"#, "a.b"), Ok(Value::I64(1)));
    assert_eq!(read(r#"{"a":{"b":1},"a":{}}"#, "a.b"), Ok(Value::Null));
    assert_eq!(read(r#"{"a":{"b":1},"a":7}"#, "a.b"), Ok(Value::Null));
    assert_eq!(
        read(r#"{"a":{"b":1},"a":{"c":{"d":2}}}"#, "a.c.d"),
        Ok(Value::F64(2.0))
    );
}

#[test]
fn only_one_whole_object_is_a_record() {
    let deep = |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
    let good = [
        "{}".to_owned(),
        " { } \t".to_owned(),
        r#"{"a":[],"b":{},"c":[1,"x",null,true,false,-0.0e+1]}"#.to_owned(),
        r#"{"":"","\u0000":"\ud83d\ude00"}"#.to_owned(),
        deep(63),
    ];
    let bad = [
        "",
        "1",
        "[]",
        "null",
        "{",
        "}",
        "{}x",
        "{} {}",
        "{,}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r#"{"a":1 "b":2}"#,
        r#"{a:1}"#,
        r#"{'a':1}"#,
        r#"{"a":01}"#,
        r#"{"a":+1}"#,
        r#"{"a":1.}"#,
        r#"{"a":.5}"#,
        r#"{"a":1e}"#,
        r#"{"a":-}"#,
        r#"{"a":NaN}"#,
        r#"{"a":tru}"#,
        r#"{"a":truex}"#,
        "{\"a\":\"\t\"}",
        r#"{"a":"\x"}"#,
        r#"{"a":"\u12g4"}"#,
        r#"{"a":"\ud800"}"#,
        r#"{"a":"\ud800\u0041"}"#,
        r#"{"a":"\udc00"}"#,
        r#"{"a":"x}"#,
        r#"{"a":"x\"}"#,
        r#"{"a":[1,]}"#,
        r#"{"a":[1}"#,
        r#"{"a":1]"#,
        "\u{feff}{}",
    ];
    let (format, schema) = trades();
    for record in &good {
        let found = decode_one(&format, &schema, record.as_bytes(), 3);
        assert_eq!(found, Ok(Value::Null), "{record}");
    }
    for record in bad.iter().map(|text| (*text).to_owned()).chain([deep(64)]) {
        let found = decode_one(&format, &schema, record.as_bytes(), 3);
        assert_eq!(found, Err(Reason::Json), "{record}");
    }
}

#[test]
fn every_prefix_of_a_record_is_refused() {
    let record =
        br#"{"ts":1381239000000,"a":{"b":[1,2.5e3]},"symbol":"A\u00e9\n","ok":true,"x":null}"#;
    let (format, schema) = trades();
    // The rows share one morsel and one layout, so that guessing and reading in general are both tried.
    let mut lines = record.to_vec();
    for len in 1..record.len() {
        lines.push(b'\n');
        lines.extend_from_slice(&record[..len]);
        lines.push(b'\n');
        lines.extend_from_slice(record);
    }
    let mut decoder = super::decoder(&format, &schema);
    let mut faults = Vec::new();
    decoder.begin(&lines, &descriptors(&lines), &mut faults);
    let rows: Vec<u32> = faults.iter().map(|fault| fault.row).collect();
    let wanted: Vec<u32> = (1..record.len() as u32).map(|i| 2 * i - 1).collect();
    assert_eq!(rows, wanted);
}

#[test]
fn frames_time_and_key() {
    let (format, schema) = trades();
    let spec = FrameSpec {
        time: Some(0),
        keys: vec![vec![1], vec![3, 1]],
        hash_seed: 9,
    };
    let mut framer = super::framer(&format, &schema, &spec);
    framer.begin_file();
    let file = b"\xef\xbb\xbf{\"ts\":5,\"symbol\":\"\\u0041\",\"size\":7}\r\n \t\r\n\n\
        {\"symbol\":1}\n{\"ts\":\"x\",\"size\":{}}\n{]\n{\"ts\":6}";
    let mut out = Frames::default();
    out.clear(2);
    let next = framer.frame(file, 0, true, 100, &mut out);
    assert_eq!(next, file.len());
    let a = hash::hash_text(9, b"A");
    assert_eq!(out.hashes[0][0], a);
    assert_eq!(out.hashes[1][0], hash::combine(hash::hash_i64(9, 7), a));
    assert_eq!(out.hashes[0][1], hash::hash_text(9, b"1"));
    assert_eq!(out.times, [5_000_000, 0, 0, 0, 6_000_000]);
    let fault = |row, scope, reason| FrameFault { row, scope, reason };
    let wanted = [
        fault(1, FaultScope::EventTime, Reason::EventTimeNull),
        fault(2, FaultScope::EventTime, Reason::EventTimeInvalid),
        fault(2, FaultScope::Key(1), Reason::KeyInvalid),
        fault(3, FaultScope::Record, Reason::Json),
    ];
    assert_eq!(out.faults, wanted);
    assert_eq!(
        &file[out.starts[4] as usize..out.ends[4] as usize],
        b"{\"ts\":6}"
    );
}

/// Frames `file` in random pieces, `max` records at a time.
fn frame_in_pieces(
    file: &[u8],
    format: &JsonFormat,
    schema: &Schema,
    spec: &FrameSpec,
    random: &mut Random,
) -> Vec<naive::NaiveFrame> {
    let mut framer = super::framer(format, schema, spec);
    framer.begin_file();
    let mut found = Vec::new();
    let (mut at, mut seen) = (0, 0);
    let mut out = Frames::default();
    let step_max = if random.one_in(2) { 40 } else { file.len() + 1 };
    let step = 1 + random.below(step_max);
    loop {
        out.clear(spec.keys.len());
        let max = 1 + random.below(5);
        let last = seen == file.len();
        // Of what is done with only the rest stays, as in a chunk after a carry-over.
        let base = if random.one_in(2) { at } else { 0 };
        let next = framer.frame(&file[base..seen], at - base, last, max, &mut out) + base;
        assert!(out.starts.len() <= max);
        for row in 0..out.starts.len() {
            let of_row = out.faults.iter().filter(|fault| fault.row == row as u32);
            found.push(naive::NaiveFrame {
                start: base + out.starts[row] as usize,
                end: base + out.ends[row] as usize,
                time: spec.time.map(|_| out.times[row]),
                hashes: out.hashes.iter().map(|hashes| hashes[row]).collect(),
                faults: of_row.map(|fault| (fault.scope, fault.reason)).collect(),
            });
        }
        let stuck = next == at && out.starts.is_empty();
        if last && (next == file.len() || stuck) {
            assert_eq!(next, file.len(), "bytes left at the end");
            return found;
        }
        at = next;
        if stuck || random.one_in(3) {
            seen = (seen + 1 + random.below(step)).min(file.len());
        }
    }
}

#[test]
fn long_records_are_framed_once() {
    let (format, schema) = trades();
    let spec = FrameSpec {
        time: Some(0),
        keys: vec![vec![1]],
        hash_seed: 1,
    };
    let seed = 0x5eed_1111;
    let mut random = Random(seed);
    for len in [
        RECORD_BYTES_MAX - 1,
        RECORD_BYTES_MAX,
        RECORD_BYTES_MAX + 1,
        300_000,
    ] {
        for end in ["\n", "\r\n", ""] {
            let mut file = b"{\"ts\":1}\n{\"symbol\":\"".to_vec();
            file.resize(9 + len - 2, b'x');
            file.extend_from_slice(format!("\"}}{end}").as_bytes());
            if !end.is_empty() {
                file.extend_from_slice(b"{\"ts\":2}");
            }
            let wanted = naive::frame(&file, &format, &schema, &spec);
            let is_long = wanted[1].faults[0].1 == Reason::LineTooLong;
            assert_eq!(is_long, len > RECORD_BYTES_MAX);
            for _ in 0..3 {
                let mut seen = 0;
                let mut framer = super::framer(&format, &schema, &spec);
                let (mut at, mut rows) = (0, Vec::new());
                let mut out = Frames::default();
                while at < file.len() {
                    seen = (seen + 1 + random.below(70_000)).min(file.len());
                    out.clear(1);
                    at = framer.frame(&file[..seen], at, seen == file.len(), 10, &mut out);
                    let ends = out.starts.iter().zip(&out.ends);
                    rows.extend(ends.map(|(&start, &end)| (start as usize, end as usize)));
                }
                let spans: Vec<_> = wanted
                    .iter()
                    .map(|frame| (frame.start, frame.end))
                    .collect();
                assert_eq!(rows, spans, "length {len} end {end:?} seed {seed:#x}");
            }
        }
    }
}

fn random_space(random: &mut Random, out: &mut Vec<u8>) {
    if random.one_in(12) {
        for _ in 0..random.below(3) {
            out.push(random.pick(b" \t\r"));
        }
    }
}

fn random_text(random: &mut Random, out: &mut Vec<u8>) {
    const PIECES: [&str; 14] = [
        "A",
        "AAPL",
        "x",
        "Zürich",
        "\\n",
        "\\\"",
        "\\\\",
        "\\u00e9",
        "\\ud83d\\ude00",
        "1",
        "2.5",
        " ",
        "a text of more than a block",
        "/",
    ];
    out.push(b'"');
    for _ in 0..random.below(4) {
        out.extend_from_slice(random.pick(&PIECES).as_bytes());
    }
    out.push(b'"');
}

fn random_number(random: &mut Random, out: &mut Vec<u8>) {
    let bits = random.below(63);
    let whole = (random.next() >> 1 >> bits) as i64;
    let sign = if random.one_in(3) { "-" } else { "" };
    let fraction = match random.below(4) {
        0 => format!(".{}", random.below(10_000)),
        1 => ".5000".to_owned(),
        2 if random.one_in(4) => format!(".{}", "0".repeat(random.below(30) + 1)),
        _ => String::new(),
    };
    let exponent = match random.below(8) {
        0 => format!("e{}", random.below(40) as i64 - 20),
        1 => format!("E+{}", random.below(4)),
        _ => String::new(),
    };
    out.extend_from_slice(format!("{sign}{whole}{fraction}{exponent}").as_bytes());
}

fn random_value(random: &mut Random, depth: usize, out: &mut Vec<u8>) {
    match random.below(if depth < 4 { 11 } else { 8 }) {
        0..3 => random_text(random, out),
        3..6 => random_number(random, out),
        6 => out.extend_from_slice(random.pick(&[b"true".as_slice(), b"false"])),
        7 => out.extend_from_slice(b"null"),
        8..10 => random_object(random, depth + 1, out),
        _ => {
            out.push(b'[');
            for i in 0..random.below(4) {
                if i > 0 {
                    out.push(b',');
                }
                random_space(random, out);
                random_value(random, depth + 1, out);
                random_space(random, out);
            }
            out.push(b']');
        }
    }
}

fn random_object(random: &mut Random, depth: usize, out: &mut Vec<u8>) {
    const NAMES: [&str; 14] = [
        "ts",
        "symbol",
        "price",
        "size",
        "a",
        "b",
        "c",
        "d",
        "ok",
        "day",
        "wide",
        "s\\u0069ze",
        "a member that nobody asked for",
        "\\ud83d\\ude00",
    ];
    out.push(b'{');
    random_space(random, out);
    for i in 0..random.below(7) {
        if i > 0 {
            out.push(b',');
            random_space(random, out);
        }
        out.push(b'"');
        out.extend_from_slice(random.pick(&NAMES).as_bytes());
        out.extend_from_slice(b"\":");
        random_space(random, out);
        random_value(random, depth, out);
        random_space(random, out);
    }
    out.push(b'}');
}

/// A record of the layout that most of a file's records have.
fn feed_record(random: &mut Random, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"ts":"#);
    out.extend_from_slice(random.below(1_000_000).to_string().as_bytes());
    out.extend_from_slice(br#","symbol":"#);
    random_text(random, out);
    out.extend_from_slice(br#","price":"#);
    random_value(random, 3, out);
    out.extend_from_slice(br#","size":"#);
    random_number(random, out);
    out.extend_from_slice(br#","a":{"b":"#);
    random_number(random, out);
    out.extend_from_slice(br#","c":{"d":"#);
    random_value(random, 3, out);
    out.extend_from_slice(br#"}}, "a member that is not asked for, of some length":"#);
    random_text(random, out);
    out.extend_from_slice(br#","day":"1970-02-01","wide":"#);
    random_number(random, out);
    out.push(b'}');
}

fn mutate(random: &mut Random, record: &mut Vec<u8>) {
    const BYTES: &[u8] = b"{}[]\",:\\0123456789-+.eEtrufalsn \t\r\x00\x1f\x7f\xc3\xff";
    for _ in 0..1 + random.below(3) {
        if record.is_empty() {
            return;
        }
        let at = random.below(record.len());
        match random.below(4) {
            0 => record[at] = random.pick(BYTES),
            1 => record.insert(at, random.pick(BYTES)),
            2 => _ = record.remove(at),
            _ => record.truncate(at),
        }
    }
    record.retain(|&byte| byte != b'\n');
}

fn random_file(random: &mut Random) -> Vec<u8> {
    let mut file = Vec::new();
    if random.one_in(4) {
        file.extend_from_slice(b"\xef\xbb\xbf");
    }
    for _ in 0..random.below(24) {
        let mut record = Vec::new();
        match random.below(8) {
            0..5 => feed_record(random, &mut record),
            5..7 => random_object(random, 0, &mut record),
            _ => random_space(random, &mut record),
        }
        if random.one_in(4) {
            mutate(random, &mut record);
        }
        file.extend_from_slice(&record);
        file.extend_from_slice(if random.one_in(5) { b"\r\n" } else { b"\n" });
    }
    if random.one_in(3) {
        file.pop();
    }
    file
}

/// Equal, all NaNs being one and zeros keeping their sign.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::F64(a), Value::F64(b)) => a.to_bits() == b.to_bits(),
        _ => a == b,
    }
}

/// Compares a decoded morsel with the twin; `decoder` has seen other morsels before.
fn compare_decoded(
    decoder: &mut dyn Decoder,
    (format, schema): (&JsonFormat, &Schema),
    file: &[u8],
    rows: &RowDescriptors,
    random: &mut Random,
    context: &str,
) {
    let mut faults = Vec::new();
    decoder.begin(file, rows, &mut faults);
    let lines = rows.starts.iter().zip(&rows.ends);
    let parsed: Vec<_> = lines
        .map(|(&start, &end)| naive::parse(&file[start as usize..end as usize]))
        .collect();
    let bad: Vec<u32> = (0..)
        .zip(&parsed)
        .filter(|p| p.1.is_none())
        .map(|p| p.0)
        .collect();
    let found: Vec<u32> = faults.iter().map(|fault| fault.row).collect();
    assert_eq!(found, bad, "{context}");
    let takes_all = bad.is_empty() && random.one_in(2);
    let selected: Vec<u32> = (0..parsed.len() as u32)
        .filter(|&row| parsed[row as usize].is_some() && (takes_all || !random.one_in(4)))
        .collect();
    let selection = if takes_all {
        Rows::All(rows.len())
    } else {
        Rows::Some(&selected)
    };
    for (column, field) in schema.fields.iter().enumerate() {
        let mut out = Column::new(field.ty);
        let mut faults = Vec::new();
        decoder.column(file, rows, column, selection, &mut out, &mut faults);
        assert_eq!(out.len(), rows.len());
        let mut wanted_faults = Vec::new();
        for &row in &selected {
            let json = parsed[row as usize].as_ref().expect("selected");
            let wanted = naive::value(format, schema, column, json);
            let wanted = wanted.unwrap_or_else(|reason| {
                wanted_faults.push(FieldFault {
                    row,
                    column: column as u16,
                    reason,
                });
                Value::Null
            });
            let found = out.value(row as usize);
            let record = String::from_utf8_lossy(json.raw);
            assert!(
                same(&found, &wanted),
                "{found:?} is not {wanted:?}: {} of {record} {context}",
                field.name
            );
        }
        assert_eq!(faults, wanted_faults, "{} {context}", field.name);
    }
}

#[test]
fn framer_and_decoder_agree_with_the_twin() {
    let seed = 0x5eed_2025_0007;
    let mut random = Random(seed);
    let (format, schema) = trades();
    let spec = FrameSpec {
        time: Some(0),
        keys: vec![vec![1], vec![4, 3, 9], vec![6], vec![2, 7]],
        hash_seed: 77,
    };
    let mut decoder = super::decoder(&format, &schema);
    let (mut records, mut refused) = (0, 0);
    for round in 0..600 {
        let file = random_file(&mut random);
        let context = format!("round {round} seed {seed:#x}");
        let wanted = naive::frame(&file, &format, &schema, &spec);
        let found = frame_in_pieces(&file, &format, &schema, &spec, &mut random);
        for (found, wanted) in found.iter().zip(&wanted) {
            let record = String::from_utf8_lossy(&file[wanted.start..wanted.end]);
            assert_eq!(found, wanted, "{record} {context}");
        }
        assert_eq!(found.len(), wanted.len(), "{context}");
        let mut rows = RowDescriptors::default();
        rows.starts
            .extend(wanted.iter().map(|frame| frame.start as u32));
        rows.ends
            .extend(wanted.iter().map(|frame| frame.end as u32));
        records += wanted.len();
        let is_bad =
            |frame: &&naive::NaiveFrame| frame.faults.contains(&(FaultScope::Record, Reason::Json));
        refused += wanted.iter().filter(is_bad).count();
        let table = (&format, &schema);
        compare_decoded(&mut *decoder, table, &file, &rows, &mut random, &context);
    }
    // Both kinds have to be there in numbers, or nothing was compared.
    assert!(records > 4000 && refused > 400 && refused * 2 < records);
}

#[test]
fn the_twin_agrees_with_serde_json() {
    let seed = 0x5eed_0005;
    let mut random = Random(seed);
    let mut legal = 0;
    for _ in 0..4000 {
        let mut record = Vec::new();
        feed_record(&mut random, &mut record);
        if random.one_in(2) {
            mutate(&mut random, &mut record);
        }
        // serde_json refuses bad UTF-8 anywhere and numbers beyond f64, the twin only where they are used.
        if std::str::from_utf8(&record).is_err() {
            continue;
        }
        let theirs = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&record);
        let ours = naive::parse(&record);
        let text = String::from_utf8_lossy(&record);
        if let Err(error) = &theirs
            && error.to_string().starts_with("number out of range")
        {
            continue;
        }
        assert_eq!(theirs.is_ok(), ours.is_some(), "{text} seed {seed:#x}");
        let (Ok(theirs), Some(ours)) = (theirs, ours) else {
            continue;
        };
        legal += 1;
        let symbol = naive::find(&ours, &["symbol".to_owned()]);
        let found = symbol.and_then(|json| match &json.node {
            naive::Node::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
            _ => None,
        });
        let wanted = theirs.get("symbol").and_then(|json| json.as_str());
        assert_eq!(found.as_deref(), wanted, "{text} seed {seed:#x}");
    }
    assert!(legal > 1500);
}
