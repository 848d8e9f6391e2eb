//! Doing something to many keys: saying what would be done, and asking for the job that does it.

mod work;

use std::collections::{BTreeMap, HashMap};

use domain::{
    ErrorCode, Invalid, KeyId,
    identity::Permission,
    jobs::{Reason, Work},
    keys::{
        Asked, BulkAction, BulkAnswer, BulkPreview, BulkRequest, KeyFields, KeyFilter, Rights, Selection, SkippedView,
        Verdict,
    },
    templates::Recipe,
};
use store::{Reader, Tx, keys::Key};

pub(super) use self::work::work;
use super::{Keys, MANAGING, bounds::Bounds};
use crate::{Actor, Error, Result, jobs, templates};

/// How many keys are read at a time.
const PAGE: usize = 5_000;
/// How many keys of each reason are named.
const SAMPLES: usize = 5;

/// The limits and budgets that these keys have of their own, for an action that is about them; read by a reader or
/// in a transaction.
macro_rules! bounds_for {
    ($reader:expr, $actor:expr, $about_bounds:expr, $ids:expr) => {
        match $about_bounds {
            true => Bounds::new(
                $reader.limits().of_keys($actor.organization, $ids).await?,
                $reader.budgets().of_keys($actor.organization, $ids).await?,
            ),
            false => Bounds::default(),
        }
    };
}
use bounds_for;

impl Keys {
    /// Does something to many keys, in a job, or says what would be done.
    ///
    /// # Errors
    /// When the request says nothing that can be done; when it is about another number of keys than
    /// expected.
    pub async fn bulk(&self, actor: &Actor, mut request: BulkRequest) -> Result<BulkAnswer> {
        actor.require_any(MANAGING)?;
        if let Some(permission) = needs(&request.action) {
            actor.require(permission)?;
        }
        request.action.check(self.core.now())?;
        let mut reader = self.core.db.read().await?;
        let selection = self.selected(&mut reader, actor, &request).await?;
        let recipe = settle_template(&mut reader, actor, &mut request.action).await?;
        check_place(&mut reader, actor, &request.action).await?;
        if request.dry_run {
            let preview = self.preview(&mut reader, actor, (&request.action, recipe.as_ref()), &selection).await?;
            return Ok(BulkAnswer::Preview(preview));
        }
        drop(reader);
        let mut tx = self.core.db.begin().await?;
        let job = jobs::asked_for(&self.core, actor, &Work::Keys(request.action));
        if let Some(expected) = request.expected_count {
            let matching = count(&mut tx, actor, &selection).await?;
            if matching != expected {
                return Err(another_number(matching, expected));
            }
        }
        tx.jobs().insert(&job).await?;
        let mut total = 0;
        let mut last = None;
        loop {
            let ids = match &selection {
                Selected::These(ids) => ids.clone(),
                Selected::Matching(filter, asked) => {
                    tx.keys().matching_ids(actor.organization, filter, asked, last, PAGE as i64).await?
                }
            };
            tx.jobs().insert_items(job.id, total + 1, &ids).await?;
            total += ids.len() as i64;
            last = ids.last().copied();
            if ids.len() < PAGE || matches!(selection, Selected::These(_)) {
                break;
            }
        }
        let job = jobs::Jobs::new(self.core.clone()).begin(tx, actor, store::jobs::Job { total, ..job }).await?;
        Ok(BulkAnswer::Job(Box::new(job)))
    }

    async fn selected(&self, reader: &mut Reader, actor: &Actor, request: &BulkRequest) -> Result<Selected> {
        Ok(match request.selection()? {
            Selection::Ids(ids) => Selected::These(ids),
            Selection::Filter(query) => {
                let filter = query.filter()?;
                let asked = self.asked(reader, actor, &filter).await?;
                Selected::Matching(Box::new(filter), asked)
            }
        })
    }

    /// What would be done, by the rule that does it.
    async fn preview(
        &self,
        reader: &mut Reader,
        actor: &Actor,
        (action, recipe): (&BulkAction, Option<&Recipe>),
        selection: &Selected,
    ) -> Result<BulkPreview> {
        let (rights, now) = (actor.rights(), self.core.now());
        let mut tally = Tally::default();
        match selection {
            Selected::These(ids) => {
                let bounds = bounds_for!(reader, actor, action.is_about_bounds(), ids);
                let keys = reader.keys().many(actor.organization, ids).await?;
                let keys: HashMap<KeyId, Key> = keys.into_iter().map(|key| (key.id, key)).collect();
                for id in ids {
                    match keys.get(id) {
                        Some(key) => tally.add(key, action.decide(&fields(key, &bounds), &rights, recipe, now)),
                        None => tally.skip(Reason::NotFound, || id.to_string()),
                    }
                }
            }
            Selected::Matching(filter, asked) => {
                let mut last = None;
                loop {
                    let ids = reader.keys().matching_ids(actor.organization, filter, asked, last, PAGE as i64).await?;
                    let bounds = bounds_for!(reader, actor, action.is_about_bounds(), &ids);
                    for key in reader.keys().many(actor.organization, &ids).await? {
                        tally.add(&key, action.decide(&fields(&key, &bounds), &rights, recipe, now));
                    }
                    last = ids.last().copied();
                    if ids.len() < PAGE {
                        break;
                    }
                }
            }
        }
        Ok(tally.preview(Work::Keys(action.clone()).is_final()))
    }
}

