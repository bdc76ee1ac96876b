//! AVX-512 as CPUs from Ice Lake and Zen 4 on have it, which do not slow down for it: a block is one register, and a
//! comparison of its bytes is a mask at once.

use super::avx2::Avx2;
use super::{BLOCK, EpochHead, Kernel, LANES, NUMBER, Places, Scan};
use crate::batch::TextView;
use std::arch::x86_64::{
    __m512i, _mm512_cmpeq_epi8_mask, _mm512_cmplt_epu8_mask, _mm512_loadu_si512, _mm512_set1_epi8,
};

/// Proof that this CPU has AVX-512 with what Ice Lake brought, and all that [`Avx2`] stands for.
#[derive(Clone, Copy)]
pub(super) struct Avx512(Avx2);

impl Avx512 {
    /// The token, if the CPU has all of it.
    pub(super) fn look(avx2: Avx2) -> Option<Self> {
        let all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vbmi2");
        all.then_some(Self(avx2))
    }

    /// The token without a look.
    ///
    /// # Safety
    /// [`Self::look`] has given one.
    #[inline(always)]
    pub(super) unsafe fn assume() -> Self {
        // SAFETY: who has this token had the other one.
        Self(unsafe { Avx2::assume() })
    }

    #[inline(always)]
    pub(super) fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        // SAFETY: a token exists only where `look` found every feature that `run` enables.
        unsafe { run(self, kernel) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx2,bmi1,bmi2,lzcnt,popcnt")]
fn run<K: Kernel>(token: Avx512, kernel: K) -> K::Output {
    kernel.run(token)
}

impl Scan for Avx512 {
    #[inline(always)]
    fn masks<const N: usize>(self, block: &[u8; BLOCK], needles: [u8; N]) -> [u64; N] {
        // SAFETY: a token exists only where `look` found AVX-512.
        unsafe { masks(block, needles) }
    }

    #[inline(always)]
    fn stops(self, block: &[u8; BLOCK]) -> u64 {
        // SAFETY: a token exists only where `look` found AVX-512.
        unsafe { stops(block) }
    }

    #[inline(always)]
    fn fixed(self, text: &[u8; NUMBER], length: usize) -> Option<(u64, usize)> {
        self.0.fixed(text, length)
    }

    #[inline(always)]
    fn integer(self, text: &[u8; NUMBER], length: usize) -> Option<u64> {
        self.0.integer(text, length)
    }

    #[inline(always)]
    fn integers(self, bytes: &[u8], places: Places<'_>, values: &mut [i64; LANES]) -> u32 {
        self.0.integers(bytes, places, values)
    }

    #[inline(always)]
    fn doubles(self, bytes: &[u8], places: Places<'_>, values: &mut [f64; LANES]) -> u32 {
        self.0.doubles(bytes, places, values)
    }

    #[inline(always)]
    fn fixeds(
        self,
        bytes: &[u8],
        places: Places<'_>,
        digits: &mut [i32; LANES],
        fractions: &mut [u32; LANES],
    ) -> u32 {
        self.0.fixeds(bytes, places, digits, fractions)
    }

    #[inline(always)]
    fn texts(
        self,
        bytes: &[u8],
        places: Places<'_>,
        quote: u8,
        views: &mut [TextView; LANES],
    ) -> u32 {
        self.0.texts(bytes, places, quote, views)
    }

    #[inline(always)]
    fn epochs<const DIGITS: usize>(
        self,
        bytes: &[u8],
        places: Places<'_>,
        head: &mut EpochHead,
        times: &mut [i64; LANES],
    ) -> u32 {
        self.0.epochs::<DIGITS>(bytes, places, head, times)
    }

    #[inline(always)]
    fn text_hashes(
        self,
        bytes: &[u8],
        places: Places<'_>,
        seed: u64,
        hashes: &mut [u64; LANES],
    ) -> u32 {
        self.0.text_hashes(bytes, places, seed, hashes)
    }

    fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        Avx512::enter(self, kernel)
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn load(block: &[u8; BLOCK]) -> __m512i {
    // SAFETY: the block has 64 bytes, and this load needs no alignment.
    unsafe { _mm512_loadu_si512(block.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn masks<const N: usize>(block: &[u8; BLOCK], needles: [u8; N]) -> [u64; N] {
    let block = load(block);
    let mut masks = [0; N];
    // By index, as with AVX2.
    for at in 0..N {
        masks[at] = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(needles[at] as i8));
    }
    masks
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn stops(block: &[u8; BLOCK]) -> u64 {
    let block = load(block);
    let of = |byte: u8| _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(byte as i8));
    of(b'"') | of(b'\\') | _mm512_cmplt_epu8_mask(block, _mm512_set1_epi8(0x20))
}
