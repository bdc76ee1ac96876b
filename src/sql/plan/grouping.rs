//! GROUPING SETS, ROLLUP and CUBE: a union of aggregates over the same rows, one for each set of keys.
//!
//! Every aggregate gives all keys, those that its set leaves out as NULL, and a flag for each that says so, which
//! GROUPING() reads. What comes behind (HAVING, OVER, the items) is planned over these columns as over any group's.

use super::aggregate::Keys;
use super::flow::Flow;
use super::query::Context;
use super::union::joined;
use super::window::BoundWindow;
use super::{Planner, bind_error, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::plan::{AggregateCall, ArithmeticOp, Expr};
use crate::sql::ast::Select;
use crate::sql::bind::{Column, place};
use crate::types::{DataType, Value};

/// What the aggregates of all sets are of.
pub struct Grouped {
    /// All keys.
    pub keys: Vec<Expr>,
    /// The sets, by the keys' numbers.
    pub sets: Vec<Vec<usize>>,
    /// The window.
    pub window: Option<BoundWindow>,
    /// The aggregates.
    pub aggregates: Vec<AggregateCall>,
}

impl Grouped {
    /// Where the flags of left out keys begin in the output.
    fn flags_at(&self) -> usize {
        let bounds = if self.window.is_some() { 2 } else { 0 };
        self.keys.len() + bounds + self.aggregates.len()
    }

    /// GROUPING(a, b, ..): a bit for each key, 1 where the row's set leaves it out, the last one the lowest.
    pub fn flags(&self, args: &[Expr], span: Span) -> Result<Expr, SqlError> {
        let mut sum: Option<Expr> = None;
        for arg in args {
            let key = self.keys.iter().position(|key| key == arg).ok_or_else(|| {
                bind_error(span, "GROUPING takes keys of GROUP BY").with_hint("GROUPING(symbol)")
            })?;
            let flag = match self.sets.is_empty() {
                true => Expr::number(0),
                false => Expr::Column {
                    index: self.flags_at() + key,
                    ty: DataType::BigInt,
                },
            };
            sum = Some(match sum {
                None => flag,
                Some(sum) => {
                    let shifted = calculated(ArithmeticOp::Multiply, sum, Expr::number(2));
                    calculated(ArithmeticOp::Add, shifted, flag)
                }
            });
        }
        sum.ok_or_else(|| bind_error(span, "GROUPING takes a key"))
    }

    /// The columns of the aggregate by the keys of `set`, those of all sets.
    fn columns(&self, set: &[usize], flow: &Flow) -> Vec<Column> {
        let column = |index: usize| Expr::Column {
            index,
            ty: flow.physical.fields[index].ty,
        };
        let key = |(at, key): (usize, &Expr)| match set.iter().position(|known| *known == at) {
            Some(index) => column(index),
            None => Expr::Literal {
                value: Value::Null,
                ty: key.ty(),
            },
        };
        let keys = self.keys.iter().enumerate().map(key);
        let rest = (set.len()..flow.physical.fields.len()).map(column);
        let flags = (0..self.keys.len()).map(|at| Expr::number(i64::from(!set.contains(&at))));
        let exprs = keys.chain(rest).chain(flags);
        exprs
            .enumerate()
            .map(|(at, expr)| Column {
                name: format!("column{}", at + 1),
                nullable: at < self.keys.len() || flow.nullable(&expr),
                expr,
                hidden: false,
            })
            .collect()
    }
}

impl Planner<'_> {
    /// Appends the aggregate, or the union of one for each set.
    pub(super) fn aggregate_sets(
        &mut self,
        flow: &mut Flow,
        grouped: &Grouped,
        context: Context<'_>,
        span: Span,
    ) -> Result<(), SqlError> {
        let Grouped {
            keys,
            sets,
            window,
            aggregates,
        } = grouped;
        if sets.is_empty() {
            return self.aggregate(
                flow,
                keys,
                window.clone(),
                aggregates.clone(),
                context,
                span,
            );
        }
        let mut flows = Vec::with_capacity(sets.len());
        for set in sets {
            let own: Vec<Expr> = set.iter().map(|&at| keys[at].clone()).collect();
            let mut of_set = flow.clone();
            self.aggregate(
                &mut of_set,
                &own,
                window.clone(),
                aggregates.clone(),
                context,
                span,
            )?;
            of_set.columns = grouped.columns(set, &of_set);
            flows.push(of_set);
        }
        let spans = vec![span; flows.len()];
        *flow = joined("UNION", flows, &spans)?;
        Ok(())
    }
}

/// The sets of GROUP BY over the bound keys; each is to hold the window that one holds.
pub fn sets_of(
    select: &Select,
    keys: &Keys,
    window: Option<&BoundWindow>,
) -> Result<Vec<Vec<usize>>, SqlError> {
    let number = |at: &usize| keys.exprs.iter().position(|key| *key == keys.bound[*at]);
    check_apart(select, keys)?;
    let mut sets = Vec::with_capacity(select.grouping.len());
    for set in &select.grouping {
        // A window's columns are no keys.
        let names_window = set.iter().any(|at| number(at).is_none());
        let is_named = keys.names_window || keys.names_earlier_window;
        if let (Some(window), true, false) = (window, is_named, names_window) {
            return Err(plan_error(
                window.span,
                "every set of keys holds the columns of the window",
            )
            .with_hint("GROUP BY window_start, window_end, ROLLUP (symbol)"));
        }
        let mut numbers: Vec<usize> = set.iter().filter_map(number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        sets.push(numbers);
    }
    Ok(sets)
}

/// Refuses sets that leave out one of two columns that are one value below: the other would be left out with it.
fn check_apart(select: &Select, keys: &Keys) -> Result<(), SqlError> {
    let names: Vec<String> = select.group_by.iter().map(ToString::to_string).collect();
    for (at, key) in keys.bound.iter().enumerate() {
        let mut before = (0..at).filter(|&other| keys.bound[other] == *key);
        let is_split = |other: &usize| {
            let mut sets = select.grouping.iter();
            names[*other] != names[at] && sets.any(|set| set.contains(other) != set.contains(&at))
        };
        if let Some(other) = before.find(is_split) {
            let what = format!(
                "{} and {} are the same value: leaving out one of them",
                names[other], names[at]
            );
            return Err(unbuilt(place(&select.group_by[at]), what)
                .with_hint("give both the same place in every set, or group by one of them"));
        }
    }
    Ok(())
}

fn calculated(op: ArithmeticOp, left: Expr, right: Expr) -> Expr {
    Expr::Arithmetic {
        op,
        left: Box::new(left),
        right: Box::new(right),
        ty: DataType::BigInt,
    }
}
