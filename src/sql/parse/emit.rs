//! EMIT and LATE DATA.

use super::cursor::Cursor;
use crate::error::SqlError;
use crate::sql::ast::{Emit, EmitMode, LateData, LatePolicyAst};

impl Cursor<'_> {
    /// `EMIT CHANGES [EVERY d]`, `EMIT FINAL`, `EMIT ON WINDOW CLOSE`.
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
        let mut every_ns = None;
        if mode == EmitMode::Changes && self.eat_words(&["EVERY"]) {
            every_ns = Some(self.positive_duration("the time between two emissions")?);
        }
        for (word, what) in [
            ("EVERY", "EMIT FINAL EVERY is"),
            ("EARLY", "EMIT .. EARLY is"),
            ("TIMEOUT", "EMIT .. TIMEOUT is"),
        ] {
            if self.word_at(0, word) {
                return Err(self.unsupported(start, what));
            }
        }
        Ok(Emit {
            mode,
            every_ns,
            span: self.since(start),
        })
    }

    /// `LATE DATA DROP`, `WARN`, `PROCESS`, `ALLOW d`.
    pub(super) fn late_data(&mut self) -> Result<LateData, SqlError> {
        let start = self.index();
        self.expect_word("LATE")?;
        self.expect_word("DATA")?;
        let policy = if self.eat_words(&["DROP"]) {
            LatePolicyAst::Drop
        } else if self.eat_words(&["WARN"]) {
            LatePolicyAst::Warn
        } else if self.eat_words(&["PROCESS"]) {
            LatePolicyAst::Process
        } else if self.eat_words(&["ALLOW"]) {
            LatePolicyAst::Allow(self.positive_duration("the lateness allowed")?)
        } else if self.word_at(0, "INTO") {
            return Err(self.unsupported(start, "LATE DATA INTO is"));
        } else {
            return Err(self.expected(
                "DROP, WARN, PROCESS or ALLOW",
                &["DROP", "WARN", "PROCESS", "ALLOW"],
            ));
        };
        Ok(LateData {
            policy,
            span: self.since(start),
        })
    }
}
