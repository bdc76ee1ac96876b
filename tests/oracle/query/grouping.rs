//! Random GROUPING SETS, ROLLUP and CUBE, of a table or of its windows.

use super::Query;

impl Query<'_> {
    /// Groups of several sets of keys, with GROUPING of one of them.
    pub(super) fn grouping(&mut self) -> String {
        let (items, groups) = self.keys();
        let windowed = self.has_time && self.random.one_in(3);
        let (first, all) = (groups[0].clone(), groups.join(", "));
        let sets = match self.below(5) {
            0 => format!("ROLLUP ({all})"),
            1 => format!("CUBE ({all})"),
            2 => format!("GROUPING SETS (({all}), ({first}), ())"),
            3 => format!("GROUPING SETS (({all}), ({all}))"),
            _ => format!("GROUPING SETS (ROLLUP ({all}), {first})"),
        };
        let mut all = [items, vec![format!("GROUPING({first}) AS level")]].concat();
        all.extend(self.aggregates());
        let (from, bounds) = match windowed {
            true => {
                all.push("window_end".to_owned());
                (self.window(), "window_start, window_end, ")
            }
            false => (self.table.to_owned(), ""),
        };
        let condition = self.condition("WHERE");
        let having = self.having();
        let tail = match self.random.one_in(3) && self.bare {
            true => self.ordering(all.len()),
            false => " EMIT FINAL".to_owned(),
        };
        format!(
            "SELECT {} FROM {from}{condition} GROUP BY {bounds}{sets}{having}{tail}",
            all.join(", ")
        )
    }
}
