//! The function catalogue: names, arity and one-line descriptions of every function that SQL can call.
//!
//! The binder resolves calls here and SHOW FUNCTIONS prints it, so the two cannot differ. Type rules of
//! the scalar and aggregate functions are in [`signature`]. Functions that the dialect names and this version does not build
//! are listed too, so that a call of one is refused by name and not taken for a spelling mistake.

pub mod signature;

use crate::plan::{AggregateKind, ScalarFunction};

/// What a function name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// A value for each row.
    Scalar(ScalarFunction),
    /// A field of a timestamp: `EXTRACT` with its unit in the name.
    ExtractUnit(&'static str),
    /// A form that the binder rewrites.
    Rewrite(Rewrite),
    /// A value for each group, or for each frame of an OVER clause.
    Aggregate(AggregateKind),
    /// LAG: with an OVER clause only.
    Lag,
}

/// Forms that become other expressions when bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrite {
    /// COALESCE and NVL.
    Coalesce,
    /// NULLIF(a, b).
    NullIf,
    /// IF(condition, a, b).
    If,
    /// MOD(a, b): `a % b`.
    Modulo,
    /// TUMBLE_START(ts, size): the query's window_start.
    WindowStart,
    /// TUMBLE_END(ts, size): the query's window_end.
    WindowEnd,
}

/// An entry of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct FunctionInfo {
    /// The canonical name, then its aliases; upper case.
    pub names: &'static [&'static str],
    /// What it is.
    pub kind: FunctionKind,
    /// The call as written.
    pub call: &'static str,
    /// Fewest arguments.
    pub arguments_min: usize,
    /// Most arguments.
    pub arguments_max: usize,
    /// One line.
    pub about: &'static str,
}

const MANY: usize = 64;

const fn entry(
    names: &'static [&'static str],
    kind: FunctionKind,
    call: &'static str,
    arguments: (usize, usize),
    about: &'static str,
) -> FunctionInfo {
    FunctionInfo {
        names,
        kind,
        call,
        arguments_min: arguments.0,
        arguments_max: arguments.1,
        about,
    }
}

use AggregateKind as A;
use FunctionKind::{Aggregate, ExtractUnit, Scalar};
use ScalarFunction as S;

