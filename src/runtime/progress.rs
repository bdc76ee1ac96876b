//! The progress line on stderr: a bar where the input's length is known, a counter where it is not.

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// What the control thread knows of a run at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProgressSample {
    /// Records read.
    pub records: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Rows written.
    pub rows: u64,
    /// Records a second since the sample before.
    pub records_per_second: f64,
}

/// Shows a run's progress to a person.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A line for a job that reads `bytes_total` bytes, if that is known. Nothing is drawn unless stderr is a
    /// terminal, nor when rows go to the same terminal, where the two would write over each other.
    pub fn new(bytes_total: Option<u64>, writes_stdout: bool) -> Self {
        let is_shown =
            std::io::stderr().is_terminal() && !(writes_stdout && std::io::stdout().is_terminal());
        let target = if is_shown {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let template = match bytes_total {
            Some(_) => "{bar:30} {percent:>3} %  {msg}  {elapsed} (eta {eta})",
            None => "{spinner} {msg}  {elapsed}",
        };
        let style = ProgressStyle::with_template(template).expect("the templates above are valid");
        let bar = ProgressBar::with_draw_target(bytes_total, target).with_style(style);
        Self { bar }
    }

    /// No line at all.
    pub fn hidden() -> Self {
        Self {
            bar: ProgressBar::hidden(),
        }
    }

    /// Shows `sample`.
    pub fn show(&self, sample: &ProgressSample) {
        self.bar.set_position(sample.bytes);
        self.bar.set_message(message(sample));
    }

    /// Prints a line above the progress line.
    pub fn tell(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }

    /// Takes the line away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn message(sample: &ProgressSample) -> String {
    format!(
        "{} records, {:.2} M/s, {} rows out",
        HumanCount(sample.records),
        sample.records_per_second / 1e6,
        HumanCount(sample.rows)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_records_rate_and_rows() {
        let sample = ProgressSample {
            records: 1_234_567,
            bytes: 1,
            rows: 89,
            records_per_second: 20_500_000.0,
        };
        assert_eq!(
            message(&sample),
            "1,234,567 records, 20.50 M/s, 89 rows out"
        );
    }

    #[test]
    fn both_templates_are_valid() {
        for total in [None, Some(100)] {
            let progress = Progress::new(total, true);
            progress.show(&ProgressSample::default());
            progress.clear();
        }
    }
}
