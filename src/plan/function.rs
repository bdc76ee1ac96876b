//! Families of scalar functions that share a kernel, their arguments and results as the catalogue says.

use super::ScalarFunction;

/// Functions from DOUBLE to DOUBLE, by IEEE 754: out of the domain is NaN, never an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DoubleFunction {
    /// SQRT(x)
    Sqrt,
    /// CBRT(x)
    Cbrt,
    /// EXP(x)
    Exp,
    /// LN(x)
    Ln,
    /// LOG10(x)
    Log10,
    /// LOG2(x)
    Log2,
    /// LOG(base, x)
    LogBase,
    /// POWER(x, y)
    Power,
    /// SIN(x), radians like all of them
    Sin,
    /// COS(x)
    Cos,
    /// TAN(x)
    Tan,
    /// COT(x)
    Cot,
    /// ASIN(x)
    Asin,
    /// ACOS(x)
    Acos,
    /// ATAN(x)
    Atan,
    /// ATAN2(y, x)
    Atan2,
    /// RADIANS(degrees)
    Radians,
    /// DEGREES(radians)
    Degrees,
}

/// Operators on the two's complement bits of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BitFunction {
    /// `a & b`
    And,
    /// `a | b`
    Or,
    /// `a ^ b`
    Xor,
    /// `~a`
    Not,
    /// `a << n`: bits that leave are lost.
    ShiftLeft,
    /// `a >> n`: the sign comes in.
    ShiftRight,
}

/// Functions over VARCHAR; positions and lengths count code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextFunction {
    /// LEFT(s, n): all but the last -n when n is negative.
    Left,
    /// RIGHT(s, n): all but the first -n when n is negative.
    Right,
    /// BTRIM(s, characters): a set of characters, like the next two.
    TrimBoth,
    /// LTRIM(s, characters)
    TrimStart,
    /// RTRIM(s, characters)
    TrimEnd,
    /// LPAD(s, n, pad)
    PadLeft,
    /// RPAD(s, n, pad)
    PadRight,
    /// REPLACE(s, from, to)
    Replace,
    /// REVERSE(s)
    Reverse,
    /// REPEAT(s, n)
    Repeat,
    /// STRPOS(s, part): from 1, 0 when there is none.
    Position,
    /// CONCAT_WS(separator, a, b, ..): NULL parts are skipped.
    ConcatWs,
    /// SPLIT_PART(s, delimiter, n): from 1, from the end when negative; '' behind the last.
    SplitPart,
    /// SPLIT_INDEX(s, delimiter, n): from 0; NULL behind the last.
    SplitIndex,
    /// STARTS_WITH(s, part)
    StartsWith,
    /// ENDS_WITH(s, part)
    EndsWith,
    /// CONTAINS(s, part)
    Contains,
    /// MD5(s): hexadecimal.
    Md5,
    /// SHA256(s): hexadecimal.
    Sha256,
    /// TO_HEX(n or s): the 64 bits of a number, or the bytes of a text.
    ToHex,
}

/// Functions over VARBINARY and the bytes of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BytesFunction {
    /// OCTET_LENGTH(s)
    Length,
    /// FROM_HEX(s): two digits a byte.
    FromHex,
    /// ENCODE(s, character set)
    Encode,
    /// DECODE(b, character set)
    Decode,
}

/// Functions over ARRAYs, ROWs and MAPs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NestedFunction {
    /// ARRAY[a, b, ..]
    Array,
    /// ROW(a, b, ..)
    Row,
    /// CARDINALITY(a): how many elements or entries.
    Cardinality,
    /// ELEMENT(a): the only one; NULL of none.
    Element,
    /// `a[i]`, from 1, NULL where there is none; the i-th part of a ROW, which is constant; the value of a MAP's key.
    At,
    /// CONTAINS(a, x)
    Contains,
    /// MAP[k, v, ..]: the last of several values of a key; a NULL key is an error.
    Map,
    /// MAP_FROM_ARRAYS(keys, values), which are as many.
    MapFromArrays,
    /// MAP_KEYS(m): in their order.
    MapKeys,
    /// MAP_VALUES(m): in the order of their keys.
    MapValues,
    /// MAP_ENTRIES(m): ROWs of key and value.
    MapEntries,
    /// `a[from:to]`, both from 1 and included, from the end where they are negative; what lies outside is not there.
    Slice,
}

/// Functions with a regular expression as their second argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatternFunction {
    /// REGEXP_LIKE(s, pattern): whether a part of s matches.
    Like,
    /// REGEXP_EXTRACT(s, pattern, group): NULL when nothing matches.
    Extract,
    /// REGEXP_REPLACE(s, pattern, replacement): every match.
    Replace,
}

/// Functions over times. Units are constant texts, zones names of the tz database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeFunction {
    /// DATE_BIN(interval, ts, origin)
    Bin,
    /// DATE_FORMAT(ts, pattern): a strftime pattern, made from Flink's letters when it is bound.
    Format,
    /// TO_TIMESTAMP(s, pattern)
    Parse,
    /// TO_TIMESTAMP_LTZ(n, digits): epoch seconds, or with 3, 6 or 9 digits smaller units.
    FromEpoch,
    /// TIMESTAMPADD(unit, n, ts): a day that the month does not have is its last one.
    Add,
    /// TIMESTAMPDIFF(unit, a, b): whole units from a to b.
    Elapsed,
    /// DATEDIFF(unit, a, b): beginnings of units between a and b.
    Boundaries,
    /// TO_TIMEZONE(ts, zone): what a clock there shows.
    ToZone,
    /// TO_UTC(ts, zone): the instant at which a clock there shows it.
    FromZone,
    /// DATE_TRUNC(unit, ts, zone): the start of the unit by a clock there.
    TruncateInZone,
}

/// Functions over JSON in a VARCHAR, with a path as their second argument; NULL where there is no such value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JsonFunction {
    /// JSON_VALUE(json, path): a string, number or truth value as text.
    Value,
    /// JSON_QUERY(json, path): an object or array as it is written.
    Query,
    /// JSON_EXISTS(json, path): never NULL for a text.
    Exists,
    /// `json -> member`: any value as it is written.
    Raw,
    /// `json ->> member`: any value as it is written, a string as its text.
    Text,
}

impl ScalarFunction {
    /// Whether the result can be NULL although no argument is.
    pub const fn makes_null(self) -> bool {
        matches!(
            self,
            Self::Text(TextFunction::SplitIndex)
                | Self::Pattern(PatternFunction::Extract)
                | Self::Json(_)
                | Self::Nested(NestedFunction::Element | NestedFunction::At)
        )
    }
}
