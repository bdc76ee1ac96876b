//! The expression binder: everything but calls.

use super::super::ast::Name;
use super::super::duration;
use super::super::names::{name_of, span_of};
use super::clock::WATERMARK_CALL;
use super::nested::row_field;
use super::place::{chain, is_chained, left_depth, place};
use super::{Alias, DEPTH_MAX, EXPANDED_DEPTH_MAX, NODES_MAX, OverDraft, Scope, literal, types};
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::format::hex;
use crate::plan::{AggregateCall, ArithmeticOp, BitFunction, CompareOp, Expr, ScalarFunction};
use crate::types::{DataType, Value};
use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, Expr as SqlExpr, Ident, UnaryOperator, Value as SqlValue,
    WindowSpec,
};

/// Which clause an expression stands in: what it may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clause {
    /// A SELECT item.
    Select,
    /// WHERE.
    Where,
    /// GROUP BY.
    GroupBy,
    /// HAVING.
    Having,
    /// ORDER BY of the query.
    OrderBy,
    /// A computed column.
    Computed,
    /// QUALIFY.
    Qualify,
    /// What a window counts.
    Window,
    /// VALUES.
    Values,
}

impl Clause {
    /// The clause as written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Where => "WHERE",
            Self::GroupBy => "GROUP BY",
            Self::Having => "HAVING",
            Self::OrderBy => "ORDER BY",
            Self::Computed => "a computed column",
            Self::Qualify => "QUALIFY",
            Self::Window => "a window",
            Self::Values => "VALUES",
        }
    }

    /// Whether it holds a condition.
    pub const fn is_condition(self) -> bool {
        matches!(self, Self::Where | Self::Having | Self::Qualify)
    }

    /// Whether aggregates may stand there.
    pub const fn takes_aggregates(self) -> bool {
        matches!(self, Self::Select | Self::Having | Self::OrderBy)
    }
}

/// Binds the expressions of one SELECT and collects what they need of operators.
pub struct Binder<'a> {
    pub(super) scope: &'a Scope,
    pub(super) clause: Clause,
    /// Whether the expression is an argument of an aggregate or OVER call.
    pub(super) nested: bool,
    /// SELECT items so far.
    pub aliases: Vec<Alias>,
    /// Aggregates so far; the k-th is the virtual column `AGGREGATE_BASE + k`.
    pub aggregates: Vec<AggregateCall>,
    /// OVER calls so far; the k-th is the virtual column `OVER_BASE + k`.
    pub overs: Vec<OverDraft>,
    /// GROUPING() calls so far, each its arguments; the k-th is the virtual column `GROUPING_BASE + k`.
    pub groupings: Vec<Vec<Expr>>,
    /// WINDOW name AS (..), in order.
    pub windows: &'a [(Name, WindowSpec)],
    /// Whether the SELECT is grouped: its OVER calls look at groups.
    pub grouped: bool,
    /// What `window_start` and `window_end` are for a row, where its time alone says it.
    pub window_of_row: Option<[Expr; 2]>,
    /// Whether the expression stands within an OVER call over groups.
    pub(super) in_over: bool,
    /// Things that are legal and probably not meant.
    pub warnings: Vec<(Span, String)>,
    depth: usize,
    nodes: usize,
}

pub(super) type Bound = Result<Expr, SqlError>;

pub(super) fn error(span: Span, message: impl Into<String>) -> SqlError {
    SqlError::new(SqlErrorKind::Bind, span, message)
}

pub(super) fn unbuilt(span: Span, what: impl std::fmt::Display) -> SqlError {
    SqlError::new(
        SqlErrorKind::Unsupported,
        span,
        format!("{what} is not built in this version"),
    )
}

impl<'a> Binder<'a> {
    /// A binder of names in `scope`.
    pub fn new(scope: &'a Scope) -> Self {
        Self {
            scope,
            clause: Clause::Select,
            nested: false,
            aliases: Vec::new(),
            aggregates: Vec::new(),
            overs: Vec::new(),
            groupings: Vec::new(),
            windows: &[],
            grouped: false,
            window_of_row: None,
            in_over: false,
            warnings: Vec::new(),
            depth: 0,
            nodes: 0,
        }
    }

