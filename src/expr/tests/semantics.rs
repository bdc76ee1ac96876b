//! What the dialect decides, one by one.

use super::*;
use crate::plan::{ArithmeticOp, CompareOp, ScalarFunction};

fn literal(value: Value, ty: DataType) -> Expr {
    Expr::Literal { value, ty }
}

fn column(index: usize, ty: DataType) -> Expr {
    Expr::Column { index, ty }
}

fn text(text: &str) -> Expr {
    literal(Value::Text(text.to_owned()), DataType::Varchar)
}

fn bigint(value: i64) -> Expr {
    literal(Value::I64(value), DataType::BigInt)
}

/// The value of an expression without columns.
fn value_of(expr: &Expr) -> Result<Value, Reason> {
    let mut batch = Batch::new(&[]);
    batch.rows = 2;
    let mut errors = RowErrors::default();
    let value = Program::new(expr)
        .eval(&batch, Rows::Some(&[1]), &mut errors)
        .value(1);
    match errors.rows.as_slice() {
        [] => Ok(value),
        [(1, reason)] => Err(*reason),
        other => panic!("{other:?}"),
    }
}

fn cast(input: Expr, ty: DataType, lenient: bool) -> Result<Value, Reason> {
    value_of(&Expr::Cast {
        input: Box::new(input),
        ty,
        lenient,
    })
}

#[test]
fn casts_of_numbers_cut_or_round() {
    let double = |value| literal(Value::F64(value), DataType::Double);
    let int = DataType::Int;
    assert_eq!(cast(double(2.9), int, false), Ok(Value::I64(2)));
    assert_eq!(cast(double(-2.9), int, false), Ok(Value::I64(-2)));
    assert_eq!(cast(double(2_147_483_648.0), int, false), Err(Reason::Cast));
    assert_eq!(
        cast(double(2_147_483_647.9), int, false),
        Ok(Value::I64(2_147_483_647))
    );
    assert_eq!(
        cast(double(9_223_372_036_854_775_808.0), DataType::BigInt, false),
        Err(Reason::Cast)
    );
    assert_eq!(
        cast(
            double(-9_223_372_036_854_775_808.0),
            DataType::BigInt,
            false
        ),
        Ok(Value::I64(i64::MIN))
    );
    assert_eq!(cast(double(f64::NAN), int, false), Err(Reason::Cast));
    assert_eq!(cast(double(f64::NEG_INFINITY), int, true), Ok(Value::Null));
    let price = || literal(Value::I64(-19_999), DataType::decimal(6, 2));
    assert_eq!(cast(price(), int, false), Ok(Value::I64(-199)));
    assert_eq!(
        cast(price(), DataType::decimal(4, 1), false),
        Ok(Value::I64(-2000))
    );
    assert_eq!(
        cast(price(), DataType::decimal(3, 1), false),
        Err(Reason::Cast)
    );
    assert_eq!(
        cast(price(), DataType::decimal(30, 4), false),
        Ok(Value::I128(-1_999_900))
    );
    assert_eq!(
        cast(price(), DataType::Double, false),
        Ok(Value::F64(-199.99))
    );
    assert_eq!(cast(bigint(i64::MAX), int, false), Err(Reason::Cast));
}

#[test]
fn casts_of_texts_trim_and_refuse() {
    for (from, ty, expected) in [
        ("  42 ", DataType::Int, Ok(Value::I64(42))),
        ("+42", DataType::BigInt, Ok(Value::I64(42))),
        (
            "-9223372036854775808",
            DataType::BigInt,
            Ok(Value::I64(i64::MIN)),
        ),
        ("9223372036854775808", DataType::BigInt, Err(Reason::Cast)),
        ("2147483648", DataType::Int, Err(Reason::Cast)),
        ("4.5", DataType::Int, Err(Reason::Cast)),
        ("", DataType::Int, Err(Reason::Cast)),
        ("-", DataType::Int, Err(Reason::Cast)),
        ("1.255", DataType::decimal(5, 2), Ok(Value::I64(126))),
        ("1e2", DataType::decimal(5, 2), Ok(Value::I64(10_000))),
        ("999.995", DataType::decimal(5, 2), Err(Reason::Cast)),
        ("1e3", DataType::Double, Ok(Value::F64(1000.0))),
        ("one", DataType::Double, Err(Reason::Cast)),
        ("Yes", DataType::Boolean, Ok(Value::Bool(true))),
        ("maybe", DataType::Boolean, Err(Reason::Cast)),
        ("2013-10-08", DataType::Date, Ok(Value::I64(15_986))),
        (
            "2013-10-08 13:30:00",
            DataType::Date,
            Ok(Value::I64(15_986)),
        ),
        (
            "2013-10-08",
            DataType::Timestamp,
            Ok(Value::I64(1_381_190_400_000_000_000)),
        ),
        (
            " 2013-10-08 13:30:00.25 ",
            DataType::Timestamp,
            Ok(Value::I64(1_381_239_000_250_000_000)),
        ),
        ("yesterday", DataType::Timestamp, Err(Reason::Cast)),
    ] {
        assert_eq!(cast(text(from), ty, false), expected, "{from:?} as {ty}");
        let lenient = expected.unwrap_or(Value::Null);
        assert_eq!(
            cast(text(from), ty, true),
            Ok(lenient),
            "{from:?} as {ty}, leniently"
        );
    }
}

