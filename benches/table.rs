//! Million rows a second of the group table: hashing keys, and key -> dense group index, for few keys (they stay in
//! the cache) and for many (every look-up misses it), skewed as feeds are and uniform as they are not. The groups
//! found are compared with those of the standard library's map before anything is timed.
//! `cargo bench --bench table` measures; `cargo test` runs a small input.

use std::collections::HashMap;
use std::time::Instant;

use velo_tpc::batch::{Column, ColumnData, Rows, TextColumn};
use velo_tpc::hash::DEFAULT_SEED;
use velo_tpc::limits::MORSEL_ROWS_MAX;
use velo_tpc::sim::Random;
use velo_tpc::table::{GroupTable, hash_keys};
use velo_tpc::types::DataType;

/// Batches and passes of a run.
#[derive(Clone, Copy)]
struct Size {
    batches: usize,
    passes: usize,
    many: u64,
}

fn main() {
    let size = if std::env::args().any(|argument| argument == "--bench") {
        Size {
            batches: 512,
            passes: 5,
            many: 1 << 20,
        }
    } else {
        Size {
            batches: 4,
            passes: 1,
            many: 1 << 12,
        }
    };
    for (keys, name) in [(1000, "1,000 keys"), (size.many, "many keys")] {
        for skewed in [true, false] {
            let draw = if skewed { "skewed" } else { "uniform" };
            let numbers = numbers(size, keys, skewed);
            let text = numbers.iter().map(|rows| vec![texts(rows)]).collect();
            measure(&format!("text, {name}, {draw}"), size, text);
            let whole = numbers.iter().map(|rows| vec![integers(rows)]).collect();
            measure(&format!("BIGINT, {name}, {draw}"), size, whole);
            let both = numbers.iter().map(|rows| vec![texts(rows), integers(rows)]);
            measure(&format!("both, {name}, {draw}"), size, both.collect());
        }
    }
}

/// The key of each row of each batch, below `keys`; skewed: the product of two draws.
fn numbers(size: Size, keys: u64, skewed: bool) -> Vec<Vec<u64>> {
    let mut random = Random::new(0x5eed_0051);
    let mut key = || {
        let first = random.below(keys);
        if skewed {
            (u128::from(first) * u128::from(random.below(keys)) / u128::from(keys)) as u64
        } else {
            first
        }
    };
    let mut batch = || (0..MORSEL_ROWS_MAX).map(|_| key()).collect();
    (0..size.batches).map(|_| batch()).collect()
}

fn texts(rows: &[u64]) -> Column {
    let mut texts = TextColumn::default();
    for row in rows {
        texts.push(format!("SYM{row:07}").as_bytes());
    }
    Column {
        data: ColumnData::Text(texts),
        nulls: Vec::new(),
    }
}

fn integers(rows: &[u64]) -> Column {
    Column {
        data: ColumnData::I64(rows.iter().map(|&row| row as i64).collect()),
        nulls: Vec::new(),
    }
}

fn type_of(column: &Column) -> DataType {
    match column.data {
        ColumnData::Text(_) => DataType::Varchar,
        _ => DataType::BigInt,
    }
}

fn new_table(batches: &[Vec<Column>]) -> GroupTable {
    let types: Vec<DataType> = batches[0].iter().map(type_of).collect();
    GroupTable::new(&types)
}

/// Checks the groups, then times a table that grows and one that knows every key.
fn measure(name: &str, size: Size, batches: Vec<Vec<Column>>) {
    let all = Rows::All(MORSEL_ROWS_MAX);
    let keys: Vec<Vec<&Column>> = batches.iter().map(|keys| keys.iter().collect()).collect();
    let mut hashes = vec![Vec::new(); batches.len()];
    let mut hashing = f64::MAX;
    for _ in 0..size.passes {
        let start = Instant::now();
        for (keys, hashes) in keys.iter().zip(&mut hashes) {
            hash_keys(DEFAULT_SEED, keys, all.into(), MORSEL_ROWS_MAX, hashes);
        }
        hashing = hashing.min(start.elapsed().as_secs_f64());
    }
    let groups = verify(&batches, &keys, &hashes);
    let (mut growing, mut known) = (f64::MAX, f64::MAX);
    let (mut found, mut created) = (Vec::new(), Vec::new());
    for _ in 0..size.passes {
        let mut table = new_table(&batches);
        for best in [&mut growing, &mut known] {
            let start = Instant::now();
            for (keys, hashes) in keys.iter().zip(&hashes) {
                table.find_or_insert(hashes, keys, all, &mut found, &mut created);
            }
            *best = best.min(start.elapsed().as_secs_f64());
        }
        assert_eq!(table.len(), groups);
    }
    let rate = |seconds: f64| (batches.len() * MORSEL_ROWS_MAX) as f64 / seconds / 1e6;
    println!(
        "{name:<32} {groups:>8} groups: hash {:>7.1}, growing {:>6.1}, known {:>6.1} M rows/s",
        rate(hashing),
        rate(growing),
        rate(known)
    );
}

/// Compares every row's group with that of a map of the keys' values; the number of groups.
fn verify(batches: &[Vec<Column>], keys: &[Vec<&Column>], hashes: &[Vec<u64>]) -> usize {
    let mut table = new_table(batches);
    let mut slow: HashMap<String, u32> = HashMap::new();
    let (mut found, mut created) = (Vec::new(), Vec::new());
    for (keys, hashes) in keys.iter().zip(hashes) {
        table.find_or_insert(
            hashes,
            keys,
            Rows::All(MORSEL_ROWS_MAX),
            &mut found,
            &mut created,
        );
        for (row, &group) in found.iter().enumerate() {
            let key = keys.iter().map(|key| format!("{:?},", key.value(row)));
            let next = slow.len() as u32;
            let wanted = *slow.entry(key.collect()).or_insert(next);
            assert_eq!(group, wanted, "groups are numbered by their first rows");
        }
    }
    assert_eq!(table.len(), slow.len());
    slow.len()
}
