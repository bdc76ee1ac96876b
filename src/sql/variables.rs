//! `${VAR}`, `${VAR:-default}` and `${VAR:?message}` in option values.
//!
//! A default reaches to the next `}` and is taken as it stands; what a variable holds is not read again, so a
//! value cannot smuggle in another one.

use super::Environment;

/// Replaces the variables of `text`; at most `budget` bytes are written, and taken off it.
///
/// # Errors
/// (message, hint) for the user: a variable that is not set, a `${` without end, or too much text.
pub fn expand(
    text: &str,
    environment: &dyn Environment,
    budget: &mut usize,
) -> Result<String, (String, Option<String>)> {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let (plain, reference) = match rest.find("${") {
            Some(at) => (&rest[..at], Some(&rest[at + 2..])),
            None => (rest, None),
        };
        append(&mut out, plain, budget)?;
        let Some(reference) = reference else {
            return Ok(out);
        };
        let Some((inside, tail)) = reference.split_once('}') else {
            return Err((
                "`${` is not closed".to_owned(),
                Some("write ${NAME}".to_owned()),
            ));
        };
        append(&mut out, &value(inside, environment)?, budget)?;
        rest = tail;
    }
}

/// What `${inside}` stands for. As in a shell, `:-` and `:?` hold for an empty variable too.
fn value(inside: &str, environment: &dyn Environment) -> Result<String, (String, Option<String>)> {
    let (name, operator) = inside.split_at(inside.find(':').unwrap_or(inside.len()));
    let mut bytes = name.bytes();
    let valid = bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !valid {
        return Err((
            format!("`{name}` is not the name of an environment variable"),
            Some("names have letters, digits and _".to_owned()),
        ));
    }
    let found = environment.variable(name);
    if let Some(default) = operator.strip_prefix(":-") {
        return Ok(found
            .filter(|value| !value.is_empty())
            .unwrap_or_else(|| default.to_owned()));
    }
    if let Some(message) = operator.strip_prefix(":?") {
        return found.filter(|value| !value.is_empty()).ok_or_else(|| {
            let why = if message.is_empty() {
                "is not set"
            } else {
                message
            };
            (format!("environment variable {name}: {why}"), None)
        });
    }
    if !operator.is_empty() {
        return Err((
            format!("`${{{inside}}}` is not a variable"),
            Some("write ${NAME}, ${NAME:-default} or ${NAME:?message}".to_owned()),
        ));
    }
    found.ok_or_else(|| {
        (
            format!("environment variable {name} is not set"),
            Some(format!("set it, or give a default: ${{{name}:-..}}")),
        )
    })
}

fn append(
    out: &mut String,
    text: &str,
    budget: &mut usize,
) -> Result<(), (String, Option<String>)> {
    match budget.checked_sub(text.len()) {
        Some(left) => *budget = left,
        None => return Err(("option values become too long".to_owned(), None)),
    }
    out.push_str(text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fake;
    impl Environment for Fake {
        fn variable(&self, name: &str) -> Option<String> {
            match name {
                "HOST" => Some("localhost".to_owned()),
                "EMPTY" => Some(String::new()),
                "NESTED" => Some("${HOST}".to_owned()),
                _ => None,
            }
        }
        fn files(&self, _: &str) -> Result<Vec<std::path::PathBuf>, String> {
            Ok(Vec::new())
        }
        fn head(&self, _: &std::path::Path, _: usize) -> Result<Vec<u8>, String> {
            Ok(Vec::new())
        }
    }

    fn run(text: &str) -> Result<String, String> {
        expand(text, &Fake, &mut 1000).map_err(|(message, _)| message)
    }

    #[test]
    fn variables_are_replaced() {
        for (text, result) in [
            ("plain", "plain"),
            ("", ""),
            ("$HOST costs $5", "$HOST costs $5"),
            ("${HOST}:9000", "localhost:9000"),
            ("${HOST}${HOST}", "localhostlocalhost"),
            ("${NOPE:-a b}", "a b"),
            ("${NOPE:-}", ""),
            ("${HOST:-x}", "localhost"),
            ("${EMPTY:-x}", "x"),
            ("[${EMPTY}]", "[]"),
            ("${HOST:?needed}", "localhost"),
            ("${NESTED}", "${HOST}"),
        ] {
            assert_eq!(run(text).as_deref(), Ok(result), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_replaced_is_refused() {
        for (text, part) in [
            ("${NOPE}", "NOPE is not set"),
            ("${NOPE:?give a host}", "NOPE: give a host"),
            ("${EMPTY:?}", "EMPTY: is not set"),
            ("${HOST", "not closed"),
            ("${}", "not the name"),
            ("${1A}", "not the name"),
            ("${A B}", "not the name"),
            ("${HOST:+x}", "is not a variable"),
        ] {
            let error = run(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn growth_is_bounded() {
        let mut budget = 20;
        assert!(expand("${HOST}${HOST}", &Fake, &mut budget).is_ok());
        assert_eq!(budget, 2);
        assert!(expand("${HOST}", &Fake, &mut budget).is_err());
    }
}
