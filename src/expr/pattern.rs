//! REGEXP_LIKE, REGEXP_EXTRACT and REGEXP_REPLACE, by the `regex` crate: time linear in the text, whatever the
//! pattern.
//!
//! A pattern is compiled when a batch first brings it and kept; a call whose pattern comes from a column keeps the
//! last ones. Patterns too large to compile within the limits are outside the domain, as are those that are none.

use super::arguments::{Arguments, Target};
use crate::error::Reason;
use crate::limits::{FUNCTION_TEXT_BYTES_MAX, PATTERN_BYTES_MAX, PATTERN_DEPTH_MAX, PATTERNS_MAX};
use crate::plan::PatternFunction;
use regex::{CaptureLocations, Regex, RegexBuilder};

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .size_limit(PATTERN_BYTES_MAX)
        .dfa_size_limit(PATTERN_BYTES_MAX)
        .nest_limit(PATTERN_DEPTH_MAX)
        .build()
}

/// Checks a constant pattern.
///
/// # Errors
/// What is wrong with it, in one line.
pub fn check_pattern(pattern: &str) -> Result<(), String> {
    match compile(pattern) {
        Ok(_) => Ok(()),
        Err(regex::Error::CompiledTooBig(_)) => Err(format!(
            "the pattern needs more than {PATTERN_BYTES_MAX} bytes"
        )),
        Err(error) => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or(&text);
            Err(last.trim_start_matches("error: ").to_owned())
        }
    }
}

struct Compiled {
    regex: Regex,
    groups: CaptureLocations,
}

/// The patterns that a call has met last, each with what it was compiled to.
#[derive(Default)]
pub(super) struct Patterns {
    kept: Vec<(String, Option<Compiled>)>,
    /// The one to give up next.
    oldest: usize,
}

impl Patterns {
    fn get(&mut self, pattern: &str) -> Result<&mut Compiled, Reason> {
        let found = self.kept.iter().position(|kept| kept.0 == pattern);
        let at = found.unwrap_or_else(|| self.add(pattern));
        self.kept[at].1.as_mut().ok_or(Reason::Domain)
    }

    fn add(&mut self, pattern: &str) -> usize {
        let compiled = compile(pattern).ok().map(|regex| Compiled {
            groups: regex.capture_locations(),
            regex,
        });
        let entry = (pattern.to_owned(), compiled);
        if self.kept.len() < PATTERNS_MAX {
            self.kept.push(entry);
            return self.kept.len() - 1;
        }
        let at = self.oldest;
        self.oldest = (at + 1) % PATTERNS_MAX;
        self.kept[at] = entry;
        at
    }
}

/// Evaluates `function`.
pub(super) fn call(
    function: PatternFunction,
    args: Arguments<'_>,
    patterns: &mut Patterns,
    target: &mut Target<'_>,
) {
    let (texts, sources) = (args.get(0).texts(), args.get(1).texts());
    match function {
        PatternFunction::Like => target.bools(args, |row| {
            let compiled = patterns.get(sources.get_str(row))?;
            Ok(compiled.regex.is_match(texts.get_str(row)))
        }),
        PatternFunction::Extract => {
            let groups = args.get(2).i64s();
            target.texts(args, |row, out| {
                let compiled = patterns.get(sources.get_str(row))?;
                let group = usize::try_from(groups.at(row))
                    .ok()
                    .filter(|&group| group < compiled.groups.len())
                    .ok_or(Reason::Domain)?;
                let text = texts.get_str(row);
                let found = compiled.regex.captures_read(&mut compiled.groups, text);
                let range = found.and_then(|_| compiled.groups.get(group));
                if let Some((start, end)) = range {
                    out.extend_from_slice(&text.as_bytes()[start..end]);
                }
                Ok(range.is_some())
            });
        }
        PatternFunction::Replace => {
            let replacements = args.get(2).texts();
            target.texts(args, |row, out| {
                let compiled = patterns.get(sources.get_str(row))?;
                replace(compiled, texts.get_str(row), replacements.get_str(row), out)?;
                Ok(true)
            });
        }
    }
}

/// Appends `text` with every match replaced. An empty match right behind another one is none.
fn replace(
    compiled: &mut Compiled,
    text: &str,
    replacement: &str,
    out: &mut Vec<u8>,
) -> Result<(), Reason> {
    let Compiled { regex, groups } = compiled;
    let (mut at, mut copied, mut last_end) = (0, 0, None);
    while at <= text.len() {
        let Some(found) = regex.captures_read_at(groups, text, at) else {
            break;
        };
        if found.is_empty() {
            let step = text[found.end()..].chars().next().map_or(1, char::len_utf8);
            at = found.end() + step;
            if last_end == Some(found.start()) {
                continue;
            }
        } else {
            at = found.end();
        }
        last_end = Some(found.end());
        out.extend_from_slice(&text.as_bytes()[copied..found.start()]);
        expand(replacement, groups, text, out);
        copied = found.end();
        if out.len() > FUNCTION_TEXT_BYTES_MAX {
            return Err(Reason::Domain);
        }
    }
    out.extend_from_slice(&text.as_bytes()[copied..]);
    Ok(())
}

/// Appends a replacement: `$0` to `$99` stand for groups, `$$` for a dollar sign; a group that is none is ''.
fn expand(replacement: &str, groups: &CaptureLocations, text: &str, out: &mut Vec<u8>) {
    let bytes = replacement.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at + 1..];
        match (bytes[at], rest.first()) {
            (b'$', Some(b'$')) => {
                out.push(b'$');
                at += 2;
            }
            (b'$', Some(b'0'..=b'9')) => {
                let digits = rest.iter().take(2).take_while(|b| b.is_ascii_digit());
                let digits = digits.count();
                let group = rest[..digits]
                    .iter()
                    .fold(0, |value, digit| 10 * value + usize::from(digit - b'0'));
                if let Some((start, end)) = groups.get(group) {
                    out.extend_from_slice(&text.as_bytes()[start..end]);
                }
                at += 1 + digits;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
}
