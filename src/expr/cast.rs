//! Casts between all types; those to and from VARCHAR are in `cast_text`, those between times in `cast_time`.
//!
//! DOUBLE and DECIMAL to integers cut the fraction off, a DECIMAL that loses scale rounds half up, a DOUBLE becomes
//! a DECIMAL by its shortest decimal text, and what becomes a REAL goes to the nearest one. What does not fit the
//! target is `Cast`. Between numbers and times there is none: TO_TIMESTAMP_LTZ and EXTRACT name the unit.

use super::decimal_arithmetic::shape;
use super::kernel::{Arg, Exact, Faults, Operand, add_nulls, data_of, map, try_map, with_exact};
use super::{cast_text, cast_time, recast};
use crate::batch::{Column, ColumnData, Rows};
use crate::decimal::{self, POWERS_OF_TEN};
use crate::error::Reason;
use crate::format::nested_read::is_read;
use crate::types::DataType;

/// Whether there is a cast from `from` to `to`: between BOOLEAN, the numbers and VARCHAR, between DATE, TIMESTAMP,
/// TIMESTAMP_LTZ and VARCHAR, from the last three to TIME, between TIME, INTERVAL and VARCHAR, between VARCHAR and
/// VARBINARY, between ARRAY, ROW and MAP and VARCHAR, which has their JSON text, and between two of a kind where there is
/// one between their parts.
pub fn can_cast(from: DataType, to: DataType) -> bool {
    use DataType::{
        Array, Boolean, Date, Interval, Map, Row, Time, Timestamp, TimestampLtz, Varbinary, Varchar,
    };
    let plain = |ty: DataType| ty.is_numeric() || ty == Boolean;
    from == to
        || (plain(from) && (plain(to) || to == Varchar))
        || match from {
            Varchar => !to.is_nested() || is_read(to),
            Array(_) | Row(_) | Map(..) => {
                to == Varchar
                    || recast::parts(from, to)
                        .is_some_and(|mut parts| parts.all(|(from, to)| can_cast(from, to)))
            }
            Varbinary => to == Varchar,
            Date => to.is_instant() || to == Varchar,
            Timestamp | TimestampLtz(_) => to.is_instant() || matches!(to, Date | Time | Varchar),
            Time => matches!(to, Interval | Varchar),
            Interval => matches!(to, Time | Varchar),
            _ => false,
        }
}

/// Whether the cast leaves every value as it is held.
pub(super) fn is_identity(from: DataType, to: DataType) -> bool {
    from == to
        || (from == DataType::Int && to == DataType::BigInt)
        || (from == DataType::Real && to == DataType::Double)
        || (from == DataType::Varchar && to == DataType::Varbinary)
        || (from == DataType::Time && to == DataType::Interval)
        || (from.is_instant() && to.is_instant())
        || (from.physical() == to.physical() && exact_fits(from, to) && from.scale() == to.scale())
        || recast::parts(from, to)
            .is_some_and(|mut parts| parts.all(|(from, to)| is_identity(from, to)))
}

/// Whether every exact number of `from` is one of `to`, a DECIMAL.
fn exact_fits(from: DataType, to: DataType) -> bool {
    if !matches!(to, DataType::Decimal { .. }) || from.is_float() || !from.is_numeric() {
        return false;
    }
    let (from, to) = (shape(from), shape(to));
    from.1 <= to.1 && from.0 - from.1 <= to.0 - to.1
}

/// Whether the cast can fail for a row.
pub(super) fn can_fail(from: DataType, to: DataType) -> bool {
    use DataType::{Boolean, Double, Interval, Real, Time, Varchar};
    let safe = is_identity(from, to)
        || exact_fits(from, to)
        || (from.is_numeric() && matches!(to, Double | Boolean))
        || (from.is_numeric() && from != Double && to == Real)
        || (from == Boolean && !matches!(to, DataType::Decimal { .. }))
        || (to == Varchar
            && (from.is_numeric() || (from.is_nested() || matches!(from, Interval | Time))))
        || recast::parts(from, to)
            .is_some_and(|mut parts| !parts.any(|(from, to)| can_fail(from, to)));
    !safe
}

/// Casts `input` of type `from` into `out`, a prepared column of type `to`.
pub(super) fn cast(
    (from, to): (DataType, DataType),
    input: Operand<'_>,
    rows: Rows<'_>,
    out: &mut Column,
    buffer: &mut Vec<u8>,
    faults: &mut Faults<'_>,
) {
    let len = out.len();
    if !add_nulls(&mut out.nulls, input, len) {
        return;
    }
    match (from, to) {
        (DataType::Varchar, _) => cast_text::from_text(to, input.texts(), rows, out, faults),
        (DataType::Varbinary, _) => cast_text::from_bytes(input.texts(), rows, out, faults),
        (_, DataType::Varchar) => cast_text::to_text(from, input, rows, out, buffer, faults),
        (DataType::Boolean, _) => from_bool(to, input.bools(), rows, out, faults),
        (DataType::Double | DataType::Real, _) => {
            from_double(to, input.f64s(), rows, out, faults);
        }
        _ if !from.is_numeric() => cast_time::cast((from, to), input, rows, out, faults),
        _ => with_exact!(input, values => from_exact((from, to), values, rows, out, faults)),
    }
}

