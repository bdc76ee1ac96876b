//! `velo-tpc repl`: statements as they are typed, with what was declared so far kept between them.
//!
//! The session ([`session`]) knows nothing of a terminal: it takes lines and says whether a statement is open. Lines
//! come from an editor with history and completion, or from stdin as a script.

mod commands;
mod complete;
mod history;
mod session;
mod split;

use super::run::StdoutFormat;
use super::values::{CpuList, Idle, cpu_list};
use super::{EXIT_FAILED, EXIT_USAGE, fail};
use crate::plan::Settings;
use crate::runtime::signals::Interrupt;
use crate::sql::CompileOptions;
use clap::Args;
use complete::Completion;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Config, Editor};
use session::{Next, Session};
use std::io::{BufRead, IsTerminal, Read};
use std::path::PathBuf;

/// Before the first line of a statement.
const PROMPT: &str = "velo> ";
/// Before its other lines.
const PROMPT_CONTINUED: &str = "  ..> ";
/// Statements that are kept in the history.
const HISTORY_MAX: usize = 10_000;
/// Bytes of a line of a script; a longer one is no SQL.
const LINE_BYTES_MAX: u64 = crate::limits::SQL_BYTES_MAX as u64 + 1;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  velo-tpc repl
  velo-tpc repl --init tables.sql --workers 2
  velo-tpc repl --format csv < script.sql

A statement ends with ; and may take several lines. CREATE TABLE, CREATE VIEW and SET are kept; SELECT and INSERT run
with them, EXPLAIN, DESCRIBE and SHOW print. .help lists the commands of the shell. Tab completes keywords, functions,
tables, columns, and the names of files inside quotes. Ctrl-C ends a running query, or clears the line; Ctrl-D leaves.
The history is kept in $XDG_STATE_HOME/velo-tpc/history, or ~/.local/state/velo-tpc/history.

Without a terminal stdin is a script: no prompts, and the exit code is 1 if a statement failed.")]
pub(super) struct ReplArgs {
    /// SQL file that is run first
    #[arg(long, value_name = "FILE")]
    init: Option<PathBuf>,
    /// Number of workers [default: one for each core that is left]
    #[arg(long, env = "VELO_WORKERS", value_name = "N")]
    workers: Option<u16>,
    /// CPUs to use, for example 0-3,6 [default: all]
    #[arg(long, env = "VELO_CORES", value_name = "LIST", value_parser = cpu_list)]
    cores: Option<CpuList>,
    /// How idle cores wait [default: yield]
    #[arg(long, env = "VELO_IDLE", value_name = "MODE")]
    idle: Option<Idle>,
    /// How rows of a SELECT are printed [default: table]
    #[arg(long, env = "VELO_FORMAT", value_name = "FORMAT")]
    format: Option<StdoutFormat>,
    /// Tell after each query how long it took
    #[arg(long)]
    timing: bool,
}

impl ReplArgs {
    fn compile_options(&self) -> CompileOptions {
        CompileOptions {
            settings: Settings {
                workers: self.workers,
                cores: self.cores.as_ref().map(|list| list.0.clone()),
                idle: self.idle.map(Into::into).unwrap_or_default(),
                ..Settings::default()
            },
            stdout_format: self.format.map(|format| format.name().to_owned()),
        }
    }
}

/// Runs the shell; the exit code.
pub(super) fn repl(args: &ReplArgs) -> u8 {
    let interrupt = match Interrupt::on_signals() {
        Ok(interrupt) => interrupt,
        Err(error) => return fail(EXIT_FAILED, &error),
    };
    let is_interactive = std::io::stdin().is_terminal();
    let mut session = Session::new(args.compile_options(), interrupt, is_interactive);
    session.timing = args.timing;
    if let Some(path) = &args.init
        && !session.read(path)
    {
        return EXIT_USAGE;
    }
    let ended = match is_interactive {
        true => interactive(&mut session),
        false => script(&mut session),
    };
    match ended {
        Ok(code) => code,
        Err(message) => fail(EXIT_FAILED, &message),
    }
}

fn interactive(session: &mut Session) -> Result<u8, String> {
    let config = Config::builder().auto_add_history(false);
    let config = config.max_history_size(HISTORY_MAX);
    let config = config.map_err(|error| error.to_string())?.build();
    let mut editor: Editor<Completion, FileHistory> =
        Editor::with_config(config).map_err(|error| format!("the terminal: {error}"))?;
    let history = history::path();
    if let Some(path) = &history {
        // A shell without a past is none the worse.
        let _ = editor.load_history(path);
    }
    println!("velo-tpc {}; .help for help", env!("CARGO_PKG_VERSION"));
    let mut typed = String::new();
    loop {
        editor.set_helper(Some(Completion::new(session.names(), session.open())));
        let prompt = match session.is_open() {
            false => PROMPT,
            true => PROMPT_CONTINUED,
        };
        match editor.readline(prompt) {
            Ok(line) => {
                typed += &line;
                let next = session.line(&line);
                if !session.is_open() {
                    remember(&mut editor, history.as_deref(), typed.trim());
                    typed.clear();
                } else {
                    typed.push('\n');
                }
                if next == Next::Quit {
                    return Ok(0);
                }
            }
            Err(ReadlineError::Interrupted) => {
                session.clear_line();
                typed.clear();
            }
            Err(ReadlineError::Eof) => return Ok(0),
            Err(error) => return Err(format!("reading the terminal: {error}")),
        }
    }
}

/// Adds a statement to the history, and to its file: one shell does not overwrite what another remembers.
fn remember(
    editor: &mut Editor<Completion, FileHistory>,
    path: Option<&std::path::Path>,
    typed: &str,
) {
    if typed.is_empty() || !matches!(editor.add_history_entry(typed), Ok(true)) {
        return;
    }
    if let Some(path) = path {
        // A history that cannot be written is no reason to disturb whoever types.
        let _ = editor.append_history(path);
    }
}

fn script(session: &mut Session) -> Result<u8, String> {
    let mut input = std::io::stdin().lock();
    loop {
        let mut line = Vec::new();
        let read = input.by_ref().take(LINE_BYTES_MAX);
        let bytes = { read }
            .read_until(b'\n', &mut line)
            .map_err(|error| format!("reading stdin: {error}"))?;
        if bytes == 0 {
            session.end();
            break;
        }
        if bytes as u64 == LINE_BYTES_MAX {
            return Err(format!(
                "a line of stdin is longer than {LINE_BYTES_MAX} bytes"
            ));
        }
        let line = String::from_utf8(line).map_err(|_| "stdin is not UTF-8 text".to_owned())?;
        if session.line(line.trim_end_matches(['\n', '\r'])) == Next::Quit {
            break;
        }
    }
    Ok(session.exit_code())
}
