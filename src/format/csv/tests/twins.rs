//! The fast framer and decoder against their slow twins: random records in random dialects, mutated and fed in
//! random pieces. A failure names its seed; the seeds are fixed, so running the test again repeats it.

use super::*;
use crate::types::ZoneId;

/// Feeds the bytes in pieces through a buffer that keeps only what is not done with.
fn frame_pieces(framer: &mut dyn Framer, bytes: &[u8], random: &mut Random) -> Framed {
    let mut framed = Framed::default();
    let mut frames = Frames::default();
    let mut buffer: Vec<u8> = Vec::new();
    let mut fed = 0;
    let largest = [20, 100, 1_000, 100_000][random.below(4)];
    while fed < bytes.len() || !buffer.is_empty() {
        let piece = (1 + random.below(largest)).min(bytes.len() - fed);
        buffer.extend_from_slice(&bytes[fed..fed + piece]);
        fed += piece;
        let last = fed == bytes.len();
        let mut at = 0;
        loop {
            let max = 1 + random.below(700);
            frames.clear(framed.hashes.len());
            at = framer.frame(&buffer, at, last, max, &mut frames);
            framed.take(&buffer, &frames);
            assert!(frames.starts.len() <= max);
            if frames.starts.len() < max {
                break;
            }
        }
        buffer.drain(..at);
        assert!(!last || buffer.is_empty(), "the end leaves nothing");
    }
    framed
}

/// Random records of the types, most of them sound, in a random dialect.
fn random_csv(random: &mut Random, types: &[DataType], format: &CsvFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    if random.below(8) == 0 {
        bytes.extend_from_slice(b"\xef\xbb\xbf");
    }
    let unusual = [0, 0, 6, 40][random.below(4)];
    let newline: &[u8] = random.pick(&[&b"\n"[..], b"\r\n"]);
    for row in 0..random.below(400) {
        let odd = random.below(100) < unusual;
        let count = types.len() + if odd { random.below(3) } else { 1 } - 1;
        for column in 0..count {
            if column > 0 {
                bytes.push(format.delimiter);
            }
            random_field(
                random,
                types[column.min(types.len() - 1)],
                format,
                odd,
                &mut bytes,
            );
        }
        match random.below(if odd { 8 } else { 100 }) {
            0 => bytes.extend_from_slice(b"\n\r\n"),
            1 => bytes.extend_from_slice(b"\r"),
            _ => {}
        }
        if row % 7 != 0 || random.below(50) != 0 {
            bytes.extend_from_slice(newline);
        }
    }
    bytes
}

/// Texts for a type: the first two sound, the others less so.
fn texts_of(ty: DataType) -> &'static [&'static str] {
    match ty {
        DataType::Timestamp => &[
            "1700000000000",
            "1700000000123",
            "-5",
            "0",
            "x",
            "2013-10-08 00:00",
        ],
        DataType::Varchar => &[
            "A",
            "SYM0001",
            "",
            "twelve bytes",
            "thirteen byte",
            "Zürich",
            "a very long text that goes to the heap of its column",
        ],
        DataType::Decimal { .. } => &[
            "101.25",
            "-0.5",
            "1",
            "12345678.25",
            "1.00000",
            "1.00001",
            "99999999999999999999",
            ".5",
            "1.",
            "1e3",
        ],
        DataType::Double => &[
            "101.25",
            "-0.0",
            "1e300",
            "nan",
            "1234567890.12345",
            "0.1",
            "1e999",
            "+5",
        ],
        DataType::BigInt | DataType::Int => &[
            "500",
            "-1",
            "+7",
            "1234567890123",
            "12345678",
            "2147483648",
            "99999999999999999999",
            "1.0",
        ],
        DataType::Boolean => &["true", "F", "1", "maybe"],
        DataType::Date => &["2024-02-29", "2023-02-29", "1970-01-01"],
        DataType::Interval => &["1"],
        DataType::Real => &["101.25", "-0.0", "0.1", "1e39", "x"],
        DataType::Varbinary => &[
            "0x00ff",
            "0x000102030405060708090a0b0c0d0e0f",
            "0x",
            "0x0",
            "00",
        ],
        DataType::Time => &["09:30:00", "23:59:59.999999999", "24:00", "9:30"],
        DataType::Array(_) | DataType::Row(_) | DataType::Map(..) => panic!("no {ty} in records"),
        DataType::TimestampLtz(_) => &["1700000000000", "-5", "x"],
    }
}

