//! Evaluates an expression for one row, value by value, in the plainest way.

use crate::civil;
use crate::decimal;
use crate::error::Reason;
use crate::plan::{ArithmeticOp, CompareOp, Expr, ScalarFunction, TimestampFormat};
use crate::time::NS_PER_DAY;
use crate::types::{DataType, Physical, Value};
use std::cmp::Ordering;

type Evaluated = Result<Value, Reason>;

pub(super) fn eval(expr: &Expr, row: &[Value]) -> Evaluated {
    match expr {
        Expr::Column { index, .. } => Ok(row[*index].clone()),
        Expr::Literal { value, .. } => Ok(value.clone()),
        Expr::Cast { input, ty, lenient } => {
            let value = eval(input, row)?;
            if value == Value::Null {
                return Ok(Value::Null);
            }
            match cast(value, input.ty(), *ty) {
                None if *lenient => Ok(Value::Null),
                None => Err(Reason::Cast),
                Some(value) => Ok(value),
            }
        }
        Expr::Arithmetic {
            op,
            left,
            right,
            ty,
        } => {
            let (a, b) = (midnight(eval(left, row)?, left.ty()), eval(right, row));
            let a = a?;
            let b = midnight(b?, right.ty())?;
            if a == Value::Null || b == Value::Null {
                return Ok(Value::Null);
            }
            arithmetic(*op, (&a, left.ty()), (&b, right.ty()), *ty)
        }
        Expr::Negate { input } => match (eval(input, row)?, input.ty()) {
            (Value::I64(value), ty @ (DataType::Int | DataType::BigInt | DataType::Interval)) => {
                integer(-i128::from(value), ty)
            }
            (Value::I64(value), _) => Ok(Value::I64(-value)),
            (Value::I128(value), _) => Ok(Value::I128(-value)),
            (Value::F64(value), _) => Ok(Value::F64(-value)),
            (other, _) => Ok(other),
        },
        Expr::Compare { op, left, right } => {
            let (a, b) = (eval(left, row)?, eval(right, row)?);
            Ok(compare(*op, &a, &b))
        }
        Expr::And(args) => junction(args, row, false),
        Expr::Or(args) => junction(args, row, true),
        Expr::Not(input) => Ok(not(eval(input, row)?)),
        Expr::IsNull { input, negated } => {
            Ok(Value::Bool((eval(input, row)? == Value::Null) != *negated))
        }
        Expr::InList {
            input,
            list,
            negated,
        } => {
            let value = eval(input, row)?;
            let mut found = Value::Bool(false);
            for member in list {
                match compare(CompareOp::Equal, &value, member) {
                    Value::Bool(true) => {
                        found = Value::Bool(true);
                        break;
                    }
                    Value::Null => found = Value::Null,
                    _ => {}
                }
            }
            Ok(if *negated { not(found) } else { found })
        }
        Expr::Subquery { .. }
        | Expr::InSubquery { .. }
        | Expr::Member { .. }
        | Expr::InRows { .. }
        | Expr::Lookup { .. } => {
            unreachable!("no test makes one; their sets have twins of their own")
        }
        Expr::Like {
            input,
            pattern,
            negated,
            ..
        } => {
            let Value::Text(text) = eval(input, row)? else {
                return Ok(Value::Null);
            };
            let (text, pattern): (Vec<char>, Vec<char>) =
                (text.chars().collect(), pattern.chars().collect());
            Ok(Value::Bool(like(&text, &pattern) != *negated))
        }
        Expr::Case {
            branches,
            otherwise,
            ..
        } => {
            for (condition, result) in branches {
                if eval(condition, row)? == Value::Bool(true) {
                    return eval(result, row);
                }
            }
            otherwise
                .as_ref()
                .map_or(Ok(Value::Null), |otherwise| eval(otherwise, row))
        }
        Expr::Coalesce { args, .. } => {
            for arg in args {
                let value = eval(arg, row)?;
                if value != Value::Null {
                    return Ok(value);
                }
            }
            Ok(Value::Null)
        }
        Expr::Fit {
            input,
            nullable,
            bytes,
        } => match eval(input, row)? {
            Value::Null if *nullable => Ok(Value::Null),
            Value::Null => Err(Reason::Null),
            Value::Text(text) if text.bytes().last() == Some(0) => Err(Reason::Cast),
            Value::Text(text) if text.len() > bytes.map_or(usize::MAX, |most| most as usize) => {
                Err(Reason::Cast)
            }
            value => Ok(value),
        },
        Expr::Call { function, args, ty } => {
            let values = args
                .iter()
                .map(|arg| eval(arg, row))
                .collect::<Result<Vec<_>, _>>()?;
            call(*function, &values, args, *ty)
        }
    }
}

