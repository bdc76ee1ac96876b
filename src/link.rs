//! Rings between roles: data one way, empty boxes back, signals in band, and one progress line beside each.
//!
//! ```text
//!   Sender  --- ring: Data | Barrier | End | Fail | Sample --->  Receiver
//!           <-- home: boxes to be reused ---------------------
//!           --- line: the frontier, a seqlock of three words -->
//! ```
//! A [`Sender`] never waits: what the ring cannot take stays in its outbox, and the role that owns it takes
//! no more input until [`Sender::flush`] has emptied it. The progress line says up to which order key
//! everything has been pushed; a receiver reads it *before* it looks at the ring and may adopt it only if
//! the ring is then empty. A home ring that is full drops the box: returning never blocks.
//!
//! Invariant: cores share ring cursors and progress lines, nothing else.

use crate::error::JobError;
use crate::time::OrderKey;
use rtrb::{Consumer, Producer, RingBuffer};
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A record that was refused, or that came late, as it is shown to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorSample {
    /// Index of the statement that says so.
    pub statement: u16,
    /// Why it was refused; `None` for one that is used, late as it is.
    pub reason: Option<crate::error::Reason>,
    /// Index of the source's file.
    pub file: u32,
    /// Offset of the record in that file, in decoded bytes.
    pub offset: u64,
    /// Number in the merged sequence, from 0.
    pub seq: u64,
    /// The column at fault, if one is.
    pub column: Option<u16>,
    /// The record's beginning, unreadable bytes replaced.
    pub text: String,
}

/// What goes through a ring. A message lies on one cache line, which has to come from the core that wrote it.
#[derive(Debug)]
#[repr(align(64))]
pub enum Message<T> {
    /// Rows.
    Data(Box<T>),
    /// Everything below `frontier` has gone before; a snapshot is to be taken here.
    Barrier {
        /// Which checkpoint.
        id: u64,
        /// Every row before the barrier has a smaller key, every row after it none smaller.
        frontier: OrderKey,
    },
    /// Nothing follows. `OrderKey::MAX` when the input was complete, else the frontier reached.
    End {
        /// Up to where time may be taken as passed.
        frontier: OrderKey,
    },
    /// The job must stop.
    Fail(Box<JobError>),
    /// A refused record to be shown.
    Sample(Box<ErrorSample>),
}

/// Data that knows the least order key in it.
pub trait Keyed {
    /// The key of its first row.
    fn first_key(&self) -> OrderKey;

    /// Asks for the cache lines that its first row lies on, all at once.
    fn fetch_first(&self) {}
}

/// A frontier written by one core and read by another; alone on its cache lines.
///
/// A seqlock without fences: words are stored with Release after the odd version, so a reader that sees a
/// new word (Acquire) also sees that the version has changed.
#[derive(Debug)]
#[repr(align(128))]
struct ProgressLine {
    version: AtomicU64,
    words: [AtomicU64; 3],
}

/// The writing end of a progress line.
#[derive(Debug)]
pub struct ProgressWriter {
    line: Arc<ProgressLine>,
    last: OrderKey,
}

/// The reading end of a progress line.
#[derive(Debug)]
pub struct ProgressReader {
    line: Arc<ProgressLine>,
    /// What was read last, and its version: an idle core asks again and again.
    seen: Cell<(u64, OrderKey)>,
}

/// A new progress line at [`OrderKey::MIN`].
pub fn progress_line() -> (ProgressWriter, ProgressReader) {
    let line = Arc::new(ProgressLine {
        version: AtomicU64::new(0),
        words: encode(OrderKey::MIN).map(AtomicU64::new),
    });
    let writer = ProgressWriter {
        line: Arc::clone(&line),
        last: OrderKey::MIN,
    };
    let seen = Cell::new((0, OrderKey::MIN));
    (writer, ProgressReader { line, seen })
}

fn encode(key: OrderKey) -> [u64; 3] {
    let tail = u64::from(key.kind) << 32 | u64::from(key.ordinal);
    [key.time as u64, key.seq, tail]
}

