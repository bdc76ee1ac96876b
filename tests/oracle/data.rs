//! Random tables: their declaration and their bytes, with NULLs, repeats, disorder, extremes and faults.

use crate::binary;
use velo_tpc::civil::{write_date, write_timestamp};
use velo_tpc::plan::TimestampFormat;
use velo_tpc::sim::Random;

/// The kinds of columns that queries are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Boolean,
    Int,
    BigInt,
    Double,
    Decimal,
    Text,
    Date,
    Timestamp,
    Real,
    Bytes,
    Time,
}

/// Kinds of columns that are numbers.
pub const NUMBERS: [Kind; 5] = [
    Kind::Int,
    Kind::BigInt,
    Kind::Double,
    Kind::Real,
    Kind::Decimal,
];

/// All kinds.
pub const KINDS: [Kind; 11] = [
    Kind::Boolean,
    Kind::Int,
    Kind::BigInt,
    Kind::Double,
    Kind::Decimal,
    Kind::Text,
    Kind::Date,
    Kind::Timestamp,
    Kind::Real,
    Kind::Bytes,
    Kind::Time,
];

/// Name, declared type and kind of every column a table may have.
const COLUMNS: [(&str, &str, Kind); 16] = [
    ("ts", "TIMESTAMP(9)", Kind::Timestamp),
    ("k", "VARCHAR", Kind::Text),
    ("g", "VARCHAR", Kind::Text),
    ("i", "INT", Kind::Int),
    ("b", "BIGINT", Kind::BigInt),
    ("x", "DOUBLE", Kind::Double),
    ("d", "DECIMAL(9,2)", Kind::Decimal),
    ("p", "DECIMAL(18,4)", Kind::Decimal),
    ("w", "DECIMAL(38,6)", Kind::Decimal),
    ("f", "BOOLEAN", Kind::Boolean),
    ("day", "DATE", Kind::Date),
    ("at", "TIMESTAMP", Kind::Timestamp),
    ("r", "REAL", Kind::Real),
    ("y", "VARBINARY", Kind::Bytes),
    ("t", "TIME", Kind::Time),
    ("z", "TIMESTAMP_LTZ", Kind::Timestamp),
];

