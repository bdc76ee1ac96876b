//! Determinism, the scenario tables row by row, and the pacing of the source.

use super::*;
use crate::source::ReadEvent;

fn plan(kind: GeneratorKind) -> GeneratorPlan {
    GeneratorPlan {
        kind,
        rows: Some(1000),
        seed: 42,
        symbols: 1000,
        disorder_ns: 0,
        start_ns: 0,
        rate: None,
    }
}

fn text(plan: &GeneratorPlan, format: RowFormat) -> String {
    String::from_utf8(bytes(plan, format)).unwrap()
}

fn bytes(plan: &GeneratorPlan, format: RowFormat) -> Vec<u8> {
    let mut maker = RowMaker::new(plan, format).unwrap();
    let mut out = vec![0; 1 << 20];
    let made = maker.fill(&mut out, u64::MAX);
    assert_eq!(Some(made.rows), plan.rows);
    assert!(maker.is_done());
    out.truncate(made.bytes);
    out
}

#[test]
fn orders_are_those_of_scenario_v0() {
    let rows = text(&plan(GeneratorKind::Orders), RowFormat::Csv);
    for (i, row) in rows.lines().enumerate() {
        assert_eq!(row, format!("{i},{},0,{}", i % 1000, 150 + i % 100));
    }
}

#[test]
fn numbers_begin_with_zero() {
    for format in [RowFormat::Csv, RowFormat::Json] {
        let rows = text(&plan(GeneratorKind::Numbers), format);
        for (i, row) in rows.lines().enumerate() {
            let expected = match format {
                RowFormat::Json => format!("{{\"number\":{i}}}"),
                _ => i.to_string(),
            };
            assert_eq!(row, expected);
        }
    }
}

#[test]
fn market_data_is_that_of_scenarios_v1_to_v3() {
    for (symbols, price_period) in [(10, 50), (100, 100), (200, 100)] {
        let plan = GeneratorPlan {
            symbols,
            ..plan(GeneratorKind::MarketData)
        };
        for (i, row) in text(&plan, RowFormat::Csv).lines().enumerate() {
            let expected = format!(
                "SYM{},{},{},T{},{},{}",
                i % symbols as usize,
                100 + i % price_period,
                i % 1000,
                i % 50,
                i * 1000,
                1_000_000 + i * 1000
            );
            assert_eq!(row, expected);
        }
    }
}

#[test]
fn binary_trades_hold_the_values_of_the_csv_rows() {
    let plan = GeneratorPlan {
        start_ns: 1_735_689_600_000 * NS_PER_MS,
        disorder_ns: 7 * NS_PER_MS,
        symbols: 20_000,
        ..plan(GeneratorKind::Trades)
    };
    let csv = text(&plan, RowFormat::Csv);
    let binary = bytes(&plan, RowFormat::Binary);
    assert_eq!(binary.len(), 33_000);
    for (row, record) in csv.lines().zip(binary.chunks(33)) {
        let number = |at: usize| i64::from_le_bytes(record[at..at + 8].try_into().unwrap());
        let symbol = String::from_utf8(record[8..16].to_vec()).unwrap();
        let found = format!(
            "{},{},{}.{:02},{},{}",
            number(0) / NS_PER_MS,
            symbol.trim_end_matches('\0'),
            number(16) / 100,
            number(16) % 100,
            number(24),
            char::from(record[32])
        );
        assert_eq!(found, row);
    }
}

#[test]
fn binary_records_are_for_trades_whose_symbols_fit() {
    let orders = RowMaker::new(&plan(GeneratorKind::Orders), RowFormat::Binary);
    assert!(orders.unwrap_err().contains("only trades"));
    let many = |symbols| GeneratorPlan {
        symbols,
        ..plan(GeneratorKind::Trades)
    };
    assert!(RowMaker::new(&many(100_000), RowFormat::Binary).is_ok());
    assert!(RowMaker::new(&many(100_001), RowFormat::Binary).is_err());
}