fn decode(words: [u64; 3]) -> OrderKey {
    OrderKey {
        time: words[0] as i64,
        kind: (words[2] >> 32) as u8,
        seq: words[1],
        ordinal: words[2] as u32,
    }
}

impl ProgressWriter {
    /// Publishes a frontier that is not below the last one.
    pub fn publish(&mut self, frontier: OrderKey) {
        debug_assert!(frontier >= self.last, "frontier fell back");
        if frontier == self.last {
            return;
        }
        self.last = frontier;
        // Relaxed: this core is the only writer.
        let version = self.line.version.load(Ordering::Relaxed);
        // Relaxed: the Release of the words below orders it before them.
        self.line.version.store(version + 1, Ordering::Relaxed);
        for (word, value) in self.line.words.iter().zip(encode(frontier)) {
            // Release: whoever sees the word sees the odd version too.
            word.store(value, Ordering::Release);
        }
        // Release: whoever sees the even version sees the words, and every push made before.
        self.line.version.store(version + 2, Ordering::Release);
    }
}

impl ProgressReader {
    /// The newest frontier. Retries while the writer is within its four stores.
    #[inline]
    pub fn read(&self) -> OrderKey {
        loop {
            // Acquire: the words read next are at least as new, and pushes before the publication are seen.
            let before = self.line.version.load(Ordering::Acquire);
            let (version, frontier) = self.seen.get();
            if before == version {
                return frontier;
            }
            let [time, seq, tail] = &self.line.words;
            // Acquire, all three: a word of a newer frontier brings the odd version with it.
            let words = [
                time.load(Ordering::Acquire),
                seq.load(Ordering::Acquire),
                tail.load(Ordering::Acquire),
            ];
            // Relaxed: ordered behind the words by their Acquire.
            let after = self.line.version.load(Ordering::Relaxed);
            if before == after && before & 1 == 0 {
                let frontier = decode(words);
                self.seen.set((before, frontier));
                return frontier;
            }
            std::hint::spin_loop();
        }
    }
}

/// The producing end of a link.
pub struct Sender<T> {
    ring: Producer<Message<T>>,
    home: Consumer<Box<T>>,
    line: ProgressWriter,
    outbox: VecDeque<Message<T>>,
    /// Boxes that are empty, the one that came home first in front: all take their turn, so that they are as large as they
    /// will be soon after the start.
    spare: VecDeque<Box<T>>,
    high_water: usize,
    /// The ring was seen empty, and nothing has been pushed since. It is seen while the core is idle; a look at the
    /// receiver's cursor when a row is to leave would wait for its cache line.
    drained: Cell<bool>,
}

/// The consuming end of a link.
pub struct Receiver<T> {
    ring: Consumer<Message<T>>,
    home: Producer<Box<T>>,
    line: ProgressReader,
    /// Messages older than those in the ring, see [`Self::make_room`].
    kept: VecDeque<Message<T>>,
}

/// A link whose ring holds `slots` messages.
///
/// # Panics
/// When `slots` is 0.
pub fn link<T>(slots: usize) -> (Sender<T>, Receiver<T>) {
    assert!(slots > 0, "a ring needs a slot");
    let (ring_in, ring_out) = RingBuffer::new(slots);
    let (home_in, home_out) = RingBuffer::new(2 * slots + 16);
    let (writer, reader) = progress_line();
    let sender = Sender {
        ring: ring_in,
        home: home_out,
        line: writer,
        outbox: VecDeque::new(),
        spare: VecDeque::new(),
        high_water: 0,
        drained: Cell::new(true),
    };
    let receiver = Receiver {
        ring: ring_out,
        home: home_in,
        line: reader,
        kept: VecDeque::new(),
    };
    (sender, receiver)
}

impl<T: Keyed> Sender<T> {
    /// An emptied box to fill, if one has come home.
    pub fn take(&mut self) -> Option<Box<T>> {
        self.spare.pop_front().or_else(|| self.home.pop().ok())
    }

    /// What an idle core can do for the next message: boxes that have come home are emptied with `empty`, and the
    /// ring is looked at.
    pub fn prepare(&mut self, empty: impl FnMut(&mut T)) {
        self.reclaim(empty);
        self.is_drained();
    }

