//! Type rules of the catalogue's functions and of arithmetic on exact numbers.
//!
//! DECIMAL results follow Flink's `LogicalTypeMerging`: precision past 38 is cut by giving up scale, but
//! never below 6 digits of it.

use crate::plan::{AggregateKind, ArithmeticOp, ScalarFunction, TimeFunction};
use crate::types::{DECIMAL_DIGITS_MAX, DataType, Physical, array_of};

/// Units of DATE_TRUNC.
pub const TRUNC_UNITS: &[&str] = &[
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "hour",
    "minute",
    "second",
    "millisecond",
    "microsecond",
    "nanosecond",
];
/// Units of EXTRACT.
pub const EXTRACT_UNITS: &[&str] = &[
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "dow",
    "isodow",
    "doy",
    "hour",
    "minute",
    "second",
    "millisecond",
    "microsecond",
    "nanosecond",
    "epoch",
];

/// Casts that a call's arguments need and the type of its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The type each argument is cast to.
    pub arguments: Vec<DataType>,
    /// The type of the result.
    pub result: DataType,
}

/// The DECIMAL that an integer enters arithmetic as; other types stay.
pub const fn as_decimal(ty: DataType) -> DataType {
    match ty {
        DataType::Int => DataType::decimal(10, 0),
        DataType::BigInt => DataType::decimal(19, 0),
        other => other,
    }
}

fn adjusted(precision: u32, scale: u32) -> DataType {
    let most = u32::from(DECIMAL_DIGITS_MAX);
    if precision <= most {
        return DataType::decimal(precision.max(1) as u8, scale as u8);
    }
    let whole = precision - scale;
    let scale = most.saturating_sub(whole).max(scale.min(6));
    DataType::decimal(DECIMAL_DIGITS_MAX, scale as u8)
}

/// The type of `DECIMAL(p1, s1) op DECIMAL(p2, s2)`.
pub fn decimal_arithmetic(op: ArithmeticOp, left: (u8, u8), right: (u8, u8)) -> DataType {
    let (p1, s1) = (u32::from(left.0), u32::from(left.1));
    let (p2, s2) = (u32::from(right.0), u32::from(right.1));
    match op {
        ArithmeticOp::Add | ArithmeticOp::Subtract => {
            let scale = s1.max(s2);
            adjusted((p1 - s1).max(p2 - s2) + scale + 1, scale)
        }
        ArithmeticOp::Multiply => adjusted(p1 + p2 + 1, s1 + s2),
        ArithmeticOp::Divide => {
            let scale = (s1 + p2 + 1).max(6);
            adjusted(p1 - s1 + s2 + scale, scale)
        }
        ArithmeticOp::Modulo => {
            let scale = s1.max(s2);
            adjusted((p1 - s1).min(p2 - s2) + scale, scale)
        }
    }
}

/// The DECIMAL that holds the values of both; precision past 38 cuts the scale.
pub fn decimal_union(left: (u8, u8), right: (u8, u8)) -> DataType {
    let scale = left.1.max(right.1);
    let whole = (left.0 - left.1).max(right.0 - right.1);
    adjusted(u32::from(whole) + u32::from(scale), u32::from(scale))
}

/// The type that values of both types are compared or merged in, if casts that only widen lead there.
pub fn common(left: DataType, right: DataType) -> Option<DataType> {
    use DataType::{BigInt, Date, Decimal, Double, Int, Timestamp, TimestampLtz};
    if left == right {
        return Some(left);
    }
    match (left, right) {
        (Int, BigInt) | (BigInt, Int) => Some(BigInt),
        (Date, Timestamp) | (Timestamp, Date) => Some(Timestamp),
        (ltz @ TimestampLtz(_), other) | (other, ltz @ TimestampLtz(_))
            if other.is_instant() || other == Date =>
        {
            Some(ltz)
        }
        _ if left.is_numeric() && right.is_numeric() && (left.is_float() || right.is_float()) => {
            Some(Double)
        }
        _ => match (as_decimal(left), as_decimal(right)) {
            (
                Decimal {
                    precision: p1,
                    scale: s1,
                },
                Decimal {
                    precision: p2,
                    scale: s2,
                },
            ) => Some(decimal_union((p1, s1), (p2, s2))),
            _ => None,
        },
    }
}

