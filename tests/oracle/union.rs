//! Random unions and other set operations: the same columns under two or three conditions.

use crate::data::Kind;
use velo_tpc::sim::Random;

/// A union of `items` of `table` under some of `conditions`, now and then in FROM.
pub fn of(random: &mut Random, items: &str, table: &str, conditions: &[String; 3]) -> String {
    let count = 2 + random.below(2) as usize;
    let arms = conditions[..count].iter();
    let arms: Vec<String> = arms
        .map(|condition| format!("SELECT {items} FROM {table}{condition}"))
        .collect();
    let all = arms.join(" UNION ALL ");
    match random.one_in(3) {
        true => format!("SELECT c0, * FROM ({all}) AS u WHERE c0 IS NOT NULL"),
        false => all,
    }
}

/// `table`, or now and then a union of parts of it or what one part has more, under its name. With an event time the union keeps it.
pub fn from(
    random: &mut Random,
    table: &str,
    columns: &[(&'static str, Kind)],
    has_time: bool,
) -> String {
    // `*` has no system columns.
    if !random.one_in(6) || columns.iter().any(|column| column.0.starts_with('_')) {
        return table.to_owned();
    }
    let mut pick = |items: &[&'static str]| items[random.below(items.len() as u64) as usize];
    let parts = [
        "",
        " WHERE b > 2",
        " WHERE f",
        " WHERE k = 'S1'",
        " WHERE i / b > 0",
    ];
    let (first, second) = (pick(&parts), pick(&parts));
    let word = match has_time {
        true => "UNION ALL",
        false => pick(&[
            "UNION ALL",
            "UNION",
            "EXCEPT",
            "EXCEPT ALL",
            "INTERSECT",
            "INTERSECT ALL",
        ]),
    };
    match pick(&["two", "two", "three", "limited"]) {
        "limited" if !has_time => format!(
            "(SELECT * FROM {table}{first} UNION ALL (SELECT * FROM {table} ORDER BY b DESC, k LIMIT 9)) AS {table}"
        ),
        "three" => format!(
            "(SELECT * FROM {table} {word} SELECT * FROM (SELECT * FROM {table}{first} UNION ALL SELECT * \
             FROM {table}{second}) WHERE b < 6) AS {table}"
        ),
        _ => format!(
            "(SELECT * FROM {table}{first} {word} SELECT * FROM {table}{second}) AS {table}"
        ),
    }
}
