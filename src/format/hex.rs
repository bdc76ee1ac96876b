//! Bytes as hexadecimal digits.

/// The digits of 0 to 15.
pub const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Bytes decoded at a time where they are not kept.
const BLOCK_BYTES: usize = 256;

/// Appends two digits a byte.
pub fn write_digits(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
}

/// Appends bytes as records write them: `0x` and two digits a byte.
pub fn write(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"0x");
    write_digits(bytes, out);
}

/// The digits behind `0x`, if they are of whole bytes; whether they are digits is for [`decode`].
pub fn digits(text: &[u8]) -> Option<&[u8]> {
    let digits = text.strip_prefix(b"0x").or(text.strip_prefix(b"0X"))?;
    digits.len().is_multiple_of(2).then_some(digits)
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Writes the bytes of `digits`, in any case, to `bytes`, which is half as long; whether all were digits.
pub fn decode(digits: &[u8], bytes: &mut [u8]) -> bool {
    let pairs = digits.chunks_exact(2).zip(bytes);
    for (pair, byte) in pairs {
        let (Some(high), Some(low)) = (value(pair[0]), value(pair[1])) else {
            return false;
        };
        *byte = high << 4 | low;
    }
    true
}

/// Appends the bytes of `digits`; `None` when one is no digit.
pub fn append(digits: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    out.resize(start + digits.len() / 2, 0);
    decode(digits, &mut out[start..]).then_some(())
}

/// Calls `f` with the bytes of `digits`; `None` when one is no digit. Only bytes in hundreds allocate.
pub fn with_decoded<T>(digits: &[u8], f: impl FnOnce(&[u8]) -> T) -> Option<T> {
    let len = digits.len() / 2;
    if len <= BLOCK_BYTES {
        let mut block = [0; BLOCK_BYTES];
        return decode(digits, &mut block[..len]).then(|| f(&block[..len]));
    }
    let mut bytes = vec![0; len];
    decode(digits, &mut bytes).then(|| f(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        let bytes: Vec<u8> = (0..=255).cycle().take(700).collect();
        for len in [0, 1, 12, 13, 256, 257, 700] {
            let mut text = Vec::new();
            write(&bytes[..len], &mut text);
            let upper = text.to_ascii_uppercase();
            for text in [&text, &upper] {
                let found = with_decoded(digits(text).expect("whole bytes"), <[u8]>::to_vec);
                assert_eq!(found.as_deref(), Some(&bytes[..len]));
            }
        }
        assert_eq!(digits(b"0x123"), None);
        assert_eq!(digits(b"12"), None);
        assert_eq!(with_decoded(b"1g", <[u8]>::to_vec), None);
    }
}
