//! Functions that take texts apart and make new ones. Positions and lengths count code points.

use super::arguments::{Arguments, Target};
use super::kernel::{Operand, Texts, add_nulls};
use crate::error::Reason;
use crate::format::hex;
use crate::limits::FUNCTION_TEXT_BYTES_MAX;
use crate::plan::TextFunction;
use crate::types::Physical;
use md5::Md5;
use memchr::memmem;
use sha2::{Digest, Sha256};

/// Evaluates `function`.
pub(super) fn call(function: TextFunction, args: Arguments<'_>, target: &mut Target<'_>) {
    use TextFunction as T;
    match function {
        T::Left => part(args, target, |chars, count| (0, ends(chars, count))),
        T::Right => part(args, target, |chars, count| {
            (chars - ends(chars, count), chars)
        }),
        T::TrimBoth => trim(args, target, (true, true)),
        T::TrimStart => trim(args, target, (true, false)),
        T::TrimEnd => trim(args, target, (false, true)),
        T::PadLeft => pad::<true>(args, target),
        T::PadRight => pad::<false>(args, target),
        T::Replace => replace(args, target),
        T::Reverse => {
            let texts = args.get(0).texts();
            target.texts(args, |row, out| {
                let mut utf8 = [0; 4];
                for char in texts.get_str(row).chars().rev() {
                    out.extend_from_slice(char.encode_utf8(&mut utf8).as_bytes());
                }
                Ok(true)
            });
        }
        T::Repeat => repeat(args, target),
        T::Position => position(args, target),
        T::ConcatWs => concat_ws(args, target),
        T::SplitPart => split_part(args, target),
        T::SplitIndex => split_index(args, target),
        T::StartsWith => test(args, target, |text, part| text.starts_with(part)),
        T::EndsWith => test(args, target, |text, part| text.ends_with(part)),
        T::Contains => contains(args, target),
        T::Md5 => digest::<Md5>(args, target),
        T::Sha256 => digest::<Sha256>(args, target),
        T::ToHex => to_hex(args, target),
    }
}

/// Bytes before the code point at `position`, counted from 0; all when there are fewer.
fn offset(text: &str, position: usize) -> usize {
    if text.is_ascii() {
        return position.min(text.len());
    }
    let chars = text.char_indices().nth(position);
    chars.map_or(text.len(), |(at, _)| at)
}

/// The code points that `count` asks for of `chars`: the first ones, or all but the last.
fn ends(chars: usize, count: i64) -> usize {
    let size = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if count < 0 {
        chars.saturating_sub(size)
    } else {
        chars.min(size)
    }
}

/// The code points from..to, where `range` says which from their number and the second argument.
fn part(
    args: Arguments<'_>,
    target: &mut Target<'_>,
    range: impl Fn(usize, i64) -> (usize, usize),
) {
    let (texts, counts) = (args.get(0).texts(), args.get(1).i64s());
    target.texts(args, |row, out| {
        let text = texts.get_str(row);
        let (from, to) = range(text.chars().count(), counts.at(row));
        let text = &text[offset(text, from)..offset(text, to)];
        out.extend_from_slice(text.as_bytes());
        Ok(true)
    });
}

fn trim(args: Arguments<'_>, target: &mut Target<'_>, (start, end): (bool, bool)) {
    let (texts, sets) = (args.get(0).texts(), args.get(1).texts());
    target.texts(args, |row, out| {
        let set = sets.get_str(row);
        let mut text = texts.get_str(row);
        if start {
            text = text.trim_start_matches(|char| set.contains(char));
        }
        if end {
            text = text.trim_end_matches(|char| set.contains(char));
        }
        out.extend_from_slice(text.as_bytes());
        Ok(true)
    });
}

