//! Windows of the days that clocks of a time zone show.

/// Tumbling windows of whole days there: 23 or 25 hours long where the clocks are changed.
#[derive(Clone, Debug, PartialEq)]
pub struct DaysPlan {
    /// A zone of the tz database.
    pub zone: String,
    /// Length in days, at least 1; windows of several are counted from 1970-01-01 there.
    pub days: i64,
    /// Time of day there at which windows begin, 0 <= offset < days.
    pub offset_ns: i64,
}
