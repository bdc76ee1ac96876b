//! Plans made by hand through every role: one answer for any seed, size, worker count and interruption.

use super::{SimOptions, SimSource, run};
use crate::ingest::{IngestOptions, IngestStep};
use crate::plan::*;
use crate::time::WatermarkGrid;
use crate::types::{DataType, Field, Schema, Value};
use crate::wiring::{WiringOptions, wire};
use crate::worker::WorkerStep;

const SECOND: i64 = 1_000_000_000;

fn schema(fields: &[(&str, DataType)]) -> Schema {
    let fields = fields
        .iter()
        .map(|&(name, ty)| Field {
            name: name.to_owned(),
            ty,
            nullable: true,
        })
        .collect();
    Schema { fields }
}

fn column(index: usize, ty: DataType) -> Expr {
    Expr::Column { index, ty }
}

const PRICE: DataType = DataType::decimal(18, 4);

fn trades() -> SourcePlan {
    let schema = schema(&[
        ("ts", DataType::Timestamp),
        ("symbol", DataType::Varchar),
        ("price", PRICE),
        ("size", DataType::BigInt),
        ("side", DataType::Varchar),
    ]);
    SourcePlan {
        name: "trades".to_owned(),
        connector: SourceConnector::Stdin,
        format: FormatPlan::Csv(CsvFormat {
            delimiter: b',',
            quote: b'"',
            header: true,
            null_text: None,
            fields: (0..5).collect(),
            field_count: 5,
            timestamp: TimestampFormat::Millis,
        }),
        schema,
        event_time: Some(EventTimePlan {
            expr: column(0, DataType::Timestamp),
            delay_ns: 2 * SECOND,
            rises: true,
        }),
        bounded: true,
        on_error: OnError::Skip,
        idle_timeout_ns: None,
        max_future_skew_ns: None,
        pace: Pace::Max,
        validate_all: false,
        system: Vec::new(),
        follows_clock: false,
        silence: None,
    }
}

fn job(route: RoutePlan, stages: Vec<StagePlan>, output: Schema) -> Job {
    let format = SinkFormat::Csv {
        delimiter: b',',
        header: true,
        null_text: String::new(),
        timestamp: TimestampFormat::Iso,
    };
    Job {
        sources: vec![trades()],
        routes: vec![route],
        statements: vec![StatementPlan {
            name: "result".to_owned(),
            route: RouteId(0),
            stages,
            output: output.clone(),
            sink: SinkId(0),
            limit: None,
            changelog: false,
            feeds: None,
        }],
        sinks: vec![SinkPlan {
            name: "stdout".to_owned(),
            connector: SinkConnector::Stdout,
            format: Some(format),
            schema: output,
            changelog: ChangelogMode::Append,
            ordered: true,
        }],
        settings: Settings::default(),
        watermark_grid: WatermarkGrid {
            period_ns: SECOND,
            offset_ns: 0,
        },
        subqueries: Vec::new(),
    }
}

fn route(strategy: Strategy, key: Vec<Expr>) -> RoutePlan {
    RoutePlan {
        source: SourceId(0),
        strategy,
        needs_hash: !key.is_empty(),
        key,
        reason: String::new(),
    }
}

fn by_symbol(window: Option<WindowPlan>, emission: Emission, mode: AggregateMode) -> AggregatePlan {
    let call = |kind, args, ty| AggregateCall {
        kind,
        args,
        filter: None,
        distinct: false,
        ty,
    };
    AggregatePlan {
        keys: vec![column(1, DataType::Varchar)],
        hash_is_routed: true,
        spread_by: None,
        time: window.as_ref().map(|_| column(0, DataType::Timestamp)),
        window,
        aggregates: vec![
            call(AggregateKind::CountRows, vec![], DataType::BigInt),
            call(
                AggregateKind::Sum,
                vec![column(3, DataType::BigInt)],
                DataType::BigInt,
            ),
            call(AggregateKind::Min, vec![column(2, PRICE)], PRICE),
            call(AggregateKind::Last, vec![column(2, PRICE)], PRICE),
        ],
        emission,
        every_ns: None,
        late: LatePolicy::Drop,
        allowed_ns: 0,
        retention_ns: 0,
        mode,
        groups_max: 1 << 20,
        ttl: None,
    }
}

fn tumble(seconds: i64) -> WindowPlan {
    WindowPlan::Tumble {
        size_ns: seconds * SECOND,
        offset_ns: 0,
    }
}

fn late(window: WindowPlan) -> OperatorPlan {
    OperatorPlan::Late(LatePlan {
        time: column(0, DataType::Timestamp),
        window,
        allowed_ns: 0,
        policy: LatePolicy::Drop,
        retention_ns: 0,
    })
}

fn stage(operators: Vec<OperatorPlan>) -> StagePlan {
    StagePlan {
        exchange: None,
        operators,
    }
}

