//! The edges of a core: what reads for ingest and writes for egress, polled between their steps.

use crate::egress::{Egress, EgressSnapshot, EgressStep};
use crate::error::JobError;
use crate::ingest::{Ingest, IngestSnapshot, IngestStep, SourcePosition};
use crate::plan::{ChangelogMode, Job, OnError, SinkConnector, SinkPlan, SourceId};
use crate::sink::{Finish, SinkState, SinkWriter};
use crate::source::{ReadEvent, SourceReader};
use crate::time::{ClockNs, Schedule};
use crate::types::Schema;

/// The clock that stamps reads, and how far the wall clock is ahead of it.
#[derive(Clone, Copy, Debug)]
pub struct RunClock {
    start: std::time::Instant,
    wall_start_ns: i64,
}

impl RunClock {
    /// Starts now.
    pub fn start() -> Self {
        let wall = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            start: std::time::Instant::now(),
            wall_start_ns: i64::try_from(wall.as_nanos()).unwrap_or(i64::MAX),
        }
    }

    /// Nanoseconds since the start, never 0.
    pub fn now_ns(&self) -> ClockNs {
        self.start.elapsed().as_nanos() as u64 + 1
    }

    /// Wall clock less [`Self::now_ns`].
    pub fn wall_offset_ns(&self) -> i64 {
        self.wall_start_ns
    }

    /// The instant of a reading of this clock.
    pub fn instant_of(&self, clock_ns: ClockNs) -> std::time::Instant {
        self.start + std::time::Duration::from_nanos(clock_ns)
    }
}

/// One source and its reader.
struct SourceEdge {
    id: SourceId,
    reader: SourceReader,
    /// A file that begins once the one before is handed on.
    begins: Option<u32>,
    /// Between two files: the reader has nothing to put anywhere.
    between: bool,
    ended: bool,
}

/// Ingest and the sources of the job.
pub struct IngestEdge {
    /// The role.
    pub ingest: Ingest,
    sources: Vec<SourceEdge>,
    /// When the records of a measured job are intended.
    schedule: Option<Schedule>,
}

impl IngestEdge {
    /// Opens the sources, on the core that reads them. With a schedule, a read arrived when the first of its
    /// records was intended, so what the reading is late by counts. A job that goes on begins where `from` says.
    pub fn open(
        job: &Job,
        ingest: Ingest,
        clock: &RunClock,
        schedule: Option<Schedule>,
        from: Option<&IngestSnapshot>,
    ) -> Result<Self, JobError> {
        let mut sources = Vec::with_capacity(job.sources.len());
        for (index, plan) in job.sources.iter().enumerate() {
            let mut reader = SourceReader::open(plan)?;
            if let Some(schedule) = &schedule {
                reader.start_at(clock.wall_offset_ns() + schedule.start_ns as i64);
            }
            let position = from.map(|from| &from.sources[index].0);
            let position = position.filter(|it| **it != SourcePosition::default());
            if let Some(position) = position {
                reader.resume(position)?;
            }
            sources.push(SourceEdge {
                id: SourceId(index as u16),
                reader,
                begins: None,
                between: position.is_none_or(|position| position.offset == 0),
                ended: false,
            });
        }
        Ok(Self {
            ingest,
            sources,
            schedule,
        })
    }

    /// Reads what is there and takes one step; whether anything was done.
    pub fn step(&mut self, clock: &RunClock, now_ns: ClockNs) -> Result<bool, JobError> {
        let mut worked = false;
        if !self.ingest.is_interrupted() {
            for source in &mut self.sources {
                worked |= source.poll(&mut self.ingest, clock, now_ns, self.schedule.as_ref())?;
            }
        }
        worked |= self.ingest.step(now_ns) == IngestStep::Worked;
        Ok(worked)
    }

    /// Whether a source's I/O is under way in the executor.
    pub fn waits_for_ring(&self) -> bool {
        self.sources.iter().any(|it| it.reader.waits_for_ring())
    }

    /// Something that a source has to tell the user.
    pub fn take_notice(&mut self) -> Option<String> {
        let mut sources = self.sources.iter_mut();
        sources.find_map(|source| source.reader.take_notice())
    }

    /// What file `file` of source `index` is called.
    pub fn file_name(&self, index: usize, file: u32) -> String {
        self.sources[index].reader.file_name(file)
    }
}

impl SourceEdge {
    fn poll(
        &mut self,
        ingest: &mut Ingest,
        clock: &RunClock,
        now_ns: ClockNs,
        schedule: Option<&Schedule>,
    ) -> Result<bool, JobError> {
        if self.ended {
            return Ok(false);
        }
        if let Some(file) = self.begins {
            if !ingest.is_drained(self.id) {
                return Ok(false);
            }
            ingest.begin_file(self.id, file);
            self.begins = None;
            self.between = false;
        }
        let wall_ns = clock.wall_offset_ns().saturating_add(now_ns as i64);
        let event = if self.between {
            self.reader.poll(&mut [], wall_ns)?
        } else {
            match ingest.read_buffer(self.id) {
                Some(room) => {
                    let room_len = room.len().min(crate::source::READ_BYTES_MAX);
                    self.reader.poll(&mut room[..room_len], wall_ns)?
                }
                None => return Ok(false),
            }
        };
        match event {
            ReadEvent::Bytes(bytes) => {
                // Nothing is read before what was read is numbered: the next number is this read's first.
                let arrival_ns = match schedule {
                    Some(schedule) => schedule.at_ns(ingest.records()),
                    None => clock.now_ns(),
                };
                ingest.read_done(self.id, bytes, arrival_ns);
            }
            ReadEvent::BeginFile { file } => self.begins = Some(file),
            ReadEvent::EndFile => {
                ingest.end_file(self.id);
                self.between = true;
            }
            ReadEvent::Pending => return Ok(false),
            ReadEvent::End => {
                ingest.end_source(self.id);
                self.ended = true;
            }
        }
        Ok(true)
    }
}

