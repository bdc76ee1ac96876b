//! Functions over texts, one row at a time, on lists of characters.

use super::digest;
use super::eval::unscaled;
use super::function::text;
use crate::error::Reason;
use crate::limits::FUNCTION_TEXT_BYTES_MAX;
use crate::plan::TextFunction;
use crate::types::Value;

fn made(text: String) -> Result<Value, Reason> {
    if text.len() > FUNCTION_TEXT_BYTES_MAX {
        return Err(Reason::Domain);
    }
    Ok(Value::Text(text))
}

/// Calls `function` on values that are not NULL.
pub fn call(function: TextFunction, args: &[Value]) -> Result<Value, Reason> {
    use TextFunction as T;
    if function == T::ToHex {
        return Ok(Value::Text(match &args[0] {
            Value::Text(_) | Value::Bytes(_) => {
                let bytes = args[0].as_bytes().unwrap_or_default();
                bytes.iter().map(|byte| format!("{byte:02x}")).collect()
            }
            number => format!("{:x}", unscaled(number) as i64),
        }));
    }
    match (function, args[0].as_bytes()) {
        (T::Md5, Some(bytes)) => return Ok(Value::Text(digest::md5(bytes))),
        (T::Sha256, Some(bytes)) => return Ok(Value::Text(digest::sha256(bytes))),
        _ => {}
    }
    let subject = text(&args[0]);
    let chars: Vec<char> = subject.chars().collect();
    match function {
        T::Reverse => Ok(Value::Text(chars.into_iter().rev().collect())),
        T::Left | T::Right | T::Repeat | T::PadLeft | T::PadRight => {
            counted(function, &chars, args)
        }
        T::SplitPart | T::SplitIndex => split(function, &subject, args),
        _ => beside(function, &subject, &text(&args[1]), args),
    }
}

/// Functions of a text and a number.
fn counted(function: TextFunction, chars: &[char], args: &[Value]) -> Result<Value, Reason> {
    use TextFunction as T;
    let (count, len) = (unscaled(&args[1]), chars.len() as i128);
    let kept = if count < 0 {
        (len + count).max(0)
    } else {
        count.min(len)
    };
    match function {
        T::Left => Ok(Value::Text(chars[..kept as usize].iter().collect())),
        T::Right => Ok(Value::Text(chars[(len - kept) as usize..].iter().collect())),
        T::Repeat => {
            let text: String = chars.iter().collect();
            if text.is_empty() || count <= 0 {
                return Ok(Value::Text(String::new()));
            }
            if text.len() as i128 * count > FUNCTION_TEXT_BYTES_MAX as i128 {
                return Err(Reason::Domain);
            }
            Ok(Value::Text(text.repeat(count as usize)))
        }
        _ => {
            if count > FUNCTION_TEXT_BYTES_MAX as i128 {
                return Err(Reason::Domain);
            }
            let count = count.max(0) as usize;
            let pad: Vec<char> = text(&args[2]).chars().collect();
            let mut fill = Vec::new();
            while !pad.is_empty() && fill.len() + chars.len() < count {
                fill.push(pad[fill.len() % pad.len()]);
            }
            let kept = chars.iter().take(count);
            made(if function == T::PadLeft {
                fill.iter().chain(kept).collect()
            } else {
                kept.chain(&fill).collect()
            })
        }
    }
}

fn split(function: TextFunction, subject: &str, args: &[Value]) -> Result<Value, Reason> {
    let delimiter = text(&args[1]);
    let number = unscaled(&args[2]);
    let parts: Vec<&str> = if delimiter.is_empty() {
        vec![subject]
    } else {
        subject.split(delimiter.as_str()).collect()
    };
    let part = |index: i128| {
        let index = usize::try_from(index).ok()?;
        parts.get(index).map(|part| Value::Text((*part).to_owned()))
    };
    if function == TextFunction::SplitIndex {
        return Ok(part(number).unwrap_or(Value::Null));
    }
    let found = match number {
        0 => return Err(Reason::Domain),
        1.. => part(number - 1),
        _ => part(parts.len() as i128 + number),
    };
    Ok(found.unwrap_or(Value::Text(String::new())))
}

/// Functions of a text and another one.
fn beside(
    function: TextFunction,
    subject: &str,
    other: &str,
    args: &[Value],
) -> Result<Value, Reason> {
    use TextFunction as T;
    let set: Vec<char> = other.chars().collect();
    Ok(match function {
        T::TrimBoth => Value::Text(subject.trim_matches(&set[..]).to_owned()),
        T::TrimStart => Value::Text(subject.trim_start_matches(&set[..]).to_owned()),
        T::TrimEnd => Value::Text(subject.trim_end_matches(&set[..]).to_owned()),
        T::Replace if other.is_empty() => Value::Text(subject.to_owned()),
        T::Replace => return made(subject.replace(other, &text(&args[2]))),
        T::Position => Value::I64(match subject.find(other) {
            Some(at) => subject[..at].chars().count() as i64 + 1,
            None => 0,
        }),
        T::StartsWith => Value::Bool(subject.starts_with(other)),
        T::EndsWith => Value::Bool(subject.ends_with(other)),
        T::Contains => Value::Bool(subject.contains(other)),
        other => unreachable!("{other:?} is handled before"),
    })
}

/// CONCAT_WS, which skips NULLs.
pub fn concat_ws(args: &[Value]) -> Value {
    if args[0] == Value::Null {
        return Value::Null;
    }
    let parts = args[1..].iter().filter(|arg| **arg != Value::Null);
    let parts: Vec<String> = parts.map(text).collect();
    Value::Text(parts.join(&text(&args[0])))
}
