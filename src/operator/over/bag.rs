//! Values with how often they are there: open addressing with linear probing over entries that are used again.
//!
//! A slot is the number of an entry. When an entry goes, those behind it that were pushed past its slot move up, so no
//! slot is ever left marked, and a bag whose size goes up and down takes new memory only when it is larger than ever.
//! `std::collections::HashMap` leaves such marks and grew by them (2026-11-26).

use super::item::{AnyItem, Item};

/// A slot without an entry.
const EMPTY: u32 = u32::MAX;

/// Slots of the smallest table.
const SLOTS_MIN: usize = 16;

struct Entry {
    value: AnyItem,
    hash: u64,
    count: u64,
    /// The last mark given to it.
    mark: u64,
}

/// How often each value is there. NULL is no value.
#[derive(Default)]
pub struct Bag {
    /// A power of two of them, at least twice as many as entries; none before the first.
    slots: Vec<u32>,
    entries: Vec<Entry>,
    free: Vec<u32>,
}

impl Bag {
    /// How many distinct values there are.
    pub fn distinct(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// Adds a value; whether it was not there.
    pub fn add(&mut self, value: &AnyItem) -> bool {
        debug_assert!(value.is_present(), "NULL is no value");
        let hash = value.hash();
        if let Some(slot) = self.find(hash, value) {
            let entry = self.slots[slot] as usize;
            self.entries[entry].count += 1;
            return false;
        }
        if 2 * (self.distinct() + 1) > self.slots.len() {
            self.grow();
        }
        let entry = self.free.pop().unwrap_or_else(|| {
            self.entries.push(Entry {
                value: AnyItem::default(),
                hash: 0,
                count: 0,
                mark: 0,
            });
            // All of them may go.
            let room = self.entries.capacity();
            self.free.reserve(room.saturating_sub(self.free.len()));
            (self.entries.len() - 1) as u32
        });
        let new = &mut self.entries[entry as usize];
        new.value.clone_from(value);
        (new.hash, new.count, new.mark) = (hash, 1, 0);
        self.enter(entry);
        true
    }

    /// Takes out a value once; whether it is not there any more.
    ///
    /// # Panics
    /// When it is not there.
    pub fn remove(&mut self, value: &AnyItem) -> bool {
        let slot = self.find(value.hash(), value).expect("it was added");
        let number = self.slots[slot];
        let entry = &mut self.entries[number as usize];
        entry.count -= 1;
        if entry.count > 0 {
            return false;
        }
        self.free.push(number);
        self.vacate(slot);
        true
    }

    /// Marks a value; whether it had another mark.
    ///
    /// # Panics
    /// When it is not there.
    pub fn mark(&mut self, value: &AnyItem, mark: u64) -> bool {
        let slot = self.find(value.hash(), value).expect("it was added");
        let entry = &mut self.entries[self.slots[slot] as usize];
        std::mem::replace(&mut entry.mark, mark) != mark
    }

    /// The slot of a value.
    fn find(&self, hash: u64, value: &AnyItem) -> Option<usize> {
        let last = self.slots.len().wrapping_sub(1);
        let mut at = hash as usize & last;
        loop {
            let entry = *self.slots.get(at)?;
            if entry == EMPTY {
                return None;
            }
            let known = &self.entries[entry as usize];
            if known.hash == hash && known.value == *value {
                return Some(at);
            }
            at = (at + 1) & last;
        }
    }

    /// Gives an entry the first free slot from its own on.
    fn enter(&mut self, entry: u32) {
        let last = self.slots.len() - 1;
        let mut at = self.entries[entry as usize].hash as usize & last;
        while self.slots[at] != EMPTY {
            at = (at + 1) & last;
        }
        self.slots[at] = entry;
    }

    /// Empties a slot and moves up those behind it that would not be found any more.
    fn vacate(&mut self, mut hole: usize) {
        let last = self.slots.len() - 1;
        let mut at = hole;
        loop {
            at = (at + 1) & last;
            let entry = self.slots[at];
            if entry == EMPTY {
                break;
            }
            let own = self.entries[entry as usize].hash as usize & last;
            let behind_own = at.wrapping_sub(own) & last;
            let behind_hole = at.wrapping_sub(hole) & last;
            if behind_own >= behind_hole {
                self.slots[hole] = entry;
                hole = at;
            }
        }
        self.slots[hole] = EMPTY;
    }

    #[cold]
    fn grow(&mut self) {
        let slots = (2 * self.slots.len()).max(SLOTS_MIN);
        let before = std::mem::replace(&mut self.slots, vec![EMPTY; slots]);
        for entry in before.into_iter().filter(|entry| *entry != EMPTY) {
            self.enter(entry);
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.slots.len() * size_of::<u32>() + self.entries.capacity() * size_of::<Entry>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Column;
    use crate::operator::inputs::testing::Random;
    use crate::types::{DataType, Value};
    use std::collections::BTreeMap;

    #[test]
    fn values_that_come_and_go_are_counted() {
        let mut random = Random(7);
        let mut bag = Bag::default();
        let mut naive: BTreeMap<u64, u64> = BTreeMap::new();
        let mut column = Column::new(DataType::Varchar);
        for value in 0..200 {
            column.push(&Value::Text(format!("a text that is not inline {value}")));
        }
        let mut item = AnyItem::default();
        for step in 0..40_000 {
            // Up to most of the values, then down to few.
            let grows = (step / 5000) % 2 == 0;
            let value = random.below(200);
            item.take(&column, value as usize);
            if random.below(10) < if grows { 7 } else { 3 } {
                assert_eq!(bag.add(&item), !naive.contains_key(&value));
                *naive.entry(value).or_default() += 1;
            } else if let Some(count) = naive.get_mut(&value) {
                *count -= 1;
                let gone = *count == 0;
                if gone {
                    naive.remove(&value);
                }
                assert_eq!(bag.remove(&item), gone);
            }
            assert_eq!(bag.distinct(), naive.len());
            if let Some(&value) = naive.keys().next() {
                item.take(&column, value as usize);
                assert!(bag.mark(&item, step + 1));
                assert!(!bag.mark(&item, step + 1));
            }
        }
    }
}
