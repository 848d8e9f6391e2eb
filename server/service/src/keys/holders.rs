use domain::{
    TeamId, UserId,
    identity::{Permission, PersonName},
    teams::TeamName,
};

use super::{Keys, MANAGING};
use crate::{Actor, Result};

/// Whom a key can be given to by whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holders {
    /// The people who can own it, by name.
    pub people: Vec<(UserId, PersonName)>,
    /// The teams that it can count for, by name.
    pub teams: Vec<(TeamId, TeamName)>,
    /// Whether nobody may own it.
    pub nobody: bool,
}

impl Keys {
    /// Whom the actor can give a key to: everyone and every team for those who manage every key,
    /// otherwise themselves and their own teams.
    pub async fn holders(&self, actor: &Actor) -> Result<Holders> {
        actor.require_any(MANAGING)?;
        let all = actor.may(Permission::KeysManage);
        let mut reader = self.core.db.read().await?;
        let mut people = match all {
            true => reader.identity().people(actor.organization).await?,
            false => reader.identity().user_names(&[actor.user]).await?,
        };
        people.sort_by_cached_key(|(id, name)| (name.as_str().to_lowercase(), *id));
        let teams = reader.organizations().teams(actor.organization).await?.into_iter();
        let own = |id: &TeamId| actor.may(Permission::KeysTeam) && actor.teams.contains(id);
        let teams = teams.filter(|team| all || own(&team.id)).map(|team| (team.id, team.name)).collect();
        Ok(Holders { people, teams, nobody: all })
    }
}
