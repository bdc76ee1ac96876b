//! Eight short numbers at a time, with AVX2: a word of eight bytes that ends where the number ends lies in each
//! 64-bit lane, so that one instruction does for four numbers what the words of `number` do for one.
//!
//! ```text
//! bytes      ..SYM0992,65.36,211,S      ends at the comma behind
//! word       9 2 , 6 5 . 3 6            the last eight bytes
//! keep       . . . f f f f f            those of the number, a minus sign aside
//! digits     0 0 0 0 6 5 3 6            without the point: what stands before it moves up by one
//! ```

use super::{LANES, Places};
use crate::batch::{TEXT_INLINE, TextView};
use std::arch::x86_64::{
    __m256i, _mm_and_si128, _mm_cmpeq_epi8, _mm_cvtsi32_si128, _mm_loadu_si128, _mm_movemask_epi8,
    _mm_or_si128, _mm_set1_epi8, _mm_setzero_si128, _mm_slli_si128, _mm_store_si128,
    _mm256_add_epi32, _mm256_add_epi64, _mm256_and_pd, _mm256_and_si256, _mm256_andnot_si256,
    _mm256_castps_si256, _mm256_castps256_ps128, _mm256_castsi256_pd, _mm256_castsi256_ps,
    _mm256_castsi256_si128, _mm256_cmpeq_epi8, _mm256_cmpeq_epi32, _mm256_cmpeq_epi64,
    _mm256_cvtepi32_epi64, _mm256_cvtepi32_pd, _mm256_cvtepu32_epi64, _mm256_cvtps_pd,
    _mm256_div_pd, _mm256_extractf128_ps, _mm256_extracti128_si256, _mm256_loadu_ps,
    _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_max_epu32,
    _mm256_min_epu32, _mm256_movemask_epi8, _mm256_movemask_pd, _mm256_movemask_ps,
    _mm256_or_si256, _mm256_packus_epi32, _mm256_permute4x64_epi64, _mm256_permutevar8x32_ps,
    _mm256_sad_epu8, _mm256_set_epi64x, _mm256_set1_epi8, _mm256_set1_epi16, _mm256_set1_epi32,
    _mm256_set1_epi64x, _mm256_set1_pd, _mm256_setzero_si256, _mm256_shuffle_ps, _mm256_slli_epi64,
    _mm256_sllv_epi64, _mm256_srlv_epi64, _mm256_storeu_pd, _mm256_storeu_si256, _mm256_sub_epi8,
    _mm256_sub_epi32, _mm256_sub_epi64, _mm256_subs_epu8, _mm256_xor_pd, _mm256_xor_si256,
};

/// Characters of the longest number.
const CHARACTERS: usize = 8;

/// What a number with so many bytes from its point on is divided by; 0 of them: it has no point. That is exact, as
/// every power of ten below 2^24 is.
const POWERS: [f32; LANES] = [1.0, 1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];

/// Numbers of 32 bits each.
struct Numbers {
    /// Without sign and point.
    digits: __m256i,
    /// All ones where there is a minus sign.
    negative: __m256i,
    /// Bytes from the point on; 0 where there is none.
    from_point: __m256i,
    /// Bit `i` is set where lane `i` holds a number.
    taken: u32,
}

/// As [`Numbers`], in the 64-bit lanes that they are read in.
struct Half {
    /// The digits as bytes.
    digits: __m256i,
    negative: __m256i,
    from_point: __m256i,
    taken: u32,
}

/// Integers of at most eight characters; bit `i` of the result says whether `values[i]` is one.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn integers(bytes: &[u8], places: Places<'_>, values: &mut [i64; LANES]) -> u32 {
    let Some(Numbers {
        digits,
        negative,
        taken,
        ..
    }) = numbers::<false>(bytes, places)
    else {
        return 0;
    };
    let signed = _mm256_sub_epi32(_mm256_xor_si256(digits, negative), negative);
    let low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(signed));
    let high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256::<1>(signed));
    let halves: *mut __m256i = values.as_mut_ptr().cast();
    // SAFETY: there are eight values of eight bytes, and these stores need no alignment.
    unsafe {
        _mm256_storeu_si256(halves, low);
        _mm256_storeu_si256(halves.add(1), high);
    }
    taken
}

