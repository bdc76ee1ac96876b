//! Scalar expressions, one row at a time.

use super::cast::cast;
use super::field::exact_value;
use super::function;
use super::number::{Exact, decimal_arithmetic};
use crate::error::Reason;
use crate::plan::{ArithmeticOp, CompareOp, Expr, MemberRows};
use crate::time::NS_PER_DAY;
use crate::types::{DataType, Value};
use std::cmp::Ordering;

/// The event time that `expr` gives of a row, in nanoseconds.
pub fn time_of(expr: &Expr, values: &[Value]) -> Result<i64, Reason> {
    match eval_row(expr, values)? {
        Value::I64(time) => Ok(time),
        _ => Err(Reason::EventTimeNull),
    }
}

/// The value of `expr` for `row`.
pub fn eval_row(expr: &Expr, row: &[Value]) -> Result<Value, Reason> {
    match expr {
        Expr::Column { index, .. } => Ok(row[*index].clone()),
        Expr::Literal { value, ty } => Ok(literal(value, *ty)),
        Expr::Cast { input, ty, lenient } => {
            let value = eval_row(input, row)?;
            match cast(&value, input.ty(), *ty) {
                Err(_) if *lenient => Ok(Value::Null),
                result => result,
            }
        }
        Expr::Arithmetic {
            op,
            left,
            right,
            ty,
        } => {
            let (a, b) = (eval_row(left, row)?, eval_row(right, row)?);
            if a == Value::Null || b == Value::Null {
                return Ok(Value::Null);
            }
            arithmetic(*op, (&a, left.ty()), (&b, right.ty()), *ty)
        }
        Expr::Negate { input } => negate(&eval_row(input, row)?, input.ty()),
        Expr::Compare { op, left, right } => {
            let (a, b) = (eval_row(left, row)?, eval_row(right, row)?);
            Ok(compare(*op, &a, &b))
        }
        Expr::Call { function, args, ty } => {
            let values: Result<Vec<_>, _> = args.iter().map(|arg| eval_row(arg, row)).collect();
            let types: Vec<_> = args.iter().map(Expr::ty).collect();
            function::call(*function, &values?, &types, *ty)
        }
        Expr::Fit {
            input,
            nullable,
            bytes,
        } => fit(eval_row(input, row)?, input.ty(), *nullable, *bytes),
        logic => eval_logic(logic, row),
    }
}

/// The value, if a field of a fixed-width record holds it.
fn fit(value: Value, ty: DataType, nullable: bool, bytes: Option<u32>) -> Result<Value, Reason> {
    match &value {
        Value::Null if !nullable => Err(Reason::Null),
        Value::Text(_) | Value::Bytes(_) if ty == DataType::Varbinary => {
            let exact = bytes.map(|bytes| bytes as usize);
            let len = value.as_bytes().map(<[u8]>::len);
            if len == exact {
                Ok(value)
            } else {
                Err(Reason::Cast)
            }
        }
        Value::Text(text)
            if text.ends_with('\0') || bytes.is_some_and(|most| text.len() > most as usize) =>
        {
            Err(Reason::Cast)
        }
        _ => Ok(value),
    }
}

