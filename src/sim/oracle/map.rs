//! MAPs as lists of entries, each key looked for among all.

use super::eval::order;
use super::nested::{decode, encode};
use crate::error::Reason;
use crate::plan::NestedFunction;
use crate::types::{DataType, Value};

/// The MAP of entries as they were written: of each key the last, by rising keys.
pub fn make(written: Vec<(Value, Value)>, (key, value): (DataType, DataType)) -> Value {
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for entry in written {
        entries.retain(|known| order(&known.0, &entry.0).is_ne());
        entries.push(entry);
    }
    entries.sort_by(|a, b| order(&a.0, &b.0));
    let types = [key, value].repeat(entries.len());
    let items: Vec<Value> = entries.into_iter().flat_map(<[Value; 2]>::from).collect();
    encode(&items, &types)
}

/// Calls a function of a MAP's items, or of the keys of MAP_FROM_ARRAYS.
pub fn call(
    function: NestedFunction,
    items: Vec<(Value, DataType)>,
    args: &[Value],
    types: &[DataType],
) -> Result<Value, Reason> {
    use NestedFunction as F;
    let items: Vec<Value> = items.into_iter().map(|item| item.0).collect();
    if function == F::MapFromArrays {
        let (DataType::Array(key), DataType::Array(value)) = (types[0], types[1]) else {
            panic!("two ARRAYs are bound");
        };
        let values: Vec<Value> = decode(&args[1], types[1])
            .into_iter()
            .map(|it| it.0)
            .collect();
        if items.contains(&Value::Null) || items.len() != values.len() {
            return Err(Reason::Domain);
        }
        return Ok(make(
            items.into_iter().zip(values).collect(),
            (*key, *value),
        ));
    }
    let DataType::Map(key, value) = types[0] else {
        panic!("a MAP is bound");
    };
    let all = |items: Vec<&Value>, ty: DataType| {
        let items: Vec<Value> = items.into_iter().cloned().collect();
        encode(&items, &vec![ty; items.len()])
    };
    let keys = items.iter().step_by(2);
    let values = items.iter().skip(1).step_by(2);
    Ok(match function {
        F::Cardinality => Value::I64(items.len() as i64 / 2),
        F::MapKeys => all(keys.collect(), *key),
        F::MapValues => all(values.collect(), *value),
        F::MapEntries => {
            let rows: Vec<Value> = items
                .chunks(2)
                .map(|it| encode(it, &[*key, *value]))
                .collect();
            encode(&rows, &vec![DataType::Varbinary; rows.len()])
        }
        _ => {
            let mut entries = keys.zip(values);
            let found = entries.find(|(key, _)| order(key, &args[1]).is_eq());
            found.map_or(Value::Null, |(_, value)| value.clone())
        }
    })
}

/// The JSON text of a MAP whose items have these.
pub fn json(texts: &[String]) -> String {
    let members = texts.chunks(2).map(|entry| {
        let quoted = entry[0].starts_with('"');
        let mark = if quoted { "" } else { "\"" };
        format!("{mark}{}{mark}:{}", entry[0], entry[1])
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}
