//! A stage: operators in a row, the port their output leaves by, and how far time has passed in it.

use super::exchange::{ExchangeInput, ExchangePort};
use super::ledger::ResultLedger;
use super::output::OutputPort;
use super::snapshot::{SnapshotPart, snapshot_operator};
use crate::batch::Batch;
use crate::egress::OutputMorsel;
use crate::error::JobError;
use crate::link::{Message, Sender};
use crate::operator::{Advance, Context, Ledger, Operator, Output};
use crate::time::OrderKey;

/// Where a stage's rows go.
pub enum Port {
    /// To the sink, encoded.
    Encode(OutputPort),
    /// To the workers of the next stage.
    Exchange(ExchangePort),
    /// To the workers of another statement's stage; egress gets signals and samples only.
    Feed(ExchangePort, Sender<OutputMorsel>),
}

impl Output for Port {
    fn push(&mut self, batch: &mut Batch, context: &mut Context<'_>) {
        match self {
            Self::Encode(port) => port.push(batch),
            Self::Exchange(port) | Self::Feed(port, _) => port.push(batch, context),
        }
    }
}

/// The operators of one stage on one worker.
pub struct Stage {
    // Fixed at construction.
    /// Operators before this index see records; those behind it see results.
    pub records_upto: usize,
    /// Whether all rows come to worker 0.
    pub single: bool,
    /// Whether an operator lets rows go by time: those of one time by their own numbers, when all of it is known.
    fires: bool,
    /// How many operators, from the first, time passes by before the input ends: up to one that keeps rows until then.
    /// Nothing leaves before.
    timely: usize,
    // State.
    /// The operators in order.
    pub operators: Vec<Box<dyn Operator>>,
    /// Where rows leave.
    pub port: Port,
    /// What feeds it; `None` for the first stage.
    pub input: Option<ExchangeInput>,
    /// Everything below has been processed and fired.
    pub done: OrderKey,
    /// Firing up to here, at this operator.
    advancing: Option<(OrderKey, usize)>,
    /// Barrier that has passed.
    pub barrier_passed: u64,
    /// The end has been passed on.
    pub ended: bool,
    /// Why the job must stop.
    pub failure: Option<JobError>,
}

/// The operators behind one, and the port.
struct Next<'a> {
    operators: &'a mut [Box<dyn Operator>],
    port: &'a mut Port,
    /// Operators of the chain that still see records.
    records: usize,
}

impl Output for Next<'_> {
    fn push(&mut self, batch: &mut Batch, context: &mut Context<'_>) {
        let Some((first, rest)) = self.operators.split_first_mut() else {
            self.port.push(batch, context);
            return;
        };
        let mut next = Next {
            operators: rest,
            port: self.port,
            records: self.records.saturating_sub(1),
        };
        if self.records > 0 {
            first.process(batch, context, &mut next);
        } else {
            let mut results = ResultLedger(context.ledger);
            let mut context = Context {
                ledger: &mut results,
                failure: context.failure,
            };
            first.process(batch, &mut context, &mut next);
        }
    }
}

impl Stage {
    /// A stage at the beginning of time.
    pub fn new(
        operators: Vec<Box<dyn Operator>>,
        records_upto: usize,
        (single, fires, timely): (bool, bool, Option<usize>),
        port: Port,
        input: Option<ExchangeInput>,
    ) -> Self {
        Self {
            records_upto,
            single,
            fires,
            timely: timely.unwrap_or(usize::MAX),
            operators,
            port,
            input,
            done: OrderKey::MIN,
            advancing: None,
            barrier_passed: 0,
            ended: false,
            failure: None,
        }
    }

    /// Runs operators `from..` over `batch`.
    pub fn process(&mut self, from: usize, batch: &mut Batch, ledger: &mut dyn Ledger) {
        let mut context = Context {
            ledger,
            failure: &mut self.failure,
        };
        let mut next = Next {
            operators: &mut self.operators[from..],
            port: &mut self.port,
            records: self.records_upto.saturating_sub(from),
        };
        next.push(batch, &mut context);
    }

    /// Runs operator `index` alone: a gate that only narrows the selection. True if any row passed.
    pub fn gate(&mut self, index: usize, batch: &mut Batch, ledger: &mut dyn Ledger) -> bool {
        struct Held(bool);
        impl Output for Held {
            fn push(&mut self, _batch: &mut Batch, _context: &mut Context<'_>) {
                self.0 = true;
            }
        }
        let mut held = Held(false);
        let mut context = Context {
            ledger,
            failure: &mut self.failure,
        };
        self.operators[index].process(batch, &mut context, &mut held);
        held.0
    }

