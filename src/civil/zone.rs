//! Time zones, from the database that is compiled in: a replay gives the same answer wherever it runs.

use super::CivilTime;
use crate::limits::ZONES_MAX;
use crate::time::NS_PER_SECOND;
use crate::types::ZoneId;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::fmt;
use std::sync::OnceLock;

/// The zones of TIMESTAMP_LTZ types: written once each, read without a lock.
static ZONES: [OnceLock<Zone>; ZONES_MAX] = [const { OnceLock::new() }; ZONES_MAX];

/// A zone of the tz database.
#[derive(Clone)]
pub struct Zone(TimeZone);

/// A time in which the clocks of a zone are not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its first instant, when clocks were changed; `None`: long ago.
    pub since: Option<i64>,
    /// The instant at which clocks are changed next; `None`: never.
    pub until: Option<i64>,
    /// How far ahead of UTC clocks are.
    pub ahead_ns: i64,
}

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

    /// The number of the zone called `name`, the same for every call; `None` when it is not known, or the process has
    /// named `limits::ZONES_MAX` others before.
    pub fn register(name: &str) -> Option<ZoneId> {
        let zone = Self::get(name)?;
        if zone.0 == TimeZone::UTC {
            return Some(ZoneId::UTC);
        }
        let at = ZONES.iter().position(|slot| {
            // Another thread may take the slot first: what it holds then decides.
            slot.get_or_init(|| zone.clone()).0 == zone.0
        })?;
        u8::try_from(at + 1).ok().map(ZoneId)
    }

    /// The zone of a number that [`Self::register`] gave; `None` is UTC.
    pub fn registered(id: ZoneId) -> Option<&'static Self> {
        let at = usize::from(id.0).checked_sub(1)?;
        ZONES[at].get()
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

    /// The time around an instant in which clocks there are not changed; `None` out of range.
    pub fn stretch(&self, ns: i64) -> Option<Stretch> {
        let second = jiff::Timestamp::from_second(ns.div_euclid(NS_PER_SECOND)).ok()?;
        // Clocks are changed at whole seconds.
        let behind = jiff::Timestamp::from_second(second.as_second() + 1).ok()?;
        let at = |it: jiff::Timestamp| i64::try_from(it.as_nanosecond()).ok();
        let since = self.0.preceding(behind).next();
        let until = self.0.following(second).next();
        Some(Stretch {
            since: since.and_then(|change| at(change.timestamp())),
            until: until.and_then(|change| at(change.timestamp())),
            ahead_ns: i64::from(self.0.to_offset(second).seconds()) * NS_PER_SECOND,
        })
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

    #[test]
    fn stretches_lie_between_changes() {
        let zone = Zone::get("America/New_York").expect("known");
        let summer = Stretch {
            since: Some(at("2025-03-09 07:00:00")),
            until: Some(at("2025-11-02 06:00:00")),
            ahead_ns: -4 * 3600 * NS_PER_SECOND,
        };
        for inside in ["2025-03-09 07:00:00", "2025-11-02 05:59:59.999999999"] {
            assert_eq!(zone.stretch(at(inside)), Some(summer), "{inside}");
        }
        let winter = zone.stretch(at("2025-11-02 06:00:00")).expect("in range");
        assert_eq!(winter.since, summer.until);
        assert_eq!(Zone::get("UTC").and_then(|utc| utc.stretch(0)?.until), None);
        assert_eq!(zone.stretch(i64::MIN).map(|it| it.since), Some(None));
    }

    #[test]
    fn a_zone_has_one_number() {
        let first = Zone::register("Europe/Zurich").expect("known");
        assert_eq!(Zone::register("europe/zurich"), Some(first));
        assert_ne!(Zone::register("Asia/Tokyo"), Some(first));
        assert_eq!(Zone::register("utc"), Some(ZoneId::UTC));
        assert!(Zone::registered(ZoneId::UTC).is_none());
        let zone = Zone::registered(first).expect("registered");
        assert_eq!(format!("{zone:?}"), "Europe/Zurich");
        assert_eq!(Zone::register("Europe/Nowhere"), None);
    }
}
