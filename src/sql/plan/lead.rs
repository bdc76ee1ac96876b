//! LEAD, and what stands on top of it.
//!
//! A row leaves when the rows that its LEADs look at have come, so the rows of one partition keep their order, and come
//! by any time later than the watermark says. On top of them OVER takes them as they come, where its partitions are
//! parts of those of LEAD; ranks of whole partitions take them in any order; windows wait for the end of the input
//! (`settle`).

use super::flow::{Flow, Led, Spread};
use super::over::{call_name, placed, sort_by_time};
use super::{Planner, unbuilt};
use crate::error::SqlError;
use crate::plan::{LeadPlan, OperatorPlan, OverCall, OverFrame, OverFunction};
use crate::sql::bind::OverDraft;
use crate::types::Field;

impl Planner<'_> {
    /// Appends the operator of the LEADs that wait for some rows only.
    pub(super) fn leads(
        &mut self,
        flow: &mut Flow,
        drafts: &[OverDraft],
        whole: &[bool],
        sorts: Option<i64>,
        at: &mut [usize],
    ) -> Result<(), SqlError> {
        let open = |at: &usize| !whole[*at] && is_lead(&drafts[*at]);
        let open: Vec<usize> = (0..drafts.len()).filter(open).collect();
        let Some(&first) = open.first() else {
            return Ok(());
        };
        let keys = &drafts[first].keys;
        let mut time = None;
        for draft in open.iter().map(|&at| &drafts[at]) {
            let by = self.check_order(flow, &draft.order, draft.span);
            time = time.or(by.map(|by| (by, draft)));
        }
        let stages = flow.stages.len();
        let hash_is_routed = self.partition(flow, keys, drafts[first].span)?;
        let sorted = sorts.filter(|_| time.is_some());
        if let Some(allowed_ns) = sorted {
            sort_by_time(flow, keys, flow.stages.len() > stages, allowed_ns);
        }
        // An OVER with the same clause has counted the rows that are out of order.
        let is_counted = |by: &OverDraft| {
            let mut others = drafts.iter().zip(whole);
            others.any(|(it, whole)| {
                !whole && !is_lead(it) && it.keys == *keys && it.order == by.order
            })
        };
        let time = time.filter(|(_, draft)| !is_counted(draft));
        let input = flow.physical.clone();
        let mut calls: Vec<OverCall> = Vec::new();
        for index in open {
            let call = &drafts[index].call;
            let known = calls.iter().position(|known| known == call);
            at[index] = input.fields.len() + known.unwrap_or(calls.len());
            if known.is_none() {
                flow.physical.fields.push(Field {
                    name: call_name(&call.function).into(),
                    ty: call.ty,
                    nullable: true,
                });
                calls.push(call.clone());
            }
        }
        flow.push(OperatorPlan::Lead(LeadPlan {
            input,
            keys: keys.clone(),
            hash_is_routed,
            single: flow.spread == Spread::Single,
            time: time.map(|(time, _)| time),
            sorted: sorted.is_some(),
            calls,
            groups_max: self.groups_max(),
        }));
        flow.hashed = false;
        flow.window = None;
        (flow.state.sorted, flow.state.backdated) = (false, true);
        flow.led = Some(Led {
            keys: Some(keys.clone()),
        });
        Ok(())
    }
}

/// Puts the results of other calls into the LEADs that bring them: of frames that reach beyond the current row.
pub(super) fn place_arguments(drafts: &mut [OverDraft], at: &[usize]) {
    for draft in drafts.iter_mut().filter(|draft| is_lead(draft)) {
        for arg in &mut draft.call.args {
            *arg = placed(arg, at);
        }
    }
}

/// Refuses calls that need another order than the one in which rows of LEAD come.
pub(super) fn check_order(
    flow: &Flow,
    drafts: &[OverDraft],
    whole: &[bool],
) -> Result<(), SqlError> {
    let Some(led) = &flow.led else {
        return Ok(());
    };
    let mut drafts = drafts.iter().zip(whole);
    let is_bad = |&(draft, whole): &(&OverDraft, &bool)| {
        let of_all = matches!(draft.call.frame, OverFrame::Around(_));
        let sorted = *whole && (of_all || !draft.order.is_empty());
        !sorted && !led.keeps_order(&draft.keys)
    };
    match drafts.find(is_bad) {
        None => Ok(()),
        Some((draft, _)) => {
            let what = "OVER over rows of LEAD, which come when later rows have come, by other keys than LEAD's";
            Err(unbuilt(draft.span, what)
                .with_hint("PARTITION BY the keys of LEAD, or compute both in one SELECT"))
        }
    }
}

/// Rows leave a LEAD in another order than they came, so what needs their order cannot stand behind it: LEADs over one
/// partition are last. Beside ranks of whole partitions, on rows that are `led` already, and where they are over
/// several partitions, all take whole ones: in the order of time where the rows are `sorted` by it, else in the order
/// they came.
pub(super) fn gather_leads(drafts: &mut [OverDraft], whole: &mut [bool], sorted: bool, led: bool) {
    let open = drafts.iter().zip(&*whole);
    let mut open = open.filter(|(draft, whole)| !**whole && is_lead(draft));
    let keys = open.next().map(|(draft, _)| &draft.keys);
    let several = open.any(|(draft, _)| Some(&draft.keys) != keys);
    if !several && !led && !whole.contains(&true) {
        return;
    }
    for (draft, whole) in drafts.iter_mut().zip(whole) {
        if !*whole && is_lead(draft) {
            *whole = true;
            if !sorted {
                draft.order.clear();
            }
        }
    }
}

/// Whether a call is a LEAD.
pub(super) fn is_lead(draft: &OverDraft) -> bool {
    matches!(draft.call.function, OverFunction::Lead { .. })
}
