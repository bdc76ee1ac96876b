//! The statements as parsed: query structure and extensions in our own types, scalar expressions in
//! sqlparser's. `sql::parse` writes it, `sql::bind` and `sql::plan` read it; nothing outside `sql` sees it.

use crate::error::Span;
use crate::plan::SystemColumn;
use sqlparser::ast::{DataType as SqlType, Expr as SqlExpr, WindowSpec};

/// A name with its place; `quoted` names keep their case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The text without quotes.
    pub text: String,
    /// Whether it was quoted.
    pub quoted: bool,
    /// Where.
    pub span: Span,
}

/// A whole text.
#[derive(Clone, Debug)]
pub struct Script {
    /// The statements in order.
    pub statements: Vec<Statement>,
    /// Velostream annotations in comments: `-- @name value`, with their place.
    pub annotations: Vec<(String, String, Span)>,
    /// System columns that are named anywhere in it, in their own order.
    pub system: Vec<SystemColumn>,
    /// The subqueries in its expressions, which name them by number (see `sql::mark`).
    pub subqueries: Vec<Query>,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// Where.
    pub span: Span,
}

/// The statements of the dialect.
#[derive(Clone, Debug)]
pub enum StatementKind {
    /// CREATE TABLE, SOURCE, STREAM, SINK without AS.
    CreateTable(CreateTable),
    /// CREATE VIEW name AS query.
    CreateView {
        /// The view's name.
        name: Name,
        /// Its query.
        query: Box<Query>,
        /// What becomes of it where its name is taken.
        taken: IfTaken,
    },
    /// CREATE STREAM or TABLE name [WITH (..)] AS query.
    CreateAs {
        /// The sink's and view's name.
        name: Name,
        /// Its options.
        options: Vec<OptionEntry>,
        /// PRIMARY KEY columns, if declared.
        primary_key: Vec<Name>,
        /// The query.
        query: Box<Query>,
        /// What becomes of it where its name is taken.
        taken: IfTaken,
    },
    /// INSERT INTO name [(columns)] query.
    Insert {
        /// The sink.
        target: Name,
        /// Column list; empty: by position.
        columns: Vec<Name>,
        /// The query.
        query: Box<Query>,
    },
    /// A bare query: prints to stdout.
    Query(Box<Query>),
    /// `EXPLAIN [ANALYZE] statement`.
    Explain {
        /// ANALYZE.
        analyze: bool,
        /// The statement explained (a query, INSERT or CREATE .. AS).
        statement: Box<Statement>,
    },
    /// DESCRIBE name.
    Describe(Name),
    /// SHOW TABLES.
    ShowTables,
    /// SHOW FUNCTIONS.
    ShowFunctions,
    /// SET 'key' = 'value' (also unquoted key, TO instead of =).
    Set {
        /// The key and its place.
        key: Name,
        /// The value's text.
        value: String,
        /// Its place.
        value_span: Span,
    },
}

/// `'key' = 'value'` of a WITH clause, variables already replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionEntry {
    /// Key.
    pub key: String,
    /// Place of the key.
    pub key_span: Span,
    /// Value.
    pub value: String,
    /// Place of the value.
    pub value_span: Span,
}

/// CREATE TABLE and its aliases.
#[derive(Clone, Debug)]
pub struct CreateTable {
    /// The name.
    pub name: Name,
    /// Columns in order.
    pub columns: Vec<ColumnDef>,
    /// PRIMARY KEY (..) [NOT ENFORCED].
    pub primary_key: Vec<Name>,
    /// WATERMARK FOR column AS expression.
    pub watermark: Option<WatermarkDef>,
    /// WITH (..).
    pub options: Vec<OptionEntry>,
    /// `CREATE SINK`, `CREATE SOURCE`, or neither said.
    pub role: TableRole,
    /// What becomes of it where its name is taken.
    pub taken: IfTaken,
}

/// What CREATE does where a text has declared the name already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfTaken {
    /// It is refused.
    Refuse,
    /// IF NOT EXISTS: it is passed over.
    Skip,
    /// OR REPLACE: it counts for the statements behind it.
    Replace,
}

/// What CREATE said the table is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableRole {
    /// CREATE TABLE or STREAM.
    Any,
    /// CREATE SOURCE.
    Source,
    /// CREATE SINK.
    Sink,
}

