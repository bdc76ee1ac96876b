//! Plan shapes of the scenarios, and how routes are chosen and shared.

use super::{aggregate, check, job, last, operators, overs, projection, run, shape};
use crate::plan::{
    AggregateKind, AggregateMode, Emission, Expr, LatePolicy, OperatorPlan, OverFrame,
    OverFunction, Strategy, WindowPlan,
};
use crate::types::DataType;

const SECOND: i64 = 1_000_000_000;

#[test]
fn s0_is_a_filter_and_a_projection() {
    let sql = "SELECT symbol, price, size FROM trades WHERE size > 500;";
    assert_eq!(shape(sql), "round_robin filter project");
    let job = job(sql);
    check(&job);
    let (statement, route) = last(&job);
    assert!(route.key.is_empty() && !route.needs_hash);
    assert_eq!(statement.name, "select");
    assert_eq!(job.sinks[0].name, "stdout");
}

#[test]
fn s1_is_one_over_operator_by_symbol() {
    let sql = "INSERT INTO out SELECT symbol, price,
        AVG(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 99 PRECEDING AND CURRENT ROW) a,
        SUM(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 99 PRECEDING AND CURRENT ROW) s,
        MIN(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 99 PRECEDING AND CURRENT ROW) lo,
        LAG(price, 2) OVER (PARTITION BY symbol ORDER BY ts) before
        FROM trades;";
    assert_eq!(shape(sql), "hash over project");
    let job = job(sql);
    check(&job);
    let plan = overs(&job)[0];
    assert!(plan.hash_is_routed);
    assert_eq!(plan.calls.len(), 4);
    assert_eq!(
        plan.calls[0].frame,
        OverFrame::Rows {
            preceding: Some(99),
            until: 0
        }
    );
    assert!(matches!(
        plan.calls[3].function,
        OverFunction::Lag { offset: 2, .. }
    ));
    assert_eq!(plan.calls[0].ty, DataType::decimal(38, 6));
}

#[test]
fn frames_are_taken_as_rows_come_or_whole() {
    let shape_of = |window: &str| {
        shape(&format!(
            "SELECT SUM(size) OVER (PARTITION BY symbol{window}) FROM trades;"
        ))
    };
    for running in [
        " ORDER BY ts",
        " ORDER BY ts GROUPS UNBOUNDED PRECEDING",
        " ORDER BY ts RANGE BETWEEN INTERVAL '2' SECOND PRECEDING AND INTERVAL '1' SECOND PRECEDING",
        " ROWS 2 PRECEDING",
    ] {
        assert_eq!(shape_of(running), "hash over project", "{running}");
    }
    let ahead = " ORDER BY ts ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING";
    assert_eq!(shape_of(ahead), "hash over lead project");
    for whole in [
        "",
        " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
        " ORDER BY ts DESC",
        " ORDER BY ts NULLS FIRST ROWS 2 PRECEDING",
        " ORDER BY ts, size",
        " ORDER BY price ROWS 2 PRECEDING",
        " ORDER BY ts ROWS BETWEEN CURRENT ROW AND 33 FOLLOWING",
        " ORDER BY ts GROUPS 1 PRECEDING",
        " ORDER BY ts RANGE BETWEEN CURRENT ROW AND INTERVAL '1' SECOND FOLLOWING",
        " ORDER BY size RANGE 5 PRECEDING",
    ] {
        assert_eq!(shape_of(whole), "hash ranked project", "{whole}");
    }
}

const AGGREGATES: &str = "COUNT(*), SUM(size), AVG(price), MIN(price), MAX(price)";

