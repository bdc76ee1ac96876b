//! Key to dense group index.
