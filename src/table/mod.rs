//! Key -> dense group index, a batch at a time, on the hash already known.
//!
//! Groups are numbered from 0 in the order of their first rows; everything else that is known of a group
//! lies in plain vectors indexed by that number. Keys are held column-wise. A first pass over the rows guesses each
//! one's group from a single slot of the index; a key of one short text or one integer is compared at once, any
//! other key by its 64-bit hash, to be verified one column at a time afterwards. The rows whose guess was wrong
//! are looked up one by one, in order.

mod index;
mod keys;
mod segment;
#[cfg(test)]
mod tests;

pub use keys::hash_keys;
pub use segment::Segment;

use crate::batch::{Column, ColumnData};
use crate::types::DataType;
use index::Index;
use keys::{push_key, same_key, verify};

/// Key -> dense group index.
pub struct GroupTable {
    index: Index,
    keys: Vec<Column>,
    hashes: Vec<u64>,
    // Positions of a batch whose guess was wrong, or that share a hash with another key; scratch of a call.
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
        groups.clear();
        created.clear();
        let rows = rows.into();
        groups.resize(rows.len(), 0);
        self.guess(hashes, keys, rows, groups);
        self.settle(hashes, keys, rows, groups, created);
        if keys.len() != 1 {
            self.correct(hashes, keys, rows, groups, created);
        }
    }

    /// First pass: guesses the group of every row. The positions of wrong guesses go to `missed`; a key of several
    /// columns is only known to have the same hash.
    fn guess(&mut self, hashes: &[u64], keys: &[&Column], rows: Segment<'_>, groups: &mut [u32]) {
        let Self {
            index,
            keys: stored,
            hashes: known,
            missed,
        } = self;
        missed.clear();
        missed.resize(rows.len(), 0);
        if known.is_empty() {
            (0..).zip(&mut *missed).for_each(|(at, slot)| *slot = at);
            return;
        }
        let guesses = Guesses {
            index,
            hashes,
            rows,
            groups,
            missed,
        };
        let plain = |column: &Column| column.nulls.is_empty();
        // NULL is held as '' and 0, so that keys among which it is are compared with care.
        match (keys, &stored[..]) {
            ([key], [kept]) if plain(key) && plain(kept) => match (&key.data, &kept.data) {
                (ColumnData::Text(texts), ColumnData::Text(kept)) => {
                    let (texts, kept) = (&texts.views[..], &kept.views[..]);
                    guesses.check(kept.len(), |row, group| {
                        // Behind a long text is a heap, and not the same one.
                        (texts[row].word() == kept[group].word()) & texts[row].is_inline()
                    });
                }
                (ColumnData::I64(values), ColumnData::I64(kept)) => {
                    guesses.check(kept.len(), |row, group| values[row] == kept[group]);
                }
                _ => guesses.check(known.len(), |row, group| {
                    known[group] == hashes[row] && same_key(kept, group, key, row)
                }),
            },
            ([key], [kept]) => guesses.check(known.len(), |row, group| {
                known[group] == hashes[row] && same_key(kept, group, key, row)
            }),
            _ => guesses.check(known.len(), |row, group| known[group] == hashes[row]),
        }
    }

    /// Second pass: looks up the positions in `missed`, in order, and makes the groups that are new.
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
        let missed = missed.iter().map(|&position| position as usize);
        if let ([key], [kept]) = (keys, &mut stored[..]) {
            for position in missed {
                let row = rows.row(position);
                let hash = hashes[row];
                let found = index.find(hash, |group| {
                    let group = group as usize;
                    known[group] == hash && same_key(kept, group, key, row)
                });
                groups[position] = found.unwrap_or_else(|| {
                    push_key(kept, key, row);
                    created.push(row as u32);
                    index.append(known, hash)
                });
            }
            return;
        }
        missed.for_each(|position| {
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
        });
    }

    /// Third pass, for keys of several columns: looks up the rows again that only share a hash with their group.
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

/// What a first pass goes over.
struct Guesses<'a> {
    index: &'a Index,
    hashes: &'a [u64],
    rows: Segment<'a>,
    /// By position.
    groups: &'a mut [u32],
    /// As long as `groups`; cut to the wrong guesses.
    missed: &'a mut Vec<u32>,
}

impl Guesses<'_> {
    /// Writes the guesses. `is_it(row, group)` says whether a group below `known` is the row's; no group is
    /// offered that a slot does not hold, save the last one in place of none, whose key is then not the row's.
    #[inline(always)]
    fn check(self, known: usize, is_it: impl Fn(usize, usize) -> bool) {
        let Self {
            index,
            hashes,
            rows,
            groups,
            missed,
        } = self;
        let last = known - 1;
        let (slots, missed_all) = (index.slots(), &mut missed[..groups.len()]);
        let mut wrong = 0;
        // One loop that asks where its rows are: a closure that two loops call is a call for every row.
        for (position, slot) in groups.iter_mut().enumerate() {
            let row = rows.row(position);
            let group = slots[hashes[row] as usize & (slots.len() - 1)];
            let right = is_it(row, (group as usize).min(last));
            *slot = group;
            missed_all[wrong] = position as u32;
            wrong += usize::from(!right);
        }
        missed.truncate(wrong);
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
