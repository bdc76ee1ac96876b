//! The functions of the catalogue and LIKE.

use super::big::Big;
use super::calendar::{date_of, days_of};
use super::eval::{integer, order, unscaled};
use super::field::exact_value;
use super::number::{Exact, in_precision, shortest};
use super::{bytes, json_function, math, nested, pattern, times, words};
use crate::error::Reason;
use crate::plan::{ScalarFunction, TextFunction};
use crate::time::{NS_PER_DAY, NS_PER_SECOND};
use crate::types::{DataType, Value};

/// Calls `function`.
pub fn call(
    function: ScalarFunction,
    args: &[Value],
    types: &[DataType],
    ty: DataType,
) -> Result<Value, Reason> {
    use ScalarFunction as F;
    if matches!(function, F::Greatest | F::Least) {
        let some = args.iter().filter(|arg| **arg != Value::Null);
        let best = if function == F::Greatest {
            some.reduce(|a, b| if order(b, a).is_gt() { b } else { a })
        } else {
            some.reduce(|a, b| if order(b, a).is_lt() { b } else { a })
        };
        return Ok(best.cloned().unwrap_or(Value::Null));
    }
    if function == F::Text(TextFunction::ConcatWs) {
        return Ok(words::concat_ws(args));
    }
    if let F::Nested(function) = function {
        return nested::call(function, args, types);
    }
    if args.contains(&Value::Null) {
        return Ok(Value::Null);
    }
    match function {
        F::Abs | F::Round | F::Ceil | F::Floor => rounding(function, args, types[0], ty),
        F::DateTrunc => truncate(&text(&args[0]), ns(&args[1])).map(Value::I64),
        F::Extract => extract(&text(&args[0]), ns(&args[1])).map(Value::I64),
        F::CharLength => Ok(Value::I64(text(&args[0]).chars().count() as i64)),
        F::Upper => Ok(Value::Text(text(&args[0]).to_ascii_uppercase())),
        F::Lower => Ok(Value::Text(text(&args[0]).to_ascii_lowercase())),
        F::Trim => Ok(Value::Text(text(&args[0]).trim_matches(' ').to_owned())),
        F::Concat => Ok(Value::Text(args.iter().map(text).collect())),
        F::Substring => substring(args),
        F::Sign | F::Truncate => rounding(function, args, types[0], ty),
        F::Double(function) => Ok(Value::F64(math::double(function, args))),
        F::WidthBucket => math::width_bucket(args),
        F::Bits(function) => math::bits(function, args),
        F::Text(function) => words::call(function, args),
        F::Pattern(function) => pattern::call(function, args),
        F::Json(function) => json_function::call(function, args),
        F::Bytes(function) => bytes::call(function, args),
        F::Time(function) => times::call(function, args, types),
        F::Greatest | F::Least | F::Nested(_) => unreachable!("handled above"),
    }
}

pub fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    }
}

fn ns(value: &Value) -> i64 {
    match value {
        Value::I64(ns) => *ns,
        other => panic!("{other:?} is no time"),
    }
}

