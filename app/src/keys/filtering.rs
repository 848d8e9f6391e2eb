//! What keys can be filtered by.

use crate::{
    prelude::*,
    problem::Problem,
    ui::{FilterField, FilterKind, Suggestion},
};

/// The server function that suggests values.
const VALUES: &str = "/fn/key_values";

/// Each is the query parameter of that name. The environment has a switch of its own, in the shell.
pub(super) const FIELDS: &[FilterField] = &[
    field("status", "Status", FilterKind::Words(STATUSES)),
    field("owner", "Owner", FilterKind::Values(VALUES)),
    field("team", "Team", FilterKind::Values(VALUES)),
    field("template", "Template", FilterKind::Values(VALUES)),
    field("label", "Label", FilterKind::Labels(VALUES)),
    field("last_used", "Last used", FilterKind::Since(Some("never used"))),
    field("created", "Created", FilterKind::Since(None)),
    field("expires", "Expires", FilterKind::Until(Some("never"))),
    field("calls", "Calls in 30 days", FilterKind::Number("")),
    field("cost", "Cost in 30 days", FilterKind::Number("")),
    field("errors", "Errors in percent", FilterKind::Number("")),
    field("model", "May call", FilterKind::Values(VALUES)),
    field("near_limit", "Near its budget", FilterKind::Words(&[("yes", "Yes"), ("no", "No")])),
    field("rotation", "Rotation", FilterKind::Words(ROTATIONS)),
];

const STATUSES: &[(&str, &str)] =
    &[("active", "Active"), ("expired", "Expired"), ("disabled", "Disabled"), ("revoked", "Revoked")];

const ROTATIONS: &[(&str, &str)] = &[("due", "Due"), ("overlap", "Two secrets"), ("none", "None")];

const fn field(name: &'static str, label: &'static str, kind: FilterKind) -> FilterField {
    FilterField { name, label, kind }
}

/// Values that a filter of keys can be given, as far as they contain what was typed.
#[server(prefix = "/fn", endpoint = "key_values")]
pub async fn suggest_values(
    /// The filter.
    field: String,
    /// What was typed.
    #[server(default)]
    q: String,
) -> Result<Vec<Suggestion>, Problem> {
    let actor = crate::server::actor()?;
    let query = domain::keys::SuggestionQuery { field, q: Some(q) };
    let found = crate::server::handle::<service::keys::Keys>()?.suggest(&actor, &query).await?;
    let one = |found: domain::keys::Suggestion| Suggestion { value: found.value, label: found.label, note: None };
    Ok(found.into_iter().map(one).collect())
}
