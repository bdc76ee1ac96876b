//! Cuts rows down before an exchange: a stage whose operators pass its input's columns through gets a
//! projection of those that the next stages read.

use crate::plan::{Expr, Job, LateColumnsPlan, OperatorPlan, StagePlan};
use crate::sql::bind::rewrite;
use crate::types::Schema;

/// Prunes the stages of a statement whose source has `width` columns. The stages `fed` take rows of other statements
/// too, which have to look like those of the stage before.
pub fn prune(stages: &mut [StagePlan], width: usize, fed: &[usize]) {
    let mut width = width;
    for at in 0..stages.len() {
        let (passes, out) = output_width(&stages[at].operators, width);
        width = out;
        if at + 1 == stages.len() || fed.contains(&(at + 1)) {
            continue;
        }
        if !passes {
            width = prune_projection(stages, at, width);
            continue;
        }
        let Some(used) = used(&stages[at + 1..]) else {
            continue;
        };
        let used: Vec<(usize, Expr)> = used
            .into_iter()
            .filter_map(|column| match column {
                Expr::Column { index, .. } if index < width => Some((index, column)),
                _ => None,
            })
            .collect();
        if used.len() == width || used.is_empty() {
            continue;
        }
        let kept: Vec<usize> = used.iter().map(|(index, _)| *index).collect();
        stages[at].operators.push(OperatorPlan::Project {
            exprs: used.into_iter().map(|(_, column)| column).collect(),
        });
        remap(&mut stages[at + 1..], &kept, width);
        width = kept.len();
    }
}

/// Cuts the projection that ends stage `at`, of `width` columns, down to what the next stages read; gives
/// the columns left.
fn prune_projection(stages: &mut [StagePlan], at: usize, width: usize) -> usize {
    let (before, after) = stages.split_at_mut(at + 1);
    let Some(OperatorPlan::Project { exprs }) = before[at].operators.last_mut() else {
        return width;
    };
    let Some(used) = used(after) else {
        return width;
    };
    let kept: Vec<usize> = used
        .iter()
        .filter_map(|column| match column {
            Expr::Column { index, .. } if *index < width => Some(*index),
            _ => None,
        })
        .collect();
    if kept.len() == width || kept.is_empty() {
        return width;
    }
    let all = std::mem::take(exprs);
    let keep = |(index, _): &(usize, Expr)| kept.binary_search(index).is_ok();
    let rest = all.into_iter().enumerate().filter(keep);
    *exprs = rest.map(|(_, expr)| expr).collect();
    remap(after, &kept, width);
    kept.len()
}

/// Whether the operators pass all columns through, and how many come out.
fn output_width(operators: &[OperatorPlan], input: usize) -> (bool, usize) {
    let (mut passes, mut width) = (true, input);
    for operator in operators {
        match operator {
            OperatorPlan::Project { exprs } => (passes, width) = (false, exprs.len()),
            OperatorPlan::Aggregate(plan) => {
                let window = if plan.window.is_some() { 2 } else { 0 };
                (passes, width) = (false, plan.keys.len() + window + plan.aggregates.len());
            }
            OperatorPlan::Over(plan) => width += plan.calls.len(),
            OperatorPlan::Ranked(plan) => width += plan.calls.len(),
            OperatorPlan::Lead(plan) => width += plan.calls.len(),
            OperatorPlan::LateColumns(_) => width += LateColumnsPlan::COLUMNS.len(),
            OperatorPlan::Unnest(plan) => width += plan.types().len(),
            OperatorPlan::Filter { .. }
            | OperatorPlan::Late(_)
            | OperatorPlan::LateForSessions(_)
            | OperatorPlan::Sort(_)
            | OperatorPlan::Coalesce(_)
            | OperatorPlan::Fill(_)
            | OperatorPlan::TimeSort(_) => {}
        }
    }
    (passes, width)
}

/// The columns that stages read of their input, by rising index; `None`: all of them.
pub fn used(stages: &[StagePlan]) -> Option<Vec<Expr>> {
    let mut columns = Vec::new();
    for stage in stages {
        for key in stage.exchange.iter().flat_map(|exchange| &exchange.key) {
            collect(key, &mut columns);
        }
        for operator in &stage.operators {
            for expr in exprs(operator) {
                collect(expr, &mut columns);
            }
            if redefines(operator) {
                return Some(columns);
            }
        }
    }
    None
}

fn collect(expr: &Expr, columns: &mut Vec<Expr>) {
    let index_of = |expr: &Expr| match expr {
        Expr::Column { index, .. } => *index,
        _ => usize::MAX,
    };
    if let Expr::Column { index, .. } = expr
        && let Err(at) = columns.binary_search_by_key(index, index_of)
    {
        columns.insert(at, expr.clone());
    }
    for child in expr.children() {
        collect(child, columns);
    }
}

fn redefines(operator: &OperatorPlan) -> bool {
    matches!(
        operator,
        OperatorPlan::Project { .. } | OperatorPlan::Aggregate(_)
    )
}