/// A sink and how much it was given.
struct SinkEdge {
    writer: SinkWriter,
    /// Bytes given to it, in the runs before too.
    given: u64,
    /// Of them, those it has written.
    written: u64,
    finished: bool,
}

/// Egress and the sinks of the job, dead letters behind the declared ones.
pub struct EgressEdge {
    /// The role.
    pub egress: Egress,
    sinks: Vec<SinkEdge>,
    /// What egress held at a barrier, until the sinks have it durably; with the barrier's number.
    passed: Option<(u64, EgressSnapshot)>,
    /// Nobody reads the output any more.
    pub closed: bool,
}

impl EgressEdge {
    /// Opens the sinks, on the core that writes them; those of a job that goes on where `from` says.
    pub fn open(
        job: &Job,
        egress: Egress,
        from: Option<&EgressSnapshot>,
    ) -> Result<Self, JobError> {
        let dead_letters = crate::wiring::dead_letter_sources(job);
        let dead_letters: Vec<_> = dead_letters.map(|it| dead_letter_sink(job, it)).collect();
        let mut sinks = Vec::new();
        for (index, plan) in job.sinks.iter().chain(&dead_letters).enumerate() {
            let given = from.map(|from| from.bytes[index]);
            sinks.push(SinkEdge {
                writer: match given {
                    Some(bytes) => SinkWriter::resume(plan, bytes)?,
                    None => SinkWriter::open(plan)?,
                },
                given: given.unwrap_or(0),
                written: given.unwrap_or(0),
                finished: false,
            });
        }
        Ok(Self {
            egress,
            sinks,
            passed: None,
            closed: false,
        })
    }

    /// Merges, and writes what is merged; whether anything was done. The clock is read only when a row left.
    pub fn step(&mut self, clock: &RunClock) -> Result<bool, JobError> {
        let step = self.egress.step();
        if let Some(error) = self.egress.take_failure() {
            return Err(error);
        }
        let mut worked = step == EgressStep::Worked;
        for (index, sink) in self.sinks.iter_mut().enumerate() {
            match sink.writer.poll()? {
                SinkState::Busy => continue,
                SinkState::Closed => {
                    self.closed = true;
                    return Ok(true);
                }
                SinkState::Idle(Some(buffer)) => self.egress.give_back(index as u16, buffer),
                SinkState::Idle(None) => {}
            }
            sink.written = sink.given;
            if let Some(bytes) = self.egress.take(index as u16) {
                sink.given += bytes.len() as u64;
                sink.writer.write(bytes);
                worked = true;
            }
        }
        if self.egress.has_released() {
            self.egress.handed_over(clock.now_ns());
        }
        Ok(worked)
    }

    /// What egress held at barrier `id`, once every sink has durably what it had been given there.
    ///
    /// # Errors
    /// `JobError::Io` when a sink cannot be made durable.
    pub fn take_snapshot(&mut self, id: u64) -> Result<Option<EgressSnapshot>, JobError> {
        if self.passed.as_ref().is_none_or(|passed| passed.0 != id) {
            self.passed = self.egress.take_snapshot(id).map(|state| (id, state));
        }
        let Some((_, state)) = &self.passed else {
            return Ok(None);
        };
        for (sink, &bytes) in self.sinks.iter_mut().zip(&state.bytes) {
            if sink.written < bytes || !sink.writer.make_durable(bytes)? {
                return Ok(None);
            }
        }
        Ok(self.passed.take().map(|passed| passed.1))
    }

    /// What a sink in memory has kept.
    pub fn take_kept(&mut self) -> Option<Vec<u8>> {
        let mut writers = self.sinks.iter_mut().map(|sink| &mut sink.writer);
        writers.find_map(SinkWriter::take_kept)
    }

    /// Whether a sink's I/O is under way in the executor.
    pub fn waits_for_ring(&self) -> bool {
        self.sinks.iter().any(|sink| sink.writer.waits_for_ring())
    }

    /// Ends the sinks once everything is taken; true when all are done.
    pub fn finish(&mut self) -> Result<bool, JobError> {
        if !self.egress.is_done() {
            return Ok(false);
        }
        for sink in self.sinks.iter_mut().filter(|sink| !sink.finished) {
            // A sink ends only after its last bytes are written.
            if matches!(sink.writer.poll()?, SinkState::Idle(_) | SinkState::Closed) {
                sink.written = sink.given;
                sink.finished = sink.writer.finish()? == Finish::Done;
            }
        }
        Ok(self.sinks.iter().all(|sink| sink.finished))
    }
}

fn dead_letter_sink(job: &Job, source: usize) -> SinkPlan {
    let OnError::DeadLetter(path) = &job.sources[source].on_error else {
        unreachable!("only sources that keep refused records are named");
    };
    SinkPlan {
        name: format!("dead letters of {}", job.sources[source].name),
        connector: SinkConnector::File { path: path.clone() },
        format: None,
        schema: Schema::default(),
        changelog: ChangelogMode::Append,
        ordered: true,
    }
}
