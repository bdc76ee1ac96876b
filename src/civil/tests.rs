//! Fixed cases, round trips, and the fast readers against their slow twins.

use super::*;

fn iso(text: &str) -> Option<i64> {
    parse_timestamp(text.as_bytes(), &TimestampFormat::Iso).ok()
}

fn iso_text(ns: i64) -> String {
    let mut out = Vec::new();
    write_timestamp(ns, &TimestampFormat::Iso, &mut out);
    String::from_utf8(out).unwrap()
}

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

const NOON: i64 = 1_381_239_000_000_000_000;

#[test]
fn iso_forms_name_the_same_instant() {
    for text in [
        "2013-10-08T13:30:00",
        "2013-10-08 13:30",
        "2013-10-08 13:30:00Z",
        "2013-10-08t13:30:00.000z",
        "2013-10-08T15:30:00+02:00",
        "2013-10-08T15:30:00+02",
        "2013-10-08T08:00:00.000000000000-0530",
    ] {
        assert_eq!(iso(text), Some(NOON), "{text}");
    }
    assert_eq!(
        iso("2013-10-08T13:30:00.123456789Z"),
        Some(NOON + 123_456_789)
    );
    assert_eq!(iso("2013-10-08T13:30:00.5"), Some(NOON + 500_000_000));
    assert_eq!(iso("2013-10-08"), Some(NOON - 48_600_000_000_000));
    assert_eq!(iso("1969-12-31T23:59:59.999999999"), Some(-1));
}

#[test]
fn iso_refuses_what_is_no_instant() {
    for text in [
        "",
        "2013",
        "2013-10-8",
        "2013-13-08",
        "2013-02-29",
        "2013-00-08",
        "2013-10-00",
        "2013-10-08T",
        "2013-10-08T13",
        "2013-10-08T13:",
        "2013-10-08T24:00:00",
        "2013-10-08T13:60",
        "2013-10-08T13:30:60",
        "2013-10-08T13:30:",
        "2013-10-08T13:30:0",
        "2013-10-08T13:30:00.",
        "2013-10-08T13:30.5",
        "2013-10-08T13:30:00.1234567891",
        "2013-10-08T13:30:00.12x",
        "2013-10-08T13:30:00+",
        "2013-10-08T13:30:00+24:00",
        "2013-10-08T13:30:00+02:0",
        "2013-10-08T13:30:00Z ",
        "1381239000000",
        "1677-09-21T00:12:43.145224191",
        "2262-04-11T23:47:16.854775808",
        "9999-12-31",
        "0000-01-01",
    ] {
        assert_eq!(iso(text), None, "{text}");
    }
    assert_eq!(iso("1677-09-21T00:12:43.145224192"), Some(i64::MIN));
    assert_eq!(iso("2262-04-11T23:47:16.854775807"), Some(i64::MAX));
}

