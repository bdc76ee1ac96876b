//! Expressions as text.

use crate::expr::catalogue::{aggregate_name, scalar_name};
use crate::plan::{
    AggregateCall, ArithmeticOp, CompareOp, Expr, MemberPart, MemberRows, TimestampFormat,
};
use crate::types::{DataType, Value};

/// The expression with the input's names; what is longer than a line is cut.
pub fn show(expr: &Expr, names: &[String]) -> String {
    const CHARS_MAX: usize = 400;
    let mut text = String::new();
    write(expr, names, &mut text, CHARS_MAX);
    if text.chars().count() > CHARS_MAX {
        text = text.chars().take(CHARS_MAX).collect();
        text.push_str(" ..");
    }
    text
}

/// Expressions with commas between them.
pub fn list(exprs: &[Expr], names: &[String]) -> String {
    let shown: Vec<String> = exprs.iter().map(|expr| show(expr, names)).collect();
    shown.join(", ")
}

/// An aggregate call.
pub fn call(call: &AggregateCall, names: &[String]) -> String {
    let args = if call.args.is_empty() {
        "*".to_owned()
    } else {
        list(&call.args, names)
    };
    let distinct = if call.distinct { "distinct " } else { "" };
    let filter = call.filter.as_ref().map_or(String::new(), |filter| {
        format!(" filter ({})", show(filter, names))
    });
    format!("{}({distinct}{args}){filter}", aggregate_name(call.kind))
}

fn write(expr: &Expr, names: &[String], out: &mut String, most: usize) {
    if out.len() > most {
        return;
    }
    let mut part = |expr: &Expr, out: &mut String| write(expr, names, out, most);
    match expr {
        Expr::Column { index, .. } => match names.get(*index) {
            Some(name) => out.push_str(name),
            None => out.push_str(&format!("#{index}")),
        },
        Expr::Literal { value, ty } => out.push_str(&constant(value, *ty)),
        Expr::Cast { input, ty, lenient } => {
            out.push_str(if *lenient { "try_cast(" } else { "cast(" });
            part(input, out);
            out.push_str(&format!(" as {ty})"));
        }
        Expr::Arithmetic {
            op, left, right, ..
        } => binary(out, left, symbol(*op), right, &mut part),
        Expr::Compare { op, left, right } => binary(out, left, comparison(*op), right, &mut part),
        Expr::Negate { input } => {
            out.push('-');
            part(input, out);
        }
        Expr::And(args) => chain(out, args, " and ", &mut part),
        Expr::Or(args) => chain(out, args, " or ", &mut part),
        Expr::Not(input) => {
            out.push_str("not ");
            part(input, out);
        }
        Expr::IsNull { input, negated } => {
            part(input, out);
            out.push_str(if *negated { " is not null" } else { " is null" });
        }
        Expr::Subquery { index, .. } => out.push_str(&format!("subquery {}", index + 1)),
        Expr::InSubquery { .. }
        | Expr::Member { .. }
        | Expr::InRows { .. }
        | Expr::Lookup { .. }
        | Expr::InList { .. }
        | Expr::Like { .. }
        | Expr::Case { .. } => {
            several_parts(expr, out, &mut part);
        }
        Expr::Coalesce { args, .. } => {
            out.push_str("coalesce");
            chain(out, args, ", ", &mut part);
        }
        Expr::Fit {
            input,
            nullable,
            bytes,
        } => {
            out.push_str("fit(");
            part(input, out);
            if let Some(bytes) = bytes {
                out.push_str(&format!(", {bytes} bytes"));
            }
            out.push_str(if *nullable { ")" } else { ", not null)" });
        }
        Expr::Call { function, args, .. } => {
            out.push_str(&scalar_name(*function));
            chain(out, args, ", ", &mut part);
        }
    }
}

/// The forms with words between their parts.
fn several_parts(expr: &Expr, out: &mut String, part: &mut impl FnMut(&Expr, &mut String)) {
    match expr {
        Expr::InList {
            input,
            list,
            negated,
        } => {
            part(input, out);
            out.push_str(if *negated { " not in (" } else { " in (" });
            let shown: Vec<String> = list.iter().map(|v| constant(v, input.ty())).collect();
            out.push_str(&shown.join(", "));
            out.push(')');
        }
        Expr::InSubquery {
            input,
            index,
            negated,
        } => {
            part(input, out);
            let not = if *negated { " not" } else { "" };
            out.push_str(&format!("{not} in (subquery {})", index + 1));
        }
        Expr::Member { .. } | Expr::InRows { .. } | Expr::Lookup { .. } => among(expr, out, part),
        Expr::Like {
            input,
            pattern,
            ignore_case,
            negated,
            ..
        } => {
            part(input, out);
            out.push_str(if *negated { " not" } else { "" });
            out.push_str(if *ignore_case { " ilike '" } else { " like '" });
            out.push_str(pattern);
            out.push('\'');
        }
        Expr::Case {
            branches,
            otherwise,
            ..
        } => {
            out.push_str("case");
            for (condition, result) in branches {
                out.push_str(" when ");
                part(condition, out);
                out.push_str(" then ");
                part(result, out);
            }
            if let Some(otherwise) = otherwise {
                out.push_str(" else ");
                part(otherwise, out);
            }
            out.push_str(" end");
        }
        _ => {}
    }
}

