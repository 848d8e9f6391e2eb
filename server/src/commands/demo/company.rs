//! The company: people, teams, connections, models and keys.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    ConnectionId, KeyId, MembershipId, ModelId, OrganizationId, PriceId, TeamId, Timestamp, UserId,
    catalog::{Provider, Rates, suggested_rates},
    identity::Role,
    keys::{Environment, KeyStatus, Labels, Rules},
    secrets::Secret,
};
use rand::{Rng, RngExt, rngs::StdRng};
use service::identity::{Installed, NewInstallation};
use store::{
    Tx,
    catalog::{Connection, Model, Price},
    changes::Change,
    identity::{Membership, User},
    keys::Key,
    organizations::Team,
    templates::Template,
};

use crate::{
    commands::{Failure, fail},
    open::Installation,
};

const DAY: Duration = Duration::from_secs(86_400);
const PEOPLE: [(&str, &str, Role); 5] = [
    ("Jonas Okoye", "jonas@acme.example", Role::Admin),
    ("Li Tan", "li@acme.example", Role::Developer),
    ("Ana Sousa", "ana@acme.example", Role::Developer),
    ("Priya Raman", "priya@acme.example", Role::Developer),
    ("Tom Becker", "tom@acme.example", Role::Analyst),
];
const TEAMS: [&str; 4] = ["Search", "Checkout", "Support", "Research"];
const WHAT: [&str; 14] = [
    "checkout",
    "search-rerank",
    "support-bot",
    "nightly-evals",
    "invoice-ocr",
    "mobile",
    "legacy-import",
    "pricing-agent",
    "docs-embed",
    "triage",
    "translation",
    "code-review",
    "fraud-check",
    "onboarding",
];
const WHERE: [&str; 5] = ["prod", "staging", "dev", "eu", "us"];
const LIVE_MODELS: [&str; 5] = ["gpt-4o", "gpt-4o-mini", "gpt-4.1-mini", "o4-mini", "text-embedding-3-small"];

/// What the calls are made of.
pub(super) struct Company {
    pub(super) organization: OrganizationId,
    pub(super) keys: Vec<Key>,
    pub(super) parents: BTreeMap<TeamId, Option<TeamId>>,
    pub(super) models: Vec<Callable>,
}

/// A model with its price.
pub(super) struct Callable {
    pub(super) environment: Environment,
    pub(super) connection: ConnectionId,
    pub(super) provider: Provider,
    pub(super) model: ModelId,
    pub(super) name: String,
    pub(super) price: PriceId,
    pub(super) rates: Rates,
}

/// The one who signs in.
pub(super) fn owner(password: &str) -> Result<NewInstallation, Failure> {
    Ok(NewInstallation {
        organization: "Acme Robotics".parse().map_err(fail)?,
        time_zone: "UTC".parse().map_err(fail)?,
        email: "mara@acme.example".parse().map_err(fail)?,
        name: "Mara König".parse().map_err(fail)?,
        password: password.parse().map_err(fail)?,
    })
}

pub(super) async fn found(
    installation: &Installation,
    installed: &Installed,
    keys: u32,
    random: &mut StdRng,
) -> Result<Company, Failure> {
    let mut founding =
        Founding { installation, organization: installed.organization, now: installation.clock.now(), random };
    let mut tx = installation.db.begin().await.map_err(fail)?;
    let mut people = vec![installed.user];
    for (name, email, role) in PEOPLE {
        people.push(founding.hire(&mut tx, name, email, role).await?);
    }
    let teams = founding.form_teams(&mut tx, &people).await?;
    founding.connect(&mut tx).await?;
    let templates = tx.templates().list(installed.organization).await.map_err(fail)?;
    let mut made = Vec::new();
    for n in 0..keys {
        let key = founding.key(n, &people, &teams)?;
        let key = by_template(key, &templates)?;
        tx.keys().insert(&key).await.map_err(fail)?;
        made.push(key);
    }
    tx.changes().append(&[Change::Catalog], founding.now).await.map_err(fail)?;
    let models = callable(&mut tx).await?;
    tx.commit().await.map_err(fail)?;
    let parents = teams.into_iter().map(|t| (t.id, t.parent_id)).collect();
    Ok(Company { organization: installed.organization, keys: made, parents, models })
}

struct Founding<'a> {
    installation: &'a Installation,
    organization: OrganizationId,
    now: Timestamp,
    random: &'a mut StdRng,
}

