//! A regular feed, where rows are read in runs and blocks, and rows in it that are nearly as the others.

use super::*;

/// What makes a row of the feed another: each first text that it has becomes the second.
const NEAR_MISSES: [(&str, &str); 76] = [
    // White space, and what stands at the ends.
    ("{", " {"),
    ("{", "{ "),
    ("\"size\":", "\"size\": "),
    ("\"size\":", "\"size\" :"),
    (",\"size\"", " ,\"size\""),
    (",\"size\"", ", \"size\""),
    ("}", " }"),
    ("}", "} "),
    ("}", "}\r"),
    ("}", "}x"),
    ("}", "},"),
    ("}", "}}"),
    ("}", ""),
    ("}", "}\n"),
    ("}", "}\t\n"),
    ("}", "}\r\n"),
    ("}", "}\"\n"),
    ("}", "}\n \t\n"),
    ("{", "\n{"),
    ("{", ""),
    ("{", "[{"),
    // Members: others, more of them, the same twice, fewer.
    ("\"size\":", "\"sizes\":"),
    ("\"size\":", "\"Size\":"),
    ("\"size\":", "\"siz\\u0065\":"),
    ("\"size\":", "\"size\":1,\"size\":"),
    ("\"size\":", "\"more\":1,\"size\":"),
    ("\"size\":", "\"more\":\"\",\"size\":"),
    ("\"size\":", "\"more\":{},\"size\":"),
    ("\"size\":", "\"more\":[1,2],\"size\":"),
    ("\"size\":", "\"size\":{\"size\":3},\"more\":"),
    ("\"size\":", "\"size\":[],\"more\":"),
    ("\"size\":", "\"size\",\"more\":"),
    ("\"size\":", "\"size\"::"),
    ("\"size\":", ""),
    (",\"size\"", ",,\"size\""),
    (",\"size\"", "\"size\""),
    ("\"ts\":", "\"symbol\":\"A\",\"ts\":"),
    ("\"side\":", "\"ts\":1700000000007,\"side\":"),
    ("\"side\":", "\"ts\":\"x\",\"side\":"),
    // Bare values.
    ("\"size\":", "\"size\":0"),
    ("\"size\":", "\"size\":-"),
    ("\"size\":", "\"size\":+"),
    ("\"size\":", "\"size\":."),
    ("\"size\":", "\"size\":1e"),
    ("\"size\":", "\"size\":0.1e-"),
    ("\"size\":", "\"size\":1234567890123456789012"),
    ("\"size\":", "\"size\":null,\"more\":"),
    ("\"size\":", "\"size\":true,\"more\":"),
    ("\"size\":", "\"size\":nul,\"more\":"),
    ("\"size\":", "\"size\":truex,\"more\":"),
    ("\"size\":", "\"size\":\"7\",\"more\":"),
    ("\"price\":", "\"price\":00"),
    ("\"price\":", "\"price\":9."),
    ("\"id\":", "\"id\":null,\"more\":"),
    ("\"id\":", "\"id\":\"null\",\"more\":"),
    // Strings.
    ("\"SYM", "\""),
    ("\"SYM", "\"A symbol of many letters"),
    ("\"SYM", "\"LONG"),
    ("\"SYM", "\"M\u{fc}nchen"),
    ("\"SYM", "\"a\\n"),
    ("\"SYM", "\"a\\\""),
    ("\"SYM", "\"a\\x"),
    ("\"SYM", "\"a\""),
    ("\"SYM", "\"a\",\"b\":\""),
    ("\"SYM", "\":,{}[]"),
    ("\"SYM", "\"\t"),
    ("\"SYM", "\"\u{1}"),
    ("\"SYM", "null,\"more\":\""),
    ("\"SYM", "7,\"more\":\""),
    // Times.
    ("\"ts\":1", "\"ts\":0"),
    ("\"ts\":1", "\"ts\":"),
    ("\"ts\":1", "\"ts\":9"),
    ("\"ts\":1", "\"ts\":-1"),
    ("\"ts\":", "\"ts\":\"1700000000001\",\"more\":"),
    ("\"ts\":", "\"ts\":null,\"more\":"),
    ("\"ts\":", "\"ts\":1700000000001.0,\"more\":"),
];

/// `line` with the first `from` in it made `to`.
fn strange(line: &str, (from, to): (&str, &str)) -> String {
    line.replacen(from, &to.replace("LONG", &"long ".repeat(60)), 1)
}

fn feed_table() -> (JsonFormat, Schema) {
    table(
        &[
            ("ts", DataType::Timestamp),
            ("symbol", DataType::Varchar),
            ("price", DataType::Double),
            ("size", DataType::BigInt),
            ("side", DataType::Varchar),
            ("id", DataType::Varchar),
            ("absent", DataType::Int),
        ],
        TimestampFormat::Millis,
    )
}

fn row(random: &mut Random, number: usize) -> String {
    let price = match random.below(8) {
        0 => "0.5".to_owned(),
        1 => random.below(900).to_string(),
        _ => format!("{}.{:02}", random.below(2000), random.below(100)),
    };
    let size = match random.below(20) {
        0 => 0,
        _ => random.below(5000),
    };
    format!(
        "{{\"ts\":{},\"symbol\":\"SYM{}\",\"price\":{price},\"size\":{size},\"id\":{number},\"side\":\"{}\"}}",
        1_700_000_000_000 + number,
        random.below(300),
        random.pick(&["B", "S", ""]),
    )
}

