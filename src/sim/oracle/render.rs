//! Values and rows as text.

use super::calendar::{write_date, write_time, write_timestamp};
use super::eval::unscaled;
use super::number::{Exact, shortest_real, shortest_text};
use super::times::write_in;
use super::{binary, nested};
use crate::batch::RowOp;
use crate::plan::{ChangelogMode, SinkFormat, SinkPlan, TimestampFormat};
use crate::time::OrderKey;
use crate::types::{DataType, Value};

/// The text of a value that is not NULL, without quotes.
pub fn text_of(value: &Value, ty: DataType, timestamp: &TimestampFormat) -> String {
    match (value, ty) {
        (Value::Null, _) => String::new(),
        (Value::Bool(value), _) => value.to_string(),
        (value, ty) if ty.is_nested() => nested::json(value, ty),
        (Value::Text(_) | Value::Bytes(_), DataType::Varbinary) => {
            let bytes = value.as_bytes().unwrap_or_default();
            let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
            "0x".to_owned() + &digits.collect::<String>()
        }
        (Value::Text(text), _) => text.clone(),
        (Value::F64(value), _) if value.is_nan() => "NaN".to_owned(),
        (Value::F64(value), _) if value.is_infinite() => value.to_string(),
        (Value::F64(value), DataType::Real) => shortest_real(*value as f32),
        (Value::F64(value), _) => shortest_text(*value),
        (Value::I64(days), DataType::Date) => write_date(*days),
        (Value::I64(ns), DataType::Timestamp) => write_timestamp(*ns, timestamp),
        (Value::I64(ns), DataType::Time) => write_time(*ns),
        (Value::I64(ns), DataType::TimestampLtz(zone)) => write_in(*ns, timestamp, zone),
        (Value::I64(ns), DataType::Interval) => format!("{ns}ns"),
        (exact, _) => decimal(unscaled(exact), ty.scale()),
    }
}

/// All digits of the scale, at least one before the point.
fn decimal(value: i128, scale: u8) -> String {
    if scale == 0 {
        return value.to_string();
    }
    let sign = if value < 0 { "-" } else { "" };
    let whole = Exact::new(value, scale).truncated();
    let whole = whole.abs().to_i128().expect("it is below the value");
    let fraction = value.unsigned_abs() % 10_u128.pow(u32::from(scale));
    format!(
        "{sign}{whole}.{fraction:0width$}",
        width = usize::from(scale)
    )
}

/// The rows as `sink` writes them to a file of CSV or of fixed-width records.
///
/// # Errors
/// When the sink writes something else.
pub fn render(sink: &SinkPlan, rows: &[(OrderKey, RowOp, Vec<Value>)]) -> Result<Vec<u8>, String> {
    match &sink.format {
        Some(SinkFormat::Csv {
            delimiter,
            header,
            null_text,
            timestamp,
        }) => {
            let text = csv(sink, rows, (*delimiter, *header), null_text, timestamp);
            Ok(text.into_bytes())
        }
        Some(SinkFormat::Binary(format)) => {
            let written = rows.iter().filter(|row| row.1 != RowOp::UpdateBefore);
            let values: Vec<_> = written.map(|row| row.2.as_slice()).collect();
            Ok(binary::write(&values, format, &sink.schema))
        }
        _ => Err(format!(
            "the oracle writes CSV and binary records only, sink {}",
            sink.name
        )),
    }
}

fn csv(
    sink: &SinkPlan,
    rows: &[(OrderKey, RowOp, Vec<Value>)],
    (delimiter, header): (u8, bool),
    null_text: &str,
    timestamp: &TimestampFormat,
) -> String {
    let retracts = sink.changelog == ChangelogMode::Retract;
    let quote = |text: String| {
        let special = |c: char| c == char::from(delimiter) || matches!(c, '"' | '\r' | '\n');
        if text.is_empty() || text == null_text || text.contains(special) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    };
    let mut lines = Vec::new();
    if header {
        let names = sink.schema.fields.iter().map(|field| field.name.clone());
        let op = retracts.then(|| "op".to_owned());
        lines.push(op.into_iter().chain(names).map(quote).collect::<Vec<_>>());
    }
    for (_, op, values) in rows {
        let fields = values.iter().zip(&sink.schema.fields);
        let fields = fields.map(|(value, field)| match value {
            Value::Null => null_text.to_owned(),
            value => quote(text_of(value, field.ty, timestamp)),
        });
        let op = (retracts || *op != RowOp::Insert).then(|| op_text(*op).to_owned());
        lines.push(op.into_iter().chain(fields).collect());
    }
    let delimiter = char::from(delimiter).to_string();
    lines
        .iter()
        .map(|line| line.join(&delimiter) + "\n")
        .collect()
}

fn op_text(op: RowOp) -> &'static str {
    match op {
        RowOp::Insert => "+I",
        RowOp::UpdateBefore => "-U",
        RowOp::UpdateAfter => "+U",
        RowOp::Delete => "-D",
    }
}
