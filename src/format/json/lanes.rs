//! Questions to 16 bytes at once; bit `i` of an answer is about byte `i`, in the order of memory.
//!
//! SSE2 is part of every x86-64 and answers with one instruction a step; `portable` is its twin, and what
//! other machines run.

#![allow(unsafe_code)] // SIMD kernels: registers only, no memory is touched.

#[cfg(not(target_arch = "x86_64"))]
pub(super) use portable::{Difference, digits, string_stops};
#[cfg(target_arch = "x86_64")]
pub(super) use sse2::{Difference, digits, string_stops};

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_and_si128, _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128,
        _mm_set1_epi8, _mm_setzero_si128, _mm_sub_epi8, _mm_xor_si128,
    };

    /// What several words have that was not wanted of them.
    #[derive(Clone, Copy)]
    pub struct Difference(__m128i);

    impl Difference {
        /// None so far.
        #[inline(always)]
        pub fn none() -> Self {
            // SAFETY: SSE2 is in the base instruction set of x86-64, the only target this is built for.
            Self(unsafe { _mm_setzero_si128() })
        }

        /// Adds where `word` is not `wanted`, as far as `mask` has ones.
        #[inline(always)]
        pub fn with(self, word: u128, wanted: u128, mask: u128) -> Self {
            // SAFETY: SSE2 is in the base instruction set of x86-64, the only target this is built for.
            unsafe {
                let other = _mm_xor_si128(vector(word), vector(wanted));
                Self(_mm_or_si128(self.0, _mm_and_si128(other, vector(mask))))
            }
        }

        /// Whether every word was as wanted.
        #[inline(always)]
        pub fn is_none(self) -> bool {
            // SAFETY: SSE2 is in the base instruction set of x86-64, the only target this is built for.
            unsafe { _mm_movemask_epi8(_mm_cmpeq_epi8(self.0, _mm_setzero_si128())) == 0xffff }
        }
    }

    /// Bytes that a string cannot simply go on over: quote, backslash, control character.
    #[inline(always)]
    pub fn string_stops(word: u128) -> u32 {
        // SAFETY: SSE2 is in the base instruction set of x86-64, the only target this is built for.
        unsafe {
            let bytes = vector(word);
            let quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'"' as i8));
            let slashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'\\' as i8));
            let controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
            _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, slashes), controls)) as u32
        }
    }

    /// Decimal digits.
    #[inline(always)]
    pub fn digits(word: u128) -> u32 {
        // SAFETY: SSE2 is in the base instruction set of x86-64, the only target this is built for.
        unsafe {
            let values = _mm_sub_epi8(vector(word), _mm_set1_epi8(b'0' as i8));
            let small = _mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values);
            _mm_movemask_epi8(small) as u32
        }
    }

    #[inline(always)]
    fn vector(word: u128) -> __m128i {
        // SAFETY: both are sixteen bytes of which every pattern is a value.
        unsafe { std::mem::transmute::<u128, __m128i>(word) }
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable {
    /// What several words have that was not wanted of them.
    #[derive(Clone, Copy)]
    pub struct Difference(u128);

    impl Difference {
        /// None so far.
        #[inline(always)]
        pub fn none() -> Self {
            Self(0)
        }

        /// Adds where `word` is not `wanted`, as far as `mask` has ones.
        #[inline(always)]
        pub fn with(self, word: u128, wanted: u128, mask: u128) -> Self {
            Self(self.0 | ((word ^ wanted) & mask))
        }

        /// Whether every word was as wanted.
        #[inline(always)]
        pub fn is_none(self) -> bool {
            self.0 == 0
        }
    }

    /// Bytes that a string cannot simply go on over: quote, backslash, control character.
    #[inline(always)]
    pub fn string_stops(word: u128) -> u32 {
        ask(word, |byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
    }

    /// Decimal digits.
    #[inline(always)]
    pub fn digits(word: u128) -> u32 {
        ask(word, |byte| byte.is_ascii_digit())
    }

    #[inline(always)]
    fn ask(word: u128, question: impl Fn(u8) -> bool) -> u32 {
        let bytes = word.to_le_bytes();
        let bit = |(i, &byte): (usize, &u8)| u32::from(question(byte)) << i;
        bytes.iter().enumerate().map(bit).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::portable;

    #[test]
    fn every_bit_of_a_difference_is_seen_as_by_the_twin() {
        let (word, kept) = (u128::from_le_bytes(*b"0123456789abcdef"), 1u128 << 77);
        for bit in 0..128 {
            let other = word ^ (1 << bit);
            for mask in [0, u128::MAX, 1 << bit, !(1 << bit), kept] {
                let fast = super::Difference::none().with(word, word, u128::MAX);
                let slow = portable::Difference::none().with(word, word, u128::MAX);
                assert!(fast.is_none() && slow.is_none());
                let (fast, slow) = (fast.with(word, other, mask), slow.with(word, other, mask));
                // What was seen once stays.
                let (fast, slow) = (fast.with(word, word, mask), slow.with(word, word, mask));
                assert_eq!(fast.is_none(), slow.is_none(), "bit {bit} mask {mask:x}");
                assert_eq!(slow.is_none(), mask >> bit & 1 == 0);
            }
        }
    }

    #[test]
    fn every_byte_is_answered_as_by_the_twin() {
        for byte in 0..=u8::MAX {
            for lane in 0..16 {
                for filler in [0, b'a', b'5', b'"', 0xff] {
                    let mut bytes = [filler; 16];
                    bytes[lane] = byte;
                    let word = u128::from_le_bytes(bytes);
                    assert_eq!(super::string_stops(word), portable::string_stops(word));
                    assert_eq!(super::digits(word), portable::digits(word));
                }
            }
        }
    }
}
