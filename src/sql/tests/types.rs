//! The binder's type rules.

use super::{check, job, projection, run};
use crate::plan::{ArithmeticOp, CompareOp, Expr, ScalarFunction};
use crate::types::{DataType, Value};

fn ty(item: &str) -> String {
    let job = job(&format!("SELECT {item} FROM plain;"));
    check(&job);
    job.statements[0].output.fields[0].ty.to_string()
}

#[test]
fn expressions_have_the_types_of_the_dialect() {
    let cases = [
        ("a + 1", "INT"),
        ("a + b", "BIGINT"),
        ("a * 3000000000", "BIGINT"),
        ("b / 2", "BIGINT"),
        ("x + a", "DOUBLE"),
        ("d + x", "DOUBLE"),
        ("d + 1.5", "DECIMAL(11,2)"),
        ("d * b", "DECIMAL(30,2)"),
        ("d + a", "DECIMAL(13,2)"),
        ("d / d", "DECIMAL(23,13)"),
        ("d % 7", "DECIMAL(10,2)"),
        ("-d", "DECIMAL(10,2)"),
        ("1.5", "DECIMAL(2,1)"),
        ("1e3", "DOUBLE"),
        ("9223372036854775808", "DECIMAL(19,0)"),
        ("-9223372036854775808", "BIGINT"),
        ("at + INTERVAL '1' SECOND", "TIMESTAMP"),
        ("INTERVAL '1' SECOND + at", "TIMESTAMP"),
        ("at - at", "INTERVAL"),
        ("day + INTERVAL '1' DAY", "TIMESTAMP"),
        ("day - day", "INTERVAL"),
        ("2 * INTERVAL '1' SECOND", "INTERVAL"),
        ("a > b", "BOOLEAN"),
        ("a BETWEEN 1 AND 2", "BOOLEAN"),
        ("t LIKE 'A%'", "BOOLEAN"),
        ("f IS TRUE", "BOOLEAN"),
        ("a IS DISTINCT FROM b", "BOOLEAN"),
        ("t || 'x' || t", "VARCHAR"),
        ("CONCAT(t, 'x')", "VARCHAR"),
        ("CASE WHEN a > 1 THEN a ELSE 2.5 END", "DECIMAL(11,1)"),
        ("CASE WHEN a > 1 THEN 1 ELSE 2.5 END", "DECIMAL(2,1)"),
        ("CASE a WHEN 1 THEN 'one' END", "VARCHAR"),
        ("CASE WHEN f THEN NULL ELSE a END", "INT"),
        ("COALESCE(a, b, 0)", "BIGINT"),
        ("COALESCE(NULL, x)", "DOUBLE"),
        ("NULLIF(a, 0)", "INT"),
        ("IF(f, 1, 2)", "INT"),
        ("GREATEST(a, x)", "DOUBLE"),
        ("LEAST(d, 1)", "DECIMAL(10,2)"),
        ("ABS(d)", "DECIMAL(10,2)"),
        ("ROUND(d)", "DECIMAL(9,0)"),
        ("ROUND(d, 1)", "DECIMAL(10,1)"),
        ("ROUND(x, 2)", "DOUBLE"),
        ("CEIL(d)", "DECIMAL(10,0)"),
        ("FLOOR(x)", "DOUBLE"),
        ("UPPER(t)", "VARCHAR"),
        ("CHAR_LENGTH(t)", "INT"),
        ("SUBSTRING(t FROM 2 FOR 3)", "VARCHAR"),
        ("SUBSTRING(t, 2)", "VARCHAR"),
        ("TRIM(t)", "VARCHAR"),
        ("DATE_TRUNC('minute', at)", "TIMESTAMP"),
        ("EXTRACT(HOUR FROM at)", "BIGINT"),
        ("HOUR(at)", "BIGINT"),
        ("MOD(b, 3)", "BIGINT"),
        ("CAST(t AS DOUBLE)", "DOUBLE"),
        ("TRY_CAST(t AS INT)", "INT"),
        ("a::VARCHAR", "VARCHAR"),
        ("TIMESTAMP '2025-01-01 00:00:00'", "TIMESTAMP"),
        ("DATE '2025-01-01'", "DATE"),
        ("NULL", "VARCHAR"),
    ];
    for (item, expected) in cases {
        assert_eq!(ty(item), expected, "{item}");
    }
}

fn expr(item: &str) -> Expr {
    projection(&job(&format!("SELECT {item} FROM plain;")))[0].clone()
}

fn column(index: usize, ty: DataType) -> Box<Expr> {
    Box::new(Expr::Column { index, ty })
}

