//! Rows one after another that have one layout, each leaf's of all of them at a time.
//!
//! What is known of a leaf is looked up once for all rows, and what is done to it is a loop of its own. Row by row the
//! same work took twice as many instructions (2026-11-26).

use super::{LENGTHS, Layout, Layouts, Leaf, NONE, bare_kind};
use crate::format::json::parse::{Kind, Span};
use crate::format::json::stops::Stop;

/// Rows that have the glue of one layout; what their bare leaves hold is not known yet.
#[derive(Clone, Copy)]
pub(in crate::format::json) struct Run<'a> {
    layout: &'a Layout,
    /// The stops of all rows, those of their line ends among them.
    stops: &'a [Stop],
    /// Stops of each.
    stride: usize,
    /// First byte of the first.
    start: usize,
}

impl Layouts {
    /// The rows, at most `max` of them, that begin at `start` and have one layout; `None` when the first has none that
    /// is known. `stops` are those of `bytes` from `start` on.
    #[inline(always)]
    pub fn run<'a>(
        &'a mut self,
        bytes: &[u8],
        start: usize,
        stops: &'a [Stop],
        max: usize,
    ) -> Option<Run<'a>> {
        let mut index = self.recent;
        let layout = self.known.get(index)?;
        let (mut rows, mut stride) = layout.rows(bytes, start, stops, max);
        if rows == 0 {
            (index, rows, stride) = self.other_rows(bytes, start, stops, max)?;
            self.recent = index;
        }
        Some(Run {
            layout: &self.known[index],
            stops: &stops[..rows * stride],
            stride,
            start,
        })
    }

    /// The layout of the first row, where it is not that of the row before it, how many rows have it, and the stops
    /// of each.
    #[inline(never)]
    fn other_rows(
        &self,
        bytes: &[u8],
        start: usize,
        stops: &[Stop],
        max: usize,
    ) -> Option<(usize, usize, usize)> {
        let others = self.known.iter().enumerate();
        others
            .filter(|&(index, _)| index != self.recent)
            .map(|(index, layout)| (index, layout.rows(bytes, start, stops, max)))
            .find(|&(_, (rows, _))| rows > 0)
            .map(|(index, (rows, stride))| (index, rows, stride))
    }
}

impl Layout {
    /// How many rows have this glue, and the stops of each. Out of line, for its loop needs all registers. Pieces
    /// compared in four rows at once took 1 ns of 27 a row less where all rows have one layout, and 17 ns of 57 more
    /// where they have one of two (2026-11-26).
    #[inline(never)]
    fn rows(&self, bytes: &[u8], start: usize, stops: &[Stop], max: usize) -> (usize, usize) {
        let Some(&end) = stops.get(self.stops) else {
            return (0, 1);
        };
        let has_return = bytes[end.at()] == b'\r';
        let stride = self.stops + 1 + usize::from(has_return);
        let (mut start, mut rows) = (start, 0);
        for row in stops.chunks_exact(stride).take(max) {
            let newline = row[stride - 1].at();
            let end = row[self.stops].at();
            let ends = bytes[newline] == b'\n'
                && (!has_return || (bytes[end] == b'\r' && end + 1 == newline));
            if !ends || !self.has_glue(bytes, start, row) {
                break;
            }
            start = newline + 1;
            rows += 1;
        }
        (rows, stride)
    }
}

impl<'a> Run<'a> {
    /// Rows.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.stops.len() / self.stride
    }

    /// Stops of all rows.
    #[inline(always)]
    pub fn stops(&self) -> usize {
        self.stops.len()
    }

    /// The leaf that the path of a slot leads to.
    #[inline(always)]
    pub fn leaf(&self, slot: usize) -> Option<&'a Leaf> {
        match self.layout.slots[slot] {
            NONE => None,
            leaf => Some(&self.layout.leaves[leaf as usize]),
        }
    }

    /// Where a leaf lies, row by row.
    #[inline(always)]
    pub fn places(&self, leaf: &Leaf) -> impl Iterator<Item = (usize, usize)> + use<'a> {
        let (stop, skip) = (leaf.stop as usize, leaf.skip as usize);
        let (end_stop, end_skip) = (leaf.end_stop as usize, leaf.end_skip as usize);
        self.stops.chunks_exact(self.stride).map(move |row| {
            let from = row[stop].at() + skip;
            (from, row[end_stop].at().wrapping_sub(end_skip))
        })
    }

    /// Appends where the rows begin and end.
    #[inline(always)]
    pub fn push_places(&self, starts: &mut Vec<u32>, ends: &mut Vec<u32>) {
        let (stride, end) = (self.stride, self.layout.stops);
        let but_last = &self.stops[..self.stops.len() - stride];
        starts.push(self.start as u32);
        starts.extend(
            but_last
                .chunks_exact(stride)
                .map(|row| row[stride - 1].at() as u32 + 1),
        );
        ends.extend(
            self.stops
                .chunks_exact(stride)
                .map(|row| row[end].at() as u32),
        );
    }

    /// Appends the lengths of the rows' leaves, as [`Fit::lengths`](super::Fit::lengths) has them; false when a bare
    /// leaf but `known` is no scalar.
    #[inline(always)]
    pub fn push_lengths(&self, bytes: &[u8], known: Option<&Leaf>, lengths: &mut Vec<u64>) -> bool {
        let before = lengths.len();
        lengths.resize(before + self.len(), 0);
        let words = &mut lengths[before..];
        let mut longest = 0;
        for (index, leaf) in self.layout.leaves.iter().enumerate() {
            // Of more leaves than a word has room for no length is told.
            let shift = (8 * index as u32) % u64::BITS;
            let is_legal = leaf.is_text || known.is_some_and(|known| std::ptr::eq(known, leaf));
            for ((from, to), word) in self.places(leaf).zip(&mut *words) {
                if !is_legal && bare_kind(bytes, from, to).is_none() {
                    return false;
                }
                let length = (to - from) as u64;
                longest |= length;
                *word |= length << shift;
            }
        }
        if self.layout.leaves.len() > LENGTHS {
            words.fill(0);
        } else if longest > u64::from(u8::MAX) {
            self.take_back(words);
        }
        true
    }

    /// Takes back what was said of rows with a leaf that is too long.
    #[cold]
    fn take_back(&self, words: &mut [u64]) {
        for leaf in &self.layout.leaves {
            for ((from, to), word) in self.places(leaf).zip(&mut *words) {
                if to - from > usize::from(u8::MAX) {
                    *word = 0;
                }
            }
        }
    }
}

impl Leaf {
    /// The value that it is at `bytes[from..to]`; `None` when that is none.
    #[inline(always)]
    pub fn span(&self, bytes: &[u8], from: usize, to: usize) -> Option<Span> {
        let kind = if self.is_text {
            Kind::Plain
        } else {
            bare_kind(bytes, from, to)?
        };
        Some(Span::new(kind, from, to))
    }
}
