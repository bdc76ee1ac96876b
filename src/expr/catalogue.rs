//! The function catalogue: names, arity and one-line descriptions of every function that SQL can call.
//!
//! The binder resolves calls here and SHOW FUNCTIONS prints it, so the two cannot differ. Type rules of
//! the scalar and aggregate functions are in [`signature`].

mod nested;
mod scalar;
pub mod signature;

pub use nested::map_type;

use crate::plan::{
    AggregateKind, BitFunction, BytesFunction, DoubleFunction, JsonFunction, NestedFunction,
    PatternFunction, ScalarFunction, TextFunction, TimeFunction,
};

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
    /// With an OVER clause only.
    Window(WindowFunction),
}

/// Functions that need an OVER clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowFunction {
    /// LAG(x, rows, default).
    Lag,
    /// NTH_VALUE(x, n).
    NthValue,
    /// ROW_NUMBER().
    RowNumber,
    /// RANK().
    Rank,
    /// DENSE_RANK().
    DenseRank,
    /// PERCENT_RANK().
    PercentRank,
    /// CUME_DIST().
    CumeDist,
    /// NTILE(n).
    Ntile,
    /// LEAD(x, rows, default).
    Lead,
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
    /// PI().
    Pi,
    /// FROM_UNIXTIME(n [, pattern]).
    FromUnixtime,
    /// UNIX_TIMESTAMP(ts | s [, pattern]).
    UnixTimestamp,
    /// NOW() and its kin: the arrival stamp of the row's read.
    Now,
    /// CURRENT_DATE: its day.
    Today,
    /// CURRENT_TIME: its time of day.
    TimeNow,
    /// CURRENT_WATERMARK: W before the row's record.
    Watermark,
    /// OHLC(price): the ROW of FIRST, MAX, MIN and LAST.
    Ohlc,
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
use BitFunction as B;
use DoubleFunction as D;
use FunctionKind::{Aggregate, ExtractUnit, Scalar, Window};
use JsonFunction as J;
use NestedFunction as N;
use PatternFunction as P;
use ScalarFunction as S;
use TextFunction as T;
use TimeFunction as C;
use WindowFunction as W;

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
    entry(&["LAG"], Window(W::Lag), "LAG(x [, rows [, default]]) OVER (..)", (1, 3), "value of an earlier row of the partition"),
    entry(&["LEAD"], Window(W::Lead), "LEAD(x [, rows [, default]]) OVER (..)", (1, 3), "value of a later row of the partition"),
    entry(&["NTH_VALUE"], Window(W::NthValue), "NTH_VALUE(x, n) OVER (..)", (2, 2), "value of the frame's n-th row, as FIRST_VALUE and LAST_VALUE"),
    entry(&["ROW_NUMBER"], Window(W::RowNumber), "ROW_NUMBER() OVER (..)", (0, 0), "number of the row in its partition"),
    entry(&["RANK"], Window(W::Rank), "RANK() OVER (..)", (0, 0), "1 + the rows of the partition before the row's peers"),
    entry(&["DENSE_RANK"], Window(W::DenseRank), "DENSE_RANK() OVER (..)", (0, 0), "1 + the ranks before the row's"),
    entry(&["PERCENT_RANK"], Window(W::PercentRank), "PERCENT_RANK() OVER (..)", (0, 0), "(rank - 1) / (rows - 1) of the whole partition"),
    entry(&["CUME_DIST"], Window(W::CumeDist), "CUME_DIST() OVER (..)", (0, 0), "rows up to the last peer / rows of the whole partition"),
    entry(&["NTILE"], Window(W::Ntile), "NTILE(n) OVER (..)", (1, 1), "which of n parts of the whole partition, from 1"),
    entry(&["ARG_MIN", "MIN_BY"], Aggregate(A::ArgMin), "ARG_MIN(x, by)", (2, 2), "x of the row with the least `by`"),
    entry(&["ARG_MAX", "MAX_BY"], Aggregate(A::ArgMax), "ARG_MAX(x, by)", (2, 2), "x of the row with the greatest `by`"),
    entry(&["BOOL_AND", "EVERY"], Aggregate(A::BoolAnd), "BOOL_AND(b)", (1, 1), "whether all values are TRUE"),
    entry(&["BOOL_OR"], Aggregate(A::BoolOr), "BOOL_OR(b)", (1, 1), "whether one value is TRUE"),
    entry(&["DELTA"], Aggregate(A::Delta), "DELTA(x)", (1, 1), "MAX(x) - MIN(x); an INTERVAL of times"),
    entry(&["STDDEV", "STDDEV_SAMP"], Aggregate(A::StddevSamp), "STDDEV([DISTINCT] x)", (1, 1), "standard deviation of a sample; NULL below two values"),
    entry(&["STDDEV_POP"], Aggregate(A::StddevPop), "STDDEV_POP([DISTINCT] x)", (1, 1), "standard deviation of all"),
    entry(&["VARIANCE", "VAR_SAMP"], Aggregate(A::VarSamp), "VARIANCE([DISTINCT] x)", (1, 1), "variance of a sample; NULL below two values"),
    entry(&["VAR_POP"], Aggregate(A::VarPop), "VAR_POP([DISTINCT] x)", (1, 1), "variance of all"),
    entry(&["SKEWNESS"], Aggregate(A::Skewness), "SKEWNESS([DISTINCT] x)", (1, 1), "skewness of a sample; NULL below three values"),
    entry(&["KURTOSIS"], Aggregate(A::Kurtosis), "KURTOSIS([DISTINCT] x)", (1, 1), "excess kurtosis of a sample; NULL below four values"),
    entry(&["CORR"], Aggregate(A::Corr), "CORR(y, x)", (2, 2), "correlation; NaN where one does not vary"),
    entry(&["COVAR_SAMP"], Aggregate(A::CovarSamp), "COVAR_SAMP(y, x)", (2, 2), "covariance of a sample; NULL below two pairs"),
    entry(&["COVAR_POP"], Aggregate(A::CovarPop), "COVAR_POP(y, x)", (2, 2), "covariance of all"),
    entry(&["REGR_SLOPE"], Aggregate(A::RegrSlope), "REGR_SLOPE(y, x)", (2, 2), "slope of the least-squares line"),
    entry(&["REGR_INTERCEPT"], Aggregate(A::RegrIntercept), "REGR_INTERCEPT(y, x)", (2, 2), "where that line meets x = 0"),
    entry(&["REGR_R2"], Aggregate(A::RegrR2), "REGR_R2(y, x)", (2, 2), "share of the variance that the line explains"),
    entry(&["IMBALANCE"], Aggregate(A::Imbalance), "IMBALANCE(bid_size, ask_size)", (2, 2), "(sum of bids - of asks) / (sum of both)"),
    entry(&["RATE"], Aggregate(A::Rate), "RATE(ts)", (1, 1), "rows a second from the first ts to the last"),
    entry(&["EMA"], Aggregate(A::Ema), "EMA(x, alpha | n)", (2, 2), "exponential average in source order; alpha = 2 / (n + 1)"),
    entry(&["TWAP"], Aggregate(A::Twap), "TWAP(price, ts)", (2, 2), "average weighed by the time to the next row or the window's end"),
    entry(&["REALIZED_VOL"], Aggregate(A::RealizedVol), "REALIZED_VOL(price)", (1, 1), "root of the sum of squared log returns"),
    entry(&["MAX_DRAWDOWN"], Aggregate(A::MaxDrawdown), "MAX_DRAWDOWN(x)", (1, 1), "greatest fall from a peak, as a share of it"),
    entry(&["MEDIAN"], Aggregate(A::Median), "MEDIAN([DISTINCT] x)", (1, 1), "exact; between the two middle values of an even number"),
    entry(&["PERCENTILE_CONT", "QUANTILE_CONT"], Aggregate(A::PercentileCont), "PERCENTILE_CONT(x, p)", (1, 2), "exact percentile, between two values; also (p) WITHIN GROUP (ORDER BY x)"),
    entry(&["PERCENTILE_DISC", "QUANTILE_DISC"], Aggregate(A::PercentileDisc), "PERCENTILE_DISC(x, p)", (1, 2), "exact percentile, one of the values; also (p) WITHIN GROUP (ORDER BY x)"),
    entry(&["MODE"], Aggregate(A::Mode), "MODE(x)", (1, 1), "most frequent value, of several the one seen first"),
    entry(&["APPROX_PERCENTILE", "APPROX_QUANTILE"], Aggregate(A::ApproxPercentile), "APPROX_PERCENTILE(x, p)", (2, 2), "percentile within 1 % of its value (DDSketch)"),
    entry(&["APPROX_COUNT_DISTINCT"], Aggregate(A::ApproxCountDistinct), "APPROX_COUNT_DISTINCT(x)", (1, 1), "distinct values, about 1.6 % off (HyperLogLog)"),
    entry(&["STRING_AGG", "LISTAGG"], Aggregate(A::StringAgg), "STRING_AGG([DISTINCT] s [, separator])", (1, 2), "texts joined in source order, by ',' unless said"),
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
    entry(&["SIGN"], Scalar(S::Sign), "SIGN(x)", (1, 1), "-1, 0 or 1"),
    entry(&["TRUNC", "TRUNCATE"], Scalar(S::Truncate), "TRUNC(x [, digits])", (1, 2), "cut off towards zero"),
    entry(&["SQRT"], Scalar(S::Double(D::Sqrt)), "SQRT(x)", (1, 1), "square root; NaN of a negative number"),
    entry(&["CBRT"], Scalar(S::Double(D::Cbrt)), "CBRT(x)", (1, 1), "cube root"),
    entry(&["EXP"], Scalar(S::Double(D::Exp)), "EXP(x)", (1, 1), "e to the power x"),
    entry(&["LN"], Scalar(S::Double(D::Ln)), "LN(x)", (1, 1), "natural logarithm"),
    entry(&["LOG"], Scalar(S::Double(D::LogBase)), "LOG([base,] x)", (1, 2), "logarithm to the base, natural without one"),
    entry(&["LOG10"], Scalar(S::Double(D::Log10)), "LOG10(x)", (1, 1), "logarithm to the base 10"),
    entry(&["LOG2"], Scalar(S::Double(D::Log2)), "LOG2(x)", (1, 1), "logarithm to the base 2"),
    entry(&["POWER", "POW"], Scalar(S::Double(D::Power)), "POWER(x, y)", (2, 2), "x to the power y, a DOUBLE"),
    entry(&["SIN"], Scalar(S::Double(D::Sin)), "SIN(x)", (1, 1), "sine; angles are in radians"),
    entry(&["COS"], Scalar(S::Double(D::Cos)), "COS(x)", (1, 1), "cosine"),
    entry(&["TAN"], Scalar(S::Double(D::Tan)), "TAN(x)", (1, 1), "tangent"),
    entry(&["COT"], Scalar(S::Double(D::Cot)), "COT(x)", (1, 1), "cotangent"),
    entry(&["ASIN"], Scalar(S::Double(D::Asin)), "ASIN(x)", (1, 1), "arc sine"),
    entry(&["ACOS"], Scalar(S::Double(D::Acos)), "ACOS(x)", (1, 1), "arc cosine"),
    entry(&["ATAN"], Scalar(S::Double(D::Atan)), "ATAN(x)", (1, 1), "arc tangent"),
    entry(&["ATAN2"], Scalar(S::Double(D::Atan2)), "ATAN2(y, x)", (2, 2), "angle of the point (x, y)"),
    entry(&["RADIANS"], Scalar(S::Double(D::Radians)), "RADIANS(degrees)", (1, 1), "degrees as radians"),
    entry(&["DEGREES"], Scalar(S::Double(D::Degrees)), "DEGREES(radians)", (1, 1), "radians as degrees"),
    entry(&["PI"], FunctionKind::Rewrite(Rewrite::Pi), "PI()", (0, 0), "the DOUBLE nearest to pi"),
    entry(&["WIDTH_BUCKET"], Scalar(S::WidthBucket), "WIDTH_BUCKET(x, low, high, count)", (4, 4), "number of the equal part that x lies in, from 1"),
    entry(&["BITAND"], Scalar(S::Bits(B::And)), "BITAND(a, b) | a & b", (2, 2), "bits set in both"),
    entry(&["BITOR"], Scalar(S::Bits(B::Or)), "BITOR(a, b) | a | b", (2, 2), "bits set in one"),
    entry(&["BITXOR", "XOR"], Scalar(S::Bits(B::Xor)), "BITXOR(a, b) | a ^ b", (2, 2), "bits that differ"),
    entry(&["BITNOT"], Scalar(S::Bits(B::Not)), "BITNOT(a) | ~a", (1, 1), "bits turned over"),
    entry(&["BITSHIFTLEFT"], Scalar(S::Bits(B::ShiftLeft)), "BITSHIFTLEFT(a, n) | a << n", (2, 2), "bits of a BIGINT moved up by 0 to 63"),
    entry(&["BITSHIFTRIGHT"], Scalar(S::Bits(B::ShiftRight)), "BITSHIFTRIGHT(a, n) | a >> n", (2, 2), "bits moved down, the sign kept"),
    entry(&["LEFT"], Scalar(S::Text(T::Left)), "LEFT(s, n)", (2, 2), "first n characters; all but the last -n"),
    entry(&["RIGHT"], Scalar(S::Text(T::Right)), "RIGHT(s, n)", (2, 2), "last n characters; all but the first -n"),
    entry(&["BTRIM"], Scalar(S::Text(T::TrimBoth)), "BTRIM(s, set) | TRIM(set FROM s)", (2, 2), "without characters of a set at both ends"),
    entry(&["LTRIM"], Scalar(S::Text(T::TrimStart)), "LTRIM(s [, set])", (1, 2), "the same at the start; spaces unless a set is given"),
    entry(&["RTRIM"], Scalar(S::Text(T::TrimEnd)), "RTRIM(s [, set])", (1, 2), "the same at the end"),
    entry(&["LPAD"], Scalar(S::Text(T::PadLeft)), "LPAD(s, n [, fill])", (2, 3), "s filled from the left, or cut, to n characters"),
    entry(&["RPAD"], Scalar(S::Text(T::PadRight)), "RPAD(s, n [, fill])", (2, 3), "s filled on the right, or cut, to n characters"),
    entry(&["REPLACE"], Scalar(S::Text(T::Replace)), "REPLACE(s, from, to)", (3, 3), "every occurrence replaced"),
    entry(&["REVERSE"], Scalar(S::Text(T::Reverse)), "REVERSE(s)", (1, 1), "characters from the last to the first"),
    entry(&["REPEAT"], Scalar(S::Text(T::Repeat)), "REPEAT(s, n)", (2, 2), "s n times, at most 64 KiB"),
    entry(&["STRPOS", "INSTR", "POSITION"], Scalar(S::Text(T::Position)), "STRPOS(s, part) | POSITION(part IN s)", (2, 2), "where part begins, from 1; 0 when it does not occur"),
    entry(&["CONCAT_WS"], Scalar(S::Text(T::ConcatWs)), "CONCAT_WS(separator, a, b, ..)", (2, MANY), "texts that are not NULL, joined by a separator"),
    entry(&["SPLIT_PART"], Scalar(S::Text(T::SplitPart)), "SPLIT_PART(s, delimiter, n)", (3, 3), "n-th part from 1, from the end when negative; else ''"),
    entry(&["SPLIT_INDEX"], Scalar(S::Text(T::SplitIndex)), "SPLIT_INDEX(s, delimiter, n)", (3, 3), "n-th part from 0; NULL when there is none"),
    entry(&["STARTS_WITH", "STARTSWITH"], Scalar(S::Text(T::StartsWith)), "STARTS_WITH(s, part)", (2, 2), "whether s begins with part"),
    entry(&["ENDS_WITH", "ENDSWITH"], Scalar(S::Text(T::EndsWith)), "ENDS_WITH(s, part)", (2, 2), "whether s ends with part"),
    entry(&["CONTAINS"], Scalar(S::Text(T::Contains)), "CONTAINS(s, part)", (2, 2), "whether part occurs in s"),
    entry(&["MD5"], Scalar(S::Text(T::Md5)), "MD5(s)", (1, 1), "digest as 32 hexadecimal digits"),
    entry(&["SHA256"], Scalar(S::Text(T::Sha256)), "SHA256(s)", (1, 1), "digest as 64 hexadecimal digits"),
    entry(&["TO_HEX", "HEX"], Scalar(S::Text(T::ToHex)), "TO_HEX(n | s)", (1, 1), "64 bits of a number, or bytes of a text"),
    entry(&["REGEXP_LIKE", "REGEXP_MATCH", "REGEXP"], Scalar(S::Pattern(P::Like)), "REGEXP_LIKE(s, pattern) | s ~ pattern", (2, 2), "whether a part of s matches a regular expression"),
    entry(&["REGEXP_EXTRACT"], Scalar(S::Pattern(P::Extract)), "REGEXP_EXTRACT(s, pattern [, group])", (2, 3), "first match or a group of it; NULL when there is none"),
    entry(&["REGEXP_REPLACE"], Scalar(S::Pattern(P::Replace)), "REGEXP_REPLACE(s, pattern, to)", (3, 3), "every match replaced; $1 in to is a group"),
    entry(&["DATE_BIN"], Scalar(S::Time(C::Bin)), "DATE_BIN(interval, ts [, origin])", (2, 3), "start of the stretch that ts lies in, from 1970 or an origin"),
    entry(&["DATE_FORMAT", "STRFTIME"], Scalar(S::Time(C::Format)), "DATE_FORMAT(ts, 'pattern')", (2, 2), "text by letters (yyyy-MM-dd HH:mm:ss.SSS) or by strftime (%F %T)"),
    entry(&["TO_TIMESTAMP"], Scalar(S::Time(C::Parse)), "TO_TIMESTAMP(s [, 'pattern']) | TO_TIMESTAMP(n)", (1, 2), "instant from a text, ISO 8601 unless a pattern is given, or from epoch seconds"),
    entry(&["TO_TIMESTAMP_LTZ"], Scalar(S::Time(C::FromEpoch)), "TO_TIMESTAMP_LTZ(n [, digits])", (1, 2), "instant from epoch seconds; with 3, 6 or 9 digits from ms, us or ns"),
    entry(&["FROM_UNIXTIME"], FunctionKind::Rewrite(Rewrite::FromUnixtime), "FROM_UNIXTIME(n [, 'pattern'])", (1, 2), "DATE_FORMAT of epoch seconds, yyyy-MM-dd HH:mm:ss unless a pattern is given"),
    entry(&["UNIX_TIMESTAMP"], FunctionKind::Rewrite(Rewrite::UnixTimestamp), "UNIX_TIMESTAMP(ts) | UNIX_TIMESTAMP(s [, 'pattern'])", (1, 2), "whole epoch seconds"),
    entry(&["TIMESTAMPADD", "DATEADD"], Scalar(S::Time(C::Add)), "TIMESTAMPADD(unit, n, ts)", (3, 3), "ts and n units; the month's last day where it has no such day"),
    entry(&["TIMESTAMPDIFF"], Scalar(S::Time(C::Elapsed)), "TIMESTAMPDIFF(unit, a, b)", (3, 3), "whole units from a to b"),
    entry(&["DATEDIFF", "DATE_DIFF"], Scalar(S::Time(C::Boundaries)), "DATEDIFF(unit, a, b) | DATEDIFF(b, a)", (2, 3), "units that begin between a and b; days without a unit"),
    entry(&["TO_TIMEZONE"], Scalar(S::Time(C::ToZone)), "TO_TIMEZONE(ts, zone) | ts AT TIME ZONE zone", (2, 2), "what a clock in the zone shows"),
    entry(&["TO_UTC"], Scalar(S::Time(C::FromZone)), "TO_UTC(ts, zone)", (2, 2), "instant at which a clock in the zone shows it"),
    entry(&["TRUNC_IN_ZONE"], Scalar(S::Time(C::TruncateInZone)), "TRUNC_IN_ZONE('unit', ts, zone)", (3, 3), "DATE_TRUNC by a clock in the zone"),
    entry(&["QUARTER"], ExtractUnit("quarter"), "QUARTER(ts)", (1, 1), "EXTRACT(QUARTER FROM ts)"),
    entry(&["WEEK"], ExtractUnit("week"), "WEEK(ts)", (1, 1), "EXTRACT(WEEK FROM ts)"),
    entry(&["DAYOFWEEK"], ExtractUnit("dow"), "DAYOFWEEK(ts)", (1, 1), "EXTRACT(DOW FROM ts): Sunday is 1"),
    entry(&["DAYOFYEAR"], ExtractUnit("doy"), "DAYOFYEAR(ts)", (1, 1), "EXTRACT(DOY FROM ts)"),
    entry(&["JSON_VALUE"], Scalar(S::Json(J::Value)), "JSON_VALUE(json, '$.a[0]' [RETURNING type])", (2, 2), "string, number or truth value at a path; NULL when there is none"),
    entry(&["JSON_QUERY"], Scalar(S::Json(J::Query)), "JSON_QUERY(json, '$.a')", (2, 2), "object or array at a path, as written"),
    entry(&["JSON_EXISTS"], Scalar(S::Json(J::Exists)), "JSON_EXISTS(json, '$.a')", (2, 2), "whether there is a value at a path"),
    entry(&["JSON_EXTRACT"], Scalar(S::Json(J::Raw)), "JSON_EXTRACT(json, '$.a') | json -> 'a'", (2, 2), "any value, as written; a name or number is a member or item"),
    entry(&["JSON_EXTRACT_STRING"], Scalar(S::Json(J::Text)), "JSON_EXTRACT_STRING(json, '$.a') | json ->> 'a'", (2, 2), "any value, a string without quotes and escapes"),
    entry(&["HOP_START"], FunctionKind::Rewrite(Rewrite::WindowStart), "HOP_START(ts, slide, size)", (1, 4), "window_start of the query's window"),
    entry(&["HOP_END"], FunctionKind::Rewrite(Rewrite::WindowEnd), "HOP_END(ts, slide, size)", (1, 4), "window_end of the query's window"),
    entry(&["CUMULATE_START"], FunctionKind::Rewrite(Rewrite::WindowStart), "CUMULATE_START(ts, step, size)", (1, 4), "window_start of the query's window"),
    entry(&["CUMULATE_END"], FunctionKind::Rewrite(Rewrite::WindowEnd), "CUMULATE_END(ts, step, size)", (1, 4), "window_end of the query's window"),
    entry(&["SESSION_START"], FunctionKind::Rewrite(Rewrite::WindowStart), "SESSION_START(ts, gap)", (1, 3), "window_start of the query's window"),
    entry(&["SESSION_END"], FunctionKind::Rewrite(Rewrite::WindowEnd), "SESSION_END(ts, gap)", (1, 3), "window_end of the query's window"),
    entry(&["NOW", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP"], FunctionKind::Rewrite(Rewrite::Now), "NOW() | CURRENT_TIMESTAMP", (0, 0), "arrival of the read that brought the row: _timestamp"),
    entry(&["PROCTIME"], FunctionKind::Rewrite(Rewrite::Now), "PROCTIME()", (0, 0), "the same"),
    entry(&["CURRENT_WATERMARK"], FunctionKind::Rewrite(Rewrite::Watermark), "CURRENT_WATERMARK[(ts)]", (0, 1), "watermark that the row meets, of the rows before it: _watermark; NULL at first"),
    entry(&["CURRENT_DATE"], FunctionKind::Rewrite(Rewrite::Today), "CURRENT_DATE", (0, 0), "day of the row's arrival"),
    entry(&["CURRENT_TIME", "LOCALTIME"], FunctionKind::Rewrite(Rewrite::TimeNow), "CURRENT_TIME", (0, 0), "time of day of the row's arrival"),
    entry(&["ARRAY_AGG"], Aggregate(A::ArrayAgg), "ARRAY_AGG([DISTINCT] x)", (1, 1), "ARRAY of the values in source order, NULLs too"),
    entry(&["OHLC"], FunctionKind::Rewrite(Rewrite::Ohlc), "OHLC(price)", (1, 1), "ROW(open, high, low, close): FIRST, MAX, MIN and LAST"),
    entry(&["ARRAY"], Scalar(S::Nested(N::Array)), "ARRAY[a, b, ..]", (1, MANY), "ARRAY of values of one type"),
    entry(&["ROW"], Scalar(S::Nested(N::Row)), "ROW(a, b, ..)", (1, MANY), "ROW of parts f0, f1, ..; r.f0 is one"),
    entry(&["CARDINALITY"], Scalar(S::Nested(N::Cardinality)), "CARDINALITY(a)", (1, 1), "elements of an ARRAY, or entries of a MAP"),
    entry(&["ELEMENT"], Scalar(S::Nested(N::Element)), "ELEMENT(a)", (1, 1), "only element of an ARRAY; NULL of none"),
    entry(&["ELEMENT_AT"], Scalar(S::Nested(N::At)), "ELEMENT_AT(a, i) | a[i] | m[k]", (2, 2), "element at a place from 1, or value of a key; NULL where there is none"),
    entry(&["ARRAY_CONTAINS"], Scalar(S::Nested(N::Contains)), "ARRAY_CONTAINS(a, x) | CONTAINS(a, x)", (2, 2), "whether an element equals x"),
    entry(&["ARRAY_SLICE", "LIST_SLICE"], Scalar(S::Nested(N::Slice)), "ARRAY_SLICE(a, from [, to]) | a[from:to]", (2, 3), "elements between two places from 1, both included; -1 is the last"),
    entry(&["MAP"], Scalar(S::Nested(N::Map)), "MAP[k1, v1, k2, v2, ..]", (2, MANY), "MAP of keys and values, the last of each key; a NULL key is an error"),
    entry(&["MAP_FROM_ARRAYS"], Scalar(S::Nested(N::MapFromArrays)), "MAP_FROM_ARRAYS(keys, values)", (2, 2), "MAP of two ARRAYs of one length"),
    entry(&["MAP_KEYS"], Scalar(S::Nested(N::MapKeys)), "MAP_KEYS(m)", (1, 1), "ARRAY of the keys in their order"),
    entry(&["MAP_VALUES"], Scalar(S::Nested(N::MapValues)), "MAP_VALUES(m)", (1, 1), "ARRAY of the values in the order of their keys"),
    entry(&["MAP_ENTRIES"], Scalar(S::Nested(N::MapEntries)), "MAP_ENTRIES(m)", (1, 1), "ARRAY of ROW<key, value> in the order of the keys"),
    entry(&["OCTET_LENGTH"], Scalar(S::Bytes(BytesFunction::Length)), "OCTET_LENGTH(s)", (1, 1), "bytes of a VARBINARY, or of a text in UTF-8"),
    entry(&["FROM_HEX", "UNHEX"], Scalar(S::Bytes(BytesFunction::FromHex)), "FROM_HEX(s)", (1, 1), "VARBINARY of hexadecimal digits, two a byte"),
    entry(&["ENCODE"], Scalar(S::Bytes(BytesFunction::Encode)), "ENCODE(s, 'UTF-8')", (2, 2), "VARBINARY of a text in UTF-8, US-ASCII or ISO-8859-1"),
    entry(&["DECODE"], Scalar(S::Bytes(BytesFunction::Decode)), "DECODE(b, 'UTF-8')", (2, 2), "text of a VARBINARY in UTF-8, US-ASCII or ISO-8859-1"),
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
        A::ArgMin => "arg_min",
        A::ArgMax => "arg_max",
        A::BoolAnd => "bool_and",
        A::BoolOr => "bool_or",
        A::Delta => "delta",
        A::StddevSamp => "stddev",
        A::StddevPop => "stddev_pop",
        A::VarSamp => "variance",
        A::VarPop => "var_pop",
        A::Skewness => "skewness",
        A::Kurtosis => "kurtosis",
        A::Corr => "corr",
        A::CovarSamp => "covar_samp",
        A::CovarPop => "covar_pop",
        A::RegrSlope => "regr_slope",
        A::RegrIntercept => "regr_intercept",
        A::RegrR2 => "regr_r2",
        A::Imbalance => "imbalance",
        A::Rate => "rate",
        A::Ema => "ema",
        A::Twap => "twap",
        A::RealizedVol => "realized_vol",
        A::MaxDrawdown => "max_drawdown",
        A::Median => "median",
        A::PercentileCont => "percentile_cont",
        A::PercentileDisc => "percentile_disc",
        A::Mode => "mode",
        A::ApproxPercentile => "approx_percentile",
        A::ApproxCountDistinct => "approx_count_distinct",
        A::StringAgg => "string_agg",
        A::ArrayAgg => "array_agg",
    }
}

/// The canonical name of a scalar function, lower case.
///
/// # Panics
/// When the catalogue does not list the function, which a test excludes.
pub fn scalar_name(function: ScalarFunction) -> String {
    let listed = FUNCTIONS.iter().find(|info| info.kind == Scalar(function));
    listed.expect("every function is listed").names[0].to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_listed_once() {
        let mut all: Vec<&str> = names().collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(count, all.len());
    }

    #[test]
    fn lookup_ignores_case_and_knows_aliases() {
        assert_eq!(lookup("first_value").map(|f| f.names[0]), Some("FIRST"));
        assert!(lookup("nosuch").is_none());
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
