//! Aggregates as states that merge: what a sliding frame of any bounds is made of.
//!
//! A state says all that is needed of some neighbouring rows; `absorb` joins those of two neighbours, the older
//! first. An aggregate of a frame needs no more than that (`sliding`), so one more is one more `Fold`.

use super::finish::{in_decimal, mean, scale_factor};
use super::item::Item;
use super::number::Wide;
use super::slots::Saved;
use crate::batch::{Column, ColumnData};
use crate::decimal;
use crate::error::Reason;
use crate::operator::archive::ColumnImage;
use crate::types::DataType;
use std::marker::PhantomData;

/// The argument columns of a call.
pub type Args<'a> = [Option<&'a Column>; 2];

/// An aggregate whose states merge.
pub trait Fold: Send + 'static {
    /// What is known of some neighbouring rows.
    type State: Clone + Send + 'static;
    /// That of no rows.
    fn none(&self) -> Self::State;
    /// `state` becomes that of one row alone.
    fn take(&self, args: &Args<'_>, row: usize, state: &mut Self::State);
    /// `older` becomes that of its rows and those of `newer` behind them.
    fn absorb(&self, older: &mut Self::State, newer: &Self::State);
    /// Writes the result to `row`; `Err` when its type cannot hold it.
    fn put(&self, state: &Self::State, row: usize, out: &mut Column) -> Result<(), Reason>;
    /// Copies states to columns, always as many of them.
    fn save(&self, states: &[Self::State]) -> Vec<ColumnImage>;
    /// The states of the next columns.
    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<Self::State>>;
}

/// COUNT(*) and COUNT(x).
pub struct CountFold;

impl Fold for CountFold {
    type State = i64;

    fn none(&self) -> i64 {
        0
    }

    fn take(&self, args: &Args<'_>, row: usize, state: &mut i64) {
        *state = i64::from(args[0].is_none_or(|column| !column.is_null(row)));
    }

    fn absorb(&self, older: &mut i64, newer: &i64) {
        *older += newer;
    }

    fn put(&self, state: &i64, row: usize, out: &mut Column) -> Result<(), Reason> {
        Some(*state).put(row, out);
        Ok(())
    }

    fn save(&self, states: &[i64]) -> Vec<ColumnImage> {
        vec![i64::save(states)]
    }

    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<i64>> {
        i64::load(images.next()?)
    }
}

/// MIN and MAX; among equal values the oldest.
pub struct ExtremeFold<T> {
    greatest: bool,
    item: PhantomData<fn() -> T>,
}

impl<T> ExtremeFold<T> {
    /// MAX when `greatest`.
    pub fn new(greatest: bool) -> Self {
        let item = PhantomData;
        Self { greatest, item }
    }
}

impl<T: Item> ExtremeFold<T> {
    /// Whether `newer` is the one of the two that counts.
    pub fn replaces(&self, older: &T, newer: &T) -> bool {
        newer.is_present()
            && (!older.is_present()
                || match self.greatest {
                    true => older.is_below(newer),
                    false => newer.is_below(older),
                })
    }
}

impl<T: Item> Fold for ExtremeFold<T> {
    type State = T;

    fn none(&self) -> T {
        T::default()
    }

    fn take(&self, args: &Args<'_>, row: usize, state: &mut T) {
        state.take(args[0].expect("an argument"), row);
    }

    fn absorb(&self, older: &mut T, newer: &T) {
        if self.replaces(older, newer) {
            older.clone_from(newer);
        }
    }

    fn put(&self, state: &T, row: usize, out: &mut Column) -> Result<(), Reason> {
        state.put(row, out);
        Ok(())
    }

    fn save(&self, states: &[T]) -> Vec<ColumnImage> {
        vec![T::save(states)]
    }

    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<T>> {
        T::load(images.next()?)
    }
}

/// FIRST and LAST: the value of the oldest or newest row that is not NULL.
pub struct EndFold<T> {
    newest: bool,
    item: PhantomData<fn() -> T>,
}

impl<T> EndFold<T> {
    /// LAST when `newest`.
    pub fn new(newest: bool) -> Self {
        let item = PhantomData;
        Self { newest, item }
    }
}

impl<T: Item> Fold for EndFold<T> {
    type State = T;

    fn none(&self) -> T {
        T::default()
    }

    fn take(&self, args: &Args<'_>, row: usize, state: &mut T) {
        state.take(args[0].expect("an argument"), row);
    }

    fn absorb(&self, older: &mut T, newer: &T) {
        if newer.is_present() && (self.newest || !older.is_present()) {
            older.clone_from(newer);
        }
    }

    fn put(&self, state: &T, row: usize, out: &mut Column) -> Result<(), Reason> {
        state.put(row, out);
        Ok(())
    }

    fn save(&self, states: &[T]) -> Vec<ColumnImage> {
        vec![T::save(states)]
    }

    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<T>> {
        T::load(images.next()?)
    }
}

/// A sum and how many values it has.
#[derive(Clone, Copy)]
pub struct Summed<S> {
    sum: S,
    count: i64,
}