/// Every function, aggregates first, in the order SHOW FUNCTIONS prints them.
#[rustfmt::skip]
pub const FUNCTIONS: &[FunctionInfo] = &[
    entry(&["COUNT"], Aggregate(A::Count), "COUNT(*) | COUNT([DISTINCT] x)", (1, 1), "rows, or values that are not NULL"),
    entry(&["SUM"], Aggregate(A::Sum), "SUM([DISTINCT] x)", (1, 1), "exact sum; NULL of no value"),
    entry(&["AVG"], Aggregate(A::Avg), "AVG([DISTINCT] x)", (1, 1), "mean; DECIMAL(38,max(s,6)) of DECIMALs, else DOUBLE"),
    entry(&["MIN"], Aggregate(A::Min), "MIN(x)", (1, 1), "least value"),
    entry(&["MAX"], Aggregate(A::Max), "MAX(x)", (1, 1), "greatest value"),
    entry(&["FIRST", "FIRST_VALUE"], Aggregate(A::First), "FIRST(x)", (1, 1), "value of the least event time"),
    entry(&["LAST", "LAST_VALUE"], Aggregate(A::Last), "LAST(x)", (1, 1), "value of the greatest event time"),
    entry(&["VWAP"], Aggregate(A::Vwap), "VWAP(price, size)", (2, 2), "SUM(price * size) / SUM(size)"),
    entry(&["LAG"], FunctionKind::Lag, "LAG(x [, rows [, default]]) OVER (..)", (1, 3), "value of an earlier row of the partition"),
    entry(&["ABS"], Scalar(S::Abs), "ABS(x)", (1, 1), "absolute value"),
    entry(&["ROUND"], Scalar(S::Round), "ROUND(x [, digits])", (1, 2), "rounded half away from zero"),
    entry(&["CEIL", "CEILING"], Scalar(S::Ceil), "CEIL(x)", (1, 1), "least whole number not below x"),
    entry(&["FLOOR"], Scalar(S::Floor), "FLOOR(x)", (1, 1), "greatest whole number not above x"),
    entry(&["MOD"], FunctionKind::Rewrite(Rewrite::Modulo), "MOD(a, b)", (2, 2), "remainder with the sign of a"),
    entry(&["GREATEST"], Scalar(S::Greatest), "GREATEST(a, b, ..)", (2, MANY), "greatest argument, NULLs skipped"),
    entry(&["LEAST"], Scalar(S::Least), "LEAST(a, b, ..)", (2, MANY), "least argument, NULLs skipped"),
    entry(&["UPPER", "UCASE"], Scalar(S::Upper), "UPPER(s)", (1, 1), "ASCII letters in upper case"),
    entry(&["LOWER", "LCASE"], Scalar(S::Lower), "LOWER(s)", (1, 1), "ASCII letters in lower case"),
    entry(&["CHAR_LENGTH", "CHARACTER_LENGTH", "LENGTH", "LEN"], Scalar(S::CharLength), "CHAR_LENGTH(s)", (1, 1), "code points"),
    entry(&["SUBSTRING", "SUBSTR"], Scalar(S::Substring), "SUBSTRING(s FROM start [FOR length])", (2, 3), "part of a text, counted from 1"),
    entry(&["TRIM"], Scalar(S::Trim), "TRIM(s)", (1, 1), "without spaces at both ends"),
    entry(&["CONCAT"], Scalar(S::Concat), "CONCAT(a, b, ..) | a || b", (1, MANY), "texts joined; NULL when one is"),
    entry(&["DATE_TRUNC"], Scalar(S::DateTrunc), "DATE_TRUNC('unit', ts)", (2, 2), "start of the unit that ts lies in"),
    entry(&["EXTRACT", "DATE_PART"], Scalar(S::Extract), "EXTRACT(unit FROM ts)", (2, 2), "a field of a timestamp or date"),
    entry(&["YEAR"], ExtractUnit("year"), "YEAR(ts)", (1, 1), "EXTRACT(YEAR FROM ts)"),
    entry(&["MONTH"], ExtractUnit("month"), "MONTH(ts)", (1, 1), "EXTRACT(MONTH FROM ts)"),
    entry(&["DAYOFMONTH", "DAY"], ExtractUnit("day"), "DAYOFMONTH(ts)", (1, 1), "EXTRACT(DAY FROM ts)"),
    entry(&["HOUR"], ExtractUnit("hour"), "HOUR(ts)", (1, 1), "EXTRACT(HOUR FROM ts)"),
    entry(&["MINUTE"], ExtractUnit("minute"), "MINUTE(ts)", (1, 1), "EXTRACT(MINUTE FROM ts)"),
    entry(&["SECOND"], ExtractUnit("second"), "SECOND(ts)", (1, 1), "EXTRACT(SECOND FROM ts)"),
    entry(&["COALESCE", "NVL", "IFNULL"], FunctionKind::Rewrite(Rewrite::Coalesce), "COALESCE(a, b, ..)", (1, MANY), "first argument that is not NULL"),
    entry(&["NULLIF"], FunctionKind::Rewrite(Rewrite::NullIf), "NULLIF(a, b)", (2, 2), "NULL when a = b, else a"),
    entry(&["IF", "IIF"], FunctionKind::Rewrite(Rewrite::If), "IF(condition, a, b)", (3, 3), "a when the condition is TRUE, else b"),
    entry(&["TUMBLE_START"], FunctionKind::Rewrite(Rewrite::WindowStart), "TUMBLE_START(ts, size)", (1, 3), "window_start of the query's window"),
    entry(&["TUMBLE_END"], FunctionKind::Rewrite(Rewrite::WindowEnd), "TUMBLE_END(ts, size)", (1, 3), "window_end of the query's window"),
];

