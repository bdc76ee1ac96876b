//! What the host must offer, each with the command that cures its lack.

use crate::error::JobError;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;

/// Kernel from which on the executors run.
const KERNEL_MIN: (u32, u32) = (5, 8);
/// Locked memory that one executor's rings need.
const MEMLOCK_PER_EXECUTOR: u64 = 512 << 10;

/// What was read from the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFacts {
    /// `/proc/sys/kernel/osrelease`.
    pub kernel: String,
    /// `/proc/sys/kernel/io_uring_disabled`: 0 allowed, 1 for the privileged, 2 for nobody. Kernels before
    /// 6.6 do not have it and allow it.
    pub io_uring_disabled: u8,
    /// Whether the process is root.
    pub is_root: bool,
    /// RLIMIT_MEMLOCK in bytes; `None`: unlimited.
    pub memlock_bytes: Option<u64>,
}

/// Checks that this host can run `executors` executors, raising the soft limit of locked memory if the hard
/// one allows it.
///
/// # Errors
/// `JobError::Host` with the cure.
pub fn check(executors: usize) -> Result<(), JobError> {
    raise_memlock(MEMLOCK_PER_EXECUTOR * executors as u64);
    check_facts(&HostFacts::read(), executors)
}

impl HostFacts {
    /// Reads them.
    pub fn read() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        Self {
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            io_uring_disabled: read("/proc/sys/kernel/io_uring_disabled")
                .trim()
                .parse()
                .unwrap_or(0),
            is_root: rustix::process::geteuid().is_root(),
            memlock_bytes: getrlimit(Resource::Memlock).current,
        }
    }
}

/// Checks facts read before.
///
/// # Errors
/// `JobError::Host` with the cure.
pub fn check_facts(facts: &HostFacts, executors: usize) -> Result<(), JobError> {
    // A release that cannot be read is left to the executor to judge.
    if let Some(version) = kernel_version(&facts.kernel)
        && version < KERNEL_MIN
    {
        return Err(JobError::Host {
            what: format!("kernel {} is too old", facts.kernel),
            hint: format!(
                "velo-tpc needs Linux {}.{} or newer; see it with: uname -r",
                KERNEL_MIN.0, KERNEL_MIN.1
            ),
        });
    }
    if facts.io_uring_disabled >= 2 || (facts.io_uring_disabled == 1 && !facts.is_root) {
        return Err(JobError::Host {
            what: format!(
                "io_uring is disabled (kernel.io_uring_disabled = {})",
                facts.io_uring_disabled
            ),
            hint: "allow it: sudo sysctl -w kernel.io_uring_disabled=0".to_owned(),
        });
    }
    let needed = MEMLOCK_PER_EXECUTOR * executors as u64;
    if let Some(limit) = facts.memlock_bytes
        && limit < needed
    {
        return Err(JobError::Host {
            what: format!(
                "locked memory is limited to {} KiB and {executors} executors need {} KiB",
                limit >> 10,
                needed >> 10
            ),
            hint: format!(
                "raise it: sudo prlimit --pid $$ --memlock={needed}:{needed} (for good: \
                 '* - memlock {}' in /etc/security/limits.conf)",
                needed >> 10
            ),
        });
    }
    Ok(())
}

/// The error of an executor that could not start although the checks passed.
pub fn executor_error(cause: &str) -> JobError {
    JobError::Host {
        what: format!("an executor cannot start: {cause}"),
        hint: "in a container, allow the io_uring system calls: docker run \
               --security-opt seccomp=unconfined --ulimit memlock=-1"
            .to_owned(),
    }
}

/// Greatest resident memory of this process so far, in bytes.
pub fn peak_memory_bytes() -> Option<u64> {
    peak_of_status(&fs::read_to_string("/proc/self/status").ok()?)
}

fn peak_of_status(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

fn kernel_version(release: &str) -> Option<(u32, u32)> {
    let mut parts = release.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn raise_memlock(needed: u64) {
    let limit = getrlimit(Resource::Memlock);
    let is_short = limit.current.is_some_and(|current| current < needed);
    let can_grow = limit.maximum.is_none_or(|maximum| needed <= maximum);
    if is_short && can_grow {
        // When this fails the check that follows says what to do.
        let _ = setrlimit(
            Resource::Memlock,
            Rlimit {
                current: Some(needed),
                maximum: limit.maximum,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> HostFacts {
        HostFacts {
            kernel: "6.1.0-18-amd64".to_owned(),
            io_uring_disabled: 0,
            is_root: false,
            memlock_bytes: Some(8 << 20),
        }
    }

    fn hint(facts: &HostFacts, executors: usize) -> Option<String> {
        match check_facts(facts, executors) {
            Ok(()) => None,
            Err(JobError::Host { hint, .. }) => Some(hint),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_fit_host_passes() {
        assert_eq!(hint(&facts(), 16), None);
        let unlimited = HostFacts {
            memlock_bytes: None,
            ..facts()
        };
        assert_eq!(hint(&unlimited, 64), None);
    }

    #[test]
    fn each_lack_names_its_cure() {
        assert!(hint(&facts(), 17).unwrap().contains("prlimit"));
        for (kernel, fits) in [
            ("5.7.19", false),
            ("5.8.0", true),
            ("10.0", true),
            ("?", true),
        ] {
            let facts = HostFacts {
                kernel: kernel.to_owned(),
                ..facts()
            };
            assert_eq!(hint(&facts, 1).is_none(), fits, "{kernel}");
        }
        for (disabled, is_root, fits) in [(1, true, true), (1, false, false), (2, true, false)] {
            let facts = HostFacts {
                io_uring_disabled: disabled,
                is_root,
                ..facts()
            };
            assert_eq!(hint(&facts, 1).is_none(), fits);
        }
    }

    #[test]
    fn the_peak_is_read_from_status() {
        let status = "VmPeak:\t  20 kB\nVmHWM:\t   1234 kB\nVmRSS:\t 7 kB\n";
        assert_eq!(peak_of_status(status), Some(1234 * 1024));
        assert_eq!(peak_of_status("VmRSS:\t 7 kB\n"), None);
        assert!(peak_memory_bytes().unwrap() > 1 << 20);
    }
}
