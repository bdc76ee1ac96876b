//! Random calls of scalar functions around expressions of the other random queries.

use crate::data::Kind;
use velo_tpc::sim::Random;

fn pick<'a>(random: &mut Random, items: &[&'a str]) -> &'a str {
    items[random.below(items.len() as u64) as usize]
}

/// A number from numbers and a text.
pub fn number(random: &mut Random, a: &str, b: &str, text: &str) -> String {
    let digits = pick(random, &["0", "2", "-1"]);
    match random.below(7) {
        0 => format!("SIGN({a})"),
        1 => format!("TRUNC({a}, {digits})"),
        2 => {
            let call = pick(
                random,
                &["SQRT", "CBRT", "LN", "LOG10", "COS", "ATAN", "DEGREES"],
            );
            format!("{call}({a})")
        }
        3 => format!("POWER({a}, {b})"),
        4 => {
            let op = pick(random, &["&", "|", "^"]);
            format!("(TRY_CAST({a} AS BIGINT) {op} 13)")
        }
        5 => format!("POSITION('S' IN {text})"),
        _ => format!("WIDTH_BUCKET({a}, 0, 100, 7)"),
    }
}

/// A text from a text and a number.
pub fn text(random: &mut Random, a: &str, number: &str) -> String {
    let count = pick(random, &["0", "1", "3", "-1", "12"]);
    match random.below(17) {
        15 => format!("MAP[{a}, k, 'S1', g, COALESCE(g, k), {a}]['S1']"),
        16 => format!("CAST(MAP[COALESCE({a}, ''), {number}, 'x', 1, 'S1', NULL] AS VARCHAR)"),
        13 => format!("CAST(ARRAY[{a}, k] AS VARCHAR)"),
        14 if random.one_in(2) => {
            let slice = pick(random, &["2:", ":2", "-2:", "i:b", "0:1", "3:-3"]);
            format!("CAST(ARRAY[{a}, NULL, g][{slice}] AS VARCHAR)")
        }
        14 => format!("ARRAY[{a}, NULL, g][{}]", random.below(4)),
        11 => pick(random, &["TO_HEX(y)", "MD5(y)", "TRY_CAST(y AS VARCHAR)"]).to_owned(),
        12 => format!("DECODE(ENCODE({a}, 'UTF-8'), 'latin1')"),
        9 => format!("('{{\"k\":[\"' || {a} || '\"]}}' -> 'k' ->> 0)"),
        0 => format!("LEFT({a}, {count})"),
        1 => format!("RIGHT({a}, {count})"),
        2 => format!("LPAD({a}, {count}, 'xy')"),
        3 => format!("RTRIM({a}, 'S1 ')"),
        4 => format!("REPLACE({a}, 'S', 'öö')"),
        5 => format!("REVERSE({a})"),
        6 => format!("SPLIT_INDEX({a}, 'o', {count})"),
        7 => format!("CONCAT_WS('-', {a}, CAST({number} AS VARCHAR), k)"),
        8 => format!("REGEXP_REPLACE({a}, '([a-z])(\\d)', '$2$1')"),
        _ => format!("{}({a})", pick(random, &["MD5", "TO_HEX"])),
    }
}

/// A condition on a text.
pub fn boolean(random: &mut Random, text: &str) -> String {
    match random.below(3) {
        0 => format!("STARTS_WITH({text}, 'S')"),
        1 => format!("{text} ~ '{}'", pick(random, &["^S[0-2]", "ö|t", "\\d$"])),
        _ => format!("CONTAINS({text}, '1')"),
    }
}

/// An expression of a time.
pub fn time(random: &mut Random, a: &str) -> String {
    let unit = pick(random, &["HOUR", "DAY", "MONTH", "WEEK"]);
    match random.below(7) {
        0 => format!("DATE_BIN(INTERVAL '7' SECOND, {a})"),
        1 => format!("DATE_FORMAT({a}, 'yyyy-MM-dd HH:mm:ss.SSS')"),
        2 => format!("TIMESTAMPADD({unit}, 2, {a})"),
        3 => format!("TIMESTAMPDIFF({unit}, {a}, TIMESTAMP '2025-03-01 00:00:00')"),
        4 => format!("DATEDIFF('{unit}', TIMESTAMP '2024-12-31 00:00:00', {a})"),
        5 => format!("({a} AT TIME ZONE 'America/New_York')"),
        _ => format!("TO_TIMESTAMP(UNIX_TIMESTAMP({a}))"),
    }
}

/// A time of day, and what is made of one, from a time.
pub fn time_of_day(random: &mut Random, a: &str) -> String {
    let made = [
        "t",
        "(t + INTERVAL '90' MINUTE)",
        "(t - TIME '10:00')",
        "(day + t)",
        "HOUR(t)",
    ];
    match random.below(3) {
        0 => format!("CAST({a} AS TIME)"),
        _ => pick(random, &made).to_owned(),
    }
}

/// An aggregate of ARRAYs or a ROW.
pub fn nested_aggregate(random: &mut Random, number: &str, columns: &[(&str, Kind)]) -> String {
    let column = columns[random.below(columns.len() as u64) as usize].0;
    match random.below(6) {
        4 => format!("LAST(MAP['v', {column}])"),
        5 => format!("ARG_MAX(MAP[b, {number}], {number})"),
        0 => format!("ARRAY_AGG({column})"),
        1 => format!("ARRAY_AGG(DISTINCT {number})"),
        2 => format!("OHLC({number})"),
        _ => format!("OHLC({column})"),
    }
}

/// A condition on columns of the rarer types.
pub fn typed(random: &mut Random) -> String {
    let conditions = [
        "y > x'4100'",
        "t BETWEEN '09:00' AND TIME '17:30'",
        "z = at",
        "r = 0.5",
        "y IS DISTINCT FROM x'4142'",
        "CONTAINS(ARRAY[i, 3], 3)",
        "ARRAY[x, 1] = ARRAY[r, x]",
        "MAP[i, k, 3, g] = MAP[3, k, i, g]",
        "MAP[day, t, at, NULL][day] IS NULL",
    ];
    pick(random, &conditions).to_owned()
}

/// A key of the rarer types.
pub fn key(random: &mut Random) -> String {
    let keys = [
        "day",
        "t",
        "y",
        "z",
        "TO_HEX(y)",
        "CAST(z AS TIME)",
        "ARRAY[k, g]",
        "ROW(x, f)",
        "MAP['b', g, COALESCE(k, 'a'), k]",
        "MAP_FROM_ARRAYS(ARRAY[i, 2], ARRAY[f, i > 2])",
        "MAP_KEYS(MAP[b, x, 3, x])",
        "CAST(ARRAY[ROW(i, x)] AS ARRAY<ROW<a VARCHAR, b DOUBLE>>)",
        "TRY_CAST(MAP[g, k, 'b', '1'] AS MAP<VARCHAR, INT>)",
    ];
    pick(random, &keys).to_owned()
}
