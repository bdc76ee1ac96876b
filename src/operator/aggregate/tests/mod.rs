//! The aggregate against a naive twin, over random rows, batch divisions, workers and restarts.

mod harness;
mod naive;

use super::*;
use crate::error::Reason;
use crate::plan::{AggregateCall, AggregateKind, WindowPlan};
use harness::*;
use naive::naive;

#[test]
fn final_windows_agree_with_the_twin() {
    for seed in 1..16 {
        let mut random = Random(seed * 7919);
        let plan = random_plan(&mut random, Emission::Final, true);
        check(&plan, seed, &mut random);
    }
}

#[test]
fn final_without_windows_agrees_with_the_twin() {
    for seed in 1..16 {
        let mut random = Random(seed * 104_729);
        let plan = random_plan(&mut random, Emission::Final, false);
        check(&plan, seed, &mut random);
    }
}

#[test]
fn changes_agree_with_the_twin() {
    for seed in 1..16 {
        let mut random = Random(seed * 31_337);
        let plan = random_plan(&mut random, Emission::Changes, seed % 2 == 0);
        check(&plan, seed, &mut random);
    }
}

#[test]
fn corrections_of_closed_windows_agree_with_the_twin() {
    for seed in 1..16 {
        let mut random = Random(seed * 65_537);
        let emission = match seed % 4 {
            0 => Emission::Changes,
            _ => Emission::Final,
        };
        let mut plan = random_plan(&mut random, emission, true);
        plan.late = LatePolicy::Process;
        plan.retention_ns = 40;
        check(&plan, seed, &mut random);
    }
}

#[test]
fn lanes_count_together_until_a_null_comes() {
    use AggregateKind::{Avg, Count, CountRows, Max, Min, Sum};
    for seed in 1..16 {
        let mut random = Random(seed * 15_485_863);
        let mut plan = plan_of(vec![
            call(Sum, X),
            call(Max, F),
            call(CountRows, X),
            call(Avg, F),
            call(Min, X),
            call(Count, T),
        ]);
        if seed % 3 == 0 {
            (plan.window, plan.time) = (None, None);
        }
        let mut rows = random_rows(&mut random, 300, 1);
        let is_whole = |row: &&Row| row.values.iter().all(|value| *value != Value::Null);
        let whole = rows.iter().find(is_whole).expect("a row without a NULL");
        let whole = whole.values.clone();
        for row in &mut rows[..150 + 30 * (seed as usize % 6)] {
            for (value, other) in row.values.iter_mut().zip(&whole) {
                if *value == Value::Null {
                    *value = other.clone();
                }
            }
        }
        check_rows(&plan, &rows, seed, &mut random);
    }
}

fn check(plan: &AggregatePlan, seed: u64, random: &mut Random) {
    let rows = random_rows(random, 300, 1);
    check_rows(plan, &rows, seed, random);
}

fn check_rows(plan: &AggregatePlan, rows: &[Row], seed: u64, random: &mut Random) {
    let (expected, expected_ledger) = naive(plan, rows);
    assert!(!expected.is_empty());
    for round in 0..2 {
        let (found, ledger) = run(plan, rows, random);
        for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(
                found, expected,
                "row {i}, seed {seed} round {round}: {plan:#?}"
            );
        }
        assert_eq!(found.len(), expected.len(), "seed {seed} round {round}");
        assert_eq!(ledger, expected_ledger, "seed {seed} round {round}");
    }
}

#[test]
fn split_aggregates_agree_with_the_twin_for_any_number_of_workers() {
    for seed in 1..16 {
        let mut random = Random(seed * 2_654_435_761);
        let mut plan = random_plan(&mut random, Emission::Final, seed % 2 == 0);
        plan.keys.clear();
        for call in &mut plan.aggregates {
            call.distinct = false;
        }
        // Numbers far apart, so that a block is a few rows.
        let mut rows = random_rows(&mut random, 300, 700);
        for row in &mut rows {
            // The twin adds doubles in another order: take those that add up exactly.
            if let Value::F64(value) = &mut row.values[F] {
                *value = (value.clamp(-9.0, 9.0) * 4.0).round() / 4.0;
            }
        }
        let (expected, _) = naive(&plan, &rows);
        for workers in [1, 2, 5] {
            let found = run_split(&plan, &rows, workers, &mut random);
            assert_eq!(found, expected, "seed {seed} workers {workers}");
        }
    }
}

