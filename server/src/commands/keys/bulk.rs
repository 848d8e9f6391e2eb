//! Something done to many keys: what would happen, the question, and the job that does it.

use std::time::Duration;

use domain::{
    Invalid,
    jobs::{JobState, JobView},
    keys::{BulkAction, BulkPreview, BulkRequest, KeyQuery},
};

use super::{
    client::{Answer, Client},
    make::labels,
    output::{Table, confirm, note, print},
};
use crate::{
    cli::{BulkArgs, BulkName, KeyFilters, Output},
    commands::{Failure, fail},
};

const PATH: &str = "/api/v1/keys/bulk";
/// How often a job is asked how far it is.
const PACE: Duration = Duration::from_millis(500);

pub(super) async fn run(client: &Client, output: Output, args: BulkArgs) -> Result<(), Failure> {
    let (dry_run, yes, wait) = (args.dry_run, args.yes, args.wait);
    let mut request = request(args)?;
    let answer = client.post(PATH, &request).await?;
    let preview: BulkPreview = answer.read()?;
    if dry_run {
        show_plan(&answer, &preview, output);
        return Ok(());
    }
    note(plan(&preview));
    if preview.would_change == 0 {
        note("There is nothing to do.");
        return Ok(());
    }
    let title = request.action.title(preview.would_change);
    confirm(&format!("{title}?"), yes)?;
    (request.dry_run, request.expected_count) = (false, Some(preview.matching));
    let answer = client.post(PATH, &request).await?;
    let job: JobView = answer.read()?;
    match wait {
        true => follow(client, output, job).await,
        false => {
            note(format!("It goes on by itself. Its course is at /jobs/{} in the portal.", job.id));
            show_job(&answer, &job, output);
            Ok(())
        }
    }
}

fn request(args: BulkArgs) -> Result<BulkRequest, Failure> {
    let KeyFilters(filter) = args.filters;
    let filtered = filter != KeyQuery::default();
    let chosen = [filtered, !args.id.is_empty(), args.all].into_iter().filter(|way| *way).count();
    if chosen != 1 {
        return Err(Failure::usage("Say which keys, in one way: by filters, by --id, or --all of them."));
    }
    let by_id = !args.id.is_empty();
    Ok(BulkRequest {
        action: action(args.action, args.values)?,
        filter: (!by_id).then_some(filter),
        ids: by_id.then_some(args.id),
        dry_run: true,
        expected_count: None,
    })
}

/// What is to be done, with what that needs.
fn action(name: BulkName, values: Vec<String>) -> Result<BulkAction, Failure> {
    let wrong = |invalid: Invalid| Failure::usage(invalid.message);
    let none = |action| match values.as_slice() {
        [] => Ok(action),
        [value, ..] => {
            Err(Failure::usage(format!("This takes no value, and {value:?} is one. Filters are --options.")))
        }
    };
    let one = |what: &str| match values.as_slice() {
        [value] => Ok(value.as_str()),
        _ => Err(Failure::usage(format!("Give {what} behind the action, and nothing else."))),
    };
    match name {
        BulkName::Enable => none(BulkAction::Enable),
        BulkName::Disable => none(BulkAction::Disable),
        BulkName::Revoke => none(BulkAction::Revoke),
        BulkName::DeleteRevoked => none(BulkAction::DeleteRevoked),
        BulkName::ExtendExpiry => Ok(BulkAction::ExtendExpiry { expires_at: one("the time")?.parse().map_err(wrong)? }),
        BulkName::SetOwner => Ok(BulkAction::SetOwner { owner_id: one("the member's id")?.parse().map_err(wrong)? }),
        BulkName::SetTeam => Ok(BulkAction::SetTeam {
            team_id: match one("the team's id, or none,")? {
                "none" => None,
                id => Some(id.parse().map_err(wrong)?),
            },
        }),
        BulkName::ApplyTemplate => {
            let template_id = one("the template's id")?.parse().map_err(wrong)?;
            Ok(BulkAction::ApplyTemplate { template_id, version: None })
        }
        BulkName::AddLabels => {
            let given = values.iter().map(|label| label.parse()).collect::<Result<_, _>>().map_err(wrong)?;
            Ok(BulkAction::AddLabels { labels: labels(given)? })
        }
        BulkName::RemoveLabels => Ok(BulkAction::RemoveLabels { names: values }),
    }
}

/// What would happen, in a few lines.
fn plan(preview: &BulkPreview) -> String {
    let BulkPreview { matching, would_change, skipped, is_final } = preview;
    let mut lines = vec![format!("{matching} matching, {would_change} of them would be changed.")];
    for skip in skipped {
        lines.push(format!("  {} not: {} As {}.", skip.count, skip.message, skip.samples.join(", ")));
    }
    lines.extend(is_final.clone());
    lines.join("\n")
}

fn show_plan(answer: &Answer, preview: &BulkPreview, output: Output) {
    match output {
        Output::Json => print(&format!("{}\n", answer.text)),
        Output::Table => print(&format!("{}\n", plan(preview))),
        Output::Csv => {
            let changed =
                vec!["would_change".to_owned(), preview.would_change.to_string(), String::new(), String::new()];
            let skipped = preview.skipped.iter().map(|skip| {
                let samples = skip.samples.join("; ");
                vec![skip.reason.to_string(), skip.count.to_string(), skip.message.clone(), samples]
            });
            let rows = std::iter::once(changed).chain(skipped).collect();
            Table { head: vec!["outcome", ">keys", "message", "samples"], rows }.print(output);
        }
    }
}

/// Waits for the end of a job, and says on the way how far it is.
async fn follow(client: &Client, output: Output, begun: JobView) -> Result<(), Failure> {
    let mut told = None;
    loop {
        let answer = client.get(&format!("/api/v1/jobs/{}", begun.id)).await?;
        let job: JobView = answer.read()?;
        if told != Some(job.progress) {
            note(format!("{}: {} of {} keys", job.title, job.progress.ended(), job.progress.total));
            told = Some(job.progress);
        }
        if job.state.is_over() {
            show_job(&answer, &job, output);
            return outcome(&job);
        }
        tokio::time::sleep(PACE).await;
    }
}

fn outcome(job: &JobView) -> Result<(), Failure> {
    match (job.state, job.progress.failed) {
        (JobState::Done, 0) => Ok(()),
        (JobState::Done, failed) => {
            let total = job.progress.total;
            Err(fail(format!("{failed} of {total} keys failed. See /jobs/{} in the portal.", job.id)))
        }
        (state, _) => {
            let why = job.error.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            Err(fail(format!("The job is {state}{why}. See /jobs/{} in the portal.", job.id)))
        }
    }
}

fn show_job(answer: &Answer, job: &JobView, output: Output) {
    if output == Output::Json {
        print(&format!("{}\n", answer.text));
        return;
    }
    let progress = job.progress;
    let counts = [progress.total, progress.done, progress.skipped, progress.failed].map(|count| count.to_string());
    let row = [job.id.to_string(), job.title.clone(), job.state.to_string()].into_iter().chain(counts).collect();
    let head = vec!["job", "what", "state", ">keys", ">done", ">skipped", ">failed"];
    Table { head, rows: vec![row] }.print(output);
}