    /// Empties every box that has come home and keeps it for [`Self::take`].
    pub fn reclaim(&mut self, mut empty: impl FnMut(&mut T)) {
        while let Ok(mut data) = self.home.pop() {
            empty(&mut data);
            self.spare.push_back(data);
        }
    }

    /// Pushes `message`, or keeps it for [`Self::flush`] when the ring is full.
    pub fn send(&mut self, message: Message<T>) {
        if !self.outbox.is_empty() {
            self.outbox.push_back(message);
            return;
        }
        if let Err(rtrb::PushError::Full(message)) = self.ring.push(message) {
            self.outbox.push_back(message);
        }
        let used = match self.drained.replace(false) {
            true => 1,
            false => self.ring.buffer().capacity() - self.ring.slots(),
        };
        self.high_water = self.high_water.max(used);
    }

    /// Pushes what is kept; true when nothing is left.
    #[inline]
    pub fn flush(&mut self) -> bool {
        self.outbox.is_empty() || self.flush_outbox()
    }

    fn flush_outbox(&mut self) -> bool {
        self.drained.set(false);
        while let Some(message) = self.outbox.pop_front() {
            if let Err(rtrb::PushError::Full(message)) = self.ring.push(message) {
                self.outbox.push_front(message);
                return false;
            }
        }
        true
    }

    /// Whether everything sent is in the ring.
    pub fn is_clear(&self) -> bool {
        self.outbox.is_empty()
    }

    /// Publishes the lesser of `frontier` and the least key that is still in the outbox. Messages of several
    /// routes lie there in any order of their keys.
    pub fn publish(&mut self, frontier: OrderKey) {
        if frontier <= self.line.last {
            return;
        }
        let kept = self.outbox.iter().filter_map(|message| match message {
            Message::Data(data) => Some(data.first_key()),
            Message::Barrier { frontier, .. } | Message::End { frontier } => Some(*frontier),
            Message::Fail(_) | Message::Sample(_) => None,
        });
        let frontier = kept.min().map_or(frontier, |kept| kept.min(frontier));
        if frontier > self.line.last {
            self.line.publish(frontier);
        }
    }

    /// Slots of the ring in use now, and its capacity.
    pub fn occupancy(&self) -> (usize, usize) {
        let capacity = self.ring.buffer().capacity();
        (capacity - self.ring.slots(), capacity)
    }

    /// Whether the receiver has taken everything.
    pub fn is_empty(&self) -> bool {
        self.outbox.is_empty() && self.is_drained()
    }

    fn is_drained(&self) -> bool {
        if !self.drained.get() {
            let capacity = self.ring.buffer().capacity();
            self.drained.set(self.ring.slots() == capacity);
        }
        self.drained.get()
    }

    /// The most slots ever in use.
    pub fn high_water(&self) -> usize {
        self.high_water
    }

    /// Whether the other end is gone.
    pub fn is_abandoned(&self) -> bool {
        self.ring.is_abandoned()
    }
}

impl<T: Keyed> Receiver<T> {
    /// The next message.
    #[inline]
    pub fn receive(&mut self) -> Option<Message<T>> {
        if let Some(message) = self.kept.pop_front() {
            return Some(message);
        }
        let message = self.ring.pop().ok()?;
        if let Message::Data(data) = &message {
            data.fetch_first();
        }
        Some(message)
    }

    /// The next message, or the producer's frontier if there is none.
    ///
    /// The line is read before the look at the ring that finds it empty: what was pushed before it was published
    /// would be seen there. A message that waits is taken without it, sparing the line's way between the cores.
    #[inline]
    pub fn receive_or_frontier(&mut self) -> Result<Message<T>, OrderKey> {
        if let Some(message) = self.receive() {
            return Ok(message);
        }
        let frontier = self.line.read();
        self.receive().ok_or(frontier)
    }

