//! Windows of the days, or parts of days, that clocks of a time zone show.

/// Tumbling windows of whole days there, 23 or 25 hours long where the clocks are changed, or of equal parts of a day:
/// then one begins whenever clocks show a bound, or have skipped one.
#[derive(Clone, Debug, PartialEq)]
pub struct DaysPlan {
    /// A zone of the tz database.
    pub zone: String,
    /// Length in nanoseconds by the clock there: whole days, of which several are counted from 1970-01-01 there, or what
    /// divides a day.
    pub size_ns: i64,
    /// Time of day there at which windows begin, 0 <= offset < size.
    pub offset_ns: i64,
}

/// Hopping or cumulating windows of a time zone: parts in a row.
#[derive(Clone, Debug, PartialEq)]
pub struct OverlappingPlan {
    /// What hopping windows slide by, and cumulating ones grow by.
    pub parts: DaysPlan,
    /// Which of them make a window.
    pub reach: Reach,
}

/// Which parts make a window.
#[derive(Clone, Debug, PartialEq)]
pub enum Reach {
    /// As many in a row, at least 1: hopping windows.
    Parts(u32),
    /// Those since one of these began, up to each: cumulating windows.
    Since(DaysPlan),
}
