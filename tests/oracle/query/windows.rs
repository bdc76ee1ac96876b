//! Random windows: sessions, bars, windows without gaps, and those of a clause in FROM.

use super::{EVERY, Query};
use crate::late;

/// The last change of each of sessions and bars, seldom.
const OF_EACH: &str = " EMIT CHANGES EVERY 3s";

/// Early results of sessions and bars.
const EARLY: &str = " EMIT FINAL EARLY EVERY 700ms";

impl Query<'_> {
    /// Sessions of the keys of GROUP BY.
    pub(super) fn session(&mut self) -> String {
        let (mut items, mut groups) = self.keys();
        if self.random.one_in(6) {
            items.clear();
            groups.clear();
        }
        items.extend(["window_start".to_owned(), "window_end".to_owned()]);
        let mut aggregates = self.aggregates();
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

    /// Windows without gaps.
    pub(super) fn filled(&mut self) -> String {
        let (mut items, mut groups) = self.keys();
        if self.random.one_in(5) {
            items.clear();
            groups.clear();
        }
        groups.extend(["window_start".to_owned(), "window_end".to_owned()]);
        items.extend(["window_start".to_owned(), "window_end".to_owned()]);
        let mut aggregates = self.aggregates();
        let window = match self.below(4) {
            0 => self.pick(&[
                "HOP(TABLE t, DESCRIPTOR(ts), 1s, 3s)",
                "HOP(TABLE t, DESCRIPTOR(ts), 700ms, 300ms)",
            ]),
            1 => self.pick(&[
                "CUMULATE(TABLE t, DESCRIPTOR(ts), 500ms, 1s)",
                "HOP(TABLE t, DESCRIPTOR(ts), 1s, 2s) AT TIME ZONE 'Asia/Kolkata'",
            ]),
            _ => {
                let size = self.pick(&["100ms", "1s", "700ms"]);
                format!("TUMBLE(TABLE t, DESCRIPTOR(ts), {size})")
            }
        };
        let window = window.replace("TABLE t", &format!("TABLE {}", self.table));
        let condition = self.condition("WHERE");
        let having = self.having();
        let late = self.pick(&["", "", " LATE DATA ALLOW 700ms"]);
        let mut fill = self.pick(&["NULL", "PREV"]);
        if self.random.one_in(3) {
            let number = self.number(1);
            aggregates = vec![
                format!("MAX({number}) AS a0"),
                "SUM(d) AS a1".to_owned(),
                "COUNT(*) AS a2".to_owned(),
            ];
            fill = self.pick(&["LINEAR", "LINEAR, PREV, 0", "NULL, LINEAR, PREV"]);
        }
        let all = [items, aggregates].concat();
        let (all, groups) = (all.join(", "), groups.join(", "));
        format!(
            "SELECT {all} FROM {window}{condition} GROUP BY {groups} FILL({fill}){having}{late}"
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
        let measure = self.measure();
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

    /// What ends a bar.
    fn measure(&mut self) -> String {
        match self.below(6) {
            0 | 1 => format!("TICKS {}", 1 + self.below(40)),
            2 => "DOLLAR 1e4, p, d".to_owned(),
            3 => "DOLLAR 5000.005, x, i".to_owned(),
            _ => {
                let amount = self.pick(&["1", "100.125", "5000", "1e6"]);
                format!("VOLUME {amount}, {}", self.number(1))
            }
        }
    }

    /// What goes by time over bars: windows, sessions, other bars, OVER.
    pub(super) fn of_bars(&mut self) -> String {
        let (items, groups) = self.keys();
        let aggregates = self.aggregates();
        let measure = match self.random.one_in(2) {
            true => format!("TICKS {}", 1 + self.below(4)),
            false => self.measure(),
        };
        let condition = self.condition("WHERE");
        let late = self.pick(&[
            "",
            "",
            " LATE DATA ALLOW 2s",
            " LATE DATA ALLOW 700ms INTO $late",
        ]);
        let inner = format!(
            "SELECT {}, {}, window_start, window_end, window_time FROM {}{condition} GROUP BY {} \
             WINDOW BARS({measure}){late}",
            items.join(", "),
            aggregates.join(", "),
            self.table,
            groups.join(", ")
        );
        let key = self.pick(&["k0", "a0"]);
        let call = self.pick(&["COUNT(*)", "MIN(a0)", "LAST(k0)", "COUNT(DISTINCT k0)"]);
        let grouped = |window: &str| {
            format!(
                "WITH s AS ({inner}) SELECT {key}, window_start, window_end, {call} AS o FROM {window} \
                 GROUP BY {key}, window_start, window_end"
            )
        };
        match self.below(7) {
            0 => grouped("TUMBLE(TABLE s, DESCRIPTOR(window_time), 1s)"),
            1 => grouped("HOP(TABLE s, DESCRIPTOR(window_time), 1s, 3s)"),
            2 => grouped("CUMULATE(TABLE s, DESCRIPTOR(window_time), 1s, 3s)"),
            3 => grouped(&format!(
                "SESSION(TABLE s PARTITION BY {key}, DESCRIPTOR(window_time), 700ms)"
            )),
            4 => grouped(&format!(
                "BARS(TABLE s PARTITION BY {key}, DESCRIPTOR(window_time), TICKS 2)"
            )),
            _ => {
                let order = self.pick(&["", " ORDER BY window_time", " ORDER BY window_time"]);
                let frame = match order.is_empty() {
                    true => " ROWS 2 PRECEDING",
                    false => " RANGE BETWEEN INTERVAL '2' SECOND PRECEDING AND CURRENT ROW",
                };
                let emit = self.pick(&["", " EMIT FINAL"]);
                format!(
                    "SELECT k0, window_end, LAG(a0) OVER (PARTITION BY {key}{order}) AS o0, \
                     COUNT(*) OVER (PARTITION BY {key}{order}{frame}) AS o1 FROM ({inner}){emit}"
                )
            }
        }
    }

    /// A window over the table, in FROM.
    pub(super) fn window(&mut self) -> String {
        let table = self.table;
        if self.random.one_in(12) {
            let zone = self.pick(&["America/New_York", "Asia/Kolkata", "utc"]);
            let offset = self.pick(&["", ", INTERVAL '9:30' HOUR TO MINUTE"]);
            if self.random.one_in(2) {
                let window = self.pick(&[
                    "HOP(TABLE t, DESCRIPTOR(ts), 1d, 3d)",
                    "HOP(TABLE t, DESCRIPTOR(ts), 15m, 1h, 7m)",
                    "CUMULATE(TABLE t, DESCRIPTOR(ts), 1h, 1d, INTERVAL '9:30' HOUR TO MINUTE)",
                    "CUMULATE(TABLE t, DESCRIPTOR(ts), 3s, 1m)",
                    "HOP(TABLE t, DESCRIPTOR(ts), 1s, 3s, 500ms)",
                ]);
                return format!("{window} AT TIME ZONE '{zone}'")
                    .replace("TABLE t", &format!("TABLE {table}"));
            }
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