    /// Takes a message out of a full ring and keeps it; whether there was one.
    ///
    /// A merge that waits for one producer calls it for the others. Two merges could otherwise wait for each
    /// other for ever: a worker that is blocked in one of them does not get on for the other. What is kept is
    /// bounded by how far ingest lets workers get apart, which is the rings to them.
    pub fn make_room(&mut self) -> bool {
        if self.ring.slots() < self.ring.buffer().capacity() {
            return false;
        }
        self.kept.extend(self.ring.pop().ok());
        true
    }

    /// Whether the ring is empty now.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.ring.is_empty()
    }

    /// Sends an emptied box home, or drops it when there are enough.
    pub fn give_back(&mut self, data: Box<T>) {
        let _ = self.home.push(data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Item(u64);
    impl Keyed for Item {
        fn first_key(&self) -> OrderKey {
            OrderKey::record(0, self.0)
        }
    }

    #[test]
    fn a_full_ring_keeps_the_rest_and_holds_the_frontier() {
        let (mut sender, mut receiver) = link::<Item>(1);
        sender.send(Message::Data(Box::new(Item(1))));
        sender.send(Message::Data(Box::new(Item(2))));
        assert!(!sender.is_clear());
        sender.publish(OrderKey::record(0, 10));
        assert!(matches!(receiver.receive(), Some(Message::Data(item)) if item.0 == 1));
        let frontier = receiver.receive_or_frontier().expect_err("ring is empty");
        assert_eq!(frontier, OrderKey::record(0, 2));
        assert!(sender.flush());
        sender.publish(OrderKey::record(0, 10));
        assert!(receiver.receive_or_frontier().is_ok());
        let frontier = receiver.receive_or_frontier().expect_err("ring is empty");
        assert_eq!(frontier, OrderKey::record(0, 10));
    }

    #[test]
    fn a_ring_is_known_to_be_empty_until_something_is_pushed() {
        let (mut sender, mut receiver) = link::<Item>(2);
        assert!(sender.is_empty());
        for pushed in 1..=3 {
            sender.send(Message::Data(Box::new(Item(pushed))));
            assert!(!sender.is_empty());
        }
        assert_eq!(sender.high_water(), 2);
        assert!(receiver.receive().is_some() && receiver.receive().is_some());
        assert!(!sender.is_empty(), "the outbox holds one");
        assert!(sender.flush());
        assert!(!sender.is_empty(), "the ring holds one");
        if let Some(Message::Data(item)) = receiver.receive() {
            receiver.give_back(item);
        }
        sender.prepare(|item| item.0 = 0);
        assert!(sender.is_empty());
        assert_eq!(sender.take().expect("it came home").0, 0);
    }

    #[test]
    fn the_least_key_of_the_outbox_holds_the_frontier() {
        let (mut sender, mut receiver) = link::<Item>(1);
        for key in [1, 7, 3] {
            sender.send(Message::Data(Box::new(Item(key))));
        }
        sender.publish(OrderKey::record(0, 10));
        assert!(receiver.receive().is_some());
        let frontier = receiver.receive_or_frontier().expect_err("ring is empty");
        assert_eq!(frontier, OrderKey::record(0, 3));
    }

    #[test]
    fn a_frontier_is_never_torn_and_never_overtakes_its_data() {
        let (mut sender, mut receiver) = link::<Item>(4);
        let writer = std::thread::spawn(move || {
            for i in 0..20_000_u64 {
                sender.send(Message::Data(Box::new(Item(i))));
                while !sender.flush() {
                    std::thread::yield_now();
                }
                sender.publish(OrderKey {
                    time: i as i64,
                    kind: 1,
                    seq: i + 1,
                    ordinal: i as u32,
                });
            }
        });
        let mut received = 0;
        while received < 20_000 {
            match receiver.receive_or_frontier() {
                Ok(_) => received += 1,
                Err(frontier) if frontier == OrderKey::MIN => {}
                Err(frontier) => {
                    assert_eq!(frontier.time as u64 + 1, frontier.seq, "torn");
                    assert_eq!(frontier.time as u32, frontier.ordinal, "torn");
                    assert!(frontier.seq <= received, "adopted before its data");
                }
            }
        }
        writer.join().expect("writer");
    }
}
