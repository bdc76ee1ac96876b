//! GROUP BY ALL, UNION and EVERY where they are wrong, or ask for what is not built.

use super::errors::refused;
use crate::error::SqlErrorKind::{self, Bind, Parse, Plan, Unsupported};

/// Query, kind, part of the message or hint.
const WRONG: &[(&str, SqlErrorKind, &str)] = &[
    (
        "SELECT DISTINCT symbol FROM trades EMIT CHANGES EVERY 1s",
        Unsupported,
        "EVERY of SELECT DISTINCT",
    ),
    (
        "SELECT symbol FROM trades EMIT CHANGES EVERY 1s",
        Unsupported,
        "EVERY of rows without groups",
    ),
    (
        "SELECT LAG(price) OVER (PARTITION BY symbol ORDER BY ts) FROM trades EMIT CHANGES EVERY 1s",
        Unsupported,
        "EVERY of OVER",
    ),
    (
        "SELECT symbol, COUNT(*) FROM trades GROUP BY symbol WINDOW TUMBLING(1s) EMIT CHANGES EVERY 1s LATE DATA PROCESS",
        Unsupported,
        "corrections of closed windows",
    ),
    (
        "SELECT symbol FROM trades UNION SELECT symbol FROM live EMIT FINAL",
        Plan,
        "would never emit",
    ),
    (
        "SELECT symbol, size FROM trades UNION ALL SELECT symbol FROM trades",
        Bind,
        "the queries of a UNION have 2 and 1 columns",
    ),
    (
        "SELECT symbol AS s FROM trades UNION ALL SELECT size FROM trades",
        Bind,
        "column s: UNION: VARCHAR and BIGINT do not go together",
    ),
    (
        "SELECT symbol FROM live UNION ALL SELECT symbol FROM trades ORDER BY 1",
        Plan,
        "ORDER BY needs an input that ends",
    ),
    (
        "SELECT symbol FROM live LIMIT 2 UNION ALL SELECT symbol FROM trades",
        Plan,
        "LIMIT in a subquery or view needs an input that ends",
    ),
    (
        "SELECT COUNT(*) FROM (SELECT symbol FROM trades UNION ALL SELECT symbol FROM live) EMIT FINAL",
        Plan,
        "would never emit",
    ),
    ("SELECT symbol FROM trades UNION ALL", Parse, "SELECT"),
    ("SELECT symbol FROM trades UNION ALL live", Parse, "SELECT"),
    (
        "SELECT symbol FROM trades GROUP BY ALL, side",
        Parse,
        "no other key stands beside it",
    ),
    (
        "SELECT symbol, size + COUNT(*) FROM trades GROUP BY ALL",
        Bind,
        "size is neither in GROUP BY",
    ),
    (
        "SELECT MAX(size) AS most, most + 1 AS more FROM trades GROUP BY more",
        Bind,
        "column most does not exist",
    ),
];

#[test]
fn wrong_unions_and_groups_are_refused() {
    refused(WRONG);
}

#[test]
fn a_query_has_a_bounded_number_of_over_calls() {
    // Each row that a frame reaches ahead is a call of its own.
    let item = |at: usize| {
        format!(
            "SUM(size + {at}) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN CURRENT ROW AND 32 FOLLOWING)"
        )
    };
    let items: Vec<String> = (0..200).map(item).collect();
    let query = format!("SELECT {} FROM trades", items.join(", "));
    refused(&[(&query, Bind, "a query has at most 4096 OVER calls")]);
}
