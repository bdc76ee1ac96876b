//! Functions over VARBINARY and the bytes of texts.

use super::arguments::{Arguments, Target};
use crate::error::Reason;
use crate::format::hex;
use crate::plan::BytesFunction;

/// A character set of ENCODE and DECODE.
#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    Ascii,
    Latin1,
}

impl Charset {
    fn parse(name: &[u8]) -> Option<Self> {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("UTF-8") || is("UTF8") {
            Some(Self::Utf8)
        } else if is("US-ASCII") || is("ASCII") {
            Some(Self::Ascii)
        } else if is("ISO-8859-1") || is("LATIN1") {
            Some(Self::Latin1)
        } else {
            None
        }
    }

    /// Appends the bytes of `text`; `Cast` when it has a character that is not in the set.
    fn encode(self, text: &str, out: &mut Vec<u8>) -> Result<bool, Reason> {
        match self {
            Self::Utf8 => out.extend_from_slice(text.as_bytes()),
            Self::Ascii if text.is_ascii() => out.extend_from_slice(text.as_bytes()),
            Self::Ascii => return Err(Reason::Cast),
            Self::Latin1 => {
                for char in text.chars() {
                    out.push(u8::try_from(u32::from(char)).map_err(|_| Reason::Cast)?);
                }
            }
        }
        Ok(true)
    }

    /// Appends the text that `bytes` are; `Cast` when they are none.
    fn decode(self, bytes: &[u8], out: &mut Vec<u8>) -> Result<bool, Reason> {
        match self {
            Self::Ascii if !bytes.is_ascii() => return Err(Reason::Cast),
            Self::Utf8 | Self::Ascii => {
                let text = std::str::from_utf8(bytes).map_err(|_| Reason::Cast)?;
                out.extend_from_slice(text.as_bytes());
            }
            Self::Latin1 => {
                let mut utf8 = [0; 4];
                for &byte in bytes {
                    out.extend_from_slice(char::from(byte).encode_utf8(&mut utf8).as_bytes());
                }
            }
        }
        Ok(true)
    }
}

/// Whether ENCODE and DECODE know a character set of this name.
pub fn is_charset(name: &str) -> bool {
    Charset::parse(name.as_bytes()).is_some()
}

/// Evaluates `function`.
pub(super) fn call(function: BytesFunction, args: Arguments<'_>, target: &mut Target<'_>) {
    let bytes = args.get(0).texts();
    let charset = |row: usize| Charset::parse(args.get(1).texts().get(row)).ok_or(Reason::Domain);
    match function {
        BytesFunction::Length => target.i64s(args, |row| Ok(bytes.get(row).len() as i64)),
        BytesFunction::FromHex => target.texts(args, |row, out| {
            let digits = bytes.get(row);
            out.resize(digits.len() / 2, 0);
            let is_whole = digits.len().is_multiple_of(2);
            (is_whole && hex::decode(digits, out))
                .then_some(true)
                .ok_or(Reason::Cast)
        }),
        BytesFunction::Encode => target.texts(args, |row, out| {
            charset(row)?.encode(bytes.get_str(row), out)
        }),
        BytesFunction::Decode => {
            target.texts(args, |row, out| charset(row)?.decode(bytes.get(row), out))
        }
    }
}
