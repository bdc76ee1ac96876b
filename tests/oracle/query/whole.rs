//! Random frames of whole partitions: without an order, by any order, of lengths, beside ranks and running frames.

use super::Query;
use crate::frames;

/// Frames that need no order.
const WHOLE: [&str; 4] = [
    "",
    " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
    " RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
    " ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING",
];

/// Frames by any order.
const ORDERED: [&str; 16] = [
    "",
    "",
    " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
    " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
    " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW",
    " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    " ROWS BETWEEN 3 PRECEDING AND 40 FOLLOWING",
    " ROWS BETWEEN 2 FOLLOWING AND 4 FOLLOWING",
    " ROWS BETWEEN 4 PRECEDING AND 2 PRECEDING",
    " RANGE CURRENT ROW",
    " RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
    " GROUPS 1 PRECEDING",
    " GROUPS BETWEEN 1 PRECEDING AND 2 FOLLOWING",
    " GROUPS BETWEEN 1 FOLLOWING AND 2 FOLLOWING",
    " GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
    " GROUPS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
];

/// Frames of a length of time.
const OF_TIME: [&str; 6] = [
    " RANGE BETWEEN 700ms PRECEDING AND 300ms FOLLOWING",
    " RANGE BETWEEN CURRENT ROW AND INTERVAL '2' SECOND FOLLOWING",
    " RANGE BETWEEN 100ms FOLLOWING AND 1s FOLLOWING",
    " RANGE BETWEEN 2s PRECEDING AND UNBOUNDED FOLLOWING",
    " RANGE BETWEEN UNBOUNDED PRECEDING AND 1s FOLLOWING",
    " RANGE BETWEEN INTERVAL '30' HOUR PRECEDING AND INTERVAL '400' DAY FOLLOWING",
];

/// Frames of a length of numbers.
const OF_NUMBERS: [&str; 6] = [
    " RANGE BETWEEN 2 PRECEDING AND 3 FOLLOWING",
    " RANGE BETWEEN CURRENT ROW AND 0.5 FOLLOWING",
    " RANGE BETWEEN 0.003 PRECEDING AND 1.25 FOLLOWING",
    " RANGE BETWEEN 1 FOLLOWING AND 100000 FOLLOWING",
    " RANGE BETWEEN UNBOUNDED PRECEDING AND 10 FOLLOWING",
    " RANGE BETWEEN 20 PRECEDING AND 0.1 PRECEDING",
];

impl Query<'_> {
    /// A query of frames of whole partitions, of a table's rows or of a window's groups.
    pub(super) fn whole(&mut self) -> String {
        if self.has_time
            && self.random.one_in(4)
            && let Some(query) = self.whole_windows()
        {
            return query;
        }
        let keys = ["k", "k", "g", "f", "d", "k, f"];
        let key = self.pick(&keys);
        let mut items = vec!["k AS c0".to_owned()];
        for at in 0..1 + self.below(3) {
            let key = match self.random.one_in(5) {
                true => self.pick(&keys),
                false => key.clone(),
            };
            let partition = match self.random.one_in(7) {
                true => String::new(),
                false => format!("PARTITION BY {key}"),
            };
            let (call, window) = match self.random.one_in(5) {
                true if self.has_time => {
                    let frame = frames::frame(self.random, true);
                    (
                        self.framed_call(),
                        format!("{partition} ORDER BY ts{frame}"),
                    )
                }
                true => ("COUNT(*)".to_owned(), partition),
                false => {
                    let order = self.frame_order();
                    (self.framed_call(), partition + &order)
                }
            };
            items.push(format!("{call} OVER ({window}) AS o{at}"));
        }
        if self.random.one_in(4) {
            items.push(format!(
                "RANK() OVER (PARTITION BY {key} ORDER BY {} DESC) AS rank",
                self.any(1)
            ));
        }
        let tail = self.condition("WHERE");
        let tail = match self.random.one_in(5) {
            true => tail + " QUALIFY COUNT(*) OVER (PARTITION BY k) > 2",
            false => tail,
        };
        format!("SELECT {} FROM {}{tail}", items.join(", "), self.table)
    }

    /// A call with a frame.
    fn framed_call(&mut self) -> String {
        match self.over_call() {
            (call, true) => call,
            (_, false) => "SUM(b)".to_owned(),
        }
    }

    /// An ORDER BY, or none, and a frame by it.
    fn frame_order(&mut self) -> String {
        let direction = self.pick(&["", " DESC", " DESC", " NULLS FIRST", " DESC NULLS FIRST"]);
        let (by, frame) = match self.below(8) {
            0 | 1 => return self.pick(&WHOLE),
            2 => (self.number(1), self.pick(&OF_NUMBERS)),
            3 => (self.column(&super::NUMBERS), self.pick(&OF_NUMBERS)),
            4 if self.has_time => ("ts".to_owned(), self.pick(&OF_TIME)),
            4 | 5 => {
                let times = [crate::data::Kind::Timestamp, crate::data::Kind::Date];
                (self.column(&times), self.pick(&OF_TIME))
            }
            6 => {
                let first = self.any(1);
                (format!("{first}, {}", self.any(1)), self.pick(&ORDERED))
            }
            _ => (self.any(1), self.pick(&ORDERED)),
        };
        format!(" ORDER BY {by}{direction}{frame}")
    }

    /// Frames of the groups that a window has fired.
    fn whole_windows(&mut self) -> Option<String> {
        let (keys, groups) = self.keys();
        let aggregates = self.aggregates();
        // What is made of others has no order.
        let is_made = |made: &&str| keys[0].contains(made) || aggregates[0].contains(made);
        if ["ARRAY", "ROW", "MAP", "SPLIT", "OHLC"].iter().any(is_made) {
            return None;
        }
        let key = self.pick(&[
            "window_start",
            "window_start, window_end",
            "window_end",
            "k0",
        ]);
        let mut items = Vec::new();
        for at in 0..1 + self.below(3) {
            let call = self.pick(&[
                "COUNT(*)",
                "COUNT(a0)",
                "MIN(a0)",
                "MAX(k0)",
                "COUNT(DISTINCT a0)",
                "FIRST_VALUE(k0)",
                "LAST_VALUE(a0)",
                "NTH_VALUE(a0, 2)",
                "LAST(a0)",
                "MODE(k0)",
            ]);
            let order = match self.below(3) {
                0 => self.pick(&WHOLE),
                _ => {
                    let by = self.pick(&["a0", "k0", "a0 DESC, k0", "k0 DESC NULLS FIRST"]);
                    format!(" ORDER BY {by}{}", self.pick(&ORDERED))
                }
            };
            items.push(format!("{call} OVER (PARTITION BY {key}{order}) AS o{at}"));
        }
        Some(format!(
            "SELECT k0, a0, window_start, {} FROM (SELECT {}, {}, window_start, window_end FROM \
             TUMBLE(TABLE {}, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY {}, window_start, window_end)",
            items.join(", "),
            keys.join(", "),
            aggregates.join(", "),
            self.table,
            groups.join(", ")
        ))
    }
}
