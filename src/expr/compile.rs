//! From [`Expr`] to [`Node`]: casts that change nothing are dropped, operators over constants alone are evaluated
//! once, and operands of one type in two representations are brought to one.

use super::RowErrors;
use super::cast;
use super::decimal_arithmetic;
use super::fit::Room;
use super::function;
use super::in_list::InList;
use super::in_rows;
use super::like::Like;
use super::logic::Narrow;
use super::lookup::Lookup;
use super::node::{Kind, Memo, Node};
use super::recast::Recast;
use super::row_set::{RowSet, push_value};
use crate::batch::{Batch, Rows};
use crate::plan::{ArithmeticOp, CompareOp, Expr, MemberRows, ScalarFunction};
use crate::types::{DataType, Physical, Value};

/// Compiles `expr`.
pub(super) fn compile(expr: &Expr) -> Node {
    match expr {
        Expr::Column { index, ty } => Node::new(Kind::Column(*index), *ty, false, false),
        Expr::Literal { value, ty } => constant(value, *ty),
        Expr::Cast { input, ty, lenient } => folded(cast_to(compile(input), *ty, *lenient)),
        Expr::Arithmetic {
            op,
            left,
            right,
            ty,
        } => folded(arithmetic(*op, compile(left), compile(right), *ty)),
        Expr::Negate { input } => negate(compile(input)),
        Expr::Compare { op, left, right } => compare(*op, compile(left), compile(right)),
        Expr::And(args) => junction(args, |args| Kind::And(args, Narrow::default())),
        Expr::Or(args) => junction(args, |args| Kind::Or(args, Narrow::default())),
        Expr::Not(input) => predicate(compile(input), false, Kind::Not),
        Expr::IsNull { input, negated } => predicate(compile(input), false, |input| Kind::IsNull {
            input,
            negated: *negated,
        }),
        Expr::InList {
            input,
            list,
            negated,
        } => {
            let input = compile(input);
            let list = InList::new(input.ty, list, *negated);
            predicate(input, true, |input| Kind::InList(input, list))
        }
        Expr::Like {
            input,
            pattern,
            escape,
            ignore_case,
            negated,
        } => {
            let like = Like::new(pattern, *escape, *ignore_case, *negated);
            predicate(compile(input), true, |input| Kind::Like(input, like))
        }
        Expr::Case {
            branches,
            otherwise,
            ty,
        } => case(branches, otherwise.as_deref(), *ty),
        Expr::Coalesce { args, ty } => {
            let args = args
                .iter()
                .map(|arg| represented(compile(arg), *ty))
                .collect();
            many(args, *ty, false, |args| {
                Kind::Coalesce(args, Narrow::default())
            })
        }
        Expr::Call { function, args, ty } => call(*function, args, *ty),
        other => compile_special(other),
    }
}

/// What stands at the edge of a query, or stood for a subquery.
fn compile_special(expr: &Expr) -> Node {
    match expr {
        Expr::Fit {
            input,
            nullable,
            bytes,
        } => {
            let input = compile(input);
            let room = Room {
                nullable: *nullable,
                bytes: *bytes,
                exact: input.ty == DataType::Varbinary,
            };
            fit(input, room)
        }
        Expr::Member {
            inputs,
            rows: MemberRows::Known(rows),
        } => member(inputs, rows),
        Expr::InRows {
            inputs,
            keys,
            rows: MemberRows::Known(rows),
            negated,
        } => compile(&in_rows::expanded(inputs, *keys, rows, *negated)),
        Expr::Lookup {
            inputs,
            rows: MemberRows::Known(rows),
            ty,
        } => lookup(inputs, *ty, rows),
        other => unreachable!("{other:?} is compiled elsewhere, or its subquery has run before"),
    }
}

/// Not folded: a constant that does not fit fails for every row that reaches it.
fn fit(input: Node, room: Room) -> Node {
    let ty = input.ty;
    Node::new(Kind::Fit(Box::new(input), room), ty, true, true)
}

fn member(inputs: &[Expr], rows: &[Vec<Value>]) -> Node {
    let (nodes, types) = key(inputs);
    let set = RowSet::new(&types, rows.iter().map(|row| &row[..]));
    many(nodes, DataType::Boolean, false, |nodes| {
        Kind::Member(nodes, set)
    })
}

