use std::collections::HashSet;

use domain::{
    Invalid, TeamId, Timestamp, UserId,
    identity::Permission,
    jobs::Reason,
    keys::{KeyRow, ManyKeys, NewKey},
    templates::Recipe,
};

use super::super::future;
use crate::Actor;

/// All that decides what is made of a row: the same for a dry run and for the run.
pub(super) struct Making<'a> {
    actor: &'a Actor,
    many: &'a ManyKeys,
    recipe: Option<&'a Recipe>,
    members: HashSet<UserId>,
    teams: HashSet<TeamId>,
    now: Timestamp,
}

/// Why no key is made of a row.
#[derive(Debug)]
pub(super) struct Refused {
    /// For the item of a job.
    pub(super) reason: Reason,
    /// For whoever can still put it right.
    pub(super) invalid: Invalid,
}

impl<'a> Making<'a> {
    /// `recipe` is that of the template's version, `members` and `teams` those among the owners and teams that are named which
    /// the organization has now.
    ///
    /// # Errors
    /// When limits or a budget are given without a template, and are not the actor's to set.
    pub(super) fn new(
        actor: &'a Actor,
        many: &'a ManyKeys,
        recipe: Option<&'a Recipe>,
        (members, teams): (Vec<UserId>, Vec<TeamId>),
        now: Timestamp,
    ) -> crate::Result<Self> {
        if recipe.is_none() && many.limits.as_ref().is_some_and(|limits| !limits.is_empty()) {
            actor.require(Permission::LimitsManage)?;
        }
        if recipe.is_none() && many.budget.flatten().is_some() {
            actor.require(Permission::BudgetsManage)?;
        }
        let (members, teams) = (members.into_iter().collect(), teams.into_iter().collect());
        Ok(Self { actor, many, recipe, members, teams, now })
    }

    /// What is made of a row.
    pub(super) fn key(&self, row: &KeyRow) -> Result<NewKey, Refused> {
        let draft = self.many.draft(row).map_err(unfit)?;
        let new = match (self.many.template_id.zip(self.many.template_version), self.recipe) {
            (Some((id, version)), Some(recipe)) => recipe.apply(id, version, draft, self.now),
            _ => draft.plain(),
        };
        let new = new.map_err(unfit)?;
        future(new.expires_at, self.now).map_err(|error| Refused {
            reason: Reason::InThePast,
            invalid: Invalid::new("expires_at", error.message),
        })?;
        self.check_place(&new)?;
        Ok(new)
    }

    /// Holds owner and team to what holds for one new key.
    fn check_place(&self, new: &NewKey) -> Result<(), Refused> {
        let manages = self.actor.may(Permission::KeysManage);
        if let Some(owner) = new.owner_id.filter(|owner| *owner != self.actor.user) {
            if !manages {
                return refused(Reason::NotYoursToGive, for_yourself());
            }
            if !self.members.contains(&owner) {
                let message = "Your organization has no such member. Give the id of one that it has.";
                return refused(Reason::NoSuchOwner, Invalid::new("owner_id", message));
            }
        }
        if let Some(team) = new.team_id {
            let own = self.actor.teams.contains(&team) && self.actor.may(Permission::KeysTeam);
            if !manages && !own {
                let message =
                    "You can make keys for teams of yours only. Leave the team out, or name one that you are in.";
                return refused(Reason::NotYoursToGive, Invalid::new("team_id", message));
            }
            if !self.teams.contains(&team) {
                let message = "Your organization has no such team. Give the id of one that it has.";
                return refused(Reason::NoSuchTeam, Invalid::new("team_id", message));
            }
        }
        Ok(())
    }
}

/// Each of them once.
pub(super) fn once(users: impl Iterator<Item = UserId>) -> Vec<UserId> {
    let once: HashSet<UserId> = users.collect();
    once.into_iter().collect()
}

/// What is said to those who may make keys for nobody else.
pub(super) fn for_yourself() -> Invalid {
    let message = "You can make keys for yourself only. Leave the owner out, or ask someone who manages every key.";
    Invalid::new("owner_id", message)
}

fn refused(reason: Reason, invalid: Invalid) -> Result<(), Refused> {
    Err(Refused { reason, invalid })
}

/// What was right when the job was made is so for good, so nobody sees this reason.
fn unfit(invalid: Invalid) -> Refused {
    Refused { reason: Reason::Broken, invalid }
}