fn random_field(
    random: &mut Random,
    ty: DataType,
    format: &CsvFormat,
    odd: bool,
    out: &mut Vec<u8>,
) {
    let texts = texts_of(ty);
    let text = if odd {
        texts[random.below(texts.len())]
    } else {
        texts[random.below(2.min(texts.len()))]
    };
    match random.below(if odd { 12 } else { 1000 }) {
        0 => out.extend_from_slice(format.null_text.as_deref().unwrap_or("").as_bytes()),
        1 | 2 => {
            out.push(format.quote);
            out.extend_from_slice(text.as_bytes());
            if random.below(2) == 0 {
                let doubled = [format.quote; 2];
                let inside: &[u8] = random.pick(&[&doubled[..], b"\r\n", b",;", b"\0"]);
                out.extend_from_slice(inside);
            }
            out.push(format.quote);
            if random.below(12) == 0 {
                out.push(b'x');
            }
        }
        3 if odd => {
            out.extend_from_slice(text.as_bytes());
            out.push(format.quote);
        }
        4 if odd => out.extend_from_slice(b"\xc3("),
        _ => out.extend_from_slice(text.as_bytes()),
    }
}

fn random_format(random: &mut Random, columns: usize) -> CsvFormat {
    let mut fields: Vec<u16> = (0..columns as u16).collect();
    fields.rotate_left(random.below(2));
    CsvFormat {
        delimiter: *random.pick(&[&b',', &b';', &b'\t', &0]),
        quote: *random.pick(&[&b'"', &b'\'', &b'1']),
        header: random.below(3) == 0,
        null_text: [None, Some("NA".into()), Some("500".into())][random.below(3)].clone(),
        fields,
        field_count: columns as u16,
        timestamp: [
            TimestampFormat::Millis,
            TimestampFormat::Iso,
            TimestampFormat::Nanos,
        ][random.below(3)]
        .clone(),
    }
}

fn random_types(random: &mut Random) -> Vec<DataType> {
    let mut types = TRADES.to_vec();
    let more = [
        DataType::Double,
        DataType::Int,
        DataType::Boolean,
        DataType::Date,
        DataType::decimal(38, 4),
        DataType::decimal(6, 2),
        DataType::Interval,
        DataType::Real,
        DataType::Varbinary,
        DataType::Time,
        DataType::TimestampLtz(ZoneId::UTC),
    ];
    let extra = random.below(20);
    types.extend((0..extra).map(|_| more[random.below(more.len())]));
    types
}

fn random_spec(random: &mut Random, columns: usize) -> FrameSpec {
    FrameSpec {
        time: (random.below(3) > 0).then_some(random.below(2) * random.below(columns)),
        keys: (0..random.below(3))
            .map(|_| {
                (0..1 + random.below(2))
                    .map(|_| random.below(columns))
                    .collect()
            })
            .collect(),
        hash_seed: random.next(),
    }
}

#[test]
fn twins_frame_alike_whatever_the_pieces() {
    for round in 0..100u64 {
        let seed = 0x5eed_0051 + (round << 20);
        let mut random = Random(seed);
        let types = random_types(&mut random);
        let format = random_format(&mut random, types.len());
        let schema = schema(&types);
        let spec = random_spec(&mut random, types.len());
        let mut bytes = random_csv(&mut random, &types, &format);
        if round % 5 == 0 {
            mutate(&mut bytes, &mut random);
        }
        let slow = frame_whole(&mut NaiveFramer::new(&format, &schema, &spec), &bytes);
        let fast = frame_whole(&mut CsvFramer::new(&format, &schema, &spec), &bytes);
        assert_eq!(fast, slow, "seed {seed:#x}");
        let mut framer = CsvFramer::new(&format, &schema, &spec);
        let mut pieces = frame_pieces(&mut framer, &bytes, &mut random);
        pieces.hashes.resize_with(spec.keys.len(), Vec::new);
        assert_eq!(pieces, slow, "seed {seed:#x}");
    }
}