fn lookup(inputs: &[Expr], ty: DataType, rows: &[Vec<Value>]) -> Node {
    let (nodes, types) = key(inputs);
    let lookup = Lookup::new(&types, ty, rows);
    many(nodes, ty, false, |nodes| Kind::Lookup(nodes, lookup))
}

/// What is looked for in a set, in the representation of its types, which come with it.
fn key(inputs: &[Expr]) -> (Vec<Node>, Vec<DataType>) {
    let types: Vec<DataType> = inputs.iter().map(Expr::ty).collect();
    let nodes = inputs.iter().zip(&types);
    let nodes = nodes.map(|(input, &ty)| represented(compile(input), ty));
    (nodes.collect(), types)
}

fn negate(input: Node) -> Node {
    let ty = input.ty;
    let fails = !ty.is_float() && !matches!(ty, DataType::Decimal { .. });
    let (fallible, guarded) = (input.fallible || fails, input.guarded || fails);
    let input = Box::new(input);
    folded(Node::new(Kind::Negate { input, ty }, ty, fallible, guarded))
}

fn compare(op: CompareOp, left: Node, right: Node) -> Node {
    let (left, right) = one_representation(left, right);
    let (fallible, guarded) = either([&left, &right]);
    let kind = Kind::Compare {
        op,
        left: Box::new(left),
        right: Box::new(right),
    };
    folded(Node::new(kind, DataType::Boolean, fallible, guarded))
}

fn constant(value: &Value, ty: DataType) -> Node {
    let mut node = Node::new(Kind::Constant, ty, false, false);
    push_value(&mut node.out, ty, value);
    node
}

/// Whether one of them can fail, and whether one is to be guarded.
fn either<'a>(nodes: impl IntoIterator<Item = &'a Node>) -> (bool, bool) {
    nodes.into_iter().fold((false, false), |found, node| {
        (found.0 || node.fallible, found.1 || node.guarded)
    })
}

fn predicate(input: Node, costly: bool, kind: impl FnOnce(Box<Node>) -> Kind) -> Node {
    let (fallible, guarded) = (input.fallible, input.guarded || costly);
    let kind = kind(Box::new(input));
    folded(Node::new(kind, DataType::Boolean, fallible, guarded))
}

fn many(
    args: Vec<Node>,
    ty: DataType,
    fallible: bool,
    kind: impl FnOnce(Vec<Node>) -> Kind,
) -> Node {
    let fallible = fallible || either(&args).0;
    folded(Node::new(kind(args), ty, fallible, true))
}

fn junction(args: &[Expr], kind: impl FnOnce(Vec<Node>) -> Kind) -> Node {
    let args: Vec<Node> = args.iter().map(compile).collect();
    let (fallible, guarded) = either(&args);
    folded(Node::new(kind(args), DataType::Boolean, fallible, guarded))
}

fn case(branches: &[(Expr, Expr)], otherwise: Option<&Expr>, ty: DataType) -> Node {
    let branches: Vec<(Node, Node)> = branches
        .iter()
        .map(|(condition, result)| (compile(condition), represented(compile(result), ty)))
        .collect();
    let otherwise = otherwise.map(|otherwise| Box::new(represented(compile(otherwise), ty)));
    let parts = branches
        .iter()
        .flat_map(|(condition, result)| [condition, result]);
    let (fallible, _) = either(parts.chain(otherwise.as_deref()));
    let kind = Kind::Case {
        branches,
        otherwise,
        narrow: Narrow::default(),
    };
    folded(Node::new(kind, ty, fallible, true))
}

fn call(function: ScalarFunction, args: &[Expr], ty: DataType) -> Node {
    let args = args.iter().map(compile).map(|arg| match function {
        ScalarFunction::Greatest | ScalarFunction::Least => represented(arg, ty),
        ScalarFunction::Extract | ScalarFunction::DateTrunc if arg.ty == DataType::Date => {
            cast_to(arg, DataType::Timestamp, false)
        }
        ScalarFunction::Concat => cast_to(arg, DataType::Varchar, false),
        _ => arg,
    });
    let args: Vec<Node> = args.collect();
    assert!(
        !args.is_empty(),
        "the binder checks the number of arguments"
    );
    let fallible = function::can_fail(function, ty);
    many(args, ty, fallible, |args| Kind::Call {
        function,
        args,
        ty,
        memo: Memo::default(),
    })
}

