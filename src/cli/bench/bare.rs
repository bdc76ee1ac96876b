//! The control of `bench latency`: what this host costs an engine that takes no time at all.
//!
//! A thread on each of the engine's CPUs does nothing but read the clock. Records that arrive evenly and are
//! handed over in the instant in which every CPU runs wait only in the gaps of these loops (a hiccup meter, as
//! Gil Tene's jHiccup). What the engine's own percentiles have beyond these is the engine's.

use super::charge::{Stretches, histogram};
use crate::runtime::RunClock;
use crate::runtime::signals::Interrupt;
use crate::time::{ClockNs, Schedule};
use hdrhistogram::Histogram;
use std::io;
use std::thread;

/// Gaps up to this are the loop itself: a clock read is 30 ns.
const GAP_NS_MIN: u64 = 1_000;
/// Gaps kept of one CPU: a thousand a second is much.
const GAPS_MAX: usize = 1 << 18;
/// It runs as long as the engine did, up to this.
const DURATION_NS_MAX: u64 = 3_000_000_000;
/// From the start of the threads to the first record.
const SETTLE_NS: u64 = 20_000_000;

/// Waits of `rate` records a second on `cpus`, in nanoseconds, 1 for none.
///
/// # Errors
/// No thread could be started.
pub(super) fn bare_loop(
    cpus: &[u16],
    rate: u64,
    duration_ns: u64,
    interrupt: &Interrupt,
) -> io::Result<Histogram<u64>> {
    let clock = RunClock::start();
    let schedule = Schedule {
        start_ns: clock.now_ns() + SETTLE_NS,
        rate,
    };
    let end_ns = schedule.start_ns + duration_ns.min(DURATION_NS_MAX);
    let gaps = thread::scope(|scope| {
        let threads: Vec<_> = cpus
            .iter()
            .map(|&cpu| {
                thread::Builder::new()
                    .name(format!("velo-bare-{cpu}"))
                    .spawn_scoped(scope, move || watch(cpu, clock, end_ns, interrupt))
            })
            .collect();
        let mut gaps = Vec::new();
        for thread in threads {
            gaps.extend(thread?.join().unwrap_or_default());
        }
        io::Result::Ok(gaps)
    })?;
    Ok(waits(&Stretches::merged(gaps), &schedule, end_ns))
}

/// The gaps of one CPU until `end_ns`.
fn watch(
    cpu: u16,
    clock: RunClock,
    end_ns: ClockNs,
    interrupt: &Interrupt,
) -> Vec<(ClockNs, ClockNs)> {
    core_affinity::set_for_current(core_affinity::CoreId {
        id: usize::from(cpu),
    });
    let mut gaps = Vec::with_capacity(1 << 12);
    let mut last_ns = clock.now_ns();
    while last_ns < end_ns && gaps.len() < GAPS_MAX && !interrupt.is_requested() {
        let now_ns = clock.now_ns();
        if now_ns - last_ns > GAP_NS_MIN {
            gaps.push((last_ns, now_ns));
        }
        last_ns = now_ns;
    }
    gaps
}

/// Of the records intended before `end_ns`: one that arrives within a gap waits for its end.
pub(super) fn waits(gaps: &Stretches, schedule: &Schedule, end_ns: ClockNs) -> Histogram<u64> {
    let mut waits = histogram();
    let mut gaps = gaps.iter().peekable();
    for record in 0.. {
        let at_ns = schedule.at_ns(record);
        if at_ns >= end_ns {
            break;
        }
        while gaps.next_if(|gap| gap.1 <= at_ns).is_some() {}
        let wait_ns = match gaps.peek() {
            Some(gap) if gap.0 <= at_ns => gap.1 - at_ns,
            _ => 1,
        };
        waits.saturating_record(wait_ns);
    }
    waits
}
