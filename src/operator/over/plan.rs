//! From an [`OverPlan`] to frames with shared components and calls that read them.

use super::finish;
use super::frame::Frame;
use super::lag::Lag;
use super::lane::Wants;
use super::part::{Part, RowsInPlay};
use super::text::Extreme;
use crate::batch::Column;
use crate::error::JobError;
use crate::operator::inputs::copy_rows;
use crate::plan::{AggregateKind, Expr, OverCall, OverFunction, OverPlan};
use crate::types::{DataType, Physical, Value};

enum Function {
    Count,
    Sum,
    Average,
    Extreme(Extreme),
    Lag { lag: Option<Lag>, default: Value },
}

/// One OVER call.
pub struct Call {
    /// Index of the argument among the inputs.
    pub argument: Option<usize>,
    argument_type: DataType,
    ty: DataType,
    /// Index of the frame; unused by LAG.
    frame: usize,
    function: Function,
}

impl Call {
    /// Whether the call takes its frame's results for itself, so that others must have read them.
    pub fn takes_results(&self) -> bool {
        matches!(self.function, Function::Sum)
    }

    /// Writes the call's results for `rows` to `out`; appends the rows that overflow to `failed`.
    pub fn write(
        &mut self,
        frames: &mut [Frame],
        rows: &RowsInPlay<'_>,
        argument: Option<&Column>,
        out: &mut Column,
        failed: &mut Vec<u32>,
    ) {
        if let Function::Lag { lag, default } = &mut self.function {
            let argument = argument.expect("LAG has an argument");
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
            Function::Lag { .. } => unreachable!("LAG was handled above"),
        }
    }

    /// The component of the call's own.
    pub fn part(&mut self) -> Option<&mut dyn Part> {
        match &mut self.function {
            Function::Lag { lag, .. } => lag.as_mut().map(Lag::part),
            _ => None,
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        match &self.function {
            Function::Lag { lag: Some(lag), .. } => lag.bytes(),
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
        let argument = match &call.args[..] {
            [] => None,
            [argument] => Some(drafts.argument(argument) + first_argument),
            _ => return Err(not_built(call)),
        };
        calls.push(drafts.call(call, argument).ok_or_else(|| not_built(call))?);
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

fn not_built(call: &OverCall) -> JobError {
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

    /// The frame of `call`; `None` when it has more rows than can be counted.
    fn frame(
        &mut self,
        call: &'a OverCall,
        argument: Option<usize>,
        ty: DataType,
    ) -> Option<usize> {
        let length = match call.preceding {
            Some(rows) => Some(rows.checked_add(1)?),
            None => None,
        };
        let same = |frame: &FrameDraft<'_>| frame.argument == argument && frame.length == length;
        Some(self.frames.iter().position(same).unwrap_or_else(|| {
            self.frames.push(FrameDraft {
                argument,
                ty,
                length,
                wants: Wants::default(),
                call,
            });
            self.frames.len() - 1
        }))
    }

    /// What is needed for `call`; `None` when it is not built.
    fn call(&mut self, call: &'a OverCall, argument: Option<usize>) -> Option<Call> {
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
                let frame = self.frame(call, argument, argument_type)?;
                let wants = &mut self.frames[frame].wants;
                (aggregate(wants, *kind, argument_type, call.ty)?, frame)
            }
        };
        Some(Call {
            argument,
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
        AggregateKind::First | AggregateKind::Last | AggregateKind::Vwap => None,
    }
}

/// Whether SUM or AVG of `argument` can be a `result`.
fn summable(argument: DataType, result: DataType, average: bool) -> bool {
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
