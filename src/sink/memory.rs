//! Memory: the rows of a subquery, for the job that it stands in.

use super::SinkState;
use crate::error::JobError;
use crate::limits::SUBQUERY_BYTES_MAX;

/// Keeps all that it is given.
#[derive(Debug, Default)]
pub struct MemorySink {
    /// What was written.
    pub bytes: Vec<u8>,
    spare: Option<Vec<u8>>,
}

impl MemorySink {
    /// Keeps `bytes`.
    pub fn write(&mut self, mut bytes: Vec<u8>) {
        self.bytes.extend_from_slice(&bytes);
        bytes.clear();
        self.spare = Some(bytes);
    }

    /// Gives the buffer back.
    ///
    /// # Errors
    /// `JobError::Limit` when there is more than a subquery may give.
    pub fn poll(&mut self) -> Result<SinkState, JobError> {
        if self.bytes.len() > SUBQUERY_BYTES_MAX {
            let most = SUBQUERY_BYTES_MAX >> 20;
            let message =
                format!("a subquery gives more than {most} MiB; select fewer columns or rows");
            return Err(JobError::Limit(message));
        }
        Ok(SinkState::Idle(self.spare.take()))
    }
}
