//! SQL types, implicit and explicit casts, and the typing of arithmetic and comparisons.

use super::literal;
use crate::expr::can_cast;
use crate::expr::catalogue::{map_type, signature};
use crate::plan::{ArithmeticOp, CompareOp, Expr};
use crate::sql::names;
use crate::types::{DECIMAL_DIGITS_MAX, DataType, Value, ZoneId, array_of, row_of};
use sqlparser::ast::{
    ArrayElemTypeDef, DataType as SqlType, ExactNumberInfo, StructField, TimezoneInfo,
};

/// The type that a SQL type name means; `zone` is the session's.
///
/// # Errors
/// A message, and whether the type is one that the dialect names and this version does not build.
pub fn column_type(ty: &SqlType, zone: ZoneId) -> Result<DataType, (bool, String)> {
    use SqlType as T;
    Ok(match ty {
        T::Bool | T::Boolean => DataType::Boolean,
        T::TinyInt(_)
        | T::SmallInt(_)
        | T::Int2(_)
        | T::Int(_)
        | T::Integer(_)
        | T::Int4(_)
        | T::MediumInt(_)
        | T::Int32
        | T::Int16 => DataType::Int,
        T::BigInt(_) | T::Int8(_) | T::Int64 => DataType::BigInt,
        T::Real | T::Float4 | T::Float32 => DataType::Real,
        T::Float(_) | T::Float8 | T::Float64 | T::Double(_) | T::DoublePrecision => {
            DataType::Double
        }
        T::Decimal(info) | T::Numeric(info) | T::Dec(info) => decimal_type(info)?,
        T::Varchar(_)
        | T::Char(_)
        | T::Character(_)
        | T::CharVarying(_)
        | T::CharacterVarying(_)
        | T::Text
        | T::String(_)
        | T::Nvarchar(_) => DataType::Varchar,
        T::Date => DataType::Date,
        T::Timestamp(precision, zoned) => {
            check_digits("TIMESTAMP", *precision)?;
            match zoned {
                TimezoneInfo::WithTimeZone | TimezoneInfo::Tz => DataType::TimestampLtz(zone),
                _ => DataType::Timestamp,
            }
        }
        T::TimestampNtz(precision) | T::Datetime(precision) => {
            check_digits("TIMESTAMP", *precision)?;
            DataType::Timestamp
        }
        T::Time(precision, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => {
            check_digits("TIME", *precision)?;
            DataType::Time
        }
        T::Varbinary(_) | T::Binary(_) | T::Bytes(_) | T::Bytea | T::Blob(_) => DataType::Varbinary,
        T::Interval { .. } => DataType::Interval,
        T::Custom(name, arguments) => return custom_type(&name.to_string(), arguments, zone),
        T::Array(
            ArrayElemTypeDef::AngleBracket(element)
            | ArrayElemTypeDef::SquareBracket(element, None),
        ) => array_of(column_type(element, zone)?),
        T::Struct(parts, _) => row_type(parts, zone)?,
        T::Map(key, value, _) => map_type(column_type(key, zone)?, column_type(value, zone)?)
            .map_err(|message| (false, message))?,
        T::Time(..) | T::Array(_) | T::JSON | T::JSONB | T::Uuid => {
            return Err((true, format!("type {ty} is not built in this version")));
        }
        other => return Err((false, format!("type {other} is not known"))),
    })
}

fn row_type(parts: &[StructField], zone: ZoneId) -> Result<DataType, (bool, String)> {
    let mut fields: Vec<(&str, DataType)> = Vec::with_capacity(parts.len());
    for part in parts {
        let Some(name) = &part.field_name else {
            return Err((false, "every part of a ROW has a name".to_owned()));
        };
        let name = name.value.as_str();
        if fields
            .iter()
            .any(|field| field.0.eq_ignore_ascii_case(name))
        {
            return Err((false, format!("a ROW has one part called {name}")));
        }
        fields.push((name, column_type(&part.field_type, zone)?));
    }
    Ok(row_of(&fields))
}

/// The known type that a name like `INTT` is nearest to, as a hint.
pub fn near_type(ty: &SqlType) -> Option<String> {
    const KNOWN: &[&str] = &[
        "BOOLEAN",
        "INT",
        "INTEGER",
        "BIGINT",
        "SMALLINT",
        "TINYINT",
        "DOUBLE",
        "REAL",
        "FLOAT",
        "DECIMAL",
        "NUMERIC",
        "VARCHAR",
        "STRING",
        "TEXT",
        "CHAR",
        "DATE",
        "TIMESTAMP",
        "TIMESTAMP_LTZ",
        "TIME",
        "VARBINARY",
        "BYTES",
    ];
    match ty {
        SqlType::Custom(name, _) => names::hint(&name.to_string(), KNOWN),
        _ => None,
    }
}

/// Refuses more digits than nanoseconds have.
fn check_digits(name: &str, precision: Option<u64>) -> Result<(), (bool, String)> {
    match precision {
        Some(10..) => Err((false, format!("{name} has at most 9 digits of seconds"))),
        _ => Ok(()),
    }
}

fn custom_type(name: &str, arguments: &[String], zone: ZoneId) -> Result<DataType, (bool, String)> {
    match name.to_ascii_uppercase().as_str() {
        "STRING" | "TEXT" => Ok(DataType::Varchar),
        upper @ ("TIMESTAMP_LTZ" | "TIMESTAMPTZ" | "TIMESTAMP_NTZ") => {
            check_digits(
                "TIMESTAMP",
                arguments.first().and_then(|text| text.parse().ok()),
            )?;
            Ok(match upper {
                "TIMESTAMP_NTZ" => DataType::Timestamp,
                _ => DataType::TimestampLtz(zone),
            })
        }
        "LONG" => Ok(DataType::BigInt),
        "BYTES" => Ok(DataType::Varbinary),
        "ROW" | "STRUCT" => Err((
            false,
            format!("{name} needs its parts: ROW<price DOUBLE, size BIGINT>"),
        )),
        "MAP" => Err((
            false,
            "MAP needs its types: MAP<VARCHAR, DOUBLE>".to_owned(),
        )),
        "VARIANT" => Err((true, format!("type {name} is not built in this version"))),
        _ => Err((false, format!("type {name} is not known"))),
    }
}

fn decimal_type(info: &ExactNumberInfo) -> Result<DataType, (bool, String)> {
    let (precision, scale) = match info {
        ExactNumberInfo::None => (10, 0),
        ExactNumberInfo::Precision(precision) => (*precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
    };
    let most = u64::from(DECIMAL_DIGITS_MAX);
    if !(1..=most).contains(&precision) || !(0..=precision as i64).contains(&scale) {
        return Err((
            false,
            format!("DECIMAL({precision},{scale}) needs 1 to 38 digits and a scale within them"),
        ));
    }
    Ok(DataType::decimal(precision as u8, scale as u8))
}

/// Whether it is the literal NULL, which takes any type.
pub fn is_null(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Literal {
            value: Value::Null,
            ..
        }
    )
}

fn is_text_literal(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Literal {
            value: Value::Text(_),
            ty: DataType::Varchar,
        }
    )
}

