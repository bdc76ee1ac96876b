//! Random arrays unnested, under everything that takes rows.

use super::Query;
use crate::late;

impl Query<'_> {
    /// Elements of arrays of a row's own columns, as they are, in groups, in windows, or ranked.
    pub(super) fn unnest(&mut self) -> String {
        let array = self.elements();
        let second = match self.random.one_in(3) {
            true => format!(", {}", self.elements()),
            false => String::new(),
        };
        let ordinality = self.pick(&["", " WITH ORDINALITY"]);
        let from = format!(
            "{} CROSS JOIN UNNEST({array}{second}){ordinality} AS e (e0)",
            self.table
        );
        let condition = match self.below(3) {
            0 => format!(" WHERE {} AND e0 IS NOT NULL", self.boolean(1)),
            1 => format!(" WHERE {}", self.boolean(1)),
            _ => String::new(),
        };
        let key = self.pick(&["e0", "k", "k, e0"]);
        match self.below(5) {
            0 => format!(
                "SELECT {key}, COUNT(*) AS n, MAX(e0) AS m FROM {from}{condition} GROUP BY {key} EMIT FINAL"
            ),
            1 => format!(
                "SELECT COUNT(*) AS n, COUNT(e0) AS m, MIN(e0) AS least FROM {from}{condition} EMIT FINAL"
            ),
            2 if self.has_time => {
                let window = self.pick(&["TUMBLING(ts, 1s)", "SLIDING(ts, 3s, 1s)"]);
                let late = self.pick(&["", late::OF_WINDOW[0], late::OF_WINDOW[2]]);
                format!(
                    "SELECT {key}, window_end, COUNT(*) AS n FROM {from}{condition} GROUP BY {key} WINDOW {window}{late}"
                )
            }
            3 => format!(
                "SELECT k, e0, ROW_NUMBER() OVER (PARTITION BY k ORDER BY e0 DESC) AS n FROM {from}{condition}"
            ),
            _ => format!("SELECT k, e0, {} AS c FROM {from}{condition}", self.any(1)),
        }
    }

    /// An array of numbers.
    fn elements(&mut self) -> String {
        let items: Vec<String> = (0..1 + self.below(3)).map(|_| self.number(1)).collect();
        let array = format!("ARRAY[{}]", items.join(", "));
        match self.random.one_in(4) {
            true => format!("CASE WHEN {} THEN {array} END", self.boolean(1)),
            false => array,
        }
    }
}
