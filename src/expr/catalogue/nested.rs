//! Type rules of the functions over ARRAYs, ROWs and MAPs.

use super::signature::{Signature, common};
use crate::plan::NestedFunction;
use crate::types::{DataType, array_of, map_of, row_of};

/// The signature of a function called with arguments of these types.
pub(super) fn signature(
    function: NestedFunction,
    name: &str,
    arguments: &[DataType],
) -> Result<Signature, String> {
    use NestedFunction as F;
    match function {
        F::Array => {
            let element = all_of("an ARRAY", arguments.iter().copied())?;
            Ok(signature_of(
                &vec![element; arguments.len()],
                array_of(element),
            ))
        }
        F::Map | F::MapFromArrays | F::MapKeys | F::MapValues | F::MapEntries => {
            of_map(function, name, arguments)
        }
        F::Row => {
            let names: Vec<String> = (0..arguments.len()).map(|at| format!("f{at}")).collect();
            let fields = names
                .iter()
                .map(String::as_str)
                .zip(arguments.iter().copied());
            Ok(signature_of(arguments, row_of(&fields.collect::<Vec<_>>())))
        }
        F::Cardinality => {
            if !matches!(arguments[0], DataType::Array(_) | DataType::Map(..)) {
                return Err(format!(
                    "{name} takes an ARRAY or a MAP, not {}",
                    arguments[0]
                ));
            }
            Ok(signature_of(arguments, DataType::Int))
        }
        F::Element => Ok(signature_of(arguments, element(name, arguments[0])?)),
        F::At => at(name, arguments),
        F::Slice => {
            element(name, arguments[0])?;
            let mut places = arguments[1..].iter();
            if let Some(place) = places.find(|place| !place.is_integer()) {
                return Err(format!("{name} takes places from 1, not {place}"));
            }
            // The last place may be left out, and a step is given by slices only.
            let mut types = vec![DataType::BigInt; arguments.len().max(3)];
            types[0] = arguments[0];
            Ok(signature_of(&types, arguments[0]))
        }
        F::Contains => {
            let element = element(name, arguments[0])?;
            if common(element, arguments[1]) != Some(element) {
                return Err(format!(
                    "{} has no element of type {}",
                    arguments[0], arguments[1]
                ));
            }
            Ok(signature_of(&[arguments[0], element], DataType::Boolean))
        }
    }
}

/// The signature of `a[i]` and `m[k]`.
fn at(name: &str, arguments: &[DataType]) -> Result<Signature, String> {
    if let DataType::Map(key, value) = arguments[0] {
        if common(*key, arguments[1]) != Some(*key) {
            return Err(format!(
                "{} has no key of type {}",
                arguments[0], arguments[1]
            ));
        }
        return Ok(signature_of(&[arguments[0], *key], *value));
    }
    let result = element(name, arguments[0])?;
    if !arguments[1].is_integer() {
        return Err(format!("{name} takes a place from 1, not {}", arguments[1]));
    }
    Ok(signature_of(&[arguments[0], DataType::BigInt], result))
}

fn signature_of(arguments: &[DataType], result: DataType) -> Signature {
    Signature {
        arguments: arguments.to_vec(),
        result,
    }
}

/// The signature of a function that makes a MAP, or gives all of one.
fn of_map(
    function: NestedFunction,
    name: &str,
    arguments: &[DataType],
) -> Result<Signature, String> {
    use NestedFunction as F;
    match function {
        F::Map => {
            if !arguments.len().is_multiple_of(2) {
                return Err(format!("{name} takes a value behind each key"));
            }
            let key = all_of("the keys of a MAP", arguments.iter().copied().step_by(2))?;
            let value = all_of("a MAP", arguments.iter().copied().skip(1).step_by(2))?;
            let result = map_type(key, value)?;
            Ok(signature_of(
                &[key, value].repeat(arguments.len() / 2),
                result,
            ))
        }
        F::MapFromArrays => {
            let (key, value) = (element(name, arguments[0])?, element(name, arguments[1])?);
            Ok(signature_of(arguments, map_type(key, value)?))
        }
        _ => {
            let DataType::Map(key, value) = arguments[0] else {
                return Err(format!("{name} takes a MAP, not {}", arguments[0]));
            };
            let element = match function {
                F::MapKeys => *key,
                F::MapValues => *value,
                _ => row_of(&[("key", *key), ("value", *value)]),
            };
            Ok(signature_of(arguments, array_of(element)))
        }
    }
}

fn element(name: &str, ty: DataType) -> Result<DataType, String> {
    match ty {
        DataType::Array(element) => Ok(*element),
        other => Err(format!("{name} takes an ARRAY, not {other}")),
    }
}

/// The type that values of all these types are held in.
fn all_of(what: &str, mut types: impl Iterator<Item = DataType>) -> Result<DataType, String> {
    let first = types
        .next()
        .ok_or_else(|| format!("{what} of nothing has no type"))?;
    types.try_fold(first, |left, right| {
        common(left, right).ok_or_else(|| format!("{what} cannot hold both {left} and {right}"))
    })
}

/// MAP from `key` to `value`, if that can be a key.
///
/// # Errors
/// A message when it cannot.
pub fn map_type(key: DataType, value: DataType) -> Result<DataType, String> {
    match key.is_map_key() {
        true => Ok(map_of(key, value)),
        false => Err(format!("{key} cannot be the key of a MAP")),
    }
}
