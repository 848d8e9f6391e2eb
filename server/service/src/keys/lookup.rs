use domain::{Invalid, KeyId, identity::Permission};
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

/// Refuses an owner or a team that the actor may not give a key to. `was` is the key as it was; a new one is
/// its maker's.
///
/// Those who do not manage every key give keys to themselves and to their own teams, to nobody else, not
/// even to nobody, and none out of their own hands: what a key costs counts for its owner and its team.
pub(super) async fn check_place(tx: &mut Tx, actor: &Actor, was: Option<&Key>, key: &Key) -> Result<()> {
    let (owner_was, team_was) = was.map_or((Some(actor.user), None), |was| (was.owner_id, was.team_id));
    let (own, team) = (key.owner_id == Some(actor.user), key.team_id.filter(|_| key.team_id != team_was));
    if key.owner_id != owner_was && !own {
        actor.require(Permission::KeysManage)?;
        if let Some(owner) = key.owner_id {
            let membership = tx.identity().membership(actor.organization, owner).await?;
            membership.ok_or_else(|| {
                Invalid::new("owner_id", "Your organization has no such member. Give the id of one that it has.")
            })?;
        }
    }
    if let Some(team) = team {
        if !(actor.teams.contains(&team) && actor.may(Permission::KeysTeam)) {
            actor.require(Permission::KeysManage)?;
        }
        let teams = tx.organizations().teams(actor.organization).await?;
        if teams.iter().all(|known| known.id != team) {
            let message = "Your organization has no such team. Give the id of one that it has.";
            return Err(Invalid::new("team_id", message).into());
        }
    }
    if was.is_some() && !may_manage(actor, key) {
        actor.require(Permission::KeysManage)?;
    }
    Ok(())
}
