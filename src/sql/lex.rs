//! Text to statements of tokens with their places, annotations taken out of the comments on the way.
//!
//! Everything that could make sqlparser recurse or build a deep tree is counted here, before it sees a token:
//! see [`guard`](super::guard).

use sqlparser::tokenizer::{
    Location, Span as TokenSpan, Token, TokenWithSpan, Tokenizer, TokenizerError, Whitespace, Word,
};

use super::dialect::{VeloDialect, is_word};
use super::{guard, scan};
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::limits::SQL_BYTES_MAX;

/// A text cut into statements.
#[derive(Debug)]
pub(super) struct Lexed {
    /// The tokens of each statement that has any, without white space and `;`.
    pub statements: Vec<Vec<TokenWithSpan>>,
    /// `-- @name value` comments.
    pub annotations: Vec<(String, String, Span)>,
}

/// The place of an error, from sqlparser's.
pub(super) fn span_of(span: TokenSpan) -> Span {
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Span {
        line: small(span.start.line),
        column: small(span.start.column),
        end_line: small(span.end.line),
        end_column: small(span.end.column),
    }
}

/// From the start of `first` to the end of `last`.
pub(super) fn join(first: Span, last: Span) -> Span {
    Span {
        end_line: last.end_line,
        end_column: last.end_column,
        ..first
    }
}

/// Cuts `text` into statements.
///
/// # Errors
/// Text that is too long, has no tokens of SQL, or is nested or chained beyond the limits.
pub(super) fn lex(text: &str) -> Result<Lexed, SqlError> {
    if text.len() > SQL_BYTES_MAX {
        return Err(SqlError::new(
            SqlErrorKind::Parse,
            Span::default(),
            format!(
                "the text has {} bytes; at most {SQL_BYTES_MAX} are read",
                text.len()
            ),
        )
        .with_hint("split it into several jobs"));
    }
    scan::text(text)?;
    let dialect = VeloDialect::default();
    let tokens = Tokenizer::new(&dialect, text)
        .tokenize_with_location()
        .map_err(tokenizer_error)?;
    let mut lexed = Lexed {
        statements: Vec::new(),
        annotations: Vec::new(),
    };
    let mut statement: Vec<TokenWithSpan> = Vec::new();
    for token in tokens {
        match token.token {
            Token::Whitespace(Whitespace::SingleLineComment { comment, .. }) => {
                annotation(&comment, token.span, &mut lexed.annotations);
            }
            Token::Whitespace(_) | Token::EOF => {}
            Token::SemiColon => finish(&mut statement, &mut lexed.statements)?,
            _ => {
                refuse_token(&token, statement.last())?;
                statement.push(token);
            }
        }
    }
    finish(&mut statement, &mut lexed.statements)?;
    Ok(lexed)
}

/// Checks a statement and keeps it.
fn finish(
    statement: &mut Vec<TokenWithSpan>,
    statements: &mut Vec<Vec<TokenWithSpan>>,
) -> Result<(), SqlError> {
    if statement.is_empty() {
        return Ok(());
    }
    guard::chains(statement)?;
    filter_clauses(statement)?;
    statements.push(buffer_frames(std::mem::take(statement))?);
    Ok(())
}

/// ` @name value` or ` @name: value` in a comment.
fn annotation(comment: &str, span: TokenSpan, annotations: &mut Vec<(String, String, Span)>) {
    let Some(rest) = comment.trim().strip_prefix('@') else {
        return;
    };
    let end = rest
        .find(|c: char| c.is_whitespace() || c == ':')
        .unwrap_or(rest.len());
    let (name, value) = rest.split_at(end);
    if name.is_empty() {
        return;
    }
    let value = value.trim_start();
    let value = value.strip_prefix(':').unwrap_or(value).trim();
    // The comment's token ends behind its newline; what is shown ends before it.
    let start = span_of(span);
    let shown = Span {
        end_line: start.line,
        end_column: start.column.saturating_add(
            u32::try_from(comment.trim_end().chars().count() + 2).unwrap_or(u32::MAX),
        ),
        ..start
    };
    annotations.push((name.to_owned(), value.to_owned(), shown));
}

/// Tokens that sqlparser knows from other dialects and this one does not have; `before` stands in front of it.
fn refuse_token(token: &TokenWithSpan, before: Option<&TokenWithSpan>) -> Result<(), SqlError> {
    let is_map = before.is_some_and(|before| is_word(&before.token, "MAP"));
    let (what, hint) = match &token.token {
        Token::LBrace if is_map => return Ok(()),
        Token::Char(c) => (format!("unexpected character `{c}`"), None),
        Token::Placeholder(_) => (
            format!("unexpected `{}`", token.token),
            Some("a text has no parameters; option values can have variables: '${NAME}'"),
        ),
        // What closes nothing is refused with the brackets.
        Token::Backslash | Token::LBrace => {
            (format!("unexpected character `{}`", token.token), None)
        }
        _ => return Ok(()),
    };
    let error = SqlError::new(SqlErrorKind::Parse, span_of(token.span), what);
    Err(match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    })
}

