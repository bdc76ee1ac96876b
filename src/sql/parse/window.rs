//! Windows in all their spellings; every spelling of a kind becomes the same [`Window`].
//!
//! | kind | in FROM | WINDOW | in GROUP BY |
//! |---|---|---|---|
//! | tumble | `TUMBLE(t, ts, size [, offset])` | `TUMBLING(size)` | `TUMBLE(ts, size)` |
//! | hop | `HOP(t, ts, slide, size [, offset])` | `SLIDING(size, slide)`, `HOPPING (SIZE d, ADVANCE BY d)` | `HOP(ts, slide, size)` |
//! | cumulate | `CUMULATE(t, ts, step, size [, offset])` | `CUMULATING(step, size)` | `CUMULATE(ts, step, size)` |
//! | session | `SESSION(t PARTITION BY k, ts, gap [MAXSPAN d])` | `SESSION(gap [MAXSPAN d])` | `SESSION(ts, gap)` |

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectNamePart, Value,
    WindowSpec,
};
use sqlparser::tokenizer::Token;

use super::create::unnested;
use super::cursor::Cursor;
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::plan::SystemColumn;
use crate::sql::ast::{From, Name, Window, WindowShape};
use crate::sql::dialect::adjacent;
use crate::sql::duration::{duration_ns, interval_ns};
use crate::sql::lex::plain_word;

/// A kind of window.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Tumble,
    Hop,
    Cumulate,
    Session,
}

/// What one argument of a window is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Argument {
    Data,
    Time,
    Size,
    /// Of a cumulating window its step.
    Slide,
    Gap,
    Span,
    Offset,
}

impl Argument {
    fn what(self) -> &'static str {
        match self {
            Self::Data => "table",
            Self::Time => "time column",
            Self::Size => "size",
            Self::Slide => "slide",
            Self::Gap => "gap",
            Self::Span => "MAXSPAN",
            Self::Offset => "offset",
        }
    }
}

impl Kind {
    /// The kind that a table function or a group key names.
    pub(super) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "TUMBLE" => Self::Tumble,
            "HOP" => Self::Hop,
            "CUMULATE" => Self::Cumulate,
            "SESSION" => Self::Session,
            _ => return None,
        })
    }

    /// The kind that a WINDOW clause names.
    fn of_clause(word: &str) -> Option<Self> {
        Some(match word {
            "TUMBLING" | "TUMBLE" => Self::Tumble,
            "SLIDING" | "HOPPING" => Self::Hop,
            "CUMULATING" | "CUMULATE" => Self::Cumulate,
            "SESSION" => Self::Session,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Tumble => "TUMBLE",
            Self::Hop => "HOP",
            Self::Cumulate => "CUMULATE",
            Self::Session => "SESSION",
        }
    }

    /// How it is written in FROM.
    fn example(self) -> &'static str {
        match self {
            Self::Tumble => "TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND)",
            Self::Hop => {
                "HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '10' SECOND), the slide before the size"
            }
            Self::Cumulate => {
                "CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR), the step before the size"
            }
            Self::Session => {
                "SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '30' SECOND)"
            }
        }
    }

    /// The arguments of the table function by position, and the names they have in Flink.
    fn arguments(self) -> &'static [(Argument, &'static str)] {
        match self {
            Self::Tumble => &[
                (Argument::Data, "DATA"),
                (Argument::Time, "TIMECOL"),
                (Argument::Size, "SIZE"),
                (Argument::Offset, "OFFSET"),
            ],
            Self::Hop => &[
                (Argument::Data, "DATA"),
                (Argument::Time, "TIMECOL"),
                (Argument::Slide, "SLIDE"),
                (Argument::Size, "SIZE"),
                (Argument::Offset, "OFFSET"),
            ],
            Self::Cumulate => &[
                (Argument::Data, "DATA"),
                (Argument::Time, "TIMECOL"),
                (Argument::Slide, "STEP"),
                (Argument::Size, "SIZE"),
                (Argument::Offset, "OFFSET"),
            ],
            Self::Session => &[
                (Argument::Data, "DATA"),
                (Argument::Time, "TIMECOL"),
                (Argument::Gap, "GAP"),
                (Argument::Span, "MAXSPAN"),
            ],
        }
    }

    /// The lengths by position; in a WINDOW clause the size comes before the slide.
    fn lengths(self, clause: bool) -> &'static [(Argument, &'static str)] {
        match (self, clause) {
            (Self::Hop, true) => &[
                (Argument::Size, "SIZE"),
                (Argument::Slide, "ADVANCE"),
                (Argument::Offset, "OFFSET"),
            ],
            _ => &self.arguments()[2..],
        }
    }
}

