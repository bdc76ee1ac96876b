//! Byte comparisons 64 at a time: AVX2 where the CPU has it, words of eight bytes elsewhere.
//!
//! A loop that wants them is a [`Kernel`]: [`dispatch`] compiles it once for each instruction set and picks
//! one at run time. An instruction set is a token that only its detection hands out, so that a kernel is
//! safe code; the two compilations are each other's twins, and a byte-by-byte one checks both.

#![allow(unsafe_code)] // Entering a function compiled for AVX2, and loads that intrinsics take by pointer.

use super::csv::number;
use std::sync::atomic::{AtomicU8, Ordering};

/// Bytes compared at a time.
pub(crate) const BLOCK: usize = 64;

/// Characters of the longest number that is read at once.
pub(crate) const NUMBER: usize = 16;

/// An instruction set that compares blocks of bytes.
pub(crate) trait Scan: Copy {
    /// For each needle, bit `i` says whether `block[i]` is it.
    fn masks<const N: usize>(self, block: &[u8; BLOCK], needles: [u8; N]) -> [u64; N];

    /// Bit `i` says whether `block[i]` is one of what plain JSON text does not simply go on over: a quote, a
    /// backslash or a control character.
    fn stops(self, block: &[u8; BLOCK]) -> u64;

    /// The number that the last `length` of these characters spell, and how many of its digits stand behind the
    /// point; `None` unless they are digits with at most one point among them, not at the end.
    fn fixed(self, text: &[u8; NUMBER], length: usize) -> Option<(u64, usize)>;

    /// The number that the last `length` of these characters spell; `None` unless they are digits.
    fn integer(self, text: &[u8; NUMBER], length: usize) -> Option<u64>;

    /// Runs a kernel out of line, compiled for the same instruction set: what a tight loop needs seldom should
    /// not take its registers.
    fn enter<K: Kernel>(self, kernel: K) -> K::Output;
}

/// A loop over blocks. `run` and what it calls should be `#[inline(always)]`, for only what is inlined is
/// compiled for the instruction set chosen.
pub(crate) trait Kernel {
    /// What it finds.
    type Output;

    /// The loop.
    fn run<S: Scan>(self, scan: S) -> Self::Output;
}

/// Which instruction set kernels use; read once a kernel, not once a block.
static LEVEL: AtomicU8 = AtomicU8::new(UNKNOWN);
const UNKNOWN: u8 = 0;
const PORTABLE: u8 = 1;
#[cfg(target_arch = "x86_64")]
const AVX2: u8 = 2;

/// Makes every kernel that starts from now on use the words of eight bytes, for the rest of the process:
/// counts of instructions must not depend on the CPU that they are taken on. Answers do not change.
pub fn force_portable() {
    // Relaxed: either instruction set is right, whichever a concurrent kernel sees.
    LEVEL.store(PORTABLE, Ordering::Relaxed);
}

/// The instruction set that a kernel would use now: `avx2` or `portable`.
pub fn level() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    if avx2::Avx2::detect().is_some() {
        return "avx2";
    }
    "portable"
}

/// Runs a kernel with the best instruction set of this CPU.
#[inline]
pub(crate) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = avx2::Avx2::detect() {
        return avx2.enter(kernel);
    }
    kernel.run(Swar)
}

/// The block at `bytes[at..]` and which of its bytes are of `bytes`; a short rest is copied to `room`.
#[inline(always)]
pub(crate) fn block_at<'a>(
    bytes: &'a [u8],
    at: usize,
    room: &'a mut [u8; BLOCK],
) -> (&'a [u8; BLOCK], u64) {
    let rest = &bytes[at..];
    match rest.first_chunk::<BLOCK>() {
        Some(block) => (block, u64::MAX),
        None => {
            room[..rest.len()].copy_from_slice(rest);
            (room, !(u64::MAX << rest.len()))
        }
    }
}

/// Words of eight bytes, for every CPU.
#[derive(Clone, Copy)]
pub(crate) struct Swar;