/// A table with its records.
#[derive(Clone, Debug)]
pub struct Table {
    /// CREATE TABLE.
    pub ddl: String,
    /// Names and kinds that queries may use.
    pub columns: Vec<(&'static str, Kind)>,
    /// Whether it has a watermark on `ts`.
    pub has_time: bool,
    /// The first line of every file, if any.
    pub header: Option<String>,
    /// The records of each file, with their line ends.
    pub files: Vec<Vec<Vec<u8>>>,
    /// The file's name, `*` where files differ.
    pub pattern: String,
}

impl Table {
    /// Names and bytes of the files.
    pub fn bytes(&self) -> Vec<(String, Vec<u8>)> {
        let content = |records: &Vec<Vec<u8>>| {
            let header = self.header.clone().unwrap_or_default();
            [header.into_bytes(), records.concat()].concat()
        };
        let files = self.files.iter().enumerate();
        files
            .map(|(index, records)| {
                (
                    self.pattern.replace('*', &index.to_string()),
                    content(records),
                )
            })
            .collect()
    }
}

/// How the records of one table are made.
pub struct Style {
    json: bool,
    /// Fixed-width records: whether with a null bitmap.
    binary: Option<bool>,
    delimiter: char,
    line_end: &'static str,
    pub timestamp: TimestampFormat,
    /// One field in so many is spoilt; 0: none.
    pub faults: u64,
    /// One value in so many is NULL.
    pub nulls: u64,
    /// One number in so many is extreme; 0: none.
    extremes: u64,
    /// Distinct values of `k`.
    symbols: u64,
    /// Milliseconds between records.
    pace_ms: u64,
    /// Greatest disorder of most records in milliseconds.
    disorder_ms: u64,
}

/// Makes a table called `name` of about `rows` records.
pub fn table(random: &mut Random, name: &str, rows: u64) -> Table {
    let style = style(random);
    let mut columns: Vec<_> = COLUMNS.to_vec();
    for at in (1..columns.len()).rev() {
        columns.swap(at, random.below(at as u64 + 1) as usize);
    }
    let has_time = !random.one_in(6);
    let header = !style.json && style.binary.is_none() && random.one_in(2);
    let many = random.one_in(5);
    let pattern = if many {
        format!("{name}*.in")
    } else {
        format!("{name}.in")
    };
    let ddl = declare(random, name, &columns, &style, has_time, header, &pattern);
    let mut used: Vec<_> = columns
        .iter()
        .map(|&(name, _, kind)| (name, kind))
        .collect();
    used.push(("twice", Kind::BigInt));
    if random.one_in(3) {
        used.push(("_offset", Kind::BigInt));
        used.push(("_partition", Kind::Int));
        used.push(("_event_time", Kind::Timestamp));
        used.push(("_watermark", Kind::Timestamp));
        if has_time {
            used.push(("CURRENT_WATERMARK", Kind::Timestamp));
        }
    }
    let header = header.then(|| {
        let names: Vec<_> = columns.iter().map(|column| column.0).collect();
        names.join(&style.delimiter.to_string()) + style.line_end
    });
    let mut files = vec![
        Vec::new();
        if many {
            1 + random.below(3) as usize
        } else {
            1
        }
    ];
    let count = files.len() as u64;
    for index in 0..rows {
        let file = (index * count / rows.max(1)) as usize;
        let record = match style.binary {
            None => record(random, &columns, &style, index).into_bytes(),
            Some(bitmap) => binary::record(random, &columns, &style, bitmap, index),
        };
        files[file].push(record);
    }
    for records in &mut files {
        if let Some(last) = records.last_mut()
            && random.one_in(3)
        {
            // Cut within the record, or before its line end.
            let kept = match style.binary {
                Some(_) => last.len() / 2,
                None => last.trim_ascii_end().len(),
            };
            last.truncate(kept);
        }
    }
    Table {
        ddl,
        columns: used,
        has_time,
        header,
        files,
        pattern,
    }
}

fn style(random: &mut Random) -> Style {
    use TimestampFormat::{Iso, Micros, Millis, Nanos, Seconds};
    let formats = [Iso, Millis, Micros, Nanos, Seconds];
    let mut style = Style {
        json: random.one_in(4),
        binary: None,
        delimiter: if random.one_in(5) { ';' } else { ',' },
        line_end: if random.one_in(5) { "\r\n" } else { "\n" },
        timestamp: formats[random.below(5) as usize].clone(),
        faults: [0, 0, 300, 60][random.below(4) as usize],
        nulls: [4, 15, 100][random.below(3) as usize],
        extremes: [0, 0, 20, 6][random.below(4) as usize],
        symbols: [1, 3, 12, 60][random.below(4) as usize],
        pace_ms: [1, 7, 40, 300][random.below(4) as usize],
        disorder_ms: [1, 500, 3000][random.below(3) as usize],
    };
    if !style.json && random.one_in(4) {
        style.binary = Some(random.one_in(2));
        if style.timestamp == Iso {
            style.timestamp = Nanos;
        }
    }
    style
}

fn declare(
    random: &mut Random,
    name: &str,
    columns: &[(&str, &str, Kind)],
    style: &Style,
    has_time: bool,
    header: bool,
    pattern: &str,
) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (name, ty, _) in columns {
        let constraint = if *name == "i" && random.one_in(5) {
            " NOT NULL"
        } else {
            ""
        };
        let ty = match style.binary {
            Some(_) if *ty == "VARCHAR" => binary::TEXT,
            Some(_) if *ty == "VARBINARY" => binary::BYTES,
            _ => *ty,
        };
        parts.push(format!("{name} {ty}{constraint}"));
    }
    parts.push("twice AS b + i".to_owned());
    if has_time {
        let delay = [0, 1, 2][random.below(3) as usize];
        parts.push(format!(
            "WATERMARK FOR ts AS ts - INTERVAL '{delay}' SECOND"
        ));
    }
    let format = match style.timestamp {
        TimestampFormat::Millis => "ms",
        TimestampFormat::Micros => "us",
        TimestampFormat::Nanos => "ns",
        TimestampFormat::Seconds => "s",
        _ => "iso",
    };
    let own = if let Some(bitmap) = style.binary {
        let nulls = if bitmap { "bitmap" } else { "none" };
        format!("'format' = 'binary', 'binary.nulls' = '{nulls}'")
    } else if style.json {
        "'format' = 'json'".to_owned()
    } else {
        format!(
            "'format' = 'csv', 'csv.header' = '{header}', 'csv.delimiter' = '{}'",
            style.delimiter
        )
    };
    let validate = if random.one_in(6) {
        ", 'validate' = 'all'"
    } else {
        ""
    };
    format!(
        "CREATE TABLE {name} ({}) WITH ('connector' = 'file', 'path' = '{pattern}', {own}, \
         'timestamp.format' = '{format}'{validate});\n",
        parts.join(", ")
    )
}

