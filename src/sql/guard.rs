//! What keeps hostile text from overflowing the stack: bounds on nesting and on chains, checked before parsing.
//!
//! A tree gets deep in two ways. *Nesting*: brackets, CASE, and prefix operators (`NOT NOT ..`, `- - ..`), each of
//! which the parser descends into. *Chains*: `1 + 1 + 1 ..`, `x::int::int ..`, which it builds in a loop without
//! descending, one level a term, so that dropping the tree is what overflows. Both are bounded by following whether
//! an operand or an operator is due: a word where an operand is due is a name, whatever keyword it is spelled like,
//! so that names cannot be used to hide a chain. Chains of AND and OR may be long, since the parser turns them
//! into balanced trees (see `parse::expression`).
//!
//! The rules hold for sqlparser's tokens, and `text` (in `scan`) applies them to the bytes before: making a
//! million tokens takes a hundred times as long as refusing them.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::lex::{plain_word, span_of};
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::limits::{SQL_CHAIN_MAX, SQL_DEPTH_MAX, SQL_EXPRESSION_DEPTH_MAX};

/// A token as far as it matters here.
#[derive(Clone, Copy)]
pub(super) enum Piece<'t> {
    /// `(`, `[` or `{`.
    Open(Opener),
    /// `)`, `]` or `}`.
    Close(Opener),
    /// `,`.
    Comma,
    /// `.`.
    Period,
    /// `*`.
    Star,
    /// A word without quotes.
    Word(&'t str),
    /// A number, a string or a quoted name.
    Literal,
    /// Anything else.
    Operator,
}

/// Bounds nesting and chains of one statement's tokens.
///
/// # Errors
/// Nesting beyond `SQL_DEPTH_MAX`, chains beyond `SQL_EXPRESSION_DEPTH_MAX` or, in all, `SQL_CHAIN_MAX`, and brackets
/// that do not match.
pub(super) fn chains(statement: &[TokenWithSpan]) -> Result<(), SqlError> {
    let mut guard = Guard::default();
    for token in statement {
        guard
            .piece(piece_of(&token.token))
            .map_err(|trouble| trouble.at(span_of(token.span)))?;
    }
    Ok(())
}

fn piece_of(token: &Token) -> Piece<'_> {
    match token {
        Token::LParen => Piece::Open(Opener::Paren),
        Token::LBracket => Piece::Open(Opener::Bracket),
        Token::LBrace => Piece::Open(Opener::Brace),
        Token::RParen => Piece::Close(Opener::Paren),
        Token::RBracket => Piece::Close(Opener::Bracket),
        Token::RBrace => Piece::Close(Opener::Brace),
        Token::Comma => Piece::Comma,
        Token::Period => Piece::Period,
        Token::Mul => Piece::Star,
        Token::Word(_) => plain_word(token).map_or(Piece::Literal, |word| Piece::Word(&word.value)),
        Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::NationalStringLiteral(_)
        | Token::HexStringLiteral(_)
        | Token::EscapedStringLiteral(_) => Piece::Literal,
        _ => Piece::Operator,
    }
}

/// Why a text is refused.
#[derive(Clone, Copy)]
pub(super) enum Trouble {
    /// Beyond `SQL_DEPTH_MAX`.
    Deep,
    /// Beyond the limits of chains.
    Long,
    /// A closing bracket without its opening one.
    Unmatched(Opener),
}

impl Trouble {
    /// The error at `span`.
    pub(super) fn at(self, span: Span) -> SqlError {
        let error = |message: String| SqlError::new(SqlErrorKind::Parse, span, message);
        match self {
            Self::Deep => error(format!("nested deeper than {SQL_DEPTH_MAX} levels")).with_hint(
                "name inner queries with WITH, or compute inner expressions in a subquery",
            ),
            Self::Long => error(format!(
                "too many operators: an expression can chain {SQL_EXPRESSION_DEPTH_MAX} of them, \
                 a statement {SQL_CHAIN_MAX}"
            ))
            .with_hint("use IN (..) for long comparisons, or split the expression"),
            Self::Unmatched(Opener::Bracket) => error("`]` closes nothing".to_owned()),
            Self::Unmatched(Opener::Brace) => error("`}` closes nothing".to_owned()),
            Self::Unmatched(_) => error("`)` closes nothing".to_owned()),
        }
    }
}

/// What opened a level.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Opener {
    /// The statement itself.
    Statement,
    /// `(`.
    Paren,
    /// `[`.
    Bracket,
    /// `{`.
    Brace,
    /// CASE.
    Case,
}

/// One open bracket or CASE.
struct Level {
    opener: Opener,
    /// Operators since the last separator, AND and OR aside.
    chain: usize,
    /// Prefix operators since the last separator.
    prefixes: usize,
    /// BETWEENs whose AND is still to come.
    betweens: usize,
}

impl Level {
    const fn new(opener: Opener) -> Self {
        Self {
            opener,
            chain: 0,
            prefixes: 0,
            betweens: 0,
        }
    }

    fn separate(&mut self) {
        *self = Self::new(self.opener);
    }
}

/// Where the walk over a statement stands.
pub(super) struct Guard {
    levels: Vec<Level>,
    /// Whether the last piece ended an operand, so that an operator is due.
    operand: bool,
    /// Whether the last piece was a period: a word behind it is part of a name.
    behind_period: bool,
    /// Operators in all.
    total: usize,
    /// Sum of the levels' chains: how deep chains can make the tree here.
    chain: usize,
    /// Open brackets, CASEs and prefix operators.
    depth: usize,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            levels: vec![Level::new(Opener::Statement)],
            operand: false,
            behind_period: false,
            total: 0,
            chain: 0,
            depth: 0,
        }
    }
}

