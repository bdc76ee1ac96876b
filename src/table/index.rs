//! Hash -> group: open addressing with linear probing over the hashes that the table keeps by group.
//!
//! A slot is a group number alone: 4 bytes, so that the slots of a thousand groups stay in the L1 beside their
//! keys. No key is ever removed, only all of them at once.
//!
//! Most rows meet their group in the first slot they look at, and a loop that looks at no other has no branch to
//! mispredict and no step that waits for the one before it: with a million groups it is the CPU that keeps many
//! cache misses in flight. `hashbrown::HashTable` stood here before: a row of a thousand text keys took 108
//! instructions with it and took 50 with a loop that guessed every row's slot; S2 over 1.1 M symbols, in turn on two
//! cores, ran at 2.5 / 2.8 / 2.9 M rows/s with it and at 3.5 / 3.7 / 4.0 (2026-11-25).

/// A slot without a group.
const EMPTY: u32 = u32::MAX;

/// Slots of the smallest index.
const SLOTS_MIN: usize = 64;

/// Least slots a group: with two, one guess in four was wrong.
const SLOTS_PER_GROUP: usize = 4;

/// Clearing goes by the groups rather than by the slots from so many slots a group on.
const SLOTS_PER_GROUP_SPARSE: usize = 32;

/// Slots of an index that, with the keys beside it, is larger than a core's L2.
const SLOTS_LARGE: usize = 1 << 18;

/// Which group has which hash.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// A power of two of them, at least [`SLOTS_PER_GROUP`] a group; none before the first group.
    slots: Vec<u32>,
}

impl Index {
    /// The slots: the first of a hash is the one at its low bits. It holds the hash's group, or another where that
    /// one is behind it, or [`u32::MAX`] where there is none.
    #[inline(always)]
    pub fn slots(&self) -> &[u32] {
        &self.slots
    }

    /// [`Self::slots`], to be written.
    #[inline(always)]
    pub fn slots_mut(&mut self) -> &mut [u32] {
        &mut self.slots
    }

    /// Whether most look-ups miss the caches of a core.
    #[inline]
    pub fn is_large(&self) -> bool {
        SLOTS_LARGE <= self.slots.len()
    }

    /// Groups that there may be before [`Self::reserve_one`] must be called again.
    #[inline]
    pub fn groups_max(&self) -> usize {
        (self.slots.len() / SLOTS_PER_GROUP).min(EMPTY as usize)
    }

    /// Makes slots for one more group beside those of `hashes`, which are those of all groups there are.
    #[inline]
    pub fn reserve_one(&mut self, hashes: &[u64]) {
        if self.groups_max() <= hashes.len() {
            self.rebuild(hashes);
        }
    }

    /// The first group behind `hash` for which `is_it` holds. Groups with other hashes are offered too.
    #[inline(always)]
    pub fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let last = self.slots.len().wrapping_sub(1);
        let mut at = hash as usize & last;
        // Most slots are empty.
        loop {
            match *self.slots.get(at)? {
                EMPTY => return None,
                group if is_it(group) => return Some(group),
                _ => at = (at + 1) & last,
            }
        }
    }

    /// Enters the group behind the last of `hashes`, which are those of all groups there are, under `hash`.
    pub fn append(&mut self, hashes: &mut Vec<u64>, hash: u64) -> u32 {
        self.reserve_one(hashes);
        let group = hashes.len() as u32;
        hashes.push(hash);
        self.enter(hash, group);
        group
    }

    #[cold]
    fn rebuild(&mut self, hashes: &[u64]) {
        let groups = hashes.len();
        assert!(
            groups < EMPTY as usize,
            "limits::GROUPS_MAX bounds the groups"
        );
        let slots = (self.slots.len() * 2).max(SLOTS_MIN);
        self.slots.clear();
        self.slots.resize(slots, EMPTY);
        for (group, &hash) in hashes.iter().enumerate() {
            self.enter(hash, group as u32);
        }
    }

    #[inline]
    fn enter(&mut self, hash: u64, group: u32) {
        let last = self.slots.len() - 1;
        let mut at = hash as usize & last;
        while self.slots[at] != EMPTY {
            at = (at + 1) & last;
        }
        self.slots[at] = group;
    }

    /// Forgets every group, `hashes` being those of all groups, and keeps the memory.
    pub fn clear(&mut self, hashes: &[u64]) {
        if hashes.len() * SLOTS_PER_GROUP_SPARSE > self.slots.len() {
            self.slots.fill(EMPTY);
            return;
        }
        // An index that once held many more: every group lies in the run of full slots from its hash on.
        let last = self.slots.len().wrapping_sub(1);
        for &hash in hashes {
            let mut at = hash as usize & last;
            while self.slots[at] != EMPTY {
                self.slots[at] = EMPTY;
                at = (at + 1) & last;
            }
        }
    }

    /// Bytes in use.
    pub fn bytes(&self) -> usize {
        self.slots.len() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparse_index_is_cleared_by_its_groups() {
        let mut index = Index::default();
        let mut hashes = Vec::new();
        for hash in 0..1000 {
            index.append(&mut hashes, hash * 7);
        }
        index.clear(&hashes);
        assert!(index.slots.iter().all(|&slot| slot == EMPTY));
        hashes.clear();
        // All in one run, around the end of the slots.
        let last = index.slots.len() as u64 - 1;
        for hash in [last - 1, last, last - 1, 0, last, 1, 500, 500] {
            index.append(&mut hashes, hash);
        }
        assert_eq!(index.find(last, |group| group == 4), Some(4));
        index.clear(&hashes);
        assert!(index.slots.iter().all(|&slot| slot == EMPTY));
    }
}
