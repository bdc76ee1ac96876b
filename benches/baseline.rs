//! The yardstick: straightforward hand-written programs on one core, million rows a second.
//!
//! Each does the work of one benchmark query over a file of trades (`velo-tpc gen trades`): find the fields, parse
//! those that the answer needs, keep the answer in a hash map. Nothing is tuned: this is what one writes in an
//! afternoon, for one query, without SQL, watermarks, late data, error policy or a second core.
//!
//! | shape | work |
//! |---|---|
//! | S0 | `symbol, price, size WHERE size > 500` |
//! | S0csv | the same, written as CSV into a buffer |
//! | S1 | AVG, SUM, MIN, MAX of the last 100 rows of the symbol, for each row |
//! | LagRowNumber | price, the price before and the number of the row of the symbol, for each row |
//! | S2 | COUNT, SUM(size), AVG, MIN, MAX(price) by symbol |
//! | S3a | the same by symbol and 1 s window, one window at a time of a file in time order |
//! | S3b | S3a, the changed group after each row |
//! | hop | COUNT, SUM(size), AVG(price) by symbol and 10 s window, every second, each row in ten windows |
//! | session | the same by symbol and session, as long as no 2 s pass without a row of the symbol |
//! | CountDistinct | distinct prices by symbol, in a hash set of each |
//! | median, percentile | MEDIAN and the 99th percentile of the price by symbol, of all prices kept |
//!
//! `cargo run --release --example baseline -- trades.csv [--shape S2] [--runs 5]` measures a file (or
//! `VELO_BENCH_FILE`) and prints one JSON line a run; with `--print` it writes the result rows as CSV instead. A file
//! named `.jsonl` has JSON lines, one named `.bin` binary records, any other CSV with a header. Without a file, or with `--small`, it takes a thousand
//! rows made in memory, as `cargo test` does. The answer over the first rows is compared with a slow program's, which
//! shares no parser and no table with the fast one, before anything is timed.

#[path = "baseline/input.rs"]
mod input;
#[path = "baseline/output.rs"]
mod output;
#[path = "baseline/shapes.rs"]
mod shapes;
#[path = "baseline/verify.rs"]
mod verify;

use std::fs::File;
use std::io::Read;
use std::process::ExitCode;
use std::time::Instant;

use input::Format;
use output::{Count, Print};
use shapes::Shape;

/// Bytes of the file's head on which the answer is checked.
const CHECKED_BYTES: u64 = 3 << 20;
const USAGE: &str = "usage: baseline [FILE] [--shape S0|S0csv|S1|LagRowNumber|S2|S3a|S3b|hop|session|CountDistinct|median|percentile] [--runs N] [--print] | --small";

fn main() -> ExitCode {
    match Arguments::read().and_then(|arguments| arguments.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("baseline: {message}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    file: Option<String>,
    shapes: Vec<Shape>,
    runs: usize,
    print: bool,
}

impl Arguments {
    fn read() -> Result<Self, String> {
        let mut arguments = Self {
            file: std::env::var("VELO_BENCH_FILE").ok(),
            shapes: Shape::ALL.to_vec(),
            runs: 1,
            print: false,
        };
        let mut rest = std::env::args().skip(1);
        while let Some(text) = rest.next() {
            match text.as_str() {
                "--small" => arguments.file = None,
                "--print" => arguments.print = true,
                "--shape" => {
                    let name = rest.next().ok_or(USAGE)?;
                    let shapes = &mut arguments.shapes;
                    shapes.retain(|shape| shape.name().eq_ignore_ascii_case(&name));
                }
                "--runs" => {
                    let count = rest.next().and_then(|text| text.parse().ok());
                    arguments.runs = count.ok_or(USAGE)?;
                }
                _ if !text.starts_with('-') => arguments.file = Some(text),
                // What the test harness would take, such as --nocapture or --test-threads=1.
                _ => {}
            }
        }
        if arguments.shapes.is_empty() {
            return Err(USAGE.to_owned());
        }
        Ok(arguments)
    }

    fn run(&self) -> Result<(), String> {
        let Some(path) = &self.file else {
            for format in Format::ALL {
                let rows = input::small_file(format);
                for shape in &self.shapes {
                    verify::check(&rows, format, *shape)?;
                    measure(*shape, format, &mut &rows[..])?;
                }
            }
            return Ok(());
        };
        let format = Format::of(path);
        let open = || File::open(path).map_err(|cause| format!("{path}: {cause}"));
        let head = input::head(open()?, format, CHECKED_BYTES)?;
        for shape in &self.shapes {
            verify::check(&head, format, *shape)?;
        }
        for _ in 0..self.runs {
            for shape in &self.shapes {
                if self.print {
                    let mut print = Print::new(std::io::stdout().lock());
                    shape.run(format, &mut open()?, &mut print)?;
                    print.finish()?;
                } else {
                    measure(*shape, format, &mut open()?)?;
                }
            }
        }
        Ok(())
    }
}

/// Times one run over the whole input and prints its line.
fn measure(shape: Shape, format: Format, input: &mut dyn Read) -> Result<(), String> {
    let start = Instant::now();
    let mut results = Count::default();
    let rows = shape.run(format, input, &mut results)?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{{\"program\":\"baseline\",\"shape\":\"{}\",\"rows\":{rows},\"out_rows\":{},\"seconds\":{seconds:.4},\"rows_per_second\":{:.0}}}",
        shape.name(),
        results.rows(),
        rows as f64 / seconds
    );
    Ok(())
}
