//! A frame over one argument: the components that its calls share.

use super::counts::Counts;
use super::lane::{Lane, Wants, lane};
use super::number::Sums;
use super::part::{Part, Progress, RowsInPlay};
use super::text::{Extreme, SlidingText};
use crate::batch::Column;
use crate::types::{DataType, Physical};

/// The components over one argument and frame.
pub struct Frame {
    /// Index of the argument among the inputs; `None`: rows are counted.
    pub argument: Option<usize>,
    /// How many values each row's frame has.
    pub counts: Counts,
    lane: Option<Box<dyn Lane>>,
    texts: Vec<SlidingText>,
}

impl Frame {
    /// Over the last `length` rows, or all, of an argument of type `ty`; `None` when it has no such results.
    pub fn new(
        argument: Option<usize>,
        ty: DataType,
        wants: Wants,
        length: Option<u32>,
    ) -> Option<Self> {
        let mut frame = Self {
            argument,
            counts: Counts::new(length),
            lane: None,
            texts: Vec::new(),
        };
        if ty.physical() == Physical::Text {
            if wants.sum {
                return None;
            }
            let both = [
                (wants.least, Extreme::Least),
                (wants.greatest, Extreme::Greatest),
            ];
            let wanted = both.into_iter().filter(|(wanted, _)| *wanted);
            let texts = wanted.map(|(_, extreme)| SlidingText::new(extreme, length));
            frame.texts = texts.collect();
        } else if wants.sum || wants.least || wants.greatest {
            frame.lane = Some(lane(ty, wants, length)?);
        }
        Some(frame)
    }

    /// Takes in the rows.
    pub fn slide(&mut self, rows: &RowsInPlay<'_>, argument: Option<&Column>) {
        self.counts.slide(rows, argument);
        let Some(argument) = argument else {
            return;
        };
        if let Some(lane) = &mut self.lane {
            lane.slide(rows, argument);
        }
        for text in &mut self.texts {
            text.slide(rows, argument);
        }
    }

    /// The last batch's sums and counts.
    pub fn sums(&mut self) -> (Sums<'_>, &Counts) {
        let lane = self.lane.as_mut().expect("SUM and AVG have their lane");
        (lane.sums(), &self.counts)
    }

    /// Gives the last batch's MINs or MAXs to `out`, once.
    pub fn give(&mut self, extreme: Extreme, rows: &RowsInPlay<'_>, out: &mut Column) {
        out.nulls.clear();
        match (&mut self.lane, extreme) {
            (Some(lane), Extreme::Least) => lane.give_least(out),
            (Some(lane), Extreme::Greatest) => lane.give_greatest(out),
            (None, _) => {
                let mut texts = self.texts.iter_mut();
                let text = texts.find(|text| text.extreme() == extreme);
                text.expect("MIN and MAX have their component").give(out);
            }
        }
        self.counts.mark_empty(rows, out);
    }

    /// Calls `f` with every component, always in the same order.
    pub fn for_each_part(&mut self, f: &mut dyn FnMut(&mut dyn Part)) {
        f(&mut self.counts);
        if let Some(lane) = &mut self.lane {
            f(lane.as_mut());
        }
        for text in &mut self.texts {
            f(text);
        }
    }

    /// Looks at a batch before its rows are counted in `progress`.
    pub fn prepare(&mut self, argument: Option<&Column>, progress: &[Progress]) {
        self.counts.prepare(argument, progress);
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let lane = self.lane.as_ref().map_or(0, |lane| lane.bytes());
        let texts = self.texts.iter().map(Part::bytes).sum::<usize>();
        self.counts.bytes() + lane + texts
    }
}
