//! Byte comparisons 64 at a time, and numbers, texts and times eight at a time: AVX-512 or AVX2 where the CPU has it, words
//! of eight bytes elsewhere.
//!
//! A loop that wants them is a [`Kernel`]: [`dispatch`] compiles it once for each instruction set and picks
//! one at run time. An instruction set is a token that only its detection hands out, so that a kernel is
//! safe code; the compilations are each other's twins, and a byte-by-byte one checks them all.

#![allow(unsafe_code)] // Entering functions compiled for an instruction set, and loads that intrinsics take by pointer.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod keys;
#[cfg(target_arch = "x86_64")]
mod lanes;

use super::csv::number;
use crate::batch::TextView;
use std::sync::atomic::{AtomicU8, Ordering};

/// Bytes compared at a time.
pub(crate) const BLOCK: usize = 64;

/// Characters of the longest number that is read at once.
pub(crate) const NUMBER: usize = 16;

/// Numbers read at a time, at most.
pub(crate) const LANES: usize = 8;

/// Where so many fields lie.
#[derive(Clone, Copy)]
pub(crate) struct Places<'a> {
    /// The index before each one's first byte, which wraps at 0.
    pub before: &'a [u32; LANES],
    /// The index behind its last.
    pub ends: &'a [u32; LANES],
}

/// All but the last digits of epoch times of one length: milliseconds have 13 digits from 2001 to 2286, microseconds 16,
/// nanoseconds 19.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EpochHead {
    /// Its first eight digits as they stand, and its last.
    first: i64,
    last: i64,
    /// The nanoseconds that they stand for; `None` unless they are digits, and of a time whatever follows.
    base: Option<i64>,
}

#[cfg(target_arch = "x86_64")]
impl EpochHead {
    /// Digits behind the head.
    const fn tail(digits: usize) -> usize {
        if digits == 13 { 5 } else { 8 }
    }

    /// Nanoseconds of the last digit.
    const fn unit(digits: usize) -> i64 {
        number::POWERS_OF_TEN[19 - digits] as i64
    }

    /// The head of a time of so many digits that begins and ends with these characters.
    fn of(digits: usize, first: i64, last: i64) -> Self {
        let ends = number::POWERS_OF_TEN[Self::tail(digits)];
        let (head, tail) = (first.to_le_bytes(), last.to_le_bytes());
        let more = &tail[16 - (digits - Self::tail(digits))..];
        let value = head.iter().chain(more).try_fold(0, |value, &byte| {
            let digit = byte.wrapping_sub(b'0');
            (digit < 10).then_some(10 * value + u64::from(digit))
        });
        let unit = Self::unit(digits);
        let greatest = (i64::MAX / unit) as u64;
        let least = value.and_then(|value| value.checked_mul(ends));
        let least = least.filter(|&least| least <= greatest - (ends - 1));
        Self {
            first,
            last,
            base: least.map(|least| least as i64 * unit),
        }
    }
}

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

    /// Integers of at most eight characters, read at a time: bit `i` of the result says whether `values[i]` is one,
    /// where it is not the value is any. An instruction set may take none.
    #[inline(always)]
    fn integers(self, bytes: &[u8], places: Places<'_>, values: &mut [i64; LANES]) -> u32 {
        let _ = (bytes, places, values);
        0
    }

    /// The same of numbers with at most one point among the digits, as DOUBLEs.
    #[inline(always)]
    fn doubles(self, bytes: &[u8], places: Places<'_>, values: &mut [f64; LANES]) -> u32 {
        let _ = (bytes, places, values);
        0
    }

    /// The same, as digits with a sign and how many of them stand behind the point.
    #[inline(always)]
    fn fixeds(
        self,
        bytes: &[u8],
        places: Places<'_>,
        digits: &mut [i32; LANES],
        fractions: &mut [u32; LANES],
    ) -> u32 {
        let _ = (bytes, places, digits, fractions);
        0
    }

    /// The same of texts of at most twelve bytes of ASCII that do not begin with `quote`, as views.
    #[inline(always)]
    fn texts(
        self,
        bytes: &[u8],
        places: Places<'_>,
        quote: u8,
        views: &mut [TextView; LANES],
    ) -> u32 {
        let _ = (bytes, places, quote, views);
        0
    }

    /// The same of epoch times of so many digits, 13, 16 or 19, in milli-, micro- or nanoseconds, as nanoseconds. `head` is
    /// kept from call to call.
    #[inline(always)]
    fn epochs<const DIGITS: usize>(
        self,
        bytes: &[u8],
        places: Places<'_>,
        head: &mut EpochHead,
        times: &mut [i64; LANES],
    ) -> u32 {
        let _ = (bytes, places, head, times);
        0
    }

    /// The same of hashes of texts of at most 16 bytes of ASCII.
    #[inline(always)]
    fn text_hashes(
        self,
        bytes: &[u8],
        places: Places<'_>,
        seed: u64,
        hashes: &mut [u64; LANES],
    ) -> u32 {
        let _ = (bytes, places, seed, hashes);
        0
    }

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
const AVX2: u8 = 2;
const AVX512: u8 = 3;
/// Names of the levels from [`PORTABLE`] on.
const NAMES: [&str; 3] = ["portable", "avx2", "avx512"];

/// Makes every kernel that starts from now on use the named instruction set, for the rest of the process: counts of
/// instructions must not depend on the CPU that they are taken on. False when the CPU has no such thing. Answers do not
/// change.
pub fn force(name: &str) -> bool {
    let level = NAMES.iter().position(|&level| level == name);
    let Some(level) = level.map(|at| at as u8 + PORTABLE) else {
        return false;
    };
    if level > best() {
        return false;
    }
    // Relaxed: any instruction set is right, whichever a concurrent kernel sees.
    LEVEL.store(level, Ordering::Relaxed);
    true
}

/// The instruction set that a kernel would use now: `avx512`, `avx2` or `portable`.
pub fn level() -> &'static str {
    NAMES[usize::from(known_level() - PORTABLE)]
}

#[inline(always)]
fn known_level() -> u8 {
    // Relaxed: any level that a concurrent kernel sees is right.
    match LEVEL.load(Ordering::Relaxed) {
        UNKNOWN => look(),
        level => level,
    }
}

#[cold]
fn look() -> u8 {
    let best = best();
    // Relaxed, both: as above. A level that was forced meanwhile stays.
    let known = LEVEL.compare_exchange(UNKNOWN, best, Ordering::Relaxed, Ordering::Relaxed);
    known.map_or_else(|forced| forced, |_| best)
}

/// The best level of this CPU.
fn best() -> u8 {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = avx2::Avx2::look() {
        return match avx512::Avx512::look(avx2) {
            Some(_) => AVX512,
            None => AVX2,
        };
    }
    PORTABLE
}

/// Runs a kernel with the best instruction set of this CPU.
#[inline]
pub(crate) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    match known_level() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a level above PORTABLE is stored only where `best` found the CPU to have it.
        AVX512 => unsafe { avx512::Avx512::assume() }.enter(kernel),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above; what has AVX-512 has AVX2.
        AVX2 => unsafe { avx2::Avx2::assume() }.enter(kernel),
        _ => kernel.run(Swar),
    }
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

#[cfg(test)]
mod tests;
