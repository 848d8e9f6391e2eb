//! What budgets and limits are for: the organization, its teams, its people, its keys.

#[cfg(feature = "ssr")]
use domain::{Invalid, KeyId, budgets::Scope};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::problem::Problem;
use crate::{
    prelude::*,
    ui::{Badge, Choice, Choices, GroupedSelect},
    wire::Sending,
};

/// What a form offers, as ids and names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bearers {
    /// The organization.
    pub organization: (String, String),
    /// The teams.
    pub teams: Vec<(String, String)>,
    /// The people.
    pub users: Vec<(String, String)>,
    /// The keys, by name and environment.
    pub keys: Vec<(String, String)>,
    /// Whether there are more keys than these.
    pub more_keys: bool,
    /// Which of them the address says.
    pub chosen: String,
    /// The environment to begin with.
    pub environment: String,
}

#[cfg(feature = "ssr")]
impl Bearers {
    /// What is offered, with the key that the address says chosen.
    pub(crate) fn offered(bearers: service::subjects::Bearers, key: Option<KeyId>) -> Self {
        use domain::keys::Environment;
        let named = bearers.keys.iter().find(|(id, ..)| Some(*id) == key);
        let environment = named.map_or(Environment::Live, |(_, _, environment)| *environment);
        Self {
            chosen: key.map_or_else(|| bearers.organization.0.to_string(), |id| id.to_string()),
            environment: environment.to_string(),
            organization: (bearers.organization.0.to_string(), bearers.organization.1.to_string()),
            teams: bearers.teams.into_iter().map(|(id, name)| (id.to_string(), name.to_string())).collect(),
            users: bearers.users.into_iter().map(|(id, name)| (id.to_string(), name.to_string())).collect(),
            keys: bearers.keys.into_iter().map(|(id, name, of)| (id.to_string(), format!("{name} ({of})"))).collect(),
            more_keys: bearers.more_keys,
        }
    }
}

/// The fields that ask whose calls something is for, and of which environment.
#[component]
pub(crate) fn BearerFields(
    /// What is offered.
    bearers: Bearers,
    /// What became of the form.
    action: Sending,
) -> impl IntoView {
    let Bearers { organization, teams, users, keys, more_keys, chosen, environment } = bearers;
    let choices = |pairs: Vec<(String, String)>| {
        pairs.into_iter().map(|(value, label)| Choice::new(value, label)).collect::<Vec<_>>()
    };
    let bearers = vec![
        ("Organization", choices(vec![organization])),
        ("Team", choices(teams)),
        ("Person", choices(users)),
        ("Key", choices(keys)),
    ];
    let hint = match more_keys {
        false => "All that is below it counts: for a team, the keys of the team and of those under it.",
        true => {
            "All that is below it counts. Only the newest keys are listed; for an older one, begin at its own page."
        }
    };
    let environments = vec![
        Choice::new("live", "Live").with_note("Calls that reach connected providers."),
        Choice::new("test", "Test").with_note("Calls that reach the Sandbox. Counted apart."),
    ];
    view! {
        <GroupedSelect name="scope" label="For" groups=bearers value=chosen hint error=action.error("scope")/>
        <Choices name="environment" label="Environment" choices=environments value=environment/>
    }
}

/// A bearer's name in a table, under the one that it lies in.
#[component]
pub(crate) fn BearerName(
    /// Below how many others it lies.
    depth: u8,
    /// What it is called.
    name: String,
    /// Of which kind it is.
    kind: &'static str,
    /// Its own page, where it has one.
    href: Option<String>,
) -> impl IntoView {
    let name = match href {
        Some(href) => view! { <a class="bearer__name" href=href>{name}</a> },
        None => view! { <span class="bearer__name">{name}</span> },
    };
    view! { <span class="bearer" data-depth=depth.to_string()>{name} <Badge plain=true>{kind}</Badge></span> }
}

/// A kind of bearer for people.
pub(crate) fn kind_words(kind: &str) -> &'static str {
    match kind {
        "organization" => "Organization",
        "team" => "Team",
        "user" => "Person",
        _ => "Key",
    }
}

/// The page of a bearer, where it has one.
#[cfg(feature = "ssr")]
pub(crate) fn page_of(scope: Scope) -> Option<String> {
    match scope {
        Scope::Key(id) => Some(format!("/keys/{id}")),
        _ => None,
    }
}

/// The key that an address names. An address that can't be a key's leads nowhere.
#[cfg(feature = "ssr")]
pub(crate) fn named_key(key: Option<String>) -> Result<Option<KeyId>, Problem> {
    let key = key.map(|id| id.parse()).transpose();
    Ok(key.map_err(|_: Invalid| service::Error::not_found("key"))?)
}

/// What an id stands for: its prefix says of which kind it is.
#[cfg(feature = "ssr")]
pub(crate) fn scoped(id: &str) -> Result<Scope, Invalid> {
    let organization = id.parse().map(Scope::Organization);
    let scope = organization.or_else(|_| id.parse().map(Scope::Team)).or_else(|_| id.parse().map(Scope::User));
    let scope = scope.or_else(|_: Invalid| id.parse().map(Scope::Key));
    scope.map_err(|_| Invalid::new("scope", "Choose whom it is for."))
}
