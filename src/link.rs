//! Rings between roles: rtrb, return rings, progress lines, signals.
