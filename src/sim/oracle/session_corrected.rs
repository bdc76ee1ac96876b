//! LATE DATA PROCESS and WARN of sessions: what has left is compared with what is there, after every row.

use super::aggregate::Aggregate;
use super::session::Session;
use super::{Counts, Row};
use crate::batch::RowOp;
use crate::time::{OrderKey, WATERMARK_END};

impl Aggregate<'_> {
    /// Takes all rows, in order, and gives what leaves.
    pub(super) fn run_corrected(
        self,
        (gap_ns, span_ns): (i64, i64),
        rows: &[Row],
        counts: &mut Counts,
    ) -> Vec<Row> {
        let mut sessions: Vec<Session> = Vec::new();
        let mut out = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let watermark = row.key.watermark();
            self.fire_final(&mut sessions, watermark, gap_ns, counts, &mut out);
            let open_after = self.open_after();
            sessions.retain(|session| watermark <= session.last + gap_ns + open_after);
            let Some((from, time)) = self.timed(row, counts) else {
                continue;
            };
            let before = sessions.clone();
            let place = (row, number);
            let joined = self.join(&mut sessions, &from, time, (gap_ns, span_ns), place);
            let Some(at) = joined else {
                counts.late();
                continue;
            };
            let session = &mut sessions[at];
            session.first = session.first.min(time);
            session.last = session.last.max(time);
            session.left = false;
            self.reach(&mut session.calls, from.calls, time);
            // What had left, and is not there as it was.
            let stays = |old: &Session| {
                let mut there = sessions.iter();
                there.any(|it| it.left && it.born == old.born && it.first == old.first)
            };
            let gone = before.iter().filter(|old| old.left && !stays(old));
            let mut gone: Vec<&Session> = gone.collect();
            gone.sort_by_key(|session| session.first);
            let is_final = self.final_at_of(&sessions[at], gap_ns) <= watermark;
            let mut told: Vec<(&Session, RowOp)> = Vec::new();
            for (place, old) in gone.into_iter().enumerate() {
                let op = match is_final && place == 0 {
                    true => RowOp::UpdateBefore,
                    false => RowOp::Delete,
                };
                told.push((old, op));
            }
            let op = match told.is_empty() {
                true => RowOp::Insert,
                false => RowOp::UpdateAfter,
            };
            counts.corrected += u64::from(is_final || !told.is_empty());
            if is_final {
                told.push((&sessions[at], op));
            }
            for (place, (session, op)) in told.into_iter().enumerate() {
                let mut key = row.key;
                key.ordinal = key.ordinal * 1_000 + place as u32;
                let end = Some(session.last + gap_ns - 1);
                let from = out.len();
                self.tell(session, key, end, gap_ns, counts, &mut out);
                out[from..].iter_mut().for_each(|row| row.op = op);
            }
            sessions[at].left = is_final;
        }
        self.fire_final(&mut sessions, WATERMARK_END, gap_ns, counts, &mut out);
        out.sort_by_key(|row| row.key);
        out
    }

    fn final_at_of(&self, session: &Session, gap_ns: i64) -> i64 {
        session.last + gap_ns + self.plan.allowed_ns + 1
    }

    /// Emits what is final and has not left.
    fn fire_final(
        &self,
        sessions: &mut [Session],
        watermark: i64,
        gap_ns: i64,
        counts: &mut Counts,
        out: &mut Vec<Row>,
    ) {
        for session in sessions.iter_mut().filter(|session| !session.left) {
            let final_at = self.final_at_of(session, gap_ns);
            if final_at <= watermark {
                session.left = true;
                let begun = session.begun;
                let key = OrderKey::fired(final_at, begun.seq, begun.ordinal);
                let end = Some(session.last + gap_ns - 1);
                self.tell(session, key, end, gap_ns, counts, out);
            }
        }
    }
}
