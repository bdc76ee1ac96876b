//! Time that a core's loop did not have: gaps between two of its clock reads.
//!
//! A gap of more than [`GAP_NS_MIN`] is one of three:
//!
//! * *host*: the thread's CPU clock advanced by less than half of it, so the thread did not run;
//! * *interrupt*: the CPU clock advanced, but no role did anything in that round. An idle round is some
//!   hundred instructions, so the kernel had the core on the thread's account, or the hypervisor had it and the
//!   kernel was not told;
//! * *busy*: anything else. It may hide an interrupt, and counts as the engine's own time.
//!
//! A reading of the CPU clock is a system call (0.7 us where a wall clock read is 30 ns, 2026-11-25), so it is
//! read only when a gap is seen, and every [`ANCHOR_NS_MAX`] to have something to compare with. What it advanced
//! by in the gap is what it advanced by since the last reading, less the time between that reading and the
//! gap, in which there was no gap and the thread ran.

use crate::time::ClockNs;

/// Gaps up to this are not looked at.
pub const GAP_NS_MIN: u64 = 10_000;
/// Greatest age of the CPU clock reading that a gap is compared with.
const ANCHOR_NS_MAX: u64 = 1_000_000;
/// Gaps kept of one core: 3 to 4 hundred a second on a small virtual machine, for an hour.
const GAPS_MAX: usize = 1 << 20;

/// What a gap is put down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapKind {
    /// The thread did not run.
    Host,
    /// The thread's CPU time went by in an idle round.
    Interrupt,
}

/// A gap that is not the engine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The clock read before it.
    pub from_ns: ClockNs,
    /// The clock read behind it.
    pub to_ns: ClockNs,
    /// Whose it is.
    pub kind: GapKind,
}

/// The gaps of one core.
#[derive(Clone, Debug, Default)]
pub struct Gaps {
    /// In order.
    pub list: Vec<Gap>,
    /// Gaps that found the list full.
    pub missed: u64,
}

impl Gaps {
    /// Number, total and greatest length in nanoseconds of the gaps of `kind` that end behind `from_ns`.
    pub fn sum(&self, kind: GapKind, from_ns: ClockNs) -> (u64, u64, u64) {
        let of_kind = self.list.iter().filter(|gap| gap.kind == kind);
        of_kind
            .filter(|gap| gap.to_ns > from_ns)
            .map(|gap| gap.to_ns - gap.from_ns)
            .fold((0, 0, 0), |(count, total, most), length| {
                (count + 1, total + length, most.max(length))
            })
    }
}

/// Looks for gaps; told every clock read of a loop.
pub struct GapWatch {
    // Fixed at construction.
    /// Nanoseconds of CPU time of this thread.
    cpu_clock: fn() -> u64,
    // State.
    last_ns: ClockNs,
    anchor_ns: ClockNs,
    anchor_cpu_ns: u64,
    gaps: Gaps,
}

impl GapWatch {
    /// A watch that begins at `now_ns`, on the thread that it watches.
    pub fn new(now_ns: ClockNs, cpu_clock: fn() -> u64) -> Self {
        Self {
            cpu_clock,
            last_ns: now_ns,
            anchor_ns: now_ns,
            anchor_cpu_ns: cpu_clock(),
            gaps: Gaps {
                list: Vec::with_capacity(1 << 12),
                missed: 0,
            },
        }
    }

    /// The loop read `now_ns`; whether any role did anything since its last read.
    #[inline]
    pub fn observe(&mut self, now_ns: ClockNs, worked: bool) {
        let passed_ns = now_ns - self.last_ns;
        if passed_ns > GAP_NS_MIN || now_ns - self.anchor_ns > ANCHOR_NS_MAX {
            self.look(now_ns, passed_ns, worked);
        }
        self.last_ns = now_ns;
    }

