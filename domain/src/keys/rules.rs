use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Environment, ModelPattern};
use crate::{Invalid, network::IpRange, usage::Endpoint};

const MOST_MODELS: usize = 100;
const MOST_IPS: usize = 50;

/// What a key may call, and from where. An empty list bounds nothing.
///
/// There is one kind of service so far; when there are more, a list of the services that a key may call
/// stands beside these. A list that this version does not know is refused, in requests and in the
/// database: a node that can't hold a key to a rule must not let it pass.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Lists")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rules {
    /// The models that it may call, by name; `*` stands for any text. A model has two names, the one
    /// that its provider gives it and that one behind `connection/`: either may be meant, whichever a
    /// call uses. At most 100.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["gpt-4o*", "sandbox/*"])))]
    models: Vec<ModelPattern>,
    /// The endpoints that it may call. Listing models is always allowed: the list shows what may be called.
    endpoints: Vec<Endpoint>,
    /// The addresses that it may call from, one by one or as ranges. At most 50.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["10.0.0.0/8", "2001:db8::/32"])))]
    ips: Vec<IpRange>,
}

/// Why the rules of a key refuse a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// It may not call this model.
    Model,
    /// It may not call this endpoint.
    Endpoint,
    /// It may not call from this address.
    Ip,
}

impl Rules {
    /// Rules of these lists; what is named twice is kept once.
    ///
    /// # Errors
    /// When a list is too long.
    pub fn new(models: Vec<ModelPattern>, endpoints: Vec<Endpoint>, ips: Vec<IpRange>) -> Result<Self, Invalid> {
        if models.len() > MOST_MODELS {
            return Err(Invalid::new("models", "Name at most 100 models. A * stands for many."));
        }
        if ips.len() > MOST_IPS {
            return Err(Invalid::new("ips", "Give at most 50 ranges of addresses."));
        }
        let mut endpoints = endpoints;
        endpoints.sort_unstable();
        Ok(Self { models: once(models), endpoints: once(endpoints), ips: once(ips) })
    }

    /// The models that it may call; none where it may call all.
    pub fn models(&self) -> &[ModelPattern] {
        &self.models
    }

    /// A number, not negative, for what a key of that environment reaches: of keys with the same number all that may
    /// be called is the same.
    pub fn reach(&self, environment: Environment) -> i64 {
        let mut hash = Sha256::new();
        for line in [environment.as_str()].into_iter().chain(self.models.iter().map(ModelPattern::as_str)) {
            // A pattern is one line, so that the end of a line tells two apart.
            hash.update(line);
            hash.update("\n");
        }
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(hash.finalize());
        i64::from_be_bytes([a, b, c, d, e, f, g, h]) & i64::MAX
    }

    /// The endpoints that it may call; none where it may call all.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The addresses that it may call from; none where it may call from anywhere.
    pub fn ips(&self) -> &[IpRange] {
        &self.ips
    }

    /// Whether they bound nothing.
    pub fn is_empty(&self) -> bool {
        self.models.is_empty() && self.endpoints.is_empty() && self.ips.is_empty()
    }

    /// Whether a model may be called that has these two names: its provider's, and that one behind its
    /// connection's. Both are asked for whichever was used, so that none is a way around a rule.
    pub fn allow_model(&self, upstream_id: &str, qualified: &str) -> Result<(), Broken> {
        let named = |pattern: &ModelPattern| pattern.matches(upstream_id) || pattern.matches(qualified);
        holds(self.models.is_empty() || self.models.iter().any(named), Broken::Model)
    }

    /// Whether this endpoint may be called.
    pub fn allow_endpoint(&self, endpoint: Endpoint) -> Result<(), Broken> {
        holds(self.endpoints.is_empty() || self.endpoints.contains(&endpoint), Broken::Endpoint)
    }

    /// Whether it may be called from here.
    pub fn allow_ip(&self, client: IpAddr) -> Result<(), Broken> {
        holds(self.ips.is_empty() || self.ips.iter().any(|range| range.contains(client)), Broken::Ip)
    }
}

fn holds(allowed: bool, broken: Broken) -> Result<(), Broken> {
    if allowed { Ok(()) } else { Err(broken) }
}

