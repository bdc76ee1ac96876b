//! The text that a JSON string with escapes stands for.

use super::scan::hex4;

/// Appends what `raw`, the checked inside of a JSON string, stands for.
///
/// The scanner has refused every illegal escape; should one come all the same, its bytes are left out.
pub(in crate::format) fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(slash) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..slash]);
        rest = escape(&rest[slash + 1..], out);
    }
    out.extend_from_slice(rest);
}

/// Appends what the escape at the start of `rest` stands for, and returns what is behind it.
fn escape<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let Some((&letter, rest)) = rest.split_first() else {
        return rest;
    };
    let byte = match letter {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' => return unicode(rest, out),
        other => other,
    };
    out.push(byte);
    rest
}

/// As [`escape`], behind `\u`: one unit, or a pair of surrogates.
fn unicode<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let Some(first) = hex4(rest) else {
        return rest;
    };
    let (code, rest) = match (first, rest.get(6..).and_then(hex4)) {
        (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) => (
            0x1_0000 + ((first & 0x3ff) << 10 | (second & 0x3ff)),
            &rest[10..],
        ),
        _ => (first, &rest[4..]),
    };
    if let Some(character) = char::from_u32(code) {
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_escape() {
        let mut out = Vec::new();
        unescape(br#"a\"\\\/\b\f\n\r\t\u00e9\u20AC\uD83D\uDE00z"#, &mut out);
        assert_eq!(out, "a\"\\/\u{8}\u{c}\n\r\té€😀z".as_bytes());
    }
}