/// AND, OR, CASE and the like: arguments are reached from left to right.
fn eval_logic(expr: &Expr, row: &[Value]) -> Result<Value, Reason> {
    match expr {
        Expr::And(args) => junction(args, row, false),
        Expr::Or(args) => junction(args, row, true),
        Expr::Not(input) => Ok(match eval_row(input, row)? {
            Value::Bool(value) => Value::Bool(!value),
            _ => Value::Null,
        }),
        Expr::IsNull { input, negated } => {
            let is_null = eval_row(input, row)? == Value::Null;
            Ok(Value::Bool(is_null != *negated))
        }
        Expr::InList {
            input,
            list,
            negated,
        } => {
            let value = eval_row(input, row)?;
            Ok(in_list(&value, input.ty(), list, *negated))
        }
        Expr::Like {
            input,
            pattern,
            escape,
            ignore_case,
            negated,
        } => Ok(match eval_row(input, row)? {
            Value::Text(text) => {
                let matches = function::like(&text, pattern, *escape, *ignore_case);
                Value::Bool(matches != *negated)
            }
            _ => Value::Null,
        }),
        Expr::Case {
            branches,
            otherwise,
            ..
        } => {
            for (condition, result) in branches {
                if eval_row(condition, row)? == Value::Bool(true) {
                    return eval_row(result, row);
                }
            }
            otherwise
                .as_ref()
                .map_or(Ok(Value::Null), |e| eval_row(e, row))
        }
        Expr::Coalesce { args, .. } => {
            for arg in args {
                let value = eval_row(arg, row)?;
                if value != Value::Null {
                    return Ok(value);
                }
            }
            Ok(Value::Null)
        }
        other => eval_sets(other, row),
    }
}

/// What looks among the rows of a subquery.
fn eval_sets(expr: &Expr, row: &[Value]) -> Result<Value, Reason> {
    match expr {
        Expr::Member {
            inputs,
            rows: MemberRows::Known(rows),
        } => {
            let types: Vec<DataType> = inputs.iter().map(Expr::ty).collect();
            let values = inputs.iter().map(|input| eval_row(input, row));
            let values = values.collect::<Result<Vec<_>, _>>()?;
            Ok(Value::Bool(is_member(&values, &types, rows)))
        }
        Expr::InRows {
            inputs,
            keys,
            rows: MemberRows::Known(rows),
            negated,
        } => {
            let pairs = pairs_of(inputs, row, rows)?;
            let looked_at = |pairs: &Vec<Option<bool>>| {
                pairs[..*keys].iter().all(|pair| *pair == Some(true))
                    && !pairs[*keys..].contains(&Some(false))
            };
            let mut left = pairs.into_iter().filter(looked_at);
            let agrees = left.clone().any(|pairs| !pairs.contains(&None));
            Ok(match left.next() {
                None => Value::Bool(*negated),
                Some(_) if agrees => Value::Bool(!negated),
                Some(_) => Value::Null,
            })
        }
        Expr::Lookup {
            inputs,
            rows: MemberRows::Known(rows),
            ty,
        } => {
            let pairs = pairs_of(inputs, row, rows)?;
            let of_key = |pairs: &Vec<Option<bool>>| pairs.iter().all(|pair| *pair == Some(true));
            let found = pairs.iter().position(of_key).map(|at| &rows[at]);
            let value = found.and_then(|found| found.last());
            Ok(value.map_or(Value::Null, |value| literal(value, *ty)))
        }
        other => unreachable!("{other:?} is evaluated by eval_row or has run before"),
    }
}

/// Whether one of `rows` has these values; NULL is no value.
fn is_member(values: &[Value], types: &[DataType], rows: &[Vec<Value>]) -> bool {
    let same = |(value, (known, ty)): (&Value, (&Value, &DataType))| {
        let known = literal(known, *ty);
        *value != Value::Null && known != Value::Null && order(value, &known).is_eq()
    };
    rows.iter()
        .any(|row| values.iter().zip(row.iter().zip(types)).all(same))
}

/// Of each of `rows` whether its values are the operands': unknown beside a NULL.
fn pairs_of(
    inputs: &[Expr],
    row: &[Value],
    rows: &[Vec<Value>],
) -> Result<Vec<Vec<Option<bool>>>, Reason> {
    let values = inputs.iter().map(|input| eval_row(input, row));
    let values = values.collect::<Result<Vec<_>, _>>()?;
    let pair = |(at, value): (usize, &Value), known: &[Value]| {
        let known = literal(&known[at], inputs[at].ty());
        let unknown = *value == Value::Null || known == Value::Null;
        (!unknown).then(|| order(value, &known).is_eq())
    };
    let of_row = |known: &Vec<Value>| {
        let pairs = values.iter().enumerate();
        pairs.map(|each| pair(each, known)).collect()
    };
    Ok(rows.iter().map(of_row).collect())
}

