//! One pass over a record: checks all of its syntax and notes where the wanted values lie.
//!
//! Rows of a feed have one layout, so the parser remembers the *glue* between the values of the record
//! before: `{"ts":`, `,"symbol":`, white space included. Where the next row has the same bytes, one masked
//! compare stands for comma, quotes, name, colon and lookup; where it has not, the general reader takes over
//! for that member and its glue is remembered instead. Equal glue with a value behind it is read equally, so
//! the guess is never wrong, only useful or not.
//!
//! Of members with the same name the last wins, with all that is below it: `{"a":{"b":1},"a":{}}` has no
//! `a.b`. Framer and decoder both read records here, so they cannot differ.

use super::paths::{NONE, Paths, Target};
use super::scan::Text;
use super::unescape::unescape;
use crate::limits::{COLUMNS_MAX, JSON_DEPTH_MAX};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// The member does not occur.
    Missing,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number; the span is its text.
    Number,
    /// A string without escapes; the span is what stands between the quotes.
    Plain,
    /// A string with escapes.
    Escaped,
    /// An object or an array; the span is its text.
    Nested,
}

/// A value's kind and place: `| kind 4 | length 28 | start 32 |`, a missing one is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span(u64);

impl Span {
    const LENGTH_BITS: u32 = 28;

    /// The value `from..to`.
    #[inline(always)]
    pub fn new(kind: Kind, from: usize, to: usize) -> Self {
        let length = (to - from) as u64;
        Self((kind as u64) << 60 | length << 32 | from as u64)
    }

    /// What the span of a value of this kind has beside its place.
    #[inline(always)]
    pub const fn kind_bits(kind: Kind) -> u64 {
        (kind as u64) << 60
    }

    /// A value of the kind that `kind` is the bits of.
    #[inline(always)]
    pub fn of_bits(kind: u64, from: u32, length: u32) -> Self {
        Self(kind | u64::from(length) << 32 | u64::from(from))
    }

    /// The value's kind.
    #[inline(always)]
    pub fn kind(self) -> Kind {
        match self.0 >> 60 {
            0 => Kind::Missing,
            1 => Kind::Null,
            2 => Kind::Bool,
            3 => Kind::Number,
            4 => Kind::Plain,
            5 => Kind::Escaped,
            _ => Kind::Nested,
        }
    }

    /// The value's text in the bytes it was found in.
    #[inline(always)]
    pub fn text(self, bytes: &[u8]) -> &[u8] {
        let (from, to) = self.range();
        &bytes[from..to]
    }

    /// Where the value begins and ends.
    #[inline(always)]
    pub fn range(self) -> (usize, usize) {
        let start = self.0 as u32 as usize;
        let length = (self.0 >> 32) as usize & ((1 << Self::LENGTH_BITS) - 1);
        (start, start + length)
    }

    /// Whether the value's text is its bytes as they stand: it is not NULL and has no escapes.
    #[inline(always)]
    pub fn is_literal(self) -> bool {
        matches!(
            self.kind(),
            Kind::Bool | Kind::Number | Kind::Plain | Kind::Nested
        )
    }
}

/// Where the spans of one row go: slot `s` is at `s * stride + row`.
pub(super) struct Sheet<'a> {
    /// Spans of all rows, slot by slot.
    pub spans: &'a mut [Span],
    /// Rows.
    pub stride: usize,
    /// The row.
    pub row: usize,
}

impl Sheet<'_> {
    /// Notes a value.
    #[inline(always)]
    pub fn set(&mut self, slot: u32, span: Span) {
        self.spans[slot as usize * self.stride + self.row] = span;
    }

    /// The value noted.
    pub fn get(&self, slot: u32) -> Span {
        self.spans[slot as usize * self.stride + self.row]
    }

    /// How many slots there are.
    pub fn slots(&self) -> u32 {
        (self.spans.len() / self.stride) as u32
    }

    /// Forgets the row's values.
    #[inline]
    pub fn clear(&mut self) {
        for span in self.spans.iter_mut().skip(self.row).step_by(self.stride) {
            *span = Span::default();
        }
    }
}

/// Bytes of glue that are compared at once; longer glue is always read in general.
const GLUE_BYTES: usize = 32;

