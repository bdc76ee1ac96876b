//! Files of trades: their rows, and the fields of a row.

use std::fs::File;
use std::io::Read;

/// Bytes read at a time.
const BUFFER_BYTES: usize = 1 << 20;
/// Bytes of a binary record.
pub const RECORD_BYTES: usize = 33;

/// How a file's rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `ts,symbol,price,size,side` behind a header.
    Csv,
    /// One flat object a line, members in any order.
    Json,
    /// Little-endian records: ts in nanoseconds i64, symbol 8 bytes padded with NUL, price in cents i64, size i64,
    /// side 1 byte.
    Binary,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Binary];

    /// The format of the file of this name.
    pub fn of(path: &str) -> Self {
        if path.ends_with(".jsonl") {
            Self::Json
        } else if path.ends_with(".bin") {
            Self::Binary
        } else {
            Self::Csv
        }
    }
}

/// The fields that some shape reads, not parsed yet.
#[derive(Clone, Copy)]
pub struct Trade<'a> {
    /// The symbol.
    pub symbol: &'a [u8],
    fields: Fields<'a>,
}

#[derive(Clone, Copy)]
enum Fields<'a> {
    Text(Texts<'a>),
    Record(&'a [u8; RECORD_BYTES]),
}

#[derive(Clone, Copy, Default)]
struct Texts<'a> {
    ts_ms: &'a [u8],
    price: &'a [u8],
    size: &'a [u8],
}

impl<'a> Trade<'a> {
    fn from_csv(line: &'a [u8]) -> Option<Self> {
        let mut commas = memchr::memchr_iter(b',', line);
        let (first, second) = (commas.next()?, commas.next()?);
        let (third, fourth) = (commas.next()?, commas.next()?);
        let texts = Texts {
            ts_ms: &line[..first],
            price: &line[second + 1..third],
            size: &line[third + 1..fourth],
        };
        Some(Self {
            symbol: &line[first + 1..second],
            fields: Fields::Text(texts),
        })
    }

    /// A flat object without escapes: names between quotes, values up to a comma, a brace or a quote.
    fn from_json(line: &'a [u8]) -> Option<Self> {
        let (mut symbol, mut texts) = (&b""[..], Texts::default());
        let mut rest = line.strip_prefix(b"{")?;
        loop {
            rest = rest.trim_ascii_start().strip_prefix(b"\"")?;
            let name_end = memchr::memchr(b'"', rest)?;
            let name = &rest[..name_end];
            rest = rest[name_end + 1..].trim_ascii_start();
            rest = rest.strip_prefix(b":")?.trim_ascii_start();
            let (value, after) = match rest.strip_prefix(b"\"") {
                Some(text) => {
                    let end = memchr::memchr2(b'"', b'\\', text)?;
                    (&text[..end], text[end..].strip_prefix(b"\"")?)
                }
                None => rest.split_at(memchr::memchr2(b',', b'}', rest)?),
            };
            match name {
                b"ts" => texts.ts_ms = value,
                b"symbol" => symbol = value,
                b"price" => texts.price = value,
                b"size" => texts.size = value,
                _ => {}
            }
            rest = after.trim_ascii_start();
            match rest.split_first()? {
                (b',', more) => rest = more,
                (b'}', _) => {
                    let fields = Fields::Text(texts);
                    return Some(Self { symbol, fields });
                }
                _ => return None,
            }
        }
    }

    fn from_record(record: &'a [u8; RECORD_BYTES]) -> Self {
        let symbol = &record[8..16];
        let len = symbol.iter().position(|&byte| byte == 0).unwrap_or(8);
        Self {
            symbol: &symbol[..len],
            fields: Fields::Record(record),
        }
    }

    /// Event time.
    #[inline(always)]
    pub fn ts_ms(&self) -> Option<i64> {
        match self.fields {
            Fields::Text(texts) => integer(texts.ts_ms),
            Fields::Record(record) => Some(word(record, 0) / 1_000_000),
        }
    }

    /// Price.
    #[inline(always)]
    pub fn price(&self) -> Option<f64> {
        match self.fields {
            Fields::Text(texts) => fast_float2::parse(texts.price).ok(),
            Fields::Record(record) => Some(word(record, 16) as f64 / 100.0),
        }
    }

    /// Size.
    #[inline(always)]
    pub fn size(&self) -> Option<i64> {
        match self.fields {
            Fields::Text(texts) => integer(texts.size),
            Fields::Record(record) => Some(word(record, 24)),
        }
    }
}

