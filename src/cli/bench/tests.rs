//! The arithmetic of charging, and a short run of each bench: its counts, not its times.

use super::bare::waits;
use super::charge::{Stretches, charge, write_distribution};
use super::feed::QueryArgs;
use super::latency::{Extent, LatencyArgs, measure, share};
use super::scaling::Prediction;
use super::stages::{self, InputFormat};
use crate::cli::{Cli, Command};
use crate::egress::{Cause, HandOver};
use crate::probe::Stage;
use crate::runtime::signals::Interrupt;
use crate::runtime::{Gap, GapKind, Gaps};
use crate::sql::CompileOptions;
use crate::time::Schedule;
use clap::Parser;

fn latency_args(args: &[&str]) -> LatencyArgs {
    let all = ["velo-tpc", "bench", "latency"].iter().chain(args);
    let command = Cli::try_parse_from(all).expect("legal arguments").command;
    let Command::Bench(bench) = command else {
        panic!("{command:?}");
    };
    match bench.command {
        super::BenchCommand::Latency(args) => args,
        other => panic!("{other:?}"),
    }
}

fn gap(from_ns: u64, to_ns: u64, kind: GapKind) -> Gap {
    Gap {
        from_ns,
        to_ns,
        kind,
    }
}

fn gaps(list: Vec<Gap>) -> Gaps {
    Gaps { list, missed: 0 }
}

#[test]
fn a_row_is_charged_from_its_own_intended_time() {
    let schedule = Schedule {
        start_ns: 1_000,
        rate: 1_000_000,
    };
    // A stall: records 0, 1 and 2, intended 1000 ns apart, all leave at 3500.
    let late = [0, 1, 2].map(|seq| HandOver::new(Cause::Record(seq), 3_500));
    let charged = charge(&schedule, &late, 0, &[]);
    let all: Vec<u64> = charged
        .all
        .iter_recorded()
        .map(|it| it.value_iterated_to())
        .collect();
    let near = |value: u64, expected: u64| value.abs_diff(expected) <= expected / 500;
    assert!(
        all.iter()
            .zip([500, 1_500, 2_500])
            .all(|(&it, expected)| near(it, expected)),
        "{all:?}"
    );
    let counted = charge(&schedule, &late, 1, &[]).all.len();
    assert_eq!(counted, 2, "record 0 was warm-up");
}

#[test]
fn rows_fired_by_time_are_charged_from_their_read() {
    let schedule = Schedule {
        start_ns: 1_000,
        rate: 1_000_000,
    };
    let rows = [
        HandOver::new(Cause::Read(5_000), 5_700),
        HandOver::new(Cause::Read(1_000), 9_000),
    ];
    let charged = charge(&schedule, &rows, 2, &[]);
    assert_eq!(charged.all.len(), 1, "the second belongs to the warm-up");
    assert_eq!(charged.all.max(), 700);
}

#[test]
fn rows_that_overlap_a_gap_of_any_core_are_left_out() {
    let schedule = Schedule {
        start_ns: 0,
        rate: 1_000_000,
    };
    let rows: Vec<HandOver> = (0..10)
        .map(|seq| HandOver::new(Cause::Record(seq), seq * 1_000 + 500))
        .collect();
    let of_cores = [
        (0, gaps(vec![gap(2_400, 3_000, GapKind::Host)])),
        (
            1,
            gaps(vec![
                gap(2_900, 4_001, GapKind::Host),
                gap(7_500, 8_000, GapKind::Interrupt),
                gap(9_100, 9_200, GapKind::Interrupt),
            ]),
        ),
    ];
    let charged = charge(&schedule, &rows, 0, &of_cores);
    assert_eq!(charged.all.len(), 10);
    assert_eq!(charged.without_host.len(), 7, "2, 3 and 4 overlap");
    // A gap that begins when the row has left does not overlap it, nor one that ends when it is intended.
    assert_eq!(charged.without_gaps.len(), 6, "9 overlaps, 7 and 8 do not");
}

