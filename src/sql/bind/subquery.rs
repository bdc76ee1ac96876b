//! Subqueries in expressions: values, IN and EXISTS, with or without columns of the query around them.
//!
//! A correlated one, whose rows are those with `inner = outer`, is planned once for all outer rows: as the set of
//! its `inner` values, among which the outer ones are looked for. IN asks three things of such a set, by SQL's
//! three-valued logic: are the keys there with this value, are they there at all, are they there with NULL. A value is
//! looked up by its keys; where there are none, an aggregate has the value that it has of no rows.

use super::expr::{Binder, Bound, error};
use super::place::place;
use super::types;
use crate::limits::IN_VALUES_MAX;
use crate::plan::{Expr, MemberPart, MemberRows};
use crate::sql::mark::{Mark, MarkKind};
use crate::types::{DataType, Value};
use sqlparser::ast::Expr as SqlExpr;

/// A subquery that is planned already.
#[derive(Clone, Debug)]
pub struct Subquery {
    /// Its number in the text.
    pub number: usize,
    /// Its index in the job.
    pub index: u16,
    /// The types of its columns.
    pub columns: Vec<DataType>,
    /// What its first columns are looked for with.
    pub outer: Vec<SqlExpr>,
    /// Index of the subquery that gives the value of no rows; `None`: NULL.
    pub missing: Option<u16>,
}

impl Binder<'_> {
    /// The subquery that stands where `mark` is.
    pub(super) fn subquery(&mut self, mark: Mark) -> Bound {
        let found = self.planned(mark)?;
        match mark.kind {
            MarkKind::Value if found.outer.is_empty() => Ok(Expr::Subquery {
                index: found.index,
                ty: found.columns[0],
            }),
            MarkKind::Value => {
                let inputs = self.outer_keys(&found, mark)?;
                Ok(looked_up(inputs, &found))
            }
            MarkKind::Existence => {
                let inputs = self.outer_keys(&found, mark)?;
                Ok(member(inputs, &found, MemberPart::Whole))
            }
            MarkKind::Rows => Err(error(mark.span, "a query with rows stands in IN only")),
        }
    }

    fn planned(&self, mark: Mark) -> Result<Subquery, crate::error::SqlError> {
        let mut known = self.scope.subqueries.iter();
        let found = known.find(|known| known.number == mark.number);
        found.cloned().ok_or_else(|| {
            error(mark.span, "a subquery cannot stand here").with_hint(
                "subqueries stand in SELECT, WHERE, GROUP BY, HAVING, QUALIFY and ORDER BY of a query",
            )
        })
    }

    /// The outer sides of a correlated subquery's conditions, of the types that both sides can have.
    fn outer_keys(
        &mut self,
        found: &Subquery,
        mark: Mark,
    ) -> Result<Vec<Expr>, crate::error::SqlError> {
        let mut inputs = Vec::with_capacity(found.outer.len());
        for (at, outer) in found.outer.iter().enumerate() {
            let outer = self.bind(outer)?;
            inputs.push(self.looked_for(outer, found, at, mark)?);
        }
        Ok(inputs)
    }

    /// `input` as it is compared with column `at` of the subquery.
    fn looked_for(&self, input: Expr, found: &Subquery, at: usize, mark: Mark) -> Bound {
        let column = Expr::Column {
            index: at,
            ty: found.columns[at],
        };
        let (mut both, _) = types::unify_all(vec![input, column], "a subquery")
            .map_err(|message| error(mark.span, message))?;
        Ok(both.swap_remove(0))
    }

    /// `input IN (SELECT ..)`.
    pub(super) fn in_subquery(&mut self, input: &SqlExpr, mark: Mark, negated: bool) -> Bound {
        let found = self.planned(mark)?;
        let given = found.columns.len() - found.outer.len();
        let asked = match input {
            SqlExpr::Tuple(parts) => &parts[..],
            one => std::slice::from_ref(one),
        };
        if asked.len() != given {
            let wanted = match asked.len() {
                1 => "one column".to_owned(),
                count => format!("{count} columns"),
            };
            let message = format!("a subquery gives {wanted} here, not {given}");
            return Err(error(mark.span, message));
        }
        if asked.len() > 1 {
            return self.in_rows(input, asked, &found, mark, negated);
        }
        let value = self.bind(input)?;
        let last = found.columns.len() - 1;
        let value = self.looked_for(value, &found, last, mark)?;
        if found.outer.is_empty() {
            return Ok(Expr::InSubquery {
                input: Box::new(value),
                index: found.index,
                negated,
            });
        }
        let keys = self.outer_keys(&found, mark)?;
        let with_value = keys.iter().cloned().chain([value.clone()]).collect();
        let unknown = Expr::Or(vec![
            member(keys.clone(), &found, MemberPart::KeysOfNull),
            Expr::And(vec![
                Expr::IsNull {
                    input: Box::new(value),
                    negated: false,
                },
                member(keys, &found, MemberPart::Keys),
            ]),
        ]);
        Ok(Expr::Case {
            branches: vec![
                (
                    member(with_value, &found, MemberPart::Whole),
                    truth(Value::Bool(!negated)),
                ),
                (unknown, truth(Value::Null)),
            ],
            otherwise: Some(Box::new(truth(Value::Bool(negated)))),
            ty: DataType::Boolean,
        })
    }
}

impl Binder<'_> {
    /// `(a, b) IN (SELECT ..)`.
    fn in_rows(
        &mut self,
        input: &SqlExpr,
        asked: &[SqlExpr],
        found: &Subquery,
        mark: Mark,
        negated: bool,
    ) -> Bound {
        if asked.len() > IN_VALUES_MAX {
            let message = format!("IN compares at most {IN_VALUES_MAX} values at once");
            return Err(error(place(input), message)
                .with_hint("write EXISTS (SELECT 1 FROM r WHERE r.a = a AND r.b = b)"));
        }
        let mut inputs = self.outer_keys(found, mark)?;
        let keys = inputs.len();
        for (at, part) in asked.iter().enumerate() {
            let part = self.bind(part)?;
            inputs.push(self.looked_for(part, found, keys + at, mark)?);
        }
        Ok(Expr::InRows {
            inputs,
            keys,
            rows: whole(found),
            negated,
        })
    }
}

/// The value of the keys `inputs`.
fn looked_up(inputs: Vec<Expr>, found: &Subquery) -> Expr {
    let ty = found.columns[found.columns.len() - 1];
    let lookup = Expr::Lookup {
        inputs: inputs.clone(),
        rows: whole(found),
        ty,
    };
    match found.missing {
        None => lookup,
        Some(index) => Expr::Case {
            branches: vec![(member(inputs, found, MemberPart::Keys), lookup)],
            otherwise: Some(Box::new(Expr::Subquery { index, ty })),
            ty,
        },
    }
}

/// All rows of a subquery.
fn whole(found: &Subquery) -> MemberRows {
    MemberRows::Of {
        index: found.index,
        part: MemberPart::Whole,
    }
}

fn member(inputs: Vec<Expr>, found: &Subquery, part: MemberPart) -> Expr {
    Expr::Member {
        inputs,
        rows: MemberRows::Of {
            index: found.index,
            part,
        },
    }
}

fn truth(value: Value) -> Expr {
    Expr::Literal {
        value,
        ty: DataType::Boolean,
    }
}
