//! One value that a frame holds, or its absence: what components that keep values are written over.

use super::lag::mark;
use super::slots::{Saved, TextSlot};
use crate::batch::{Column, ColumnData};

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
