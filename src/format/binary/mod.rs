//! Fixed-width little-endian records, as the table's columns declare them.
//!
//! | type | bytes | |
//! |---|---|---|
//! | BOOLEAN | 1 | 0 or 1 |
//! | INT | 4 | two's complement |
//! | BIGINT | 8 | two's complement |
//! | DOUBLE | 8 | IEEE 754 bits |
//! | DECIMAL(p,s) | 8 up to 18 digits, else 16 | the number without its point, below 10^p |
//! | DATE | 4 | days since 1970-01-01, years 0 to 9999 |
//! | TIMESTAMP | 8 | `'timestamp.format'`: `ns`, `us`, `ms` or `s` since the epoch |
//! | CHAR(n), VARCHAR(n) | n | UTF-8, padded with NUL; NULs at the end are no part of the text |
//!
//! Fields follow each other without padding; there is no header, no length and no separator, so a record begins
//! at every multiple of its size. Without `'binary.nulls' = 'bitmap'` no value is NULL; with it the bytes under
//! a set bit are not looked at, nor are the bits past the last column. A file's last bytes that make no whole
//! record are a fault of the record (`Reason::FieldCount`).
//!
//! Framer and decoder share one reader for each type (`read`), which takes a record and gives a value or nothing:
//! tight loops run it over records one stride apart. What it does not take (a NULL, a value that is not legal,
//! a text that is long or not ASCII) is left for `place`, which reads one field with all its rules. [`naive`]
//! does everything that way, for tests.

mod column;
mod decoder;
mod framer;
mod place;
mod read;

pub mod naive;

#[cfg(test)]
mod tests;

pub use decoder::BinaryDecoder;
pub use framer::BinaryFramer;
