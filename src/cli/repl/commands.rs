//! Commands of the shell itself, which begin with a dot.

use super::session::{Next, Session};
use crate::cli::print;
use crate::sql::names;
use std::path::Path;

const HELP: &str = ".help                    this text
.tables                  what is declared
.read FILE               run the statements of a file
.format table|csv|json   how rows of a SELECT are printed
.timing on|off           tell how long each statement took
.clear                   forget what is declared
.quit                    leave, as Ctrl-D does
A statement ends with ;. CREATE and SET are kept for the statements behind them; SELECT and INSERT run, and CREATE ..
AS SELECT with a sink runs once. SHOW TABLES, SHOW FUNCTIONS and DESCRIBE tell what there is.";

const COMMANDS: &[&str] = &[
    ".help", ".tables", ".read", ".format", ".timing", ".clear", ".quit",
];
const FORMATS: &[&str] = &["table", "csv", "json"];

impl Session {
    /// Carries out a command.
    pub(super) fn command(&mut self, line: &str) -> Next {
        let (word, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match (word, argument.trim()) {
            (".help", "") => drop(print(HELP)),
            (".tables", "") => self.statement("SHOW TABLES", 1),
            (".read", path) if !path.is_empty() => {
                self.read(Path::new(path.trim_matches('\'')));
            }
            (".format", name) if FORMATS.contains(&name) => {
                self.options.stdout_format = Some(name.to_owned());
            }
            (".timing", "on") => self.timing = true,
            (".timing", "off") => self.timing = false,
            (".clear", "") => self.clear_declarations(),
            (".quit" | ".exit", "") => return Next::Quit,
            (known, _) if COMMANDS.contains(&known) => {
                let lines = HELP.lines();
                let usage = lines.filter_map(|line| line.split_once("  "));
                let usage = usage
                    .map(|(usage, _)| usage)
                    .find(|it| it.starts_with(known));
                self.failed(&format!("the command is {}", usage.unwrap_or(known)));
            }
            (unknown, _) => {
                let hint = names::nearest(unknown, COMMANDS.iter().copied());
                let hint = hint.map_or(".help lists them".to_owned(), |near| {
                    format!("did you mean {near}?")
                });
                self.failed(&format!("command {unknown} does not exist\nhint: {hint}"));
            }
        }
        Next::Go
    }
}
