use serde::{Deserialize, Serialize};

use super::answers::TemplateAnswers;
use crate::{prelude::*, problem::Problem, ui::Moment};

/// A template as a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateRow {
    /// The template.
    pub id: String,
    /// How it is called.
    pub name: String,
    /// What keys get by it, in a few words.
    pub summary: String,
    /// `test` or `live`.
    pub environment: String,
    /// Whether it is the platform's.
    pub platform: bool,
    /// Whether the form for keys begins with it.
    pub default: bool,
    /// Whether no more keys are made from it.
    pub retired: bool,
    /// Its present version.
    pub version: u32,
    /// How many keys were made from it.
    pub keys: u64,
}

/// Templates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateList {
    /// The platform's first.
    pub rows: Vec<TemplateRow>,
    /// Whether the viewer may make templates.
    pub may_create: bool,
}

/// What the form for a template offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateStart {
    /// The organization's teams, as ids and names.
    pub teams: Vec<(String, String)>,
    /// Whether the viewer may make templates for every organization.
    pub platform: bool,
}

/// One of a template's versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRow {
    /// Its number.
    pub version: u32,
    /// What keys get by it, in a few words.
    pub summary: String,
    /// Who made it.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// What it comes to, to apply a template to its keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyPreview {
    /// How many keys are by it.
    pub matching: u64,
    /// How many of them would change.
    pub would_change: u64,
    /// The others: how many, why, and the names of some.
    pub skipped: Vec<(u64, String, String)>,
}

/// A template's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateDetail {
    /// The template as in the list.
    pub row: TemplateRow,
    /// How many of its keys are by an earlier version.
    pub behind: u64,
    /// What the form begins with.
    pub given: TemplateAnswers,
    /// What the form offers.
    pub start: TemplateStart,
    /// Its versions, the newest first.
    pub versions: Vec<VersionRow>,
    /// Whether the viewer may change it.
    pub manageable: bool,
    /// Whether the viewer may apply it to keys and make it the default.
    pub may_apply: bool,
    /// What applying comes to, when that was asked.
    pub preview: Option<ApplyPreview>,
}

/// The templates that the viewer sees.
#[server(prefix = "/fn", endpoint = "templates_list")]
pub async fn load_templates() -> Result<TemplateList, Problem> {
    use crate::server::{actor, handle};
    let actor = actor()?;
    let list = handle::<service::templates::Templates>()?.list(&actor).await?;
    let may_create = actor.may(domain::identity::Permission::TemplatesManage);
    Ok(TemplateList { rows: list.iter().map(row).collect(), may_create })
}

/// What the page that makes a template begins with.
#[server(prefix = "/fn", endpoint = "template_start")]
pub async fn start_template() -> Result<TemplateStart, Problem> {
    let actor = crate::server::actor()?;
    actor.require(domain::identity::Permission::TemplatesManage)?;
    start(&actor).await
}

/// One template.
#[server(prefix = "/fn", endpoint = "template")]
pub async fn load_template(
    /// Its id.
    id: String,
    /// Whether applying it was asked about.
    #[server(default)]
    apply: Option<String>,
) -> Result<TemplateDetail, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let id = id.parse().map_err(|_| service::Error::not_found("template"))?;
    let templates = handle::<service::templates::Templates>()?;
    let template = templates.get(&actor, id).await?;
    let calendar = Calendar::of(&actor).await?;
    let version = |of: domain::templates::TemplateVersionView| VersionRow {
        version: of.version,
        summary: summary(&of.recipe),
        by: of.created_by,
        at: calendar.moment(of.created_at),
    };
    let may_apply = actor.may(domain::identity::Permission::TemplatesManage);
    Ok(TemplateDetail {
        row: row(&template),
        behind: template.keys_behind,
        given: super::answers::answers(&template),
        start: start(&actor).await?,
        versions: templates.versions(&actor, id).await?.into_iter().map(version).collect(),
        manageable: template.manageable,
        may_apply,
        preview: match apply {
            Some(_) if may_apply => Some(preview(&actor, id).await?),
            _ => None,
        },
    })
}

