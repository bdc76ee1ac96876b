//! Questions to 16 bytes at once; bit `i` of an answer is about byte `i`, in the order of memory.
//!
//! SSE2 is part of every x86-64 and answers with one instruction a step; `portable` is its twin, and what
//! other machines run.

#![allow(unsafe_code)] // SIMD kernels: registers only, no memory is touched.

#[cfg(not(target_arch = "x86_64"))]
pub(super) use portable::{digits, string_stops};
#[cfg(target_arch = "x86_64")]
pub(super) use sse2::{digits, string_stops};

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x,
        _mm_set1_epi8, _mm_sub_epi8,
    };

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
        // SAFETY: SSE2 is in the base instruction set of x86-64, the only target this is built for.
        unsafe { _mm_set_epi64x((word >> 64) as i64, word as i64) }
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable {
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