#[test]
fn literals_take_the_type_of_what_they_meet() {
    let compared = |item| match expr(item) {
        Expr::Compare { left, right, .. } => (*left, *right),
        other => panic!("{other:?}"),
    };
    let (left, right) = compared("d > 5");
    assert_eq!(left, *column(3, DataType::decimal(10, 2)));
    assert_eq!(
        right,
        Expr::Literal {
            value: Value::I64(500),
            ty: DataType::decimal(10, 2)
        }
    );
    let (left, right) = compared("at >= '1970-01-01 00:00:01'");
    assert_eq!(left, *column(7, DataType::Timestamp));
    assert_eq!(
        right,
        Expr::Literal {
            value: Value::I64(1_000_000_000),
            ty: DataType::Timestamp
        }
    );
    let (left, right) = compared("b = 5");
    assert_eq!(left.ty(), DataType::BigInt);
    assert_eq!(
        right,
        Expr::Literal {
            value: Value::I64(5),
            ty: DataType::BigInt
        }
    );
    let (_, right) = compared("a = '12'");
    assert_eq!(
        right,
        Expr::Literal {
            value: Value::I64(12),
            ty: DataType::Int
        }
    );
}

#[test]
fn casts_are_inserted_where_types_meet() {
    let Expr::Arithmetic {
        op: ArithmeticOp::Multiply,
        left,
        right,
        ..
    } = expr("d * b")
    else {
        panic!("not a product");
    };
    assert_eq!(*left, *column(3, DataType::decimal(10, 2)));
    assert_eq!(
        *right,
        Expr::Cast {
            input: column(1, DataType::BigInt),
            ty: DataType::decimal(19, 0),
            lenient: false
        }
    );
}

#[test]
fn forms_become_others() {
    assert!(matches!(expr("a BETWEEN 1 AND 2"), Expr::And(parts) if parts.len() == 2));
    assert!(matches!(expr("a NOT BETWEEN 1 AND 2"), Expr::Not(_)));
    assert!(matches!(expr("f AND f AND f"), Expr::And(parts) if parts.len() == 3));
    assert!(matches!(
        expr("f IS NOT TRUE"),
        Expr::Compare {
            op: CompareOp::Distinct,
            ..
        }
    ));
    assert!(matches!(expr("NULLIF(a, 0)"), Expr::Case { branches, .. } if branches.len() == 1));
    assert!(matches!(
        expr("t || 'a' || t"),
        Expr::Call { function: ScalarFunction::Concat, args, .. } if args.len() == 3
    ));
    assert!(matches!(
        expr("a IN (1, 2, NULL)"),
        Expr::InList { list, .. } if list == [Value::I64(1), Value::I64(2), Value::Null]
    ));
    assert!(matches!(expr("a IN (1, b)"), Expr::Or(parts) if parts.len() == 2));
    assert!(matches!(
        expr("t NOT ILIKE 'a!%' ESCAPE '!'"),
        Expr::Like {
            ignore_case: true,
            negated: true,
            escape: Some('!'),
            ..
        }
    ));
}

#[test]
fn integer_division_is_warned_of() {
    let compiled = run("SELECT a / 2 FROM plain;").expect("compiles");
    assert_eq!(compiled.warnings.len(), 1);
    assert!(compiled.warnings[0].1.contains("truncates"));
    let compiled = run("SELECT d / 2 FROM plain;").expect("compiles");
    assert!(compiled.warnings.is_empty());
}

#[test]
fn aggregates_have_the_types_of_the_dialect() {
    let cases = [
        ("COUNT(*)", "BIGINT"),
        ("COUNT(DISTINCT t)", "BIGINT"),
        ("SUM(a)", "BIGINT"),
        ("SUM(d)", "DECIMAL(38,2)"),
        ("SUM(x)", "DOUBLE"),
        ("AVG(b)", "DOUBLE"),
        ("AVG(d)", "DECIMAL(38,6)"),
        ("MIN(t)", "VARCHAR"),
        ("MAX(at)", "TIMESTAMP"),
        ("FIRST(d)", "DECIMAL(10,2)"),
        ("LAST_VALUE(t)", "VARCHAR"),
        ("VWAP(d, b)", "DECIMAL(38,6)"),
        ("VWAP(x, b)", "DOUBLE"),
        ("SUM(a) FILTER (WHERE f) + 1", "BIGINT"),
    ];
    for (item, expected) in cases {
        assert_eq!(ty(item), expected, "{item}");
    }
}

#[test]
fn nullability_follows_the_columns() {
    let nullable = |item: &str| {
        job(&format!("SELECT {item} AS v FROM trades GROUP BY symbol;")).statements[0]
            .output
            .fields[0]
            .nullable
    };
    assert!(!nullable("COUNT(*)"));
    assert!(nullable("SUM(size)"));
    assert!(!nullable("COALESCE(SUM(size), 0)"));
}
