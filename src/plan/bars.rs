//! Bars: windows that end with the row that makes up an amount.

use super::Expr;

/// For each key the rows in the order they come, divided where their amounts reach a bound: that row is the last of
/// its bar, and what it brings beyond the bound stays there.
#[derive(Clone, Debug, PartialEq)]
pub struct BarsPlan {
    /// What a row adds, a number over the operator's input; a NULL adds nothing. `None`: each row adds one.
    pub measure: Option<Box<Expr>>,
    /// The amount that ends a bar.
    pub bound: BarBound,
    /// Whether bars that the end of the input finds open do not leave: what takes them goes by time, which has
    /// passed theirs.
    pub whole: bool,
}

/// The amount that ends a bar, above zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BarBound {
    /// Of integers and DECIMALs: in units of the measure's scale.
    Exact(i128),
    /// Of DOUBLEs, added in the order they come; a sum that is NaN has reached it.
    Double(f64),
}
