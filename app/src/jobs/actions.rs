use domain::JobId;

use crate::{prelude::*, problem::Problem};

/// Ends a job.
#[server(prefix = "/fn", endpoint = "job_cancel")]
pub async fn cancel_job(
    /// The job.
    id: JobId,
) -> Result<(), Problem> {
    use crate::server::{actor, handle};
    handle::<service::jobs::Jobs>()?.cancel(&actor()?, id).await?;
    Ok(())
}

/// Tries the failed items of a job again.
#[server(prefix = "/fn", endpoint = "job_retry")]
pub async fn retry_job(
    /// The job.
    id: JobId,
) -> Result<(), Problem> {
    use crate::server::{actor, handle};
    handle::<service::jobs::Jobs>()?.retry_failed(&actor()?, id).await?;
    Ok(())
}

/// Takes back what a job did, and leads to the job that does so.
#[server(prefix = "/fn", endpoint = "job_undo")]
pub async fn undo_job(
    /// The job.
    id: JobId,
) -> Result<(), Problem> {
    use crate::server::{actor, handle};
    let undo = handle::<service::jobs::Jobs>()?.undo(&actor()?, id).await?;
    leptos_axum::redirect(&format!("/jobs/{}", undo.id));
    Ok(())
}
