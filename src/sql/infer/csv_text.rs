//! A small CSV reader for heads: headers and inference, never the data path.

/// A field as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadField {
    /// Its text without quotes.
    pub text: String,
    /// Whether it was quoted: a quoted empty field is not NULL.
    pub quoted: bool,
}

/// The text without a UTF-8 byte order mark.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The records of `bytes`; empty lines are none. What follows a closing quote is appended to the field.
pub fn records(
    bytes: &[u8],
    delimiter: u8,
    quote: u8,
) -> impl Iterator<Item = Vec<HeadField>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while bytes
            .get(at)
            .is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
        {
            at += 1;
        }
        if at == bytes.len() {
            return None;
        }
        let (record, end) = record(bytes, at, delimiter, quote);
        at = end;
        Some(record)
    })
}

fn record(bytes: &[u8], from: usize, delimiter: u8, quote: u8) -> (Vec<HeadField>, usize) {
    let mut fields = Vec::new();
    let mut text = Vec::new();
    let (mut quoted, mut inside) = (false, false);
    let mut at = from;
    let finish = |text: &mut Vec<u8>, quoted: bool| HeadField {
        text: String::from_utf8_lossy(&std::mem::take(text)).into_owned(),
        quoted,
    };
    while at < bytes.len() {
        let byte = bytes[at];
        at += 1;
        if inside {
            if byte != quote {
                text.push(byte);
            } else if bytes.get(at) == Some(&quote) {
                text.push(quote);
                at += 1;
            } else {
                inside = false;
            }
        } else if byte == quote && text.is_empty() && !quoted {
            (quoted, inside) = (true, true);
        } else if byte == delimiter {
            fields.push(finish(&mut text, quoted));
            quoted = false;
        } else if byte == b'\n' {
            break;
        } else if !(byte == b'\r' && matches!(bytes.get(at), None | Some(b'\n'))) {
            text.push(byte);
        }
    }
    fields.push(finish(&mut text, quoted));
    (fields, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(csv: &str) -> Vec<Vec<String>> {
        records(csv.as_bytes(), b',', b'"')
            .map(|record| record.into_iter().map(|field| field.text).collect())
            .collect()
    }

    #[test]
    fn records_are_split_with_quotes_and_any_line_end() {
        assert_eq!(
            texts("a,b\r\n1,\"x,\"\"y\"\"\nz\"\n\n2,"),
            [["a", "b"], ["1", "x,\"y\"\nz"], ["2", ""]]
        );
    }

    #[test]
    fn nothing_is_no_record() {
        assert!(texts("").is_empty());
        assert!(texts("\n\r\n").is_empty());
        assert_eq!(texts("x"), [["x"]]);
    }
}
