//! The tree that an expression is compiled to. Each node has its own scratch column, filled by `eval` and read
//! through `result`; plain columns are read where they are, constants are columns of one row.

use super::arguments::{Arguments, Target};
use super::fit::Room;
use super::json::LastPath;
use super::kernel::{Faults, Operand, add_nulls, data_of, prepare};
use super::logic::{self, Narrow};
use super::lookup::Lookup;
use super::pattern::Patterns;
use super::recast::Recast;
use super::row_set::RowSet;
use super::time_function::LastZone;
use super::{RowErrors, arithmetic, cast, cast_time, compare, function};
use super::{in_list::InList, like::Like};
use crate::batch::{Batch, Column, Rows};
use crate::plan::{ArithmeticOp, CompareOp, ScalarFunction};
use crate::types::DataType;

/// An operator of an expression with its operands.
pub(super) enum Kind {
    Column(usize),
    /// The value is row 0 of the node's column.
    Constant,
    Cast {
        input: Box<Node>,
        types: (DataType, DataType),
        lenient: bool,
    },
    /// A cast of the parts of values, and whether what does not cast is NULL.
    Recast(Box<Node>, Box<Recast>, bool),
    /// DATE as an operand of time arithmetic.
    DateToTimestamp(Box<Node>),
    Arithmetic {
        op: ArithmeticOp,
        left: Box<Node>,
        right: Box<Node>,
        /// Of left, right and the result.
        types: (DataType, DataType, DataType),
    },
    Negate {
        input: Box<Node>,
        ty: DataType,
    },
    Compare {
        op: CompareOp,
        left: Box<Node>,
        right: Box<Node>,
    },
    And(Vec<Node>, Narrow),
    Or(Vec<Node>, Narrow),
    Not(Box<Node>),
    IsNull {
        input: Box<Node>,
        negated: bool,
    },
    InList(Box<Node>, InList),
    Member(Vec<Node>, RowSet),
    Lookup(Vec<Node>, Lookup),
    Like(Box<Node>, Like),
    Case {
        branches: Vec<(Node, Node)>,
        otherwise: Option<Box<Node>>,
        narrow: Narrow,
    },
    Coalesce(Vec<Node>, Narrow),
    Fit(Box<Node>, Room),
    Call {
        function: ScalarFunction,
        args: Vec<Node>,
        ty: DataType,
        /// What is kept from batch to batch.
        memo: Memo,
    },
}

/// What a call keeps from batch to batch: things made from arguments that hardly change.
#[derive(Default)]
pub(super) struct Memo {
    pub(super) patterns: Patterns,
    pub(super) zone: LastZone,
    pub(super) path: LastPath,
}

/// An operator with its scratch memory.
pub(super) struct Node {
    // Fixed at construction.
    pub(super) kind: Kind,
    /// The type that the node above sees.
    pub(super) ty: DataType,
    /// Whether evaluation can fail for a row.
    pub(super) fallible: bool,
    /// Whether it is to be evaluated only for rows that reach it: it can fail or is costly.
    pub(super) guarded: bool,
    // State.
    pub(super) out: Column,
    buffer: Vec<u8>,
}

impl Node {
    /// A node whose column holds values of type `ty`.
    pub(super) fn new(kind: Kind, ty: DataType, fallible: bool, guarded: bool) -> Self {
        Self {
            kind,
            ty,
            fallible,
            guarded,
            out: Column::new(ty),
            buffer: Vec::new(),
        }
    }

    /// The values after [`Node::eval`].
    pub(super) fn result<'a>(&'a self, batch: &'a Batch) -> Operand<'a> {
        match self.kind {
            Kind::Column(index) => Operand {
                column: &batch.columns[index],
                constant: false,
            },
            Kind::Constant => Operand {
                column: &self.out,
                constant: true,
            },
            _ => Operand {
                column: &self.out,
                constant: false,
            },
        }
    }

