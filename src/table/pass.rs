//! The pass over rows that gives each its group, new or known, without a branch that asks which.
//!
//! A new key is written behind the last group before its slot is looked at: an empty slot then stands for that group,
//! whose key is the row's, so that "is it there?" is the comparison that every row makes anyhow. In a window that
//! has just opened every third row brings a new group, and no predictor knows which: a first look at every row's slot
//! and a second, one by one, at those that were not right took 14.4 ns a record of S3a, this takes 5.1 (2026-11-26).
//! Asking whether the slot is empty compiles to that branch again: 4.6 ns a row where the lesser of two numbers takes
//! 2.8.

use super::Segment;
use crate::batch::TextView;

/// A key as it lies in a column.
pub(super) trait Key: Copy + Default {
    /// Whether two are the same.
    fn is(self, other: Self) -> bool;
}

impl Key for i64 {
    #[inline(always)]
    fn is(self, other: Self) -> bool {
        self == other
    }
}

impl Key for u64 {
    #[inline(always)]
    fn is(self, other: Self) -> bool {
        self == other
    }
}

impl Key for TextView {
    /// In halves, as it is stored. Compared whole it is loaded with 16 bytes at once, and a key that was written two
    /// instructions ago is not forwarded to such a load: it waited for half of the pass (2026-11-26).
    #[inline(always)]
    fn is(self, other: Self) -> bool {
        let halves = |key: Self| (key.word() as u64, (key.word() >> 64) as u64);
        let (one, two) = (halves(self), halves(other));
        (one.0 ^ two.0) | (one.1 ^ two.1) == 0
    }
}

/// What a pass goes over.
pub(super) struct Pass<'a> {
    /// A power of two of them, more than [`Self::most`].
    pub slots: &'a mut [u32],
    /// Groups that there may be.
    pub most: usize,
    /// By row.
    pub hashes: &'a [u64],
    pub rows: Segment<'a>,
    /// By position.
    pub groups: &'a mut [u32],
    /// The rows that make new groups are appended.
    pub created: &'a mut Vec<u32>,
}

impl Pass<'_> {
    /// Writes the groups; keys of new ones are appended to `kept`, which holds those of all groups. Gives how many
    /// rows have one: all, or as many as there was room for.
    #[inline(always)]
    pub fn run<T: Key>(self, keys: &[T], kept: &mut Vec<T>) -> usize {
        let (known, before) = (kept.len(), self.created.len());
        let room = self.groups.len().min(self.most - known);
        kept.resize(known + room, T::default());
        self.created.resize(before + room, 0);
        let created = &mut self.created[before..];
        let places = (self.slots, &mut kept[..]);
        let (done, now) = match self.rows {
            Segment::Range { start, end } => {
                let rows = (&self.hashes[start..end], &keys[start..end]);
                let (done, now) = enter_range(places, known, rows, self.groups, created);
                let new = &mut created[..now - known];
                new.iter_mut().for_each(|row| *row += start as u32);
                (done, now)
            }
            Segment::List(list) => {
                let rows = (self.hashes, keys);
                enter_list(places, known, (list, rows), self.groups, created)
            }
        };
        kept.truncate(now);
        self.created.truncate(before + now - known);
        done
    }
}

/// Gives every (hash, key) its group until `kept` is full; `created` gets the positions of those that are new. Gives
/// how far it came and how many groups there are then.
#[inline(never)]
fn enter_range<T: Key>(
    (slots, kept): (&mut [u32], &mut [T]),
    known: usize,
    (hashes, keys): (&[u64], &[T]),
    groups: &mut [u32],
    created: &mut [u32],
) -> (usize, usize) {
    let rows = groups.len();
    let (hashes, keys) = (&hashes[..rows], &keys[..rows]);
    let mut now = known;
    for position in 0..rows {
        if kept.len() <= now {
            return (position, now);
        }
        created[now - known] = position as u32;
        let found = enter(slots, kept, now, hashes[position], keys[position]);
        groups[position] = found as u32;
        now += usize::from(found == now);
    }
    (rows, now)
}

/// [`enter_range`] for some of the rows, which go to `created` themselves.
#[inline(never)]
fn enter_list<T: Key>(
    (slots, kept): (&mut [u32], &mut [T]),
    known: usize,
    (list, (hashes, keys)): (&[u32], (&[u64], &[T])),
    groups: &mut [u32],
    created: &mut [u32],
) -> (usize, usize) {
    let mut now = known;
    for (position, (&row, group)) in list.iter().zip(groups).enumerate() {
        if kept.len() <= now {
            return (position, now);
        }
        created[now - known] = row;
        let row = row as usize;
        let found = enter(slots, kept, now, hashes[row], keys[row]);
        *group = found as u32;
        now += usize::from(found == now);
    }
    (list.len(), now)
}

/// The group of a key, `now` for one that is new.
#[inline(always)]
fn enter<T: Key>(slots: &mut [u32], kept: &mut [T], now: usize, hash: u64, key: T) -> usize {
    kept[now] = key;
    let last = slots.len() - 1;
    let mut at = hash as usize & last;
    // Most slots hold the group at once. An empty one holds more than there are groups.
    loop {
        let found = (slots[at] as usize).min(now);
        if kept[found].is(key) {
            slots[at] = found as u32;
            return found;
        }
        at = (at + 1) & last;
    }
}
