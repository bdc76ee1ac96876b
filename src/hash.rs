//! The one 64-bit key hash.
//!
//! Ingest computes it from bytes, workers from columns, and both must agree: `vnode = (hash >> 40) & 1023`
//! routes, the top 7 and the low 32 bits are for tables. Values are hashed in the key's type: text by its
//! bytes, integers and narrow decimals as `i64`, wide decimals like narrow ones when they fit, DOUBLE with
//! -0.0 as 0.0 and one NaN. Folded multiplication after wyhash (Wang Yi, public domain).

use crate::limits::VNODES;

/// Owner of a slice of the key space: 0..[`VNODES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vnode(pub u16);

/// Hash seed when the job sets none.
pub const DEFAULT_SEED: u64 = 0x9e37_79b9_7f4a_7c15;

const K0: u64 = 0xa076_1d64_78bd_642f;
const K1: u64 = 0xe703_7ed1_a0b4_28db;
const K2: u64 = 0x8ebc_6af0_9c88_c6e3;

/// The seed that a number given by the user stands for: itself, unless it makes a factor of a fold one by which every key
/// has the same hash, which are zero and -1 (a product with -1 has complements for its halves). The factor of DOUBLEs is
/// the seed, that of wide DECIMALs seed ^ `K1`, that of all others seed ^ `K2`.
pub fn seed_of(number: u64) -> u64 {
    let factors = [number, number ^ K1, number ^ K2];
    match factors.contains(&0) || factors.contains(&u64::MAX) {
        true => number ^ DEFAULT_SEED,
        false => number,
    }
}

#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ ((wide >> 64) as u64)
}

/// The vnode that owns a key with this hash.
#[inline(always)]
pub fn vnode_of(hash: u64) -> Vnode {
    Vnode(((hash >> 40) as u16) & (VNODES as u16 - 1))
}

/// The vnode that owns a block of the merged sequence (a split keyless aggregate): the block's low bits
/// reversed, so that consecutive blocks go to different workers while ownership still moves by vnode.
#[inline(always)]
pub fn vnode_of_block(block: u64) -> Vnode {
    Vnode((block.reverse_bits() >> (64 - VNODES.trailing_zeros())) as u16)
}

/// Hash of a text key of at most 16 bytes given as two little-endian words, zero-padded.
#[inline(always)]
pub fn hash_text_words(seed: u64, low: u64, high: u64, len: usize) -> u64 {
    let mixed = fold(low ^ K0 ^ seed, high ^ K1);
    fold(mixed ^ (len as u64), K2 ^ seed)
}

/// Hash of a text key.
#[inline]
pub fn hash_text(seed: u64, bytes: &[u8]) -> u64 {
    if bytes.len() <= 16 {
        let (low, high) = words_of_short(bytes);
        return hash_text_words(seed, low, high, bytes.len());
    }
    let mut state = seed;
    let mut rest = bytes;
    while rest.len() > 16 {
        let (head, tail) = rest.split_at(16);
        let (low, high) = words_of_short(head);
        state = fold(low ^ K1 ^ state, high ^ K2);
        rest = tail;
    }
    let (low, high) = words_of_short(rest);
    hash_text_words(state, low, high, bytes.len())
}

/// The bytes of a text of at most 16 bytes as two little-endian words, zero-padded.
#[inline]
pub fn words_of_short(bytes: &[u8]) -> (u64, u64) {
    debug_assert!(bytes.len() <= 16);
    let len = bytes.len();
    if len >= 8 {
        let low = u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes"));
        if len == 8 {
            return (low, 0);
        }
        let tail = u64::from_le_bytes(bytes[len - 8..].try_into().expect("eight bytes"));
        return (low, tail >> (8 * (16 - len)));
    }
    if len >= 4 {
        let head = u32::from_le_bytes(bytes[..4].try_into().expect("four bytes"));
        let tail = u32::from_le_bytes(bytes[len - 4..].try_into().expect("four bytes"));
        let high = (u64::from(tail) >> (8 * (8 - len))) << 32;
        return (u64::from(head) | high, 0);
    }
    let mut low = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        low |= u64::from(byte) << (8 * i);
    }
    (low, 0)
}

/// Hash of an integer key (INT, BIGINT, DATE, TIMESTAMP, narrow DECIMAL, BOOLEAN as 0 or 1).
#[inline(always)]
pub fn hash_i64(seed: u64, value: i64) -> u64 {
    let mixed = fold(value as u64 ^ K1 ^ seed, K0);
    fold(mixed ^ K1, K2 ^ seed)
}

/// Hash of a wide DECIMAL key; equal to [`hash_i64`] where the value fits.
#[inline]
pub fn hash_i128(seed: u64, value: i128) -> u64 {
    match i64::try_from(value) {
        Ok(narrow) => hash_i64(seed, narrow),
        Err(_) => {
            let mixed = fold(value as u64 ^ K0 ^ seed, (value >> 64) as u64 ^ K2);
            fold(mixed ^ 16, K1 ^ seed)
        }
    }
}

/// The bits that stand for a DOUBLE in keys: one zero, one NaN.
#[inline(always)]
pub fn canonical_f64_bits(value: f64) -> u64 {
    if value == 0.0 {
        0
    } else if value.is_nan() {
        f64::NAN.to_bits()
    } else {
        value.to_bits()
    }
}

/// Hash of a DOUBLE key.
#[inline(always)]
pub fn hash_f64(seed: u64, value: f64) -> u64 {
    hash_i64(seed ^ K2, canonical_f64_bits(value) as i64)
}

/// Hash of a NULL key.
#[inline(always)]
pub fn hash_null(seed: u64) -> u64 {
    fold(seed ^ K0, K1 ^ 0xff51_afd7_ed55_8ccd)
}

/// Hash of a key of several columns: folds the next column's hash into that of the columns before it.
///
/// A key of one column has that column's hash itself.
#[inline(always)]
pub fn combine(before: u64, next: u64) -> u64 {
    fold(before.rotate_left(23) ^ K1, next ^ K2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_seed_gives_all_keys_one_hash() {
        for number in [0, 1, K0, K1, K2, DEFAULT_SEED, !0, !K1, !K2] {
            let seed = seed_of(number);
            let hashes = |of: &dyn Fn(i64) -> u64| (0..1000).map(of).collect::<HashSet<u64>>();
            let of_kinds = [
                hashes(&|key| hash_f64(seed, key as f64)),
                hashes(&|key| hash_i64(seed, key)),
                hashes(&|key| hash_i128(seed, ((i128::from(key) + 1) << 80) + 5)),
                hashes(&|key| hash_text(seed, key.to_string().as_bytes())),
                hashes(&|key| hash_text(seed, format!("{key:40}").as_bytes())),
            ];
            let counts = of_kinds.map(|hashes| hashes.len());
            assert_eq!(counts, [1000; 5], "of the seed {number:#x}");
        }
    }
}