/// A column of CREATE TABLE.
#[derive(Clone, Debug)]
pub struct ColumnDef {
    /// The name.
    pub name: Name,
    /// Physical or computed.
    pub kind: ColumnKind,
    /// NOT NULL.
    pub not_null: bool,
}

/// Physical columns are read, computed ones derived.
#[derive(Clone, Debug)]
pub enum ColumnKind {
    /// `name TYPE`.
    Physical(SqlType),
    /// `name AS expression`.
    Computed(Box<SqlExpr>),
}

/// WATERMARK FOR column AS expression (`ts` or `ts - INTERVAL ..`).
#[derive(Clone, Debug)]
pub struct WatermarkDef {
    /// The time column.
    pub column: Name,
    /// Nanoseconds subtracted.
    pub delay_ns: i64,
    /// Where.
    pub span: Span,
}

/// A query: CTEs, a body, and what applies to its result.
#[derive(Clone, Debug)]
pub struct Query {
    /// WITH name AS (query), in order.
    pub ctes: Vec<(Name, Query)>,
    /// The SELECT.
    pub body: Box<Select>,
    /// ORDER BY.
    pub order_by: Vec<OrderItem>,
    /// LIMIT.
    pub limit: Option<(u64, Span)>,
    /// OFFSET: rows in front of those.
    pub offset: Option<(u64, Span)>,
    /// PER WINDOW behind them.
    pub per_window: Option<Span>,
    /// EMIT clause.
    pub emit: Option<Emit>,
    /// LATE DATA clause.
    pub late: Option<LateData>,
    /// Where.
    pub span: Span,
}

impl Query {
    /// `SELECT * FROM from`.
    pub fn star(from: From, span: Span) -> Self {
        Self {
            ctes: Vec::new(),
            body: Box::new(Select::star(from, span)),
            order_by: Vec::new(),
            limit: None,
            offset: None,
            per_window: None,
            emit: None,
            late: None,
            span,
        }
    }

    /// Whether it gives some of its rows only.
    pub fn is_cut(&self) -> bool {
        self.limit.is_some() || self.offset.is_some()
    }

    /// The query with other names for its columns, as `name (columns)` gives them.
    pub fn with_columns(self, name: Name, columns: Vec<Name>) -> Self {
        if columns.is_empty() {
            return self;
        }
        let span = self.span;
        let from = From::Subquery {
            query: Box::new(self),
            alias: Some(TableAlias { name, columns }),
        };
        Self::star(from, span)
    }
}

/// One ORDER BY item.
#[derive(Clone, Debug)]
pub struct OrderItem {
    /// A column, position or expression.
    pub expr: SqlExpr,
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST / LAST, if said.
    pub nulls_first: Option<bool>,
    /// Where.
    pub span: Span,
}

/// A SELECT.
#[derive(Clone, Debug)]
pub struct Select {
    /// SELECT DISTINCT.
    pub distinct: bool,
    /// DISTINCT ON: what tells the rows apart of which the first is given.
    pub distinct_on: Vec<SqlExpr>,
    /// TOP, until the query has it for its LIMIT.
    pub top: Option<(u64, Span)>,
    /// Items in order.
    pub items: Vec<SelectItem>,
    /// FROM.
    pub from: From,
    /// WHERE.
    pub filter: Option<SqlExpr>,
    /// GROUP BY names, positions, expressions. A window given as a group key (`TUMBLE(ts, ..)`) is in
    /// `window` instead.
    pub group_by: Vec<SqlExpr>,
    /// GROUPING SETS, ROLLUP, CUBE: the sets, by the numbers of their keys; empty: all keys are one set.
    pub grouping: Vec<Vec<usize>>,
    /// GROUP BY ALL: every item without an aggregate is a key.
    pub group_all: bool,
    /// HAVING.
    pub having: Option<SqlExpr>,
    /// Window of the WINDOW clause, SAMPLE BY, or a group key; a table function's is in `from`.
    pub window: Option<Window>,
    /// FILL.
    pub fill: Option<Fill>,
    /// QUALIFY.
    pub qualify: Option<SqlExpr>,
    /// WINDOW name AS (..), in order.
    pub named_windows: Vec<(Name, WindowSpec)>,
    /// Where.
    pub span: Span,
}

impl Select {
    /// `SELECT * FROM from`.
    pub fn star(from: From, span: Span) -> Self {
        Self {
            distinct: false,
            distinct_on: Vec::new(),
            top: None,
            items: vec![SelectItem::Star(Box::new(Star::plain(None, span)))],
            from,
            filter: None,
            group_by: Vec::new(),
            grouping: Vec::new(),
            group_all: false,
            having: None,
            window: None,
            fill: None,
            qualify: None,
            named_windows: Vec::new(),
            span,
        }
    }

