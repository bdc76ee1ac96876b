//! Random queries, as text, over tables whose columns are known.

mod grouping;
mod lead;
mod order;
mod unnest;
mod whole;
mod windows;

use crate::data::{KINDS, Kind, NUMBERS, Table};
use crate::{frames, late, scalar, subquery, union};
use velo_tpc::sim::Random;

/// A sink, or stdout, and what it is sent.
pub struct Script {
    /// CREATE SINK statements and queries.
    pub text: String,
    /// Whether a keyless aggregate is among them, which needs many rows to be split.
    pub keyless: bool,
}

/// Makes one bare SELECT or up to three INSERTs over `tables`.
pub fn script(random: &mut Random, tables: &[Table]) -> Script {
    let names = ["t", "u"];
    let mut text = String::new();
    let mut keyless = false;
    let statements = if random.one_in(2) {
        1
    } else {
        1 + random.below(3)
    };
    let bare = statements == 1 && random.one_in(2);
    let mut last: Option<(String, u64)> = None;
    for index in 0..statements {
        if let Some((query, sink)) = &last
            && random.one_in(6)
        {
            text += &format!("INSERT INTO o{sink} {query};\n");
            continue;
        }
        let at = random.below(tables.len() as u64) as usize;
        let mut query = Query {
            random,
            columns: tables[at].columns.clone(),
            table: names[at],
            has_time: tables[at].has_time,
            bare,
            retracts: false,
            keyless: false,
        };
        let (sink, select) = late::with_table(&query.select(), index);
        keyless |= query.keyless;
        text += &sink;
        if bare {
            text += &format!("{select};\n");
            continue;
        }
        let mode = if query.retracts { "retract" } else { "append" };
        let null = ["", "NULL", "-"][random.below(3) as usize];
        text += &format!(
            "CREATE SINK o{index} WITH ('connector' = 'file', 'path' = 'o{index}.csv', 'format' = 'csv', \
             'csv.null' = '{null}', 'changelog.mode' = '{mode}');\nINSERT INTO o{index} {select};\n"
        );
        last = Some((select, index));
    }
    Script { text, keyless }
}

/// The last change of a group before each tick; the rows come some 40 ms apart.
const EVERY: &str = " EMIT CHANGES EVERY 700ms";

struct Query<'a> {
    random: &'a mut Random,
    columns: Vec<(&'static str, Kind)>,
    table: &'static str,
    has_time: bool,
    bare: bool,
    retracts: bool,
    keyless: bool,
}

