//! DISTINCT over frames: how often each value is in the frame, and what is made of those that are.
//!
//! A value enters when its first row does and leaves when its last row does, by a hash table of counts. Counts and
//! exact sums follow at once; DOUBLEs are folded anew for every row, by rising value, so that nothing is ever
//! subtracted from one; percentiles go by the values in their order, joined values by their first rows.

use super::fold::{ExactSum, Fold, Summed};
use super::gather::Gather;
use super::gathered::{Joining, put_rank};
use super::item::{AnyItem, Item};
use super::number::Wide;
use super::sorted::Sorted;
use crate::batch::Column;
use crate::error::Reason;
use crate::operator::aggregate::layout::Fraction;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

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

/// How often a value is in the frame.
struct Counted {
    count: u64,
    /// The last result that it was written to.
    written: u64,
}

/// Takes the one number that a key is hashed to.
#[derive(Default)]
pub struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        panic!("a value is hashed to one number");
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// The values of a frame.
#[derive(Default)]
pub struct Values {
    counted: HashMap<AnyItem, Counted, BuildHasherDefault<Hashed>>,
    /// Their sum, where one is asked for.
    sum: Wide,
    /// They in their order, where that is asked for.
    sorted: Sorted<AnyItem>,
    results: u64,
    /// Values whose memory is used again.
    spare: Vec<AnyItem>,
}

impl Gather for Distinct {
    type Value = AnyItem;
    type State = Values;

    fn enter(&self, state: &mut Values, value: &AnyItem) -> bool {
        if let Some(known) = state.counted.get_mut(value) {
            known.count += 1;
            return false;
        }
        let mut kept = state.spare.pop().unwrap_or_default();
        kept.clone_from(value);
        let new = Counted {
            count: 1,
            written: 0,
        };
        state.counted.insert(kept, new);
        if self.is_sorted() {
            state.sorted.insert(value);
        }
        if self.adds() {
            state.sum.add(value.exact());
        }
        true
    }

    fn leave(&self, state: &mut Values, value: &AnyItem) {
        let known = state.counted.get_mut(value).expect("it has entered");
        known.count -= 1;
        if known.count > 0 {
            return;
        }
        let gone = state.counted.remove_entry(value);
        state.spare.extend(gone.map(|(value, _)| value));
        if self.is_sorted() {
            state.sorted.remove(value);
        }
        if self.adds() {
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
        let count = state.counted.len();
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
            Made::Percentile(fraction) => put_rank(&state.sorted, fraction, row, out),
            Made::Joined(joining) => {
                state.results += 1;
                let result = state.results;
                joining.begin();
                for (_, value) in inside {
                    let known = state.counted.get_mut(value);
                    let known = known.expect("it is in the frame");
                    if known.written != result {
                        known.written = result;
                        joining.add(value.bytes())?;
                    }
                }
                joining.put(row, out);
            }
        }
        Ok(())
    }

    fn bytes(state: &Values) -> usize {
        let entry = size_of::<(AnyItem, Counted)>() + 1;
        state.counted.capacity() * entry + state.sorted.bytes()
    }
}
