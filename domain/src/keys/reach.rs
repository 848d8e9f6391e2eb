//! Which models a key reaches.

use super::{Environment, Rules};

crate::text::line_type! {
    /// A name that a model is called by: the one that its provider gives it, or that one behind `connection/`.
    CalledModel, "model", 261
}

/// A model that the organization's keys of one environment reach, as far as their rules let them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reachable {
    /// Which keys reach it.
    pub environment: Environment,
    /// What its provider calls it.
    pub upstream_id: String,
    /// That name behind the one of its connection.
    pub qualified: String,
}

impl Reachable {
    /// Whether it is called that, at one connection or another.
    pub fn is_called(&self, name: &CalledModel) -> bool {
        [&self.upstream_id, &self.qualified].into_iter().any(|own| own == name.as_str())
    }

    /// Whether a key of that environment and with these rules may call it, as the gateway decides.
    pub fn is_allowed(&self, environment: Environment, rules: &Rules) -> bool {
        environment == self.environment && rules.allow_model(&self.upstream_id, &self.qualified).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reaches_what_its_rules_name_in_its_environment() {
        let model = Reachable {
            environment: Environment::Live,
            upstream_id: "gpt-4o".into(),
            qualified: "OpenAI/gpt-4o".into(),
        };
        for (name, called) in [("gpt-4o", true), ("OpenAI/gpt-4o", true), ("Azure/gpt-4o", false), ("GPT-4o", false)] {
            assert_eq!(model.is_called(&name.parse().unwrap()), called, "{name}");
        }
        let rules = |json: &str| serde_json::from_str::<Rules>(json).unwrap();
        for (json, allowed) in
            [("{}", true), (r#"{"models":["OpenAI/*"]}"#, true), (r#"{"models":["gpt-4o-mini"]}"#, false)]
        {
            assert_eq!(model.is_allowed(Environment::Live, &rules(json)), allowed, "{json}");
            assert!(!model.is_allowed(Environment::Test, &rules(json)), "{json}");
        }
    }
}
