use serde::{Deserialize, Serialize};

use crate::keys::answers::KeyAnswers;

/// What the form says of many keys, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManyAnswers {
    /// The template that they are made from; empty for none.
    #[serde(default)]
    pub template_id: String,
    /// `test` or `live`; empty where the template says so.
    #[serde(default)]
    pub environment: String,
    /// How they are named: `pattern` or `csv`.
    #[serde(default)]
    pub way: String,
    /// The name with `{n}` in it.
    #[serde(default)]
    pub pattern: String,
    /// How many.
    #[serde(default)]
    pub count: String,
    /// The first number.
    #[serde(default)]
    pub start: String,
    /// How many digits a number has at least.
    #[serde(default)]
    pub digits: String,
    /// The table.
    #[serde(default)]
    pub csv: String,
    /// Says something when they go without the limits that the template suggests.
    #[serde(default)]
    pub without_limits: String,
    /// The same of the budget.
    #[serde(default)]
    pub without_budget: String,
    /// What holds for each, as when one is made. It has no name.
    #[serde(flatten)]
    pub each: KeyAnswers,
}

impl ManyAnswers {
    /// The form's fields again, to be sent with the next form.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let each = &self.each;
        let fields = [
            ("template_id", &self.template_id),
            ("environment", &self.environment),
            ("way", &self.way),
            ("pattern", &self.pattern),
            ("count", &self.count),
            ("start", &self.start),
            ("digits", &self.digits),
            ("csv", &self.csv),
            ("without_limits", &self.without_limits),
            ("without_budget", &self.without_budget),
            ("description", &each.description),
            ("labels", &each.labels),
            ("owner_id", &each.owner_id),
            ("team_id", &each.team_id),
            ("models", &each.models),
            ("ips", &each.ips),
            ("expires_in", &each.expires_in),
        ];
        let fields = fields.into_iter().map(|(name, value)| (name, value.clone()));
        let endpoints = each.endpoints.iter().map(|endpoint| ("endpoints[]", endpoint.clone()));
        fields.chain(endpoints).filter(|(_, value)| !value.is_empty()).collect()
    }
}
