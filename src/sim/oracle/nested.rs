//! ARRAYs, ROWs and MAPs: bytes to values and back, one by one, and their JSON text.

use super::eval::unscaled;
use super::field::{self, exact_value};
use super::map;
use super::render::text_of;
use crate::error::Reason;
use crate::limits::FUNCTION_TEXT_BYTES_MAX;
use crate::plan::{NestedFunction, TimestampFormat};
use crate::types::{DataType, Physical, Value};

/// The bytes of items of these types.
pub fn encode(items: &[Value], types: &[DataType]) -> Value {
    let mut out = Vec::new();
    for (item, ty) in items.iter().zip(types) {
        if *item == Value::Null {
            out.push(0);
            continue;
        }
        out.push(1);
        match item {
            Value::Bool(value) => out.push(u8::from(*value)),
            Value::F64(value) if value.is_nan() => out.extend(f64::NAN.to_le_bytes()),
            // Both zeros become the positive one.
            Value::F64(value) => out.extend((value + 0.0).to_le_bytes()),
            Value::Text(_) | Value::Bytes(_) => {
                let bytes = item.as_bytes().unwrap_or_default();
                out.extend((bytes.len() as u32).to_le_bytes());
                out.extend(bytes);
            }
            exact => {
                let width = if ty.physical() == Physical::I128 {
                    16
                } else {
                    8
                };
                out.extend(&unscaled(exact).to_le_bytes()[..width]);
            }
        }
    }
    Value::of_bytes(&out)
}

/// The items of a value; those of an ARRAY all have one type, keys and values of a MAP take turns.
pub fn decode(value: &Value, ty: DataType) -> Vec<(Value, DataType)> {
    let mut rest = value.as_bytes().expect("bytes");
    let mut items = Vec::new();
    while !rest.is_empty() {
        let item_type = match ty {
            DataType::Array(element) => *element,
            DataType::Row(fields) => fields[items.len()].ty,
            DataType::Map(key, value) => [*key, *value][items.len() % 2],
            other => panic!("{other} is not made of others"),
        };
        let (mark, tail) = (rest[0], &rest[1..]);
        if mark == 0 {
            items.push((Value::Null, item_type));
            rest = tail;
            continue;
        }
        let number = |bytes: &[u8]| {
            let bytes = bytes.iter().rev();
            bytes.fold(0_u128, |sum, &byte| sum << 8 | u128::from(byte))
        };
        let (head, len) = match item_type.physical() {
            Physical::Bool => (0, 1),
            Physical::I64 | Physical::F64 => (0, 8),
            Physical::I128 => (0, 16),
            Physical::Text => (4, number(&tail[..4]) as usize),
        };
        let bytes = &tail[head..head + len];
        let item = match item_type.physical() {
            Physical::Bool => Value::Bool(bytes == [1]),
            Physical::F64 => Value::F64(f64::from_bits(number(bytes) as u64)),
            Physical::I64 => exact_value(item_type, i128::from(number(bytes) as i64)),
            Physical::I128 => exact_value(item_type, number(bytes) as i128),
            Physical::Text => Value::of_bytes(bytes),
        };
        items.push((item, item_type));
        rest = &tail[head + len..];
    }
    items
}

/// A value whose items are cast one by one.
pub fn cast(value: &Value, from: DataType, to: DataType) -> Result<Value, Reason> {
    let items = decode(value, from);
    let types: Vec<DataType> = match to {
        DataType::Array(element) => vec![*element; items.len()],
        DataType::Row(fields) => fields.iter().map(|field| field.ty).collect(),
        DataType::Map(key, value) => [*key, *value].repeat(items.len() / 2),
        other => panic!("{other} is not made of others"),
    };
    let mut out = Vec::new();
    for ((item, from), to) in items.iter().zip(&types) {
        out.push(super::cast::cast(item, *from, *to)?);
    }
    Ok(match to {
        DataType::Map(key, value) => {
            let entries = out
                .chunks(2)
                .map(|entry| (entry[0].clone(), entry[1].clone()));
            map::make(entries.collect(), (*key, *value))
        }
        _ => encode(&out, &types),
    })
}

