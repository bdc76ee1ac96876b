//! AVX2 and the bit manipulation that came with it.

use super::{BLOCK, EpochHead, Kernel, LANES, NUMBER, Places, Scan, keys, lanes};
use crate::batch::TextView;
use std::arch::x86_64::{
    __m128i, __m256i, _mm_and_si128, _mm_cmpeq_epi8, _mm_cvtsi128_si64, _mm_loadu_si128,
    _mm_madd_epi16, _mm_maddubs_epi16, _mm_movemask_epi8, _mm_packus_epi32, _mm_set1_epi8,
    _mm_set1_epi16, _mm_set1_epi32, _mm_shuffle_epi8, _mm_sub_epi8, _mm_subs_epu8, _mm_testz_si128,
    _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set1_epi8,
};

/// Proof that this CPU has AVX2 and the bit manipulation that came with it.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    /// The token, if the CPU has all of it. The standard library asks the CPU once.
    pub(super) fn look() -> Option<Self> {
        let all = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        all.then_some(Self(()))
    }

    /// The token without a look.
    ///
    /// # Safety
    /// [`Self::look`] has given one.
    #[inline(always)]
    pub(super) unsafe fn assume() -> Self {
        Self(())
    }

    #[inline(always)]
    pub(super) fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        // SAFETY: a token exists only where `look` found every feature that `run` enables.
        unsafe { run(self, kernel) }
    }
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn run<K: Kernel>(token: Avx2, kernel: K) -> K::Output {
    kernel.run(token)
}

impl Scan for Avx2 {
    #[inline(always)]
    fn masks<const N: usize>(self, block: &[u8; BLOCK], needles: [u8; N]) -> [u64; N] {
        // SAFETY: a token exists only where `look` found AVX2.
        unsafe { masks(block, needles) }
    }

    #[inline(always)]
    fn stops(self, block: &[u8; BLOCK]) -> u64 {
        // SAFETY: a token exists only where `look` found AVX2.
        unsafe { stops(block) }
    }

    #[inline(always)]
    fn fixed(self, text: &[u8; NUMBER], length: usize) -> Option<(u64, usize)> {
        // SAFETY: a token exists only where `look` found AVX2, which brings SSE4.1.
        unsafe { fixed(text, length) }
    }

    #[inline(always)]
    fn integer(self, text: &[u8; NUMBER], length: usize) -> Option<u64> {
        // SAFETY: a token exists only where `look` found AVX2, which brings SSE4.1.
        unsafe { integer(text, length) }
    }

    #[inline(always)]
    fn integers(self, bytes: &[u8], places: Places<'_>, values: &mut [i64; LANES]) -> u32 {
        // SAFETY: a token exists only where `look` found every feature that is enabled there.
        unsafe { lanes::integers(bytes, places, values) }
    }

    #[inline(always)]
    fn doubles(self, bytes: &[u8], places: Places<'_>, values: &mut [f64; LANES]) -> u32 {
        // SAFETY: as above.
        unsafe { lanes::doubles(bytes, places, values) }
    }

    #[inline(always)]
    fn fixeds(
        self,
        bytes: &[u8],
        places: Places<'_>,
        digits: &mut [i32; LANES],
        fractions: &mut [u32; LANES],
    ) -> u32 {
        // SAFETY: as above.
        unsafe { lanes::fixeds(bytes, places, digits, fractions) }
    }

    #[inline(always)]
    fn texts(
        self,
        bytes: &[u8],
        places: Places<'_>,
        quote: u8,
        views: &mut [TextView; LANES],
    ) -> u32 {
        // SAFETY: as above.
        unsafe { lanes::texts(bytes, places, quote, views) }
    }

    #[inline(always)]
    fn epochs<const DIGITS: usize>(
        self,
        bytes: &[u8],
        places: Places<'_>,
        head: &mut EpochHead,
        times: &mut [i64; LANES],
    ) -> u32 {
        // SAFETY: as above.
        unsafe { keys::epochs::<DIGITS>(bytes, places, head, times) }
    }

    #[inline(always)]
    fn text_hashes(
        self,
        bytes: &[u8],
        places: Places<'_>,
        seed: u64,
        hashes: &mut [u64; LANES],
    ) -> u32 {
        // SAFETY: as above.
        unsafe { keys::text_hashes(bytes, places, seed, hashes) }
    }

    fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        Avx2::enter(self, kernel)
    }
}

/// For each length the bytes of a number at the end of its text: 16 of these from `length` on.
const NUMBER_BYTES: [u8; 2 * NUMBER] = {
    let mut bytes = [0; 2 * NUMBER];
    let mut at = NUMBER;
    while at < 2 * NUMBER {
        bytes[at] = 0xff;
        at += 1;
    }
    bytes
};

