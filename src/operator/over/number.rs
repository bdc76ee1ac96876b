//! The numbers that frames hold: which of two is the extreme, and how they sum.
//!
//! Exact sums have no drift, so the new row is added and the one that leaves is subtracted: 64-bit values sum
//! in `i128`, which 2^63 rows cannot fill; 128-bit ones in 192 bits, so that a frame that overflows
//! DECIMAL(38) and comes back is right again. DOUBLEs are folded as `lane` tells, never subtracted.

use std::marker::PhantomData;

use super::slots::Saved;
use crate::batch::ColumnData;
use crate::operator::archive::{ColumnImage, ColumnValues};

/// A representation that SUM, MIN and MAX take.
pub trait Number: Copy + Default + Saved + Send + 'static {
    /// The running value of SUM.
    type Sum: Summing<Self>;
    /// What changes no sum: the value of a NULL.
    const NOTHING: Self;
    /// What no value is above, and below.
    const RANGE: (Self, Self);
    /// Whether `a` sorts before `b`, NaN behind every number.
    fn below(a: Self, b: Self) -> bool;
    /// Whether they cannot be told apart.
    fn same(a: Self, b: Self) -> bool;
    /// The values of a column.
    fn values(data: &ColumnData) -> &[Self];
    /// The values of a column to be replaced.
    fn values_mut(data: &mut ColumnData) -> &mut Vec<Self>;
}

macro_rules! number {
    ($type:ty, $variant:ident, $sum:ty, $nothing:expr, $range:expr, $below:expr, $same:expr) => {
        impl Number for $type {
            type Sum = $sum;
            const NOTHING: Self = $nothing;
            const RANGE: (Self, Self) = $range;

            #[inline(always)]
            fn below(a: Self, b: Self) -> bool {
                $below(a, b)
            }

            #[inline(always)]
            fn same(a: Self, b: Self) -> bool {
                $same(a, b)
            }

            fn values(data: &ColumnData) -> &[Self] {
                match data {
                    ColumnData::$variant(values) => values,
                    other => panic!("an argument of another type: {other:?}"),
                }
            }

            fn values_mut(data: &mut ColumnData) -> &mut Vec<Self> {
                match data {
                    ColumnData::$variant(values) => values,
                    other => panic!("a result of another type: {other:?}"),
                }
            }
        }
    };
}

fn equal<T: PartialEq>(a: T, b: T) -> bool {
    a == b
}

fn before<T: PartialOrd>(a: T, b: T) -> bool {
    a < b
}

fn before_f64(a: f64, b: f64) -> bool {
    (a < b) | (b.is_nan() & !a.is_nan())
}

fn equal_f64(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits()
}

number!(i64, I64, i128, 0, (i64::MIN, i64::MAX), before, equal);
number!(i128, I128, Wide, 0, (i128::MIN, i128::MAX), before, equal);
// -0.0 + x is x for every x; 0.0 + -0.0 is not.
number!(
    f64,
    F64,
    Total,
    -0.0,
    (f64::NEG_INFINITY, f64::NAN),
    before_f64,
    equal_f64
);

/// MIN or MAX; among equal ones the oldest, as without OVER.
pub trait Order<T>: Copy + Send + 'static {
    /// The extreme of no rows.
    const NONE: T;
    /// Whether `newer` is the extreme of the two.
    fn replaces(newer: T, older: T) -> bool;
}

/// MIN.
#[derive(Clone, Copy)]
pub struct Least;
/// MAX.
#[derive(Clone, Copy)]
pub struct Greatest;

impl<T: Number> Order<T> for Least {
    const NONE: T = T::RANGE.1;

    #[inline(always)]
    fn replaces(newer: T, older: T) -> bool {
        T::below(newer, older)
    }
}

impl<T: Number> Order<T> for Greatest {
    const NONE: T = T::RANGE.0;

    #[inline(always)]
    fn replaces(newer: T, older: T) -> bool {
        T::below(older, newer)
    }
}

/// A running extreme of a partition, or [`Unwanted`].
pub trait Ending<T>: Copy + Send + 'static {
    /// Whether there is one.
    const WANTED: bool;
    /// Which extreme it is.
    type Order: Order<T>;
    /// The results of a batch, by row.
    type Results: Results<T>;
    /// That of no rows.
    fn new() -> Self;
    /// Takes a row into the current block.
    fn enter(&mut self, value: T);
    /// Starts a block; the full one before it has the extreme `front` from its second row on.
    fn start_block(&mut self, front: T);
    /// Replaces the extreme of what is left of the block before.
    fn set_front(&mut self, front: T);
    /// The extreme of the current block.
    fn back(&self) -> T;
    /// The frame's extreme, what is left of the block before included.
    fn frame(&self) -> T;
}

/// The extreme of what is left of the block before and that of the current one.
#[derive(Clone, Copy)]
pub struct Ends<T, O> {
    front: T,
    back: T,
    order: PhantomData<O>,
}

impl<T: Number, O: Order<T>> Ending<T> for Ends<T, O> {
    const WANTED: bool = true;
    type Order = O;
    type Results = Vec<T>;

