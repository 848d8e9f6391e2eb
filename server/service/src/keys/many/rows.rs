use std::collections::HashMap;

use domain::{
    Invalid, TeamId, UserId,
    identity::{Email, Permission},
    keys::{GivenRow, KeyRow, NamedRow},
    text::folded,
};
use store::{Reader, organizations::Team};

use crate::Actor;

/// Who can hold the keys, by how people name them: as far as the actor may give keys to them.
pub(super) struct Holding {
    all: bool,
    people: HashMap<Email, UserId>,
    teams: Vec<Team>,
}

/// A row whose people and teams are known.
pub(super) struct Row {
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) said: Result<KeyRow, Invalid>,
}

impl Holding {
    /// Those that these rows name.
    pub(super) async fn of(reader: &mut Reader, actor: &Actor, rows: &[GivenRow]) -> crate::Result<Self> {
        let mut emails: Vec<Email> = rows.iter().filter_map(|row| row.said.as_ref().ok()?.owner.clone()).collect();
        emails.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
        emails.dedup();
        let all = actor.may(Permission::KeysManage);
        let mut people: HashMap<Email, UserId> =
            reader.identity().members_by_email(actor.organization, &emails).await?.into_iter().collect();
        // Who may give keys only to themselves is not told who else there is.
        people.retain(|_, user| all || *user == actor.user);
        let mut teams = reader.organizations().teams(actor.organization).await?;
        let own = |id: &TeamId| actor.may(Permission::KeysTeam) && actor.teams.contains(id);
        teams.retain(|team| all || own(&team.id));
        Ok(Self { all, people, teams })
    }

    /// The row with its owner and its team.
    pub(super) fn named(&self, given: GivenRow) -> Row {
        let GivenRow { number, name, said } = given;
        Row { number, name, said: said.and_then(|said| self.known(said)) }
    }

    /// The teams that keys can be given to.
    pub(super) fn into_teams(self) -> Vec<TeamId> {
        self.teams.into_iter().map(|team| team.id).collect()
    }

    fn known(&self, said: NamedRow) -> Result<KeyRow, Invalid> {
        let NamedRow { row, owner, team } = said;
        let owner_id = match owner {
            Some(owner) => Some(self.owner(&owner)?),
            None => row.owner_id,
        };
        let team_id = match team {
            Some(team) => Some(self.team(&team)?),
            None => row.team_id,
        };
        Ok(KeyRow { owner_id, team_id, ..row })
    }

    fn owner(&self, email: &Email) -> Result<UserId, Invalid> {
        self.people.get(email).copied().ok_or_else(|| match self.all {
            true => Invalid::new("owner", format!("No member of your organization has the address {email}.")),
            false => super::making::for_yourself(),
        })
    }

    fn team(&self, word: &str) -> Result<TeamId, Invalid> {
        if let Ok(id) = word.parse() {
            return Ok(id);
        }
        let wanted = folded(word);
        let mut found = self.teams.iter().filter(|team| folded(team.name.as_str()) == wanted);
        match (found.next(), found.next()) {
            (Some(team), None) => Ok(team.id),
            (Some(_), Some(_)) => {
                Err(Invalid::new("team", format!("Several teams are called {word:?}. Give the team's id.")))
            }
            (None, _) => Err(Invalid::new("team", format!("There is no team {word:?} that you can give keys to."))),
        }
    }
}
