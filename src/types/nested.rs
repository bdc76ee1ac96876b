//! Types that are made of others, each made once: a type stays a word or two, and equal ones are equal.
//!
//! They are leaked, which is bounded by the distinct types that statements name.

use super::DataType;
use std::sync::{Mutex, PoisonError};

/// A named part of a ROW.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowField {
    /// Its name; compared without case.
    pub name: &'static str,
    /// Its type.
    pub ty: DataType,
}

/// The types made so far. Only binders come here.
static KNOWN: Mutex<Vec<DataType>> = Mutex::new(Vec::new());

/// ARRAY of `element`s.
pub fn array_of(element: DataType) -> DataType {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let found = known
        .iter()
        .find(|ty| matches!(ty, DataType::Array(of) if **of == element));
    if let Some(found) = found {
        return *found;
    }
    let ty = DataType::Array(Box::leak(Box::new(element)));
    known.push(ty);
    ty
}

/// MAP from `key` to `value`.
pub fn map_of(key: DataType, value: DataType) -> DataType {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let found = known
        .iter()
        .find(|ty| matches!(ty, DataType::Map(k, v) if (**k, **v) == (key, value)));
    if let Some(found) = found {
        return *found;
    }
    let ty = DataType::Map(Box::leak(Box::new(key)), Box::leak(Box::new(value)));
    known.push(ty);
    ty
}

/// ROW of named parts.
pub fn row_of(fields: &[(&str, DataType)]) -> DataType {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let is_it = |of: &[RowField]| {
        of.len() == fields.len() && of.iter().zip(fields).all(|(a, b)| (a.name, a.ty) == *b)
    };
    let found = known
        .iter()
        .find(|ty| matches!(ty, DataType::Row(of) if is_it(of)));
    if let Some(found) = found {
        return *found;
    }
    let fields = fields.iter().map(|&(name, ty)| RowField {
        name: String::leak(name.to_owned()),
        ty,
    });
    let ty = DataType::Row(Vec::leak(fields.collect()));
    known.push(ty);
    ty
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_types_are_one() {
        let ints = array_of(DataType::Int);
        assert_eq!(ints, array_of(DataType::Int));
        assert_ne!(ints, array_of(DataType::BigInt));
        let row = row_of(&[("a", ints), ("b", DataType::decimal(9, 2))]);
        assert_eq!(row, row_of(&[("a", ints), ("b", DataType::decimal(9, 2))]));
        assert_eq!(
            array_of(row).to_string(),
            "ARRAY<ROW<a ARRAY<INT>, b DECIMAL(9,2)>>"
        );
        let map = map_of(DataType::Varchar, row);
        assert_eq!(map, map_of(DataType::Varchar, row));
        assert_ne!(map, map_of(DataType::Int, row));
        assert_eq!(
            map_of(DataType::Int, ints).to_string(),
            "MAP<INT, ARRAY<INT>>"
        );
    }
}
