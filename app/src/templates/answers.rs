use serde::{Deserialize, Serialize};

/// What a form says of a template, as it was typed; and what a form that changes one begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateAnswers {
    /// How it is called.
    pub name: String,
    /// When to use it.
    #[serde(default)]
    pub description: String,
    /// `test` or `live`.
    #[serde(default)]
    pub environment: String,
    /// The value of the label `stage`; empty for none.
    #[serde(default)]
    pub stage: String,
    /// Models, one a line.
    #[serde(default)]
    pub models: String,
    /// Endpoints.
    #[serde(default)]
    pub endpoints: Vec<String>,
    /// Addresses, one a line.
    #[serde(default)]
    pub ips: String,
    /// Limits, one a line: `requests_per_minute 60 burst 10 on embeddings`.
    #[serde(default)]
    pub limits: String,
    /// How much may be spent; empty for no budget.
    #[serde(default)]
    pub budget: String,
    /// In which time.
    #[serde(default)]
    pub period: String,
    /// `true` where the budget only shows that it was crossed.
    #[serde(default)]
    pub soft: String,
    /// In how many days keys end; empty for never.
    #[serde(default)]
    pub expires_in_days: String,
    /// How often secrets should be changed; empty for never.
    #[serde(default)]
    pub rotate_every_days: String,
    /// What keys may be called; empty for anything.
    #[serde(default)]
    pub names: String,
    /// What must be said: `description`, `owner`, `team`.
    #[serde(default)]
    pub required: Vec<String>,
    /// Labels that must be there, one a line.
    #[serde(default)]
    pub required_labels: String,
    /// What can't be changed.
    #[serde(default)]
    pub locked: Vec<String>,
    /// The roles that may use it; none for all.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The ids of the teams that may use it.
    #[serde(default)]
    pub teams: Vec<String>,
}

#[cfg(feature = "ssr")]
pub(super) use self::read::{Read, answers};

#[cfg(feature = "ssr")]
mod read {
    use std::str::FromStr;

    use domain::{
        Invalid,
        keys::{KeyBudget, KeyDescription, KeyLimit, Rules},
        templates::{Allowed, Recipe, Required, TemplateName, TemplateView},
    };

    use super::TemplateAnswers;
    use crate::{
        server::Wrong,
        typed::{each, lines},
    };

    /// What the answers mean.
    #[derive(Debug, PartialEq, Eq)]
    pub(in crate::templates) struct Read {
        pub(in crate::templates) name: TemplateName,
        pub(in crate::templates) description: KeyDescription,
        pub(in crate::templates) recipe: Recipe,
        pub(in crate::templates) allowed: Allowed,
    }

    impl TemplateAnswers {
        /// What the answers mean; nothing when one is wrong, which `wrong` has then.
        pub(in crate::templates) fn read(&self, wrong: &mut Wrong) -> Option<Read> {
            let name = wrong.check("name", self.name.parse());
            let description = wrong.check("description", self.description.parse());
            let environment = wrong.check("environment", self.environment.parse());
            let stage = wrong.check("stage", given(&self.stage));
            let models = wrong.check("models", each(lines(&self.models)));
            let endpoints = wrong.check("endpoints", each(self.endpoints.iter().map(String::as_str)));
            let ips = wrong.check("ips", each(lines(&self.ips)));
            let limits = wrong.check("limits", lines(&self.limits).map(limit).collect::<Result<Vec<_>, _>>());
            let budget = wrong.check("budget", self.budget());
            let expires_in_days = wrong.check("expires_in_days", days("expires_in_days", &self.expires_in_days));
            let rotate_every_days =
                wrong.check("rotate_every_days", days("rotate_every_days", &self.rotate_every_days));
            let names = wrong.check("names", given(&self.names));
            let locked = wrong.check("locked", each(self.locked.iter().map(String::as_str)));
            let roles = wrong.check("roles", each(self.roles.iter().map(String::as_str)));
            let teams = wrong.check("teams", each(self.teams.iter().map(String::as_str)));
            let rules = wrong.check("models", Rules::new(models?, endpoints?, ips?));
            let wants = |what: &str| self.required.iter().any(|required| required == what);
            let required = Required {
                description: wants("description"),
                owner: wants("owner"),
                team: wants("team"),
                labels: lines(&self.required_labels).map(str::to_owned).collect(),
            };
            let recipe = Recipe {
                environment: environment?,
                stage: stage?,
                rules: rules?,
                limits: limits?,
                budget: budget?,
                expires_in_days: expires_in_days?,
                rotate_every_days: rotate_every_days?,
                names: names?,
                required,
                locked: locked?,
            };
            if let Err(invalid) = recipe.check() {
                let field = if invalid.field == "required" { "required_labels" } else { invalid.field };
                return wrong.check(field, Err(invalid));
            }
            let allowed = Allowed { roles: roles?, teams: teams? };
            Some(Read { name: name?, description: description?, recipe, allowed })
        }

        fn budget(&self) -> Result<Option<KeyBudget>, Invalid> {
            if self.budget.trim().is_empty() {
                return Ok(None);
            }
            let amount = self.budget.trim().replace([',', '_'], "").parse();
            let amount = amount.map_err(|_| Invalid::new("budget", "Give an amount as in 50 or 12.50."))?;
            Ok(Some(KeyBudget { amount, period: self.period.parse()?, hard: self.soft != "true" }))
        }
    }

