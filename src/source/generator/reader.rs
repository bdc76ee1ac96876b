//! The generator as a source: whole rows into the slice, no faster than its rate.

use super::{Made, ROW_BYTES_MAX, RowFormat, RowMaker};
use crate::error::JobError;
use crate::plan::GeneratorPlan;
use crate::source::{READ_BYTES_MAX, ReadEvent};
use crate::time::Schedule;

/// Reads from a [`RowMaker`].
#[derive(Debug)]
pub struct GeneratorReader {
    // Fixed at construction.
    rate: Option<u64>,
    // State.
    maker: RowMaker,
    phase: Phase,
    /// When each row is to leave; begins with the first poll unless [`Self::start_at`] said otherwise.
    schedule: Option<Schedule>,
    /// No row is due before.
    next_due_ns: u64,
    rows: u64,
    /// A row that did not fit into a slice shorter than [`ROW_BYTES_MAX`], and how much of it is out.
    cut: [u8; ROW_BYTES_MAX],
    cut_at: usize,
    cut_end: usize,
    /// Bytes of the next row, if it lies in `cut` already, made before it is due.
    ahead: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Before,
    Within,
    After,
}

impl GeneratorReader {
    /// A reader of the plan's rows.
    ///
    /// # Errors
    /// `JobError::Io` when the plan asks for what cannot be made.
    pub fn open(plan: &GeneratorPlan) -> Result<Self, JobError> {
        let refuse = |cause: String| JobError::Io {
            what: "starting the generator".to_owned(),
            cause,
            hint: None,
        };
        if plan.rate == Some(0) {
            return Err(refuse("a rate of 0 rows a second never ends".to_owned()));
        }
        Ok(Self {
            rate: plan.rate,
            maker: RowMaker::new(plan, RowFormat::Csv).map_err(refuse)?,
            phase: Phase::Before,
            schedule: None,
            next_due_ns: 0,
            rows: 0,
            cut: [0; ROW_BYTES_MAX],
            cut_at: 0,
            cut_end: 0,
            ahead: 0,
        })
    }

    /// Lets the rate begin at `start_wall_ns` rather than with the first poll.
    pub fn start_at(&mut self, start_wall_ns: i64) {
        let start_ns = start_wall_ns.max(0).unsigned_abs();
        self.schedule = self.rate.map(|rate| Schedule { start_ns, rate });
        self.next_due_ns = start_ns;
    }

    /// Begins at byte `offset`, where a row begins: what is before it is made and dropped, at some 300 MB/s. The rate
    /// counts from there.
    pub fn resume(&mut self, offset: u64) {
        if offset == 0 {
            return;
        }
        self.phase = Phase::Within;
        let mut dropped = vec![0; READ_BYTES_MAX];
        let mut left = offset;
        while left > 0 {
            let room = usize::try_from(left)
                .unwrap_or(usize::MAX)
                .min(dropped.len());
            // Near the offset row by row: a row may be as long as the room for one.
            let (room, rows) = match room < 2 * ROW_BYTES_MAX {
                true => (ROW_BYTES_MAX, 1),
                false => (room, u64::MAX),
            };
            let made = self.maker.fill(&mut dropped[..room], rows);
            if made.rows == 0 {
                return;
            }
            left = left.saturating_sub(made.bytes as u64);
        }
    }

    /// See [`crate::source::SourceReader::poll`].
    pub fn poll(&mut self, into: &mut [u8], now_wall_ns: i64) -> ReadEvent {
        match self.phase {
            Phase::Before => {
                self.phase = Phase::Within;
                return ReadEvent::BeginFile { file: 0 };
            }
            Phase::Within => {}
            Phase::After => return ReadEvent::End,
        }
        if self.cut_at < self.cut_end {
            return self.go_on_with_cut(into);
        }
        if self.ahead == 0 && self.maker.is_done() {
            self.phase = Phase::After;
            return ReadEvent::EndFile;
        }
        let due = self.due(now_wall_ns);
        if due == 0 && self.ahead == 0 {
            self.ahead = self.maker.fill(&mut self.cut, 1).bytes;
        }
        if due == 0 || into.is_empty() {
            return ReadEvent::Pending;
        }
        let len = into.len().min(READ_BYTES_MAX);
        let ahead = std::mem::take(&mut self.ahead);
        if ahead > 0 {
            self.count(1);
            if len < ahead {
                (self.cut_at, self.cut_end) = (0, ahead);
                return self.go_on_with_cut(into);
            }
            into[..ahead].copy_from_slice(&self.cut[..ahead]);
            let made = self.maker.fill(&mut into[ahead..len], due - 1);
            self.count(made.rows);
            return ReadEvent::Bytes(ahead + made.bytes);
        }
        let made = self.maker.fill(&mut into[..len], due);
        self.count(made.rows);
        if made.rows > 0 {
            return ReadEvent::Bytes(made.bytes);
        }
        let Made { bytes, rows } = self.maker.fill(&mut self.cut, 1);
        self.count(rows);
        (self.cut_at, self.cut_end) = (0, bytes);
        self.go_on_with_cut(into)
    }

    fn go_on_with_cut(&mut self, into: &mut [u8]) -> ReadEvent {
        let rest = &self.cut[self.cut_at..self.cut_end];
        let bytes = rest.len().min(into.len());
        if bytes == 0 {
            return ReadEvent::Pending;
        }
        into[..bytes].copy_from_slice(&rest[..bytes]);
        self.cut_at += bytes;
        ReadEvent::Bytes(bytes)
    }

    fn count(&mut self, rows: u64) {
        self.rows += rows;
        if let Some(schedule) = &self.schedule {
            self.next_due_ns = schedule.at_ns(self.rows);
        }
    }

    /// Rows that the rate allows now: each at its intended time, so that a core that was busy catches up.
    /// Nothing is divided while none is due: an idle core asks all the time.
    fn due(&mut self, now_wall_ns: i64) -> u64 {
        let Some(rate) = self.rate else {
            return u64::MAX;
        };
        let now_ns = now_wall_ns.max(0).unsigned_abs();
        if now_ns < self.next_due_ns {
            return 0;
        }
        let schedule = *self.schedule.get_or_insert(Schedule {
            start_ns: now_ns,
            rate,
        });
        schedule.due(now_ns).saturating_sub(self.rows)
    }
}
