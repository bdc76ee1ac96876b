//! Typed scalar expressions. The binder has resolved every name and inserted every cast.

use super::function::{
    BitFunction, BytesFunction, DoubleFunction, JsonFunction, NestedFunction, PatternFunction,
    TextFunction, TimeFunction,
};
use super::subquery::MemberRows;
use crate::types::{DataType, Value};

/// `+ - * / %`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArithmeticOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`: truncates for integers.
    Divide,
    /// `%`: the sign of the dividend.
    Modulo,
}

/// `= <> < <= > >=`, and the two that treat NULL as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// IS DISTINCT FROM
    Distinct,
    /// IS NOT DISTINCT FROM
    NotDistinct,
}

/// Functions of the catalogue in `expr::catalogue`, which gives names and signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScalarFunction {
    /// ABS(x)
    Abs,
    /// ROUND(x [, digits])
    Round,
    /// CEIL(x)
    Ceil,
    /// FLOOR(x)
    Floor,
    /// GREATEST(a, b, ..): NULLs are skipped.
    Greatest,
    /// LEAST(a, b, ..): NULLs are skipped.
    Least,
    /// UPPER(s), ASCII only
    Upper,
    /// LOWER(s), ASCII only
    Lower,
    /// CHAR_LENGTH(s): code points.
    CharLength,
    /// SUBSTRING(s FROM start [FOR length]): code points, from 1.
    Substring,
    /// TRIM(s)
    Trim,
    /// `a || b || ..`: NULL when one is.
    Concat,
    /// DATE_TRUNC(unit, ts)
    DateTrunc,
    /// EXTRACT(unit FROM ts)
    Extract,
    /// SIGN(x)
    Sign,
    /// TRUNC(x [, digits])
    Truncate,
    /// WIDTH_BUCKET(x, low, high, count)
    WidthBucket,
    /// A function of DOUBLEs.
    Double(DoubleFunction),
    /// An operator on bits.
    Bits(BitFunction),
    /// A function of texts.
    Text(TextFunction),
    /// A function with a regular expression.
    Pattern(PatternFunction),
    /// A function of times.
    Time(TimeFunction),
    /// A function of JSON.
    Json(JsonFunction),
    /// A function of bytes.
    Bytes(BytesFunction),
    /// A function of ARRAYs or ROWs.
    Nested(NestedFunction),
}

/// A typed expression. Operand types are what the comments say; the evaluator asserts them.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A column of the input.
    Column {
        /// Its index.
        index: usize,
        /// Its type.
        ty: DataType,
    },
    /// A constant; NULL has a type too.
    Literal {
        /// The value in the type's physical representation.
        value: Value,
        /// Its type.
        ty: DataType,
    },
    /// CAST and TRY_CAST.
    Cast {
        /// What is cast.
        input: Box<Expr>,
        /// The target.
        ty: DataType,
        /// TRY_CAST: NULL instead of a row error.
        lenient: bool,
    },
    /// Arithmetic. Operands: both integers, both DOUBLE, both DECIMAL of any scales (the result type's scale
    /// follows Flink's rules), or TIMESTAMP/DATE/INTERVAL with INTERVAL (DATE +- INTERVAL is a TIMESTAMP),
    /// TIMESTAMP - TIMESTAMP (an INTERVAL), INTERVAL * integer.
    Arithmetic {
        /// Which.
        op: ArithmeticOp,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
        /// Result type; INT results are range-checked to 32 bits.
        ty: DataType,
    },
    /// Unary minus.
    Negate {
        /// Operand, numeric or INTERVAL; the result has its type.
        input: Box<Expr>,
    },
    /// A comparison of two operands of the same type (DECIMALs of the same scale).
    Compare {
        /// Which.
        op: CompareOp,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// AND of two or more BOOLEANs, left to right.
    And(Vec<Expr>),
    /// OR of two or more BOOLEANs, left to right.
    Or(Vec<Expr>),
    /// NOT.
    Not(Box<Expr>),
    /// IS NULL; negated: IS NOT NULL.
    IsNull {
        /// Operand of any type.
        input: Box<Expr>,
        /// IS NOT NULL.
        negated: bool,
    },
    /// IN a list of constants of the operand's type; a NULL in the list follows three-valued logic.
    InList {
        /// Operand.
        input: Box<Expr>,
        /// Constants.
        list: Vec<Value>,
        /// NOT IN.
        negated: bool,
    },
    /// LIKE and ILIKE with a constant pattern.
    Like {
        /// VARCHAR operand.
        input: Box<Expr>,
        /// The pattern.
        pattern: String,
        /// ESCAPE character.
        escape: Option<char>,
        /// ILIKE, ASCII only.
        ignore_case: bool,
        /// NOT LIKE.
        negated: bool,
    },
    /// Searched CASE (the binder turns simple CASE, NULLIF and IF into it).
    Case {
        /// (BOOLEAN condition, result of type `ty`).
        branches: Vec<(Expr, Expr)>,
        /// Result when none holds; `None` is NULL.
        otherwise: Option<Box<Expr>>,
        /// Result type.
        ty: DataType,
    },
    /// COALESCE: the first that is not NULL, left to right.
    Coalesce {
        /// Arguments of type `ty`.
        args: Vec<Expr>,
        /// Result type.
        ty: DataType,
    },
    /// A function of the catalogue, arguments cast to its signature.
    Call {
        /// Which.
        function: ScalarFunction,
        /// Arguments.
        args: Vec<Expr>,
        /// Result type.
        ty: DataType,
    },
    /// The operand, which must fit its field of a fixed-width record: NULL where there is none is
    /// `Reason::Null`; a text that is too long, or whose last byte is the NUL that readers take for padding,
    /// is `Reason::Cast`, as is a VARBINARY that is not of that length.
    Fit {
        /// What is to fit.
        input: Box<Expr>,
        /// Whether the record has room for NULL.
        nullable: bool,
        /// Bytes of a text's field.
        bytes: Option<u32>,
    },
    /// The value that a subquery of the job gives: a constant once that has run.
    Subquery {
        /// Index in `Job::subqueries`.
        index: u16,
        /// Its type.
        ty: DataType,
    },
    /// IN the values of a subquery's one column: a list once that has run.
    InSubquery {
        /// Operand, of the column's type.
        input: Box<Expr>,
        /// Index in `Job::subqueries`.
        index: u16,
        /// NOT IN.
        negated: bool,
    },
    /// Whether the operands, none of them NULL, are a row of a set: never NULL.
    Member {
        /// Operands, of the types of the set's columns.
        inputs: Vec<Expr>,
        /// The set.
        rows: MemberRows,
    },
    /// IN the rows of a subquery, several values at once, by three-valued logic.
    InRows {
        /// Operands, of the types of the rows' columns.
        inputs: Vec<Expr>,
        /// How many of them, from the first, a row must equal to be looked at.
        keys: usize,
        /// The rows.
        rows: MemberRows,
        /// NOT IN.
        negated: bool,
    },
    /// The value that a set of rows has for a key: NULL where there is none.
    Lookup {
        /// The key, of the types of the rows' columns but the last, which is the value.
        inputs: Vec<Expr>,
        /// The rows, no two of one key.
        rows: MemberRows,
        /// Type of the value.
        ty: DataType,
    },
}