#[cfg(feature = "ssr")]
async fn preview(actor: &service::Actor, id: domain::TemplateId) -> Result<ApplyPreview, Problem> {
    use domain::keys::BulkAnswer;
    let asked = super::actions::application(id, None, None);
    let BulkAnswer::Preview(preview) = crate::server::handle::<service::keys::Keys>()?.bulk(actor, asked).await? else {
        return Err(service::Error::internal("a dry run began a job").into());
    };
    let skipped = |of: domain::keys::SkippedView| (of.count, of.message, of.samples.join(", "));
    Ok(ApplyPreview {
        matching: preview.matching,
        would_change: preview.would_change,
        skipped: preview.skipped.into_iter().map(skipped).collect(),
    })
}

#[cfg(feature = "ssr")]
async fn start(actor: &service::Actor) -> Result<TemplateStart, Problem> {
    use domain::identity::Permission;
    let mut start = TemplateStart { teams: Vec::new(), platform: actor.may(Permission::PlatformTemplates) };
    if service::keys::MANAGING.iter().any(|permission| actor.may(*permission)) {
        let teams = crate::server::handle::<service::keys::Keys>()?.holders(actor).await?.teams;
        start.teams = teams.into_iter().map(|(id, name)| (id.to_string(), name.to_string())).collect();
    }
    Ok(start)
}

#[cfg(feature = "ssr")]
fn row(template: &domain::templates::TemplateView) -> TemplateRow {
    TemplateRow {
        id: template.id.to_string(),
        name: template.name.to_string(),
        summary: match template.description.is_empty() {
            true => summary(&template.recipe),
            false => template.description.to_string(),
        },
        environment: template.recipe.environment.to_string(),
        platform: template.platform,
        default: template.default,
        retired: template.retired_at.is_some(),
        version: template.version,
        keys: template.keys,
    }
}

/// What keys get by a recipe: `Test · staging · 2 models · 60 requests per minute · ends after 90 days`.
#[cfg(feature = "ssr")]
pub(crate) fn summary(recipe: &domain::templates::Recipe) -> String {
    let mut words = vec![match recipe.environment {
        domain::keys::Environment::Test => "Test".to_owned(),
        domain::keys::Environment::Live => "Live".to_owned(),
    }];
    words.extend(recipe.stage.as_ref().map(ToString::to_string));
    let some = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    words.extend(some(recipe.rules.models().len(), "model", "models"));
    words.extend(some(recipe.rules.endpoints().len(), "endpoint", "endpoints"));
    words.extend(some(recipe.rules.ips().len(), "address", "addresses"));
    words.extend(recipe.limits.iter().map(limit_words));
    words.extend(recipe.budget.as_ref().map(budget_words));
    words.extend(recipe.expires_in_days.map(|days| format!("ends after {days} days")));
    words.extend(some(recipe.locked.len(), "field locked", "fields locked"));
    words.join(" · ")
}

/// A limit in words: `60 requests per minute of embeddings`.
#[cfg(feature = "ssr")]
pub(crate) fn limit_words(limit: &domain::keys::KeyLimit) -> String {
    use domain::limits::LimitKind;
    let kind = match limit.kind {
        LimitKind::Requests => "requests per minute",
        LimitKind::Tokens => "tokens per minute",
        LimitKind::Parallel => "parallel requests",
    };
    let of = limit.endpoint.map(|endpoint| format!(" of {endpoint}")).unwrap_or_default();
    format!("{} {kind}{of}", limit.amount)
}

/// A budget in words: `50 a month`.
#[cfg(feature = "ssr")]
pub(crate) fn budget_words(budget: &domain::keys::KeyBudget) -> String {
    match budget.period {
        domain::budgets::Period::Total => format!("{} in all", budget.amount),
        period => format!("{} a {period}", budget.amount),
    }
}