impl Query<'_> {
    fn select(&mut self) -> String {
        match self.random.below(12) {
            0 | 1 if self.random.one_in(5) => self.unnest(),
            0 | 1 => self.stateless(),
            2 => self.distinct(),
            3 | 4 => self.grouped(),
            5..=7 if self.has_time => self.windowed(),
            8 => self.keyless(),
            9 => self.nested(),
            10 if self.random.one_in(5) => self.led(),
            10 => self.over(),
            11 if self.random.one_in(2) => self.whole(),
            11 => self.ranked(),
            _ => self.grouped(),
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.random.below(bound as u64) as usize
    }

    fn pick(&mut self, items: &[&str]) -> String {
        items[self.below(items.len())].to_owned()
    }

    /// The table, or a union of parts of it.
    fn from(&mut self) -> String {
        union::from(self.random, self.table, &self.columns, self.has_time)
    }

    fn stateless(&mut self) -> String {
        if self.random.one_in(4) {
            let items = self.items().join(", ");
            let conditions = [0; 3].map(|_| self.condition("WHERE"));
            return union::of(self.random, &items, self.table, &conditions);
        }
        let items = self.items();
        let tail = self.condition("WHERE") + &self.ordering(items.len());
        format!("SELECT {} FROM {}{tail}", items.join(", "), self.table)
    }

    fn distinct(&mut self) -> String {
        if self.random.one_in(4) {
            return self.distinct_on();
        }
        let count = 1 + self.below(2);
        let items: Vec<_> = (0..count)
            .map(|at| format!("{} AS c{at}", self.key()))
            .collect();
        let tail = self.condition("WHERE") + &self.ordering(count);
        format!(
            "SELECT DISTINCT {} FROM {}{tail}",
            items.join(", "),
            self.from()
        )
    }

    /// Selected expressions, each with a name.
    fn items(&mut self) -> Vec<String> {
        let count = 1 + self.below(4);
        (0..count)
            .map(|at| format!("{} AS c{at}", self.any(3)))
            .collect()
    }

    fn condition(&mut self, word: &str) -> String {
        match self.random.one_in(2) {
            true => format!(" {word} {}", self.boolean(2)),
            false => String::new(),
        }
    }

    /// Keys with their names, and how GROUP BY says them.
    fn keys(&mut self) -> (Vec<String>, Vec<String>) {
        let count = 1 + self.below(3);
        let mut items = Vec::new();
        let mut groups = Vec::new();
        let by_alias = self.random.one_in(2);
        for at in 0..count {
            let key = self.key();
            groups.push(if by_alias {
                format!("k{at}")
            } else {
                key.clone()
            });
            items.push(format!("{key} AS k{at}"));
        }
        (items, groups)
    }

    fn aggregates(&mut self) -> Vec<String> {
        let count = 1 + self.below(4);
        (0..count)
            .map(|at| format!("{} AS a{at}", self.aggregate()))
            .collect()
    }

    fn having(&mut self) -> String {
        if !self.random.one_in(4) {
            return String::new();
        }
        match self.below(3) {
            0 => " HAVING COUNT(*) > 2".to_owned(),
            1 => format!(" HAVING SUM({}) >= 3", self.number(1)),
            _ => format!(" HAVING MAX({}) IS NOT NULL", self.any(1)),
        }
    }

    fn grouped(&mut self) -> String {
        if self.random.one_in(6) {
            return self.grouping();
        }
        let (items, groups) = self.keys();
        let aggregates = self.aggregates();
        let mut tail = self.condition("WHERE");
        tail += &format!(" GROUP BY {}", groups.join(", "));
        tail += &self.having();
        tail += &if self.random.one_in(3) {
            match self.has_time {
                true => self.pick(&[" EMIT CHANGES", " EMIT FINAL", EVERY, late::EARLY[0]]),
                false => self.pick(&[" EMIT CHANGES", " EMIT FINAL"]),
            }
        } else if self.bare {
            self.ordering(items.len() + aggregates.len())
        } else {
            String::new()
        };
        let all = [items, aggregates].concat();
        format!("SELECT {} FROM {}{tail}", all.join(", "), self.from())
    }

    fn keyless(&mut self) -> String {
        self.keyless = true;
        let aggregates = self.aggregates();
        let mut tail = self.condition("WHERE");
        tail += &self.having();
        tail += &self.pick(&["", " EMIT FINAL", " EMIT FINAL", " EMIT CHANGES"]);
        format!(
            "SELECT {} FROM {}{tail}",
            aggregates.join(", "),
            self.from()
        )
    }

    fn windowed(&mut self) -> String {
        match self.below(10) {
            0 | 1 => return self.session(),
            2 => return self.bars(),
            3 => return self.filled(),
            _ => {}
        }
        let (mut items, mut groups) = self.keys();
        if self.random.one_in(4) {
            items.clear();
            groups.clear();
            self.keyless = true;
        }
        groups.extend(["window_start".to_owned(), "window_end".to_owned()]);
        items.extend(["window_start".to_owned(), "window_end".to_owned()]);
        let window = self.window();
        let aggregates = self.aggregates();
        let mut tail = self.condition("WHERE");
        tail += &format!(" GROUP BY {}", groups.join(", "));
        tail += &self.having();
        if self.random.one_in(4) {
            tail += &self.pick(&[EVERY, late::EARLY[0], late::EARLY[1], late::EARLY[2]]);
        } else if self.random.one_in(4) {
            tail += &self.per_window(items.len() + aggregates.len());
            tail += &self.pick(&late::OF_WINDOW);
        } else {
            tail += &self.pick(&["", "", " EMIT FINAL", " EMIT CHANGES"]);
            tail += &self.late();
        }
        let all = [items, aggregates].concat();
        format!("SELECT {} FROM {window}{tail}", all.join(", "),)
    }

    fn late(&mut self) -> String {
        match self.below(3) {
            0 if !self.bare => {
                self.retracts = true;
                let into = self.pick(&["", "", " INTO $late"]);
                format!(" LATE DATA PROCESS{into}")
            }
            1 => self.pick(&late::OF_WINDOW),
            _ => String::new(),
        }
    }

    /// A second key through the exchange.
    fn nested(&mut self) -> String {
        if self.has_time && self.random.one_in(4) {
            return self.of_bars();
        }
        let (items, groups) = self.keys();
        let inner_aggregates = self.aggregates();
        let condition = self.condition("WHERE");
        let outer_key = self.pick(&["k0", "a0", "a0"]);
        let call = self.pick(&[
            "COUNT(*)",
            "COUNT(a0)",
            "MIN(a0)",
            "MAX(k0)",
            "LAST(a0)",
            "COUNT(DISTINCT k0)",
        ]);
        // What is made of others has no order.
        let is_made = |made: &&str| items[0].contains(made);
        let call = match call.as_str() {
            "MAX(k0)" if ["ARRAY", "ROW", "MAP"].iter().any(is_made) => "LAST(k0)".to_owned(),
            _ => call,
        };
        if self.has_time && self.random.one_in(2) {
            let all = [items, inner_aggregates].concat().join(", ");
            let groups = groups.join(", ");
            let best = match self.random.one_in(4) {
                true => self.per_window(2),
                false => String::new(),
            };
            let inner = format!(
                "SELECT {all}, window_start, window_end, window_time FROM {}{condition} \
                 GROUP BY {groups}, window_start, window_end{best}",
                self.window()
            );
            let outer = self.pick(&[
                "TUMBLE(TABLE s, DESCRIPTOR(window_time), INTERVAL '5' SECOND)",
                "HOP(TABLE s, DESCRIPTOR(window_time), INTERVAL '2' SECOND, INTERVAL '5' SECOND)",
                "CUMULATE(TABLE s, DESCRIPTOR(window_time), INTERVAL '2' SECOND, INTERVAL '6' SECOND)",
            ]);
            let fill = self.pick(&["", "", " FILL(PREV)"]);
            return match self.below(3) {
                0 => format!(
                    "SELECT {outer_key}, window_start, {call} AS o FROM ({inner}) \
                     GROUP BY {outer_key}, window_start, window_end{fill}"
                ),
                1 => format!(
                    "WITH s AS ({inner}) SELECT {outer_key}, window_start, {call} AS o FROM {outer} \
                     GROUP BY {outer_key}, window_start, window_end"
                ),
                _ => format!("SELECT {call} AS o FROM ({inner}) EMIT FINAL"),
            };
        }
        let inner = format!(
            "SELECT {} FROM {}{condition} GROUP BY {}",
            [items, inner_aggregates].concat().join(", "),
            self.table,
            groups.join(", ")
        );
        match self.below(3) {
            0 => format!("SELECT {call} AS o FROM ({inner}) EMIT FINAL"),
            _ => format!(
                "SELECT {outer_key}, {call} AS o FROM ({inner}) GROUP BY {outer_key} EMIT FINAL"
            ),
        }
    }

    fn over(&mut self) -> String {
        let keys = ["k", "k", "g", "f", "d", "x", "i", "k, f"];
        let key = self.pick(&keys);
        let order = if self.has_time { " ORDER BY ts" } else { "" };
        let mut items = vec!["k AS c0".to_owned()];
        for at in 0..1 + self.below(4) {
            // Now and then another key, behind an exchange.
            let key = match self.random.one_in(5) {
                true => self.pick(&keys),
                false => key.clone(),
            };
            let window = format!("PARTITION BY {key}{order}");
            let (call, is_framed) = self.over_call();
            let frame = match is_framed {
                true => frames::frame(self.random, self.has_time),
                false => String::new(),
            };
            items.push(format!("{call} OVER ({window}{frame}) AS o{at}"));
        }
        let mut tail = self.condition("WHERE");
        if self.has_time && self.random.one_in(3) {
            let late = self.pick(&late::OF_SORT);
            tail += &format!(" EMIT FINAL{late}");
        }
        format!("SELECT {} FROM {}{tail}", items.join(", "), self.from())
    }

    /// Ranks of whole partitions, at the end or when a window closes, and top-N.
    fn ranked(&mut self) -> String {
        let windowed = self.has_time && self.random.one_in(3);
        let mut order = Vec::new();
        for _ in 0..1 + self.below(2) {
            let by = if windowed {
                self.pick(&["a0", "k0", "a0 IS NULL"])
            } else {
                self.any(1)
            };
            let direction = self.pick(&["", " DESC", " DESC", " ASC NULLS FIRST"]);
            order.push(by + &direction);
        }
        let key = match windowed {
            true => self.pick(&["window_start", "window_start, window_end", "k0"]),
            false => self.pick(&["k", "g", "f", "x", "k, f"]),
        };
        let window = match self.random.one_in(6) && !windowed {
            true => format!("ORDER BY {}", order.join(", ")),
            false => format!("PARTITION BY {key} ORDER BY {}", order.join(", ")),
        };
        let calls = [
            "ROW_NUMBER()",
            "RANK()",
            "DENSE_RANK()",
            "PERCENT_RANK()",
            "CUME_DIST()",
            "NTILE(3)",
            if windowed { "LEAD(a0)" } else { "LEAD(k, 2)" },
            if windowed { "LAG(k0, 2)" } else { "LAG(b)" },
        ];
        // Top-N is by places that no later row changes.
        let top = self.random.one_in(2);
        let mut items = vec!["ROW_NUMBER() OVER w AS n".to_owned()];
        for at in 0..self.below(3) {
            let call = self.pick(if top { &calls[..3] } else { &calls });
            items.push(format!("{call} OVER w AS r{at}"));
        }
        let condition = match top {
            true => self.pick(&["n <= 2", "n = 1", "3 > n", "n < 3 AND n <> 1"]),
            false => self.pick(&["n > 0", "n <> 2"]),
        };
        let (from, items) = if windowed {
            let (keys, groups) = self.keys();
            let aggregates = self.aggregates();
            let from = format!(
                "(SELECT {}, {}, window_start, window_end FROM TUMBLE(TABLE {}, DESCRIPTOR(ts), INTERVAL '1' SECOND) \
                 GROUP BY {}, window_start, window_end)",
                keys.join(", "),
                aggregates.join(", "),
                self.table,
                groups.join(", ")
            );
            (from, format!("k0, a0, window_start, {}", items.join(", ")))
        } else {
            let filter = self.condition("WHERE");
            (
                format!("{}{filter}", self.table),
                format!("k, b, {}", items.join(", ")),
            )
        };
        let inner = format!("SELECT {items} FROM {from} WINDOW w AS ({window})");
        match self.below(3) {
            0 => inner,
            1 => format!("{inner} QUALIFY {condition}"),
            _ => format!("SELECT * FROM ({inner}) WHERE {condition}"),
        }
    }

    /// A call and whether it looks at a frame.
    fn over_call(&mut self) -> (String, bool) {
        let number = self.number(1);
        let any = self.any(1);
        let call = match self.below(22) {
            17..=19 => self.frame_aggregate(),
            20 | 21 => self.ordered_aggregate(),
            0 => format!("SUM({number})"),
            1 => format!("AVG({number})"),
            2 => format!("COUNT({any})"),
            3 => format!("MIN({any})"),
            4 => format!("MAX({any})"),
            5 => format!("FIRST({any})"),
            6 => format!("LAST({any})"),
            7 => format!("FIRST_VALUE({any})"),
            8 => format!("LAST_VALUE({any})"),
            9 => format!("NTH_VALUE({any}, {})", 1 + self.below(3)),
            10 => self.pick(&["VWAP(p, b)", "VWAP(x, i)", "VWAP(d, b)"]),
            11 => "COUNT(*)".to_owned(),
            12 => {
                let filter = self.boolean(1);
                self.pick(&["SUM(d)", "COUNT(*)", "MAX(k)", "AVG(x)"])
                    + &format!(" FILTER (WHERE {filter})")
            }
            13 => {
                let lag = self.pick(&["k", "b", "x", "d", "w", "ts", "g"]);
                let look = self.pick(&["LAG", "LEAD"]);
                return (format!("{look}({lag}, {})", self.below(4)), false);
            }
            14 if self.has_time => return (self.pick(&["RANK()", "DENSE_RANK()"]), false),
            _ => return ("ROW_NUMBER()".to_owned(), false),
        };
        (call, true)
    }

    fn frame_aggregate(&mut self) -> String {
        let arguments = frames::Arguments {
            numbers: [self.number(1), self.number(1)],
            anything: [self.any(1), self.any(1)],
            condition: self.boolean(1),
            text: self.text(1),
        };
        frames::aggregate(self.random, &arguments)
    }

    fn aggregate(&mut self) -> String {
        let number = self.number(2);
        let call = match self.below(20) {
            0 => "COUNT(*)".to_owned(),
            1 => format!("COUNT({})", self.any(1)),
            2 => format!("COUNT(DISTINCT {})", self.any(1)),
            3 | 4 => format!("SUM({number})"),
            5 => format!("SUM(DISTINCT {number})"),
            6 => format!("AVG({number})"),
            7 => format!("MIN({})", self.any(1)),
            8 => format!("MAX({})", self.any(1)),
            9 => format!("FIRST({})", self.any(1)),
            10 => format!("LAST({})", self.any(1)),
            11 => format!(
                "{}({}, {})",
                self.pick(&["ARG_MIN", "MAX_BY"]),
                self.any(1),
                self.any(1)
            ),
            12 => format!(
                "{}({})",
                self.pick(&["BOOL_AND", "BOOL_OR"]),
                self.boolean(1)
            ),
            13 | 14 => {
                let function = self.pick(&[
                    "STDDEV",
                    "STDDEV_POP",
                    "VARIANCE",
                    "VAR_POP",
                    "SKEWNESS",
                    "KURTOSIS",
                ]);
                let distinct = self.pick(&["", "", "", "DISTINCT "]);
                format!("{function}({distinct}{number})")
            }
            15 => {
                let function = self.pick(&[
                    "CORR",
                    "COVAR_SAMP",
                    "COVAR_POP",
                    "REGR_SLOPE",
                    "REGR_INTERCEPT",
                    "REGR_R2",
                    "IMBALANCE",
                ]);
                format!("{function}({number}, {})", self.number(1))
            }
            16 => self.ordered_aggregate(),
            17 | 18 => self.grown_aggregate(),
            _ => self.pick(&[
                "VWAP(p, b)",
                "VWAP(DISTINCT p, b)",
                "VWAP(x, i)",
                "VWAP(d, b)",
                "AVG(DISTINCT d)",
                "VWAP(p, d)",
            ]),
        };
        if self.random.one_in(5) {
            format!("{call} FILTER (WHERE {})", self.boolean(1))
        } else {
            call
        }
    }

    /// An aggregate whose state has no fixed size.
    fn grown_aggregate(&mut self) -> String {
        let number = self.number(1);
        let share = self.pick(&["0", "0.1", "0.5", "0.99", "1"]);
        match self.below(9) {
            0 => format!("MEDIAN({number})"),
            1 => format!("PERCENTILE_CONT({share}) WITHIN GROUP (ORDER BY {number})"),
            2 => format!("PERCENTILE_CONT(DISTINCT {number}, {share})"),
            3 => format!("PERCENTILE_DISC({number}, {share})"),
            4 => format!("MODE({})", self.any(1)),
            5 => format!("APPROX_PERCENTILE({number}, {share})"),
            6 => format!("APPROX_COUNT_DISTINCT({})", self.any(1)),
            7 => scalar::nested_aggregate(self.random, &number, &self.columns),
            _ => format!("STRING_AGG({}, '|')", self.text(1)),
        }
    }

    /// An aggregate of neighbouring rows, or of times.
    fn ordered_aggregate(&mut self) -> String {
        let number = self.number(1);
        let time = self.column(&[Kind::Timestamp]);
        match self.below(7) {
            0 => format!("EMA({number}, {})", self.pick(&["0.3", "1", "5", "0.125"])),
            1 => format!("TWAP({number}, {time})"),
            2 => format!("REALIZED_VOL(ABS({number}) + 1)"),
            3 => format!("MAX_DRAWDOWN({number})"),
            4 => format!("RATE({time})"),
            5 => format!("DELTA({time})"),
            _ => format!("DELTA({number})"),
        }
    }

    fn key(&mut self) -> String {
        match self.below(12) {
            0..=3 => "k".to_owned(),
            4 => self.pick(&["UPPER(g)", "SUBSTRING(g FROM 1 FOR 2)", "k || '-'", "g"]),
            5 => self.pick(&["i % 3", "b / 4", "ABS(i)", "i"]),
            6 => self.pick(&["d", "p", "w", "d * 2", "ROUND(d, 0)"]),
            7 => self.pick(&["x", "FLOOR(x)", "CAST(d AS DOUBLE)", "r", "r * 2"]),
            8 => "f".to_owned(),
            9 => scalar::key(self.random),
            10 => self.pick(&["DATE_TRUNC('second', ts)", "EXTRACT(HOUR FROM at)", "at"]),
            _ => self.pick(&[
                "CASE WHEN b > 3 THEN 'big' WHEN b < 0 THEN 'small' END",
                "COALESCE(k, g)",
                "b > 2",
                "CAST(i AS VARCHAR)",
            ]),
        }
    }

    fn column(&mut self, wanted: &[Kind]) -> String {
        let fit: Vec<_> = self
            .columns
            .iter()
            .filter(|column| wanted.contains(&column.1))
            .map(|column| column.0)
            .collect();
        self.pick(&fit)
    }

    /// An expression of any type.
    fn any(&mut self, depth: u32) -> String {
        match self.below(6) {
            0 | 1 => self.number(depth),
            2 => self.text(depth),
            3 => self.boolean(depth),
            4 => self.time(depth),
            _ => self.column(&KINDS),
        }
    }

    fn number(&mut self, depth: u32) -> String {
        if depth == 0 {
            return match self.below(5) {
                0 => self.pick(&["1", "2", "0", "-3", "1.5", "0.001", "1e3", "100000", "2.50"]),
                _ => self.column(&NUMBERS),
            };
        }
        let a = self.number(depth - 1);
        match self.below(15) {
            14 => {
                let (b, text) = (self.number(depth - 1), self.text(depth - 1));
                scalar::number(self.random, &a, &b, &text)
            }
            0..=4 => a,
            5 | 6 => {
                let b = self.number(depth - 1);
                let op = self.pick(&["+", "-", "*", "/", "%"]);
                format!("({a} {op} {b})")
            }
            7 => self.pick(&["ABS(", "CEIL(", "FLOOR(", "ROUND(", "-("]) + &a + ")",
            8 => format!(
                "CASE WHEN {} THEN {a} ELSE {} END",
                self.boolean(depth - 1),
                self.number(depth - 1)
            ),
            9 => {
                let ty = self.pick(&[
                    "INT",
                    "BIGINT",
                    "DOUBLE",
                    "REAL",
                    "DECIMAL(9,2)",
                    "DECIMAL(30,10)",
                    "DECIMAL(18,6)",
                ]);
                let word = self.pick(&["CAST", "TRY_CAST"]);
                format!("{word}({a} AS {ty})")
            }
            10 => format!("COALESCE({a}, {})", self.number(depth - 1)),
            11 => format!(
                "{}({a}, {})",
                self.pick(&["GREATEST", "LEAST"]),
                self.number(depth - 1)
            ),
            12 => format!("CHAR_LENGTH({})", self.text(depth - 1)),
            _ => format!("NULLIF({a}, {})", self.number(depth - 1)),
        }
    }

    fn text(&mut self, depth: u32) -> String {
        if depth == 0 {
            return match self.below(4) {
                0 => self.pick(&["'a'", "'größe'", "'it''s'", "''"]),
                _ => self.column(&[Kind::Text]),
            };
        }
        let a = self.text(depth - 1);
        match self.below(9) {
            8 => {
                let number = self.number(depth - 1);
                scalar::text(self.random, &a, &number)
            }
            0..=2 => a,
            3 => self.pick(&["UPPER(", "LOWER(", "TRIM("]) + &a + ")",
            4 => format!("({a} || {})", self.text(depth - 1)),
            5 => format!(
                "SUBSTRING({a} FROM {} FOR {})",
                1 + self.below(3),
                self.below(5)
            ),
            6 => format!("CAST({} AS VARCHAR)", self.any(depth - 1)),
            _ => format!("CASE WHEN {} THEN {a} END", self.boolean(depth - 1)),
        }
    }

    fn time(&mut self, depth: u32) -> String {
        let a = match self.knows_watermark() && self.random.one_in(4) {
            true => "CURRENT_WATERMARK(ts)".to_owned(),
            false => self.column(&[Kind::Timestamp]),
        };
        match self.below(if depth == 0 { 2 } else { 9 }) {
            6 => scalar::time(self.random, &a),
            7 | 8 => scalar::time_of_day(self.random, &a),
            0 | 1 => a,
            2 => format!("({a} {} INTERVAL '90' SECOND)", self.pick(&["+", "-"])),
            3 => format!(
                "DATE_TRUNC('{}', {a})",
                self.pick(&["minute", "hour", "day", "month"])
            ),
            4 => format!("CAST({a} AS DATE)"),
            _ => format!(
                "EXTRACT({} FROM {a})",
                self.pick(&["HOUR", "DOW", "YEAR", "SECOND"])
            ),
        }
    }

    /// Whether the table is read itself, and has a watermark.
    fn knows_watermark(&self) -> bool {
        self.columns
            .iter()
            .any(|column| column.0 == "CURRENT_WATERMARK")
    }

    fn boolean(&mut self, depth: u32) -> String {
        let below = depth.saturating_sub(1);
        let a = self.number(below);
        match self.below(if depth == 0 { 5 } else { 14 }) {
            12 if self.knows_watermark() => {
                let op = self.pick(&["<", ">=", "IS DISTINCT FROM"]);
                format!("ts {op} CURRENT_WATERMARK")
            }
            12 => scalar::typed(self.random),
            13 => subquery::condition(self.random, self.table, &a),
            11 => {
                let text = self.text(below);
                scalar::boolean(self.random, &text)
            }
            0 => "f".to_owned(),
            1 | 2 => format!(
                "{a} {} {}",
                self.pick(&["=", "<>", "<", "<=", ">", ">="]),
                self.number(below)
            ),
            3 => format!("{} IS {}NULL", self.any(below), self.pick(&["", "NOT "])),
            4 => format!("{} {} 'S3'", self.text(below), self.pick(&["=", "<", ">="])),
            5 | 6 => format!(
                "({} {} {})",
                self.boolean(below),
                self.pick(&["AND", "OR"]),
                self.boolean(below)
            ),
            7 => format!("NOT ({})", self.boolean(below)),
            8 => format!(
                "{} {}IN ('S0', 'S1', 't2', 'größer')",
                self.text(below),
                self.pick(&["", "NOT "])
            ),
            9 => format!(
                "{} LIKE '{}'",
                self.text(below),
                self.pick(&["S%", "%o%", "_1", "%ö%"])
            ),
            _ => format!(
                "{a} {}BETWEEN 0 AND {}",
                self.pick(&["", "NOT "]),
                self.number(below)
            ),
        }
    }
}
