//! From an [`OverPlan`] to frames with shared components and calls that read them.

use super::clock::{self, Clock};
use super::finish;
use super::fold::Args;
use super::frame::Frame;
use super::lag::Lag;
use super::lane::Wants;
use super::own::{Own, own_aggregate, own_distinct, own_pick};
use super::part::{Part, RowsInPlay};
use super::pick::Which;
use super::text::Extreme;
use crate::batch::Column;
use crate::error::JobError;
use crate::operator::inputs::copy_rows;
use crate::plan::{AggregateKind, Expr, OverCall, OverFrame, OverFunction, OverPlan};
use crate::types::{DataType, Physical, Value};

enum Function {
    Count,
    Sum,
    Average,
    Extreme(Extreme),
    Lag {
        lag: Option<Lag>,
        default: Value,
    },
    RowNumber,
    Rank,
    DenseRank,
    /// A component of the call's own.
    Own(Own),
}

/// One OVER call.
pub struct Call {
    /// Index of the argument among the inputs.
    pub argument: Option<usize>,
    /// Index of the second argument.
    pub second: Option<usize>,
    /// Whether peers that come behind a row belong to its frame.
    pub shares: bool,
    argument_type: DataType,
    ty: DataType,
    /// Index of the frame; unused by functions with a component of their own.
    frame: usize,
    function: Function,
}

/// Where the rows in play stand.
#[derive(Clone, Copy)]
pub struct Positions<'a> {
    /// Their numbers; empty when no call slides by them.
    pub numbers: &'a [i64],
    /// Their times and ranks; absent when no call needs them.
    pub clock: Option<&'a Clock>,
}

impl Call {
    /// Whether the call takes its frame's results for itself, so that others must have read them.
    pub fn takes_results(&self) -> bool {
        matches!(self.function, Function::Sum)
    }

    /// Whether the call slides by the numbers of rows.
    pub fn takes_numbers(&self) -> bool {
        matches!(self.function, Function::Own(Own { by_time: false, .. }))
    }

    /// Whether the call needs the time that rows stand at.
    pub fn takes_times(&self) -> bool {
        let by_time = match self.function {
            Function::Rank | Function::DenseRank => true,
            Function::Own(Own { by_time, .. }) => by_time,
            _ => false,
        };
        by_time || self.shares
    }

    /// Writes the call's results for `rows` to `out`; appends the rows that overflow to `failed`.
    pub fn write(
        &mut self,
        frames: &mut [Frame],
        (rows, positions): (&RowsInPlay<'_>, Positions<'_>),
        args: &Args<'_>,
        out: &mut Column,
        failed: &mut Vec<u32>,
    ) {
        let clock = || {
            positions
                .clock
                .expect("the clock runs when a call needs it")
        };
        match &mut self.function {
            Function::Own(Own { slide, by_time }) => {
                let positions = match by_time {
                    true => &clock().times,
                    false => positions.numbers,
                };
                return slide.slide(rows, positions, args, out, failed);
            }
            Function::RowNumber => {
                let numbers = rows.numbers.iter().map(|number| *number as i64 + 1);
                return clock::write(rows, numbers, out);
            }
            Function::Rank => return clock::write(rows, clock().ranks.iter().copied(), out),
            Function::DenseRank => {
                return clock::write(rows, clock().dense_ranks.iter().copied(), out);
            }
            _ => {}
        }
        if let Function::Lag { lag, default } = &mut self.function {
            let argument = args[0].expect("LAG has an argument");
            out.reset(rows.total);
            match lag {
                Some(lag) => lag.slide(rows, argument, default, out),
                None => {
                    let in_play = crate::batch::Rows::Some(rows.rows);
                    copy_rows(argument, in_play, rows.total, out);
                }
            }
            return;
        }
        let frame = &mut frames[self.frame];
        match &self.function {
            Function::Count => frame.counts.write(rows, out),
            Function::Sum => finish::sum(rows, frame.sums(), out, failed),
            Function::Average => {
                let out = (out, self.ty);
                finish::average(rows, frame.sums(), self.argument_type, out, failed);
            }
            Function::Extreme(extreme) => frame.give(*extreme, rows, out),
            _ => unreachable!("functions without a frame were handled above"),
        }
    }