/// The number at `at` of a record.
#[inline(always)]
fn word(record: &[u8; RECORD_BYTES], at: usize) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&record[at..at + 8]);
    i64::from_le_bytes(bytes)
}

/// Up to 18 digits.
fn integer(digits: &[u8]) -> Option<i64> {
    let mut value = 0_i64;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
    }
    (1..=18).contains(&digits.len()).then_some(value)
}

/// Calls `row` with each trade; the number of them.
pub fn for_each_trade(
    format: Format,
    input: &mut dyn Read,
    mut row: impl FnMut(Trade<'_>) -> Option<()>,
) -> Result<u64, String> {
    match format {
        Format::Csv => for_each_line(input, 1, |line| row(Trade::from_csv(line)?)),
        Format::Json => for_each_line(input, 0, |line| row(Trade::from_json(line)?)),
        Format::Binary => for_each_record(input, |record| row(Trade::from_record(record))),
    }
}

fn for_each_record(
    input: &mut dyn Read,
    mut row: impl FnMut(&[u8; RECORD_BYTES]) -> Option<()>,
) -> Result<u64, String> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let (mut filled, mut rows) = (0, 0);
    loop {
        let read = input
            .read(&mut buffer[filled..])
            .map_err(|cause| cause.to_string())?;
        let end = filled + read;
        let (records, rest) = buffer[..end].as_chunks();
        for record in records {
            row(record).ok_or("not a trade")?;
        }
        rows += records.len() as u64;
        filled = rest.len();
        if read == 0 {
            let whole = filled == 0;
            return whole
                .then_some(rows)
                .ok_or("the last record is cut".to_owned());
        }
        buffer.copy_within(end - filled..end, 0);
    }
}

fn for_each_line(
    input: &mut dyn Read,
    header_lines: usize,
    mut row: impl FnMut(&[u8]) -> Option<()>,
) -> Result<u64, String> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let (mut filled, mut rows, mut to_skip) = (0, 0_u64, header_lines);
    loop {
        let read = input
            .read(&mut buffer[filled..])
            .map_err(|cause| cause.to_string())?;
        let end = filled + read;
        let mut start = 0;
        for newline in memchr::memchr_iter(b'\n', &buffer[..end]) {
            let line = &buffer[start..newline];
            start = newline + 1;
            if to_skip > 0 {
                to_skip -= 1;
                continue;
            }
            row(line).ok_or_else(|| bad_row(line))?;
            rows += 1;
        }
        if read == 0 {
            if start < end {
                row(&buffer[start..end]).ok_or_else(|| bad_row(&buffer[start..end]))?;
                rows += 1;
            }
            return Ok(rows);
        }
        buffer.copy_within(start..end, 0);
        filled = end - start;
        if filled == buffer.len() {
            return Err("a row is longer than the buffer".to_owned());
        }
    }
}

fn bad_row(line: &[u8]) -> String {
    format!("not a trade: {}", String::from_utf8_lossy(line))
}

/// The first whole rows of a file.
pub fn head(file: File, format: Format, bytes_max: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    file.take(bytes_max)
        .read_to_end(&mut bytes)
        .map_err(|cause| cause.to_string())?;
    bytes.truncate(match format {
        Format::Binary => bytes.len() / RECORD_BYTES * RECORD_BYTES,
        Format::Csv | Format::Json => memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1),
    });
    Ok(bytes)
}

/// A thousand rows that repeat exactly: 8 symbols, 1 ms apart, sizes 1 to 1000.
pub fn small_file(format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    if format == Format::Csv {
        bytes.extend_from_slice(b"ts,symbol,price,size,side\n");
    }
    for row in 0..1000_i64 {
        let size = row * 7919 % 1000 + 1;
        let (symbol, ts) = (row % 8, 1_735_689_600_500 + row);
        let (whole, cents) = (50 + row % 13, row % 100);
        let line = match format {
            Format::Csv => format!("{ts},SYM{symbol:04},{whole}.{cents:02},{size},B\n"),
            Format::Json => format!(
                "{{\"ts\":{ts},\"symbol\":\"SYM{symbol:04}\",\"price\":{whole}.{cents:02},\"size\":{size},\"side\":\"B\"}}\n"
            ),
            Format::Binary => {
                bytes.extend_from_slice(&(ts * 1_000_000).to_le_bytes());
                bytes.extend_from_slice(format!("SYM{symbol:04}\0").as_bytes());
                bytes.extend_from_slice(&(whole * 100 + cents).to_le_bytes());
                bytes.extend_from_slice(&size.to_le_bytes());
                String::from("B")
            }
        };
        bytes.extend_from_slice(line.as_bytes());
    }
    bytes
}
