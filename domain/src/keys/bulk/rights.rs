use super::KeyFields;
use crate::{TeamId, UserId};

/// Which keys somebody may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// Who.
    pub user: UserId,
    /// The teams that they are a member of.
    pub teams: Vec<TeamId>,
    /// Whether they may change their own.
    pub own: bool,
    /// Whether they may change their teams'.
    pub team: bool,
    /// Whether they may change every key of the organization.
    pub all: bool,
}

impl Rights {
    /// Whether they may change this key.
    pub fn manage(&self, key: &KeyFields) -> bool {
        let own = self.own && key.owner_id == Some(self.user);
        self.all || own || key.team_id.is_some_and(|team| self.has(team))
    }

    /// Whether they may put it into other hands like this. Those who don't manage every key give keys to
    /// themselves and to their teams, and none out of their hands: what a key costs counts for its owner
    /// and its team.
    pub fn give(&self, was: &KeyFields, is: &KeyFields) -> bool {
        let owner = was.owner_id == is.owner_id || is.owner_id == Some(self.user);
        let team = was.team_id == is.team_id || is.team_id.is_none_or(|team| self.has(team));
        self.all || owner && team && self.manage(is)
    }

    fn has(&self, team: TeamId) -> bool {
        self.team && self.teams.contains(&team)
    }
}
