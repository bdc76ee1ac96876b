//! Million rows a second of the ordered merge in egress, by number of workers and by how finely their rows
//! interleave: whole morsels (rows fired by time), runs, and row by row (the worst). The bytes are compared with
//! those of the rows in order before anything is timed, and their number after every pass.
//! `cargo bench --bench egress` measures; `cargo test` runs a small input.

use std::time::Instant;

use velo_tpc::egress::{Egress, EgressLinks, EgressStep, OutputMorsel, OutputPlan, SinkSpec};
use velo_tpc::limits::MORSEL_ROWS_MAX;
use velo_tpc::link::{Message, Receiver, link, progress_line};
use velo_tpc::time::OrderKey;

fn main() {
    let full = std::env::args().any(|argument| argument == "--bench");
    let (morsels, passes) = if full { (256, 7) } else { (4, 1) };
    let rows = morsels * MORSEL_ROWS_MAX;
    for workers in [1, 2, 4] {
        for run in [MORSEL_ROWS_MAX, 64, 1] {
            if workers == 1 && run < MORSEL_ROWS_MAX {
                // One worker has nothing to interleave with.
                continue;
            }
            let first = drain(egress(rows, workers, run));
            let wanted: Vec<u8> = (0..rows).flat_map(|row| line(row).into_bytes()).collect();
            assert!(first.1 == wanted, "{workers} workers, runs of {run}: bytes");
            let mut best = f64::MAX;
            for _ in 0..passes {
                let (seconds, bytes) = drain(egress(rows, workers, run));
                assert_eq!(bytes.len(), wanted.len());
                best = best.min(seconds);
            }
            println!(
                "{workers} workers, runs of {run:>4}: {:>7.1} M rows/s",
                rows as f64 / best / 1e6
            );
        }
    }
}

fn line(row: usize) -> String {
    format!(
        "SYM{:04},{}.25,{}\n",
        row * 7 % 1000,
        50 + row % 40,
        1 + row % 1000
    )
}

/// An egress whose rings hold everything: row `r` comes from worker `r / run % workers`.
fn egress(rows: usize, workers: usize, run: usize) -> Egress {
    let receivers = (0..workers).map(|worker| producer(rows, workers, run, worker));
    let (stop, _) = progress_line();
    let links = EgressLinks {
        outputs: vec![receivers.collect()],
        stop,
    };
    let output = OutputPlan {
        sink: 0,
        limit: None,
        is_result: true,
    };
    let sink = SinkSpec {
        ordered: true,
        header: Vec::new(),
        encoded: true,
        unique: false,
    };
    Egress::new(vec![output], &[sink], links, None)
}

fn producer(rows: usize, workers: usize, run: usize, worker: usize) -> Receiver<OutputMorsel> {
    let own: Vec<usize> = (0..rows)
        .filter(|row| row / run % workers == worker)
        .collect();
    let morsels = own.chunks(MORSEL_ROWS_MAX);
    let (mut sender, receiver) = link(morsels.len() + 1);
    for rows in morsels {
        let mut morsel = OutputMorsel::default();
        for &row in rows {
            morsel.encoded.bytes.extend_from_slice(line(row).as_bytes());
            morsel.encoded.ends.push(morsel.encoded.bytes.len() as u32);
            morsel
                .keys
                .push(OrderKey::record(row as i64 / 100, row as u64));
            morsel.rows += 1;
        }
        sender.send(Message::Data(Box::new(morsel)));
    }
    sender.send(Message::End {
        frontier: OrderKey::MAX,
    });
    assert!(sender.is_clear(), "the ring holds everything");
    receiver
}

/// Steps egress to its end; the seconds in its steps, and the sink's bytes.
fn drain(mut egress: Egress) -> (f64, Vec<u8>) {
    let (mut seconds, mut bytes) = (0.0, Vec::new());
    while !egress.is_done() {
        let start = Instant::now();
        let step = egress.step();
        seconds += start.elapsed().as_secs_f64();
        assert!(step != EgressStep::Idle, "everything is in the rings");
        if let Some(buffer) = egress.take(0) {
            bytes.extend_from_slice(&buffer);
            egress.give_back(0, buffer);
        }
    }
    (seconds, bytes)
}
