//! Goldens of every type and format, and round trips over random rows.

use super::{Aligner, encoder};
use crate::batch::{Batch, RowOp};
use crate::format::Encoded;
use crate::plan::{ChangelogMode, SinkFormat, TimestampFormat};
use crate::types::{DataType, Field, Schema, Value, ZoneId};

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
}

const EVERY_TYPE: [(&str, DataType); 14] = [
    ("b", DataType::Boolean),
    ("i", DataType::Int),
    ("l", DataType::BigInt),
    ("d", DataType::Double),
    ("n", DataType::decimal(18, 4)),
    ("w", DataType::decimal(38, 2)),
    ("s", DataType::Varchar),
    ("day", DataType::Date),
    ("ts", DataType::Timestamp),
    ("v", DataType::Interval),
    ("r", DataType::Real),
    ("y", DataType::Varbinary),
    ("t", DataType::Time),
    ("z", DataType::TimestampLtz(ZoneId::UTC)),
];

fn schema(columns: &[(&str, DataType)]) -> Schema {
    let field = |&(name, ty): &(&str, DataType)| Field {
        name: name.to_owned(),
        ty,
        nullable: true,
    };
    Schema {
        fields: columns.iter().map(field).collect(),
    }
}

fn batch(schema: &Schema, rows: &[Vec<Value>]) -> Batch {
    let types: Vec<DataType> = schema.fields.iter().map(|field| field.ty).collect();
    let mut batch = Batch::new(&types);
    for row in rows {
        for (column, value) in batch.columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    batch.rows = rows.len();
    batch.selection.all(rows.len());
    batch
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn every_value() -> Vec<Vec<Value>> {
    vec![
        vec![
            Value::Bool(true),
            Value::I64(-5),
            Value::I64(i64::MIN),
            Value::F64(1.0),
            Value::I64(-12_345),
            Value::I128(-1_234_567_890_123_456_789_012),
            text("A,\"b\"\n"),
            Value::I64(-1),
            Value::I64(1_381_239_000_000_000_000),
            Value::I64(1_500_000_000),
            Value::F64(0.1_f32.into()),
            Value::Bytes(vec![0, 0xab, 0xff]),
            Value::I64(34_200_000_000_000),
            Value::I64(0),
        ],
        vec![Value::Null; 14],
        vec![
            Value::Bool(false),
            Value::I64(0),
            Value::I64(i64::MAX),
            Value::F64(f64::NAN),
            Value::I64(5),
            Value::I128(0),
            text(""),
            Value::I64(0),
            Value::I64(-1),
            Value::I64(-1),
            Value::F64(f64::INFINITY),
            text(""),
            Value::I64(1),
            Value::I64(1_500_000),
        ],
    ]
}

fn csv(null_text: &str) -> SinkFormat {
    SinkFormat::Csv {
        delimiter: b',',
        header: true,
        null_text: null_text.to_owned(),
        timestamp: TimestampFormat::Iso,
    }
}

const JSON: SinkFormat = SinkFormat::Json {
    timestamp: TimestampFormat::Iso,
};

/// Header and rows; checks that the ends are those of the rows.
fn encode(format: &SinkFormat, schema: &Schema, mode: &ChangelogMode, batch: &Batch) -> String {
    let mut encoder = encoder(format, schema, mode);
    let mut bytes = encoder.header();
    let mut out = Encoded::default();
    encoder.encode(batch, &mut out);
    assert_eq!(out.ends.len(), batch.selection.len());
    let mut start = 0;
    for &end in &out.ends {
        let row = &out.bytes[start..end as usize];
        assert!(row.is_empty() || row.ends_with(b"\n"));
        start = end as usize;
    }
    assert_eq!(start, out.bytes.len());
    bytes.extend_from_slice(&out.bytes);
    String::from_utf8(bytes).expect("encoders write UTF-8")
}

fn encode_values(format: &SinkFormat, columns: &[(&str, DataType)], rows: &[Vec<Value>]) -> String {
    let schema = schema(columns);
    encode(
        format,
        &schema,
        &ChangelogMode::Append,
        &batch(&schema, rows),
    )
}

#[test]
fn csv_of_every_type() {
    assert_eq!(
        encode_values(&csv(""), &EVERY_TYPE, &every_value()),
        "b,i,l,d,n,w,s,day,ts,v,r,y,t,z\n\
         true,-5,-9223372036854775808,1.0,-1.2345,-12345678901234567890.12,\"A,\"\"b\"\"\n\",1969-12-31,2013-10-08 13:30:00,1500000000ns,0.1,0x00abff,09:30:00,1970-01-01 00:00:00\n\
         ,,,,,,,,,,,,,\n\
         false,0,9223372036854775807,NaN,0.0005,0.00,\"\",1970-01-01,1969-12-31 23:59:59.999999999,-1ns,inf,0x,00:00:00.000000001,1970-01-01 00:00:00.001500\n"
    );
}

#[test]
fn json_of_every_type() {
    let tab = r#"\n"#;
    assert_eq!(
        encode_values(&JSON, &EVERY_TYPE, &every_value()),
        format!(
            "{{\"b\":true,\"i\":-5,\"l\":-9223372036854775808,\"d\":1.0,\"n\":-1.2345,\"w\":-12345678901234567890.12,\"s\":\"A,\\\"b\\\"{tab}\",\"day\":\"1969-12-31\",\"ts\":\"2013-10-08 13:30:00\",\"v\":\"1500000000ns\",\"r\":0.1,\"y\":\"0x00abff\",\"t\":\"09:30:00\",\"z\":\"1970-01-01 00:00:00\"}}\n\
             {{\"b\":null,\"i\":null,\"l\":null,\"d\":null,\"n\":null,\"w\":null,\"s\":null,\"day\":null,\"ts\":null,\"v\":null,\"r\":null,\"y\":null,\"t\":null,\"z\":null}}\n\
             {{\"b\":false,\"i\":0,\"l\":9223372036854775807,\"d\":null,\"n\":0.0005,\"w\":0.00,\"s\":\"\",\"day\":\"1970-01-01\",\"ts\":\"1969-12-31 23:59:59.999999999\",\"v\":\"-1ns\",\"r\":null,\"y\":\"0x\",\"t\":\"00:00:00.000000001\",\"z\":\"1970-01-01 00:00:00.001500\"}}\n"
        )
    );
}

#[test]
fn table_of_every_type() {
    let schema = schema(&EVERY_TYPE);
    let rows = encode(
        &SinkFormat::Table,
        &schema,
        &ChangelogMode::Append,
        &batch(&schema, &every_value()),
    );
    assert_eq!(
        rows.replace('\u{1f}', "|"),
        "true|-5|-9223372036854775808|1.0|-1.2345|-12345678901234567890.12|A,\"b\"\\n|1969-12-31|2013-10-08 13:30:00|1500000000ns|0.1|0x00abff|09:30:00|1970-01-01 00:00:00\n\
         NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL\n\
         false|0|9223372036854775807|NaN|0.0005|0.00||1970-01-01|1969-12-31 23:59:59.999999999|-1ns|inf|0x|00:00:00.000000001|1970-01-01 00:00:00.001500\n"
    );
}

#[test]
fn csv_quotes_what_would_be_read_otherwise() {
    let rows = [
        "plain", "NA", "", "a,b", "a\"b", "a\rb", "a\nb", "a;b", " a ", "ü",
    ];
    let mut values: Vec<_> = rows.iter().map(|row| vec![text(row)]).collect();
    values.push(vec![Value::Null]);
    assert_eq!(
        encode_values(&csv("NA"), &[("a \"name\"", DataType::Varchar)], &values),
        "\"a \"\"name\"\"\"\nplain\n\"NA\"\n\"\"\n\"a,b\"\n\"a\"\"b\"\n\"a\rb\"\n\"a\nb\"\na;b\n a \nü\nNA\n"
    );
}

#[test]
fn csv_quotes_values_that_meet_an_unusual_delimiter_or_null_text() {
    let format = |delimiter, null_text: &str| SinkFormat::Csv {
        delimiter,
        header: false,
        null_text: null_text.to_owned(),
        timestamp: TimestampFormat::Iso,
    };
    let columns = [("i", DataType::Int), ("ts", DataType::Timestamp)];
    let rows = [
        vec![Value::I64(0), Value::I64(0)],
        vec![Value::I64(-1), Value::Null],
    ];
    assert_eq!(
        encode_values(&format(b'-', ""), &columns, &rows),
        "0-\"1970-01-01 00:00:00\"\n\"-1\"-\n"
    );
    assert_eq!(
        encode_values(&format(b';', "0"), &columns, &rows),
        "\"0\";1970-01-01 00:00:00\n-1;0\n"
    );
}

#[test]
fn json_escapes_control_characters() {
    let rows = [vec![text(
        "\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f} \"\\/\u{7f}é😀",
    )]];
    assert_eq!(
        encode_values(&JSON, &[("a\"b\n", DataType::Varchar)], &rows),
        "{\"a\\\"b\\n\":\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f \\\"\\\\/\u{7f}é😀\"}\n"
    );
}

#[test]
fn json_has_no_number_for_what_is_not_finite() {
    let rows = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -0.0, 1e300]
        .map(|value| vec![Value::F64(value)]);
    assert_eq!(
        encode_values(&JSON, &[("d", DataType::Double)], &rows),
        "{\"d\":null}\n{\"d\":null}\n{\"d\":null}\n{\"d\":-0.0}\n{\"d\":1e+300}\n"
    );
    assert_eq!(
        encode_values(&csv(""), &[("d", DataType::Double)], &rows),
        "d\ninf\n-inf\nNaN\n-0.0\n1e+300\n"
    );
}

#[test]
fn ops_come_first() {
    let schema = schema(&[("x", DataType::Int)]);
    let mut batch = batch(&schema, &[1, 2, 3, 4].map(|x| vec![Value::I64(x)]));
    let retract = ChangelogMode::Retract;
    let inserts = "op,x\n+I,1\n+I,2\n+I,3\n+I,4\n";
    assert_eq!(encode(&csv(""), &schema, &retract, &batch), inserts);
    batch.ops = vec![
        RowOp::Insert,
        RowOp::UpdateBefore,
        RowOp::UpdateAfter,
        RowOp::Delete,
    ];
    let ops = "op,x\n+I,1\n-U,2\n+U,3\n-D,4\n";
    assert_eq!(encode(&csv(""), &schema, &retract, &batch), ops);
    let append = ChangelogMode::Append;
    assert_eq!(
        encode(&JSON, &schema, &append, &batch),
        "{\"op\":\"+I\",\"x\":1}\n{\"op\":\"-U\",\"x\":2}\n{\"op\":\"+U\",\"x\":3}\n{\"op\":\"-D\",\"x\":4}\n"
    );
    assert_eq!(
        encode(&SinkFormat::Table, &schema, &retract, &batch),
        "+I\u{1f}1\n-U\u{1f}2\n+U\u{1f}3\n-D\u{1f}4\n"
    );
    batch.ops[3] = RowOp::Insert;
    let upsert = ChangelogMode::Upsert(vec![0]);
    assert_eq!(encode(&csv(""), &schema, &upsert, &batch), "x\n1\n3\n4\n");
}

#[test]
fn only_selected_rows_are_written() {
    let schema = schema(&[("x", DataType::Int)]);
    let mut batch = batch(&schema, &[1, 2, 3].map(|x| vec![Value::I64(x)]));
    batch.selection.assign(3, &[0, 2]);
    let append = ChangelogMode::Append;
    assert_eq!(encode(&csv(""), &schema, &append, &batch), "x\n1\n3\n");
}

#[test]
fn a_row_without_columns_is_still_a_row() {
    let schema = schema(&[]);
    let mut batch = batch(&schema, &[]);
    batch.selection.all(2);
    let append = ChangelogMode::Append;
    assert_eq!(encode(&JSON, &schema, &append, &batch), "{}\n{}\n");
    assert_eq!(encode(&csv(""), &schema, &append, &batch), "\n\n\n");
}

fn random_text(random: &mut Random) -> String {
    const PIECES: [&str; 12] = [
        ",",
        "\"",
        "\n",
        "\r",
        "\t",
        "a",
        "some words",
        "é",
        "😀",
        "\\",
        "\u{1}",
        "\u{9b}",
    ];
    (0..random.below(6))
        .map(|_| PIECES[random.below(PIECES.len())])
        .collect()
}

fn random_value(ty: DataType, random: &mut Random) -> Value {
    if random.below(6) == 0 {
        return Value::Null;
    }
    let shift = random.below(64);
    let bits = random.next();
    let digits = |precision: u8| 10_i128.pow(u32::from(precision));
    match ty {
        DataType::Boolean => Value::Bool(bits & 1 == 0),
        DataType::Int => Value::I64(i64::from(bits as i32 >> (shift / 2))),
        DataType::Double => Value::F64(f64::from_bits(bits)),
        DataType::Decimal { precision, .. } if precision <= 18 => {
            Value::I64((i128::from(bits as i64 >> shift) % digits(precision)) as i64)
        }
        DataType::Decimal { precision, .. } => {
            let wide = (i128::from(bits as i64) * i128::from(random.next())) >> shift;
            Value::I128(wide % digits(precision))
        }
        DataType::Varchar => Value::Text(random_text(random)),
        DataType::Date => Value::I64(random.below(80_000) as i64 - 40_000),
        // Neighbours share seconds, as the rows of a feed do.
        DataType::Real => Value::F64(f32::from_bits(bits as u32).into()),
        DataType::Varbinary => Value::of_bytes(&bits.to_le_bytes()[..random.below(9)]),
        DataType::Array(_) | DataType::Row(_) | DataType::Map(..) => {
            panic!("{ty} has a twin in the oracle")
        }
        DataType::Time => Value::I64((bits % 86_400_000_000_000) as i64),
        DataType::Timestamp | DataType::TimestampLtz(_) => {
            let unit = [1, 1_000, 1_000_000, 1_000_000_000][random.below(4)];
            Value::I64((bits as i64 >> shift) / unit * unit)
        }
        DataType::BigInt | DataType::Interval => Value::I64(bits as i64 >> shift),
    }
}

fn random_rows(random: &mut Random, rows: usize) -> Vec<Vec<Value>> {
    let row = |random: &mut Random| {
        let types = EVERY_TYPE.iter().map(|column| column.1);
        types.map(|ty| random_value(ty, random)).collect()
    };
    (0..rows).map(|_| row(random)).collect()
}

/// The slow twin of the value writers.
fn naive_text(ty: DataType, value: &Value) -> String {
    let scaled = |value: i128, scale: u8| {
        let scale = usize::from(scale);
        let digits = format!("{:0width$}", value.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let sign = if value < 0 { "-" } else { "" };
        format!("{sign}{whole}.{fraction}")
    };
    let mut out = Vec::new();
    match (ty, value) {
        (DataType::Decimal { scale, .. }, Value::I64(value)) => {
            return scaled(i128::from(*value), scale);
        }
        (_, Value::I128(value)) => return scaled(*value, ty.scale()),
        (DataType::Date, Value::I64(value)) => crate::civil::write_date(*value, &mut out),
        (DataType::Time, Value::I64(value)) => {
            let (seconds, nanos) = (value / 1_000_000_000, value % 1_000_000_000);
            let fraction = match nanos {
                0 => String::new(),
                _ if nanos % 1_000_000 == 0 => format!(".{:03}", nanos / 1_000_000),
                _ if nanos % 1_000 == 0 => format!(".{:06}", nanos / 1_000),
                _ => format!(".{nanos:09}"),
            };
            let (hour, minute) = (seconds / 3_600, seconds / 60 % 60);
            return format!("{hour:02}:{minute:02}:{:02}{fraction}", seconds % 60);
        }
        (DataType::Real, Value::F64(value)) if value.is_finite() => {
            return zmij::Buffer::new().format(*value as f32).to_owned();
        }
        (DataType::Varbinary, value) => {
            let bytes = value.as_bytes().expect("bytes").iter();
            return "0x".to_owned() + &bytes.map(|byte| format!("{byte:02x}")).collect::<String>();
        }
        (DataType::Timestamp | DataType::TimestampLtz(_), Value::I64(value)) => {
            crate::civil::write_timestamp(*value, &TimestampFormat::Iso, &mut out);
        }
        (DataType::Interval, Value::I64(value)) => return format!("{value}ns"),
        (_, Value::I64(value)) => return value.to_string(),
        (_, Value::Bool(value)) => return value.to_string(),
        (_, Value::F64(value)) => return zmij::Buffer::new().format(*value).to_owned(),
        (_, Value::Text(value)) => return value.clone(),
        (_, Value::Null | Value::Bytes(_)) => panic!("{value:?} has no text"),
    }
    String::from_utf8(out).expect("ASCII")
}

/// Fields of CSV, `None` for an unquoted empty one.
fn parse_csv(text: &str) -> Vec<Vec<Option<String>>> {
    let mut rows = vec![vec![]];
    let mut field = String::new();
    let (mut quoted, mut open) = (false, false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if open && rest.peek() == Some(&'"') => {
                rest.next();
                field.push('"');
            }
            '"' => (open, quoted) = (!open, true),
            ',' | '\n' if !open => {
                let value = Some(std::mem::take(&mut field));
                let row = rows.last_mut().expect("a row");
                row.push(value.filter(|text| quoted || !text.is_empty()));
                quoted = false;
                if c == '\n' {
                    rows.push(vec![]);
                }
            }
            _ => field.push(c),
        }
    }
    rows.pop();
    rows
}

#[test]
fn csv_reads_back() {
    let seed = 0x5eed_0c57;
    let mut random = Random(seed);
    for round in 0..60 {
        let rows = random_rows(&mut random, 20);
        let encoded = encode_values(&csv(""), &EVERY_TYPE, &rows);
        let parsed = parse_csv(&encoded);
        assert_eq!(parsed.len(), rows.len() + 1);
        for (fields, row) in parsed[1..].iter().zip(&rows) {
            for ((field, value), (name, ty)) in fields.iter().zip(row).zip(EVERY_TYPE) {
                let wanted = (*value != Value::Null).then(|| naive_text(ty, value));
                assert_eq!(*field, wanted, "{name} round {round} seed {seed:#x}");
                if let (Some(text), Value::F64(value)) = (field, value) {
                    let back: f64 = match ty {
                        DataType::Real => text.parse::<f32>().expect("a real").into(),
                        _ => text.parse().expect("a double"),
                    };
                    let same = back.to_bits() == value.to_bits();
                    assert!(same || back.is_nan() && value.is_nan(), "{text}");
                }
            }
        }
    }
}

#[test]
fn json_reads_back() {
    let seed = 0x5eed_0150;
    let mut random = Random(seed);
    for round in 0..60 {
        let rows = random_rows(&mut random, 20);
        let encoded = encode_values(&JSON, &EVERY_TYPE, &rows);
        assert_eq!(encoded.lines().count(), rows.len());
        for (line, row) in encoded.lines().zip(&rows) {
            let parsed: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(line).expect("legal JSON");
            assert_eq!(parsed.len(), EVERY_TYPE.len());
            for (value, (name, ty)) in row.iter().zip(EVERY_TYPE) {
                let found = &parsed[name];
                let context = format!("{name} of {line} round {round} seed {seed:#x}");
                match (ty, value) {
                    (_, Value::Null) => assert!(found.is_null(), "{context}"),
                    (_, Value::F64(value)) if !value.is_finite() => {
                        assert!(found.is_null(), "{context}");
                    }
                    (_, Value::F64(value)) => {
                        // Its default reader may be off in the last place: the text is compared too.
                        let back = found.as_f64().expect("a number");
                        let back = match ty {
                            DataType::Real => f64::from(back as f32),
                            _ => back,
                        };
                        assert!((back - value).abs() <= value.abs() * 1e-15, "{context}");
                        assert!(line.contains(&naive_text(ty, &Value::F64(*value))));
                    }
                    (_, Value::Bool(value)) => assert_eq!(found, value, "{context}"),
                    (DataType::Int | DataType::BigInt, Value::I64(value)) => {
                        assert_eq!(found, value, "{context}");
                    }
                    (DataType::Decimal { .. }, _) => {
                        assert!(found.is_number(), "{context}");
                        let member = format!("\"{name}\":{},", naive_text(ty, value));
                        assert!(line.contains(&member), "{context}");
                    }
                    _ => assert_eq!(found, &naive_text(ty, value), "{context}"),
                }
            }
        }
    }
}

#[test]
fn encoding_again_needs_no_more_memory() {
    let schema = schema(&EVERY_TYPE);
    let batch = batch(&schema, &random_rows(&mut Random(3), 200));
    for format in [csv(""), JSON, SinkFormat::Table] {
        let mut encoder = encoder(&format, &schema, &ChangelogMode::Append);
        let mut out = Encoded::default();
        encoder.encode(&batch, &mut out);
        let first = out.clone();
        let memory = (out.bytes.capacity(), out.ends.capacity());
        out.bytes.clear();
        out.ends.clear();
        encoder.encode(&batch, &mut out);
        assert_eq!(memory, (out.bytes.capacity(), out.ends.capacity()));
        assert_eq!((out.bytes, out.ends), (first.bytes, first.ends));
    }
}

#[test]
fn the_aligner_lines_up_columns() {
    let schema = schema(&[
        ("symbol", DataType::Varchar),
        ("price", DataType::decimal(9, 2)),
    ]);
    let mut aligner = Aligner::new(&schema, &ChangelogMode::Append);
    let mut out = Vec::new();
    aligner.push("AAPL\u{1f}1".as_bytes(), &mut out);
    aligner.push("2.50\nZürich\u{1f}NULL\n".as_bytes(), &mut out);
    assert!(out.is_empty());
    aligner.flush(&mut out);
    aligner.push(
        "a longer one\u{1f}1000000.00\nB\u{1f}1.00\n".as_bytes(),
        &mut out,
    );
    aligner.finish(&mut out);
    assert_eq!(
        String::from_utf8(out).expect("UTF-8"),
        "symbol | price\n\
         -------+------\n\
         AAPL   | 12.50\n\
         Zürich |  NULL\n\
         a longer one | 1000000.00\n\
         B      |  1.00\n"
    );
}

#[test]
fn the_aligner_decides_after_a_thousand_rows_wherever_they_are_cut() {
    let schema = schema(&[("x", DataType::Int)]);
    let rows: String = (0..1500).map(|i| format!("{i}\n")).collect();
    let aligned = |step: usize| {
        let mut aligner = Aligner::new(&schema, &ChangelogMode::Retract);
        let mut out = Vec::new();
        for piece in rows.as_bytes().chunks(step) {
            aligner.push(piece, &mut out);
        }
        aligner.finish(&mut out);
        out
    };
    let whole = aligned(rows.len());
    assert!(whole.starts_with(b"op  | x\n----+--\n0\n1\n"));
    assert_eq!(whole.iter().filter(|&&byte| byte == b'\n').count(), 1502);
    assert_eq!(aligned(7), whole);
}

#[test]
fn the_aligner_shows_the_header_of_an_empty_result() {
    let schema = schema(&[("x", DataType::Int), ("a name", DataType::Varchar)]);
    let mut aligner = Aligner::new(&schema, &ChangelogMode::Append);
    let mut out = Vec::new();
    aligner.flush(&mut out);
    assert!(out.is_empty());
    aligner.finish(&mut out);
    assert_eq!(out, b"x | a name\n--+-------\n");
}