#[test]
fn gaps_of_several_cores_become_one_list() {
    let of_cores = [
        (
            0,
            gaps(vec![gap(10, 20, GapKind::Host), gap(50, 60, GapKind::Host)]),
        ),
        (
            1,
            gaps(vec![
                gap(15, 30, GapKind::Host),
                gap(30, 40, GapKind::Interrupt),
            ]),
        ),
    ];
    let host = Stretches::union(&of_cores, |kind| kind == GapKind::Host);
    for (from, to, overlaps) in [
        (0, 10, false),
        (0, 11, true),
        (29, 31, true),
        (30, 50, false),
    ] {
        assert_eq!(host.overlap(from, to), overlaps, "{from}..{to}");
    }
    let both = Stretches::union(&of_cores, |_| true);
    assert!(both.overlap(30, 50));
}

#[test]
fn a_record_on_bare_cpus_waits_for_the_end_of_a_gap() {
    let schedule = Schedule {
        start_ns: 1_000,
        rate: 1_000_000,
    };
    // Records at 1,000, 2,000 .. 9,000; the gaps of two CPUs are one stretch.
    let gaps = Stretches::merged(vec![(500, 1_700), (2_900, 4_000), (3_950, 6_001)]);
    let found = waits(&gaps, &schedule, 10_000);
    let found: Vec<(u64, u64)> = found
        .iter_recorded()
        .map(|it| (it.value_iterated_to(), it.count_at_value()))
        .collect();
    // The one at 6,000 waits 1 ns, which also stands for none.
    assert_eq!(
        found,
        [(1, 5), (700, 1), (1_001, 1), (2_001, 1), (3_001, 1)]
    );
}

#[test]
fn silly_values_are_refused_with_their_reason() {
    let extent = |args: &[&str]| latency_args(args).extent();
    assert_eq!(
        extent(&["--rate", "1000", "--duration", "2s", "--warmup", "500ms"]),
        Ok(Extent {
            warmup: 500,
            records: 2_500
        })
    );
    let short = extent(&["--rate", "10", "--duration", "50ms"]).unwrap_err();
    assert!(short.contains("holds no record"), "{short}");
    let long = extent(&["--rate", "1000000", "--duration", "1h"]).unwrap_err();
    assert!(long.contains("30 s at this rate"), "{long}");
    for args in [
        ["--rate", "0"],
        ["--rate", "10000001"],
        ["--duration", "10"],
    ] {
        let all = ["velo-tpc", "bench", "latency"].iter().chain(&args);
        assert!(Cli::try_parse_from(all).is_err(), "{args:?}");
    }
}

#[test]
fn the_sender_gets_a_cpu_that_the_engine_does_not_have() {
    assert_eq!(share(None, vec![0]), (None, None));
    assert_eq!(share(None, vec![1, 0]), (Some(vec![0]), Some(1)));
    assert_eq!(share(Some(vec![3]), vec![0, 3]), (Some(vec![3]), Some(0)));
    assert_eq!(
        share(Some(vec![0, 1]), vec![0, 1]),
        (Some(vec![0, 1]), None)
    );
}

#[test]
fn the_distribution_is_in_hdrhistograms_text_format() {
    let mut histogram = hdrhistogram::Histogram::new_with_bounds(1, 1_000_000, 3).unwrap();
    for value in [1_000, 2_000, 2_000, 4_000] {
        histogram.record(value).unwrap();
    }
    let mut out = Vec::new();
    write_distribution(&histogram, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0].split_whitespace().collect::<Vec<_>>(),
        ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"]
    );
    let columns: Vec<&str> = lines[2].split_whitespace().collect();
    assert_eq!(columns, ["1.000", "0.000000000000", "1", "1.00"]);
    let last = lines.iter().rfind(|line| !line.starts_with('#')).unwrap();
    assert!(
        last.split_whitespace().eq(["4.001", "1.000000000000", "4"]),
        "{last}"
    );
    assert!(
        text.contains("#[Max     =        4.001, Total count    =            4]"),
        "{text}"
    );
}

