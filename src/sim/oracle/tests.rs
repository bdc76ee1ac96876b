//! The oracle on answers worked out by hand.

use super::*;
use crate::plan::{
    AggregateCall, AggregateKind, AggregateMode, AggregatePlan, ArithmeticOp, ChangelogMode,
    CompareOp, CsvFormat, Emission, EventTimePlan, ExchangePlan, Expr, LatePlan, LatePolicy,
    OnError, OperatorPlan, OverCall, OverFrame, OverFunction, OverPlan, Pace, RouteId, RoutePlan,
    Settings, SinkConnector, SinkFormat, SinkId, SinkPlan, SortKey, SortPlan, SourceConnector,
    SourceId, SourcePlan, StagePlan, StatementPlan, Strategy, WindowPlan,
};
use crate::time::{WATERMARK_NONE, WatermarkGrid};
use crate::types::{DataType, Field, Schema};

const PRICE: DataType = DataType::decimal(10, 2);
const TYPES: [DataType; 4] = [
    DataType::Timestamp,
    DataType::Varchar,
    PRICE,
    DataType::BigInt,
];

fn schema(types: &[DataType]) -> Schema {
    let names = ["ts", "symbol", "price", "size", "e", "f"];
    let field = |(name, &ty): (&&str, _)| Field {
        name: (*name).to_owned(),
        ty,
        nullable: true,
    };
    Schema {
        fields: names.iter().zip(types).map(field).collect(),
    }
}

fn column(index: usize) -> Expr {
    let ty = TYPES[index];
    Expr::Column { index, ty }
}

