//! Random windows: sessions, bars, windows without gaps, and those of a clause in FROM.

use super::{EVERY, Query};
use crate::late;

/// Aggregates of neighbouring rows, which do not merge.
const IN_ORDER: [&str; 4] = ["EMA", "TWAP", "REALIZED_VOL", "MAX_DRAWDOWN"];

/// The last change of each of sessions and bars, seldom.
const OF_EACH: &str = " EMIT CHANGES EVERY 3s";

/// Early results of sessions and bars.
const EARLY: &str = " EMIT FINAL EARLY EVERY 700ms";

impl Query<'_> {
    /// Sessions of the keys of GROUP BY; an aggregate that does not merge has none.
    pub(super) fn session(&mut self) -> String {
        let (mut items, mut groups) = self.keys();
        if self.random.one_in(6) {
            items.clear();
            groups.clear();
        }
        items.extend(["window_start".to_owned(), "window_end".to_owned()]);
        let mut aggregates = self.aggregates();
        aggregates.retain(|call| !IN_ORDER.iter().any(|name| call.contains(name)));
        aggregates.push("COUNT(*) AS rows_of".to_owned());
        let group = match groups.is_empty() {
            true => String::new(),
            false => format!(" GROUP BY {}", groups.join(", ")),
        };
        let gap = self.pick(&["300ms", "1s", "2s", "10s"]);
        let span = self.pick(&["", "", " MAXSPAN 2s", ", MAXSPAN 5s"]);
        let condition = self.condition("WHERE");
        let having = self.having();
        let emit = match self.random.one_in(5) {
            true => self.per_window(2),
            false => self.pick(&["", " EMIT FINAL", " EMIT CHANGES", EVERY, OF_EACH, EARLY]),
        };
        let late = match self.below(4) {
            0 => self.pick(&late::OF_WINDOW),
            1 if !self.bare && ["", " EMIT FINAL"].contains(&&emit[..]) => {
                self.retracts = true;
                self.pick(&[" LATE DATA PROCESS", " LATE DATA WARN INTO $late"])
            }
            _ => String::new(),
        };
        let all = [items, aggregates].concat();
        format!(
            "SELECT {} FROM {}{condition}{group} WINDOW SESSION({gap}{span}){having}{emit}{late}",
            all.join(", "),
            self.table
        )
    }

    /// Tumbling windows without gaps.
    pub(super) fn filled(&mut self) -> String {
        let (mut items, mut groups) = self.keys();
        if self.random.one_in(5) {
            items.clear();
            groups.clear();
        }
        groups.extend(["window_start".to_owned(), "window_end".to_owned()]);
        items.extend(["window_start".to_owned(), "window_end".to_owned()]);
        let aggregates = self.aggregates();
        let size = self.pick(&["100ms", "1s", "700ms"]);
        let condition = self.condition("WHERE");
        let having = self.having();
        let late = self.pick(&["", "", " LATE DATA ALLOW 700ms"]);
        let all = [items, aggregates].concat();
        let (all, groups) = (all.join(", "), groups.join(", "));
        let fill = self.pick(&["NULL", "PREV"]);
        let table = self.table;
        format!(
            "SELECT {all} FROM TUMBLE(TABLE {table}, DESCRIPTOR(ts), {size}){condition} GROUP BY {groups} \
             FILL({fill}){having}{late}"
        )
    }

    /// Bars of the keys of GROUP BY.
    pub(super) fn bars(&mut self) -> String {
        let (mut items, mut groups) = self.keys();
        if self.random.one_in(5) {
            items.clear();
            groups.clear();
            self.keyless = true;
        }
        items.extend(["window_start".to_owned(), "window_end".to_owned()]);
        let mut aggregates = self.aggregates();
        aggregates.push("COUNT(*) AS rows_of".to_owned());
        let measure = match self.below(6) {
            0 | 1 => format!("TICKS {}", 1 + self.below(40)),
            2 => "DOLLAR 1e4, p, d".to_owned(),
            3 => "DOLLAR 5000.005, x, i".to_owned(),
            _ => {
                let amount = self.pick(&["1", "100.125", "5000", "1e6"]);
                format!("VOLUME {amount}, {}", self.number(1))
            }
        };
        let group = match groups.is_empty() {
            true => String::new(),
            false => format!(" GROUP BY {}", groups.join(", ")),
        };
        let condition = self.condition("WHERE");
        let having = self.having();
        let emit = self.pick(&[
            "",
            "",
            " EMIT FINAL",
            " EMIT CHANGES",
            EVERY,
            OF_EACH,
            EARLY,
        ]);
        let late = match self.random.one_in(3) {
            true => self.pick(&late::OF_WINDOW),
            false => String::new(),
        };
        let all = [items, aggregates].concat();
        format!(
            "SELECT {} FROM {}{condition}{group} WINDOW BARS({measure}){having}{emit}{late}",
            all.join(", "),
            self.table
        )
    }

    /// A window over the table, in FROM.
    pub(super) fn window(&mut self) -> String {
        let table = self.table;
        if self.random.one_in(12) {
            let zone = self.pick(&["America/New_York", "Asia/Kolkata", "utc"]);
            let offset = self.pick(&["", ", INTERVAL '9:30' HOUR TO MINUTE"]);
            let size = self.pick(&["1d", "1d", "6h", "15m"]);
            let offset = if size == "1d" { &offset } else { "" };
            return format!(
                "TUMBLE(TABLE {table}, DESCRIPTOR(ts), {size}{offset}) AT TIME ZONE '{zone}'"
            );
        }
        let offset = self.pick(&["", "", "", ", INTERVAL '500' MILLISECOND"]);
        match self.below(6) {
            0..=2 => {
                let size = self.pick(&["1", "1", "3", "10", "60"]);
                format!("TUMBLE(TABLE {table}, DESCRIPTOR(ts), INTERVAL '{size}' SECOND{offset})")
            }
            3 => {
                let lengths = self.pick(&["1s, 3s", "2s, 6s", "1s, 5s"]);
                format!("CUMULATE(TABLE {table}, DESCRIPTOR(ts), {lengths}{offset})")
            }
            _ => {
                let lengths = self.pick(&["1s, 3s", "1s, 10s", "2s, 5s", "3s, 4s", "5s, 2s"]);
                format!("HOP(TABLE {table}, DESCRIPTOR(ts), {lengths}{offset})")
            }
        }
    }
}