/// What looks among the rows of a subquery.
fn among(expr: &Expr, out: &mut String, part: &mut impl FnMut(&Expr, &mut String)) {
    match expr {
        Expr::Member { inputs, rows } => member(inputs, rows, out, part),
        Expr::InRows {
            inputs,
            keys,
            rows,
            negated,
        } => {
            chain(out, &inputs[*keys..], ", ", part);
            let not = if *negated { " not" } else { "" };
            out.push_str(&format!("{not} in ({}", set(rows)));
            if *keys > 0 {
                out.push_str(" for ");
                chain(out, &inputs[..*keys], ", ", part);
            }
            out.push(')');
        }
        Expr::Lookup { inputs, rows, .. } => {
            out.push_str(&format!("{} for ", set(rows)));
            chain(out, inputs, ", ", part);
        }
        _ => {}
    }
}

/// The rows that are looked among.
fn set(rows: &MemberRows) -> String {
    match rows {
        MemberRows::Of { index, part } => {
            let of = match part {
                MemberPart::Whole => "",
                MemberPart::Keys => "the keys of ",
                MemberPart::KeysOfNull => "the keys with null of ",
            };
            format!("{of}subquery {}", index + 1)
        }
        MemberRows::Known(rows) => format!("{} rows", rows.len()),
    }
}

/// Whether values are a row of a set.
fn member(
    inputs: &[Expr],
    rows: &MemberRows,
    out: &mut String,
    part: &mut impl FnMut(&Expr, &mut String),
) {
    let set = set(rows);
    if inputs.is_empty() {
        out.push_str(&format!("exists({set})"));
        return;
    }
    chain(out, inputs, ", ", part);
    out.push_str(&format!(" among {set}"));
}

fn binary(
    out: &mut String,
    left: &Expr,
    symbol: &str,
    right: &Expr,
    part: &mut impl FnMut(&Expr, &mut String),
) {
    let mut operand = |expr: &Expr, out: &mut String| {
        let nested = matches!(
            expr,
            Expr::Arithmetic { .. } | Expr::Compare { .. } | Expr::Case { .. }
        );
        out.push_str(if nested { "(" } else { "" });
        part(expr, out);
        out.push_str(if nested { ")" } else { "" });
    };
    operand(left, out);
    out.push_str(&format!(" {symbol} "));
    operand(right, out);
}

fn chain(
    out: &mut String,
    args: &[Expr],
    between: &str,
    part: &mut impl FnMut(&Expr, &mut String),
) {
    out.push('(');
    for (at, arg) in args.iter().enumerate() {
        out.push_str(if at > 0 { between } else { "" });
        part(arg, out);
    }
    out.push(')');
}

fn symbol(op: ArithmeticOp) -> &'static str {
    crate::sql::bind::symbol(op)
}

fn comparison(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "=",
        CompareOp::NotEqual => "<>",
        CompareOp::Less => "<",
        CompareOp::LessOrEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterOrEqual => ">=",
        CompareOp::Distinct => "is distinct from",
        CompareOp::NotDistinct => "is not distinct from",
    }
}

pub(super) fn constant(value: &Value, ty: DataType) -> String {
    match (value, ty) {
        (Value::Null, _) => "null".into(),
        (Value::Bool(value), _) => value.to_string(),
        (Value::F64(value), DataType::Real) => (*value as f32).to_string(),
        (Value::F64(value), _) => value.to_string(),
        (Value::I64(value), DataType::Decimal { scale, .. }) => decimal(i128::from(*value), scale),
        (Value::I128(value), ty) => decimal(*value, ty.scale()),
        (Value::I64(value), DataType::Interval) => super::length(*value),
        (Value::Text(_) | Value::Bytes(_), DataType::Varbinary) => {
            let mut text = Vec::new();
            crate::format::hex::write_digits(value.as_bytes().unwrap_or_default(), &mut text);
            format!("x'{}'", String::from_utf8_lossy(&text))
        }
        (Value::Text(text), _) => format!("'{}'", text.replace('\'', "''")),
        (Value::Bytes(_), _) => "bytes".into(),
        (Value::I64(value), DataType::Time) => {
            let mut text = Vec::new();
            crate::civil::write_time(*value, &mut text);
            format!("'{}'", String::from_utf8_lossy(&text))
        }
        (Value::I64(value), ty) if ty.is_instant() => {
            let mut text = Vec::new();
            crate::civil::write_timestamp(*value, &TimestampFormat::Iso, &mut text);
            format!("'{}'", String::from_utf8_lossy(&text))
        }
        (Value::I64(value), DataType::Date) => {
            let mut text = Vec::new();
            crate::civil::write_date(*value, &mut text);
            format!("'{}'", String::from_utf8_lossy(&text))
        }
        (Value::I64(value), _) => value.to_string(),
    }
}

fn decimal(value: i128, scale: u8) -> String {
    let mut text = Vec::new();
    crate::decimal::write(value, scale, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}