#[test]
fn values_are_written_as_the_sinks_write_them() {
    for (value, ty, expected) in [
        (Value::Bool(true), DataType::Boolean, "true"),
        (Value::I64(-7), DataType::BigInt, "-7"),
        (Value::F64(1.0), DataType::Double, "1.0"),
        (Value::F64(f64::NAN), DataType::Double, "NaN"),
        (Value::F64(f64::NEG_INFINITY), DataType::Double, "-inf"),
        (Value::I64(-5), DataType::decimal(5, 2), "-0.05"),
        (Value::I128(10), DataType::decimal(38, 2), "0.10"),
        (Value::I64(15_986), DataType::Date, "2013-10-08"),
        (
            Value::I64(1_381_239_000_250_000_000),
            DataType::Timestamp,
            "2013-10-08 13:30:00.250",
        ),
        (
            Value::I64(1_500_000_000),
            DataType::Interval,
            "1500000000ns",
        ),
    ] {
        assert_eq!(
            cast(literal(value, ty), DataType::Varchar, false),
            Ok(Value::Text(expected.to_owned()))
        );
    }
}

#[test]
fn try_cast_forgives_the_cast_alone() {
    let division = Expr::Arithmetic {
        op: ArithmeticOp::Divide,
        left: Box::new(bigint(1)),
        right: Box::new(bigint(0)),
        ty: DataType::BigInt,
    };
    assert_eq!(
        cast(division, DataType::Int, true),
        Err(Reason::DivisionByZero)
    );
}

#[test]
fn integers_overflow_and_divide_as_decided() {
    let arithmetic = |op, a: i64, b: i64, ty: DataType| {
        let operand = |value| Box::new(literal(Value::I64(value), ty));
        value_of(&Expr::Arithmetic {
            op,
            left: operand(a),
            right: operand(b),
            ty,
        })
    };
    use ArithmeticOp::{Add, Divide, Modulo, Multiply};
    let (int, big) = (DataType::Int, DataType::BigInt);
    assert_eq!(arithmetic(Divide, -7, 2, big), Ok(Value::I64(-3)));
    assert_eq!(arithmetic(Modulo, -7, 2, big), Ok(Value::I64(-1)));
    assert_eq!(arithmetic(Divide, i64::MIN, -1, big), Err(Reason::Overflow));
    assert_eq!(arithmetic(Modulo, i64::MIN, -1, big), Ok(Value::I64(0)));
    assert_eq!(
        arithmetic(Divide, i32::MIN.into(), -1, int),
        Err(Reason::Overflow)
    );
    assert_eq!(
        arithmetic(Add, i32::MAX.into(), 1, int),
        Err(Reason::Overflow)
    );
    assert_eq!(
        arithmetic(Add, i32::MAX.into(), 1, big),
        Ok(Value::I64(2_147_483_648))
    );
    assert_eq!(
        arithmetic(Multiply, 1 << 20, 1 << 20, int),
        Err(Reason::Overflow)
    );
    assert_eq!(arithmetic(Modulo, 5, 0, int), Err(Reason::DivisionByZero));
}