fn arithmetic(op: ArithmeticOp, left: Node, right: Node, ty: DataType) -> Node {
    let (left, right) = (time(left), time(right));
    let types = (left.ty, right.ty, ty);
    let (fallible, guarded) = either([&left, &right]);
    let fails = match ty {
        DataType::Double => false,
        DataType::Decimal { .. } => decimal_arithmetic::can_fail(op, types),
        _ => true,
    };
    let kind = Kind::Arithmetic {
        op,
        left: Box::new(left),
        right: Box::new(right),
        types,
    };
    Node::new(kind, ty, fallible || fails, guarded || fails)
}

/// An operand of arithmetic: a DATE as the TIMESTAMP of its midnight.
fn time(node: Node) -> Node {
    if node.ty != DataType::Date {
        return node;
    }
    let kind = Kind::DateToTimestamp(Box::new(node));
    folded(Node::new(kind, DataType::Timestamp, true, true))
}

fn cast_to(mut input: Node, ty: DataType, lenient: bool) -> Node {
    let from = input.ty;
    if cast::is_identity(from, ty) {
        input.ty = ty;
        return input;
    }
    if matches!(input.kind, Kind::Constant) && input.out.is_null(0) {
        // NULL is of every type.
        return constant(&Value::Null, ty);
    }
    assert!(
        cast::can_cast(from, ty),
        "the binder admits no cast from {from} to {ty}"
    );
    let fallible = input.fallible || (!lenient && cast::can_fail(from, ty));
    let input = Box::new(input);
    let types = (from, ty);
    let kind = match Recast::new(types) {
        Some(recast) => Kind::Recast(input, Box::new(recast), lenient),
        None => Kind::Cast {
            input,
            types,
            lenient,
        },
    };
    Node::new(kind, ty, fallible, true)
}

/// The node in the representation of `ty`: a narrow DECIMAL where a wide one of the same scale is asked for.
fn represented(node: Node, ty: DataType) -> Node {
    if node.ty.physical() == ty.physical() {
        return node;
    }
    folded(cast_to(node, ty, false))
}

fn one_representation(left: Node, right: Node) -> (Node, Node) {
    match (left.ty.physical(), right.ty.physical()) {
        (Physical::I64, Physical::I128) => {
            let ty = right.ty;
            (represented(left, widest(ty)), right)
        }
        (Physical::I128, Physical::I64) => {
            let ty = left.ty;
            (left, represented(right, widest(ty)))
        }
        _ => (left, right),
    }
}

fn widest(ty: DataType) -> DataType {
    DataType::decimal(crate::types::DECIMAL_DIGITS_MAX, ty.scale())
}

/// The node, or the constant it is: operators over constants alone are evaluated here, unless they fail; then
/// they do so for the rows that reach them.
fn folded(mut node: Node) -> Node {
    if !operands_are_constant(&node) {
        return node;
    }
    let mut batch = Batch::new(&[]);
    batch.rows = 1;
    let mut errors = RowErrors::default();
    node.eval(&batch, Rows::All(1), &mut errors);
    if errors.rows.is_empty() {
        let mut constant = Node::new(Kind::Constant, node.ty, false, false);
        constant.out = node.out;
        return constant;
    }
    node
}

fn operands_are_constant(node: &Node) -> bool {
    let constant = |node: &Node| matches!(node.kind, Kind::Constant);
    match &node.kind {
        Kind::Column(_) | Kind::Constant => false,
        Kind::Cast { input, .. }
        | Kind::Recast(input, ..)
        | Kind::DateToTimestamp(input)
        | Kind::Negate { input, .. }
        | Kind::Not(input)
        | Kind::IsNull { input, .. }
        | Kind::InList(input, _)
        | Kind::Fit(input, _)
        | Kind::Like(input, _) => constant(input),
        Kind::Arithmetic { left, right, .. } | Kind::Compare { left, right, .. } => {
            constant(left) && constant(right)
        }
        Kind::And(args, _) | Kind::Or(args, _) | Kind::Coalesce(args, _) => {
            args.iter().all(constant)
        }
        Kind::Call { args, .. } | Kind::Member(args, _) | Kind::Lookup(args, _) => {
            args.iter().all(constant)
        }
        Kind::Case {
            branches,
            otherwise,
            ..
        } => {
            branches.iter().all(|(a, b)| constant(a) && constant(b))
                && otherwise.as_deref().is_none_or(constant)
        }
    }
}