/// On one CPU at a low rate: every record makes a row, and every row has its time.
fn short_run(extra: &[&str]) -> super::outcome::LatencyOutcome {
    let mut args = vec![
        "--rate",
        "2000",
        "--duration",
        "150ms",
        "--warmup",
        "50ms",
        "--idle",
        "yield",
    ];
    args.extend(extra);
    let measured = measure(&latency_args(&args), Interrupt::default());
    measured.unwrap_or_else(|code| panic!("exit code {code}"))
}

#[test]
fn a_short_run_counts_every_record_behind_the_warm_up() {
    let cpu = crate::runtime::placement::HostCpus::read().unwrap();
    let first = cpu
        .housekeeping
        .iter()
        .chain(&cpu.isolated)
        .next()
        .unwrap()
        .to_string();
    let outcome = short_run(&["--cores", &first]);
    assert_eq!(outcome.report.statements[0].ledger.used, 400);
    assert_eq!(outcome.report.statements[0].emitted, 400);
    assert_eq!(outcome.charged.all.len(), 300);
    assert!(outcome.charged.without_gaps.len() <= outcome.charged.without_host.len());
    assert!(outcome.text().contains("400 read, 400 used, 400 rows out"));
    let json: serde_json::Value = serde_json::from_str(&outcome.json()).unwrap();
    assert_eq!(json["latency_ns"]["rows"], 300);
    assert_eq!(
        json["bare_loop_ns"]["rows"], 300,
        "as many records without an engine"
    );
    assert_eq!(json["gaps"].as_array().unwrap().len(), 1);
    assert!(
        json["line_round_trip_ns"].is_null(),
        "one CPU sends no line away"
    );
}

#[test]
fn a_cache_line_goes_there_and_back() {
    let host = crate::runtime::placement::HostCpus::read().unwrap();
    let cpus: Vec<_> = host.housekeeping.iter().chain(&host.isolated).collect();
    let [one, other, ..] = cpus[..] else {
        return;
    };
    let trip = super::line::round_trip(*one, *other).unwrap();
    // The speed of light alone takes a nanosecond; the limit of all trips is 200 ms.
    assert!(
        trip.is_none_or(|ns| (1..200_000_000).contains(&ns)),
        "{trip:?}"
    );
}

#[test]
fn a_short_run_over_tcp_counts_every_record_behind_the_warm_up() {
    let outcome = short_run(&["--tcp", "--encode", "csv"]);
    assert_eq!(outcome.report.statements[0].ledger.read, 400);
    assert_eq!(outcome.charged.all.len(), 300);
}

#[test]
fn stages_are_those_that_a_query_has() {
    for format in InputFormat::ALL {
        let feed = super::feed::Feed::Memory {
            format: format.name(),
        };
        let query = QueryArgs::default();
        let job = query
            .job(&feed, Some("csv"), CompileOptions::default())
            .unwrap();
        let bytes = format.trades(5_000).unwrap();
        for workers in [1, 3] {
            let costs = stages::measure(&job, &bytes, workers).unwrap();
            assert_eq!((costs.records, costs.rows), (5_000, 5_000), "{format:?}");
            for stage in [
                Stage::Frame,
                Stage::Route,
                Stage::Decode,
                Stage::Group,
                Stage::Update,
                Stage::Encode,
            ] {
                assert!(costs.ns_per_record[stage as usize] > 0.0, "{stage:?}");
            }
        }
    }
}

#[test]
fn the_model_is_the_least_of_its_roles() {
    let it = Prediction {
        shape: "query".to_owned(),
        format: "csv",
        ingest_ns: 20.0,
        worker_ns: 50.0,
        egress_ns: 10.0,
    };
    assert_eq!(it.workers_saturating(), 3);
    assert_eq!(it.predicted(1), (20.0, "workers"));
    assert_eq!(it.predicted(4), (50.0, "ingest"));
    assert!(super::scaling::text(&[it]).contains("A model computed from stages"));
}
