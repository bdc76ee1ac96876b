//! One value that a frame holds, or its absence: what components that keep values are written over.

use super::lag::mark;
use super::slots::{Saved, TextSlot};
use crate::batch::{Column, ColumnData};
use crate::hash::{canonical_f64_bits, hash_f64, hash_i64, hash_i128, hash_null, hash_text};
use crate::operator::archive::{ColumnImage, ColumnValues};

/// Values are hashed within a frame only. By a seed of 0 all DOUBLEs have one hash.
const HASH_SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// A value that may be NULL.
pub trait Item: Clone + Default + Saved + Send + 'static {
    /// Becomes row `row` of `column`, using its memory again.
    fn take(&mut self, column: &Column, row: usize);
    /// Becomes row `row` of `out`, which holds no NULL there yet.
    fn put(&self, row: usize, out: &mut Column);
    /// Whether it is not NULL.
    fn is_present(&self) -> bool;
    /// Whether it sorts before `other`; both are present.
    fn is_below(&self, other: &Self) -> bool;
    /// Whether it has memory of its own, which another value can use again.
    fn has_memory(&self) -> bool {
        false
    }
}

macro_rules! item {
    ($type:ty, $variant:ident, $below:expr) => {
        impl Item for Option<$type> {
            #[inline(always)]
            fn take(&mut self, column: &Column, row: usize) {
                let ColumnData::$variant(values) = &column.data else {
                    panic!("an argument of another type");
                };
                *self = (!column.is_null(row)).then(|| values[row]);
            }

            #[inline(always)]
            fn put(&self, row: usize, out: &mut Column) {
                let ColumnData::$variant(values) = &mut out.data else {
                    panic!("a result of another type");
                };
                match self {
                    Some(value) => values[row] = *value,
                    None => mark(&mut out.nulls, values.len(), row),
                }
            }

            #[inline(always)]
            fn is_present(&self) -> bool {
                self.is_some()
            }

            #[inline(always)]
            fn is_below(&self, other: &Self) -> bool {
                match (self, other) {
                    (Some(a), Some(b)) => $below(a, b),
                    _ => false,
                }
            }
        }
    };
}

fn below<T: PartialOrd>(a: &T, b: &T) -> bool {
    a < b
}

/// NaN sorts behind every number.
fn below_f64(a: &f64, b: &f64) -> bool {
    (a < b) | (b.is_nan() & !a.is_nan())
}

item!(bool, Bool, below);
item!(i64, I64, below);
item!(i128, I128, below);
item!(f64, F64, below_f64);

impl Item for TextSlot {
    fn take(&mut self, column: &Column, row: usize) {
        let ColumnData::Text(values) = &column.data else {
            panic!("an argument of another type");
        };
        Self::take(self, column, values, row);
    }

    fn put(&self, row: usize, out: &mut Column) {
        let ColumnData::Text(values) = &mut out.data else {
            panic!("a result of another type");
        };
        if self.present {
            values.set(row, &self.bytes);
        } else {
            mark(&mut out.nulls, values.views.len(), row);
        }
    }

    fn is_present(&self) -> bool {
        self.present
    }

    fn is_below(&self, other: &Self) -> bool {
        self.bytes < other.bytes
    }

    fn has_memory(&self) -> bool {
        self.bytes.capacity() > 0
    }
}

/// A value of any type. Where two values go together one of each type and one of this replace a machine for each
/// pair of types.
#[derive(Debug, Default)]
pub struct AnyItem {
    scalar: Scalar,
    /// The bytes of a text; kept when another value takes its place.
    text: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Scalar {
    #[default]
    Null,
    Bool(bool),
    I64(i64),
    I128(i128),
    F64(f64),
    Text,
}

impl AnyItem {
    /// The exact number that it is.
    ///
    /// # Panics
    /// When it is another value, or NULL.
    pub fn exact(&self) -> i128 {
        match self.scalar {
            Scalar::I64(value) => i128::from(value),
            Scalar::I128(value) => value,
            other => panic!("an exact number, not {other:?}"),
        }
    }

