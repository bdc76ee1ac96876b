//! Random unions: the same columns under two or three conditions.

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
