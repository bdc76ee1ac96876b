//! One producer of a merge: its ring, the data at hand, and how far it has come. Egress and exchanges merge
//! several of these by order key.

use crate::error::JobError;
use crate::link::{ErrorSample, Keyed, Message, Receiver};
use crate::time::OrderKey;

/// What a look at the ring brought.
#[derive(Debug)]
pub enum Received {
    /// Nothing: the head is still there, the producer stands at a barrier, has ended, or sent nothing.
    Nothing,
    /// Data, a barrier or the end; the inbox's fields say which.
    Taken,
    /// The job must stop.
    Fail(Box<JobError>),
    /// A refused record to be shown.
    Sample(Box<ErrorSample>),
}

/// A producer as a merge sees it.
pub struct Inbox<T> {
    receiver: Receiver<T>,
    /// The data at hand.
    pub head: Option<Box<T>>,
    /// Rows of the head that are taken.
    pub taken: usize,
    /// Without a head: nothing below this can come any more.
    pub frontier: OrderKey,
    barrier: Option<u64>,
    ended: bool,
}

impl<T: Keyed> Inbox<T> {
    /// A producer that has sent nothing yet.
    pub fn new(receiver: Receiver<T>) -> Self {
        Self {
            receiver,
            head: None,
            taken: 0,
            frontier: OrderKey::MIN,
            barrier: None,
            ended: false,
        }
    }

    /// Takes the next message if there is no head.
    pub fn receive(&mut self) -> Received {
        if self.head.is_some() || self.barrier.is_some() || self.ended {
            return Received::Nothing;
        }
        match self.receiver.receive_or_frontier() {
            Err(frontier) => {
                self.frontier = self.frontier.max(frontier);
                return Received::Nothing;
            }
            Ok(Message::Data(data)) => {
                self.head = Some(data);
                self.taken = 0;
            }
            Ok(Message::Barrier { id, frontier }) => {
                self.barrier = Some(id);
                self.frontier = frontier;
            }
            Ok(Message::End { frontier }) => {
                self.ended = true;
                self.frontier = frontier;
            }
            Ok(Message::Fail(error)) => return Received::Fail(error),
            Ok(Message::Sample(sample)) => return Received::Sample(sample),
        }
        Received::Taken
    }

    /// Frees a slot of a full ring while the merge waits for another producer, see [`Receiver::make_room`].
    pub fn make_room(&mut self) -> bool {
        (self.head.is_some() || self.barrier.is_some()) && self.receiver.make_room()
    }

    /// Sends the head home, all its rows being taken.
    ///
    /// # Panics
    /// When there is no head.
    pub fn retire(&mut self, empty: impl FnOnce(&mut T)) {
        let mut head = self.head.take().expect("a head is retired");
        empty(&mut head);
        self.receiver.give_back(head);
    }

    /// Whether nothing more comes.
    pub fn has_ended(&self) -> bool {
        self.ended && self.head.is_none()
    }
}

/// The barrier that all of `producers` stand at, with everything before it taken.
pub fn aligned_barrier<T: Keyed>(producers: &[Inbox<T>]) -> Option<u64> {
    let id = producers.iter().find_map(|producer| producer.barrier)?;
    let stands = |p: &Inbox<T>| p.head.is_none() && (p.ended || p.barrier == Some(id));
    producers.iter().all(stands).then_some(id)
}

/// Lets `producers` go on behind the barrier they stand at.
pub fn pass_barrier<T: Keyed>(producers: &mut [Inbox<T>]) {
    for producer in producers {
        producer.barrier = None;
    }
}
