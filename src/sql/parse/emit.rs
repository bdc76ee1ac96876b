//! EMIT and LATE DATA.

use super::cursor::Cursor;
use crate::error::{SqlError, SqlErrorKind};
use crate::sql::ast::{Emit, EmitMode, LateData, LatePolicyAst};

impl Cursor<'_> {
    /// `EMIT CHANGES [EVERY d]`, `EMIT FINAL | ON WINDOW CLOSE [EARLY EVERY d] [TIMEOUT d]`.
    pub(super) fn emit(&mut self) -> Result<Emit, SqlError> {
        let start = self.index();
        self.expect_word("EMIT")?;
        let mode = if self.eat_words(&["CHANGES"]) {
            EmitMode::Changes
        } else if self.eat_words(&["FINAL"]) {
            EmitMode::Final
        } else if self.eat_words(&["ON"]) {
            self.expect_word("WINDOW")?;
            self.expect_word("CLOSE")?;
            EmitMode::Final
        } else {
            return Err(self.expected("CHANGES, FINAL or ON WINDOW CLOSE", &["CHANGES", "FINAL"]));
        };
        let early = mode == EmitMode::Final && self.eat_words(&["EARLY"]);
        let mut every_ns = None;
        if early {
            self.expect_word("EVERY")?;
        }
        if early || mode == EmitMode::Changes && self.eat_words(&["EVERY"]) {
            every_ns = Some(self.positive_duration("the time between two emissions")?);
        }
        let timeout_ns = match self.eat_words(&["TIMEOUT"]) {
            true => Some(self.positive_duration("the silence after which windows close")?),
            false => None,
        };
        if self.word_at(0, "EVERY") {
            return Err(self
                .unsupported(start, "EMIT FINAL EVERY is")
                .with_hint("write EMIT FINAL EARLY EVERY 1s, or EMIT CHANGES EVERY 1s"));
        }
        Ok(Emit {
            mode,
            every_ns,
            timeout_ns,
            span: self.since(start),
        })
    }

    /// `LATE DATA DROP`, or `WARN`, `PROCESS`, `ALLOW d` and `INTO t`, of which INTO may follow each other.
    pub(super) fn late_data(&mut self) -> Result<LateData, SqlError> {
        let start = self.index();
        self.expect_word("LATE")?;
        self.expect_word("DATA")?;
        let drops = self.eat_words(&["DROP"]);
        let policy = if drops || self.word_at(0, "INTO") {
            LatePolicyAst::Drop
        } else if self.eat_words(&["WARN"]) {
            LatePolicyAst::Warn
        } else if self.eat_words(&["PROCESS"]) {
            LatePolicyAst::Process
        } else if self.eat_words(&["ALLOW"]) {
            LatePolicyAst::Allow(self.positive_duration("the lateness allowed")?)
        } else {
            return Err(self.expected(
                "DROP, WARN, PROCESS, ALLOW or INTO",
                &["DROP", "WARN", "PROCESS", "ALLOW", "INTO"],
            ));
        };
        if drops && self.word_at(0, "INTO") {
            let message = "LATE DATA DROP lets go of late rows, and INTO keeps them";
            return Err(self
                .error(SqlErrorKind::Parse, self.here(), message)
                .with_hint("write LATE DATA INTO t"));
        }
        let into = match !drops && self.eat_words(&["INTO"]) {
            true => Some(self.name("the table for late rows")?),
            false => None,
        };
        Ok(LateData {
            policy,
            into,
            span: self.since(start),
        })
    }
}
