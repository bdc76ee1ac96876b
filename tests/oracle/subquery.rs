//! Random subqueries in conditions: IN, EXISTS and values, some with the key of the row around them.

use velo_tpc::sim::Random;

/// A condition on `number`, an expression over `table`.
pub fn condition(random: &mut Random, table: &str, number: &str) -> String {
    let mut pick = |items: &[&'static str]| items[random.below(items.len() as u64) as usize];
    let not = pick(&["", "NOT "]);
    let filter = pick(&[
        "",
        " WHERE q.b > 3",
        " WHERE q.k IS NOT NULL",
        " WHERE q.f",
        " WHERE q.b > 9",
    ]);
    let more = filter.replace(" WHERE", " AND");
    match pick(&[
        "number", "text", "exists", "value", "keyed", "keyed", "both", "member", "looked", "rows",
        "rows of",
    ]) {
        "number" => {
            let column = pick(&["b", "i", "d", "x", "w"]);
            format!("{number} {not}IN (SELECT q.{column} FROM {table} AS q{filter})")
        }
        "text" => format!("k {not}IN (SELECT q.g FROM {table} AS q{filter})"),
        "exists" => format!("{not}EXISTS (SELECT q.k FROM {table} AS q{filter})"),
        "value" => {
            let call = pick(&["MIN(q.b)", "COUNT(*)", "MAX(q.d)", "SUM(q.i)", "COUNT(q.k)"]);
            let op = pick(&["=", "<", ">", "<="]);
            format!("{number} {op} (SELECT {call} FROM {table} AS q{filter})")
        }
        "looked" => {
            let call = pick(&[
                "MIN(q.b)",
                "COUNT(*)",
                "MAX(q.d)",
                "COUNT(q.i) + 1",
                "AVG(q.x)",
            ]);
            let key = pick(&["q.k", "q.g", "SUBSTRING(q.g FROM 1 FOR 1)"]);
            let op = pick(&["=", "<", ">", "<="]);
            format!("{number} {op} (SELECT {call} FROM {table} AS q WHERE {key} = {table}.k{more})")
        }
        "rows" => {
            let columns = pick(&["q.g, q.i", "q.k, q.b", "q.g, q.b + 1"]);
            format!("({table}.k, {table}.i) {not}IN (SELECT {columns} FROM {table} AS q{filter})")
        }
        "rows of" => format!(
            "({table}.f, {table}.i, {number} > 1) {not}IN \
             (SELECT q.f, q.b, q.b > 2 FROM {table} AS q WHERE q.k = {table}.k{more})"
        ),
        "keyed" => format!("{not}EXISTS (SELECT 1 FROM {table} AS q WHERE q.k = {table}.g{more})"),
        "both" => format!(
            "{not}EXISTS (SELECT 1 FROM {table} AS q WHERE {table}.k = q.k AND q.i = {table}.b{more})"
        ),
        _ => {
            format!("{table}.i {not}IN (SELECT q.b FROM {table} AS q WHERE q.k = {table}.k{more})")
        }
    }
}
