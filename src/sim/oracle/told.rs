//! EMIT .. EVERY of sessions and bars: which of them have changed since the last tick.

use crate::plan::{AggregatePlan, Emission};
use crate::time::OrderKey;

/// What waits for the next tick, by number.
pub struct Told {
    every_ns: Option<i128>,
    early: bool,
    tick: i128,
    waiting: Vec<(usize, OrderKey)>,
    /// The tick that is told.
    pub at: i128,
}

impl Told {
    /// Nothing yet.
    pub fn new(plan: &AggregatePlan) -> Self {
        Self {
            every_ns: plan.every_ns.map(i128::from),
            early: plan.emission == Emission::Early,
            tick: 0,
            waiting: Vec::new(),
            at: 0,
        }
    }

    /// Whether changes wait for ticks.
    pub fn waits_for_ticks(&self) -> bool {
        self.every_ns.is_some()
    }

    /// Whether number `number` waits to be told.
    pub fn waits(&self, number: usize) -> bool {
        self.waiting.iter().any(|waits| waits.0 == number)
    }

    /// Number `number` has changed by the row at `key`.
    pub fn mark(&mut self, number: usize, key: OrderKey) {
        let Some(every) = self.every_ns else {
            return;
        };
        let watermark = i128::from(key.watermark());
        self.tick = watermark - watermark.rem_euclid(every) + every;
        if !self.waits(number) {
            self.waiting.push((number, key));
        }
    }

    /// What is told when the watermark has come to `watermark`, each with its place.
    pub fn due(&mut self, watermark: i64) -> Vec<(usize, OrderKey)> {
        if i128::from(watermark) < self.tick && watermark < i64::MAX {
            return Vec::new();
        }
        self.at = self.tick;
        let tick = self.tick.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        let key = match self.early {
            true => OrderKey::early,
            false => OrderKey::fired,
        };
        let waiting = self.waiting.drain(..);
        waiting
            .map(|(number, first)| (number, key(tick, first.seq, first.ordinal)))
            .collect()
    }
}
