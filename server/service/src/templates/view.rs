use std::collections::HashMap;

use domain::{
    UserId,
    keys::KeyDescription,
    templates::{Allowed, Recipe, TemplateName, TemplateVersionView, TemplateView},
};
use store::{
    Reader,
    templates::{Template, TemplateVersion},
};

use super::{Templates, may_manage, nothing};
use crate::{Actor, Result};

/// What the audit log keeps of a template.
#[derive(serde::Serialize)]
pub(super) struct Audited<'a> {
    name: &'a TemplateName,
    description: &'a KeyDescription,
    allowed: &'a Allowed,
    version: i64,
    recipe: &'a Recipe,
    retired_at: Option<domain::Timestamp>,
}

pub(super) fn audited(template: &Template) -> Audited<'_> {
    Audited {
        name: &template.name,
        description: &template.description,
        allowed: &template.allowed,
        version: template.version,
        recipe: &template.recipe,
        retired_at: template.retired_at,
    }
}

impl Templates {
    pub(super) async fn view_one(&self, actor: &Actor, template: Template) -> Result<TemplateView> {
        self.views(actor, vec![template]).await?.pop().ok_or_else(nothing)
    }

    /// Adds how many keys were made from each, and which is the default.
    pub(super) async fn views(&self, actor: &Actor, templates: Vec<Template>) -> Result<Vec<TemplateView>> {
        let mut reader = self.core.db.read().await?;
        let default = reader.templates().default_of(actor.organization).await?;
        let counts = reader.templates().keys(actor.organization).await?;
        let counts: HashMap<_, _> = counts.into_iter().map(|c| (c.template_id, (c.keys, c.behind))).collect();
        let view = |template: Template| {
            let (keys, behind) = counts.get(&template.id).copied().unwrap_or_default();
            TemplateView {
                manageable: may_manage(actor, &template),
                id: template.id,
                platform: template.organization_id.is_none(),
                version: number(template.version),
                default: default == Some(template.id) && template.retired_at.is_none(),
                name: template.name,
                description: template.description,
                recipe: template.recipe,
                allowed: template.allowed,
                retired_at: template.retired_at,
                keys: keys.unsigned_abs(),
                keys_behind: behind.unsigned_abs(),
                created_at: template.created_at,
            }
        };
        Ok(templates.into_iter().map(view).collect())
    }
}

/// Versions with the names of who made them. The platform's staff may be nobody of the organization.
pub(super) async fn versions(
    reader: &mut Reader,
    actor: &Actor,
    versions: Vec<TemplateVersion>,
) -> Result<Vec<TemplateVersionView>> {
    let user = |version: &TemplateVersion| version.created_by.strip_prefix("user:").and_then(|id| id.parse().ok());
    let ids: Vec<UserId> = versions.iter().filter_map(user).collect();
    let members = reader.identity().members(actor.organization, &ids).await?;
    let names: HashMap<UserId, _> = reader.identity().user_names(&members).await?.into_iter().collect();
    let view = |version: TemplateVersion| TemplateVersionView {
        version: number(version.version),
        created_by: match user(&version).and_then(|id| names.get(&id)) {
            Some(name) => name.to_string(),
            None if version.created_by.starts_with("token:") => "A token".to_owned(),
            None => "Turnpike".to_owned(),
        },
        recipe: version.recipe,
        created_at: version.created_at,
    };
    Ok(versions.into_iter().map(view).collect())
}

/// A version's number. There are never so many that one is cut.
pub(crate) fn number(version: i64) -> u32 {
    u32::try_from(version).unwrap_or(u32::MAX)
}
