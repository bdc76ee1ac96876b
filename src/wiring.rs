//! From a job to its connected roles, and their state as one snapshot. `runtime` and `sim` drive the same
//! roles; this is where both get them.

use crate::egress::{Egress, EgressLinks, EgressSnapshot, OutputPlan, SinkSpec};
use crate::error::JobError;
use crate::format;
use crate::ingest::{Ingest, IngestLinks, IngestOptions, IngestSnapshot};
use crate::link::{link, progress_line};
use crate::plan::{ChangelogMode, Job, OnError, WorkerId};
use crate::worker::{ExchangeLinks, Worker, WorkerLinks, WorkerSnapshot};

/// Sizes of everything between roles.
#[derive(Clone, Copy, Debug)]
pub struct WiringOptions {
    /// Workers, at least 1.
    pub workers: usize,
    /// Slots of each ring from ingest to a worker.
    pub link_slots: usize,
    /// Slots of each ring from a worker to egress.
    pub output_slots: usize,
    /// Slots of each ring of an exchange.
    pub exchange_slots: usize,
    /// The ingest role's own.
    pub ingest: IngestOptions,
}

/// The roles of a job.
pub struct Roles {
    /// Reads.
    pub ingest: Ingest,
    /// Operate.
    pub workers: Vec<Worker>,
    /// Writes.
    pub egress: Egress,
}

impl Roles {
    /// Prepares for measuring latency: egress logs the hand-over of up to `rows` rows with what caused each.
    pub fn log_hand_overs(&mut self, rows: usize) {
        for worker in &mut self.workers {
            worker.key_outputs();
        }
        self.egress.keep_log(rows);
    }
}

/// The state of a job at a barrier.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct JobSnapshot {
    /// The barrier.
    pub id: u64,
    /// Positions and numbers.
    pub ingest: IngestSnapshot,
    /// Operators' state, by worker.
    pub workers: Vec<WorkerSnapshot>,
    /// What had gone out.
    pub egress: EgressSnapshot,
}

/// Sinks of a job: those declared, then one for each source that keeps its refused records.
pub fn sink_specs(job: &Job) -> Vec<SinkSpec> {
    let declared = job.sinks.iter().map(|sink| {
        let header = sink
            .format
            .as_ref()
            .map(|format| format::encode::encoder(format, &sink.schema, &sink.changelog).header());
        SinkSpec {
            ordered: sink.ordered && sink.format.is_some(),
            encoded: sink.format.is_some(),
            header: header.unwrap_or_default(),
            unique: false,
        }
    });
    let dead_letters = dead_letter_sources(job).map(|_| SinkSpec {
        ordered: true,
        encoded: true,
        header: Vec::new(),
        unique: true,
    });
    declared.chain(dead_letters).collect()
}

/// Sources whose refused records are kept, in the order of their sinks behind the declared ones.
pub fn dead_letter_sources(job: &Job) -> impl Iterator<Item = usize> {
    (0..job.sources.len())
        .filter(|&index| matches!(job.sources[index].on_error, OnError::DeadLetter(_)))
}

fn output_plans(job: &Job) -> Vec<OutputPlan> {
    let statements = job.statements.iter().map(|statement| OutputPlan {
        sink: statement.sink.0,
        limit: statement.limit,
        is_result: statement.feeds.is_none(),
    });
    let declared = job.sinks.len() as u16;
    let dead_letters = dead_letter_sources(job)
        .enumerate()
        .map(|(index, _)| OutputPlan {
            sink: declared + index as u16,
            limit: None,
            is_result: false,
        });
    statements.chain(dead_letters).collect()
}

/// Whether a sink of `mode` can hold rows with ops.
pub fn holds_changes(mode: &ChangelogMode) -> bool {
    *mode != ChangelogMode::Append
}

/// Connects the roles of `job`, from the beginning or from a snapshot taken with any number of workers.
///
/// # Errors
/// `JobError::Snapshot` when `from` does not fit the job, `JobError::Limit` when an operator cannot be made.
pub fn wire(
    job: &Job,
    options: &WiringOptions,
    from: Option<&JobSnapshot>,
) -> Result<Roles, JobError> {
    assert!(options.workers > 0, "a job has a worker");
    let outputs = output_plans(job);
    let (stop_writer, stop_reader) = progress_line();
    let mut ingest_senders = Vec::new();
    let mut egress_receivers: Vec<Vec<_>> = outputs.iter().map(|_| Vec::new()).collect();
    let mut workers = Vec::with_capacity(options.workers);
    for (index, exchanges) in exchange_links(job, options).into_iter().enumerate() {
        let (to_worker, input) = link(options.link_slots);
        ingest_senders.push(to_worker);
        let mut to_egress = Vec::with_capacity(outputs.len());
        for receivers in &mut egress_receivers {
            let (sender, receiver) = link(options.output_slots);
            to_egress.push(sender);
            receivers.push(receiver);
        }
        let links = WorkerLinks {
            input,
            outputs: to_egress,
            exchanges,
        };
        let id = WorkerId(index as u16);
        let mut worker = Worker::new(job, id, options.workers, links)?;
        if let Some(snapshot) = from {
            worker.restore(&snapshot.workers, options.workers)?;
        }
        workers.push(worker);
    }
    let links = IngestLinks {
        workers: ingest_senders,
        stop: stop_reader,
    };
    let mut ingest = Ingest::new(job, options.ingest, links);
    if let Some(snapshot) = from {
        ingest.restore(&snapshot.ingest);
    }
    let links = EgressLinks {
        outputs: egress_receivers,
        stop: stop_writer,
    };
    let egress = Egress::new(
        outputs,
        &sink_specs(job),
        links,
        from.map(|snapshot| &snapshot.egress),
    );
    Ok(Roles {
        ingest,
        workers,
        egress,
    })
}

/// For each worker, for each statement, the links of its exchanges.
fn exchange_links(job: &Job, options: &WiringOptions) -> Vec<Vec<Vec<ExchangeLinks>>> {
    let mut links: Vec<Vec<Vec<ExchangeLinks>>> = (0..options.workers)
        .map(|_| job.statements.iter().map(|_| Vec::new()).collect())
        .collect();
    for (index, statement) in job.statements.iter().enumerate() {
        for stage in 1..statement.stages.len() {
            connect(&mut links, index, (index, stage), options);
        }
    }
    // Behind their own: the statements that feed others.
    for (index, statement) in job.statements.iter().enumerate() {
        if let Some(feed) = &statement.feeds {
            let target = (usize::from(feed.statement.0), usize::from(feed.stage));
            connect(&mut links, index, target, options);
        }
    }
    links
}

/// Links every worker's `producer`, a statement, with every worker's stage of `target`, (statement, stage).
fn connect(
    links: &mut [Vec<Vec<ExchangeLinks>>],
    producer: usize,
    (statement, stage): (usize, usize),
    options: &WiringOptions,
) {
    let mut froms: Vec<Vec<_>> = (0..options.workers).map(|_| Vec::new()).collect();
    for of_producer in links.iter_mut() {
        let mut to = Vec::with_capacity(options.workers);
        for from in &mut froms {
            let (sender, receiver) = link(options.exchange_slots);
            to.push(sender);
            from.push(receiver);
        }
        of_producer[producer].push(ExchangeLinks {
            to,
            from: Vec::new(),
        });
    }
    for (of_consumer, from) in links.iter_mut().zip(froms) {
        of_consumer[statement][stage - 1].from.extend(from);
    }
}
