//! Which role runs on which CPU: a pure function of the host's CPUs and the settings.
//!
//! ```text
//! 1 CPU    ingest, workers and egress inline
//! 2 CPUs   ingest + egress | worker
//! N CPUs   ingest | N-2 workers | egress
//! ```
//! Isolated CPUs go to ingest and workers first, housekeeping CPUs to egress and control. With two or more
//! isolated CPUs the workers keep to them. More workers than worker CPUs share them in turn.

use crate::error::JobError;
use crate::limits::WORKERS_MAX;
use crate::plan::{Settings, WorkerId};
use std::fs;

/// CPUs of a host, each list sorted and without repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostCpus {
    /// CPUs that the scheduler may give to this process.
    pub housekeeping: Vec<u16>,
    /// CPUs kept from the scheduler that a thread may still be pinned to.
    pub isolated: Vec<u16>,
}

/// The roles' CPUs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// CPU of ingest.
    pub ingest: u16,
    /// CPU of each worker.
    pub workers: Vec<u16>,
    /// CPU of egress.
    pub egress: u16,
    /// CPU of the control thread.
    pub control: u16,
}

/// The roles of one CPU, run by one executor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreRoles {
    /// The CPU.
    pub cpu: u16,
    /// Whether ingest runs here.
    pub ingest: bool,
    /// The workers that run here.
    pub workers: Vec<WorkerId>,
    /// Whether egress runs here.
    pub egress: bool,
}

impl HostCpus {
    /// Reads this host's CPUs.
    ///
    /// # Errors
    /// `JobError::Host` when the process has no CPU that can be named.
    pub fn read() -> Result<Self, JobError> {
        let list = |path: &str| {
            let text = fs::read_to_string(path).ok()?;
            parse_cpu_list(text.trim()).ok()
        };
        let online = list("/sys/devices/system/cpu/online");
        let cpuset = cgroup_cpuset_path().and_then(|path| list(&path));
        let may_use = |cpu: &u16| {
            online.as_ref().is_none_or(|online| online.contains(cpu))
                && cpuset.as_ref().is_none_or(|cpuset| cpuset.contains(cpu))
        };
        let mut isolated = list("/sys/devices/system/cpu/isolated").unwrap_or_default();
        isolated.retain(may_use);
        let mut housekeeping = scheduler_cpus();
        housekeeping.retain(|cpu| !isolated.contains(cpu));
        if housekeeping.is_empty() && isolated.is_empty() {
            return Err(JobError::Host {
                what: "no CPU that this process may use was found".to_owned(),
                hint: "see its mask with: taskset -cp $$".to_owned(),
            });
        }
        Ok(Self {
            housekeeping,
            isolated,
        })
    }

    fn contains(&self, cpu: u16) -> bool {
        self.housekeeping.contains(&cpu) || self.isolated.contains(&cpu)
    }

    /// The CPUs that are used when none are named, in the order in which roles take them.
    fn by_default(&self) -> Vec<u16> {
        match (self.isolated.as_slice(), self.housekeeping.as_slice()) {
            // Egress needs one CPU that is not isolated; the others stay with the system.
            (isolated @ [_, _, ..], [.., last]) => [isolated, &[*last]].concat(),
            (isolated, housekeeping) => [isolated, housekeeping].concat(),
        }
    }
}