/// The bytes between two values, and what the member that follows leads to.
#[derive(Clone, Copy)]
struct Glue {
    words: [u128; 2],
    masks: [u128; 2],
    /// 0: not known.
    len: usize,
    target: Target,
}

impl Glue {
    const UNKNOWN: Self = Self {
        words: [0; 2],
        masks: [0; 2],
        len: 0,
        target: Target::NOTHING,
    };

    fn new(bytes: &[u8], target: Target) -> Self {
        let mut padded = [0; GLUE_BYTES];
        let mut mask = [0; GLUE_BYTES];
        padded[..bytes.len()].copy_from_slice(bytes);
        mask[..bytes.len()].fill(0xff);
        let halves = |bytes: &[u8; GLUE_BYTES]| {
            let (low, high) = bytes.split_at(16);
            [low, high].map(|half| u128::from_le_bytes(half.try_into().expect("sixteen bytes")))
        };
        Self {
            words: halves(&padded),
            masks: halves(&mask),
            len: bytes.len(),
            target,
        }
    }

    #[inline(always)]
    fn stands_at(&self, text: Text<'_>, at: usize) -> bool {
        // More white space than last time is for the general reader; so is the record's end.
        if self.len == 0 || text.byte(at + self.len) <= b' ' {
            return false;
        }
        let half = |i: usize| {
            let word = text.word(at + 16 * i);
            word.is_some_and(|word| (word ^ self.words[i]) & self.masks[i] == 0)
        };
        half(0) && (self.len <= 16 || half(1))
    }
}

/// What the general reader found between two values.
enum Step {
    /// A member whose value starts there.
    Member(usize, Target),
    /// The end of the record.
    End,
}

/// Reads records; the paths are fixed, the layout of the row before is remembered.
pub(super) struct Parser {
    // Fixed at construction.
    paths: Paths,
    // State: it changes how fast a record is read, never what is found.
    layout: Vec<Glue>,
    name: Vec<u8>,
}

impl Parser {
    /// A parser that looks for `paths`.
    pub fn new(paths: Paths) -> Self {
        Self {
            paths,
            layout: Vec::new(),
            name: Vec::new(),
        }
    }

    /// Number of slots that a [`Sheet`] has.
    pub fn slots(&self) -> usize {
        self.paths.slots()
    }

    /// Reads the record `bytes[start..end]` and sets the spans of what it has, clearing the others. `None` when
    /// the record is not one JSON object.
    #[inline(never)]
    pub fn record(
        &mut self,
        bytes: &[u8],
        start: usize,
        end: usize,
        sheet: &mut Sheet<'_>,
    ) -> Option<()> {
        if end - start >= 1 << Span::LENGTH_BITS {
            return None;
        }
        sheet.clear();
        let text = Text::new(bytes, end);
        let mut at = start;
        for position in 0.. {
            let target;
            match self.layout.get(position) {
                Some(glue) if glue.stands_at(text, at) => {
                    at += glue.len;
                    target = glue.target;
                }
                _ => match self.step(text, at, position)? {
                    Step::Member(value, wanted) => (at, target) = (value, wanted),
                    Step::End => break,
                },
            }
            at = self.value(text, at, target, 1, sheet)?;
            if at + 1 == end && bytes[at] == b'}' {
                break;
            }
        }
        Some(())
    }

    /// Reads from the end of a value (or the record's start) to the next value, and remembers the way.
    #[cold]
    #[inline(never)]
    fn step(&mut self, text: Text<'_>, from: usize, position: usize) -> Option<Step> {
        let mut at = text.skip_space(from);
        match (text.byte(at), position) {
            (b'{', 0) => at = text.skip_space(at + 1),
            (b',', 1..) => at = text.skip_space(at + 1),
            (b'}', 1..) => return self.end(text, at + 1),
            _ => return None,
        }
        if position == 0 && text.byte(at) == b'}' {
            return self.end(text, at + 1);
        }
        let (value, target) = self.name(text, at, 0)?;
        if position < COLUMNS_MAX {
            if position >= self.layout.len() {
                self.layout.resize(position + 1, Glue::UNKNOWN);
            }
            if value - from <= GLUE_BYTES && value < text.end() {
                self.layout[position] = Glue::new(text.slice(from, value), target);
            }
        }
        Some(Step::Member(value, target))
    }