fn mutate(bytes: &mut [u8], random: &mut Random) {
    for _ in 0..bytes.len() / 50 {
        let at = random.below(bytes.len());
        bytes[at] = random.next() as u8;
    }
}

/// Equal values, NULLs, and faults of the selected rows.
fn assert_columns(
    fast: &Column,
    slow: &Column,
    selection: Rows<'_>,
    context: &dyn std::fmt::Display,
) {
    assert_eq!(fast.len(), slow.len());
    selection.for_each(|row| {
        let (fast, slow) = (fast.value(row), slow.value(row));
        let same = match (&fast, &slow) {
            (Value::F64(a), Value::F64(b)) => {
                hash::canonical_f64_bits(*a) == hash::canonical_f64_bits(*b)
                    && a.is_sign_negative() == b.is_sign_negative()
            }
            _ => fast == slow,
        };
        assert!(same, "row {row}: {fast:?} {slow:?} {context}");
    });
}

#[test]
fn twins_decode_alike() {
    for round in 0..100u64 {
        let seed = 0x5eed_0061 + (round << 20);
        let context = format!("seed {seed:#x}");
        let mut random = Random(seed);
        let types = random_types(&mut random);
        let format = random_format(&mut random, types.len());
        let schema = schema(&types);
        let mut bytes = random_csv(&mut random, &types, &format);
        if round % 5 == 0 {
            mutate(&mut bytes, &mut random);
        }
        let mut frames = Frames::default();
        let mut framer = CsvFramer::new(&format, &schema, &FrameSpec::default());
        framer.frame(&bytes, 0, true, usize::MAX >> 1, &mut frames);
        let mut sound = (0..frames.starts.len() as u32).collect::<Vec<_>>();
        sound.retain(|&row| frames.faults.iter().all(|fault| fault.row != row));
        let pick = |from: &[u32]| sound.iter().map(|&row| from[row as usize]).collect();
        let mut delimiters = sound
            .iter()
            .map(|&row| frames.delimiters[row as usize])
            .collect::<Vec<_>>();
        match round % 4 {
            0 => delimiters.clear(),
            1 => delimiters.iter_mut().for_each(|mask| {
                // Masks may be missing anywhere.
                *mask *= u64::from(random.below(2) > 0);
            }),
            _ => {}
        }
        let rows = RowDescriptors {
            starts: pick(&frames.starts),
            ends: pick(&frames.ends),
            delimiters,
            ..RowDescriptors::default()
        };
        let mut fast = CsvDecoder::new(&format, &schema);
        let mut slow = NaiveDecoder::new(&format, &schema);
        let (mut fast_faults, mut slow_faults) = (Vec::new(), Vec::new());
        fast.begin(&bytes, &rows, &mut fast_faults);
        slow.begin(&bytes, &rows, &mut slow_faults);
        assert_eq!(fast_faults, slow_faults, "{context}");
        let spoilt = |row: &u32| fast_faults.iter().all(|fault| fault.row != *row);
        let whole: Vec<u32> = (0..rows.len() as u32).filter(spoilt).collect();
        for (column, &ty) in types.iter().enumerate() {
            let some: Vec<u32> = whole
                .iter()
                .copied()
                .filter(|_| random.below(3) > 0)
                .collect();
            let selection = if fast_faults.is_empty() && random.below(2) == 0 {
                Rows::All(rows.len())
            } else {
                Rows::Some(&some)
            };
            let (mut fast_out, mut slow_out) = (Column::new(ty), Column::new(ty));
            let (mut fast_faults, mut slow_faults) = (Vec::new(), Vec::new());
            fast.column(
                &bytes,
                &rows,
                column,
                selection,
                &mut fast_out,
                &mut fast_faults,
            );
            slow.column(
                &bytes,
                &rows,
                column,
                selection,
                &mut slow_out,
                &mut slow_faults,
            );
            assert_eq!(fast_faults, slow_faults, "{ty} {context}");
            assert_columns(&fast_out, &slow_out, selection, &context);
        }
    }
}
