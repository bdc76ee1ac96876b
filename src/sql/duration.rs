//! Lengths of time: `100ms`, `1 minute 30 seconds`, `INTERVAL '1' SECOND`, `INTERVAL '9:30' HOUR TO MINUTE`.
//!
//! Everything is exact and in nanoseconds. Months and years have no fixed length and are refused.

use sqlparser::ast::{DateTimeField, Expr, Interval, UnaryOperator, Value};

/// Most digits read of a number, before or behind its point: more cannot be a duration in an `i64`.
const DIGITS_MAX: usize = 18;

/// The nanoseconds of a duration as option values and literals write it: one or more numbers with units.
///
/// # Errors
/// What is wrong with `text`, for the user.
pub fn duration_ns(text: &str) -> Result<i64, String> {
    let shown = text;
    let (negative, mut rest) = split_sign(text.trim());
    if rest.is_empty() {
        return Err(format!("`{shown}` is not a duration"));
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let tail = tail.trim_start();
        let letters = tail
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        if number.is_empty() {
            return Err(format!("`{shown}` is not a duration"));
        }
        if unit.is_empty() {
            return Err(format!("`{shown}` has no unit of time"));
        }
        total = total
            .checked_add(scaled(number, unit_ns(unit)?)?)
            .ok_or_else(too_long)?;
        rest = tail.trim_start();
    }
    signed(total, negative)
}

/// The nanoseconds of a SQL INTERVAL.
///
/// # Errors
/// What is wrong with it, for the user.
pub fn interval_ns(interval: &Interval) -> Result<i64, String> {
    let Interval {
        value,
        leading_field,
        leading_precision,
        last_field,
        fractional_seconds_precision,
    } = interval;
    if leading_precision.is_some() || fractional_seconds_precision.is_some() {
        return Err("an interval field takes no precision".to_owned());
    }
    let text = literal(value)?;
    match (leading_field, last_field) {
        (None, _) => duration_ns(&text),
        (Some(field), None) => {
            let (negative, number) = split_sign(text.trim());
            let unit = unit_ns(&field.to_string())?;
            let total =
                scaled(number, unit).map_err(|_| format!("`{text}` is not a number of {field}"))?;
            signed(total, negative)
        }
        (Some(leading), Some(last)) => fields_ns(&text, leading, last),
    }
}

/// The text of an interval's value: a string or a number, perhaps with a sign.
fn literal(value: &Expr) -> Result<String, String> {
    match value {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::Number(text, _) => Ok(text.clone()),
            other => Err(format!(
                "an interval needs a string or a number, not {other}"
            )),
        },
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => match expr.as_ref() {
            Expr::Value(value) if matches!(value.value, Value::Number(..)) => {
                Ok(format!("-{}", literal(expr)?))
            }
            _ => Err("an interval needs a string or a number".to_owned()),
        },
        // `INTERVAL 1s`: the duration has become an interval already.
        Expr::Interval(inner) if inner.leading_field.is_none() && inner.last_field.is_none() => {
            match inner.value.as_ref() {
                Expr::Value(_) => literal(&inner.value),
                _ => Err("an interval needs a string or a number".to_owned()),
            }
        }
        _ => Err("an interval needs a string or a number".to_owned()),
    }
}

/// The fields that `TO` can join, greatest first: nanoseconds, values in one of the field before.
const FIELDS: [(&str, i128, i128); 4] = [
    ("DAY", 86_400_000_000_000, i128::MAX),
    ("HOUR", 3_600_000_000_000, 24),
    ("MINUTE", 60_000_000_000, 60),
    ("SECOND", 1_000_000_000, 60),
];

/// `'9:30' HOUR TO MINUTE`, `'1 10:30:00.5' DAY TO SECOND`.
fn fields_ns(text: &str, leading: &DateTimeField, last: &DateTimeField) -> Result<i64, String> {
    let position = |field: &DateTimeField| {
        let name = field.to_string();
        let name = name.strip_suffix('S').unwrap_or(&name);
        FIELDS
            .iter()
            .position(|entry| entry.0 == name)
            .ok_or_else(|| {
                format!("an interval cannot join {field}; use DAY, HOUR, MINUTE, SECOND")
            })
    };
    let (first, end) = (position(leading)?, position(last)?);
    if first >= end {
        return Err(format!("an interval cannot go from {leading} to {last}"));
    }
    let wrong = || format!("`{text}` is not {leading} to {last}");
    let (negative, mut rest) = split_sign(text.trim());
    let mut total: i128 = 0;
    for (index, (name, unit, bound)) in FIELDS.iter().enumerate().take(end + 1).skip(first) {
        let part = if index == end {
            std::mem::take(&mut rest)
        } else {
            let separator = if *name == "DAY" { ' ' } else { ':' };
            let (part, tail) = rest.split_once(separator).ok_or_else(wrong)?;
            rest = tail.trim_start();
            part
        };
        let fraction_allowed = *name == "SECOND";
        if part.contains('.') && !fraction_allowed {
            return Err(wrong());
        }
        let ns = scaled(part, *unit).map_err(|_| wrong())?;
        if index > first && ns >= unit.saturating_mul(*bound) {
            return Err(format!("`{text}` has {part} in its field {name}"));
        }
        total = total.checked_add(ns).ok_or_else(too_long)?;
    }
    signed(total, negative)
}