impl Expr {
    /// A BIGINT constant.
    pub const fn number(value: i64) -> Self {
        Self::Literal {
            value: Value::I64(value),
            ty: DataType::BigInt,
        }
    }

    /// The type of the result.
    pub fn ty(&self) -> DataType {
        match self {
            Self::Column { ty, .. }
            | Self::Literal { ty, .. }
            | Self::Cast { ty, .. }
            | Self::Arithmetic { ty, .. }
            | Self::Case { ty, .. }
            | Self::Coalesce { ty, .. }
            | Self::Call { ty, .. }
            | Self::Lookup { ty, .. }
            | Self::Subquery { ty, .. } => *ty,
            Self::Negate { input } | Self::Fit { input, .. } => input.ty(),
            Self::Compare { .. }
            | Self::And(_)
            | Self::Or(_)
            | Self::Not(_)
            | Self::IsNull { .. }
            | Self::InList { .. }
            | Self::InSubquery { .. }
            | Self::InRows { .. }
            | Self::Member { .. }
            | Self::Like { .. } => DataType::Boolean,
        }
    }

    /// The expressions directly below.
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Column { .. } | Self::Literal { .. } | Self::Subquery { .. } => Vec::new(),
            Self::Cast { input, .. }
            | Self::Negate { input }
            | Self::Fit { input, .. }
            | Self::Not(input)
            | Self::IsNull { input, .. }
            | Self::InList { input, .. }
            | Self::InSubquery { input, .. }
            | Self::Like { input, .. } => vec![input],
            Self::Arithmetic { left, right, .. } | Self::Compare { left, right, .. } => {
                vec![left, right]
            }
            Self::And(args)
            | Self::Or(args)
            | Self::Coalesce { args, .. }
            | Self::Member { inputs: args, .. }
            | Self::InRows { inputs: args, .. }
            | Self::Lookup { inputs: args, .. }
            | Self::Call { args, .. } => args.iter().collect(),
            Self::Case {
                branches,
                otherwise,
                ..
            } => branches
                .iter()
                .flat_map(|(condition, result)| [condition, result])
                .chain(otherwise.as_deref())
                .collect(),
        }
    }

    /// Adds the indices of the columns it reads to `columns`, which stays sorted and without repeats.
    pub fn columns(&self, columns: &mut Vec<usize>) {
        if let Self::Column { index, .. } = self
            && let Err(at) = columns.binary_search(index)
        {
            columns.insert(at, *index);
        }
        for child in self.children() {
            child.columns(columns);
        }
    }
}