/// Rows with disorder beyond the watermark's delay and faults of every kind.
fn input(rows: u64, seed: u64) -> Vec<SimSource> {
    let mut random = super::Random::new(seed);
    let mut text = String::from("ts,symbol,price,size,side\n");
    for i in 0..rows {
        let late_ms = if random.one_in(10) {
            random.below(6000)
        } else {
            random.below(500)
        };
        let ts = 1_700_000_000_000 + i * 40 - late_ms;
        let symbol = random.below(17);
        let price = random.below(10_000);
        let size = random.below(900);
        match random.below(60) {
            0 => text += &format!("{ts},S{symbol},abc,{size},B\n"),
            1 => text += &format!("oops,S{symbol},1.5,{size},B\n"),
            2 => text += &format!("{ts},S{symbol},1.5\n"),
            3 => text += &format!("{ts},,1.5,{size},B\n"),
            _ => {
                text += &format!(
                    "{ts},S{symbol},{}.{:02},{size},B\n",
                    price / 100,
                    price % 100
                )
            }
        }
    }
    vec![SimSource::new(vec![text.into_bytes()])]
}

/// Runs `job` in many ways and asserts that all of them agree; gives back the answer.
fn one_answer(job: &Job, sources: &[SimSource]) -> String {
    let expected = run(job, sources, &SimOptions::full(1, 1)).expect("runs inline");
    for ledger in &expected.ledgers {
        let sum = ledger.used + ledger.filtered + ledger.late + ledger.rejected_total();
        assert_eq!(ledger.read, sum, "{ledger:?}");
        assert_eq!(ledger.read, expected.records);
    }
    let text = String::from_utf8(expected.sinks[0].clone()).expect("CSV is text");
    for seed in 0..40 {
        let workers = 1 + (seed % 5) as usize;
        let mut options = if seed % 3 == 0 {
            SimOptions::full(seed, workers)
        } else {
            SimOptions::tiny(seed, workers)
        };
        if seed % 2 == 1 {
            options = options.rescaled(1 + (seed / 2 % 4) as usize);
        }
        let outcome = run(job, sources, &options).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        let other = String::from_utf8(outcome.sinks[0].clone()).expect("CSV is text");
        if other != text {
            let line = text.lines().zip(other.lines()).position(|(a, b)| a != b);
            panic!(
                "seed {seed}, {options:?}: differs at line {line:?} of {} / {}\n{:?}\n{:?}",
                text.lines().count(),
                other.lines().count(),
                line.and_then(|line| text.lines().nth(line)),
                line.and_then(|line| other.lines().nth(line)),
            );
        }
        assert_eq!(
            outcome.ledgers, expected.ledgers,
            "seed {seed}, {options:?}"
        );
    }
    text
}

#[test]
fn filter_and_project_give_one_answer() {
    let predicate = Expr::Compare {
        op: CompareOp::Greater,
        left: Box::new(column(3, DataType::BigInt)),
        right: Box::new(Expr::Literal {
            value: Value::I64(500),
            ty: DataType::BigInt,
        }),
    };
    let exprs = vec![column(1, DataType::Varchar), column(2, PRICE)];
    let output = schema(&[("symbol", DataType::Varchar), ("price", PRICE)]);
    let stages = vec![stage(vec![
        OperatorPlan::Filter { predicate },
        OperatorPlan::Project { exprs },
    ])];
    let job = job(route(Strategy::RoundRobin, vec![]), stages, output);
    let text = one_answer(&job, &input(600, 7));
    assert!(text.lines().count() > 200, "{text}");
}

fn aggregate_output(windowed: bool) -> Schema {
    let mut fields = vec![("symbol", DataType::Varchar)];
    if windowed {
        fields.push(("window_start", DataType::Timestamp));
        fields.push(("window_end", DataType::Timestamp));
    }
    fields.extend([
        ("n", DataType::BigInt),
        ("size", DataType::BigInt),
        ("low", PRICE),
        ("last", PRICE),
    ]);
    schema(&fields)
}

#[test]
fn group_by_gives_one_answer() {
    for emission in [Emission::Final, Emission::Changes] {
        let plan = by_symbol(None, emission, AggregateMode::Complete);
        let stages = vec![stage(vec![OperatorPlan::Aggregate(plan)])];
        let key = vec![column(1, DataType::Varchar)];
        let job = job(route(Strategy::Hash, key), stages, aggregate_output(false));
        let text = one_answer(&job, &input(500, 11));
        let rows = if emission == Emission::Final { 18 } else { 400 };
        assert!(text.lines().count() > rows, "{text}");
    }
}

#[test]
fn tumbling_windows_give_one_answer() {
    for emission in [Emission::Final, Emission::Changes] {
        let plan = by_symbol(Some(tumble(1)), emission, AggregateMode::Complete);
        let stages = vec![stage(vec![late(tumble(1)), OperatorPlan::Aggregate(plan)])];
        let key = vec![column(1, DataType::Varchar)];
        let job = job(route(Strategy::Hash, key), stages, aggregate_output(true));
        let text = one_answer(&job, &input(700, 13));
        assert!(text.lines().count() > 300, "{text}");
    }
}

