//! The calls over whole partitions: ranks, values of other rows, and what is of frames.

use super::around::{self, Direction, Framed, Partition};
use super::fold::Args;
use super::held::put;
use super::own::own_call;
use super::plan::column_arguments;
use super::rank::Peers;
use super::sliding::Slide;
use crate::batch::{Column, ColumnData};
use crate::error::JobError;
use crate::plan::{Around, Expr, OverCall, OverFrame, OverFunction, RankedPlan};

/// One call.
enum Call {
    /// By the place of a row among the others.
    Rank(OverFunction),
    /// LAG and LEAD.
    Other(Other),
    /// What is of a frame.
    Framed(OfFrame),
}

/// The value of another row.
struct Other {
    /// Which of the arguments.
    argument: usize,
    /// Where it is from the row; none of the rows behind its partition's end or before its beginning.
    offset: i64,
    /// Its one value stands for a row that is not there.
    default: Column,
}

/// The result over a frame.
struct OfFrame {
    /// Which of the frames.
    frame: usize,
    /// Which of the arguments.
    arguments: [Option<usize>; 2],
    slide: Box<dyn Slide>,
}

/// The calls, and where the frames of a partition are.
pub struct Calls {
    // Fixed at construction.
    calls: Vec<Call>,
    frames: Vec<Around>,
    // Scratch, of one partition.
    groups: Vec<u32>,
    /// For each frame those of the rows.
    framed: Vec<Vec<Framed>>,
    /// Those that differ from that of the row before.
    heads: Vec<Framed>,
    failed: Vec<u32>,
}

impl Calls {
    /// The calls of a plan, and the distinct expressions that are their arguments.
    ///
    /// # Errors
    /// `JobError::Limit` for a call that has no OVER form here.
    pub fn new(plan: &RankedPlan) -> Result<(Self, Vec<&Expr>), JobError> {
        let (mut arguments, mut frames) = (Vec::new(), Vec::new());
        let calls = plan.calls.iter();
        let calls = calls.map(|call| draft(call, &mut arguments, &mut frames));
        let calls = Self {
            calls: calls.collect::<Result<_, _>>()?,
            framed: frames.iter().map(|_| Vec::new()).collect(),
            frames,
            groups: Vec::new(),
            heads: Vec::new(),
            failed: Vec::new(),
        };
        Ok((calls, arguments))
    }

    /// Writes the results of a partition's `rows`, which are in its order, to `results`; appends the rows with a result
    /// that its type cannot hold to `failed`. `same` says whether two rows are peers.
    pub fn write(
        &mut self,
        rows: &[u32],
        same: impl Fn(u32, u32) -> bool,
        by: Option<(&Column, Direction)>,
        arguments: &[Column],
        (results, failed): (&mut [Column], &mut Vec<u32>),
    ) {
        self.groups.clear();
        let mut first = 0;
        while first < rows.len() {
            self.groups.push(first as u32);
            let row = rows[first];
            first += rows[first..].partition_point(|&other| same(row, other));
        }
        let partition = Partition {
            rows,
            groups: &self.groups,
            by,
        };
        for (frame, framed) in self.frames.iter().zip(&mut self.framed) {
            around::find(frame, &partition, framed);
        }
        for (call, out) in self.calls.iter_mut().zip(results) {
            match call {
                Call::Rank(function) => rank(function, &partition, out),
                Call::Other(other) => other.write(rows, &arguments[other.argument], out),
                Call::Framed(call) => {
                    let framed = &self.framed[call.frame];
                    let scratch = (&mut self.heads, &mut self.failed);
                    call.write(rows, framed, arguments, (out, scratch));
                    failed.append(&mut self.failed);
                }
            }
        }
    }
}