/// Nanoseconds of a unit of time by any of its names.
fn unit_ns(unit: &str) -> Result<i128, String> {
    Ok(match unit.to_lowercase().as_str() {
        "ns" | "nanosecond" | "nanoseconds" => 1,
        "us" | "µs" | "μs" | "microsecond" | "microseconds" => 1_000,
        "ms" | "millisecond" | "milliseconds" => 1_000_000,
        "s" | "sec" | "secs" | "second" | "seconds" => 1_000_000_000,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000_000_000,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000_000_000,
        "d" | "day" | "days" => 86_400_000_000_000,
        "w" | "week" | "weeks" => 604_800_000_000_000,
        "mo" | "mon" | "mons" | "month" | "months" | "quarter" | "quarters" | "y" | "yr"
        | "yrs" | "year" | "years" => {
            return Err(format!("a {unit} has no fixed length; use days or weeks").to_lowercase());
        }
        _ => {
            return Err(format!(
                "`{unit}` is not a unit of time; use ns, us, ms, s, m, h, d or w"
            ));
        }
    })
}

/// `number` (digits, perhaps with a fraction) times `unit`, exactly.
fn scaled(number: &str, unit: i128) -> Result<i128, String> {
    let wrong = || format!("`{number}` is not a number");
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
        return Err(wrong());
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    if whole.len() > DIGITS_MAX || fraction.len() > DIGITS_MAX {
        return Err(too_long());
    }
    let parse = |text: &str| match text {
        "" => Ok(0),
        _ => text.parse::<i128>().map_err(|_| wrong()),
    };
    // 18 digits times a week in nanoseconds is below 10^33: no overflow.
    let parts = parse(fraction)? * unit;
    let scale = 10_i128.pow(fraction.len() as u32);
    if parts % scale != 0 {
        return Err(format!("`{number}` is finer than a nanosecond"));
    }
    Ok(parse(whole)? * unit + parts / scale)
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, text[1..].trim_start()),
        Some(b'+') => (false, text[1..].trim_start()),
        _ => (false, text),
    }
}

fn signed(total: i128, negative: bool) -> Result<i64, String> {
    i64::try_from(if negative { -total } else { total }).map_err(|_| too_long())
}

fn too_long() -> String {
    "a duration has to be below 292 years and no finer than a nanosecond".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlparser::dialect::GenericDialect;
    use sqlparser::parser::Parser;

    fn interval(sql: &str) -> Result<i64, String> {
        let dialect = GenericDialect {};
        let expr = Parser::new(&dialect)
            .try_with_sql(sql)
            .expect("tokens")
            .parse_expr()
            .expect("an interval");
        match expr {
            Expr::Interval(interval) => interval_ns(&interval),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn durations_are_exact() {
        for (text, ns) in [
            ("1s", 1_000_000_000),
            ("100ms", 100_000_000),
            ("250us", 250_000),
            ("10ns", 10),
            ("1m", 60_000_000_000),
            ("1h", 3_600_000_000_000),
            ("1d", 86_400_000_000_000),
            ("1 second", 1_000_000_000),
            ("1m30s", 90_000_000_000),
            ("1 minute 30 seconds", 90_000_000_000),
            ("1.5s", 1_500_000_000),
            (" -2 S ", -2_000_000_000),
            ("0.000000001s", 1),
            (".5ms", 500_000),
            ("2w", 1_209_600_000_000_000),
        ] {
            assert_eq!(duration_ns(text), Ok(ns), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for (text, part) in [
            ("", "not a duration"),
            ("-", "not a duration"),
            ("s", "not a duration"),
            ("1", "no unit"),
            ("1 month", "no fixed length"),
            ("1y", "no fixed length"),
            ("1 fortnight", "not a unit"),
            ("1.2.3s", "not a number"),
            (".s", "not a number"),
            ("0.5ns", "finer than"),
            ("1000000000000000000d", "below 292 years"),
            ("99999999999999999999d", "below 292 years"),
            ("1s-2s", "not a duration"),
        ] {
            let error = duration_ns(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn intervals_have_one_meaning_whatever_their_spelling() {
        for (sql, ns) in [
            ("INTERVAL '1' SECOND", 1_000_000_000),
            ("INTERVAL 1 SECOND", 1_000_000_000),
            ("INTERVAL '1 second'", 1_000_000_000),
            ("INTERVAL '1s'", 1_000_000_000),
            ("INTERVAL '2' MINUTES", 120_000_000_000),
            ("INTERVAL '-1' SECOND", -1_000_000_000),
            ("INTERVAL '250' MICROSECOND", 250_000),
            ("INTERVAL '9:30' HOUR TO MINUTE", 34_200_000_000_000),
            ("INTERVAL '1:02.5' MINUTE TO SECOND", 62_500_000_000),
            ("INTERVAL '1 10:30:00' DAY TO SECOND", 124_200_000_000_000),
            ("INTERVAL '-0:30' HOUR TO MINUTE", -1_800_000_000_000),
        ] {
            assert_eq!(interval(sql), Ok(ns), "{sql}");
        }
    }

    #[test]
    fn intervals_that_have_no_length_are_refused() {
        for (sql, part) in [
            ("INTERVAL '1' MONTH", "no fixed length"),
            ("INTERVAL '1' YEAR", "no fixed length"),
            ("INTERVAL '1'", "no unit"),
            ("INTERVAL 'x' SECOND", "not a number of SECOND"),
            ("INTERVAL x SECOND", "string or a number"),
            ("INTERVAL '9:75' HOUR TO MINUTE", "75 in its field"),
            ("INTERVAL '9' HOUR TO MINUTE", "not HOUR to MINUTE"),
            ("INTERVAL '9:30' MINUTE TO HOUR", "cannot go from"),
            ("INTERVAL '1-2' YEAR TO MONTH", "cannot join"),
            ("INTERVAL '1' SECOND (3)", "precision"),
        ] {
            let error = interval(sql).expect_err(sql);
            assert!(error.contains(part), "{sql}: {error}");
        }
    }
}