    fn new() -> Self {
        Self {
            front: O::NONE,
            back: O::NONE,
            order: PhantomData,
        }
    }

    #[inline(always)]
    fn enter(&mut self, value: T) {
        self.back = extreme::<T, O>(self.back, value);
    }

    fn start_block(&mut self, front: T) {
        self.front = front;
        self.back = O::NONE;
    }

    fn set_front(&mut self, front: T) {
        self.front = front;
    }

    #[inline(always)]
    fn back(&self) -> T {
        self.back
    }

    #[inline(always)]
    fn frame(&self) -> T {
        extreme::<T, O>(self.front, self.back)
    }
}

#[inline(always)]
fn extreme<T: Copy, O: Order<T>>(older: T, newer: T) -> T {
    if O::replaces(newer, older) {
        newer
    } else {
        older
    }
}

/// In place of an extreme or a sum that no call asks for.
#[derive(Clone, Copy)]
pub struct Unwanted;

impl<T: Number> Ending<T> for Unwanted {
    const WANTED: bool = false;
    type Order = Least;
    type Results = ();

    fn new() -> Self {
        Self
    }

    fn enter(&mut self, _: T) {}

    fn start_block(&mut self, _: T) {}

    fn set_front(&mut self, _: T) {}

    fn back(&self) -> T {
        T::NOTHING
    }

    fn frame(&self) -> T {
        T::NOTHING
    }
}

/// Where the results of a batch go, by row.
pub trait Results<T>: Default + Send {
    /// Makes it `rows` long; the values of rows that are not in play are any.
    fn start(&mut self, rows: usize);
    /// Sets the result of `row`.
    fn put(&mut self, row: u32, value: T);
}

impl<T: Copy + Default + Send> Results<T> for Vec<T> {
    fn start(&mut self, rows: usize) {
        self.resize(rows, T::default());
    }

    #[inline(always)]
    fn put(&mut self, row: u32, value: T) {
        self[row as usize] = value;
    }
}

impl<T> Results<T> for () {
    fn start(&mut self, _: usize) {}

    #[inline(always)]
    fn put(&mut self, _: u32, _: T) {}
}

/// Sums of 64-bit values: their low halves by row, and those that do not fit, with their rows.
#[derive(Default)]
pub struct NarrowSums {
    /// What fits in 64 bits, by row.
    pub low: Vec<i64>,
    /// The sums that do not, ascending by row.
    pub wide: Vec<(u32, i128)>,
}

impl Results<i128> for NarrowSums {
    fn start(&mut self, rows: usize) {
        self.low.resize(rows, 0);
        self.wide.clear();
    }

    #[inline(always)]
    fn put(&mut self, row: u32, sum: i128) {
        self.low[row as usize] = sum as i64;
        if i128::from(sum as i64) != sum {
            self.put_wide(row, sum);
        }
    }
}

impl NarrowSums {
    #[cold]
    fn put_wide(&mut self, row: u32, sum: i128) {
        self.wide.push((row, sum));
    }
}

/// The sums of a batch.
pub enum Sums<'a> {
    /// Of 64-bit integers.
    I64(&'a mut NarrowSums),
    /// Of 128-bit integers, by row.
    I128(&'a mut Vec<Wide>),
    /// Of DOUBLEs, by row.
    F64(&'a mut Vec<f64>),
}

/// The running sum of a partition, or [`Unwanted`].
pub trait Summing<T>: Copy + Send + 'static {
    /// The frame's sum.
    type Sum;
    /// The sums of a batch.
    type Results: Results<Self::Sum>;
    /// That of no rows.
    fn new() -> Self;
    /// Takes a row in; `displaced` leaves the frame, or is [`Number::NOTHING`].
    fn enter(&mut self, value: T, displaced: T);
    /// Starts a block; `slots` hold the full one before it and may be replaced by what the frame will need.
    fn start_block(&mut self, slots: &mut [T]);
    /// The frame's sum; `front` is the slot of its oldest row when that lies in the block before.
    fn frame(&self, front: Option<T>) -> Self::Sum;
    /// The results for the calls.
    fn sums(results: &mut Self::Results) -> Option<Sums<'_>>;
    /// As items of a snapshot.
    fn image(self) -> Option<ColumnImage>;
    /// From items of a snapshot.
    fn of_image(image: ColumnImage) -> Option<Self>;
}

impl<T: Number> Summing<T> for Unwanted {
    type Sum = ();
    type Results = ();

    fn new() -> Self {
        Self
    }

    fn enter(&mut self, _: T, _: T) {}

    fn start_block(&mut self, _: &mut [T]) {}

    fn frame(&self, _: Option<T>) {}

    fn sums(&mut (): &mut ()) -> Option<Sums<'_>> {
        None
    }

    fn image(self) -> Option<ColumnImage> {
        None
    }

    fn of_image(_: ColumnImage) -> Option<Self> {
        None
    }
}

impl Summing<i64> for i128 {
    type Sum = Self;
    type Results = NarrowSums;

