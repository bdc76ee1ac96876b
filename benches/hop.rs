//! The ring between two cores: the time of one hop, from ping-pong (half a round trip), and messages a second one
//! way, boxes coming home. Every message is checked: its number, and that none is missing.
//! `cargo bench --bench hop` measures; `cargo test` runs a small input. On one CPU both threads yield after every
//! look, so that it ends there too, and the figures say little.

use std::thread;
use std::time::Instant;

use velo_tpc::limits::LINK_SLOTS;
use velo_tpc::link::{Keyed, Message, Receiver, Sender, link};
use velo_tpc::time::OrderKey;

/// Looks at an empty ring before the CPU is given up.
const LOOKS_MAX: u32 = 10_000;

/// A message's content.
#[derive(Debug)]
struct Number(u64);

impl Keyed for Number {
    fn first_key(&self) -> OrderKey {
        OrderKey::record(0, self.0)
    }
}

fn main() {
    let full = std::env::args().any(|argument| argument == "--bench");
    let cpus = core_affinity::get_core_ids().unwrap_or_default();
    // Pinned only where it is measured, and only where there are two.
    let pins = match cpus[..] {
        [first, second, ..] if full => [Some(first), Some(second)],
        _ => [None, None],
    };
    let looks_max = if cpus.len() > 1 { LOOKS_MAX } else { 1 };
    round_trips(if full { 2_000_000 } else { 1_000 }, pins, looks_max);
    one_way(if full { 20_000_000 } else { 10_000 }, pins, looks_max);
}

fn pin(cpu: Option<core_affinity::CoreId>) {
    if let Some(cpu) = cpu {
        core_affinity::set_for_current(cpu);
    }
}

/// Waits for the next message; `None` when the other end is gone, which would have failed on its own.
fn wait<T: Keyed>(
    receiver: &mut Receiver<T>,
    peer: &Sender<T>,
    looks_max: u32,
) -> Option<Message<T>> {
    let mut looks = 0;
    loop {
        if let Some(message) = receiver.receive() {
            return Some(message);
        }
        looks += 1;
        if looks >= looks_max {
            if peer.is_abandoned() {
                return receiver.receive();
            }
            looks = 0;
            thread::yield_now();
        }
        std::hint::spin_loop();
    }
}

/// Sends a number there and back, one at a time.
fn round_trips(count: u64, pins: [Option<core_affinity::CoreId>; 2], looks_max: u32) {
    let (mut ping, mut pinged) = link::<Number>(LINK_SLOTS);
    let (mut pong, mut ponged) = link::<Number>(LINK_SLOTS);
    let echo = thread::spawn(move || {
        pin(pins[1]);
        let mut echoed = 0;
        while let Some(Message::Data(number)) = wait(&mut pinged, &pong, looks_max) {
            assert_eq!(number.0, echoed, "ping");
            echoed += 1;
            pong.send(Message::Data(number));
        }
        echoed
    });
    pin(pins[0]);
    let mut times_ns = Vec::with_capacity(count as usize);
    let mut number = Some(Box::new(Number(0)));
    for expected in 0..count {
        let mut sent = number.take().expect("it came back");
        sent.0 = expected;
        let start = Instant::now();
        ping.send(Message::Data(sent));
        let Some(Message::Data(back)) = wait(&mut ponged, &ping, looks_max) else {
            panic!("no pong {expected}")
        };
        times_ns.push(start.elapsed().as_nanos() as u64);
        assert_eq!(back.0, expected, "pong");
        number = Some(back);
    }
    ping.send(Message::End {
        frontier: OrderKey::MAX,
    });
    assert_eq!(echo.join().expect("the echo ends"), count);
    times_ns.sort_unstable();
    let half = |share: f64| times_ns[((count - 1) as f64 * share) as usize] as f64 / 2.0;
    println!(
        "half a round trip: p50 {:.0}, p99 {:.0}, p99.9 {:.0}, max {:.0} ns ({count} round trips)",
        half(0.5),
        half(0.99),
        half(0.999),
        half(1.0)
    );
}

/// Sends numbers as fast as the ring takes them.
fn one_way(count: u64, pins: [Option<core_affinity::CoreId>; 2], looks_max: u32) {
    let (mut sender, mut receiver) = link::<Number>(LINK_SLOTS);
    let start = Instant::now();
    let producer = thread::spawn(move || {
        pin(pins[1]);
        let mut made = 0_u64;
        for value in 0..count {
            let mut number = sender.take().unwrap_or_else(|| {
                made += 1;
                Box::new(Number(0))
            });
            number.0 = value;
            sender.send(Message::Data(number));
            let mut looks = 0;
            while !sender.flush() {
                assert!(!sender.is_abandoned(), "the receiver is gone");
                looks += 1;
                if looks % looks_max == 0 {
                    thread::yield_now();
                }
                std::hint::spin_loop();
            }
        }
        made
    });
    pin(pins[0]);
    let (mut received, mut looks) = (0, 0);
    while received < count {
        match receiver.receive() {
            Some(Message::Data(number)) => {
                assert_eq!(number.0, received, "in order, none missing");
                received += 1;
                receiver.give_back(number);
            }
            Some(other) => panic!("{other:?}"),
            None => {
                looks += 1;
                if looks % looks_max == 0 {
                    assert!(
                        !producer.is_finished() || !receiver.is_empty(),
                        "the sender is gone"
                    );
                    thread::yield_now();
                }
                std::hint::spin_loop();
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let made = producer.join().expect("the producer ends");
    assert!(
        made <= 4 * LINK_SLOTS as u64 + 64,
        "boxes come home: {made} made"
    );
    println!(
        "one way: {:.1} M messages/s, {made} boxes ({count} messages)",
        count as f64 / seconds / 1e6
    );
}
