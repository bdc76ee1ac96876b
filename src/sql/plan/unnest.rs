//! UNNEST: arrays of FROM, and those among the items of a SELECT, which are moved there.

use super::flow::{Flow, Spread};
use super::placement::push_late_at;
use super::query::{Context, Relation};
use super::select::{default_name, is_grouped};
use super::{Planner, bind_error, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::limits::{UNNEST_ARRAYS_MAX, UNNEST_DEPTH_MAX};
use crate::plan::{
    AggregatePlan, Expr, NestedFunction, OperatorPlan, ScalarFunction, UnnestPlan, WindowPlan,
};
use crate::sql::ast::{From, Name, Select, SelectItem, Unnest};
use crate::sql::bind::{Binder, Clause, Column, any_expr, has_aggregate, has_over, place};
use crate::sql::names;
use crate::types::{DataType, Field, array_of};
use sqlparser::ast::{
    Expr as SqlExpr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, VisitMut,
    VisitorMut,
};
use std::ops::ControlFlow;

impl Planner<'_> {
    /// The rows of its input, once for each element.
    pub(super) fn unnest(
        &mut self,
        unnest: &Unnest,
        context: Context<'_>,
    ) -> Result<Relation, SqlError> {
        let mut relation = self.relation(&unnest.input, context, unnest.span)?;
        let flow = &mut relation.flow;
        let united = flow.state.unnests > 0 && !flow.unions.is_empty();
        if united || usize::from(flow.state.unnests) == UNNEST_DEPTH_MAX {
            let what = match united {
                true => "UNNEST of a UNION of rows that another UNNEST made",
                false => "UNNEST of rows that two others made",
            };
            return Err(
                unbuilt(unnest.span, what).with_hint("UNNEST(a, b) takes arrays side by side")
            );
        }
        if flow.state.corrections {
            return Err(unbuilt(unnest.span, "UNNEST over corrected windows"));
        }
        let (arrays, names): (Vec<_>, Vec<_>) = self.arrays(unnest, flow)?.into_iter().unzip();
        if arrays.len() > UNNEST_ARRAYS_MAX {
            let message = format!("UNNEST takes at most {UNNEST_ARRAYS_MAX} arrays side by side");
            return Err(bind_error(unnest.span, message));
        }
        let plan = UnnestPlan {
            arrays,
            ordinality: unnest.ordinality,
            outer: unnest.outer,
        };
        let names = column_names(unnest, &names)?;
        for (at, (name, ty)) in names.into_iter().zip(plan.types()).enumerate() {
            let mut known = flow.columns.iter().filter(|column| !column.hidden);
            if known.any(|column| names::means(&name, &column.name)) {
                let message = format!("column {} is there already", name.text);
                return Err(bind_error(name.span, message)
                    .with_hint("name the elements otherwise: UNNEST(a) AS u(element)"));
            }
            let index = flow.physical.fields.len();
            let nullable = plan.outer || at < plan.arrays.len();
            flow.physical.fields.push(Field {
                name: name.text.clone(),
                ty,
                nullable,
            });
            flow.columns.push(Column {
                name: name.text,
                expr: Expr::Column { index, ty },
                nullable,
                hidden: unnest.hidden,
            });
        }
        flow.qualifiers.extend(unnest.alias.clone());
        flow.push(OperatorPlan::Unnest(plan));
        if flow.spread == Spread::Free {
            // Ingest does not know the elements, and stateless work runs on any worker.
            flow.spread = Spread::Scattered;
        }
        flow.hashed = false;
        flow.state.sorted = false;
        flow.state.unnests += 1;
        Ok(relation)
    }

    /// The arrays, bound, with the names that their elements have for what they are; a MAP is two, keys and values.
    fn arrays(
        &mut self,
        unnest: &Unnest,
        flow: &Flow,
    ) -> Result<Vec<(Expr, Option<&'static str>)>, SqlError> {
        let mut scope = flow.scope();
        scope.zone.clone_from(&self.settings.zone);
        let mut binder = Binder::new(&scope);
        let mut arrays = Vec::with_capacity(unnest.arrays.len());
        for array in &unnest.arrays {
            if has_aggregate(array) || has_over(array) {
                return Err(
                    unbuilt(place(array), "UNNEST of an aggregate or an OVER call").with_hint(
                        "compute it in a subquery: FROM (SELECT ..) CROSS JOIN UNNEST(a)",
                    ),
                );
            }
            let bound = binder.bind_in(Clause::Where, array)?;
            match bound.ty() {
                DataType::Array(_) => arrays.push((bound, None)),
                DataType::Map(..) if unnest.hidden => {
                    let message = "UNNEST of a MAP has two columns: it stands in FROM";
                    return Err(bind_error(place(array), message)
                        .with_hint("FROM t CROSS JOIN UNNEST(m) AS u (key, value)"));
                }
                DataType::Map(..) => arrays.extend(keys_and_values(bound)),
                other => {
                    let message = format!("UNNEST takes an ARRAY or a MAP, not {other}");
                    return Err(bind_error(place(array), message));
                }
            }
        }
        self.notes.warnings.append(&mut binder.warnings);
        Ok(arrays)
    }
}

