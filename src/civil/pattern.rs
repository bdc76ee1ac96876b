//! Timestamps by a strftime pattern, through jiff.

use jiff::fmt::StdIoWrite;
use jiff::fmt::strtime::{BrokenDownTime, Config};
use jiff::tz::TimeZone;

/// Checks a pattern for writing.
///
/// # Errors
/// What is wrong with it.
pub fn check(pattern: &str) -> Result<(), String> {
    let zoned = jiff::Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
    let written = BrokenDownTime::from(&zoned).to_string(pattern);
    written.map(drop).map_err(|error| error.to_string())
}

/// Nanoseconds since the epoch. Without an offset in the pattern the time is UTC; without a time of day,
/// midnight. Zone names are refused: reading them would ask a database that changes under a replay.
pub fn parse(text: &[u8], pattern: &str) -> Option<i64> {
    let parsed = BrokenDownTime::parse(pattern, text).ok()?;
    let instant = if parsed.timestamp().is_some() || parsed.offset().is_some() {
        parsed.to_timestamp().ok()?
    } else if parsed.iana_time_zone().is_some() {
        return None;
    } else {
        let civil = parsed.to_datetime().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()?
    };
    i64::try_from(instant.as_nanosecond()).ok()
}

/// Appends the instant as the pattern says; a directive that cannot be written stands as it is.
pub fn write(ns: i64, pattern: &str, out: &mut Vec<u8>) {
    let instant = jiff::Timestamp::from_nanosecond(i128::from(ns))
        .expect("jiff's range contains all i64 nanoseconds");
    let zoned = instant.to_zoned(TimeZone::UTC);
    BrokenDownTime::from(&zoned)
        .format_with_config(
            &Config::new().lenient(true),
            pattern,
            &mut StdIoWrite(&mut *out),
        )
        .expect("lenient formatting to memory does not fail");
}