    /// Binds an expression of `clause`.
    ///
    /// # Errors
    /// When a name is unknown, types do not fit, or a form is not built.
    pub fn bind_in(&mut self, clause: Clause, expr: &SqlExpr) -> Bound {
        self.clause = clause;
        let bound = self.bind(expr)?;
        if clause == Clause::OrderBy && bound.ty().is_nested() {
            return Err(error(place(expr), format!("{} has no order", bound.ty())));
        }
        Ok(bound)
    }

    /// Binds a key of DISTINCT ON: it sees what ORDER BY sees, and needs no order.
    ///
    /// # Errors
    /// See [`Self::bind_in`].
    pub fn bind_distinct_on(&mut self, expr: &SqlExpr) -> Bound {
        self.clause = Clause::OrderBy;
        self.bind(expr)
    }

    /// Binds a condition of `clause`.
    ///
    /// # Errors
    /// As `bind_in`, and when it is not BOOLEAN.
    pub fn condition_in(&mut self, clause: Clause, expr: &SqlExpr) -> Bound {
        self.clause = clause;
        self.condition(expr)
    }

    pub(super) fn condition(&mut self, expr: &SqlExpr) -> Bound {
        self.condition_of(self.clause.name(), expr)
    }

    /// Binds a condition that `what` needs.
    pub(super) fn condition_of(&mut self, what: &str, expr: &SqlExpr) -> Bound {
        let bound = self.bind(expr)?;
        boolean(bound, place(expr), what)
    }