/// Numbers of at most eight characters with an optional point, as DOUBLEs; bit `i` of the result says whether
/// `values[i]` is one. Digits and powers of ten are exact, so that the division alone rounds (Clinger 1990).
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn doubles(bytes: &[u8], places: Places<'_>, values: &mut [f64; LANES]) -> u32 {
    let Some(numbers) = numbers::<true>(bytes, places) else {
        return 0;
    };
    // SAFETY: there are eight powers of four bytes, and this load needs no alignment.
    let powers = unsafe { _mm256_loadu_ps(POWERS.as_ptr()) };
    let powers = _mm256_permutevar8x32_ps(powers, numbers.from_point);
    let minus = _mm256_set1_pd(-0.0);
    let (digits, negative) = (numbers.digits, numbers.negative);
    let low = _mm256_div_pd(
        _mm256_cvtepi32_pd(_mm256_castsi256_si128(digits)),
        _mm256_cvtps_pd(_mm256_castps256_ps128(powers)),
    );
    let high = _mm256_div_pd(
        _mm256_cvtepi32_pd(_mm256_extracti128_si256::<1>(digits)),
        _mm256_cvtps_pd(_mm256_extractf128_ps::<1>(powers)),
    );
    let low_sign = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(negative));
    let high_sign = _mm256_cvtepi32_epi64(_mm256_extracti128_si256::<1>(negative));
    let low_sign = _mm256_and_pd(_mm256_castsi256_pd(low_sign), minus);
    let high_sign = _mm256_and_pd(_mm256_castsi256_pd(high_sign), minus);
    // SAFETY: there are eight values of eight bytes, and these stores need no alignment.
    unsafe {
        _mm256_storeu_pd(values.as_mut_ptr(), _mm256_xor_pd(low, low_sign));
        _mm256_storeu_pd(values.as_mut_ptr().add(4), _mm256_xor_pd(high, high_sign));
    }
    numbers.taken
}

/// Numbers of at most eight characters with an optional point: their digits with the sign, and how many of those stand
/// behind the point. Bit `i` of the result says whether lane `i` holds one.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn fixeds(
    bytes: &[u8],
    places: Places<'_>,
    digits: &mut [i32; LANES],
    fractions: &mut [u32; LANES],
) -> u32 {
    let Some(numbers) = numbers::<true>(bytes, places) else {
        return 0;
    };
    let negative = numbers.negative;
    let signed = _mm256_sub_epi32(_mm256_xor_si256(numbers.digits, negative), negative);
    let pointless = _mm256_cmpeq_epi32(numbers.from_point, _mm256_setzero_si256());
    let one = _mm256_andnot_si256(pointless, _mm256_set1_epi32(1));
    let behind = _mm256_sub_epi32(numbers.from_point, one);
    // SAFETY: there are eight entries of four bytes in each, and these stores need no alignment.
    unsafe {
        _mm256_storeu_si256(digits.as_mut_ptr().cast(), signed);
        _mm256_storeu_si256(fractions.as_mut_ptr().cast(), behind);
    }
    numbers.taken
}

/// For each length the bytes of a text at the front of its word: 16 of these from 16 - length on.
const TEXT_BYTES: [u8; 32] = {
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 16 {
        bytes[at] = 0xff;
        at += 1;
    }
    bytes
};

