//! Aggregates whose states are two values: DELTA, ARG_MIN and ARG_MAX, RATE, IMBALANCE.

use super::fold::{Args, ExtremeFold, Fold, NOTHING, double, exact};
use super::item::{AnyItem, Item};
use super::number::Wide;
use super::slots::Saved;
use crate::batch::{Column, ColumnData};
use crate::error::Reason;
use crate::operator::archive::ColumnImage;
use crate::types::DataType;

/// A value that has a difference.
pub trait Difference: Item {
    /// Writes `greatest - least`, both present, as a `ty` to `row`; `Err` when that cannot hold it.
    fn write(
        greatest: &Self,
        least: &Self,
        ty: DataType,
        row: usize,
        out: &mut Column,
    ) -> Result<(), Reason>;
}

impl Difference for Option<f64> {
    fn write(
        greatest: &Self,
        least: &Self,
        _: DataType,
        row: usize,
        out: &mut Column,
    ) -> Result<(), Reason> {
        let difference = greatest
            .zip(*least)
            .map(|(greatest, least)| greatest - least);
        difference.put(row, out);
        Ok(())
    }
}

impl Difference for Option<i64> {
    fn write(
        greatest: &Self,
        least: &Self,
        ty: DataType,
        row: usize,
        out: &mut Column,
    ) -> Result<(), Reason> {
        let wide = [greatest, least].map(|value| value.map(i128::from));
        <Option<i128>>::write(&wide[0], &wide[1], ty, row, out)
    }
}

impl Difference for Option<i128> {
    fn write(
        greatest: &Self,
        least: &Self,
        ty: DataType,
        row: usize,
        out: &mut Column,
    ) -> Result<(), Reason> {
        let (greatest, least) = (greatest.unwrap_or(0), least.unwrap_or(0));
        let difference = greatest.checked_sub(least).ok_or(Reason::Overflow)?;
        match (&mut out.data, ty) {
            (ColumnData::I64(to), _) => {
                to[row] = i64::try_from(difference).map_err(|_| Reason::Overflow)?;
            }
            (ColumnData::I128(to), DataType::Decimal { precision, .. }) => {
                let end = 10_u128.pow(u32::from(precision));
                let fits = difference.unsigned_abs() < end;
                fits.then_some(()).ok_or(Reason::Overflow)?;
                to[row] = difference;
            }
            (to, ty) => panic!("a difference of type {ty} in {to:?}"),
        }
        Ok(())
    }
}

/// Two values that overwrite each other without new memory.
#[derive(Default)]
pub struct Two<T>(T, T);

impl<T: Clone> Clone for Two<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), self.1.clone())
    }

    fn clone_from(&mut self, other: &Self) {
        self.0.clone_from(&other.0);
        self.1.clone_from(&other.1);
    }
}

/// Copies the states of two values to columns.
fn save_two<T: Item>(states: &[Two<T>]) -> Vec<ColumnImage> {
    let firsts: Vec<_> = states.iter().map(|state| state.0.clone()).collect();
    let seconds: Vec<_> = states.iter().map(|state| state.1.clone()).collect();
    vec![T::save(&firsts), T::save(&seconds)]
}