/// A call with its arguments and its frame among those of others.
fn draft<'p>(
    call: &'p OverCall,
    arguments: &mut Vec<&'p Expr>,
    frames: &mut Vec<Around>,
) -> Result<Call, JobError> {
    let mut indices = column_arguments(call).iter().map(|argument| {
        let known = arguments.iter().position(|known| *known == argument);
        known.unwrap_or_else(|| {
            arguments.push(argument);
            arguments.len() - 1
        })
    });
    let own = [indices.next(), indices.next()];
    let other = |offset, default| {
        let mut one = Column::new(call.ty);
        one.push(default);
        Call::Other(Other {
            argument: own[0].expect("LAG and LEAD have an argument"),
            offset,
            default: one,
        })
    };
    Ok(match (&call.function, call.frame) {
        (OverFunction::Lag { offset, default }, _) => other(-i64::from(*offset), default),
        (OverFunction::Lead { offset, default }, _) => other(i64::from(*offset), default),
        (_, OverFrame::Around(frame)) => {
            let known = frames.iter().position(|known| *known == frame);
            let slide = own_call(call, own)?.slide;
            Call::Framed(OfFrame {
                frame: known.unwrap_or_else(|| {
                    frames.push(frame);
                    frames.len() - 1
                }),
                arguments: own,
                slide,
            })
        }
        (rank, _) => Call::Rank(rank.clone()),
    })
}

/// Writes the results of a function of a row's place.
fn rank(function: &OverFunction, partition: &Partition<'_>, out: &mut Column) {
    let total = partition.rows.len();
    let ends = partition.groups.iter().skip(1).map(|&end| end as usize);
    let groups = partition.groups.iter().zip(ends.chain([total]));
    for (dense, (&before, upto)) in (1..).zip(groups) {
        let before = before as usize;
        let peers = Peers {
            before,
            upto,
            dense,
            total,
        };
        for (place, &row) in (before..).zip(&partition.rows[before..upto]) {
            peers.put(function, place, row as usize, out);
        }
    }
}

impl Other {
    /// Writes the results of the rows of one partition, which are in its order.
    fn write(&self, rows: &[u32], argument: &Column, out: &mut Column) {
        for (at, &row) in (0..).zip(rows) {
            let other = usize::try_from(at + self.offset).ok();
            match other.and_then(|other| rows.get(other)) {
                Some(&other) => put(out, row as usize, argument, other as usize),
                None => put(out, row as usize, &self.default, 0),
            }
        }
    }
}

impl OfFrame {
    /// Writes the results of the rows of one partition, which have the frames `framed`: each once, and shared by the
    /// rows that have the same one.
    fn write(
        &mut self,
        rows: &[u32],
        framed: &[Framed],
        arguments: &[Column],
        (out, (heads, failed)): (&mut Column, (&mut Vec<Framed>, &mut Vec<u32>)),
    ) {
        let is_same = |a: &Framed, b: &Framed| (a.start, a.end) == (b.start, b.end);
        heads.clear();
        heads.extend(framed.chunk_by(is_same).map(|same| same[0]));
        let args: Args<'_> = self.arguments.map(|at| at.map(|at| &arguments[at]));
        self.slide.whole(rows, heads, &args, out, failed);
        let mut failing = 0;
        let heads_failed = failed.len();
        for same in framed.chunk_by(is_same) {
            let (head, rest) = (same[0].row, &same[1..]);
            // They fail in the order of their frames.
            let fails = failed[failing..heads_failed].first() == Some(&head);
            failing += usize::from(fails);
            if fails {
                failed.extend(rest.iter().map(|frame| frame.row));
            } else {
                repeat(out, head as usize, rest);
            }
        }
    }
}

/// Gives the result of one row to others.
fn repeat(out: &mut Column, from: usize, to: &[Framed]) {
    fn copy<T: Copy>(values: &mut [T], from: usize, to: &[Framed]) {
        let value = values[from];
        to.iter()
            .for_each(|frame| values[frame.row as usize] = value);
    }
    match &mut out.data {
        ColumnData::Bool(values) => copy(values, from, to),
        ColumnData::I64(values) => copy(values, from, to),
        ColumnData::I128(values) => copy(values, from, to),
        ColumnData::F64(values) => copy(values, from, to),
        ColumnData::Text(values) => copy(&mut values.views, from, to),
    }
    if !out.nulls.is_empty() {
        copy(&mut out.nulls, from, to);
    }
}
