//! The slow twin: a recursive parser that builds a tree, and framing by splitting the whole file.

use crate::decimal;
use crate::error::Reason;
use crate::format::hex;
use crate::format::{FaultScope, FrameSpec, field};
use crate::hash;
use crate::limits::{JSON_DEPTH_MAX, RECORD_BYTES_MAX};
use crate::plan::JsonFormat;
use crate::types::{DataType, Schema, Value};

/// A parsed value and its text as written.
#[derive(Clone, Debug)]
pub struct Json<'a> {
    pub raw: &'a [u8],
    pub node: Node<'a>,
}

#[derive(Clone, Debug)]
pub enum Node<'a> {
    Null,
    Bool,
    Number,
    Text(Vec<u8>),
    Array,
    Object(Vec<(Vec<u8>, Json<'a>)>),
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// The object that `record` is.
pub fn parse(record: &[u8]) -> Option<Json<'_>> {
    let mut reader = Reader {
        bytes: record,
        at: 0,
    };
    reader.space();
    if reader.peek() != Some(b'{') {
        return None;
    }
    let value = reader.value(0)?;
    reader.space();
    (reader.at == record.len()).then_some(value)
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self) -> Option<u8> {
        self.at += 1;
        self.bytes.get(self.at - 1).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|b| b" \t\r\n".contains(&b)) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: u32) -> Option<Json<'a>> {
        let start = self.at;
        let node = match self.peek()? {
            b'{' => self.object(depth + 1)?,
            b'[' => self.array(depth + 1)?,
            b'"' => Node::Text(self.string()?),
            b'n' => self.word("null", Node::Null)?,
            b't' => self.word("true", Node::Bool)?,
            b'f' => self.word("false", Node::Bool)?,
            _ => self.number()?,
        };
        let raw = &self.bytes[start..self.at];
        Some(Json { raw, node })
    }

    fn word(&mut self, word: &str, node: Node<'a>) -> Option<Node<'a>> {
        for byte in word.bytes() {
            if !self.eat(byte) {
                return None;
            }
        }
        Some(node)
    }

    fn object(&mut self, depth: u32) -> Option<Node<'a>> {
        let mut members = Vec::new();
        self.items(depth, b'}', |reader| {
            let name = reader.string()?;
            reader.space();
            if !reader.eat(b':') {
                return None;
            }
            reader.space();
            members.push((name, reader.value(depth)?));
            Some(())
        })?;
        Some(Node::Object(members))
    }

    fn array(&mut self, depth: u32) -> Option<Node<'a>> {
        self.items(depth, b']', |reader| reader.value(depth).map(|_| ()))?;
        Some(Node::Array)
    }

    fn items(
        &mut self,
        depth: u32,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        if depth > JSON_DEPTH_MAX {
            return None;
        }
        self.at += 1;
        self.space();
        if self.eat(close) {
            return Some(());
        }
        loop {
            item(self)?;
            self.space();
            if self.eat(close) {
                return Some(());
            }
            if !self.eat(b',') {
                return None;
            }
            self.space();
        }
    }

    fn string(&mut self) -> Option<Vec<u8>> {
        if !self.eat(b'"') {
            return None;
        }
        let mut out = Vec::new();
        loop {
            match self.take()? {
                b'"' => return Some(out),
                b'\\' => {
                    let letter = self.take()?;
                    let plain = br#""\/bfnrt"#.iter().position(|&b| b == letter);
                    match plain {
                        Some(i) => out.push(b"\"\\/\x08\x0c\n\r\t"[i]),
                        None if letter == b'u' => out.extend(self.unicode()?.to_string().bytes()),
                        None => return None,
                    }
                }
                0..=0x1f => return None,
                byte => out.push(byte),
            }
        }
    }

    fn unicode(&mut self) -> Option<char> {
        let mut units = vec![self.unit()?];
        if (0xd800..0xdc00).contains(&units[0]) {
            if !(self.eat(b'\\') && self.eat(b'u')) {
                return None;
            }
            units.push(self.unit()?);
        }
        let text = String::from_utf16(&units).ok()?;
        let mut characters = text.chars();
        let first = characters.next()?;
        characters.next().is_none().then_some(first)
    }

    fn unit(&mut self) -> Option<u16> {
        let mut value = 0;
        for _ in 0..4 {
            value = value * 16 + (self.take()? as char).to_digit(16)? as u16;
        }
        Some(value)
    }

    fn number(&mut self) -> Option<Node<'a>> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Some(Node::Number)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

