//! Queries: WITH, SELECT, and the clauses behind FROM in any order.

use sqlparser::ast::{Expr, WindowSpec};
use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use super::limit::Rows;
use super::words;
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::sql::ast::{
    Emit, Fill, From, LateData, Name, OrderItem, Query, Select, SelectItem, Window,
};
use crate::sql::dialect::begins_query;
use crate::sql::lex::plain_word;

/// The clauses of one SELECT, each at most once.
#[derive(Default)]
struct Clauses {
    filter: Option<Expr>,
    group_by: Option<Vec<Expr>>,
    grouping: Vec<Vec<usize>>,
    group_all: bool,
    having: Option<Expr>,
    qualify: Option<Expr>,
    window: Option<Window>,
    fill: Option<Option<Fill>>,
    named_windows: Option<Vec<(Name, WindowSpec)>>,
    order_by: Option<Vec<OrderItem>>,
    rows: Rows,
    emit: Option<Emit>,
    late: Option<LateData>,
}

/// What stands between SELECT and its items.
#[derive(Default)]
struct Quantifier {
    distinct: bool,
    distinct_on: Vec<Expr>,
    top: Option<(u64, Span)>,
}

impl Cursor<'_> {
    /// A query without set operations.
    pub(super) fn one_query(&mut self) -> Result<Query, SqlError> {
        let start = self.index();
        if self.peek() == &Token::LParen {
            return self.parenthesised_query();
        }
        let ctes = if self.eat_words(&["WITH"]) {
            self.ctes()?
        } else {
            Vec::new()
        };
        let select_start = self.index();
        if self.eat_words(&["VALUES"]) {
            return self.values(start, ctes);
        }
        self.expect_word("SELECT")?;
        let quantifier = self.quantifier()?;
        let items = self.select_items()?;
        let from = if self.eat_words(&["FROM"]) {
            self.from()?
        } else {
            From::Nothing
        };
        let mut clauses = Clauses::default();
        while self.clause(&mut clauses)? {}
        if let (From::Windowed { .. }, Some(window)) = (&from, &clauses.window) {
            return Err(self.second_window(window.span));
        }
        let select = Select {
            distinct: quantifier.distinct,
            distinct_on: quantifier.distinct_on,
            top: quantifier.top,
            items,
            from,
            filter: clauses.filter,
            group_by: clauses.group_by.unwrap_or_default(),
            grouping: clauses.grouping,
            group_all: clauses.group_all,
            having: clauses.having,
            qualify: clauses.qualify,
            window: clauses.window,
            fill: clauses.fill.flatten(),
            named_windows: clauses.named_windows.unwrap_or_default(),
            span: self.since(select_start),
        };
        Ok(Query {
            ctes,
            body: Box::new(select),
            order_by: clauses.order_by.unwrap_or_default(),
            limit: clauses.rows.limit,
            offset: clauses.rows.offset,
            per_window: clauses.rows.per_window,
            emit: clauses.emit,
            late: clauses.late,
            span: self.since(start),
        })
    }

    /// The query that begins with VALUES, which has just been taken: all its rows, perhaps in order.
    fn values(&mut self, start: usize, ctes: Vec<(Name, Query)>) -> Result<Query, SqlError> {
        let rows = self.value_rows()?;
        let span = self.since(start);
        let mut clauses = Clauses::default();
        let behind = ["ORDER", "LIMIT", "OFFSET", "FETCH"];
        while behind.iter().any(|word| self.word_at(0, word)) {
            self.clause(&mut clauses)?;
        }
        Ok(Query {
            ctes,
            order_by: clauses.order_by.unwrap_or_default(),
            limit: clauses.rows.limit,
            offset: clauses.rows.offset,
            per_window: clauses.rows.per_window,
            ..Query::star(From::Values { rows, span }, span)
        })
    }

    /// `(query)`, which is the query itself.
    fn parenthesised_query(&mut self) -> Result<Query, SqlError> {
        self.expect(&Token::LParen, "before a query")?;
        let query = self.inner_query()?;
        self.close_query()?;
        Ok(query)
    }

    /// The `)` behind an inner query.
    pub(super) fn close_query(&mut self) -> Result<(), SqlError> {
        if self.eat(&Token::RParen) {
            return Ok(());
        }
        Err(self.leftover("a clause or `)`", words::CLAUSES))
    }

    fn ctes(&mut self) -> Result<Vec<(Name, Query)>, SqlError> {
        if self.word_at(0, "RECURSIVE") {
            return Err(self.unsupported(self.index(), "WITH RECURSIVE is"));
        }
        let mut ctes = Vec::new();
        loop {
            let name = self.simple_name("a name")?;
            let columns = self.column_names()?;
            self.expect_word("AS")?;
            // It says nothing about results: a query of WITH is planned wherever it is named.
            if !self.eat_words(&["MATERIALIZED"]) {
                self.eat_words(&["NOT", "MATERIALIZED"]);
            }
            self.expect(&Token::LParen, "before a query")?;
            let query = self.inner_query()?;
            self.close_query()?;
            let query = query.with_columns(name.clone(), columns);
            ctes.push((name, query));
            if !self.eat(&Token::Comma) {
                return Ok(ctes);
            }
        }
    }

    /// What stands between SELECT and its items.
    fn quantifier(&mut self) -> Result<Quantifier, SqlError> {
        let mut quantifier = Quantifier::default();
        if self.eat_words(&["DISTINCT"]) {
            if self.eat_words(&["ON"]) {
                quantifier.distinct_on = self.distinct_on()?;
            } else {
                quantifier.distinct = true;
            }
        } else {
            self.eat_words(&["ALL"]);
        }
        quantifier.top = self.top()?;
        Ok(quantifier)
    }

    /// `(a, b)` of DISTINCT ON.
    fn distinct_on(&mut self) -> Result<Vec<Expr>, SqlError> {
        self.expect(&Token::LParen, "after DISTINCT ON")?;
        let mut exprs = vec![self.expression()?];
        while self.eat(&Token::Comma) {
            exprs.push(self.expression()?);
        }
        self.expect(&Token::RParen, "after what DISTINCT ON tells apart")?;
        Ok(exprs)
    }

    fn select_items(&mut self) -> Result<Vec<SelectItem>, SqlError> {
        let mut items = vec![self.select_item()?];
        while self.eat(&Token::Comma) {
            items.push(self.select_item()?);
        }
        Ok(items)
    }

    fn select_item(&mut self) -> Result<SelectItem, SqlError> {
        let start = self.index();
        if self.eat(&Token::Mul) {
            return self.star(start, None);
        }
        let qualified = matches!(self.peek(), Token::Word(_)) && self.peek_at(1) == &Token::Period;
        if qualified && self.peek_at(2) == &Token::Mul {
            let mut name = self.name("the name of a table")?;
            self.advance();
            self.advance();
            name.span = self.since(start);
            return self.star(start, Some(name));
        }
        let expr = Box::new(self.expression()?);
        if self.peek() == &Token::Period && self.peek_at(1) == &Token::Mul {
            return Err(self.unsupported(start, "`.*` behind an expression is"));
        }
        let alias = self.alias()?;
        Ok(SelectItem::Expr {
            expr,
            alias,
            span: self.since(start),
        })
    }

    /// An alias with or without AS.
    pub(super) fn alias(&mut self) -> Result<Option<Name>, SqlError> {
        if self.eat_words(&["AS"]) {
            if matches!(self.peek(), Token::SingleQuotedString(_)) {
                return Err(self
                    .expected("an alias", &[])
                    .with_hint("names are quoted with \"..\""));
            }
            return self.name("an alias").map(Some);
        }
        let is_alias = match self.peek() {
            Token::Word(word) if word.quote_style.is_some() => true,
            Token::Word(word) => !words::ends_alias(&word.value) && !self.at_clause_pair(),
            _ => false,
        };
        if !is_alias {
            return Ok(None);
        }
        let name = self.name("an alias")?;
        self.last_alias = Some(name.clone());
        Ok(Some(name))
    }

    /// Clauses whose first word alone is a name like any other.
    fn at_clause_pair(&self) -> bool {
        self.at_words(&["SAMPLE", "BY"])
            || self.at_words(&["LATE", "DATA"])
            || self.at_words(&["AT", "TIME", "ZONE"])
            || (self.word_at(0, "FILL") && self.peek_at(1) == &Token::LParen)
    }

    /// Reads one clause, if one begins here.
    fn clause(&mut self, clauses: &mut Clauses) -> Result<bool, SqlError> {
        let start = self.index();
        let Some(word) = plain_word(self.peek()).map(|word| word.value.to_ascii_uppercase()) else {
            return Ok(false);
        };
        match word.as_str() {
            "WHERE" => {
                self.once(&clauses.filter, "WHERE")?;
                self.advance();
                clauses.filter = Some(self.expression()?);
            }
            "GROUP" => {
                self.once(&clauses.group_by, "GROUP BY")?;
                self.advance();
                self.expect_word("BY")?;
                clauses.group_all = self.group_all()?;
                let (keys, sets) = match clauses.group_all {
                    true => Default::default(),
                    false => self.group_by(&mut clauses.window)?,
                };
                (clauses.group_by, clauses.grouping) = (Some(keys), sets);
            }
            "HAVING" => {
                self.once(&clauses.having, "HAVING")?;
                self.advance();
                clauses.having = Some(self.expression()?);
            }
            "QUALIFY" => {
                self.once(&clauses.qualify, "QUALIFY")?;
                self.advance();
                clauses.qualify = Some(self.expression()?);
            }
            "WINDOW" if self.word_at(2, "AS") => {
                self.once(&clauses.named_windows, "WINDOW")?;
                clauses.named_windows = Some(self.named_windows()?);
            }
            "EMIT" => {
                self.once(&clauses.emit, "EMIT")?;
                clauses.emit = Some(self.emit()?);
            }
            "LATE" if self.word_at(1, "DATA") => {
                self.once(&clauses.late, "LATE DATA")?;
                clauses.late = Some(self.late_data()?);
            }
            "ORDER" => {
                self.once(&clauses.order_by, "ORDER BY")?;
                self.advance();
                self.expect_word("BY")?;
                clauses.order_by = Some(self.order_by()?);
            }
            "LIMIT" | "OFFSET" | "FETCH" => self.rows(word.as_str(), &mut clauses.rows)?,
            word => return self.window_part(word, clauses),
        }
        debug_assert!(self.index() > start, "a clause takes tokens");
        Ok(true)
    }

    /// Reads a clause that says where windows lie, if one begins here.
    fn window_part(&mut self, word: &str, clauses: &mut Clauses) -> Result<bool, SqlError> {
        match word {
            "WINDOW" => {
                let mut window = self.window_clause()?;
                self.window_zone(&mut window)?;
                self.set_window(&mut clauses.window, window)?;
            }
            "SAMPLE" if self.word_at(1, "BY") => {
                let window = self.sample_by()?;
                self.set_window(&mut clauses.window, window)?;
            }
            "ALIGN" if self.word_at(1, "TO") => self.align(clauses.window.as_mut())?,
            "FILL" => {
                self.once(&clauses.fill, "FILL")?;
                clauses.fill = Some(self.fill()?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Refuses a clause that was there already.
    pub(super) fn once<T>(&self, clause: &Option<T>, name: &str) -> Result<(), SqlError> {
        if clause.is_none() {
            return Ok(());
        }
        Err(self.error(
            SqlErrorKind::Parse,
            self.here(),
            format!("a second {name} clause"),
        ))
    }

    pub(super) fn set_window(
        &self,
        slot: &mut Option<Window>,
        window: Window,
    ) -> Result<(), SqlError> {
        if slot.is_some() {
            return Err(self.second_window(window.span));
        }
        *slot = Some(window);
        Ok(())
    }

    fn second_window(&self, span: Span) -> SqlError {
        self.error(SqlErrorKind::Parse, span, "a second window in one SELECT")
            .with_hint("give one of them, or window a subquery")
    }

    /// ALL of GROUP BY ALL, which stands alone.
    fn group_all(&mut self) -> Result<bool, SqlError> {
        let start = self.index();
        if !self.eat_words(&["ALL"]) {
            return Ok(false);
        }
        if self.peek() == &Token::Comma {
            return Err(self
                .error(
                    SqlErrorKind::Parse,
                    self.since(start),
                    "GROUP BY ALL takes every item without an aggregate: no other key stands beside it",
                )
                .with_hint("leave the other keys out, or name all keys"));
        }
        Ok(true)
    }

    fn order_by(&mut self) -> Result<Vec<OrderItem>, SqlError> {
        let mut items = Vec::new();
        loop {
            let start = self.index();
            let expr = self.expression()?;
            let descending = self.eat_words(&["DESC"]);
            if !descending {
                let _ = self.eat_words(&["ASC"]);
            }
            let nulls_first = if !self.eat_words(&["NULLS"]) {
                None
            } else if self.eat_words(&["FIRST"]) {
                Some(true)
            } else if self.eat_words(&["LAST"]) {
                Some(false)
            } else {
                return Err(self.expected("FIRST or LAST", &["FIRST", "LAST"]));
            };
            items.push(OrderItem {
                expr,
                descending,
                nulls_first,
                span: self.since(start),
            });
            if !self.eat(&Token::Comma) {
                return Ok(items);
            }
        }
    }

    /// Whether a query in parentheses begins here.
    pub(super) fn at_subquery(&self) -> bool {
        self.peek() == &Token::LParen
            && (begins_query(self.peek_at(1)) || self.peek_at(1) == &Token::LParen)
    }
}