    /// Everything below `frontier` has been processed: starts firing what that makes final.
    pub fn start_advance(&mut self, frontier: OrderKey) {
        debug_assert!(self.advancing.is_none(), "one advance at a time");
        if frontier > self.done {
            self.advancing = Some((frontier, 0));
        }
    }

    /// Whether firing is under way.
    pub fn is_advancing(&self) -> bool {
        self.advancing.is_some()
    }

    /// Fires until the output has something to push or all is fired.
    pub fn advance_slice(&mut self, ledger: &mut dyn Ledger) {
        let mut results = ResultLedger(ledger);
        while let Some((frontier, index)) = self.advancing {
            let upto = match frontier {
                OrderKey::MAX => usize::MAX,
                _ => self.timely,
            };
            if index == upto.min(self.operators.len()) {
                self.done = frontier;
                self.advancing = None;
                break;
            }
            let (before, rest) = self.operators.split_at_mut(index + 1);
            let mut next = Next {
                operators: rest,
                port: &mut self.port,
                records: 0,
            };
            let mut context = Context {
                ledger: &mut results,
                failure: &mut self.failure,
            };
            match before[index].advance(frontier, &mut context, &mut next) {
                Advance::Done => self.advancing = Some((frontier, index + 1)),
                Advance::More => {
                    self.end_unit();
                    if !self.is_clear() {
                        return;
                    }
                }
            }
        }
        self.end_unit();
    }

    /// Sends what the port has gathered.
    pub fn end_unit(&mut self) {
        match &mut self.port {
            Port::Encode(port) => port.end_unit(),
            Port::Exchange(port) | Port::Feed(port, _) => port.end_unit(),
        }
    }

    /// Whether everything sent is in its ring.
    pub fn is_clear(&self) -> bool {
        match &self.port {
            Port::Encode(port) => port.sender.is_clear(),
            Port::Exchange(port) => port.is_clear(),
            Port::Feed(port, sender) => port.is_clear() && sender.is_clear(),
        }
    }

    /// Readies the port for the next row, while there is none.
    pub fn prepare(&mut self) {
        if let Port::Encode(port) = &mut self.port {
            port.sender.prepare(OutputMorsel::clear);
        }
    }

    /// Pushes what is kept.
    pub fn flush(&mut self) -> bool {
        match &mut self.port {
            Port::Encode(port) => port.sender.flush(),
            Port::Exchange(port) => port.flush(),
            Port::Feed(port, sender) => {
                // Both, whatever the first says.
                let clear = port.flush();
                sender.flush() && clear
            }
        }
    }

    /// The least key that can still leave when all below `frontier` has been processed: within the rows that are
    /// fired at one time none of that time has been fired here. Of rows that are kept until the input ends any.
    fn still_to_come(&self, frontier: OrderKey) -> OrderKey {
        if self.timely != usize::MAX && frontier != OrderKey::MAX {
            return OrderKey::MIN;
        }
        match self.fires && frontier.kind == 0 {
            true => OrderKey::fired(frontier.time, 0, 0),
            false => frontier,
        }
    }

    /// Publishes how far this stage has come.
    pub fn publish(&mut self) {
        if self.ended {
            return;
        }
        let done = self.still_to_come(self.done);
        match &mut self.port {
            Port::Encode(port) => port.sender.publish(done),
            Port::Exchange(port) => port.publish(done),
            Port::Feed(port, sender) => {
                port.publish(done);
                // No row of it holds up the others.
                sender.publish(OrderKey::MAX);
            }
        }
    }

    /// Passes a barrier on.
    pub fn send_barrier(&mut self, id: u64, frontier: OrderKey) {
        self.barrier_passed = id;
        let frontier = self.still_to_come(frontier);
        match &mut self.port {
            Port::Encode(port) => port.sender.send(Message::Barrier { id, frontier }),
            Port::Exchange(port) => port.send_barrier(id, frontier),
            Port::Feed(port, sender) => {
                port.send_barrier(id, frontier);
                sender.send(Message::Barrier { id, frontier });
            }
        }
    }

    /// Passes the end on.
    pub fn send_end(&mut self, frontier: OrderKey) {
        self.ended = true;
        match &mut self.port {
            Port::Encode(port) => port.sender.send(Message::End { frontier }),
            Port::Exchange(port) => port.send_end(frontier),
            Port::Feed(port, sender) => {
                port.send_end(frontier);
                sender.send(Message::End { frontier });
            }
        }
    }

    /// Appends the state of every operator and vnode.
    pub fn snapshot(&mut self, statement: u16, stage: u16, parts: &mut Vec<SnapshotPart>) {
        for (index, operator) in self.operators.iter_mut().enumerate() {
            snapshot_operator(operator.as_mut(), (statement, stage, index as u16), parts);
        }
    }
}
