//! JSON_VALUE, JSON_QUERY and JSON_EXISTS over JSON in a VARCHAR, by one pass over its bytes.
//!
//! A path is `$` and steps: `.name`, `["name"]` or `['name']` with `\` before a quote or itself, `[n]` from 0; `lax ` and
//! `strict ` before it say nothing here. Of members with the same name the last one counts. The whole text is
//! checked, nested at most [`JSON_DEPTH_MAX`] deep: one that is no JSON has no values, so the functions give NULL and
//! JSON_EXISTS gives FALSE. Results are written as they stand in the text, strings without their quotes and escapes
//! where a value is asked for.

use super::arguments::{Arguments, Target};
use crate::error::Reason;
use crate::limits::JSON_DEPTH_MAX;
use crate::plan::JsonFunction;
use std::ops::Range;

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Item(usize),
}

/// The path that a call has met last.
#[derive(Default)]
pub(super) struct LastPath(Option<(String, Option<Vec<Step>>)>);

impl LastPath {
    fn get(&mut self, path: &str) -> Result<&[Step], Reason> {
        if self.0.as_ref().is_none_or(|last| last.0 != path) {
            self.0 = Some((path.to_owned(), parse_path(path)));
        }
        let last = self.0.as_ref().and_then(|last| last.1.as_deref());
        last.ok_or(Reason::Domain)
    }
}

/// Whether a text is a path of JSON.
pub fn is_json_path(path: &str) -> bool {
    parse_path(path).is_some()
}

fn parse_path(path: &str) -> Option<Vec<Step>> {
    let path = path.trim();
    let path = ["lax ", "strict "]
        .iter()
        .find_map(|mode| path.strip_prefix(mode))
        .unwrap_or(path);
    let mut rest = path.trim_start().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, tail) = if let Some(name) = rest.strip_prefix('.') {
            let ends = |char: char| !char.is_alphanumeric() && !matches!(char, '_' | '-' | '@');
            let end = name.find(ends).unwrap_or(name.len());
            (end > 0).then(|| (Step::Member(name[..end].to_owned()), &name[end..]))?
        } else {
            bracket(rest.strip_prefix('[')?)?
        };
        steps.push(step);
        rest = tail;
    }
    Some(steps)
}

/// The step of a bracket and what is behind it.
fn bracket(inner: &str) -> Option<(Step, &str)> {
    let quote = inner
        .chars()
        .next()
        .filter(|char| matches!(char, '"' | '\''));
    let Some(quote) = quote else {
        let end = inner.find(']')?;
        return Some((
            Step::Item(inner[..end].trim().parse().ok()?),
            &inner[end + 1..],
        ));
    };
    let mut name = String::new();
    let mut chars = inner[1..].char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => name.push(chars.next()?.1),
            _ if char == quote => {
                let tail = inner[1 + at + 1..].strip_prefix(']')?;
                return Some((Step::Member(name), tail));
            }
            _ => name.push(char),
        }
    }
    None
}

/// Evaluates `function`.
pub(super) fn call(
    function: JsonFunction,
    args: Arguments<'_>,
    path: &mut LastPath,
    target: &mut Target<'_>,
) {
    let [texts, paths] = [0, 1].map(|index| args.get(index).texts());
    if function == JsonFunction::Exists {
        return target.bools(args, |row| {
            let steps = path.get(paths.get_str(row))?;
            Ok(find(texts.get(row), steps).is_some())
        });
    }
    target.texts(args, |row, out| {
        let steps = path.get(paths.get_str(row))?;
        let text = texts.get(row);
        let Some(found) = find(text, steps) else {
            return Ok(false);
        };
        let found = &text[found];
        let nested = matches!(found[0], b'{' | b'[');
        Ok(match function {
            JsonFunction::Value if nested => false,
            JsonFunction::Query if !nested => false,
            JsonFunction::Value | JsonFunction::Text if found == b"null" => false,
            JsonFunction::Value | JsonFunction::Text if found[0] == b'"' => {
                unescape(&found[1..found.len() - 1], out);
                true
            }
            _ => {
                out.extend_from_slice(found);
                true
            }
        })
    });
}

