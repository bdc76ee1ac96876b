//! LIKE and ILIKE with a constant pattern, in time linear in the text.
//!
//! A pattern without `_` is a prefix, a suffix, and pieces found one after the other from the left. Others, and
//! ILIKE, run as an automaton whose states are the bits of a word (Shift-And: Baeza-Yates and Gonnet, "A new
//! approach to text searching", 1992): bit j is set when the first j elements of the pattern match the text so
//! far; a `%` before element j lets state j stay.

use super::kernel::{Operand, add_nulls, data_of};
use crate::batch::{Column, Rows};
use memchr::memmem::Finder;

/// A compiled pattern.
pub(super) struct Like {
    matcher: Matcher,
    negated: bool,
}

enum Matcher {
    /// No wildcard.
    Exact(Vec<u8>),
    /// `prefix % piece % .. % suffix`.
    Pieces {
        prefix: Vec<u8>,
        pieces: Vec<Finder<'static>>,
        suffix: Vec<u8>,
    },
    Automaton(Automaton),
}

/// A part of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    /// This character.
    Char(char),
    /// `_`
    AnyChar,
    /// `%`
    AnyText,
}

impl Like {
    /// Compiles `pattern`; an escape character at its end stands for itself.
    pub(super) fn new(
        pattern: &str,
        escape: Option<char>,
        ignore_case: bool,
        negated: bool,
    ) -> Self {
        let elements = elements(pattern, escape);
        let matcher = if ignore_case || elements.contains(&Element::AnyChar) {
            Matcher::Automaton(Automaton::new(&elements, ignore_case))
        } else {
            by_pieces(&elements)
        };
        Self { matcher, negated }
    }

    /// Evaluates `input LIKE pattern` into `out`, a prepared BOOLEAN column.
    pub(super) fn eval(&mut self, input: Operand<'_>, rows: Rows<'_>, out: &mut Column) {
        let len = out.len();
        if !add_nulls(&mut out.nulls, input, len) {
            return;
        }
        let values = data_of!(out.data, Bool);
        let texts = input.texts();
        let negated = self.negated;
        match &mut self.matcher {
            Matcher::Exact(exact) => {
                rows.for_each(|row| values[row] = (texts.get(row) == exact.as_slice()) != negated);
            }
            Matcher::Pieces {
                prefix,
                pieces,
                suffix,
            } => rows.for_each(|row| {
                values[row] = match_pieces(texts.get(row), prefix, pieces, suffix) != negated;
            }),
            Matcher::Automaton(automaton) => rows.for_each(|row| {
                values[row] = automaton.matches(texts.get_str(row)) != negated;
            }),
        }
    }
}

fn elements(pattern: &str, escape: Option<char>) -> Vec<Element> {
    let mut elements = Vec::new();
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        let element = if Some(char) == escape {
            Element::Char(chars.next().unwrap_or(char))
        } else {
            match char {
                '%' => Element::AnyText,
                '_' => Element::AnyChar,
                _ => Element::Char(char),
            }
        };
        if element != Element::AnyText || elements.last() != Some(&Element::AnyText) {
            elements.push(element);
        }
    }
    elements
}

fn by_pieces(elements: &[Element]) -> Matcher {
    let mut parts: Vec<Vec<u8>> = elements
        .split(|&element| element == Element::AnyText)
        .map(|part| {
            let chars = part.iter().filter_map(|element| match element {
                Element::Char(char) => Some(*char),
                Element::AnyChar | Element::AnyText => None,
            });
            chars.collect::<String>().into_bytes()
        })
        .collect();
    let suffix = parts.pop().expect("split gives at least one part");
    if parts.is_empty() {
        return Matcher::Exact(suffix);
    }
    let prefix = parts.remove(0);
    let pieces = parts
        .iter()
        .map(|part| Finder::new(part).into_owned())
        .collect();
    Matcher::Pieces {
        prefix,
        pieces,
        suffix,
    }
}

fn match_pieces(text: &[u8], prefix: &[u8], pieces: &[Finder<'_>], suffix: &[u8]) -> bool {
    let Some(mut rest) = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_suffix(suffix))
    else {
        return false;
    };
    for piece in pieces {
        let Some(at) = piece.find(rest) else {
            return false;
        };
        rest = &rest[at + piece.needle().len()..];
    }
    true
}

/// A Shift-And automaton over code points; each mask has one bit a state, in words of 64.
struct Automaton {
    ignore_case: bool,
    /// Index of the accepting state: the number of elements that take a character.
    accepting: usize,
    /// States that may stay: those behind a `%`.
    stay: Vec<u64>,
    /// States that an ASCII character advances.
    ascii: Vec<Vec<u64>>,
    /// The same for the other characters of the pattern.
    others: Vec<(char, Vec<u64>)>,
    /// The same for characters that the pattern does not name.
    unnamed: Vec<u64>,
    // State.
    states: Vec<u64>,
}