/// The expressions of an operator.
pub fn exprs(operator: &OperatorPlan) -> Vec<&Expr> {
    match operator {
        OperatorPlan::Filter { predicate } => vec![predicate],
        OperatorPlan::Late(plan) => vec![&plan.time],
        OperatorPlan::Project { exprs } => exprs.iter().collect(),
        OperatorPlan::Aggregate(plan) => plan.exprs(),
        OperatorPlan::Over(plan) => plan.exprs(),
        OperatorPlan::Sort(plan) => plan.keys.iter().map(|key| &key.expr).collect(),
        OperatorPlan::Ranked(plan) => {
            let order = plan.order.iter().map(|key| &key.expr);
            let args = plan.calls.iter().flat_map(|call| &call.args);
            plan.keys.iter().chain(order).chain(args).collect()
        }
        OperatorPlan::Lead(plan) => plan
            .keys
            .iter()
            .chain(&plan.time)
            .chain(plan.calls.iter().flat_map(|call| &call.args))
            .collect(),
        OperatorPlan::TimeSort(plan) => plan.keys.iter().chain([&plan.time]).collect(),
        OperatorPlan::Coalesce(plan) => plan.keys.iter().collect(),
        OperatorPlan::LateColumns(plan) => vec![&plan.time],
        OperatorPlan::LateForSessions(plan) => plan.exprs(),
        // All its columns, which are the results of the aggregate in front of it.
        OperatorPlan::Fill(_) => Vec::new(),
        OperatorPlan::Unnest(plan) => plan.arrays.iter().collect(),
    }
}

/// Replaces nodes of the expressions of a job: `replace` gives the new node, or `None` to go on below it.
pub fn rewrite_job(job: &mut Job, replace: &dyn Fn(&Expr) -> Option<Expr>) {
    let (mut stages, mut feeds) = (Vec::new(), Vec::new());
    for statement in &mut job.statements {
        stages.extend(&mut statement.stages);
        feeds.extend(&mut statement.feeds);
    }
    let mut exprs: Vec<&mut Expr> = job.routes.iter_mut().flat_map(|it| &mut it.key).collect();
    for stage in stages {
        exprs.extend(stage.exchange.iter_mut().flat_map(|it| &mut it.key));
        exprs.extend(stage.operators.iter_mut().flat_map(exprs_mut));
    }
    exprs.extend(feeds.into_iter().flat_map(|it| &mut it.exchange.key));
    for expr in exprs {
        let new = rewrite::<std::convert::Infallible>(expr, &mut |node| Ok(replace(node)));
        match new {
            Ok(new) => *expr = new,
            Err(never) => match never {},
        }
    }
}

fn exprs_mut(operator: &mut OperatorPlan) -> Vec<&mut Expr> {
    match operator {
        OperatorPlan::Filter { predicate } => vec![predicate],
        OperatorPlan::Late(plan) => vec![&mut plan.time],
        OperatorPlan::Project { exprs } => exprs.iter_mut().collect(),
        OperatorPlan::Aggregate(plan) => plan.exprs_mut(),
        OperatorPlan::LateForSessions(plan) => plan.exprs_mut(),
        OperatorPlan::Over(plan) => plan.exprs_mut(),
        OperatorPlan::Sort(plan) => plan.keys.iter_mut().map(|key| &mut key.expr).collect(),
        OperatorPlan::Ranked(plan) => {
            let order = plan.order.iter_mut().map(|key| &mut key.expr);
            let args = plan.calls.iter_mut().flat_map(|call| &mut call.args);
            plan.keys.iter_mut().chain(order).chain(args).collect()
        }
        OperatorPlan::Lead(plan) => plan
            .keys
            .iter_mut()
            .chain(&mut plan.time)
            .chain(plan.calls.iter_mut().flat_map(|call| &mut call.args))
            .collect(),
        OperatorPlan::TimeSort(plan) => plan.keys.iter_mut().chain([&mut plan.time]).collect(),
        OperatorPlan::Coalesce(plan) => plan.keys.iter_mut().collect(),
        OperatorPlan::LateColumns(plan) => vec![&mut plan.time],
        OperatorPlan::Fill(_) => Vec::new(),
        OperatorPlan::Unnest(plan) => plan.arrays.iter_mut().collect(),
    }
}

/// Moves columns to where the projection of `kept` puts them; those past `width` were appended behind.
fn remap(stages: &mut [StagePlan], kept: &[usize], width: usize) {
    let moved = |expr: &Expr| {
        let new = rewrite::<std::convert::Infallible>(expr, &mut |node| {
            Ok(match node {
                Expr::Column { index, ty } => Some(Expr::Column {
                    index: match kept.binary_search(index) {
                        Ok(at) => at,
                        Err(_) => kept.len() + index.saturating_sub(width),
                    },
                    ty: *ty,
                }),
                _ => None,
            })
        });
        match new {
            Ok(expr) => expr,
            Err(never) => match never {},
        }
    };
    for stage in stages {
        for key in stage
            .exchange
            .iter_mut()
            .flat_map(|exchange| &mut exchange.key)
        {
            *key = moved(key);
        }
        for operator in &mut stage.operators {
            for expr in exprs_mut(operator) {
                *expr = moved(expr);
            }
            match operator {
                OperatorPlan::Over(plan) => cut(&mut plan.input, kept, width),
                OperatorPlan::Sort(plan) => cut(&mut plan.input, kept, width),
                OperatorPlan::TimeSort(plan) => cut(&mut plan.input, kept, width),
                OperatorPlan::Coalesce(plan) => cut(&mut plan.input, kept, width),
                OperatorPlan::Ranked(plan) => cut(&mut plan.input, kept, width),
                OperatorPlan::Lead(plan) => cut(&mut plan.input, kept, width),
                _ => {}
            }
            if redefines(operator) {
                return;
            }
        }
    }
}

fn cut(schema: &mut Schema, kept: &[usize], width: usize) {
    let fields = std::mem::take(&mut schema.fields);
    schema.fields = fields
        .into_iter()
        .enumerate()
        .filter(|(at, _)| *at >= width || kept.binary_search(at).is_ok())
        .map(|(_, field)| field)
        .collect();
}
