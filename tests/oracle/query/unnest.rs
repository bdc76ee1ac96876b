//! Random arrays unnested, under everything that takes rows.

use super::Query;
use crate::late;

impl Query<'_> {
    /// Elements of arrays of a row's own columns, as they are, in groups, in windows, ranked, or sorted by time.
    pub(super) fn unnest(&mut self) -> String {
        let from = self.elements_of_rows();
        let condition = match self.below(3) {
            0 => format!(" WHERE {} AND e0 IS NOT NULL", self.boolean(1)),
            1 => format!(" WHERE {}", self.boolean(1)),
            _ => String::new(),
        };
        let key = self.pick(&["e0", "k", "k, e0"]);
        match self.below(7) {
            0 => format!(
                "SELECT {key}, COUNT(*) AS n, MAX(e0) AS m FROM {from}{condition} GROUP BY {key} EMIT FINAL"
            ),
            1 => format!(
                "SELECT COUNT(*) AS n, COUNT(e0) AS m, MIN(e0) AS least FROM {from}{condition} EMIT FINAL"
            ),
            2 if self.has_time => {
                let windows = ["TUMBLING(ts, 1s)", "SLIDING(ts, 3s, 1s)"];
                let nested = from.contains("UNNEST(l0)");
                let window = self.pick(&windows[..if nested { 1 } else { 2 }]);
                let late = self.pick(&[
                    "",
                    late::OF_WINDOW[0],
                    late::OF_WINDOW[2],
                    late::OF_WINDOW[3],
                ]);
                format!(
                    "SELECT {key}, window_end, COUNT(*) AS n FROM {from}{condition} GROUP BY {key} WINDOW {window}{late}"
                )
            }
            3 if self.has_time => {
                let gap = self.pick(&["300ms", "1s"]);
                let late = self.pick(&["", late::OF_WINDOW[1], late::OF_WINDOW[3]]);
                format!(
                    "SELECT {key}, window_start, COUNT(*) AS n FROM {from}{condition} GROUP BY {key} WINDOW SESSION({gap}){late}"
                )
            }
            4 if self.has_time => {
                let call = self.pick(&["COUNT(*)", "LAG(e0)", "SUM(b)", "LEAD(k)"]);
                let late = self.pick(&["", late::OF_SORT[2], late::OF_WINDOW[3]]);
                format!(
                    "SELECT k, e0, {call} OVER (PARTITION BY {key} ORDER BY ts) AS o FROM {from}{condition} EMIT FINAL{late}"
                )
            }
            5 => format!(
                "SELECT k, e0, ROW_NUMBER() OVER (PARTITION BY k ORDER BY e0 DESC) AS n FROM {from}{condition}"
            ),
            _ => format!("SELECT k, e0, {} AS c FROM {from}{condition}", self.any(1)),
        }
    }

    /// The table with the elements of an array, or of two, or those of its elements, as `e0`.
    fn elements_of_rows(&mut self) -> String {
        let table = self.table;
        let array = self.elements();
        let ordinality = self.pick(&["", " WITH ORDINALITY"]);
        if self.random.one_in(4) {
            let outer = format!("UNNEST(ARRAY[{array}, NULL, {array}])");
            let outer = self.joined(&outer, " AS l (l0)");
            let inner = self.joined(&format!("UNNEST(l0){ordinality}"), " AS e (e0)");
            return format!("{table}{outer}{inner}");
        }
        let arrays = match self.random.one_in(3) {
            true => format!("UNNEST({array}, {}){ordinality}", self.elements()),
            false => format!("UNNEST({array}){ordinality}"),
        };
        let joined = self.joined(&arrays, " AS e (e0)");
        format!("{table}{joined}")
    }

    /// `unnest` as a join, now and then one that keeps rows without elements.
    fn joined(&mut self, unnest: &str, alias: &str) -> String {
        match self.random.one_in(3) {
            true => format!(" LEFT JOIN {unnest}{alias} ON TRUE"),
            false => format!(" CROSS JOIN {unnest}{alias}"),
        }
    }

    /// An array of numbers, without subqueries: FROM takes none.
    fn elements(&mut self) -> String {
        let items: Vec<String> = (0..1 + self.below(3)).map(|_| self.number(1)).collect();
        let array = format!("ARRAY[{}]", items.join(", "));
        match self.random.one_in(4) {
            true => format!("CASE WHEN {} THEN {array} END", self.boolean(0)),
            false => array,
        }
    }
}