#[test]
fn a_row_fails_once_in_the_first_part_it_reaches() {
    let (a, b) = (
        || column(0, DataType::BigInt),
        || column(1, DataType::BigInt),
    );
    let divide = |left: Expr, right: Expr| Expr::Arithmetic {
        op: ArithmeticOp::Divide,
        left: Box::new(left),
        right: Box::new(right),
        ty: DataType::BigInt,
    };
    let positive = |expr: Expr| Expr::Compare {
        op: CompareOp::Greater,
        left: Box::new(expr),
        right: Box::new(bigint(0)),
    };
    let rows: Vec<Vec<Value>> = [(1, 0), (0, 0), (4, 2), (i64::MIN, -1), (7, 0), (-3, 0)]
        .iter()
        .map(|&(a, b)| vec![Value::I64(a), Value::I64(b)])
        .collect();
    let types = [DataType::BigInt, DataType::BigInt];
    let batch = batch_of(&types, &rows);
    let guarded = Expr::And(vec![positive(a()), positive(divide(a(), b()))]);
    let both = Expr::Or(vec![
        positive(divide(a(), b())),
        positive(Expr::Negate {
            input: Box::new(a()),
        }),
    ]);
    let hidden = Expr::Coalesce {
        args: vec![divide(a(), b()), bigint(5)],
        ty: DataType::BigInt,
    };
    let case = Expr::Case {
        branches: vec![
            (positive(b()), divide(a(), b())),
            (positive(a()), bigint(9)),
        ],
        otherwise: Some(Box::new(divide(b(), a()))),
        ty: DataType::BigInt,
    };
    for expr in [guarded, both, hidden, case] {
        check(
            &mut Program::new(&expr),
            &expr,
            &rows,
            &batch,
            Rows::All(rows.len()),
            "all",
        );
        check(
            &mut Program::new(&expr),
            &expr,
            &rows,
            &batch,
            Rows::Some(&[1, 3, 4]),
            "some",
        );
        if expr.ty() == DataType::Boolean {
            check_filter(&expr, &rows, &mut batch_of(&types, &rows), "filter");
        }
    }
}

#[test]
fn errors_of_several_programs_follow_each_other() {
    let expr = Expr::Arithmetic {
        op: ArithmeticOp::Divide,
        left: Box::new(bigint(1)),
        right: Box::new(column(0, DataType::BigInt)),
        ty: DataType::BigInt,
    };
    let rows = vec![vec![Value::I64(1)], vec![Value::I64(0)]];
    let batch = batch_of(&[DataType::BigInt], &rows);
    let mut errors = RowErrors {
        rows: vec![(1, Reason::Overflow)],
    };
    Program::new(&expr).eval(&batch, Rows::All(2), &mut errors);
    assert_eq!(
        errors.rows,
        [(1, Reason::Overflow), (1, Reason::DivisionByZero)]
    );
}

#[test]
fn nan_is_one_value_behind_all_numbers() {
    let compare = |op, a: f64, b: f64| {
        let operand = |value| Box::new(literal(Value::F64(value), DataType::Double));
        value_of(&Expr::Compare {
            op,
            left: operand(a),
            right: operand(b),
        })
    };
    use CompareOp::{Equal, Greater, GreaterOrEqual, Less, NotEqual};
    for (op, a, b, expected) in [
        (Equal, f64::NAN, f64::NAN, true),
        (NotEqual, f64::NAN, 1.0, true),
        (Greater, f64::NAN, f64::INFINITY, true),
        (Less, f64::NAN, f64::INFINITY, false),
        (GreaterOrEqual, f64::NAN, f64::NAN, true),
        (Equal, -0.0, 0.0, true),
        (Less, -0.0, 0.0, false),
    ] {
        assert_eq!(
            compare(op, a, b),
            Ok(Value::Bool(expected)),
            "{a} {op:?} {b}"
        );
    }
}

#[test]
fn units_that_are_none_are_outside_the_domain() {
    let call = |function, unit: &str, ty| {
        let ts = literal(Value::I64(1_381_239_119_000_000_000), DataType::Timestamp);
        value_of(&Expr::Call {
            function,
            args: vec![text(unit), ts],
            ty,
        })
    };
    let hour = call(ScalarFunction::Extract, "HOUR", DataType::BigInt);
    assert_eq!(hour, Ok(Value::I64(13)));
    let minute = call(ScalarFunction::DateTrunc, "minute", DataType::Timestamp);
    assert_eq!(minute, Ok(Value::I64(1_381_239_060_000_000_000)));
    assert_eq!(
        call(ScalarFunction::Extract, "fortnight", DataType::BigInt),
        Err(Reason::Domain)
    );
    let date = literal(Value::I64(15_986), DataType::Date);
    let args = vec![text("year"), date];
    let year = Expr::Call {
        function: ScalarFunction::Extract,
        args,
        ty: DataType::BigInt,
    };
    assert_eq!(value_of(&year), Ok(Value::I64(2013)));
}

