//! Input of a job with several routes: morsels by route, so that a statement whose output is full holds up
//! its own route only.
//!
//! Statements of different routes can share a sink that merges them in order. Egress then waits for the one
//! that is silent to say how far it has come, while the loud one's ring is full: with one queue for all, the
//! worker could not read on to where the silent one's frontier moves, and nothing would move again.
//!
//! Everything in the ring is taken over before a frontier is adopted, so a route's statements stand at the
//! lesser of that frontier and the first row of the route's own queue. What is queued is bounded by ingest's
//! chunks: they come home only when their morsels are processed.

use super::{After, Worker, WorkerStep};
use crate::chunk::Morsel;
use crate::link::{Keyed, Message};
use crate::time::OrderKey;
use std::collections::VecDeque;

/// Morsels taken over from the ring, and how far ingest has come with them.
pub struct Stash {
    /// By route.
    queues: Vec<VecDeque<Box<Morsel>>>,
    /// The route of each statement.
    route_of: Vec<usize>,
    /// Everything below it has been taken over.
    frontier: OrderKey,
    /// A barrier or the end, to be passed on when the queues are empty; nothing behind it is taken over.
    signal: Option<(OrderKey, After)>,
}

impl Stash {
    /// An empty one for `routes` routes.
    pub fn new(routes: usize, route_of: Vec<usize>) -> Self {
        Self {
            queues: (0..routes).map(|_| VecDeque::new()).collect(),
            route_of,
            frontier: OrderKey::MIN,
            signal: None,
        }
    }

    /// Whether it is needed: one route cannot wait for another.
    pub fn is_used(&self) -> bool {
        self.queues.len() > 1
    }

    /// The route of `statement`.
    pub fn route_of(&self, statement: usize) -> usize {
        self.route_of[statement]
    }

    fn is_empty(&self) -> bool {
        self.queues.iter().all(VecDeque::is_empty)
    }

    /// How far the route of `statement` has come: all below has been processed.
    fn frontier_of(&self, statement: usize) -> OrderKey {
        let queue = &self.queues[self.route_of[statement]];
        let first = queue.front().map(|morsel| morsel.first_key());
        first.map_or(self.frontier, |first| first.min(self.frontier))
    }
}

impl Worker {
    /// One piece of work for the first stages of several routes.
    pub(super) fn step_routes(&mut self) -> WorkerStep {
        if self.advance_clear_stages() {
            return WorkerStep::Worked;
        }
        if let Some(route) = self.next_route() {
            let morsel = self.stash.queues[route].pop_front();
            self.process(morsel.expect("chosen because it has one"));
            return WorkerStep::Worked;
        }
        if self.pass_signal() {
            return WorkerStep::Worked;
        }
        if self.ended {
            return WorkerStep::Done;
        }
        // Nothing to process: the queues are empty, or held up by their outputs.
        match self.take_over() {
            true => WorkerStep::Worked,
            false if self.stash.is_empty() => WorkerStep::Idle,
            false => WorkerStep::Blocked,
        }
    }

    /// Fires what is final in every stage that has room; whether there was any.
    fn advance_clear_stages(&mut self) -> bool {
        let mut advanced = false;
        for (statement, pipeline) in self.pipelines.iter_mut().enumerate() {
            let stage = &mut pipeline.stages[0];
            if !stage.is_clear() || stage.ended {
                continue;
            }
            if !stage.is_advancing() {
                stage.start_advance(self.stash.frontier_of(statement));
            }
            if stage.is_advancing() {
                stage.advance_slice(&mut pipeline.ledger);
                advanced = true;
            }
        }
        advanced && {
            self.stop_on_failure();
            true
        }
    }

    /// Of the routes whose outputs have room, the one with the least row.
    fn next_route(&self) -> Option<usize> {
        let routes = 0..self.stash.queues.len();
        let open = routes.filter(|&route| {
            let of_route = self.stash.route_of.iter().zip(&self.pipelines);
            let mut stages = of_route
                .filter(|(of, _)| **of == route)
                .map(|(_, pipeline)| &pipeline.stages[0]);
            let dead_letter = &self.dead_letters[self.routes[route].source_index()];
            stages.all(|stage| stage.is_clear() && !stage.is_advancing())
                && dead_letter.as_ref().is_none_or(|port| port.is_clear())
        });
        open.filter_map(|route| {
            let first = self.stash.queues[route].front()?.first_key();
            Some((first, route))
        })
        .min()
        .map(|(_, route)| route)
    }

    /// Passes a barrier or the end on once all before it is processed; whether it did.
    fn pass_signal(&mut self) -> bool {
        if !self.stash.is_empty() || !self.first_stages_clear() {
            return false;
        }
        let advancing = |pipeline: &super::Pipeline| pipeline.stages[0].is_advancing();
        if self.pipelines.iter().any(advancing) {
            return false;
        }
        let Some((frontier, after)) = self.stash.signal.take() else {
            return false;
        };
        self.frontier = frontier;
        self.pass_on(after);
        true
    }

    /// Takes over what is in the ring; whether anything is new.
    fn take_over(&mut self) -> bool {
        let mut taken = false;
        while self.stash.signal.is_none() {
            match self.input.receive_or_frontier() {
                Ok(Message::Data(morsel)) => {
                    let route = morsel.route.expect("a morsel in a ring has a route");
                    self.stash.queues[usize::from(route.0)].push_back(morsel);
                    taken = true;
                    continue;
                }
                Ok(Message::Barrier { id, frontier }) => {
                    self.stash.frontier = frontier;
                    self.stash.signal = Some((frontier, After::Barrier(id)));
                    taken = true;
                }
                Ok(Message::End { frontier }) => {
                    self.stash.frontier = frontier;
                    self.stash.signal = Some((frontier, After::End));
                    taken = true;
                }
                Ok(Message::Fail(_) | Message::Sample(_)) => {
                    unreachable!("ingest sends neither failures nor samples")
                }
                Err(frontier) => {
                    taken |= frontier > self.stash.frontier;
                    self.stash.frontier = self.stash.frontier.max(frontier);
                    self.frontier = self.stash.frontier;
                }
            }
            break;
        }
        taken
    }
}
