//! The sender of `bench latency --tcp`: a thread that writes record `i` to a socket at its intended time,
//! whatever became of those before it. What it is late by counts: rows are charged from the schedule.

use crate::plan::{GeneratorKind, GeneratorPlan};
use crate::runtime::RunClock;
use crate::source::generator::{RowFormat, RowMaker};
use crate::time::Schedule;
use std::io::{self, ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Bytes of one write at most, when it is behind.
const WRITE_BYTES_MAX: usize = 1 << 16;

/// What the sender sends, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sending {
    pub(super) clock: RunClock,
    pub(super) schedule: Schedule,
    pub(super) rows: u64,
    /// CPU to run on, if one is left.
    pub(super) cpu: Option<u16>,
}

/// A running sender.
pub(super) struct Sender {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<io::Result<u64>>,
}

/// A listener on a port that the system chooses.
pub(super) fn listen() -> io::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

impl Sender {
    /// Starts it; it waits for the engine to connect.
    pub(super) fn start(listener: TcpListener, sending: Sending) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("velo-sender".to_owned())
            .spawn(move || {
                let Some(stream) = accept(&listener, &stopped)? else {
                    return Ok(0);
                };
                send(stream, &sending)
            })?;
        Ok(Self { stop, thread })
    }

    /// Ends it; the rows it sent.
    pub(super) fn finish(self) -> io::Result<u64> {
        // Relaxed: nothing is read on the strength of it.
        self.stop.store(true, Ordering::Relaxed);
        let sent = self.thread.join();
        sent.unwrap_or_else(|_| Err(io::Error::other("the sender panicked")))
    }
}

fn accept(listener: &TcpListener, stopped: &AtomicBool) -> io::Result<Option<TcpStream>> {
    // Relaxed: see `Sender::finish`.
    while !stopped.load(Ordering::Relaxed) {
        match listener.accept() {
            Ok((stream, _)) => return Ok(Some(stream)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                thread::sleep(Duration::from_millis(1));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn send(mut stream: TcpStream, sending: &Sending) -> io::Result<u64> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    if let Some(cpu) = sending.cpu {
        core_affinity::set_for_current(core_affinity::CoreId {
            id: usize::from(cpu),
        });
    }
    let plan = trades(sending.rows);
    let mut maker = RowMaker::new(&plan, RowFormat::Csv).map_err(io::Error::other)?;
    let mut bytes = vec![0; WRITE_BYTES_MAX];
    let mut sent = 0;
    while !maker.is_done() {
        let due = sending.schedule.due(sending.clock.now_ns()) - sent;
        if due == 0 {
            // Without a CPU of its own it would keep the engine from one.
            match sending.cpu {
                Some(_) => std::hint::spin_loop(),
                None => thread::yield_now(),
            }
            continue;
        }
        let made = maker.fill(&mut bytes, due);
        stream.write_all(&bytes[..made.bytes])?;
        sent += made.rows;
    }
    Ok(sent)
}

/// The generator's trades, as a table that declares nothing else gets them.
pub(super) fn trades(rows: u64) -> GeneratorPlan {
    GeneratorPlan {
        kind: GeneratorKind::Trades,
        rows: Some(rows),
        seed: 42,
        symbols: 1000,
        disorder_ns: 0,
        start_ns: 1_735_689_600_000_000_000,
        rate: None,
    }
}
