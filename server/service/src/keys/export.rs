use domain::{
    KeyId,
    identity::Permission,
    keys::{Asked, KeyFilter, KeyQuery, KeyView},
};

use super::Keys;
use crate::{Actor, Result};

/// How many keys are read at a time.
const PAGE: i64 = 1_000;

/// Keys on their way into a file, in the order in which they were made.
#[derive(Debug, Clone)]
pub struct KeyExport {
    keys: Keys,
    actor: Actor,
    which: Which,
    last: Option<KeyId>,
}

#[derive(Debug, Clone)]
enum Which {
    These(Vec<KeyId>),
    Matching(Box<KeyFilter>, Asked),
}

impl Keys {
    /// Those of these keys that the organization has, or all that match when none are named.
    ///
    /// # Errors
    /// When a filter is none.
    pub async fn export(&self, actor: &Actor, query: &KeyQuery, mut ids: Vec<KeyId>) -> Result<KeyExport> {
        actor.require(Permission::KeysRead)?;
        ids.sort_unstable();
        ids.dedup();
        let which = match ids.is_empty() {
            true => {
                let filter = query.filter()?;
                let asked = self.asked(&mut self.core.db.read().await?, actor, &filter).await?;
                Which::Matching(Box::new(filter), asked)
            }
            false => Which::These(ids),
        };
        Ok(KeyExport { keys: self.clone(), actor: actor.clone(), which, last: None })
    }
}

impl KeyExport {
    /// The next keys; none when that was all.
    pub async fn next(&mut self) -> Result<Vec<KeyView>> {
        let organization = self.actor.organization;
        let mut reader = self.keys.core.db.read().await?;
        let ids = match &mut self.which {
            Which::These(ids) => ids.drain(..ids.len().min(PAGE as usize)).collect(),
            Which::Matching(filter, asked) => {
                reader.keys().matching_ids(organization, filter, asked, self.last, PAGE).await?
            }
        };
        self.last = ids.last().copied();
        let keys = reader.keys().many(organization, &ids).await?;
        drop(reader);
        self.keys.views(&self.actor, keys).await
    }
}
