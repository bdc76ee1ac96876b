//! Type rules of the scalar functions that are a list of parameters and a result.

use super::signature::{Signature, common};
use crate::plan::{
    BitFunction, BytesFunction, DoubleFunction, JsonFunction, PatternFunction, ScalarFunction,
    TextFunction, TimeFunction,
};
use crate::types::{DataType, Physical};

/// What a parameter takes.
#[derive(Clone, Copy)]
enum Parameter {
    /// A number, cast to DOUBLE.
    Double,
    /// An integer, cast to BIGINT.
    Integer,
    /// A VARCHAR.
    Text,
    /// An integer, a VARCHAR or a VARBINARY, which stays.
    IntegerOrText,
    /// A number, which stays.
    Number,
    /// A TIMESTAMP or DATE, cast to TIMESTAMP.
    Time,
    /// An INTERVAL.
    Interval,
    /// A VARBINARY.
    Bytes,
    /// A VARCHAR or VARBINARY, which stays.
    TextOrBytes,
}

use Parameter::{Double as D, Integer as I, IntegerOrText, Text as T};

/// The parameters, of which the last may come again, and the result.
fn parameters(function: ScalarFunction) -> (&'static [Parameter], DataType) {
    use ScalarFunction as S;
    match function {
        S::WidthBucket => (&[D, D, D, I], DataType::BigInt),
        S::Double(DoubleFunction::LogBase | DoubleFunction::Power | DoubleFunction::Atan2) => {
            (&[D, D], DataType::Double)
        }
        S::Double(_) => (&[D], DataType::Double),
        S::Bits(_) => (&[I, I], DataType::BigInt),
        S::Text(function) => text(function),
        S::Pattern(PatternFunction::Like) => (&[T, T], DataType::Boolean),
        S::Pattern(PatternFunction::Extract) => (&[T, T, I], DataType::Varchar),
        S::Pattern(PatternFunction::Replace) => (&[T, T, T], DataType::Varchar),
        S::Json(JsonFunction::Exists) => (&[T, T], DataType::Boolean),
        S::Json(_) => (&[T, T], DataType::Varchar),
        S::Bytes(function) => bytes(function),
        S::Time(function) => time(function),
        other => unreachable!("{other:?} has rules of its own"),
    }
}

fn time(function: TimeFunction) -> (&'static [Parameter], DataType) {
    use Parameter::{Interval, Number, Time};
    use TimeFunction as F;
    match function {
        F::Bin => (&[Interval, Time, Time], DataType::Timestamp),
        F::Format => (&[Time, T], DataType::Varchar),
        F::Parse => (&[T, T], DataType::Timestamp),
        F::FromEpoch => (&[Number, I], DataType::Timestamp),
        F::Add => (&[T, I, Time], DataType::Timestamp),
        F::Elapsed | F::Boundaries => (&[T, Time, Time], DataType::BigInt),
        F::ToZone | F::FromZone => (&[Time, T], DataType::Timestamp),
        F::TruncateInZone => (&[T, Time, T], DataType::Timestamp),
    }
}

fn bytes(function: BytesFunction) -> (&'static [Parameter], DataType) {
    use BytesFunction as F;
    use Parameter::{Bytes, TextOrBytes};
    match function {
        F::Length => (&[TextOrBytes], DataType::Int),
        F::FromHex => (&[T], DataType::Varbinary),
        F::Encode => (&[T, T], DataType::Varbinary),
        F::Decode => (&[Bytes, T], DataType::Varchar),
    }
}

fn text(function: TextFunction) -> (&'static [Parameter], DataType) {
    use TextFunction as F;
    match function {
        F::Left | F::Right | F::Repeat => (&[T, I], DataType::Varchar),
        F::TrimBoth | F::TrimStart | F::TrimEnd => (&[T, T], DataType::Varchar),
        F::PadLeft | F::PadRight => (&[T, I, T], DataType::Varchar),
        F::Replace => (&[T, T, T], DataType::Varchar),
        F::Reverse => (&[T], DataType::Varchar),
        F::Md5 | F::Sha256 => (&[Parameter::TextOrBytes], DataType::Varchar),
        F::Position => (&[T, T], DataType::BigInt),
        F::ConcatWs => (&[T], DataType::Varchar),
        F::SplitPart | F::SplitIndex => (&[T, T, I], DataType::Varchar),
        F::StartsWith | F::EndsWith | F::Contains => (&[T, T], DataType::Boolean),
        F::ToHex => (&[IntegerOrText], DataType::Varchar),
    }
}

/// The signature of a function called with arguments of these types.
pub(super) fn signature(
    function: ScalarFunction,
    name: &str,
    arguments: &[DataType],
) -> Result<Signature, String> {
    let (parameters, result) = parameters(function);
    let last = parameters.len() - 1;
    let casts = arguments
        .iter()
        .enumerate()
        .map(|(at, &ty)| cast(name, parameters[at.min(last)], ty))
        .collect::<Result<Vec<_>, _>>()?;
    let mut signature = Signature {
        arguments: casts,
        result,
    };
    if let ScalarFunction::Bits(bits) = function
        && !matches!(bits, BitFunction::ShiftLeft | BitFunction::ShiftRight)
    {
        // Words of one width: the result is as wide as the widest.
        let widest = arguments[1..]
            .iter()
            .try_fold(arguments[0], |a, &b| common(a, b));
        signature.result = widest.unwrap_or(DataType::BigInt);
    }
    Ok(signature)
}

fn cast(name: &str, parameter: Parameter, ty: DataType) -> Result<DataType, String> {
    match parameter {
        Parameter::Double if ty.is_numeric() => Ok(DataType::Double),
        Parameter::Integer if ty.is_integer() => Ok(DataType::BigInt),
        Parameter::Text if ty == DataType::Varchar => Ok(ty),
        Parameter::IntegerOrText if ty.is_integer() || ty.physical() == Physical::Text => Ok(ty),
        Parameter::TextOrBytes if ty.physical() == Physical::Text => Ok(ty),
        Parameter::Bytes if ty == DataType::Varbinary => Ok(ty),
        Parameter::Number if ty.is_numeric() => Ok(ty),
        Parameter::Time if matches!(ty, DataType::Timestamp | DataType::Date) => {
            Ok(DataType::Timestamp)
        }
        Parameter::Interval if ty == DataType::Interval => Ok(ty),
        Parameter::Time => Err(format!("{name} takes a TIMESTAMP or DATE there, not {ty}")),
        Parameter::Interval => Err(format!("{name} takes an INTERVAL there, not {ty}")),
        Parameter::Double | Parameter::Number => {
            Err(format!("{name} takes a number there, not {ty}"))
        }
        Parameter::Integer => Err(format!("{name} takes an integer there, not {ty}")),
        Parameter::Text => Err(format!("{name} takes VARCHAR there, not {ty}")),
        Parameter::IntegerOrText => Err(format!("{name} takes an integer or VARCHAR, not {ty}")),
        Parameter::TextOrBytes => Err(format!("{name} takes VARCHAR or VARBINARY, not {ty}")),
        Parameter::Bytes => Err(format!("{name} takes VARBINARY there, not {ty}")),
    }
}
