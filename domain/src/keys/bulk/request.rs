use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error},
};
use serde_json::Value;

use super::{super::KeyQuery, BulkAction};
use crate::{
    Invalid, KeyId,
    jobs::{JobView, Reason},
};

/// How many keys can be named one by one.
const MOST_IDS: usize = 10_000;

/// Something to be done to many keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkRequest {
    /// What to do.
    #[serde(deserialize_with = "strict")]
    pub action: BulkAction,
    /// To which keys: all that match, as `GET /api/v1/keys` takes it; `{}` for all there are.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "strict")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<std::collections::BTreeMap<String, String>>))]
    pub filter: Option<KeyQuery>,
    /// Or to these, at most 10,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 10000))]
    pub ids: Option<Vec<KeyId>>,
    /// Only say what would be done.
    #[serde(default)]
    pub dry_run: bool,
    /// How many keys you expect it to be about; with another number nothing is done. Needed with a filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_count: Option<u64>,
}

/// Which keys an action is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// These, each once and in order.
    Ids(Vec<KeyId>),
    /// All that match.
    Filter(Box<KeyQuery>),
}

impl BulkRequest {
    /// The keys that it is about.
    ///
    /// # Errors
    /// When there is no selection, or two, or too long a one; or one that may come to more keys than
    /// whoever asks knows of.
    pub fn selection(&self) -> Result<Selection, Invalid> {
        match (&self.filter, &self.ids) {
            (Some(_), Some(_)) => Err(Invalid::new("filter", "Give either a filter or ids.")),
            (None, None) => Err(Invalid::new("filter", "Say which keys: give a filter or ids.")),
            (None, Some(ids)) if ids.is_empty() => Err(Invalid::new("ids", "Give at least one id.")),
            (None, Some(ids)) if ids.len() > MOST_IDS => {
                Err(Invalid::new("ids", "Give at most 10,000 ids, or a filter that matches them."))
            }
            (None, Some(ids)) => {
                let mut ids = ids.clone();
                ids.sort_unstable();
                ids.dedup();
                Ok(Selection::Ids(ids))
            }
            (Some(_), None) if !self.dry_run && self.expected_count.is_none() => {
                let message = "Give the number of keys that you expect, as a dry run says it.";
                Err(Invalid::new("expected_count", message))
            }
            (Some(filter), None) => Ok(Selection::Filter(Box::new(filter.clone()))),
        }
    }
}

/// Refuses a name that means nothing: a filter that is misspelt would match every key there is, and serde
/// lets an action that takes no parameters have any.
fn strict<'de, T: Serialize + DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let given = Value::deserialize(deserializer)?;
    let value: T = serde_json::from_value(given.clone()).map_err(D::Error::custom)?;
    let understood = serde_json::to_value(&value).map_err(D::Error::custom)?;
    let mut names = given.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    match names.find(|(name, _)| understood.get(name).is_none()) {
        Some((name, _)) => Err(D::Error::custom(format!("unknown field `{name}`"))),
        None => Ok(value),
    }
}

/// What would be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkPreview {
    /// How many keys it is about: give it as `expected_count`.
    pub matching: u64,
    /// How many of them would be changed.
    pub would_change: u64,
    /// The others by reason, the most frequent first.
    pub skipped: Vec<SkippedView>,
    /// Why it could not be undone; absent where it could, within 24 hours.
    pub is_final: Option<String>,
}

/// Keys to which nothing would be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SkippedView {
    /// Why.
    pub reason: Reason,
    /// The same for people.
    pub message: String,
    /// How many.
    pub count: u64,
    /// The names of some; ids of those that there are not.
    pub samples: Vec<String>,
}

/// What comes of a [`BulkRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkAnswer {
    /// What would be done.
    Preview(BulkPreview),
    /// The job that does it.
    Job(Box<JobView>),
}
