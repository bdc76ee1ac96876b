//! Key -> dense group index, a batch at a time, on the hash already known.
//!
//! Groups are numbered from 0 in the order of their first rows; everything else that is known of a group
//! lies in plain vectors indexed by that number. Keys are held column-wise. A key of one short text or one
//! integer is compared while probing; any other key is found by its 64-bit hash first and verified one column
//! at a time afterwards, and the rows that only share a hash are looked up again one by one.

mod keys;
mod segment;
#[cfg(test)]
mod tests;

pub use keys::hash_keys;
pub use segment::Segment;

use hashbrown::HashTable;

use crate::batch::{Column, ColumnData, TEXT_INLINE};
use crate::types::DataType;
use keys::{push_key, same_key, verify};

/// Key -> dense group index.
pub struct GroupTable {
    index: HashTable<u32>,
    keys: Vec<Column>,
    hashes: Vec<u64>,
    // Positions of a batch that share a hash with another key; empty between calls.
    collided: Vec<u32>,
}

impl GroupTable {
    /// An empty table for keys of these types.
    pub fn new(types: &[DataType]) -> Self {
        Self {
            index: HashTable::new(),
            keys: types.iter().map(|&ty| Column::new(ty)).collect(),
            hashes: Vec::new(),
            collided: Vec::new(),
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
        self.index.clear();
        self.hashes.clear();
        for column in &mut self.keys {
            column.clear();
        }
    }

    /// An estimate of the bytes in use.
    pub fn bytes(&self) -> u64 {
        let keys: usize = self.keys.iter().map(column_bytes).sum();
        (keys + self.hashes.len() * 8 + self.index.capacity() * 5) as u64
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
        match keys {
            [key] if key.nulls.is_empty() => match &key.data {
                ColumnData::Text(_) => self.find_text(hashes, key, rows, groups, created),
                ColumnData::I64(_) => self.find_i64(hashes, key, rows, groups, created),
                _ => self.find_general(hashes, keys, rows, groups, created),
            },
            _ => self.find_general(hashes, keys, rows, groups, created),
        }
    }

    fn find_text(
        &mut self,
        hashes: &[u64],
        key: &Column,
        rows: Segment<'_>,
        groups: &mut Vec<u32>,
        created: &mut Vec<u32>,
    ) {
        let Self {
            index,
            keys,
            hashes: stored_hashes,
            ..
        } = self;
        let ColumnData::Text(texts) = &key.data else {
            panic!("a text key")
        };
        let stored = &mut keys[0];
        rows.extend(groups, |row| {
            let (hash, view) = (hashes[row], texts.views[row]);
            let found = match &stored.data {
                // NULL is held as '', so the empty text takes the careful way.
                ColumnData::Text(known) if view.len().wrapping_sub(1) < TEXT_INLINE => index
                    .find(hash, |&group| {
                        known.views[group as usize].word() == view.word()
                    }),
                _ => index.find(hash, |&group| same_key(stored, group as usize, key, row)),
            };
            if let Some(&group) = found {
                return group;
            }
            push_key(stored, key, row);
            created.push(row as u32);
            append(index, stored_hashes, hash)
        });
    }

    fn find_i64(
        &mut self,
        hashes: &[u64],
        key: &Column,
        rows: Segment<'_>,
        groups: &mut Vec<u32>,
        created: &mut Vec<u32>,
    ) {
        let Self {
            index,
            keys,
            hashes: stored_hashes,
            ..
        } = self;
        let ColumnData::I64(values) = &key.data else {
            panic!("an integer key")
        };
        let stored = &mut keys[0];
        rows.extend(groups, |row| {
            let (hash, value) = (hashes[row], values[row]);
            let found = match &stored.data {
                // NULL is held as 0, so 0 takes the careful way.
                ColumnData::I64(known) if value != 0 => {
                    index.find(hash, |&group| known[group as usize] == value)
                }
                _ => index.find(hash, |&group| same_key(stored, group as usize, key, row)),
            };
            if let Some(&group) = found {
                return group;
            }
            push_key(stored, key, row);
            created.push(row as u32);
            append(index, stored_hashes, hash)
        });
    }

    fn find_general(
        &mut self,
        hashes: &[u64],
        keys: &[&Column],
        rows: Segment<'_>,
        groups: &mut Vec<u32>,
        created: &mut Vec<u32>,
    ) {
        let Self {
            index,
            keys: stored,
            hashes: stored_hashes,
            collided,
        } = self;
        rows.extend(groups, |row| {
            let hash = hashes[row];
            if let Some(&group) = index.find(hash, |&group| stored_hashes[group as usize] == hash) {
                return group;
            }
            for (stored, key) in stored.iter_mut().zip(keys) {
                push_key(stored, key, row);
            }
            created.push(row as u32);
            append(index, stored_hashes, hash)
        });
        for (stored, key) in stored.iter().zip(keys) {
            verify(stored, key, rows, groups, collided);
        }
        if collided.is_empty() {
            return;
        }
        collided.sort_unstable();
        collided.dedup();
        for &position in collided.iter() {
            let row = rows.row(position as usize);
            let hash = hashes[row];
            let found = index.find(hash, |&group| {
                let mut pairs = stored.iter().zip(keys);
                stored_hashes[group as usize] == hash
                    && pairs.all(|(stored, key)| same_key(stored, group as usize, key, row))
            });
            groups[position as usize] = if let Some(&group) = found {
                group
            } else {
                for (stored, key) in stored.iter_mut().zip(keys) {
                    push_key(stored, key, row);
                }
                created.push(row as u32);
                append(index, stored_hashes, hash)
            };
        }
        collided.clear();
    }
}

/// Numbers the next group and enters it under `hash`.
#[inline]
fn append(index: &mut HashTable<u32>, hashes: &mut Vec<u64>, hash: u64) -> u32 {
    let group = u32::try_from(hashes.len()).expect("limits::GROUPS_MAX bounds the groups");
    hashes.push(hash);
    index.insert_unique(hash, group, |&group| hashes[group as usize]);
    group
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