impl Automaton {
    fn new(elements: &[Element], ignore_case: bool) -> Self {
        let takers = || elements.iter().filter(|&&e| e != Element::AnyText);
        let accepting = takers().count();
        let words = accepting / 64 + 1;
        let fold = |char: char| {
            if ignore_case {
                char.to_ascii_lowercase()
            } else {
                char
            }
        };
        let mask = |wanted: Option<char>| {
            let mut mask = vec![0; words];
            for (state, element) in takers().enumerate() {
                let advances = match element {
                    Element::Char(char) => wanted == Some(fold(*char)),
                    Element::AnyChar | Element::AnyText => true,
                };
                mask[state / 64] |= u64::from(advances) << (state % 64);
            }
            mask
        };
        let mut stay = vec![0; words];
        let mut state = 0;
        for element in elements {
            match element {
                Element::AnyText => stay[state / 64] |= 1 << (state % 64),
                Element::Char(_) | Element::AnyChar => state += 1,
            }
        }
        let mut others: Vec<char> = elements
            .iter()
            .filter_map(|element| match element {
                Element::Char(char) if !char.is_ascii() => Some(*char),
                _ => None,
            })
            .collect();
        others.sort_unstable();
        others.dedup();
        Self {
            ignore_case,
            accepting,
            stay,
            ascii: (0..128u8).map(|byte| mask(Some(byte.into()))).collect(),
            others: others
                .iter()
                .map(|&char| (char, mask(Some(char))))
                .collect(),
            unnamed: mask(None),
            states: vec![0; words],
        }
    }

    fn matches(&mut self, text: &str) -> bool {
        self.states.fill(0);
        self.states[0] = 1;
        for char in text.chars() {
            let mask = if char.is_ascii() {
                let byte = char as u8;
                let byte = if self.ignore_case {
                    byte.to_ascii_lowercase()
                } else {
                    byte
                };
                &self.ascii[usize::from(byte)]
            } else {
                match self.others.binary_search_by_key(&char, |other| other.0) {
                    Ok(at) => &self.others[at].1,
                    Err(_) => &self.unnamed,
                }
            };
            let (mut carry, mut alive) = (0, 0);
            for ((states, &mask), &stay) in self.states.iter_mut().zip(mask).zip(&self.stay) {
                let advanced = *states & mask;
                *states = (advanced << 1) | carry | (*states & stay);
                carry = advanced >> 63;
                alive |= *states;
            }
            if alive == 0 {
                return false;
            }
        }
        self.states[self.accepting / 64] >> (self.accepting % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{DataType, Value};

    fn matches(like: &mut Like, text: &str) -> bool {
        let mut column = Column::new(DataType::Varchar);
        column.push(&Value::Text(text.to_owned()));
        let input = Operand {
            column: &column,
            constant: false,
        };
        let mut out = Column::new(DataType::Boolean);
        out.reset(1);
        like.eval(input, Rows::All(1), &mut out);
        out.value(0) == Value::Bool(true)
    }

    /// By recursion over the pattern.
    fn naive(text: &[char], pattern: &[char], escape: Option<char>, ignore_case: bool) -> bool {
        let Some((&first, rest)) = pattern.split_first() else {
            return text.is_empty();
        };
        let (wanted, rest) = match (Some(first) == escape, rest.split_first()) {
            (true, Some((&next, rest))) => (next, rest),
            (true, None) => (first, rest),
            (false, _) if first == '%' => {
                return (0..=text.len()).any(|at| naive(&text[at..], rest, escape, ignore_case));
            }
            (false, _) if first == '_' => {
                return !text.is_empty() && naive(&text[1..], rest, escape, ignore_case);
            }
            (false, _) => (first, rest),
        };
        text.first().is_some_and(|&char| {
            char == wanted || (ignore_case && char.eq_ignore_ascii_case(&wanted))
        }) && naive(&text[1..], rest, escape, ignore_case)
    }

    #[test]
    fn agrees_with_recursion() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = move |bound: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 20) as usize % bound
        };
        let alphabet = ['a', 'b', 'A', 'é', 'É', '%', '_', '\\'];
        for round in 0..30_000 {
            let text: String = (0..next(9)).map(|_| alphabet[next(8)]).collect();
            let kinds = 5 + next(4);
            let pattern: String = (0..next(8))
                .map(|_| alphabet[8 - 1 - next(kinds.min(8))])
                .collect();
            let escape = (next(2) == 0).then_some('\\');
            let ignore_case = next(3) == 0;
            let mut like = Like::new(&pattern, escape, ignore_case, false);
            let chars: Vec<char> = text.chars().collect();
            let wanted: Vec<char> = pattern.chars().collect();
            assert_eq!(
                matches(&mut like, &text),
                naive(&chars, &wanted, escape, ignore_case),
                "round {round}: {text:?} like {pattern:?} escape {escape:?} ignore case {ignore_case}"
            );
        }
    }

    #[test]
    fn long_patterns_and_texts_stay_linear() {
        let pattern = format!("%{}_b", "a".repeat(200));
        let text = "a".repeat(100_000);
        assert!(!matches(
            &mut Like::new(&pattern, None, false, false),
            &text
        ));
        assert!(matches(
            &mut Like::new(&pattern, None, false, false),
            &format!("{text}b")
        ));
        let pattern = "%a".repeat(40) + "%c";
        assert!(!matches(
            &mut Like::new(&pattern, None, false, false),
            &text
        ));
        assert!(!matches(&mut Like::new(&pattern, None, true, false), &text));
        assert!(matches(&mut Like::new(&pattern, None, true, true), &text));
    }
}
