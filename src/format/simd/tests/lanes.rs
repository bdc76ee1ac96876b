//! Eight fields at a time against the readers of one, at every level that the CPU has.

use super::*;
use crate::batch::{TEXT_INLINE, TextView};
use crate::format::csv::number;
use crate::hash;

/// What all methods make of eight fields.
#[derive(Clone, Debug, Default)]
struct Lanes {
    integers: (u32, [i64; LANES]),
    doubles: (u32, [f64; LANES]),
    fixeds: (u32, [i32; LANES], [u32; LANES]),
    texts: (u32, [TextView; LANES]),
    epochs: [(u32, [i64; LANES]); 3],
    hashes: (u32, [u64; LANES]),
}

#[derive(Clone, Copy)]
struct Read<'a>(&'a [u8], Places<'a>, EpochHead);

impl Kernel for Read<'_> {
    type Output = Lanes;

    fn run<S: Scan>(mut self, scan: S) -> Lanes {
        let Self(bytes, places, head) = &mut self;
        let mut lanes = Lanes::default();
        lanes.integers.0 = scan.integers(bytes, *places, &mut lanes.integers.1);
        lanes.doubles.0 = scan.doubles(bytes, *places, &mut lanes.doubles.1);
        let fixeds = &mut lanes.fixeds;
        fixeds.0 = scan.fixeds(bytes, *places, &mut fixeds.1, &mut fixeds.2);
        lanes.texts.0 = scan.texts(bytes, *places, b'"', &mut lanes.texts.1);
        let [millis, micros, nanos] = &mut lanes.epochs;
        millis.0 = scan.epochs::<13>(bytes, *places, head, &mut millis.1);
        micros.0 = scan.epochs::<16>(bytes, *places, head, &mut micros.1);
        nanos.0 = scan.epochs::<19>(bytes, *places, head, &mut nanos.1);
        lanes.hashes.0 = scan.text_hashes(bytes, *places, 7, &mut lanes.hashes.1);
        lanes
    }
}

fn random_field(next: &mut impl FnMut() -> u64) -> Vec<u8> {
    const KNOWN: [&str; 19] = [
        "",
        "-",
        ".",
        "1.",
        ".5",
        "-.5",
        "--1",
        "1.2.3",
        "-0",
        "-0.0",
        "12345678",
        "1234567.8",
        "-1234.5",
        "0.0000001",
        "1700000000123",
        "9223372036854",
        "9223372036855",
        "\"SYM1\"",
        "Zürich",
    ];
    match next() % 5 {
        0 => KNOWN[next() as usize % KNOWN.len()].into(),
        1 => {
            let tail = next() % 100_000_000;
            match next() % 6 {
                0 => format!("17000000{tail:08}"),
                1 => format!("17000000000{tail:08}"),
                2 => format!(
                    "{}",
                    [i64::MAX, i64::MAX - 99_999_999, i64::MAX / 1_000][tail as usize % 3]
                ),
                _ => format!("17000000{:05}", tail % 100_000),
            }
            .into_bytes()
        }
        2 => (0..next() % 20)
            .map(|_| b'A' + (next() % 26) as u8)
            .collect(),
        3 => format!("{}.{:02}", next() % 100_000, next() % 100).into_bytes(),
        _ => (0..next() % 10)
            .map(|_| b"0123456789.-+e"[next() as usize % 14])
            .collect(),
    }
}

#[test]
fn lanes_read_what_is_read_one_by_one() {
    let seed = 0x5eed_0051_u64;
    let mut state = seed;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 11
    };
    let mut taken = [0; 8];
    for _ in 0..20_000 {
        // Sometimes the first field is at the front and the last at the end, where words would reach out of the bytes.
        let mut bytes = vec![b','; [0, 1, 16][next() as usize % 3]];
        let (mut before, mut ends) = ([0; LANES], [0; LANES]);
        let one = (next() % 3 == 0).then(|| random_field(&mut next));
        for lane in 0..LANES {
            before[lane] = (bytes.len() as u32).wrapping_sub(1);
            bytes.extend_from_slice(&one.clone().unwrap_or_else(|| random_field(&mut next)));
            ends[lane] = bytes.len() as u32;
            bytes.push(b',');
        }
        bytes.resize(bytes.len() + [0, 0, 16][next() as usize % 3], b'x');
        let places = Places {
            before: &before,
            ends: &ends,
        };
        let word =
            i64::from_le_bytes(*[b"17000000", b"00000000", b"9999999x"][next() as usize % 3]);
        let head = EpochHead::of(13, word, word);
        for lanes in at_every_level(Read(&bytes, places, head)) {
            check(&bytes, places, &lanes, &mut taken);
        }
    }
    let fast = level() != "portable";
    assert!(
        !fast || taken.iter().all(|&taken| taken > 1_000),
        "{taken:?}"
    );
}

/// Compares the lanes taken with what `number` and the others say of each field, and counts them.
fn check(bytes: &[u8], places: Places<'_>, lanes: &Lanes, taken: &mut [usize; 8]) {
    for lane in 0..LANES {
        let (start, end) = (
            places.before[lane].wrapping_add(1) as usize,
            places.ends[lane] as usize,
        );
        let field = &bytes[start..end];
        let says = String::from_utf8_lossy(field);
        // The readers of one want 16 bytes before its end.
        let padded = [&[b','; 16], field].concat();
        let (bytes, start, end) = (&padded[..], 16, padded.len());
        let mut is_taken = |at: usize, mask: u32| {
            taken[at] += (mask >> lane & 1) as usize;
            mask >> lane & 1 == 1
        };
        if is_taken(0, lanes.integers.0) {
            assert_eq!(
                number::integer(Swar, bytes, start, end),
                Some(lanes.integers.1[lane]),
                "{says}"
            );
        }
        let fixed = number::fixed(Swar, bytes, start, end);
        if is_taken(1, lanes.doubles.0) {
            let double: f64 = says.parse().expect("a number");
            assert!(fixed.is_some(), "{says}");
            assert_eq!(lanes.doubles.1[lane].to_bits(), double.to_bits(), "{says}");
        }
        if is_taken(2, lanes.fixeds.0) {
            let fixed = fixed.expect("a number");
            let digits = if fixed.negative {
                -(fixed.digits as i64)
            } else {
                fixed.digits as i64
            };
            assert_eq!(i64::from(lanes.fixeds.1[lane]), digits, "{says}");
            assert_eq!(lanes.fixeds.2[lane] as usize, fixed.fraction, "{says}");
        }
        if is_taken(3, lanes.texts.0) {
            assert!(
                field.is_ascii() && (1..=TEXT_INLINE).contains(&field.len()) && field[0] != b'"'
            );
            let mut word = [0; 16];
            word[..field.len()].copy_from_slice(field);
            let view = TextView::from_word(u128::from_le_bytes(word), field.len());
            assert_eq!(lanes.texts.1[lane], view, "{says}");
        }
        for (at, ((mask, times), unit)) in
            lanes.epochs.iter().zip([1_000_000, 1_000, 1]).enumerate()
        {
            if is_taken(5 + at, *mask) {
                let value: i64 = says.parse().expect("a number");
                assert!(says.len() == 13 + 3 * at && field[0] != b'-', "{says}");
                assert_eq!(value.checked_mul(unit), Some(times[lane]), "{says}");
            }
        }
        if is_taken(4, lanes.hashes.0) {
            assert!(
                field.is_ascii() && (1..=16).contains(&field.len()),
                "{says}"
            );
            assert_eq!(lanes.hashes.1[lane], hash::hash_text(7, field), "{says}");
        }
    }
}
