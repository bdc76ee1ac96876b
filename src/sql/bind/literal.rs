//! Constants: reading them, and casting them while planning.

use crate::expr::nearest_real;
use crate::plan::TimestampFormat;
use crate::time::NS_PER_DAY;
use crate::types::{DECIMAL_DIGITS_MAX, DataType, Physical, Value};

fn power_of_ten(digits: u8) -> i128 {
    10i128.pow(u32::from(digits.min(DECIMAL_DIGITS_MAX)))
}

/// Reads a number as SQL types it: an integer as INT or BIGINT by its size, `1.5` and longer integers as an
/// exact DECIMAL, `1e5` as a DOUBLE; `None` if it is no number that fits.
pub fn parse_literal_number(text: &str) -> Option<(Value, DataType)> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned.is_empty() || !unsigned.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if unsigned.contains(['e', 'E']) {
        let number = text.parse::<f64>().ok().filter(|value| value.is_finite())?;
        return Some((Value::F64(number), DataType::Double));
    }
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if !whole
        .bytes()
        .chain(fraction.bytes())
        .all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let negative = text.starts_with('-');
    if !unsigned.contains('.')
        && let Ok(value) = text.parse::<i64>()
    {
        let ty = if i32::try_from(value).is_ok() {
            DataType::Int
        } else {
            DataType::BigInt
        };
        return Some((Value::I64(value), ty));
    }
    let digits = format!("{}{fraction}", whole.trim_start_matches('0'));
    if digits.len() > usize::from(DECIMAL_DIGITS_MAX) {
        return None;
    }
    let scale = fraction.len() as u8;
    let precision = (digits.len() as u8).max(scale).max(1);
    let size = if digits.is_empty() {
        0
    } else {
        digits.parse::<i128>().ok()?
    };
    let ty = DataType::decimal(precision, scale);
    Some((exact(if negative { -size } else { size }, ty), ty))
}

/// An unscaled value in the representation of `ty`.
fn exact(value: i128, ty: DataType) -> Value {
    match ty.physical() {
        Physical::I128 => Value::I128(value),
        _ => i64::try_from(value).map_or(Value::Null, Value::I64),
    }
}

/// The value of a literal in another type.
///
/// `None`: the cast is left to run time. `Some(Err)`: there is no such value.
pub fn fold_cast(value: &Value, from: DataType, to: DataType) -> Option<Result<Value, String>> {
    if *value == Value::Null {
        return Some(Ok(Value::Null));
    }
    match (value, to) {
        (Value::Text(text), _) if from == DataType::Varchar => fold_text(text, to),
        (Value::F64(value), DataType::Real) => Some(
            nearest_real(*value)
                .map(Value::F64)
                .ok_or_else(|| format!("{value} is out of the range of REAL")),
        ),
        (Value::F64(_), DataType::Double) if from == DataType::Real => Some(Ok(value.clone())),
        (Value::I64(_) | Value::I128(_), _) if from.is_numeric() => {
            let number = match value {
                Value::I64(number) => i128::from(*number),
                Value::I128(number) => *number,
                _ => return None,
            };
            fold_exact(number, from.scale(), to)
        }
        (Value::I64(days), DataType::Timestamp) if from == DataType::Date => Some(
            days.checked_mul(NS_PER_DAY)
                .map(Value::I64)
                .ok_or_else(|| "the date is out of the range of TIMESTAMP".into()),
        ),
        _ => None,
    }
}

fn fold_exact(number: i128, scale: u8, to: DataType) -> Option<Result<Value, String>> {
    match to {
        DataType::Int | DataType::BigInt if scale == 0 => {
            let fits = match to {
                DataType::Int => i32::try_from(number).is_ok(),
                _ => i64::try_from(number).is_ok(),
            };
            Some(if fits {
                Ok(Value::I64(number as i64))
            } else {
                Err(format!("{number} is out of the range of {to}"))
            })
        }
        DataType::Real => {
            let nearest = format!("{number}e-{scale}").parse::<f32>().ok()?;
            Some(Ok(Value::F64(nearest.into())))
        }
        DataType::Double => {
            // Through the text, so that the value is the nearest one.
            format!("{number}e-{scale}")
                .parse()
                .ok()
                .map(|value| Ok(Value::F64(value)))
        }
        DataType::Decimal {
            precision,
            scale: wanted,
        } if wanted >= scale => {
            let scaled = number.checked_mul(power_of_ten(wanted - scale));
            let limit = power_of_ten(precision);
            Some(match scaled {
                Some(value) if -limit < value && value < limit => Ok(exact(value, to)),
                _ => Err(format!("the number is out of the range of {to}")),
            })
        }
        _ => None,
    }
}

