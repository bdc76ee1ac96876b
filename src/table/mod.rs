//! Key -> dense group index, a batch at a time, on the hash already known.
//!
//! Groups are numbered from 0 in the order of their first rows; everything else that is known of a group
//! lies in plain vectors indexed by that number. Keys are held column-wise. One pass over the rows finds each one's
//! group or makes it (`pass`); a key of one short text or one integer is compared at once, any other key by its
//! 64-bit hash, to be verified one column at a time afterwards.

mod index;
mod keys;
mod pass;
mod segment;
#[cfg(test)]
mod tests;

pub use keys::{append_keys, hash_keys};
pub use segment::Segment;

use crate::batch::{Column, ColumnData};
use crate::types::DataType;
use index::Index;
use keys::{push_key, same_key, verify};
use pass::Pass;

/// Rows of which everything is loaded before they are looked up: it stays in the L1 meanwhile.
const FETCHED_ROWS: usize = 128;

/// Key -> dense group index.
pub struct GroupTable {
    index: Index,
    keys: Vec<Column>,
    hashes: Vec<u64>,
    // Positions of a batch that share a hash with another key; scratch of a call.
    missed: Vec<u32>,
}

impl GroupTable {
    /// An empty table for keys of these types.
    pub fn new(types: &[DataType]) -> Self {
        Self {
            index: Index::default(),
            keys: types.iter().map(|&ty| Column::new(ty)).collect(),
            hashes: Vec::new(),
            missed: Vec::new(),
        }
    }

    /// Groups held.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether it has no group.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The keys, indexed by group.
    pub fn keys(&self) -> &[Column] {
        &self.keys
    }

    /// The hashes of the keys, indexed by group.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Forgets every group, keeping the memory.
    pub fn clear(&mut self) {
        self.index.clear(&self.hashes);
        self.hashes.clear();
        for column in &mut self.keys {
            column.clear();
        }
    }

    /// An estimate of the bytes in use.
    pub fn bytes(&self) -> u64 {
        let keys: usize = self.keys.iter().map(column_bytes).sum();
        (keys + self.hashes.len() * 8 + self.index.bytes()) as u64
    }