/// Functions of the dialect that this version does not build.
pub const UNBUILT: &[&str] = &[
    "APPROX_COUNT_DISTINCT",
    "APPROX_PERCENTILE",
    "ARG_MAX",
    "ARG_MIN",
    "ARRAY_AGG",
    "BOOL_AND",
    "BOOL_OR",
    "CARDINALITY",
    "CBRT",
    "CONCAT_WS",
    "CONTAINS",
    "CORR",
    "COVAR_POP",
    "COVAR_SAMP",
    "CUME_DIST",
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "CURRENT_WATERMARK",
    "DATEDIFF",
    "DATE_BIN",
    "DATE_FORMAT",
    "DELTA",
    "DENSE_RANK",
    "ELEMENT",
    "EMA",
    "ENDS_WITH",
    "EXP",
    "FROM_UNIXTIME",
    "HOP_END",
    "HOP_START",
    "IMBALANCE",
    "JSON_EXISTS",
    "JSON_QUERY",
    "JSON_VALUE",
    "KURTOSIS",
    "LEAD",
    "LEFT",
    "LISTAGG",
    "LN",
    "LOCALTIMESTAMP",
    "LOG",
    "LOG10",
    "LOG2",
    "LPAD",
    "LTRIM",
    "MAX_BY",
    "MAX_DRAWDOWN",
    "MD5",
    "MEDIAN",
    "MIN_BY",
    "MODE",
    "NOW",
    "NTH_VALUE",
    "NTILE",
    "OHLC",
    "PERCENTILE_CONT",
    "PERCENTILE_DISC",
    "PERCENT_RANK",
    "PI",
    "POSITION",
    "POWER",
    "PROCTIME",
    "RANK",
    "RATE",
    "REALIZED_VOL",
    "REGEXP_EXTRACT",
    "REGEXP_LIKE",
    "REGEXP_MATCH",
    "REGEXP_REPLACE",
    "REGR_INTERCEPT",
    "REGR_R2",
    "REGR_SLOPE",
    "REPEAT",
    "REPLACE",
    "REVERSE",
    "RIGHT",
    "ROW_NUMBER",
    "RPAD",
    "RTRIM",
    "SESSION_END",
    "SESSION_START",
    "SHA256",
    "SIGN",
    "SKEWNESS",
    "SPLIT_INDEX",
    "SPLIT_PART",
    "SQRT",
    "STARTS_WITH",
    "STDDEV",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "STRING_AGG",
    "TIMESTAMPADD",
    "TIMESTAMPDIFF",
    "TO_HEX",
    "TO_TIMESTAMP",
    "TRUNC",
    "TWAP",
    "UNIX_TIMESTAMP",
    "UNNEST",
    "VARIANCE",
    "VAR_POP",
    "VAR_SAMP",
    "WIDTH_BUCKET",
];

/// The entry called `name`, compared without case.
pub fn lookup(name: &str) -> Option<&'static FunctionInfo> {
    FUNCTIONS.iter().find(|function| {
        function
            .names
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    })
}

/// Whether the dialect names the function and this version does not build it.
pub fn is_unbuilt(name: &str) -> bool {
    UNBUILT.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Every name and alias, for hints.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS
        .iter()
        .flat_map(|function| function.names.iter().copied())
}

/// The canonical name of an aggregate, lower case.
pub fn aggregate_name(kind: AggregateKind) -> &'static str {
    match kind {
        A::CountRows | A::Count => "count",
        A::Sum => "sum",
        A::Avg => "avg",
        A::Min => "min",
        A::Max => "max",
        A::First => "first",
        A::Last => "last",
        A::Vwap => "vwap",
    }
}

/// The canonical name of a scalar function, lower case.
pub fn scalar_name(function: ScalarFunction) -> &'static str {
    match function {
        S::Abs => "abs",
        S::Round => "round",
        S::Ceil => "ceil",
        S::Floor => "floor",
        S::Greatest => "greatest",
        S::Least => "least",
        S::Upper => "upper",
        S::Lower => "lower",
        S::CharLength => "char_length",
        S::Substring => "substring",
        S::Trim => "trim",
        S::Concat => "concat",
        S::DateTrunc => "date_trunc",
        S::Extract => "extract",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_listed_once() {
        let mut all: Vec<&str> = names().chain(UNBUILT.iter().copied()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(count, all.len());
    }

    #[test]
    fn lookup_ignores_case_and_knows_aliases() {
        assert_eq!(lookup("first_value").map(|f| f.names[0]), Some("FIRST"));
        assert!(lookup("nosuch").is_none());
        assert!(is_unbuilt("stddev"));
    }

    #[test]
    fn arities_are_ranges() {
        for function in FUNCTIONS {
            assert!(
                function.arguments_min <= function.arguments_max,
                "{:?}",
                function.names
            );
        }
    }
}
