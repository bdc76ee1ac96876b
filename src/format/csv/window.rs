//! Newlines, delimiters and quotes of a stretch of bytes, found before rows are looked for: where a row starts does not
//! depend on the one before then, and the CPU works on several at once.
//!
//! ```text
//! bytes      |block 0 ..........|block 1 ..........|      64 bytes each
//! newlines    33        67    101                         their places, one after another
//! delimiters  0001000001....    0100001....               a mask a block; a row's is cut out of two
//! ```

use super::Dialect;
use crate::format::simd::{BLOCK, Kernel, Scan};

/// Blocks of a window: its rows are still in the L1 when their fields are read.
const BLOCKS: usize = 64;

/// Newlines that are written of every block; more take a loop.
const AT_ONCE: usize = 4;

/// Masks of blocks and an empty one.
type Masks = [u64; BLOCKS + 1];

/// Whole blocks of the bytes that are framed, from a row's start on.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// Where it begins in the bytes.
    base: usize,
    /// Places of newlines, counted from `base`, rising.
    newlines: Box<[u32; BLOCKS * BLOCK + AT_ONCE]>,
    /// How many there are.
    count: usize,
    /// The first that is not done with.
    next: usize,
    /// A mask for each block, and none behind the last.
    delimiters: Box<Masks>,
    quotes: Box<Masks>,
    /// Whether there is a quote.
    quoted: bool,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            base: 0,
            newlines: Box::new([0; BLOCKS * BLOCK + AT_ONCE]),
            count: 0,
            next: 0,
            delimiters: Box::new([0; BLOCKS + 1]),
            quotes: Box::new([0; BLOCKS + 1]),
            quoted: false,
        }
    }
}

impl Window {
    /// Forgets what it knows: the bytes are other ones.
    pub fn forget(&mut self) {
        (self.count, self.next) = (0, 0);
    }

    /// Whether a newline at `at` or behind is known; passes over those before.
    #[inline(always)]
    fn has_row(&mut self, at: usize) -> bool {
        while self.next < self.count && self.base + (self.newlines[self.next] as usize) < at {
            self.next += 1;
        }
        self.next < self.count
    }
}

/// Looks at the next blocks of `bytes[at..]`, unless the window knows of a newline there.
pub(super) struct Look<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
    pub dialect: &'a Dialect,
    pub window: &'a mut Window,
}

impl Kernel for Look<'_> {
    /// Whether a newline is known.
    type Output = bool;

    #[inline(always)]
    fn run<S: Scan>(self, scan: S) -> bool {
        let Self {
            bytes,
            at,
            dialect,
            window,
        } = self;
        if window.has_row(at) {
            return true;
        }
        let needles = [b'\n', dialect.delimiter, dialect.quote];
        let blocks = bytes[at..].as_chunks::<BLOCK>().0;
        let blocks = &blocks[..blocks.len().min(BLOCKS)];
        let (mut count, mut any_quote) = (0, 0);
        let masks = window.delimiters.iter_mut().zip(&mut *window.quotes);
        for ((number, block), (delimiters, quotes)) in blocks.iter().enumerate().zip(masks) {
            let [mut newlines, in_delimiters, in_quotes] = scan.masks(block, needles);
            (*delimiters, *quotes) = (in_delimiters, in_quotes);
            any_quote |= in_quotes;
            let found = newlines.count_ones() as usize;
            let first = (number * BLOCK) as u32;
            // Those that are not there are written over.
            for slot in &mut window.newlines[count..][..AT_ONCE] {
                *slot = first + newlines.trailing_zeros();
                newlines &= newlines.wrapping_sub(1);
            }
            if found > AT_ONCE {
                for slot in &mut window.newlines[count + AT_ONCE..count + found] {
                    *slot = first + newlines.trailing_zeros();
                    newlines &= newlines.wrapping_sub(1);
                }
            }
            count += found;
        }
        window.delimiters[blocks.len()] = 0;
        window.quotes[blocks.len()] = 0;
        window.quoted = any_quote != 0;
        (window.base, window.count, window.next) = (at, count, 0);
        count > 0
    }
}

/// Takes rows from `at` on, one after another, as long as the window knows their newlines, each is shorter than a block,
/// has no quote, and has at least `fields` fields, two or more.
pub(super) struct PlainRows<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
    pub fields: usize,
    pub window: &'a mut Window,
    pub starts: &'a mut [u32],
    pub ends: &'a mut [u32],
    pub delimiters: &'a mut [u64],
}

impl Kernel for PlainRows<'_> {
    /// Rows found, and where the next one starts.
    type Output = (usize, usize);

    #[inline(always)]
    fn run<S: Scan>(self, _: S) -> (usize, usize) {
        match self.window.quoted {
            true => self.take::<true>(),
            false => self.take::<false>(),
        }
    }
}

impl PlainRows<'_> {
    #[inline(always)]
    fn take<const QUOTED: bool>(self) -> (usize, usize) {
        let Self {
            bytes,
            at,
            fields,
            window,
            starts,
            ends,
            delimiters: masks,
        } = self;
        let rows = starts.len().min(window.count - window.next);
        let newlines = &window.newlines[window.next..][..rows];
        let (starts, ends, masks) = (&mut starts[..rows], &mut ends[..rows], &mut masks[..rows]);
        let (in_delimiters, in_quotes) = (&*window.delimiters, &*window.quotes);
        let (base, bytes) = (window.base, &bytes[window.base..]);
        let mut start = at - base;
        let mut row = 0;
        while row < rows {
            let newline = newlines[row] as usize;
            let length = newline - start;
            let line = !(u64::MAX << (length % BLOCK));
            let delimiters = cut(in_delimiters, start) & line;
            let found = delimiters.count_ones() as usize + 1;
            let quoted = QUOTED && cut(in_quotes, start) & line != 0;
            if length >= BLOCK || found < fields || quoted {
                break;
            }
            // At least one byte, for there is a delimiter.
            let returns = bytes[newline - 1] == b'\r';
            starts[row] = (base + start) as u32;
            ends[row] = (base + newline - usize::from(returns)) as u32;
            masks[row] = delimiters;
            start = newline + 1;
            row += 1;
        }
        window.next += row;
        (row, base + start)
    }
}

/// The mask of the 64 bytes from `at` on.
#[inline(always)]
fn cut(masks: &Masks, at: usize) -> u64 {
    let (block, bit) = (at / BLOCK % BLOCKS, at % BLOCK);
    (masks[block] >> bit) | ((masks[block + 1] << 1) << (BLOCK - 1 - bit))
}
