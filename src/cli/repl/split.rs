//! Where a statement ends: at a `;` outside quotes and comments.

/// What a text is inside of, at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    /// A statement, or nothing yet.
    Plain,
    /// A text or name that began with this quote; the byte behind it is at this place.
    Quote(u8, usize),
    /// A comment to the end of the line.
    Line,
    /// A comment to `*/`, nested so deep.
    Block(usize),
}

/// How far a text was looked through, which grows by whole lines: no sign of two bytes is cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan {
    inside: Inside,
    at: usize,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            inside: Inside::Plain,
            at: 0,
        }
    }
}

impl Scan {
    /// Looks further: the length of the first statement with its `;`, if `text` has the whole of it.
    pub(super) fn end(&mut self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            let next = bytes.get(self.at + 1).copied().unwrap_or(0);
            self.at += 1;
            self.inside = match (self.inside, byte, next) {
                (Inside::Plain, b';', _) => return Some(self.at),
                (Inside::Plain, b'\'' | b'"' | b'`', _) => Inside::Quote(byte, self.at),
                (Inside::Plain, b'-', b'-') => Inside::Line,
                (Inside::Plain, b'/', b'*') => {
                    self.at += 1;
                    Inside::Block(1)
                }
                // A doubled quote ends one text and begins the next: the same to us.
                (Inside::Quote(quote, _), _, _) if byte == quote => Inside::Plain,
                (Inside::Line, b'\n', _) => Inside::Plain,
                (Inside::Block(depth), b'/', b'*') => {
                    self.at += 1;
                    Inside::Block(depth + 1)
                }
                (Inside::Block(depth), b'*', b'/') => {
                    self.at += 1;
                    match depth {
                        1 => Inside::Plain,
                        _ => Inside::Block(depth - 1),
                    }
                }
                (same, _, _) => same,
            };
        }
        None
    }

    /// Whether the text ends inside quotes or a comment.
    pub(super) fn is_inside(&self) -> bool {
        self.inside != Inside::Plain
    }
}

/// The length of the first statement with its `;`, and what the text ends inside of if there is none.
pub(super) fn first(text: &str) -> Result<usize, Inside> {
    let mut scan = Scan::default();
    scan.end(text).ok_or(scan.inside)
}

/// Whether a text has no word of SQL: white space, `;` and comments only.
pub(super) fn is_blank(text: &str) -> bool {
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
    loop {
        let end = if rest.starts_with("--") {
            rest.find('\n')
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|at| at + 1)
        } else {
            return rest.is_empty();
        };
        let Some(end) = end else { return true };
        rest = rest[end + 1..].trim_start_matches(|c: char| c.is_whitespace() || c == ';');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_end_outside_of_quotes_and_comments() {
        for (text, length) in [
            ("SELECT 1;", 9),
            ("SELECT 1; SELECT 2;", 9),
            ("SELECT ';';", 11),
            ("SELECT 'it''s;';", 16),
            ("SELECT \";\" FROM `;`;", 20),
            ("-- a;\nb;", 8),
            ("/* ; /* ; */ ; */;", 18),
            ("a - b / c;", 10),
        ] {
            assert_eq!(first(text), Ok(length), "{text}");
        }
    }

    #[test]
    fn open_texts_say_what_they_are_inside_of() {
        for (text, inside) in [
            ("", Inside::Plain),
            ("SELECT 1", Inside::Plain),
            ("SELECT 'a;", Inside::Quote(b'\'', 8)),
            ("SELECT \"a'", Inside::Quote(b'"', 8)),
            ("-- a;", Inside::Line),
            ("/* a; -- */ /*", Inside::Block(1)),
        ] {
            assert_eq!(first(text), Err(inside), "{text}");
        }
    }

    #[test]
    fn comments_alone_are_blank() {
        for text in [
            "",
            " ;; ",
            "-- a",
            "-- a\n ;",
            "/* a */",
            "/* a */ -- b",
            "/* open",
        ] {
            assert!(is_blank(text), "{text}");
        }
        for text in ["a", "-- a\nb", "/* a */ b;", "'", "- -"] {
            assert!(!is_blank(text), "{text}");
        }
    }
}
