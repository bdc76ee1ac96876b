//! Conditions: comparisons, NULL tests, BETWEEN, IN, LIKE.

use super::expr::{Binder, Bound, error, unbuilt};
use super::place::place;
use super::types;
use crate::plan::{CompareOp, Expr};
use crate::sql::mark::{self, MarkKind};
use crate::types::{DataType, Value};
use sqlparser::ast::Expr as SqlExpr;

impl Binder<'_> {
    pub(super) fn bind_predicate(&mut self, expr: &SqlExpr) -> Bound {
        match expr {
            SqlExpr::IsNull(input) | SqlExpr::IsUnknown(input) => self.is_null(input, false),
            SqlExpr::IsNotNull(input) | SqlExpr::IsNotUnknown(input) => self.is_null(input, true),
            SqlExpr::IsTrue(input) => self.is_bool(input, true, CompareOp::NotDistinct),
            SqlExpr::IsNotTrue(input) => self.is_bool(input, true, CompareOp::Distinct),
            SqlExpr::IsFalse(input) => self.is_bool(input, false, CompareOp::NotDistinct),
            SqlExpr::IsNotFalse(input) => self.is_bool(input, false, CompareOp::Distinct),
            SqlExpr::IsDistinctFrom(left, right) => {
                self.compare(expr, CompareOp::Distinct, left, right)
            }
            SqlExpr::IsNotDistinctFrom(left, right) => {
                self.compare(expr, CompareOp::NotDistinct, left, right)
            }
            SqlExpr::Between {
                expr: input,
                negated,
                low,
                high,
            } => {
                let above = self.compare(expr, CompareOp::GreaterOrEqual, input, low)?;
                let below = self.compare(expr, CompareOp::LessOrEqual, input, high)?;
                let both = Expr::And(vec![above, below]);
                Ok(if *negated {
                    Expr::Not(Box::new(both))
                } else {
                    both
                })
            }
            SqlExpr::InList {
                expr: input,
                list,
                negated,
            } => match list.first().and_then(mark::read) {
                Some(found) if found.kind == MarkKind::Rows => {
                    self.in_subquery(input, found, *negated)
                }
                _ => self.in_list(expr, input, list, *negated),
            },
            SqlExpr::Like {
                any: false,
                negated,
                expr: input,
                pattern,
                escape_char,
            } => self.like(input, pattern, escape_char.as_deref(), (false, *negated)),
            SqlExpr::ILike {
                any: false,
                negated,
                expr: input,
                pattern,
                escape_char,
            } => self.like(input, pattern, escape_char.as_deref(), (true, *negated)),
            _ => self.bind_call(expr),
        }
    }

    pub(super) fn compare(
        &mut self,
        expr: &SqlExpr,
        op: CompareOp,
        left: &SqlExpr,
        right: &SqlExpr,
    ) -> Bound {
        let (left, right) = (self.bind(left)?, self.bind(right)?);
        types::compare(op, left, right).map_err(|message| {
            let error = error(place(expr), message);
            if error.message.contains("VARCHAR") {
                error.with_hint("cast one side: CAST(x AS VARCHAR)")
            } else {
                error
            }
        })
    }

    fn is_null(&mut self, input: &SqlExpr, negated: bool) -> Bound {
        Ok(Expr::IsNull {
            input: Box::new(self.bind(input)?),
            negated,
        })
    }

    fn is_bool(&mut self, input: &SqlExpr, wanted: bool, op: CompareOp) -> Bound {
        let input = self.condition_of("IS TRUE or FALSE", input)?;
        Ok(Expr::Compare {
            op,
            left: Box::new(input),
            right: Box::new(Expr::Literal {
                value: Value::Bool(wanted),
                ty: DataType::Boolean,
            }),
        })
    }

    fn in_list(
        &mut self,
        expr: &SqlExpr,
        input: &SqlExpr,
        list: &[SqlExpr],
        negated: bool,
    ) -> Bound {
        let mut bound = vec![self.bind(input)?];
        for item in list {
            bound.push(self.bind(item)?);
        }
        let (mut items, _) =
            types::unify_all(bound, "IN").map_err(|message| error(place(expr), message))?;
        let input = items.remove(0);
        let constants: Option<Vec<Value>> = items
            .iter()
            .map(|item| match item {
                Expr::Literal { value, .. } => Some(value.clone()),
                _ => None,
            })
            .collect();
        if let Some(list) = constants {
            return Ok(Expr::InList {
                input: Box::new(input),
                list,
                negated,
            });
        }
        let tests: Vec<Expr> = items
            .into_iter()
            .map(|item| Expr::Compare {
                op: CompareOp::Equal,
                left: Box::new(input.clone()),
                right: Box::new(item),
            })
            .collect();
        let any = match tests.len() {
            1 => tests.into_iter().next().expect("one test"),
            _ => Expr::Or(tests),
        };
        Ok(if negated {
            Expr::Not(Box::new(any))
        } else {
            any
        })
    }

    fn like(
        &mut self,
        input: &SqlExpr,
        pattern: &SqlExpr,
        escape: Option<&SqlExpr>,
        (ignore_case, negated): (bool, bool),
    ) -> Bound {
        let bound = self.bind(input)?;
        if bound.ty() != DataType::Varchar {
            return Err(error(
                place(input),
                format!("LIKE takes VARCHAR, not {}", bound.ty()),
            ));
        }
        let Expr::Literal {
            value: Value::Text(text),
            ..
        } = self.bind(pattern)?
        else {
            return Err(unbuilt(
                place(pattern),
                "LIKE with a pattern that is not a constant",
            ));
        };
        let escape = match escape {
            None => None,
            Some(escape) => Some(self.escape_character(escape)?),
        };
        Ok(Expr::Like {
            input: Box::new(bound),
            pattern: text,
            escape,
            ignore_case,
            negated,
        })
    }

    pub(super) fn escape_character(
        &mut self,
        escape: &SqlExpr,
    ) -> Result<char, crate::error::SqlError> {
        let bound = self.bind(escape)?;
        if let Expr::Literal {
            value: Value::Text(text),
            ..
        } = &bound
            && let [char] = text.chars().collect::<Vec<_>>()[..]
        {
            return Ok(char);
        }
        Err(error(place(escape), "ESCAPE takes one character"))
    }
}
