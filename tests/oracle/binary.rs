//! The records of a random table as fixed-width ones: the same values, spoilt by any bytes.

use crate::data::{Kind, Style, value};
use velo_tpc::civil::{parse_date, parse_time};
use velo_tpc::sim::Random;

/// The type of columns of bytes: every value has two.
pub const BYTES: &str = "BINARY(2)";

/// The type of text columns: the longest value has 43 bytes.
pub const TEXT: &str = "VARCHAR(44)";

/// Makes a record.
pub fn record(
    random: &mut Random,
    columns: &[(&str, &str, Kind)],
    style: &Style,
    bitmap: bool,
    index: u64,
) -> Vec<u8> {
    let mut marks = vec![0_u8; columns.len().div_ceil(8)];
    let mut fields = Vec::new();
    for (at, &(name, ty, kind)) in columns.iter().enumerate() {
        let start = fields.len();
        field(
            &value(random, name, kind, style, index),
            ty,
            kind,
            &mut fields,
        );
        let is_null = if name == "ts" {
            random.one_in(200)
        } else {
            random.one_in(style.nulls)
        };
        if is_null && bitmap {
            marks[at / 8] |= 1 << (at % 8);
        }
        if style.faults > 0 && random.one_in(style.faults * 4) {
            let bytes = fields[start..].iter_mut();
            bytes.for_each(|byte| *byte = random.next() as u8);
        }
    }
    if bitmap {
        marks.extend(fields);
        return marks;
    }
    fields
}

fn field(text: &str, ty: &str, kind: Kind, out: &mut Vec<u8>) {
    let integer = |text: &str| text.parse::<i64>().expect("a number");
    match kind {
        Kind::Boolean => out.push(u8::from(text == "true")),
        Kind::Int => out.extend_from_slice(&(integer(text) as i32).to_le_bytes()),
        Kind::BigInt => out.extend_from_slice(&integer(text).to_le_bytes()),
        Kind::Double => {
            let value: f64 = text.parse().expect("a number");
            out.extend_from_slice(&value.to_le_bytes());
        }
        Kind::Decimal => {
            let scale = match ty {
                "DECIMAL(9,2)" => 2,
                "DECIMAL(18,4)" => 4,
                _ => 6,
            };
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            let digits = format!("{whole}{fraction:0<scale$}");
            let value: i128 = digits.parse().expect("digits");
            let width = if scale == 6 { 16 } else { 8 };
            out.extend_from_slice(&value.to_le_bytes()[..width]);
        }
        Kind::Real => {
            let value: f32 = text.parse().expect("a number");
            out.extend_from_slice(&value.to_le_bytes());
        }
        Kind::Bytes => {
            let digits = u16::from_str_radix(&text[2..], 16).expect("digits");
            out.extend_from_slice(&digits.to_be_bytes());
        }
        Kind::Time => {
            let ns = parse_time(text.as_bytes()).expect("a time");
            out.extend_from_slice(&ns.to_le_bytes());
        }
        Kind::Text => {
            let start = out.len();
            out.extend_from_slice(text.as_bytes());
            out.resize(start + 44, 0);
        }
        Kind::Date => {
            let days = parse_date(text.as_bytes()).expect("a date");
            out.extend_from_slice(&(days as i32).to_le_bytes());
        }
        Kind::Timestamp => {
            // Of seconds only the whole ones.
            let whole = text.split('.').next().expect("a part");
            out.extend_from_slice(&integer(whole).to_le_bytes());
        }
    }
}
