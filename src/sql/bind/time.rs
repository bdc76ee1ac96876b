//! Functions of times: units and patterns are constants, and what depends on a calendar goes by the session's zone.
//!
//! A TIMESTAMP is an instant. DATE_TRUNC, EXTRACT, DATE_FORMAT and casts to DATE and VARCHAR show it by a clock in the
//! zone of `SET 'timezone'`; casts from them, and TO_TIMESTAMP of texts, read such a clock.

use super::call::call;
use super::expr::{Binder, Bound, error, unbuilt};
use super::place::place;
use super::types;
use crate::civil::{names_offset, pattern, zone::Zone};
use crate::error::{Span, SqlError};
use crate::expr::cast_parts;
use crate::plan::{Expr, ScalarFunction, TimeFunction};
use crate::types::{DataType, Value, ZoneId};
use sqlparser::ast::Expr as SqlExpr;

fn text(value: impl Into<String>) -> Expr {
    Expr::Literal {
        value: Value::Text(value.into()),
        ty: DataType::Varchar,
    }
}

fn integer(value: i64) -> Expr {
    Expr::Literal {
        value: Value::I64(value),
        ty: DataType::Int,
    }
}

fn time(function: TimeFunction, args: Vec<Expr>, span: Span) -> Bound {
    call(ScalarFunction::Time(function), args, None, span)
}

/// Whether the cast, or one of parts, reads or shows a TIMESTAMP by a clock.
fn goes_by_clock(from: DataType, to: DataType) -> bool {
    use DataType::{Date, Time, Timestamp, Varchar};
    match (from, to) {
        (Timestamp, Date | Time | Varchar) | (Date | Varchar, Timestamp) => true,
        _ => cast_parts(from, to)
            .is_some_and(|mut parts| parts.any(|(from, to)| goes_by_clock(from, to))),
    }
}