impl Placement {
    /// Places the roles.
    ///
    /// # Errors
    /// `JobError::Host` when a setting names a CPU that is not there, or no workers or too many are asked for.
    pub fn new(host: &HostCpus, settings: &Settings) -> Result<Self, JobError> {
        let cpus = candidates(host, settings)?;
        let (first, last) = match cpus.as_slice() {
            [] => return Err(refusal("'cores' names no CPU", host)),
            [one] => (*one, *one),
            // Two: ingest and egress share one; a single isolated CPU is the worker's.
            [one, two] if host.isolated.contains(one) && !host.isolated.contains(two) => {
                (*two, *two)
            }
            [one, _] => (*one, *one),
            [first, .., last] => (*first, *last),
        };
        let (ingest, egress) = match (settings.ingest_core, settings.egress_core) {
            (Some(ingest), Some(egress)) => (ingest, egress),
            (Some(ingest), None) => (ingest, other_edge(&cpus, ingest, last)),
            (None, Some(egress)) => (other_edge(&cpus, egress, first), egress),
            (None, None) => (first, last),
        };
        let mut worker_cpus = cpus;
        worker_cpus.retain(|&cpu| cpu != ingest && cpu != egress);
        if worker_cpus.is_empty() {
            // Egress has less to do than ingest.
            worker_cpus.push(egress);
        }
        let count = match settings.workers {
            None => worker_cpus.len().min(WORKERS_MAX),
            Some(0) => return Err(refusal("'workers' is 0: a job needs at least one", host)),
            Some(count) if usize::from(count) > WORKERS_MAX => {
                let what = format!("'workers' is {count}: a job has at most {WORKERS_MAX}");
                return Err(refusal(&what, host));
            }
            Some(count) => usize::from(count),
        };
        let workers: Vec<u16> = worker_cpus.iter().copied().cycle().take(count).collect();
        let control = control_cpu(host, ingest, &workers, egress);
        Ok(Self {
            ingest,
            workers,
            egress,
            control,
        })
    }

    /// The CPUs in use with their roles, one executor each: ingest's first, egress's last unless it is shared.
    pub fn cores(&self) -> Vec<CoreRoles> {
        let mut cores: Vec<CoreRoles> = Vec::new();
        let mut at = |cpu: u16| {
            let index = cores.iter().position(|core| core.cpu == cpu);
            index.unwrap_or_else(|| {
                cores.push(CoreRoles {
                    cpu,
                    ingest: false,
                    workers: Vec::new(),
                    egress: false,
                });
                cores.len() - 1
            })
        };
        let ingest = at(self.ingest);
        let workers: Vec<usize> = self.workers.iter().map(|&cpu| at(cpu)).collect();
        let egress = at(self.egress);
        cores[ingest].ingest = true;
        cores[egress].egress = true;
        for (worker, core) in workers.into_iter().enumerate() {
            cores[core].workers.push(WorkerId(worker as u16));
        }
        cores
    }

    /// Whether one core has all roles, so that nothing hops between cores.
    pub fn is_inline(&self) -> bool {
        self.ingest == self.egress && self.workers.iter().all(|&cpu| cpu == self.ingest)
    }
}

/// The CPU of the edge whose counterpart was named: its usual one, or another when that is taken and there
/// are enough to keep the edges apart.
fn other_edge(cpus: &[u16], named: u16, usual: u16) -> u16 {
    let mut free = cpus.iter().copied().filter(|&cpu| cpu != named);
    let is_roomy = free.clone().count() >= 2;
    if !is_roomy {
        return named;
    }
    if usual == named {
        free.next().expect("two are free")
    } else {
        usual
    }
}

fn candidates(host: &HostCpus, settings: &Settings) -> Result<Vec<u16>, JobError> {
    let cpus = match &settings.cores {
        None => host.by_default(),
        Some(cores) => {
            for (index, &cpu) in cores.iter().enumerate() {
                check_cpu("cores", cpu, host)?;
                if cores[..index].contains(&cpu) {
                    return Err(refusal(&format!("'cores' names CPU {cpu} twice"), host));
                }
            }
            cores.clone()
        }
    };
    let named = [
        ("ingest.core", settings.ingest_core),
        ("egress.core", settings.egress_core),
    ];
    for (setting, cpu) in named {
        if let Some(cpu) = cpu {
            check_cpu(setting, cpu, host)?;
        }
    }
    Ok(cpus)
}

fn check_cpu(setting: &str, cpu: u16, host: &HostCpus) -> Result<(), JobError> {
    if host.contains(cpu) {
        return Ok(());
    }
    Err(refusal(
        &format!("'{setting}' names CPU {cpu}, which this process may not use"),
        host,
    ))
}

fn refusal(what: &str, host: &HostCpus) -> JobError {
    let mut usable = [host.housekeeping.as_slice(), &host.isolated].concat();
    usable.sort_unstable();
    JobError::Host {
        what: what.to_owned(),
        hint: format!("the CPUs to choose from are {}", format_cpu_list(&usable)),
    }
}