/// Brings texts to a number of code points: longer ones lose their end, shorter ones are filled on one side.
fn pad<const LEFT: bool>(args: Arguments<'_>, target: &mut Target<'_>) {
    let (texts, counts, pads) = (args.get(0).texts(), args.get(1).i64s(), args.get(2).texts());
    target.texts(args, |row, out| {
        let count = usize::try_from(counts.at(row).max(0)).map_err(|_| Reason::Domain)?;
        if count > FUNCTION_TEXT_BYTES_MAX {
            return Err(Reason::Domain);
        }
        let text = texts.get_str(row);
        let missing = count.saturating_sub(text.chars().count());
        let text = &text.as_bytes()[..offset(text, count)];
        if !LEFT {
            out.extend_from_slice(text);
        }
        let mut utf8 = [0; 4];
        for char in pads.get_str(row).chars().cycle().take(missing) {
            out.extend_from_slice(char.encode_utf8(&mut utf8).as_bytes());
        }
        if LEFT {
            out.extend_from_slice(text);
        }
        bounded(out)
    });
}

/// Whether a result is short enough.
fn bounded(out: &[u8]) -> Result<bool, Reason> {
    if out.len() <= FUNCTION_TEXT_BYTES_MAX {
        Ok(true)
    } else {
        Err(Reason::Domain)
    }
}

fn replace(args: Arguments<'_>, target: &mut Target<'_>) {
    let [texts, from, to] = [0, 1, 2].map(|index| args.get(index).texts());
    let search = Search::new(from, args.get(1));
    target.texts(args, |row, out| {
        let (text, from, to) = (texts.get(row), from.get(row), to.get(row));
        let mut rest = text;
        if !from.is_empty() {
            while let Some(at) = search.find(rest, from) {
                out.extend_from_slice(&rest[..at]);
                out.extend_from_slice(to);
                rest = &rest[at + from.len()..];
                if out.len() > FUNCTION_TEXT_BYTES_MAX {
                    return Err(Reason::Domain);
                }
            }
        }
        out.extend_from_slice(rest);
        Ok(true)
    });
}

fn repeat(args: Arguments<'_>, target: &mut Target<'_>) {
    let (texts, counts) = (args.get(0).texts(), args.get(1).i64s());
    target.texts(args, |row, out| {
        let text = texts.get(row);
        let count = usize::try_from(counts.at(row).max(0)).map_err(|_| Reason::Domain)?;
        if text.is_empty() {
            return Ok(true);
        }
        if count > FUNCTION_TEXT_BYTES_MAX / text.len() {
            return Err(Reason::Domain);
        }
        for _ in 0..count {
            out.extend_from_slice(text);
        }
        Ok(true)
    });
}

/// A search for an argument, prepared once a batch when it is constant.
struct Search<'a>(Option<memmem::Finder<'a>>);

impl<'a> Search<'a> {
    fn new(needles: Texts<'a>, operand: Operand<'a>) -> Self {
        Self(
            operand
                .constant
                .then(|| memmem::Finder::new(needles.get(0))),
        )
    }

    fn find(&self, text: &[u8], needle: &[u8]) -> Option<usize> {
        match &self.0 {
            Some(finder) => finder.find(text),
            None => memmem::find(text, needle),
        }
    }
}

fn position(args: Arguments<'_>, target: &mut Target<'_>) {
    let [texts, parts] = [0, 1].map(|index| args.get(index).texts());
    let search = Search::new(parts, args.get(1));
    target.i64s(args, |row| {
        let text = texts.get(row);
        Ok(search.find(text, parts.get(row)).map_or(0, |at| {
            let before = text[..at].iter().filter(|&&byte| byte & 0xc0 != 0x80);
            before.count() as i64 + 1
        }))
    });
}

fn test(args: Arguments<'_>, target: &mut Target<'_>, f: impl Fn(&[u8], &[u8]) -> bool) {
    let [texts, parts] = [0, 1].map(|index| args.get(index).texts());
    target.bools(args, |row| Ok(f(texts.get(row), parts.get(row))));
}

fn contains(args: Arguments<'_>, target: &mut Target<'_>) {
    let [texts, parts] = [0, 1].map(|index| args.get(index).texts());
    let search = Search::new(parts, args.get(1));
    target.bools(args, |row| {
        Ok(search.find(texts.get(row), parts.get(row)).is_some())
    });
}