fn numeric(name: &str, ty: DataType) -> Result<DataType, String> {
    if ty.is_numeric() {
        Ok(ty)
    } else {
        Err(format!("{name} takes a number, not {ty}"))
    }
}

/// Refuses a type whose values have no order.
fn has_order(name: &str, ty: DataType) -> Result<DataType, String> {
    if ty.is_nested() {
        Err(format!("{name} takes values that have an order, not {ty}"))
    } else {
        Ok(ty)
    }
}

fn text(name: &str, ty: DataType) -> Result<(), String> {
    if ty == DataType::Varchar {
        Ok(())
    } else {
        Err(format!("{name} takes VARCHAR, not {ty}"))
    }
}

/// The signature of a scalar function called with arguments of these types; `digits` is ROUND's constant.
///
/// Functions compute in DOUBLE where a REAL is given and in TIMESTAMP where a TIMESTAMP_LTZ is; those that move an
/// instant give one of the same zone.
///
/// # Errors
/// A message when an argument has a type that the function does not take.
pub fn scalar(
    function: ScalarFunction,
    arguments: &[DataType],
    digits: Option<i64>,
) -> Result<Signature, String> {
    use ScalarFunction as S;
    use TimeFunction::{Add, Bin, TruncateInZone};
    if matches!(function, S::Greatest | S::Least | S::Nested(_)) {
        return computed(function, arguments, digits);
    }
    let widened: Vec<DataType> = arguments.iter().map(|ty| ty.computed_in()).collect();
    let mut signature = computed(function, &widened, digits)?;
    let moves = matches!(
        function,
        ScalarFunction::DateTrunc | ScalarFunction::Time(Add | Bin | TruncateInZone)
    );
    let ltz = arguments
        .iter()
        .find(|ty| matches!(ty, DataType::TimestampLtz(_)));
    if let (true, Some(ltz)) = (moves, ltz) {
        signature.result = *ltz;
    }
    Ok(signature)
}

/// The signature for arguments of the types that functions compute in.
fn computed(
    function: ScalarFunction,
    arguments: &[DataType],
    digits: Option<i64>,
) -> Result<Signature, String> {
    use ScalarFunction as S;
    let name = super::scalar_name(function).to_ascii_uppercase();
    let same = |result| Signature {
        arguments: arguments.to_vec(),
        result,
    };
    match function {
        S::Abs => Ok(same(numeric(&name, arguments[0])?)),
        S::Sign => {
            let ty = numeric(&name, arguments[0])?;
            let exact = ty != DataType::Double;
            Ok(same(if exact { DataType::Int } else { ty }))
        }
        S::Round | S::Truncate => {
            numeric(&name, arguments[0])?;
            let mut signature = same(rounded(arguments[0], digits.unwrap_or(0)));
            if let Some(count) = signature.arguments.get_mut(1) {
                *count = DataType::BigInt;
            }
            Ok(signature)
        }
        S::Ceil | S::Floor => Ok(same(match numeric(&name, arguments[0])? {
            DataType::Decimal { precision, .. } => DataType::decimal(precision, 0),
            other => other,
        })),
        S::Greatest | S::Least => {
            let result = arguments[1..]
                .iter()
                .try_fold(arguments[0], |left, &right| {
                    common(left, right)
                        .ok_or_else(|| format!("{name} cannot compare {left} with {right}"))
                })?;
            has_order(&name, result)?;
            Ok(Signature {
                arguments: vec![result; arguments.len()],
                result,
            })
        }
        S::Upper | S::Lower | S::Trim | S::CharLength | S::Substring | S::Concat => {
            text_function(function, &name, arguments)
        }
        S::DateTrunc | S::Extract => {
            text(&name, arguments[0])?;
            if function == S::Extract && arguments[1] == DataType::Time {
                return Ok(same(DataType::BigInt));
            }
            if !matches!(arguments[1], DataType::Timestamp | DataType::Date) {
                return Err(format!(
                    "{name} takes a TIMESTAMP or DATE, not {}",
                    arguments[1]
                ));
            }
            Ok(Signature {
                arguments: vec![DataType::Varchar, DataType::Timestamp],
                result: if function == S::DateTrunc {
                    DataType::Timestamp
                } else {
                    DataType::BigInt
                },
            })
        }
        S::Nested(function) => super::nested::signature(function, &name, arguments),
        _ => super::scalar::signature(function, &name, arguments),
    }
}

