//! Bringing rows together: the route when it is still free, an exchange when it is not.

use super::flow::{Flow, RouteNeed, Spread};
use super::{Planner, plan_error};
use crate::error::{Span, SqlError};
use crate::plan::{ExchangePlan, Expr, StagePlan, Strategy};

impl Planner<'_> {
    /// Brings rows of equal `keys` onto one worker and says whether batches carry the hash of exactly them. They may
    /// come to lie by a part of the keys, which [`Spread::among`] names.
    pub(super) fn bring_together(
        &self,
        flow: &mut Flow,
        keys: &[Expr],
        what: &str,
        span: Span,
    ) -> Result<bool, SqlError> {
        let part = self.declared_part(flow, keys);
        let (Spread::Free, Some(part)) = (&flow.spread, part) else {
            return self.bring_whole(flow, keys, what, span);
        };
        let names = &self.drafts.sources[usize::from(flow.source.0)];
        let names = names
            .partitioned_by
            .iter()
            .map(|&column| &names.plan.schema.fields[column].name[..]);
        flow.route = RouteNeed::Keyed {
            key: part.clone(),
            smart: true,
            reason: format!(
                "{what} keeps rows of one key on one worker, and the source is partitioned by {}",
                names.collect::<Vec<_>>().join(", ")
            ),
        };
        let whole = part == keys;
        flow.spread = Spread::Keyed(part);
        flow.hashed = true;
        Ok(whole)
    }

    /// The columns that the source is partitioned by, where they are among `keys` and the choice is the planner's.
    fn declared_part(&self, flow: &Flow, keys: &[Expr]) -> Option<Vec<Expr>> {
        let source = &self.drafts.sources[usize::from(flow.source.0)];
        let asked = self.settings.job.partitioning;
        if source.partitioned_by.is_empty() || !matches!(asked, None | Some(Strategy::Smart)) {
            return None;
        }
        let key = |&column: &usize| {
            let is_it = |key: &&Expr| matches!(key, Expr::Column { index, .. } if *index == column);
            keys.iter().find(is_it).cloned()
        };
        source.partitioned_by.iter().map(key).collect()
    }

    /// As [`bring_together`](Self::bring_together), by the whole of `keys` where the choice is free.
    pub(super) fn bring_whole(
        &self,
        flow: &mut Flow,
        keys: &[Expr],
        what: &str,
        span: Span,
    ) -> Result<bool, SqlError> {
        match &flow.spread {
            Spread::Single => return Ok(false),
            // Rows that agree in the new keys agree in those they lie by, which are among them.
            Spread::Keyed(have) if have.iter().all(|key| keys.contains(key)) => {
                return Ok(flow.hashed && have == keys);
            }
            Spread::Free => match self.settings.job.partitioning {
                Some(Strategy::FanIn) => {
                    self.bring_to_one(flow, what);
                    return Ok(false);
                }
                Some(asked @ (Strategy::RoundRobin | Strategy::Sticky)) => {
                    return Err(refused(asked, what, span));
                }
                _ if self.needs_exchange_of_records(flow, keys) => {}
                _ => {
                    flow.route = RouteNeed::Keyed {
                        key: keys.to_vec(),
                        smart: false,
                        reason: format!("{what} keeps rows of one key on one worker"),
                    };
                    flow.spread = Spread::Keyed(keys.to_vec());
                    flow.hashed = true;
                    return Ok(true);
                }
            },
            Spread::Keyed(_) | Spread::Scattered => {}
        }
        Ok(self.exchange(flow, keys, what))
    }

    /// Whether rows of equal `keys` can only be brought together behind a filter: ingest evaluates a route's
    /// key before any filter, and a key that can fail must not pass one.
    pub(super) fn needs_exchange_of_records(&self, flow: &Flow, keys: &[Expr]) -> bool {
        let free = matches!(
            self.settings.job.partitioning,
            None | Some(Strategy::Hash | Strategy::Smart | Strategy::Blocks)
        );
        // Ingest does not know the system columns.
        let physical = self.drafts.sources[usize::from(flow.source.0)]
            .plan
            .schema
            .fields
            .len();
        let is_system = |key: &Expr| {
            let mut columns = Vec::new();
            key.columns(&mut columns);
            columns.iter().any(|&column| column >= physical)
        };
        free && flow.spread == Spread::Free
            && (keys.iter().any(is_system) || flow.is_filtered() && keys.iter().any(can_fail))
    }

    /// Begins a stage whose rows are spread by `keys`; batches carry their hash.
    pub(super) fn exchange(&self, flow: &mut Flow, keys: &[Expr], what: &str) -> bool {
        flow.stages.push(StagePlan {
            exchange: Some(ExchangePlan {
                key: keys.to_vec(),
                reason: format!("{what} needs another key than the rows are spread by"),
                union: None,
            }),
            operators: Vec::new(),
        });
        flow.spread = Spread::Keyed(keys.to_vec());
        flow.hashed = true;
        true
    }

    /// Brings all rows onto worker 0.
    pub(super) fn bring_to_one(&self, flow: &mut Flow, what: &str) {
        match flow.spread {
            Spread::Single => return,
            Spread::Free => {
                flow.route = RouteNeed::Single {
                    reason: if self.settings.job.partitioning == Some(Strategy::FanIn) {
                        "SET 'partitioning' asks for it".into()
                    } else {
                        format!("{what} needs all rows in one place")
                    },
                };
            }
            Spread::Keyed(_) | Spread::Scattered => flow.stages.push(StagePlan {
                exchange: Some(ExchangePlan {
                    key: Vec::new(),
                    reason: format!("{what} needs all rows in one place"),
                    union: None,
                }),
                operators: Vec::new(),
            }),
        }
        flow.spread = Spread::Single;
        flow.hashed = false;
    }

    /// Refuses a partitioning that a keyless `what` cannot run under.
    pub(super) fn check_keyless(
        &self,
        flow: &Flow,
        what: &str,
        span: Span,
    ) -> Result<(), SqlError> {
        match self.settings.job.partitioning {
            Some(asked) if asked != Strategy::FanIn && flow.spread == Spread::Free => {
                Err(refused(asked, what, span))
            }
            _ => Ok(()),
        }
    }
}

/// The name that SET gives a strategy.
pub(in crate::sql) fn strategy_name(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Hash => "hash",
        Strategy::Smart => "smart",
        Strategy::Sticky => "sticky",
        Strategy::RoundRobin => "round_robin",
        Strategy::FanIn => "fan_in",
        Strategy::Blocks => "blocks",
    }
}

fn refused(asked: Strategy, what: &str, span: Span) -> SqlError {
    let name = strategy_name(asked);
    let why = match asked {
        Strategy::Hash => format!("{what} has no key to hash"),
        _ => format!("{what} needs rows that {name} would put on different workers"),
    };
    plan_error(
        span,
        format!("'partitioning' = '{name}' would give a wrong answer: {why}"),
    )
    .with_hint("leave the choice to the planner, or SET 'partitioning' = 'fan_in'")
}

/// Whether a key can fail for a row for another reason than a column that cannot be read.
pub(super) fn can_fail(key: &Expr) -> bool {
    matches!(
        key,
        Expr::Arithmetic { .. } | Expr::Cast { .. } | Expr::Negate { .. } | Expr::Call { .. }
    ) || key.children().into_iter().any(can_fail)
}