/// Reads an ARRAY, a ROW or a MAP from its JSON text.
pub fn read(text: &[u8], ty: DataType, timestamp: &TimestampFormat) -> Result<Value, Reason> {
    let text = std::str::from_utf8(text).map_err(|_| Reason::Json)?;
    let inside = |open, close| {
        let inside = text.trim().strip_prefix(open);
        let inside = inside.and_then(|text: &str| text.strip_suffix(close));
        inside.ok_or(Reason::Json)
    };
    match ty {
        DataType::Array(element) => {
            let objects = holds_rows(*element) || *element == DataType::Varchar;
            let parts = split(inside('[', ']')?, objects)?;
            let items = parts
                .iter()
                .map(|part| read_member(part, *element, timestamp));
            let items = items.collect::<Result<Vec<_>, _>>()?;
            Ok(encode(&items, &vec![*element; items.len()]))
        }
        DataType::Map(key, of) => {
            let mut entries = Vec::new();
            for (name, text) in members(inside('{', '}')?)? {
                let name = match *key {
                    DataType::Varchar => Value::Text(name),
                    key => field::read(key, timestamp, name.as_bytes())?,
                };
                entries.push((name, read_member(&text, *of, timestamp)?));
            }
            Ok(map::make(entries, (*key, *of)))
        }
        DataType::Row(fields) => {
            let members = members(inside('{', '}')?)?;
            let mut items = Vec::new();
            for field in fields {
                let mut named = members.iter().rev();
                let found = named.find(|(name, _)| name.eq_ignore_ascii_case(field.name));
                items.push(match found {
                    Some((_, text)) => read_member(text, field.ty, timestamp)?,
                    None => Value::Null,
                });
            }
            let types: Vec<DataType> = fields.iter().map(|field| field.ty).collect();
            Ok(encode(&items, &types))
        }
        _ => Err(Reason::Json),
    }
}

/// The value of a member or element; a VARCHAR takes the text of any.
fn read_member(text: &str, ty: DataType, timestamp: &TimestampFormat) -> Result<Value, Reason> {
    match ty == DataType::Varchar && text.starts_with(['{', '[']) {
        true => Ok(Value::Text(text.to_owned())),
        false => read_item(text, ty, timestamp),
    }
}

fn read_item(part: &str, ty: DataType, timestamp: &TimestampFormat) -> Result<Value, Reason> {
    let is_row = matches!(ty, DataType::Row(_) | DataType::Map(..));
    match part {
        "null" => Ok(Value::Null),
        part if part.starts_with('[') || is_row && part.starts_with('{') => {
            read(part.as_bytes(), ty, timestamp)
        }
        part if part.starts_with('"') => {
            let string: String = serde_json::from_str(part).map_err(|_| Reason::Json)?;
            match ty.is_nested() {
                true => Err(Reason::Json),
                false => field::read(ty, timestamp, string.as_bytes()),
            }
        }
        part => field::read(ty, timestamp, part.as_bytes()),
    }
}

/// The members of an object.
fn members(text: &str) -> Result<Vec<(String, String)>, Reason> {
    let parts = split(text, true)?;
    let members = parts.iter().map(|part| {
        let (name, value) = member(part)?;
        Ok((name, value.to_owned()))
    });
    members.collect()
}

/// The name and the value of a member.
fn member(text: &str) -> Result<(String, &str), Reason> {
    let mut escaped = false;
    let is_end = |(_, c): &(usize, char)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    };
    let inside = text.strip_prefix('"').ok_or(Reason::Json)?;
    let (end, _) = inside.char_indices().find(is_end).ok_or(Reason::Json)?;
    let (name, rest) = text.split_at(end + 2);
    let name = serde_json::from_str(name).map_err(|_| Reason::Json)?;
    let value = rest.trim_start().strip_prefix(':').ok_or(Reason::Json)?;
    match value.trim() {
        "" => Err(Reason::Json),
        value => Ok((name, value)),
    }
}

/// Whether there are objects in values of the type.
fn holds_rows(ty: DataType) -> bool {
    match ty {
        DataType::Row(_) | DataType::Map(..) => true,
        DataType::Array(element) => holds_rows(*element),
        _ => false,
    }
}