/// Casts without a check of whether the cast is implicit; literals are folded.
///
/// # Errors
/// When a literal has no value of the type, or the types do not cast.
pub fn cast_to(expr: Expr, ty: DataType, lenient: bool) -> Result<Expr, String> {
    if expr.ty() == ty {
        return Ok(expr);
    }
    if let Expr::Literal { value, ty: from } = &expr {
        match literal::fold_cast(value, *from, ty) {
            Some(Ok(value)) => return Ok(Expr::Literal { value, ty }),
            Some(Err(_)) if lenient => {
                return Ok(Expr::Literal {
                    value: Value::Null,
                    ty,
                });
            }
            Some(Err(message)) => return Err(message),
            None => {}
        }
    }
    if !can_cast(expr.ty(), ty) {
        return Err(format!("{} does not cast to {ty}", expr.ty()));
    }
    Ok(Expr::Cast {
        input: Box::new(expr),
        ty,
        lenient,
    })
}

/// What to write in place of a cast that there is none of.
pub fn cast_hint(from: DataType, to: DataType) -> Option<&'static str> {
    use DataType::{Date, Interval, Time};
    if can_cast(from, to) {
        return None;
    }
    match (from, to) {
        (from, to) if from.is_numeric() && (to.is_instant() || to == Date) => Some(
            "name the number's unit: TO_TIMESTAMP_LTZ(n, 3) reads milliseconds, with 0, 6 or 9 others",
        ),
        (from, to) if (from.is_instant() || from == Date) && to.is_numeric() => Some(
            "name the number's unit: EXTRACT(EPOCH FROM ts) gives seconds, TIMESTAMPDIFF(MILLISECOND, a, b) what is between",
        ),
        (Time, to) if to.is_instant() => Some("it has no day: add it to a DATE"),
        (from, Interval) if from.is_numeric() => {
            Some("name the number's unit: n * INTERVAL '1' SECOND")
        }
        _ => None,
    }
}