/// Housekeeping before isolated; not a worker's CPU, nor ingest's, unless there is no other.
fn control_cpu(host: &HostCpus, ingest: u16, workers: &[u16], egress: u16) -> u16 {
    let preferred = host.housekeeping.iter().copied();
    let is_free = |cpu: &u16| !workers.contains(cpu) && *cpu != ingest;
    preferred
        .clone()
        .find(|cpu| is_free(cpu) && *cpu != egress)
        .or_else(|| preferred.clone().find(is_free))
        .or_else(|| preferred.clone().find(|cpu| !workers.contains(cpu)))
        .unwrap_or(egress)
}

/// Parses the kernel's list format, `0-3,8`, in the order given.
///
/// # Errors
/// What part cannot be read.
pub fn parse_cpu_list(text: &str) -> Result<Vec<u16>, String> {
    let mut cpus = Vec::new();
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| {
            let cpu = text.trim().parse::<u16>();
            cpu.map_err(|_| format!("'{part}' is not a CPU number or a range such as 0-3"))
        };
        let (first, last) = (number(first)?, number(last)?);
        if last < first {
            return Err(format!("the range '{part}' runs backwards"));
        }
        cpus.extend(first..=last);
    }
    Ok(cpus)
}

/// The list in the kernel's format.
pub fn format_cpu_list(cpus: &[u16]) -> String {
    let mut parts: Vec<(u16, u16)> = Vec::new();
    for &cpu in cpus {
        match parts.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(cpu) => *last = cpu,
            _ => parts.push((cpu, cpu)),
        }
    }
    let texts: Vec<String> = parts
        .into_iter()
        .map(|(first, last)| match last - first {
            0 => first.to_string(),
            _ => format!("{first}-{last}"),
        })
        .collect();
    texts.join(",")
}

/// The process mask; on a host with isolated CPUs it does not list them.
fn scheduler_cpus() -> Vec<u16> {
    let Ok(set) = rustix::thread::sched_getaffinity(None) else {
        let cores = core_affinity::get_core_ids().unwrap_or_default();
        return cores
            .into_iter()
            .filter_map(|core| u16::try_from(core.id).ok())
            .collect();
    };
    (0..rustix::thread::CpuSet::MAX_CPU)
        .filter(|&cpu| set.is_set(cpu))
        .filter_map(|cpu| u16::try_from(cpu).ok())
        .collect()
}

