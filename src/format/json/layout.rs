//! The layouts that the rows of a feed have, learnt from rows that were read in general.
//!
//! A row is *glue* and *leaves* in turn: a leaf is the inside of a string or a bare scalar, glue is everything
//! between, names and closing quotes included. A layout is the glue of one row:
//!
//! ```text
//! {"ts":1700000000000,"symbol":"SYM0001","price":101.25}\n
//! |glue |leaf         |glue      |leaf   |glue     |leaf  |tail
//!  ^  ^               ^      ^ ^       ^ ^     ^          ^     the row's stops
//! ```
//! The stops of another row say where each of its glues would have to begin, all at once: a leaf without escapes
//! holds none, so the first stop of every glue has a fixed number, and so has the stop that ends the row. Then
//! masked compares of the glue's bytes, independent of each other, and a look at the bare scalars decide whether
//! the row has this layout, and nothing else is in it: no further member, no name twice, no white space, escape
//! or control character that the layout does not have. Such a row has its values where the layout says, for
//! which value a path leads to depends on glue alone. Any other row is read in general (`parse`), which is the
//! only judge of what is wrong with it. So a layout changes how fast a row is read, never what is found.
//!
//! What the framer found it need not be found again: it leaves the *lengths* of a fitting row's leaves with the row,
//! a byte each, and the decoder, which learns layouts of its own, then has only to compare glue. A legal row has one
//! division into glue and leaves; where the glue before a leaf is as in a layout, and what follows begins a bare
//! scalar if the layout has one there, the leaf begins where the layout says, so the length is that leaf's.
//!
//! Rows one after another that have one layout are read leaf by leaf rather than row by row: the framer's of one
//! window are a [`Run`], the decoder's a block (`told`).
//!
//! Mison (Li et al., VLDB 2017) speculates on positions of members in this way.

mod lesson;
mod run;
mod told;

use super::lanes::Difference;
use super::parse::{Kind, Sheet, Span};
use super::paths::NONE;
use super::scan::{self, Text};
use super::stops::Stop;
use lesson::Lesson;
pub(super) use run::Run;

/// Layouts known at a time: feeds have a few kinds of message.
const LAYOUTS_MAX: usize = 4;
/// Leaves of a layout at most; rows with more are read in general.
const LEAVES_MAX: usize = 256;
/// Bytes compared at once.
const PIECE: usize = 16;
/// Rows that are learnt from as they come; then every [`MISSES_PER_LESSON`]th that fits no layout is.
const FREE_LESSONS: u32 = 8;
const MISSES_PER_LESSON: u32 = 64;
/// Batches that are read in general after one that hardly fits.
const BATCHES_SKIPPED: u32 = 16;

/// Up to 16 bytes of glue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    word: u128,
    mask: u128,
    /// Number of the stop that it is found by.
    stop: u32,
    /// From that stop to the first byte compared.
    offset: i32,
    /// Number of the leaf behind it, and bytes from the first byte compared to that leaf; for the last piece to
    /// the row's end.
    leaf: u32,
    back: u32,
}

/// A value, between two glues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// Number of the first stop of the glue before it, and bytes from there to the leaf.
    stop: u32,
    skip: u32,
    /// Number of the first stop behind it, and bytes of glue before that stop.
    end_stop: u32,
    end_skip: u32,
    /// Bytes of the glue before it.
    glue: u32,
    /// Where its span goes; [`NONE`]: nowhere.
    slot: u32,
    /// Whether it is the inside of a string.
    pub is_text: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Layout {
    pieces: Vec<Piece>,
    leaves: Vec<Leaf>,
    /// Slot by slot the leaf its path leads to; [`NONE`]: nowhere.
    slots: Vec<u32>,
    /// Slots of paths that lead nowhere.
    missing: Vec<u32>,
    /// Stops before the one that ends the row.
    stops: usize,
    /// Bytes before the row's first stop.
    first: usize,
    /// Bytes behind the last leaf.
    tail: usize,
}

/// A row that has a known layout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    /// Stops before the one that ends it.
    pub stops: usize,
    /// Lengths of its leaves, the first in the lowest byte; 0 when there are too many of them, or one too long.
    pub lengths: u64,
}

/// Leaves whose lengths fit a word.
const LENGTHS: usize = 8;
/// Room for where they begin and where the row ends; a power of two, that an index be cheap to bound.
const PLACES: usize = 16;
const _: () = assert!(LENGTHS < PLACES);

/// What is known of the rows to come.
#[derive(Debug, Default)]
pub(super) struct Layouts {
    // State: it changes how fast a row is read, never what is found.
    known: Vec<Layout>,
    /// The one that the row before had.
    recent: usize,
    /// The one to give up for a new one.
    oldest: usize,
    candidate: Layout,
    lessons: u32,
    misses: u32,
    batches_to_skip: u32,
}

impl Layouts {
    /// Whether the next batch of rows is worth a try.
    pub fn is_promising(&mut self) -> bool {
        let promising = self.batches_to_skip == 0;
        self.batches_to_skip = self.batches_to_skip.saturating_sub(1);
        promising
    }

    /// Takes note of how many rows of a batch fitted.
    pub fn settle(&mut self, rows: usize, fitting: usize) {
        if rows >= 16 && fitting < rows / 4 {
            self.batches_to_skip = BATCHES_SKIPPED;
        }
    }

