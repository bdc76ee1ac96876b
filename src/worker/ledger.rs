//! Where every record of a statement ends: exactly one counted place.

use crate::error::Reason;
use crate::operator::Ledger;

/// Counts of one statement on one worker.
///
/// `read = used + filtered + late + rejected` holds whenever no morsel is being processed, over all workers once
/// [`Self::settle`] has moved what was found behind an exchange.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
)]
pub struct LedgerCounts {
    /// Records that came for the statement, refused ones included.
    pub read: u64,
    /// Records that reached a result or a state.
    pub used: u64,
    /// Records whose WHERE was not TRUE.
    pub filtered: u64,
    /// Records late for their window.
    pub late: u64,
    /// Refused records by [`Reason`].
    pub rejected: [u64; Reason::COUNT],
    /// Used records whose time was before their predecessor's in the partition.
    pub out_of_order: u64,
    /// Used late records that corrected a closed window.
    pub corrected: u64,
    /// Windows that were closed for used records, which others took in; of elements of records those that no session took.
    pub late_assignments: u64,
    /// Result rows that could not be made.
    pub group_errors: u64,
    /// Used records, of any worker, that this one found late behind an exchange.
    pub late_behind: u64,
}

impl LedgerCounts {
    /// All refused records.
    pub fn rejected_total(&self) -> u64 {
        self.rejected.iter().sum()
    }

    /// Adds the counts of another worker.
    pub fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.used += other.used;
        self.filtered += other.filtered;
        self.late += other.late;
        for (sum, count) in self.rejected.iter_mut().zip(other.rejected) {
            *sum += count;
        }
        self.out_of_order += other.out_of_order;
        self.corrected += other.corrected;
        self.late_assignments += other.late_assignments;
        self.group_errors += other.group_errors;
        self.late_behind += other.late_behind;
    }

    /// Counts records that went through an exchange before they were found late as late: in the sum of all workers.
    pub fn settle(&mut self) {
        let late = std::mem::take(&mut self.late_behind);
        self.used = self.used.saturating_sub(late);
        self.late += late;
    }
}

/// The ledger that the first stage's operators write to.
#[derive(Debug, Default)]
pub struct StatementLedger {
    /// The counts.
    pub counts: LedgerCounts,
    /// Whether rows that are late behind the first operators are elements of records (UNNEST): the records are used.
    pub of_elements: bool,
    /// Rows refused in the morsel being processed, in the order found.
    pub refused: Vec<(u32, Reason, Option<u16>)>,
    /// A late row of the morsel being processed that may be logged.
    pub warned: Option<u32>,
}

impl StatementLedger {
    /// Refuses `row` because of column `column`, or as a whole.
    pub fn refuse(&mut self, row: u32, reason: Reason, column: Option<u16>) {
        self.counts.rejected[reason as usize] += 1;
        self.refused.push((row, reason, column));
    }

    /// Rows that have left the statement so far: filtered, late or refused.
    pub fn gone(&self) -> u64 {
        self.counts.filtered + self.counts.late + self.counts.rejected_total()
    }
}

impl Ledger for StatementLedger {
    fn filtered(&mut self, count: u64) {
        self.counts.filtered += count;
    }

    fn late(&mut self, count: u64) {
        self.counts.late += count;
    }

    fn rejected(&mut self, row: u32, reason: Reason) {
        self.refuse(row, reason, None);
    }

    fn out_of_order(&mut self, count: u64) {
        self.counts.out_of_order += count;
    }

    fn group_error(&mut self, _reason: Reason) {
        self.counts.group_errors += 1;
    }

    fn corrected(&mut self, count: u64) {
        self.counts.corrected += count;
    }

    fn late_assignments(&mut self, count: u64) {
        self.counts.late_assignments += count;
    }

    fn late_behind(&mut self, count: u64) {
        match self.of_elements {
            true => self.counts.late_assignments += count,
            false => self.counts.late_behind += count,
        }
    }

    fn warned(&mut self, row: u32) {
        self.warned.get_or_insert(row);
    }
}

/// The ledger behind a stateful operator: rows there are results, not records.
pub struct ResultLedger<'a>(pub &'a mut dyn Ledger);

impl Ledger for ResultLedger<'_> {
    fn filtered(&mut self, _count: u64) {}

    /// Results come in time: what is late is a record that an exchange brought.
    fn late(&mut self, count: u64) {
        self.0.late_behind(count);
    }

    fn rejected(&mut self, _row: u32, reason: Reason) {
        self.0.group_error(reason);
    }

    fn out_of_order(&mut self, count: u64) {
        self.0.out_of_order(count);
    }

    fn group_error(&mut self, reason: Reason) {
        self.0.group_error(reason);
    }

    fn late_behind(&mut self, count: u64) {
        self.0.late_behind(count);
    }

    /// The windows of records that come with what OVER says of them.
    fn late_assignments(&mut self, count: u64) {
        self.0.late_assignments(count);
    }

    /// Only records correct closed windows: those that an exchange brought.
    fn corrected(&mut self, count: u64) {
        self.0.corrected(count);
    }

    fn warned(&mut self, _row: u32) {}
}