    /// Computes the values for `rows`. Failing rows are NULL here and appended to `errors`, in the order in which
    /// they are found.
    pub(super) fn eval(&mut self, batch: &Batch, rows: Rows<'_>, errors: &mut RowErrors) {
        if matches!(self.kind, Kind::Column(_) | Kind::Constant) {
            return;
        }
        prepare(&mut self.out, batch.rows);
        match &mut self.kind {
            Kind::And(args, narrow) => {
                logic::junction::<false>(args, narrow, batch, rows, &mut self.out, errors);
            }
            Kind::Or(args, narrow) => {
                logic::junction::<true>(args, narrow, batch, rows, &mut self.out, errors);
            }
            Kind::Case {
                branches,
                otherwise,
                narrow,
            } => {
                let otherwise = otherwise.as_deref_mut();
                logic::case(
                    branches,
                    otherwise,
                    narrow,
                    batch,
                    rows,
                    &mut self.out,
                    errors,
                );
            }
            Kind::Coalesce(args, narrow) => {
                logic::coalesce(args, narrow, batch, rows, &mut self.out, errors);
            }
            Kind::Arithmetic { left, right, .. } | Kind::Compare { left, right, .. } => {
                left.eval(batch, rows, errors);
                right.eval(batch, rows, errors);
                self.apply(batch, rows, errors);
            }
            Kind::Cast { input, .. }
            | Kind::Recast(input, ..)
            | Kind::DateToTimestamp(input)
            | Kind::Negate { input, .. }
            | Kind::Not(input)
            | Kind::IsNull { input, .. }
            | Kind::InList(input, _)
            | Kind::Fit(input, _)
            | Kind::Like(input, _) => {
                input.eval(batch, rows, errors);
                self.apply(batch, rows, errors);
            }
            Kind::Call { args, .. } | Kind::Member(args, _) | Kind::Lookup(args, _) => {
                for arg in args {
                    arg.eval(batch, rows, errors);
                }
                self.apply(batch, rows, errors);
            }
            Kind::Column(_) | Kind::Constant => {}
        }
    }

    /// Applies an operator whose operands have all been evaluated.
    fn apply(&mut self, batch: &Batch, rows: Rows<'_>, errors: &mut RowErrors) {
        let out = &mut self.out;
        let buffer = &mut self.buffer;
        match &mut self.kind {
            Kind::Cast {
                input,
                types,
                lenient,
            } => {
                let mut faults = Faults::unless(*lenient, errors);
                cast::cast(*types, input.result(batch), rows, out, buffer, &mut faults);
            }
            Kind::Recast(input, recast, lenient) => {
                let mut faults = Faults::unless(*lenient, errors);
                recast.cast(input.result(batch), rows, out, buffer, &mut faults);
            }
            Kind::DateToTimestamp(input) => midnights(input.result(batch), rows, out, errors),
            Kind::Arithmetic {
                op,
                left,
                right,
                types,
            } => {
                let (left, right) = (left.result(batch), right.result(batch));
                arithmetic::arithmetic(*op, *types, left, right, rows, out, errors);
            }
            Kind::Negate { input, ty } => {
                arithmetic::negate(*ty, input.result(batch), rows, out, errors);
            }
            Kind::Compare { op, left, right } => {
                compare::compare(*op, left.result(batch), right.result(batch), rows, out);
            }
            Kind::Not(input) => logic::not(input.result(batch), rows, out),
            Kind::IsNull { input, negated } => {
                logic::is_null(input.result(batch), *negated, rows, out);
            }
            Kind::InList(input, list) => list.eval(input.result(batch), rows, out),
            among @ (Kind::Member(..) | Kind::Lookup(..)) => look(among, batch, rows, out),
            Kind::Like(input, like) => like.eval(input.result(batch), rows, out),
            Kind::Fit(input, room) => {
                let faults = &mut Faults::Report(errors);
                room.eval(input.result(batch), rows, out, faults);
            }
            Kind::Call {
                function,
                args,
                ty,
                memo,
            } => {
                let args = Arguments { nodes: args, batch };
                let mut target = Target {
                    rows,
                    out,
                    buffer,
                    errors,
                };
                function::call((*function, *ty), args, memo, &mut target);
            }
            Kind::Column(_)
            | Kind::Constant
            | Kind::And(..)
            | Kind::Or(..)
            | Kind::Case { .. }
            | Kind::Coalesce(..) => {}
        }
    }
}

/// Looks among the rows of a set.
fn look(among: &mut Kind, batch: &Batch, rows: Rows<'_>, out: &mut Column) {
    match among {
        Kind::Member(args, set) => {
            let args = &*args;
            let values = data_of!(out.data, Bool);
            set.find(|at| args[at].result(batch), rows, values);
        }
        Kind::Lookup(args, lookup) => {
            let args = &*args;
            lookup.eval(|at| args[at].result(batch), rows, out);
        }
        _ => {}
    }
}

/// The midnights that days begin with, as operands of arithmetic.
fn midnights(input: Operand<'_>, rows: Rows<'_>, out: &mut Column, errors: &mut RowErrors) {
    let len = out.len();
    if add_nulls(&mut out.nulls, input, len) {
        cast_time::midnights(input, rows, out, &mut Faults::Report(errors));
    }
}