    pub(super) fn bind(&mut self, expr: &SqlExpr) -> Bound {
        let chained = matches!(expr, SqlExpr::BinaryOp { op, .. } if is_chained(op));
        if !chained && self.depth + left_depth(expr) > DEPTH_MAX {
            return Err(error(
                place(expr),
                format!("an expression nests deeper than {DEPTH_MAX}"),
            )
            .with_hint("compute a part of it in a subquery"));
        }
        self.depth += 1;
        let bound = self.bind_node(expr);
        self.depth -= 1;
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(too_large(place(expr)));
        }
        bound
    }

    fn bind_node(&mut self, expr: &SqlExpr) -> Bound {
        match expr {
            SqlExpr::Identifier(ident) => self.column(None, ident),
            SqlExpr::CompoundIdentifier(parts) => self.qualified(parts, expr),
            SqlExpr::Value(value) => constant(&value.value, span_of(value.span)),
            SqlExpr::Nested(inner) => self.bind(inner),
            SqlExpr::BinaryOp { left, op, right } => self.binary(expr, left, op, right),
            SqlExpr::UnaryOp { op, expr: input } => self.unary(expr, *op, input),
            SqlExpr::Cast {
                kind,
                expr: input,
                data_type,
                format,
            } => {
                if format.is_some() {
                    return Err(unbuilt(place(input), "CAST with FORMAT"));
                }
                self.cast(kind, input, data_type)
            }
            SqlExpr::Case {
                operand,
                conditions,
                else_result,
                ..
            } => self.case(expr, operand.as_deref(), conditions, else_result.as_deref()),
            SqlExpr::Interval(interval) => {
                let value = duration::interval_ns(interval)
                    .map_err(|message| error(place(&interval.value), message))?;
                Ok(Expr::Literal {
                    value: Value::I64(value),
                    ty: DataType::Interval,
                })
            }
            SqlExpr::TypedString(typed) => {
                let ty = self.sql_type(&typed.data_type, place(expr))?;
                let text = constant(&typed.value.value, span_of(typed.value.span))?;
                self.cast_time(text, ty, false, span_of(typed.value.span))
            }
            _ => self.bind_predicate(expr),
        }
    }

    /// The type a SQL type name means, as an error of this layer otherwise.
    pub(super) fn sql_type(
        &self,
        ty: &sqlparser::ast::DataType,
        span: Span,
    ) -> Result<DataType, SqlError> {
        let zone = super::zone_id(self.scope.zone.as_deref());
        types::column_type(ty, zone).map_err(|(named, message)| {
            let kind = if named {
                SqlErrorKind::Unsupported
            } else {
                SqlErrorKind::Bind
            };
            let error = SqlError::new(kind, span, message);
            match types::near_type(ty) {
                Some(hint) if !named => error.with_hint(hint),
                _ => error,
            }
        })
    }

    fn qualified(&mut self, parts: &[Ident], expr: &SqlExpr) -> Bound {
        match parts {
            [qualifier, column] => match self.scope.check_qualifier(&name_of(qualifier)) {
                // What UNNEST names may be both: a table, and its only column.
                Ok(()) => self
                    .column(Some(qualifier), column)
                    .or_else(|error| self.column_field(qualifier, column).unwrap_or(Err(error))),
                Err(error) => match self.column_field(qualifier, column) {
                    Some(part) => part,
                    None => Err(error),
                },
            },
            [qualifier, column, field] => {
                let row = match self.scope.check_qualifier(&name_of(qualifier)) {
                    Ok(()) => self.column(Some(qualifier), column)?,
                    Err(error) => match self.column_field(qualifier, column) {
                        Some(part) => part?,
                        None => return Err(error),
                    },
                };
                row_field(row, &name_of(field))
            }
            _ => Err(error(
                place(expr),
                "a column has at most one name before the dot",
            )),
        }
    }

    fn column(&mut self, qualifier: Option<&Ident>, ident: &Ident) -> Bound {
        let name = name_of(ident);
        let alias = || self.alias(&name);
        let alias_first = matches!(self.clause, Clause::Having | Clause::OrderBy)
            && qualifier.is_none()
            && !self.nested;
        let found = match alias_first.then(alias).flatten() {
            Some(expr) => Some(expr),
            None => match self.scope.find(&name)? {
                Some(column) => Some(column.expr.clone()),
                None if qualifier.is_none() && self.clause != Clause::Where => self.alias(&name),
                None => None,
            },
        };
        let Some(expr) = found else {
            let is_bare = qualifier.is_none() && !name.quoted;
            if is_bare && name.text.eq_ignore_ascii_case(WATERMARK_CALL) {
                return self.watermark(None, name.span);
            }
            if self.clause == Clause::Where && self.alias(&name).is_some() {
                return Err(self
                    .scope
                    .unknown(&name, &[])
                    .with_hint("an alias of SELECT is not visible in WHERE"));
            }
            return Err(self.scope.unknown(&name, &self.aliases));
        };
        let (nodes, depth) = super::measure(&expr);
        self.nodes += nodes;
        if self.nodes > NODES_MAX || self.depth + depth > EXPANDED_DEPTH_MAX {
            return Err(too_large(name.span));
        }
        Ok(expr)
    }

    fn alias(&self, name: &Name) -> Option<Expr> {
        let found = super::super::names::find(
            name,
            self.aliases.iter().map(|alias| alias.name.text.as_str()),
        );
        found.first().map(|&at| self.aliases[at].expr.clone())
    }

    fn binary(
        &mut self,
        expr: &SqlExpr,
        left: &SqlExpr,
        op: &BinaryOperator,
        right: &SqlExpr,
    ) -> Bound {
        if is_chained(op) {
            return self.chained(expr, op);
        }
        if let Some(op) = comparison(op) {
            return self.compare(expr, op, left, right);
        }
        if let Some(moved) = self.months_moved(left, op, right) {
            return moved;
        }
        let Some(op) = arithmetic(op) else {
            return self.operator(expr, left, op, right);
        };
        let (left, right) = (self.bind(left)?, self.bind(right)?);
        self.arithmetic(expr, op, left, right)
    }

    pub(super) fn arithmetic(
        &mut self,
        expr: &SqlExpr,
        op: ArithmeticOp,
        left: Expr,
        right: Expr,
    ) -> Bound {
        if op == ArithmeticOp::Divide && left.ty().is_integer() && right.ty().is_integer() {
            self.warnings.push((
                place(expr),
                "/ of integers truncates; cast one side to DECIMAL or DOUBLE for a fraction".into(),
            ));
        }
        let is_by_clock = matches!(
            (left.ty(), right.ty()),
            (DataType::Date, DataType::Time) | (DataType::Time, DataType::Date)
        );
        let result =
            types::arithmetic(op, left, right).map_err(|message| error(place(expr), message))?;
        if is_by_clock {
            return self.instant(result, place(expr));
        }
        Ok(result)
    }

    fn chained(&mut self, expr: &SqlExpr, op: &BinaryOperator) -> Bound {
        let operands = chain(expr, op);
        if *op == BinaryOperator::StringConcat {
            let args = operands
                .into_iter()
                .map(|operand| self.bind(operand))
                .collect::<Result<Vec<_>, _>>()?;
            return self.concat(args, place(expr));
        }
        let mut parts = Vec::with_capacity(operands.len());
        for operand in operands {
            let bound = self.bind(operand)?;
            let bound = boolean(bound, place(operand), &op.to_string())?;
            match (op, bound) {
                (BinaryOperator::And, Expr::And(inner)) | (BinaryOperator::Or, Expr::Or(inner)) => {
                    parts.extend(inner);
                }
                (_, bound) => parts.push(bound),
            }
        }
        Ok(if *op == BinaryOperator::And {
            Expr::And(parts)
        } else {
            Expr::Or(parts)
        })
    }

    fn unary(&mut self, expr: &SqlExpr, op: UnaryOperator, input: &SqlExpr) -> Bound {
        match op {
            UnaryOperator::Not => {
                let input = self.condition_of("NOT", input)?;
                Ok(Expr::Not(Box::new(input)))
            }
            UnaryOperator::Plus => self.bind(input),
            UnaryOperator::Minus => {
                if let SqlExpr::Value(value) = input
                    && let SqlValue::Number(text, _) = &value.value
                {
                    return number(&format!("-{text}"), span_of(value.span));
                }
                let bound = self.bind(input)?;
                match &bound {
                    Expr::Literal {
                        value: Value::I64(value),
                        ty: DataType::Interval,
                    } => value
                        .checked_neg()
                        .map(|value| Expr::Literal {
                            value: Value::I64(value),
                            ty: DataType::Interval,
                        })
                        .ok_or_else(|| error(place(expr), "the interval is too long")),
                    other if other.ty().is_numeric() || other.ty() == DataType::Interval => {
                        Ok(Expr::Negate {
                            input: Box::new(bound),
                        })
                    }
                    other => Err(error(
                        place(expr),
                        format!("minus takes a number or an interval, not {}", other.ty()),
                    )),
                }
            }
            UnaryOperator::BitwiseNot => self.scalar(
                ScalarFunction::Bits(BitFunction::Not),
                &[input],
                place(expr),
            ),
            other => Err(unbuilt(place(expr), format!("operator {other}"))),
        }
    }

    fn cast(
        &mut self,
        kind: &CastKind,
        input: &SqlExpr,
        data_type: &sqlparser::ast::DataType,
    ) -> Bound {
        let ty = self.sql_type(data_type, place(input))?;
        let bound = self.bind(input)?;
        let lenient = matches!(kind, CastKind::TryCast | CastKind::SafeCast);
        let from = bound.ty();
        self.cast_time(bound, ty, lenient, place(input))
            .map_err(|error| match types::cast_hint(from, ty) {
                Some(hint) => error.with_hint(hint),
                None => error,
            })
    }

    fn case(
        &mut self,
        expr: &SqlExpr,
        operand: Option<&SqlExpr>,
        conditions: &[CaseWhen],
        otherwise: Option<&SqlExpr>,
    ) -> Bound {
        let mut tests = Vec::with_capacity(conditions.len());
        let mut results = Vec::with_capacity(conditions.len() + 1);
        for when in conditions {
            tests.push(match operand {
                Some(operand) => {
                    self.compare(&when.condition, CompareOp::Equal, operand, &when.condition)?
                }
                None => self.condition_of("WHEN", &when.condition)?,
            });
            results.push(self.bind(&when.result)?);
        }
        if let Some(otherwise) = otherwise {
            results.push(self.bind(otherwise)?);
        }
        self.case_of(tests, results, place(expr))
    }

    /// CASE of conditions and their results; one result more is the ELSE.
    pub(super) fn case_of(&self, tests: Vec<Expr>, results: Vec<Expr>, span: Span) -> Bound {
        let (mut results, ty) =
            types::unify_all(results, "CASE").map_err(|message| error(span, message))?;
        let otherwise = (results.len() > tests.len())
            .then(|| results.pop().map(Box::new))
            .flatten();
        Ok(Expr::Case {
            branches: tests.into_iter().zip(results).collect(),
            otherwise,
            ty,
        })
    }
}