/// The list without repetitions, in its order. Lists are short.
fn once<T: PartialEq>(list: Vec<T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(list.len());
    for item in list {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

/// The rules as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    #[serde(default)]
    models: Vec<ModelPattern>,
    #[serde(default)]
    endpoints: Vec<Endpoint>,
    #[serde(default)]
    ips: Vec<IpRange>,
}

impl TryFrom<Lists> for Rules {
    type Error = Invalid;
    fn try_from(lists: Lists) -> Result<Self, Self::Error> {
        Self::new(lists.models, lists.endpoints, lists.ips)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(json: &str) -> Rules {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn empty_lists_bound_nothing() {
        let free = rules("{}");
        assert!(free.is_empty());
        assert_eq!(free.allow_model("m", "c/m"), Ok(()));
        assert_eq!(free.allow_endpoint(Endpoint::Embeddings), Ok(()));
        assert_eq!(free.allow_ip("2001:db8::1".parse().unwrap()), Ok(()));
    }

    #[test]
    fn a_model_is_allowed_by_either_of_its_names_and_refused_by_both() {
        let by_connection = rules(r#"{"models": ["openai/*"]}"#);
        assert_eq!(by_connection.allow_model("gpt-4o", "openai/gpt-4o"), Ok(()));
        assert_eq!(by_connection.allow_model("gpt-4o", "azure/gpt-4o"), Err(Broken::Model));
        let by_name = rules(r#"{"models": ["gpt-4o", "o4*"]}"#);
        assert_eq!(by_name.allow_model("gpt-4o", "azure/gpt-4o"), Ok(()));
        assert_eq!(by_name.allow_model("gpt-4o-mini", "azure/gpt-4o-mini"), Err(Broken::Model));
    }

    #[test]
    fn lists_of_models_are_told_apart_by_their_numbers() {
        let reach = |json: &str| rules(json).reach(Environment::Live);
        let two = r#"{"models": ["a", "b"]}"#;
        assert_eq!(reach(two), reach(r#"{"models": ["a", "b"], "ips": ["::1"]}"#));
        assert_ne!(reach(two), rules(two).reach(Environment::Test));
        for other in ["{}", r#"{"models": ["ab"]}"#, r#"{"models": ["b", "a"]}"#, r#"{"models": ["a"]}"#] {
            assert!(reach(other) >= 0 && reach(other) != reach(two), "{other}");
        }
    }

    #[test]
    fn endpoints_and_addresses_are_told_apart() {
        let bound = rules(r#"{"endpoints": ["embeddings"], "ips": ["10.0.0.0/8", "2001:db8::1"]}"#);
        assert_eq!(bound.allow_endpoint(Endpoint::Embeddings), Ok(()));
        assert_eq!(bound.allow_endpoint(Endpoint::ChatCompletions), Err(Broken::Endpoint));
        for (ip, allowed) in [("10.9.9.9", true), ("::ffff:10.9.9.9", true), ("2001:db8::1", true), ("11.0.0.1", false)]
        {
            assert_eq!(bound.allow_ip(ip.parse().unwrap()).is_ok(), allowed, "{ip}");
        }
    }

    #[test]
    fn are_written_as_they_are_read_and_refuse_what_is_wrong() {
        let text = r#"{"models":["a*"],"endpoints":["chat.completions","embeddings"],"ips":["10.0.0.0/8"]}"#;
        assert_eq!(serde_json::to_string(&rules(text)).unwrap(), text);
        let twice = rules(
            r#"{"models": ["a*", "a*"], "endpoints": ["embeddings", "chat.completions", "embeddings"], "ips": ["10.1.0.0/8", "10.0.0.0/8"]}"#,
        );
        assert_eq!(serde_json::to_string(&twice).unwrap(), text);
        let many = |list: &str, item: &str, n: usize| format!("{{\"{list}\": [{}]}}", vec![item; n].join(","));
        for bad in [
            r#"{"services": ["ai"]}"#.to_owned(),
            r#"{"models": [""]}"#.to_owned(),
            r#"{"endpoints": ["chat"]}"#.to_owned(),
            r#"{"ips": ["10.0.0.0/40"]}"#.to_owned(),
            many("ips", r#""::1""#, 51),
            many("models", r#""m""#, 101),
        ] {
            assert!(serde_json::from_str::<Rules>(&bad).is_err(), "{bad}");
        }
    }
}
