//! Texts that must not be written as they are: CSV quoting, JSON escapes, control characters for people.

/// Which bytes a format cannot write as they are.
#[derive(Clone, Debug)]
pub(in crate::format) struct ByteSet([bool; 256]);

impl ByteSet {
    /// The bytes for which `holds` is true.
    pub fn of(holds: impl Fn(u8) -> bool) -> Self {
        Self(std::array::from_fn(|byte| holds(byte as u8)))
    }

    /// Whether `bytes` has one of them. Without a branch for each byte: texts are short.
    #[inline(always)]
    pub fn meets(&self, bytes: &[u8]) -> bool {
        bytes
            .iter()
            .fold(false, |met, &byte| met | self.0[usize::from(byte)])
    }

    /// The first of them in `bytes`.
    fn first(&self, bytes: &[u8]) -> Option<usize> {
        bytes.iter().position(|&byte| self.0[usize::from(byte)])
    }
}

/// Bytes that JSON strings cannot hold as they are.
pub(in crate::format) fn json_specials() -> ByteSet {
    ByteSet::of(|byte| byte < 0x20 || byte == b'"' || byte == b'\\')
}

/// Bytes of control characters: C0, DEL, and the lead byte of C1 (which leads others too).
pub(super) fn control_bytes() -> ByteSet {
    ByteSet::of(|byte| byte < 0x20 || byte == 0x7f || byte == 0xc2)
}

/// Appends `text` as the inside of a JSON string.
#[inline(always)]
pub(in crate::format) fn write_json_text(text: &[u8], specials: &ByteSet, out: &mut Vec<u8>) {
    if specials.meets(text) {
        write_json_escaped(text, specials, out);
    } else {
        out.extend_from_slice(text);
    }
}

#[cold]
fn write_json_escaped(text: &[u8], specials: &ByteSet, out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = specials.first(rest) {
        out.extend_from_slice(&rest[..at]);
        let byte = rest[at];
        let letter = match byte {
            b'"' | b'\\' => byte,
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            _ => b'u',
        };
        out.extend_from_slice(&[b'\\', letter]);
        if letter == b'u' {
            out.extend_from_slice(&[b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Appends `text` with control characters as `\n`, `\t`, `\r` or `\u{1b}`.
#[inline(always)]
pub(super) fn write_visible(text: &[u8], controls: &ByteSet, out: &mut Vec<u8>) {
    if controls.meets(text) {
        write_visible_slow(text, controls, out);
    } else {
        out.extend_from_slice(text);
    }
}

#[cold]
fn write_visible_slow(text: &[u8], controls: &ByteSet, out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = controls.first(rest) {
        out.extend_from_slice(&rest[..at]);
        let (code, len) = match (rest[at], rest.get(at + 1)) {
            (0xc2, Some(&second @ 0x80..=0x9f)) => (second, 2),
            (0xc2, _) => (0, 0),
            (byte, _) => (byte, 1),
        };
        match (len, code) {
            (0, _) => out.push(rest[at]),
            (_, b'\n') => out.extend_from_slice(br"\n"),
            (_, b'\r') => out.extend_from_slice(br"\r"),
            (_, b'\t') => out.extend_from_slice(br"\t"),
            _ => out.extend_from_slice(&[b'\\', b'u', b'{', hex(code >> 4), hex(code & 15), b'}']),
        }
        rest = &rest[at + len.max(1)..];
    }
    out.extend_from_slice(rest);
}

const fn hex(digit: u8) -> u8 {
    b"0123456789abcdef"[digit as usize]
}

/// Puts quotes around `out[start..]` and doubles those within.
#[cold]
pub(super) fn quote_tail(out: &mut Vec<u8>, start: usize) {
    let inner = out.len() - start;
    let quotes = memchr::memchr_iter(b'"', &out[start..]).count();
    out.resize(out.len() + quotes + 2, b'"');
    let (mut from, mut to) = (start + inner, out.len() - 1);
    out[to] = b'"';
    while from > start {
        from -= 1;
        to -= 1;
        out[to] = out[from];
        if out[from] == b'"' {
            to -= 1;
            out[to] = b'"';
        }
    }
    out[start] = b'"';
}
