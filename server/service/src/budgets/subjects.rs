use std::collections::HashMap;

use domain::{Invalid, KeyId, UserId, budgets::Scope, identity::PersonName, keys::Environment};
use store::{
    Reader, Tx,
    keys::Key,
    organizations::{Organization, Team},
};

use crate::{Actor, Error, Result};

/// What budgets of an organization are about.
pub(super) struct Subjects {
    pub(super) organization: Organization,
    pub(super) teams: Vec<Team>,
    pub(super) users: HashMap<UserId, PersonName>,
    pub(super) keys: HashMap<KeyId, Key>,
}

impl Subjects {
    /// The organization, its teams, and those of its people and keys that are in these scopes.
    pub(super) async fn of(reader: &mut Reader, actor: &Actor, scopes: impl Iterator<Item = Scope>) -> Result<Self> {
        let organization = reader.organizations().get(actor.organization).await?;
        let organization = organization.ok_or_else(|| Error::not_found("organization"))?;
        let teams = reader.organizations().teams(actor.organization).await?;
        let (mut users, mut keys) = (Vec::new(), HashMap::new());
        for scope in scopes {
            match scope {
                Scope::User(id) => users.push(id),
                Scope::Key(id) if !keys.contains_key(&id) => {
                    let key = reader.keys().get(actor.organization, id).await?;
                    keys.extend(key.map(|key| (id, key)));
                }
                Scope::Key(_) | Scope::Team(_) | Scope::Organization(_) => {}
            }
        }
        users.sort_unstable();
        users.dedup();
        let users = reader.identity().user_names(&users).await?.into_iter().collect();
        Ok(Self { organization, teams, users, keys })
    }

    /// What a scope is called. Something that is gone has its id for a name.
    pub(super) fn name(&self, scope: Scope) -> String {
        let name = match scope {
            Scope::Organization(_) => Some(self.organization.name.to_string()),
            Scope::Team(id) => self.teams.iter().find(|team| team.id == id).map(|team| team.name.to_string()),
            Scope::User(id) => self.users.get(&id).map(ToString::to_string),
            Scope::Key(id) => self.keys.get(&id).map(|key| key.name.to_string()),
        };
        name.unwrap_or_else(|| scope.to_string())
    }

    /// What a scope lies in, the nearest first. A person may be in many teams, and so lies in none.
    pub(super) fn above(&self, scope: Scope) -> Vec<Scope> {
        let whole = Scope::Organization(self.organization.id);
        match scope {
            Scope::Organization(_) => Vec::new(),
            Scope::User(_) => vec![whole],
            Scope::Team(id) => {
                let parent = self.teams.iter().find(|team| team.id == id).and_then(|team| team.parent_id);
                parent.map(Scope::Team).into_iter().chain([whole]).collect()
            }
            Scope::Key(id) => match self.keys.get(&id) {
                Some(key) => self.around(key),
                None => vec![whole],
            },
        }
    }

    /// What a key lies in, the nearest first.
    pub(super) fn around(&self, key: &Key) -> Vec<Scope> {
        let mut scopes: Vec<Scope> = key.owner_id.map(Scope::User).into_iter().collect();
        match key.team_id.map(Scope::Team) {
            Some(team) => {
                scopes.push(team);
                scopes.extend(self.above(team));
            }
            None => scopes.push(Scope::Organization(self.organization.id)),
        }
        scopes
    }
}

/// Refuses a scope that is not of the actor's organization, and a key that has no calls in that
/// environment.
pub(super) async fn check(tx: &mut Tx, actor: &Actor, scope: Scope, environment: Environment) -> Result<()> {
    let (found, what_to_do) = match scope {
        Scope::Organization(id) => {
            (id == actor.organization, "Give your own organization: a budget can't bound another one.")
        }
        Scope::Team(id) => {
            let teams = tx.organizations().teams(actor.organization).await?;
            (
                teams.iter().any(|team| team.id == id),
                "Your organization has no such team. Give the id of one that it has.",
            )
        }
        Scope::User(id) => {
            let membership = tx.identity().membership(actor.organization, id).await?;
            (membership.is_some(), "Your organization has no such member. Give the id of one that it has.")
        }
        Scope::Key(id) => {
            let key = tx.keys().get(actor.organization, id).await?;
            if let Some(key) = key.as_ref().filter(|key| key.environment != environment) {
                let message = format!("That is a {0} key, whose calls count as {0}. Choose {0}.", key.environment);
                return Err(Invalid::new("environment", message).into());
            }
            (key.is_some(), "Your organization has no such key. Give the id of one that it has.")
        }
    };
    if found { Ok(()) } else { Err(Invalid::new("scope", what_to_do).into()) }
}
