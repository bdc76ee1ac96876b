//! Every scalar function of the catalogue against the oracle's, on random arguments of every type it takes.

use super::agreement::{Random, check, types};
use crate::expr::catalogue::{FUNCTIONS, FunctionKind, signature};
use crate::plan::{
    BytesFunction, Expr, PatternFunction, ScalarFunction, TextFunction, TimeFunction,
};
use crate::types::{DataType, Value};

const PATTERNS: [&str; 12] = [
    "a",
    "",
    "^a|b$",
    "(a|ab)(c|bcd)?",
    "[^a-c ]+",
    "(?i)A+?.",
    r"(\w+)-(\d*)",
    "x*",
    "(a{1,2}){2}",
    "(",
    "ö.",
    r"\bs",
];

fn text(random: &mut Random, function: ScalarFunction, at: usize) -> Value {
    let texts: &[&str] = match (function, at) {
        (ScalarFunction::Pattern(_), 1) => &PATTERNS,
        (ScalarFunction::Pattern(PatternFunction::Replace), 2) => &["", "<$0>", "$1$$$9", "$x$"],
        (ScalarFunction::Time(TimeFunction::Format), 1) => {
            &["%Y-%m-%d %H:%M:%S.%3f", "%-d.%-m.%y %I %p, %A %b %j", "%F"]
        }
        (ScalarFunction::Time(TimeFunction::Parse), 0) => &[
            "2025-02-28 07:08:09.5",
            "2025-02-29 00:00:00",
            "x",
            "1969-12-31 23:59:59.123456789",
        ],
        (ScalarFunction::Time(TimeFunction::Parse), _) => {
            &["%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S"]
        }
        (ScalarFunction::Time(TimeFunction::ToZone | TimeFunction::FromZone), 1)
        | (ScalarFunction::Time(_), 2) => &[
            "America/New_York",
            "UTC",
            "Asia/Kolkata",
            "Australia/Lord_Howe",
            "Nowhere",
        ],
        (ScalarFunction::Bytes(BytesFunction::FromHex), _) => &["00ff", "4A4b4c", "", "123", "zz"],
        (ScalarFunction::Bytes(_), 1) => &["UTF-8", "us-ascii", "ISO-8859-1", "EBCDIC"],
        (ScalarFunction::Extract | ScalarFunction::DateTrunc | ScalarFunction::Time(_), 0) => &[
            "year", "week", "doys", "second", "nothing", "month", "quarters", "hour",
        ],
        (_, 0) => &[
            "",
            "a",
            "abcabcab",
            "aab-12 größer als sonst",
            "  spaces x ",
            "sonst ss-7 sAabcd",
            "ööö",
        ],
        _ => &["a", "b", "", "ö", "ab", "xyz- ", " "],
    };
    Value::Text(random.pick(texts).to_owned())
}

fn value(random: &mut Random, function: ScalarFunction, at: usize, ty: DataType) -> Value {
    if random.below(12) == 0 {
        return Value::Null;
    }
    match ty {
        DataType::Varchar => text(random, function, at),
        // Small numbers are where counts and positions differ.
        DataType::Int | DataType::BigInt if at > 0 && random.below(4) != 0 => {
            Value::I64(random.below(9) as i64 - 3)
        }
        DataType::Double if random.below(2) == 0 => {
            Value::F64(random.below(400) as f64 / 100.0 - 2.0)
        }
        _ => loop {
            let value = random.value(ty);
            if value != Value::Null {
                return value;
            }
        },
    }
}

/// Digits of ROUND and TRUNC are constant.
fn takes_digits(function: ScalarFunction) -> bool {
    matches!(function, ScalarFunction::Round | ScalarFunction::Truncate)
}

fn call(random: &mut Random, function: ScalarFunction, count: usize) -> Option<Expr> {
    // Most functions take texts.
    let mut ty = || match random.below(3) {
        0 => DataType::Varchar,
        _ => random.pick(&types()),
    };
    let types: Vec<DataType> = (0..count).map(|_| ty()).collect();
    let types = match function {
        ScalarFunction::Greatest | ScalarFunction::Least => vec![types[0]; count],
        _ => types,
    };
    let digits = takes_digits(function).then(|| random.below(8) as i64 - 3);
    let signature = signature::scalar(function, &types, digits).ok()?;
    let args = signature.arguments.iter().enumerate().map(|(at, &ty)| {
        if at == 1 && takes_digits(function) {
            return Expr::Literal {
                value: Value::I64(digits.unwrap_or(0)),
                ty,
            };
        }
        if random.below(3) == 0 {
            let value = value(random, function, at, ty);
            return Expr::Literal { value, ty };
        }
        Expr::Column { index: at, ty }
    });
    Some(Expr::Call {
        function,
        args: args.collect(),
        ty: signature.result,
    })
}

#[test]
fn functions_agree_with_the_engine() {
    for info in FUNCTIONS {
        let FunctionKind::Scalar(function) = info.kind else {
            continue;
        };
        let least = match function {
            // What the binder completes has all its arguments here.
            ScalarFunction::Pattern(PatternFunction::Extract)
            | ScalarFunction::Text(TextFunction::PadLeft | TextFunction::PadRight) => 3,
            ScalarFunction::Text(TextFunction::TrimStart | TextFunction::TrimEnd)
            | ScalarFunction::Double(_) => info.arguments_max,
            ScalarFunction::Time(_) => info.arguments_max,
            _ => info.arguments_min,
        };
        let mut tried = 0;
        for seed in 1..=20_000_u64 {
            let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
            let count =
                least + random.below((info.arguments_max.min(4) - least + 1) as u64) as usize;
            let Some(expr) = call(&mut random, function, count) else {
                continue;
            };
            let Expr::Call { args, .. } = &expr else {
                continue;
            };
            tried += 1;
            let types: Vec<DataType> = args.iter().map(Expr::ty).collect();
            let rows: Vec<Vec<Value>> = (0..12)
                .map(|_| {
                    let columns = types.iter().enumerate();
                    columns
                        .map(|(at, &ty)| value(&mut random, function, at, ty))
                        .collect()
                })
                .collect();
            check(&expr, &types, &rows, seed);
            if tried == 60 {
                break;
            }
        }
        assert!(tried >= 5, "{:?} was called {tried} times", info.names);
    }
}