impl<S> Summed<S> {
    /// A sum of `count` values.
    pub fn of(sum: S, count: i64) -> Self {
        Self { sum, count }
    }
}

/// SUM and AVG of exact numbers, which cannot overflow before they leave.
pub struct ExactSum {
    argument: DataType,
    ty: DataType,
    average: bool,
}

impl ExactSum {
    /// Of an argument of a type, with results of type `ty`.
    pub fn new(argument: DataType, ty: DataType, average: bool) -> Self {
        Self {
            argument,
            ty,
            average,
        }
    }
}

impl Fold for ExactSum {
    type State = Summed<Wide>;

    fn none(&self) -> Summed<Wide> {
        Summed {
            sum: Wide::default(),
            count: 0,
        }
    }

    fn take(&self, args: &Args<'_>, row: usize, state: &mut Summed<Wide>) {
        *state = self.none();
        if let Some(value) = exact(args[0].expect("an argument"), row) {
            state.sum.add(value);
            state.count = 1;
        }
    }

    fn absorb(&self, older: &mut Summed<Wide>, newer: &Summed<Wide>) {
        older.sum.join(newer.sum);
        older.count += newer.count;
    }

    fn put(&self, state: &Summed<Wide>, row: usize, out: &mut Column) -> Result<(), Reason> {
        if state.count == 0 {
            out.set_null(row);
            return Ok(());
        }
        let sum = state.sum.narrow().ok_or(Reason::Overflow)?;
        match (&mut out.data, self.average) {
            (ColumnData::I64(to), false) => {
                to[row] = i64::try_from(sum).map_err(|_| Reason::Overflow)?;
            }
            (ColumnData::I128(to), false) => {
                in_decimal(sum).then_some(()).ok_or(Reason::Overflow)?;
                to[row] = sum;
            }
            (ColumnData::F64(to), true) => to[row] = sum as f64 / state.count as f64,
            (ColumnData::I128(to), true) => {
                let factor = scale_factor(self.argument, self.ty);
                to[row] = mean(sum, state.count as u64, factor).ok_or(Reason::Overflow)?;
            }
            _ => panic!("SUM is BIGINT or DECIMAL, AVG is DOUBLE or DECIMAL"),
        }
        Ok(())
    }

    fn save(&self, states: &[Summed<Wide>]) -> Vec<ColumnImage> {
        let words: Vec<_> = states.iter().flat_map(|state| state.sum.words()).collect();
        let counts: Vec<_> = states.iter().map(|state| state.count).collect();
        vec![i128::save(&words), i64::save(&counts)]
    }

    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<Summed<Wide>>> {
        let (words, counts) = (i128::load(images.next()?)?, i64::load(images.next()?)?);
        (words.len() == 2 * counts.len()).then_some(())?;
        let states = words.chunks_exact(2).zip(counts);
        states
            .map(|(words, count)| {
                let sum = Wide::of_words([words[0], words[1]])?;
                Some(Summed { sum, count })
            })
            .collect()
    }
}

/// The exact number of a row, unless it is NULL.
pub fn exact(column: &Column, row: usize) -> Option<i128> {
    if column.is_null(row) {
        return None;
    }
    Some(match &column.data {
        ColumnData::I64(values) => i128::from(values[row]),
        ColumnData::I128(values) => values[row],
        other => panic!("an exact number in {other:?}"),
    })
}

/// The DOUBLE of a row, unless it is NULL.
pub fn double(column: &Column, row: usize) -> Option<f64> {
    let ColumnData::F64(values) = &column.data else {
        panic!("a DOUBLE in {:?}", column.data);
    };
    (!column.is_null(row)).then(|| values[row])
}

/// What changes no sum of DOUBLEs: 0.0 makes 0.0 of -0.0.
pub const NOTHING: f64 = -0.0;

/// SUM and AVG of DOUBLEs.
pub struct DoubleSum {
    average: bool,
}

impl DoubleSum {
    /// AVG when `average`.
    pub fn new(average: bool) -> Self {
        Self { average }
    }
}

impl Fold for DoubleSum {
    type State = Summed<f64>;

    fn none(&self) -> Summed<f64> {
        let (sum, count) = (NOTHING, 0);
        Summed { sum, count }
    }

    fn take(&self, args: &Args<'_>, row: usize, state: &mut Summed<f64>) {
        let value = double(args[0].expect("an argument"), row);
        state.sum = value.unwrap_or(NOTHING);
        state.count = i64::from(value.is_some());
    }

    fn absorb(&self, older: &mut Summed<f64>, newer: &Summed<f64>) {
        older.sum += newer.sum;
        older.count += newer.count;
    }

    fn put(&self, state: &Summed<f64>, row: usize, out: &mut Column) -> Result<(), Reason> {
        let result = match (state.count, self.average) {
            (0, _) => None,
            (_, false) => Some(state.sum),
            (count, true) => Some(state.sum / count as f64),
        };
        result.put(row, out);
        Ok(())
    }

