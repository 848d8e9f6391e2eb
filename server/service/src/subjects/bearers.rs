use domain::{
    KeyId, OrganizationId, TeamId, UserId,
    filter::OneOf,
    identity::{Permission, PersonName},
    keys::{Asked, Environment, KeyFilter, KeyName, KeySort, KeyStanding},
    organizations::OrganizationName,
    teams::TeamName,
};
use store::keys::KeyPage;

use crate::{Actor, Core, Error, Result};

/// How many keys are offered: a person chooses from a list of names, not from thousands.
const KEYS: i64 = 200;

/// All that a budget or a limit can be made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearers {
    /// The organization.
    pub organization: (OrganizationId, OrganizationName),
    /// Its teams, by name.
    pub teams: Vec<(TeamId, TeamName)>,
    /// The people who own its keys, by name.
    pub users: Vec<(UserId, PersonName)>,
    /// Its keys that are not revoked, the newest first.
    pub keys: Vec<(KeyId, KeyName, Environment)>,
    /// Whether there are more keys than these.
    pub more_keys: bool,
}

impl Bearers {
    /// For a form that makes one, by whoever has the permission to. A key that is named is among the
    /// keys, however old it is.
    ///
    /// # Errors
    /// When there is no key of that name.
    pub(crate) async fn of(core: &Core, actor: &Actor, makes: Permission, named: Option<KeyId>) -> Result<Self> {
        actor.require(makes)?;
        let mut reader = core.db.read().await?;
        let organization = reader.organizations().get(actor.organization).await?;
        let organization = organization.ok_or_else(|| Error::not_found("organization"))?;
        let teams = reader.organizations().teams(actor.organization).await?;
        let ended = OneOf { not: true, these: vec![KeyStanding::Revoked] };
        let filter = KeyFilter { status: Some(ended), ..KeyFilter::default() };
        let asked = Asked::new(core.now(), actor.user);
        let sort = KeySort::default();
        let wanted = KeyPage { filter: &filter, asked: &asked, sort, groups: &[], after: None, limit: KEYS + 1 };
        let mut keys = reader.keys().list(actor.organization, &wanted).await?;
        let more_keys = keys.len() as i64 > KEYS;
        keys.truncate(KEYS as usize);
        if let Some(named) = named.filter(|named| keys.iter().all(|key| key.id != *named)) {
            let key = reader.keys().get(actor.organization, named).await?;
            keys.push(key.ok_or_else(|| Error::not_found("key"))?);
        }
        let mut owners: Vec<UserId> = keys.iter().filter_map(|key| key.owner_id).chain([actor.user]).collect();
        owners.sort_unstable();
        owners.dedup();
        let mut users = reader.identity().user_names(&owners).await?;
        users.sort_by_cached_key(|(id, name)| (name.as_str().to_lowercase(), *id));
        Ok(Self {
            organization: (organization.id, organization.name),
            teams: teams.into_iter().map(|team| (team.id, team.name)).collect(),
            users,
            keys: keys.into_iter().map(|key| (key.id, key.name, key.environment)).collect(),
            more_keys,
        })
    }
}