/// A constant as columns of its type hold it.
fn literal(value: &Value, ty: DataType) -> Value {
    match value {
        Value::I64(number) => exact_value(ty, i128::from(*number)),
        other => other.clone(),
    }
}

/// AND (`absorbing` is false) and OR (it is true), left to right: an absorbing argument decides.
fn junction(args: &[Expr], row: &[Value], absorbing: bool) -> Result<Value, Reason> {
    let mut unknown = false;
    for arg in args {
        match eval_row(arg, row)? {
            Value::Bool(value) if value == absorbing => return Ok(Value::Bool(absorbing)),
            Value::Null => unknown = true,
            _ => {}
        }
    }
    Ok(if unknown {
        Value::Null
    } else {
        Value::Bool(!absorbing)
    })
}

/// The unscaled integer of an exact number.
pub fn unscaled(value: &Value) -> i128 {
    match value {
        Value::I64(value) => i128::from(*value),
        Value::I128(value) => *value,
        other => panic!("{other:?} is no exact number"),
    }
}

fn arithmetic(
    op: ArithmeticOp,
    (a, a_type): (&Value, DataType),
    (b, b_type): (&Value, DataType),
    ty: DataType,
) -> Result<Value, Reason> {
    if let (Value::F64(a), Value::F64(b)) = (a, b) {
        return Ok(Value::F64(match op {
            ArithmeticOp::Add => a + b,
            ArithmeticOp::Subtract => a - b,
            ArithmeticOp::Multiply => a * b,
            ArithmeticOp::Divide => a / b,
            ArithmeticOp::Modulo => a % b,
        }));
    }
    if let DataType::Decimal { precision, scale } = ty {
        let left = Exact::new(unscaled(a), a_type.scale());
        let right = Exact::new(unscaled(b), b_type.scale());
        let value = decimal_arithmetic(op, &left, &right, (precision, scale))?;
        return Ok(exact_value(ty, value));
    }
    let (a, b) = (in_ns(a, a_type)?, in_ns(b, b_type)?);
    let result = match op {
        ArithmeticOp::Add => a + b,
        ArithmeticOp::Subtract => a - b,
        ArithmeticOp::Multiply => a * b,
        ArithmeticOp::Divide | ArithmeticOp::Modulo if b == 0 => {
            return Err(Reason::DivisionByZero);
        }
        ArithmeticOp::Divide => a / b,
        ArithmeticOp::Modulo => a % b,
    };
    integer(result, ty).ok_or(Reason::Overflow)
}

/// Integers as they are, days as nanoseconds.
fn in_ns(value: &Value, ty: DataType) -> Result<i128, Reason> {
    let value = unscaled(value);
    if ty != DataType::Date {
        return Ok(value);
    }
    let ns = value * i128::from(NS_PER_DAY);
    i64::try_from(ns).map_or(Err(Reason::Overflow), |_| Ok(ns))
}

/// A value of INT or another type held in 64 bits, if it is in its range.
pub fn integer(value: i128, ty: DataType) -> Option<Value> {
    if ty == DataType::Int && i32::try_from(value).is_err() {
        return None;
    }
    i64::try_from(value).ok().map(Value::I64)
}

fn negate(value: &Value, ty: DataType) -> Result<Value, Reason> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::F64(value) => Ok(Value::F64(-value)),
        Value::I128(value) => Ok(Value::I128(-value)),
        value => integer(-unscaled(value), ty).ok_or(Reason::Overflow),
    }
}

/// The order of two values of one type that are not NULL: NaN after numbers, text by bytes.
pub fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::F64(a), Value::F64(b)) => match (a.is_nan(), b.is_nan()) {
            (false, false) => a.partial_cmp(b).expect("numbers are ordered"),
            (a, b) => a.cmp(&b),
        },
        (Value::Text(_) | Value::Bytes(_), _) => a.as_bytes().cmp(&b.as_bytes()),
        (a, b) => unscaled(a).cmp(&unscaled(b)),
    }
}

