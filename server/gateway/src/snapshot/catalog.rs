//! The models that can be called, by every name they can be called by.

use std::{collections::HashMap, sync::Arc};

use domain::{ErrorCode, ModelId, OrganizationId, PriceId, Timestamp, catalog::Rates, keys::Environment};
use http::HeaderValue;
use store::{
    catalog::{CatalogEntry, Price},
    vault::Vault,
};
use uuid::Uuid;

use super::Connection;
use crate::respond::Refusal;

/// One model of one connection.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) model: ModelId,
    /// What the provider calls it.
    pub(crate) upstream_id: String,
    /// The same behind the connection's name and `/`.
    pub(crate) qualified: String,
    pub(crate) connection: Arc<Connection>,
    /// Connection and model, for the answer's header.
    pub(crate) route: HeaderValue,
    organization: Option<OrganizationId>,
    environment: Environment,
    /// Newest first, future ones included.
    prices: Vec<Price>,
}

/// A model that was asked for, found, and has a price.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) target: Arc<Target>,
    pub(crate) price: PriceId,
    pub(crate) rates: Rates,
}

/// All models of all organizations, immutable.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    targets: Vec<Arc<Target>>,
    /// By the name that the provider gives it.
    plain: HashMap<String, Vec<Arc<Target>>>,
    /// By the connection's name, `/`, and the provider's name.
    qualified: HashMap<String, Vec<Arc<Target>>>,
    /// Whether models without a price can be called, for nothing.
    unpriced_free: bool,
}

impl Catalog {
    /// Takes what the database holds, and opens the connections' keys.
    pub(crate) fn new(entries: Vec<CatalogEntry>, vault: &Vault, unpriced_free: bool) -> Self {
        let mut connections = HashMap::new();
        let mut catalog = Self { unpriced_free, ..Self::default() };
        for entry in entries {
            let connection = connections.entry(entry.connection);
            let connection = connection.or_insert_with(|| Arc::new(Connection::new(&entry, vault))).clone();
            let upstream_id = entry.upstream_id.to_string();
            let qualified = format!("{}/{upstream_id}", connection.name);
            let target = Arc::new(Target {
                model: entry.model,
                route: HeaderValue::from_bytes(qualified.as_bytes()).unwrap_or(HeaderValue::from_static("?")),
                connection,
                organization: entry.organization,
                environment: entry.environment,
                prices: entry.prices,
                upstream_id: upstream_id.clone(),
                qualified: qualified.clone(),
            });
            catalog.plain.entry(upstream_id).or_default().push(target.clone());
            catalog.qualified.entry(qualified).or_default().push(target.clone());
            catalog.targets.push(target);
        }
        catalog
    }

    /// The model that a key of this organization and environment means by `name`.
    ///
    /// # Errors
    /// When there is none, several, none in this environment, or it has no price now.
    pub(crate) fn choose(
        &self,
        name: &str,
        organization: OrganizationId,
        environment: Environment,
        now: Timestamp,
    ) -> Result<Choice, Refusal> {
        let named = |names: &HashMap<String, Vec<Arc<Target>>>, environment| {
            let visible = names.get(name).into_iter().flatten();
            let mut visible = visible.filter(|t| t.is_visible(organization, environment));
            (visible.next().cloned(), visible.next().is_some())
        };
        let find = |environment| match named(&self.plain, environment) {
            (Some(target), false) => Found::One(target),
            (_, several) => match (named(&self.qualified, environment).0, several) {
                (Some(target), _) => Found::One(target),
                (None, true) => Found::Several,
                (None, false) => Found::None,
            },
        };
        match find(environment) {
            Found::One(target) => target.priced(now, self.unpriced_free),
            Found::Several => Err(not_found(format!(
                "Several connections offer {name:?}. Put the connection's name before it, as in \"connection/{name}\"."
            ))),
            Found::None => match find(other(environment)) {
                Found::None => {
                    Err(not_found(format!("The model {name:?} does not exist, or this key can't reach it.")))
                }
                _ => Err(wrong_environment(name, environment)),
            },
        }
    }

    /// The models that a key of this organization and environment can call now, with the names it
    /// can call them by.
    pub(crate) fn reachable(
        &self,
        organization: OrganizationId,
        environment: Environment,
        now: Timestamp,
    ) -> impl Iterator<Item = (String, &Target)> {
        self.targets.iter().filter_map(move |target| {
            let callable = self.unpriced_free || target.price_at(now).is_some();
            if !target.is_visible(organization, environment) || !callable {
                return None;
            }
            let same_name = self.plain.get(&target.upstream_id).into_iter().flatten();
            let is_unique = same_name.filter(|t| t.is_visible(organization, environment)).count() == 1;
            let name = if is_unique { target.upstream_id.clone() } else { target.qualified.clone() };
            Some((name, &**target))
        })
    }
}

enum Found {
    None,
    One(Arc<Target>),
    Several,
}

impl Target {
    fn is_visible(&self, organization: OrganizationId, environment: Environment) -> bool {
        self.environment == environment && self.organization.is_none_or(|owner| owner == organization)
    }

    fn price_at(&self, now: Timestamp) -> Option<&Price> {
        self.prices.iter().find(|price| price.effective_from <= now)
    }

