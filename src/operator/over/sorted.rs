//! A sorted list that values enter and leave anywhere, in chunks, so that a long one is not moved as a whole.

use super::item::Item;
use super::queue::reuse;

/// Values of a chunk at most: moving half of them costs about as much as finding the chunk.
const CHUNK: usize = 512;

/// Values in their order, NULLs never among them.
#[derive(Debug)]
pub struct Sorted<T> {
    /// None of them empty.
    chunks: Vec<Vec<T>>,
    len: usize,
    // Scratch. Memory that is used again.
    spare_chunks: Vec<Vec<T>>,
    spare: Vec<T>,
}

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            len: 0,
            spare_chunks: Vec::new(),
            spare: Vec::new(),
        }
    }
}

impl<T: Item> Sorted<T> {
    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value at `rank`, counted from 0.
    pub fn get(&self, rank: usize) -> &T {
        let mut rest = rank;
        for chunk in &self.chunks {
            if let Some(value) = chunk.get(rest) {
                return value;
            }
            rest -= chunk.len();
        }
        panic!("rank {rank} of {} values", self.len);
    }

    /// The values in their order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }

    /// Puts a value in behind its equals.
    pub fn insert(&mut self, value: &T) {
        let mut kept = self.spare.pop().unwrap_or_default();
        kept.clone_from(value);
        self.len += 1;
        let behind = |chunk: &Vec<T>| chunk.last().is_some_and(|last| last.is_below(value));
        let at = self.chunks.partition_point(behind);
        // A value behind all of them goes to the last chunk.
        let at = at.min(self.chunks.len().saturating_sub(1));
        if self.chunks.is_empty() {
            let chunk = self.spare_chunks.pop().unwrap_or_default();
            self.chunks.push(chunk);
        }
        let chunk = &mut self.chunks[at];
        let place = chunk.partition_point(|known| !value.is_below(known));
        chunk.insert(place, kept);
        if chunk.len() > CHUNK {
            let mut upper = self.spare_chunks.pop().unwrap_or_default();
            upper.extend(chunk.drain(CHUNK / 2..));
            self.chunks.insert(at + 1, upper);
        }
    }

    /// Takes out a value that was put in, or one of its equals.
    pub fn remove(&mut self, value: &T) {
        let behind = |chunk: &Vec<T>| chunk.last().is_some_and(|last| last.is_below(value));
        let at = self.chunks.partition_point(behind);
        let chunk = &mut self.chunks[at];
        let place = chunk.partition_point(|known| known.is_below(value));
        reuse(&mut self.spare, chunk.remove(place));
        self.len -= 1;
        if chunk.is_empty() {
            self.spare_chunks.push(self.chunks.remove(at));
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let values: usize = self.chunks.iter().map(Vec::capacity).sum();
        values * size_of::<T>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::inputs::testing::Random;

    #[test]
    fn values_that_come_and_go_stay_sorted() {
        let mut random = Random(5);
        let mut sorted = Sorted::<Option<i64>>::default();
        let mut naive: Vec<i64> = Vec::new();
        // Up to some thousand values, then down again, twice: chunks are divided and given up.
        for step in 0..16_000 {
            let grows = (step / 4000) % 2 == 0;
            if naive.is_empty() || random.below(10) < if grows { 9 } else { 1 } {
                let value = random.below(300) as i64;
                sorted.insert(&Some(value));
                naive.push(value);
            } else {
                let value = naive.swap_remove(random.below(naive.len() as u64) as usize);
                sorted.remove(&Some(value));
            }
            assert_eq!(sorted.len(), naive.len());
            if step % 500 == 0 {
                let mut expected = naive.clone();
                expected.sort_unstable();
                let found: Vec<_> = (0..naive.len()).map(|rank| *sorted.get(rank)).collect();
                let expected: Vec<_> = expected.into_iter().map(Some).collect();
                assert_eq!(found, expected);
            }
        }
    }
}