/// The parts that are not NULL with the separator between them; NULL when that is NULL.
fn concat_ws(args: Arguments<'_>, target: &mut Target<'_>) {
    let len = target.out.len();
    let separators = args.get(0).texts();
    if !add_nulls(&mut target.out.nulls, args.get(0), len) {
        return;
    }
    target.texts_lax(|row, out| {
        let mut first = true;
        for index in 1..args.len() {
            let part = args.get(index);
            if part.is_null(row) {
                continue;
            }
            if !first {
                out.extend_from_slice(separators.get(row));
            }
            first = false;
            out.extend_from_slice(part.texts().get(row));
        }
        Ok(true)
    });
}

/// The part of `text` number `wanted` from 0, parts being apart by a delimiter; one part when that is ''.
fn nth<'t>(text: &'t [u8], delimiter: &[u8], wanted: u64, search: &Search<'_>) -> Option<&'t [u8]> {
    if delimiter.is_empty() {
        return (wanted == 0).then_some(text);
    }
    let mut rest = text;
    for _ in 0..wanted {
        rest = &rest[search.find(rest, delimiter)? + delimiter.len()..];
    }
    Some(&rest[..search.find(rest, delimiter).unwrap_or(rest.len())])
}

fn parts_of(text: &[u8], delimiter: &[u8], search: &Search<'_>) -> u64 {
    let (mut rest, mut count) = (text, 1);
    while !delimiter.is_empty()
        && let Some(at) = search.find(rest, delimiter)
    {
        rest = &rest[at + delimiter.len()..];
        count += 1;
    }
    count
}

fn split_part(args: Arguments<'_>, target: &mut Target<'_>) {
    let [texts, delimiters] = [0, 1].map(|index| args.get(index).texts());
    let numbers = args.get(2).i64s();
    let search = Search::new(delimiters, args.get(1));
    target.texts(args, |row, out| {
        let (text, delimiter, number) = (texts.get(row), delimiters.get(row), numbers.at(row));
        let wanted = match number {
            0 => return Err(Reason::Domain),
            1.. => Some(number as u64 - 1),
            _ => parts_of(text, delimiter, &search).checked_sub(number.unsigned_abs()),
        };
        if let Some(part) = wanted.and_then(|wanted| nth(text, delimiter, wanted, &search)) {
            out.extend_from_slice(part);
        }
        Ok(true)
    });
}

fn split_index(args: Arguments<'_>, target: &mut Target<'_>) {
    let [texts, delimiters] = [0, 1].map(|index| args.get(index).texts());
    let numbers = args.get(2).i64s();
    let search = Search::new(delimiters, args.get(1));
    target.texts(args, |row, out| {
        let part = u64::try_from(numbers.at(row))
            .ok()
            .and_then(|wanted| nth(texts.get(row), delimiters.get(row), wanted, &search));
        out.extend_from_slice(part.unwrap_or(&[]));
        Ok(part.is_some())
    });
}

fn digest<D: Digest>(args: Arguments<'_>, target: &mut Target<'_>) {
    let texts = args.get(0).texts();
    target.texts(args, |row, out| {
        hex::write_digits(&D::digest(texts.get(row)), out);
        Ok(true)
    });
}

fn to_hex(args: Arguments<'_>, target: &mut Target<'_>) {
    if args.ty(0).physical() == Physical::Text {
        let texts = args.get(0).texts();
        target.texts(args, |row, out| {
            hex::write_digits(texts.get(row), out);
            bounded(out)
        });
        return;
    }
    let numbers = args.get(0).i64s();
    target.texts(args, |row, out| {
        let number = numbers.at(row) as u64;
        let digits = (64 - (number | 1).leading_zeros()).div_ceil(4);
        out.extend(
            (0..digits)
                .rev()
                .map(|digit| hex::DIGITS[(number >> (4 * digit)) as usize & 15]),
        );
        Ok(true)
    });
}
