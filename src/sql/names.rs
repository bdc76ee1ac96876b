//! Names: comparison, spans, and the nearest known name for hints.

use super::ast::Name;
use crate::error::Span;
use sqlparser::ast::Ident;
use sqlparser::tokenizer::Span as TokenSpan;

/// The place of a token or an expression in our terms.
pub fn span_of(span: TokenSpan) -> Span {
    let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    Span {
        line: number(span.start.line),
        column: number(span.start.column),
        end_line: number(span.end.line),
        end_column: number(span.end.column),
    }
}

/// An identifier of an expression in our terms.
pub fn name_of(ident: &Ident) -> Name {
    Name {
        text: ident.value.clone(),
        quoted: ident.quote_style.is_some(),
        span: span_of(ident.span),
    }
}

/// The positions of the candidates that `name` means: those spelled exactly so, else, unless it is
/// quoted, those that differ in case only.
pub fn find<'a>(name: &Name, candidates: impl Iterator<Item = &'a str> + Clone) -> Vec<usize> {
    let exact: Vec<usize> = positions(candidates.clone(), |text| text == name.text);
    if !exact.is_empty() || name.quoted {
        return exact;
    }
    positions(candidates, |text| text.eq_ignore_ascii_case(&name.text))
}

fn positions<'a>(
    candidates: impl Iterator<Item = &'a str>,
    matches: impl Fn(&str) -> bool,
) -> Vec<usize> {
    candidates
        .enumerate()
        .filter(|(_, text)| matches(text))
        .map(|(at, _)| at)
        .collect()
}

/// Whether `name` means `text`.
pub fn means(name: &Name, text: &str) -> bool {
    name.text == text || (!name.quoted && name.text.eq_ignore_ascii_case(text))
}

/// The known name that is nearest to `name`, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const COMPARED_BYTES_MAX: usize = 128;
    if name.len() > COMPARED_BYTES_MAX {
        return None;
    }
    let wanted = name.to_ascii_lowercase();
    let allowed = (wanted.chars().count() / 3).max(1);
    known
        .into_iter()
        .filter(|text| text.len() <= COMPARED_BYTES_MAX)
        .map(|text| {
            let distance = strsim::damerau_levenshtein(&wanted, &text.to_ascii_lowercase());
            (distance, text)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, text)| text)
}

/// A hint for an unknown name: the nearest one, else the list of all if it is short.
pub fn hint(name: &str, known: &[&str]) -> Option<String> {
    const LISTED_MAX: usize = 24;
    if let Some(near) = nearest(name, known.iter().copied()) {
        return Some(format!("did you mean {near}?"));
    }
    (!known.is_empty() && known.len() <= LISTED_MAX)
        .then(|| format!("known are {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str, quoted: bool) -> Name {
        Name {
            text: text.into(),
            quoted,
            span: Span::default(),
        }
    }

    #[test]
    fn quoted_names_keep_their_case() {
        let columns = ["Price", "price", "size"];
        let find = |text, quoted| find(&name(text, quoted), columns.iter().copied());
        assert_eq!(find("price", false), [1]);
        assert_eq!(find("PRICE", false), [0, 1]);
        assert_eq!(find("SIZE", false), [2]);
        assert_eq!(find("SIZE", true), [0usize; 0]);
    }

    #[test]
    fn nearest_is_near_or_nothing() {
        assert_eq!(nearest("symbl", ["price", "symbol"]), Some("symbol"));
        assert_eq!(nearest("zzz", ["price", "symbol"]), None);
        assert_eq!(nearest("prcie", ["price", "symbol"]), Some("price"));
    }
}
