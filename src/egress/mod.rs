//! ROLE: merge, release, commit.
