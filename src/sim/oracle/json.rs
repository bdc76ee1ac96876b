//! JSON lines by a recursive parser that keeps each value's own text.

use super::field;
use super::number::{Beyond, read_decimal};
use super::source::Record;
use crate::error::Reason;
use crate::limits::RECORD_BYTES_MAX;
use crate::plan::JsonFormat;
use crate::types::{DataType, Schema, Value};

/// Objects and arrays inside each other.
const DEPTH_MAX: u32 = 64;

/// What a value is.
pub enum Node {
    Null,
    Bool,
    Number,
    Text(Vec<u8>),
    Array(Vec<Json>),
    Object(Vec<(Vec<u8>, Json)>),
}

/// A value.
pub struct Json {
    /// What it is.
    pub node: Node,
    /// The text as written.
    pub raw: Vec<u8>,
}

/// The records of a file.
pub fn records(bytes: &[u8], format: &JsonFormat, schema: &Schema) -> Vec<Record> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut records = Vec::new();
    let mut behind = bytes.len() - text.len();
    for line in text.split(|&byte| byte == b'\n') {
        let offset = behind;
        behind += line.len() + 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > RECORD_BYTES_MAX {
            records.push(Record::spoilt(Reason::LineTooLong, schema, offset));
        } else if line.iter().any(|b| !matches!(b, b' ' | b'\t' | b'\r')) {
            records.push(match parse(line) {
                Some(json) => to_record(&json, format, schema, offset),
                None => Record::spoilt(Reason::Json, schema, offset),
            });
        }
    }
    records
}

fn to_record(json: &Json, format: &JsonFormat, schema: &Schema, offset: usize) -> Record {
    let value = |column: usize| {
        let target = &schema.fields[column];
        match find(json, &format.paths[column]).map(|found| (&found.node, &found.raw)) {
            None | Some((Node::Null, _)) if target.nullable => Ok(Value::Null),
            None | Some((Node::Null, _)) => Err(Reason::Null),
            Some((Node::Text(text), _)) => field::read(target.ty, &format.timestamp, text),
            Some((Node::Number, raw)) if target.ty.is_integer() => integer(target.ty, raw),
            Some((_, raw)) => field::read(target.ty, &format.timestamp, raw),
        }
    };
    Record {
        fault: None,
        wrong_count: false,
        values: (0..schema.fields.len()).map(value).collect(),
        offset,
    }
}

/// An integer however it is written: `1.0` and `1e3` are.
fn integer(ty: DataType, raw: &[u8]) -> Result<Value, Reason> {
    let value = match read_decimal(raw, (38, 0), Beyond::Refuse) {
        Err(Reason::Scale) => return Err(Reason::Number),
        result => result?,
    };
    field::read_integer(ty, value.to_string().as_bytes()).map(Value::I64)
}

/// The member at `path`; of members with the same name the last.
fn find<'a>(json: &'a Json, path: &[String]) -> Option<&'a Json> {
    let Some((name, rest)) = path.split_first() else {
        return Some(json);
    };
    let Node::Object(members) = &json.node else {
        return None;
    };
    let member = members
        .iter()
        .rev()
        .find(|member| member.0 == name.as_bytes());
    find(&member?.1, rest)
}

fn parse(line: &[u8]) -> Option<Json> {
    document(line).filter(|json| matches!(json.node, Node::Object(_)))
}

/// A text that is one value.
pub fn document(line: &[u8]) -> Option<Json> {
    let mut parser = Parser { line, at: 0 };
    parser.space();
    let json = parser.value(0)?;
    parser.space();
    (parser.at == line.len()).then_some(json)
}

struct Parser<'a> {
    line: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, text: &[u8]) -> Option<()> {
        self.line[self.at..]
            .starts_with(text)
            .then(|| self.at += text.len())
    }

    fn value(&mut self, depth: u32) -> Option<Json> {
        let start = self.at;
        let node = match self.peek()? {
            b'n' => self.expect(b"null").map(|()| Node::Null)?,
            b't' => self.expect(b"true").map(|()| Node::Bool)?,
            b'f' => self.expect(b"false").map(|()| Node::Bool)?,
            b'"' => Node::Text(self.string()?),
            b'{' => self.object(depth + 1)?,
            b'[' => self.array(depth + 1)?,
            _ => self.number()?,
        };
        Some(Json {
            node,
            raw: self.line[start..self.at].to_vec(),
        })
    }

    fn object(&mut self, depth: u32) -> Option<Node> {
        let mut members = Vec::new();
        self.list(depth, b'}', |parser| {
            let name = parser.string()?;
            parser.space();
            parser.expect(b":")?;
            parser.space();
            members.push((name, parser.value(depth)?));
            Some(())
        })?;
        Some(Node::Object(members))
    }

    fn array(&mut self, depth: u32) -> Option<Node> {
        let mut items = Vec::new();
        self.list(depth, b']', |parser| {
            items.push(parser.value(depth)?);
            Some(())
        })?;
        Some(Node::Array(items))
    }

    fn list(
        &mut self,
        depth: u32,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        (depth <= DEPTH_MAX).then_some(())?;
        self.at += 1;
        self.space();
        if self.peek() == Some(close) {
            self.at += 1;
            return Some(());
        }
        loop {
            item(self)?;
            self.space();
            match self.next()? {
                b',' => self.space(),
                byte if byte == close => return Some(()),
                _ => return None,
            }
        }
    }

    fn string(&mut self) -> Option<Vec<u8>> {
        self.expect(b"\"")?;
        let mut text = Vec::new();
        loop {
            match self.next()? {
                b'"' => return Some(text),
                0..=0x1f => return None,
                b'\\' => match self.next()? {
                    byte @ (b'"' | b'\\' | b'/') => text.push(byte),
                    b'b' => text.push(8),
                    b'f' => text.push(12),
                    b'n' => text.push(b'\n'),
                    b'r' => text.push(b'\r'),
                    b't' => text.push(b'\t'),
                    b'u' => {
                        let character = self.escaped()?;
                        text.extend_from_slice(character.to_string().as_bytes());
                    }
                    _ => return None,
                },
                byte => text.push(byte),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let first = self.unit()?;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first);
        }
        self.expect(b"\\u")?;
        let second = self.unit()?;
        let pair = (0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(&second);
        pair.then(|| char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)))?
    }

    fn unit(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |unit, _| {
            Some(unit * 16 + char::from(self.next()?).to_digit(16)?)
        })
    }

    fn number(&mut self) -> Option<Node> {
        let _ = self.expect(b"-");
        if self.expect(b"0").is_none() {
            self.digits()?;
        }
        if self.expect(b".").is_some() {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(Node::Number)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_agrees_with_serde_json() {
        for line in [
            r#"{"a":1}"#,
            r#"{"a":1,}"#,
            r#"{"a":01}"#,
            r#"{"a":1.}"#,
            r#"{"a":-0.5e+3,"b":[1,[],{}],"c":null}"#,
            r#" { "a" : "A😀\n" } "#,
            r#"{"a":"\ud83d"}"#,
            r#"{"a":"\x"}"#,
            "{\"a\":\"\t\"}",
            r#"{"a":1}{"#,
            r#"{"a" 1}"#,
            r#"{"a":tru}"#,
            r#"{}"#,
            r#"{"a":1e}"#,
        ] {
            let known = serde_json::from_str::<serde_json::Value>(line).is_ok();
            assert_eq!(parse(line.as_bytes()).is_some(), known, "{line}");
        }
        assert!(parse(b"[1]").is_none(), "a record is an object");
    }
}
