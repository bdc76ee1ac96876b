//! ARRAYs, ROWs and MAPs from JSON text: what `nested::write_json` writes comes back.

use super::field::{check_utf8, parse_boolean, parse_float, parse_i64, parse_i128};
use super::hex;
use super::json::unescape;
use super::nested::set_len;
use super::nested_map;
use crate::error::Reason;
use crate::hash::canonical_f64_bits;
use crate::plan::TimestampFormat;
use crate::types::{DataType, Physical, RowField};

/// Appends the items of the ARRAY, ROW or MAP of type `ty` that `text` is in JSON: an array, or an object. The members
/// that are a ROW's parts are found by name without case, those of other names are passed over, and a part that is
/// missing is NULL; all members are a MAP's, their names its keys. The last of several of a name counts. Items are read
/// as the fields of records are, times in strings by `timestamp`; null is NULL.
///
/// # Errors
/// `Reason::Json` when it is neither, otherwise why an item is no value of its type. What was appended stays.
pub fn read_json(
    ty: DataType,
    timestamp: &TimestampFormat,
    text: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), Reason> {
    let mut reader = Reader {
        rest: text.trim_ascii(),
        timestamp,
        scratch: Vec::new(),
    };
    reader.items(ty, out)?;
    if reader.rest.is_empty() {
        Ok(())
    } else {
        Err(Reason::Json)
    }
}

