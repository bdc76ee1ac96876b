//! Subqueries in expressions: found by the dialect's hooks, which pass over them, and read here.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, VisitMut, VisitorMut};
use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::SqlError;
use crate::sql::mark;

impl Cursor<'_> {
    /// Reads the subqueries that an expression was found to hold.
    pub(super) fn read_subqueries(&mut self, node: &mut impl VisitMut) -> Result<(), SqlError> {
        if !self.dialect.has_marked() {
            return Ok(());
        }
        match node.visit(&mut Reader { cursor: self }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(error) => Err(*error),
        }
    }

    /// Reads the query in the parentheses that open at token `open`; its number in the text.
    fn subquery_at(&mut self, open: usize) -> Result<usize, SqlError> {
        let mut depth = 0_usize;
        let mut tokens = Vec::new();
        for index in open + 1.. {
            let token = self.parser.token_at(index).clone();
            match &token.token {
                Token::LParen => depth += 1,
                Token::RParen if depth == 0 => {
                    tokens.push(token);
                    break;
                }
                Token::RParen => depth -= 1,
                Token::EOF => break,
                _ => {}
            }
            tokens.push(token);
        }
        let mut inner = self.within(tokens);
        let query = inner.inner_query()?;
        inner.close_query()?;
        self.subqueries.push(query);
        Ok(self.subqueries.len() - 1)
    }
}

/// Replaces the places of subqueries by their numbers.
struct Reader<'c, 'a> {
    cursor: &'c mut Cursor<'a>,
}

impl VisitorMut for Reader<'_, '_> {
    type Break = Box<SqlError>;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        let Some(found) = mark::read(expr) else {
            return ControlFlow::Continue(());
        };
        match self.cursor.subquery_at(found.number) {
            Ok(number) => {
                mark::renumber(expr, number);
                ControlFlow::Continue(())
            }
            Err(error) => ControlFlow::Break(Box::new(error)),
        }
    }
}