/// For each place of a point the order of the digits without it: those before it move up by one.
const WITHOUT_POINT: [[u8; NUMBER]; NUMBER] = {
    let mut orders = [[0; NUMBER]; NUMBER];
    let mut point = 0;
    while point < NUMBER {
        let mut at = 0;
        while at < NUMBER {
            // The top bit asks for a zero.
            orders[point][at] = match at {
                0 => 0x80,
                at if at <= point => at as u8 - 1,
                at => at as u8,
            };
            at += 1;
        }
        point += 1;
    }
    orders
};

#[inline]
#[target_feature(enable = "avx2")]
fn load(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: there are 16 bytes, and this load needs no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

/// All ones in the bytes of a number of `length` characters at the end of its text.
#[inline]
#[target_feature(enable = "avx2")]
fn bytes_of(length: usize) -> __m128i {
    let bytes = NUMBER_BYTES.get(length..).and_then(<[u8]>::first_chunk);
    load(bytes.unwrap_or(&[0xff; NUMBER]))
}

#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
fn fixed(text: &[u8; NUMBER], length: usize) -> Option<(u64, usize)> {
    let (text, of_number) = (load(text), bytes_of(length));
    let digits = _mm_and_si128(_mm_sub_epi8(text, _mm_set1_epi8(b'0' as i8)), of_number);
    let points = _mm_and_si128(_mm_cmpeq_epi8(text, _mm_set1_epi8(b'.' as i8)), of_number);
    let points = _mm_movemask_epi8(points) as u32;
    if points == 0 {
        return Some((value_of(digits)?, 0));
    }
    let point = points.trailing_zeros() as usize;
    if points & (points - 1) != 0 || point == NUMBER - 1 {
        return None;
    }
    let order = load(&WITHOUT_POINT[point % NUMBER]);
    let value = value_of(_mm_shuffle_epi8(digits, order))?;
    Some((value, NUMBER - 1 - point))
}

#[inline]
#[target_feature(enable = "avx2")]
fn integer(text: &[u8; NUMBER], length: usize) -> Option<u64> {
    let digits = _mm_sub_epi8(load(text), _mm_set1_epi8(b'0' as i8));
    value_of(_mm_and_si128(digits, bytes_of(length)))
}

/// The number of 16 digits, the first in the lowest byte; `None` when one is no digit. Neighbours are joined
/// three times (Mula, "SIMD-ized faster parse of integers").
#[inline]
#[target_feature(enable = "avx2")]
fn value_of(digits: __m128i) -> Option<u64> {
    let over = _mm_subs_epu8(digits, _mm_set1_epi8(9));
    if _mm_testz_si128(over, over) == 0 {
        return None;
    }
    let pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(0x010a));
    let fours = _mm_madd_epi16(pairs, _mm_set1_epi32(0x0001_0064));
    let fours = _mm_packus_epi32(fours, fours);
    let eights = _mm_madd_epi16(fours, _mm_set1_epi32(0x0001_2710));
    let eights = _mm_cvtsi128_si64(eights) as u64;
    Some((eights & 0xffff_ffff) * 100_000_000 + (eights >> 32))
}

#[inline]
#[target_feature(enable = "avx2")]
fn stops(block: &[u8; BLOCK]) -> u64 {
    let halves: *const __m256i = block.as_ptr().cast();
    // SAFETY: the block has 64 bytes, and these loads need no alignment.
    let (low, high) = unsafe {
        (
            _mm256_loadu_si256(halves),
            _mm256_loadu_si256(halves.add(1)),
        )
    };
    u64::from(half_stops(low)) | (u64::from(half_stops(high)) << 32)
}

#[inline]
#[target_feature(enable = "avx2")]
fn half_stops(half: __m256i) -> u32 {
    let quotes = _mm256_cmpeq_epi8(half, _mm256_set1_epi8(b'"' as i8));
    let slashes = _mm256_cmpeq_epi8(half, _mm256_set1_epi8(b'\\' as i8));
    let controls = _mm256_cmpeq_epi8(_mm256_min_epu8(half, _mm256_set1_epi8(0x1f)), half);
    _mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quotes, slashes), controls)) as u32
}

#[inline]
#[target_feature(enable = "avx2")]
fn masks<const N: usize>(block: &[u8; BLOCK], needles: [u8; N]) -> [u64; N] {
    let halves: *const __m256i = block.as_ptr().cast();
    // SAFETY: the block has 64 bytes, and these loads need no alignment.
    let (low, high) = unsafe {
        (
            _mm256_loadu_si256(halves),
            _mm256_loadu_si256(halves.add(1)),
        )
    };
    let mut masks = [0; N];
    // By index: an iterator over the array is built on the stack, for every block.
    for at in 0..N {
        let needle = _mm256_set1_epi8(needles[at] as i8);
        let low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, needle)) as u32;
        let high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, needle)) as u32;
        masks[at] = u64::from(low) | (u64::from(high) << 32);
    }
    masks
}
