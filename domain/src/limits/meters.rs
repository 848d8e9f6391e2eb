use std::time::Duration;

use super::{
    Level, Limit, LimitKind, Refused,
    meter::{Meter, Place},
    slots::Slots,
};
use crate::{
    LimitId, Map, OrganizationId,
    budgets::{Chain, Scope},
    keys::Environment,
    usage::Endpoint,
};

/// That a call was let through: what it takes of every limit above it until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a pass that is neither settled nor cancelled keeps its parallel request for ever"]
pub struct Pass {
    pub(super) chain: Chain,
    /// Of each limit.
    tokens: u64,
    pub(super) on: Vec<(LimitId, Place)>,
}

impl Pass {
    /// Whose call it was.
    pub fn organization(&self) -> OrganizationId {
        self.chain.organization
    }
}

/// The limits of one organization, and what is used of them.
///
/// Time is what has passed since any beginning, and never steps back: a clock that is set changes nothing.
///
/// Invariants, whatever the order of what happens:
/// - In any stretch of time no more requests pass than the burst and what the limit allows in that time;
///   nor tokens, as far as they were known when their calls were let through.
/// - No more than the amount are under way at once, unless the amount was lowered meanwhile.
/// - A call that is refused takes nothing of any limit.
#[derive(Debug, Clone, Default)]
pub struct Meters {
    pub(super) by_scope: Map<(Scope, Environment), Vec<Meter>>,
    /// Whether anything was used or given back since other nodes were last told.
    pub(super) has_news: bool,
    /// Whether parallel requests are let through only as far as they are leased.
    pub(super) shared: bool,
}

impl Meters {
    /// Whether there is any limit.
    pub fn is_empty(&self) -> bool {
        self.by_scope.is_empty()
    }

    /// Puts these limits in force and all others out of it. What is used of those that stay stays used,
    /// and calls under way go on.
    pub fn put(&mut self, limits: impl IntoIterator<Item = Limit>, now: Duration) {
        let before = std::mem::take(&mut self.by_scope);
        for limit in limits {
            let scope = (limit.scope, limit.environment);
            let known = before.get(&scope).and_then(|meters| find(meters, limit.id));
            let meter = known.map_or_else(|| self.fresh(limit, now), |meter| meter.changed(limit, now));
            self.by_scope.entry(scope).or_default().push(meter);
        }
    }

    /// How a limit stands, if it is in force, as it is decided on by now.
    pub fn level(&self, limit: &Limit, now: Duration) -> Option<Level> {
        let meters = self.by_scope.get(&(limit.scope, limit.environment))?;
        Some(find(meters, limit.id)?.changed(*limit, now).level(now))
    }

    /// The limits above a call.
    pub fn limits(&self, chain: &Chain, endpoint: Endpoint) -> impl Iterator<Item = &Limit> {
        self.meters(chain, endpoint).map(|meter| &meter.limit)
    }

    /// The limits above a call, and how they stand.
    pub fn above(&self, chain: &Chain, endpoint: Endpoint, now: Duration) -> impl Iterator<Item = (Limit, Level)> {
        self.meters(chain, endpoint).map(move |meter| (meter.limit, meter.level(now)))
    }

    /// Lets a call through that has so many tokens already, if every limit above it does.
    ///
    /// # Errors
    /// The refusal that it takes longest to wait for.
    pub fn admit(&mut self, chain: &Chain, endpoint: Endpoint, tokens: u64, now: Duration) -> Result<Pass, Refused> {
        let refusals = self.meters(chain, endpoint).filter_map(|meter| meter.refuses(tokens, now));
        if let Some(worst) = refusals.max_by_key(Refused::patience) {
            return Err(worst);
        }
        Ok(self.enter(chain, endpoint, tokens, now))
    }

    /// Notes that a call was let through by someone else.
    pub fn enter(&mut self, chain: &Chain, endpoint: Endpoint, tokens: u64, now: Duration) -> Pass {
        self.has_news = true;
        let mut on = Vec::new();
        for scope in chain.scopes() {
            let Some(meters) = self.by_scope.get_mut(&(scope, chain.environment)) else { continue };
            for n in 0..meters.len() {
                if concerns(meters, &meters[n].limit, endpoint) {
                    on.push((meters[n].limit.id, meters[n].enter(tokens, now)));
                }
            }
        }
        Pass { chain: *chain, tokens, on }
    }

    /// Ends a pass: the call used so many tokens. More than were let in for it are owed, and nothing
    /// passes until they are made up for; what it did not use is given back. Its request stays counted.
    pub fn settle(&mut self, pass: &Pass, tokens: u64, now: Duration) {
        self.each(pass, |meter, place| meter.settle(place, pass.tokens, tokens, now));
    }

    /// Ends a pass of a call that was not made after all: it gives back all that it took.
    pub fn cancel(&mut self, pass: &Pass, now: Duration) {
        self.each(pass, |meter, place| meter.cancel(place, pass.tokens, now));
    }

    fn fresh(&self, limit: Limit, now: Duration) -> Meter {
        let leased = self.shared && limit.kind == LimitKind::Parallel;
        Meter::new(limit, now).sharing(leased.then(Slots::default))
    }

    pub(super) fn meters(&self, chain: &Chain, endpoint: Endpoint) -> impl Iterator<Item = &Meter> {
        let groups = chain.scopes().filter_map(|scope| self.by_scope.get(&(scope, chain.environment)));
        groups.flat_map(move |meters| meters.iter().filter(move |meter| concerns(meters, &meter.limit, endpoint)))
    }

    fn each(&mut self, pass: &Pass, mut end: impl FnMut(&mut Meter, Place)) {
        self.has_news = true;
        for scope in pass.chain.scopes() {
            for meter in self.by_scope.get_mut(&(scope, pass.chain.environment)).into_iter().flatten() {
                if let Some((_, place)) = pass.on.iter().find(|(id, _)| *id == meter.limit.id) {
                    end(meter, *place);
                }
            }
        }
    }
}

fn find(meters: &[Meter], id: LimitId) -> Option<&Meter> {
    meters.iter().find(|meter| meter.limit.id == id)
}

/// Whether a limit concerns calls of an endpoint: its own does, and that for all where there is none of
/// its own.
fn concerns(meters: &[Meter], limit: &Limit, endpoint: Endpoint) -> bool {
    let own = |other: &Meter| other.limit.kind == limit.kind && other.limit.endpoint == Some(endpoint);
    limit.endpoint.map_or_else(|| !meters.iter().any(own), |of| of == endpoint)
}
