//! What EXPLAIN says of subqueries in expressions, which run before the job.

use crate::limits::SUBQUERY_ROWS_MAX;
use crate::plan::{Expr, Job, MemberRows, SubqueryPlan, SubqueryResult};
use crate::sql::plan::operator_exprs;

/// The plans of the subqueries that the job's statements from number `first` on name.
pub fn texts(job: &Job, first: usize) -> Vec<String> {
    let mut named = Vec::new();
    for statement in &job.statements[first..] {
        let keys = &job.routes[usize::from(statement.route.0)].key;
        keys.iter().for_each(|key| collect(key, &mut named));
        for operator in statement.stages.iter().flat_map(|stage| &stage.operators) {
            for expr in operator_exprs(operator) {
                collect(expr, &mut named);
            }
        }
    }
    named.sort_unstable();
    named.dedup();
    named
        .into_iter()
        .map(|index| text(index, &job.subqueries[index]))
        .collect()
}

fn collect(expr: &Expr, named: &mut Vec<usize>) {
    match expr {
        Expr::Subquery { index, .. }
        | Expr::InSubquery { index, .. }
        | Expr::Member {
            rows: MemberRows::Of { index, .. },
            ..
        }
        | Expr::InRows {
            rows: MemberRows::Of { index, .. },
            ..
        }
        | Expr::Lookup {
            rows: MemberRows::Of { index, .. },
            ..
        } => named.push(usize::from(*index)),
        _ => {}
    }
    for child in expr.children() {
        collect(child, named);
    }
}

fn text(index: usize, subquery: &SubqueryPlan) -> String {
    let what = match subquery.result {
        SubqueryResult::Value => "one value".to_owned(),
        SubqueryResult::Existence => "whether there is a row".to_owned(),
        SubqueryResult::Set => format!("a set of at most {SUBQUERY_ROWS_MAX} rows"),
        SubqueryResult::Values => format!("a value for each of at most {SUBQUERY_ROWS_MAX} keys"),
    };
    let plan = super::all_statements(&subquery.job).replace('\n', "\n  ");
    format!(
        "subquery {}, before the job starts: {what}\n  {plan}",
        index + 1
    )
}