/// The value at `path`; of members with the same name the last.
pub fn find<'a, 'b>(json: &'b Json<'a>, path: &[String]) -> Option<&'b Json<'a>> {
    let mut json = json;
    for name in path {
        let Node::Object(members) = &json.node else {
            return None;
        };
        let member = members.iter().rev().find(|m| m.0 == name.as_bytes())?;
        json = &member.1;
    }
    Some(json)
}

/// A number without its exponent: digits, a point, digits.
fn expand(number: &str) -> String {
    let lower = number.to_ascii_lowercase();
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    // No type has 2000 digits: what is beyond them is as wrong as they are.
    let (negative, digits) = match exponent.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, exponent.trim_start_matches('+')),
    };
    let magnitude = digits.parse().unwrap_or(i64::MAX).min(2000);
    let exponent = if negative { -magnitude } else { magnitude };
    let (sign, mantissa) = mantissa
        .strip_prefix('-')
        .map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let point = whole.len() as i64 + exponent;
    let (before, after) = if point <= 0 {
        let zeros = "0".repeat(-point as usize);
        ("0".to_owned(), format!("{zeros}{digits}"))
    } else if point as usize >= digits.len() {
        let zeros = "0".repeat(point as usize - digits.len());
        (format!("{digits}{zeros}"), "0".to_owned())
    } else {
        let (before, after) = digits.split_at(point as usize);
        (before.to_owned(), after.to_owned())
    };
    format!("{sign}{before}.{after}")
}

/// The value of column `column` in `record`.
pub fn value(
    format: &JsonFormat,
    schema: &Schema,
    column: usize,
    record: &Json<'_>,
) -> Result<Value, Reason> {
    let ty = schema.fields[column].ty;
    let Some(json) = find(record, &format.paths[column]) else {
        return Ok(Value::Null);
    };
    let text = match &json.node {
        Node::Null => return Ok(Value::Null),
        Node::Text(text) => text.clone(),
        Node::Number if ty.is_integer() || matches!(ty, DataType::Decimal { .. }) => {
            let expanded = expand(std::str::from_utf8(json.raw).expect("numbers are ASCII"));
            return exact(ty, &expanded);
        }
        _ => json.raw.to_vec(),
    };
    match ty {
        DataType::Varchar => String::from_utf8(text)
            .map(Value::Text)
            .map_err(|_| Reason::Utf8),
        DataType::Double => field::parse_double(&text).map(Value::F64),
        DataType::Real => field::parse_real(&text).map(Value::F64),
        DataType::Varbinary => {
            let digits = hex::digits(&text).ok_or(Reason::Bytes)?;
            hex::with_decoded(digits, Value::of_bytes).ok_or(Reason::Bytes)
        }
        DataType::Boolean => field::parse_boolean(&text).map(Value::Bool),
        DataType::Decimal { precision, scale } if precision > 18 => {
            decimal::parse_i128(&text, precision, scale).map(Value::I128)
        }
        _ => field::parse_i64(ty, &format.timestamp, &text).map(Value::I64),
    }
}

/// `expanded` as an integer or a DECIMAL.
fn exact(ty: DataType, expanded: &str) -> Result<Value, Reason> {
    let (whole, fraction) = expanded.split_once('.').expect("expanded");
    if let DataType::Decimal { precision, scale } = ty {
        let value = decimal::parse_i128(expanded.as_bytes(), precision, scale)?;
        return Ok(match i64::try_from(value) {
            Ok(value) if precision <= 18 => Value::I64(value),
            _ => Value::I128(value),
        });
    }
    if fraction.bytes().any(|byte| byte != b'0') {
        return Err(Reason::Number);
    }
    let value: i64 = whole.parse().map_err(|_| Reason::Range)?;
    if ty == DataType::Int && i32::try_from(value).is_err() {
        return Err(Reason::Range);
    }
    Ok(Value::I64(value))
}

