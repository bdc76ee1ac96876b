//! Rows whose leaves' lengths the framer told: only their glue is compared, and their leaves are where it ends.

use super::{Difference, LENGTHS, Layout, Layouts, NONE, PLACES, Piece};
use crate::chunk::RowDescriptors;
use crate::format::json::parse::{Kind, Sheet, Span};
use crate::format::json::scan;

/// Rows read leaf by leaf at a time: what is known of them stays in the L1.
const ROWS: usize = 64;

/// What a span of a bare scalar begins with by the scalar's first byte, which a legal one is told by. Whatever begins
/// otherwise, a string or white space, is [`NO_SCALAR`].
const KINDS: [u64; 256] = {
    let mut kinds = [NO_SCALAR; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        kinds[digit as usize] = Span::kind_bits(Kind::Number);
        digit += 1;
    }
    kinds[b'-' as usize] = Span::kind_bits(Kind::Number);
    kinds[b'n' as usize] = Span::kind_bits(Kind::Null);
    kinds[b't' as usize] = Span::kind_bits(Kind::Bool);
    kinds[b'f' as usize] = Span::kind_bits(Kind::Bool);
    kinds
};
/// Has some of the low bits, which the others have not.
const NO_SCALAR: u64 = u64::MAX;

/// What is known of a block of rows.
struct Block {
    /// Where their next glue begins.
    at: [u32; ROWS],
    /// Not 0 where a row does not fit.
    wrong: [u32; ROWS],
    differences: [Difference; ROWS],
}

impl Layouts {
    /// Reads the legal rows whose leaves have told lengths and that have a known layout: sets all of their spans,
    /// slot by slot. Appends the others, some of whose spans may be set as well, to `rest`.
    #[inline(always)]
    pub fn read_told(
        &mut self,
        bytes: &[u8],
        rows: &RowDescriptors,
        spans: &mut [Span],
        rest: &mut Vec<u32>,
    ) {
        let mut block = Block {
            at: [0; ROWS],
            wrong: [0; ROWS],
            differences: [Difference::none(); ROWS],
        };
        let all = rows.len();
        for first in (0..all).step_by(ROWS) {
            let count = ROWS.min(all - first);
            let told = Told {
                bytes,
                starts: &rows.starts[first..][..count],
                ends: &rows.ends[first..][..count],
                lengths: &rows.delimiters[first..][..count],
            };
            let fit = match self.known.get(self.recent) {
                Some(layout) => block.read(layout, &told, spans, all, first),
                None => {
                    block.wrong = [1; ROWS];
                    false
                }
            };
            if !fit {
                self.read_others(&told, &block.wrong, spans, (all, first), rest);
            }
        }
    }

    /// Reads the rows that are `wrong`: they have not the layout of the row before. They go to `first` and the
    /// following ones of `stride`.
    #[inline(never)]
    fn read_others(
        &mut self,
        told: &Told<'_>,
        wrong: &[u32; ROWS],
        spans: &mut [Span],
        (stride, first): (usize, usize),
        rest: &mut Vec<u32>,
    ) {
        for row in (0..told.lengths.len()).filter(|&row| wrong[row] != 0) {
            let mut sheet = Sheet {
                spans,
                stride,
                row: first + row,
            };
            if !self.read_other_told(told, row, &mut sheet) {
                rest.push((first + row) as u32);
            }
        }
    }

    /// Reads a row that has not the layout of the row before.
    fn read_other_told(&mut self, told: &Told<'_>, row: usize, sheet: &mut Sheet<'_>) -> bool {
        let found = self
            .known
            .iter()
            .position(|layout| told.lengths[row] != 0 && layout.read_told(told, row, sheet));
        self.recent = found.unwrap_or(self.recent);
        found.is_some()
    }
}

/// Legal rows and the lengths of their leaves.
struct Told<'a> {
    bytes: &'a [u8],
    starts: &'a [u32],
    ends: &'a [u32],
    lengths: &'a [u64],
}

impl Block {
    /// Reads rows, which go to `first` and the following ones of `stride`; false when some do not fit, which `wrong`
    /// then tells.
    #[inline(always)]
    fn read(
        &mut self,
        layout: &Layout,
        told: &Told<'_>,
        spans: &mut [Span],
        stride: usize,
        first: usize,
    ) -> bool {
        let count = told.starts.len();
        self.at[..count].copy_from_slice(told.starts);
        self.wrong = [0; ROWS];
        self.differences = [Difference::none(); ROWS];
        if layout.leaves.len() > LENGTHS {
            self.wrong = [1; ROWS];
            return false;
        }
        let mut unwanted = [Span::default(); ROWS];
        let mut pieces = layout.pieces.iter().peekable();
        for (index, leaf) in layout.leaves.iter().enumerate() {
            let at = self.at;
            while let Some(piece) = pieces.next_if(|piece| piece.leaf as usize == index) {
                self.compare(told.bytes, piece, &at[..count], leaf.glue);
            }
            let to = match leaf.slot {
                NONE => &mut unwanted[..count],
                slot => &mut spans[slot as usize * stride + first..][..count],
            };
            let lengths = told.lengths.iter().map(|word| word >> (8 * index) & 0xff);
            if leaf.is_text {
                self.texts(lengths, leaf.glue, to);
            } else {
                self.scalars(told.bytes, lengths, leaf.glue, to);
            }
        }
        for piece in pieces {
            self.compare(told.bytes, piece, told.ends, 0);
        }
        for &slot in &layout.missing {
            spans[slot as usize * stride + first..][..count].fill(Span::default());
        }
        self.judge(layout, told)
    }

