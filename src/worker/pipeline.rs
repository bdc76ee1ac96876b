//! A statement on one worker: its stages and its ledger.

use super::ledger::{LedgerCounts, StatementLedger};
use super::snapshot::WorkerSnapshot;
use super::stage::{Port, Stage};
use crate::batch::Batch;
use crate::error::{JobError, Reason};
use crate::limits::{ERROR_SAMPLES_MAX, LATE_LOG_PERIOD_NS};
use crate::link::{ErrorSample, Message};
use crate::plan::{OnError, SourceConnector};
use crate::time::{ClockNs, EventTimeNs};
use std::collections::BTreeSet;

/// Which columns of the table the first stage needs, and when.
#[derive(Clone, Debug, Default)]
pub struct ColumnNeeds {
    /// Leading operators that only narrow the selection (WHERE, late), each with the columns it reads.
    pub gates: Vec<Vec<usize>>,
    /// Columns read by the operators behind the gates.
    pub rest: Vec<usize>,
}

/// One statement.
pub struct Pipeline {
    // Fixed at construction.
    pub needs: ColumnNeeds,
    pub on_error: OnError,
    pub source_name: String,
    pub connector: SourceConnector,
    // State.
    pub stages: Vec<Stage>,
    pub ledger: StatementLedger,
    /// What the stages behind an exchange count, each apart: a barrier passes each at its own time.
    later: Vec<StatementLedger>,
    /// Rows of its own when the route's batch serves several statements.
    pub private: Option<Batch>,
    samples: [u8; Reason::COUNT],
    /// Arrival of the last late record that was logged.
    late_logged_ns: Option<ClockNs>,
}

impl Pipeline {
    pub fn new(
        needs: ColumnNeeds,
        on_error: OnError,
        (source_name, connector): (String, SourceConnector),
        (stages, of_elements): (Vec<Stage>, bool),
        private: Option<Batch>,
    ) -> Self {
        let ledger = || StatementLedger {
            of_elements,
            ..StatementLedger::default()
        };
        let later = stages.iter().skip(1);
        Self {
            needs,
            on_error,
            source_name,
            connector,
            later: later.map(|_| ledger()).collect(),
            stages,
            ledger: ledger(),
            private,
            samples: [0; Reason::COUNT],
            late_logged_ns: None,
        }
    }

    /// Pushes what is kept; true when nothing is left.
    pub fn flush(&mut self) -> bool {
        let mut clear = true;
        for stage in &mut self.stages {
            clear &= stage.flush();
        }
        clear
    }

    /// Works on one merged batch or one slice of firing of each later stage, last stage first.
    pub fn step_later_stages(&mut self, statement: u16, snapshots: &mut [WorkerSnapshot]) -> bool {
        let mut worked = false;
        for index in (1..self.stages.len()).rev() {
            let stage = &mut self.stages[index];
            if stage.ended || !stage.is_clear() {
                continue;
            }
            if stage.is_advancing() {
                stage.advance_slice(&mut self.later[index - 1]);
                worked = true;
                continue;
            }
            let ledger = &mut self.later[index - 1];
            worked |= super::exchange::step(stage, ledger, |id, stage, counts| {
                let snapshot = snapshots
                    .iter_mut()
                    .find(|snapshot| snapshot.id == id)
                    .expect("the first stage has passed the barrier");
                stage.snapshot(statement, index as u16, &mut snapshot.parts);
                snapshot.ledgers[usize::from(statement)].add(counts);
            });
            stage.publish();
        }
        worked
    }

    /// The counts of all stages.
    pub fn counts(&self) -> LedgerCounts {
        let mut sum = self.ledger.counts.clone();
        for ledger in &self.later {
            sum.add(&ledger.counts);
        }
        sum
    }

    /// Whether the end has been passed on by every stage.
    pub fn has_ended(&self) -> bool {
        self.stages.iter().all(|stage| stage.ended)
    }

    /// The newest barrier that every stage has passed.
    pub fn barrier_passed(&self) -> u64 {
        self.stages
            .iter()
            .map(|stage| stage.barrier_passed)
            .min()
            .unwrap_or(0)
    }

    /// Windows whose results are still to come, in all stages.
    pub fn open_windows(&self) -> BTreeSet<(EventTimeNs, EventTimeNs)> {
        let mut windows = BTreeSet::new();
        let operators = self.stages.iter().flat_map(|stage| &stage.operators);
        operators.for_each(|operator| operator.open_windows(&mut windows));
        windows
    }

    /// Groups and bytes of all stages.
    pub fn state_size(&self) -> (u64, u64) {
        let operators = self.stages.iter().flat_map(|stage| &stage.operators);
        operators.fold((0, 0), |sum, operator| {
            let size = operator.state_size();
            (sum.0 + size.0, sum.1 + size.1)
        })
    }

    /// Why the job must stop, if this statement says so.
    pub fn take_failure(&mut self) -> Option<JobError> {
        let failed = self
            .stages
            .iter_mut()
            .find(|stage| stage.failure.is_some())?;
        failed.failure.take()
    }

    /// Tells egress that the job must stop.
    pub fn send_failure(&mut self, error: JobError) {
        self.send(Message::Fail(Box::new(error)));
    }

    /// Shows a refused record, if few of its kind were shown.
    pub fn show(&mut self, reason: Reason, sample: ErrorSample) {
        let shown = &mut self.samples[reason as usize];
        if usize::from(*shown) < ERROR_SAMPLES_MAX {
            *shown += 1;
            self.send(Message::Sample(Box::new(sample)));
        }
    }

    /// Whether a late record that arrived at `arrival_ns` is to be logged.
    pub fn logs_late(&self, arrival_ns: ClockNs) -> bool {
        self.late_logged_ns
            .is_none_or(|last_ns| arrival_ns.saturating_sub(last_ns) >= LATE_LOG_PERIOD_NS)
    }

    /// Logs a late record.
    pub fn log_late(&mut self, arrival_ns: ClockNs, sample: ErrorSample) {
        self.late_logged_ns = Some(arrival_ns);
        self.send(Message::Sample(Box::new(sample)));
    }

    /// Whether another sample of `reason` would be shown.
    pub fn wants_sample(&self, reason: Reason) -> bool {
        usize::from(self.samples[reason as usize]) < ERROR_SAMPLES_MAX
    }

    fn send(&mut self, message: Message<crate::egress::OutputMorsel>) {
        let last = self.stages.last_mut().expect("a statement has a stage");
        match &mut last.port {
            Port::Encode(port) => port.sender.send(message),
            Port::Feed(_, sender) => sender.send(message),
            Port::Exchange(_) => unreachable!("the last stage feeds the sink"),
        }
    }
}
