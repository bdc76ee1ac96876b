//! `(a, b) IN (rows)` by SQL's three-valued logic, put together from sets of rows.
//!
//! A row agrees with the operands where every pair is equal, and may agree where in every pair that is not equal a side
//! is NULL. IN is TRUE when a row agrees, else unknown when one may agree, else FALSE. Rows that may agree are told by
//! which operands are NULL and which of the row's values are: for each choice of both, the values that neither leaves
//! open are looked for among those of the rows of that choice.

use crate::limits::IN_VALUES_MAX;
use crate::plan::{Expr, MemberRows};
use crate::types::{DataType, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// IN of the operands behind the first `keys`, among those of `rows` whose first values are the first operands'.
pub(super) fn expanded(inputs: &[Expr], keys: usize, rows: &[Vec<Value>], negated: bool) -> Expr {
    let values = inputs.len() - keys;
    assert!(values <= IN_VALUES_MAX, "the binder checks the number");
    let mut by_nulls: BTreeMap<u32, Vec<&[Value]>> = BTreeMap::from([(0, Vec::new())]);
    for row in rows {
        if !row[..keys].contains(&Value::Null) {
            let nulls = row[keys..].iter().enumerate();
            let nulls = nulls.map(|(at, value)| u32::from(*value == Value::Null) << at);
            by_nulls.entry(nulls.sum()).or_default().push(row);
        }
    }
    let mut may_agree = Vec::new();
    for asked in 0..1_u32 << values {
        for (&nulls, rows) in &by_nulls {
            // What the row leaves open need not be NULL here too.
            if asked & nulls == 0 && asked | nulls != 0 && !rows.is_empty() {
                may_agree.push(rows_agree(inputs, keys, (asked, nulls), rows));
            }
        }
    }
    let agrees = rows_agree(inputs, keys, (0, 0), &by_nulls[&0]);
    let mut branches = vec![(agrees, truth(Value::Bool(!negated)))];
    if let Some(unknown) = joined(may_agree, Expr::Or) {
        branches.push((unknown, truth(Value::Null)));
    }
    Expr::Case {
        branches,
        otherwise: Some(Box::new(truth(Value::Bool(negated)))),
        ty: DataType::Boolean,
    }
}

/// Whether the operands `asked` are NULL, and one of `rows` has those that neither they nor `nulls` leave open.
fn rows_agree(inputs: &[Expr], keys: usize, (asked, nulls): (u32, u32), rows: &[&[Value]]) -> Expr {
    let is_of = |mask: u32, at: usize| at >= keys && mask >> (at - keys) & 1 == 1;
    let mut all: Vec<Expr> = inputs
        .iter()
        .enumerate()
        .filter(|(at, _)| is_of(asked, *at))
        .map(|(_, input)| Expr::IsNull {
            input: Box::new(input.clone()),
            negated: false,
        })
        .collect();
    let compared: Vec<usize> = (0..inputs.len())
        .filter(|&at| !is_of(asked | nulls, at))
        .collect();
    if !compared.is_empty() {
        let chosen = |row: &&[Value]| compared.iter().map(|&at| row[at].clone()).collect();
        all.push(Expr::Member {
            inputs: compared.iter().map(|&at| inputs[at].clone()).collect(),
            rows: MemberRows::Known(Arc::new(rows.iter().map(chosen).collect())),
        });
    }
    joined(all, Expr::And).unwrap_or_else(|| truth(Value::Bool(true)))
}

/// The parts by AND or OR; nothing of none.
fn joined(mut parts: Vec<Expr>, by: impl Fn(Vec<Expr>) -> Expr) -> Option<Expr> {
    match parts.len() {
        0 | 1 => parts.pop(),
        _ => Some(by(parts)),
    }
}

fn truth(value: Value) -> Expr {
    Expr::Literal {
        value,
        ty: DataType::Boolean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Batch, Rows};
    use crate::expr::{Program, RowErrors};

    /// Values of 0, 1 and NULL, `width` of them, all there are.
    fn all_rows(width: u32) -> Vec<Vec<Value>> {
        let digit = |number: u32, at: u32| match number / 3_u32.pow(at) % 3 {
            2 => Value::Null,
            digit => Value::I64(i64::from(digit)),
        };
        let row = |number| (0..width).map(|at| digit(number, at)).collect();
        (0..3_u32.pow(width)).map(row).collect()
    }

    /// IN, row by row and pair by pair.
    fn naive(asked: &[Value], keys: usize, rows: &[Vec<Value>]) -> Value {
        let mut found = Value::Bool(false);
        for row in rows {
            let equal = |at: usize| match (&asked[at], &row[at]) {
                (Value::Null, _) | (_, Value::Null) => None,
                (a, b) => Some(a == b),
            };
            let pairs: Vec<_> = (0..asked.len()).map(equal).collect();
            if pairs[..keys].iter().any(|pair| *pair != Some(true)) || pairs.contains(&Some(false))
            {
                continue;
            }
            match pairs.contains(&None) {
                true => found = Value::Null,
                false => return Value::Bool(true),
            }
        }
        found
    }

    #[test]
    fn every_row_is_in_every_few_rows_as_the_standard_says() {
        for (width, keys) in [(2, 0), (2, 1), (3, 1), (3, 0)] {
            let all = all_rows(width as u32);
            let types = vec![DataType::BigInt; width];
            let mut batch = Batch::new(&types);
            for row in &all {
                for (column, value) in batch.columns.iter_mut().zip(row) {
                    column.push(value);
                }
            }
            batch.rows = all.len();
            let inputs: Vec<Expr> = (0..width)
                .map(|index| Expr::Column {
                    index,
                    ty: DataType::BigInt,
                })
                .collect();
            for step in 0..200_usize {
                let picked = all.iter().enumerate();
                let picked = picked.filter(|(at, _)| (at * 7 + step) * (step + 3) % 11 < step % 4);
                let rows: Vec<Vec<Value>> = picked.map(|(_, row)| row.clone()).collect();
                for negated in [false, true] {
                    let expr = expanded(&inputs, keys, &rows, negated);
                    let (mut program, mut errors) = (Program::new(&expr), RowErrors::default());
                    let found = program.eval(&batch, Rows::All(all.len()), &mut errors);
                    for (at, asked) in all.iter().enumerate() {
                        let expected = match naive(asked, keys, &rows) {
                            Value::Bool(value) => Value::Bool(value != negated),
                            unknown => unknown,
                        };
                        assert_eq!(found.value(at), expected, "{asked:?} in {rows:?}");
                    }
                }
            }
        }
    }
}