    /// The component of the call's own.
    pub fn part(&mut self) -> Option<&mut dyn Part> {
        match &mut self.function {
            Function::Lag { lag, .. } => lag.as_mut().map(Lag::part),
            Function::Own(Own { slide, .. }) => Some(&mut **slide),
            _ => None,
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        match &self.function {
            Function::Lag { lag: Some(lag), .. } => lag.bytes(),
            Function::Own(Own { slide, .. }) => slide.bytes(),
            _ => 0,
        }
    }
}

/// What an [`OverPlan`] becomes.
pub struct Layout<'a> {
    /// The distinct arguments, in the order of their indices.
    pub arguments: Vec<&'a Expr>,
    /// The distinct frames.
    pub frames: Vec<Frame>,
    /// The calls in order.
    pub calls: Vec<Call>,
}

/// Lays out `plan`; arguments are numbered from `first_argument`.
///
/// # Errors
/// `JobError::Limit` for a call that has no OVER form here.
pub fn layout(plan: &OverPlan, first_argument: usize) -> Result<Layout<'_>, JobError> {
    let mut drafts = Drafts::default();
    let mut calls = Vec::new();
    for call in &plan.calls {
        if call.args.len() > 2 {
            return Err(not_built(call));
        }
        let mut arguments = column_arguments(call).iter();
        let mut next = || {
            let argument = arguments.next();
            argument.map(|argument| drafts.argument(argument) + first_argument)
        };
        let arguments = [next(), next()];
        let mut call = drafts
            .call(call, arguments)
            .ok_or_else(|| not_built(call))?;
        call.shares &= plan.sorted;
        calls.push(call);
    }
    let frames = drafts.frames.iter().map(|draft| {
        let frame = Frame::new(draft.argument, draft.ty, draft.wants, draft.length);
        frame.ok_or_else(|| not_built(draft.call))
    });
    Ok(Layout {
        frames: frames.collect::<Result<_, _>>()?,
        arguments: drafts.arguments,
        calls,
    })
}

/// The arguments that are columns: what is constant is none.
pub fn column_arguments(call: &OverCall) -> &[Expr] {
    let constants = match call.function {
        OverFunction::Aggregate(kind) | OverFunction::Distinct(kind) => {
            usize::from(kind.has_parameter())
        }
        _ => 0,
    };
    &call.args[..call.args.len() - constants]
}

/// The error for a call that has no OVER form here.
pub fn not_built(call: &OverCall) -> JobError {
    let types: Vec<_> = call.args.iter().map(|arg| arg.ty().to_string()).collect();
    JobError::Limit(format!(
        "{:?} of ({}) OVER rows is not built",
        call.function,
        types.join(", ")
    ))
}

/// A frame whose calls are being gathered.
struct FrameDraft<'a> {
    argument: Option<usize>,
    ty: DataType,
    length: Option<u32>,
    /// Whether it is a RANGE frame: then its results may be shared with peers.
    by_time: bool,
    wants: Wants,
    /// The call it was made for.
    call: &'a OverCall,
}

#[derive(Default)]
struct Drafts<'a> {
    arguments: Vec<&'a Expr>,
    frames: Vec<FrameDraft<'a>>,
}

impl<'a> Drafts<'a> {
    fn argument(&mut self, argument: &'a Expr) -> usize {
        let known = self.arguments.iter().position(|known| *known == argument);
        known.unwrap_or_else(|| {
            self.arguments.push(argument);
            self.arguments.len() - 1
        })
    }

