//! The world as the planner sees it: variables, files and what they start with.

use crate::source::decoded_head;
use crate::sql::Environment;
use std::path::{Path, PathBuf};

/// The environment of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostEnvironment;

impl Environment for HostEnvironment {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn files(&self, pattern: &str) -> Result<Vec<PathBuf>, String> {
        // A name that happens to hold glob characters still means itself.
        if Path::new(pattern).exists() {
            return Ok(vec![PathBuf::from(pattern)]);
        }
        let matches = glob::glob(pattern).map_err(|error| error.to_string())?;
        let mut files = Vec::new();
        for entry in matches {
            let path = entry.map_err(|error| error.to_string())?;
            if !path.is_dir() {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    fn head(&self, path: &Path, bytes: usize) -> Result<Vec<u8>, String> {
        // Reading the head of a pipe would take it away from the run.
        if path.metadata().is_ok_and(|it| !it.is_file()) {
            return Err(
                "it is not a regular file: declare its columns with CREATE TABLE".to_owned(),
            );
        }
        decoded_head(path, bytes).map_err(|error| error.to_string())
    }
}
