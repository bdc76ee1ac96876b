//! The inputs of a job as bytes, and its outputs as one text: what a run in the simulator reads and gives.

use super::SimSource;
use crate::plan::{Job, SourceConnector};
use crate::source::decoded_head;
use crate::source::generator::{ROW_BYTES_MAX, RowFormat, RowMaker};

/// Bytes of one source that are read at most: everything is kept in memory.
const SOURCE_BYTES_MAX: usize = 1 << 30;

/// The bytes that the job's sources would read.
///
/// # Errors
/// Which source cannot be read, or why it has no end.
pub fn inputs(job: &Job) -> Result<Vec<SimSource>, String> {
    let sources = job.sources.iter();
    sources
        .map(|source| {
            let files = files_of(&source.connector).map_err(|why| {
                let name = &source.name;
                format!("table {name} cannot be read in a test: {why}")
            })?;
            Ok(SimSource::new(files))
        })
        .collect()
}

fn files_of(connector: &SourceConnector) -> Result<Vec<Vec<u8>>, String> {
    match connector {
        SourceConnector::File { paths, .. } => {
            let read = |path: &std::path::PathBuf| {
                let bytes = decoded_head(path, SOURCE_BYTES_MAX + 1)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
                within_limit(bytes.len())?;
                Ok(bytes)
            };
            paths.iter().map(read).collect()
        }
        SourceConnector::Generator(plan) => {
            let mut maker = RowMaker::new(plan, RowFormat::Csv)?;
            let mut bytes = Vec::new();
            let mut block = vec![0; 100 * ROW_BYTES_MAX];
            while !maker.is_done() {
                let made = maker.fill(&mut block, u64::MAX);
                bytes.extend_from_slice(&block[..made.bytes]);
                within_limit(bytes.len())?;
            }
            Ok(vec![bytes])
        }
        SourceConnector::Stdin => Err("stdin is not the test's; use a file".to_owned()),
        SourceConnector::Tcp { .. } => Err("a socket is not the test's; use a file".to_owned()),
    }
}

fn within_limit(bytes: usize) -> Result<(), String> {
    if bytes > SOURCE_BYTES_MAX {
        return Err(format!(
            "it has more than {} MiB; bound it, for example by 'rows'",
            SOURCE_BYTES_MAX >> 20
        ));
    }
    Ok(())
}

/// What the sinks of a job hold, as one text: a lone sink as it is, several with a line above each; of a sink that
/// keeps nothing, how many rows it got.
pub fn sections(job: &Job, bytes: &[Vec<u8>], rows: &[u64]) -> Vec<u8> {
    if job.sinks.len() == 1 && job.sinks[0].format.is_some() {
        return bytes[0].clone();
    }
    let mut text = Vec::new();
    for (index, sink) in job.sinks.iter().enumerate() {
        match &sink.format {
            Some(_) => {
                text.extend_from_slice(format!("== {}\n", sink.name).as_bytes());
                text.extend_from_slice(&bytes[index]);
            }
            None => {
                let statements = job.statements.iter().zip(rows);
                let into = statements.filter(|(it, _)| usize::from(it.sink.0) == index);
                let count: u64 = into.map(|(_, rows)| rows).sum();
                text.extend_from_slice(format!("== {}: {count} rows\n", sink.name).as_bytes());
            }
        }
    }
    text
}