/// Texts of 1 to 12 bytes of ASCII that do not begin with `quote`, as views; bit `i` of the result says whether
/// `views[i]` is one. A text that is no ASCII leaves all of them.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn texts(
    bytes: &[u8],
    places: Places<'_>,
    quote: u8,
    views: &mut [TextView; LANES],
) -> u32 {
    let Some(short) = short_texts(bytes, places, TEXT_INLINE) else {
        return 0;
    };
    let (mut firsts, mut all) = (_mm_setzero_si128(), _mm_setzero_si128());
    let quotes = _mm_set1_epi8(quote as i8);
    for lane in 0..LANES {
        let start = places.before[lane].wrapping_add(1);
        let length = places.ends[lane].wrapping_sub(start) & 15;
        // SAFETY: no start is behind the last of which 16 bytes follow, as was just seen; there are as many in
        // the table behind 16, and a view takes as many, of any value.
        unsafe {
            let word = _mm_loadu_si128(bytes.as_ptr().add(start as usize).cast());
            let keep = TEXT_BYTES.as_ptr().add(16 - length as usize);
            let text = _mm_and_si128(word, _mm_loadu_si128(keep.cast()));
            firsts = _mm_or_si128(firsts, _mm_cmpeq_epi8(word, quotes));
            all = _mm_or_si128(all, text);
            let view = _mm_or_si128(_mm_slli_si128::<4>(text), _mm_cvtsi32_si128(length as i32));
            _mm_store_si128(views.as_mut_ptr().add(lane).cast(), view);
        }
    }
    if _mm_movemask_epi8(all) != 0 || _mm_movemask_epi8(firsts) & 1 == 1 {
        return 0;
    }
    short
}

/// Which lanes are texts of 1 to `longest` bytes; `None` when the 16 bytes from the start of one reach out of the bytes.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn short_texts(bytes: &[u8], places: Places<'_>, longest: usize) -> Option<u32> {
    let last = bytes.len().checked_sub(16)?;
    let (before, ends) = both(places);
    let starts = _mm256_add_epi32(before, _mm256_set1_epi32(1));
    let last = _mm256_set1_epi32(u32::try_from(last).unwrap_or(u32::MAX) as i32);
    let within = _mm256_cmpeq_epi32(_mm256_min_epu32(starts, last), starts);
    if _mm256_movemask_epi8(within) != -1 {
        return None;
    }
    // Of an empty text this wraps, and is longer than any.
    let spare = _mm256_sub_epi32(_mm256_sub_epi32(ends, starts), _mm256_set1_epi32(1));
    let longest = _mm256_set1_epi32(longest as i32 - 1);
    let short = _mm256_cmpeq_epi32(_mm256_min_epu32(spare, longest), spare);
    Some(_mm256_movemask_ps(_mm256_castsi256_ps(short)) as u32)
}

/// Whether `least` bytes before each of these ends, and the ends, lie within the bytes.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn are_within(bytes: &[u8], ends: __m256i, least: usize) -> bool {
    let least = _mm256_max_epu32(ends, _mm256_set1_epi32(least as i32));
    let most = _mm256_set1_epi32(u32::try_from(bytes.len()).unwrap_or(u32::MAX) as i32);
    let within = _mm256_min_epu32(least, most);
    _mm256_movemask_epi8(_mm256_cmpeq_epi32(within, ends)) == -1
}

/// Both places of eight fields.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn both(places: Places<'_>) -> (__m256i, __m256i) {
    // SAFETY: there are eight entries of four bytes in each, and these loads need no alignment.
    unsafe {
        (
            _mm256_loadu_si256(places.before.as_ptr().cast()),
            _mm256_loadu_si256(places.ends.as_ptr().cast()),
        )
    }
}

/// Reads the lanes; `None` when a word would reach out of the bytes.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn numbers<const POINT: bool>(bytes: &[u8], places: Places<'_>) -> Option<Numbers> {
    let (before, ends) = both(places);
    if !are_within(bytes, ends, CHARACTERS) {
        return None;
    }
    let word = |lane: usize| {
        let start = places.ends[lane] as usize - CHARACTERS;
        // SAFETY: every end is at least eight and at most the length, as was just seen.
        unsafe { bytes.as_ptr().add(start).cast::<i64>().read_unaligned() }
    };
    let lengths = _mm256_sub_epi32(_mm256_sub_epi32(ends, before), _mm256_set1_epi32(1));
    let low = half::<POINT>(
        _mm256_set_epi64x(word(3), word(2), word(1), word(0)),
        _mm256_cvtepu32_epi64(_mm256_castsi256_si128(lengths)),
    );
    let high = half::<POINT>(
        _mm256_set_epi64x(word(7), word(6), word(5), word(4)),
        _mm256_cvtepu32_epi64(_mm256_extracti128_si256::<1>(lengths)),
    );
    Some(Numbers {
        digits: values_of(low.digits, high.digits),
        negative: joined(low.negative, high.negative),
        from_point: joined(low.from_point, high.from_point),
        taken: low.taken | (high.taken << 4),
    })
}

