//! What budgets and limits are about: an organization, its teams, its people and its keys.

mod bearers;
mod tree;

use std::collections::HashMap;

use domain::{
    Invalid, KeyId, UserId,
    budgets::{BudgetQuery, Scope},
    identity::PersonName,
    keys::Environment,
};
use store::{
    Reader, Tx,
    keys::Key,
    organizations::{Organization, Team},
};

use crate::{Actor, Error, Result};

pub(crate) use self::tree::in_order;
pub use self::{bearers::Bearers, tree::Placed};

/// What budgets and limits of an organization are about.
pub(crate) struct Subjects {
    pub(crate) organization: Organization,
    teams: Vec<Team>,
    users: HashMap<UserId, PersonName>,
    keys: HashMap<KeyId, Key>,
}

impl Subjects {
    /// The organization, its teams, and those of its people and keys that are in these scopes.
    pub(crate) async fn of(reader: &mut Reader, actor: &Actor, scopes: impl Iterator<Item = Scope>) -> Result<Self> {
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
    pub(crate) fn name(&self, scope: Scope) -> String {
        let name = match scope {
            Scope::Organization(_) => Some(self.organization.name.to_string()),
            Scope::Team(id) => self.teams.iter().find(|team| team.id == id).map(|team| team.name.to_string()),
            Scope::User(id) => self.users.get(&id).map(ToString::to_string),
            Scope::Key(id) => self.keys.get(&id).map(|key| key.name.to_string()),
        };
        name.unwrap_or_else(|| scope.to_string())
    }

    /// What a scope lies in, the nearest first. A person may be in many teams, and so lies in none.
    fn above(&self, scope: Scope) -> Vec<Scope> {
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
    fn around(&self, key: &Key) -> Vec<Scope> {
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

/// Which of the organization's budgets or limits are asked for.
pub(crate) struct Wanted {
    environment: Option<Environment>,
    /// Those of a key that is named: its environment, and all that it lies in.
    key: Option<(Environment, Vec<Scope>)>,
}

impl Wanted {
    /// Reads what is asked.
    ///
    /// # Errors
    /// When a filter is none, or names a key that there is not.
    pub(crate) async fn of(reader: &mut Reader, actor: &Actor, query: &BudgetQuery) -> Result<Self> {
        let environment = query.environment()?;
        let Some(id) = query.key()? else { return Ok(Self { environment, key: None }) };
        let key = reader.keys().get(actor.organization, id).await?.ok_or_else(|| Error::not_found("key"))?;
        let mut scopes = Subjects::of(reader, actor, std::iter::empty()).await?.around(&key);
        scopes.push(Scope::Key(id));
        Ok(Self { environment, key: Some((key.environment, scopes)) })
    }

    /// Whether one of that scope and environment is asked for.
    pub(crate) fn holds(&self, scope: Scope, environment: Environment) -> bool {
        let of_key = |(of, scopes): &(Environment, Vec<Scope>)| *of == environment && scopes.contains(&scope);
        self.environment.is_none_or(|wanted| wanted == environment) && self.key.as_ref().is_none_or(of_key)
    }
}

/// Refuses a scope that is not of the actor's organization, and a key that has no calls in that
/// environment.
pub(crate) async fn check(tx: &mut Tx, actor: &Actor, scope: Scope, environment: Environment) -> Result<()> {
    let (found, what_to_do) = match scope {
        Scope::Organization(id) => {
            (id == actor.organization, "Give your own organization: another one is not yours to bound.")
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
