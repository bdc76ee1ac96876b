//! The generator's randomness: xoshiro256++ and a Zipf sampler, the same on every machine.

/// xoshiro256++ 1.0 (Blackman and Vigna, public domain), seeded by splitmix64.
#[derive(Clone, Debug)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// The sequence of `seed`.
    pub fn new(seed: u64) -> Self {
        let mut seed = seed;
        let mut next = || {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Self {
            state: [next(), next(), next(), next()],
        }
    }

    /// The next 64 bits.
    #[inline(always)]
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number in `0..bound`; its bias is below 2^-32 for the bounds used here.
    #[inline(always)]
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }
}

/// Draws ranks `0..n` with probability proportional to `1 / (rank + 1)`, in constant time by the alias
/// method (Vose, 1991).
#[derive(Clone, Debug)]
pub struct Zipf {
    cells: Vec<Cell>,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    /// The cell's own rank is drawn when the coin is below this.
    threshold: u32,
    /// The rank drawn otherwise.
    alias: u32,
}

impl Zipf {
    /// A sampler of `ranks` ranks, at least one.
    pub fn new(ranks: u32) -> Self {
        let total: f64 = (1..=ranks).map(|k| 1.0 / f64::from(k)).sum();
        let scale = f64::from(ranks) / total;
        let mut shares: Vec<f64> = (1..=ranks).map(|k| scale / f64::from(k)).collect();
        let mut cells: Vec<Cell> = (0..ranks)
            .map(|alias| Cell {
                threshold: u32::MAX,
                alias,
            })
            .collect();
        let (mut small, mut large): (Vec<u32>, Vec<u32>) =
            (0..ranks).partition(|&rank| shares[rank as usize] < 1.0);
        while let (Some(&low), Some(&high)) = (small.last(), large.last()) {
            small.pop();
            cells[low as usize] = Cell {
                threshold: (shares[low as usize] * 4_294_967_296.0) as u32,
                alias: high,
            };
            shares[high as usize] -= 1.0 - shares[low as usize];
            if shares[high as usize] < 1.0 {
                large.pop();
                small.push(high);
            }
        }
        Self { cells }
    }

    /// The rank that 64 random bits draw.
    #[inline(always)]
    pub fn rank(&self, bits: u64) -> u32 {
        let index = ((bits >> 32) * self.cells.len() as u64) >> 32;
        let cell = self.cells[index as usize];
        if (bits as u32) < cell.threshold {
            index as u32
        } else {
            cell.alias
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xoshiro_follows_the_reference_recurrence() {
        // The published recurrence, written plainly.
        let mut random = Random::new(7);
        let mut s = random.state;
        for _ in 0..1000 {
            let expected = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
            let t = s[1] << 17;
            s[2] ^= s[0];
            s[3] ^= s[1];
            s[1] ^= s[2];
            s[0] ^= s[3];
            s[2] ^= t;
            s[3] = s[3].rotate_left(45);
            assert_eq!(random.bits(), expected);
        }
    }

    #[test]
    fn splitmix_gives_its_published_first_value() {
        // First output of splitmix64 for seed 0.
        assert_eq!(Random::new(0).state[0], 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn zipf_draws_ranks_by_their_weight() {
        let (ranks, draws) = (100u32, 400_000u32);
        let zipf = Zipf::new(ranks);
        let mut random = Random::new(1);
        let mut counts = vec![0u32; ranks as usize];
        for _ in 0..draws {
            counts[zipf.rank(random.bits()) as usize] += 1;
        }
        let total: f64 = (1..=ranks).map(|k| 1.0 / f64::from(k)).sum();
        for (rank, &count) in counts.iter().enumerate() {
            let expected = f64::from(draws) / (rank as f64 + 1.0) / total;
            let slack = 6.0 * expected.sqrt();
            assert!(
                (f64::from(count) - expected).abs() < slack,
                "rank {rank}: {count} drawn, {expected:.0} expected"
            );
        }
    }

    #[test]
    fn one_rank_is_always_drawn() {
        let zipf = Zipf::new(1);
        assert!((0..100u64).all(|i| zipf.rank(i.wrapping_mul(0x1234_5678_9abc_def1)) == 0));
    }
}