fn text_function(
    function: ScalarFunction,
    name: &str,
    arguments: &[DataType],
) -> Result<Signature, String> {
    use ScalarFunction as S;
    let mut casts = arguments.to_vec();
    match function {
        S::Concat => {
            for &ty in arguments {
                text("|| (CONCAT)", ty)?;
            }
        }
        S::Substring => {
            text(name, arguments[0])?;
            if let Some(other) = arguments[1..].iter().find(|ty| !ty.is_integer()) {
                return Err(format!("{name} takes integers for its bounds, not {other}"));
            }
            casts[1..].fill(DataType::BigInt);
        }
        _ => text(name, arguments[0])?,
    }
    let result = match function {
        S::CharLength => DataType::Int,
        _ => DataType::Varchar,
    };
    Ok(Signature {
        arguments: casts,
        result,
    })
}

fn rounded(ty: DataType, digits: i64) -> DataType {
    let DataType::Decimal { precision, scale } = ty else {
        return ty;
    };
    if digits >= i64::from(scale) {
        return ty;
    }
    let kept = digits.max(0) as u8;
    let whole = u32::from(precision - scale) + 1;
    adjusted(whole + u32::from(kept), u32::from(kept))
}

/// The signature of an aggregate over arguments of these types.
///
/// # Errors
/// A message when an argument has a type that the aggregate does not take.
pub fn aggregate(kind: AggregateKind, arguments: &[DataType]) -> Result<Signature, String> {
    use AggregateKind as A;
    let name = super::aggregate_name(kind).to_ascii_uppercase();
    let widened: Vec<DataType> = arguments.iter().map(|ty| ty.computed_in()).collect();
    // What gives back one of the values keeps their type.
    let arguments = if kind.picks_a_value() {
        arguments
    } else {
        &widened
    };
    let mut casts = arguments.to_vec();
    let result = match kind {
        A::CountRows | A::Count => DataType::BigInt,
        A::Min | A::Max => has_order(&name, arguments[0])?,
        A::First | A::Last => arguments[0],
        A::Sum => match numeric(&name, arguments[0])? {
            DataType::Int | DataType::BigInt => DataType::BigInt,
            DataType::Decimal { scale, .. } => DataType::decimal(DECIMAL_DIGITS_MAX, scale),
            other => other,
        },
        A::Avg => mean(numeric(&name, arguments[0])?),
        A::Vwap => {
            let (price, size) = (numeric(&name, arguments[0])?, numeric(&name, arguments[1])?);
            if price == DataType::Double || size == DataType::Double {
                casts.fill(DataType::Double);
                DataType::Double
            } else if price.is_integer() && size.is_integer() {
                DataType::Double
            } else {
                casts = vec![as_decimal(price), as_decimal(size)];
                mean(casts[0])
            }
        }
        _ => further_aggregate(kind, &name, arguments, &mut casts)?,
    };
    Ok(Signature {
        arguments: casts,
        result,
    })
}

