use std::collections::HashMap;

use domain::{
    KeyId, Money, TeamId, TemplateId, TokenId, UserId,
    identity::PersonName,
    keys::{KeyStatus, KeyView, RotationView},
    teams::TeamName,
    templates::TemplateRef,
};
use store::{
    Reader,
    keys::{Key, OldSecret},
};

use super::{Keys, lookup::may_manage};
use crate::{Actor, Result};

/// What the audit log keeps of a key: what can be changed, and no hash.
#[derive(serde::Serialize)]
pub(super) struct Audited<'a> {
    name: &'a domain::keys::KeyName,
    description: &'a domain::keys::KeyDescription,
    environment: domain::keys::Environment,
    status: KeyStatus,
    owner: Option<UserId>,
    team: Option<TeamId>,
    labels: &'a domain::keys::Labels,
    expires_at: Option<domain::Timestamp>,
    rules: &'a domain::keys::Rules,
    /// The template that it is by, and its version.
    template: Option<(TemplateId, i64)>,
    rotation_due_at: Option<domain::Timestamp>,
}

pub(super) fn audited(key: &Key) -> Audited<'_> {
    Audited {
        name: &key.name,
        description: &key.description,
        environment: key.environment,
        status: key.status,
        owner: key.owner_id,
        team: key.team_id,
        labels: &key.labels,
        expires_at: key.expires_at,
        rules: &key.rules,
        template: key.template_id.zip(key.template_version),
        rotation_due_at: key.rotation_due_at,
    }
}

impl Keys {
    pub(super) async fn view_one(&self, actor: &Actor, key: Key) -> Result<KeyView> {
        let id = key.id;
        let views = self.views(actor, vec![key]).await?;
        views.into_iter().next().ok_or_else(|| crate::Error::internal(format!("{id} has no view")))
    }

    /// Adds to each key what it did today, who made it, and whose it is.
    pub(super) async fn views(&self, actor: &Actor, keys: Vec<Key>) -> Result<Vec<KeyView>> {
        let mut reader = self.core.db.read().await?;
        let zone = crate::usage::time_zone(&mut reader, actor).await?;
        let today = self.core.now().start_of_day(&zone);
        let ids: Vec<KeyId> = keys.iter().map(|k| k.id).collect();
        let figures = reader.usage().of_keys(actor.organization, &ids, today).await?;
        let figures: HashMap<KeyId, (i64, Money)> =
            figures.into_iter().map(|f| (f.key_id, (f.calls, f.cost))).collect();
        let rotations = reader.keys().old_secrets(&ids, self.core.now()).await?;
        let mut rotations: HashMap<KeyId, RotationView> =
            rotations.into_iter().map(|old| (old.key_id, rotation(old))).collect();
        let people = people(&mut reader, &keys).await?;
        let makers = makers(&mut reader, actor, &keys, &people).await?;
        let templates = templates(&mut reader, actor, &keys).await?;
        let teams = match keys.iter().any(|key| key.team_id.is_some()) {
            true => reader.organizations().teams(actor.organization).await?,
            false => Vec::new(),
        };
        let teams: HashMap<TeamId, TeamName> = teams.into_iter().map(|team| (team.id, team.name)).collect();
        let view = |key: Key| {
            let (calls, cost_today) = figures.get(&key.id).copied().unwrap_or_default();
            KeyView {
                manageable: may_manage(actor, &key),
                id: key.id,
                name: key.name,
                description: key.description,
                environment: key.environment,
                status: key.status,
                prefix: key.environment.key_prefix().to_owned(),
                last_four: key.last_four,
                owner_id: key.owner_id,
                owner_name: key.owner_id.and_then(|id| people.get(&id).cloned()),
                team_id: key.team_id,
                team_name: key.team_id.and_then(|id| teams.get(&id).cloned()),
                created_by: makers.get(&key.created_by).cloned().unwrap_or_else(|| "Turnpike".to_owned()),
                template: key.template_id.zip(key.template_version).and_then(|by| templates.get(&by).cloned()),
                labels: key.labels,
                rules: key.rules,
                created_at: key.created_at,
                expires_at: key.expires_at,
                last_used_at: key.last_used_at,
                revoked_at: key.revoked_at,
                secret_made_at: key.secret_made_at,
                rotation_due_at: key.rotation_due_at,
                rotation: rotations.remove(&key.id).filter(|_| key.status != KeyStatus::Revoked),
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

fn rotation(old: OldSecret) -> RotationView {
    RotationView { old_last_four: old.last_four, ends_at: old.ends_at, last_used_at: old.last_used_at }
}

/// The names of those who own or made these keys.
async fn people(reader: &mut Reader, keys: &[Key]) -> Result<HashMap<UserId, PersonName>> {
    let maker = |key: &Key| key.created_by.strip_prefix("user:").and_then(|id| id.parse().ok());
    let mut ids: Vec<UserId> = keys.iter().flat_map(|key| [key.owner_id, maker(key)]).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(reader.identity().user_names(&ids).await?.into_iter().collect())
}

/// The names of whoever made these keys, by how the audit log spells them.
async fn makers(
    reader: &mut Reader,
    actor: &Actor,
    keys: &[Key],
    people: &HashMap<UserId, PersonName>,
) -> Result<HashMap<String, String>> {
    let tokens = keys.iter().filter_map(|key| key.created_by.strip_prefix("token:")?.parse().ok());
    let tokens: Vec<TokenId> = tokens.collect();
    let tokens = reader.identity().token_names(actor.organization, &tokens).await?;
    let users = people.iter().map(|(id, name)| (format!("user:{id}"), name.to_string()));
    let tokens = tokens.into_iter().map(|(id, name)| (format!("token:{id}"), format!("{name} (token)")));
    Ok(users.chain(tokens).collect())
}

/// The templates that these keys are by, in their versions.
async fn templates(
    reader: &mut Reader,
    actor: &Actor,
    keys: &[Key],
) -> Result<HashMap<(TemplateId, i64), TemplateRef>> {
    let mut found = HashMap::new();
    let mut by: Vec<(TemplateId, i64)> =
        keys.iter().filter_map(|key| key.template_id.zip(key.template_version)).collect();
    by.sort_unstable();
    by.dedup();
    if by.is_empty() {
        return Ok(found);
    }
    let names: HashMap<TemplateId, _> =
        reader.templates().list(actor.organization).await?.into_iter().map(|t| (t.id, t.name)).collect();
    for (id, version) in by {
        let Some(name) = names.get(&id) else { continue };
        let of = reader.templates().version(actor.organization, id, version).await?;
        let rotate_every_days = of.and_then(|of| of.recipe.rotate_every_days);
        let version_number = crate::templates::number(version);
        let template = TemplateRef { id, name: name.clone(), version: version_number, rotate_every_days };
        found.insert((id, version), template);
    }
    Ok(found)
}
