use domain::jobs::{ItemQuery, JobQuery, JobState, Outcome, Progress, SecretsState};
use serde::{Deserialize, Serialize};

use crate::{prelude::*, problem::Problem, ui::Moment};

/// A job as a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    /// The job.
    pub id: String,
    /// What it does.
    pub title: String,
    /// Who asked for it.
    pub by: String,
    /// Where it is in its life, and how far.
    pub course: Course,
    /// When it was asked for.
    pub created: Moment,
}

/// What of a job changes while it is worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Where it is in its life.
    pub state: JobState,
    /// How far it is.
    pub progress: Progress,
}

/// A page of jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobList {
    /// The rows, the newest first.
    pub rows: Vec<JobRow>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// Everything that is known of one job, but its items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFacts {
    /// What the list shows of it.
    pub row: JobRow,
    /// When the work began.
    pub started: Option<Moment>,
    /// When it was over.
    pub ended: Option<Moment>,
    /// Why it was given up.
    pub error: Option<String>,
    /// The job that it takes back.
    pub undoes: Option<String>,
    /// The job that takes it back.
    pub undone_by: Option<String>,
    /// Whether it can be ended now.
    pub can_cancel: bool,
    /// Whether there are failed items to try again.
    pub can_retry: bool,
    /// Until when it can be undone.
    pub undo_until: Option<Moment>,
    /// The secrets of the keys that it made.
    pub secrets: Option<SecretFacts>,
}

/// Where the secrets of a job's keys are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretFacts {
    /// Where they are.
    pub state: SecretsState,
    /// How many can be downloaded.
    pub count: u64,
    /// Until when they can.
    pub until: Option<Moment>,
    /// When they were downloaded.
    pub downloaded: Option<Moment>,
    /// Whether the viewer can.
    pub yours: bool,
}

/// A page of a job's items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemList {
    /// The rows, in the job's order.
    pub rows: Vec<ItemRow>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// An item as a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemRow {
    /// The key.
    pub key_id: String,
    /// What that is called, or was.
    pub name: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was not done.
    pub message: Option<String>,
    /// When it had its outcome.
    pub at: Option<Moment>,
}

/// The jobs that match.
#[server(prefix = "/fn", endpoint = "jobs_list")]
pub async fn load_jobs(
    #[server(flatten)] query: JobQuery,
    #[server(default)] cursor: Option<String>,
) -> Result<JobList, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let calendar = Calendar::of(&actor).await?;
    let page = domain::PageQuery { limit: None, cursor };
    let page = handle::<service::jobs::Jobs>()?.list(&actor, &query, &page).await?;
    Ok(JobList { rows: page.data.into_iter().map(|job| row(job, &calendar)).collect(), next: page.next_cursor })
}

/// One job.
#[server(prefix = "/fn", endpoint = "job")]
pub async fn load_job(id: String) -> Result<Option<JobFacts>, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let Ok(id) = id.parse() else { return Ok(None) };
    let job = match handle::<service::jobs::Jobs>()?.get(&actor, id).await {
        Err(error) if error.code == domain::ErrorCode::NotFound => return Ok(None),
        job => job?,
    };
    let calendar = Calendar::of(&actor).await?;
    let moment = |at: Option<domain::Timestamp>| at.map(|at| calendar.moment(at));
    Ok(Some(JobFacts {
        started: moment(job.started_at),
        ended: moment(job.ended_at),
        error: job.error.clone(),
        undoes: job.undoes.map(|id| id.to_string()),
        undone_by: job.undone_by.map(|id| id.to_string()),
        can_cancel: job.can_cancel,
        can_retry: job.can_retry,
        undo_until: moment(job.undo_until),
        secrets: job.secrets.map(|secrets| SecretFacts {
            state: secrets.state,
            count: secrets.count,
            until: moment(secrets.until),
            downloaded: moment(secrets.downloaded_at),
            yours: secrets.yours,
        }),
        row: row(job, &calendar),
    }))
}

/// What became of a job's items.
#[server(prefix = "/fn", endpoint = "job_items")]
pub async fn load_items(
    id: String,
    #[server(flatten)] query: ItemQuery,
    #[server(default)] cursor: Option<String>,
) -> Result<ItemList, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    // That there is no such job is said by the page's other half.
    let Ok(id) = id.parse() else { return Ok(ItemList::default()) };
    let page = domain::PageQuery { limit: None, cursor };
    let page = match handle::<service::jobs::Jobs>()?.items(&actor, id, &query, &page).await {
        Err(error) if error.code == domain::ErrorCode::NotFound => return Ok(ItemList::default()),
        page => page?,
    };
    let calendar = Calendar::of(&actor).await?;
    let row = |item: domain::jobs::JobItemView| ItemRow {
        key_id: item.key_id.to_string(),
        name: item.name,
        outcome: item.outcome,
        message: item.message,
        at: item.at.map(|at| calendar.moment(at)),
    };
    Ok(ItemList { rows: page.data.into_iter().map(row).collect(), next: page.next_cursor })
}

#[cfg(feature = "ssr")]
fn row(job: domain::jobs::JobView, calendar: &crate::server::Calendar) -> JobRow {
    JobRow {
        id: job.id.to_string(),
        title: job.title,
        by: job.created_by,
        course: Course { state: job.state, progress: job.progress },
        created: calendar.moment(job.created_at),
    }
}