impl Binder<'_> {
    /// What a clock in the session's zone shows.
    pub(super) fn local(&self, instant: Expr, span: Span) -> Bound {
        match &self.scope.zone {
            Some(zone) if !types::is_null(&instant) && instant.ty().is_instant() => {
                time(TimeFunction::ToZone, vec![instant, text(zone)], span)
            }
            _ => Ok(instant),
        }
    }

    /// The instant at which a clock in the session's zone shows it.
    pub(super) fn instant(&self, local: Expr, span: Span) -> Bound {
        match &self.scope.zone {
            Some(zone) => time(TimeFunction::FromZone, vec![local, text(zone)], span),
            None => Ok(local),
        }
    }

    /// A cast between times, or of a time and VARCHAR, by the session's zone.
    pub(super) fn cast_time(&self, bound: Expr, ty: DataType, lenient: bool, span: Span) -> Bound {
        use DataType::{Date, Time, Timestamp, Varchar};
        let cast =
            |bound| types::cast_to(bound, ty, lenient).map_err(|message| error(span, message));
        match (bound.ty(), ty) {
            _ if self.scope.zone.is_none() || types::is_null(&bound) => cast(bound),
            (from, to) if from.is_nested() && goes_by_clock(from, to) => {
                let what = "a cast of times in an ARRAY, ROW or MAP by the session's time zone";
                Err(unbuilt(span, what).with_hint("cast to TIMESTAMP_LTZ, which knows its zone"))
            }
            // A TIMESTAMP_LTZ knows its zone.
            (Timestamp, Date | Time | Varchar) => cast(self.local(bound, span)?),
            (Date, Timestamp) => self.instant(cast(bound)?, span),
            (Varchar, Timestamp) => {
                if let Expr::Literal {
                    value: Value::Text(text),
                    ..
                } = &bound
                    && names_offset(text.as_bytes())
                {
                    return cast(bound);
                }
                self.instant(cast(bound)?, span)
            }
            _ => cast(bound),
        }
    }

    /// A call of a function of times that has no rules of its own.
    pub(super) fn time_call(
        &mut self,
        function: TimeFunction,
        args: &[&SqlExpr],
        span: Span,
    ) -> Bound {
        let mut bound = args
            .iter()
            .map(|arg| self.bind(arg))
            .collect::<Result<Vec<_>, _>>()?;
        match function {
            TimeFunction::Bin if bound.len() == 2 => bound.push(Expr::Literal {
                value: Value::I64(0),
                ty: DataType::Timestamp,
            }),
            TimeFunction::Format => {
                bound[1] = constant_pattern(&bound[1], place(args[1]))?;
                bound[0] = self.local(bound[0].clone(), span)?;
            }
            TimeFunction::Parse => return self.to_timestamp(bound, args, span),
            TimeFunction::FromEpoch => return self.to_timestamp_ltz(bound, span),
            TimeFunction::ToZone | TimeFunction::FromZone => check_zone(&bound[1], place(args[1]))?,
            TimeFunction::TruncateInZone => check_zone(&bound[2], place(args[2]))?,
            _ => {}
        }
        time(function, bound, span)
    }

    /// TO_TIMESTAMP_LTZ(n [, digits]).
    fn to_timestamp_ltz(&self, mut bound: Vec<Expr>, span: Span) -> Bound {
        if bound.len() == 1 {
            bound.push(integer(0));
        }
        let ty = DataType::TimestampLtz(zone_id(self.scope.zone.as_deref()));
        let instant = time(TimeFunction::FromEpoch, bound, span)?;
        types::cast_to(instant, ty, false).map_err(|message| error(span, message))
    }

    /// TO_TIMESTAMP of a text, with a pattern or without, or of a number.
    fn to_timestamp(&self, mut bound: Vec<Expr>, args: &[&SqlExpr], span: Span) -> Bound {
        if bound.len() == 1 && bound[0].ty().is_numeric() {
            bound.push(integer(0));
            return time(TimeFunction::FromEpoch, bound, span);
        }
        if bound.len() == 1 {
            return self.cast_time(bound.remove(0), DataType::Timestamp, false, span);
        }
        bound[1] = constant_pattern(&bound[1], place(args[1]))?;
        let has_offset = matches!(
            &bound[1],
            Expr::Literal { value: Value::Text(pattern), .. }
                if ["%z", "%:z", "%s"].iter().any(|part| pattern.contains(part))
        );
        let read = time(TimeFunction::Parse, bound, span)?;
        if has_offset {
            Ok(read)
        } else {
            self.instant(read, span)
        }
    }

    /// FROM_UNIXTIME(n [, pattern]).
    pub(super) fn unixtime_text(&mut self, args: &[&SqlExpr], span: Span) -> Bound {
        let pattern = match args.get(1) {
            Some(pattern) => constant_pattern(&self.bind(pattern)?, place(pattern))?,
            None => text("%Y-%m-%d %H:%M:%S"),
        };
        let instant = vec![self.bind(args[0])?, integer(0)];
        let instant = time(TimeFunction::FromEpoch, instant, span)?;
        let local = self.local(instant, span)?;
        time(TimeFunction::Format, vec![local, pattern], span)
    }

    /// UNIX_TIMESTAMP(ts), UNIX_TIMESTAMP(s [, pattern]).
    pub(super) fn unix_timestamp(&mut self, args: &[&SqlExpr], span: Span) -> Bound {
        let first = self.bind(args[0])?;
        let instant = if args.len() == 2 || first.ty() == DataType::Varchar {
            self.time_call(TimeFunction::Parse, args, span)?
        } else {
            first
        };
        call(
            ScalarFunction::Extract,
            vec![text("epoch"), instant],
            None,
            span,
        )
    }

    /// `ts AT TIME ZONE zone`.
    pub(super) fn at_time_zone(&mut self, input: &SqlExpr, zone: &SqlExpr, span: Span) -> Bound {
        self.time_call(TimeFunction::ToZone, &[input, zone], span)
    }
}

/// The zone of TIMESTAMP_LTZ in a session; `SET 'timezone'` has admitted it.
pub fn zone_id(zone: Option<&str>) -> ZoneId {
    zone.and_then(Zone::register).unwrap_or_default()
}

