//! Casts between DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ and INTERVAL.
//!
//! The days and times of day of a TIMESTAMP_LTZ are those that a clock in its zone shows; those of a TIMESTAMP are of
//! UTC (the binder has brought it to the session's clock before, where there is one).

use super::kernel::{Faults, Operand, data_of, try_map};
use crate::batch::{Column, Rows};
use crate::civil::zone::Zone;
use crate::error::Reason;
use crate::time::NS_PER_DAY;
use crate::types::DataType;

/// Casts `input` of type `from` into `out`, a column of type `to` whose NULLs are those of the input.
pub(super) fn cast(
    (from, to): (DataType, DataType),
    input: Operand<'_>,
    rows: Rows<'_>,
    out: &mut Column,
    faults: &mut Faults<'_>,
) {
    let zone = match (from, to) {
        (DataType::TimestampLtz(zone), _) | (_, DataType::TimestampLtz(zone)) => {
            Zone::registered(zone)
        }
        _ => None,
    };
    let local = |ns: i64| match zone {
        Some(zone) => zone.to_local(ns).ok_or(Reason::Cast),
        None => Ok(ns),
    };
    let values = data_of!(out.data, I64);
    let nulls = &mut out.nulls;
    match to {
        DataType::Date => try_map(rows, input.i64s(), values, nulls, faults, |ns| {
            Ok(local(ns)?.div_euclid(NS_PER_DAY))
        }),
        // Also what is left of an INTERVAL behind its whole days.
        DataType::Time => try_map(rows, input.i64s(), values, nulls, faults, |ns| {
            Ok(local(ns)?.rem_euclid(NS_PER_DAY))
        }),
        _ => try_map(rows, input.i64s(), values, nulls, faults, |days| {
            let midnight = days.checked_mul(NS_PER_DAY).ok_or(Reason::Cast)?;
            match zone {
                Some(zone) => zone.from_local(midnight).ok_or(Reason::Cast),
                None => Ok(midnight),
            }
        }),
    }
}

/// Days to the nanoseconds of their midnight in UTC; `Overflow` when they leave 64 bits. The NULLs of `out` are those
/// of the input.
pub(super) fn midnights(
    input: Operand<'_>,
    rows: Rows<'_>,
    out: &mut Column,
    faults: &mut Faults<'_>,
) {
    let values = data_of!(out.data, I64);
    try_map(rows, input.i64s(), values, &mut out.nulls, faults, |days| {
        days.checked_mul(NS_PER_DAY).ok_or(Reason::Overflow)
    });
}