#[test]
fn json_rows_hold_the_values_of_the_csv_rows() {
    for kind in [
        GeneratorKind::Trades,
        GeneratorKind::Orders,
        GeneratorKind::MarketData,
    ] {
        let plan = GeneratorPlan {
            start_ns: 1_735_689_600_000 * NS_PER_MS,
            disorder_ns: if kind == GeneratorKind::Orders {
                0
            } else {
                7 * NS_PER_MS
            },
            ..plan(kind)
        };
        let (csv, json) = (text(&plan, RowFormat::Csv), text(&plan, RowFormat::Json));
        assert_eq!(csv.lines().count(), json.lines().count());
        for (csv, json) in csv.lines().zip(json.lines()) {
            let object: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(
                object.as_object().unwrap().len(),
                RowMaker::columns(kind).len()
            );
            for (name, field) in RowMaker::columns(kind).iter().zip(csv.split(',')) {
                let raw = json.split(&format!("\"{name}\":")).nth(1).unwrap();
                let raw = raw.trim_start_matches('"');
                assert!(raw.starts_with(field), "{name}: {field} in {json}");
            }
        }
    }
}

#[test]
fn trades_depend_on_the_seed_and_on_nothing_else() {
    let plan = plan(GeneratorKind::Trades);
    let whole = text(&plan, RowFormat::Csv);
    assert_eq!(whole, text(&plan, RowFormat::Csv));
    let other = GeneratorPlan { seed: 43, ..plan };
    assert_ne!(whole, text(&other, RowFormat::Csv));
    let fewer = GeneratorPlan {
        rows: Some(10),
        ..plan
    };
    assert!(whole.starts_with(&text(&fewer, RowFormat::Csv)));
    assert_eq!(
        crc32fast::hash(whole.as_bytes()),
        TRADES_CRC,
        "the bytes of seed 42 changed: a user's recorded answers would no longer fit"
    );
}

/// CRC-32 of the first 1000 trades of seed 42 from time 0.
const TRADES_CRC: u32 = 3_601_425_547;

#[test]
fn trades_have_the_shape_of_a_feed() {
    let plan = GeneratorPlan {
        rows: Some(20_000),
        start_ns: 1_735_689_600_000 * NS_PER_MS,
        ..plan(GeneratorKind::Trades)
    };
    let rows = text(&plan, RowFormat::Csv);
    let mut before = 1_735_689_600_000i64;
    let mut symbols = std::collections::HashSet::new();
    for (i, row) in rows.lines().enumerate() {
        let fields: Vec<&str> = row.split(',').collect();
        let ts: i64 = fields[0].parse().unwrap();
        assert!(i > 0 || ts == before, "the first row is at the start");
        assert!((0..=2).contains(&(ts - before)), "{row}");
        before = ts;
        symbols.insert(fields[1].to_owned());
        let (whole, cents) = fields[2].split_once('.').unwrap();
        assert!(
            whole.parse::<u32>().unwrap() < 1300 && cents.len() == 2,
            "{row}"
        );
        assert!(
            (1..=1000).contains(&fields[3].parse::<u32>().unwrap()),
            "{row}"
        );
        assert!(matches!(fields[4], "B" | "S"), "{row}");
    }
    let elapsed_ms = before - 1_735_689_600_000;
    assert!((19_000..21_000).contains(&elapsed_ms), "{elapsed_ms}");
    assert!((700..=1000).contains(&symbols.len()), "{}", symbols.len());
}

#[test]
fn disorder_stays_within_its_bound_and_reaches_it() {
    let plan = GeneratorPlan {
        rows: Some(20_000),
        disorder_ns: 50 * NS_PER_MS,
        ..plan(GeneratorKind::Trades)
    };
    let mut greatest = i64::MIN;
    let mut behind_max = 0;
    for row in text(&plan, RowFormat::Csv).lines() {
        let ts: i64 = row.split(',').next().unwrap().parse().unwrap();
        greatest = greatest.max(ts);
        behind_max = behind_max.max(greatest - ts);
    }
    assert!((40..=50).contains(&behind_max), "{behind_max}");
}

