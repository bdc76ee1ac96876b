//! Names, aliases, positions, wildcards, CTEs and views.

use super::{aggregate, check, job, operators, run, shape};
use crate::plan::OperatorPlan;

fn columns(sql: &str) -> String {
    let job = job(sql);
    check(&job);
    let names: Vec<String> = job.statements[0]
        .output
        .fields
        .iter()
        .map(|field| field.name.clone())
        .collect();
    names.join(",")
}

#[test]
fn result_columns_are_named() {
    let cases = [
        (
            "SELECT * FROM trades;",
            "ts,symbol,price,size,side,notional",
        ),
        (
            "SELECT t.*, size AS n FROM trades AS t;",
            "ts,symbol,price,size,side,notional,n",
        ),
        ("SELECT SYMBOL, t.Price FROM trades t;", "SYMBOL,Price"),
        (
            "SELECT COUNT(*), AVG(price) avg_price FROM trades;",
            "count(*),avg_price",
        ),
        ("SELECT price * 2 FROM trades;", "price * 2"),
        ("SELECT \"symbol\" FROM trades;", "symbol"),
    ];
    for (sql, expected) in cases {
        assert_eq!(columns(sql), expected, "{sql}");
    }
}

#[test]
fn aliases_are_reused() {
    let job = job("SELECT price * size AS v, v * 2 AS w, w + v AS z FROM trades WHERE size > 0;");
    check(&job);
    assert!(run("SELECT price * size AS v FROM trades WHERE v > 1;").is_err());
    assert_eq!(
        shape("SELECT symbol, COUNT(*) AS n FROM trades GROUP BY symbol HAVING n > 1;"),
        "hash aggregate filter"
    );
}

#[test]
fn keys_are_named_in_any_way() {
    for sql in [
        "SELECT symbol, side, COUNT(*) FROM trades GROUP BY symbol, side;",
        "SELECT symbol, side, COUNT(*) FROM trades GROUP BY 1, 2;",
        "SELECT symbol AS s, side AS d, COUNT(*) FROM trades GROUP BY s, d;",
        "SELECT symbol, side, COUNT(*) FROM trades t GROUP BY t.symbol, trades.side;",
    ] {
        if sql.contains("trades.side") {
            assert!(run(sql).is_err(), "an alias hides the table's name");
            continue;
        }
        assert_eq!(shape(sql), "hash aggregate", "{sql}");
        assert_eq!(aggregate(&job(sql)).keys.len(), 2, "{sql}");
    }
}

#[test]
fn expressions_of_keys_and_aggregates_are_computed_behind() {
    let sql =
        "SELECT UPPER(symbol) || '!', SUM(size) / COUNT(*) + 1 FROM trades GROUP BY UPPER(symbol)
        HAVING MAX(price) > 10 AND UPPER(symbol) <> 'X';";
    assert_eq!(shape(sql), "hash aggregate filter project");
    let job = job(sql);
    check(&job);
    assert_eq!(aggregate(&job).aggregates.len(), 3);
}

#[test]
fn equal_aggregates_are_computed_once() {
    let job = job(
        "SELECT SUM(size), SUM(size) * 2, SUM(size) FILTER (WHERE side = 'B') FROM trades HAVING SUM(size) > 1;",
    );
    check(&job);
    assert_eq!(aggregate(&job).aggregates.len(), 2);
}

#[test]
fn views_and_ctes_nest() {
    let sql = "CREATE VIEW v AS SELECT symbol AS s, price FROM trades WHERE price > 1;
        CREATE VIEW w AS SELECT s, price * 2 AS p FROM v WHERE price < 9;
        WITH c AS (SELECT s, p FROM w), d AS (SELECT * FROM c) SELECT s, MAX(p) FROM d GROUP BY s;";
    assert_eq!(shape(sql), "hash filter aggregate");
    check(&job(sql));
    // A CTE hides a table, and sees only those before it.
    let sql = "WITH trades AS (SELECT symbol FROM trades) SELECT * FROM trades;";
    assert_eq!(columns(sql), "symbol");
}

#[test]
fn computed_columns_are_expanded() {
    let job = job("SELECT SUM(notional) FROM trades WHERE notional > 5;");
    check(&job);
    let OperatorPlan::Filter { predicate } = operators(&job)[0] else {
        panic!("a filter");
    };
    let mut read = Vec::new();
    predicate.columns(&mut read);
    assert_eq!(read, [2, 3]);
}

#[test]
fn limits_end_the_statement() {
    let job = job("SELECT symbol FROM live LIMIT 10;");
    assert_eq!(job.statements[0].limit, Some(10));
    assert_eq!(
        run("SELECT symbol FROM trades LIMIT 0;")
            .expect("compiles")
            .job
            .expect("a job")
            .statements[0]
            .limit,
        Some(0)
    );
}

#[test]
fn files_are_tables() {
    let job = job("SELECT trades.symbol, price FROM 'trades.csv' WHERE size > 1;");
    check(&job);
    assert_eq!(job.sources[0].name, "trades.csv");
}

#[test]
fn nothing_to_run_is_no_job() {
    assert!(run("").expect("compiles").job.is_none());
    assert!(run("SHOW TABLES;").expect("compiles").job.is_none());
}

#[test]
fn long_chains_and_deep_aliases_end_in_an_error_or_a_plan() {
    let chain = vec!["size > 1"; 2000].join(" AND ");
    check(&job(&format!("SELECT symbol FROM trades WHERE {chain};")));
    let sum = vec!["size"; 150].join(" + ");
    check(&job(&format!("SELECT {sum} FROM trades;")));
    let long_sum = vec!["size"; 5000].join(" + ");
    assert!(run(&format!("SELECT {long_sum} FROM trades;")).is_err());
    // Every alias doubles the one before it.
    let mut items = vec!["size AS a0".to_owned()];
    items.extend((1..40).map(|n| format!("a{} + a{} AS a{n}", n - 1, n - 1)));
    let error = run(&format!("SELECT {} FROM trades;", items.join(", "))).expect_err("too large");
    assert!(error.message.contains("nodes"), "{}", error.message);
    let mut items = vec!["size AS a0".to_owned()];
    items.extend((1..500).map(|n| format!("a{} + 1 AS a{n}", n - 1)));
    let error = run(&format!("SELECT {} FROM trades;", items.join(", "))).expect_err("too deep");
    assert!(error.message.contains("levels"), "{}", error.message);
    let mut views = String::from("CREATE VIEW v0 AS SELECT size FROM trades;");
    for n in 1..60 {
        views.push_str(&format!("CREATE VIEW v{n} AS SELECT size FROM v{};", n - 1));
    }
    let error = run(&views).expect_err("too deep");
    assert!(error.message.contains("nest deeper"), "{}", error.message);
}
