//! The stops of a stretch of bytes: quotes, backslashes and control characters, newlines among them.
//!
//! Between two stops is only what plain text and numbers are made of, so a record's stops say where all of its
//! strings are, and that none has an escape, without a look at its other bytes.

use crate::format::simd::{self, BLOCK, Scan};

/// The position of a stop.
///
/// It is wider than it need be: of positions that lie close the compiler makes vectors lane by lane, which took 2.5 ns
/// more a row of 76 bytes with AVX2 and 5 with AVX-512 (2026-11-26).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(8))]
pub(super) struct Stop(u32);

impl Stop {
    /// The byte that it is at.
    #[inline(always)]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// Positions of stops; reused. The memory never shrinks.
#[derive(Debug, Default)]
pub(super) struct Stops {
    positions: Vec<Stop>,
    count: usize,
}

impl Stops {
    /// Finds the stops of `bytes[from..to]`, by blocks.
    #[inline(always)]
    pub fn find<S: Scan>(&mut self, scan: S, bytes: &[u8], from: usize, to: usize) {
        // Every byte may be a stop, and a block's slots are written whole.
        let needed = to - from + 2 * BLOCK;
        if self.positions.len() < needed {
            self.positions.resize(needed, Stop::default());
        }
        self.count = 0;
        let (blocks, rest) = bytes[from..to].as_chunks::<BLOCK>();
        let mut at = from as u32;
        for block in blocks {
            self.store(at, scan.stops(block));
            at += BLOCK as u32;
        }
        if !rest.is_empty() {
            let mut room = [0; BLOCK];
            let (block, _) = simd::block_at(bytes, at as usize, &mut room);
            self.store(at, scan.stops(block) & !(u64::MAX << rest.len()));
        }
    }

    /// Writes the positions of the bits of `stops`, eight at a time; the slots behind them get any.
    #[inline(always)]
    fn store(&mut self, at: u32, stops: u64) {
        let slots = self.positions[self.count..].first_chunk_mut::<BLOCK>();
        let mut rest = stops;
        for eight in slots.expect("made room for them").as_chunks_mut::<8>().0 {
            if rest == 0 {
                break;
            }
            for slot in eight {
                slot.0 = at.wrapping_add(rest.trailing_zeros());
                rest &= rest.wrapping_sub(1);
            }
        }
        self.count += stops.count_ones() as usize;
    }

    /// The positions, rising.
    #[inline(always)]
    pub fn positions(&self) -> &[Stop] {
        &self.positions[..self.count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::simd::{Kernel, Swar, dispatch};

    struct Find<'a>(&'a mut Stops, &'a [u8], usize, usize);

    impl Kernel for Find<'_> {
        type Output = ();
        fn run<S: Scan>(self, scan: S) {
            self.0.find(scan, self.1, self.2, self.3);
        }
    }

    #[test]
    fn finds_every_stop_of_the_stretch_and_no_other() {
        let seed = 0x5eed_0091u64;
        let mut state = seed;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as usize
        };
        let mut stops = Stops::default();
        for round in 0..2_000 {
            // From bytes of stops alone to hardly any.
            let rare = 1 + next() % 40;
            let bytes: Vec<u8> = (0..next() % 300)
                .map(|_| match next() % rare {
                    0 => b"\"\\\n\r\t\0\x1f"[next() % 7],
                    _ => b" !#x{}[],:09\x7f\x80\xff"[next() % 15],
                })
                .collect();
            let from = next() % (bytes.len() + 1);
            let to = from + next() % (bytes.len() - from + 1);
            let is_stop = |&at: &usize| matches!(bytes[at], b'"' | b'\\' | 0..=0x1f);
            let wanted: Vec<Stop> = (from..to)
                .filter(is_stop)
                .map(|at| Stop(at as u32))
                .collect();
            Find(&mut stops, &bytes, from, to).run(Swar);
            assert_eq!(stops.positions(), wanted, "round {round} seed {seed:#x}");
            dispatch(Find(&mut stops, &bytes, from, to));
            assert_eq!(stops.positions(), wanted, "round {round} seed {seed:#x}");
        }
    }
}
