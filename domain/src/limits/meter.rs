use std::time::Duration;

use super::{Limit, LimitKind, slots::Slots};

/// One request or token, in grains. They are so fine that a limit of one a minute loses one grain each
/// nanosecond, and so nothing is ever rounded.
const UNIT: i128 = 60_000_000_000;

/// When parallel requests are worth trying again: nobody knows when one ends.
const SHORTLY: Duration = Duration::from_secs(1);

/// How a limit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// What is used; more than the limit where calls used more than was left.
    pub used: u64,
    /// What is left.
    pub remaining: u64,
    /// In which time all is left again, if nothing comes; not known of parallel requests.
    pub resets_in: Option<Duration>,
}

impl Level {
    /// How a limit stands that nothing is used of.
    pub fn unused(limit: &Limit) -> Self {
        Meter::new(*limit, Duration::ZERO).level(Duration::ZERO)
    }
}

/// Why a call does not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The limit that it does not pass.
    pub limit: Limit,
    /// How that stands.
    pub level: Level,
    /// How much of it the call needs.
    pub needs: u64,
    /// After which time the call passes, if nothing else comes; none where it never does, because it
    /// needs more than may come at once.
    pub wait: Option<Duration>,
}

/// How many parts [`Refused::of_counts`] has of one request or token.
pub const PARTS: u64 = 60_000;

impl Refused {
    /// Why a call with so many tokens does not pass, where so many parts of these limits are used; the
    /// refusal that it takes longest to wait for.
    pub fn of_counts(counts: impl IntoIterator<Item = (Limit, u64)>, tokens: u64) -> Option<Self> {
        let refuses = |(limit, parts): (Limit, u64)| {
            let entered = i128::from(parts) * (UNIT / i128::from(PARTS));
            Meter { entered, ..Meter::new(limit, Duration::ZERO) }.refuses(tokens, Duration::ZERO)
        };
        counts.into_iter().filter_map(refuses).max_by_key(Self::patience)
    }

    /// The order of what is worse to hear.
    pub(super) fn patience(&self) -> Duration {
        self.wait.unwrap_or(Duration::MAX)
    }
}

/// What was used of a limit: a queue into which a call's grains enter at its end, and from whose front
/// they go with the time. The limit is kept by what may stand in the queue at once.
///
/// That is GCRA, as a meter of what is used: the theoretical arrival time is when the queue is empty.
/// Written like this, a change of the amount takes nothing away from what is used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meter {
    pub(super) limit: Limit,
    /// All that has ever entered.
    entered: i128,
    /// All that had gone at `at`; never more than has entered.
    gone: i128,
    at: Duration,
    /// What of it calls of this node let in, and other nodes were not told yet.
    untold: i128,
    /// What this node may let through at once, of parallel requests that several share.
    pub(super) slots: Option<Slots>,
}

/// Where in the queue a call's grains end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(i128);

impl Meter {
    pub(super) fn new(limit: Limit, now: Duration) -> Self {
        Self { limit, entered: 0, gone: 0, at: now, untold: 0, slots: None }
    }

    /// The same on a node that may let through so much at once.
    pub(super) fn sharing(self, slots: Option<Slots>) -> Self {
        Self { slots, ..self }
    }

    /// The same with another amount: what is used stays used.
    pub(super) fn changed(self, limit: Limit, now: Duration) -> Self {
        Self { limit, gone: self.gone(now), at: now.max(self.at), ..self }
    }

    pub(super) fn level(&self, now: Duration) -> Level {
        let elsewhere = self.slots.map_or(0, |slots| slots.elsewhere);
        let (used, most) = (self.used(now) + grains(elsewhere), grains(self.limit.burst));
        let units = |grains: i128| u64::try_from(grains / UNIT).unwrap_or(u64::MAX);
        Level {
            used: units(used + (UNIT - 1)),
            remaining: units((most - used).max(0)),
            resets_in: (self.a_nanosecond() > 0).then(|| self.time(used)),
        }
    }