/// The type that two operands meet in. Text literals take the other side's type and NULL any; a numeric
/// literal beside a DECIMAL has only the digits it is written with, and beside a REAL it is one.
pub fn meet(left: &Expr, right: &Expr) -> Option<DataType> {
    if is_null(left) {
        return Some(right.ty());
    }
    if is_null(right) || left.ty() == right.ty() {
        return Some(left.ty());
    }
    match (is_text_literal(left), is_text_literal(right)) {
        (true, false) => return Some(text_meets(left, right.ty())),
        (false, true) => return Some(text_meets(right, left.ty())),
        _ => {}
    }
    signature::common(
        literal_type(left, right.ty()),
        literal_type(right, left.ty()),
    )
}

fn text_meets(text: &Expr, other: DataType) -> DataType {
    let Expr::Literal {
        value: Value::Text(text),
        ..
    } = text
    else {
        return other;
    };
    match (other, literal::parse_literal_number(text)) {
        (DataType::Int | DataType::BigInt | DataType::Decimal { .. }, Some((_, ty))) => {
            signature::common(other, ty).unwrap_or(other)
        }
        _ => other,
    }
}

fn literal_type(expr: &Expr, beside: DataType) -> DataType {
    match (expr, beside) {
        (
            Expr::Literal {
                value: Value::I64(value),
                ty,
            },
            DataType::Decimal { .. },
        ) if ty.is_integer() => {
            let digits = value
                .unsigned_abs()
                .checked_ilog10()
                .map_or(1, |log| log + 1);
            DataType::decimal(digits as u8, 0)
        }
        (Expr::Literal { ty, .. }, DataType::Real) if ty.is_numeric() => DataType::Real,
        _ => expr.ty(),
    }
}

/// Casts both operands to the type they meet in.
///
/// # Errors
/// When there is none.
pub fn unify(left: Expr, right: Expr, what: &str) -> Result<(Expr, Expr, DataType), String> {
    let Some(ty) = meet(&left, &right) else {
        return Err(format!(
            "{what}: {} and {} do not go together",
            left.ty(),
            right.ty()
        ));
    };
    Ok((cast_to(left, ty, false)?, cast_to(right, ty, false)?, ty))
}

/// Casts all operands to the type they meet in.
///
/// # Errors
/// When there is none.
pub fn unify_all(mut exprs: Vec<Expr>, what: &str) -> Result<(Vec<Expr>, DataType), String> {
    let mut ty: Option<Expr> = None;
    for expr in &exprs {
        ty = Some(match ty {
            None => expr.clone(),
            Some(before) => {
                let met = meet(&before, expr).ok_or_else(|| {
                    format!(
                        "{what}: {} and {} do not go together",
                        before.ty(),
                        expr.ty()
                    )
                })?;
                // Only the type matters from here on: a typed hole that is neither a literal nor NULL.
                if is_null(&before) && is_null(expr) {
                    before
                } else {
                    Expr::Column { index: 0, ty: met }
                }
            }
        });
    }
    let ty = ty.map_or(DataType::Varchar, |expr| expr.ty());
    for expr in &mut exprs {
        let old = std::mem::replace(
            expr,
            Expr::Literal {
                value: Value::Null,
                ty,
            },
        );
        *expr = cast_to(old, ty, false)?;
    }
    Ok((exprs, ty))
}