    fn priced(self: Arc<Self>, now: Timestamp, unpriced_free: bool) -> Result<Choice, Refusal> {
        match self.price_at(now) {
            Some(price) => Ok(Choice { price: price.id, rates: price.rates, target: self }),
            None if unpriced_free => {
                Ok(Choice { price: PriceId::from_uuid(Uuid::nil()), rates: Rates::FREE, target: self })
            }
            None => {
                let message = format!("The model {:?} has no price yet, so it can't be called.", self.upstream_id);
                Err(Refusal::new(ErrorCode::PriceMissing, message).about("model"))
            }
        }
    }
}

fn other(environment: Environment) -> Environment {
    match environment {
        Environment::Test => Environment::Live,
        Environment::Live => Environment::Test,
    }
}

fn not_found(message: String) -> Refusal {
    Refusal::new(ErrorCode::ModelNotFound, message).about("model")
}

fn wrong_environment(name: &str, environment: Environment) -> Refusal {
    let message =
        format!("The model {name:?} is there for {} keys only, and this is a {environment} key.", other(environment));
    Refusal::new(ErrorCode::WrongEnvironment, message).about("model")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ConnectionId, Entropy, Money, Rate, catalog::Provider};

    const NOW: Timestamp = Timestamp::from_micros(1_000);

    fn entropy(n: u8) -> Entropy {
        Entropy::new(move |out| out.fill(n))
    }

    fn organization(n: u8) -> OrganizationId {
        OrganizationId::mint(NOW, &entropy(n))
    }

    fn price(from: i64, input: i64) -> Price {
        let rates = Rates {
            input: Rate::from_nanos_per_million(input),
            cached_input: None,
            cache_write: None,
            output: Rate::ZERO,
            reasoning: None,
            per_request: Money::ZERO,
        };
        Price {
            id: PriceId::mint(NOW, &entropy(1)),
            model_id: ModelId::mint(NOW, &entropy(1)),
            effective_from: Timestamp::from_micros(from),
            rates,
            created_at: NOW,
            created_by: "test".into(),
        }
    }

    fn entry(connection: u8, name: &str, model: &str, environment: Environment, owner: Option<u8>) -> CatalogEntry {
        CatalogEntry {
            model: ModelId::mint(NOW, &entropy(connection)),
            upstream_id: model.parse().unwrap(),
            context_window: None,
            connection: ConnectionId::mint(NOW, &entropy(connection)),
            connection_name: name.parse().unwrap(),
            organization: owner.map(organization),
            provider: Provider::Sandbox,
            environment,
            when_left: domain::catalog::WhenLeft::Cancel,
            base_url: None,
            sealed_api_key: None,
            prices: vec![price(2_000, 3), price(1_000, 2), price(0, 1)],
        }
    }

    fn catalog() -> Catalog {
        let vault = Vault::new(&Vault::generate(&entropy(1)), entropy(1)).unwrap();
        let mut free = entry(3, "three", "free", Environment::Test, None);
        free.prices = vec![price(2_000, 1)];
        Catalog::new(
            vec![
                entry(1, "one", "shared", Environment::Test, None),
                entry(2, "two", "shared", Environment::Test, None),
                entry(2, "two", "a/b", Environment::Test, None),
                entry(4, "four", "live only", Environment::Live, None),
                entry(5, "mine", "own", Environment::Test, Some(1)),
                free,
            ],
            &vault,
            false,
        )
    }

    fn choose(name: &str, owner: u8) -> Result<String, ErrorCode> {
        let choice = catalog().choose(name, organization(owner), Environment::Test, NOW);
        choice.map(|c| c.target.qualified.clone()).map_err(|refusal| refusal.code())
    }

    #[test]
    fn names_are_plain_where_unique_and_qualified_everywhere() {
        assert_eq!(choose("a/b", 1).unwrap(), "two/a/b");
        assert_eq!(choose("two/a/b", 1).unwrap(), "two/a/b");
        assert_eq!(choose("one/shared", 1).unwrap(), "one/shared");
        assert_eq!(choose("shared", 1), Err(ErrorCode::ModelNotFound));
        assert_eq!(choose("nothing", 1), Err(ErrorCode::ModelNotFound));
    }

    #[test]
    fn environments_organizations_and_prices_are_kept_apart() {
        assert_eq!(choose("live only", 1), Err(ErrorCode::WrongEnvironment));
        assert_eq!(choose("four/live only", 1), Err(ErrorCode::WrongEnvironment));
        assert_eq!(choose("own", 1).unwrap(), "mine/own");
        assert_eq!(choose("own", 2), Err(ErrorCode::ModelNotFound));
        assert_eq!(choose("free", 1), Err(ErrorCode::PriceMissing));
    }

    #[test]
    fn the_newest_price_that_is_in_force_counts() {
        let rate = |now| {
            let at = Timestamp::from_micros(now);
            catalog().choose("a/b", organization(1), Environment::Test, at).unwrap().rates.input.nanos_per_million()
        };
        assert_eq!([rate(999), rate(1_000), rate(1_999), rate(2_000)], [1, 2, 2, 3]);
    }

    #[test]
    fn the_list_shows_what_can_be_called_by_a_name_that_works() {
        let catalog = catalog();
        let names: Vec<_> = catalog.reachable(organization(1), Environment::Test, NOW).map(|(name, _)| name).collect();
        assert_eq!(names, ["one/shared", "two/shared", "a/b", "own"]);
        for name in names {
            assert!(choose(&name, 1).is_ok(), "{name}");
        }
    }
}