#[test]
fn round_takes_digits() {
    let round = |value: Value, from, digits, ty| {
        value_of(&Expr::Call {
            function: ScalarFunction::Round,
            args: vec![literal(value, from), bigint(digits)],
            ty,
        })
    };
    let (narrow, double) = (DataType::decimal(6, 3), DataType::Double);
    assert_eq!(
        round(Value::I64(12_345), narrow, 1, narrow),
        Ok(Value::I64(12_300))
    );
    assert_eq!(
        round(Value::I64(12_355), narrow, 2, DataType::decimal(6, 2)),
        Ok(Value::I64(1_236))
    );
    assert_eq!(
        round(Value::I64(999_999), narrow, 0, narrow),
        Err(Reason::Overflow)
    );
    assert_eq!(
        round(Value::F64(2.675), double, 2, double),
        Ok(Value::F64(2.68))
    );
    assert_eq!(
        round(Value::I64(i64::MAX), DataType::BigInt, -1, DataType::BigInt),
        Err(Reason::Overflow)
    );
    assert_eq!(
        round(Value::I64(15), DataType::Int, -1, DataType::Int),
        Ok(Value::I64(20))
    );
}

#[test]
fn null_is_of_every_type() {
    let null = literal(Value::Null, DataType::Varchar);
    assert_eq!(cast(null, DataType::Interval, false), Ok(Value::Null));
}

/// Prints what filters and decimals cost; run with `--release -- --ignored --nocapture measure`.
#[test]
#[ignore = "a measurement"]
fn measure_filter_and_decimals() {
    let rows: Vec<Vec<Value>> = (0..4096i64)
        .map(|i| {
            vec![
                Value::I64(i.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as i64) >> 40),
                Value::I64(i),
            ]
        })
        .collect();
    let types = [DataType::BigInt, DataType::decimal(18, 4)];
    let mut batch = batch_of(&types, &rows);
    let greater = |constant| Expr::Compare {
        op: CompareOp::Greater,
        left: Box::new(column(0, DataType::BigInt)),
        right: Box::new(bigint(constant)),
    };
    let product = Expr::Arithmetic {
        op: ArithmeticOp::Multiply,
        left: Box::new(column(1, types[1])),
        right: Box::new(Expr::Cast {
            input: Box::new(column(0, DataType::BigInt)),
            ty: DataType::decimal(19, 0),
            lenient: false,
        }),
        ty: DataType::decimal(38, 4),
    };
    let sum = Expr::Arithmetic {
        op: ArithmeticOp::Add,
        left: Box::new(column(0, DataType::BigInt)),
        right: Box::new(bigint(3)),
        ty: DataType::BigInt,
    };
    const ROUNDS: u32 = 20_000;
    let mut errors = RowErrors::default();
    let report = |what: &str, started: std::time::Instant| {
        let ns = started.elapsed().as_nanos() as f64 / f64::from(ROUNDS) / 4096.0;
        println!("{what}: {ns:.2} ns a row, {:.0} M rows/s", 1e3 / ns);
    };
    for (what, expr) in [
        ("filter i64 > constant, half kept", greater(0)),
        (
            "filter AND of two",
            Expr::And(vec![greater(-1 << 22), greater(0)]),
        ),
    ] {
        let mut program = Program::new(&expr);
        let started = std::time::Instant::now();
        for _ in 0..ROUNDS {
            batch.selection.all(4096);
            filter(&mut program, &mut batch, &mut errors);
        }
        report(what, started);
        assert!((1_800..2_300).contains(&batch.selection.len()));
    }
    for (what, expr) in [
        ("boolean i64 > constant", greater(0)),
        ("i64 + constant", sum),
        ("DECIMAL(18,4) * BIGINT", product),
    ] {
        let mut program = Program::new(&expr);
        let started = std::time::Instant::now();
        for _ in 0..ROUNDS {
            std::hint::black_box(program.eval(&batch, Rows::All(4096), &mut errors));
        }
        report(what, started);
    }
    assert!(errors.rows.is_empty());
    let prices: Vec<String> = (0..4096)
        .map(|i| format!("{}.{:02}", 90 + i % 300, i % 100))
        .collect();
    let started = std::time::Instant::now();
    let mut total = 0;
    for _ in 0..ROUNDS {
        for price in &prices {
            total += crate::decimal::parse_i64(price.as_bytes(), 18, 4).expect("a price");
        }
    }
    report("decimal::parse_i64 of prices", started);
    assert!(total > 0);
}