/// A comparison with both sides cast to their common type.
///
/// # Errors
/// When they have none.
pub fn compare(op: CompareOp, left: Expr, right: Expr) -> Result<Expr, String> {
    use CompareOp::{Distinct, Equal, NotDistinct, NotEqual};
    let (left, right, ty) = unify(left, right, "comparison")?;
    if ty.is_nested() && !matches!(op, Equal | NotEqual | Distinct | NotDistinct) {
        return Err(format!("{ty} has no order"));
    }
    Ok(Expr::Compare {
        op,
        left: Box::new(left),
        right: Box::new(right),
    })
}

/// Arithmetic by the dialect's type rules.
///
/// # Errors
/// When the operands have types that the operation does not take.
pub fn arithmetic(op: ArithmeticOp, left: Expr, right: Expr) -> Result<Expr, String> {
    let (left, right) = literals_typed(left, right)?;
    let (l, r) = (left.ty(), right.ty());
    let node = |left: Expr, right: Expr, ty| Expr::Arithmetic {
        op,
        left: Box::new(left),
        right: Box::new(right),
        ty,
    };
    if l.is_integer() && r.is_integer() {
        let ty = if l == DataType::BigInt || r == DataType::BigInt {
            DataType::BigInt
        } else {
            DataType::Int
        };
        return Ok(node(left, right, ty));
    }
    if l.is_numeric() && r.is_numeric() {
        if l.is_float() || r.is_float() {
            let (l, r) = (literal_type(&left, r), literal_type(&right, l));
            let result = signature::common(l, r).unwrap_or(DataType::Double);
            let double =
                |operand, ty| cast_to(cast_to(operand, ty, false)?, DataType::Double, false);
            let computed = node(double(left, l)?, double(right, r)?, DataType::Double);
            // In DOUBLE and then to the nearest REAL: the same as in REAL, since a DOUBLE has more than twice its digits.
            return cast_to(computed, result, false);
        }
        let left = cast_to(left, signature::as_decimal(l), false)?;
        let right = cast_to(right, signature::as_decimal(r), false)?;
        let digits = |ty| match ty {
            DataType::Decimal { precision, scale } => (precision, scale),
            _ => (1, 0),
        };
        let ty = signature::decimal_arithmetic(op, digits(left.ty()), digits(right.ty()));
        return Ok(node(left, right, ty));
    }
    time_arithmetic(op, left, right)
}

/// Gives NULL and text literals the type that the other operand asks for.
fn literals_typed(left: Expr, right: Expr) -> Result<(Expr, Expr), String> {
    let wanted = |literal: &Expr, other: DataType| -> Option<DataType> {
        if is_null(literal) {
            return Some(other);
        }
        if is_text_literal(literal) && other.is_numeric() {
            return Some(text_meets(literal, other));
        }
        None
    };
    if let Some(ty) = wanted(&left, right.ty()) {
        return Ok((cast_to(left, ty, false)?, right));
    }
    if let Some(ty) = wanted(&right, left.ty()) {
        return Ok((left, cast_to(right, ty, false)?));
    }
    Ok((left, right))
}

