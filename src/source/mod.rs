//! EDGE: where bytes come from.