fn like(text: &[char], pattern: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('%', rest)) => (0..=text.len()).any(|at| like(&text[at..], rest)),
        Some((first, rest)) => {
            !text.is_empty() && (*first == '_' || text[0] == *first) && like(&text[1..], rest)
        }
    }
}

fn not(value: Value) -> Value {
    match value {
        Value::Bool(value) => Value::Bool(!value),
        other => other,
    }
}

fn junction(args: &[Expr], row: &[Value], absorbing: bool) -> Evaluated {
    let mut result = Value::Bool(!absorbing);
    for arg in args {
        match eval(arg, row)? {
            Value::Bool(value) if value == absorbing => return Ok(Value::Bool(absorbing)),
            Value::Null => result = Value::Null,
            _ => {}
        }
    }
    Ok(result)
}

fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::F64(a), Value::F64(b)) => a
            .partial_cmp(b)
            .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (a, b) => exact(a).cmp(&exact(b)),
    }
}

fn exact(value: &Value) -> i128 {
    match value {
        Value::I64(value) => i128::from(*value),
        Value::I128(value) => *value,
        other => panic!("{other:?} is no exact number"),
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

fn integer(value: i128, ty: DataType) -> Evaluated {
    let (least, most) = match ty {
        DataType::Int => (i128::from(i32::MIN), i128::from(i32::MAX)),
        _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
    };
    if value < least || most < value {
        return Err(Reason::Overflow);
    }
    Ok(Value::I64(value as i64))
}

/// An exact number held as its type says.
fn held(value: i128, ty: DataType) -> Value {
    match ty.physical() {
        Physical::I128 => Value::I128(value),
        _ => Value::I64(value as i64),
    }
}

fn shape(ty: DataType) -> (u8, u8) {
    match ty {
        DataType::Decimal { precision, scale } => (precision, scale),
        _ => (19, 0),
    }
}

fn midnight(value: Value, ty: DataType) -> Evaluated {
    match (value, ty) {
        (Value::I64(days), DataType::Date) => {
            integer(i128::from(days) * i128::from(NS_PER_DAY), DataType::BigInt)
        }
        (value, _) => Ok(value),
    }
}

fn arithmetic(
    op: ArithmeticOp,
    a: (&Value, DataType),
    b: (&Value, DataType),
    ty: DataType,
) -> Evaluated {
    use ArithmeticOp::{Add, Divide, Modulo, Multiply, Subtract};
    if let (Value::F64(a), Value::F64(b)) = (a.0, b.0) {
        return Ok(Value::F64(match op {
            Add => a + b,
            Subtract => a - b,
            Multiply => a * b,
            Divide => a / b,
            Modulo => a % b,
        }));
    }
    let (x, y) = (exact(a.0), exact(b.0));
    if let DataType::Decimal { .. } = ty {
        let (x, y) = ((x, a.1.scale()), (y, b.1.scale()));
        let result = match op {
            Add => decimal::add(x, y, shape(ty)),
            Subtract => decimal::subtract(x, y, shape(ty)),
            Multiply => decimal::multiply(x, y, shape(ty)),
            Divide => decimal::divide(x, y, shape(ty)),
            Modulo => decimal::modulo(x, y, shape(ty)),
        };
        return result.map(|value| held(value, ty));
    }
    if y == 0 && matches!(op, Divide | Modulo) {
        return Err(Reason::DivisionByZero);
    }
    let value = match op {
        Add => x + y,
        Subtract => x - y,
        Multiply => x * y,
        Divide => x / y,
        Modulo => x % y,
    };
    integer(value, ty)
}

fn ranged(value: i128, ty: DataType) -> Option<Value> {
    match ty {
        DataType::Int => i32::try_from(value).is_ok().then(|| held(value, ty)),
        DataType::BigInt => i64::try_from(value).is_ok().then(|| held(value, ty)),
        _ => decimal::fits(value, shape(ty).0).then(|| held(value, ty)),
    }
}

fn cast(value: Value, from: DataType, to: DataType) -> Option<Value> {
    if let DataType::Varchar = to {
        return Some(Value::Text(to_text(&value, from)));
    }
    match (value, to) {
        (Value::Text(text), _) => from_text(text.trim(), to),
        (value, _) if from == to => Some(value),
        (Value::I64(days), DataType::Timestamp) => days.checked_mul(NS_PER_DAY).map(Value::I64),
        (Value::I64(ns), DataType::Date) => Some(Value::I64(ns.div_euclid(NS_PER_DAY))),
        (Value::Bool(value), DataType::Double) => Some(Value::F64(if value { 1.0 } else { 0.0 })),
        (Value::Bool(value), _) => ranged(i128::from(value) * 10i128.pow(to.scale().into()), to),
        (Value::F64(value), DataType::Boolean) => Some(Value::Bool(value != 0.0)),
        (Value::F64(value), DataType::Int | DataType::BigInt) => {
            let whole = value.trunc();
            // 2^63 is a DOUBLE, the greatest i64 is not.
            let inside =
                (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole);
            if inside {
                ranged(whole as i128, to)
            } else {
                None
            }
        }
        (Value::F64(value), _) => {
            if !value.is_finite() {
                return None;
            }
            from_text(zmij::Buffer::new().format(value), to)
        }
        (value, DataType::Boolean) => Some(Value::Bool(exact(&value) != 0)),
        (value, DataType::Double) => {
            let mut text = Vec::new();
            decimal::write(exact(&value), from.scale(), &mut text);
            String::from_utf8(text).ok()?.parse().ok().map(Value::F64)
        }
        (value, DataType::Int | DataType::BigInt) => {
            ranged(exact(&value) / 10i128.pow(from.scale().into()), to)
        }
        (value, _) => ranged(
            decimal::rescale(exact(&value), from.scale(), to.scale())?,
            to,
        ),
    }
}

fn from_text(text: &str, to: DataType) -> Option<Value> {
    match to {
        DataType::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" => Some(Value::Bool(true)),
            "false" | "f" | "no" | "n" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        DataType::Int => text
            .parse::<i32>()
            .ok()
            .map(|value| Value::I64(value.into())),
        DataType::BigInt => text.parse().ok().map(Value::I64),
        DataType::Double => text.parse().ok().map(Value::F64),
        DataType::Decimal { precision, scale } => ranged(
            decimal::parse_rounded(text.as_bytes(), precision, scale).ok()?,
            to,
        ),
        DataType::Date => civil::parse_date(text.as_bytes())
            .ok()
            .or_else(|| {
                let ns = civil::parse_timestamp(text.as_bytes(), &TimestampFormat::Iso).ok()?;
                Some(ns.div_euclid(NS_PER_DAY))
            })
            .map(Value::I64),
        DataType::Timestamp => civil::parse_timestamp(text.as_bytes(), &TimestampFormat::Iso)
            .ok()
            .or_else(|| {
                civil::parse_date(text.as_bytes())
                    .ok()?
                    .checked_mul(NS_PER_DAY)
            })
            .map(Value::I64),
        DataType::Interval => civil::parse_interval(text.as_bytes()).map(Value::I64),
        _ => panic!("no cast of VARCHAR to {to}"),
    }
}

fn to_text(value: &Value, from: DataType) -> String {
    let mut out = Vec::new();
    match (value, from) {
        (Value::Text(text), _) => return text.clone(),
        (Value::Bool(value), _) => return value.to_string(),
        (Value::F64(value), _) if value.is_nan() => return "NaN".into(),
        (Value::F64(value), _) if value.is_infinite() => {
            return if *value > 0.0 { "inf" } else { "-inf" }.into();
        }
        (Value::F64(value), _) => return zmij::Buffer::new().format(*value).to_owned(),
        (Value::I64(days), DataType::Date) => civil::write_date(*days, &mut out),
        (Value::I64(ns), DataType::Timestamp) => {
            civil::write_timestamp(*ns, &TimestampFormat::Iso, &mut out)
        }
        (Value::I64(ns), DataType::Interval) => return format!("{ns}ns"),
        (value, _) => decimal::write(exact(value), from.scale(), &mut out),
    }
    String::from_utf8(out).expect("ASCII")
}

fn call(function: ScalarFunction, values: &[Value], args: &[Expr], ty: DataType) -> Evaluated {
    use ScalarFunction as F;
    if let F::Greatest | F::Least = function {
        let mut best = Value::Null;
        for value in values.iter().filter(|value| **value != Value::Null) {
            let take = best == Value::Null
                || (function == F::Greatest && order(value, &best).is_gt())
                || (function == F::Least && order(value, &best).is_lt());
            if take {
                best = value.clone();
            }
        }
        return Ok(best);
    }
    if values.contains(&Value::Null) {
        return Ok(Value::Null);
    }
    let text = |index: usize| match &values[index] {
        Value::Text(text) => text.as_str(),
        other => panic!("{other:?} is no text"),
    };
    let number = |index: usize| exact(&values[index]);
    Ok(match function {
        F::Upper => Value::Text(text(0).to_ascii_uppercase()),
        F::Lower => Value::Text(text(0).to_ascii_lowercase()),
        F::Trim => Value::Text(text(0).trim_matches(' ').to_owned()),
        F::CharLength => Value::I64(text(0).chars().count() as i64),
        F::Concat => Value::Text((0..values.len()).map(text).collect()),
        F::Substring => {
            let length = if values.len() > 2 {
                number(2)
            } else {
                1 << 100
            };
            if length < 0 {
                return Err(Reason::Domain);
            }
            let (start, mut position) = (number(1), 0);
            let kept = text(0).chars().filter(|_| {
                position += 1;
                start <= position && position < start + length
            });
            Value::Text(kept.collect())
        }
        F::Abs | F::Ceil | F::Floor | F::Round => {
            let from = args[0].ty();
            if let Value::F64(value) = values[0] {
                return Ok(Value::F64(match function {
                    F::Abs => value.abs(),
                    F::Ceil => value.ceil(),
                    F::Floor => value.floor(),
                    _ => value.round() + 0.0,
                }));
            }
            let unit = 10i128.pow(from.scale().into());
            let value = number(0);
            let (below, rest) = (value.div_euclid(unit), value.rem_euclid(unit));
            let value = match function {
                F::Abs => value.abs(),
                F::Floor => below * unit,
                F::Ceil => (below + i128::from(rest > 0)) * unit,
                _ => decimal::rescale(value, from.scale(), 0).expect("narrower") * unit,
            };
            let value =
                decimal::rescale(value, from.scale(), ty.scale()).ok_or(Reason::Overflow)?;
            ranged(value, ty).ok_or(Reason::Overflow)?
        }
        _ => panic!("{function:?} has a twin in the oracle"),
    })
}
