//! Windows in all their spellings; every tumbling one becomes the same [`Window`].

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectNamePart, Value,
    WindowSpec,
};
use sqlparser::tokenizer::Token;

use super::create::unnested;
use super::cursor::Cursor;
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::sql::ast::{From, Name, Window, WindowShape};
use crate::sql::dialect::adjacent;
use crate::sql::duration::{duration_ns, interval_ns};
use crate::sql::lex::plain_word;

/// What one argument of TUMBLE(..) is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Argument {
    Data,
    Time,
    Size,
    Offset,
}

/// The arguments by position, and the names they have in Flink.
const ARGUMENTS: [(Argument, &str); 4] = [
    (Argument::Data, "DATA"),
    (Argument::Time, "TIMECOL"),
    (Argument::Size, "SIZE"),
    (Argument::Offset, "OFFSET"),
];

/// The arguments read so far.
#[derive(Default)]
struct Tumble {
    data: Option<From>,
    time: Option<Name>,
    size_ns: Option<i64>,
    offset_ns: Option<i64>,
}

impl Cursor<'_> {
    /// `TUMBLE([TABLE] t, DESCRIPTOR(ts), size [, offset])` in FROM, by position or by name.
    pub(super) fn tumble(&mut self) -> Result<From, SqlError> {
        let start = self.index();
        self.expect_word("TUMBLE")?;
        self.expect(&Token::LParen, "after TUMBLE")?;
        let mut read = Tumble::default();
        let mut named = false;
        for (position, _) in ARGUMENTS {
            let argument = match self.argument_name()? {
                Some(argument) => {
                    named = true;
                    argument
                }
                None if named => return Err(self.expected("a named argument", &[])),
                None => position,
            };
            self.tumble_argument(argument, &mut read)?;
            if !self.eat(&Token::Comma) {
                break;
            }
        }
        self.expect(&Token::RParen, "after the window's arguments")?;
        let span = self.since(start);
        let missing = |what: &str| {
            SqlError::new(SqlErrorKind::Parse, span, format!("TUMBLE has no {what}"))
                .with_hint("write TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND)")
        };
        let input = Box::new(read.data.ok_or_else(|| missing("table"))?);
        let time = read.time.ok_or_else(|| missing("time column"))?;
        let size_ns = read.size_ns.ok_or_else(|| missing("size"))?;
        Ok(From::Windowed {
            input,
            window: Window {
                time: Some(time),
                shape: WindowShape::Tumble {
                    size_ns,
                    offset_ns: read.offset_ns.unwrap_or(0),
                },
                clause: false,
                sampled: false,
                span,
            },
            alias: None,
        })
    }

    /// `NAME =>`, if it is next.
    fn argument_name(&mut self) -> Result<Option<Argument>, SqlError> {
        if self.peek_at(1) != &Token::RArrow {
            return Ok(None);
        }
        let known = ARGUMENTS.iter().find(|(_, name)| self.word_at(0, name));
        match known {
            Some((argument, _)) => {
                let argument = *argument;
                self.advance();
                self.advance();
                Ok(Some(argument))
            }
            None => Err(self.expected(
                "DATA, TIMECOL, SIZE or OFFSET",
                &["DATA", "TIMECOL", "SIZE", "OFFSET"],
            )),
        }
    }

    fn tumble_argument(&mut self, argument: Argument, read: &mut Tumble) -> Result<(), SqlError> {
        let start = self.index();
        let twice = match argument {
            Argument::Data => {
                let data = self.window_input()?;
                read.data.replace(data).is_some()
            }
            Argument::Time => {
                let time = self.time_column()?;
                read.time.replace(time).is_some()
            }
            Argument::Size => {
                let size = self.positive_duration("the window's size")?;
                read.size_ns.replace(size).is_some()
            }
            Argument::Offset => {
                let offset = self.duration("the window's offset")?;
                read.offset_ns.replace(offset).is_some()
            }
        };
        if twice {
            let span = self.since(start);
            return Err(self.error(
                SqlErrorKind::Parse,
                span,
                "an argument of TUMBLE is given twice",
            ));
        }
        Ok(())
    }

    /// `[TABLE] t`, `'file.csv'` or `(query)`.
    fn window_input(&mut self) -> Result<From, SqlError> {
        let start = self.index();
        let _ = self.eat_words(&["TABLE"]);
        let input = self.relation()?;
        if self.at_words(&["PARTITION", "BY"]) {
            return Err(self
                .unsupported(self.index(), "PARTITION BY of a tumbling window is")
                .with_hint(
                    "tumbling windows are the same for every key: put the key into GROUP BY",
                ));
        }
        if matches!(input, From::Windowed { .. }) {
            let span = super::from::place_of(&input, self.since(start));
            return Err(self
                .error(SqlErrorKind::Parse, span, "a window of a window")
                .with_hint("window a subquery that groups by the inner window"));
        }
        Ok(input)
    }

    /// `DESCRIPTOR(ts)` or `ts`.
    fn time_column(&mut self) -> Result<Name, SqlError> {
        let what = "the time column";
        if self.word_at(0, "PROCTIME") && self.peek_at(1) == &Token::LParen {
            return Err(self.unsupported(self.index(), "a window on PROCTIME() is"));
        }
        if self.word_at(0, "DESCRIPTOR") && self.peek_at(1) == &Token::LParen {
            self.advance();
            self.advance();
            let name = self.simple_name(what)?;
            self.expect(&Token::RParen, "after the time column")?;
            return Ok(name);
        }
        self.simple_name(what)
    }

    /// `WINDOW name AS (PARTITION BY ..), ..`: windows for OVER.
    pub(super) fn named_windows(&mut self) -> Result<Vec<(Name, WindowSpec)>, SqlError> {
        self.expect_word("WINDOW")?;
        let mut windows: Vec<(Name, WindowSpec)> = Vec::new();
        loop {
            let name = self.simple_name("the name of a window")?;
            let is_known = |(known, _): &(Name, _)| known.text.eq_ignore_ascii_case(&name.text);
            if windows.iter().any(is_known) {
                let message = format!("a second window called {}", name.text);
                return Err(self.error(SqlErrorKind::Parse, name.span, message));
            }
            self.expect_word("AS")?;
            self.expect(&Token::LParen, "before a window")?;
            windows.push((name, self.window_spec()?));
            if !self.eat(&Token::Comma) {
                return Ok(windows);
            }
        }
    }

    /// `WINDOW TUMBLING(..)`.
    pub(super) fn window_clause(&mut self) -> Result<Window, SqlError> {
        let start = self.index();
        self.expect_word("WINDOW")?;
        let kind = match plain_word(self.peek()) {
            Some(word) => word.value.to_ascii_uppercase(),
            None => String::new(),
        };
        match kind.as_str() {
            "TUMBLING" | "TUMBLE" => self.advance(),
            "SLIDING" | "HOPPING" | "HOP" | "SESSION" | "CUMULATE" | "CUMULATING" | "BARS"
            | "ROWS" => {
                return Err(self.unbuilt_window(start, &kind));
            }
            _ => {
                return Err(
                    self.expected("TUMBLING", &["TUMBLING", "SLIDING", "HOPPING", "SESSION"])
                );
            }
        }
        self.expect(&Token::LParen, "after TUMBLING")?;
        let mut time = None;
        let by_name = self.peek_at(1) == &Token::Comma && matches!(self.peek(), Token::Word(_));
        if by_name || self.word_at(0, "DESCRIPTOR") {
            time = Some(self.time_column()?);
            self.expect(&Token::Comma, "after the time column")?;
        }
        if self.word_at(0, "SIZE") {
            self.advance();
        }
        let size_ns = self.positive_duration("the window's size")?;
        if self.peek() == &Token::Comma {
            let index = self.index();
            for (word, what) in [("GRACE", "GRACE PERIOD"), ("RETENTION", "RETENTION")] {
                if self.word_at(1, word) {
                    return Err(self
                        .unsupported(index, &format!("{what} is"))
                        .with_hint("use LATE DATA ALLOW 1s for rows that come late"));
                }
            }
        }
        let offset_ns = if self.eat(&Token::Comma) {
            let _ = self.eat_words(&["OFFSET"]);
            self.duration("the window's offset")?
        } else {
            0
        };
        self.expect(&Token::RParen, "after the window's size")?;
        Ok(Window {
            time,
            shape: WindowShape::Tumble { size_ns, offset_ns },
            clause: true,
            sampled: false,
            span: self.since(start),
        })
    }

    /// `SAMPLE BY 1s`.
    pub(super) fn sample_by(&mut self) -> Result<Window, SqlError> {
        let start = self.index();
        self.expect_word("SAMPLE")?;
        self.expect_word("BY")?;
        let size_ns = self.positive_duration("the window's size")?;
        if self.word_at(0, "ALIGN") || self.word_at(0, "FROM") {
            let what = format!("{} behind SAMPLE BY is", self.found());
            return Err(self.unsupported(self.index(), &what));
        }
        Ok(Window {
            time: None,
            shape: WindowShape::Tumble {
                size_ns,
                offset_ns: 0,
            },
            clause: false,
            sampled: true,
            span: self.since(start),
        })
    }

    /// A group key that is a window: `TUMBLE(ts, INTERVAL ..)`, `tumble(interval '1 second')`.
    pub(super) fn window_key(&self, expr: &Expr, span: Span) -> Result<Option<Window>, SqlError> {
        let Expr::Function(function) = unnested(expr) else {
            return Ok(None);
        };
        let name = match function.name.0.as_slice() {
            [ObjectNamePart::Identifier(ident)] if ident.quote_style.is_none() => {
                ident.value.to_ascii_uppercase()
            }
            _ => return Ok(None),
        };
        let wrong = |message: String| {
            SqlError::new(SqlErrorKind::Parse, span, message)
                .with_hint("write GROUP BY TUMBLE(ts, INTERVAL '1' SECOND)")
        };
        match name.as_str() {
            "TUMBLE" => {}
            "HOP" | "SESSION" | "CUMULATE" | "BARS" => {
                return Err(SqlError::new(
                    SqlErrorKind::Unsupported,
                    span,
                    format!("a {name} window is not supported in this version"),
                )
                .with_hint(
                    "this version has tumbling windows: GROUP BY TUMBLE(ts, INTERVAL '1' SECOND)",
                ));
            }
            _ => return Ok(None),
        }
        let arguments = plain_arguments(function)
            .ok_or_else(|| wrong("TUMBLE takes a time column and a size".to_owned()))?;
        let time = match arguments.first() {
            Some(Expr::Identifier(ident)) => Some(Name {
                text: ident.value.clone(),
                quoted: ident.quote_style.is_some(),
                span: crate::sql::lex::span_of(ident.span),
            }),
            _ => None,
        };
        let lengths = &arguments[usize::from(time.is_some())..];
        let (size, offset) = match lengths {
            [size] => (*size, None),
            [size, offset] => (*size, Some(*offset)),
            _ => return Err(wrong("TUMBLE takes a time column and a size".to_owned())),
        };
        let size_ns = length_ns(size).map_err(&wrong)?;
        if size_ns <= 0 {
            return Err(wrong("the window's size has to be positive".to_owned()));
        }
        let offset_ns = offset.map_or(Ok(0), |offset| length_ns(offset).map_err(&wrong))?;
        Ok(Some(Window {
            time,
            shape: WindowShape::Tumble { size_ns, offset_ns },
            clause: false,
            sampled: false,
            span,
        }))
    }

    /// A duration above zero.
    pub(super) fn positive_duration(&mut self, what: &str) -> Result<i64, SqlError> {
        let start = self.index();
        let ns = self.duration(what)?;
        if ns > 0 {
            return Ok(ns);
        }
        let span = self.since(start);
        let message = format!("{what} has to be positive");
        Err(self.error(SqlErrorKind::Parse, span, message))
    }

    /// `INTERVAL ..`, `1s`, `1 SECOND` or `'1 second'`.
    pub(super) fn duration(&mut self, what: &str) -> Result<i64, SqlError> {
        let start = self.index();
        if self.word_at(0, "INTERVAL") {
            let expr = self.expression()?;
            let Expr::Interval(interval) = unnested(&expr) else {
                let span = self.since(start);
                let message = format!("{what} has to be a constant duration");
                return Err(self.error(SqlErrorKind::Parse, span, message));
            };
            return interval_ns(interval)
                .map_err(|message| SqlError::new(SqlErrorKind::Parse, self.since(start), message));
        }
        let text = match self.peek() {
            Token::SingleQuotedString(text) => text.clone(),
            Token::Number(number, _) => match plain_word(self.peek_at(1)) {
                Some(unit) => {
                    let spaced = !adjacent(self.token_at(0), self.token_at(1));
                    let text = format!("{number}{}{}", if spaced { " " } else { "" }, unit.value);
                    self.advance();
                    text
                }
                None => {
                    return Err(self
                        .expected(&format!("{what} with its unit"), &[])
                        .with_hint(format!("write {number}s or INTERVAL '{number}' SECOND")));
                }
            },
            _ => {
                return Err(self
                    .expected(what, &[])
                    .with_hint("durations are written like 1s, 100ms or INTERVAL '1' SECOND"));
            }
        };
        self.advance();
        duration_ns(&text)
            .map_err(|message| SqlError::new(SqlErrorKind::Parse, self.since(start), message))
    }
}

/// The arguments of a call that has nothing but arguments.
fn plain_arguments(function: &Function) -> Option<Vec<&Expr>> {
    let Function {
        name: _,
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(list),
        within_group,
        filter: None,
        null_treatment: None,
        over: None,
    } = function
    else {
        return None;
    };
    if !within_group.is_empty() || !list.clauses.is_empty() || list.duplicate_treatment.is_some() {
        return None;
    }
    list.args
        .iter()
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(unnested(expr)),
            _ => None,
        })
        .collect()
}

/// The nanoseconds of an interval or a string.
fn length_ns(expr: &Expr) -> Result<i64, String> {
    match expr {
        Expr::Interval(interval) => interval_ns(interval),
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => duration_ns(text),
            other => Err(format!("`{other}` is not a duration")),
        },
        _ => Err("the size and the offset of TUMBLE have to be constant durations".to_owned()),
    }
}
