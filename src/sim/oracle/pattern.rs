//! Regular expressions by backtracking, the plainest way: alternatives and repetitions are tried in order, the first
//! that leads to a match wins. Known are characters, `.`, classes, `\d \w \s \b`, groups, `(?i)` and `(?s)` at the start,
//! `(?:`, `|`, `* + ? {m,n}` and their lazy forms, `^` and `$`.

use super::eval::unscaled;
use super::function::text;
use crate::error::Reason;
use crate::limits::FUNCTION_TEXT_BYTES_MAX;
use crate::plan::PatternFunction;
use crate::types::Value;

#[derive(Clone, Debug)]
enum Node {
    Any,
    Start,
    End,
    Boundary,
    /// Ranges, and whether those outside are meant.
    Class(Vec<(char, char)>, bool),
    Group(Option<usize>, Box<Node>),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    /// Least, most, greedy.
    Repeat(Box<Node>, usize, usize, bool),
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    groups: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, char: char) -> bool {
        let found = self.peek() == Some(char);
        self.at += usize::from(found);
        found
    }

    fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += 1;
        Some(char)
    }

    fn either(&mut self) -> Option<Node> {
        let mut arms = vec![self.sequence()?];
        while self.take('|') {
            arms.push(self.sequence()?);
        }
        Some(Node::Either(arms))
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut parts = Vec::new();
        while !matches!(self.peek(), None | Some('|' | ')')) {
            let atom = self.atom()?;
            parts.push(self.repeated(atom)?);
        }
        Some(Node::Sequence(parts))
    }

    fn repeated(&mut self, atom: Node) -> Option<Node> {
        let (least, most) = match self.peek() {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            Some('{') => {
                let close = self.chars[self.at..].iter().position(|c| *c == '}')?;
                let body: String = self.chars[self.at + 1..self.at + close].iter().collect();
                self.at += close;
                let (least, most) = body.split_once(',').unwrap_or((&body, &body));
                let most = if most.is_empty() {
                    Some(usize::MAX)
                } else {
                    most.parse().ok()
                };
                (least.parse().ok()?, most?)
            }
            _ => return Some(atom),
        };
        self.at += 1;
        let greedy = !self.take('?');
        let again = Node::Repeat(Box::new(atom), least, most, greedy);
        self.repeated(again)
    }

    fn atom(&mut self) -> Option<Node> {
        match self.next()? {
            '.' => Some(Node::Any),
            '^' => Some(Node::Start),
            '$' => Some(Node::End),
            '(' => {
                let group = if self.take('?') {
                    self.take(':').then_some(None)?
                } else {
                    self.groups += 1;
                    Some(self.groups)
                };
                let inner = self.either()?;
                self.take(')').then(|| Node::Group(group, Box::new(inner)))
            }
            '[' => {
                let negated = self.take('^');
                let mut ranges = Vec::new();
                while !self.take(']') {
                    let from = match self.next()? {
                        '\\' => self.next()?,
                        char => char,
                    };
                    let to = if self.take('-') { self.next()? } else { from };
                    ranges.push((from, to));
                }
                Some(Node::Class(ranges, negated))
            }
            '\\' => Some(match self.next()? {
                'b' => Node::Boundary,
                'd' => Node::Class(vec![('0', '9')], false),
                'w' => Node::Class(
                    [
                        ('a', 'z'),
                        ('A', 'Z'),
                        ('0', '9'),
                        ('_', '_'),
                        ('À', 'Ö'),
                        ('Ø', 'ö'),
                        ('ø', 'ÿ'),
                    ]
                    .to_vec(),
                    false,
                ),
                's' => Node::Class(vec![(' ', ' '), ('\t', '\r')], false),
                char if char.is_alphanumeric() => return None,
                char => Node::Class(vec![(char, char)], false),
            }),
            '*' | '+' | '?' | ')' => None,
            char => Some(Node::Class(vec![(char, char)], false)),
        }
    }
}

