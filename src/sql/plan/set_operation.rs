//! EXCEPT and INTERSECT: the rows of both sides, grouped by all their columns, where NULLs are equal; how often each side
//! has a row says whether it is given, once. With ALL a row goes by its number among the equal ones of its side: the
//! second of the left has its like in the second of the right. Rows come in the order in which they appear first.

use super::emission::refuse_every;
use super::flow::Flow;
use super::query::Context;
use super::union::joined;
use super::{Planner, bind_error, plan_error, unbuilt};
use crate::error::SqlError;
use crate::plan::{
    AggregateCall, AggregateKind, CompareOp, Expr, OverCall, OverFrame, OverFunction,
};
use crate::sql::ast::{EmitMode, SetKind, SetOperation};
use crate::sql::bind::{Column, OVER_BASE, OverDraft};
use crate::types::DataType;

impl Planner<'_> {
    /// The rows of the left side that the right has, or has not.
    pub(super) fn set_operation(
        &mut self,
        operation: &SetOperation,
        context: Context<'_>,
    ) -> Result<Flow, SqlError> {
        let word = operation.kind.word();
        if let Some(emit) = context.emit {
            refuse_every(Some(emit), word)?;
            if emit.mode == EmitMode::Changes {
                return Err(unbuilt(emit.span, format!("EMIT CHANGES of {word}"))
                    .with_hint("leave EMIT out: its rows are known when the input has ended"));
            }
        }
        let inner = Context {
            depth: context.depth + 1,
            ..context.feeding()
        };
        let (mut flow, width) = self.sides(operation, inner)?;
        let mut numbers = Vec::new();
        if operation.all {
            let call = numbered(exprs(&flow.columns), operation);
            let placed = self.over(&mut flow, vec![call], inner)?;
            numbers.push(placed.apply(&Expr::Column {
                index: OVER_BASE,
                ty: DataType::BigInt,
            }));
        }
        let columns = flow.columns.clone();
        let side = columns[width].expr.clone();
        let mut keys = exprs(&columns[..width]);
        keys.append(&mut numbers);
        let counts = [0, 1].map(|wanted| rows_of(&side, wanted)).to_vec();
        self.aggregate(&mut flow, &keys, None, counts, inner, operation.span)?;
        flow.filter(given(operation.kind, keys.len()));
        let shown = columns.into_iter().take(width).enumerate();
        flow.columns = shown
            .map(|(index, column)| Column {
                expr: Expr::Column {
                    index,
                    ty: column.expr.ty(),
                },
                ..column
            })
            .collect();
        Ok(flow)
    }

    /// The rows of both sides, and how many columns they have in front of the one that tells the sides apart.
    fn sides(
        &mut self,
        operation: &SetOperation,
        context: Context<'_>,
    ) -> Result<(Flow, usize), SqlError> {
        let word = operation.kind.word();
        let [left, right] = &operation.sides;
        let (left, right) = (self.query(left, context)?, self.query(right, context)?);
        if !left.bounded || !right.bounded {
            return Err(
                plan_error(operation.span, format!("{word} needs inputs that end"))
                    .with_hint("its rows are known when the input has ended"),
            );
        }
        let width = left.columns.len();
        let mut flows = vec![left, right];
        let spans = [operation.sides[0].span, operation.sides[1].span];
        if flows[1].columns.len() != width {
            let count = flows[1].columns.len();
            let message = format!("the queries of {word} have {width} and {count} columns");
            return Err(bind_error(spans[1], message));
        }
        for (side, flow) in (0..).zip(&mut flows) {
            flow.columns.push(Column {
                name: "side".into(),
                expr: Expr::number(side),
                nullable: false,
                hidden: false,
            });
        }
        let flow = joined(word, flows, &spans)?;
        Ok((flow, width))
    }
}

fn exprs(columns: &[Column]) -> Vec<Expr> {
    columns.iter().map(|column| column.expr.clone()).collect()
}

fn compare(op: CompareOp, left: Expr, right: i64) -> Expr {
    Expr::Compare {
        op,
        left: Box::new(left),
        right: Box::new(Expr::number(right)),
    }
}

/// Numbers the rows that are equal in `keys`.
fn numbered(keys: Vec<Expr>, operation: &SetOperation) -> OverDraft {
    OverDraft {
        keys,
        order: Vec::new(),
        call: OverCall {
            function: OverFunction::RowNumber,
            frame: OverFrame::RUNNING,
            args: Vec::new(),
            ty: DataType::BigInt,
        },
        whole: false,
        span: operation.span,
    }
}

/// How many rows of a side there are.
fn rows_of(side: &Expr, wanted: i64) -> AggregateCall {
    AggregateCall {
        kind: AggregateKind::CountRows,
        args: Vec::new(),
        filter: Some(compare(CompareOp::Equal, side.clone(), wanted)),
        distinct: false,
        ty: DataType::BigInt,
    }
}

/// The condition on a group, whose counts stand at `at`: the left has it, and the right has it too or has not.
fn given(kind: SetKind, at: usize) -> Expr {
    let count = |index| Expr::Column {
        index,
        ty: DataType::BigInt,
    };
    let of_right = match kind {
        SetKind::Except => CompareOp::Equal,
        SetKind::Intersect => CompareOp::Greater,
    };
    Expr::And(vec![
        compare(CompareOp::Greater, count(at), 0),
        compare(of_right, count(at + 1), 0),
    ])
}