    /// The DOUBLE that it is.
    pub fn double(&self) -> Option<f64> {
        match self.scalar {
            Scalar::F64(value) => Some(value),
            _ => None,
        }
    }

    /// A hash of the value; equal ones have the same.
    pub fn hash(&self) -> u64 {
        match self.scalar {
            Scalar::Null => hash_null(HASH_SEED),
            Scalar::Bool(value) => hash_i64(HASH_SEED, i64::from(value)),
            Scalar::I64(value) => hash_i64(HASH_SEED, value),
            Scalar::I128(value) => hash_i128(HASH_SEED, value),
            Scalar::F64(value) => hash_f64(HASH_SEED, value),
            Scalar::Text => hash_text(HASH_SEED, &self.text),
        }
    }

    /// The bytes of the text that it is.
    ///
    /// # Panics
    /// When it is another value, or NULL.
    pub fn bytes(&self) -> &[u8] {
        match self.scalar {
            Scalar::Text => &self.text,
            other => panic!("a text, not {other:?}"),
        }
    }
}

/// Zeros are one value and NaNs are one, as in GROUP BY.
impl PartialEq for AnyItem {
    fn eq(&self, other: &Self) -> bool {
        match (self.scalar, other.scalar) {
            (Scalar::Null, Scalar::Null) => true,
            (Scalar::Bool(a), Scalar::Bool(b)) => a == b,
            (Scalar::I64(a), Scalar::I64(b)) => a == b,
            (Scalar::I128(a), Scalar::I128(b)) => a == b,
            (Scalar::F64(a), Scalar::F64(b)) => canonical_f64_bits(a) == canonical_f64_bits(b),
            (Scalar::Text, Scalar::Text) => self.text == other.text,
            _ => false,
        }
    }
}

impl Clone for AnyItem {
    fn clone(&self) -> Self {
        let mut clone = Self::default();
        clone.clone_from(self);
        clone
    }

    fn clone_from(&mut self, other: &Self) {
        self.scalar = other.scalar;
        if matches!(self.scalar, Scalar::Text) {
            self.text.clone_from(&other.text);
        }
    }
}

impl Item for AnyItem {
    fn take(&mut self, column: &Column, row: usize) {
        if column.is_null(row) {
            self.scalar = Scalar::Null;
            return;
        }
        self.scalar = match &column.data {
            ColumnData::Bool(values) => Scalar::Bool(values[row]),
            ColumnData::I64(values) => Scalar::I64(values[row]),
            ColumnData::I128(values) => Scalar::I128(values[row]),
            ColumnData::F64(values) => Scalar::F64(values[row]),
            ColumnData::Text(values) => {
                self.text.clear();
                self.text.extend_from_slice(values.get(row));
                Scalar::Text
            }
        };
    }

    fn put(&self, row: usize, out: &mut Column) {
        match (self.scalar, &mut out.data) {
            (Scalar::Null, _) => out.set_null(row),
            (Scalar::Bool(value), ColumnData::Bool(to)) => to[row] = value,
            (Scalar::I64(value), ColumnData::I64(to)) => to[row] = value,
            (Scalar::I128(value), ColumnData::I128(to)) => to[row] = value,
            (Scalar::F64(value), ColumnData::F64(to)) => to[row] = value,
            (Scalar::Text, ColumnData::Text(to)) => to.set(row, &self.text),
            (value, to) => panic!("{value:?} for a column of {to:?}"),
        }
    }

    fn is_present(&self) -> bool {
        !matches!(self.scalar, Scalar::Null)
    }

    fn is_below(&self, other: &Self) -> bool {
        match (self.scalar, other.scalar) {
            (Scalar::Bool(a), Scalar::Bool(b)) => below(&a, &b),
            (Scalar::I64(a), Scalar::I64(b)) => below(&a, &b),
            (Scalar::I128(a), Scalar::I128(b)) => below(&a, &b),
            (Scalar::F64(a), Scalar::F64(b)) => below_f64(&a, &b),
            (Scalar::Text, Scalar::Text) => self.text < other.text,
            _ => false,
        }
    }