#[test]
fn s2_is_a_keyed_aggregate() {
    let sql = format!("SELECT symbol, {AGGREGATES} FROM trades GROUP BY symbol;");
    assert_eq!(shape(&sql), "hash aggregate");
    let job = job(&sql);
    check(&job);
    let (_, route) = last(&job);
    assert_eq!(
        route.key,
        [Expr::Column {
            index: 1,
            ty: DataType::Varchar
        }]
    );
    assert!(route.needs_hash);
    let plan = aggregate(&job);
    assert!(plan.hash_is_routed);
    assert_eq!(plan.emission, Emission::Final);
    let kinds: Vec<_> = plan.aggregates.iter().map(|call| call.kind).collect();
    use AggregateKind::{Avg, CountRows, Max, Min, Sum};
    assert_eq!(kinds, [CountRows, Sum, Avg, Min, Max]);
}

#[test]
fn s2_in_an_insert_emits_changes() {
    let job = job(&format!(
        "INSERT INTO out SELECT symbol, {AGGREGATES} FROM trades GROUP BY symbol;"
    ));
    assert_eq!(aggregate(&job).emission, Emission::Changes);
    assert!(!job.statements[0].changelog);
}

#[test]
fn s3_is_a_window_behind_a_late_filter() {
    let sql = |emit: &str| {
        format!(
            "INSERT INTO out SELECT symbol, window_start, window_end, {AGGREGATES}
             FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND)
             GROUP BY window_start, window_end, symbol {emit};"
        )
    };
    assert_eq!(shape(&sql("")), "hash late aggregate");
    let finals = job(&sql(""));
    check(&finals);
    let plan = aggregate(&finals);
    assert_eq!(
        plan.window,
        Some(WindowPlan::Tumble {
            size_ns: SECOND,
            offset_ns: 0
        })
    );
    assert_eq!(plan.keys.len(), 1);
    assert_eq!(plan.emission, Emission::Final);
    assert_eq!(plan.late, LatePolicy::Drop);
    assert_eq!(finals.watermark_grid.period_ns, SECOND);
    let changes = job(&sql("EMIT CHANGES"));
    check(&changes);
    assert_eq!(aggregate(&changes).emission, Emission::Changes);
}

#[test]
fn the_scenarios_of_the_generator_plan() {
    let tables =
        "CREATE TABLE orders WITH ('connector' = 'generator', 'kind' = 'orders', 'rows' = '1000');
        CREATE TABLE market_data (symbol VARCHAR, price DOUBLE, quantity BIGINT, trader_id VARCHAR,
          timestamp TIMESTAMP, trade_time TIMESTAMP, WATERMARK FOR trade_time AS trade_time)
          WITH ('connector' = 'generator', 'kind' = 'market_data', 'rows' = '1000');";
    let shape = |sql: &str| {
        let text = format!("{tables}{sql}");
        check(&job(&text));
        shape(&text)
    };
    assert_eq!(
        shape(
            "SELECT order_id, customer_id, order_date, total_amount FROM orders WHERE total_amount > 100;"
        ),
        "round_robin filter"
    );
    assert_eq!(
        shape(
            "SELECT symbol, price, AVG(price) OVER (ROWS WINDOW BUFFER 100 ROWS PARTITION BY symbol ORDER BY timestamp) AS moving_avg FROM market_data;"
        ),
        "hash over project"
    );
    assert_eq!(
        shape(
            "SELECT symbol, COUNT(*), AVG(price), MIN(price), MAX(price), SUM(quantity) FROM market_data GROUP BY symbol;"
        ),
        "hash aggregate"
    );
    let v3 = "SELECT trader_id, symbol, COUNT(*), AVG(price), SUM(quantity), SUM(price * quantity) FROM market_data
        GROUP BY trader_id, symbol WINDOW TUMBLING(trade_time, INTERVAL '1' MINUTE)";
    assert_eq!(shape(&format!("{v3};")), "hash late aggregate project");
    let text = format!("{tables}{v3} EMIT CHANGES;");
    let changes = job(&text);
    assert_eq!(aggregate(&changes).emission, Emission::Changes);
    assert_eq!(aggregate(&changes).keys.len(), 2);
    assert!(aggregate(&changes).hash_is_routed);
    assert_eq!(projection(&changes).len(), 6);
}

