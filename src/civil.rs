//! Calendar time: ISO 8601 text to and from nanoseconds, and calendar fields.
