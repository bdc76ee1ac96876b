//! What the README prints is so: its list of functions is the catalogue's, its queries are accepted, and the
//! queries of `scripts/bench.sh` are too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A directory with a small `trades.csv`, removed when it goes.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("velo-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let directory = Self(path);
        let made = directory.velo(&["gen", "trades", "--rows", "100", "-o", "trades.csv"]);
        assert!(made.status.success(), "{made:?}");
        directory
    }

    fn velo(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_velo-tpc"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VELO_")) {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .env_remove("DAY")
            .env("FILE", "trades.csv")
            .current_dir(&self.0)
            .output()
            .unwrap()
    }

    fn check(&self, what: &str, sql: &str) {
        fs::write(self.0.join("query.sql"), sql).unwrap();
        let checked = self.velo(&["check", "query.sql"]);
        let message = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{what}:\n{sql}\n{message}");
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

#[test]
fn the_functions_are_those_of_the_catalogue() {
    let directory = Directory::new("readme-functions");
    let shown = directory.velo(&["run", "-e", "SHOW FUNCTIONS"]);
    let list = String::from_utf8(shown.stdout).unwrap();
    assert!(list.lines().count() > 30, "{list}");
    assert!(
        readme().contains(list.trim_end()),
        "README.md does not list what SHOW FUNCTIONS prints; put this there:\n{list}"
    );
}

#[test]
fn the_queries_are_accepted() {
    let directory = Directory::new("readme-queries");
    let readme = readme();
    let queries: Vec<&str> = readme
        .split("```sql\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(queries.len() >= 5, "{} queries in README.md", queries.len());
    for sql in queries {
        directory.check("README.md", sql);
    }
}

#[test]
fn the_benchmark_queries_are_accepted() {
    let directory = Directory::new("bench-queries");
    let mut count = 0;
    for entry in fs::read_dir(root().join("benches/queries")).unwrap() {
        let path = entry.unwrap().path();
        directory.check(
            &path.display().to_string(),
            &fs::read_to_string(&path).unwrap(),
        );
        count += 1;
    }
    assert_eq!(
        count, 14,
        "a file for each query of scripts/bench.sh but s2_many"
    );
}