/// Where the value at a path stands, if the text is JSON and has one.
fn find(text: &[u8], steps: &[Step]) -> Option<Range<usize>> {
    let mut scanner = Scanner {
        text,
        at: 0,
        steps,
        found: None,
    };
    scanner.space();
    scanner.value(0, Some(0))?;
    scanner.space();
    (scanner.at == text.len())
        .then_some(scanner.found)
        .flatten()
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    steps: &'a [Step],
    found: Option<Range<usize>>,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let found = self.text[self.at..].starts_with(word);
        found.then(|| self.at += word.len())
    }

    /// Reads a value; `matched` is the number of steps that lead to it, if it is on the path.
    fn value(&mut self, depth: u32, matched: Option<usize>) -> Option<()> {
        let start = self.at;
        match self.peek()? {
            b'{' => self.object(depth + 1, matched)?,
            b'[' => self.array(depth + 1, matched)?,
            b'"' => self.string().map(|_| ())?,
            b'n' => self.word(b"null")?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            _ => self.number()?,
        }
        if matched == Some(self.steps.len()) {
            self.found = Some(start..self.at);
        }
        Some(())
    }

    /// The steps to a child, when `fits` says that the next step leads there. An earlier one of the same name is
    /// forgotten.
    fn descend(&mut self, matched: Option<usize>, fits: impl Fn(&Step) -> bool) -> Option<usize> {
        let next = matched.filter(|&at| self.steps.get(at).is_some_and(fits));
        if next.is_some() {
            self.found = None;
        }
        next.map(|at| at + 1)
    }

    fn object(&mut self, depth: u32, matched: Option<usize>) -> Option<()> {
        self.list(depth, b'}', |scanner, _| {
            let name = scanner.string()?;
            scanner.space();
            scanner.take(b':').then_some(())?;
            scanner.space();
            let text = scanner.text;
            let next = scanner.descend(matched, |step| match step {
                Step::Member(wanted) => is_string(&text[name.clone()], wanted.as_bytes()),
                Step::Item(_) => false,
            });
            scanner.value(depth, next)
        })
    }

    fn array(&mut self, depth: u32, matched: Option<usize>) -> Option<()> {
        self.list(depth, b']', |scanner, index| {
            let next = scanner.descend(matched, |step| *step == Step::Item(index));
            scanner.value(depth, next)
        })
    }

    fn list(
        &mut self,
        depth: u32,
        close: u8,
        item: impl Fn(&mut Self, usize) -> Option<()>,
    ) -> Option<()> {
        (depth <= JSON_DEPTH_MAX).then_some(())?;
        self.at += 1;
        self.space();
        if self.take(close) {
            return Some(());
        }
        for index in 0.. {
            item(self, index)?;
            self.space();
            if self.take(close) {
                break;
            }
            self.take(b',').then_some(())?;
            self.space();
        }
        Some(())
    }

    /// Reads a string; where it stands without its quotes.
    fn string(&mut self) -> Option<Range<usize>> {
        self.take(b'"').then_some(())?;
        let start = self.at;
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'"' => return Some(start..self.at - 1),
                0..=0x1f => return None,
                b'\\' => {
                    let (_, length) = escaped(&self.text[self.at - 1..])?;
                    self.at += length - 1;
                }
                _ => {}
            }
        }
    }

    fn number(&mut self) -> Option<()> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'-') || self.take(b'+');
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

/// The character of the escape that `text` begins with, and its bytes.
fn escaped(text: &[u8]) -> Option<(char, usize)> {
    let plain = |char| Some((char, 2));
    match text.get(1)? {
        b'"' => plain('"'),
        b'\\' => plain('\\'),
        b'/' => plain('/'),
        b'b' => plain('\u{8}'),
        b'f' => plain('\u{c}'),
        b'n' => plain('\n'),
        b'r' => plain('\r'),
        b't' => plain('\t'),
        b'u' => {
            let unit = |at: usize| {
                let digits = text.get(at..at + 4)?;
                digits.iter().try_fold(0, |unit, &byte| {
                    Some(unit * 16 + char::from(byte).to_digit(16)?)
                })
            };
            let first = unit(2)?;
            if !(0xd800..0xe000).contains(&first) {
                return char::from_u32(first).map(|char| (char, 6));
            }
            let second = unit(8).filter(|_| text[6..].starts_with(b"\\u"))?;
            if first >= 0xdc00 || !(0xdc00..0xe000).contains(&second) {
                return None;
            }
            let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            char::from_u32(code).map(|char| (char, 12))
        }
        _ => None,
    }
}

/// Calls `part` with the pieces of a string that has been read.
fn pieces(mut raw: &[u8], mut part: impl FnMut(&[u8])) {
    while let Some(at) = memchr::memchr(b'\\', raw) {
        part(&raw[..at]);
        let Some((char, length)) = escaped(&raw[at..]) else {
            return;
        };
        part(char.encode_utf8(&mut [0; 4]).as_bytes());
        raw = &raw[at + length..];
    }
    part(raw);
}

fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    pieces(raw, |piece| out.extend_from_slice(piece));
}

/// Whether a string that has been read is `wanted`.
fn is_string(raw: &[u8], wanted: &[u8]) -> bool {
    let mut rest = Some(wanted);
    pieces(raw, |piece| {
        rest = rest.and_then(|rest| rest.strip_prefix(piece));
    });
    rest.is_some_and(<[u8]>::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_members_and_items() {
        let member = |name: &str| Step::Member(name.to_owned());
        assert_eq!(parse_path("$"), Some(vec![]));
        assert_eq!(
            parse_path(r#"lax $.a-b[0]["x\"y"]['z.w']"#),
            Some(vec![
                member("a-b"),
                Step::Item(0),
                member("x\"y"),
                member("z.w")
            ])
        );
        for path in ["", "a", "$.", "$a", "$[", "$[-1]", "$[x]", "$['a]", "$.a.*"] {
            assert_eq!(parse_path(path), None, "{path}");
        }
    }

    #[test]
    fn syntax_agrees_with_serde_json() {
        let seeds = [
            r#"{"a":[1,-0.5e+3,{"b":"\ud83d\ude00\n"}],"c":null}"#,
            r#" [true , false,"é\\\"", 1e9 , 0.25 ] "#,
            r#""\u00e9\/""#,
        ];
        let mut state = 7u64;
        let mut random = |bound: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as usize % bound
        };
        for round in 0..20_000 {
            let mut text = seeds[round % seeds.len()].as_bytes().to_vec();
            for _ in 0..random(3) {
                let at = random(text.len());
                match random(3) {
                    0 => text[at] = b"{}[]\",:\\u0-.eE1 \x1fn"[random(18)],
                    1 => drop(text.remove(at)),
                    _ => text.insert(at, b"{}[]\",:\\u0-.eE1 d"[random(17)]),
                }
            }
            let Ok(text) = String::from_utf8(text) else {
                continue;
            };
            let known = serde_json::from_str::<Box<serde_json::value::Value>>(&text);
            let found = find(text.as_bytes(), &[]).is_some();
            // A number too large for a DOUBLE is none to serde_json.
            let huge = known
                .as_ref()
                .is_err_and(|error| error.to_string().contains("out of range"));
            assert!(huge || known.is_ok() == found, "{text}: {known:?}");
        }
    }
}