    fn new() -> Self {
        0
    }

    #[inline(always)]
    fn enter(&mut self, value: i64, displaced: i64) {
        *self += Self::from(value) - Self::from(displaced);
    }

    fn start_block(&mut self, _: &mut [i64]) {}

    #[inline(always)]
    fn frame(&self, _: Option<i64>) -> Self {
        *self
    }

    fn sums(results: &mut NarrowSums) -> Option<Sums<'_>> {
        Some(Sums::I64(results))
    }

    fn image(self) -> Option<ColumnImage> {
        Some(Self::save(&[self]))
    }

    fn of_image(image: ColumnImage) -> Option<Self> {
        Self::load(image)?.pop()
    }
}

/// A 192-bit integer: `high * 2^128 + low`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wide {
    low: u128,
    high: i64,
}

impl Wide {
    /// The value, if it fits.
    pub fn narrow(self) -> Option<i128> {
        let low = self.low as i128;
        let sign = if low < 0 { -1 } else { 0 };
        (self.high == sign).then_some(low)
    }

    /// Adds a number.
    #[inline(always)]
    pub fn add(&mut self, value: i128) {
        let (low, carry) = self.low.overflowing_add(value as u128);
        self.low = low;
        self.high += i64::from(carry) - i64::from(value < 0);
    }

    /// Takes off a number that was added.
    #[inline(always)]
    pub fn subtract(&mut self, value: i128) {
        let (low, borrow) = self.low.overflowing_sub(value as u128);
        self.low = low;
        self.high += i64::from(value < 0) - i64::from(borrow);
    }
}

impl Wide {
    /// Adds another; 2^63 numbers do not fill it.
    #[inline(always)]
    pub fn join(&mut self, other: Self) {
        let (low, carry) = self.low.overflowing_add(other.low);
        self.low = low;
        self.high += other.high + i64::from(carry);
    }

    /// Its halves, for snapshots.
    pub fn words(self) -> [i128; 2] {
        [self.low as i128, i128::from(self.high)]
    }

    /// From its halves.
    pub fn of_words([low, high]: [i128; 2]) -> Option<Self> {
        Some(Self {
            low: low as u128,
            high: high.try_into().ok()?,
        })
    }
}

impl Summing<i128> for Wide {
    type Sum = Self;
    type Results = Vec<Self>;

    fn new() -> Self {
        Self::default()
    }

    #[inline(always)]
    fn enter(&mut self, value: i128, displaced: i128) {
        self.add(value);
        self.subtract(displaced);
    }

    fn start_block(&mut self, _: &mut [i128]) {}

    #[inline(always)]
    fn frame(&self, _: Option<i128>) -> Self {
        *self
    }

    fn sums(results: &mut Vec<Self>) -> Option<Sums<'_>> {
        Some(Sums::I128(results))
    }

    fn image(self) -> Option<ColumnImage> {
        Some(i128::save(&self.words()))
    }

    fn of_image(image: ColumnImage) -> Option<Self> {
        let ColumnValues::I128(items) = image.values else {
            return None;
        };
        Self::of_words(items.try_into().ok()?)
    }
}

/// The sum of the current block's DOUBLEs.
#[derive(Clone, Copy)]
pub struct Total {
    back: f64,
}

impl Summing<f64> for Total {
    type Sum = f64;
    type Results = Vec<f64>;

    fn new() -> Self {
        Self { back: f64::NOTHING }
    }

    #[inline(always)]
    fn enter(&mut self, value: f64, _: f64) {
        self.back += value;
    }

    fn start_block(&mut self, slots: &mut [f64]) {
        self.back = f64::NOTHING;
        let mut sum = f64::NOTHING;
        for slot in slots.iter_mut().rev() {
            *slot += sum;
            sum = *slot;
        }
    }

    #[inline(always)]
    fn frame(&self, front: Option<f64>) -> f64 {
        match front {
            Some(front) => front + self.back,
            None => self.back,
        }
    }

    fn sums(results: &mut Vec<f64>) -> Option<Sums<'_>> {
        Some(Sums::F64(results))
    }

    fn image(self) -> Option<ColumnImage> {
        Some(f64::save(&[self.back]))
    }

    fn of_image(image: ColumnImage) -> Option<Self> {
        let back = f64::load(image)?.pop()?;
        Some(Self { back })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_sums_come_back_from_overflow() {
        let mut sum = Wide::default();
        for _ in 0..5 {
            sum.enter(i128::MAX, 0);
        }
        assert_eq!(sum.narrow(), None);
        for _ in 0..4 {
            sum.enter(0, i128::MAX);
        }
        assert_eq!(sum.narrow(), Some(i128::MAX));
        sum.enter(i128::MIN, 0);
        assert_eq!(sum.narrow(), Some(-1));
        sum.enter(i128::MIN, 0);
        assert_eq!(sum.narrow(), None);
        sum.enter(0, i128::MIN);
        assert_eq!(sum.narrow(), Some(-1));
        let image = sum.image().expect("wanted");
        assert_eq!(Wide::of_image(image), Some(sum));
    }
}