fn load_two<T: Item>(images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<Two<T>>> {
    let (firsts, seconds) = (T::load(images.next()?)?, T::load(images.next()?)?);
    (firsts.len() == seconds.len()).then_some(())?;
    let states = firsts.into_iter().zip(seconds);
    Some(states.map(|(first, second)| Two(first, second)).collect())
}

/// DELTA: the greatest less the least.
pub struct DeltaFold<T> {
    least: ExtremeFold<T>,
    greatest: ExtremeFold<T>,
    ty: DataType,
}

impl<T> DeltaFold<T> {
    /// With results of type `ty`.
    pub fn new(ty: DataType) -> Self {
        Self {
            least: ExtremeFold::new(false),
            greatest: ExtremeFold::new(true),
            ty,
        }
    }
}

impl<T: Difference> Fold for DeltaFold<T> {
    type State = Two<T>;

    fn none(&self) -> Two<T> {
        Two::default()
    }

    fn take(&self, args: &Args<'_>, row: usize, state: &mut Two<T>) {
        self.least.take(args, row, &mut state.0);
        self.greatest.take(args, row, &mut state.1);
    }

    fn absorb(&self, older: &mut Two<T>, newer: &Two<T>) {
        self.least.absorb(&mut older.0, &newer.0);
        self.greatest.absorb(&mut older.1, &newer.1);
    }

    fn put(&self, state: &Two<T>, row: usize, out: &mut Column) -> Result<(), Reason> {
        if !state.0.is_present() {
            out.set_null(row);
            return Ok(());
        }
        T::write(&state.1, &state.0, self.ty, row, out)
    }

    fn save(&self, states: &[Two<T>]) -> Vec<ColumnImage> {
        save_two(states)
    }

    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<Two<T>>> {
        load_two(images)
    }
}

/// ARG_MIN and ARG_MAX: the first argument of the row whose second is the extreme; among equal ones the oldest.
pub struct ArgFold {
    by: ExtremeFold<AnyItem>,
    none: Two<AnyItem>,
}

impl ArgFold {
    /// With the extreme that `by` finds.
    pub fn new(by: ExtremeFold<AnyItem>) -> Self {
        let none = Two::default();
        Self { by, none }
    }
}

impl Fold for ArgFold {
    type State = Two<AnyItem>;

    fn none(&self) -> Two<AnyItem> {
        Two::default()
    }

    fn take(&self, args: &Args<'_>, row: usize, state: &mut Two<AnyItem>) {
        let [Some(value), Some(by)] = args else {
            panic!("ARG_MIN and ARG_MAX have two arguments");
        };
        if value.is_null(row) || by.is_null(row) {
            return state.clone_from(&self.none);
        }
        state.0.take(by, row);
        state.1.take(value, row);
    }

    fn absorb(&self, older: &mut Two<AnyItem>, newer: &Two<AnyItem>) {
        if self.by.replaces(&older.0, &newer.0) {
            older.clone_from(newer);
        }
    }

    fn put(&self, state: &Two<AnyItem>, row: usize, out: &mut Column) -> Result<(), Reason> {
        state.1.put(row, out);
        Ok(())
    }

    fn save(&self, states: &[Two<AnyItem>]) -> Vec<ColumnImage> {
        save_two(states)
    }

    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<Two<AnyItem>>> {
        load_two(images)
    }
}

/// How many times there are, the least and the greatest.
#[derive(Clone, Copy)]
pub struct Times {
    count: i64,
    first: i64,
    last: i64,
}

/// RATE: the intervals between the rows' times by the seconds from the first to the last.
pub struct RateFold;

impl Fold for RateFold {
    type State = Times;

    fn none(&self) -> Times {
        Times {
            count: 0,
            first: i64::MAX,
            last: i64::MIN,
        }
    }

    fn take(&self, args: &Args<'_>, row: usize, state: &mut Times) {
        let times = args[0].expect("an argument");
        let ColumnData::I64(values) = &times.data else {
            panic!("RATE takes a TIMESTAMP");
        };
        *state = match times.is_null(row) {
            true => self.none(),
            false => Times {
                count: 1,
                first: values[row],
                last: values[row],
            },
        };
    }

    fn absorb(&self, older: &mut Times, newer: &Times) {
        older.count += newer.count;
        older.first = older.first.min(newer.first);
        older.last = older.last.max(newer.last);
    }

    fn put(&self, state: &Times, row: usize, out: &mut Column) -> Result<(), Reason> {
        let span_ns = i128::from(state.last) - i128::from(state.first);
        let some = state.count > 1 && span_ns > 0;
        let rate = some.then(|| (state.count - 1) as f64 / (span_ns as f64 / 1e9));
        rate.put(row, out);
        Ok(())
    }

    fn save(&self, states: &[Times]) -> Vec<ColumnImage> {
        let cells = states
            .iter()
            .flat_map(|state| [state.count, state.first, state.last]);
        vec![i64::save(&cells.collect::<Vec<_>>())]
    }

    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<Times>> {
        let cells = i64::load(images.next()?)?;
        cells.len().is_multiple_of(3).then_some(())?;
        let states = cells.chunks_exact(3);
        let state = |cells: &[i64]| Times {
            count: cells[0],
            first: cells[1],
            last: cells[2],
        };
        Some(states.map(state).collect())
    }
}

/// IMBALANCE of exact numbers: `(a - b) / (a + b)` of the sums of both arguments.
pub struct ExactImbalance;

impl Fold for ExactImbalance {
    type State = [Wide; 2];

    fn none(&self) -> [Wide; 2] {
        [Wide::default(); 2]
    }

    fn take(&self, args: &Args<'_>, row: usize, state: &mut [Wide; 2]) {
        *state = self.none();
        let both = args.map(|argument| exact(argument.expect("two arguments"), row));
        if let [Some(bid), Some(ask)] = both {
            state[0].add(bid);
            state[1].add(ask);
        }
    }

    fn absorb(&self, older: &mut [Wide; 2], newer: &[Wide; 2]) {
        for (older, newer) in older.iter_mut().zip(newer) {
            older.join(*newer);
        }
    }

    fn put(&self, state: &[Wide; 2], row: usize, out: &mut Column) -> Result<(), Reason> {
        let [Some(bid), Some(ask)] = state.map(Wide::narrow) else {
            return Err(Reason::Overflow);
        };
        let sum = bid.checked_add(ask).ok_or(Reason::Overflow)?;
        let difference = bid.checked_sub(ask).ok_or(Reason::Overflow)?;
        let ratio = (sum != 0).then(|| difference as f64 / sum as f64);
        ratio.put(row, out);
        Ok(())
    }

    fn save(&self, states: &[[Wide; 2]]) -> Vec<ColumnImage> {
        let words = states.iter().flatten().flat_map(|sum| sum.words());
        vec![i128::save(&words.collect::<Vec<_>>())]
    }

    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<[Wide; 2]>> {
        let words = i128::load(images.next()?)?;
        words.len().is_multiple_of(4).then_some(())?;
        let sum = |words: &[i128]| Wide::of_words([words[0], words[1]]);
        let states = words.chunks_exact(4);
        states
            .map(|words| Some([sum(&words[..2])?, sum(&words[2..])?]))
            .collect()
    }
}

/// IMBALANCE of DOUBLEs.
pub struct DoubleImbalance;

impl Fold for DoubleImbalance {
    type State = [f64; 2];

    fn none(&self) -> [f64; 2] {
        [NOTHING; 2]
    }

    fn take(&self, args: &Args<'_>, row: usize, state: &mut [f64; 2]) {
        let both = args.map(|argument| double(argument.expect("two arguments"), row));
        *state = match both {
            [Some(bid), Some(ask)] => [bid, ask],
            _ => self.none(),
        };
    }

    fn absorb(&self, older: &mut [f64; 2], newer: &[f64; 2]) {
        older[0] += newer[0];
        older[1] += newer[1];
    }

    fn put(&self, [bid, ask]: &[f64; 2], row: usize, out: &mut Column) -> Result<(), Reason> {
        let sum = bid + ask;
        let ratio = (sum != 0.0).then(|| (bid - ask) / sum);
        ratio.put(row, out);
        Ok(())
    }

    fn save(&self, states: &[[f64; 2]]) -> Vec<ColumnImage> {
        vec![f64::save(states.as_flattened())]
    }

    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<[f64; 2]>> {
        let sums = f64::load(images.next()?)?;
        sums.len().is_multiple_of(2).then_some(())?;
        Some(
            sums.chunks_exact(2)
                .map(|pair| [pair[0], pair[1]])
                .collect(),
        )
    }
}
