use domain::{KeyId, identity::Permission};
use store::{Tx, keys::Key};

use super::MANAGING;
use crate::{Actor, Error, Result};

/// The key, if the actor may manage it.
///
/// # Errors
/// Forbidden when they may see it but not change it; not found when they may not even see it.
pub(super) async fn manageable(tx: &mut Tx, actor: &Actor, id: KeyId) -> Result<Key> {
    actor.require_any(MANAGING)?;
    let key = tx.keys().get_for_update(actor.organization, id).await?.ok_or_else(|| Error::not_found("key"))?;
    if may_manage(actor, &key) {
        return Ok(key);
    }
    actor.require(Permission::KeysManage)?;
    Ok(key)
}

/// Whether the actor may change this key of their organization.
pub(super) fn may_manage(actor: &Actor, key: &Key) -> bool {
    let own = key.owner_id == Some(actor.user) && actor.may(Permission::KeysOwn);
    let team = key.team_id.is_some_and(|t| actor.teams.contains(&t)) && actor.may(Permission::KeysTeam);
    own || team || actor.may(Permission::KeysManage)
}
