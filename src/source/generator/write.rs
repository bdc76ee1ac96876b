//! Digits without branches: a row is written front to back into a fixed window.

/// Bytes that no row of any kind exceeds: the longest, market data as JSON, has 142 plus the width of the
/// last word written.
pub const ROW_BYTES_MAX: usize = 192;

/// Writes one row into a window of [`ROW_BYTES_MAX`] bytes.
pub struct RowWriter<'a> {
    window: &'a mut [u8; ROW_BYTES_MAX],
    at: usize,
}

impl<'a> RowWriter<'a> {
    /// A writer at the window's start.
    #[inline(always)]
    pub fn new(window: &'a mut [u8; ROW_BYTES_MAX]) -> Self {
        Self { window, at: 0 }
    }

    /// Bytes written.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.at
    }

    /// Appends `bytes`.
    #[inline(always)]
    pub fn text(&mut self, bytes: &[u8]) {
        self.window[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }

    /// Appends the first `len` of 16 bytes; all are copied, so that the copy has a fixed length.
    #[inline(always)]
    pub fn padded(&mut self, bytes: &[u8; 16], len: usize) {
        self.window[self.at..self.at + 16].copy_from_slice(bytes);
        self.at += len;
    }

    /// Appends the first `len` bytes of a little-endian word.
    #[inline(always)]
    pub fn word(&mut self, word: u64, len: usize) {
        self.window[self.at..self.at + 8].copy_from_slice(&word.to_le_bytes());
        self.at += len;
    }

    /// Appends a number below 10^8 without leading zeros.
    #[inline(always)]
    pub fn small(&mut self, value: u32) {
        let digits = eight_digits(value);
        // A zero keeps its last digit.
        let zeros = (digits | 1 << 56).trailing_zeros() / 8;
        self.word((digits | ASCII_ZEROS) >> (8 * zeros), 8 - zeros as usize);
    }

    /// Appends hundredths as a number with two digits after the point.
    #[inline(always)]
    pub fn hundredths(&mut self, value: u32) {
        self.small(value / 100);
        let rest = value % 100;
        let word = u64::from(b'.') | u64::from(b'0' as u32 + rest / 10) << 8;
        self.word(word | u64::from(b'0' as u32 + rest % 10) << 16, 3);
    }

    /// Appends any integer.
    #[inline(always)]
    pub fn integer(&mut self, value: i64) {
        if (0..100_000_000).contains(&value) {
            self.small(value as u32);
        } else {
            self.large(value);
        }
    }

    /// Epoch milliseconds of this century have 13 digits: five or fewer, then eight.
    #[inline(always)]
    fn large(&mut self, value: i64) {
        if (0..10_000_000_000_000_000).contains(&value) {
            self.small((value / 100_000_000) as u32);
            self.word(eight_digits((value % 100_000_000) as u32) | ASCII_ZEROS, 8);
        } else {
            self.text(itoa::Buffer::new().format(value).as_bytes());
        }
    }
}

const ASCII_ZEROS: u64 = 0x3030_3030_3030_3030;

/// The digits of a number below 10^8, the first in the lowest byte (after Paul Khuong, "How to print
/// integers really fast", 2017).
#[inline(always)]
fn eight_digits(value: u32) -> u64 {
    debug_assert!(value < 100_000_000);
    let fours = u64::from(value / 10_000) | u64::from(value % 10_000) << 32;
    let hundreds = ((fours * 10_486) >> 20) & (0x7f << 32 | 0x7f);
    let twos = hundreds | (fours - 100 * hundreds) << 16;
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (twos - 10 * tens) << 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::generator::random::Random;

    fn written(write: impl Fn(&mut RowWriter<'_>)) -> String {
        let mut window = [b'#'; ROW_BYTES_MAX];
        let mut writer = RowWriter::new(&mut window);
        write(&mut writer);
        let len = writer.len();
        String::from_utf8(window[..len].to_vec()).unwrap()
    }

    #[test]
    fn integers_are_written_like_std_writes_them() {
        let seed = 11;
        let mut random = Random::new(seed);
        let edges = [
            0,
            1,
            9,
            10,
            99,
            100,
            99_999_999,
            100_000_000,
            i64::MAX,
            i64::MIN,
            -1,
        ];
        let near = [
            9_999_999_999_999_999,
            10_000_000_000_000_000,
            1_735_689_600_000,
        ];
        let drawn = (0..20_000).map(|_| (random.bits() >> random.below(64)) as i64);
        for value in edges.into_iter().chain(near).chain(drawn) {
            assert_eq!(
                written(|w| w.integer(value)),
                value.to_string(),
                "seed {seed}"
            );
        }
    }

    #[test]
    fn hundredths_have_two_digits_after_the_point() {
        for value in (0..2_000).chain([12_345, 127_999, 4_294_967_295]) {
            let expected = format!("{}.{:02}", value / 100, value % 100);
            assert_eq!(written(|w| w.hundredths(value)), expected);
        }
    }
}
