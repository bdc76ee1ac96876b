//! Variance and its kin, correlation and regression, EMA, TWAP, volatility and drawdown over frames: what GROUP BY
//! accumulates (`aggregate::moments`, `aggregate::trading`), merged.
//!
//! A state of one row is *added* to what is before it, as GROUP BY adds rows, and one of several is merged. So a
//! running frame has the bytes that GROUP BY has for the same rows.

use super::fold::{Args, Fold, double};
use super::item::Item;
use super::slots::Saved;
use crate::batch::{Column, ColumnData};
use crate::error::Reason;
use crate::operator::aggregate::cells::Cells;
use crate::operator::archive::ColumnImage;

/// The arguments of a row.
#[derive(Clone, Copy)]
pub struct Taken {
    /// The first.
    pub x: f64,
    /// The second where it is a number.
    pub y: f64,
    /// The second where it is a time.
    pub time: i64,
}

impl Taken {
    /// The arguments of `row`, unless one is NULL.
    fn of(args: &Args<'_>, row: usize) -> Option<Self> {
        let x = double(args[0].expect("an argument"), row)?;
        let (mut y, mut time) = (0.0, 0);
        if let Some(second) = args[1] {
            if second.is_null(row) {
                return None;
            }
            match &second.data {
                ColumnData::F64(values) => y = values[row],
                ColumnData::I64(values) => time = values[row],
                other => panic!("a number or a time in {other:?}"),
            }
        }
        Some(Self { x, y, time })
    }

    /// The arguments of the one row that a state is of: means, first values and times are that row's.
    fn of_one<const I: usize, const F: usize>(state: &Cells<I, F>) -> Self {
        Self {
            x: state.floats[0],
            y: state.floats[1],
            time: state.ints.get(1).copied().unwrap_or(0),
        }
    }
}

/// An aggregate whose state is cells, the first of which counts its rows.
pub struct CellsFold<A, M, R, const I: usize, const F: usize> {
    add: A,
    merge: M,
    result: R,
}

impl<A, M, R, const I: usize, const F: usize> CellsFold<A, M, R, I, F>
where
    A: Fn(Cells<I, F>, Taken) -> Cells<I, F>,
    M: Fn(Cells<I, F>, Cells<I, F>) -> Cells<I, F>,
    R: Fn(Cells<I, F>) -> Option<f64>,
{
    /// `add` takes in a row, `merge` joins two states, the older first; `result` is NULL where it is `None`.
    pub fn new(add: A, merge: M, result: R) -> Self {
        Self { add, merge, result }
    }
}

impl<A, M, R, const I: usize, const F: usize> Fold for CellsFold<A, M, R, I, F>
where
    A: Fn(Cells<I, F>, Taken) -> Cells<I, F> + Send + 'static,
    M: Fn(Cells<I, F>, Cells<I, F>) -> Cells<I, F> + Send + 'static,
    R: Fn(Cells<I, F>) -> Option<f64> + Send + 'static,
{
    type State = Cells<I, F>;

    fn none(&self) -> Cells<I, F> {
        Cells::EMPTY
    }

    fn take(&self, args: &Args<'_>, row: usize, state: &mut Cells<I, F>) {
        let taken = Taken::of(args, row);
        *state = taken.map_or(Cells::EMPTY, |taken| (self.add)(Cells::EMPTY, taken));
    }

    fn absorb(&self, older: &mut Cells<I, F>, newer: &Cells<I, F>) {
        *older = match newer.ints[0] {
            0 => return,
            1 => (self.add)(*older, Taken::of_one(newer)),
            _ => (self.merge)(*older, *newer),
        };
    }

    fn put(&self, state: &Cells<I, F>, row: usize, out: &mut Column) -> Result<(), Reason> {
        (self.result)(*state).put(row, out);
        Ok(())
    }

    fn save(&self, states: &[Cells<I, F>]) -> Vec<ColumnImage> {
        let ints = (0..I).map(|at| {
            let cells = states.iter().map(|state| state.ints[at]);
            i64::save(&cells.collect::<Vec<_>>())
        });
        let floats = (0..F).map(|at| {
            let cells = states.iter().map(|state| state.floats[at]);
            f64::save(&cells.collect::<Vec<_>>())
        });
        ints.chain(floats).collect()
    }

    fn load(&self, images: &mut dyn Iterator<Item = ColumnImage>) -> Option<Vec<Cells<I, F>>> {
        let mut ints = Vec::new();
        for _ in 0..I {
            ints.push(i64::load(images.next()?)?);
        }
        let mut floats = Vec::new();
        for _ in 0..F {
            floats.push(f64::load(images.next()?)?);
        }
        let count = ints[0].len();
        let fits = ints.iter().all(|cells| cells.len() == count)
            && floats.iter().all(|cells| cells.len() == count);
        fits.then_some(())?;
        let state = |row: usize| Cells {
            ints: std::array::from_fn(|at| ints[at][row]),
            floats: std::array::from_fn(|at| floats[at][row]),
        };
        Some((0..count).map(state).collect())
    }
}
