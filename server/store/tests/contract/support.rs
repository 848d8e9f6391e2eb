//! Believable rows, the same in every run.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use domain::{
    AuditId, ConnectionId, Entropy, EventId, KeyId, MembershipId, ModelId, Money, OrganizationId, PriceId, Rate,
    RequestId, SessionId, TeamId, Timestamp, TokenId, UserId,
    catalog::{Provider, Rates, WhenLeft},
    identity::{Permission, Role, TOKEN_PREFIX},
    keys::{Environment, KeyStatus, Labels},
    secrets::Secret,
    usage::{Attribution, CallStatus, Endpoint, EventKind, Outcome, Service, Target, Timings, TokenUsage, UsageEvent},
};
use store::{
    Db,
    audit::NewEntry,
    catalog::{Connection, Model, Price},
    identity::{Membership, Session, Token, User},
    keys::Key,
    organizations::{Organization, Team},
};

/// 2026-05-04T09:00:00Z, a Monday.
pub(crate) const BEGINNING: i64 = 1_777_885_200_000_000;

/// Makes rows. Its clock moves on by a second whenever it is read, so that what is made later
/// has the higher id.
pub(crate) struct World {
    pub(crate) entropy: Entropy,
    random: Arc<AtomicU64>,
    now: AtomicI64,
}

/// An organization with one of everything, in the database.
pub(crate) struct Tenant {
    pub(crate) organization: Organization,
    pub(crate) owner: User,
    pub(crate) department: Team,
    pub(crate) team: Team,
    pub(crate) key: Key,
}