fn too_large(span: Span) -> SqlError {
    error(
        span,
        format!(
            "once aliases and views are expanded, the query's expressions have more than {NODES_MAX} nodes or \
             {EXPANDED_DEPTH_MAX} levels"
        ),
    )
    .with_hint("an alias is expanded wherever it is used: use fewer levels of them")
}

/// A BOOLEAN, or NULL made one.
pub(super) fn boolean(bound: Expr, span: Span, what: &str) -> Bound {
    if types::is_null(&bound) || bound.ty() == DataType::Boolean {
        return types::cast_to(bound, DataType::Boolean, false)
            .map_err(|message| error(span, message));
    }
    Err(error(
        span,
        format!("{what} needs a condition, not {}", bound.ty()),
    ))
}

fn constant(value: &SqlValue, span: Span) -> Bound {
    let literal = |value, ty| Ok(Expr::Literal { value, ty });
    match value {
        SqlValue::Number(text, _) => number(text, span),
        SqlValue::SingleQuotedString(text)
        | SqlValue::EscapedStringLiteral(text)
        | SqlValue::NationalStringLiteral(text) => {
            literal(Value::Text(text.clone()), DataType::Varchar)
        }
        SqlValue::HexStringLiteral(digits) => hex::with_decoded(digits.as_bytes(), Value::of_bytes)
            .filter(|_| digits.len().is_multiple_of(2))
            .map(|value| Expr::Literal {
                value,
                ty: DataType::Varbinary,
            })
            .ok_or_else(|| error(span, "x'..' takes two hexadecimal digits a byte")),
        SqlValue::Boolean(value) => literal(Value::Bool(*value), DataType::Boolean),
        SqlValue::Null => literal(Value::Null, DataType::Varchar),
        other => Err(unbuilt(span, format!("the literal {other}"))),
    }
}

