//! The SQL front end over random texts: whatever is written, it answers in bounded time and does not panic.
//!
//! * `SEED=7 cargo test --test fuzz_sql` repeats a run; a failure prints its seed and the text.
//! * `FUZZ_SECONDS=600 cargo test --release --test fuzz_sql` searches longer.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use velo_tpc::cli::HostEnvironment;
use velo_tpc::sql::{CompileOptions, Environment, compile};

/// What one text may take: a release build answers within 100 ms, a debug build is some twenty times slower.
const PATIENCE: Duration = match cfg!(debug_assertions) {
    true => Duration::from_secs(2),
    false => Duration::from_millis(100),
};
/// Bytes of stack that compiling may use.
const STACK_BYTES: usize = 2 << 20;
/// Bytes of a seed query that is mutated.
const SEED_BYTES_MAX: usize = 8 << 10;

/// Tables that random texts can name.
const TABLES: &str = "CREATE TABLE t (ts TIMESTAMP, k VARCHAR, v BIGINT, p DECIMAL(18,4), x DOUBLE, b BOOLEAN, \
    d DATE, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'stdin', 'format' = 'csv');\n";

/// The files of the tests' queries, and no others: a mutated path must not make a test read the whole disk.
struct Fake;

const DATA: &str = "tests/queries/data/";

impl Environment for Fake {
    fn variable(&self, name: &str) -> Option<String> {
        matches!(name, "DATA" | "OUT").then(|| "data".to_owned())
    }
    fn files(&self, pattern: &str) -> Result<Vec<PathBuf>, String> {
        match pattern.starts_with(DATA) && !pattern.contains("..") && !pattern.contains("**") {
            true => HostEnvironment.files(pattern),
            false => Ok(Vec::new()),
        }
    }
    fn head(&self, path: &Path, bytes: usize) -> Result<Vec<u8>, String> {
        HostEnvironment.head(path, bytes)
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, among: &[&'a T]) -> &'a T {
        among[self.below(among.len())]
    }
}

#[test]
fn random_and_mutated_texts_are_answered() {
    let seed = number("SEED").unwrap_or_else(|| u64::from(std::process::id()) | 1);
    let seconds = number("FUZZ_SECONDS").unwrap_or(5);
    eprintln!("SEED={seed} cargo test --test fuzz_sql");
    let fuzz = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || fuzz(seed, Duration::from_secs(seconds)))
        .expect("a thread");
    let (texts, accepted) = fuzz.join().expect("see above");
    eprintln!("{texts} texts, {accepted} of them accepted");
    assert!(texts > 100, "only {texts} texts in {seconds} s");
    // Texts that are all refused at once would test nothing.
    assert!(accepted * 200 > texts, "{accepted} of {texts} accepted");
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn fuzz(seed: u64, time: Duration) -> (usize, usize) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let seeds = seeds();
    let words = words();
    let words: Vec<&str> = words.iter().map(|it| &it[..]).collect();
    let start = Instant::now();
    let (mut texts, mut accepted) = (0, 0);
    while start.elapsed() < time {
        let text = match random.below(4) {
            0 => stream(&mut random, &words),
            _ => mutated(&mut random, &seeds, &words),
        };
        accepted += usize::from(answer(seed, &text));
        texts += 1;
    }
    (texts, accepted)
}

/// Compiles and renders; whether it was accepted.
fn answer(seed: u64, text: &str) -> bool {
    let start = Instant::now();
    let answer =
        std::panic::catch_unwind(|| match compile(text, &CompileOptions::default(), &Fake) {
            Ok(compiled) => {
                if let Some(job) = &compiled.job {
                    let _ = velo_tpc::sql::explain_job(job);
                }
                Ok(())
            }
            Err(error) => Err(error.render("query", text)),
        });
    let took = start.elapsed();
    let again = format!("SEED={seed} cargo test --test fuzz_sql");
    let answer = answer.unwrap_or_else(|_| panic!("it panicked over:\n{text}\nagain: {again}"));
    assert!(took < PATIENCE, "{took:?} over:\n{text}\nagain: {again}");
    if let Err(message) = &answer {
        let (first, _) = message.split_once('\n').unwrap_or((message, ""));
        assert!(first.len() > "error: ".len(), "nothing is said of:\n{text}");
    }
    answer.is_ok()
}

/// Statements of random words.
fn stream(random: &mut Random, words: &[&str]) -> String {
    let length = 1 + random.below(40);
    let words: Vec<&str> = (0..length).map(|_| random.pick(words)).collect();
    let begin = [
        "",
        "SELECT ",
        "SELECT v FROM t ",
        "SELECT k, COUNT(*) FROM t GROUP BY k ",
    ];
    format!("{TABLES}{}{}", random.pick(&begin), words.join(" "))
}

/// A query of the tests with some of its tokens deleted, doubled, swapped or replaced, or its head with another's tail.
fn mutated(random: &mut Random, seeds: &[Vec<String>], words: &[&str]) -> String {
    let mut tokens = seeds[random.below(seeds.len())].clone();
    for _ in 0..1 + random.below(4) {
        let at = random.below(tokens.len());
        let end = (at + 1 + random.below(8)).min(tokens.len());
        match random.below(10) {
            0 => drop(tokens.drain(at..end)),
            1 => {
                let copy = tokens[at..end].to_vec();
                tokens.splice(at..at, copy);
            }
            2 => {
                let other = random.below(tokens.len());
                tokens.swap(at, other);
            }
            3 => tokens[at] = random.pick(words).to_owned(),
            4 => tokens.insert(at, random.pick(words).to_owned()),
            // Another of its kind: what comes out is often right.
            6.. => {
                let other = random.below(tokens.len());
                if kind(&tokens[at]) == kind(&tokens[other]) {
                    tokens[at] = tokens[other].clone();
                }
            }
            _ => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                tokens.truncate(at);
                tokens.extend_from_slice(&other[from..]);
            }
        }
        if tokens.is_empty() {
            tokens.push(";".to_owned());
        }
    }
    tokens.join(" ")
}