fn source(delay_ns: i64) -> SourcePlan {
    SourcePlan {
        name: "trades".to_owned(),
        connector: SourceConnector::Stdin,
        format: FormatPlan::Csv(CsvFormat {
            delimiter: b',',
            quote: b'"',
            header: true,
            null_text: None,
            fields: vec![0, 1, 2, 3],
            field_count: 4,
            timestamp: TimestampFormat::Nanos,
        }),
        schema: schema(&TYPES),
        event_time: Some(EventTimePlan {
            expr: column(0),
            delay_ns,
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

fn job(sources: Vec<SourcePlan>, stages: Vec<Vec<OperatorPlan>>) -> Job {
    let stage = |(index, operators)| StagePlan {
        exchange: (index > 0).then(|| ExchangePlan {
            key: Vec::new(),
            reason: String::new(),
            union: None,
        }),
        operators,
    };
    Job {
        sources,
        routes: vec![RoutePlan {
            source: SourceId(0),
            strategy: Strategy::FanIn,
            key: Vec::new(),
            needs_hash: false,
            reason: String::new(),
        }],
        statements: vec![StatementPlan {
            name: "select".to_owned(),
            route: RouteId(0),
            stages: stages.into_iter().enumerate().map(stage).collect(),
            output: Schema::default(),
            sink: SinkId(0),
            limit: None,
            changelog: false,
            feeds: None,
        }],
        sinks: Vec::new(),
        settings: Settings::default(),
        watermark_grid: WatermarkGrid::EXACT,
        subqueries: Vec::new(),
    }
}

fn answer(job: &Job, files: &[&str]) -> Answer {
    let inputs: Vec<_> = files
        .iter()
        .map(|file| vec![file.as_bytes().to_vec()])
        .collect();
    run(job, &inputs)
        .expect("within the oracle's reach")
        .remove(0)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn values(answer: &Answer) -> Vec<Vec<Value>> {
    answer.rows.iter().map(|row| row.2.clone()).collect()
}

fn positive_size() -> OperatorPlan {
    let zero = Expr::Literal {
        value: Value::I64(0),
        ty: DataType::BigInt,
    };
    OperatorPlan::Filter {
        predicate: Expr::Compare {
            op: CompareOp::Greater,
            left: Box::new(column(3)),
            right: Box::new(zero),
        },
    }
}

#[test]
fn every_record_ends_in_the_first_place_that_holds() {
    let average = Expr::Arithmetic {
        op: ArithmeticOp::Divide,
        left: Box::new(Expr::Literal {
            value: Value::I64(100),
            ty: DataType::BigInt,
        }),
        right: Box::new(Expr::Arithmetic {
            op: ArithmeticOp::Subtract,
            left: Box::new(column(3)),
            right: Box::new(Expr::Literal {
                value: Value::I64(5),
                ty: DataType::BigInt,
            }),
            ty: DataType::BigInt,
        }),
        ty: DataType::BigInt,
    };
    let project = OperatorPlan::Project {
        exprs: vec![column(2), average],
    };
    let job = job(vec![source(0)], vec![vec![positive_size(), project]]);
    let file = "ts,symbol,price,size\n\
        10,A,1.50,10\n\
        20,A\n\
        ,A,1.00,1\n\
        x,A,bad,bad\n\
        \n\
        30,A,bad,zz\n\
        40,A,bad,0\n\
        50,A,1.001,7\r\n\
        60,\"A\"x,1.00,1\n\
        70,\"\"\"\n\",,5\n\
        80,\u{e9},,6";
    let answer = answer(&job, &[file]);
    assert_eq!(
        values(&answer),
        [
            vec![Value::I64(150), Value::I64(20)],
            vec![Value::Null, Value::I64(100)]
        ]
    );
    // W(i) of the last record is the time of the one before it; the one with a spoilt frame moved nothing.
    assert_eq!(answer.rows[0].0, OrderKey::record(WATERMARK_NONE, 0));
    assert_eq!(answer.rows[1].0, OrderKey::record(70, 9));
    let counts = &answer.counts;
    assert_eq!((counts.read, counts.used, counts.filtered), (10, 2, 1));
    let rejected: Vec<_> = counts
        .rejected
        .iter()
        .map(|(&reason, &n)| (reason, n))
        .collect();
    assert_eq!(
        rejected,
        [
            (Reason::Quote, 1),
            (Reason::FieldCount, 1),
            (Reason::EventTimeNull, 1),
            (Reason::EventTimeInvalid, 1),
            (Reason::Number, 1),
            (Reason::Scale, 1),
            (Reason::DivisionByZero, 1)
        ]
    );
}

const WINDOW: WindowPlan = WindowPlan::Tumble {
    size_ns: 10,
    offset_ns: 0,
};

fn windowed(
    emission: Emission,
    late: LatePolicy,
    mode: AggregateMode,
    keys: bool,
) -> AggregatePlan {
    let call = |kind, args: &[usize], ty| AggregateCall {
        kind,
        args: args.iter().map(|&index| column(index)).collect(),
        filter: None,
        distinct: false,
        ty,
    };
    AggregatePlan {
        keys: if keys { vec![column(1)] } else { Vec::new() },
        hash_is_routed: false,
        spread_by: None,
        window: Some(WINDOW),
        time: Some(column(0)),
        aggregates: vec![
            call(AggregateKind::CountRows, &[], DataType::BigInt),
            call(AggregateKind::Avg, &[2], DataType::decimal(38, 6)),
            call(AggregateKind::Vwap, &[2, 3], DataType::decimal(38, 6)),
            call(AggregateKind::Last, &[3], DataType::BigInt),
        ],
        emission,
        every_ns: None,
        late,
        allowed_ns: 0,
        retention_ns: 100,
        mode,
        groups_max: 100,
        ttl: None,
    }
}

fn late(policy: LatePolicy) -> OperatorPlan {
    OperatorPlan::Late(LatePlan {
        time: column(0),
        window: WINDOW,
        allowed_ns: 0,
        policy,
        retention_ns: 100,
    })
}

const TRADES: &str = "ts,symbol,price,size\n\
    1,A,1.00,1\n\
    7,B,2.00,1\n\
    5,A,2.00,2\n\
    12,A,3.00,1\n\
    9,B,4.00,1\n\
    25,A,5.00,1\n\
    8,B,1.00,2\n";

#[test]
fn windows_fire_once_and_late_rows_are_dropped() {
    let plan = windowed(
        Emission::Final,
        LatePolicy::Drop,
        AggregateMode::Complete,
        true,
    );
    let operators = vec![late(LatePolicy::Drop), OperatorPlan::Aggregate(plan)];
    // Three nanoseconds of delay let ts 9 in behind ts 12, as W is 9 by then; only ts 8 behind ts 25 is late.
    let answer = answer(&job(vec![source(3)], vec![operators]), &[TRADES]);
    let row = |symbol, start, count, avg, vwap, last| {
        vec![
            text(symbol),
            Value::I64(start),
            Value::I64(start + 10),
            Value::I64(count),
            Value::I128(avg),
            Value::I128(vwap),
            Value::I64(last),
        ]
    };
    assert_eq!(
        values(&answer),
        [
            row("A", 0, 2, 1_500_000, 1_666_667, 2),
            row("B", 0, 2, 3_000_000, 3_000_000, 1),
            row("A", 10, 1, 3_000_000, 3_000_000, 1),
            row("A", 20, 1, 5_000_000, 5_000_000, 1),
        ]
    );
    let keys: Vec<_> = answer.rows.iter().map(|row| row.0).collect();
    assert_eq!(
        keys,
        [(10, 0), (10, 1), (20, 3), (30, 5)].map(|(at, seq)| OrderKey::fired(at, seq, 0))
    );
    assert_eq!((answer.counts.used, answer.counts.late), (6, 1));
}

#[test]
fn corrections_follow_the_window_they_correct() {
    let plan = windowed(
        Emission::Final,
        LatePolicy::Process,
        AggregateMode::Complete,
        true,
    );
    let operators = vec![late(LatePolicy::Process), OperatorPlan::Aggregate(plan)];
    let answer = answer(&job(vec![source(3)], vec![operators]), &[TRADES]);
    let corrected: Vec<_> = answer
        .rows
        .iter()
        .filter(|row| row.1 == RowOp::UpdateAfter)
        .collect();
    assert_eq!(corrected.len(), 1);
    assert_eq!(corrected[0].0, OrderKey::record(22, 6));
    assert_eq!(corrected[0].2[3], Value::I64(3));
    assert_eq!((answer.counts.late, answer.counts.corrected), (0, 1));
}

#[test]
fn changes_show_every_step() {
    let plan = windowed(
        Emission::Changes,
        LatePolicy::Drop,
        AggregateMode::Complete,
        true,
    );
    let operators = vec![late(LatePolicy::Drop), OperatorPlan::Aggregate(plan)];
    let answer = answer(&job(vec![source(3)], vec![operators]), &[TRADES]);
    let counts: Vec<_> = answer.rows.iter().map(|row| row.2[3].clone()).collect();
    assert_eq!(counts, [1, 1, 2, 1, 2, 1].map(Value::I64));
}

#[test]
fn partials_and_what_combines_them_are_one_aggregate() {
    let plan = |mode| {
        let plan = windowed(Emission::Final, LatePolicy::Drop, mode, false);
        OperatorPlan::Aggregate(plan)
    };
    let whole = vec![vec![late(LatePolicy::Drop), plan(AggregateMode::Complete)]];
    let split = vec![
        vec![late(LatePolicy::Drop), plan(AggregateMode::Partial)],
        vec![plan(AggregateMode::Combine)],
    ];
    let whole = answer(&job(vec![source(3)], whole), &[TRADES]);
    let split = answer(&job(vec![source(3)], split), &[TRADES]);
    assert_eq!(whole.rows, split.rows);
    assert_eq!(whole.rows.len(), 3);
}

#[test]
fn sources_merge_by_time_and_the_slowest_holds_the_watermark() {
    let project = OperatorPlan::Project {
        exprs: vec![column(0)],
    };
    let job = job(vec![source(0), source(2)], vec![vec![project]]);
    let (first, second) = ("h\n5,A,1,1\n9,A,1,1\n30,A,1,1\n", "h\n5,B,1,1\n7,B,1,1\n");
    let answer = answer(&job, &[first, second]);
    let keys: Vec<_> = answer.rows.iter().map(|row| row.0).collect();
    // 5 A, 5 B, 7 B, 9 A, 30 A; behind 7 B the second source has ended.
    assert_eq!(
        keys,
        [(WATERMARK_NONE, 0), (5, 3), (9, 4)].map(|(at, seq)| OrderKey::record(at, seq))
    );
}

#[test]
fn over_and_sort() {
    let call = |function, preceding, ty| OverCall {
        function,
        frame: OverFrame::Rows {
            preceding,
            until: 0,
        },
        args: vec![column(3)],
        ty,
    };
    let over = OverPlan {
        input: schema(&TYPES),
        keys: vec![column(1)],
        hash_is_routed: false,
        single: false,
        time: Some(column(0)),
        sorted: false,
        calls: vec![
            call(
                OverFunction::Aggregate(AggregateKind::Sum),
                Some(1),
                DataType::BigInt,
            ),
            call(
                OverFunction::Lag {
                    offset: 2,
                    default: Value::I64(-1),
                },
                None,
                DataType::BigInt,
            ),
        ],
        groups_max: 10,
        ttl: None,
    };
    let types = [&TYPES[..], &[DataType::BigInt; 2]].concat();
    let key = |index, descending| SortKey {
        expr: Expr::Column {
            index,
            ty: types[index],
        },
        descending,
        nulls_first: false,
    };
    let sort = SortPlan {
        input: schema(&types),
        keys: vec![key(1, true), key(4, false)],
        limit: Some(4),
        offset: 0,
        at_end: true,
    };
    let operators = vec![OperatorPlan::Over(over), OperatorPlan::Sort(sort)];
    let answer = answer(&job(vec![source(0)], vec![operators]), &[TRADES]);
    let shown: Vec<_> = answer
        .rows
        .iter()
        .map(|row| [1, 4, 5].map(|i| row.2[i].clone()))
        .collect();
    let row = |symbol, sum, lag| [text(symbol), Value::I64(sum), Value::I64(lag)];
    assert_eq!(
        shown,
        [
            row("B", 1, -1),
            row("B", 2, -1),
            row("B", 3, 1),
            row("A", 1, -1)
        ]
    );
    assert_eq!(answer.rows[2].0, OrderKey::fired(i64::MAX, 2, 0));
    assert_eq!(answer.counts.out_of_order, 1);
}

#[test]
fn rows_are_written_as_csv() {
    let sink = SinkPlan {
        name: "out".to_owned(),
        connector: SinkConnector::Stdout,
        format: Some(SinkFormat::Csv {
            delimiter: b',',
            header: true,
            null_text: String::new(),
            timestamp: TimestampFormat::Iso,
        }),
        schema: schema(&[TYPES[0], TYPES[1], PRICE, DataType::Double]),
        changelog: ChangelogMode::Append,
        ordered: true,
    };
    let row = |values: [Value; 4]| (OrderKey::MIN, RowOp::Insert, values.to_vec());
    let rows = [
        row([
            Value::I64(1_500_000_000),
            text("a,\"b"),
            Value::I64(-5),
            Value::F64(1.0),
        ]),
        row([Value::I64(-1), text(""), Value::Null, Value::F64(f64::NAN)]),
    ];
    assert_eq!(
        String::from_utf8(render(&sink, &rows).expect("a CSV sink")).expect("text"),
        "ts,symbol,price,size\n\
         1970-01-01 00:00:01.500,\"a,\"\"b\",-0.05,1.0\n\
         1969-12-31 23:59:59.999999999,\"\",,NaN\n"
    );
}
