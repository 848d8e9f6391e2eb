//! Making many keys: saying what would be made, and asking for the job that makes them.

mod making;
mod rows;
mod work;

use domain::{
    ErrorCode, Invalid, KeyId,
    jobs::Work,
    keys::{BadRow, GivenRow, KeyRow, ManyAnswer, ManyKeys, ManyPreview},
};
use store::jobs::{Job, NewItem};

pub(super) use self::work::make;
use self::{making::Making, rows::Holding};
use super::{Keys, MANAGING};
use crate::{Actor, Error, Result, jobs, templates};

/// How many names a preview has.
const NAMES: usize = 5;
/// What is the same for all keys: when it is wrong, it is so for the request and not for its rows.
const COMMON: [&str; 6] = ["environment", "models", "endpoints", "ips", "limits", "budget"];

impl Keys {
    /// Makes many keys, in a job, or says what would be made. Each is held to what holds for a key that is made alone.
    ///
    /// # Errors
    /// When the request names no keys or too many, what holds for all of them is wrong, or one of them can't be made: then
    /// none is.
    pub async fn create_many(&self, actor: &Actor, mut request: ManyKeys) -> Result<ManyAnswer> {
        actor.require_any(MANAGING)?;
        let rows = request.rows()?;
        let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
        let (good, bad) = self.checked(actor, &mut request, rows).await?;
        if request.dry_run {
            return Ok(ManyAnswer::Preview(preview(&names, bad)));
        }
        if !bad.is_empty() {
            return Err(none_is_made(&request, names.len(), &bad));
        }
        let job = jobs::asked_for(&self.core, actor, &Work::CreateKeys(Box::new(request.common())));
        let items = self.items(&good)?;
        let mut tx = self.core.db.begin().await?;
        tx.jobs().insert(&job).await?;
        tx.jobs().insert_new(job.id, &items).await?;
        let job = Job { total: items.len() as i64, ..job };
        let job = jobs::Jobs::new(self.core.clone()).begin(tx, actor, job).await?;
        Ok(ManyAnswer::Job(Box::new(job)))
    }

    /// The rows that keys can be made of, and those of which none can. Settles by which version of the template.
    async fn checked(
        &self,
        actor: &Actor,
        request: &mut ManyKeys,
        rows: Vec<GivenRow>,
    ) -> Result<(Vec<KeyRow>, Vec<BadRow>)> {
        let mut reader = self.core.db.read().await?;
        let mut recipe = None;
        if let Some(id) = request.template_id {
            let template = templates::usable_one(actor, reader.templates().get(actor.organization, id).await?)?;
            let version = request.template_version.map_or(template.version, i64::from);
            let of = reader.templates().version(actor.organization, id, version).await?;
            let of = of.ok_or_else(|| Invalid::new("template_version", "The template has no such version."))?;
            request.template_version = Some(templates::number(of.version));
            recipe = Some(of.recipe);
        } else if request.template_version.is_some() {
            return Err(Invalid::new("template_version", "Give the template too, or leave the version out.").into());
        }
        let holding = Holding::of(&mut reader, actor, &rows).await?;
        let rows: Vec<_> = rows.into_iter().map(|given| holding.named(given)).collect();
        let owners = rows.iter().filter_map(|row| row.said.as_ref().ok()?.owner_id).chain(request.owner_id);
        let owners = making::once(owners);
        let members = reader.identity().members(actor.organization, &owners).await?;
        drop(reader);
        let making = Making::new(actor, request, recipe.as_ref(), (members, holding.into_teams()), self.core.now())?;
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for row in rows {
            let checked = row.said.and_then(|said| making.key(&said).map(|_| said).map_err(|refused| refused.invalid));
            match checked {
                Ok(said) => good.push(said),
                Err(invalid) if COMMON.contains(&invalid.field) => return Err(invalid.into()),
                Err(invalid) => bad.push(bad_row(row.number, row.name, request, &invalid)),
            }
        }
        Ok((good, bad))
    }

    /// The job's items. Their keys have their identities now, in the order of the rows, so that each is made once.
    fn items(&self, rows: &[KeyRow]) -> Result<Vec<NewItem>> {
        let now = self.core.now();
        let mut ids: Vec<KeyId> = rows.iter().map(|_| KeyId::mint(now, &self.core.entropy)).collect();
        ids.sort_unstable();
        let item = |(row, subject): (&KeyRow, KeyId)| {
            let input_json = serde_json::to_string(row).map_err(Error::internal)?;
            Ok(NewItem { subject, name: row.name.to_string(), input_json })
        };
        rows.iter().zip(ids).map(item).collect()
    }
}

fn preview(names: &[String], bad: Vec<BadRow>) -> ManyPreview {
    ManyPreview {
        count: names.len() as u64,
        names: names.iter().take(NAMES).cloned().collect(),
        last: names.last().filter(|_| names.len() > NAMES).cloned(),
        bad,
    }
}

/// What is wrong, under the name of the column where there are columns.
fn bad_row(row: u64, name: String, request: &ManyKeys, invalid: &Invalid) -> BadRow {
    let field = match invalid.field {
        "owner_id" if request.csv.is_some() => "owner",
        "team_id" if request.csv.is_some() => "team",
        "expires_at" if request.csv.is_some() => "expires",
        field => field,
    };
    BadRow { row, name, field: field.to_owned(), message: invalid.message.clone().into_owned() }
}

fn none_is_made(request: &ManyKeys, count: usize, bad: &[BadRow]) -> Error {
    const TOLD: usize = 3;
    let word = if request.csv.is_some() { "line" } else { "key" };
    let told: Vec<String> = bad.iter().take(TOLD).map(|bad| format!("{word} {}: {}", bad.row, bad.message)).collect();
    let told = told.join(" ");
    let message =
        format!("{} of {count} keys can't be made, so none was: {told} A dry run names all of them.", bad.len());
    Error { param: request.named_by(), ..Error::new(ErrorCode::InvalidRequest, message) }
}