/// Arithmetic on times. That on TIMESTAMP_LTZ is that on TIMESTAMP, and a TIME is the INTERVAL since midnight: what
/// leaves the day goes on at its other end.
fn time_arithmetic(op: ArithmeticOp, left: Expr, right: Expr) -> Result<Expr, String> {
    use ArithmeticOp::{Add, Multiply, Subtract};
    use DataType::{Date, Interval, Time, Timestamp, TimestampLtz};
    match (left.ty(), right.ty()) {
        (ltz @ TimestampLtz(_), other) | (other, ltz @ TimestampLtz(_)) => {
            let plain = |operand: Expr| {
                let ty = operand.ty().computed_in();
                cast_to(operand, ty, false)
            };
            let result = time_arithmetic(op, plain(left)?, plain(right)?)
                .map_err(|_| format!("{ltz} {} {other} has no meaning", symbol(op)))?;
            return match result.ty() {
                Timestamp => cast_to(result, ltz, false),
                _ => Ok(result),
            };
        }
        (Time, Interval) | (Interval, Time) if op == Add => {
            let since = |operand| cast_to(operand, Interval, false);
            return cast_to(
                time_arithmetic(op, since(left)?, since(right)?)?,
                Time,
                false,
            );
        }
        (Time, Interval) if op == Subtract => {
            let left = cast_to(left, Interval, false)?;
            return cast_to(time_arithmetic(op, left, right)?, Time, false);
        }
        (Time, Time) if op == Subtract => {
            let since = |operand| cast_to(operand, Interval, false);
            return time_arithmetic(op, since(left)?, since(right)?);
        }
        (Date, Time) if op == Add => {
            let right = cast_to(right, Interval, false)?;
            return time_arithmetic(op, left, right);
        }
        (Time, Date) if op == Add => return time_arithmetic(op, right, left),
        _ => {}
    }
    let node = |left: Expr, right: Expr, ty| {
        Ok(Expr::Arithmetic {
            op,
            left: Box::new(left),
            right: Box::new(right),
            ty,
        })
    };
    match (op, left.ty(), right.ty()) {
        (Add | Subtract, Timestamp | Date, Interval) => node(left, right, Timestamp),
        (Add, Interval, Timestamp | Date) => node(right, left, Timestamp),
        (Add | Subtract, Interval, Interval) => node(left, right, Interval),
        (Subtract, Timestamp | Date, Timestamp | Date) => {
            let left = cast_to(left, Timestamp, false)?;
            let right = cast_to(right, Timestamp, false)?;
            node(left, right, Interval)
        }
        (Multiply, Interval, other) if other.is_integer() => node(left, right, Interval),
        (Multiply, other, Interval) if other.is_integer() => node(right, left, Interval),
        (_, l, r) => Err(format!("{l} {} {r} has no meaning", symbol(op))),
    }
}

/// The operation as written.
pub fn symbol(op: ArithmeticOp) -> &'static str {
    match op {
        ArithmeticOp::Add => "+",
        ArithmeticOp::Subtract => "-",
        ArithmeticOp::Multiply => "*",
        ArithmeticOp::Divide => "/",
        ArithmeticOp::Modulo => "%",
    }
}

/// Whether an expression can be NULL, given which columns can: conservative.
pub fn nullable(expr: &Expr, column: &impl Fn(usize) -> bool) -> bool {
    match expr {
        Expr::Column { index, .. } => column(*index),
        Expr::Literal { value, .. } => *value == Value::Null,
        Expr::IsNull { .. }
        | Expr::Compare {
            op: CompareOp::Distinct | CompareOp::NotDistinct,
            ..
        } => false,
        Expr::Call { function, .. } if function.makes_null() => true,
        Expr::Cast { lenient: true, .. }
        | Expr::Case {
            otherwise: None, ..
        } => true,
        Expr::Case {
            branches,
            otherwise,
            ..
        } => branches
            .iter()
            .map(|(_, result)| result)
            .chain(otherwise.as_deref())
            .any(|result| nullable(result, column)),
        Expr::Coalesce { args, .. } => args.iter().all(|arg| nullable(arg, column)),
        Expr::InList { input, list, .. } => list.contains(&Value::Null) || nullable(input, column),
        Expr::Subquery { .. }
        | Expr::InSubquery { .. }
        | Expr::InRows { .. }
        | Expr::Lookup { .. } => true,
        Expr::Member { .. } => false,
        other => other
            .children()
            .into_iter()
            .any(|child| nullable(child, column)),
    }
}