/// The parts between commas that are in no string and no inner array or, where `objects` says so, object.
fn split(text: &str, objects: bool) -> Result<Vec<String>, Reason> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut parts = vec![String::new()];
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for c in text.chars() {
        let last = parts.last_mut().ok_or(Reason::Json)?;
        match c {
            _ if quoted => {
                quoted = escaped || c != '"';
                escaped = c == '\\' && !escaped;
            }
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            '"' => quoted = true,
            '[' => depth += 1,
            ']' => depth -= 1,
            '{' if objects => depth += 1,
            '}' if objects => depth -= 1,
            _ => {}
        }
        last.push(c);
    }
    let parts: Vec<String> = parts.iter().map(|part| part.trim().to_owned()).collect();
    if depth != 0 || quoted || parts.iter().any(String::is_empty) {
        return Err(Reason::Json);
    }
    Ok(parts)
}

/// Calls `function`; only what makes values takes NULLs.
pub fn call(function: NestedFunction, args: &[Value], types: &[DataType]) -> Result<Value, Reason> {
    use NestedFunction as F;
    let keys = args.iter().step_by(2);
    if function == F::Map && keys.clone().any(|key| *key == Value::Null) {
        return Err(Reason::Domain);
    }
    if matches!(function, F::Array | F::Row | F::Map) {
        let made = match function {
            F::Map => {
                let values = args.iter().skip(1).step_by(2);
                let entries = keys.cloned().zip(values.cloned());
                map::make(entries.collect(), (types[0], types[1]))
            }
            _ => encode(args, types),
        };
        let fits = made
            .as_bytes()
            .is_some_and(|bytes| bytes.len() <= FUNCTION_TEXT_BYTES_MAX);
        return if fits { Ok(made) } else { Err(Reason::Domain) };
    }
    if args.contains(&Value::Null) {
        return Ok(Value::Null);
    }
    let items = decode(&args[0], types[0]);
    if function == F::MapFromArrays || matches!(types[0], DataType::Map(..)) {
        return map::call(function, items, args, types);
    }
    let item = |at: i128| {
        let at = usize::try_from(at).ok()?;
        items.get(at).map(|item| item.0.clone())
    };
    match function {
        F::Slice => {
            let place = |at: &Value| match unscaled(at) {
                at if at < 0 => at + items.len() as i128 + 1,
                at => at,
            };
            let (first, last) = (place(&args[1]), place(&args[2]));
            let step = args.get(3).map_or(1, unscaled);
            let is_inside = |at: i128| match step < 0 {
                true => last <= at && 1 <= at,
                false => at <= last && at <= items.len() as i128,
            };
            // It begins at the nearest item there is.
            let mut at = match step < 0 {
                true => first.min(items.len() as i128),
                false => first.max(1),
            };
            let mut inside: Vec<Value> = Vec::new();
            while is_inside(at) {
                inside.extend(item(at - 1));
                at += step;
            }
            let types: Vec<DataType> = items.iter().map(|item| item.1).collect();
            Ok(encode(&inside, &types))
        }
        F::Cardinality => Ok(Value::I64(items.len() as i64)),
        F::Element if items.len() > 1 => Err(Reason::Domain),
        F::Element => Ok(item(0).unwrap_or(Value::Null)),
        F::At => Ok(item(unscaled(&args[1]) - 1).unwrap_or(Value::Null)),
        _ => {
            let wanted = encode(&args[1..], &types[1..]);
            let is_it = |(item, ty): &(Value, DataType)| {
                encode(std::slice::from_ref(item), &[*ty]) == wanted
            };
            Ok(Value::Bool(items.iter().any(is_it)))
        }
    }
}

/// The JSON text of a value.
pub fn json(value: &Value, ty: DataType) -> String {
    let items = decode(value, ty);
    let texts = items.iter().map(|(item, ty)| item_text(item, *ty));
    match ty {
        DataType::Row(fields) => {
            let members = fields.iter().zip(texts);
            let members = members.map(|(field, text)| format!("{}:{text}", quoted(field.name)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        DataType::Map(..) => map::json(&texts.collect::<Vec<_>>()),
        _ => format!("[{}]", texts.collect::<Vec<_>>().join(",")),
    }
}

fn item_text(item: &Value, ty: DataType) -> String {
    match (item, ty) {
        (Value::Null, _) => "null".to_owned(),
        (Value::F64(number), _) if !number.is_finite() => "null".to_owned(),
        _ if ty == DataType::Boolean || ty.is_nested() => text_of(item, ty, &TimestampFormat::Iso),
        _ if ty.is_numeric() => text_of(item, ty, &TimestampFormat::Iso),
        _ => quoted(&text_of(item, ty, &TimestampFormat::Iso)),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
