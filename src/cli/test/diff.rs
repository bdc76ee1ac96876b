//! What is expected against what was found, for people.

use similar::TextDiff;
use std::fmt::Write;

/// Lines of a difference that are shown.
const LINES_MAX: usize = 60;
/// Lines around a difference.
const CONTEXT: usize = 2;

/// A unified diff; `None` when the texts are equal.
pub(super) fn diff(expected: &[u8], found: &[u8]) -> Option<String> {
    if expected == found {
        return None;
    }
    let (expected, found) = (shown(expected), shown(found));
    let diff = TextDiff::from_lines(&expected, &found);
    let text = diff
        .unified_diff()
        .context_radius(CONTEXT)
        .header("expected", "found")
        .to_string();
    let mut lines: Vec<&str> = text.lines().collect();
    let left_off = lines.len().saturating_sub(LINES_MAX);
    lines.truncate(LINES_MAX);
    let mut text = lines.join("\n");
    if left_off > 0 {
        let _ = write!(text, "\n({left_off} more lines)");
    }
    Some(text)
}

/// Bytes that are no text are shown as they can be.
fn shown(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let lines = bytes.chunks(16).map(|chunk| {
                let hex: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
                hex.join(" ") + "\n"
            });
            lines.collect()
        }
    }
}

/// The lines in order of their bytes, for a sink that takes rows as they come.
pub(super) fn sorted_lines(text: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
    lines.sort_unstable();
    lines.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(diff(b"a\nb\n", b"a\nb\n"), None);
        let text = diff(b"a\nb\nc\n", b"a\nx\nc\n").expect("they differ");
        assert!(text.contains("-b\n+x"), "{text}");
        let long: Vec<u8> = (0..1000)
            .flat_map(|i| format!("{i}\n").into_bytes())
            .collect();
        let text = diff(&long, b"").expect("they differ");
        assert!(text.ends_with("more lines)"), "{text}");
        assert!(diff(&[0xff, 1], &[0xff, 2]).is_some_and(|text| text.contains("+ff 02")));
    }

    #[test]
    fn lines_are_sorted_whole() {
        assert_eq!(sorted_lines(b"b\na\nab\n"), b"a\nab\nb\n");
    }
}