impl Scan for Swar {
    #[inline(always)]
    fn masks<const N: usize>(self, block: &[u8; BLOCK], needles: [u8; N]) -> [u64; N] {
        const ONES: u64 = 0x0101_0101_0101_0101;
        const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
        let mut masks = [0; N];
        for (at, bytes) in block.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*bytes);
            for needle in 0..N {
                let other = word ^ (ONES * u64::from(needles[needle]));
                // The top bit of a byte is set exactly where all its bits are clear: no carry leaves a byte.
                let equal = !(((other & LOW) + LOW) | other | LOW);
                // One multiplication gathers the eight top bits in the highest byte.
                let bits = (equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
                masks[needle] |= bits << (8 * at);
            }
        }
        masks
    }

    #[inline(always)]
    fn stops(self, block: &[u8; BLOCK]) -> u64 {
        const ONES: u64 = 0x0101_0101_0101_0101;
        const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
        // As in `masks`: the top bit of each byte that is 0.
        let zeros = |word: u64| !(((word & LOW) + LOW) | word | LOW);
        let mut mask = 0;
        for (at, bytes) in block.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*bytes);
            let quotes = zeros(word ^ (ONES * u64::from(b'"')));
            let slashes = zeros(word ^ (ONES * u64::from(b'\\')));
            let stops = quotes | slashes | zeros(word & (ONES * 0xe0));
            mask |= ((stops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * at);
        }
        mask
    }

    #[inline(always)]
    fn fixed(self, text: &[u8; NUMBER], length: usize) -> Option<(u64, usize)> {
        number::fixed_words(text, length)
    }

    #[inline(always)]
    fn integer(self, text: &[u8; NUMBER], length: usize) -> Option<u64> {
        number::integer_words(text, length)
    }

    fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{AVX2, BLOCK, Kernel, LEVEL, NUMBER, Ordering, PORTABLE, Scan, UNKNOWN};
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_and_si128, _mm_cmpeq_epi8, _mm_cvtsi128_si64, _mm_loadu_si128,
        _mm_madd_epi16, _mm_maddubs_epi16, _mm_movemask_epi8, _mm_packus_epi32, _mm_set1_epi8,
        _mm_set1_epi16, _mm_set1_epi32, _mm_shuffle_epi8, _mm_sub_epi8, _mm_subs_epu8,
        _mm_testz_si128, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    };

    /// Proof that this CPU has AVX2 and the bit manipulation that came with it.
    #[derive(Clone, Copy)]
    pub(super) struct Avx2(());

    impl Avx2 {
        /// The token, if the CPU has all of it and nobody wants to do without. The standard library asks the
        /// CPU once.
        #[inline(always)]
        pub(super) fn detect() -> Option<Self> {
            // Relaxed: any level that a concurrent kernel sees is right, and only `look` writes AVX2.
            match LEVEL.load(Ordering::Relaxed) {
                AVX2 => Some(Self(())),
                PORTABLE => None,
                _ => Self::look(),
            }
        }

        #[cold]
        fn look() -> Option<Self> {
            let all = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt");
            let level = if all { AVX2 } else { PORTABLE };
            // Relaxed, both: as above. A level that was forced meanwhile stays.
            let known =
                LEVEL.compare_exchange(UNKNOWN, level, Ordering::Relaxed, Ordering::Relaxed);
            (known.is_ok() && all).then_some(Self(()))
        }

        #[inline(always)]
        pub(super) fn enter<K: Kernel>(self, kernel: K) -> K::Output {
            // SAFETY: a token exists only where `detect` found every feature that `run` enables.
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
            // SAFETY: a token exists only where `detect` found AVX2.
            unsafe { masks(block, needles) }
        }

        #[inline(always)]
        fn stops(self, block: &[u8; BLOCK]) -> u64 {
            // SAFETY: a token exists only where `detect` found AVX2.
            unsafe { stops(block) }
        }

        #[inline(always)]
        fn fixed(self, text: &[u8; NUMBER], length: usize) -> Option<(u64, usize)> {
            // SAFETY: a token exists only where `detect` found AVX2, which brings SSE4.1.
            unsafe { fixed(text, length) }
        }

        #[inline(always)]
        fn integer(self, text: &[u8; NUMBER], length: usize) -> Option<u64> {
            // SAFETY: a token exists only where `detect` found AVX2, which brings SSE4.1.
            unsafe { integer(text, length) }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Masks<'a>(&'a [u8; BLOCK], [u8; 3]);

    impl Kernel for Masks<'_> {
        type Output = [u64; 3];
        fn run<S: Scan>(self, scan: S) -> [u64; 3] {
            scan.masks(self.0, self.1)
        }
    }

    struct Stops<'a>(&'a [u8; BLOCK]);

    impl Kernel for Stops<'_> {
        type Output = u64;
        fn run<S: Scan>(self, scan: S) -> u64 {
            scan.stops(self.0)
        }
    }

    #[test]
    fn every_instruction_set_stops_at_the_same_bytes() {
        for byte in 0..=u8::MAX {
            for lane in 0..BLOCK {
                for filler in [0, 0x1f, b' ', b'!', b'"', b'\\', 0x7f, 0x80, 0xa2, 0xff] {
                    let mut block = [filler; BLOCK];
                    block[lane] = byte;
                    let bit = |(at, &byte): (usize, &u8)| {
                        u64::from(matches!(byte, b'"' | b'\\' | 0..=0x1f)) << at
                    };
                    let wanted: u64 = block.iter().enumerate().map(bit).sum();
                    assert_eq!(Stops(&block).run(Swar), wanted, "{byte} at {lane}");
                    assert_eq!(dispatch(Stops(&block)), wanted, "{byte} at {lane}");
                }
            }
        }
    }

    #[test]
    fn every_instruction_set_agrees_with_byte_by_byte() {
        let seed = 0x5eed_0021u64;
        let mut state = seed;
        for _ in 0..5_000 {
            let mut block = [0; BLOCK];
            let mut needles = [0; 3];
            for byte in block.iter_mut().chain(&mut needles) {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                *byte =
                    [0, 1, 0x2c, 0x7f, 0x80, 0xac, 0xff, state as u8][(state >> 40) as usize % 8];
            }
            let wanted: [u64; 3] = needles.map(|needle| {
                let bit = |(at, &byte): (usize, &u8)| u64::from(byte == needle) << at;
                block.iter().enumerate().map(bit).sum()
            });
            assert_eq!(Masks(&block, needles).run(Swar), wanted, "seed {seed:#x}");
            assert_eq!(dispatch(Masks(&block, needles)), wanted, "seed {seed:#x}");
        }
    }

    #[test]
    fn short_blocks_end_with_their_bytes() {
        let bytes = [b','; 70];
        let mut room = [b','; BLOCK];
        assert_eq!(block_at(&bytes, 6, &mut room).1, u64::MAX);
        assert_eq!(block_at(&bytes, 7, &mut room).1, u64::MAX >> 1);
        assert_eq!(block_at(&bytes, 70, &mut room).1, 0);
    }
}
