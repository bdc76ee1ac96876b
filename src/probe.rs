//! Marks that divide a thread's time by stage, for measuring; a run has none on.
//!
//! Roles and operators say where a stage ends with [`mark`]: the time since the last mark was that stage's. They
//! read no clock: the driver that measures lends one with [`start`] to its own thread, as a core owns what it
//! counts. Without it a mark is one predictable branch on a thread-local, once a batch, and needs no parameter
//! through every operator.

use std::cell::Cell;

/// What a thread's time goes to, in the order of a record's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Bytes into the chunk.
    Read,
    /// Records found in bytes, with key hash and event time.
    Frame,
    /// Rows numbered, spread over morsels, and pushed.
    Route,
    /// Morsels received and sent home, progress published.
    Hop,
    /// Fields to columns.
    Decode,
    /// WHERE, and late rows.
    Filter,
    /// Expressions, windows, key to group.
    Group,
    /// Accumulators.
    Update,
    /// Results made: what fires or changes, OVER, projections.
    Emit,
    /// Rows to bytes, and order keys.
    Encode,
    /// The merge of the workers' outputs.
    Egress,
}

impl Stage {
    /// How many there are.
    pub const COUNT: usize = 11;
    /// All, in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Read,
        Self::Frame,
        Self::Route,
        Self::Hop,
        Self::Decode,
        Self::Filter,
        Self::Group,
        Self::Update,
        Self::Emit,
        Self::Encode,
        Self::Egress,
    ];

    /// In reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Frame => "frame",
            Self::Route => "route",
            Self::Hop => "hop",
            Self::Decode => "decode",
            Self::Filter => "filter",
            Self::Group => "group",
            Self::Update => "update",
            Self::Emit => "emit",
            Self::Encode => "encode",
            Self::Egress => "egress",
        }
    }
}

/// Time by stage, and the marks that were made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageTimes {
    /// By `Stage as usize`.
    pub ns: [u64; Stage::COUNT],
    /// Clock readings.
    pub marks: u64,
}

struct Probe {
    clock: Cell<Option<fn() -> u64>>,
    last_ns: Cell<u64>,
    times: Cell<StageTimes>,
}

thread_local! {
    static PROBE: Probe = const {
        Probe {
            clock: Cell::new(None),
            last_ns: Cell::new(0),
            times: Cell::new(StageTimes { ns: [0; Stage::COUNT], marks: 0 }),
        }
    };
}

/// The time since the last mark of this thread was `stage`'s.
#[inline]
pub fn mark(stage: Stage) {
    PROBE.with(|probe| {
        if let Some(clock) = probe.clock.get() {
            note(probe, clock, stage);
        }
    });
}

#[cold]
fn note(probe: &Probe, clock: fn() -> u64, stage: Stage) {
    let now_ns = clock();
    let mut times = probe.times.get();
    times.ns[stage as usize] += now_ns - probe.last_ns.get();
    times.marks += 1;
    probe.times.set(times);
    probe.last_ns.set(now_ns);
}

/// Measures this thread from now on, in nanoseconds of `clock`.
pub fn start(clock: fn() -> u64) {
    PROBE.with(|probe| {
        probe.times.set(StageTimes::default());
        probe.clock.set(Some(clock));
        probe.last_ns.set(clock());
    });
}

/// Ends it.
pub fn stop() -> StageTimes {
    PROBE.with(|probe| {
        probe.clock.set(None);
        probe.times.take()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static NOW_NS: Cell<u64> = const { Cell::new(0) };
    }

    #[test]
    fn time_goes_to_the_stage_whose_mark_ends_it() {
        mark(Stage::Frame);
        start(|| NOW_NS.get());
        for (passed_ns, stage) in [(5, Stage::Frame), (7, Stage::Decode), (11, Stage::Frame)] {
            NOW_NS.set(NOW_NS.get() + passed_ns);
            mark(stage);
        }
        NOW_NS.set(NOW_NS.get() + 100);
        let times = stop();
        mark(Stage::Egress);
        assert_eq!(times.ns[Stage::Frame as usize], 16);
        assert_eq!(times.ns.iter().sum::<u64>(), 23, "nothing without a mark");
        assert_eq!(times.marks, 3);
        assert_eq!(stop(), StageTimes::default());
    }

    #[test]
    fn every_stage_is_listed_in_its_place() {
        for (index, stage) in Stage::ALL.into_iter().enumerate() {
            assert_eq!(stage as usize, index, "{}", stage.name());
        }
    }
}