fn from_bool(
    to: DataType,
    input: Arg<'_, bool>,
    rows: Rows<'_>,
    out: &mut Column,
    faults: &mut Faults<'_>,
) {
    let (precision, scale) = shape(to);
    let one = POWERS_OF_TEN[usize::from(scale)];
    let one = decimal::fits(one, precision)
        .then_some(one)
        .ok_or(Reason::Cast);
    let number = |value: bool| if value { one } else { Ok(0) };
    match &mut out.data {
        ColumnData::F64(values) => map(rows, input, values, |value| f64::from(u8::from(value))),
        ColumnData::I64(values) => try_map(rows, input, values, &mut out.nulls, faults, |value| {
            number(value).map(i64::from_wide)
        }),
        data => {
            let values = data_of!(*data, I128);
            try_map(rows, input, values, &mut out.nulls, faults, number);
        }
    }
}

fn from_double(
    to: DataType,
    input: Arg<'_, f64>,
    rows: Rows<'_>,
    out: &mut Column,
    faults: &mut Faults<'_>,
) {
    let nulls = &mut out.nulls;
    let exact = |value: f64| {
        let (precision, scale) = shape(to);
        decimal::from_f64(value, precision, scale).map_err(|_| Reason::Cast)
    };
    match (&mut out.data, to) {
        (ColumnData::Bool(values), _) => map(rows, input, values, |value| value != 0.0),
        (ColumnData::F64(values), _) => try_map(rows, input, values, nulls, faults, |value| {
            nearest_real(value).ok_or(Reason::Cast)
        }),
        (ColumnData::I64(values), DataType::Int) => {
            try_map(rows, input, values, nulls, faults, |value| {
                truncated(value, i64::from(i32::MIN), i64::from(i32::MAX))
            });
        }
        (ColumnData::I64(values), DataType::BigInt) => {
            try_map(rows, input, values, nulls, faults, |value| {
                truncated(value, i64::MIN, i64::MAX)
            });
        }
        (ColumnData::I64(values), _) => try_map(rows, input, values, nulls, faults, |value| {
            exact(value).map(i64::from_wide)
        }),
        (data, _) => try_map(rows, input, data_of!(*data, I128), nulls, faults, exact),
    }
}

/// The REAL that is nearest to a DOUBLE, if that is in its range.
pub(crate) fn nearest_real(value: f64) -> Option<f64> {
    let real = value as f32;
    (real.is_finite() || !value.is_finite()).then_some(real.into())
}

/// The integer part, if it is in `least..=most`.
fn truncated(value: f64, least: i64, most: i64) -> Result<i64, Reason> {
    // The float-to-integer cast saturates, and 128 bits hold every value that is near 64 bits. NaN is refused first.
    if value.is_nan() {
        return Err(Reason::Cast);
    }
    in_range(value as i128, least, most)
}

fn in_range(value: i128, least: i64, most: i64) -> Result<i64, Reason> {
    i64::try_from(value)
        .ok()
        .filter(|value| (least..=most).contains(value))
        .ok_or(Reason::Cast)
}

fn from_exact<A: Exact>(
    (from, to): (DataType, DataType),
    input: Arg<'_, A>,
    rows: Rows<'_>,
    out: &mut Column,
    faults: &mut Faults<'_>,
) {
    let scale = from.scale();
    let nulls = &mut out.nulls;
    match (&mut out.data, to) {
        (ColumnData::Bool(values), _) => map(rows, input, values, |value| value.wide() != 0),
        (ColumnData::F64(values), DataType::Real) if from.is_integer() => {
            map(rows, input, values, |value| {
                f64::from(i64::from_wide(value.wide()) as f32)
            });
        }
        (ColumnData::F64(values), DataType::Real) => map(rows, input, values, |value| {
            f64::from(decimal::to_f64(value.wide(), scale) as f32)
        }),
        (ColumnData::F64(values), _) if from.is_integer() => {
            map(rows, input, values, |value| {
                i64::from_wide(value.wide()) as f64
            });
        }
        (ColumnData::F64(values), _) => map(rows, input, values, |value| {
            decimal::to_f64(value.wide(), scale)
        }),
        (ColumnData::I64(values), DataType::Int) => {
            try_map(rows, input, values, nulls, faults, |value| {
                let whole = decimal::truncate(value.wide(), scale);
                in_range(whole, i64::from(i32::MIN), i64::from(i32::MAX))
            });
        }
        (ColumnData::I64(values), DataType::BigInt) => {
            try_map(rows, input, values, nulls, faults, |value| {
                in_range(decimal::truncate(value.wide(), scale), i64::MIN, i64::MAX)
            });
        }
        (data, _) if exact_fits(from, to) => {
            let factor = POWERS_OF_TEN[usize::from(to.scale() - scale)];
            match data {
                ColumnData::I64(values) => map(rows, input, values, |value| {
                    i64::from_wide(value.wide()).wrapping_mul(factor as i64)
                }),
                data => map(rows, input, data_of!(*data, I128), |value| {
                    value.wide().wrapping_mul(factor)
                }),
            }
        }
        (data, _) => {
            let (precision, to_scale) = shape(to);
            let f = |value: A| {
                decimal::rescale(value.wide(), scale, to_scale)
                    .filter(|&value| decimal::fits(value, precision))
                    .ok_or(Reason::Cast)
            };
            match data {
                ColumnData::I64(values) => try_map(rows, input, values, nulls, faults, |value| {
                    f(value).map(i64::from_wide)
                }),
                data => try_map(rows, input, data_of!(*data, I128), nulls, faults, f),
            }
        }
    }
}