impl Guard {
    /// Takes the next piece.
    ///
    /// # Errors
    /// The limit that is exceeded with it.
    pub(super) fn piece(&mut self, piece: Piece<'_>) -> Result<(), Trouble> {
        let behind_period = std::mem::replace(&mut self.behind_period, false);
        match piece {
            Piece::Open(opener @ (Opener::Bracket | Opener::Brace)) => {
                self.operator();
                self.open(opener);
            }
            Piece::Open(opener) => self.open(opener),
            Piece::Close(opener) => self.close(opener)?,
            Piece::Comma => {
                self.separate();
                self.operand = false;
            }
            Piece::Period => self.behind_period = true,
            Piece::Word(_) if behind_period => self.operand = true,
            Piece::Word(word) => self.word(word),
            Piece::Literal => self.operand_token(),
            // The wildcard of `SELECT *` and `COUNT(*)`.
            Piece::Star if !self.operand => self.operand = true,
            Piece::Star | Piece::Operator => {
                self.operator();
                self.operand = false;
            }
        }
        if self.depth > SQL_DEPTH_MAX {
            return Err(Trouble::Deep);
        }
        if self.chain > SQL_EXPRESSION_DEPTH_MAX || self.total > SQL_CHAIN_MAX {
            return Err(Trouble::Long);
        }
        Ok(())
    }

    fn top(&mut self) -> &mut Level {
        self.levels.last_mut().expect("the statement's level stays")
    }

    fn open(&mut self, opener: Opener) {
        self.levels.push(Level::new(opener));
        self.depth += 1;
        self.operand = false;
    }

    /// Leaves the level; what it held is one operand of the level around it.
    fn pop(&mut self) {
        self.separate();
        self.levels.pop();
        self.depth -= 1;
        self.operand = true;
    }

    fn close(&mut self, opener: Opener) -> Result<(), Trouble> {
        while self.top().opener == Opener::Case {
            self.pop();
        }
        if self.top().opener != opener {
            return Err(Trouble::Unmatched(opener));
        }
        self.pop();
        Ok(())
    }

    /// A comma, AND, OR or a clause: operators before it and behind it are no chain.
    fn separate(&mut self) {
        let level = self.top();
        let (chain, prefixes) = (level.chain, level.prefixes);
        level.separate();
        self.chain -= chain;
        self.depth -= prefixes;
    }

    /// One more level of a chain.
    fn chained(&mut self) {
        self.top().chain += 1;
        self.chain += 1;
    }

    /// An operator: infix or postfix where one is due, else a prefix.
    fn operator(&mut self) {
        self.total += 1;
        if self.operand {
            self.chained();
        } else {
            self.top().prefixes += 1;
            self.depth += 1;
        }
    }

    /// A name or a literal; a second one in a row is no expression, and chains like an operator.
    fn operand_token(&mut self) {
        if self.operand {
            self.chained();
        }
        self.operand = true;
    }

    fn word(&mut self, word: &str) {
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        let listed = |names: &[&str]| names.iter().any(|name| is(name));
        if !self.operand {
            if is("CASE") {
                self.open(Opener::Case);
            } else if listed(PREFIX_WORDS) {
                self.operator();
            } else if !listed(OPENING_WORDS) {
                self.operand = true;
            }
        } else if is("AND") && self.top().betweens > 0 {
            self.top().betweens -= 1;
            self.operator();
            self.operand = false;
        } else if is("AND") || is("OR") {
            self.total += 1;
            self.separate();
            self.operand = false;
        } else if listed(SEPARATING_WORDS)
            || (self.top().opener == Opener::Case && listed(CASE_WORDS))
        {
            self.separate();
            self.operand = false;
        } else if is("END") && self.top().opener == Opener::Case {
            self.pop();
        } else if listed(INFIX_WORDS) {
            self.operator();
            self.top().betweens += usize::from(is("BETWEEN"));
            // `x NOT IN`: the operator proper is still to come.
            self.operand = is("NOT");
        } else {
            self.chained();
        }
    }
}

/// Words that the parser descends behind.
const PREFIX_WORDS: &[&str] = &["NOT", "INTERVAL", "PRIOR", "BINARY", "ALL", "ANY", "SOME"];
/// Words at the start of a statement or a CASE, behind which an operand is due.
const OPENING_WORDS: &[&str] = &["SELECT", "WHEN", "THEN", "ELSE", "BY", "DISTINCT"];
/// Words that end an expression where an operator is due.
const SEPARATING_WORDS: &[&str] = &[
    "SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "WINDOW", "EMIT", "SAMPLE",
    "AS", "ROWS", "RANGE", "WITH",
];
/// Words that end an expression inside CASE.
const CASE_WORDS: &[&str] = &["WHEN", "THEN", "ELSE"];
/// Words that are operators, behind which an operand is due.
const INFIX_WORDS: &[&str] = &[
    "IS", "IN", "BETWEEN", "LIKE", "ILIKE", "RLIKE", "REGEXP", "SIMILAR", "TO", "NOT", "COLLATE",
    "AT", "ESCAPE", "DIV", "XOR", "OVERLAPS", "OPERATOR", "MEMBER", "MATCH", "GLOB",
];
