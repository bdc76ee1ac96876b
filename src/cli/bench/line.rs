//! The other control of `bench latency`: how long a cache line takes from one of the engine's CPUs to another and back.
//!
//! A record that is handed from core to core costs a few such trips one way. CPUs that share an L3 make one in about 0.1 us,
//! others need several times as long, and a hypervisor may move its virtual CPUs from the one to the other between two
//! runs: then the same engine has another median.

use crate::runtime::RunClock;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// Round trips timed together: two clock reads are nothing beside them.
const BATCH: u32 = 256;
/// Batches, the median of which counts.
const BATCHES: u32 = 64;
/// All of them take no longer, even where a CPU is taken away: what is missing then is left out.
const LIMIT_NS: u64 = 200_000_000;
/// Looks at the line between two looks at the clock.
const LOOKS: u32 = 4096;

/// A number on lines of its own: a CPU may load a line's neighbour with it.
#[repr(align(128))]
#[derive(Default)]
struct Line(AtomicU32);

/// Nanoseconds of a round trip between two CPUs; `None` when they did not come to make one.
///
/// # Errors
/// No thread could be started.
pub(super) fn round_trip(one: u16, other: u16) -> io::Result<Option<u64>> {
    let clock = RunClock::start();
    let end_ns = clock.now_ns() + LIMIT_NS;
    let (there, back) = (Line::default(), Line::default());
    let mut batches = thread::scope(|scope| {
        let answering = thread::Builder::new()
            .name(format!("velo-line-{other}"))
            .spawn_scoped(scope, || {
                pin(other);
                (1..=BATCH * BATCHES).all(|number| {
                    let comes = wait_for(&there, number, clock, end_ns);
                    back.0.store(number, Ordering::Release);
                    comes
                })
            })?;
        let asking = thread::Builder::new()
            .name(format!("velo-line-{one}"))
            .spawn_scoped(scope, || {
                pin(one);
                ask(&there, &back, clock, end_ns)
            })?;
        answering.join().unwrap_or_default();
        io::Result::Ok(asking.join().unwrap_or_default())
    })?;
    batches.sort_unstable();
    Ok(batches.get(batches.len() / 2).copied())
}

/// Nanoseconds of a round trip in each batch.
fn ask(there: &Line, back: &Line, clock: RunClock, end_ns: u64) -> Vec<u64> {
    let mut batches = Vec::with_capacity(BATCHES as usize);
    for batch in 0..BATCHES {
        let start_ns = clock.now_ns();
        for number in batch * BATCH + 1..=(batch + 1) * BATCH {
            there.0.store(number, Ordering::Release);
            if !wait_for(back, number, clock, end_ns) {
                return batches;
            }
        }
        batches.push((clock.now_ns() - start_ns) / u64::from(BATCH));
    }
    batches
}

/// Spins until the line holds `number`; false when it does not in time.
fn wait_for(line: &Line, number: u32, clock: RunClock, end_ns: u64) -> bool {
    loop {
        for _ in 0..LOOKS {
            if line.0.load(Ordering::Acquire) == number {
                return true;
            }
        }
        if clock.now_ns() > end_ns {
            return false;
        }
    }
}

fn pin(cpu: u16) {
    core_affinity::set_for_current(core_affinity::CoreId {
        id: usize::from(cpu),
    });
}