fn fold_text(text: &str, to: DataType) -> Option<Result<Value, String>> {
    let no_value = || {
        let article = match to {
            DataType::Int | DataType::Interval => "an",
            _ => "a",
        };
        format!("'{text}' is not {article} {to}")
    };
    // A date alone is its midnight.
    let instant = crate::civil::parse_timestamp(text.trim().as_bytes(), &TimestampFormat::Iso);
    match to {
        DataType::Real => text
            .trim()
            .parse::<f32>()
            .ok()
            .map(|value| Ok(Value::F64(value.into()))),
        DataType::Int | DataType::BigInt | DataType::Double | DataType::Decimal { .. } => {
            let Some((value, from)) = parse_literal_number(text.trim()) else {
                return if to == DataType::Double {
                    None
                } else {
                    Some(Err(no_value()))
                };
            };
            if from == to {
                return Some(Ok(value));
            }
            match fold_cast(&value, from, to) {
                Some(result) => Some(result),
                None => Some(Err(no_value())),
            }
        }
        DataType::Boolean => Some(match text.trim().to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" => Ok(Value::Bool(true)),
            "false" | "f" | "no" | "n" | "0" => Ok(Value::Bool(false)),
            _ => Err(no_value()),
        }),
        DataType::Timestamp => Some(instant.map(Value::I64).map_err(|_| no_value())),
        DataType::TimestampLtz(zone) => Some(
            crate::civil::parse_instant(text.trim().as_bytes(), &TimestampFormat::Iso, zone)
                .map(Value::I64)
                .map_err(|_| no_value()),
        ),
        DataType::Time => Some(
            crate::civil::parse_time(text.trim().as_bytes())
                .or_else(|_| instant.map(|ns| ns.rem_euclid(NS_PER_DAY)))
                .map(Value::I64)
                .map_err(|_| no_value()),
        ),
        DataType::Varbinary => Some(Ok(Value::Text(text.to_owned()))),
        DataType::Date => Some(
            crate::civil::parse_date(text.trim().as_bytes())
                .or_else(|_| instant.map(|ns| ns.div_euclid(NS_PER_DAY)))
                .map(Value::I64)
                .map_err(|_| no_value()),
        ),
        DataType::Interval => Some(
            crate::civil::parse_interval(text.trim().as_bytes())
                .map(Value::I64)
                .ok_or_else(no_value),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_typed_by_their_spelling() {
        let ty = |text| parse_literal_number(text).map(|(_, ty)| ty);
        assert_eq!(ty("1"), Some(DataType::Int));
        assert_eq!(ty("-2147483648"), Some(DataType::Int));
        assert_eq!(ty("2147483648"), Some(DataType::BigInt));
        assert_eq!(ty("-9223372036854775808"), Some(DataType::BigInt));
        assert_eq!(ty("9223372036854775808"), Some(DataType::decimal(19, 0)));
        assert_eq!(ty("1.50"), Some(DataType::decimal(3, 2)));
        assert_eq!(ty("0.05"), Some(DataType::decimal(2, 2)));
        assert_eq!(ty(".5"), Some(DataType::decimal(1, 1)));
        assert_eq!(ty("1e5"), Some(DataType::Double));
        assert_eq!(ty("1e999"), None);
        assert_eq!(ty("abc"), None);
        assert_eq!(ty("-"), None);
        assert_eq!(ty(&"9".repeat(39)), None);
    }

    #[test]
    fn literals_fold_exactly_or_not_at_all() {
        let fold = |value, from, to| fold_cast(&value, from, to);
        assert_eq!(
            fold(Value::I64(100), DataType::Int, DataType::decimal(18, 4)),
            Some(Ok(Value::I64(1_000_000)))
        );
        assert_eq!(
            fold(Value::I64(15), DataType::decimal(2, 1), DataType::Double),
            Some(Ok(Value::F64(1.5)))
        );
        assert!(matches!(
            fold(Value::I64(1 << 40), DataType::BigInt, DataType::Int),
            Some(Err(_))
        ));
        assert_eq!(
            fold(Value::I64(15), DataType::decimal(2, 1), DataType::Int),
            None
        );
        assert_eq!(
            fold(
                Value::Text("2.50".into()),
                DataType::Varchar,
                DataType::decimal(18, 4)
            ),
            Some(Ok(Value::I64(25_000)))
        );
    }
}