    fn has_memory(&self) -> bool {
        self.text.capacity() > 0
    }
}

impl Saved for AnyItem {
    /// As a column of the type of those that are present.
    fn save(items: &[Self]) -> ColumnImage {
        fn column<T: Item>(items: &[AnyItem], of: impl Fn(&AnyItem) -> T) -> ColumnImage {
            T::save(&items.iter().map(of).collect::<Vec<_>>())
        }
        let present = items.iter().find(|item| item.is_present());
        match present.map(|item| item.scalar) {
            Some(Scalar::Bool(_)) => column(items, |item| match item.scalar {
                Scalar::Bool(value) => Some(value),
                _ => None,
            }),
            Some(Scalar::I128(_)) => column(items, |item| match item.scalar {
                Scalar::I128(value) => Some(value),
                _ => None,
            }),
            Some(Scalar::F64(_)) => column(items, |item| match item.scalar {
                Scalar::F64(value) => Some(value),
                _ => None,
            }),
            Some(Scalar::Text) => column(items, |item| TextSlot {
                present: item.is_present(),
                bytes: item.text.clone(),
            }),
            Some(Scalar::I64(_) | Scalar::Null) | None => column(items, |item| match item.scalar {
                Scalar::I64(value) => Some(value),
                _ => None,
            }),
        }
    }

    fn load(column: ColumnImage) -> Option<Vec<Self>> {
        fn items<T: Saved>(column: ColumnImage, of: impl Fn(T) -> AnyItem) -> Option<Vec<AnyItem>> {
            Some(T::load(column)?.into_iter().map(of).collect())
        }
        let plain = |scalar: Option<Scalar>| AnyItem {
            scalar: scalar.unwrap_or_default(),
            text: Vec::new(),
        };
        match &column.values {
            ColumnValues::Bool(_) => {
                items(column, |value: Option<bool>| plain(value.map(Scalar::Bool)))
            }
            ColumnValues::I64(_) => {
                items(column, |value: Option<i64>| plain(value.map(Scalar::I64)))
            }
            ColumnValues::I128(_) => {
                items(column, |value: Option<i128>| plain(value.map(Scalar::I128)))
            }
            ColumnValues::F64(_) => {
                items(column, |value: Option<f64>| plain(value.map(Scalar::F64)))
            }
            ColumnValues::Text(..) => items(column, |slot: TextSlot| AnyItem {
                scalar: match slot.present {
                    true => Scalar::Text,
                    false => Scalar::Null,
                },
                text: slot.bytes,
            }),
        }
    }
}

/// Calls `$make::<T>` with the item that holds values of a physical type.
macro_rules! for_item {
    ($physical:expr, $make:ident($($argument:expr),*)) => {
        match $physical {
            Physical::Bool => $make::<Option<bool>>($($argument),*),
            Physical::I64 => $make::<Option<i64>>($($argument),*),
            Physical::I128 => $make::<Option<i128>>($($argument),*),
            Physical::F64 => $make::<Option<f64>>($($argument),*),
            Physical::Text => $make::<TextSlot>($($argument),*),
        }
    };
}

pub(super) use for_item;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{DataType, Value};

    #[test]
    fn values_have_hashes_of_their_own() {
        for ty in [DataType::Double, DataType::BigInt, DataType::decimal(38, 2)] {
            let mut column = Column::new(ty);
            for number in 0..100 {
                column.push(&match ty {
                    DataType::Double => Value::F64(f64::from(number) / 4.0),
                    DataType::BigInt => Value::I64(number.into()),
                    _ => Value::I128(number.into()),
                });
            }
            let mut item = AnyItem::default();
            let mut hashes: Vec<u64> = (0..100)
                .map(|row| {
                    item.take(&column, row);
                    item.hash()
                })
                .collect();
            hashes.sort_unstable();
            hashes.dedup();
            assert_eq!(hashes.len(), 100, "{ty}");
        }
    }
}
