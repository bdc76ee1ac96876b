//! The making of a layout from a record that was read in general.

use super::{LEAVES_MAX, Layout, Leaf, PIECE, Piece};
use crate::format::json::parse::{Kind, Sheet};
use crate::format::json::paths::NONE;
use crate::format::json::scan;

/// The making of a layout from a legal record.
pub(super) struct Lesson<'a> {
    /// The bytes it lies in.
    pub bytes: &'a [u8],
    /// Its first byte.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
    /// Takes what is learnt.
    pub layout: &'a mut Layout,
}

impl Lesson<'_> {
    /// Fills the layout; `None` when the record has none that could be recognised, for one because it has an
    /// escape.
    pub fn learn(&mut self, sheet: &Sheet<'_>) -> Option<()> {
        self.layout.pieces.clear();
        self.layout.leaves.clear();
        self.layout.slots.clear();
        self.layout.missing.clear();
        self.layout.stops = 0;
        let record = &self.bytes[self.start..self.end];
        // What ends in a carriage return that is the record's own would take in one of a line end.
        if record.contains(&b'\\') || record.ends_with(b"\r") {
            return None;
        }
        let (mut at, mut glue) = (self.start, self.start);
        while at < self.end {
            let leaf = match self.bytes[at] {
                b'"' => {
                    let close = at + 1 + memchr::memchr(b'"', &self.bytes[at + 1..self.end])?;
                    if self.is_name(close) {
                        at = close + 1;
                        continue;
                    }
                    at + 1..close
                }
                b'-' | b'0'..=b'9' | b'a'..=b'z' => {
                    let rest = &self.bytes[at..self.end];
                    let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}' | 0..=b' ');
                    at..at + rest.iter().position(ends)?
                }
                _ => {
                    at += 1;
                    continue;
                }
            };
            let is_text = self.bytes[at] == b'"';
            self.add_leaf(glue, leaf.start, is_text, sheet)?;
            (at, glue) = (leaf.end + usize::from(is_text), leaf.end);
        }
        self.add_tail(glue)?;
        self.place_slots(sheet)
    }

    /// Whether the string that `close` ends is a member's name.
    fn is_name(&self, close: usize) -> bool {
        let behind = &self.bytes[close + 1..self.end];
        let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        behind.iter().find(|byte| !is_space(byte)) == Some(&b':')
    }

    /// Adds the glue from `glue` to `leaf`, and the leaf that begins there.
    fn add_leaf(
        &mut self,
        glue: usize,
        leaf: usize,
        is_text: bool,
        sheet: &Sheet<'_>,
    ) -> Option<()> {
        let bytes = &self.bytes[glue..leaf];
        let before = bytes.iter().position(|&byte| scan::is_stop(byte))?;
        let stop = self.layout.stops as u32;
        let is_first = self.layout.leaves.is_empty();
        if is_first {
            self.layout.first = before;
        }
        self.end_leaf(stop, before);
        if self.layout.leaves.len() == LEAVES_MAX {
            return None;
        }
        self.layout.leaves.push(Leaf {
            stop,
            skip: (bytes.len() - before) as u32,
            end_stop: 0,
            end_skip: 0,
            glue: bytes.len() as u32,
            slot: slot_from(sheet, leaf).unwrap_or(NONE),
            is_text,
        });
        self.layout.stops += bytes.iter().filter(|&&byte| scan::is_stop(byte)).count();
        self.add_pieces(glue, leaf, stop, glue + before, is_first);
        Some(())
    }

    fn add_tail(&mut self, glue: usize) -> Option<()> {
        let bytes = &self.bytes[glue..self.end];
        self.layout.stops += bytes.iter().filter(|&&byte| scan::is_stop(byte)).count();
        let stop = self.layout.stops as u32;
        self.layout.tail = bytes.len();
        self.end_leaf(stop, bytes.len());
        self.add_pieces(glue, self.end, stop, self.end, false);
        (!self.layout.leaves.is_empty()).then_some(())
    }

    /// The last leaf ends `before` bytes before stop `stop`.
    fn end_leaf(&mut self, stop: u32, before: usize) {
        if let Some(last) = self.layout.leaves.last_mut() {
            (last.end_stop, last.end_skip) = (stop, before as u32);
        }
    }

    /// Adds the glue `from..to`, found by stop number `stop` at `anchor`. Where a piece is short it takes in bytes
    /// that are not compared: before it, where there are always some but at a row's start, which may be the
    /// first of all bytes as its end may be the last.
    fn add_pieces(&mut self, from: usize, to: usize, stop: u32, anchor: usize, is_first: bool) {
        // The tail comes behind the last leaf, other glue with the leaf that was added for it.
        let leaves = self.layout.leaves.len();
        let leaf = if to == self.end { leaves } else { leaves - 1 };
        let mut at = from;
        while at < to {
            let bytes = &self.bytes[at..to.min(at + PIECE)];
            let blank = if is_first { 0 } else { PIECE - bytes.len() };
            let (mut word, mut mask) = ([0; PIECE], [0; PIECE]);
            word[blank..][..bytes.len()].copy_from_slice(bytes);
            mask[blank..][..bytes.len()].fill(0xff);
            self.layout.pieces.push(Piece {
                word: u128::from_le_bytes(word),
                mask: u128::from_le_bytes(mask),
                stop,
                offset: (at as isize - blank as isize - anchor as isize) as i32,
                leaf: leaf as u32,
                back: (to - at + blank) as u32,
            });
            at += PIECE;
        }
    }

    /// Sees to it that every path has its leaf or leads nowhere.
    fn place_slots(&mut self, sheet: &Sheet<'_>) -> Option<()> {
        for slot in 0..sheet.slots() {
            let leaves = &self.layout.leaves;
            let leaf = leaves.iter().position(|leaf| leaf.slot == slot);
            match (sheet.get(slot).kind(), leaf) {
                (Kind::Missing, _) => {
                    self.layout.missing.push(slot);
                    self.layout.slots.push(NONE);
                }
                // Its end is not where a leaf ends.
                (Kind::Nested, _) | (_, None) => return None,
                (_, Some(leaf)) => self.layout.slots.push(leaf as u32),
            }
        }
        Some(())
    }
}

/// The slot of the value that begins at `start`.
fn slot_from(sheet: &Sheet<'_>, start: usize) -> Option<u32> {
    (0..sheet.slots()).find(|&slot| {
        let span = sheet.get(slot);
        span.kind() != Kind::Missing && span.range().0 == start
    })
}
