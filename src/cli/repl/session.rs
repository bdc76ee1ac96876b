//! What the shell remembers between statements, and how one is carried out.
//!
//! Every statement is compiled behind the text of all that was declared before: there is one way to compile, and a
//! place in an error is moved back by the lines of the declarations.

use super::complete::Names;
use super::split::{self, Scan};
use crate::cli::compile::inferred;
use crate::cli::input::InputArgs;
use crate::cli::run::reads_stdin;
use crate::cli::{EXIT_FAILED, HostEnvironment, fail, print};
use crate::error::SqlError;
use crate::limits::SQL_BYTES_MAX;
use crate::metrics::report::RunEnd;
use crate::plan::Job;
use crate::runtime::signals::{EXIT_INTERRUPTED, Interrupt};
use crate::runtime::{self, RunOptions};
use crate::sql::{CompileOptions, Compiled, compile};
use std::path::Path;
use std::time::Instant;

/// Files that `.read` one another.
const READS_MAX: usize = 16;

/// Whether the shell goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// With the next line.
    Go,
    /// To its end.
    Quit,
}

/// The lines that are being taken: where they come from, and the statement that is open.
struct Input {
    /// What errors call it.
    name: String,
    /// Lines taken.
    lines: usize,
    /// What was taken and not carried out.
    open: String,
    /// How far `open` was looked through.
    scan: Scan,
    /// The line that `open` begins in, from 1.
    first: usize,
}

impl Input {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            lines: 0,
            open: String::new(),
            scan: Scan::default(),
            first: 1,
        }
    }

    /// Takes the first complete statement, with the line it begins in.
    fn statement(&mut self) -> Option<(String, usize)> {
        let end = self.scan.end(&self.open)?;
        self.scan = Scan::default();
        let rest = self.open.split_off(end);
        let taken = std::mem::replace(&mut self.open, rest);
        let blank = &taken[..taken.len() - taken.trim_start().len()];
        let line = self.first + blank.matches('\n').count();
        self.first += taken.matches('\n').count();
        Some((taken.trim().to_owned(), line))
    }

    fn clear(&mut self) {
        self.open.clear();
        self.scan = Scan::default();
    }
}

/// A session of the shell.
pub(super) struct Session {
    // Fixed at construction.
    interrupt: Interrupt,
    is_interactive: bool,
    // State.
    pub(super) options: CompileOptions,
    pub(super) timing: bool,
    /// CREATE and SET so far, each with its `;` and a newline.
    declared: String,
    names: Names,
    input: Input,
    reads: usize,
    /// Of the first statement that failed.
    code: u8,
}

impl Session {
    /// One that nothing is declared in.
    pub(super) fn new(options: CompileOptions, interrupt: Interrupt, is_interactive: bool) -> Self {
        let mut session = Self {
            interrupt,
            is_interactive,
            options,
            timing: false,
            declared: String::new(),
            names: Names::default(),
            input: Input::new("stdin"),
            reads: 0,
            code: 0,
        };
        session.learn_names();
        session
    }

    /// Takes a line: carries out the statements that end in it, or a command.
    pub(super) fn line(&mut self, line: &str) -> Next {
        let input = &mut self.input;
        if input.open.is_empty() {
            // What is typed is counted from its statement, a script from its start.
            if self.is_interactive && self.reads == 0 {
                input.lines = 0;
            }
            input.first = input.lines + 1;
        }
        input.lines += 1;
        if input.open.is_empty() && line.trim_start().starts_with('.') {
            return self.command(line.trim());
        }
        input.open += line;
        input.open.push('\n');
        while let Some((statement, line)) = self.input.statement() {
            self.statement(&statement, line);
            if self.is_over() {
                return Next::Quit;
            }
        }
        if SQL_BYTES_MAX < self.input.open.len() {
            self.input.clear();
            self.failed(&format!("a statement has at most {SQL_BYTES_MAX} bytes"));
        } else if !self.input.scan.is_inside() && split::is_blank(&self.input.open) {
            self.input.clear();
        }
        Next::Go
    }

    /// The lines of the statement that is open.
    pub(super) fn open(&self) -> &str {
        &self.input.open
    }

    /// Whether a statement is open.
    pub(super) fn is_open(&self) -> bool {
        !self.input.open.is_empty()
    }

    /// Forgets the statement that is open.
    pub(super) fn clear_line(&mut self) {
        self.input.clear();
    }

    /// Forgets what was declared.
    pub(super) fn clear_declarations(&mut self) {
        self.declared.clear();
        self.learn_names();
    }

    /// No more lines come: what is open is a statement, too.
    pub(super) fn end(&mut self) {
        let open = std::mem::take(&mut self.input.open);
        self.input.scan = Scan::default();
        if !split::is_blank(&open) && !self.is_over() {
            self.statement(open.trim_end(), self.input.first);
        }
    }

    /// The exit code of a script.
    pub(super) fn exit_code(&self) -> u8 {
        self.code
    }