#[test]
fn dates_go_both_ways() {
    for (text, days) in [
        ("1970-01-01", 0),
        ("1969-12-31", -1),
        ("2000-02-29", 11_016),
        ("0000-03-01", -719_468),
        ("9999-12-31", 2_932_896),
    ] {
        assert_eq!(parse_date(text.as_bytes()), Ok(days), "{text}");
        let mut out = Vec::new();
        write_date(days, &mut out);
        assert_eq!(out, text.as_bytes());
    }
    for text in ["", "1970-1-01", "1900-02-29", "1970-01-01 ", "1970/01/01"] {
        assert_eq!(parse_date(text.as_bytes()), Err(Reason::Date), "{text}");
    }
    // A naive calendar walked day by day over four centuries and a bit.
    let (mut year, mut month, mut day) = (1899, 1, 1);
    for days in days_from_civil(1899, 1, 1)..days_from_civil(2310, 1, 1) {
        assert_eq!(civil_from_days(days), (year, month, day));
        assert_eq!(days_from_civil(year, month, day), days);
        day += 1;
        if day > days_in_month(year, month) {
            (month, day) = (month + 1, 1);
        }
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
    for days in [i64::MIN, i64::MAX] {
        let mut out = Vec::new();
        write_date(days, &mut out);
        assert!(!out.is_empty());
    }
}

#[test]
fn instants_survive_text_and_fields() {
    let seed = 0x5eed_0001;
    let mut state = seed;
    for round in 0..20_000 {
        let ns = random(&mut state) as i64 >> (round % 3 * 8);
        let ns = [ns, ns / 1_000 * 1_000, ns / NS_PER_SECOND * NS_PER_SECOND][round % 3];
        assert_eq!(iso(&iso_text(ns)), Some(ns), "seed {seed:#x}");
        assert_eq!(CivilTime::from_ns(ns).to_ns(), Some(ns), "seed {seed:#x}");
        let mut out = Vec::new();
        write_timestamp(ns, &TimestampFormat::Seconds, &mut out);
        assert_eq!(parse_timestamp(&out, &TimestampFormat::Seconds), Ok(ns));
        out.clear();
        write_timestamp(ns, &TimestampFormat::Nanos, &mut out);
        assert_eq!(parse_timestamp(&out, &TimestampFormat::Nanos), Ok(ns));
    }
    assert_eq!(iso_text(NOON), "2013-10-08 13:30:00");
    assert_eq!(iso_text(NOON + 1_000_000), "2013-10-08 13:30:00.001");
    assert_eq!(iso_text(NOON + 1_000), "2013-10-08 13:30:00.000001");
    assert_eq!(iso_text(NOON + 1), "2013-10-08 13:30:00.000000001");
    for ns in [i64::MIN, i64::MAX] {
        assert_eq!(iso(&iso_text(ns)), Some(ns));
    }
    let bad = CivilTime {
        month: 2,
        day: 30,
        ..CivilTime::from_ns(0)
    };
    assert_eq!(bad.to_ns(), None);
}

#[test]
fn epoch_numbers() {
    let read = |text: &str, format| parse_timestamp(text.as_bytes(), &format).ok();
    use TimestampFormat::{Micros, Millis, Nanos, Seconds};
    assert_eq!(read("1381239000", Seconds), Some(NOON));
    assert_eq!(read("1381239000.25", Seconds), Some(NOON + 250_000_000));
    assert_eq!(read("-0.5", Seconds), Some(-500_000_000));
    assert_eq!(read("-9223372036.854775808", Seconds), Some(i64::MIN));
    assert_eq!(read("-9223372036.854775809", Seconds), None);
    assert_eq!(read("9223372036.854775808", Seconds), None);
    assert_eq!(read("1.", Seconds), None);
    assert_eq!(read(".5", Seconds), None);
    assert_eq!(read("1.0000000001", Seconds), None);
    assert_eq!(read("1381239000000", Millis), Some(NOON));
    assert_eq!(read("+1381239000000", Millis), Some(NOON));
    assert_eq!(read("-1", Millis), Some(-1_000_000));
    assert_eq!(read("13812390000.0", Millis), None);
    assert_eq!(read("9223372036855", Millis), None);
    assert_eq!(read("1381239000000000", Micros), Some(NOON));
    assert_eq!(read("1381239000000000000", Nanos), Some(NOON));
    assert_eq!(read("-9223372036854775808", Nanos), Some(i64::MIN));
    assert_eq!(read("9223372036854775808", Nanos), None);
    assert_eq!(read("00000000000000000000000000007", Nanos), Some(7));
    for text in ["", "-", "+", "x", "1x", "--1", "1 "] {
        for format in [Seconds, Millis, Micros, Nanos] {
            assert_eq!(read(text, format), None, "{text:?}");
        }
    }
}

#[test]
fn epoch_readers_agree_with_their_slow_twin() {
    let seed = 0x5eed_0002;
    let mut state = seed;
    let mut text = Vec::new();
    for _ in 0..60_000 {
        text.clear();
        if random(&mut state).is_multiple_of(4) {
            text.push(b"-+"[random(&mut state) as usize % 2]);
        }
        let len = random(&mut state) as usize % 22;
        for _ in 0..len {
            text.push(b'0' + (random(&mut state) % 10) as u8);
        }
        if random(&mut state).is_multiple_of(4) && !text.is_empty() {
            let at = random(&mut state) as usize % text.len();
            text[at] = random(&mut state) as u8;
        }
        for (format, unit) in [
            (TimestampFormat::Millis, 1_000_000),
            (TimestampFormat::Micros, 1_000),
            (TimestampFormat::Nanos, 1),
        ] {
            let fast = parse_timestamp(&text, &format).ok();
            let slow = epoch::naive(&text, unit);
            assert_eq!(fast, slow, "{text:?} {format:?} seed {seed:#x}");
        }
        assert_eq!(
            digits::parse(&text),
            digits::parse_naive(&text),
            "{text:?} seed {seed:#x}"
        );
    }
}

#[test]
fn patterns() {
    let format = TimestampFormat::Strftime("%d.%m.%Y %H:%M:%S%.f".into());
    let read = |text: &str| parse_timestamp(text.as_bytes(), &format).ok();
    assert_eq!(read("08.10.2013 13:30:00"), Some(NOON));
    assert_eq!(read("08.10.2013 13:30:00.000000001"), Some(NOON + 1));
    assert_eq!(read("08.10.2013"), None);
    assert_eq!(read("08.10.2413 13:30:00"), None);
    let mut out = Vec::new();
    write_timestamp(NOON + 1, &format, &mut out);
    assert_eq!(out, b"08.10.2013 13:30:00.000000001");
    let offset = TimestampFormat::Strftime("%F %T %z".into());
    assert_eq!(
        parse_timestamp(b"2013-10-08 15:30:00 +0200", &offset),
        Ok(NOON)
    );
    let date = TimestampFormat::Strftime("%F".into());
    assert_eq!(parse_timestamp(b"1970-01-02", &date), Ok(NS_PER_DAY));
    assert_eq!(parse_timestamp(b"\xff\xfe", &date), Err(Reason::Timestamp));
    for pattern in ["%", "%?", "%é"] {
        let format = TimestampFormat::Strftime(pattern.into());
        assert_eq!(parse_timestamp(b"1", &format), Err(Reason::Timestamp));
        write_timestamp(i64::MIN, &format, &mut out);
    }
}

#[test]
fn mutated_text_never_panics() {
    let seed = 0x5eed_0003;
    let mut state = seed;
    for _ in 0..30_000 {
        let mut text = b"2013-10-08T13:30:00.123456789+02:00".to_vec();
        for _ in 0..random(&mut state) % 4 {
            let at = random(&mut state) as usize % text.len();
            match random(&mut state) % 3 {
                0 => text[at] = random(&mut state) as u8,
                1 => text.truncate(at.max(1)),
                _ => text.insert(at, b"0:.-+Z"[random(&mut state) as usize % 6]),
            }
        }
        let _ = parse_timestamp(&text, &TimestampFormat::Iso);
        let _ = parse_timestamp(&text, &TimestampFormat::Seconds);
        let _ = parse_date(&text);
    }
}
