//! Defaults of EMIT and LATE DATA, and the order of sinks.

use super::{aggregate, job, operators, run};
use crate::plan::{ChangelogMode, Emission, LatePolicy, OperatorPlan};

const SECOND: i64 = 1_000_000_000;

fn emission(sql: &str) -> Emission {
    aggregate(&job(sql)).emission
}

#[test]
fn defaults_follow_the_dialect() {
    use Emission::{Changes, Final};
    let cases = [
        (
            "SELECT symbol, COUNT(*) FROM trades GROUP BY symbol;",
            Final,
        ),
        (
            "SELECT symbol, COUNT(*) FROM live GROUP BY symbol;",
            Changes,
        ),
        (
            "INSERT INTO out SELECT symbol, COUNT(*) FROM trades GROUP BY symbol;",
            Changes,
        ),
        (
            "INSERT INTO out SELECT symbol, COUNT(*) FROM live GROUP BY symbol;",
            Changes,
        ),
        (
            "INSERT INTO out SELECT symbol, COUNT(*) FROM trades GROUP BY symbol EMIT FINAL;",
            Final,
        ),
        (
            "SELECT symbol, COUNT(*) FROM trades GROUP BY symbol EMIT CHANGES;",
            Changes,
        ),
        (
            "SELECT symbol, COUNT(*) FROM live WINDOW TUMBLING(1s) GROUP BY symbol;",
            Final,
        ),
        (
            "INSERT INTO out SELECT symbol, COUNT(*) FROM trades WINDOW TUMBLING(1s) GROUP BY symbol;",
            Final,
        ),
        (
            "SELECT symbol, COUNT(*) FROM live WINDOW TUMBLING(1s) GROUP BY symbol EMIT CHANGES;",
            Changes,
        ),
        (
            "SELECT symbol, COUNT(*) FROM live WINDOW TUMBLING(1s) GROUP BY symbol EMIT ON WINDOW CLOSE;",
            Final,
        ),
        ("SELECT DISTINCT symbol FROM trades;", Final),
        (
            "INSERT INTO out SELECT DISTINCT symbol FROM trades;",
            Changes,
        ),
        ("SELECT DISTINCT symbol FROM live;", Changes),
        (
            "SELECT * FROM (SELECT symbol, COUNT(*) n FROM trades GROUP BY symbol) WHERE n > 1 EMIT CHANGES;",
            Changes,
        ),
        (
            "SELECT MAX(n) FROM (SELECT symbol, COUNT(*) n FROM trades GROUP BY symbol);",
            Final,
        ),
    ];
    for (sql, expected) in cases {
        assert_eq!(emission(sql), expected, "{sql}");
    }
}

#[test]
fn emit_changes_without_an_aggregate_says_what_happens_anyway() {
    assert!(run("SELECT symbol FROM live EMIT CHANGES;").is_ok());
    assert!(run("SELECT symbol FROM trades EMIT FINAL;").is_ok());
}

#[test]
fn late_policies_reach_both_operators() {
    let job = job("SET 'late.retention' = '30s';
        INSERT INTO retracting SELECT symbol, COUNT(*) FROM live WINDOW TUMBLING(1s) GROUP BY symbol LATE DATA PROCESS;");
    let plan = aggregate(&job);
    assert_eq!(
        (plan.late, plan.retention_ns),
        (LatePolicy::Process, 30 * SECOND)
    );
    let OperatorPlan::Late(late) = operators(&job)[0] else {
        panic!("a late operator");
    };
    assert_eq!(
        (late.policy, late.retention_ns),
        (LatePolicy::Process, 30 * SECOND)
    );
    assert!(job.statements[0].changelog);
    assert_eq!(job.sinks[0].changelog, ChangelogMode::Retract);
}

#[test]
fn a_sinks_retention_wins() {
    let job = job("CREATE SINK s WITH ('connector' = 'blackhole', 'changelog.mode' = 'retract', 'late.retention' = '5s');
        INSERT INTO s SELECT symbol, COUNT(*) FROM live WINDOW TUMBLING(1s) GROUP BY symbol LATE DATA WARN;");
    assert_eq!(aggregate(&job).retention_ns, 5 * SECOND);
    assert_eq!(aggregate(&job).late, LatePolicy::Warn);
}

#[test]
fn upserts_name_their_key() {
    let job = job("INSERT INTO latest SELECT symbol, COUNT(*) FROM live GROUP BY symbol;");
    assert_eq!(job.sinks[0].changelog, ChangelogMode::Upsert(vec![0]));
    assert!(!job.statements[0].changelog);
}

#[test]
fn order_is_that_of_the_source_when_all_input_ends() {
    assert!(job("SELECT symbol FROM trades;").sinks[0].ordered);
    assert!(!job("SELECT symbol FROM live;").sinks[0].ordered);
    let mixed = job("SELECT symbol FROM trades; SELECT symbol FROM live;");
    assert!(mixed.sinks.iter().all(|sink| !sink.ordered));
    let asked = job(
        "CREATE SINK s WITH ('connector' = 'blackhole', 'order' = 'source'); INSERT INTO s SELECT symbol FROM live;",
    );
    assert!(asked.sinks[0].ordered);
}
