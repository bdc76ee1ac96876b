//! The tree's rules as tests (`src/lib.rs` tells them): imports, sizes, unsafe code, dependencies, words.
//! Every message names the cure.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules by level; a file may import its own level and those below.
const LEVELS: [&[&str]; 7] = [
    &["types", "time", "hash", "limits", "error"],
    &[
        "batch",
        "batch_hash",
        "inbox",
        "chunk",
        "link",
        "probe",
        "table",
        "plan",
        "civil",
        "decimal",
    ],
    &["expr", "operator", "format", "sql"],
    &["ingest", "worker", "egress", "wiring", "subquery"],
    &["source", "sink", "checkpoint"],
    &["runtime", "sim", "metrics"],
    &["cli"],
];

/// Lines a file may have.
const FILE_LINES_MAX: usize = 800;

/// Lines a function may have.
const FUNCTION_LINES_MAX: usize = 70;

/// Files that may hold unsafe code, each with a reason in it.
const UNSAFE: [&str; 7] = [
    "src/chunk.rs",
    "src/format/json/lanes.rs",
    "src/format/simd/avx2.rs",
    "src/format/simd/avx512.rs",
    "src/format/simd/keys.rs",
    "src/format/simd/lanes.rs",
    "src/format/simd/mod.rs",
];

struct Source {
    /// Path from the root of the repository.
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("the tree can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let mut files = Vec::new();
    for folder in folders {
        collect(&root().join(folder), &mut files);
    }
    files.sort();
    let texts = files.into_iter().filter_map(|file| {
        let path = file.strip_prefix(root()).expect("below the root");
        let text = fs::read_to_string(&file).ok()?;
        Some(Source {
            path: path.display().to_string(),
            text,
        })
    });
    texts.collect()
}

fn rust(folders: &[&str]) -> Vec<Source> {
    let mut files = sources(folders);
    files.retain(|file| file.path.ends_with(".rs"));
    files
}

fn is_test(path: &str) -> bool {
    path.contains("/tests")
        || path.contains("naive")
        || path.starts_with("tests/")
        || path.contains("_tests")
}

/// The text in front of the file's own tests.
fn code(file: &Source) -> &str {
    let end = file.text.find("\n#[cfg(test)]\nmod tests {");
    &file.text[..end.unwrap_or(file.text.len())]
}

/// The module below the crate that a file belongs to.
fn module(path: &str) -> &str {
    let below = path.strip_prefix("src/").unwrap_or(path);
    below
        .split('/')
        .next()
        .unwrap_or(below)
        .trim_end_matches(".rs")
}

fn level(module: &str) -> Option<usize> {
    LEVELS.iter().position(|level| level.contains(&module))
}

fn demand(violations: Vec<String>, cure: &str) {
    assert!(violations.is_empty(), "{}\n{cure}", violations.join("\n"));
}

#[test]
fn imports_point_downwards() {
    let mut violations = Vec::new();
    for file in rust(&["src"]) {
        let own = module(&file.path);
        if matches!(own, "lib" | "main") || is_test(&file.path) {
            continue;
        }
        let Some(at) = level(own) else {
            violations.push(format!(
                "{}: module {own} has no level in tests/tidy.rs",
                file.path
            ));
            continue;
        };
        let lines = code(&file).lines().enumerate();
        for (number, line) in lines.filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for used in line.split("crate::").skip(1) {
                let name: String = used
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let sideways = matches!(
                    (own, name.as_str()),
                    ("sql", "operator") | ("operator", "sql")
                );
                if sideways || level(&name).is_some_and(|other| other > at) {
                    violations.push(format!(
                        "{}:{}: {own} imports {name}",
                        file.path,
                        number + 1
                    ));
                }
            }
        }
    }
    demand(
        violations,
        "move what is shared to a lower level, see the levels in tests/tidy.rs",
    );
}

#[test]
fn roles_do_no_io_and_read_no_clock() {
    const PURE: [&str; 6] = ["ingest", "worker", "egress", "operator", "expr", "format"];
    let words = [
        "async ", "::now(", "glommio", "std::fs", "std::net", "Mutex", "RwLock", "tokio",
    ];
    let mut violations = Vec::new();
    for file in rust(&["src"]) {
        if !PURE.contains(&module(&file.path)) || is_test(&file.path) {
            continue;
        }
        for word in words.iter().filter(|word| code(&file).contains(**word)) {
            violations.push(format!("{}: {word}", file.path));
        }
    }
    demand(
        violations,
        "give the role bytes and times, and let its driver do the I/O",
    );
}

