//! Time zones, from the database that is compiled in: a replay gives the same answer wherever it runs.

use super::CivilTime;
use crate::time::NS_PER_SECOND;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::fmt;

/// A zone of the tz database.
#[derive(Clone)]
pub struct Zone(TimeZone);

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("zone"))
    }
}

impl Zone {
    /// The zone called `name` in any case, as `America/New_York` or `UTC`.
    pub fn get(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("UTC") {
            return Some(Self(TimeZone::UTC));
        }
        TimeZone::get(name).ok().map(Self)
    }

    /// The name of a zone that is nearest to `name`, for errors.
    pub fn near(name: &str) -> Option<String> {
        const COMPARED_BYTES_MAX: usize = 64;
        if name.len() > COMPARED_BYTES_MAX {
            return None;
        }
        let wanted = name.to_ascii_lowercase();
        let distance = |known: &str| strsim::damerau_levenshtein(&wanted, &known.to_lowercase());
        let known = jiff::tz::db().available();
        let nearest = known.min_by_key(|known| distance(known.as_str()))?;
        let is_near = distance(nearest.as_str()) <= (name.len() / 4).max(1);
        is_near.then(|| nearest.as_str().to_owned())
    }

    /// What a clock there shows at an instant, as if it were UTC; `None` out of range.
    pub fn to_local(&self, ns: i64) -> Option<i64> {
        let second = jiff::Timestamp::from_second(ns.div_euclid(NS_PER_SECOND)).ok()?;
        let ahead = i64::from(self.0.to_offset(second).seconds());
        ns.checked_add(ahead * NS_PER_SECOND)
    }

    /// The instant at which a clock there shows it; the first of two, and as far behind the gap as it is in it when
    /// there is none. `None` out of range.
    pub fn from_local(&self, local: i64) -> Option<i64> {
        let civil = CivilTime::from_ns(local);
        let date = DateTime::new(
            civil.year as i16,
            civil.month as i8,
            civil.day as i8,
            civil.hour as i8,
            civil.minute as i8,
            civil.second as i8,
            civil.nanos as i32,
        );
        let instant = self.0.to_timestamp(date.ok()?).ok()?;
        i64::try_from(instant.as_nanosecond()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::parse_timestamp;
    use crate::plan::TimestampFormat;

    fn at(text: &str) -> i64 {
        parse_timestamp(text.as_bytes(), &TimestampFormat::Iso).expect("a timestamp")
    }

    #[test]
    fn clocks_jump_and_fall_back() {
        let zone = Zone::get("america/new_york").expect("known");
        for (utc, local) in [
            ("2025-01-02 14:30:00.5", "2025-01-02 09:30:00.5"),
            ("2025-03-09 06:59:59", "2025-03-09 01:59:59"),
            ("2025-03-09 07:00:00", "2025-03-09 03:00:00"),
            ("2025-11-02 05:30:00", "2025-11-02 01:30:00"),
        ] {
            assert_eq!(zone.to_local(at(utc)), Some(at(local)), "{utc}");
            assert_eq!(zone.from_local(at(local)), Some(at(utc)), "{local}");
        }
        // The hour that comes twice, and the one that does not come.
        assert_eq!(
            zone.to_local(at("2025-11-02 06:30:00")),
            Some(at("2025-11-02 01:30:00"))
        );
        assert_eq!(
            zone.from_local(at("2025-03-09 02:30:00")),
            Some(at("2025-03-09 07:30:00"))
        );
        assert_eq!(zone.to_local(i64::MIN), None);
        assert_eq!(zone.from_local(i64::MAX), None);
        assert!(Zone::get("America/Nowhere").is_none());
    }
}
