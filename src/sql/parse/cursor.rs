//! Where the parser stands in a statement's tokens: looking ahead, taking words, and saying what was expected.

use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::words;
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::limits::SQL_DEPTH_MAX;
use crate::sql::Environment;
use crate::sql::ast::{Name, Query};
use crate::sql::dialect::{VeloDialect, is_word};
use crate::sql::lex::{join, plain_word, span_of};

/// sqlparser's own recursion limit: each of our levels costs it one descent for each operator precedence.
const RECURSION_MAX: usize = SQL_DEPTH_MAX * 12;

/// One statement being read. sqlparser's parser holds the tokens; queries and statements are read here, and it
/// is asked for scalar expressions and types only.
pub(super) struct Cursor<'a> {
    pub(super) parser: Parser<'a>,
    pub(super) dialect: &'a VeloDialect,
    pub(super) environment: &'a dyn Environment,
    /// Bytes that option values may still become.
    pub(super) budget: &'a mut usize,
    /// The subqueries of the text so far.
    pub(super) subqueries: &'a mut Vec<Query>,
    /// An alias without AS that was read last: often a keyword with a typo.
    pub(super) last_alias: Option<Name>,
    /// Tokens in all.
    count: usize,
    /// The place behind the last token.
    end: Span,
}

impl<'a> Cursor<'a> {
    /// At the start of `tokens`, which has at least one.
    pub(super) fn new(
        tokens: Vec<TokenWithSpan>,
        dialect: &'a VeloDialect,
        environment: &'a dyn Environment,
        budget: &'a mut usize,
        subqueries: &'a mut Vec<Query>,
    ) -> Self {
        let last = tokens
            .last()
            .map_or_else(Span::default, |token| span_of(token.span));
        let end = Span {
            line: last.end_line,
            column: last.end_column,
            end_line: last.end_line,
            end_column: last.end_column.saturating_add(1),
        };
        Self {
            count: tokens.len(),
            parser: Parser::new(dialect)
                .with_recursion_limit(RECURSION_MAX)
                .with_tokens_with_locations(tokens),
            dialect,
            environment,
            budget,
            subqueries,
            last_alias: None,
            end,
        }
    }