    /// Compares a piece of the glue that `glue` bytes behind `at` ends.
    #[inline(always)]
    fn compare(&mut self, bytes: &[u8], piece: &Piece, at: &[u32], glue: u32) {
        let shift = glue.wrapping_sub(piece.back);
        let state = self.differences.iter_mut().zip(&mut self.wrong);
        for (&at, (difference, wrong)) in at.iter().zip(state) {
            match scan::word(bytes, at.wrapping_add(shift) as usize) {
                Some(word) => *difference = difference.with(word, piece.word, piece.mask),
                None => *wrong = 1,
            }
        }
    }

    /// Notes leaves that are strings.
    #[inline(always)]
    fn texts(&mut self, lengths: impl Iterator<Item = u64>, glue: u32, to: &mut [Span]) {
        let kind = Span::kind_bits(Kind::Plain);
        for ((at, length), span) in self.at.iter_mut().zip(lengths).zip(to) {
            let from = at.wrapping_add(glue);
            *span = Span::of_bits(kind, from, length as u32);
            *at = from.wrapping_add(length as u32);
        }
    }

    /// Notes leaves that are bare scalars.
    #[inline(always)]
    fn scalars(
        &mut self,
        bytes: &[u8],
        lengths: impl Iterator<Item = u64>,
        glue: u32,
        to: &mut [Span],
    ) {
        let state = self.at.iter_mut().zip(&mut self.wrong);
        for (((at, wrong), length), span) in state.zip(lengths).zip(to) {
            let from = at.wrapping_add(glue);
            let byte = bytes.get(from as usize).copied().unwrap_or_default();
            let kind = KINDS[usize::from(byte)];
            *wrong |= kind as u32;
            *span = Span::of_bits(kind, from, length as u32);
            *at = from.wrapping_add(length as u32);
        }
    }

    /// Completes `wrong`; whether no row is.
    #[inline(always)]
    fn judge(&mut self, layout: &Layout, told: &Told<'_>) -> bool {
        let tail = layout.tail as u32;
        // Lengths of leaves that the layout does not have.
        let others = u64::MAX
            .checked_shl(8 * layout.leaves.len() as u32)
            .unwrap_or_default();
        let mut any = 0;
        // A row of which nothing is told fits where all of its leaves are empty, as that says.
        let rows = self.at.iter().zip(told.ends).zip(told.lengths);
        let state = self.wrong.iter_mut().zip(&self.differences);
        for (((&at, &end), &lengths), (wrong, difference)) in rows.zip(state) {
            let fits =
                (at.wrapping_add(tail) == end) & (lengths & others == 0) & difference.is_none();
            *wrong |= u32::from(!fits);
            any |= *wrong;
        }
        any == 0
    }
}

impl Layout {
    /// Reads one row: sets all of its spans, or some of them where it does not have this layout.
    fn read_told(&self, told: &Told<'_>, row: usize, sheet: &mut Sheet<'_>) -> bool {
        if self.leaves.len() > LENGTHS {
            return false;
        }
        let (bytes, end) = (told.bytes, told.ends[row] as usize);
        let mut lengths = told.lengths[row];
        // Where the leaves begin; the last is for the row's end.
        let mut places = [end; PLACES];
        let mut at = told.starts[row] as usize;
        for (leaf, place) in self.leaves.iter().zip(&mut places) {
            let (from, length) = (at + leaf.glue as usize, lengths & 0xff);
            at = from + length as usize;
            lengths >>= 8;
            *place = from;
            let kind = match bytes.get(from) {
                _ if leaf.is_text => Span::kind_bits(Kind::Plain),
                Some(&byte) if KINDS[usize::from(byte)] != NO_SCALAR => KINDS[usize::from(byte)],
                _ => return false,
            };
            if leaf.slot != NONE {
                let span = Span::of_bits(kind, from as u32, length as u32);
                sheet.set(leaf.slot, span);
            }
        }
        if at + self.tail != end || lengths != 0 {
            return false;
        }
        let mut difference = Difference::none();
        for piece in &self.pieces {
            let at = places[piece.leaf as usize % PLACES].wrapping_sub(piece.back as usize);
            let Some(word) = scan::word(bytes, at) else {
                return false;
            };
            difference = difference.with(word, piece.word, piece.mask);
        }
        for &slot in &self.missing {
            sheet.set(slot, Span::default());
        }
        difference.is_none()
    }
}