fn tokenizer_error(error: TokenizerError) -> SqlError {
    let Location { line, column } = error.location;
    let span = TokenSpan::new(error.location, Location::new(line, column + 1));
    let mut message = error.message.trim_end_matches('.').to_owned();
    if let Some(first) = message.get(..1) {
        message = format!("{}{}", first.to_lowercase(), &message[1..]);
    }
    if message.contains("close delimiter") {
        message = "a quoted name is not closed".to_owned();
    } else if message.contains("comment") {
        message = "a comment is not closed".to_owned();
    }
    let hint = if message.contains("string literal") {
        Some("strings end with ', and a ' inside them is written ''")
    } else if message.contains("quoted name") {
        Some("a quoted name ends with the quote it began with")
    } else if message.contains("comment") {
        Some("a comment that begins with /* ends with */")
    } else {
        None
    };
    let error = SqlError::new(SqlErrorKind::Parse, span_of(span), message);
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// `FILTER` behind a call has to go on with `(WHERE`: sqlparser would forget a FILTER that does not.
fn filter_clauses(statement: &[TokenWithSpan]) -> Result<(), SqlError> {
    for at in 1..statement.len() {
        let filter = &statement[at];
        if statement[at - 1].token != Token::RParen || !is_word(&filter.token, "FILTER") {
            continue;
        }
        let follows = |offset: usize| statement.get(at + offset).map(|token| &token.token);
        if follows(1) != Some(&Token::LParen)
            || !follows(2).is_some_and(|token| is_word(token, "WHERE"))
        {
            return Err(SqlError::new(
                SqlErrorKind::Parse,
                span_of(filter.span),
                "expected (WHERE ..) after FILTER",
            )
            .with_hint("write FILTER (WHERE condition); an alias called filter needs AS"));
        }
    }
    Ok(())
}

/// Rewrites Velostream's `OVER (ROWS WINDOW BUFFER n ROWS ..)` into the standard frame of the last n rows.
fn buffer_frames(statement: Vec<TokenWithSpan>) -> Result<Vec<TokenWithSpan>, SqlError> {
    let is = |index: usize, word: &str| {
        statement
            .get(index)
            .is_some_and(|token: &TokenWithSpan| is_word(&token.token, word))
    };
    let begins =
        |index: usize| is(index, "ROWS") && is(index + 1, "WINDOW") && is(index + 2, "BUFFER");
    if !(0..statement.len()).any(begins) {
        return Ok(statement);
    }
    let mut out = Vec::with_capacity(statement.len() + 8);
    // For every open parenthesis, whether it is OVER's, and the frame to put before its end.
    let mut frames: Vec<(bool, Option<(u64, TokenSpan)>)> = vec![(false, None)];
    let mut index = 0;
    while index < statement.len() {
        let token = &statement[index];
        if begins(index) {
            let rows = buffer_rows(&statement, index)?;
            let (over, slot) = frames.last_mut().expect("the outermost level stays");
            let wrong = if !*over {
                "ROWS WINDOW BUFFER belongs inside OVER (..)"
            } else if slot.is_some() {
                "a second ROWS WINDOW BUFFER"
            } else {
                ""
            };
            if !wrong.is_empty() {
                return Err(SqlError::new(SqlErrorKind::Parse, span_of(rows.1), wrong));
            }
            *slot = Some(rows);
            index += 5;
            continue;
        }
        match token.token {
            Token::LParen => {
                // A named window is `WINDOW w AS (..)`.
                let over = index > 0 && (is(index - 1, "OVER") || is(index - 1, "AS"));
                frames.push((over, None));
            }
            Token::RParen if frames.len() > 1 => {
                if let Some((_, Some((rows, span)))) = frames.pop() {
                    frame_tokens(rows, span, &mut out);
                }
            }
            _ => {}
        }
        out.push(token.clone());
        index += 1;
    }
    // A parenthesis that is never closed keeps its frame: the parser will ask for the `)`.
    Ok(out)
}

/// n of `ROWS WINDOW BUFFER n ROWS` at `index`, and its place.
fn buffer_rows(statement: &[TokenWithSpan], index: usize) -> Result<(u64, TokenSpan), SqlError> {
    let last = statement.get(index + 4);
    let span = TokenSpan::new(
        statement[index].span.start,
        last.unwrap_or(&statement[index + 2]).span.end,
    );
    let rows = match statement.get(index + 3).map(|token| &token.token) {
        Some(Token::Number(text, _)) => text.parse::<u64>().ok().filter(|rows| *rows > 0),
        _ => None,
    };
    let closed = last.is_some_and(|token| is_word(&token.token, "ROWS"));
    match rows {
        Some(rows) if closed => Ok((rows, span)),
        _ => Err(SqlError::new(
            SqlErrorKind::Parse,
            span_of(span),
            "expected OVER (ROWS WINDOW BUFFER n ROWS ..) with n of at least 1",
        )
        .with_hint("n rows including the current one: ROWS WINDOW BUFFER 100 ROWS")),
    }
}

/// `ROWS BETWEEN rows - 1 PRECEDING AND CURRENT ROW`, all at `span`.
fn frame_tokens(rows: u64, span: TokenSpan, out: &mut Vec<TokenWithSpan>) {
    let word = |text: &str| TokenWithSpan::new(Token::make_keyword(text), span);
    out.push(word("ROWS"));
    out.push(word("BETWEEN"));
    out.push(TokenWithSpan::new(
        Token::Number((rows - 1).to_string(), false),
        span,
    ));
    for text in ["PRECEDING", "AND", "CURRENT", "ROW"] {
        out.push(word(text));
    }
}

/// The word of `token`, unless it is quoted or no word.
pub(super) fn plain_word(token: &Token) -> Option<&Word> {
    match token {
        Token::Word(word) if word.quote_style.is_none() => Some(word),
        _ => None,
    }
}