    /// At the start of `tokens`, which stand within the statement.
    pub(super) fn within(&mut self, tokens: Vec<TokenWithSpan>) -> Cursor<'_> {
        Cursor::new(
            tokens,
            self.dialect,
            self.environment,
            self.budget,
            self.subqueries,
        )
    }

    /// Position of the next token.
    pub(super) fn index(&self) -> usize {
        self.parser.index()
    }

    /// Whether all tokens are read.
    pub(super) fn at_end(&self) -> bool {
        self.index() >= self.count
    }

    /// The next token; EOF behind the last.
    pub(super) fn peek(&self) -> &Token {
        self.peek_at(0)
    }

    /// The token `offset` behind the next.
    pub(super) fn peek_at(&self, offset: usize) -> &Token {
        &self.parser.token_at(self.index() + offset).token
    }

    /// The token `offset` behind the next, with its place in sqlparser's terms.
    pub(super) fn token_at(&self, offset: usize) -> &TokenWithSpan {
        self.parser.token_at(self.index() + offset)
    }

    /// Whether the token `offset` behind the next is the word `word`.
    pub(super) fn word_at(&self, offset: usize, word: &str) -> bool {
        is_word(self.peek_at(offset), word)
    }

    /// Whether the next tokens are these words.
    pub(super) fn at_words(&self, words: &[&str]) -> bool {
        words
            .iter()
            .enumerate()
            .all(|(offset, word)| self.word_at(offset, word))
    }

    /// Takes one token if there is one.
    pub(super) fn advance(&mut self) {
        if !self.at_end() {
            self.parser.advance_token();
        }
    }

    /// Takes the words if they are all next.
    pub(super) fn eat_words(&mut self, words: &[&str]) -> bool {
        let found = self.at_words(words);
        if found {
            for _ in words {
                self.parser.advance_token();
            }
        }
        found
    }

    /// Takes the token if it is next.
    pub(super) fn eat(&mut self, token: &Token) -> bool {
        let found = self.peek() == token;
        if found {
            self.advance();
        }
        found
    }

    /// Takes a word that has to be next.
    pub(super) fn expect_word(&mut self, word: &str) -> Result<(), SqlError> {
        if self.eat_words(&[word]) {
            Ok(())
        } else {
            Err(self.expected(word, &[word]))
        }
    }

    /// Takes a token that has to be next.
    pub(super) fn expect(&mut self, token: &Token, context: &str) -> Result<(), SqlError> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{token}` {context}"), &[]))
        }
    }

    /// The place of the next token, or behind the last.
    pub(super) fn here(&self) -> Span {
        self.place(self.index())
    }

    /// The place of the token at `index`.
    pub(super) fn place(&self, index: usize) -> Span {
        if index < self.count {
            span_of(self.parser.token_at(index).span)
        } else {
            self.end
        }
    }

    /// The place from the token at `start` to the last one taken.
    pub(super) fn since(&self, start: usize) -> Span {
        let last = self.index().saturating_sub(1).max(start);
        join(self.place(start), self.place(last))
    }

    /// The place of the token that begins at a line and column, if one does.
    pub(super) fn token_place(&self, line: u64, column: u64) -> Option<Span> {
        let position = (line, column);
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let start = self.parser.token_at(middle).span.start;
            match (start.line, start.column).cmp(&position) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(self.place(middle)),
            }
        }
        None
    }

    /// What stands next, for a message.
    pub(super) fn found(&self) -> String {
        if self.at_end() {
            return "the end of the statement".to_owned();
        }
        shown(self.peek())
    }

    /// A name: any quoted word, or one that is not reserved.
    pub(super) fn name(&mut self, what: &str) -> Result<Name, SqlError> {
        match self.peek() {
            Token::Word(word) if word.quote_style.is_some() || !words::reserved(&word.value) => {
                if word.value.is_empty() {
                    return Err(self.error(SqlErrorKind::Parse, self.here(), "a name is empty"));
                }
                let name = Name {
                    text: word.value.clone(),
                    quoted: word.quote_style.is_some(),
                    span: self.here(),
                };
                self.advance();
                Ok(name)
            }
            Token::Word(_) => Err(self
                .expected(what, &[])
                .with_hint("a keyword used as a name needs double quotes")),
            _ => Err(self.expected(what, &[])),
        }
    }

    /// A name without a qualifier.
    pub(super) fn simple_name(&mut self, what: &str) -> Result<Name, SqlError> {
        let name = self.name(what)?;
        if self.peek() == &Token::Period {
            return Err(self.error(
                SqlErrorKind::Unsupported,
                self.here(),
                format!("{what} cannot be qualified here"),
            ));
        }
        Ok(name)
    }

    /// `(a, b, c)`.
    pub(super) fn name_list(&mut self, what: &str) -> Result<Vec<Name>, SqlError> {
        self.expect(&Token::LParen, &format!("before {what}"))?;
        let mut names = vec![self.simple_name(what)?];
        while self.eat(&Token::Comma) {
            names.push(self.simple_name(what)?);
        }
        self.expect(&Token::RParen, &format!("or `,` after {what}"))?;
        Ok(names)
    }

    /// An error of `kind` at `span`.
    pub(super) fn error(
        &self,
        kind: SqlErrorKind,
        span: Span,
        message: impl Into<String>,
    ) -> SqlError {
        SqlError::new(kind, span, message)
    }

    /// "expected .., found .." at the next token; a typo of one of `candidates` gets a hint.
    pub(super) fn expected(&self, what: &str, candidates: &[&str]) -> SqlError {
        let message = format!("expected {what}, found {}", self.found());
        let error = self.error(SqlErrorKind::Parse, self.here(), message);
        let typo = plain_word(self.peek()).and_then(|word| words::nearest(&word.value, candidates));
        if let Some(meant) = typo {
            return error.with_hint(format!("did you mean {meant}?"));
        }
        error
    }

    /// A construct that this version does not have, from the token at `start` on.
    pub(super) fn unsupported(&self, start: usize, what: &str) -> SqlError {
        let span = join(self.place(start), self.place(self.index().max(start)));
        self.error(
            SqlErrorKind::Unsupported,
            span,
            format!("{what} not supported in this version"),
        )
    }

    /// The next token belongs to nothing: says what could stand there, and whether it is a known clause that is
    /// not built, or an alias before it was a keyword with a typo.
    pub(super) fn leftover(&self, expected: &str, candidates: &[&str]) -> SqlError {
        let clause =
            plain_word(self.peek()).and_then(|word| words::unsupported_clause(&word.value));
        if let Some((what, hint)) = clause {
            let error = self.unsupported(self.index(), what);
            return match hint {
                Some(hint) => error.with_hint(hint),
                None => error,
            };
        }
        let error = self.expected(expected, candidates);
        let alias = self
            .last_alias
            .as_ref()
            .filter(|alias| !alias.quoted && error.hint.is_none());
        match alias.and_then(|alias| Some((alias, words::nearest(&alias.text, candidates)?))) {
            Some((alias, meant)) => {
                let hint = format!(
                    "`{}` was read as an alias; did you mean {meant}?",
                    alias.text
                );
                error.with_hint(hint)
            }
            None => error,
        }
    }
}

/// A token as a message shows it, cut to a readable length.
pub(super) fn shown(token: &Token) -> String {
    let text = token.to_string();
    let mut cut: String = text.chars().take(40).collect();
    if cut.len() < text.len() {
        cut.push_str("..");
    }
    format!("`{cut}`")
}
