//! Golden renderings.

use super::*;

fn report() -> RunReport {
    let mut rejected = [0; Reason::COUNT];
    rejected[Reason::FieldCount as usize] = 2;
    rejected[Reason::Number as usize] = 1;
    RunReport {
        end: RunEnd::Interrupted,
        elapsed_ns: 2_500_000_000,
        subqueries: Vec::new(),
        sources: vec![SourceReport {
            name: "trades".to_owned(),
            records: 1_000_000,
            bytes: 34_000_000,
            event_time: Some((1_381_239_000_000_000_000, 1_381_239_000_500_000_000)),
            position: Some(Position {
                file: "trades.csv".to_owned(),
                byte_offset: 34_000_012,
                record_number: 1_000_000,
            }),
        }],
        statements: vec![StatementReport {
            name: "bars".to_owned(),
            source: "trades".to_owned(),
            ledger: LedgerReport {
                read: 1_000_000,
                used: 999_000,
                filtered: 990,
                late: 7,
                rejected,
            },
            emitted: 12_345,
            out_of_order: 5,
            corrected: 0,
            late_assignments: 0,
            group_errors: 1,
            open_windows: 1000,
            samples: vec![ErrorSample {
                reason: Reason::Number,
                column: Some("price".to_owned()),
                position: Some(Position {
                    file: "trades.csv".to_owned(),
                    byte_offset: 68,
                    record_number: 3,
                }),
                text: "1\u{1b}[31m,2".to_owned(),
            }],
        }],
        cores: vec![CoreReport {
            cpu: 1,
            roles: vec!["ingest".to_owned(), "egress".to_owned()],
            busy: 0.5,
        }],
        latency: Some(LatencyReport {
            p50_ns: 950,
            p99_ns: 4_210,
            p999_ns: 88_800,
            p9999_ns: 1_234_567,
            max_ns: 2_000_000_000,
        }),
        memory_peak_bytes: Some(50 << 20),
        checkpoints: None,
    }
}

#[test]
fn text_is_this() {
    let expected = "\
1,000,000 records in 2.50 s, 400.0 K records/s
INCOMPLETE: it was interrupted; 1,000 open windows were not emitted (--close-open emits them)
source    trades: 1,000,000 records, 34,000,000 bytes
          event time 2013-10-08 13:30:00 .. 2013-10-08 13:30:00.500
          read up to trades.csv record 1,000,000 (byte 34,000,012)
statement bars from trades: 1,000,000 read = 999,000 used + 990 filtered + 7 late + 3 rejected; 12,345 rows out
          rejected: 2 field_count, 1 number
          5 records out of order (used)
          1 result rows could not be made
          trades.csv record 3 (byte 68): number in price: 1\\u{1b}[31m,2
latency   p50 950 ns  p99 4.21 us  p99.9 88.8 us  p99.99 1.23 ms  max 2.00 s
busy      cpu 1 50 % (ingest, egress)
memory    50.0 MiB at most
";
    assert_eq!(report().text(), expected);
}

#[test]
fn a_ledger_that_does_not_add_up_is_told() {
    let mut report = report();
    report.statements[0].ledger.used += 1;
    assert!(report.text().contains("THE LEDGER DOES NOT ADD UP"));
}

#[test]
fn an_empty_run_is_one_line() {
    assert_eq!(
        RunReport::default().text(),
        "0 records in 0 ns, 0 records/s\n"
    );
}

#[test]
fn json_has_every_counter() {
    let json: serde_json::Value = serde_json::from_str(&report().json()).unwrap();
    assert_eq!(json["complete"], false);
    assert_eq!(json["end"], "interrupted");
    assert_eq!(json["records_per_second"], 400_000.0);
    assert_eq!(json["latency_ns"]["p99_9"], 88_800);
    assert_eq!(json["memory_peak_bytes"], 50 << 20);
    let source = &json["sources"][0];
    assert_eq!(source["event_time_max_ns"], 1_381_239_000_500_000_000i64);
    assert_eq!(source["position"]["byte_offset"], 34_000_012);
    let statement = &json["statements"][0];
    let sum = ["used", "filtered", "late", "rejected"]
        .iter()
        .map(|name| statement[name].as_u64().unwrap())
        .sum::<u64>();
    assert_eq!(statement["read"], sum);
    assert_eq!(statement["rejected_by_reason"]["field_count"], 2);
    assert_eq!(
        statement["rejected_by_reason"].as_object().unwrap().len(),
        Reason::COUNT
    );
    assert_eq!(statement["error_samples"][0]["column"], "price");
    assert_eq!(json["cores"][0]["roles"][1], "egress");
    assert!(!report().json().contains('\n'));
}