/// The column that PROCTIME() reads.
fn arrival(span: Span) -> Name {
    Name {
        text: SystemColumn::Timestamp.name().to_owned(),
        quoted: false,
        span,
    }
}

/// Whether a call is `PROCTIME()`.
fn is_proctime(call: &Function) -> bool {
    let name = call.name.to_string();
    name.eq_ignore_ascii_case("PROCTIME") && plain_arguments(call).is_some_and(|it| it.is_empty())
}

/// The arguments read so far.
#[derive(Default)]
struct Arguments {
    data: Option<(From, Vec<Name>)>,
    time: Option<Name>,
    size_ns: Option<i64>,
    slide_ns: Option<i64>,
    gap_ns: Option<i64>,
    span_ns: Option<i64>,
    offset_ns: Option<i64>,
}

impl Arguments {
    fn length(&mut self, argument: Argument) -> Option<&mut Option<i64>> {
        Some(match argument {
            Argument::Data | Argument::Time => return None,
            Argument::Size => &mut self.size_ns,
            Argument::Slide => &mut self.slide_ns,
            Argument::Gap => &mut self.gap_ns,
            Argument::Span => &mut self.span_ns,
            Argument::Offset => &mut self.offset_ns,
        })
    }

    /// The shape, or what is missing.
    fn shape(&self, kind: Kind) -> Result<WindowShape, Argument> {
        let size_ns = self.size_ns.ok_or(Argument::Size);
        let slide_ns = self.slide_ns.ok_or(Argument::Slide);
        let offset_ns = self.offset_ns.unwrap_or(0);
        Ok(match kind {
            Kind::Tumble => WindowShape::Tumble {
                size_ns: size_ns?,
                offset_ns,
            },
            Kind::Hop => WindowShape::Hop {
                slide_ns: slide_ns?,
                size_ns: size_ns?,
                offset_ns,
            },
            Kind::Cumulate => WindowShape::Cumulate {
                step_ns: slide_ns?,
                size_ns: size_ns?,
                offset_ns,
            },
            Kind::Session => WindowShape::Session {
                gap_ns: self.gap_ns.ok_or(Argument::Gap)?,
                span_ns: self.span_ns,
            },
        })
    }
}

