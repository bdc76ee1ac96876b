//! UNION, EXCEPT and INTERSECT between queries. INTERSECT binds tighter; the others go from left to right.
//!
//! Clauses behind the last query, unless it stands in parentheses, and WITH before the first are those of the whole.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::limits::STATEMENTS_MAX;
use crate::sql::ast::{From, Query, SetKind, SetOperation, UnionArm};
use crate::sql::dialect::begins_query;

/// What is told of a chain of set operations while it is read.
#[derive(Default)]
struct Chain {
    /// Queries so far.
    queries: usize,
    /// The last query, without its SELECT, if its clauses are those of the whole.
    clauses: Option<Query>,
}

impl Cursor<'_> {
    /// A query, up to the first token that is no clause of it.
    pub(super) fn query(&mut self) -> Result<Query, SqlError> {
        let start = self.index();
        let grouped = self.peek() == &Token::LParen;
        let mut first = self.one_query()?;
        if !self.at_set_operation() {
            self.settle_top(&mut first)?;
            return Ok(first);
        }
        let ctes = match grouped {
            true => Vec::new(),
            false => std::mem::take(&mut first.ctes),
        };
        self.settle_top(&mut first)?;
        let mut chain = Chain {
            queries: 1,
            clauses: None,
        };
        let mut whole = self.set_operations(first, &mut chain)?;
        whole.ctes = ctes;
        whole.span = self.since(start);
        whole.body.span = whole.span;
        if let From::Union { span, .. } = &mut whole.body.from {
            *span = whole.span;
        }
        if let Some(last) = chain.clauses {
            whole.order_by = last.order_by;
            whole.limit = last.limit;
            whole.offset = last.offset;
            whole.per_window = last.per_window;
            whole.emit = last.emit;
            whole.late = last.late;
        }
        Ok(whole)
    }

    fn at_set_operation(&self) -> bool {
        ["UNION", "EXCEPT", "MINUS", "INTERSECT"]
            .iter()
            .any(|word| self.word_at(0, word))
    }

    /// The operations behind `first`, of which there is one at least: a query without clauses of its own.
    fn set_operations(&mut self, first: Query, chain: &mut Chain) -> Result<Query, SqlError> {
        let span = first.span;
        let query = self.intersections(first, chain)?;
        let mut arms = vec![UnionArm {
            all: true,
            span,
            query,
        }];
        loop {
            let at = self.index();
            if self.eat_words(&["UNION"]) {
                let all = self.all();
                let span = self.since(at);
                let right = self.operand(span, chain)?;
                let query = self.intersections(right, chain)?;
                arms.push(UnionArm { all, span, query });
            } else if self.eat_words(&["EXCEPT"]) || self.eat_words(&["MINUS"]) {
                let all = self.all();
                let span = self.since(at);
                let right = self.operand(span, chain)?;
                let right = self.intersections(right, chain)?;
                let query = operation(SetKind::Except, all, [united(arms), right], span);
                arms = vec![UnionArm {
                    all: true,
                    span,
                    query,
                }];
            } else {
                return Ok(united(arms));
            }
        }
    }

    /// `left`, and what is intersected with it.
    fn intersections(&mut self, mut left: Query, chain: &mut Chain) -> Result<Query, SqlError> {
        loop {
            let at = self.index();
            if !self.eat_words(&["INTERSECT"]) {
                return Ok(left);
            }
            let all = self.all();
            let span = self.since(at);
            let right = self.operand(span, chain)?;
            left = operation(SetKind::Intersect, all, [left, right], span);
        }
    }

    /// ALL, or DISTINCT, which may be left out.
    fn all(&mut self) -> bool {
        let all = self.eat_words(&["ALL"]);
        if !all {
            self.eat_words(&["DISTINCT"]);
        }
        all
    }

    /// The query behind the word at `span`.
    fn operand(&mut self, span: Span, chain: &mut Chain) -> Result<Query, SqlError> {
        if chain.queries == STATEMENTS_MAX {
            let message = format!("set operations are of at most {STATEMENTS_MAX} queries");
            return Err(self.error(SqlErrorKind::Parse, span, message));
        }
        chain.queries += 1;
        let grouped = self.peek() == &Token::LParen;
        if !grouped && !begins_query(self.peek()) {
            return Err(self.expected("SELECT", &["SELECT"]));
        }
        let mut query = self.one_query()?;
        if !grouped && !self.at_set_operation() {
            chain.clauses = Some(Query {
                order_by: std::mem::take(&mut query.order_by),
                limit: query.limit.take(),
                offset: query.offset.take(),
                per_window: query.per_window.take(),
                emit: query.emit.take(),
                late: query.late.take(),
                ..Query::star(From::Nothing, query.span)
            });
        }
        self.settle_top(&mut query)?;
        Ok(query)
    }
}

/// The union of `arms`, if there are several.
fn united(mut arms: Vec<UnionArm>) -> Query {
    match arms.len() {
        1 => arms.remove(0).query,
        _ => {
            let span = arms[0].span;
            arms[0].all = arms[1].all;
            Query::star(From::Union { arms, span }, span)
        }
    }
}

fn operation(kind: SetKind, all: bool, sides: [Query; 2], span: Span) -> Query {
    let operation = SetOperation {
        kind,
        all,
        sides,
        span,
    };
    Query::star(From::SetOperation(Box::new(operation)), span)
}
