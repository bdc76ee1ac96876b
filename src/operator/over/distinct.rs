//! DISTINCT over frames: how often each value is in the frame, and what is made of those that are.
//!
//! A value enters when its first row does and leaves when its last row does, counted by hash (`bag`). Counts and
//! exact sums follow at once; DOUBLEs are folded anew for every row, by rising value, so that nothing is ever
//! subtracted from one; percentiles go by the values in their order, joined values by their first rows.

use super::bag::Bag;
use super::fold::{ExactSum, Fold, Summed};
use super::gather::Gather;
use super::gathered::{Joining, put_percentile};
use super::item::{AnyItem, Item};
use super::number::Wide;
use super::sorted::Sorted;
use crate::batch::Column;
use crate::error::Reason;
use crate::operator::aggregate::layout::Fraction;
use std::collections::VecDeque;

/// A fold of DOUBLEs; `None` is NULL.
pub type DoubleFold = Box<dyn Fn(&mut dyn Iterator<Item = f64>) -> Option<f64> + Send>;

/// What is made of the distinct values.
pub enum Made {
    /// COUNT, APPROX_COUNT_DISTINCT.
    Count,
    /// SUM and AVG of exact numbers.
    Sum(ExactSum),
    /// What is folded of DOUBLEs.
    Doubles(DoubleFold),
    /// MEDIAN and its kin.
    Percentile(Fraction),
    /// STRING_AGG and ARRAY_AGG.
    Joined(Joining),
}

/// An aggregate of the distinct values of a frame.
pub struct Distinct {
    made: Made,
}

impl Distinct {
    /// That of `made`.
    pub fn new(made: Made) -> Self {
        Self { made }
    }

    fn is_sorted(&self) -> bool {
        matches!(self.made, Made::Doubles(_) | Made::Percentile(_))
    }

    fn adds(&self) -> bool {
        matches!(self.made, Made::Sum(_))
    }
}

/// The values of a frame.
#[derive(Default)]
pub struct Values {
    bag: Bag,
    /// Their sum, where one is asked for.
    sum: Wide,
    /// They in their order, where that is asked for.
    sorted: Sorted<AnyItem>,
    results: u64,
}

impl Gather for Distinct {
    type Value = AnyItem;
    type State = Values;

    fn enter(&self, state: &mut Values, value: &AnyItem) -> bool {
        let is_new = state.bag.add(value);
        if is_new && self.is_sorted() {
            state.sorted.insert(value);
        }
        if is_new && self.adds() {
            state.sum.add(value.exact());
        }
        is_new
    }

    fn leave(&self, state: &mut Values, value: &AnyItem) {
        let is_gone = state.bag.remove(value);
        if is_gone && self.is_sorted() {
            state.sorted.remove(value);
        }
        if is_gone && self.adds() {
            state.sum.subtract(value.exact());
        }
    }

    fn put(
        &mut self,
        state: &mut Values,
        inside: &VecDeque<(i64, AnyItem)>,
        row: usize,
        out: &mut Column,
    ) -> Result<(), Reason> {
        let count = state.bag.distinct();
        match &mut self.made {
            Made::Count => Some(count as i64).put(row, out),
            _ if count == 0 => out.set_null(row),
            Made::Sum(fold) => {
                let sum = Summed::of(state.sum, count as i64);
                return fold.put(&sum, row, out);
            }
            Made::Doubles(fold) => {
                let mut values = state.sorted.iter().filter_map(AnyItem::double);
                fold(&mut values).put(row, out);
            }
            Made::Percentile(fraction) => put_percentile(&state.sorted, fraction, row, out),
            Made::Joined(joining) => {
                state.results += 1;
                let result = state.results;
                joining.begin();
                for (_, value) in inside {
                    if state.bag.mark(value, result) {
                        joining.add(value.bytes())?;
                    }
                }
                joining.put(row, out);
            }
        }
        Ok(())
    }

    fn bytes(state: &Values) -> usize {
        state.bag.bytes() + state.sorted.bytes()
    }
}