impl Founding<'_> {
    async fn hire(&mut self, tx: &mut Tx, name: &str, email: &str, role: Role) -> Result<UserId, Failure> {
        let entropy = &self.installation.entropy;
        let user = User {
            id: UserId::mint(self.now, entropy),
            email: email.parse().map_err(fail)?,
            name: name.parse().map_err(fail)?,
            // They are in the lists; nobody signs in as them.
            password_hash: None,
            super_admin: false,
            created_at: self.now,
        };
        let membership = Membership {
            id: MembershipId::mint(self.now, entropy),
            organization_id: self.organization,
            user_id: user.id,
            role,
            created_at: self.now,
        };
        tx.identity().insert_user(&user).await.map_err(fail)?;
        tx.identity().insert_membership(&membership).await.map_err(fail)?;
        Ok(user.id)
    }

    async fn form_teams(&mut self, tx: &mut Tx, people: &[UserId]) -> Result<Vec<Team>, Failure> {
        let mut teams: Vec<Team> = Vec::new();
        for name in TEAMS {
            let team = Team {
                id: TeamId::mint(self.now, &self.installation.entropy),
                organization_id: self.organization,
                // Support is a part of Checkout, so that there is a team below another.
                parent_id: if name == "Support" { teams.last().map(|t| t.id) } else { None },
                name: name.parse().map_err(fail)?,
                created_at: self.now,
            };
            tx.organizations().insert_team(&team).await.map_err(fail)?;
            for person in people.iter().skip(teams.len()).step_by(2) {
                tx.organizations().add_team_member(team.id, *person).await.map_err(fail)?;
            }
            teams.push(team);
        }
        Ok(teams)
    }

    /// A connection for the live calls of the past. It is switched off, since it has no key.
    async fn connect(&mut self, tx: &mut Tx) -> Result<(), Failure> {
        let entropy = &self.installation.entropy;
        let connection = Connection {
            id: ConnectionId::mint(self.now, entropy),
            organization_id: None,
            name: "OpenAI".parse().map_err(fail)?,
            provider: Provider::OpenaiCompatible,
            environment: Environment::Live,
            base_url: Some("https://api.openai.com/v1".to_owned()),
            api_key: None,
            api_key_last_four: None,
            enabled: false,
            when_left: domain::catalog::WhenLeft::Cancel,
            created_at: self.now,
            created_by: "system:demo".to_owned(),
        };
        tx.catalog().insert_connection(&connection).await.map_err(fail)?;
        for name in LIVE_MODELS {
            let model = Model {
                id: ModelId::mint(self.now, entropy),
                connection_id: connection.id,
                upstream_id: name.parse().map_err(fail)?,
                context_window: Some(128_000),
                created_at: self.now,
            };
            let model_id = tx.catalog().ensure_model(&model).await.map_err(fail)?;
            let price = Price {
                id: PriceId::mint(self.now, entropy),
                model_id,
                effective_from: self.now,
                rates: suggested_rates(name).unwrap_or_default().parse().unwrap_or(Rates::FREE),
                created_at: self.now,
                created_by: "system:demo".to_owned(),
            };
            tx.catalog().insert_price(&price).await.map_err(fail)?;
        }
        Ok(())
    }

    fn key(&mut self, n: u32, people: &[UserId], teams: &[Team]) -> Result<Key, Failure> {
        let entropy = &self.installation.entropy;
        let random = &mut *self.random;
        let what = WHAT[n as usize % WHAT.len()];
        let place = WHERE[(n as usize / WHAT.len()) % WHERE.len()];
        let turn = n as usize / (WHAT.len() * WHERE.len());
        let name = if turn == 0 { format!("{what}-{place}") } else { format!("{what}-{place}-{turn}") };
        let environment = if place == "dev" || place == "staging" { Environment::Test } else { Environment::Live };
        let created_at = self
            .now
            .minus(DAY * random.random_range(30..400))
            .minus(Duration::from_secs(random.random_range(0..86_400)));
        let secret = Secret::mint(environment.key_prefix(), entropy);
        let owner = people[random.random_range(0..people.len() - 1)];
        let status = match random.random_range(0..20) {
            0 => KeyStatus::Revoked,
            1 | 2 => KeyStatus::Disabled,
            _ => KeyStatus::Active,
        };
        let labels = BTreeMap::from([("service".to_owned(), what.to_owned()), ("region".to_owned(), place.to_owned())]);
        Ok(Key {
            id: KeyId::mint(created_at, entropy),
            organization_id: self.organization,
            team_id: Some(teams[random.random_range(0..teams.len())].id),
            owner_id: Some(owner),
            created_by: format!("user:{owner}"),
            name: name.parse().map_err(fail)?,
            environment,
            status,
            secret_hash: secret.hash(),
            last_four: secret.last_four(),
            labels: Labels::try_from(labels).map_err(fail)?,
            description: Default::default(),
            rules: Default::default(),
            created_at,
            expires_at: random.next_u32().is_multiple_of(4).then(|| self.now.plus(DAY * random.random_range(3..200))),
            last_used_at: None,
            template_id: None,
            template_version: None,
            secret_made_at: created_at,
            rotation_due_at: (n % 23 == 5).then(|| self.now.minus(DAY * 2)),
            revoked_at: (status == KeyStatus::Revoked).then(|| self.now.minus(DAY * 3)),
            calls: 0,
            errors: 0,
            cost: domain::Money::ZERO,
        })
    }
}

/// Keys for development and staging are by the templates for these, and reach the Sandbox only.
fn by_template(key: Key, templates: &[Template]) -> Result<Key, Failure> {
    let region = key.labels.iter().find(|(name, _)| *name == "region").map(|(_, region)| region);
    let Some(stage) = region.and_then(|region| match region {
        "dev" => Some("Development"),
        "staging" => Some("Staging"),
        _ => None,
    }) else {
        return Ok(key);
    };
    let template = templates.iter().find(|template| template.name.as_str() == stage);
    let models = vec!["sandbox/*".parse().map_err(fail)?];
    Ok(Key {
        template_id: template.map(|template| template.id),
        template_version: template.map(|template| template.version),
        rules: Rules::new(models, Vec::new(), Vec::new()).map_err(fail)?,
        ..key
    })
}

/// Every model of every connection, those that are switched off included.
async fn callable(tx: &mut Tx) -> Result<Vec<Callable>, Failure> {
    let mut models = Vec::new();
    for connection in tx.catalog().platform_connections(None, 100).await.map_err(fail)? {
        for model in tx.catalog().models_of(connection.id).await.map_err(fail)? {
            let Some(price) = tx.catalog().prices(&[model.id]).await.map_err(fail)?.into_iter().next() else {
                continue;
            };
            models.push(Callable {
                environment: connection.environment,
                connection: connection.id,
                provider: connection.provider,
                model: model.id,
                name: model.upstream_id.to_string(),
                price: price.id,
                rates: price.rates,
            });
        }
    }
    Ok(models)
}
