use domain::TemplateId;

use super::answers::TemplateAnswers;
use crate::{prelude::*, problem::Problem};

/// Makes a template, and leads to it.
#[server(prefix = "/fn", endpoint = "template_create")]
pub async fn create_template(
    /// Whether it is for every organization.
    #[server(default)]
    platform: bool,
    /// All else.
    #[server(flatten)]
    answers: TemplateAnswers,
) -> Result<(), Problem> {
    use crate::server::{Wrong, actor, handle};
    let mut wrong = Wrong::default();
    let Some(read) = answers.read(&mut wrong) else { return Err(wrong.problem()) };
    let super::answers::Read { name, description, recipe, allowed } = read;
    let new = domain::templates::NewTemplate { name, description, platform, recipe, allowed };
    let made = handle::<service::templates::Templates>()?.create(&actor()?, new).await?;
    leptos_axum::redirect(&format!("/templates/{}", made.id));
    Ok(())
}

/// Changes a template. Another recipe is a new version.
#[server(prefix = "/fn", endpoint = "template_change")]
pub async fn change_template(
    /// The template.
    id: TemplateId,
    /// The version that the form began with.
    version: u32,
    /// How it is to be.
    #[server(flatten)]
    answers: TemplateAnswers,
) -> Result<(), Problem> {
    use crate::server::{Wrong, actor, handle};
    let mut wrong = Wrong::default();
    let Some(read) = answers.read(&mut wrong) else { return Err(wrong.problem()) };
    let changes = domain::templates::TemplateChanges {
        name: Some(read.name),
        description: Some(read.description),
        recipe: Some(read.recipe),
        allowed: Some(read.allowed),
        expected_version: Some(version),
    };
    handle::<service::templates::Templates>()?.update(&actor()?, id, changes).await?;
    leptos_axum::redirect(&format!("/templates/{id}"));
    Ok(())
}

/// Retires or restores a template, or makes it the default.
#[server(prefix = "/fn", endpoint = "template_move")]
pub async fn move_template(
    /// The template.
    id: TemplateId,
    /// `retire`, `restore` or `default`.
    to: String,
) -> Result<(), Problem> {
    use crate::server::{actor, handle};
    let (templates, actor) = (handle::<service::templates::Templates>()?, actor()?);
    match to.as_str() {
        "retire" => templates.retire(&actor, id).await?,
        "restore" => templates.restore(&actor, id).await?,
        "default" => templates.set_default(&actor, id).await?,
        _ => return Err(domain::Invalid::new("to", "Choose retire, restore or default.").into()),
    };
    Ok(())
}

/// Applies a version of a template to its keys, and leads to the job that does so.
#[server(prefix = "/fn", endpoint = "template_apply")]
pub async fn apply_template(
    /// The template.
    id: TemplateId,
    /// Its version.
    version: u32,
    /// How many keys it is expected to be about.
    expected_count: u64,
) -> Result<(), Problem> {
    use crate::server::{actor, handle};
    let asked = application(id, Some(version), Some(expected_count));
    if let domain::keys::BulkAnswer::Job(job) = handle::<service::keys::Keys>()?.bulk(&actor()?, asked).await? {
        leptos_axum::redirect(&format!("/jobs/{}", job.id));
    }
    Ok(())
}

/// To apply a template to the keys that are by it; without a count it is only asked what that comes to.
#[cfg(feature = "ssr")]
pub(super) fn application(
    template_id: TemplateId,
    version: Option<u32>,
    expected_count: Option<u64>,
) -> domain::keys::BulkRequest {
    let filter = domain::keys::KeyQuery { template: Some(template_id.to_string()), ..Default::default() };
    domain::keys::BulkRequest {
        action: domain::keys::BulkAction::ApplyTemplate { template_id, version },
        filter: Some(filter),
        ids: None,
        dry_run: expected_count.is_none(),
        expected_count,
    }
}