/// Start and end of each group, the whole match first.
type Groups = Vec<Option<(usize, usize)>>;

struct Machine<'a> {
    text: &'a [char],
    dot_all: bool,
    fold: bool,
}

impl Machine<'_> {
    /// Whether `node` matches from `at` and `rest` what follows.
    fn run(
        &self,
        node: &Node,
        at: usize,
        groups: &mut Groups,
        rest: &mut dyn FnMut(usize, &mut Groups) -> bool,
    ) -> bool {
        match node {
            Node::Start => at == 0 && rest(at, groups),
            Node::End => at == self.text.len() && rest(at, groups),
            Node::Boundary => {
                let word = |at: Option<usize>| {
                    at.and_then(|at| self.text.get(at))
                        .is_some_and(|c| c.is_alphanumeric() || *c == '_')
                };
                word(at.checked_sub(1)) != word(Some(at)) && rest(at, groups)
            }
            Node::Any => {
                let fits = self
                    .text
                    .get(at)
                    .is_some_and(|c| self.dot_all || *c != '\n');
                fits && rest(at + 1, groups)
            }
            Node::Class(ranges, negated) => {
                let Some(&char) = self.text.get(at) else {
                    return false;
                };
                let within = |char: char| {
                    ranges
                        .iter()
                        .any(|(from, to)| (*from..=*to).contains(&char))
                };
                let folded = self.fold
                    && (within(char.to_ascii_lowercase()) || within(char.to_ascii_uppercase()));
                (within(char) || folded) != *negated && rest(at + 1, groups)
            }
            Node::Group(number, inner) => self.run(inner, at, groups, &mut |end, groups| {
                let Some(number) = *number else {
                    return rest(end, groups);
                };
                let before = groups[number].replace((at, end));
                rest(end, groups) || {
                    groups[number] = before;
                    false
                }
            }),
            Node::Sequence(parts) => self.sequence(parts, at, groups, rest),
            Node::Either(arms) => arms.iter().any(|arm| self.run(arm, at, groups, rest)),
            Node::Repeat(inner, least, most, greedy) => {
                self.repeat((inner, *least, *most, *greedy), at, groups, rest)
            }
        }
    }

    fn sequence(
        &self,
        parts: &[Node],
        at: usize,
        groups: &mut Groups,
        rest: &mut dyn FnMut(usize, &mut Groups) -> bool,
    ) -> bool {
        match parts.split_first() {
            None => rest(at, groups),
            Some((first, others)) => self.run(first, at, groups, &mut |end, groups| {
                self.sequence(others, end, groups, rest)
            }),
        }
    }

    fn repeat(
        &self,
        (inner, least, most, greedy): (&Node, usize, usize, bool),
        at: usize,
        groups: &mut Groups,
        rest: &mut dyn FnMut(usize, &mut Groups) -> bool,
    ) -> bool {
        if !greedy && least == 0 && rest(at, groups) {
            return true;
        }
        let again = most > 0
            && self.run(inner, at, groups, &mut |end, groups| {
                let next = (
                    inner,
                    least.saturating_sub(1),
                    most.saturating_sub(1),
                    greedy,
                );
                // An empty round more would go on for ever.
                (end > at || least > 0) && self.repeat(next, end, groups, rest)
            });
        again || (greedy && least == 0 && rest(at, groups))
    }
}

struct Pattern {
    node: Node,
    groups: usize,
    dot_all: bool,
    fold: bool,
}

fn compile(pattern: &str) -> Result<Pattern, Reason> {
    let (mut rest, mut fold, mut dot_all) = (pattern, false, false);
    loop {
        if let Some(tail) = rest.strip_prefix("(?i)") {
            (rest, fold) = (tail, true);
        } else if let Some(tail) = rest.strip_prefix("(?s)") {
            (rest, dot_all) = (tail, true);
        } else {
            break;
        }
    }
    let chars: Vec<char> = rest.chars().collect();
    let mut parser = Parser {
        chars,
        at: 0,
        groups: 0,
    };
    let node = parser.either().ok_or(Reason::Domain)?;
    if parser.at < parser.chars.len() {
        return Err(Reason::Domain);
    }
    let groups = parser.groups;
    Ok(Pattern {
        node,
        groups,
        dot_all,
        fold,
    })
}

