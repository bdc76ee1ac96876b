//! STRING_AGG and ARRAY_AGG: texts, and the bytes of elements, joined in source order.

use super::held::{Held, Scratch};
use super::kernel::Span;
use crate::batch::{Column, ColumnData};

/// Joined bytes of a group at most; what would go beyond is left out, and the group's result with it.
const JOINED_BYTES_MAX: usize = 1 << 28;

/// The joined texts of every group.
pub(super) struct Texts {
    // Fixed at construction.
    separator: Vec<u8>,
    // State.
    joined: Vec<Joined>,
    bytes: usize,
}

#[derive(Default)]
struct Joined {
    /// Whether a text has come: the first may be ''.
    begun: bool,
    text: Vec<u8>,
}

impl Texts {
    pub fn new(separator: &str) -> Self {
        Self {
            separator: separator.as_bytes().to_vec(),
            joined: Vec::new(),
            bytes: 0,
        }
    }

    fn join(&mut self, group: usize, text: &[u8]) {
        let joined = &mut self.joined[group];
        if joined.text.len() + self.separator.len() + text.len() > JOINED_BYTES_MAX {
            // More entries than any limit allows: the job stops and says so.
            self.bytes = usize::MAX / 2;
            return;
        }
        let before = joined.text.len();
        if std::mem::replace(&mut joined.begun, true) {
            joined.text.extend_from_slice(&self.separator);
        }
        joined.text.extend_from_slice(text);
        self.bytes = self.bytes.saturating_add(joined.text.len() - before);
    }
}

impl Held for Texts {
    fn grow(&mut self, groups: usize) {
        if self.joined.len() < groups {
            self.joined.resize_with(groups, Joined::default);
        }
    }

    fn clear(&mut self) {
        for joined in &mut self.joined {
            joined.begun = false;
            joined.text.clear();
        }
        self.bytes = 0;
    }

    fn fold(&mut self, arg: &Column, span: Span<'_>) {
        let ColumnData::Text(texts) = &arg.data else {
            panic!("the signature joins texts only")
        };
        span.for_each(|row, group| self.join(group, texts.get(row)));
    }

    fn result(&self, group: usize, _: &mut Scratch, out: &mut [Column], at: usize) {
        if let ColumnData::Text(texts) = &mut out[0].data {
            texts.set(at, &self.joined[group].text);
        }
    }

    fn export(&self, group: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.joined[group].text);
    }

    fn merge(&mut self, group: usize, state: &[u8]) {
        self.join(group, state);
    }

    fn entries(&self) -> usize {
        self.bytes / 8
    }
}