#[test]
fn keyless_aggregates_are_split_by_blocks() {
    let sql = "SELECT COUNT(*), SUM(size) FROM trades WHERE size > 1 HAVING COUNT(*) > 0;";
    assert_eq!(
        shape(sql),
        "blocks filter partial | exchange(0) combine filter"
    );
    check(&job(sql));
    let windowed = "SELECT window_end, COUNT(*) FROM TUMBLE(trades, ts, INTERVAL '1' SECOND) GROUP BY window_start, window_end;";
    assert_eq!(
        shape(windowed),
        "blocks late partial | exchange(0) combine project"
    );
}

#[test]
fn what_cannot_be_split_fans_in() {
    for sql in [
        "SELECT COUNT(DISTINCT symbol) FROM trades;",
        "SELECT FIRST(price), LAST(price) FROM trades;",
        "SELECT COUNT(*) FROM trades EMIT CHANGES;",
        "INSERT INTO out SELECT COUNT(*) FROM trades;",
    ] {
        assert_eq!(shape(sql), "fan_in aggregate", "{sql}");
        assert_eq!(aggregate(&job(sql)).mode, AggregateMode::Complete);
    }
}

#[test]
fn a_second_key_is_an_exchange() {
    let sql = "SELECT side, SUM(n) FROM (
        SELECT symbol, side, window_start, window_end, COUNT(*) n
        FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND)
        GROUP BY symbol, side, window_start, window_end) GROUP BY side;";
    assert_eq!(shape(sql), "hash late aggregate | exchange(1) aggregate");
    check(&job(sql));
    let job = job(sql);
    let (statement, _) = last(&job);
    let OperatorPlan::Aggregate(second) = &statement.stages[1].operators[0] else {
        panic!("an aggregate");
    };
    assert!(second.hash_is_routed);
}

#[test]
fn a_key_that_holds_the_first_needs_no_exchange() {
    let sql = "SELECT symbol, n, COUNT(*) FROM (
        SELECT symbol, window_start, window_end, COUNT(*) n
        FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND)
        GROUP BY symbol, window_start, window_end) GROUP BY symbol, n;";
    assert_eq!(shape(sql), "hash late aggregate aggregate");
    let job = job(sql);
    check(&job);
    let OperatorPlan::Aggregate(second) = operators(&job)[2] else {
        panic!("an aggregate");
    };
    assert!(!second.hash_is_routed);
}

#[test]
fn exchanges_carry_only_what_is_read() {
    let sql = "INSERT INTO out SELECT side, SUM(lagged) FROM (
        SELECT side, LAG(size) OVER (PARTITION BY symbol ORDER BY ts) lagged FROM trades) GROUP BY side EMIT CHANGES;";
    assert_eq!(shape(sql), "hash over project | exchange(1) aggregate");
    let job = job(sql);
    check(&job);
    let OperatorPlan::Project { exprs } = operators(&job)[1] else {
        panic!("a projection");
    };
    assert_eq!(exprs.len(), 2);
}

#[test]
fn two_partitions_are_two_over_operators() {
    let sql = "INSERT INTO out SELECT symbol, side,
        LAG(size) OVER (PARTITION BY symbol ORDER BY ts) a,
        LAG(size) OVER (PARTITION BY side ORDER BY ts) b,
        LAG(size) OVER (PARTITION BY symbol, side ORDER BY ts) c FROM trades;";
    assert_eq!(
        shape(sql),
        "hash over project | exchange(1) over | exchange(2) over project"
    );
    check(&job(sql));
}

#[test]
fn distinct_is_an_aggregate_without_calls() {
    let sql = "SELECT DISTINCT symbol, UPPER(side) FROM trades;";
    assert_eq!(shape(sql), "hash aggregate");
    let job = job(sql);
    check(&job);
    assert!(aggregate(&job).aggregates.is_empty());
    assert_eq!(aggregate(&job).keys.len(), 2);
}

