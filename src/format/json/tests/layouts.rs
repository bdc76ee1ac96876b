//! Rows of learnt layouts against the general reader and the slow twin: random templates, their rows filled in,
//! mutated, and with bits of other rows in them.

use super::super::layout::Layouts;
use super::super::parse::{Kind, Parser, Sheet, Span};
use super::super::paths::Paths;
use super::super::stops::Stops;
use super::*;
use crate::format::simd::{Kernel, Scan, Swar, dispatch};

/// A row to be filled in.
#[derive(Clone, Debug)]
enum Part {
    Glue(Vec<u8>),
    /// The inside of a string.
    Text,
    Number,
    /// A number or what may stand in its place.
    Bare,
}

#[derive(Debug, Default)]
struct Template(Vec<Part>);

impl Template {
    fn random(random: &mut Random) -> Self {
        let mut template = Self::default();
        template.object(random, 0);
        if random.one_in(8) {
            template.glue(b" ");
        }
        template
    }

    fn glue(&mut self, bytes: &[u8]) {
        match self.0.last_mut() {
            Some(Part::Glue(glue)) => glue.extend_from_slice(bytes),
            _ => self.0.push(Part::Glue(bytes.to_vec())),
        }
    }

    fn space(&mut self, random: &mut Random) {
        let mut space = Vec::new();
        random_space(random, &mut space);
        self.glue(&space);
    }

    fn object(&mut self, random: &mut Random, depth: usize) {
        const NAMES: [&str; 12] = [
            "ts",
            "symbol",
            "price",
            "size",
            "a",
            "b",
            "c",
            "d",
            "ok",
            "day",
            "wide",
            "a member of more than one piece that nobody asked for",
        ];
        self.glue(b"{");
        self.space(random);
        for i in 0..random.below(7) {
            if i > 0 {
                self.glue(b",");
                self.space(random);
            }
            self.glue(format!("\"{}\":", random.pick(&NAMES)).as_bytes());
            self.space(random);
            self.value(random, depth);
            self.space(random);
        }
        self.glue(b"}");
    }

    fn value(&mut self, random: &mut Random, depth: usize) {
        match random.below(16) {
            0..5 => {
                self.glue(b"\"");
                self.0.push(Part::Text);
                self.glue(b"\"");
            }
            5..10 => self.0.push(Part::Number),
            10 => self.0.push(Part::Bare),
            11 => self.glue(b"[]"),
            // Rarely, for what has no stop before it cannot be learnt.
            12 if random.one_in(3) => {
                self.glue(b"[");
                self.0.push(Part::Number);
                self.glue(b",");
                self.0.push(Part::Number);
                self.glue(b"]");
            }
            _ if depth < 3 => self.object(random, depth + 1),
            _ => self.0.push(Part::Number),
        }
    }

    fn fill(&self, random: &mut Random, out: &mut Vec<u8>) {
        for part in &self.0 {
            match part {
                Part::Glue(glue) => out.extend_from_slice(glue),
                Part::Text => {
                    let mut text = Vec::new();
                    random_text(random, &mut text);
                    let inside = &text[1..text.len() - 1];
                    // Most rows of a feed have no escape.
                    if !inside.contains(&b'\\') || random.one_in(6) {
                        out.extend_from_slice(inside);
                    }
                }
                Part::Number => out.extend_from_slice(random.pick(&NUMBERS)),
                Part::Bare if random.one_in(2) => random_number(random, out),
                Part::Bare => {
                    let rare: [&[u8]; 4] = [b"null", b"true", b"false", b"-0.0e+0"];
                    out.extend_from_slice(random.pick(&rare));
                }
            }
        }
    }
}

const NUMBERS: [&[u8]; 14] = [
    b"0",
    b"7",
    b"0.5",
    b"-0.25",
    b"-3",
    b"1700000000000",
    b"101.25",
    b"12345678.1",
    b"123456789012345",
    b"1234567890123456",
    b"12345678901234567",
    b"1e3",
    b"10.10",
    b"500",
];