/// Which keys an action is about, as the store looks for them.
enum Selected {
    These(Vec<KeyId>),
    Matching(Box<KeyFilter>, Asked),
}

/// Counts what would be done.
#[derive(Default)]
struct Tally {
    known: u64,
    changes: u64,
    skipped: BTreeMap<Reason, (u64, Vec<String>)>,
}

impl Tally {
    fn add(&mut self, key: &Key, verdict: Verdict) {
        self.known += 1;
        match verdict {
            Verdict::Change(_) | Verdict::Remove => self.changes += 1,
            Verdict::Skip(reason) => self.skip(reason, || key.name.to_string()),
        }
    }

    fn skip(&mut self, reason: Reason, name: impl FnOnce() -> String) {
        let (count, samples) = self.skipped.entry(reason).or_default();
        *count += 1;
        if samples.len() < SAMPLES {
            samples.push(name());
        }
    }

    fn preview(self, is_final: Option<&'static str>) -> BulkPreview {
        let view = |(reason, (count, samples)): (Reason, (u64, Vec<String>))| SkippedView {
            reason,
            message: reason.sentence().to_owned(),
            count,
            samples,
        };
        let mut skipped: Vec<SkippedView> = self.skipped.into_iter().map(view).collect();
        skipped.sort_by_key(|skipped| std::cmp::Reverse(skipped.count));
        BulkPreview { matching: self.known, would_change: self.changes, skipped, is_final: is_final.map(str::to_owned) }
    }
}

/// All of a key that an action can change.
pub(super) fn fields(key: &Key, bounds: &Bounds) -> KeyFields {
    KeyFields {
        secret_made_at: key.secret_made_at,
        rotation_due_at: key.rotation_due_at,
        limits: bounds.limits(key.id),
        budgets: bounds.budgets(key.id),
        status: key.status,
        owner_id: key.owner_id,
        team_id: key.team_id,
        labels: key.labels.clone(),
        expires_at: key.expires_at,
        environment: key.environment,
        rules: key.rules.clone(),
        template: key.template_id.zip(key.template_version).map(|(id, version)| (id, templates::number(version))),
    }
}

/// What somebody must be allowed to beside changing the keys: to change what bounds them is not for everyone who may.
fn needs(action: &BulkAction) -> Option<Permission> {
    match action {
        BulkAction::ApplyTemplate { .. } => Some(Permission::TemplatesManage),
        BulkAction::SetLimit(_) | BulkAction::RemoveLimits => Some(Permission::LimitsManage),
        BulkAction::SetBudget(_) | BulkAction::RemoveBudget => Some(Permission::BudgetsManage),
        _ => None,
    }
}

/// Settles which version of a template is applied, and answers its recipe; nothing for another action.
async fn settle_template(reader: &mut Reader, actor: &Actor, action: &mut BulkAction) -> Result<Option<Recipe>> {
    let BulkAction::ApplyTemplate { template_id, version } = action else { return Ok(None) };
    let template = reader.templates().get(actor.organization, *template_id).await?;
    let message = "There is no such template. Give one of those that are listed for you.";
    let template = template.ok_or_else(|| Invalid::new("template_id", message))?;
    let wanted = version.map_or(template.version, i64::from);
    let of = reader.templates().version(actor.organization, *template_id, wanted).await?;
    let of = of.ok_or_else(|| Invalid::new("version", "The template has no such version."))?;
    *version = Some(templates::number(of.version));
    Ok(Some(of.recipe))
}

/// How many of the organization's keys it is about.
async fn count(tx: &mut Tx, actor: &Actor, selection: &Selected) -> Result<u64> {
    Ok(match selection {
        Selected::These(ids) => tx.keys().many(actor.organization, ids).await?.len() as u64,
        Selected::Matching(filter, asked) => tx.keys().count(actor.organization, filter, asked).await?.unsigned_abs(),
    })
}

/// Refuses an owner and a team that the organization does not have.
async fn check_place(reader: &mut Reader, actor: &Actor, action: &BulkAction) -> Result<()> {
    match action {
        BulkAction::SetOwner { owner_id } => {
            let member = reader.identity().membership(actor.organization, *owner_id).await?;
            let message = "Your organization has no such member. Give the id of one that it has.";
            member.map(drop).ok_or_else(|| Invalid::new("owner_id", message).into())
        }
        BulkAction::SetTeam { team_id: Some(id) } => {
            let teams = reader.organizations().teams(actor.organization).await?;
            let message = "Your organization has no such team. Give the id of one that it has.";
            let found = teams.iter().any(|team| team.id == *id);
            found.then_some(()).ok_or_else(|| Invalid::new("team_id", message).into())
        }
        _ => Ok(()),
    }
}

fn another_number(matching: u64, expected: u64) -> Error {
    let message = format!("{matching} keys match now, not {expected}. Look at them again, and expect {matching}.");
    Error { param: Some("expected_count"), ..Error::new(ErrorCode::Conflict, message) }
}

impl Actor {
    /// Which keys they may change.
    fn rights(&self) -> Rights {
        Rights {
            user: self.user,
            teams: self.teams.clone(),
            own: self.may(Permission::KeysOwn),
            team: self.may(Permission::KeysTeam),
            all: self.may(Permission::KeysManage),
        }
    }
}