fn rounding(
    function: ScalarFunction,
    args: &[Value],
    from: DataType,
    ty: DataType,
) -> Result<Value, Reason> {
    use ScalarFunction as F;
    let digits = args.get(1).map(unscaled);
    if let Value::F64(value) = args[0] {
        return Ok(Value::F64(match (function, digits) {
            (F::Abs, _) => value.abs(),
            (F::Ceil, _) => value.ceil(),
            (F::Floor, _) => value.floor(),
            (F::Sign, _) if value == 0.0 || value.is_nan() => value,
            (F::Sign, _) => value.signum(),
            (F::Truncate, None) => value.trunc() + 0.0,
            (F::Truncate, Some(digits)) => math::cut_double(value, digits),
            (_, None) => value.round() + 0.0,
            (_, Some(digits)) => round_double(value, digits),
        }));
    }
    let exact = Exact::new(unscaled(&args[0]), from.scale());
    let whole = |unscaled| Exact { unscaled, scale: 0 };
    let result = match function {
        F::Abs => Exact {
            unscaled: exact.unscaled.abs(),
            scale: exact.scale,
        },
        F::Floor => whole(exact.floor()),
        F::Sign => whole(Big::new(unscaled(&args[0]).signum())),
        F::Truncate => math::cut_exact(unscaled(&args[0]), from.scale(), digits.unwrap_or(0)),
        F::Ceil => {
            let negated = Exact {
                unscaled: exact.unscaled.negate(),
                scale: exact.scale,
            };
            whole(negated.floor().negate())
        }
        _ => round_exact(&exact, digits.unwrap_or(0)),
    };
    let value = result.at_scale(u32::from(ty.scale()));
    let value = match ty {
        DataType::Decimal { precision, .. } => {
            in_precision(&value, precision).map(|value| exact_value(ty, value))
        }
        _ => value.to_i128().and_then(|value| integer(value, ty)),
    };
    value.ok_or(Reason::Overflow)
}

/// Rounds to `digits` behind the point, or before it when negative.
fn round_exact(value: &Exact, digits: i128) -> Exact {
    if digits >= i128::from(value.scale) {
        return value.clone();
    }
    // No number has 100 digits, so rounding further to the left gives 0 as well.
    let dropped = (i128::from(value.scale) - digits).min(100) as u32;
    let unit = Big::power_of_ten(dropped);
    Exact {
        unscaled: value.unscaled.divide_half_up(&unit).times(&unit),
        scale: value.scale,
    }
}