    /// The expressions of its items.
    pub fn item_exprs(&self) -> impl Iterator<Item = &SqlExpr> {
        self.items.iter().flat_map(|item| {
            let (own, replaced) = match item {
                SelectItem::Expr { expr, .. } => (Some(&**expr), &[][..]),
                SelectItem::Star(star) => (None, &star.replace[..]),
            };
            own.into_iter().chain(replaced.iter().map(|(expr, _)| expr))
        })
    }
}

/// A SELECT item.
#[derive(Clone, Debug)]
pub enum SelectItem {
    /// `*` or `t.*`.
    Star(Box<Star>),
    /// An expression with its alias. OVER calls are `SqlExpr::Function` with `over`; the Velostream spelling
    /// `ROWS WINDOW BUFFER n ROWS` has become `ROWS BETWEEN n-1 PRECEDING AND CURRENT ROW`.
    Expr {
        /// The expression.
        expr: Box<SqlExpr>,
        /// AS alias.
        alias: Option<Name>,
        /// Where.
        span: Span,
    },
}

/// `*` or `t.*`, and what is said of its columns.
#[derive(Clone, Debug)]
pub struct Star {
    /// `t` of `t.*`.
    pub qualifier: Option<Name>,
    /// EXCLUDE or EXCEPT: columns that are left out.
    pub exclude: Vec<Name>,
    /// REPLACE: columns that have another value.
    pub replace: Vec<(SqlExpr, Name)>,
    /// RENAME: columns that have another name, and the name.
    pub rename: Vec<(Name, Name)>,
    /// Where.
    pub span: Span,
}

impl Star {
    /// All columns as they are.
    pub fn plain(qualifier: Option<Name>, span: Span) -> Self {
        Self {
            qualifier,
            exclude: Vec::new(),
            replace: Vec::new(),
            rename: Vec::new(),
            span,
        }
    }
}

/// An alias in FROM.
#[derive(Clone, Debug)]
pub struct TableAlias {
    /// The alias.
    pub name: Name,
    /// Names of the columns, as many as are given.
    pub columns: Vec<Name>,
}

/// Arrays in FROM, or moved there from the items.
#[derive(Clone, Debug)]
pub struct Unnest {
    /// Whose rows the arrays are of.
    pub input: From,
    /// The arrays, side by side.
    pub arrays: Vec<SqlExpr>,
    /// WITH ORDINALITY.
    pub ordinality: bool,
    /// LEFT JOIN.
    pub outer: bool,
    /// Alias.
    pub alias: Option<Name>,
    /// Names of its columns, as many as are given.
    pub columns: Vec<Name>,
    /// Whether `*` passes over its columns.
    pub hidden: bool,
    /// Where.
    pub span: Span,
}

/// FROM: one relation for now; joins are refused by the parser with a clear error.
#[derive(Clone, Debug)]
pub enum From {
    /// A table, view or CTE.
    Table {
        /// Its name.
        name: Name,
        /// Alias.
        alias: Option<TableAlias>,
    },
    /// `'trades.csv'`, or a name that ends like a file.
    File {
        /// The path.
        path: String,
        /// Alias.
        alias: Option<TableAlias>,
        /// Where.
        span: Span,
    },
    /// (query).
    Subquery {
        /// The query.
        query: Box<Query>,
        /// Alias.
        alias: Option<TableAlias>,
    },
    /// TUMBLE(TABLE t, DESCRIPTOR(ts), ..) and its kin.
    Windowed {
        /// What is windowed.
        input: Box<From>,
        /// The window.
        window: Window,
        /// Alias.
        alias: Option<TableAlias>,
    },
    /// CROSS JOIN UNNEST(..).
    Unnest(Box<Unnest>),
    /// No FROM: one row without columns.
    Nothing,
    /// query `UNION [ALL]` query ..: what all of them give. It stands alone in a `SELECT *` whose query has the
    /// clauses behind the last of them.
    Union {
        /// The queries in order.
        arms: Vec<UnionArm>,
        /// Where.
        span: Span,
    },
    /// VALUES: rows of expressions, all of one width.
    Values {
        /// The rows.
        rows: Vec<Vec<SqlExpr>>,
        /// Where.
        span: Span,
    },
    /// query EXCEPT query, query INTERSECT query. It stands alone as a UNION does.
    SetOperation(Box<SetOperation>),
}