/// A connection of the platform's with a priced model, in the database.
pub(crate) struct Offer {
    pub(crate) connection: Connection,
    pub(crate) model: Model,
    pub(crate) price: Price,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let random = Arc::new(AtomicU64::new(seed));
        let source = random.clone();
        let entropy = Entropy::new(move |out| {
            for chunk in out.chunks_mut(8) {
                chunk.copy_from_slice(&draw(&source).to_be_bytes()[..chunk.len()]);
            }
        });
        Self { entropy, random, now: AtomicI64::new(BEGINNING) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.now.fetch_add(1_000_000, Ordering::Relaxed))
    }

    pub(crate) fn below(&self, bound: u64) -> u64 {
        draw(&self.random) % bound
    }

    pub(crate) fn pick<T: Clone>(&self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize].clone()
    }

    fn chance<T>(&self, value: T) -> Option<T> {
        (self.below(2) == 0).then_some(value)
    }

    pub(crate) fn organization(&self, name: &str) -> Organization {
        let at = self.now();
        Organization {
            id: OrganizationId::mint(at, &self.entropy),
            name: name.parse().unwrap(),
            time_zone: "Asia/Kathmandu".parse().unwrap(),
            created_at: at,
        }
    }

    pub(crate) fn user(&self, email: &str) -> User {
        let at = self.now();
        User {
            id: UserId::mint(at, &self.entropy),
            email: email.parse().unwrap(),
            name: "Mara Østergård-李".parse().unwrap(),
            password_hash: Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g".into()),
            super_admin: false,
            created_at: at,
        }
    }

    pub(crate) fn membership(&self, organization: &Organization, user: &User, role: Role) -> Membership {
        let at = self.now();
        Membership {
            id: MembershipId::mint(at, &self.entropy),
            organization_id: organization.id,
            user_id: user.id,
            role,
            created_at: at,
        }
    }

    pub(crate) fn team(&self, organization: &Organization, parent: Option<&Team>, name: &str) -> Team {
        let at = self.now();
        Team {
            id: TeamId::mint(at, &self.entropy),
            organization_id: organization.id,
            parent_id: parent.map(|p| p.id),
            name: name.parse().unwrap(),
            created_at: at,
        }
    }

    pub(crate) fn session(&self, organization: &Organization, user: &User) -> Session {
        let at = self.now();
        Session {
            id: SessionId::mint(at, &self.entropy),
            user_id: user.id,
            organization_id: organization.id,
            secret_hash: Secret::mint("tps_", &self.entropy).hash(),
            created_at: at,
            last_seen_at: at,
            expires_at: at.plus(std::time::Duration::from_secs(3600)),
            ip: Some("2001:db8::1".into()),
            user_agent: Some("Mozilla/5.0 (X11; Linux x86_64)".into()),
        }
    }

    pub(crate) fn token(&self, organization: &Organization, user: &User, name: &str) -> Token {
        let at = self.now();
        let secret = Secret::mint(TOKEN_PREFIX, &self.entropy);
        Token {
            id: TokenId::mint(at, &self.entropy),
            organization_id: organization.id,
            user_id: user.id,
            name: name.parse().unwrap(),
            secret_hash: secret.hash(),
            last_four: secret.last_four(),
            scopes: sqlx::types::Json(vec![Permission::KeysManage, Permission::UsageRead]),
            created_at: at,
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
        }
    }

    pub(crate) fn key(&self, organization: &Organization, name: &str) -> Key {
        let at = self.now();
        let secret = Secret::mint(Environment::Live.key_prefix(), &self.entropy);
        Key {
            id: KeyId::mint(at, &self.entropy),
            organization_id: organization.id,
            team_id: None,
            owner_id: None,
            created_by: "system:bootstrap".into(),
            name: name.parse().unwrap(),
            environment: Environment::Live,
            status: KeyStatus::Active,
            secret_hash: secret.hash(),
            last_four: secret.last_four(),
            labels: Labels::default(),
            description: Default::default(),
            rules: Default::default(),
            created_at: at,
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
            calls: 0,
            errors: 0,
            cost: Money::ZERO,
            template_id: None,
            template_version: None,
            secret_made_at: at,
            rotation_due_at: None,
        }
    }

    pub(crate) fn connection(&self, name: &str, environment: Environment) -> Connection {
        let at = self.now();
        Connection {
            id: ConnectionId::mint(at, &self.entropy),
            organization_id: None,
            name: name.parse().unwrap(),
            provider: Provider::OpenaiCompatible,
            environment,
            base_url: Some("https://api.example.com/v1".into()),
            api_key: Some(self.entropy.bytes::<137>().to_vec()),
            api_key_last_four: Some("w3Qz".into()),
            enabled: true,
            when_left: WhenLeft::Cancel,
            created_at: at,
            created_by: "system:bootstrap".into(),
        }
    }

    pub(crate) fn model(&self, connection: &Connection, name: &str) -> Model {
        let at = self.now();
        Model {
            id: ModelId::mint(at, &self.entropy),
            connection_id: connection.id,
            upstream_id: name.parse().unwrap(),
            context_window: Some(128_000),
            created_at: at,
        }
    }

    pub(crate) fn price(&self, model: &Model, effective_from: Timestamp) -> Price {
        let at = self.now();
        let rate = |nanos| Rate::from_nanos_per_million(nanos);
        Price {
            id: PriceId::mint(at, &self.entropy),
            model_id: model.id,
            effective_from,
            rates: Rates {
                input: rate(2_500_000_000),
                cached_input: Some(rate(1_250_000_000)),
                cache_write: None,
                output: rate(10_000_000_000),
                reasoning: Some(rate(i64::MAX)),
                per_request: Money::from_nanos(1),
            },
            created_at: at,
            created_by: "system:bootstrap".into(),
        }
    }

    pub(crate) fn entry(&self, organization: &Organization, action: &'static str) -> NewEntry {
        let at = self.now();
        NewEntry {
            id: AuditId::mint(at, &self.entropy),
            organization: organization.id,
            at,
            actor: "system:bootstrap".into(),
            action,
            target: organization.id.to_string(),
            ip: Some("192.0.2.7".into()),
            user_agent: None,
            request_id: Some(RequestId::mint(at, &self.entropy)),
            before: None,
            after: Some(r#"{"name":"Öl","z":1,"a":2}"#.into()),
        }
    }

    /// A random call with the tenant's `key`, in one of the two hours after the beginning.
    pub(crate) fn event(&self, tenant: &Tenant, key: &Key, offer: &Offer) -> UsageEvent {
        let at = Timestamp::from_micros(BEGINNING + self.below(7_200_000_000) as i64);
        let kind = if self.below(10) == 0 { EventKind::Adjustment } else { EventKind::Call };
        UsageEvent {
            id: EventId::mint(at, &self.entropy),
            request_id: RequestId::mint(at, &self.entropy),
            client_request_id: self.chance("client-1".into()),
            kind,
            at,
            environment: key.environment,
            service: Service::Ai,
            endpoint: self.pick(&[Endpoint::ChatCompletions, Endpoint::Embeddings]),
            attribution: Attribution {
                organization: tenant.organization.id,
                team: key.team_id,
                parent_team: key.team_id.and(Some(tenant.department.id)),
                user: self.chance(tenant.owner.id),
                key: key.id,
                labels: key.labels.clone(),
            },
            target: Target {
                provider: offer.connection.provider,
                connection: offer.connection.id,
                model: offer.model.id,
                requested_model: offer.model.upstream_id.as_str().into(),
                actual_model: format!("{}-2026-05-01", offer.model.upstream_id),
            },
            usage: TokenUsage::new(
                self.below(9_000),
                self.below(3_000),
                self.below(2_000),
                self.below(4_000),
                self.below(999),
            ),
            estimated: self.below(4) == 0,
            price: offer.price.id,
            cost: Money::from_nanos(self.below(90_000_000) as i64 - 10_000_000 * i64::from(kind != EventKind::Call)),
            outcome: Outcome {
                status: self.pick(&[CallStatus::Ok, CallStatus::Error, CallStatus::Aborted, CallStatus::Interrupted]),
                http_status: self.pick(&[200, 429, 502]),
                error_code: self.chance("rate_limit_exceeded".into()),
                attempts: 1 + self.below(3) as u32,
            },
            timings: Timings { first_byte_us: self.chance(self.below(900_000)), total_us: self.below(20_000_000) },
        }
    }

    /// Writes an organization with one of everything.
    pub(crate) async fn tenant(&self, db: &Db, name: &str) -> Tenant {
        let organization = self.organization(name);
        let owner = self.user(&format!("owner-{}@example.com", self.now().micros()));
        let department = self.team(&organization, None, "Research & Öl");
        let team = self.team(&organization, Some(&department), "Search");
        let labels = [("service".to_owned(), "checkout \"β\"".to_owned()), ("env.x".to_owned(), String::new())];
        let key = Key {
            team_id: Some(team.id),
            owner_id: Some(owner.id),
            created_by: format!("user:{}", owner.id),
            labels: Labels::try_from(std::collections::BTreeMap::from(labels)).unwrap(),
            ..self.key(&organization, "Checkout – production")
        };
        let mut tx = db.begin().await.unwrap();
        tx.organizations().insert(&organization).await.unwrap();
        tx.identity().insert_user(&owner).await.unwrap();
        let membership = self.membership(&organization, &owner, Role::Owner);
        tx.identity().insert_membership(&membership).await.unwrap();
        tx.organizations().insert_team(&department).await.unwrap();
        tx.organizations().insert_team(&team).await.unwrap();
        tx.organizations().add_team_member(team.id, owner.id).await.unwrap();
        tx.keys().insert(&key).await.unwrap();
        tx.commit().await.unwrap();
        Tenant { organization, owner, department, team, key }
    }

    /// Writes a connection of the platform's with a priced model.
    pub(crate) async fn offer(&self, db: &Db, connection: Connection, model: &str) -> Offer {
        let model = self.model(&connection, model);
        let price = self.price(&model, connection.created_at);
        let mut tx = db.begin().await.unwrap();
        tx.catalog().insert_connection(&connection).await.unwrap();
        tx.catalog().ensure_model(&model).await.unwrap();
        tx.catalog().insert_price(&price).await.unwrap();
        tx.commit().await.unwrap();
        Offer { connection, model, price }
    }
}

/// The next number of a splitmix64 generator: well mixed, and the same for the same seed.
fn draw(state: &AtomicU64) -> u64 {
    let mut z = state.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