impl Pattern {
    /// The first match that begins at or behind `from`.
    fn find(&self, text: &[char], from: usize) -> Option<Groups> {
        let machine = Machine {
            text,
            dot_all: self.dot_all,
            fold: self.fold,
        };
        (from..=text.len()).find_map(|start| {
            let mut groups: Groups = vec![None; self.groups + 1];
            machine
                .run(&self.node, start, &mut groups, &mut |end, groups| {
                    groups[0] = Some((start, end));
                    true
                })
                .then_some(groups)
        })
    }
}

/// Calls `function` on values that are not NULL.
pub fn call(function: PatternFunction, args: &[Value]) -> Result<Value, Reason> {
    let chars: Vec<char> = text(&args[0]).chars().collect();
    let pattern = compile(&text(&args[1]))?;
    match function {
        PatternFunction::Like => Ok(Value::Bool(pattern.find(&chars, 0).is_some())),
        PatternFunction::Extract => {
            let group = usize::try_from(unscaled(&args[2])).map_err(|_| Reason::Domain)?;
            if group > pattern.groups {
                return Err(Reason::Domain);
            }
            let found = pattern.find(&chars, 0).and_then(|groups| groups[group]);
            Ok(found.map_or(Value::Null, |(start, end)| {
                Value::Text(chars[start..end].iter().collect())
            }))
        }
        PatternFunction::Replace => replace(&pattern, &chars, &text(&args[2])),
    }
}

fn replace(pattern: &Pattern, chars: &[char], to: &str) -> Result<Value, Reason> {
    let (mut out, mut at, mut copied, mut last_end) = (String::new(), 0, 0, None);
    while at <= chars.len()
        && let Some(groups) = pattern.find(chars, at)
    {
        let (start, end) = groups[0].expect("a match has bounds");
        at = end + usize::from(start == end);
        if start == end && last_end == Some(start) {
            continue;
        }
        last_end = Some(end);
        out.extend(&chars[copied..start]);
        copied = end;
        expand(to, &groups, chars, &mut out);
        if out.len() > FUNCTION_TEXT_BYTES_MAX {
            return Err(Reason::Domain);
        }
    }
    out.extend(&chars[copied..]);
    Ok(Value::Text(out))
}

fn expand(to: &str, groups: &Groups, chars: &[char], out: &mut String) {
    let mut rest = to;
    while let Some(char) = rest.chars().next() {
        rest = &rest[char.len_utf8()..];
        if char == '$' && rest.starts_with('$') {
            out.push('$');
            rest = &rest[1..];
            continue;
        }
        let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
        if char != '$' || digits == 0 {
            out.push(char);
            continue;
        }
        let group: usize = rest[..digits].parse().expect("digits");
        rest = &rest[digits..];
        if let Some(Some((start, end))) = groups.get(group) {
            out.extend(&chars[*start..*end]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_are_leftmost_and_the_first_alternative_wins() {
        for (pattern, text, expected) in [
            ("a|ab", "xab", Some("a")),
            ("a+?b", "caab", Some("aab")),
            ("(a|b)*c", "abac", Some("abac")),
            ("^b", "ab", None),
            ("[^0-9]{2,3}$", "1abcd", Some("bcd")),
            (r"\d+\.\d", "x12.5", Some("12.5")),
            ("(?i)É|a", "A", Some("A")),
            ("(a*)*b", "aab", Some("aab")),
        ] {
            let chars: Vec<char> = text.chars().collect();
            let found = compile(pattern).unwrap().find(&chars, 0);
            let found = found.and_then(|groups| groups[0]);
            let found = found.map(|(from, to)| chars[from..to].iter().collect::<String>());
            assert_eq!(found.as_deref(), expected, "{pattern} {text}");
        }
    }
}