/// As `mutate`, with what a careless reader of layouts would not see.
fn spoil(random: &mut Random, row: &mut Vec<u8>) {
    const BITS: [&[u8]; 17] = [
        b"\"",
        b"\\",
        b"\\\"",
        b",\"size\":5",
        b",\"a\":{}",
        b"\"ts\":1,",
        b"{\"a\":1}",
        b"\",\"",
        b"\":\"",
        b" ",
        b"\t",
        b"\r",
        b"0",
        b"-",
        b".",
        b"e",
        b"null",
    ];
    if random.one_in(2) {
        mutate(random, row);
        return;
    }
    let at = match random.one_in(2) {
        true => row.len().saturating_sub(1),
        false => random.below(row.len() + 1),
    };
    let bit = random.pick(&BITS);
    row.splice(at..at, bit.iter().copied());
}

/// Rows of a few templates, and whether each was left as it was made.
fn feed(random: &mut Random, newline: &[u8]) -> (Vec<u8>, RowDescriptors, Vec<bool>) {
    let templates: Vec<Template> = (0..1 + random.below(3) * random.below(3))
        .map(|_| Template::random(random))
        .collect();
    let (mut bytes, mut rows, mut whole) = (Vec::new(), RowDescriptors::default(), Vec::new());
    for _ in 0..random.below(60) {
        let mut row = Vec::new();
        templates[random.below(templates.len())].fill(random, &mut row);
        let spoilt = random.one_in(4);
        if spoilt {
            spoil(random, &mut row);
        }
        whole.push(!spoilt && !row.contains(&b'\\'));
        rows.starts.push(bytes.len() as u32);
        bytes.extend_from_slice(&row);
        rows.ends.push(bytes.len() as u32);
        bytes.extend_from_slice(newline);
    }
    (bytes, rows, whole)
}

struct Find<'a>(&'a mut Stops, &'a [u8], usize);

impl Kernel for Find<'_> {
    type Output = ();
    fn run<S: Scan>(self, scan: S) {
        self.0.find(scan, self.1, self.2, self.1.len());
    }
}

fn parser(format: &JsonFormat) -> Parser {
    let wanted: Vec<&[String]> = format.paths.iter().map(Vec::as_slice).collect();
    Parser::new(Paths::new(&wanted).0)
}

/// A table that takes no object as a whole, which no layout has.
fn scalars() -> (JsonFormat, Schema) {
    table(
        &[
            ("ts", DataType::Timestamp),
            ("symbol", DataType::Varchar),
            ("a.b", DataType::Int),
            ("a.c.d", DataType::Double),
            ("size", DataType::BigInt),
        ],
        TimestampFormat::Millis,
    )
}

#[test]
fn what_fits_a_layout_is_read_as_in_general() {
    let seed = 0x5eed_00a1;
    let mut random = Random(seed);
    let (format, _) = scalars();
    let mut parser = parser(&format);
    let mut stops = Stops::default();
    let (mut total, mut spoilt, mut fitting, mut whole_ones) = (0, 0, 0, 0);
    for round in 0..1500 {
        let (bytes, rows, whole) = feed(&mut random, b"\n");
        let mut layouts = Layouts::default();
        for (row, (&start, &end)) in rows.starts.iter().zip(&rows.ends).enumerate() {
            let (start, end) = (start as usize, end as usize);
            match random.one_in(2) {
                true => Find(&mut stops, &bytes, start).run(Swar),
                false => dispatch(Find(&mut stops, &bytes, start)),
            }
            let blank = || vec![Span::new(Kind::Bool, 7, 11); parser.slots()];
            let (mut fast, mut slow) = (blank(), blank());
            let sheet = |spans| Sheet {
                spans,
                stride: 1,
                row: 0,
            };
            let ends_at = |stop: usize| stop == end;
            let to = &mut sheet(&mut fast);
            let found = layouts.read(&bytes, start, stops.positions(), ends_at, to);
            let mut general = sheet(&mut slow);
            let legal = parser.record(&bytes, start, end, &mut general);
            let text = String::from_utf8_lossy(&bytes[start..end]);
            total += 1;
            whole_ones += usize::from(whole[row]);
            match found {
                Some(fit) => {
                    assert!(legal.is_some(), "{text} round {round} seed {seed:#x}");
                    assert_eq!(stops.positions()[fit.stops].at(), end);
                    assert_eq!(fast, slow, "{text} round {round} seed {seed:#x}");
                    fitting += 1;
                    spoilt += usize::from(!whole[row]);
                }
                None if legal.is_some() => layouts.learn(&bytes, start, end, &general),
                None => {}
            }
        }
    }
    // Most whole rows fit, and some spoilt ones: a digit more or another letter is another value.
    assert!(
        total > 30_000 && spoilt > 100,
        "{total} rows, {fitting} of {whole_ones} whole ones fit, {spoilt} spoilt"
    );
    assert!(fitting * 10 > whole_ones * 4, "{fitting} of {whole_ones}");
}

