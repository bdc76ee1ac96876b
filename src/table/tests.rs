//! The table against a hash map of values, over random keys of every type.

use std::collections::HashMap;

use super::*;
use crate::batch::Rows;
use crate::types::Value;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

fn random_value(random: &mut Random, ty: DataType) -> Value {
    let pick = random.below(12);
    if pick == 0 {
        return Value::Null;
    }
    match ty {
        DataType::Boolean => Value::Bool(pick.is_multiple_of(2)),
        DataType::BigInt => Value::I64(pick as i64 - 6),
        DataType::Decimal { .. } => Value::I128((pick as i128 - 6) << (pick * 9)),
        DataType::Double => Value::F64([0.0, -0.0, f64::NAN, -f64::NAN, 1.5][pick as usize % 5]),
        _ => Value::Text(
            [
                "",
                "a",
                "exactly12byt",
                "a text of more than",
                "a text of more too",
            ][pick as usize % 5]
                .repeat(1 + pick as usize % 2),
        ),
    }
}

fn canonical(value: Value) -> String {
    match value {
        Value::F64(value) => format!("{:x}", crate::hash::canonical_f64_bits(value)),
        other => format!("{other:?}"),
    }
}

fn compare(seed: u64, types: &[DataType], collide: bool) {
    let mut random = Random(seed);
    let mut table = GroupTable::new(types);
    let (mut groups, mut created, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..3 {
        let mut naive: HashMap<Vec<String>, u32> = HashMap::new();
        for _ in 0..20 {
            let total = 1 + random.below(40) as usize;
            let mut columns: Vec<Column> = types.iter().map(|&ty| Column::new(ty)).collect();
            for _ in 0..total {
                for (column, &ty) in columns.iter_mut().zip(types) {
                    column.push(&random_value(&mut random, ty));
                }
            }
            let list: Vec<u32> = (0..total as u32).filter(|_| random.below(4) > 0).collect();
            let rows = if random.below(2) == 0 {
                Rows::All(total)
            } else {
                Rows::Some(&list)
            };
            let keys: Vec<&Column> = columns.iter().collect();
            hash_keys(7, &keys, rows.into(), total, &mut hashes);
            if collide {
                hashes.iter_mut().for_each(|hash| *hash &= 3 << 40);
            }
            let before = table.len();
            table.find_or_insert(&hashes, &keys, rows, &mut groups, &mut created);
            assert_eq!(groups.len(), rows.len());
            assert_eq!(table.len() - before, created.len(), "seed {seed}");
            let mut position = 0;
            rows.for_each(|row| {
                let key: Vec<String> = columns.iter().map(|c| canonical(c.value(row))).collect();
                let group = groups[position];
                let known: Vec<String> = table
                    .keys()
                    .iter()
                    .map(|c| canonical(c.value(group as usize)))
                    .collect();
                assert_eq!(key, known, "seed {seed} round {round}");
                assert_eq!(*naive.entry(key).or_insert(group), group, "seed {seed}");
                position += 1;
            });
            for (i, &row) in created.iter().enumerate() {
                let key = columns
                    .iter()
                    .map(|c| canonical(c.value(row as usize)))
                    .collect::<Vec<_>>();
                assert_eq!(naive[&key] as usize, before + i, "seed {seed}");
            }
        }
        assert_eq!(naive.len(), table.len(), "seed {seed}");
        table.clear();
        assert!(table.is_empty());
    }
}

#[test]
fn finds_the_groups_a_hash_map_finds() {
    let (text, int) = (DataType::Varchar, DataType::BigInt);
    for seed in 1..16 {
        for types in [
            &[text][..],
            &[int],
            &[DataType::Double],
            &[DataType::Boolean],
            &[DataType::decimal(38, 2)],
            &[text, int],
            &[DataType::Double, text, text],
        ] {
            compare(seed, types, false);
            compare(seed, types, true);
        }
    }
}

#[test]
fn without_collisions_groups_are_in_the_order_of_first_rows() {
    let mut column = Column::new(DataType::Varchar);
    for text in ["b", "a", "b", "a text of more than twelve", "a"] {
        column.push(&Value::Text(text.to_owned()));
    }
    let (mut groups, mut created, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    hash_keys(1, &[&column], Rows::All(5).into(), 5, &mut hashes);
    let mut table = GroupTable::new(&[DataType::Varchar]);
    table.find_or_insert(&hashes, &[&column], Rows::All(5), &mut groups, &mut created);
    assert_eq!(groups, [0, 1, 0, 2, 1]);
    assert_eq!(created, [0, 1, 3]);
}

#[test]
fn finds_groups_while_the_index_grows_and_when_it_is_large() {
    let mut random = Random(0x5eed);
    for ty in [DataType::BigInt, DataType::Varchar, DataType::Double] {
        let mut table = GroupTable::new(&[ty]);
        let mut naive: HashMap<u64, u32> = HashMap::new();
        let (mut groups, mut created, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
        for batch in 0..90 {
            // Many batches end up where the index is larger than any cache; every other has a list of rows.
            let total = 1 + random.below(4096) as usize;
            let ids: Vec<u64> = (0..total).map(|_| random.below(100_000)).collect();
            let mut column = Column::new(ty);
            for &id in &ids {
                column.push(&match ty {
                    DataType::BigInt => Value::I64(id as i64),
                    DataType::Double => Value::F64(id as f64),
                    _ => Value::Text(format!("key{id}")),
                });
            }
            let list: Vec<u32> = (0..total as u32).filter(|row| row % 3 != 1).collect();
            let rows = match batch % 2 {
                0 => Rows::All(total),
                _ => Rows::Some(&list),
            };
            hash_keys(7, &[&column], rows.into(), total, &mut hashes);
            table.find_or_insert(&hashes, &[&column], rows, &mut groups, &mut created);
            let (mut position, mut made) = (0, Vec::new());
            rows.for_each(|row| {
                let next = naive.len() as u32;
                let group = *naive.entry(ids[row]).or_insert_with(|| {
                    made.push(row as u32);
                    next
                });
                assert_eq!(groups[position], group, "{ty:?} batch {batch} row {row}");
                position += 1;
            });
            assert_eq!(created, made, "{ty:?} batch {batch}");
        }
        assert!(table.index.is_large(), "{} groups", table.len());
    }
}