#[test]
fn a_key_that_can_fail_does_not_pass_its_guard() {
    let unguarded = "SELECT 10 / size, COUNT(*) FROM trades GROUP BY 10 / size;";
    assert_eq!(shape(unguarded), "hash aggregate");
    let guarded = "SELECT 10 / size, COUNT(*) FROM trades WHERE size <> 0 GROUP BY 10 / size;";
    assert_eq!(
        shape(guarded),
        "round_robin filter project | exchange(1) aggregate"
    );
    check(&job(guarded));
}

#[test]
fn filters_of_subqueries_are_joined_in_order() {
    let sql = "SELECT v FROM (SELECT price * 2 AS v, size FROM trades WHERE size > 1) WHERE v > 3 AND size < 9;";
    assert_eq!(shape(sql), "round_robin filter project");
    let job = job(sql);
    check(&job);
    let OperatorPlan::Filter {
        predicate: Expr::And(parts),
    } = operators(&job)[0]
    else {
        panic!("a filter of several parts");
    };
    assert_eq!(parts.len(), 3);
    let mut columns = Vec::new();
    parts[0].columns(&mut columns);
    assert_eq!(columns, [3], "the inner guard comes first");
}

#[test]
fn keys_reach_the_source_through_projections() {
    let sql =
        "WITH a AS (SELECT symbol AS s, price FROM trades), b AS (SELECT s AS k, price FROM a)
        SELECT k, MAX(price) FROM b GROUP BY k;";
    assert_eq!(shape(sql), "hash aggregate");
    let job = job(sql);
    let (_, route) = last(&job);
    assert_eq!(
        route.key,
        [Expr::Column {
            index: 1,
            ty: DataType::Varchar
        }]
    );
}

#[test]
fn routes_are_shared() {
    let job = job(
        "INSERT INTO out SELECT symbol, COUNT(*) FROM trades GROUP BY symbol;
        INSERT INTO out SELECT symbol, SUM(size) FROM trades GROUP BY symbol;
        INSERT INTO typed SELECT symbol, price, size FROM trades;",
    );
    assert_eq!(job.sources.len(), 1);
    assert_eq!(job.routes.len(), 1);
    assert_eq!(job.sinks.len(), 2);
    assert!(
        job.statements
            .iter()
            .all(|statement| statement.route.0 == 0)
    );
}

#[test]
fn stateless_statements_do_not_join_a_fan_in() {
    let job = job("SELECT symbol FROM trades; SELECT FIRST(price) FROM trades;");
    let strategies: Vec<Strategy> = job.routes.iter().map(|route| route.strategy).collect();
    assert_eq!(strategies, [Strategy::FanIn, Strategy::RoundRobin]);
    assert_eq!(job.statements[0].route.0, 1);
}

