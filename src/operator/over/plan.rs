//! From an [`OverPlan`] to frames with shared components and calls that read them.

use super::finish;
use super::frame::{Counts, Extremes, Sums, mark_empty};
use super::lag::Lag;
use super::part::{Part, RowsInPlay};
use crate::batch::Column;
use crate::error::JobError;
use crate::operator::inputs::copy_rows;
use crate::plan::{AggregateKind, Expr, OverCall, OverFunction, OverPlan};
use crate::types::{DataType, Value};

/// The components over one argument and frame.
pub struct Frame {
    /// Index of the argument among the inputs; `None`: rows are counted.
    pub argument: Option<usize>,
    length: Option<usize>,
    counts: Counts,
    sums: Option<Sums>,
    least: Option<Extremes>,
    greatest: Option<Extremes>,
}

impl Frame {
    /// Takes in the rows; extremes wait for [`Call::write`], which has their column.
    pub fn slide(&mut self, rows: &RowsInPlay<'_>, argument: Option<&Column>) {
        self.counts.slide(rows, argument);
        if let (Some(sums), Some(argument)) = (&mut self.sums, argument) {
            sums.slide(rows, argument);
        }
    }

    /// Calls `f` with every component, always in the same order.
    pub fn for_each_part(&mut self, f: &mut dyn FnMut(&mut dyn Part)) {
        if let Some(part) = self.counts.part() {
            f(part);
        }
        if let Some(sums) = &mut self.sums {
            f(sums.part());
        }
        for extremes in [&mut self.least, &mut self.greatest].into_iter().flatten() {
            f(extremes.part());
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let sums = self.sums.as_ref().map_or(0, Sums::bytes);
        let extremes = [&self.least, &self.greatest].into_iter().flatten();
        self.counts.bytes() + sums + extremes.map(Extremes::bytes).sum::<usize>()
    }
}

enum Function {
    Count,
    Sum,
    Average,
    Least,
    Greatest,
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
            match lag {
                Some(lag) => lag.slide(rows, argument, default, out),
                None => {
                    let in_play = crate::batch::Rows::Some(rows.rows);
                    copy_rows(argument, in_play, out.len(), out);
                }
            }
            return;
        }
        let frame = &mut frames[self.frame];
        let counts = &frame.counts.results;
        match &self.function {
            Function::Count => finish::count(rows, counts, out),
            Function::Sum => {
                let sums = frame.sums.as_ref().expect("SUM has its component");
                finish::sum(rows, counts, sums, out, failed);
            }
            Function::Average => {
                let sums = frame.sums.as_ref().expect("AVG has its component");
                let out = (out, self.ty);
                finish::average(rows, counts, sums, self.argument_type, out, failed);
            }
            Function::Least | Function::Greatest => {
                let extremes = match self.function {
                    Function::Least => frame.least.as_mut(),
                    _ => frame.greatest.as_mut(),
                };
                let argument = argument.expect("MIN and MAX have an argument");
                let extremes = extremes.expect("MIN and MAX have their component");
                extremes.slide(rows, argument, out);
                mark_empty(rows, counts, out);
            }
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
    let mut layout = Layout {
        arguments: Vec::new(),
        frames: Vec::new(),
        calls: Vec::new(),
    };
    for call in &plan.calls {
        let argument = match &call.args[..] {
            [] => None,
            [argument] => Some(layout.argument(argument) + first_argument),
            _ => return Err(not_built(call)),
        };
        let call = layout.call(call, argument)?;
        layout.calls.push(call);
    }
    Ok(layout)
}

fn not_built(call: &OverCall) -> JobError {
    let types: Vec<_> = call.args.iter().map(|arg| arg.ty().to_string()).collect();
    JobError::Limit(format!(
        "{:?} of ({}) OVER rows is not built",
        call.function,
        types.join(", ")
    ))
}

impl<'a> Layout<'a> {
    fn argument(&mut self, argument: &'a Expr) -> usize {
        let known = self.arguments.iter().position(|known| *known == argument);
        known.unwrap_or_else(|| {
            self.arguments.push(argument);
            self.arguments.len() - 1
        })
    }

    fn frame(&mut self, argument: Option<usize>, preceding: Option<u32>) -> usize {
        let length = preceding.map(|rows| rows as usize + 1);
        let same = |frame: &Frame| frame.argument == argument && frame.length == length;
        self.frames.iter().position(same).unwrap_or_else(|| {
            self.frames.push(Frame {
                argument,
                length,
                counts: Counts::new(argument, length),
                sums: None,
                least: None,
                greatest: None,
            });
            self.frames.len() - 1
        })
    }

    fn call(&mut self, call: &OverCall, argument: Option<usize>) -> Result<Call, JobError> {
        let refuse = || not_built(call);
        let argument_type = call.args.first().map_or(DataType::BigInt, Expr::ty);
        let (function, frame) = match &call.function {
            OverFunction::Lag { offset, default } => {
                argument.ok_or_else(refuse)?;
                let same = argument_type.physical() == call.ty.physical();
                same.then_some(()).ok_or_else(refuse)?;
                let column = Column::new(argument_type);
                let lag = (*offset > 0).then(|| Lag::new(&column, *offset as usize));
                let default = default.clone();
                (Function::Lag { lag, default }, 0)
            }
            OverFunction::Aggregate(kind) => {
                let rows_only = *kind == AggregateKind::CountRows;
                (rows_only == argument.is_none())
                    .then_some(())
                    .ok_or_else(refuse)?;
                let frame = self.frame(argument, call.preceding);
                let function = self.component(frame, *kind, argument_type, call.ty);
                (function.ok_or_else(refuse)?, frame)
            }
        };
        Ok(Call {
            argument,
            argument_type,
            ty: call.ty,
            frame,
            function,
        })
    }

    /// Gives `frame` what an aggregate needs; `None` when it is not built.
    fn component(
        &mut self,
        frame: usize,
        kind: AggregateKind,
        argument: DataType,
        result: DataType,
    ) -> Option<Function> {
        let frame = &mut self.frames[frame];
        let length = frame.length;
        match kind {
            AggregateKind::CountRows | AggregateKind::Count => {
                (result == DataType::BigInt).then_some(Function::Count)
            }
            AggregateKind::Sum | AggregateKind::Avg => {
                let average = kind == AggregateKind::Avg;
                summable(argument, result, average).then_some(())?;
                if frame.sums.is_none() {
                    frame.sums = Some(Sums::new(argument, length)?);
                }
                Some(if average {
                    Function::Average
                } else {
                    Function::Sum
                })
            }
            AggregateKind::Min | AggregateKind::Max => {
                (argument.physical() == result.physical()).then_some(())?;
                if kind == AggregateKind::Min {
                    frame.least = Some(Extremes::least(argument, length)?);
                    Some(Function::Least)
                } else {
                    frame.greatest = Some(Extremes::greatest(argument, length)?);
                    Some(Function::Greatest)
                }
            }
            AggregateKind::First | AggregateKind::Last | AggregateKind::Vwap => None,
        }
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