    fn save(&self, states: &[Summed<f64>]) -> Vec<ColumnImage> {
        let sums: Vec<_> = states.iter().map(|state| state.sum).collect();
        let counts: Vec<_> = states.iter().map(|state| state.count).collect();
        vec![f64::save(&sums), i64::save(&counts)]
    }

    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<Summed<f64>>> {
        let (sums, counts) = (f64::load(images.next()?)?, i64::load(images.next()?)?);
        (sums.len() == counts.len()).then_some(())?;
        let states = sums.into_iter().zip(counts);
        Some(states.map(|(sum, count)| Summed { sum, count }).collect())
    }
}

/// SUM(price * size) and SUM(size).
#[derive(Clone, Copy)]
pub struct Weighed<S> {
    product: S,
    weight: S,
}

/// VWAP of exact numbers; `None` in a state is a sum or product beyond 128 bits.
pub struct ExactVwap {
    price: DataType,
    ty: DataType,
}

impl ExactVwap {
    /// Of prices of type `price`, with results of type `ty`.
    pub fn new(price: DataType, ty: DataType) -> Self {
        Self { price, ty }
    }
}

impl Fold for ExactVwap {
    type State = Weighed<Option<i128>>;

    fn none(&self) -> Self::State {
        let (product, weight) = (Some(0), Some(0));
        Weighed { product, weight }
    }

    fn take(&self, args: &Args<'_>, row: usize, state: &mut Self::State) {
        let [Some(price), Some(size)] = args else {
            panic!("VWAP has two arguments");
        };
        *state = match (exact(price, row), exact(size, row)) {
            (Some(price), Some(size)) => Weighed {
                product: price.checked_mul(size),
                weight: Some(size),
            },
            _ => self.none(),
        };
    }

    fn absorb(&self, older: &mut Self::State, newer: &Self::State) {
        let sum = |a: Option<i128>, b: Option<i128>| a?.checked_add(b?);
        older.product = sum(older.product, newer.product);
        older.weight = sum(older.weight, newer.weight);
    }

    fn put(&self, state: &Self::State, row: usize, out: &mut Column) -> Result<(), Reason> {
        let (Some(product), Some(weight)) = (state.product, state.weight) else {
            return Err(Reason::Overflow);
        };
        if weight == 0 {
            out.set_null(row);
            return Ok(());
        }
        match (&mut out.data, self.ty) {
            (ColumnData::F64(to), _) => {
                let unit = 10f64.powi(i32::from(self.price.scale()));
                to[row] = product as f64 / unit / weight as f64;
            }
            (ColumnData::I128(to), DataType::Decimal { precision, scale }) => {
                let product = (product, self.price.scale());
                to[row] = decimal::divide(product, (weight, 0), (precision, scale))?;
            }
            _ => panic!("VWAP is DOUBLE or DECIMAL(38)"),
        }
        Ok(())
    }

    fn save(&self, states: &[Self::State]) -> Vec<ColumnImage> {
        let products: Vec<_> = states.iter().map(|state| state.product).collect();
        let weights: Vec<_> = states.iter().map(|state| state.weight).collect();
        vec![
            <Option<i128>>::save(&products),
            <Option<i128>>::save(&weights),
        ]
    }

    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<Self::State>> {
        let products = <Option<i128>>::load(images.next()?)?;
        let weights = <Option<i128>>::load(images.next()?)?;
        (products.len() == weights.len()).then_some(())?;
        let states = products.into_iter().zip(weights);
        Some(
            states
                .map(|(product, weight)| Weighed { product, weight })
                .collect(),
        )
    }
}

/// VWAP of DOUBLEs.
pub struct DoubleVwap;

impl Fold for DoubleVwap {
    type State = Weighed<f64>;

    fn none(&self) -> Weighed<f64> {
        let (product, weight) = (NOTHING, NOTHING);
        Weighed { product, weight }
    }

    fn take(&self, args: &Args<'_>, row: usize, state: &mut Weighed<f64>) {
        let [Some(price), Some(size)] = args else {
            panic!("VWAP has two arguments");
        };
        *state = match (double(price, row), double(size, row)) {
            (Some(price), Some(size)) => Weighed {
                product: price * size,
                weight: size,
            },
            _ => self.none(),
        };
    }

    fn absorb(&self, older: &mut Weighed<f64>, newer: &Weighed<f64>) {
        older.product += newer.product;
        older.weight += newer.weight;
    }

    fn put(&self, state: &Weighed<f64>, row: usize, out: &mut Column) -> Result<(), Reason> {
        let some = state.weight != 0.0;
        some.then(|| state.product / state.weight).put(row, out);
        Ok(())
    }

    fn save(&self, states: &[Weighed<f64>]) -> Vec<ColumnImage> {
        let products: Vec<_> = states.iter().map(|state| state.product).collect();
        let weights: Vec<_> = states.iter().map(|state| state.weight).collect();
        vec![f64::save(&products), f64::save(&weights)]
    }

    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<Weighed<f64>>> {
        let (products, weights) = (f64::load(images.next()?)?, f64::load(images.next()?)?);
        (products.len() == weights.len()).then_some(())?;
        let states = products.into_iter().zip(weights);
        Some(
            states
                .map(|(product, weight)| Weighed { product, weight })
                .collect(),
        )
    }
}
