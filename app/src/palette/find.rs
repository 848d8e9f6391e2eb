use serde::{Deserialize, Serialize};

use crate::{prelude::*, problem::Problem};

/// How many things of a kind are found at most: what the eye takes in at once.
#[cfg(feature = "ssr")]
const MOST: u32 = 8;

/// A thing that was found by what somebody typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What it is.
    pub kind: FoundKind,
    /// How it is called.
    pub label: String,
    /// What tells it from others of that name.
    pub note: String,
    /// Its page.
    pub href: String,
}

/// What can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    /// A key.
    Key,
}

/// What whoever asks may see of the things whose name, id or last four characters these are.
#[server(prefix = "/fn", endpoint = "find")]
pub async fn find(
    /// What was typed.
    q: String,
) -> Result<Vec<Found>, Problem> {
    let actor = crate::server::actor()?;
    let q = q.trim();
    if q.is_empty() {
        return Ok(Vec::new());
    }
    // One line for each kind of thing.
    keys(&actor, q).await
}

#[cfg(feature = "ssr")]
async fn keys(actor: &service::Actor, q: &str) -> Result<Vec<Found>, Problem> {
    use domain::{
        KeyId, PageQuery,
        identity::Permission,
        keys::{KeyQuery, SortQuery},
    };
    if !actor.may(Permission::KeysRead) {
        return Ok(Vec::new());
    }
    let keys = crate::server::handle::<service::keys::Keys>()?;
    let found = match q.parse::<KeyId>() {
        Ok(id) => keys.get(actor, id).await.into_iter().collect(),
        Err(_) => {
            let query = KeyQuery { q: Some(q.to_owned()), ..KeyQuery::default() };
            keys.list(actor, &query, &SortQuery::default(), &PageQuery { limit: Some(MOST), cursor: None }).await?.data
        }
    };
    let one = |key: domain::keys::KeyView| Found {
        kind: FoundKind::Key,
        label: key.name.to_string(),
        note: format!("{}…{}", key.prefix, key.last_four),
        href: format!("/keys/{}", key.id),
    };
    Ok(found.into_iter().map(one).collect())
}