/// What to write in place of a zone's name that is not known.
pub fn zone_hint(name: &str) -> String {
    match Zone::near(name) {
        Some(near) => format!("did you mean '{near}'?"),
        None => "zones are named like 'America/New_York' or 'UTC'".to_owned(),
    }
}

/// Refuses a constant that is the name of no zone.
fn check_zone(zone: &Expr, span: Span) -> Result<(), SqlError> {
    match zone {
        Expr::Literal {
            value: Value::Text(name),
            ..
        } if Zone::get(name).is_none() => {
            Err(error(span, format!("time zone '{name}' is not known")).with_hint(zone_hint(name)))
        }
        _ => Ok(()),
    }
}

/// A strftime pattern from a constant: one without `%` is taken for Flink's letters.
fn constant_pattern(pattern: &Expr, span: Span) -> Bound {
    let Expr::Literal {
        value: Value::Text(written),
        ..
    } = pattern
    else {
        if types::is_null(pattern) {
            return Ok(pattern.clone());
        }
        return Err(error(span, "a pattern of times must be a constant text"));
    };
    let strftime = if written.contains('%') {
        written.clone()
    } else {
        from_letters(written).map_err(|message| error(span, message))?
    };
    pattern::check(&strftime)
        .map_err(|message| error(span, format!("not a pattern of times: {message}")))?;
    Ok(text(strftime))
}

/// `yyyy-MM-dd HH:mm:ss.SSS` as a strftime pattern.
fn from_letters(pattern: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(char) = chars.next() {
        if char == '\'' {
            quoted(&mut chars, &mut out);
            continue;
        }
        if !char.is_ascii_alphabetic() {
            out.push(char);
            continue;
        }
        let mut count = 1;
        while chars.next_if_eq(&char).is_some() {
            count += 1;
        }
        let part = match (char, count) {
            ('y' | 'u', 2) => "%y",
            ('y' | 'u', _) => "%Y",
            ('M' | 'L', 1) => "%-m",
            ('M' | 'L', 2) => "%m",
            ('M' | 'L', 3) => "%b",
            ('M' | 'L', _) => "%B",
            ('d', 1) => "%-d",
            ('d', _) => "%d",
            ('D', _) => "%j",
            ('H', 1) => "%-H",
            ('H', _) => "%H",
            ('h', 1) => "%-I",
            ('h', _) => "%I",
            ('m', 1) => "%-M",
            ('m', _) => "%M",
            ('s', 1) => "%-S",
            ('s', _) => "%S",
            ('S', digits @ 1..=9) => {
                out.push_str(&format!("%{digits}f"));
                continue;
            }
            ('a', _) => "%p",
            ('E', 1..=3) => "%a",
            ('E', _) => "%A",
            _ => return Err(format!("letter {char} of a pattern of times is not known")),
        };
        out.push_str(part);
    }
    Ok(out)
}

/// The text up to the next quote; two quotes are one.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    if chars.next_if_eq(&'\'').is_some() {
        out.push('\'');
        return;
    }
    while let Some(char) = chars.next() {
        if char != '\'' {
            out.push(char);
        } else if chars.next_if_eq(&'\'').is_some() {
            out.push('\'');
        } else {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_become_directives() {
        for (letters, expected) in [
            ("yyyy-MM-dd HH:mm:ss.SSS", "%Y-%m-%d %H:%M:%S.%3f"),
            ("d.M.yy 'o''clock' h a", "%-d.%-m.%y o'clock %-I %p"),
            ("yyyyMMdd''EEE", "%Y%m%d'%a"),
        ] {
            assert_eq!(from_letters(letters).as_deref(), Ok(expected));
            assert_eq!(pattern::check(expected), Ok(()));
        }
        assert!(from_letters("yyyy-ww").is_err());
        assert!(names_offset(b"2025-01-02 09:30:00-05") && names_offset(b"2025-01-02T09:30Z"));
        assert!(!names_offset(b"2025-01-02 09:30:00") && !names_offset(b"2025-01-02"));
    }
}
