//! ORDER BY, LIMIT and OFFSET, and DISTINCT ON, which goes by them.

use super::Query;

impl Query<'_> {
    /// ORDER BY, LIMIT and OFFSET of a bare SELECT.
    pub(super) fn ordering(&mut self, columns: usize) -> String {
        if !self.bare || self.random.one_in(2) {
            return String::new();
        }
        let mut text = self.order_by(columns);
        if self.random.one_in(2) {
            text += &format!(" LIMIT {}", self.below(40));
        }
        text + &self.offset()
    }

    /// ORDER BY some of the first `columns`, now and then none.
    fn order_by(&mut self, columns: usize) -> String {
        if self.random.one_in(4) {
            return String::new();
        }
        let count = 1 + self.below(columns.min(2));
        let mut keys = Vec::new();
        for _ in 0..count {
            let direction = self.pick(&["", " ASC", " DESC"]);
            let nulls = self.pick(&["", "", " NULLS FIRST", " NULLS LAST"]);
            keys.push(format!("{}{direction}{nulls}", 1 + self.below(columns)));
        }
        format!(" ORDER BY {}", keys.join(", "))
    }

    fn offset(&mut self) -> String {
        match self.random.one_in(4) {
            true => format!(" OFFSET {}", self.below(6)),
            false => String::new(),
        }
    }

    /// ORDER BY, LIMIT and OFFSET of each window.
    pub(super) fn per_window(&mut self, columns: usize) -> String {
        let order = self.order_by(columns);
        let offset = self.offset();
        format!("{order} LIMIT {}{offset} PER WINDOW", self.below(5))
    }

    /// The first row of each key, of all rows or by an order.
    pub(super) fn distinct_on(&mut self) -> String {
        let (key, item) = (self.key(), self.key());
        let condition = self.condition("WHERE");
        let order = match self.bare {
            true => self.ordering(2),
            false => String::new(),
        };
        let from = self.from();
        format!(
            "SELECT DISTINCT ON ({key}) {key} AS c0, {item} AS c1 FROM {from}{condition}{order}"
        )
    }
}
