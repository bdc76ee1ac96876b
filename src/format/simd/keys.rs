//! Event times and hashes of text keys, eight at a time, with AVX2.

use super::lanes::{all_digits, are_within, both, lanes_of, short_texts, values_of};
use super::{EpochHead, LANES, Places};
use crate::hash;
use std::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_castsi256_ps, _mm256_castsi256_si128,
    _mm256_cmpeq_epi32, _mm256_cmpeq_epi64, _mm256_cvtepu32_epi64, _mm256_extracti128_si256,
    _mm256_movemask_ps, _mm256_mul_epu32, _mm256_set_epi64x, _mm256_set1_epi8, _mm256_set1_epi32,
    _mm256_set1_epi64x, _mm256_storeu_si256, _mm256_sub_epi8, _mm256_sub_epi32,
};

/// Epoch times of so many digits, and in the unit that has so many nowadays: bit `i` of the result says whether `times[i]`
/// is one, in nanoseconds. Times that follow each other nearly always share all digits but the last few, the head, which
/// is read once for all of them.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn epochs<const DIGITS: usize>(
    bytes: &[u8],
    places: Places<'_>,
    head: &mut EpochHead,
    times: &mut [i64; LANES],
) -> u32 {
    let tail = EpochHead::tail(DIGITS);
    let (before, ends) = both(places);
    if !are_within(bytes, ends, DIGITS) {
        return 0;
    }
    let lengths = _mm256_sub_epi32(ends, before);
    let long = _mm256_cmpeq_epi32(lengths, _mm256_set1_epi32(DIGITS as i32 + 1));
    let long = _mm256_movemask_ps(_mm256_castsi256_ps(long)) as u32;
    let word = |lane: usize, back: usize| {
        let start = places.ends[lane] as usize - back;
        // SAFETY: every end is at least DIGITS and at most the length, as was just seen, and `back` is 8 .. DIGITS.
        unsafe { bytes.as_ptr().add(start).cast::<i64>().read_unaligned() }
    };
    let words = |first: usize, back: usize| {
        _mm256_set_epi64x(
            word(first + 3, back),
            word(first + 2, back),
            word(first + 1, back),
            word(first, back),
        )
    };
    let firsts = (words(0, DIGITS), words(4, DIGITS));
    // A head of more than eight digits is two words that overlap.
    let lasts = match DIGITS - tail {
        8 => firsts,
        _ => (words(0, tail + 8), words(4, tail + 8)),
    };
    let known_by = |head: &EpochHead| equal(firsts, head.first) & equal(lasts, head.last);
    let mut known = known_by(head);
    if known & long != long {
        *head = EpochHead::of(DIGITS, word(0, DIGITS), word(0, tail + 8));
        known = known_by(head);
    }
    let Some(base) = head.base else {
        return 0;
    };
    let keep = _mm256_set1_epi64x(-1 << (8 * (8 - tail)));
    let zeros = _mm256_set1_epi8(b'0' as i8);
    let digits = |words: __m256i| _mm256_and_si256(_mm256_sub_epi8(words, zeros), keep);
    let (low, high) = (digits(words(0, 8)), digits(words(4, 8)));
    let sound = lanes_of(all_digits(low)) | (lanes_of(all_digits(high)) << 4);
    let tails = values_of(low, high);
    let nanos = |tails: __m256i| {
        let nanos = _mm256_mul_epu32(tails, _mm256_set1_epi64x(EpochHead::unit(DIGITS)));
        _mm256_add_epi64(nanos, _mm256_set1_epi64x(base))
    };
    let low = nanos(_mm256_cvtepu32_epi64(_mm256_castsi256_si128(tails)));
    let high = nanos(_mm256_cvtepu32_epi64(_mm256_extracti128_si256::<1>(tails)));
    let halves: *mut __m256i = times.as_mut_ptr().cast();
    // SAFETY: there are eight times of eight bytes, and these stores need no alignment.
    unsafe {
        _mm256_storeu_si256(halves, low);
        _mm256_storeu_si256(halves.add(1), high);
    }
    known & long & sound
}

/// Which of eight words are `word`.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn equal((low, high): (__m256i, __m256i), word: i64) -> u32 {
    let word = _mm256_set1_epi64x(word);
    let (low, high) = (
        _mm256_cmpeq_epi64(low, word),
        _mm256_cmpeq_epi64(high, word),
    );
    lanes_of(low) | (lanes_of(high) << 4)
}

/// Hashes of texts of 1 to 16 bytes of ASCII: bit `i` of the result says whether `hashes[i]` is one. A text that is
/// no ASCII leaves all of them.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn text_hashes(
    bytes: &[u8],
    places: Places<'_>,
    seed: u64,
    hashes: &mut [u64; LANES],
) -> u32 {
    let Some(short) = short_texts(bytes, places, 16) else {
        return 0;
    };
    let mut all = 0;
    for (lane, slot) in hashes.iter_mut().enumerate() {
        let start = places.before[lane].wrapping_add(1);
        let length = places.ends[lane].wrapping_sub(start) as usize & 31;
        let (keep_low, keep_high) = LOW_BYTES[length];
        // SAFETY: no start is behind the last of which 16 bytes follow, as was just seen.
        let (low, high) = unsafe {
            let word = bytes.as_ptr().add(start as usize).cast::<u64>();
            (word.read_unaligned(), word.add(1).read_unaligned())
        };
        let (low, high) = (low & keep_low, high & keep_high);
        all |= low | high;
        *slot = hash::hash_text_words(seed, low, high, length);
    }
    if all & 0x8080_8080_8080_8080 != 0 {
        return 0;
    }
    short
}

/// For each length the bytes of a text of two words; none where it is longer than they are.
const LOW_BYTES: [(u64, u64); 32] = {
    let mut masks = [(0, 0); 32];
    let mut length = 0;
    while length <= 16 {
        masks[length] = if length < 8 {
            (!(u64::MAX << (8 * length)), 0)
        } else if length < 16 {
            (u64::MAX, !(u64::MAX << (8 * (length - 8))))
        } else {
            (u64::MAX, u64::MAX)
        };
        length += 1;
    }
    masks
};