#[test]
fn only_edges_and_the_runtime_name_the_executor() {
    let files = rust(&["src"]).into_iter();
    let named = files.filter(|file| file.text.contains("glommio::"));
    let strays = named.filter(|file| !matches!(module(&file.path), "runtime" | "source" | "sink"));
    demand(
        strays.map(|file| file.path).collect(),
        "put executor code into runtime/, source/ or sink/",
    );
}

#[test]
fn files_say_what_they_are_and_stay_short() {
    let mut violations = Vec::new();
    for file in rust(&["src", "tests", "benches"]) {
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX {
            violations.push(format!("{}: {lines} lines; split it by idea", file.path));
        }
        if !file.text.starts_with("//!") && file.path != "src/main.rs" {
            violations.push(format!(
                "{}: begin it with a //! that tells its design",
                file.path
            ));
        }
    }
    demand(violations, "see the messages");
}

/// (name, lines) of the functions of a text in rustfmt's layout: the closing brace stands under `fn`.
fn functions(text: &str) -> Vec<(String, usize)> {
    let mut open: Vec<(usize, usize, String)> = Vec::new();
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        let begins = body.split(' ').take(5).position(|word| word == "fn");
        if begins.is_some()
            && !body.ends_with(';')
            && !body.ends_with('}')
            && !body.starts_with("//")
        {
            let name = body
                .split("fn ")
                .nth(1)
                .unwrap_or("")
                .split(['(', '<'])
                .next();
            open.push((indent, number, name.unwrap_or("").to_owned()));
        }
        if body == "}" && open.last().is_some_and(|function| function.0 == indent) {
            let (_, start, name) = open.pop().expect("just seen");
            found.push((name, number + 1 - start));
        }
    }
    found
}

#[test]
fn functions_stay_short() {
    let mut violations = Vec::new();
    for file in rust(&["src"]) {
        if is_test(&file.path) {
            continue;
        }
        for (name, lines) in functions(code(&file)) {
            if lines > FUNCTION_LINES_MAX {
                violations.push(format!("{}: fn {name} has {lines} lines", file.path));
            }
        }
    }
    demand(
        violations,
        "split functions over 70 lines: ifs up, fors down",
    );
}

#[test]
fn unsafe_code_is_where_it_is_allowed_and_says_why() {
    let mut violations = Vec::new();
    for file in rust(&["src"]) {
        let lines: Vec<&str> = file.text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let body = line.trim_start();
            let uses = ["unsafe {", "unsafe impl", "unsafe fn"]
                .iter()
                .any(|word| body.contains(word));
            if body.starts_with("//") || !uses {
                continue;
            }
            let before = lines[at.saturating_sub(3)..at].iter();
            let reasoned = before
                .clone()
                .any(|line| line.contains("SAFETY") || line.contains("# Safety"));
            if !UNSAFE.contains(&file.path.as_str()) || !reasoned {
                violations.push(format!("{}:{}", file.path, at + 1));
            }
        }
    }
    demand(
        violations,
        "say // SAFETY: and list the file in tests/tidy.rs, or do without unsafe",
    );
}

#[test]
fn every_dependency_says_why() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml can be read");
    let mut in_dependencies = false;
    let mut violations = Vec::new();
    let mut before = "";
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
        } else if in_dependencies && line.contains('=') && !line.starts_with('#') {
            let name = line.split(' ').next().unwrap_or(line).replace('-', "_");
            if !line.contains(" # ") && !before.starts_with('#') {
                violations.push(format!("{name}: no reason"));
            }
            let used = rust(&["src", "tests", "benches"])
                .iter()
                .any(|file| file.text.contains(&format!("{name}::")));
            if !used {
                violations.push(format!("{name}: nothing uses it"));
            }
        }
        before = line;
    }
    demand(
        violations,
        "give each dependency of Cargo.toml a one-line reason, or remove it",
    );
}

#[test]
fn the_tree_speaks_of_the_product_only() {
    let banned = [
        concat!("/wo", "rk/"),
        concat!("hel", "per"),
        concat!("sub", "agent"),
        concat!("crates", ".io"),
    ];
    // A trait of the line editor and the function that takes it.
    let allowed = [concat!("rustyline::hel", "per"), concat!("set_hel", "per")];
    let mut violations = Vec::new();
    for file in sources(&["src", "tests", "benches", "scripts", "tuning", ".ci"]) {
        for (number, line) in file.text.lines().enumerate() {
            let mut lower = line.to_lowercase();
            for word in allowed {
                lower = lower.replace(word, "");
            }
            for word in banned.iter().filter(|word| lower.contains(**word)) {
                violations.push(format!("{}:{}: {word}", file.path, number + 1));
            }
        }
    }
    demand(violations, "say it in the product's own terms");
}
