//! CAST. DOUBLE and DECIMAL to integers truncate; a DECIMAL that loses scale rounds half up; what does not fit
//! is `Reason::Cast`.

use super::calendar::{read_date, read_interval, read_time, read_timestamp};
use super::eval::{integer, unscaled};
use super::field::{exact_value, read_integer};
use super::nested;
use super::number::{Beyond, Exact, in_precision, read_decimal, shortest_text, to_double};
use super::render::text_of;
use super::times::{instant_in, read_in, shown_in};
use crate::error::Reason;
use crate::plan::TimestampFormat;
use crate::time::NS_PER_DAY;
use crate::types::{DataType, Value};

/// `value` of type `from` as a `to`.
pub fn cast(value: &Value, from: DataType, to: DataType) -> Result<Value, Reason> {
    if *value == Value::Null || from == to {
        return Ok(value.clone());
    }
    let result = match (value, to) {
        (Value::Text(_) | Value::Bytes(_), _) if from == DataType::Varbinary => match value {
            Value::Text(_) => Some(value.clone()),
            _ => None,
        },
        _ if from.is_nested() && to.is_nested() => return nested::cast(value, from, to),
        _ if from.is_nested() => Some(Value::Text(text_of(value, from, &TimestampFormat::Iso))),
        (Value::Text(text), _) if to.is_nested() => {
            nested::read(text.trim_ascii().as_bytes(), to, &TimestampFormat::Iso).ok()
        }
        (Value::Text(text), _) => from_text(text, to),
        (_, DataType::Varchar) => Some(Value::Text(text_of(value, from, &TimestampFormat::Iso))),
        (Value::Bool(value), _) => from_exact(&Exact::new(i128::from(*value), 0), to),
        (Value::F64(value), _) => from_double(*value, to),
        _ if !from.is_numeric() => times(unscaled(value) as i64, from, to),
        (_, DataType::Real) if from.is_integer() => {
            Some(Value::F64((unscaled(value) as f32).into()))
        }
        (_, DataType::Real) => {
            let double = to_double(unscaled(value), from.scale());
            Some(Value::F64((double as f32).into()))
        }
        (_, DataType::Double) if from.is_integer() => Some(Value::F64(unscaled(value) as f64)),
        (_, DataType::Double) => Some(Value::F64(to_double(unscaled(value), from.scale()))),
        _ => from_exact(&Exact::new(unscaled(value), from.scale()), to),
    };
    result.ok_or(Reason::Cast)
}

/// Between DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ and INTERVAL.
fn times(value: i64, from: DataType, to: DataType) -> Option<Value> {
    let shown = match from {
        DataType::TimestampLtz(zone) if !to.is_instant() => shown_in(value, zone)?,
        _ => value,
    };
    let value = match to {
        DataType::Date => shown.div_euclid(NS_PER_DAY),
        DataType::Time => shown.rem_euclid(NS_PER_DAY),
        DataType::TimestampLtz(zone) if from == DataType::Date => {
            instant_in(value.checked_mul(NS_PER_DAY)?, zone)?
        }
        DataType::Timestamp if from == DataType::Date => value.checked_mul(NS_PER_DAY)?,
        _ => value,
    };
    Some(Value::I64(value))
}

fn from_exact(value: &Exact, to: DataType) -> Option<Value> {
    match to {
        DataType::Boolean => Some(Value::Bool(!value.unscaled.is_zero())),
        DataType::Int | DataType::BigInt => integer(value.truncated().to_i128()?, to),
        DataType::Double | DataType::Real => Some(Value::F64(value.unscaled.to_i128()? as f64)),
        DataType::Decimal { precision, scale } => {
            let value = in_precision(&value.at_scale(u32::from(scale)), precision)?;
            Some(exact_value(to, value))
        }
        _ => None,
    }
}

fn from_double(value: f64, to: DataType) -> Option<Value> {
    match to {
        DataType::Boolean => Some(Value::Bool(value != 0.0)),
        DataType::Double => Some(Value::F64(value)),
        DataType::Real => {
            let nearest = f64::from(value as f32);
            (nearest.is_finite() == value.is_finite()).then_some(Value::F64(nearest))
        }
        DataType::Int | DataType::BigInt => {
            // 128 bits hold every DOUBLE that is near 64 bits; the others saturate and are refused.
            (!value.is_nan()).then(|| integer(value.trunc() as i128, to))?
        }
        DataType::Decimal { precision, scale } => {
            value.is_finite().then_some(())?;
            let text = shortest_text(value);
            let value = read_decimal(text.as_bytes(), (precision, scale), Beyond::Round).ok()?;
            Some(exact_value(to, value))
        }
        _ => None,
    }
}

fn from_text(text: &str, to: DataType) -> Option<Value> {
    let whole = text;
    let text = text.as_bytes().trim_ascii();
    let iso = |text| read_timestamp(text, &TimestampFormat::Iso);
    match to {
        DataType::Boolean => match text.to_ascii_lowercase().as_slice() {
            b"true" | b"t" | b"yes" | b"y" | b"1" => Some(Value::Bool(true)),
            b"false" | b"f" | b"no" | b"n" | b"0" => Some(Value::Bool(false)),
            _ => None,
        },
        DataType::Int | DataType::BigInt => read_integer(to, text).ok().map(Value::I64),
        DataType::Double => {
            let number = std::str::from_utf8(text).ok()?.parse().ok()?;
            Some(Value::F64(number))
        }
        DataType::Decimal { precision, scale } => {
            let value = read_decimal(text, (precision, scale), Beyond::Round).ok()?;
            Some(exact_value(to, value))
        }
        DataType::Date => {
            let days = read_date(text).or(iso(text).map(|ns| ns.div_euclid(NS_PER_DAY)));
            days.map(Value::I64)
        }
        DataType::Timestamp => iso(text).map(Value::I64),
        DataType::TimestampLtz(zone) => read_in(text, &TimestampFormat::Iso, zone).map(Value::I64),
        DataType::Time => {
            let of_day = read_time(text).or(iso(text).map(|ns| ns.rem_euclid(NS_PER_DAY)));
            of_day.map(Value::I64)
        }
        DataType::Real => {
            let number: f32 = std::str::from_utf8(text).ok()?.parse().ok()?;
            Some(Value::F64(number.into()))
        }
        DataType::Varbinary => Some(Value::Text(whole.to_owned())),
        DataType::Interval => read_interval(whole.trim_ascii()).map(Value::I64),
        DataType::Varchar | DataType::Array(_) | DataType::Row(_) | DataType::Map(..) => None,
    }
}