/// Four numbers; what it does not take has any digits.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn half<const POINT: bool>(words: __m256i, lengths: __m256i) -> Half {
    let (zero, ones) = (_mm256_setzero_si256(), _mm256_set1_epi64x(-1));
    // Of a number that is too long this wraps, and shifts by so much leave nothing.
    let blank = _mm256_sub_epi64(_mm256_set1_epi64x(64), _mm256_slli_epi64::<3>(lengths));
    let first = _mm256_and_si256(_mm256_srlv_epi64(words, blank), _mm256_set1_epi64x(0xff));
    let negative = _mm256_cmpeq_epi64(first, _mm256_set1_epi64x(i64::from(b'-')));
    let blank = _mm256_add_epi64(blank, _mm256_and_si256(negative, _mm256_set1_epi64x(8)));
    let keep = _mm256_sllv_epi64(ones, blank);
    let digits = _mm256_sub_epi8(words, _mm256_set1_epi8(b'0' as i8));
    let digits = _mm256_and_si256(digits, keep);
    if !POINT {
        let empty = _mm256_cmpeq_epi64(keep, zero);
        let taken = _mm256_andnot_si256(empty, all_digits(digits));
        return Half {
            digits,
            negative,
            from_point: zero,
            taken: lanes_of(taken),
        };
    }
    let points = _mm256_cmpeq_epi8(words, _mm256_set1_epi8(b'.' as i8));
    let points = _mm256_and_si256(points, keep);
    // The lowest bit of the first point, and from it all ones up to the top; nothing without a point.
    let lowest = _mm256_and_si256(points, _mm256_sub_epi64(zero, points));
    let from = _mm256_sub_epi64(zero, lowest);
    let pointless = _mm256_cmpeq_epi64(points, zero);
    let behind = _mm256_or_si256(_mm256_slli_epi64::<8>(from), pointless);
    let before = _mm256_andnot_si256(_mm256_or_si256(from, pointless), digits);
    let joined = _mm256_or_si256(
        _mm256_and_si256(digits, behind),
        _mm256_slli_epi64::<8>(before),
    );
    // A digit must stand before the point. A second point is no digit, and one at the end is in the top byte.
    let headless = _mm256_cmpeq_epi64(_mm256_andnot_si256(from, keep), zero);
    let taken = _mm256_andnot_si256(headless, all_digits(joined));
    Half {
        digits: joined,
        negative,
        from_point: _mm256_sad_epu8(_mm256_and_si256(from, _mm256_set1_epi8(1)), zero),
        taken: lanes_of(taken) & !lanes_of(points),
    }
}

/// All ones in the lanes whose bytes are all digits' values.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn all_digits(digits: __m256i) -> __m256i {
    let over = _mm256_subs_epu8(digits, _mm256_set1_epi8(9));
    _mm256_cmpeq_epi64(over, _mm256_setzero_si256())
}

/// The top bits of the four lanes.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn lanes_of(lanes: __m256i) -> u32 {
    _mm256_movemask_pd(_mm256_castsi256_pd(lanes)) as u32
}

/// The low halves of eight 64-bit lanes.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn joined(low: __m256i, high: __m256i) -> __m256i {
    let low = _mm256_castsi256_ps(low);
    let both = _mm256_shuffle_ps::<0b10_00_10_00>(low, _mm256_castsi256_ps(high));
    _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_castps_si256(both))
}

/// The numbers of eight digits each, the first in the lowest byte of its lane (Mula, "SIMD-ized faster parse of
/// integers").
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn values_of(low: __m256i, high: __m256i) -> __m256i {
    let (tens, hundreds) = (_mm256_set1_epi16(0x010a), _mm256_set1_epi32(0x0001_0064));
    let low = _mm256_madd_epi16(_mm256_maddubs_epi16(low, tens), hundreds);
    let high = _mm256_madd_epi16(_mm256_maddubs_epi16(high, tens), hundreds);
    let fours = _mm256_packus_epi32(low, high);
    let eights = _mm256_madd_epi16(fours, _mm256_set1_epi32(0x0001_2710));
    _mm256_permute4x64_epi64::<0b11_01_10_00>(eights)
}