/// A feed of `rows` rows, of which on average one in `each` is a near miss; 0: none is.
fn feed(random: &mut Random, rows: usize, each: usize) -> Vec<u8> {
    let newline = random.pick(&["\n", "\n", "\r\n"]);
    let mut bytes = Vec::new();
    for number in 0..rows {
        let mut line = row(random, number);
        if each > 0 && random.one_in(each) {
            line = strange(&line, random.pick(&NEAR_MISSES));
        }
        bytes.extend_from_slice(line.as_bytes());
        let last_stays_open = number + 1 == rows && random.one_in(2);
        if !last_stays_open {
            bytes.extend_from_slice(newline.as_bytes());
        }
    }
    bytes
}

#[test]
fn near_misses_are_read_as_by_the_twin() {
    let seed = 0x5eed_00a3;
    let mut random = Random(seed);
    let (format, schema) = feed_table();
    let spec = FrameSpec {
        time: Some(0),
        keys: vec![vec![1], vec![3, 1], vec![5], vec![6, 2], vec![]],
        hash_seed: 77,
    };
    let mut decoder = super::super::decoder(&format, &schema);
    let mut framer = super::super::framer(&format, &schema, &spec);
    let (mut told, mut all) = (0, 0);
    for round in 0..400 {
        let each = random.pick(&[0, 4, 30, 100]);
        let rows = 1 + random.below(300);
        let bytes = feed(&mut random, rows, each);
        let context = format!("round {round} seed {seed:#x}");
        let wanted = naive::frame(&bytes, &format, &schema, &spec);
        let mut frames = Frames::default();
        frames.clear(spec.keys.len());
        // Some framers know the layout, others learn it.
        if random.one_in(2) {
            framer = super::super::framer(&format, &schema, &spec);
        }
        framer.begin_file();
        let next = framer.frame(&bytes, 0, true, usize::MAX >> 1, &mut frames);
        assert_eq!(next, bytes.len(), "{context}");
        compare_frames(&bytes, &frames, &wanted, &context);
        all += frames.delimiters.len();
        told += frames.delimiters.iter().filter(|&&it| it != 0).count();
        let mut rows = RowDescriptors {
            starts: frames.starts,
            ends: frames.ends,
            delimiters: frames.delimiters,
            ..RowDescriptors::default()
        };
        if random.one_in(4) {
            rows.delimiters.clear();
        }
        let table = (&format, &schema);
        compare_decoded(&mut *decoder, table, &bytes, &rows, &mut random, &context);
    }
    assert!(told * 3 > all * 2 && all > 30_000, "{told} told of {all}");
}

fn compare_frames(bytes: &[u8], frames: &Frames, wanted: &[naive::NaiveFrame], context: &str) {
    assert_eq!(frames.starts.len(), wanted.len(), "{context}");
    let mut faults = frames.faults.iter().peekable();
    for (row, wanted) in wanted.iter().enumerate() {
        let mut found = naive::NaiveFrame {
            start: frames.starts[row] as usize,
            end: frames.ends[row] as usize,
            time: wanted.time.map(|_| frames.times[row]),
            hashes: frames.hashes.iter().map(|hashes| hashes[row]).collect(),
            faults: Vec::new(),
        };
        while let Some(fault) = faults.next_if(|fault| fault.row as usize == row) {
            found.faults.push((fault.scope, fault.reason));
        }
        let record = String::from_utf8_lossy(&bytes[wanted.start..wanted.end]);
        assert_eq!(&found, wanted, "{record} row {row} {context}");
    }
    assert_eq!(faults.next(), None, "faults do not rise: {context}");
    assert_eq!(frames.delimiters.len(), frames.starts.len(), "{context}");
    // A length that no byte holds is not told.
    let places = frames.starts.iter().zip(&frames.ends);
    for ((start, end), &lengths) in places.zip(&frames.delimiters) {
        assert!(lengths == 0 || end - start < 300, "{context}");
    }
}

#[test]
fn every_near_miss_is_read_as_by_the_twin_wherever_it_stands() {
    let (format, schema) = feed_table();
    let spec = FrameSpec {
        time: Some(0),
        keys: vec![vec![1, 3]],
        hash_seed: 5,
    };
    let seed = 0x5eed_00a4;
    let mut random = Random(seed);
    let mut decoder = super::super::decoder(&format, &schema);
    for (from, to) in NEAR_MISSES {
        // The first row, one within a run, the last of a block, the last of all.
        for place in [0, 5, 63, 99] {
            let lines: Vec<String> = (0..100)
                .map(|number| {
                    let line = row(&mut random, number);
                    assert!(line.contains(from), "{line} has no {from}");
                    let line = match number == place {
                        true => strange(&line, (from, to)),
                        false => line,
                    };
                    line + "\n"
                })
                .collect();
            let bytes = lines.concat().into_bytes();
            let context = format!("{from} to {to} in row {place}, seed {seed:#x}");
            let wanted = naive::frame(&bytes, &format, &schema, &spec);
            let mut framer = super::super::framer(&format, &schema, &spec);
            let mut frames = Frames::default();
            frames.clear(1);
            framer.frame(&bytes, 0, true, usize::MAX >> 1, &mut frames);
            compare_frames(&bytes, &frames, &wanted, &context);
            let rows = RowDescriptors {
                starts: frames.starts,
                ends: frames.ends,
                delimiters: frames.delimiters,
                ..RowDescriptors::default()
            };
            let table = (&format, &schema);
            compare_decoded(&mut *decoder, table, &bytes, &rows, &mut random, &context);
        }
    }
}
