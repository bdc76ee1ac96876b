//! GROUP BY: keys, and the sets of them that GROUPING SETS, ROLLUP and CUBE ask for.

use sqlparser::ast::Expr;
use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::{SqlError, SqlErrorKind};
use crate::limits::GROUPING_SETS_MAX;
use crate::sql::ast::Window;

/// Sets of keys, by the keys' numbers.
type Sets = Vec<Vec<usize>>;

/// What GROUP BY has said so far.
struct Grouping<'w> {
    keys: Vec<Expr>,
    window: &'w mut Option<Window>,
    /// Whether anything but single keys stands there.
    has_sets: bool,
}

impl Cursor<'_> {
    /// The keys, and the sets of them; no sets where GROUP BY names keys only.
    pub(super) fn group_by(
        &mut self,
        window: &mut Option<Window>,
    ) -> Result<(Vec<Expr>, Sets), SqlError> {
        let start = self.index();
        let mut grouping = Grouping {
            keys: Vec::new(),
            window,
            has_sets: false,
        };
        let mut sets: Sets = vec![Vec::new()];
        loop {
            let element = self.grouping_element(&mut grouping)?;
            if sets.len() * element.len() > GROUPING_SETS_MAX {
                return Err(self.too_many_sets(start));
            }
            let with = |set: &Vec<usize>| {
                let set = set.clone();
                element.iter().map(move |more| [&set[..], more].concat())
            };
            sets = sets.iter().flat_map(with).collect();
            if !self.eat(&Token::Comma) {
                break;
            }
        }
        if !grouping.has_sets {
            sets.clear();
        }
        Ok((grouping.keys, sets))
    }

    fn too_many_sets(&self, start: usize) -> SqlError {
        let message = format!("GROUP BY asks for more than {GROUPING_SETS_MAX} sets of keys");
        self.error(SqlErrorKind::Parse, self.since(start), message)
            .with_hint("name the sets that are needed: GROUPING SETS ((a, b), (a), ())")
    }

    fn grouping_element(&mut self, grouping: &mut Grouping<'_>) -> Result<Sets, SqlError> {
        let start = self.index();
        if self.word_at(0, "DISTINCT") {
            return Err(self.unsupported(start, "GROUP BY DISTINCT is"));
        }
        let called = self.peek_at(1) == &Token::LParen;
        if self.eat_words(&["GROUPING", "SETS"]) {
            grouping.has_sets = true;
            self.expect(&Token::LParen, "before the sets")?;
            let mut sets = Vec::new();
            loop {
                sets.extend(self.set_or_element(grouping)?);
                if !self.eat(&Token::Comma) {
                    break;
                }
            }
            self.expect(&Token::RParen, "after the sets")?;
            return Ok(sets);
        }
        if called && (self.word_at(0, "ROLLUP") || self.word_at(0, "CUBE")) {
            grouping.has_sets = true;
            let rolls_up = self.word_at(0, "ROLLUP");
            self.advance();
            self.advance();
            let mut parts = vec![self.key_set(grouping)?];
            while self.eat(&Token::Comma) {
                parts.push(self.key_set(grouping)?);
            }
            self.expect(&Token::RParen, "after the keys")?;
            if rolls_up {
                let prefixes = (0..=parts.len()).rev();
                return Ok(prefixes.map(|count| parts[..count].concat()).collect());
            }
            if 1_usize
                .checked_shl(parts.len() as u32)
                .is_none_or(|it| it > GROUPING_SETS_MAX)
            {
                return Err(self.too_many_sets(start));
            }
            let subsets = (0..1_usize << parts.len()).rev();
            return Ok(subsets.map(|subset| chosen(&parts, subset)).collect());
        }
        if self.peek() == &Token::LParen && self.peek_at(1) == &Token::RParen {
            grouping.has_sets = true;
            self.advance();
            self.advance();
            return Ok(vec![Vec::new()]);
        }
        Ok(vec![self.grouping_key(grouping)?])
    }

    /// An element of GROUPING SETS: `(a, b)` is one set.
    fn set_or_element(&mut self, grouping: &mut Grouping<'_>) -> Result<Sets, SqlError> {
        match self.peek() {
            Token::LParen => Ok(vec![self.key_set(grouping)?]),
            _ => self.grouping_element(grouping),
        }
    }

    /// `(a, b)`, `()` or one key.
    fn key_set(&mut self, grouping: &mut Grouping<'_>) -> Result<Vec<usize>, SqlError> {
        if !self.eat(&Token::LParen) {
            return self.grouping_key(grouping);
        }
        let mut set = Vec::new();
        if self.eat(&Token::RParen) {
            return Ok(set);
        }
        loop {
            set.extend(self.grouping_key(grouping)?);
            if !self.eat(&Token::Comma) {
                break;
            }
        }
        self.expect(&Token::RParen, "or `,` after a key")?;
        Ok(set)
    }

    /// A key's number; nothing for a window, which every set has.
    fn grouping_key(&mut self, grouping: &mut Grouping<'_>) -> Result<Vec<usize>, SqlError> {
        let start = self.index();
        let expr = self.expression()?;
        if let Some(key) = self.window_key(&expr, self.since(start))? {
            self.set_window(grouping.window, key)?;
            return Ok(Vec::new());
        }
        grouping.keys.push(expr);
        Ok(vec![grouping.keys.len() - 1])
    }
}

/// The parts whose bits are set, the first part having the highest.
fn chosen(parts: &[Vec<usize>], subset: usize) -> Vec<usize> {
    let numbered = parts.iter().rev().enumerate();
    let mut chosen: Vec<usize> = numbered
        .filter(|(bit, _)| subset >> bit & 1 == 1)
        .flat_map(|(_, part)| part.iter().copied())
        .collect();
    chosen.sort_unstable();
    chosen
}