#[test]
fn sums_of_doubles_do_not_depend_on_the_number_of_workers() {
    let mut random = Random(99);
    let mut rows = random_rows(&mut random, 400, 900);
    for row in &mut rows {
        row.values[F] = Value::F64(random.next() as f64 * 1e-7);
    }
    let mut plan = plan_of(vec![
        call(AggregateKind::Sum, F),
        call(AggregateKind::Avg, F),
    ]);
    plan.keys.clear();
    plan.emission = Emission::Final;
    let one = run_split(&plan, &rows, 1, &mut random);
    for workers in [2, 3, 7] {
        assert_eq!(run_split(&plan, &rows, workers, &mut random), one);
    }
}

#[test]
fn an_empty_input_has_one_row_without_keys_and_only_on_its_owner() {
    let mut plan = plan_of(vec![
        call(AggregateKind::CountRows, X),
        call(AggregateKind::Sum, X),
    ]);
    plan.keys.clear();
    plan.window = None;
    plan.time = None;
    for (owner, expected) in [(true, 1), (false, 0)] {
        let mut aggregate = Aggregate::new(&plan, &TYPES, 1);
        aggregate.set_owner(owner);
        let mut sink = Sink::default();
        finish_all(&mut aggregate, &mut sink);
        finish_all(&mut aggregate, &mut sink);
        assert_eq!(sink.lines.len(), expected);
    }
    let mut sink = Sink::default();
    finish_all(&mut Aggregate::new(&plan, &TYPES, 1), &mut sink);
    assert!(
        sink.lines[0].1.ends_with("I64(0) Null Insert"),
        "{:?}",
        sink.lines
    );
}

#[test]
fn a_sum_beyond_bigint_is_a_group_error_and_its_row_is_dropped() {
    let plan = plan_of(vec![call(AggregateKind::Sum, X)]);
    let mut random = Random(5);
    let mut rows = random_rows(&mut random, 40, 1);
    for row in &mut rows {
        row.values[K1] = Value::Text("huge".into());
        row.values[X] = Value::I64(i64::MAX);
        row.watermark = i64::MIN;
    }
    rows[7].values[K1] = Value::Text("fine".into());
    let (found, ledger) = run(&plan, &rows, &mut random);
    assert!(ledger.group_errors > 0);
    assert!(found.iter().any(|line| line.contains("fine")));
    let (expected, expected_ledger) = naive(&plan, &rows);
    assert_eq!((found, ledger), (expected, expected_ledger));
}

#[test]
fn more_groups_than_allowed_stop_the_job_and_name_the_cure() {
    let mut plan = plan_of(vec![call(AggregateKind::CountRows, X)]);
    plan.groups_max = 3;
    let rows = random_rows(&mut Random(3), 200, 1);
    let mut aggregate = Aggregate::new(&plan, &TYPES, 1);
    let (mut ledger, mut failure) = (Counts::default(), None);
    let mut context = Context {
        ledger: &mut ledger,
        failure: &mut failure,
    };
    let mut batch = batch_of(&rows);
    aggregate.process(&mut batch, &mut context, &mut Sink::default());
    let message = failure.expect("too many groups").to_string();
    assert!(message.contains("'max.groups'"), "{message}");
}

#[test]
fn rows_without_a_time_or_beyond_its_ends_are_rejected_before_they_touch_state() {
    let plan = plan_of(vec![call(AggregateKind::CountRows, X)]);
    let mut rows = random_rows(&mut Random(3), 6, 1);
    for (i, row) in rows.iter_mut().enumerate() {
        row.dropped = false;
        row.values[K1] = Value::Text(i.to_string());
    }
    rows[1].values[TS] = Value::I64(i64::MAX - 3);
    rows[2].values[TS] = Value::I64(i64::MIN + 3);
    rows[4].values[TS] = Value::Null;
    let mut aggregate = Aggregate::new(&plan, &TYPES, 1);
    let (mut ledger, mut failure) = (Counts::default(), None);
    let mut context = Context {
        ledger: &mut ledger,
        failure: &mut failure,
    };
    let mut batch = batch_of(&rows);
    aggregate.process(&mut batch, &mut context, &mut Sink::default());
    let reasons = [
        (4, Reason::EventTimeNull),
        (1, Reason::Range),
        (2, Reason::Range),
    ];
    assert_eq!(ledger.rejected, reasons);
    let mut sink = Sink::default();
    finish_all(&mut aggregate, &mut sink);
    let counted = sink.lines.iter().map(|line| line.1.contains("I64(1)"));
    assert_eq!(counted.filter(|one| *one).count(), sink.lines.len());
    assert_eq!(sink.lines.len(), 3);
}

