//! Intervals of whole months: `INTERVAL '1' MONTH`, `INTERVAL '1-2' YEAR TO MONTH`, `INTERVAL '1 year 6 months'`.
//!
//! They have no length in time, so they are no INTERVAL values: they are for adding to a time, by its calendar.

use sqlparser::ast::{DateTimeField, Expr, Interval, UnaryOperator, Value};

/// The months of an interval, if it counts nothing else and they are a number that a calendar can use.
pub fn months_of(interval: &Interval) -> Option<i64> {
    let text = text_of(&interval.value)?;
    let (negative, text) = match text.trim().strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.trim().trim_start_matches('+')),
    };
    let months = match (&interval.leading_field, &interval.last_field) {
        (Some(DateTimeField::Year), Some(DateTimeField::Month)) => {
            let (years, months) = text.split_once('-')?;
            let months = number(months).filter(|months| *months < 12)?;
            number(years)?.checked_mul(12)?.checked_add(months)?
        }
        (Some(field), None) => number(text)?.checked_mul(months_in(&field.to_string())?)?,
        (None, None) => words(text)?,
        _ => return None,
    };
    Some(if negative { -months } else { months })
}

fn text_of(value: &Expr) -> Option<String> {
    match value {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::Number(text, _) => Some(text.clone()),
            _ => None,
        },
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => Some(format!("-{}", text_of(expr)?)),
        _ => None,
    }
}

/// `1 year 6 months`.
fn words(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (count, behind) = rest.split_at(digits);
        let behind = behind.trim_start();
        let letters = behind
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(letters);
        let months = number(count)?.checked_mul(months_in(unit)?)?;
        total = total.checked_add(months)?;
        rest = behind.trim_start();
    }
    (!text.is_empty()).then_some(total)
}

fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

fn months_in(unit: &str) -> Option<i64> {
    match unit.to_ascii_lowercase().as_str() {
        "mo" | "mon" | "mons" | "month" | "months" => Some(1),
        "quarter" | "quarters" => Some(3),
        "y" | "yr" | "yrs" | "year" | "years" => Some(12),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlparser::dialect::GenericDialect;
    use sqlparser::parser::Parser;

    fn months(sql: &str) -> Option<i64> {
        let parser = Parser::new(&GenericDialect {}).try_with_sql(sql);
        match parser.expect("tokens").parse_expr().expect("an interval") {
            Expr::Interval(interval) => months_of(&interval),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_months_are_months() {
        for (sql, wanted) in [
            ("INTERVAL '1' MONTH", Some(1)),
            ("INTERVAL 2 YEARS", Some(24)),
            ("INTERVAL '-1' QUARTER", Some(-3)),
            ("INTERVAL -5 MONTH", Some(-5)),
            ("INTERVAL '1-2' YEAR TO MONTH", Some(14)),
            ("INTERVAL '-1-2' YEAR TO MONTH", Some(-14)),
            ("INTERVAL '1 year 6 months'", Some(18)),
            ("INTERVAL '3mo'", Some(3)),
            ("INTERVAL '1-12' YEAR TO MONTH", None),
            ("INTERVAL '1.5' YEAR", None),
            ("INTERVAL '1 month 2 days'", None),
            ("INTERVAL '1' DAY", None),
            ("INTERVAL '9999999999999999999' YEAR", None),
            ("INTERVAL ''", None),
        ] {
            assert_eq!(months(sql), wanted, "{sql}");
        }
    }
}