    /// The group of one key, `hash` its hash: `key(at)` gives the column and row of its `at`th part.
    #[inline]
    pub fn find<'c>(&self, hash: u64, key: impl Fn(usize) -> (&'c Column, usize)) -> Option<u32> {
        self.index.find(hash, |group| {
            let at = group as usize;
            let same = |(part, stored): (usize, &Column)| {
                let (column, row) = key(part);
                same_key(stored, at, column, row)
            };
            self.hashes[at] == hash && self.keys.iter().enumerate().all(same)
        })
    }

    /// Finds the group of every row's key, making those that are new.
    ///
    /// `hashes` and `keys` are indexed by row. `groups` is cleared and gets one group for each *position* of
    /// `rows`; `created` is cleared and gets the row that made each new group, in the order of the groups.
    ///
    /// # Panics
    /// When the number of keys or a representation is not the table's.
    pub fn find_or_insert<'r>(
        &mut self,
        hashes: &[u64],
        keys: &[&Column],
        rows: impl Into<Segment<'r>>,
        groups: &mut Vec<u32>,
        created: &mut Vec<u32>,
    ) {
        assert_eq!(
            keys.len(),
            self.keys.len(),
            "the key has the table's columns"
        );
        created.clear();
        let rows = rows.into();
        groups.resize(rows.len(), 0);
        let mut from = 0;
        while from < rows.len() {
            self.index.reserve_one(&self.hashes);
            let rest = rows.len() - from;
            let run = match self.index.is_large() {
                true => rest.min(FETCHED_ROWS),
                false => rest,
            };
            let part = rows.slice(from, from + run);
            from += self.enter(hashes, keys, part, &mut groups[from..from + run], created);
        }
        if !self.is_exact(keys) {
            self.correct(hashes, keys, rows, groups, created);
        }
    }

    /// Whether the pass over rows compares keys themselves: one integer or one short text, none of them NULL, which
    /// is held as 0 and ''.
    fn is_exact(&self, keys: &[&Column]) -> bool {
        let ([key], [kept]) = (keys, &self.keys[..]) else {
            return false;
        };
        let plain = key.nulls.is_empty() && kept.nulls.is_empty();
        plain
            && match &key.data {
                ColumnData::I64(_) => true,
                // Behind a long text is a heap, and not the same one.
                ColumnData::Text(texts) => texts.heap_bytes() == 0,
                _ => false,
            }
    }

    /// Loads what a run of rows will compare. Nothing waits for anything in loops that only load, so that many more
    /// cache misses are under way together than in the pass: with 1.1 M groups a row's took 65 ns in place of 85
    /// (2026-11-26).
    fn fetch(&self, hashes: &[u64], rows: Segment<'_>, groups: &mut [u32], exact: bool) {
        let slots = self.index.slots();
        for (position, group) in groups.iter_mut().enumerate() {
            *group = slots[hashes[rows.row(position)] as usize & (slots.len() - 1)];
        }
        let Some(last) = self.hashes.len().checked_sub(1) else {
            return;
        };
        let at = groups.iter().map(|&group| (group as usize).min(last));
        let loaded = match self.keys.first().map(|kept| &kept.data) {
            Some(ColumnData::Text(kept)) if exact => {
                at.fold(0, |all, group| all ^ kept.views[group].len() as u64)
            }
            Some(ColumnData::I64(kept)) if exact => {
                at.fold(0, |all, group| all ^ kept[group] as u64)
            }
            _ => at.fold(0, |all, group| all ^ self.hashes[group]),
        };
        std::hint::black_box(loaded);
    }

    /// First pass: the groups of a run of rows, as far as there is room for new ones. Gives how many rows have one.
    fn enter(
        &mut self,
        hashes: &[u64],
        keys: &[&Column],
        rows: Segment<'_>,
        groups: &mut [u32],
        created: &mut Vec<u32>,
    ) -> usize {
        let exact = self.is_exact(keys);
        if self.index.is_large() {
            self.fetch(hashes, rows, groups, exact);
        }
        let Self {
            index,
            keys: stored,
            hashes: known,
            ..
        } = self;
        let before = created.len();
        let pass = Pass {
            most: index.groups_max(),
            slots: index.slots_mut(),
            hashes,
            rows,
            groups,
            created,
        };
        if let (true, [key], [kept]) = (exact, keys, &mut stored[..]) {
            let done = match (&key.data, &mut kept.data) {
                (ColumnData::Text(texts), ColumnData::Text(kept)) => {
                    pass.run(&texts.views, &mut kept.views)
                }
                (ColumnData::I64(values), ColumnData::I64(kept)) => pass.run(values, kept),
                (key, kept) => panic!("a key of {key:?} for one of {kept:?}"),
            };
            known.extend(created[before..].iter().map(|&row| hashes[row as usize]));
            return done;
        }
        let done = pass.run(hashes, known);
        for (kept, key) in stored.iter_mut().zip(keys) {
            for &row in &created[before..] {
                push_key(kept, key, row as usize);
            }
        }
        done
    }

    /// Looks up the positions in `missed`, in order, and makes the groups that are new.
    fn settle(
        &mut self,
        hashes: &[u64],
        keys: &[&Column],
        rows: Segment<'_>,
        groups: &mut [u32],
        created: &mut Vec<u32>,
    ) {
        let Self {
            index,
            keys: stored,
            hashes: known,
            missed,
        } = self;
        for position in missed.iter().map(|&position| position as usize) {
            let row = rows.row(position);
            let hash = hashes[row];
            let found = index.find(hash, |group| {
                let group = group as usize;
                let mut pairs = stored.iter().zip(keys);
                known[group] == hash && pairs.all(|(kept, key)| same_key(kept, group, key, row))
            });
            groups[position] = found.unwrap_or_else(|| {
                for (kept, key) in stored.iter_mut().zip(keys) {
                    push_key(kept, key, row);
                }
                created.push(row as u32);
                index.append(known, hash)
            });
        }
    }

    /// Second pass, for keys that are known by their hash: looks up the rows again that only share it with their group.
    fn correct(
        &mut self,
        hashes: &[u64],
        keys: &[&Column],
        rows: Segment<'_>,
        groups: &mut [u32],
        created: &mut Vec<u32>,
    ) {
        self.missed.clear();
        for (kept, key) in self.keys.iter().zip(keys) {
            verify(kept, key, rows, groups, &mut self.missed);
        }
        if !self.missed.is_empty() {
            self.missed.sort_unstable();
            self.missed.dedup();
            self.settle(hashes, keys, rows, groups, created);
        }
    }
}

/// An estimate of the bytes a column uses.
pub fn column_bytes(column: &Column) -> usize {
    let rows = column.len();
    column.nulls.len()
        + match &column.data {
            ColumnData::Bool(_) => rows,
            ColumnData::I64(_) | ColumnData::F64(_) => rows * 8,
            ColumnData::I128(_) => rows * 16,
            ColumnData::Text(texts) => rows * 16 + texts.heap_bytes(),
        }
}
