//! ROLE: decode, operate, encode.