/// Rows of one query that are, or are not, among those of another.
#[derive(Clone, Debug)]
pub struct SetOperation {
    /// Which.
    pub kind: SetKind,
    /// ALL: a row counts as often as it is there.
    pub all: bool,
    /// Left and right.
    pub sides: [Query; 2],
    /// Where its word stands.
    pub span: Span,
}

/// EXCEPT and INTERSECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetKind {
    /// The rows of the left that the right has not.
    Except,
    /// The rows that both have.
    Intersect,
}

impl SetKind {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Except => "EXCEPT",
            Self::Intersect => "INTERSECT",
        }
    }
}

/// A query of a UNION.
#[derive(Clone, Debug)]
pub struct UnionArm {
    /// Whether ALL stood before it; the first has what the second has.
    pub all: bool,
    /// Where its UNION stands.
    pub span: Span,
    /// The query.
    pub query: Query,
}

/// A window, whatever its spelling.
#[derive(Clone, Debug)]
pub struct Window {
    /// The time column, if the spelling names one.
    pub time: Option<Name>,
    /// Its shape.
    pub shape: WindowShape,
    /// SESSION(TABLE t PARTITION BY ..): names that GROUP BY must hold too.
    pub partition: Vec<Name>,
    /// Whether `_window_start` and `_window_end` are columns too (WINDOW clause).
    pub clause: bool,
    /// AT TIME ZONE, and where the zone stands.
    pub zone: Option<(String, Span)>,
    /// SAMPLE BY: items without aggregates are keys, and the time column means `window_start`.
    pub sampled: bool,
    /// Where.
    pub span: Span,
}

/// Shapes; those that are not built are refused by the planner by name.
#[derive(Clone, Debug, PartialEq)]
pub enum WindowShape {
    /// Lengths in nanoseconds.
    Tumble {
        /// Length.
        size_ns: i64,
        /// Offset.
        offset_ns: i64,
    },
    /// Lengths in nanoseconds.
    Hop {
        /// Distance of two starts.
        slide_ns: i64,
        /// Length.
        size_ns: i64,
        /// Offset.
        offset_ns: i64,
    },
    /// Lengths in nanoseconds.
    Cumulate {
        /// Length of the shortest.
        step_ns: i64,
        /// Length of the longest.
        size_ns: i64,
        /// Offset.
        offset_ns: i64,
    },
    /// Lengths in nanoseconds.
    Session {
        /// Longest pause.
        gap_ns: i64,
        /// Longest distance of the first row and the last.
        span_ns: Option<i64>,
    },
    /// BARS.
    Bars(Bars),
}

/// FILL: what stands in the place of aggregates of no rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Fill {
    /// One for all items with aggregates, or one for each, with their places.
    pub items: Vec<(FillItem, Span)>,
    /// Where.
    pub span: Span,
}

/// One value of FILL.
#[derive(Clone, Debug, PartialEq)]
pub enum FillItem {
    /// NULL.
    Null,
    /// PREV.
    Previous,
    /// LINEAR.
    Linear,
    /// A number as it is written.
    Number(String),
}

/// BARS: rows up to an amount.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// The amount that ends a bar, a number as it is written.
    pub amount: String,
    /// What a row adds is the product of these: nothing for TICKS, the size for VOLUME, price and size for DOLLAR.
    pub factors: Vec<SqlExpr>,
    /// Where the amount stands.
    pub span: Span,
}

/// EMIT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emit {
    /// What.
    pub mode: EmitMode,
    /// EVERY, also of EARLY: nanoseconds of event time, or of the clock.
    pub every_ns: Option<i64>,
    /// TIMEOUT: nanoseconds of silence.
    pub timeout_ns: Option<i64>,
    /// Where.
    pub span: Span,
}

/// Emission modes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmitMode {
    /// EMIT CHANGES.
    Changes,
    /// EMIT FINAL, EMIT ON WINDOW CLOSE.
    Final,
}

/// LATE DATA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateData {
    /// What.
    pub policy: LatePolicyAst,
    /// INTO: the table that late rows are written to.
    pub into: Option<Name>,
    /// Where.
    pub span: Span,
}

/// Late-data policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LatePolicyAst {
    /// DROP.
    Drop,
    /// WARN.
    Warn,
    /// PROCESS.
    Process,
    /// ALLOW d, in nanoseconds.
    Allow(i64),
}