#[test]
fn what_cannot_be_made_is_refused() {
    let none = GeneratorPlan {
        symbols: 0,
        ..plan(GeneratorKind::Trades)
    };
    assert!(RowMaker::new(&none, RowFormat::Csv).is_err());
    let disordered = GeneratorPlan {
        disorder_ns: NS_PER_MS,
        ..plan(GeneratorKind::Orders)
    };
    assert!(RowMaker::new(&disordered, RowFormat::Csv).is_err());
    let still = GeneratorPlan {
        rate: Some(0),
        ..plan(GeneratorKind::Trades)
    };
    assert!(GeneratorReader::open(&still).is_err());
}

#[test]
fn the_source_gives_the_same_bytes_for_any_slice_length() {
    let plan = plan(GeneratorKind::Trades);
    let expected = text(&plan, RowFormat::Csv);
    for len in [1, 7, 33, ROW_BYTES_MAX, 4096] {
        let mut reader = GeneratorReader::open(&plan).unwrap();
        let mut slice = vec![0; len];
        let mut bytes = Vec::new();
        assert_eq!(reader.poll(&mut slice, 0), ReadEvent::BeginFile { file: 0 });
        while let ReadEvent::Bytes(n) = reader.poll(&mut slice, 0) {
            bytes.extend_from_slice(&slice[..n]);
        }
        assert_eq!(reader.poll(&mut slice, 0), ReadEvent::End);
        assert!(bytes == expected.as_bytes(), "slices of {len}");
    }
}

#[test]
fn a_paced_source_gives_the_same_bytes() {
    let paced = GeneratorPlan {
        rate: Some(1_000_000),
        ..plan(GeneratorKind::Trades)
    };
    let expected = text(&paced, RowFormat::Csv);
    // The clock goes on by less than a row, by one, and by several between two polls.
    for (len, tick_ns) in [(7, 300), (ROW_BYTES_MAX, 1_000), (4096, 300), (4096, 7_700)] {
        let mut reader = GeneratorReader::open(&paced).unwrap();
        let mut slice = vec![0; len];
        let mut bytes = Vec::new();
        assert_eq!(reader.poll(&mut slice, 0), ReadEvent::BeginFile { file: 0 });
        for poll in 0.. {
            match reader.poll(&mut slice, poll * tick_ns) {
                ReadEvent::Bytes(n) => bytes.extend_from_slice(&slice[..n]),
                ReadEvent::Pending => {}
                other => {
                    assert_eq!(other, ReadEvent::EndFile);
                    break;
                }
            }
        }
        assert!(
            bytes == expected.as_bytes(),
            "slices of {len}, ticks of {tick_ns}"
        );
    }
}

#[test]
fn the_rate_is_kept_against_the_clock_given() {
    let plan = GeneratorPlan {
        rows: Some(100),
        rate: Some(1000),
        ..plan(GeneratorKind::Orders)
    };
    let mut reader = GeneratorReader::open(&plan).unwrap();
    let mut slice = vec![0; 1 << 16];
    assert_eq!(reader.poll(&mut slice, 5), ReadEvent::BeginFile { file: 0 });
    let mut rows_at = |now| match reader.poll(&mut slice, now) {
        ReadEvent::Bytes(n) => memchr::memchr_iter(b'\n', &slice[..n]).count(),
        ReadEvent::Pending => 0,
        other => panic!("{other:?}"),
    };
    assert_eq!(rows_at(5), 1);
    assert_eq!(rows_at(999_999), 0);
    assert_eq!(rows_at(1_000_005), 1);
    assert_eq!(rows_at(0), 0, "a clock set back makes no rows");
    assert_eq!(rows_at(10_000_005), 9);
    assert_eq!(rows_at(i64::MAX), 89);
}
