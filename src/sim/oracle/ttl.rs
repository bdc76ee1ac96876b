//! `state.ttl`: the rows of a key fall into lives, and each life is a query of its own.

use super::eval::{eval_row, time_of};
use super::{Counts, Row, same_values};
use crate::plan::{Expr, TtlPlan};
use crate::types::Value;

struct Key {
    values: Vec<Value>,
    /// The greatest event time of the rows of its life.
    touched: i64,
    /// Which life.
    life: usize,
}

/// What `run` gives of the rows of each life; of all rows together without `ttl`.
pub fn by_life(
    (keys, ttl): (&[Expr], Option<&TtlPlan>),
    rows: &[Row],
    counts: &mut Counts,
    run: impl Fn(&[Row], &mut Counts) -> Vec<Row>,
) -> Vec<Row> {
    let Some(ttl) = ttl else {
        return run(rows, counts);
    };
    let lives = lives(keys, ttl, rows, counts);
    lives.iter().flat_map(|life| run(life, counts)).collect()
}

/// The rows of each life. A row whose key cannot be computed is one by itself: the operator refuses it.
fn lives(keys: &[Expr], ttl: &TtlPlan, rows: &[Row], counts: &mut Counts) -> Vec<Vec<Row>> {
    let (mut known, mut lives): (Vec<Key>, Vec<Vec<Row>>) = Default::default();
    for row in rows {
        let values = keys.iter().map(|key| eval_row(key, &row.values));
        let Ok(values) = values.collect::<Result<Vec<_>, _>>() else {
            lives.push(vec![row.clone()]);
            continue;
        };
        let time = match time_of(&ttl.time, &row.values) {
            Ok(time) => time,
            Err(reason) => {
                counts.reject(reason);
                continue;
            }
        };
        let found = known.iter_mut();
        let mut found = found.filter(|key| same_values(&key.values, &values));
        let watermark = i128::from(row.key.watermark());
        match found.next() {
            Some(key) if watermark <= i128::from(key.touched) + i128::from(ttl.ttl_ns) => {
                key.touched = key.touched.max(time);
                lives[key.life].push(row.clone());
                continue;
            }
            Some(key) => (key.touched, key.life) = (time, lives.len()),
            None => known.push(Key {
                values,
                touched: time,
                life: lives.len(),
            }),
        }
        lives.push(vec![row.clone()]);
    }
    lives
}