/// Rounds a DOUBLE as the shortest decimal that reads back as it.
fn round_double(value: f64, digits: i128) -> f64 {
    if !value.is_finite() || value == 0.0 {
        return value + 0.0;
    }
    let (magnitude, power) = shortest(value);
    let dropped = -digits - i128::from(power);
    if dropped <= 0 {
        return value;
    }
    // No DOUBLE has more than 17 digits.
    let unit = Big::power_of_ten(dropped.min(40) as u32);
    let rounded = magnitude.divide_half_up(&unit);
    let rounded = rounded.to_i128().expect("fewer digits than before");
    if rounded == 0 {
        return 0.0;
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let text = format!("{sign}{rounded}e{}", -digits);
    text.parse().expect("digits and an exponent are a number")
}

fn substring(args: &[Value]) -> Result<Value, Reason> {
    let start = unscaled(&args[1]);
    let end = match args.get(2).map(unscaled) {
        Some(length) if length < 0 => return Err(Reason::Domain),
        Some(length) => start + length,
        None => i128::MAX,
    };
    let text = text(&args[0]);
    let positions = (1_i128..).zip(text.chars());
    let inside = positions.filter(|(position, _)| start <= *position && *position < end);
    Ok(Value::Text(
        inside.map(|(_, character)| character).collect(),
    ))
}

pub fn unit_of(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let singular = name.strip_suffix('s').map(str::to_owned);
    singular.unwrap_or(name)
}

/// The start of the unit that `ns` lies in.
pub fn truncate(unit: &str, ns: i64) -> Result<i64, Reason> {
    let days = ns.div_euclid(NS_PER_DAY);
    let (year, month, _) = date_of(days);
    let down = |period: i64| Ok(i128::from(ns) - i128::from(ns.rem_euclid(period)));
    let midnight = |days: i64| Ok(i128::from(days) * i128::from(NS_PER_DAY));
    let start = match unit_of(unit).as_str() {
        "nanosecond" => Ok(i128::from(ns)),
        "microsecond" => down(1_000),
        "millisecond" => down(1_000_000),
        "second" => down(NS_PER_SECOND),
        "minute" => down(60 * NS_PER_SECOND),
        "hour" => down(3_600 * NS_PER_SECOND),
        "day" => midnight(days),
        "week" => midnight(days - monday_offset(days)),
        "month" => midnight(days_of(year, month, 1)),
        "quarter" => midnight(days_of(year, (month - 1) / 3 * 3 + 1, 1)),
        "year" => midnight(days_of(year, 1, 1)),
        _ => Err(Reason::Domain),
    };
    i64::try_from(start?).map_err(|_| Reason::Overflow)
}

/// Days since the last Monday; 1970-01-01 was a Thursday.
fn monday_offset(days: i64) -> i64 {
    (days + 3).rem_euclid(7)
}

fn extract(unit: &str, ns: i64) -> Result<i64, Reason> {
    let days = ns.div_euclid(NS_PER_DAY);
    let (year, month, day) = date_of(days);
    let of_day = ns.rem_euclid(NS_PER_DAY);
    let of_minute = ns.rem_euclid(60 * NS_PER_SECOND);
    Ok(match unit_of(unit).as_str() {
        "nanosecond" => of_minute,
        "microsecond" => of_minute / 1_000,
        "millisecond" => of_minute / 1_000_000,
        "second" => of_minute / NS_PER_SECOND,
        "minute" => of_day / NS_PER_SECOND / 60 % 60,
        "hour" => of_day / NS_PER_SECOND / 3_600,
        "day" => day,
        "week" => {
            // The week of the year that its Thursday lies in.
            let thursday = days - monday_offset(days) + 3;
            (thursday - days_of(date_of(thursday).0, 1, 1)) / 7 + 1
        }
        "month" => month,
        "quarter" => (month + 2) / 3,
        "year" => year,
        "dow" => (monday_offset(days) + 1) % 7 + 1,
        "isodow" => monday_offset(days) + 1,
        "doy" => days - days_of(year, 1, 1) + 1,
        "epoch" => ns.div_euclid(NS_PER_SECOND),
        _ => return Err(Reason::Domain),
    })
}

/// LIKE: `%` any text, `_` any character; an escape character at the end stands for itself.
pub fn like(text: &str, pattern: &str, escape: Option<char>, ignore_case: bool) -> bool {
    let fold = |c: char| {
        if ignore_case {
            c.to_ascii_lowercase()
        } else {
            c
        }
    };
    let text: Vec<char> = text.chars().map(fold).collect();
    let mut parts = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        parts.push(if Some(character) == escape {
            Part::Character(fold(characters.next().unwrap_or(character)))
        } else {
            match character {
                '%' => Part::AnyText,
                '_' => Part::AnyCharacter,
                other => Part::Character(fold(other)),
            }
        });
    }
    matches(&text, &parts)
}

enum Part {
    Character(char),
    AnyCharacter,
    AnyText,
}

fn matches(text: &[char], parts: &[Part]) -> bool {
    // reached[n]: the parts so far match the first n characters.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for part in parts {
        let mut next = vec![false; text.len() + 1];
        for n in 0..=text.len() {
            next[n] = match part {
                Part::AnyText => reached[..=n].contains(&true),
                Part::AnyCharacter => n > 0 && reached[n - 1],
                Part::Character(wanted) => n > 0 && reached[n - 1] && text[n - 1] == *wanted,
            };
        }
        reached = next;
    }
    reached[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (text, pattern, expected) in [
            ("abc", "a%", true),
            ("abc", "%b%", true),
            ("abc", "_b_", true),
            ("abc", "ab", false),
            ("", "%", true),
            ("a%c", "a!%c", true),
            ("abc", "a!%c", false),
            ("a!", "a!", true),
        ] {
            assert_eq!(
                like(text, pattern, Some('!'), false),
                expected,
                "{text} {pattern}"
            );
        }
        assert!(like("ABC", "a_c", None, true));
    }

    #[test]
    fn doubles_round_by_their_digits() {
        for (value, digits, expected) in [
            (2.675, 2, 2.68),
            (-0.145, 2, -0.15),
            (1250.0, -2, 1300.0),
            (49.9, -2, 0.0),
            (1e300, 2, 1e300),
        ] {
            assert_eq!(round_double(value, digits), expected);
        }
    }
}