fn number(text: &str, span: Span) -> Bound {
    literal::parse_literal_number(text)
        .map(|(value, ty)| Expr::Literal { value, ty })
        .ok_or_else(|| error(span, format!("number {text} is out of range")))
}

fn comparison(op: &BinaryOperator) -> Option<CompareOp> {
    Some(match op {
        BinaryOperator::Eq => CompareOp::Equal,
        BinaryOperator::NotEq => CompareOp::NotEqual,
        BinaryOperator::Lt => CompareOp::Less,
        BinaryOperator::LtEq => CompareOp::LessOrEqual,
        BinaryOperator::Gt => CompareOp::Greater,
        BinaryOperator::GtEq => CompareOp::GreaterOrEqual,
        BinaryOperator::Spaceship => CompareOp::NotDistinct,
        _ => return None,
    })
}

fn arithmetic(op: &BinaryOperator) -> Option<ArithmeticOp> {
    Some(match op {
        BinaryOperator::Plus => ArithmeticOp::Add,
        BinaryOperator::Minus => ArithmeticOp::Subtract,
        BinaryOperator::Multiply => ArithmeticOp::Multiply,
        BinaryOperator::Divide => ArithmeticOp::Divide,
        BinaryOperator::Modulo => ArithmeticOp::Modulo,
        _ => return None,
    })
}