fn cgroup_cpuset_path() -> Option<String> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    Some(format!(
        "/sys/fs/cgroup{}/cpuset.cpus.effective",
        path.trim_end_matches('/')
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(housekeeping: &str, isolated: &str) -> HostCpus {
        HostCpus {
            housekeeping: parse_cpu_list(housekeeping).unwrap(),
            isolated: parse_cpu_list(isolated).unwrap(),
        }
    }

    fn placed(host: &HostCpus, settings: &Settings) -> String {
        match Placement::new(host, settings) {
            Ok(it) => format!(
                "ingest {} workers {:?} egress {} control {}",
                it.ingest, it.workers, it.egress, it.control
            ),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn roles_follow_the_number_of_cpus() {
        let table = [
            ("3", "", "ingest 3 workers [3] egress 3 control 3"),
            ("0-1", "", "ingest 0 workers [1] egress 0 control 0"),
            ("0-2", "", "ingest 0 workers [1] egress 2 control 2"),
            (
                "0-5",
                "",
                "ingest 0 workers [1, 2, 3, 4] egress 5 control 5",
            ),
            // Isolated CPUs: the worker first, then ingest too.
            ("0", "1", "ingest 0 workers [1] egress 0 control 0"),
            ("0", "1-2", "ingest 1 workers [2] egress 0 control 0"),
            (
                "0-1",
                "2-5",
                "ingest 2 workers [3, 4, 5] egress 1 control 0",
            ),
            ("0-2", "3", "ingest 3 workers [0, 1] egress 2 control 2"),
            ("", "4-6", "ingest 4 workers [5] egress 6 control 6"),
        ];
        for (housekeeping, isolated, expected) in table {
            let host = host(housekeeping, isolated);
            assert_eq!(placed(&host, &Settings::default()), expected, "{host:?}");
        }
    }

    #[test]
    fn settings_override() {
        let host = host("0-7", "");
        let with = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            placed(&host, &settings)
        };
        assert_eq!(
            with(|s| s.workers = Some(2)),
            "ingest 0 workers [1, 2] egress 7 control 3"
        );
        assert_eq!(
            with(|s| s.cores = Some(vec![4, 2, 6])),
            "ingest 4 workers [2] egress 6 control 0"
        );
        assert_eq!(
            with(|s| {
                s.cores = Some(vec![4, 5]);
                s.workers = Some(3);
            }),
            "ingest 4 workers [5, 5, 5] egress 4 control 0"
        );
        assert_eq!(
            with(|s| {
                s.cores = Some(vec![1]);
                s.workers = Some(2);
            }),
            "ingest 1 workers [1, 1] egress 1 control 0"
        );
        assert_eq!(
            with(|s| {
                s.ingest_core = Some(7);
                s.workers = Some(2);
            }),
            "ingest 7 workers [1, 2] egress 0 control 3"
        );
        assert_eq!(
            with(|s| {
                s.cores = Some(vec![0, 1]);
                s.ingest_core = Some(0);
                s.egress_core = Some(1);
            }),
            "ingest 0 workers [1] egress 1 control 2"
        );
        assert_eq!(
            with(|s| {
                s.cores = Some(vec![0, 1]);
                s.egress_core = Some(1);
            }),
            "ingest 1 workers [0] egress 1 control 2"
        );
    }

    #[test]
    fn what_cannot_be_placed_is_told() {
        let host = host("0-3", "6");
        let with = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            placed(&host, &settings)
        };
        assert_eq!(
            with(|s| s.ingest_core = Some(5)),
            "'ingest.core' names CPU 5, which this process may not use; \
             the CPUs to choose from are 0-3,6"
        );
        assert!(with(|s| s.cores = Some(vec![0, 9])).contains("'cores' names CPU 9"));
        assert!(with(|s| s.cores = Some(vec![1, 1])).contains("twice"));
        assert!(with(|s| s.cores = Some(vec![])).contains("names no CPU"));
        assert!(with(|s| s.workers = Some(0)).contains("at least one"));
        assert!(with(|s| s.workers = Some(65)).contains("at most 64"));
    }

    #[test]
    fn every_role_runs_on_exactly_one_core() {
        for cpus in 1..=6u16 {
            for workers in 1..=8u16 {
                let host = host(&format!("0-{}", cpus - 1), "");
                let settings = Settings {
                    workers: Some(workers),
                    ..Settings::default()
                };
                let placement = Placement::new(&host, &settings).unwrap();
                let cores = placement.cores();
                assert_eq!(cores.iter().filter(|core| core.ingest).count(), 1);
                assert_eq!(cores.iter().filter(|core| core.egress).count(), 1);
                let mut ids: Vec<u16> = cores
                    .iter()
                    .flat_map(|core| core.workers.iter().map(|worker| worker.0))
                    .collect();
                ids.sort_unstable();
                assert!(ids.into_iter().eq(0..workers));
                assert_eq!(placement.is_inline(), cores.len() == 1);
            }
        }
    }

    #[test]
    fn this_host_can_be_placed() {
        let host = HostCpus::read().unwrap();
        Placement::new(&host, &Settings::default()).unwrap();
    }

    #[test]
    fn cpu_lists_are_read_and_written() {
        assert_eq!(parse_cpu_list("0-2, 5,7-7"), Ok(vec![0, 1, 2, 5, 7]));
        assert_eq!(parse_cpu_list(""), Ok(vec![]));
        assert_eq!(format_cpu_list(&[0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
        for wrong in ["a", "3-1", "1-", "-", "70000"] {
            assert!(parse_cpu_list(wrong).is_err(), "{wrong}");
        }
    }
}