    #[cold]
    fn look(&mut self, now_ns: ClockNs, passed_ns: u64, worked: bool) {
        let cpu_ns = (self.cpu_clock)();
        if passed_ns > GAP_NS_MIN {
            let ran_ns = cpu_ns - self.anchor_cpu_ns;
            let in_gap_ns = ran_ns.saturating_sub(self.last_ns - self.anchor_ns);
            let kind = match (2 * in_gap_ns < passed_ns, worked) {
                (true, _) => Some(GapKind::Host),
                (false, false) => Some(GapKind::Interrupt),
                (false, true) => None,
            };
            if let Some(kind) = kind {
                self.keep(Gap {
                    from_ns: self.last_ns,
                    to_ns: now_ns,
                    kind,
                });
            }
        }
        self.anchor_ns = now_ns;
        self.anchor_cpu_ns = cpu_ns;
    }

    fn keep(&mut self, gap: Gap) {
        if self.gaps.list.len() < GAPS_MAX {
            self.gaps.list.push(gap);
        } else {
            self.gaps.missed += 1;
        }
    }

    /// What was found.
    pub fn into_gaps(self) -> Gaps {
        self.gaps
    }
}

/// CPU time of this thread in nanoseconds.
pub fn thread_cpu_ns() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        static CPU_NS: Cell<u64> = const { Cell::new(0) };
    }

    /// A thread whose clocks are set by hand.
    struct Fake {
        now_ns: u64,
        watch: GapWatch,
    }

    impl Fake {
        fn new() -> Self {
            CPU_NS.set(500);
            Self {
                now_ns: 1_000,
                watch: GapWatch::new(1_000, || CPU_NS.get()),
            }
        }

        /// A round of `wall_ns` in which the thread ran for `cpu_ns`.
        fn round(&mut self, wall_ns: u64, cpu_ns: u64, worked: bool) {
            self.now_ns += wall_ns;
            CPU_NS.set(CPU_NS.get() + cpu_ns);
            self.watch.observe(self.now_ns, worked);
        }

        fn found(self) -> Vec<(u64, u64, GapKind)> {
            let gaps = self.watch.into_gaps().list;
            gaps.iter()
                .map(|gap| (gap.from_ns, gap.to_ns, gap.kind))
                .collect()
        }
    }

    #[test]
    fn a_thread_that_did_not_run_is_the_hosts() {
        let mut fake = Fake::new();
        fake.round(9_000, 9_000, false);
        fake.round(20_000, 9_999, true);
        fake.round(10_000, 0, false);
        assert_eq!(fake.found(), [(10_000, 30_000, GapKind::Host)]);
    }

    #[test]
    fn work_is_the_engines_and_an_idle_round_is_not() {
        let mut fake = Fake::new();
        fake.round(20_000, 10_000, true);
        fake.round(20_000, 20_000, false);
        assert_eq!(fake.found(), [(21_000, 41_000, GapKind::Interrupt)]);
    }

    #[test]
    fn what_ran_before_a_gap_is_not_taken_for_it() {
        let mut fake = Fake::new();
        for _ in 0..400 {
            fake.round(9_000, 9_000, false);
        }
        fake.round(50_000, 1_000, false);
        assert_eq!(
            fake.found(),
            [(3_601_000, 3_651_000, GapKind::Host)],
            "no reading is older than a millisecond"
        );
    }

    #[test]
    fn sums_begin_where_they_are_told_to() {
        let gap = |from_ns, to_ns, kind| Gap {
            from_ns,
            to_ns,
            kind,
        };
        let gaps = Gaps {
            list: vec![
                gap(0, 20_000, GapKind::Host),
                gap(30_000, 60_000, GapKind::Host),
                gap(70_000, 90_000, GapKind::Interrupt),
                gap(90_000, 101_000, GapKind::Host),
            ],
            missed: 0,
        };
        assert_eq!(gaps.sum(GapKind::Host, 20_000), (2, 41_000, 30_000));
        assert_eq!(gaps.sum(GapKind::Interrupt, 0), (1, 20_000, 20_000));
    }

    #[test]
    fn the_cpu_clock_of_this_thread_goes_forward() {
        let before = thread_cpu_ns();
        let mut spun = 0_u64;
        while thread_cpu_ns() == before {
            spun += 1;
        }
        assert!(thread_cpu_ns() > before, "after {spun} readings");
    }
}
