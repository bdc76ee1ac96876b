//! Random queries on top of LEAD: OVER by parts of its partitions, ranks, groups, and windows that wait for the end.

use super::Query;

impl Query<'_> {
    /// A query over rows of LEAD.
    pub(super) fn led(&mut self) -> String {
        let key = self.pick(&["k", "k", "g", "f", "k, f"]);
        let order = if self.has_time { " ORDER BY ts" } else { "" };
        let time = if self.has_time { "ts, " } else { "" };
        let ahead = 1 + self.below(3);
        let value = self.any(1);
        let condition = self.condition("WHERE");
        let sorted = match self.has_time && self.random.one_in(3) {
            true => " EMIT FINAL",
            false => "",
        };
        let led = format!(
            "(SELECT {time}k, g, f, b, LEAD(b) OVER w AS next, LEAD({value}, {ahead}) OVER w AS far FROM {}{condition} \
             WINDOW w AS (PARTITION BY {key}{order}){sorted})",
            self.table
        );
        match self.below(6) {
            0 => self.over_led(&led, &key, order),
            1 | 2 if self.has_time => self.windowed_led(&led),
            3 => format!(
                "SELECT k, b, far, RANK() OVER (PARTITION BY g ORDER BY next DESC, b) AS r FROM {led}"
            ),
            4 => format!(
                "SELECT g, COUNT(*) AS n, MAX(far) AS m, FIRST(next) AS first FROM {led} GROUP BY g EMIT FINAL"
            ),
            _ => self.over_led(&led, &format!("{key}, b > 3"), order),
        }
    }

    fn over_led(&mut self, led: &str, key: &str, order: &str) -> String {
        let frames = [" ROWS BETWEEN 2 PRECEDING AND CURRENT ROW", ""];
        // Without an order there is no frame up to the current row.
        let frame = self.pick(&frames[..if order.is_empty() { 1 } else { 2 }]);
        let call = self.pick(&["COUNT(far)", "MAX(next)", "LAST_VALUE(far)", "SUM(next)"]);
        let second = self.pick(&["LEAD(next)", "LAG(far, 2)", "ROW_NUMBER()"]);
        format!(
            "SELECT k, b, next, {call} OVER (PARTITION BY {key}{order}{frame}) AS o, \
             {second} OVER (PARTITION BY {key}{order}) AS s FROM {led}"
        )
    }

    fn windowed_led(&mut self, led: &str) -> String {
        let (group, items) = match self.below(3) {
            0 => ("", "COUNT(*) AS n"),
            1 => ("k, ", "k, COUNT(*) AS n"),
            _ => ("g, f, ", "g, f, COUNT(*) AS n"),
        };
        let size = self.pick(&["1s", "3s", "700ms"]);
        let offset = self.pick(&["", ", INTERVAL '500' MILLISECOND"]);
        let emit = self.pick(&["", "", " EMIT FINAL", " EMIT CHANGES"]);
        format!(
            "WITH l AS {led} SELECT {items}, window_start, window_end, MAX(far) AS m, LAST(next) AS last \
             FROM TUMBLE(TABLE l, DESCRIPTOR(ts), {size}{offset}) GROUP BY {group}window_start, window_end{emit}"
        )
    }
}