fn compare(op: CompareOp, a: &Value, b: &Value) -> Value {
    let nulls = (*a == Value::Null, *b == Value::Null);
    if nulls.0 || nulls.1 {
        return match op {
            CompareOp::Distinct => Value::Bool(nulls.0 != nulls.1),
            CompareOp::NotDistinct => Value::Bool(nulls.0 == nulls.1),
            _ => Value::Null,
        };
    }
    let order = order(a, b);
    Value::Bool(match op {
        CompareOp::Equal | CompareOp::NotDistinct => order.is_eq(),
        CompareOp::NotEqual | CompareOp::Distinct => order.is_ne(),
        CompareOp::Less => order.is_lt(),
        CompareOp::LessOrEqual => order.is_le(),
        CompareOp::Greater => order.is_gt(),
        CompareOp::GreaterOrEqual => order.is_ge(),
    })
}

fn in_list(value: &Value, ty: DataType, list: &[Value], negated: bool) -> Value {
    if *value == Value::Null {
        return Value::Null;
    }
    let mut unknown = false;
    for item in list {
        match literal(item, ty) {
            Value::Null => unknown = true,
            item if order(value, &item).is_eq() => return Value::Bool(!negated),
            _ => {}
        }
    }
    if unknown {
        Value::Null
    } else {
        Value::Bool(negated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: i64, ty: DataType) -> Box<Expr> {
        Box::new(Expr::Literal {
            value: Value::I64(value),
            ty,
        })
    }

    #[test]
    fn arithmetic_is_checked_and_decimals_are_exact() {
        let calculate = |op, a, b, from, ty| {
            let (left, right) = (number(a, from), number(b, from));
            eval_row(
                &Expr::Arithmetic {
                    op,
                    left,
                    right,
                    ty,
                },
                &[],
            )
        };
        let int = DataType::Int;
        let most = i64::from(i32::MAX);
        assert_eq!(
            calculate(ArithmeticOp::Add, most, 1, int, int),
            Err(Reason::Overflow)
        );
        assert_eq!(
            calculate(ArithmeticOp::Divide, -7, 2, int, int),
            Ok(Value::I64(-3))
        );
        assert_eq!(
            calculate(ArithmeticOp::Modulo, -7, 0, int, int),
            Err(Reason::DivisionByZero)
        );
        let big = DataType::BigInt;
        assert_eq!(
            calculate(ArithmeticOp::Divide, i64::MIN, -1, big, big),
            Err(Reason::Overflow)
        );
        let (price, wide) = (DataType::decimal(6, 2), DataType::decimal(16, 9));
        assert_eq!(
            calculate(ArithmeticOp::Divide, 200, 300, price, wide),
            Ok(Value::I64(666_666_667))
        );
        assert_eq!(
            calculate(
                ArithmeticOp::Multiply,
                150,
                -150,
                price,
                DataType::decimal(13, 1)
            ),
            Ok(Value::I64(-23))
        );
    }

    #[test]
    fn junctions_stop_at_what_decides() {
        let error = Expr::Compare {
            op: CompareOp::Equal,
            left: Box::new(Expr::Arithmetic {
                op: ArithmeticOp::Divide,
                left: number(1, DataType::Int),
                right: number(0, DataType::Int),
                ty: DataType::Int,
            }),
            right: number(1, DataType::Int),
        };
        let constant = |value| Expr::Literal {
            value,
            ty: DataType::Boolean,
        };
        let guarded = |value| Expr::And(vec![constant(value), error.clone()]);
        assert_eq!(
            eval_row(&guarded(Value::Bool(false)), &[]),
            Ok(Value::Bool(false))
        );
        for value in [Value::Bool(true), Value::Null] {
            assert_eq!(eval_row(&guarded(value), &[]), Err(Reason::DivisionByZero));
        }
    }
}
