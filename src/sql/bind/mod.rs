//! Expressions of the text to typed expressions: names resolved, casts inserted, calls looked up.
//!
//! A bound expression addresses the columns of its input by index. What is not a column of the input yet
//! (aggregates, OVER calls, the columns of a window) gets a *virtual* index above every real one; the
//! planner replaces those once it knows where the operator puts them.

mod aggregate;
mod call;
mod clock;
mod expr;
mod frame;
mod json;
mod literal;
mod months;
mod nested;
mod over;
mod pattern;
mod place;
mod predicate;
mod scope;
mod subquery;
mod time;
mod types;

pub use aggregate::{has_aggregate, has_over, with_window};
pub use clock::calls_of;
pub use expr::{Binder, Clause};
pub use literal::{fold_cast, parse_literal_number};
pub use over::OverDraft;
pub use place::{any as any_expr, chain, is_small, place};
pub use scope::{Alias, Column, Scope};
pub use subquery::Subquery;
pub use time::{zone_hint, zone_id};
pub use types::{cast_to, column_type, is_null, near_type, nullable, symbol, unify_all};

use crate::plan::Expr;
use crate::types::DataType;

/// Index of the first aggregate.
pub const AGGREGATE_BASE: usize = 1 << 24;
/// Index of the first OVER call.
pub const OVER_BASE: usize = 1 << 25;
/// Index of `window_start`; `window_end` is the next.
pub const WINDOW_BASE: usize = 1 << 26;
/// Index of the first GROUPING() call.
pub const GROUPING_BASE: usize = 1 << 27;
/// Deepest expression; AND, OR and `||` chains count once.
pub const DEPTH_MAX: usize = 200;
/// Levels of an expression once aliases and views are expanded.
pub const EXPANDED_DEPTH_MAX: usize = 400;
/// Nodes of the expressions of one SELECT, aliases and views expanded.
pub const NODES_MAX: usize = 200_000;

/// `window_end - 1 ns`: the event time of a row that a window fires, whose `window_end` is the column `end_index`.
pub fn window_time(end_index: usize) -> Expr {
    last_instant(Expr::Column {
        index: end_index,
        ty: DataType::Timestamp,
    })
}

/// `end - 1 ns`: the last instant of a window.
pub fn last_instant(end: Expr) -> Expr {
    Expr::Arithmetic {
        op: crate::plan::ArithmeticOp::Subtract,
        left: Box::new(end),
        right: Box::new(Expr::Literal {
            value: crate::types::Value::I64(1),
            ty: DataType::Interval,
        }),
        ty: DataType::Timestamp,
    }
}