    /// Why a call does not pass that needs so many tokens, if it does not.
    pub(super) fn refuses(&self, tokens: u64, now: Duration) -> Option<Refused> {
        let needs = self.needs(tokens);
        let (needed, most) = (grains(needs), self.most());
        let excess = self.used(now) + needed - most;
        if excess <= 0 {
            return None;
        }
        let wait = match self.limit.kind {
            LimitKind::Parallel => Some(SHORTLY),
            _ => (needed <= most).then(|| self.time(excess)),
        };
        Some(Refused { limit: self.limit, level: self.level(now), needs, wait })
    }

    /// Lets in what a call needs.
    pub(super) fn enter(&mut self, tokens: u64, now: Duration) -> Place {
        self.slots.iter_mut().for_each(|slots| slots.touched = true);
        self.add(self.needs(tokens), now)
    }

    /// The call has ended, and used so many tokens instead of those that were let in for it.
    pub(super) fn settle(&mut self, place: Place, reserved: u64, used: u64, now: Duration) {
        match self.limit.kind {
            LimitKind::Requests => {}
            LimitKind::Tokens if used > reserved => {
                self.add(used - reserved, now);
            }
            LimitKind::Tokens => self.give_back(place, reserved - used, now),
            LimitKind::Parallel => self.give_back(place, 1, now),
        }
    }

    /// The call was never made.
    pub(super) fn cancel(&mut self, place: Place, reserved: u64, now: Duration) {
        self.give_back(place, self.needs(reserved), now);
    }

    fn needs(&self, tokens: u64) -> u64 {
        match self.limit.kind {
            LimitKind::Tokens => tokens,
            LimitKind::Requests | LimitKind::Parallel => 1,
        }
    }

    /// What calls of this node used since it was last told to other nodes, in whole units; less than
    /// nothing where they gave back more than they used.
    pub(super) fn tell(&mut self) -> i64 {
        let units = self.untold / UNIT;
        self.untold -= units * UNIT;
        i64::try_from(units).unwrap_or(i64::MAX)
    }

    /// Calls of another node used so much. It is owed where it is more than was left.
    pub(super) fn hear(&mut self, units: i64, now: Duration) {
        *self = self.changed(self.limit, now);
        let grains = grains(units.unsigned_abs());
        match units >= 0 {
            true => self.entered += grains,
            false => self.gone += grains.min(self.entered - self.gone),
        }
    }

    fn add(&mut self, units: u64, now: Duration) -> Place {
        *self = self.changed(self.limit, now);
        self.entered += grains(units);
        self.untold += grains(units);
        Place(self.entered)
    }

    /// Lets go before its time what has not gone with the time already: to give back that too would let
    /// more pass than the limit allows.
    fn give_back(&mut self, Place(end): Place, units: u64, now: Duration) {
        *self = self.changed(self.limit, now);
        let ahead = match self.limit.kind {
            LimitKind::Parallel => self.entered - self.gone,
            _ => (end - self.gone).max(0),
        };
        let back = grains(units).min(ahead);
        self.gone += back;
        self.untold -= back;
    }

    fn used(&self, now: Duration) -> i128 {
        self.entered - self.gone(now)
    }

    fn gone(&self, now: Duration) -> i128 {
        let passed = i128::try_from(now.saturating_sub(self.at).as_nanos()).unwrap_or(i128::MAX);
        self.gone.saturating_add(passed.saturating_mul(self.a_nanosecond())).min(self.entered)
    }

    /// What goes in a nanosecond. A request under way goes when it ends, not with the time.
    fn a_nanosecond(&self) -> i128 {
        match self.limit.kind {
            LimitKind::Parallel => 0,
            LimitKind::Requests | LimitKind::Tokens => i128::from(self.limit.amount),
        }
    }

    /// In which time so much goes, of a limit of which anything does.
    fn time(&self, grains: i128) -> Duration {
        let nanos = (grains + self.a_nanosecond() - 1) / self.a_nanosecond().max(1);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// How many requests of this node are under way.
    pub(super) fn under_way(&self) -> u64 {
        u64::try_from((self.entered - self.gone) / UNIT).unwrap_or(0)
    }

    fn most(&self) -> i128 {
        grains(self.slots.map_or(self.limit.burst, |slots| slots.here.min(self.limit.burst)))
    }
}

fn grains(units: u64) -> i128 {
    i128::from(units) * UNIT
}