#[test]
fn feeds_are_framed_and_decoded_as_by_the_twin() {
    let seed = 0x5eed_00a2;
    let mut random = Random(seed);
    for (format, schema) in [trades(), scalars()] {
        compare_feeds(&format, &schema, seed, &mut random);
    }
}

fn compare_feeds(format: &JsonFormat, schema: &Schema, seed: u64, random: &mut Random) {
    let spec = FrameSpec {
        time: Some(0),
        keys: vec![vec![1], vec![4, 3, 2]],
        hash_seed: 77,
    };
    let mut decoder = super::super::decoder(format, schema);
    let mut told = 0;
    for round in 0..250 {
        // The framer knows other layouts than the decoder, for each has seen other rows.
        let mut framer = super::super::framer(format, schema, &spec);
        if random.one_in(2) {
            decoder = super::super::decoder(format, schema);
        }
        let newline: &[u8] = random.pick(&[b"\n", b"\n", b"\r\n"]);
        let (bytes, _, _) = feed(random, newline);
        let context = format!("round {round} seed {seed:#x}");
        let wanted = naive::frame(&bytes, format, schema, &spec);
        let found = frame_in_pieces(&bytes, format, schema, &spec, random);
        for (found, wanted) in found.iter().zip(&wanted) {
            let record = String::from_utf8_lossy(&bytes[wanted.start..wanted.end]);
            assert_eq!(found, wanted, "{record} {context}");
        }
        assert_eq!(found.len(), wanted.len(), "{context}");
        // All rows in a row, or those of one worker among several.
        let workers = 1 + random.below(3);
        let mut frames = Frames::default();
        frames.clear(spec.keys.len());
        framer.frame(&bytes, 0, true, usize::MAX >> 1, &mut frames);
        assert_eq!(frames.delimiters.len(), wanted.len(), "{context}");
        let tells = !random.one_in(4);
        let mut rows = RowDescriptors::default();
        for (frame, &lengths) in wanted.iter().zip(&frames.delimiters) {
            if random.one_in(workers) {
                rows.starts.push(frame.start as u32);
                rows.ends.push(frame.end as u32);
                if tells {
                    rows.delimiters.push(lengths);
                    told += usize::from(lengths != 0);
                }
            }
        }
        let table = (format, schema);
        compare_decoded(&mut *decoder, table, &bytes, &rows, random, &context);
    }
    assert!(told > 300, "{told} rows told of");
}

#[test]
fn every_row_of_a_feed_but_the_first_fits() {
    let (format, _) = scalars();
    let mut parser = parser(&format);
    let (mut layouts, mut stops) = (Layouts::default(), Stops::default());
    let mut bytes = Vec::new();
    for row in 0..100 {
        // A lone record is all there is, and its newline the last byte.
        bytes.clear();
        let ts = 1_700_000_000_000u64 + row;
        let line = format!(
            "{{\"ts\":{ts},\"symbol\":\"SYM{row}\",\"price\":{row}.5,\"a\":{{\"b\":-{row}}},\"ok\":null}}\n"
        );
        bytes.extend_from_slice(line.as_bytes());
        Find(&mut stops, &bytes, 0).run(Swar);
        let mut spans = vec![Span::default(); parser.slots()];
        let mut sheet = Sheet {
            spans: &mut spans,
            stride: 1,
            row: 0,
        };
        let end = bytes.len() - 1;
        let found = layouts.read(&bytes, 0, stops.positions(), |at| at == end, &mut sheet);
        assert_eq!(found.is_some(), row > 0, "row {row}");
        if found.is_none() {
            assert!(parser.record(&bytes, 0, end, &mut sheet).is_some());
            layouts.learn(&bytes, 0, end, &sheet);
        }
    }
}

#[test]
fn feeds_without_a_layout_are_not_tried_for_long() {
    let mut layouts = Layouts::default();
    assert!(layouts.is_promising());
    layouts.settle(1, 0);
    assert!(layouts.is_promising(), "one row says nothing");
    layouts.settle(1000, 900);
    assert!(layouts.is_promising());
    layouts.settle(1000, 100);
    let tries = (0..100).filter(|_| layouts.is_promising()).count();
    assert!((1..100).contains(&tries), "{tries}");
}
