//! Limits that hold exactly on all nodes, because Redis decides.
//!
//! What Redis lets through is entered in this node's own meters as well. So these can go on without it, and
//! say how limits stand.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{
    Entropy, LimitId, OrganizationId,
    budgets::Chain,
    limits::{Limit, LimitKind, Meters, Refused},
    usage::Endpoint,
};
use integrations::redis::{Ask, Away, Counts, Kind, NoAddress, RENEWAL, Rest};

use super::gates::{Denied, Gates, Passed};
use crate::settings::Settings;

/// The counts in Redis, and which of this process's calls are in them.
#[derive(Debug)]
pub(crate) struct Redis {
    counts: Counts,
    /// What no other process's calls are called.
    name: String,
    next: AtomicU64,
    /// The calls that have slots.
    under_way: Mutex<BTreeSet<(OrganizationId, LimitId, String)>>,
}

/// That Redis let a call through, and what it has to hear at its end.
#[derive(Debug)]
pub(super) struct Receipt {
    redis: Arc<Redis>,
    organization: OrganizationId,
    call: String,
    tokens: u64,
    places: Vec<(Limit, u64)>,
}

/// The setting is wrong.
#[derive(Debug, thiserror::Error)]
#[error("The Redis that redis_url names can't be used. {0}")]
pub(crate) struct WrongUrl(#[from] NoAddress);

/// The counts in Redis, if there is one, and the work that keeps them.
pub(crate) async fn begin(
    settings: &Settings,
    entropy: &Entropy,
) -> Result<(Option<Arc<Redis>>, Option<impl Future<Output = ()> + use<>>), WrongUrl> {
    let Some(url) = &settings.redis_url else { return Ok((None, None)) };
    let counts = Counts::connect(url, settings.redis_patience).await?;
    let name = format!("{:032x}", u128::from_be_bytes(entropy.bytes()));
    let redis = Arc::new(Redis { counts, name, next: AtomicU64::new(0), under_way: Mutex::default() });
    let worker = redis.clone();
    let work = async move {
        tokio::join!(worker.counts.keep(), worker.renew());
    };
    Ok((Some(redis), Some(work)))
}

impl Redis {
    /// Lets a call through that falls under these limits.
    async fn admit(
        self: &Arc<Self>,
        organization: OrganizationId,
        limits: &[Limit],
        tokens: u64,
    ) -> Result<Result<Receipt, Refused>, Away> {
        let call = format!("{}-{}", self.name, self.next.fetch_add(1, Ordering::Relaxed));
        let asks: Vec<Ask> = limits.iter().map(|limit| ask(limit, tokens)).collect();
        let decision = self.counts.admit(&organization.to_string(), &call, &asks).await?;
        let states = || limits.iter().copied().zip(&decision.states);
        if !decision.passes {
            let refused = Refused::of_counts(states().map(|(limit, state)| (limit, state.used)), tokens);
            return refused.map(Err).ok_or(Away);
        }
        let places: Vec<_> = states().map(|(limit, state)| (limit, state.place)).collect();
        let slots = limits.iter().filter(|limit| limit.kind == LimitKind::Parallel);
        self.under_way().extend(slots.map(|limit| (organization, limit.id, call.clone())));
        Ok(Ok(Receipt { redis: self.clone(), organization, call, tokens, places }))
    }

    async fn renew(&self) {
        loop {
            tokio::time::sleep(RENEWAL).await;
            let mut by_limit: BTreeMap<_, Vec<String>> = BTreeMap::new();
            for (organization, limit, call) in self.under_way().iter() {
                by_limit.entry((*organization, *limit)).or_default().push(call.clone());
            }
            for ((organization, limit), calls) in by_limit {
                let _ = self.counts.renew(&organization.to_string(), &limit.to_string(), &calls).await;
            }
        }
    }

    fn under_way(&self) -> MutexGuard<'_, BTreeSet<(OrganizationId, LimitId, String)>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Receipt {
    /// The call has ended and used so many tokens; none where it was not made after all.
    pub(super) fn end(self, used: Option<u64>) {
        let Self { redis, organization, call, tokens, places } = self;
        let rests: Vec<Rest> = places.iter().filter_map(|(limit, place)| rest(limit, *place, tokens, used)).collect();
        for (limit, _) in places.iter().filter(|(limit, _)| limit.kind == LimitKind::Parallel) {
            redis.under_way().remove(&(organization, limit.id, call.clone()));
        }
        // Without a runtime it is shutting down. Redis is told before its client can come again, from the
        // same thread; what it does not hear goes with the time, and slots with their calls' lives.
        if let (false, Ok(runtime)) = (rests.is_empty(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move { redis.counts.settle(&organization.to_string(), &call, &rests).await });
        }
    }
}

impl Gates {
    /// What Redis says of a call; nothing where it is not asked or does not answer.
    pub(super) async fn ask_redis(
        self: &Arc<Self>,
        chain: &Chain,
        endpoint: Endpoint,
        tokens: u64,
    ) -> Option<Result<Passed, Denied>> {
        let redis = self.redis.as_ref()?;
        let limits: Vec<Limit> = match self.lock().get(&chain.organization) {
            Some(meters) => meters.limits(chain, endpoint).copied().collect(),
            None => Vec::new(),
        };
        if limits.is_empty() {
            return Some(Ok(Passed::freely()));
        }
        Some(match redis.admit(chain.organization, &limits, tokens).await.ok()? {
            Ok(receipt) => {
                let (mut all, mut none) = (self.lock(), Meters::default());
                let meters = all.get_mut(&chain.organization).unwrap_or(&mut none);
                let pass = meters.enter(chain, endpoint, tokens, self.now());
                Ok(Passed::on(self.clone(), pass, Some(receipt)))
            }
            Err(refused) => Err(Denied::Limit(refused)),
        })
    }
}

fn kind(limit: &Limit) -> Kind {
    match limit.kind {
        LimitKind::Requests | LimitKind::Tokens => Kind::Flow,
        LimitKind::Parallel => Kind::Slots,
    }
}

fn ask(limit: &Limit, tokens: u64) -> Ask {
    let needs = if limit.kind == LimitKind::Tokens { tokens } else { 1 };
    Ask { name: limit.id.to_string(), kind: kind(limit), amount: limit.amount, burst: limit.burst, needs }
}

fn rest(limit: &Limit, place: u64, reserved: u64, used: Option<u64>) -> Option<Rest> {
    let (back, more) = match (limit.kind, used) {
        (LimitKind::Requests, Some(_)) => return None,
        (LimitKind::Tokens, used) => {
            let used = used.unwrap_or(0);
            (reserved.saturating_sub(used), used.saturating_sub(reserved))
        }
        (LimitKind::Requests, None) | (LimitKind::Parallel, _) => (1, 0),
    };
    Some(Rest { name: limit.id.to_string(), kind: kind(limit), amount: limit.amount, place, back, more })
}