#[test]
fn overwritten_texts_do_not_pile_up() {
    let mut plan = plan_of(vec![
        call(AggregateKind::Last, T),
        call(AggregateKind::Max, T),
    ]);
    plan.keys.clear();
    plan.window = None;
    plan.time = None;
    plan.emission = Emission::Changes;
    let mut aggregate = Aggregate::new(&plan, &TYPES, 1);
    let mut sink = Sink::default();
    for round in 0..300 {
        let mut rows = random_rows(&mut Random(round + 1), 50, 1);
        for (i, row) in rows.iter_mut().enumerate() {
            row.values[T] = Value::Text(format!("{:09}", round * 50 + i as u64).repeat(20));
        }
        let (mut ledger, mut failure) = (Counts::default(), None);
        let mut context = Context {
            ledger: &mut ledger,
            failure: &mut failure,
        };
        aggregate.process(&mut batch_of(&rows), &mut context, &mut sink);
        sink.lines.clear();
    }
    // 300 * 50 texts of 180 bytes would be 2.7 MB for each of the two.
    assert!(
        aggregate.state_size().1 < 400_000,
        "{:?}",
        aggregate.state_size()
    );
}

#[test]
fn corrupt_and_foreign_state_is_refused() {
    let plan = plan_of(vec![call(AggregateKind::Sum, X)]);
    let rows = random_rows(&mut Random(3), 50, 1);
    let mut aggregate = Aggregate::new(&plan, &TYPES, 1);
    let (mut ledger, mut failure) = (Counts::default(), None);
    let mut context = Context {
        ledger: &mut ledger,
        failure: &mut failure,
    };
    aggregate.process(&mut batch_of(&rows), &mut context, &mut Sink::default());
    let archives = snapshots(&mut aggregate);
    let (_, archive) = &archives[0];
    let mut torn = archive.clone();
    *torn.last_mut().expect("not empty") ^= 1;
    assert!(Aggregate::new(&plan, &TYPES, 1).restore(&torn).is_err());
    assert!(Aggregate::new(&plan, &TYPES, 2).restore(archive).is_err());
    let other = plan_of(vec![call(AggregateKind::Max, T)]);
    assert!(Aggregate::new(&other, &TYPES, 1).restore(archive).is_err());
    assert!(Aggregate::new(&plan, &TYPES, 1).restore(archive).is_ok());
}

#[test]
fn firing_resumes_after_any_call_and_after_a_restart() {
    let plan = plan_of(vec![call(AggregateKind::CountRows, X)]);
    let mut rows = random_rows(&mut Random(11), 10_000, 1);
    for (i, row) in rows.iter_mut().enumerate() {
        row.dropped = false;
        row.watermark = 0;
        row.values[K1] = Value::Text(i.to_string());
        row.values[TS] = Value::I64(10 + i as i64 / 5000 * 50);
    }
    let mut aggregate = Aggregate::new(&plan, &TYPES, 1);
    let (mut ledger, mut failure) = (Counts::default(), None);
    let mut context = Context {
        ledger: &mut ledger,
        failure: &mut failure,
    };
    for rows in rows.chunks(4096) {
        aggregate.process(&mut batch_of(rows), &mut context, &mut Sink::default());
    }
    let mut sink = Sink::default();
    let mut calls = 0;
    loop {
        let before = sink.lines.len();
        let step = aggregate.advance(OrderKey::MAX, &mut context, &mut sink);
        assert!(sink.lines.len() - before <= crate::limits::FIRE_ROWS_MAX);
        calls += 1;
        if step == Advance::Done {
            break;
        }
        let archives = snapshots(&mut aggregate);
        aggregate = Aggregate::new(&plan, &TYPES, 1);
        for (_, archive) in archives {
            aggregate.restore(&archive).expect("an intact archive");
        }
    }
    assert_eq!(calls, 3);
    assert_eq!(sink.lines.len(), rows.len());
    for (seq, (key, _)) in sink.lines.iter().enumerate() {
        assert_eq!(key.seq, seq as u64 + 5);
    }
    assert_eq!(aggregate.state_size().0, 0);
}

