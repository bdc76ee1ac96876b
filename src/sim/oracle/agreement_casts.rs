//! Every pair of types: a cast, whose values are those of the oracle, or none.

use super::agreement::{Random, check, types};
use crate::expr::can_cast;
use crate::plan::Expr;
use crate::types::{DataType, Value};

/// What each type casts to, in the order of `types` and without spaces, written down apart from the rules that the
/// engine has.
const CASTS: [(&str, &str); 21] = [
    (
        "BOOLEAN",
        "BOOLEAN INT BIGINT DOUBLE DECIMAL(9,2) DECIMAL(30,6) VARCHAR REAL",
    ),
    (
        "INT",
        "BOOLEAN INT BIGINT DOUBLE DECIMAL(9,2) DECIMAL(30,6) VARCHAR REAL",
    ),
    (
        "BIGINT",
        "BOOLEAN INT BIGINT DOUBLE DECIMAL(9,2) DECIMAL(30,6) VARCHAR REAL",
    ),
    (
        "DOUBLE",
        "BOOLEAN INT BIGINT DOUBLE DECIMAL(9,2) DECIMAL(30,6) VARCHAR REAL",
    ),
    (
        "DECIMAL(9,2)",
        "BOOLEAN INT BIGINT DOUBLE DECIMAL(9,2) DECIMAL(30,6) VARCHAR REAL",
    ),
    (
        "DECIMAL(30,6)",
        "BOOLEAN INT BIGINT DOUBLE DECIMAL(9,2) DECIMAL(30,6) VARCHAR REAL",
    ),
    (
        "VARCHAR",
        "BOOLEAN INT BIGINT DOUBLE DECIMAL(9,2) DECIMAL(30,6) VARCHAR DATE TIMESTAMP INTERVAL REAL VARBINARY TIME \
         TIMESTAMP_LTZ ARRAY<INT> ARRAY<VARCHAR> ROW<priceDECIMAL(30,6),xDOUBLE> MAP<VARCHAR,BIGINT> \
         MAP<DECIMAL(30,6),VARCHAR> ROW<aBIGINT,bARRAY<VARCHAR>> ROW<cVARCHAR,dARRAY<INT>>",
    ),
    ("DATE", "VARCHAR DATE TIMESTAMP TIMESTAMP_LTZ"),
    ("TIMESTAMP", "VARCHAR DATE TIMESTAMP TIME TIMESTAMP_LTZ"),
    ("INTERVAL", "VARCHAR INTERVAL TIME"),
    (
        "REAL",
        "BOOLEAN INT BIGINT DOUBLE DECIMAL(9,2) DECIMAL(30,6) VARCHAR REAL",
    ),
    ("VARBINARY", "VARCHAR VARBINARY"),
    ("TIME", "VARCHAR INTERVAL TIME"),
    ("TIMESTAMP_LTZ", "VARCHAR DATE TIMESTAMP TIME TIMESTAMP_LTZ"),
    ("ARRAY<INT>", "ARRAY<INT> ARRAY<VARCHAR> VARCHAR"),
    ("ARRAY<VARCHAR>", "ARRAY<VARCHAR> ARRAY<INT> VARCHAR"),
    (
        "ROW<price DECIMAL(30,6), x DOUBLE>",
        "ROW<priceDECIMAL(30,6),xDOUBLE> VARCHAR",
    ),
    (
        "MAP<VARCHAR, BIGINT>",
        "MAP<VARCHAR,BIGINT> MAP<DECIMAL(30,6),VARCHAR> VARCHAR",
    ),
    (
        "MAP<DECIMAL(30,6), VARCHAR>",
        "MAP<DECIMAL(30,6),VARCHAR> MAP<VARCHAR,BIGINT> VARCHAR",
    ),
    (
        "ROW<a BIGINT, b ARRAY<VARCHAR>>",
        "ROW<aBIGINT,bARRAY<VARCHAR>> ROW<cVARCHAR,dARRAY<INT>> VARCHAR",
    ),
    (
        "ROW<c VARCHAR, d ARRAY<INT>>",
        "ROW<cVARCHAR,dARRAY<INT>> ROW<aBIGINT,bARRAY<VARCHAR>> VARCHAR",
    ),
];

/// Texts that each type reads, and some that only look like it.
const TEXTS: [&str; 36] = [
    "true",
    "No",
    "-128",
    "2147483648",
    "9223372036854775808",
    "1.005",
    "-0.0",
    "1e39",
    "-1e400",
    "nan",
    "12345678901234567890123456789",
    "2025-03-09",
    "2025-03-09 02:30:00",
    "2025-11-02T01:30:00.000000001",
    "2025-07-01 00:00:00+02:00",
    "2262-04-11 23:47:16.854775807",
    "24:00:00",
    "23:59:59.999999999",
    "1 day 2h 30.5ms",
    "-3ns",
    "1 month",
    "0.1ns",
    "größer",
    "",
    "[]",
    "[1, null ,-2147483648]",
    r#"["a", {"b":[1, "]"]}, [2], null, 1.5]"#,
    "[[1]]",
    "[1,",
    "{}",
    r#"{"price": 1.5, "X": "-2.5", "other": [{}]}"#,
    r#"{"a": 7, "b": ["x", {"y": 1}], "d": [3], "c": {"z": 0}}"#,
    r#"{"d": [3, "4"], "c": "text", "a": "1"}"#,
    r#"{"1.5": "x", "-2": {"y": [1]}, "1.50": null}"#,
    r#"{"k": 1, "j": 9223372036854775807, "k": null}"#,
    r#"{"k": 1"#,
];

fn value(random: &mut Random, ty: DataType) -> Value {
    match ty {
        DataType::Varchar if random.below(3) > 0 => Value::Text(format!(
            "{}{}",
            random.pick(&["", " "]),
            random.pick(&TEXTS)
        )),
        _ => random.value(ty),
    }
}

#[test]
fn every_pair_of_types_casts_as_the_oracle_does_or_not_at_all() {
    let types = types();
    let mut pairs = 0;
    for (from, (name, targets)) in types.iter().zip(CASTS) {
        assert_eq!(from.to_string(), name);
        for to in &types {
            let name = to.to_string().replace(' ', "");
            let listed = targets.split(' ').any(|target| target == name);
            assert_eq!(can_cast(*from, *to), listed, "{from} to {to}");
            if !listed {
                continue;
            }
            pairs += 1;
            for lenient in [false, true] {
                let mut random = Random(0x5eed_ca57 + pairs);
                let rows: Vec<Vec<Value>> =
                    (0..200).map(|_| vec![value(&mut random, *from)]).collect();
                let input = Box::new(Expr::Column {
                    index: 0,
                    ty: *from,
                });
                let cast = Expr::Cast {
                    input,
                    ty: *to,
                    lenient,
                };
                check(&cast, &[*from], &rows, pairs);
                for row in &rows[..20] {
                    let input = Box::new(Expr::Literal {
                        value: row[0].clone(),
                        ty: *from,
                    });
                    let cast = Expr::Cast {
                        input,
                        ty: *to,
                        lenient,
                    };
                    check(&cast, &[*from], &rows[..3], pairs);
                }
            }
        }
    }
    assert_eq!(pairs, 119);
}