/// The hash of a value as a key of type `ty`.
pub fn hash_value(ty: DataType, value: &Value, seed: u64) -> u64 {
    match value {
        Value::Null => hash::hash_null(seed),
        Value::Bool(value) => hash::hash_i64(seed, i64::from(*value)),
        Value::I64(value) => hash::hash_i64(seed, *value),
        Value::I128(value) => hash::hash_i128(seed, *value),
        Value::F64(value) => hash::hash_f64(seed, *value),
        Value::Text(value) => {
            assert!(matches!(ty, DataType::Varchar | DataType::Varbinary));
            hash::hash_text(seed, value.as_bytes())
        }
        Value::Bytes(value) => hash::hash_text(seed, value),
    }
}

/// A record as the framer should find it, in the file's offsets.
#[derive(Clone, Debug, PartialEq)]
pub struct NaiveFrame {
    pub start: usize,
    pub end: usize,
    pub time: Option<i64>,
    pub hashes: Vec<u64>,
    pub faults: Vec<(FaultScope, Reason)>,
}

/// Frames a whole file.
pub fn frame(
    file: &[u8],
    format: &JsonFormat,
    schema: &Schema,
    spec: &FrameSpec,
) -> Vec<NaiveFrame> {
    let mut at = if file.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    let mut frames = Vec::new();
    for line in file[at..].split(|&byte| byte == b'\n') {
        let start = at;
        at += line.len() + 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > RECORD_BYTES_MAX {
            let fault = (FaultScope::Record, Reason::LineTooLong);
            frames.push(spoilt(start, RECORD_BYTES_MAX, spec, fault));
        } else if line.iter().any(|byte| !b" \t\r".contains(byte)) {
            frames.push(match parse(line) {
                Some(json) => frame_one(start, line, &json, format, schema, spec),
                None => spoilt(start, line.len(), spec, (FaultScope::Record, Reason::Json)),
            });
        }
    }
    frames
}

fn spoilt(start: usize, len: usize, spec: &FrameSpec, fault: (FaultScope, Reason)) -> NaiveFrame {
    NaiveFrame {
        start,
        end: start + len,
        time: spec.time.map(|_| 0),
        hashes: vec![0; spec.keys.len()],
        faults: vec![fault],
    }
}

fn frame_one(
    start: usize,
    line: &[u8],
    json: &Json<'_>,
    format: &JsonFormat,
    schema: &Schema,
    spec: &FrameSpec,
) -> NaiveFrame {
    let mut faults = Vec::new();
    let time = spec.time.map(|column| {
        let reason = match value(format, schema, column, json) {
            Ok(Value::I64(time)) if time > i64::MIN && time < i64::MAX => return time,
            Ok(Value::Null) => Reason::EventTimeNull,
            _ => Reason::EventTimeInvalid,
        };
        faults.push((FaultScope::EventTime, reason));
        0
    });
    let mut hashes = Vec::new();
    for (i, key) in spec.keys.iter().enumerate() {
        let values: Result<Vec<u64>, Reason> = key
            .iter()
            .map(|&column| {
                let value = value(format, schema, column, json)?;
                let ty = schema.fields[column].ty;
                Ok(hash_value(ty, &value, spec.hash_seed))
            })
            .collect();
        hashes.push(match values {
            Ok(values) => values.into_iter().reduce(hash::combine).unwrap_or(0),
            Err(_) => {
                faults.push((FaultScope::Key(i as u16), Reason::KeyInvalid));
                0
            }
        });
    }
    NaiveFrame {
        start,
        end: start + line.len(),
        time,
        hashes,
        faults,
    }
}