/// The tokens of every query of the tests, right and wrong ones.
fn seeds() -> Vec<Vec<String>> {
    let mut texts = Vec::new();
    collect(Path::new("tests/queries"), &mut texts);
    texts.retain(|text| text.len() <= SEED_BYTES_MAX);
    assert!(texts.len() > 100, "only {} queries", texts.len());
    let all = texts.iter().map(|text| tokens(text));
    all.filter(|tokens| !tokens.is_empty()).collect()
}

fn collect(folder: &Path, texts: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("an entry").path()).collect();
    // The order of a folder is the host's; a seed has to mean the same everywhere.
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, texts);
        } else if path.extension().is_some_and(|it| it == "sql") {
            texts.push(std::fs::read_to_string(path).expect("UTF-8"));
        } else if path.extension().is_some_and(|it| it == "errors") {
            let text = std::fs::read_to_string(path).expect("UTF-8");
            let queries = text.split("\n====\n");
            let queries = queries.filter_map(|it| it.split("\n----\n").next());
            texts.extend(queries.map(|query| format!("{TABLES}{query}")));
        }
    }
}

/// Words, numbers, texts in quotes and single signs; comments are left out.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' | '`' => rest[1..].find(first).map_or(rest.len(), |at| at + 2),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ if is_sign(first) => rest.find(|c| !is_sign(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, more) = rest.split_at(length);
        if !token.starts_with("--") {
            tokens.push(token.to_owned());
        }
        rest = more.trim_start();
    }
    tokens
}

/// Whether a token is a name, a number, a text or a sign.
fn kind(token: &str) -> u8 {
    match token.as_bytes()[0] {
        b'0'..=b'9' => 0,
        b'a'..=b'z' | b'_' => 1,
        b'A'..=b'Z' => 2,
        b'\'' => 3,
        _ => 4,
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

/// Of operators of several characters.
fn is_sign(c: char) -> bool {
    "<>=:|~!-&^".contains(c)
}

/// Words that mean something to the dialect, or break things.
fn words() -> Vec<String> {
    const WORDS: &str = "SELECT FROM WHERE GROUP BY HAVING QUALIFY WINDOW TUMBLING HOPPING SLIDING SESSION \
        CUMULATING TUMBLE HOP CUMULATE AS WITH CREATE TABLE VIEW STREAM INSERT INTO EMIT CHANGES FINAL ON CLOSE \
        LATE DATA ALLOW DROP WARN INTERVAL SECOND MINUTE DAY MONTH CASE WHEN THEN ELSE END NOT AND OR BETWEEN IS \
        NULL TRUE IN LIKE ILIKE SIMILAR TO ESCAPE OVER PARTITION ORDER ROWS RANGE UNBOUNDED PRECEDING FOLLOWING \
        CURRENT ROW BUFFER FILTER DESCRIPTOR SIZE ADVANCE SAMPLE EXPLAIN ANALYZE DESCRIBE SET SHOW TABLES FUNCTIONS \
        PRIMARY KEY WATERMARK FOR LIMIT DISTINCT CAST TRY_CAST AT TIME ZONE JOIN UNION ALL EXISTS WITHIN NULLS \
        FIRST LAST DESC BIGINT DECIMAL(38,38) VARCHAR TIMESTAMP t ts k v p x b d w a window_start window_end * ( ) \
        , ; . + - / % = <> <= => :: -> ->> || ~ !~ & << [ ] { } ? @ $ ! ^ # \\ é \u{0} 0 1 -1 1.5 1e308 1e999 1s \
        100ms 1ns 9223372036854775807 9223372036854775808 170141183460469231731687303715884105727 '' 'x' '1' \
        'UTC' '2024-01-02' '9999-12-31' '(' '[' '(?i)a' '%' '$.a[0]' '$..' '${OUT}' '${' \"k\" \"\" ` ' \" -- /* */";
    let mut words: Vec<String> = WORDS.split_whitespace().map(str::to_owned).collect();
    let shown = compile("SHOW FUNCTIONS", &CompileOptions::default(), &Fake).expect("right");
    let lines = shown.output.iter().flat_map(|text| text.lines().skip(1));
    for line in lines {
        let name = line.split([',', ' ']).next().unwrap_or_default();
        words.push(format!("{name}("));
        words.push(format!("{name}(v)"));
        words.push(format!("{name}(p, 2)"));
        words.push(format!("{name}(k, 'x') OVER (PARTITION BY k ORDER BY ts)"));
    }
    words
}

/// What the mutations begin with is right.
#[test]
fn queries_survive_being_cut_into_tokens() {
    let seeds = seeds();
    let mut first = None;
    let is_right = |tokens: &&Vec<String>| {
        let text = tokens.join(" ");
        let answer = compile(&text, &CompileOptions::default(), &Fake);
        if let Err(error) = &answer
            && first.is_none()
        {
            first = Some(error.render("query", &text));
        }
        answer.is_ok()
    };
    let right = seeds.iter().filter(is_right).count();
    assert!(
        right > 100,
        "{right} of {} are right; {}",
        seeds.len(),
        first.unwrap_or_default()
    );
}
