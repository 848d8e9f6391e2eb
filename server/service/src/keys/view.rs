use std::collections::HashMap;

use domain::{
    KeyId, Money, TeamId, TokenId, UserId,
    keys::{KeyStatus, KeyView},
};
use store::{Reader, keys::Key};

use super::{Keys, lookup::may_manage};
use crate::{Actor, Result};

/// What the audit log keeps of a key: what can be changed, and no hash.
#[derive(serde::Serialize)]
pub(super) struct Audited<'a> {
    name: &'a domain::keys::KeyName,
    environment: domain::keys::Environment,
    status: KeyStatus,
    owner: Option<UserId>,
    team: Option<TeamId>,
    labels: &'a domain::keys::Labels,
    expires_at: Option<domain::Timestamp>,
}

pub(super) fn audited(key: &Key) -> Audited<'_> {
    Audited {
        name: &key.name,
        environment: key.environment,
        status: key.status,
        owner: key.owner_id,
        team: key.team_id,
        labels: &key.labels,
        expires_at: key.expires_at,
    }
}

impl Keys {
    pub(super) async fn view_one(&self, actor: &Actor, key: Key) -> Result<KeyView> {
        let id = key.id;
        let views = self.views(actor, vec![key]).await?;
        views.into_iter().next().ok_or_else(|| crate::Error::internal(format!("{id} has no view")))
    }

    /// Adds to each key what it did today and who made it.
    pub(super) async fn views(&self, actor: &Actor, keys: Vec<Key>) -> Result<Vec<KeyView>> {
        let mut reader = self.core.db.read().await?;
        let zone = crate::usage::time_zone(&mut reader, actor).await?;
        let today = self.core.now().start_of_day(&zone);
        let ids: Vec<KeyId> = keys.iter().map(|k| k.id).collect();
        let figures = reader.usage().of_keys(actor.organization, &ids, today).await?;
        let figures: HashMap<KeyId, (i64, Money)> =
            figures.into_iter().map(|f| (f.key_id, (f.calls, f.cost))).collect();
        let makers = makers(&mut reader, actor, &keys).await?;
        let view = |key: Key| {
            let (calls, cost_today) = figures.get(&key.id).copied().unwrap_or_default();
            KeyView {
                manageable: may_manage(actor, &key),
                id: key.id,
                name: key.name,
                environment: key.environment,
                status: key.status,
                prefix: key.environment.key_prefix().to_owned(),
                last_four: key.last_four,
                owner_id: key.owner_id,
                created_by: makers.get(&key.created_by).cloned().unwrap_or_else(|| "Turnpike".to_owned()),
                labels: key.labels,
                created_at: key.created_at,
                expires_at: key.expires_at,
                last_used_at: key.last_used_at,
                revoked_at: key.revoked_at,
                calls_today: calls.unsigned_abs(),
                cost_today,
                calls_30d: figure(key.calls),
                errors_30d: figure(key.errors),
                cost_30d: key.cost,
                currency: self.core.settings.currency,
            }
        };
        Ok(keys.into_iter().map(view).collect())
    }
}

/// A sum that is taken off what was added to it before; below nothing it can't be.
fn figure(sum: i64) -> u32 {
    u32::try_from(sum.max(0)).unwrap_or(u32::MAX)
}

/// The names of whoever made these keys, by how the audit log spells them.
async fn makers(reader: &mut Reader, actor: &Actor, keys: &[Key]) -> Result<HashMap<String, String>> {
    let ids = |prefix: &str| {
        keys.iter().filter_map(move |k| k.created_by.strip_prefix(prefix).map(str::to_owned)).collect::<Vec<_>>()
    };
    let users: Vec<UserId> = ids("user:").iter().filter_map(|id| id.parse().ok()).collect();
    let tokens: Vec<TokenId> = ids("token:").iter().filter_map(|id| id.parse().ok()).collect();
    let users = reader.identity().user_names(&users).await?;
    let tokens = reader.identity().token_names(actor.organization, &tokens).await?;
    let users = users.into_iter().map(|(id, name)| (format!("user:{id}"), name.to_string()));
    let tokens = tokens.into_iter().map(|(id, name)| (format!("token:{id}"), format!("{name} (token)")));
    Ok(users.chain(tokens).collect())
}