    fn given<T: FromStr<Err = Invalid>>(text: &str) -> Result<Option<T>, Invalid> {
        Some(text.trim()).filter(|text| !text.is_empty()).map(str::parse).transpose()
    }

    fn days(field: &'static str, text: &str) -> Result<Option<u32>, Invalid> {
        let text = text.trim();
        let number = (!text.is_empty()).then(|| text.parse()).transpose();
        number.map_err(|_| Invalid::new(field, "Give a number of days from 1 to 3650, or leave it empty."))
    }

    /// A limit as it is typed: `requests_per_minute 60 burst 10 on embeddings`.
    fn limit(line: &str) -> Result<KeyLimit, Invalid> {
        let bad = || {
            let message = format!("{line:?} is no limit. Write as in: requests_per_minute 60 burst 10 on embeddings.");
            Invalid::new("limits", message)
        };
        let mut words = line.split_whitespace();
        let kind = words.next().ok_or_else(bad)?.parse().map_err(|_| bad())?;
        let amount = words.next().and_then(|amount| amount.parse().ok()).ok_or_else(bad)?;
        let mut limit = KeyLimit { kind, amount, burst: None, endpoint: None };
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(bad)?;
            match word {
                "burst" => limit.burst = Some(value.parse().map_err(|_| bad())?),
                "on" => limit.endpoint = Some(value.parse().map_err(|_| bad())?),
                _ => return Err(bad()),
            }
        }
        Ok(limit)
    }

    /// The same limit as it would be typed.
    fn typed(limit: &KeyLimit) -> String {
        let mut text = format!("{} {}", limit.kind, limit.amount);
        if let Some(burst) = limit.burst {
            text.push_str(&format!(" burst {burst}"));
        }
        if let Some(endpoint) = limit.endpoint {
            text.push_str(&format!(" on {endpoint}"));
        }
        text
    }

    /// What a form that changes this template begins with.
    pub(in crate::templates) fn answers(template: &TemplateView) -> TemplateAnswers {
        fn joined<T: ToString>(lines: &[T]) -> String {
            lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        }
        let recipe = &template.recipe;
        let Required { description, owner, team, labels } = &recipe.required;
        let required = [("description", description), ("owner", owner), ("team", team)];
        TemplateAnswers {
            name: template.name.to_string(),
            description: template.description.to_string(),
            environment: recipe.environment.to_string(),
            stage: recipe.stage.as_ref().map(ToString::to_string).unwrap_or_default(),
            models: joined(recipe.rules.models()),
            endpoints: recipe.rules.endpoints().iter().map(ToString::to_string).collect(),
            ips: joined(recipe.rules.ips()),
            limits: joined(&recipe.limits.iter().map(typed).collect::<Vec<_>>()),
            budget: recipe.budget.map(|budget| budget.amount.to_string()).unwrap_or_default(),
            period: recipe.budget.map_or("month", |budget| budget.period.as_str()).to_owned(),
            soft: if recipe.budget.is_some_and(|budget| !budget.hard) { "true" } else { "" }.to_owned(),
            expires_in_days: recipe.expires_in_days.map(|days| days.to_string()).unwrap_or_default(),
            rotate_every_days: recipe.rotate_every_days.map(|days| days.to_string()).unwrap_or_default(),
            names: recipe.names.as_ref().map(|names| names.as_str().to_owned()).unwrap_or_default(),
            required: required.into_iter().filter(|(_, wanted)| **wanted).map(|(name, _)| name.to_owned()).collect(),
            required_labels: joined(labels),
            locked: recipe.locked.iter().map(ToString::to_string).collect(),
            roles: template.allowed.roles.iter().map(ToString::to_string).collect(),
            teams: template.allowed.teams.iter().map(ToString::to_string).collect(),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn limits_are_read_as_they_are_typed() {
            for line in ["requests_per_minute 60", "tokens_per_minute 900 burst 30 on embeddings"] {
                assert_eq!(typed(&limit(line).unwrap()), line);
            }
            for bad in ["requests 60", "requests_per_minute", "requests_per_minute x", "parallel_requests 3 burst"] {
                assert_eq!(limit(bad).unwrap_err().field, "limits", "{bad}");
            }
        }

        #[test]
        fn every_wrong_answer_is_named() {
            let answers = TemplateAnswers {
                environment: "prod".into(),
                limits: "60".into(),
                budget: "much".into(),
                expires_in_days: "soon".into(),
                locked: vec!["colour".into()],
                ..TemplateAnswers::default()
            };
            let mut wrong = Wrong::default();
            assert_eq!(answers.read(&mut wrong), None);
            let fields: Vec<_> = wrong.fields().collect();
            assert_eq!(fields, ["name", "environment", "limits", "budget", "expires_in_days", "locked"]);
            let good =
                TemplateAnswers { name: "Shop".into(), environment: "test".into(), ..TemplateAnswers::default() };
            assert!(good.read(&mut Wrong::default()).is_some());
            let labels = TemplateAnswers { required_labels: "Not One".into(), ..good };
            let mut wrong = Wrong::default();
            assert_eq!(labels.read(&mut wrong), None);
            assert_eq!(wrong.fields().collect::<Vec<_>>(), ["required_labels"]);
        }
    }
}