/// The result of an aggregate that is no SQL standard's plain one, and the casts of its arguments.
fn further_aggregate(
    kind: AggregateKind,
    name: &str,
    arguments: &[DataType],
    casts: &mut [DataType],
) -> Result<DataType, String> {
    use AggregateKind as A;
    Ok(match kind {
        A::ArgMin | A::ArgMax => {
            has_order(name, arguments[1])?;
            arguments[0]
        }
        A::ArrayAgg => array_of(arguments[0]),
        A::BoolAnd | A::BoolOr => match arguments[0] {
            DataType::Boolean => DataType::Boolean,
            other => return Err(format!("{name} takes a BOOLEAN, not {other}")),
        },
        A::Delta => match arguments[0] {
            DataType::Timestamp | DataType::Time | DataType::Interval => DataType::Interval,
            DataType::Int | DataType::BigInt => DataType::BigInt,
            DataType::Decimal { precision, scale } => {
                DataType::decimal(DECIMAL_DIGITS_MAX.min(precision + 1), scale)
            }
            other => numeric(name, other)?,
        },
        A::Imbalance => {
            let (bid, ask) = (numeric(name, arguments[0])?, numeric(name, arguments[1])?);
            if bid == DataType::Double || ask == DataType::Double {
                casts.fill(DataType::Double);
            } else if bid.scale() != ask.scale() {
                casts.fill(common(bid, ask).ok_or_else(|| format!("{name} takes numbers"))?);
            }
            DataType::Double
        }
        A::Rate => {
            casts[0] = time(name, arguments[0])?;
            DataType::Double
        }
        A::Twap => {
            numeric(name, arguments[0])?;
            casts[0] = DataType::Double;
            casts[1] = time(name, arguments[1])?;
            DataType::Double
        }
        A::Mode => arguments[0],
        A::ApproxCountDistinct => DataType::BigInt,
        A::StringAgg => {
            text(name, arguments[0])?;
            DataType::Varchar
        }
        A::PercentileDisc => match arguments[0] {
            other if matches!(other.physical(), Physical::Bool | Physical::Text) => {
                return Err(format!(
                    "{name} takes a number or a time, not {}",
                    arguments[0]
                ));
            }
            other => other,
        },
        // Their formulas are of real numbers: exact arguments enter as DOUBLE.
        _ => {
            for &argument in arguments {
                numeric(name, argument)?;
            }
            casts.fill(DataType::Double);
            DataType::Double
        }
    })
}

/// The type that a time is cast to.
fn time(name: &str, ty: DataType) -> Result<DataType, String> {
    match ty {
        DataType::Timestamp | DataType::Date => Ok(DataType::Timestamp),
        other => Err(format!("{name} takes a TIMESTAMP, not {other}")),
    }
}

fn mean(ty: DataType) -> DataType {
    match ty {
        DataType::Decimal { scale, .. } => DataType::decimal(DECIMAL_DIGITS_MAX, scale.max(6)),
        _ => DataType::Double,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_follow_flink() {
        use ArithmeticOp::{Add, Divide, Modulo, Multiply};
        let cases = [
            (Add, (10, 2), (5, 1), (11, 2)),
            (Multiply, (18, 4), (19, 0), (38, 4)),
            (Multiply, (10, 2), (10, 2), (21, 4)),
            (Divide, (10, 2), (5, 1), (17, 8)),
            (Divide, (38, 10), (38, 10), (38, 6)),
            (Multiply, (38, 10), (38, 10), (38, 6)),
            (Add, (38, 10), (38, 2), (38, 6)),
            (Modulo, (10, 2), (5, 1), (6, 2)),
        ];
        for (op, left, right, expected) in cases {
            assert_eq!(
                decimal_arithmetic(op, left, right),
                DataType::decimal(expected.0, expected.1),
                "{op:?} {left:?} {right:?}"
            );
        }
    }

    #[test]
    fn aggregates_follow_the_dialect() {
        let decimal = DataType::decimal(18, 4);
        let result = |kind, types: &[DataType]| aggregate(kind, types).map(|s| s.result);
        assert_eq!(
            result(AggregateKind::Sum, &[DataType::Int]),
            Ok(DataType::BigInt)
        );
        assert_eq!(
            result(AggregateKind::Sum, &[decimal]),
            Ok(DataType::decimal(38, 4))
        );
        assert_eq!(
            result(AggregateKind::Avg, &[decimal]),
            Ok(DataType::decimal(38, 6))
        );
        assert_eq!(
            result(AggregateKind::Avg, &[DataType::BigInt]),
            Ok(DataType::Double)
        );
        assert_eq!(
            result(AggregateKind::Vwap, &[decimal, DataType::BigInt]),
            Ok(DataType::decimal(38, 6))
        );
        assert!(result(AggregateKind::Sum, &[DataType::Varchar]).is_err());
    }

    #[test]
    fn common_types_only_widen() {
        assert_eq!(
            common(DataType::Int, DataType::decimal(18, 4)),
            Some(DataType::decimal(18, 4))
        );
        assert_eq!(
            common(DataType::BigInt, DataType::Double),
            Some(DataType::Double)
        );
        assert_eq!(common(DataType::Varchar, DataType::Int), None);
        assert_eq!(
            common(DataType::Date, DataType::Timestamp),
            Some(DataType::Timestamp)
        );
    }
}
