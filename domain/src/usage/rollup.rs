use std::time::Duration;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{CallStatus, Endpoint, EventKind, Service, UsageEvent};
use crate::{
    ConnectionId, KeyId, Map, ModelId, Money, MoneyError, OrganizationId, TeamId, Timestamp, UserId, catalog::Provider,
    keys::Environment,
};

/// The length of a rollup's bucket. A quarter of an hour, because there are time zones whose days
/// begin at :30 and :45.
pub const BUCKET: Duration = Duration::from_secs(15 * 60);

/// What a rollup's events have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Dimensions {
    /// The start of the quarter of an hour, in UTC.
    pub bucket: Timestamp,
    /// The tenant.
    pub organization: OrganizationId,
    /// The key's team at admission.
    pub team: Option<TeamId>,
    /// The team above it.
    pub parent_team: Option<TeamId>,
    /// The key's owner at admission.
    pub user: Option<UserId>,
    /// The key.
    pub key: KeyId,
    /// The key's environment.
    pub environment: Environment,
    /// What kind of upstream.
    pub service: Service,
    /// Which of our endpoints.
    pub endpoint: Endpoint,
    /// Who runs the model.
    pub provider: Provider,
    /// With which credentials.
    pub connection: ConnectionId,
    /// The model.
    pub model: ModelId,
}

impl Dimensions {
    /// The dimensions that `event` is summed under.
    pub fn of(event: &UsageEvent) -> Self {
        Self {
            bucket: event.at.floor(BUCKET),
            organization: event.attribution.organization,
            team: event.attribution.team,
            parent_team: event.attribution.parent_team,
            user: event.attribution.user,
            key: event.attribution.key,
            environment: event.environment,
            service: event.service,
            endpoint: event.endpoint,
            provider: event.target.provider,
            connection: event.target.connection,
            model: event.target.model,
        }
    }

    /// The rollup's identity: a version 8 UUID made of a SHA-256 over the dimensions, so that a
    /// row is found without a primary key of twelve columns, some of them absent.
    pub fn id(&self) -> Uuid {
        let mut hash = Sha256::new();
        hash.update(self.bucket.micros().to_be_bytes());
        for uuid in [
            Some(self.organization.uuid()),
            self.team.map(TeamId::uuid),
            self.parent_team.map(TeamId::uuid),
            self.user.map(UserId::uuid),
        ] {
            hash.update([u8::from(uuid.is_some())]);
            hash.update(uuid.unwrap_or_default().as_bytes());
        }
        for uuid in [self.key.uuid(), self.connection.uuid(), self.model.uuid()] {
            hash.update(uuid.as_bytes());
        }
        for word in [self.environment.as_str(), self.service.as_str(), self.endpoint.as_str(), self.provider.as_str()] {
            hash.update(word);
            hash.update([0]);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(half).into_uuid()
    }
}

/// Sums over events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Calls; adjustments count none.
    pub calls: u64,
    /// Calls that ended in an error.
    pub errors: u64,
    /// Input tokens.
    pub input_tokens: u64,
    /// Of those, from the provider's cache.
    pub cached_input_tokens: u64,
    /// Of those, written to the provider's cache.
    pub cache_write_tokens: u64,
    /// Output tokens.
    pub output_tokens: u64,
    /// Of those, for reasoning.
    pub reasoning_tokens: u64,
    /// Money.
    pub cost: Money,
    /// Microseconds to the first byte, summed over the calls that had one.
    pub first_byte_us: u64,
    /// How many calls had a first byte.
    pub first_bytes: u64,
    /// Microseconds in all, summed.
    pub total_us: u64,
}

impl Figures {
    /// Adds one event.
    ///
    /// # Errors
    /// When the cost leaves the range of [`Money`].
    pub fn add(&mut self, event: &UsageEvent) -> Result<(), MoneyError> {
        let is_call = event.kind == EventKind::Call;
        self.cost = self.cost.plus(event.cost)?;
        self.calls += u64::from(is_call);
        self.errors += u64::from(is_call && event.outcome.status == CallStatus::Error);
        self.input_tokens += event.usage.input();
        self.cached_input_tokens += event.usage.cached_input();
        self.cache_write_tokens += event.usage.cache_write();
        self.output_tokens += event.usage.output();
        self.reasoning_tokens += event.usage.reasoning();
        self.first_byte_us += event.timings.first_byte_us.unwrap_or(0);
        self.first_bytes += u64::from(event.timings.first_byte_us.is_some());
        self.total_us += event.timings.total_us;
        Ok(())
    }
}

/// Events of one quarter of an hour with the same dimensions, summed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollup {
    /// What they have in common.
    pub dimensions: Dimensions,
    /// Their sums.
    pub figures: Figures,
}

impl Rollup {
    /// Sums `events` by their dimensions, in the order of their identities, so that two writers
    /// never wait for each other in a circle.
    ///
    /// # Errors
    /// When a cost leaves the range of [`Money`].
    pub fn sum<'a>(events: impl IntoIterator<Item = &'a UsageEvent>) -> Result<Vec<Self>, MoneyError> {
        let mut sums: Map<Dimensions, Figures> = Map::default();
        for event in events {
            sums.entry(Dimensions::of(event)).or_default().add(event)?;
        }
        let mut rollups: Vec<_> = sums.into_iter().map(|(dimensions, figures)| Self { dimensions, figures }).collect();
        rollups.sort_by_cached_key(|r| r.dimensions.id());
        Ok(rollups)
    }
}
