//! MD5 (RFC 1321) and SHA-256 (FIPS 180-4) as their documents tell them.

/// The message, a one bit, zeros, and the length in bits: a multiple of 64 bytes.
fn padded(message: &[u8], length: [u8; 8]) -> Vec<u8> {
    let mut bytes = message.to_vec();
    bytes.push(0x80);
    while bytes.len() % 64 != 56 {
        bytes.push(0);
    }
    bytes.extend(length);
    bytes
}

/// MD5 as hexadecimal digits.
pub fn md5(message: &[u8]) -> String {
    const SHIFTS: [[u32; 4]; 4] = [
        [7, 12, 17, 22],
        [5, 9, 14, 20],
        [4, 11, 16, 23],
        [6, 10, 15, 21],
    ];
    let mut state: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    let bits = message.len() as u64 * 8;
    for block in padded(message, bits.to_le_bytes()).chunks(64) {
        let words: Vec<u32> = block
            .chunks(4)
            .map(|word| u32::from_le_bytes(word.try_into().expect("four bytes")))
            .collect();
        let [mut a, mut b, mut c, mut d] = state;
        for step in 0..64_usize {
            let (mixed, index) = match step / 16 {
                0 => ((b & c) | (!b & d), step),
                1 => ((d & b) | (!d & c), (5 * step + 1) % 16),
                2 => (b ^ c ^ d, (3 * step + 5) % 16),
                _ => (c ^ (b | !d), 7 * step % 16),
            };
            let sine = ((step as f64 + 1.0).sin().abs() * 4_294_967_296.0) as u32;
            let sum = a
                .wrapping_add(mixed)
                .wrapping_add(sine)
                .wrapping_add(words[index]);
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(SHIFTS[step / 16][step % 4]));
        }
        for (state, add) in state.iter_mut().zip([a, b, c, d]) {
            *state = state.wrapping_add(add);
        }
    }
    let bytes = state.iter().flat_map(|word| word.to_le_bytes());
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// The first 32 bits behind the point of a root of `prime`: the greatest r with r^power <= prime * 2^(32 * power).
fn root_bits(prime: u64, power: u32) -> u32 {
    let target = u128::from(prime) << (32 * power);
    let mut root = 0_u128;
    for bit in (0..40).rev() {
        let candidate = root | 1 << bit;
        if candidate.pow(power) <= target {
            root = candidate;
        }
    }
    root as u32
}

fn primes() -> impl Iterator<Item = u64> {
    (2_u64..).filter(|n| (2..*n).all(|divisor| n % divisor != 0))
}

/// SHA-256 as hexadecimal digits.
pub fn sha256(message: &[u8]) -> String {
    let constants: Vec<u32> = primes().take(64).map(|prime| root_bits(prime, 3)).collect();
    let mut state: Vec<u32> = primes().take(8).map(|prime| root_bits(prime, 2)).collect();
    let bits = message.len() as u64 * 8;
    for block in padded(message, bits.to_be_bytes()).chunks(64) {
        let mut words: Vec<u32> = block
            .chunks(4)
            .map(|word| u32::from_be_bytes(word.try_into().expect("four bytes")))
            .collect();
        for at in 16..64 {
            let (x, y) = (words[at - 15], words[at - 2]);
            let x = x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3);
            let y = y.rotate_right(17) ^ y.rotate_right(19) ^ (y >> 10);
            words.push(
                words[at - 16]
                    .wrapping_add(x)
                    .wrapping_add(words[at - 7])
                    .wrapping_add(y),
            );
        }
        let mut v = state.clone();
        for at in 0..64 {
            let e = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let first = [v[7], e, choice, constants[at], words[at]];
            let first = first.iter().fold(0_u32, |sum, x| sum.wrapping_add(*x));
            let a = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(first);
            v[0] = first.wrapping_add(a).wrapping_add(majority);
        }
        for (state, add) in state.iter_mut().zip(v) {
            *state = state.wrapping_add(add);
        }
    }
    state.iter().map(|word| format!("{word:08x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_digests() {
        assert_eq!(md5(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(md5(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(
            sha256(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