#[test]
fn stateless_statements_do_not_join_a_key_that_can_fail() {
    let job = job("INSERT INTO typed SELECT symbol, price, size FROM trades;
        INSERT INTO out SELECT '', COUNT(*) FROM trades GROUP BY 10 / size;");
    let strategies: Vec<Strategy> = job.routes.iter().map(|route| route.strategy).collect();
    assert_eq!(strategies, [Strategy::Hash, Strategy::RoundRobin]);
    assert_eq!(job.statements[0].route.0, 1);
}

#[test]
fn partitioning_is_honoured() {
    assert_eq!(
        shape("SET 'partitioning' = 'sticky'; SELECT symbol FROM trades;"),
        "sticky project"
    );
    assert_eq!(
        shape("SET partitioning = 'fan_in'; SELECT symbol, COUNT(*) FROM trades GROUP BY symbol;"),
        "fan_in aggregate"
    );
    assert_eq!(
        shape("SET partitioning TO 'hash'; SELECT symbol, COUNT(*) FROM trades GROUP BY symbol;"),
        "hash aggregate"
    );
    assert_eq!(
        shape("SET partitioning = 'fan_in'; SELECT COUNT(*) FROM trades;"),
        "fan_in aggregate"
    );
}

#[test]
fn order_by_sorts_in_one_place() {
    assert_eq!(
        shape("SELECT symbol, price FROM trades ORDER BY price DESC LIMIT 3;"),
        "round_robin project | exchange(0) sort"
    );
    let sql = "SELECT symbol FROM trades GROUP BY symbol ORDER BY COUNT(*) DESC, 1;";
    assert_eq!(shape(sql), "hash aggregate | exchange(0) sort project");
    check(&job(sql));
    let sql = "SELECT COUNT(*) FROM trades ORDER BY 1;";
    assert_eq!(shape(sql), "blocks partial | exchange(0) combine sort");
    check(&job(sql));
}

#[test]
fn unused_sources_are_left_out() {
    let job = job("CREATE VIEW v AS SELECT a FROM plain; SELECT symbol FROM trades;");
    assert_eq!(job.sources.len(), 1);
    assert_eq!(job.sources[0].name, "trades");
}

#[test]
fn inserts_cast_to_the_sink() {
    let sql = "INSERT INTO typed (n, symbol) SELECT size, side FROM trades;";
    let job = job(sql);
    check(&job);
    let exprs = projection(&job);
    assert_eq!(exprs.len(), 3);
    assert!(matches!(
        &exprs[1],
        Expr::Literal {
            value: crate::types::Value::Null,
            ..
        }
    ));
    assert!(matches!(
        &exprs[2],
        Expr::Cast {
            ty: DataType::Int,
            lenient: false,
            ..
        }
    ));
}

#[test]
fn create_as_is_a_sink_and_a_view() {
    let job = job("CREATE STREAM big WITH ('connector' = 'file', 'path' = 'b.csv') AS SELECT symbol, size FROM trades WHERE size > 100;
        SELECT symbol FROM big;");
    check(&job);
    assert_eq!(job.statements.len(), 2);
    assert_eq!(job.statements[0].name, "big");
    assert_eq!(job.sinks[0].schema.fields[1].name, "size");
    assert_eq!(job.routes.len(), 1);
}

#[test]
fn a_union_is_a_statement_for_each_of_its_queries() {
    let job = job(
        "INSERT INTO out SELECT symbol FROM trades UNION ALL SELECT side FROM trades \
         UNION ALL SELECT t FROM plain;",
    );
    assert_eq!(job.statements.len(), 3);
    assert_eq!((job.sinks.len(), job.sources.len()), (1, 2));
    assert!(
        job.statements
            .iter()
            .all(|it| it.sink == job.statements[0].sink)
    );
    let compiled = run("EXPLAIN SELECT symbol FROM trades UNION ALL SELECT side FROM trades;");
    let text = compiled.expect("compiles").output.join("\n");
    assert_eq!(text.matches("statement select").count(), 2, "{text}");
    assert!(text.contains("shared by 2 statements"), "{text}");
}

#[test]
fn the_queries_of_a_union_feed_what_keeps_state_on_top() {
    let job = job(
        "INSERT INTO out SELECT s FROM (SELECT symbol AS s, size FROM trades WHERE side = 'B' \
         UNION ALL SELECT t, 1 FROM plain) WHERE size > 0 GROUP BY s;",
    );
    let [first, last] = &job.statements[..] else {
        panic!("two statements");
    };
    let feed = first.feeds.as_ref().expect("the first feeds the last");
    assert_eq!((feed.statement.0, feed.stage), (1, 1));
    assert!(last.feeds.is_none());
    let exchange = last.stages[1].exchange.as_ref().expect("an exchange");
    assert_eq!(exchange.key, feed.exchange.key);
    let places = [&feed.exchange, exchange].map(|it| it.union.expect("a place").query);
    assert_eq!(places, [0, 1]);
    // The condition on top is a gate of every query.
    for statement in &job.statements {
        let first = &statement.stages[0].operators[0];
        assert!(matches!(first, OperatorPlan::Filter { .. }), "{first:?}");
    }
}