/// The same expression over other columns: `replace` gives the new expression of a node, or `None` to go
/// on below it.
pub fn rewrite<E>(
    expr: &Expr,
    replace: &mut impl FnMut(&Expr) -> Result<Option<Expr>, E>,
) -> Result<Expr, E> {
    if let Some(new) = replace(expr)? {
        return Ok(new);
    }
    let mut copy = shallow(expr);
    let mut at = 0;
    let children: Vec<&Expr> = expr.children();
    let mut failure = None;
    each_child(&mut copy, &mut |slot| {
        if failure.is_none() {
            match rewrite(children[at], replace) {
                Ok(new) => *slot = new,
                Err(error) => failure = Some(error),
            }
        }
        at += 1;
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(copy),
    }
}

/// Replaces real columns by the expressions that `columns` gives them.
pub fn substitute(expr: &Expr, columns: &[Expr]) -> Expr {
    let new = rewrite::<std::convert::Infallible>(expr, &mut |node| {
        Ok(match node {
            Expr::Column { index, .. } => columns.get(*index).cloned(),
            _ => None,
        })
    });
    match new {
        Ok(expr) => expr,
        Err(never) => match never {},
    }
}

/// How many nodes an expression has, and how many levels.
pub fn measure(expr: &Expr) -> (usize, usize) {
    let (mut nodes, mut depth) = (0, 0);
    for child in expr.children() {
        let below = measure(child);
        nodes += below.0;
        depth = depth.max(below.1);
    }
    (nodes + 1, depth + 1)
}

fn hole() -> Expr {
    Expr::Literal {
        value: crate::types::Value::Null,
        ty: DataType::Boolean,
    }
}

fn holes(count: usize) -> Vec<Expr> {
    std::iter::repeat_with(hole).take(count).collect()
}

/// The node with children that are about to be replaced, so that no subtree is copied twice.
fn shallow(expr: &Expr) -> Expr {
    match expr {
        Expr::Column { .. } | Expr::Literal { .. } | Expr::Subquery { .. } => expr.clone(),
        Expr::Member { .. } | Expr::InRows { .. } | Expr::Lookup { .. } => shallow_of_set(expr),
        Expr::Cast { ty, lenient, .. } => Expr::Cast {
            input: Box::new(hole()),
            ty: *ty,
            lenient: *lenient,
        },
        Expr::Arithmetic { op, ty, .. } => Expr::Arithmetic {
            op: *op,
            left: Box::new(hole()),
            right: Box::new(hole()),
            ty: *ty,
        },
        Expr::Negate { .. } => Expr::Negate {
            input: Box::new(hole()),
        },
        Expr::Compare { op, .. } => Expr::Compare {
            op: *op,
            left: Box::new(hole()),
            right: Box::new(hole()),
        },
        Expr::And(args) => Expr::And(holes(args.len())),
        Expr::Or(args) => Expr::Or(holes(args.len())),
        Expr::Not(_) => Expr::Not(Box::new(hole())),
        Expr::IsNull { negated, .. } => Expr::IsNull {
            input: Box::new(hole()),
            negated: *negated,
        },
        Expr::Case {
            branches,
            otherwise,
            ty,
        } => Expr::Case {
            branches: branches.iter().map(|_| (hole(), hole())).collect(),
            otherwise: otherwise.as_ref().map(|_| Box::new(hole())),
            ty: *ty,
        },
        Expr::Coalesce { args, ty } => Expr::Coalesce {
            args: holes(args.len()),
            ty: *ty,
        },
        Expr::Call { function, args, ty } => Expr::Call {
            function: *function,
            args: holes(args.len()),
            ty: *ty,
        },
        one_operand => shallow_of_one(one_operand),
    }
}

/// The same of a node that looks among rows.
fn shallow_of_set(expr: &Expr) -> Expr {
    match expr {
        Expr::Member { inputs, rows } => Expr::Member {
            inputs: holes(inputs.len()),
            rows: rows.clone(),
        },
        Expr::InRows {
            inputs,
            keys,
            rows,
            negated,
        } => Expr::InRows {
            inputs: holes(inputs.len()),
            keys: *keys,
            rows: rows.clone(),
            negated: *negated,
        },
        Expr::Lookup { inputs, rows, ty } => Expr::Lookup {
            inputs: holes(inputs.len()),
            rows: rows.clone(),
            ty: *ty,
        },
        other => unreachable!("{other:?} has its arm in shallow"),
    }
}

/// The same of a node with one operand and settings of its own.
fn shallow_of_one(expr: &Expr) -> Expr {
    let input = Box::new(hole());
    match expr {
        Expr::InList { list, negated, .. } => Expr::InList {
            input,
            list: list.clone(),
            negated: *negated,
        },
        Expr::InSubquery { index, negated, .. } => Expr::InSubquery {
            input,
            index: *index,
            negated: *negated,
        },
        Expr::Like {
            pattern,
            escape,
            ignore_case,
            negated,
            ..
        } => Expr::Like {
            input,
            pattern: pattern.clone(),
            escape: *escape,
            ignore_case: *ignore_case,
            negated: *negated,
        },
        Expr::Fit {
            nullable, bytes, ..
        } => Expr::Fit {
            input,
            nullable: *nullable,
            bytes: *bytes,
        },
        other => unreachable!("{other:?} has its arm in shallow"),
    }
}

/// Visits the children in the order of [`Expr::children`].
fn each_child(expr: &mut Expr, visit: &mut impl FnMut(&mut Expr)) {
    match expr {
        Expr::Column { .. } | Expr::Literal { .. } | Expr::Subquery { .. } => {}
        Expr::Cast { input, .. }
        | Expr::Negate { input }
        | Expr::Fit { input, .. }
        | Expr::Not(input)
        | Expr::IsNull { input, .. }
        | Expr::InList { input, .. }
        | Expr::InSubquery { input, .. }
        | Expr::Like { input, .. } => visit(input),
        Expr::Arithmetic { left, right, .. } | Expr::Compare { left, right, .. } => {
            visit(left);
            visit(right);
        }
        Expr::And(args)
        | Expr::Or(args)
        | Expr::Coalesce { args, .. }
        | Expr::Member { inputs: args, .. }
        | Expr::InRows { inputs: args, .. }
        | Expr::Lookup { inputs: args, .. }
        | Expr::Call { args, .. } => args.iter_mut().for_each(visit),
        Expr::Case {
            branches,
            otherwise,
            ..
        } => {
            for (condition, result) in branches {
                visit(condition);
                visit(result);
            }
            if let Some(otherwise) = otherwise {
                visit(otherwise);
            }
        }
    }
}