    /// Reads the row that begins at `start` if it has a known layout: sets all of its spans in `sheet`. `stops` are those of `bytes` from `start` on, and
    /// `ends_at` says whether a row may end at one. Otherwise some spans may be set already.
    #[inline(always)]
    pub fn read(
        &mut self,
        bytes: &[u8],
        start: usize,
        stops: &[Stop],
        ends_at: impl Fn(usize) -> bool,
        sheet: &mut Sheet<'_>,
    ) -> Option<Fit> {
        if let Some(layout) = self.known.get(self.recent)
            && let Some(fit) = layout.read(bytes, start, stops, &ends_at, sheet)
        {
            return Some(fit);
        }
        self.read_other(bytes, start, stops, ends_at, sheet)
    }

    #[inline(never)]
    fn read_other(
        &mut self,
        bytes: &[u8],
        start: usize,
        stops: &[Stop],
        ends_at: impl Fn(usize) -> bool,
        sheet: &mut Sheet<'_>,
    ) -> Option<Fit> {
        for (index, layout) in self.known.iter().enumerate() {
            if index != self.recent
                && let Some(fit) = layout.read(bytes, start, stops, &ends_at, sheet)
            {
                self.recent = index;
                return Some(fit);
            }
        }
        None
    }

    /// Learns from the legal record `bytes[start..end]`, whose spans are in `sheet`, if it is time for that.
    #[inline]
    pub fn learn(&mut self, bytes: &[u8], start: usize, end: usize, sheet: &Sheet<'_>) {
        self.misses += 1;
        if self.lessons < FREE_LESSONS || self.misses >= MISSES_PER_LESSON {
            self.lessons = self.lessons.saturating_add(1).min(FREE_LESSONS);
            self.misses = 0;
            self.take_lesson(bytes, start, end, sheet);
        }
    }

    #[cold]
    #[inline(never)]
    fn take_lesson(&mut self, bytes: &[u8], start: usize, end: usize, sheet: &Sheet<'_>) {
        let mut lesson = Lesson {
            bytes,
            start,
            end,
            layout: &mut self.candidate,
        };
        let learnt = lesson.learn(sheet);
        if learnt.is_none() || self.known.contains(&self.candidate) {
            return;
        }
        if self.known.len() < LAYOUTS_MAX {
            self.known.push(Layout::default());
            self.oldest = self.known.len() - 1;
        }
        std::mem::swap(&mut self.known[self.oldest], &mut self.candidate);
        self.recent = self.oldest;
        self.oldest = (self.oldest + 1) % LAYOUTS_MAX;
    }
}

impl Layout {
    #[inline(always)]
    fn read(
        &self,
        bytes: &[u8],
        start: usize,
        stops: &[Stop],
        ends_at: impl Fn(usize) -> bool,
        sheet: &mut Sheet<'_>,
    ) -> Option<Fit> {
        let stops = stops.get(..=self.stops)?;
        if !ends_at(stops[self.stops].at()) || !self.has_glue(bytes, start, stops) {
            return None;
        }
        let (mut lengths, mut longest) = (0, 0);
        for leaf in &self.leaves {
            let from = stops[leaf.stop as usize].at() + leaf.skip as usize;
            let to = stops[leaf.end_stop as usize]
                .at()
                .wrapping_sub(leaf.end_skip as usize);
            let kind = if leaf.is_text {
                Kind::Plain
            } else {
                bare_kind(bytes, from, to)?
            };
            if leaf.slot != NONE {
                sheet.set(leaf.slot, Span::new(kind, from, to));
            }
            let length = (to - from) as u64;
            longest |= length;
            lengths = lengths >> 8 | length << 56;
        }
        for &slot in &self.missing {
            sheet.set(slot, Span::default());
        }
        let unused = LENGTHS.wrapping_sub(self.leaves.len());
        let fits = unused < LENGTHS && longest <= u64::from(u8::MAX);
        Some(Fit {
            stops: self.stops,
            lengths: if fits { lengths >> (8 * unused) } else { 0 },
        })
    }

    /// Whether the row that begins at `start` and has these stops has this glue.
    #[inline(always)]
    fn has_glue(&self, bytes: &[u8], start: usize, stops: &[Stop]) -> bool {
        if stops[0].at() != start + self.first {
            return false;
        }
        let mut difference = Difference::none();
        for piece in &self.pieces {
            let stop = stops[piece.stop as usize].at();
            let Some(word) = scan::word(bytes, stop.wrapping_add_signed(piece.offset as isize))
            else {
                return false;
            };
            difference = difference.with(word, piece.word, piece.mask);
        }
        difference.is_none()
    }
}

/// What the bare scalar `bytes[from..to]` is; `None` when it is none.
#[inline(always)]
fn bare_kind(bytes: &[u8], from: usize, to: usize) -> Option<Kind> {
    if scan::is_short_number(bytes, from, to) {
        return Some(Kind::Number);
    }
    rare_kind(bytes, from, to)
}

#[inline(never)]
fn rare_kind(bytes: &[u8], from: usize, to: usize) -> Option<Kind> {
    match bytes.get(from..to)? {
        b"null" => Some(Kind::Null),
        b"true" | b"false" => Some(Kind::Bool),
        _ => (Text::new(bytes, to).number(from)? == to).then_some(Kind::Number),
    }
}
