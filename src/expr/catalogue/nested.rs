//! Type rules of the functions over ARRAYs and ROWs.

use super::signature::{Signature, common};
use crate::plan::NestedFunction;
use crate::types::{DataType, array_of, row_of};

/// The signature of a function called with arguments of these types.
pub(super) fn signature(
    function: NestedFunction,
    name: &str,
    arguments: &[DataType],
) -> Result<Signature, String> {
    use NestedFunction as F;
    let signature = |arguments: &[DataType], result| Signature {
        arguments: arguments.to_vec(),
        result,
    };
    match function {
        F::Array => {
            let element = arguments[1..]
                .iter()
                .try_fold(arguments[0], |left, &right| {
                    common(left, right)
                        .ok_or_else(|| format!("an ARRAY cannot hold both {left} and {right}"))
                })?;
            Ok(signature(
                &vec![element; arguments.len()],
                array_of(element),
            ))
        }
        F::Row => {
            let names: Vec<String> = (0..arguments.len()).map(|at| format!("f{at}")).collect();
            let fields = names
                .iter()
                .map(String::as_str)
                .zip(arguments.iter().copied());
            Ok(signature(arguments, row_of(&fields.collect::<Vec<_>>())))
        }
        F::Cardinality => {
            element(name, arguments[0])?;
            Ok(signature(arguments, DataType::Int))
        }
        F::Element => Ok(signature(arguments, element(name, arguments[0])?)),
        F::At => {
            let result = element(name, arguments[0])?;
            if !arguments[1].is_integer() {
                return Err(format!("{name} takes a place from 1, not {}", arguments[1]));
            }
            Ok(signature(&[arguments[0], DataType::BigInt], result))
        }
        F::Contains => {
            let element = element(name, arguments[0])?;
            if common(element, arguments[1]) != Some(element) {
                return Err(format!(
                    "{} has no element of type {}",
                    arguments[0], arguments[1]
                ));
            }
            Ok(signature(&[arguments[0], element], DataType::Boolean))
        }
    }
}

fn element(name: &str, ty: DataType) -> Result<DataType, String> {
    match ty {
        DataType::Array(element) => Ok(*element),
        other => Err(format!("{name} takes an ARRAY, not {other}")),
    }
}
