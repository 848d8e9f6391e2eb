use serde::{Deserialize, Serialize};

/// What a form says of a key, as it was typed; and what a form that changes one begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAnswers {
    /// How it is called.
    #[serde(default)]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Labels as `name=value`, one a line.
    #[serde(default)]
    pub labels: String,
    /// The id of who answers for it; empty for nobody.
    #[serde(default)]
    pub owner_id: String,
    /// The id of the team that its calls count for; empty for none.
    #[serde(default)]
    pub team_id: String,
    /// The models that it may call, one a line; empty for all.
    #[serde(default)]
    pub models: String,
    /// The endpoints that it may call; none for all.
    #[serde(default)]
    pub endpoints: Vec<String>,
    /// The addresses that it may call from, one a line; empty for any.
    #[serde(default)]
    pub ips: String,
    /// In how many days it ends; empty for never, `keep` for when it does now.
    #[serde(default)]
    pub expires_in: String,
}

#[cfg(feature = "ssr")]
pub(super) use self::read::answers;

#[cfg(feature = "ssr")]
mod read {
    use std::{collections::BTreeMap, str::FromStr};

    use domain::{
        Invalid, TeamId, UserId,
        keys::{KeyDescription, KeyName, KeyView, Labels, Rules},
    };

    use super::KeyAnswers;
    use crate::{
        server::Wrong,
        typed::{each, lines},
    };

    /// What the answers mean.
    #[derive(Debug, PartialEq, Eq)]
    pub(in crate::keys) struct Read {
        pub(in crate::keys) name: KeyName,
        pub(in crate::keys) description: KeyDescription,
        pub(in crate::keys) labels: Labels,
        pub(in crate::keys) owner: Option<UserId>,
        pub(in crate::keys) team: Option<TeamId>,
        pub(in crate::keys) rules: Rules,
    }

    impl KeyAnswers {
        /// What the answers mean, but for the end; nothing when one is wrong, which `wrong` has then.
        pub(in crate::keys) fn read(&self, wrong: &mut Wrong) -> Option<Read> {
            let name = wrong.check("name", self.name.parse());
            let description = wrong.check("description", self.description.parse());
            let labels = wrong.check("labels", labels(&self.labels));
            let owner = wrong.check("owner_id", chosen(&self.owner_id));
            let team = wrong.check("team_id", chosen(&self.team_id));
            let models = wrong.check("models", each(lines(&self.models)));
            let endpoints = wrong.check("endpoints", each(self.endpoints.iter().map(String::as_str)));
            let ips = wrong.check("ips", each(lines(&self.ips)));
            let rules = match Rules::new(models?, endpoints?, ips?) {
                Ok(rules) => Some(rules),
                Err(invalid) => wrong.check(invalid.field, Err(invalid)),
            };
            Some(Read {
                name: name?,
                description: description?,
                labels: labels?,
                owner: owner?,
                team: team?,
                rules: rules?,
            })
        }
    }

    fn chosen<T: FromStr<Err = Invalid>>(id: &str) -> Result<Option<T>, Invalid> {
        (!id.is_empty()).then(|| id.parse()).transpose()
    }

    fn labels(text: &str) -> Result<Labels, Invalid> {
        let mut labels = BTreeMap::new();
        for line in lines(text) {
            let (name, value) = line.split_once('=').ok_or_else(|| {
                let line: String = line.chars().take(60).collect();
                Invalid::new("labels", format!("Write each label as name=value, one a line. {line:?} has no =."))
            })?;
            if labels.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
                return Err(Invalid::new("labels", format!("The label {:?} is there twice.", name.trim())));
            }
        }
        labels.try_into()
    }

    /// What a form that changes this key begins with.
    pub(in crate::keys) fn answers(key: &KeyView) -> KeyAnswers {
        let joined = |lines: Vec<String>| lines.join("\n");
        KeyAnswers {
            name: key.name.to_string(),
            description: key.description.to_string(),
            labels: joined(key.labels.iter().map(|(name, value)| format!("{name}={value}")).collect()),
            owner_id: key.owner_id.map(|id| id.to_string()).unwrap_or_default(),
            team_id: key.team_id.map(|id| id.to_string()).unwrap_or_default(),
            models: joined(key.rules.models().iter().map(ToString::to_string).collect()),
            endpoints: key.rules.endpoints().iter().map(ToString::to_string).collect(),
            ips: joined(key.rules.ips().iter().map(ToString::to_string).collect()),
            expires_in: "keep".to_owned(),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn answers_are_read_line_by_line() {
            let answers = KeyAnswers {
                name: "checkout".into(),
                labels: "service=shop\r\n\r\n region = eu=west \n".into(),
                models: " gpt-4o* \nsandbox/*".into(),
                endpoints: vec!["embeddings".into()],
                ips: "10.1.0.0/8\n".into(),
                ..KeyAnswers::default()
            };
            let mut wrong = Wrong::default();
            let read = answers.read(&mut wrong).unwrap();
            assert_eq!(read.labels.iter().collect::<Vec<_>>(), [("region", "eu=west"), ("service", "shop")]);
            assert_eq!(read.rules.models().iter().map(|m| m.as_str()).collect::<Vec<_>>(), ["gpt-4o*", "sandbox/*"]);
            assert_eq!(read.rules.ips()[0].to_string(), "10.0.0.0/8");
            assert_eq!((read.owner, read.team), (None, None));
        }

        #[test]
        fn every_wrong_answer_is_named() {
            let answers = KeyAnswers {
                labels: "nothing".into(),
                owner_id: "me".into(),
                models: "x".repeat(201),
                endpoints: vec!["images".into()],
                ips: "10.0.0.0/99".into(),
                description: "x".repeat(501),
                ..KeyAnswers::default()
            };
            let mut wrong = Wrong::default();
            assert_eq!(answers.read(&mut wrong), None);
            assert_eq!(
                wrong.fields().collect::<Vec<_>>(),
                ["name", "description", "labels", "owner_id", "models", "endpoints", "ips"]
            );
            for twice in ["a=1\na=2", "A=1"] {
                assert!(labels(twice).is_err(), "{twice}");
            }
        }
    }
}