#[test]
fn without_event_time_first_and_last_go_by_source_order() {
    let mut plan = plan_of(vec![
        call(AggregateKind::First, T),
        call(AggregateKind::Last, X),
    ]);
    plan.keys.clear();
    plan.window = None;
    plan.time = None;
    let mut rows = random_rows(&mut Random(4), 30, 1);
    for (i, row) in rows.iter_mut().enumerate() {
        row.dropped = false;
        row.values[T] = Value::Text(format!("t{i}"));
        row.values[X] = Value::I64(i as i64);
        row.values[TS] = Value::I64(-(i as i64));
    }
    let mut aggregate = Aggregate::new(&plan, &TYPES, 1);
    let (mut ledger, mut failure) = (Counts::default(), None);
    let mut context = Context {
        ledger: &mut ledger,
        failure: &mut failure,
    };
    for rows in rows.chunks(7) {
        let mut batch = batch_of(rows);
        batch.time.clear();
        aggregate.process(&mut batch, &mut context, &mut Sink::default());
    }
    let mut sink = Sink::default();
    finish_all(&mut aggregate, &mut sink);
    let line = &sink.lines[0].1;
    assert!(line.contains("Text(\"t0\") I64(29)"), "{line}");
}

#[test]
fn without_aggregates_only_new_groups_are_changes() {
    let mut plan = plan_of(Vec::new());
    plan.emission = Emission::Changes;
    plan.window = None;
    plan.time = None;
    let rows = random_rows(&mut Random(8), 200, 1);
    let mut aggregate = Aggregate::new(&plan, &TYPES, 1);
    let (mut ledger, mut failure) = (Counts::default(), None);
    let mut context = Context {
        ledger: &mut ledger,
        failure: &mut failure,
    };
    let mut sink = Sink::default();
    for rows in rows.chunks(30) {
        aggregate.process(&mut batch_of(rows), &mut context, &mut sink);
    }
    let keys: std::collections::BTreeSet<_> = sink.rows.iter().map(|row| line(&row.1)).collect();
    assert_eq!(keys.len(), sink.rows.len());
    // Six texts and NULL.
    assert_eq!(keys.len(), 7);
    assert!(sink.lines.is_sorted_by_key(|line| line.0));
}

fn random_plan(random: &mut Random, emission: Emission, windowed: bool) -> AggregatePlan {
    let mut calls = Vec::new();
    for _ in 0..1 + random.below(6) {
        calls.push(random_call(random));
    }
    let mut plan = plan_of(calls);
    plan.emission = emission;
    let keys = [
        vec![],
        vec![K1],
        vec![K2],
        vec![K1, K2],
        vec![F],
        vec![B, K1],
    ];
    let keys = &keys[random.below(6) as usize];
    plan.keys = keys.iter().map(|&key| column(key)).collect();
    plan.allowed_ns = [0, 15][random.below(2) as usize];
    if !windowed {
        plan.window = None;
        plan.time = None;
    }
    plan
}

fn random_call(random: &mut Random) -> AggregateCall {
    use AggregateKind::{Avg, Count, CountRows, First, Last, Max, Min, Sum, Vwap};
    let numbers = [X, D, W, F];
    let number = numbers[random.below(4) as usize];
    let any = [X, D, W, F, T, B][random.below(6) as usize];
    let mut call = match random.below(9) {
        0 => call(CountRows, X),
        1 => call(Count, any),
        2 => call(Sum, number),
        3 => call(Avg, number),
        4 => call(Min, any),
        5 => call(Max, any),
        6 => call(First, any),
        7 => call(Last, any),
        _ => {
            let mut vwap = call(Vwap, [D, W, X][random.below(3) as usize]);
            vwap.args.push(column(X));
            vwap
        }
    };
    if random.below(3) == 0 {
        call.filter = Some(column(FLAG));
    }
    call.distinct = call.kind != CountRows && random.below(4) == 0;
    call
}

fn plan_of(aggregates: Vec<AggregateCall>) -> AggregatePlan {
    AggregatePlan {
        keys: vec![column(K1)],
        hash_is_routed: true,
        spread_by: None,
        window: Some(WindowPlan::Tumble {
            size_ns: 50,
            offset_ns: 7,
        }),
        time: Some(column(TS)),
        aggregates,
        emission: Emission::Final,
        every_ns: None,
        late: LatePolicy::Drop,
        allowed_ns: 0,
        retention_ns: 0,
        mode: AggregateMode::Complete,
        groups_max: 1 << 20,
        ttl: None,
    }
}