fn record(
    random: &mut Random,
    columns: &[(&str, &str, Kind)],
    style: &Style,
    index: u64,
) -> String {
    let mut fields = Vec::new();
    for &(name, _, kind) in columns {
        let spoilt = style.faults > 0 && random.one_in(style.faults * 4);
        let value = if spoilt {
            Some(fault(random))
        } else if name != "ts" && random.one_in(style.nulls) || name == "ts" && random.one_in(200) {
            None
        } else {
            Some(value(random, name, kind, style, index))
        };
        fields.push((name, kind, value));
    }
    if style.json {
        return json(random, &fields, style);
    }
    if style.faults > 0 && random.one_in(style.faults) {
        match random.below(3) {
            0 => drop(fields.pop()),
            1 => fields.push(("k", Kind::Text, Some("more".to_owned()))),
            _ => fields.truncate(random.below(12) as usize),
        }
    }
    let texts: Vec<_> = fields
        .into_iter()
        .map(|(_, kind, value)| match value {
            None => String::new(),
            Some(text) => quoted(random, kind, &text, style.delimiter),
        })
        .collect();
    texts.join(&style.delimiter.to_string()) + style.line_end
}

fn quoted(random: &mut Random, kind: Kind, text: &str, delimiter: char) -> String {
    let special = |c: char| c == delimiter || matches!(c, '"' | '\n' | '\r');
    let asked = kind == Kind::Text && random.one_in(6);
    if text.is_empty() || asked || text.contains(special) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn json(random: &mut Random, fields: &[(&str, Kind, Option<String>)], style: &Style) -> String {
    let mut parts = Vec::new();
    for (name, kind, value) in fields {
        let text = match value {
            None if random.one_in(2) => continue,
            None => "null".to_owned(),
            Some(value) => {
                let number = value
                    .bytes()
                    .all(|b| b.is_ascii_digit() || b == b'-' || b == b'.')
                    && value.bytes().any(|b| b.is_ascii_digit())
                    && !value.starts_with(['+', '.', '0'])
                    && !value.starts_with("-0")
                    && !value.ends_with('.')
                    && value.matches(['-', '.']).count() < 2;
                let epoch = *kind == Kind::Timestamp && style.timestamp != TimestampFormat::Iso;
                let bare = match kind {
                    Kind::Boolean => matches!(value.as_str(), "true" | "false"),
                    Kind::Int | Kind::BigInt | Kind::Double | Kind::Real | Kind::Decimal => {
                        number && !random.one_in(8)
                    }
                    Kind::Timestamp => epoch && number,
                    Kind::Text | Kind::Date | Kind::Bytes | Kind::Time => false,
                };
                if bare {
                    value.clone()
                } else {
                    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
                    format!("\"{}\"", escaped.replace('\n', "\\n").replace('\r', "\\r"))
                }
            }
        };
        parts.push(format!("\"{name}\":{text}"));
    }
    if style.faults > 0 && random.one_in(style.faults) {
        parts.push("\"k\":".to_owned());
    }
    format!("{{{}}}{}", parts.join(","), style.line_end)
}

fn fault(random: &mut Random) -> String {
    let faults = [
        "oops",
        "1.2.3",
        "--1",
        "9999999999999999999999",
        "1e",
        "2023-02-30",
        "0x10",
        " 1",
        "1 ",
        "truth",
        "nan",
        "1e400",
        "-",
        ".",
        "+5",
        "1.23456789",
        "2023-01-01T25:00:00",
    ];
    faults[random.below(faults.len() as u64) as usize].to_owned()
}

/// The text of a value.
pub fn value(random: &mut Random, name: &str, kind: Kind, style: &Style, index: u64) -> String {
    let extreme = style.extremes > 0 && random.one_in(style.extremes);
    let small = random.below(40) as i64 - 10;
    match (name, kind) {
        ("ts", _) => timestamp(event_time(random, style, index), &style.timestamp),
        ("k", _) => format!("S{}", random.below(style.symbols)),
        (_, Kind::Text) => long_text(random),
        (_, Kind::Boolean) => (random.one_in(2)).to_string(),
        (_, Kind::Int) if extreme => pick(random, &["2147483647", "-2147483648", "-0", "007"]),
        (_, Kind::BigInt) if extreme => pick(
            random,
            &[
                "9223372036854775807",
                "-9223372036854775808",
                "4611686018427387904",
            ],
        ),
        (_, Kind::Int | Kind::BigInt) => small.to_string(),
        (_, Kind::Double) if extreme => pick(
            random,
            &[
                "NaN", "inf", "-inf", "1e308", "-1.5e300", "5e-324", "-0.0", "0.1", "1e-7",
            ],
        ),
        (_, Kind::Double) => match random.below(3) {
            0 => format!("{}.{}", small, random.below(1000)),
            1 => format!("{}e{}", small, random.below(9)),
            _ => format!("{}.5", random.below(4)),
        },
        (_, Kind::Real) if extreme => pick(
            random,
            &[
                "NaN", "inf", "-inf", "3.4e38", "1e-45", "-0.0", "0.1", "16777217",
            ],
        ),
        (_, Kind::Real) => format!("{}.{}", small, random.below(1000)),
        (_, Kind::Bytes) => pick(random, &["0x0000", "0x4142", "0xffFE", "0xc3a9", "0x2c22"]),
        (_, Kind::Time) if extreme => pick(random, &["23:59:59.999999999", "00:00"]),
        (_, Kind::Time) => {
            let (hour, minute) = (random.below(24), random.below(4) * 15);
            format!(
                "{hour:02}:{minute:02}:07{}",
                pick(random, &["", ".5", ".000000001"])
            )
        }
        (_, Kind::Decimal) => decimal(random, name, extreme, small),
        (_, Kind::Date) => {
            let mut text = Vec::new();
            let days = if extreme {
                random.below(60_000) as i64 - 30_000
            } else {
                19_600 + small
            };
            write_date(days, &mut text);
            String::from_utf8(text).expect("digits")
        }
        (_, Kind::Timestamp) => {
            let ns = if extreme {
                random.next() as i64 >> 1
            } else {
                small * 3_600_500_000_000
            };
            let ns = if matches!(style.timestamp, TimestampFormat::Millis) {
                ns / 1_000_000 * 1_000_000
            } else {
                ns
            };
            timestamp(ns, &style.timestamp)
        }
    }
}

fn decimal(random: &mut Random, name: &str, extreme: bool, small: i64) -> String {
    let digits = |random: &mut Random, whole: u64, scale: u64| {
        let mut text: String = (0..whole)
            .map(|_| char::from(b'0' + random.below(10) as u8))
            .collect();
        text.push('.');
        text.extend((0..scale).map(|_| char::from(b'0' + random.below(10) as u8)));
        if random.one_in(2) {
            format!("-1{}", &text[1..])
        } else {
            format!("9{}", &text[1..])
        }
    };
    match (name, extreme) {
        ("d", true) => digits(random, 7, 2),
        ("p", true) => digits(random, 14, 4),
        ("w", true) => digits(random, 32, 6),
        ("d", false) => format!("{small}.{}", random.below(4) * 25),
        ("p", false) => format!("{}.{:04}", small.abs() * 7, random.below(10_000)),
        _ => match random.below(3) {
            0 => format!("{small}"),
            1 => format!("{small}.500000"),
            _ => format!(
                "{}.{:06}",
                random.below(1_000_000_000),
                random.below(1_000_000)
            ),
        },
    }
}

fn pick(random: &mut Random, items: &[&str]) -> String {
    items[random.below(items.len() as u64) as usize].to_owned()
}

fn long_text(random: &mut Random) -> String {
    match random.below(9) {
        0 => String::new(),
        1 => "größer, \"besser\"".to_owned(),
        2 => format!("a long text that no inline form holds {}", random.below(5)),
        3 => "日本".to_owned(),
        4 => "two\nlines".to_owned(),
        5 => " padded ".to_owned(),
        6 => "12".to_owned(),
        _ => format!("t{}", random.below(6)),
    }
}

/// Mostly within `disorder_ms`, sometimes far behind.
fn event_time(random: &mut Random, style: &Style, index: u64) -> i64 {
    let behind = if random.one_in(12) {
        8000
    } else {
        style.disorder_ms
    };
    let ms = 1_700_000_000_000 + index * style.pace_ms - random.below(behind);
    let ms = if random.one_in(700) {
        ms + random.below(20_000)
    } else {
        ms
    };
    ms as i64 * 1_000_000
}

fn timestamp(ns: i64, format: &TimestampFormat) -> String {
    let text = |ns: i64| {
        let mut out = Vec::new();
        write_timestamp(ns, format, &mut out);
        String::from_utf8(out).expect("ASCII")
    };
    match format {
        TimestampFormat::Millis => (ns.div_euclid(1_000_000)).to_string(),
        TimestampFormat::Micros => (ns.div_euclid(1000)).to_string(),
        TimestampFormat::Nanos => ns.to_string(),
        _ => text(ns),
    }
}
