//! Functions over JSON in a text: the text is read as a tree, and the path walked down it.

use super::function::text;
use super::json::{Json, Node, document};
use crate::error::Reason;
use crate::plan::JsonFunction;
use crate::types::Value;

enum Step {
    Member(Vec<u8>),
    Item(usize),
}

/// The steps of a path without escapes.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.trim().trim_start_matches("lax ").strip_prefix('$')?;
    let mut steps = Vec::new();
    while let Some(char) = rest.chars().next() {
        rest = &rest[1..];
        let end;
        if char == '.' {
            end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end == 0
                || !rest[..end]
                    .chars()
                    .all(|c| c.is_alphanumeric() || "_-@".contains(c))
            {
                return None;
            }
            steps.push(Step::Member(rest.as_bytes()[..end].to_vec()));
            rest = &rest[end..];
        } else if char == '[' {
            end = rest.find(']')?;
            let inner = &rest[..end];
            steps.push(match inner.strip_prefix(['"', '\'']) {
                Some(name) => Step::Member(name.strip_suffix(['"', '\''])?.as_bytes().to_vec()),
                None => Step::Item(inner.trim().parse().ok()?),
            });
            rest = &rest[end + 1..];
        } else {
            return None;
        }
    }
    Some(steps)
}

fn walk<'a>(json: &'a Json, steps: &[Step]) -> Option<&'a Json> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(json);
    };
    match (step, &json.node) {
        (Step::Member(name), Node::Object(members)) => {
            let member = members.iter().rfind(|member| member.0 == *name)?;
            walk(&member.1, rest)
        }
        (Step::Item(index), Node::Array(items)) => walk(items.get(*index)?, rest),
        _ => None,
    }
}

/// Calls `function` on values that are not NULL.
pub fn call(function: JsonFunction, args: &[Value]) -> Result<Value, Reason> {
    let steps = steps(&text(&args[1])).ok_or(Reason::Domain)?;
    let json = document(text(&args[0]).as_bytes());
    let found = json.as_ref().and_then(|json| walk(json, &steps));
    if function == JsonFunction::Exists {
        return Ok(Value::Bool(found.is_some()));
    }
    let Some(found) = found else {
        return Ok(Value::Null);
    };
    let string = |bytes: &[u8]| Value::Text(String::from_utf8(bytes.to_vec()).expect("UTF-8"));
    let nested = matches!(found.node, Node::Object(_) | Node::Array(_));
    Ok(match (function, &found.node) {
        (JsonFunction::Value, _) if nested => Value::Null,
        (JsonFunction::Query, _) if !nested => Value::Null,
        (JsonFunction::Value | JsonFunction::Text, Node::Null) => Value::Null,
        (JsonFunction::Value | JsonFunction::Text, Node::Text(text)) => string(text),
        _ => string(&found.raw),
    })
}
