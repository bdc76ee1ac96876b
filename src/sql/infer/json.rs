//! Inference of JSON lines: members of the top object in the order they first appear.

use super::Inferred;
use super::guess::{Guess, schema, time_column, type_of};
use crate::limits::COLUMNS_MAX;
use crate::plan::{FormatPlan, JsonFormat, TimestampFormat};
use crate::types::DataType;
use serde_json::Value;

/// Infers the table in `text`; unless `whole`, its last line may be cut off.
pub fn infer(text: &[u8], whole: bool) -> Result<Inferred, String> {
    let mut lines: Vec<&[u8]> = text
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
        .collect();
    if !whole && !text.ends_with(b"\n") {
        lines.pop();
    }
    let mut names: Vec<String> = Vec::new();
    let mut guesses: Vec<Guess> = Vec::new();
    let mut nested: Vec<String> = Vec::new();
    let mut objects = 0;
    for line in lines {
        let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(line) else {
            continue;
        };
        objects += 1;
        for key in keys_in_order(line) {
            let Some(value) = members.get(&key) else {
                continue;
            };
            if value.is_object() || value.is_array() {
                if !nested.contains(&key) {
                    nested.push(key);
                }
                continue;
            }
            let at = match names.iter().position(|name| *name == key) {
                Some(at) => at,
                None if names.len() == COLUMNS_MAX => continue,
                None => {
                    names.push(key);
                    guesses.push(Guess::default());
                    names.len() - 1
                }
            };
            take(&mut guesses[at], value);
        }
    }
    if objects == 0 || names.is_empty() {
        return Err("its head holds no JSON object with plain members on a line".into());
    }
    Ok(table(names, &guesses, &nested))
}

fn table(names: Vec<String>, guesses: &[Guess], nested: &[String]) -> Inferred {
    let time = time_column(&names, guesses);
    let format = time
        .as_ref()
        .map_or(TimestampFormat::Iso, |time| time.format.clone());
    let schema = schema(&names, guesses, time.as_ref());
    let mut reason = time
        .as_ref()
        .map_or("no time column found".to_owned(), |time| {
            time.reason.clone()
        });
    if !nested.is_empty() {
        reason.push_str(&format!(
            "; nested members are left out: {} (declare them with 'json.path.NAME')",
            nested.join(", ")
        ));
    }
    Inferred {
        schema,
        format: FormatPlan::Json(JsonFormat {
            paths: names.into_iter().map(|name| vec![name]).collect(),
            timestamp: format,
        }),
        time: time.map(|time| time.at),
        reason,
    }
}

fn take(guess: &mut Guess, value: &Value) {
    match value {
        Value::Null => guess.null(),
        Value::Bool(_) => guess.merge(DataType::Boolean),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => {
                guess.integer(integer);
                guess.merge(DataType::BigInt);
            }
            None => guess.merge(DataType::Double),
        },
        Value::String(text) => match type_of(text) {
            // Numbers in quotes are common in feeds; other texts keep their type too.
            DataType::BigInt | DataType::Double | DataType::Date | DataType::Timestamp => {
                guess.text(text);
            }
            _ => guess.merge(DataType::Varchar),
        },
        Value::Array(_) | Value::Object(_) => {}
    }
}

/// The member names of the top object in their order, of a line that is known to be valid.
fn keys_in_order(line: &[u8]) -> Vec<String> {
    let mut keys = Vec::new();
    let (mut depth, mut at, mut expects_key) = (0u32, 0, false);
    while at < line.len() {
        match line[at] {
            b'{' | b'[' => {
                depth += 1;
                expects_key = depth == 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => expects_key = depth == 1,
            b'"' => {
                let end = string_end(line, at);
                if expects_key && depth == 1 {
                    keys.extend(serde_json::from_slice::<String>(&line[at..end]));
                    expects_key = false;
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    keys
}

/// The index behind the string that starts at `from`.
fn string_end(line: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < line.len() {
        match line[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_types() {
        let text = br#"{"z":1735689600000,"ts":1735689600000,"price":1.5,"n":null,"d":{"a":1}}
{"ts":1735689600001,"price":2,"side":"B","n":true,"id":"12"}
{"cut":"#;
        let inferred = infer(text, false).expect("a table");
        let shown: Vec<String> = inferred
            .schema
            .fields
            .iter()
            .map(|field| format!("{} {}", field.name, field.ty))
            .collect();
        assert_eq!(
            shown.join(", "),
            "z BIGINT, ts TIMESTAMP, price DOUBLE, n BOOLEAN, side VARCHAR, id BIGINT"
        );
        assert_eq!(inferred.time, Some(1));
        assert!(
            inferred.reason.contains("left out: d"),
            "{}",
            inferred.reason
        );
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert!(infer(b"[1,2]\n3\n", true).is_err());
        assert!(infer(b"{}\n", true).is_err());
    }

    #[test]
    fn keys_survive_escapes() {
        assert_eq!(
            keys_in_order(br#"{"a\"b": "}", "c" : [1, {"x":2}], "d":"e"}"#),
            ["a\"b", "c", "d"]
        );
    }
}