impl Cursor<'_> {
    /// `TUMBLE([TABLE] t, DESCRIPTOR(ts), size [, offset])` and its like in FROM, by position or by name.
    pub(super) fn window_function(&mut self, kind: Kind) -> Result<From, SqlError> {
        let start = self.index();
        self.expect_word(kind.name())?;
        self.expect(&Token::LParen, &format!("after {}", kind.name()))?;
        let mut read = Arguments::default();
        let mut named = false;
        for &(position, _) in kind.arguments() {
            let argument = match self.argument_name(kind)? {
                Some(argument) => {
                    named = true;
                    argument
                }
                None if named => return Err(self.expected("a named argument", &[])),
                None => position,
            };
            self.window_argument(kind, argument, &mut read)?;
            if self.word_at(0, "MAXSPAN") && self.peek_at(1) != &Token::RArrow {
                continue;
            }
            if !self.eat(&Token::Comma) {
                break;
            }
        }
        self.expect(&Token::RParen, "after the window's arguments")?;
        let span = self.since(start);
        let missing = |argument: Argument| missing(kind, argument, span);
        let (input, partition) = read.data.take().ok_or_else(|| missing(Argument::Data))?;
        let time = read.time.take().ok_or_else(|| missing(Argument::Time))?;
        Ok(From::Windowed {
            input: Box::new(input),
            window: Window {
                time: Some(time),
                shape: read.shape(kind).map_err(missing)?,
                partition,
                clause: false,
                zone: None,
                sampled: false,
                span,
            },
            alias: None,
        })
    }

    /// `NAME =>`, if it is next.
    fn argument_name(&mut self, kind: Kind) -> Result<Option<Argument>, SqlError> {
        if self.peek_at(1) != &Token::RArrow {
            return Ok(None);
        }
        let arguments = kind.arguments();
        let known = arguments.iter().find(|(_, name)| self.word_at(0, name));
        match known {
            Some((argument, _)) => {
                let argument = *argument;
                self.advance();
                self.advance();
                Ok(Some(argument))
            }
            None => {
                let names: Vec<&str> = arguments.iter().map(|(_, name)| *name).collect();
                let (last, others) = names.split_last().expect("a window has arguments");
                let expected = format!("{} or {last}", others.join(", "));
                Err(self.expected(&expected, &names))
            }
        }
    }

    fn window_argument(
        &mut self,
        kind: Kind,
        argument: Argument,
        read: &mut Arguments,
    ) -> Result<(), SqlError> {
        let start = self.index();
        let twice = match argument {
            Argument::Data => {
                let unkeyed = (kind != Kind::Session).then(|| kind.name());
                let data = self.window_input(unkeyed)?;
                read.data.replace(data).is_some()
            }
            Argument::Time => {
                let time = self.time_column()?;
                read.time.replace(time).is_some()
            }
            _ => self.window_length(argument, read)?,
        };
        if twice {
            let message = format!("an argument of {} is given twice", kind.name());
            return Err(self.error(SqlErrorKind::Parse, self.since(start), message));
        }
        Ok(())
    }

    /// One length; gives whether it was there already.
    fn window_length(
        &mut self,
        argument: Argument,
        read: &mut Arguments,
    ) -> Result<bool, SqlError> {
        if argument == Argument::Span {
            let _ = self.eat_words(&["MAXSPAN"]);
        }
        let what = format!("the window's {}", argument.what());
        let ns = match argument {
            Argument::Offset => self.duration(&what)?,
            _ => self.positive_duration(&what)?,
        };
        let place = read.length(argument);
        Ok(place.is_some_and(|place| place.replace(ns).is_some()))
    }

    /// `[TABLE] t [PARTITION BY k]`, `'file.csv'` or `(query)`, and the names of the partition; `unkeyed` names a
    /// window that has none.
    pub(super) fn window_input(
        &mut self,
        unkeyed: Option<&str>,
    ) -> Result<(From, Vec<Name>), SqlError> {
        let start = self.index();
        let _ = self.eat_words(&["TABLE"]);
        let input = self.relation()?;
        if matches!(input, From::Windowed { .. }) {
            let span = super::from::place_of(&input, self.since(start));
            return Err(self
                .error(SqlErrorKind::Parse, span, "a window of a window")
                .with_hint("window a subquery that groups by the inner window"));
        }
        let mut partition = Vec::new();
        if self.at_words(&["PARTITION", "BY"]) {
            if let Some(name) = unkeyed {
                let name = name.to_ascii_lowercase();
                let what = format!("PARTITION BY of a {name} window is");
                return Err(self.unsupported(self.index(), &what).with_hint(
                    "such windows are the same for every key: put the key into GROUP BY",
                ));
            }
            self.advance();
            self.advance();
            loop {
                partition.push(self.simple_name("a column of the key")?);
                // Behind the last one comes the time column.
                let more = self.peek() == &Token::Comma && !self.word_at(1, "DESCRIPTOR");
                let named = self.peek_at(2) == &Token::RArrow;
                if !more || named || !self.partition_goes_on() {
                    break;
                }
                self.advance();
            }
        }
        Ok((input, partition))
    }

    /// Whether the name behind the next comma is of the key: the time column is followed by a length.
    fn partition_goes_on(&self) -> bool {
        matches!(self.peek_at(1), Token::Word(_))
            && self.peek_at(2) == &Token::Comma
            && matches!(self.peek_at(3), Token::Word(_))
            && matches!(self.peek_at(4), Token::Comma | Token::LParen)
    }

    /// `DESCRIPTOR(ts)` or `ts`.
    pub(super) fn time_column(&mut self) -> Result<Name, SqlError> {
        if self.word_at(0, "DESCRIPTOR") && self.peek_at(1) == &Token::LParen {
            self.advance();
            self.advance();
            let name = self.time_name()?;
            self.expect(&Token::RParen, "after the time column")?;
            return Ok(name);
        }
        self.time_name()
    }

    /// `ts`, or `PROCTIME()`, which means the arrival stamp.
    fn time_name(&mut self) -> Result<Name, SqlError> {
        if !(self.word_at(0, "PROCTIME") && self.peek_at(1) == &Token::LParen) {
            return self.simple_name("the time column");
        }
        let start = self.index();
        self.advance();
        self.advance();
        self.expect(&Token::RParen, "after PROCTIME(")?;
        Ok(arrival(self.since(start)))
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

    /// `WINDOW TUMBLING(..)` and its like.
    pub(super) fn window_clause(&mut self) -> Result<Window, SqlError> {
        let start = self.index();
        self.expect_word("WINDOW")?;
        let word = match plain_word(self.peek()) {
            Some(word) => word.value.to_ascii_uppercase(),
            None => String::new(),
        };
        let Some(kind) = Kind::of_clause(&word) else {
            match word.as_str() {
                "BARS" => return self.bars_clause(start),
                "ROWS" => return Err(self.unbuilt_window(start, &word)),
                _ => {}
            }
            let known = [
                "TUMBLING",
                "SLIDING",
                "HOPPING",
                "SESSION",
                "CUMULATING",
                "BARS",
            ];
            let (last, others) = known.split_last().expect("there are windows");
            return Err(self.expected(&format!("{} or {last}", others.join(", ")), &known));
        };
        self.advance();
        self.expect(&Token::LParen, &format!("after {word}"))?;
        let mut read = Arguments::default();
        let by_name = self.peek_at(1) == &Token::Comma && matches!(self.peek(), Token::Word(_));
        if by_name || self.word_at(0, "DESCRIPTOR") || self.word_at(0, "PROCTIME") {
            read.time = Some(self.time_column()?);
            self.expect(&Token::Comma, "after the time column")?;
        }
        self.clause_lengths(kind, &mut read)?;
        self.expect(&Token::RParen, "after the window's lengths")?;
        let span = self.since(start);
        let shape = read.shape(kind);
        Ok(Window {
            time: read.time,
            shape: shape.map_err(|argument| missing(kind, argument, span))?,
            partition: Vec::new(),
            clause: true,
            zone: None,
            sampled: false,
            span,
        })
    }

    /// The lengths of a WINDOW clause: `5s, 1s`, `SIZE 5 SECONDS, ADVANCE BY 1 SECOND`, `30s MAXSPAN 1h`.
    fn clause_lengths(&mut self, kind: Kind, read: &mut Arguments) -> Result<(), SqlError> {
        for &(position, _) in kind.lengths(true) {
            for (word, what) in [("GRACE", "GRACE PERIOD"), ("RETENTION", "RETENTION")] {
                if self.word_at(0, word) {
                    return Err(self
                        .unsupported(self.index(), &format!("{what} is"))
                        .with_hint("use LATE DATA ALLOW 1s for rows that come late"));
                }
            }
            let start = self.index();
            let words = kind.lengths(true).iter();
            let named = words.copied().find(|(_, name)| self.word_at(0, name));
            let argument = named.map_or(position, |(argument, _)| argument);
            if named.is_some() {
                self.advance();
                if argument == Argument::Slide {
                    let _ = self.eat_words(&["BY"]);
                }
            }
            if self.window_length(argument, read)? {
                let message = format!("the window's {} is given twice", argument.what());
                return Err(self.error(SqlErrorKind::Parse, self.since(start), message));
            }
            if !self.word_at(0, "MAXSPAN") && !self.eat(&Token::Comma) {
                break;
            }
        }
        Ok(())
    }

    /// `SAMPLE BY 1s`.
    pub(super) fn sample_by(&mut self) -> Result<Window, SqlError> {
        let start = self.index();
        self.expect_word("SAMPLE")?;
        self.expect_word("BY")?;
        let size_ns = self.positive_duration("the window's size")?;
        if self.word_at(0, "FROM") {
            let what = format!("{} behind SAMPLE BY is", self.found());
            return Err(self.unsupported(self.index(), &what));
        }
        Ok(Window {
            time: None,
            shape: WindowShape::Tumble {
                size_ns,
                offset_ns: 0,
            },
            partition: Vec::new(),
            clause: false,
            zone: None,
            sampled: true,
            span: self.since(start),
        })
    }

    /// A group key that is a window: `TUMBLE(ts, INTERVAL ..)`, `hop(interval '1 second', interval '10 seconds')`.
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
        let Some(kind) = Kind::named(&name) else {
            if name == "BARS" {
                let message = "BARS in GROUP BY is not supported in this version".to_owned();
                return Err(SqlError::new(SqlErrorKind::Unsupported, span, message)
                    .with_hint(format!("write FROM {}", super::bars::EXAMPLE)));
            }
            return Ok(None);
        };
        let lengths = kind.lengths(false);
        let names: Vec<String> = lengths.iter().map(|l| l.1.to_ascii_lowercase()).collect();
        let takes = || {
            let count = names.len() - 1;
            let names = names[..count].join(" and a ");
            format!("{name} takes a time column and a {names}")
        };
        let wrong = |message: String| {
            let lengths = &names[..names.len() - 1];
            let shown: Vec<&str> = lengths.iter().map(|_| "INTERVAL '1' SECOND").collect();
            SqlError::new(SqlErrorKind::Parse, span, message)
                .with_hint(format!("write GROUP BY {name}(ts, {})", shown.join(", ")))
        };
        let arguments = plain_arguments(function).ok_or_else(|| wrong(takes()))?;
        let time = match arguments.first() {
            Some(Expr::Identifier(ident)) => Some(Name {
                text: ident.value.clone(),
                quoted: ident.quote_style.is_some(),
                span: crate::sql::lex::span_of(ident.span),
            }),
            Some(Expr::Function(call)) if is_proctime(call) => Some(arrival(span)),
            _ => None,
        };
        let mut read = Arguments {
            time,
            ..Arguments::default()
        };
        let given = &arguments[usize::from(read.time.is_some())..];
        if given.len() > lengths.len() {
            return Err(wrong(takes()));
        }
        for (&(argument, _), given) in lengths.iter().zip(given) {
            let ns = length_ns(given).map_err(&wrong)?;
            if ns <= 0 && argument != Argument::Offset {
                let what = argument.what();
                return Err(wrong(format!("the window's {what} has to be positive")));
            }
            if let Some(place) = read.length(argument) {
                *place = Some(ns);
            }
        }
        Ok(Some(Window {
            shape: read.shape(kind).map_err(|_| wrong(takes()))?,
            time: read.time,
            partition: Vec::new(),
            clause: false,
            zone: None,
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

/// The error for an argument that a window needs.
fn missing(kind: Kind, argument: Argument, span: Span) -> SqlError {
    let message = format!("{} has no {}", kind.name(), argument.what());
    SqlError::new(SqlErrorKind::Parse, span, message).with_hint(format!("write {}", kind.example()))
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
        _ => Err("the lengths of a window have to be constant durations".to_owned()),
    }
}