#[test]
fn a_split_keyless_aggregate_gives_one_answer() {
    let mut partial = by_symbol(Some(tumble(1)), Emission::Final, AggregateMode::Partial);
    partial.keys.clear();
    partial.hash_is_routed = false;
    let mut combine = partial.clone();
    combine.mode = AggregateMode::Combine;
    combine.time = Some(column(0, DataType::Timestamp));
    let stages = vec![
        stage(vec![late(tumble(1)), OperatorPlan::Aggregate(partial)]),
        StagePlan {
            exchange: Some(ExchangePlan {
                key: vec![],
                reason: String::new(),
                union: None,
            }),
            operators: vec![OperatorPlan::Aggregate(combine)],
        },
    ];
    let mut output = aggregate_output(true);
    output.fields.remove(0);
    let job = job(route(Strategy::Blocks, vec![]), stages, output);
    let text = one_answer(&job, &input(900, 17));
    assert!(text.lines().count() > 20, "{text}");
}

#[test]
fn a_second_key_goes_through_the_exchange() {
    let first = by_symbol(Some(tumble(1)), Emission::Final, AggregateMode::Complete);
    let minutes = AggregatePlan {
        keys: vec![column(3, DataType::BigInt)],
        hash_is_routed: true,
        spread_by: None,
        window: Some(tumble(10)),
        time: Some(column(1, DataType::Timestamp)),
        aggregates: vec![AggregateCall {
            kind: AggregateKind::CountRows,
            args: vec![],
            filter: None,
            distinct: false,
            ty: DataType::BigInt,
        }],
        ..by_symbol(Some(tumble(10)), Emission::Final, AggregateMode::Complete)
    };
    let stages = vec![
        stage(vec![late(tumble(1)), OperatorPlan::Aggregate(first)]),
        StagePlan {
            exchange: Some(ExchangePlan {
                key: vec![column(3, DataType::BigInt)],
                reason: String::new(),
                union: None,
            }),
            operators: vec![OperatorPlan::Aggregate(minutes)],
        },
    ];
    let output = schema(&[
        ("n", DataType::BigInt),
        ("window_start", DataType::Timestamp),
        ("window_end", DataType::Timestamp),
        ("symbols", DataType::BigInt),
    ]);
    let key = vec![column(1, DataType::Varchar)];
    let job = job(route(Strategy::Hash, key), stages, output);
    let text = one_answer(&job, &input(900, 19));
    assert!(text.lines().count() > 8, "{text}");
}

/// Morsels that one worker takes for `reads` reads of a row each, stepping once for every `pause` of them.
fn morsels_taken(job: &Job, reads: u64, pause: u64) -> u64 {
    let options = WiringOptions {
        workers: 1,
        link_slots: 64,
        output_slots: 64,
        exchange_slots: 1,
        ingest: IngestOptions {
            morsel_rows: 4096,
            chunks: 4,
            wall_offset_ns: 0,
        },
    };
    let mut roles = wire(job, &options, None).expect("the job can be wired");
    let source = SourceId(0);
    roles.ingest.begin_file(source, 0);
    for read in 0..reads {
        let line = match read {
            0 => "ts,symbol,price,size,side\n1,S,1,1,B\n".to_owned(),
            _ => format!("{read},S,1,1,B\n"),
        };
        let room = roles.ingest.read_buffer(source).expect("all was handed on");
        room[..line.len()].copy_from_slice(line.as_bytes());
        roles.ingest.read_done(source, line.len(), read);
        while roles.ingest.step(read) == IngestStep::Worked {}
        if read % pause == 0 {
            roles.workers[0].step(0);
        }
    }
    roles.ingest.end_file(source);
    roles.ingest.end_source(source);
    while !roles.ingest.is_finished() {
        roles.ingest.step(reads);
    }
    while roles.workers[0].step(0) != WorkerStep::Done {}
    let read = roles.workers[0].ledgers()[0].read;
    assert_eq!(read, reads, "nothing is held for ever");
    roles.workers[0].morsels()
}

#[test]
fn a_worker_behind_takes_fewer_and_larger_morsels() {
    let plan = by_symbol(Some(tumble(1)), Emission::Final, AggregateMode::Complete);
    let key = vec![column(1, DataType::Varchar)];
    let operators = vec![late(tumble(1)), OperatorPlan::Aggregate(plan)];
    let output = schema(&[
        ("symbol", DataType::Varchar),
        ("window_start", DataType::Timestamp),
        ("window_end", DataType::Timestamp),
        ("n", DataType::BigInt),
        ("size", DataType::BigInt),
        ("low", PRICE),
        ("close", PRICE),
    ]);
    let job = job(route(Strategy::Hash, key), vec![stage(operators)], output);
    assert_eq!(
        morsels_taken(&job, 300, 1),
        300,
        "a lone row leaves at once"
    );
    let behind = morsels_taken(&job, 300, 10);
    assert!((30..=60).contains(&behind), "{behind}");
    // The first two alone, two of 256 that were enough, the rest at the end.
    assert_eq!(morsels_taken(&job, 600, 1000), 5);
    // A statement that reads arrival stamps wants each read for itself.
    let mut stamped = job.clone();
    stamped.sources[0].system = vec![SystemColumn::Timestamp];
    assert_eq!(morsels_taken(&job, 40, 1000), 3);
    assert_eq!(morsels_taken(&stamped, 40, 1000), 40);
}