/// The ARRAYs that a MAP is, side by side.
fn keys_and_values(map: Expr) -> [(Expr, Option<&'static str>); 2] {
    let DataType::Map(key, value) = map.ty() else {
        unreachable!("the caller has looked");
    };
    let array = |function, element: &DataType| Expr::Call {
        function: ScalarFunction::Nested(function),
        args: vec![map.clone()],
        ty: array_of(*element),
    };
    [
        (array(NestedFunction::MapKeys, key), Some("key")),
        (array(NestedFunction::MapValues, value), Some("value")),
    ]
}

/// The names of the columns that are added: as many as there are arrays, and perhaps their number.
fn column_names(unnest: &Unnest, arrays: &[Option<&'static str>]) -> Result<Vec<Name>, SqlError> {
    let count = arrays.len() + usize::from(unnest.ordinality);
    if unnest.columns.len() > count {
        let message = format!("{} names for an UNNEST of {count}", unnest.columns.len());
        return Err(bind_error(unnest.span, message));
    }
    let named = |text: &str| Name {
        text: text.to_owned(),
        quoted: false,
        span: unnest.span,
    };
    let default = |at: usize| match &unnest.alias {
        Some(alias) if arrays == [None] && at == 0 => alias.clone(),
        _ => match arrays.get(at) {
            None => named("ordinality"),
            Some(Some(name)) => named(name),
            Some(None) if at == 0 => named("unnest"),
            Some(None) => named(&format!("unnest{}", at + 1)),
        },
    };
    let given = |at: usize| unnest.columns.get(at).cloned();
    Ok((0..count)
        .map(|at| given(at).unwrap_or_else(|| default(at)))
        .collect())
}

/// Decides lateness where the rows are still records: in front of the UNNEST. A session decides itself, for each element.
pub fn late_before(flow: &mut Flow, plan: &AggregatePlan, span: Span) -> Result<(), SqlError> {
    let is_late = flow.window.is_none() && !flow.clock.follows;
    let Some(window) = plan.window.as_ref().filter(|_| is_late) else {
        return Ok(());
    };
    let shares_rows = matches!(window, WindowPlan::Hop { .. } | WindowPlan::Cumulate { .. });
    if flow.state.unnests > 1 && shares_rows {
        // Its rows have used up the numbers that tell the results of one record apart.
        let what = "a window that overlaps another over UNNEST of an UNNEST";
        return Err(unbuilt(span, what).with_hint("use a tumbling window"));
    }
    let Some(at) = flow.records_upto() else {
        return Err(unbuilt(
            span,
            "a window over UNNEST with OVER or a UNION between them",
        ));
    };
    push_late_at(flow, at, plan);
    Ok(())
}

/// The SELECT with its UNNEST items in FROM; `None` where there are none.
///
/// In a box, for queries within queries stand on the stack with it.
pub fn moved(select: &Select) -> Result<Option<Box<Select>>, SqlError> {
    let exprs = select.item_exprs();
    let mut unnesting = exprs.filter(|expr| any_expr(expr, |node| call_of(node).is_some()));
    let Some(first) = unnesting.next() else {
        return Ok(None);
    };
    let span = place(first);
    if is_grouped(select) || super::select::has_over(select) {
        return Err(unbuilt(span, "UNNEST in a SELECT with groups or OVER")
            .with_hint("write FROM t CROSS JOIN UNNEST(a) AS u(x)"));
    }
    let mut changed = Box::new(select.clone());
    let mut mover = Mover { arrays: Vec::new() };
    for item in &mut changed.items {
        if let SelectItem::Star(star) = item {
            for (expr, _) in &mut star.replace {
                if let ControlFlow::Break(error) = VisitMut::visit(expr, &mut mover) {
                    return Err(*error);
                }
            }
        }
        if let SelectItem::Expr { expr, alias, span } = item {
            let name = match call_of(expr) {
                Some(_) => Name {
                    text: "unnest".into(),
                    quoted: false,
                    span: *span,
                },
                None => default_name(expr, *span),
            };
            let before = mover.arrays.len();
            if let ControlFlow::Break(error) = VisitMut::visit(&mut **expr, &mut mover) {
                return Err(*error);
            }
            if mover.arrays.len() > before && alias.is_none() {
                *alias = Some(name);
            }
        }
    }
    let columns = (0..mover.arrays.len()).map(|at| Name {
        text: hidden_name(at),
        quoted: true,
        span,
    });
    changed.from = From::Unnest(Box::new(Unnest {
        input: std::mem::replace(&mut changed.from, From::Nothing),
        columns: columns.collect(),
        arrays: mover.arrays,
        ordinality: false,
        outer: false,
        alias: None,
        hidden: true,
        span,
    }));
    Ok(Some(changed))
}

/// A name that is hard to hit.
fn hidden_name(at: usize) -> String {
    format!("unnest item {}", at + 1)
}

/// The call, if the expression is one of UNNEST.
fn call_of(expr: &SqlExpr) -> Option<&Function> {
    match expr {
        SqlExpr::Function(call) if call.name.to_string().eq_ignore_ascii_case("unnest") => {
            Some(call)
        }
        _ => None,
    }
}

/// Takes the arrays out of UNNEST calls, and puts the columns in their place.
struct Mover {
    arrays: Vec<SqlExpr>,
}

impl VisitorMut for Mover {
    type Break = Box<SqlError>;

    fn pre_visit_expr(&mut self, expr: &mut SqlExpr) -> ControlFlow<Self::Break> {
        let Some(call) = call_of(expr) else {
            return ControlFlow::Continue(());
        };
        let span = place(expr);
        let FunctionArguments::List(list) = &call.args else {
            return ControlFlow::Break(Box::new(plan_error(span, "UNNEST takes an ARRAY")));
        };
        let [FunctionArg::Unnamed(FunctionArgExpr::Expr(array))] = &list.args[..] else {
            let error = plan_error(span, "UNNEST takes one ARRAY in SELECT")
                .with_hint("several items stand side by side: SELECT UNNEST(a), UNNEST(b)");
            return ControlFlow::Break(Box::new(error));
        };
        if any_expr(array, |node| call_of(node).is_some()) {
            return ControlFlow::Break(Box::new(unbuilt(span, "UNNEST of UNNEST")));
        }
        let token = match call.name.0.first().and_then(|part| part.as_ident()) {
            Some(ident) => ident.span,
            None => sqlparser::tokenizer::Span::empty(),
        };
        let known = self.arrays.iter().position(|known| known == array);
        let at = known.unwrap_or(self.arrays.len());
        if known.is_none() {
            self.arrays.push(array.clone());
        }
        let mut ident = Ident::with_quote('"', hidden_name(at));
        ident.span = token;
        *expr = SqlExpr::Identifier(ident);
        ControlFlow::Continue(())
    }
}
