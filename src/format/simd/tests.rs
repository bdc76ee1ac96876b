//! Every instruction set of this CPU against byte by byte; `lanes` has eight fields at a time.

mod lanes;

use super::*;

/// What the kernel says with every instruction set of this CPU.
fn at_every_level<K: Kernel + Copy>(kernel: K) -> Vec<K::Output> {
    let mut all = vec![kernel.run(Swar)];
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = avx2::Avx2::look() {
        all.push(avx2.enter(kernel));
        all.extend(avx512::Avx512::look(avx2).map(|avx512| avx512.enter(kernel)));
    }
    all
}

#[derive(Clone, Copy)]
struct Masks<'a>(&'a [u8; BLOCK], [u8; 3]);

impl Kernel for Masks<'_> {
    type Output = [u64; 3];
    fn run<S: Scan>(self, scan: S) -> [u64; 3] {
        scan.masks(self.0, self.1)
    }
}

#[derive(Clone, Copy)]
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
                for stops in at_every_level(Stops(&block)) {
                    assert_eq!(stops, wanted, "{byte} at {lane}");
                }
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
            *byte = [0, 1, 0x2c, 0x7f, 0x80, 0xac, 0xff, state as u8][(state >> 40) as usize % 8];
        }
        let wanted: [u64; 3] = needles.map(|needle| {
            let bit = |(at, &byte): (usize, &u8)| u64::from(byte == needle) << at;
            block.iter().enumerate().map(bit).sum()
        });
        for masks in at_every_level(Masks(&block, needles)) {
            assert_eq!(masks, wanted, "seed {seed:#x}");
        }
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