/// Whether values of type `ty`, an ARRAY, ROW or MAP, can be read from JSON text: not those of INTERVALs.
pub fn is_read(ty: DataType) -> bool {
    match ty {
        DataType::Array(element) => is_read(*element),
        DataType::Row(fields) => fields.iter().all(|field| is_read(field.ty)),
        DataType::Map(key, value) => is_read(*key) && is_read(*value),
        other => other != DataType::Interval,
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    timestamp: &'a TimestampFormat,
    /// A string without its escapes; strings with some are rare.
    scratch: Vec<u8>,
}

impl<'a> Reader<'a> {
    /// Its depth is that of the type.
    fn items(&mut self, ty: DataType, out: &mut Vec<u8>) -> Result<(), Reason> {
        match ty {
            DataType::Array(element) => self.array(*element, out),
            DataType::Row(fields) => self.row(fields, out),
            DataType::Map(key, value) => self.map(*key, *value, out),
            _ => Err(Reason::Json),
        }
    }

    fn array(&mut self, element: DataType, out: &mut Vec<u8>) -> Result<(), Reason> {
        self.expect(b'[')?;
        if self.rest.first() == Some(&b']') {
            return self.expect(b']');
        }
        loop {
            if element == DataType::Varchar && self.rest.first() != Some(&b'"') {
                let text = self.skipped()?;
                self.item_in(text, element, out)?;
            } else {
                self.item(element, out)?;
            }
            match self.rest.first() {
                Some(b',') => self.expect(b',')?,
                _ => return self.expect(b']'),
            }
        }
    }

    /// Goes through the members once for each part: there are few.
    fn row(&mut self, fields: &[RowField], out: &mut Vec<u8>) -> Result<(), Reason> {
        self.expect(b'{')?;
        let members = self.rest;
        for field in fields {
            self.rest = members;
            match self.member(field.name)? {
                Some(value) => self.item_in(value, field.ty, out)?,
                None => out.push(0),
            }
        }
        Ok(())
    }

    fn map(&mut self, key: DataType, value: DataType, out: &mut Vec<u8>) -> Result<(), Reason> {
        let at = out.len();
        self.expect(b'{')?;
        if self.rest.first() == Some(&b'}') {
            return self.expect(b'}');
        }
        loop {
            if self.rest.first() != Some(&b'"') {
                return Err(Reason::Json);
            }
            self.item(key, out)?;
            self.expect(b':')?;
            let text = self.skipped()?;
            self.item_in(text, value, out)?;
            if self.rest.first() != Some(&b',') {
                self.expect(b'}')?;
                nested_map::settle((key, value), at, out);
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    /// The item that the whole of `text` is.
    fn item_in(&mut self, text: &'a [u8], ty: DataType, out: &mut Vec<u8>) -> Result<(), Reason> {
        if ty == DataType::Varchar && matches!(text.first(), Some(b'{' | b'[')) {
            // As a column of a record: the text of what is no string.
            return push_value(ty, self.timestamp, text, out);
        }
        let behind = std::mem::replace(&mut self.rest, text);
        self.item(ty, out)?;
        let is_whole = self.rest.is_empty();
        self.rest = behind;
        is_whole.then_some(()).ok_or(Reason::Json)
    }

    /// Passes over the members and the brace that closes them; the value of the last one called `name`.
    fn member(&mut self, name: &str) -> Result<Option<&'a [u8]>, Reason> {
        let mut found = None;
        if self.rest.first() == Some(&b'}') {
            self.expect(b'}')?;
            return Ok(None);
        }
        loop {
            if self.rest.first() != Some(&b'"') {
                return Err(Reason::Json);
            }
            let key = self.string()?;
            self.expect(b':')?;
            let value = self.skipped()?;
            if self.is_called(key, name) {
                found = Some(value);
            }
            if self.rest.first() != Some(&b',') {
                self.expect(b'}')?;
                return Ok(found);
            }
            self.expect(b',')?;
        }
    }

    fn is_called(&mut self, key: &[u8], name: &str) -> bool {
        if !key.contains(&b'\\') {
            return key.eq_ignore_ascii_case(name.as_bytes());
        }
        self.scratch.clear();
        unescape(key, &mut self.scratch);
        self.scratch.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Passes over a member's value and the white space behind it, and gives it.
    fn skipped(&mut self) -> Result<&'a [u8], Reason> {
        let before = self.rest;
        let mut depth = 0_u32;
        loop {
            match self.rest.first() {
                None => return Err(Reason::Json),
                Some(b',' | b'}' | b']') if depth == 0 => break,
                Some(b'"') => {
                    self.string()?;
                }
                Some(sign) => {
                    match sign {
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => depth -= 1,
                        _ => {}
                    }
                    self.rest = &self.rest[1..];
                }
            }
        }
        let value = before[..before.len() - self.rest.len()].trim_ascii_end();
        match value.is_empty() {
            true => Err(Reason::Json),
            false => Ok(value),
        }
    }

    /// Passes over a sign and the white space behind it.
    fn expect(&mut self, sign: u8) -> Result<(), Reason> {
        let rest = self.rest.strip_prefix(&[sign]).ok_or(Reason::Json)?;
        self.rest = rest.trim_ascii_start();
        Ok(())
    }

    /// An element and the white space behind it.
    fn item(&mut self, ty: DataType, out: &mut Vec<u8>) -> Result<(), Reason> {
        match self.rest.first() {
            Some(b'"') => {
                let text = self.string()?;
                let mut scratch = std::mem::take(&mut self.scratch);
                scratch.clear();
                let text = if text.contains(&b'\\') {
                    unescape(text, &mut scratch);
                    &scratch
                } else {
                    text
                };
                let pushed = push_value(ty, self.timestamp, text, out);
                self.scratch = scratch;
                pushed
            }
            Some(sign) if *sign == b'[' || *sign == b'{' && is_object(ty) => {
                out.push(1);
                let at = out.len();
                out.extend_from_slice(&[0; 4]);
                self.items(ty, out)?;
                set_len(out, at).ok_or(Reason::Json)
            }
            _ => {
                let ends = |byte: &u8| matches!(byte, b',' | b']') || byte.is_ascii_whitespace();
                let end = self.rest.iter().position(ends);
                // A member's value ends where it does.
                let end = end.unwrap_or(self.rest.len());
                let (text, rest) = self.rest.split_at(end);
                self.rest = rest.trim_ascii_start();
                match text {
                    b"null" => out.push(0),
                    b"" => return Err(Reason::Json),
                    _ => push_value(ty, self.timestamp, text, out)?,
                }
                Ok(())
            }
        }
    }

    /// The inside of the string that comes next.
    fn string(&mut self) -> Result<&'a [u8], Reason> {
        let inside = &self.rest[1..];
        let mut at = 0;
        loop {
            match inside.get(at) {
                Some(b'"') => break,
                Some(b'\\') => at += 2,
                Some(_) => at += 1,
                None => return Err(Reason::Json),
            }
        }
        self.rest = inside[at + 1..].trim_ascii_start();
        Ok(&inside[..at])
    }
}

/// Whether values of the type are objects in JSON.
fn is_object(ty: DataType) -> bool {
    matches!(ty, DataType::Row(_) | DataType::Map(..))
}

/// Appends the item that `text` is.
fn push_value(
    ty: DataType,
    timestamp: &TimestampFormat,
    text: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), Reason> {
    out.push(1);
    match ty.physical() {
        Physical::Bool => out.push(u8::from(parse_boolean(text)?)),
        Physical::I64 => out.extend_from_slice(&parse_i64(ty, timestamp, text)?.to_le_bytes()),
        Physical::I128 => out.extend_from_slice(&parse_i128(ty, text)?.to_le_bytes()),
        Physical::F64 => {
            let bits = canonical_f64_bits(parse_float(ty, text)?);
            out.extend_from_slice(&bits.to_le_bytes());
        }
        Physical::Text => {
            let at = out.len();
            out.extend_from_slice(&[0; 4]);
            match ty {
                DataType::Varchar => {
                    check_utf8(text)?;
                    out.extend_from_slice(text);
                }
                DataType::Varbinary => {
                    let digits = hex::digits(text).ok_or(Reason::Bytes)?;
                    hex::append(digits, out).ok_or(Reason::Bytes)?;
                }
                _ => return Err(Reason::Json),
            }
            set_len(out, at).ok_or(Reason::Json)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::nested::write_json;
    use crate::types::{array_of, map_of, row_of};

    fn back(ty: DataType, text: &str) -> Result<String, Reason> {
        let mut bytes = Vec::new();
        read_json(ty, &TimestampFormat::Iso, text.as_bytes(), &mut bytes)?;
        let mut out = Vec::new();
        write_json(ty, &bytes, &mut out);
        Ok(String::from_utf8(out).expect("JSON"))
    }

    #[test]
    fn what_is_written_comes_back() {
        let (int, text) = (array_of(DataType::Int), array_of(DataType::Varchar));
        for (ty, written) in [
            (int, "[1,null,-2147483648]"),
            (int, "[]"),
            (text, r#"["a","\"\\\n",null,""]"#),
            (array_of(int), "[[1],null,[],[2,3]]"),
            (array_of(DataType::decimal(30, 2)), "[1.50,-0.01]"),
            (array_of(DataType::Double), "[1.5,0.0,null]"),
            (array_of(DataType::Boolean), "[true,false]"),
            (array_of(DataType::Varbinary), r#"["0x00ff","0x"]"#),
            (
                array_of(DataType::Timestamp),
                r#"["2025-01-02 03:04:05.600"]"#,
            ),
            (array_of(DataType::Time), r#"["09:30:00"]"#),
        ] {
            assert_eq!(back(ty, written).as_deref(), Ok(written));
        }
        assert_eq!(back(int, " [ 1 , 2 ] ").as_deref(), Ok("[1,2]"));
        assert_eq!(
            back(text, r#"["\u00e9", 1.50]"#).as_deref(),
            Ok(r#"["é","1.50"]"#)
        );
        // The text of what is no string, as in a member.
        assert_eq!(
            back(text, r#"[{"a":1,"b":[2,"],"]}, [ 3, null ] ,null,true]"#).as_deref(),
            Ok(r#"["{\"a\":1,\"b\":[2,\"],\"]}","[ 3, null ]",null,"true"]"#)
        );
        for wrong in ["[{]", "[{\"a\":1]", "[1,]", "[a b]", "[}]"] {
            assert_eq!(back(text, wrong), Err(Reason::Json), "{wrong}");
        }
    }

    #[test]
    fn members_are_found_by_name() {
        let level = row_of(&[("p", DataType::decimal(9, 2)), ("s", DataType::BigInt)]);
        let ty = row_of(&[
            ("a", DataType::Varchar),
            ("levels", array_of(level)),
            ("best", level),
        ]);
        let all = r#"{"a":"x","levels":[{"p":1.50,"s":2},null],"best":{"p":null,"s":3}}"#;
        assert_eq!(back(ty, all).as_deref(), Ok(all));
        let none = r#"{"a":null,"levels":null,"best":null}"#;
        for (text, written) in [
            ("{}", none),
            (" { } ", none),
            (r#"{"b":[{"a":1}],"c":"}","d":{"a":"]"}}"#, none),
            (
                r#"{"A":1,"a":"y\"","\u0061":"z\n"}"#,
                r#"{"a":"z\n","levels":null,"best":null}"#,
            ),
            (
                r#"{"best" : { "s" : 4 , "p":2} , "levels":[ {} , {"s":1} ]}"#,
                r#"{"a":null,"levels":[{"p":null,"s":null},{"p":null,"s":1}],"best":{"p":2.00,"s":4}}"#,
            ),
        ] {
            assert_eq!(back(ty, text).as_deref(), Ok(written), "{text}");
        }
        for (text, reason) in [
            ("", Reason::Json),
            ("[]", Reason::Json),
            ("{", Reason::Json),
            (r#"{"a"}"#, Reason::Json),
            (r#"{"a":}"#, Reason::Json),
            (r#"{"a":"x",}"#, Reason::Json),
            (r#"{"a":"x"}}"#, Reason::Json),
            (r#"{a:1}"#, Reason::Json),
            (r#"{"b":[1}"#, Reason::Json),
            (r#"{"best":[1]}"#, Reason::Json),
            (r#"{"best":"{}"}"#, Reason::Json),
            (r#"{"best":{"s":1 2}}"#, Reason::Json),
            (r#"{"best":{"s":"x"}}"#, Reason::Number),
            (r#"{"best":{"p":1.234}}"#, Reason::Scale),
        ] {
            assert_eq!(back(ty, text), Err(reason), "{text}");
        }
    }

    #[test]
    fn all_members_are_a_maps() {
        let text = map_of(DataType::Varchar, DataType::Int);
        let number = map_of(DataType::BigInt, array_of(DataType::Varchar));
        let day = map_of(
            DataType::Date,
            map_of(DataType::Boolean, DataType::decimal(9, 2)),
        );
        for (ty, read, written) in [
            (text, "{}", "{}"),
            (
                map_of(DataType::Varchar, DataType::Varchar),
                r#"{"a":{"b":[1, 2],"c":"}"},"b":[ ],"c":1}"#,
                r#"{"a":"{\"b\":[1, 2],\"c\":\"}\"}","b":"[ ]","c":"1"}"#,
            ),
            (
                text,
                r#" { "b" : 1 , "a":null,"":3} "#,
                r#"{"":3,"a":null,"b":1}"#,
            ),
            (text, r#"{"a":1,"A":2,"a":3}"#, r#"{"A":2,"a":3}"#),
            (text, r#"{"\u0061\"":1,"a\"":"2"}"#, r#"{"a\"":2}"#),
            (
                number,
                r#"{"10":["x"],"-2":[],"9":null,"09":[null]}"#,
                r#"{"-2":[],"9":[null],"10":["x"]}"#,
            ),
            (
                day,
                r#"{"2025-01-02":{"true":1,"false":2.50}}"#,
                r#"{"2025-01-02":{"false":2.50,"true":1.00}}"#,
            ),
        ] {
            assert_eq!(back(ty, read).as_deref(), Ok(written), "{read}");
            assert_eq!(back(ty, written).as_deref(), Ok(written), "{written}");
        }
        for (ty, read, reason) in [
            (text, "[]", Reason::Json),
            (text, "{a:1}", Reason::Json),
            (text, r#"{"a":1,}"#, Reason::Json),
            (text, r#"{"a":1"#, Reason::Json),
            (text, r#"{"a":}"#, Reason::Json),
            (text, r#"{"a":{"b":1}}"#, Reason::Number),
            (text, r#"{"a":"x"}"#, Reason::Number),
            (number, r#"{"x":[]}"#, Reason::Number),
            (number, r#"{"1":["x"}"#, Reason::Json),
            (day, r#"{"2025-01-02":{"yes":1}}"#, Reason::Boolean),
        ] {
            assert_eq!(back(ty, read), Err(reason), "{read}");
        }
    }

    #[test]
    fn what_is_no_array_says_why() {
        let int = array_of(DataType::Int);
        for (text, reason) in [
            ("", Reason::Json),
            ("1", Reason::Json),
            ("[1", Reason::Json),
            ("[1,]", Reason::Json),
            ("[,1]", Reason::Json),
            ("[1]]", Reason::Json),
            ("[[1]]", Reason::Json),
            ("[\"1]", Reason::Json),
            ("[\"1\\", Reason::Json),
            ("[1 2]", Reason::Json),
            ("[x]", Reason::Number),
            ("[2147483648]", Reason::Range),
        ] {
            assert_eq!(back(int, text), Err(reason), "{text}");
        }
    }
}