    /// The frame of the last `length` rows, or of all, for `call`.
    fn frame(
        &mut self,
        call: &'a OverCall,
        argument: Option<usize>,
        ty: DataType,
        length: Option<u32>,
    ) -> usize {
        let by_time = matches!(call.frame, OverFrame::Range { .. });
        let same = |frame: &FrameDraft<'_>| {
            (frame.argument, frame.length, frame.by_time) == (argument, length, by_time)
        };
        self.frames.iter().position(same).unwrap_or_else(|| {
            self.frames.push(FrameDraft {
                argument,
                ty,
                length,
                by_time,
                wants: Wants::default(),
                call,
            });
            self.frames.len() - 1
        })
    }

    /// What is needed for `call`; `None` when it is not built.
    fn call(&mut self, call: &'a OverCall, arguments: [Option<usize>; 2]) -> Option<Call> {
        let [argument, second] = arguments;
        let argument_type = call.args.first().map_or(DataType::BigInt, Expr::ty);
        let (function, frame) = match &call.function {
            OverFunction::Lag { offset, default } => {
                argument?;
                (argument_type.physical() == call.ty.physical()).then_some(())?;
                let column = Column::new(argument_type);
                let lag = (*offset > 0).then(|| Lag::new(&column, *offset as usize));
                let default = default.clone();
                (Function::Lag { lag, default }, 0)
            }
            OverFunction::Aggregate(kind) => {
                let rows_only = *kind == AggregateKind::CountRows;
                (rows_only == argument.is_none()).then_some(())?;
                match lane_length(call.frame, *kind, argument_type) {
                    Some(length) => {
                        let frame = self.frame(call, argument, argument_type, length);
                        let wants = &mut self.frames[frame].wants;
                        (aggregate(wants, *kind, argument_type, call.ty)?, frame)
                    }
                    None => (Function::Own(own_aggregate(call, *kind)?), 0),
                }
            }
            OverFunction::Distinct(kind) => {
                argument?;
                (Function::Own(own_distinct(call, *kind)?), 0)
            }
            OverFunction::RowNumber => (Function::RowNumber, 0),
            OverFunction::Rank => (Function::Rank, 0),
            OverFunction::DenseRank => (Function::DenseRank, 0),
            OverFunction::Nth(n) => {
                let which = Which::At((*n).checked_sub(1)? as usize);
                (Function::Own(own_pick(call, which)?), 0)
            }
            OverFunction::LastValue => (Function::Own(own_pick(call, Which::Last)?), 0),
            OverFunction::PercentRank
            | OverFunction::CumeDist
            | OverFunction::Ntile(_)
            | OverFunction::Lead { .. } => return None,
        };
        let is_framed = !matches!(
            call.function,
            OverFunction::Lag { .. }
                | OverFunction::RowNumber
                | OverFunction::Rank
                | OverFunction::DenseRank
        );
        Some(Call {
            argument,
            second,
            shares: is_framed && matches!(call.frame, OverFrame::Range { until_ns: 0, .. }),
            argument_type,
            ty: call.ty,
            frame,
            function,
        })
    }
}

/// Adds to `wants` what an aggregate needs; `None` when it is not built.
fn aggregate(
    wants: &mut Wants,
    kind: AggregateKind,
    argument: DataType,
    result: DataType,
) -> Option<Function> {
    match kind {
        AggregateKind::CountRows | AggregateKind::Count => {
            (result == DataType::BigInt).then_some(Function::Count)
        }
        AggregateKind::Sum | AggregateKind::Avg => {
            let average = kind == AggregateKind::Avg;
            summable(argument, result, average).then_some(())?;
            wants.sum = true;
            Some(if average {
                Function::Average
            } else {
                Function::Sum
            })
        }
        AggregateKind::Min | AggregateKind::Max => {
            let physical = argument.physical();
            let ordered = physical != Physical::Bool && physical == result.physical();
            ordered.then_some(())?;
            let (wanted, extreme) = match kind {
                AggregateKind::Min => (&mut wants.least, Extreme::Least),
                _ => (&mut wants.greatest, Extreme::Greatest),
            };
            assert!(!*wanted, "the planner makes equal calls one");
            *wanted = true;
            Some(Function::Extreme(extreme))
        }
        _ => None,
    }
}

/// The length of a frame that has a lane, `Some(None)` for all rows so far; `None` when another component
/// has to slide.
fn lane_length(frame: OverFrame, kind: AggregateKind, argument: DataType) -> Option<Option<u32>> {
    use AggregateKind as K;
    let extreme = matches!(kind, K::Min | K::Max) && argument.physical() != Physical::Bool;
    let has_lane = extreme || matches!(kind, K::CountRows | K::Count | K::Sum | K::Avg);
    has_lane.then_some(())?;
    match frame {
        OverFrame::Rows {
            preceding: Some(rows),
            until: 0,
        } => Some(Some(rows.checked_add(1)?)),
        OverFrame::Rows {
            preceding: None,
            until: 0,
        }
        | OverFrame::Range {
            preceding_ns: None,
            until_ns: 0,
        } => Some(None),
        _ => None,
    }
}

/// Whether SUM or AVG of `argument` can be a `result`.
pub fn summable(argument: DataType, result: DataType, average: bool) -> bool {
    match (argument, result) {
        (DataType::Double, DataType::Double) => true,
        (DataType::Int | DataType::BigInt, DataType::BigInt) => !average,
        (DataType::Int | DataType::BigInt, DataType::Double) => average,
        (DataType::Interval, DataType::Interval) => !average,
        (
            DataType::Decimal { scale, .. },
            DataType::Decimal {
                precision,
                scale: to,
            },
        ) => {
            // A sum keeps the scale; the mean's factor must stay in 64 bits.
            precision == 38 && (to == scale || (average && to > scale && to - scale <= 18))
        }
        _ => false,
    }
}