    fn end(&self, text: Text<'_>, at: usize) -> Option<Step> {
        (text.skip_space(at) == text.end()).then_some(Step::End)
    }

    /// Reads a member's name and colon; where its value starts, and what it leads to in `node`.
    fn name(&mut self, text: Text<'_>, at: usize, node: u32) -> Option<(usize, Target)> {
        if text.byte(at) != b'"' {
            return None;
        }
        let string = text.string(at + 1)?;
        let raw = text.slice(at + 1, string.close);
        let target = if node != NONE && string.escaped {
            self.name.clear();
            unescape(raw, &mut self.name);
            self.paths.member(node, &self.name)
        } else {
            self.paths.member(node, raw)
        };
        let colon = text.skip_space(string.close + 1);
        (text.byte(colon) == b':').then(|| (text.skip_space(colon + 1), target))
    }

    /// Reads the value at `at`, inside `depth` objects and arrays; the position behind it.
    #[inline(always)]
    fn value(
        &mut self,
        text: Text<'_>,
        at: usize,
        target: Target,
        depth: u32,
        sheet: &mut Sheet<'_>,
    ) -> Option<usize> {
        if target.node != NONE {
            for slot in self.paths.below(target.node) {
                sheet.set(slot, Span::default());
            }
        }
        let (span, next) = match text.byte(at) {
            b'"' => {
                let string = text.string(at + 1)?;
                let kind = if string.escaped {
                    Kind::Escaped
                } else {
                    Kind::Plain
                };
                (Span::new(kind, at + 1, string.close), string.close + 1)
            }
            b'-' | b'0'..=b'9' => {
                let end = text.number(at)?;
                (Span::new(Kind::Number, at, end), end)
            }
            _ => self.rare_value(text, at, target.node, depth, sheet)?,
        };
        if target.slot != NONE {
            sheet.set(target.slot, span);
        }
        Some(next)
    }

    #[inline(never)]
    fn rare_value(
        &mut self,
        text: Text<'_>,
        at: usize,
        node: u32,
        depth: u32,
        sheet: &mut Sheet<'_>,
    ) -> Option<(Span, usize)> {
        let first = text.byte(at);
        let (kind, end) = match first {
            b'n' => (Kind::Null, text.literal(at, b"null")?),
            b't' => (Kind::Bool, text.literal(at, b"true")?),
            b'f' => (Kind::Bool, text.literal(at, b"false")?),
            b'{' | b'[' if depth >= JSON_DEPTH_MAX => return None,
            b'{' => (
                Kind::Nested,
                self.object(text, at + 1, node, depth + 1, sheet)?,
            ),
            b'[' => (Kind::Nested, self.array(text, at + 1, depth + 1, sheet)?),
            _ => return None,
        };
        Some((Span::new(kind, at, end), end))
    }

    /// Reads a nested object whose brace is before `at`.
    fn object(
        &mut self,
        text: Text<'_>,
        at: usize,
        node: u32,
        depth: u32,
        sheet: &mut Sheet<'_>,
    ) -> Option<usize> {
        let mut at = text.skip_space(at);
        if text.byte(at) == b'}' {
            return Some(at + 1);
        }
        loop {
            let (value, target) = self.name(text, at, node)?;
            at = text.skip_space(self.value(text, value, target, depth, sheet)?);
            match text.byte(at) {
                b',' => at = text.skip_space(at + 1),
                b'}' => return Some(at + 1),
                _ => return None,
            }
        }
    }

    /// Reads an array whose bracket is before `at`.
    fn array(
        &mut self,
        text: Text<'_>,
        at: usize,
        depth: u32,
        sheet: &mut Sheet<'_>,
    ) -> Option<usize> {
        let mut at = text.skip_space(at);
        if text.byte(at) == b']' {
            return Some(at + 1);
        }
        loop {
            let next = self.value(text, at, Target::NOTHING, depth, sheet)?;
            at = text.skip_space(next);
            match text.byte(at) {
                b',' => at = text.skip_space(at + 1),
                b']' => return Some(at + 1),
                _ => return None,
            }
        }
    }
}