    /// What can be completed.
    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// Takes the lines of a file; whether all of it went well.
    pub(super) fn read(&mut self, path: &Path) -> bool {
        if self.reads == READS_MAX {
            self.failed(&format!("{READS_MAX} files read one another"));
            return false;
        }
        let before = std::mem::take(&mut self.code);
        let file = InputArgs {
            file: Some(path.to_owned()),
            execute: None,
        };
        match file.read() {
            Err(error) => self.failed(&error),
            Ok(sql) => {
                self.reads += 1;
                let outer = std::mem::replace(&mut self.input, Input::new(&sql.name));
                for line in sql.text.lines() {
                    if self.line(line) == Next::Quit {
                        break;
                    }
                }
                self.end();
                self.input = outer;
                self.reads -= 1;
            }
        }
        let went_well = self.code == 0;
        if before != 0 {
            self.code = before;
        }
        went_well
    }

    /// Tells an error that ends nothing but its statement.
    pub(super) fn failed(&mut self, message: &str) {
        let code = fail(EXIT_FAILED, &message);
        self.note(code);
    }

    fn note(&mut self, code: u8) {
        if self.code == 0 {
            self.code = code;
        }
    }

    /// Whether a script was interrupted.
    fn is_over(&self) -> bool {
        !self.is_interactive && self.interrupt.is_requested()
    }

    /// Carries out one statement, which begins in `line` of its input.
    pub(super) fn statement(&mut self, text: &str, line: usize) {
        if split::is_blank(text) {
            return;
        }
        self.interrupt.reset();
        let before = self.declared.matches('\n').count();
        let whole = format!("{}{text}", self.declared);
        let start = Instant::now();
        match compile(&whole, &self.options, &HostEnvironment) {
            Err(error) => {
                eprintln!("{}", self.rendered(error, &whole, text, before, line));
                self.note(EXIT_FAILED);
            }
            Ok(compiled) => self.carry_out(compiled, text, before),
        }
        if self.timing {
            eprintln!("time: {:.3} s", start.elapsed().as_secs_f64());
        }
    }

    /// The error with its place in the input, or in the declarations where it is there.
    fn rendered(
        &self,
        mut error: SqlError,
        whole: &str,
        text: &str,
        before: usize,
        line: usize,
    ) -> String {
        let moved = |at: u32| u32::try_from(at as usize - before + line - 1).unwrap_or(u32::MAX);
        if error.span.line as usize <= before {
            return error.render("declared", whole);
        }
        error.span.line = moved(error.span.line);
        error.span.end_line = moved(error.span.end_line.max(before as u32 + 1));
        let shown = format!("{}{text}", "\n".repeat(line - 1));
        error.render(&self.input.name, &shown)
    }

    fn carry_out(&mut self, compiled: Compiled, text: &str, before: usize) {
        for (path, schema, why) in &compiled.inferred {
            eprintln!("{}", inferred(path, schema, why));
        }
        let is_new = |line: u32| before < line as usize;
        for (_, warning) in compiled.warnings.iter().filter(|it| is_new(it.0.line)) {
            eprintln!("warning: {warning}");
        }
        for text in &compiled.output {
            if let Err(code) = print(text) {
                self.note(code);
            }
        }
        match compiled.job {
            Some(job) => self.run(job, compiled.analyze),
            None if compiled.output.is_empty() => {
                self.declared += text;
                self.declared.push_str(match text.ends_with(';') {
                    true => "\n",
                    false => "\n;\n",
                });
                self.learn_names();
            }
            None => {}
        }
    }

    fn run(&mut self, job: Job, analyze: bool) {
        if reads_stdin(&job) {
            return self
                .failed("stdin is the shell's, so no table can be; read a file or a socket");
        }
        let options = RunOptions {
            progress: self.is_interactive,
            interrupt: self.interrupt.clone(),
        };
        let report = match runtime::run(job, options) {
            Ok(report) => report,
            Err(error) => return self.failed(&error.to_string()),
        };
        let interrupted = report.end == RunEnd::Interrupted;
        let is_incomplete = report
            .statements
            .iter()
            .any(|it| it.ledger.rejected_total() > 0);
        if analyze || interrupted || is_incomplete {
            eprint!("{}", report.text());
        }
        if interrupted {
            self.note(EXIT_INTERRUPTED);
        }
    }

    /// Finds the names that can be completed, which only an editor asks for.
    fn learn_names(&mut self) {
        if !self.is_interactive {
            return;
        }
        let firsts = |text: &str| -> Vec<String> {
            let lines = text.lines().skip(1);
            let lines = lines.filter(|line| !line.starts_with(['\'', ' ']) && !line.contains(": "));
            let first = |line: &str| line.split("  ").next().unwrap_or_default().to_owned();
            lines.map(first).collect()
        };
        let shown = |text: &str| -> Vec<String> {
            let text = format!("{}{text}", self.declared);
            let compiled = compile(&text, &self.options, &HostEnvironment);
            compiled.map_or(Vec::new(), |compiled| compiled.output)
        };
        let mut names = Names::default();
        if let [tables, functions] = &shown("SHOW TABLES; SHOW FUNCTIONS")[..] {
            for table in firsts(tables) {
                let columns = shown(&format!("DESCRIBE \"{table}\""));
                let columns = columns.first().map_or(Vec::new(), |text| firsts(text));
                names.tables.push((table, columns));
            }
            let spelled = firsts(functions);
            let each = spelled.iter().flat_map(|names| names.split(", "));
            names.functions = each.map(str::to_owned).collect();
        }
        self.names = names;
    }
}
