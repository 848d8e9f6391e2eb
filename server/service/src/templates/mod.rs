//! Templates: recipes for keys, which an organization or the platform decides on.

mod view;

pub(crate) use self::view::number;

use domain::{
    ErrorCode, Invalid, TemplateId,
    identity::Permission,
    templates::{Allowed, NewTemplate, TemplateChanges, TemplateVersionView, TemplateView},
};
use store::{
    Tx,
    templates::{Template, TemplateVersion},
};

use crate::{
    Actor, Core, Error, Result,
    audit::{Deed, created},
};

/// The permissions with one of which somebody sees templates: those that they may use.
pub const SEEING: &[Permission] =
    &[Permission::KeysOwn, Permission::KeysTeam, Permission::KeysManage, Permission::TemplatesManage];

/// How many templates an organization may have, beside the platform's.
const MOST: usize = 200;

/// Templates.
#[derive(Debug, Clone)]
pub struct Templates {
    core: Core,
}

impl Templates {
    /// The handle.
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// The templates that the actor may use, the platform's first; all of them for those who manage templates.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<TemplateView>> {
        actor.require_any(SEEING)?;
        let mut templates = self.core.db.read().await?.templates().list(actor.organization).await?;
        templates.retain(|template| sees(actor, template));
        self.views(actor, templates).await
    }

    /// One of them.
    pub async fn get(&self, actor: &Actor, id: TemplateId) -> Result<TemplateView> {
        actor.require_any(SEEING)?;
        let template = self.core.db.read().await?.templates().get(actor.organization, id).await?;
        let template = template.filter(|template| sees(actor, template)).ok_or_else(nothing)?;
        self.view_one(actor, template).await
    }

    /// The versions of one of them, the newest first.
    pub async fn versions(&self, actor: &Actor, id: TemplateId) -> Result<Vec<TemplateVersionView>> {
        actor.require_any(SEEING)?;
        let mut reader = self.core.db.read().await?;
        let template = reader.templates().get(actor.organization, id).await?;
        template.filter(|template| sees(actor, template)).ok_or_else(nothing)?;
        let versions = reader.templates().versions(actor.organization, id).await?;
        view::versions(&mut reader, actor, versions).await
    }

    /// Makes a template.
    ///
    /// # Errors
    /// When no key could be made by the recipe, a team that may use it is none of the organization's, or there
    /// are too many.
    pub async fn create(&self, actor: &Actor, new: NewTemplate) -> Result<TemplateView> {
        actor.require(manages(new.platform))?;
        new.recipe.check()?;
        let now = self.core.now();
        let mut tx = self.core.db.begin().await?;
        check_allowed(&mut tx, actor, new.platform, &new.allowed).await?;
        let owner = (!new.platform).then_some(actor.organization);
        let there = tx.templates().list(actor.organization).await?;
        if there.iter().filter(|template| template.organization_id == owner).count() >= MOST {
            return Err(Error::new(ErrorCode::Conflict, "There are 200 templates. Change one of them instead."));
        }
        let template = Template {
            id: TemplateId::mint(now, &self.core.entropy),
            organization_id: owner,
            name: new.name,
            description: new.description,
            allowed: new.allowed,
            version: 1,
            recipe: new.recipe,
            retired_at: None,
            created_at: now,
        };
        tx.templates().insert(&template, &actor.audit_name()).await?;
        let after = view::audited(&template);
        self.core.audit(&mut tx, actor, created("template.created", template.id.to_string(), &after)).await?;
        tx.commit().await?;
        self.view_one(actor, template).await
    }

    /// Changes a template. Another recipe is a new version, by which keys are made from now on; those that there
    /// are stay as they are until it is applied to them.
    ///
    /// # Errors
    /// As for a new one; and when there is another version than expected.
    pub async fn update(&self, actor: &Actor, id: TemplateId, changes: TemplateChanges) -> Result<TemplateView> {
        let mut tx = self.core.db.begin().await?;
        let before = manageable(&mut tx, actor, id).await?;
        if let Some(expected) = changes.expected_version.filter(|expected| i64::from(*expected) != before.version) {
            let message = format!("There is version {} by now, not {expected}. Look at it first.", before.version);
            return Err(Error { param: Some("expected_version"), ..Error::new(ErrorCode::Conflict, message) });
        }
        let mut template = before.clone();
        template.name = changes.name.unwrap_or(template.name);
        template.description = changes.description.unwrap_or(template.description);
        if let Some(allowed) = changes.allowed {
            check_allowed(&mut tx, actor, template.organization_id.is_none(), &allowed).await?;
            template.allowed = allowed;
        }
        if let Some(recipe) = changes.recipe.filter(|recipe| *recipe != before.recipe) {
            recipe.check()?;
            template.version += 1;
            template.recipe = recipe;
            let version = TemplateVersion {
                template_id: id,
                version: template.version,
                recipe: template.recipe.clone(),
                created_at: self.core.now(),
                created_by: actor.audit_name(),
            };
            tx.templates().add_version(&version).await?;
        }
        self.save(tx, actor, "template.updated", before, template).await
    }

    /// Has no more keys made from a template. The keys that there are stay.
    pub async fn retire(&self, actor: &Actor, id: TemplateId) -> Result<TemplateView> {
        let mut tx = self.core.db.begin().await?;
        let before = manageable(&mut tx, actor, id).await?;
        let retired_at = before.retired_at.or(Some(self.core.now()));
        let template = Template { retired_at, ..before.clone() };
        self.save(tx, actor, "template.retired", before, template).await
    }

    /// Has keys made from a retired template again.
    pub async fn restore(&self, actor: &Actor, id: TemplateId) -> Result<TemplateView> {
        let mut tx = self.core.db.begin().await?;
        let before = manageable(&mut tx, actor, id).await?;
        let template = Template { retired_at: None, ..before.clone() };
        self.save(tx, actor, "template.restored", before, template).await
    }

    /// Has the organization's form for keys begin with a template, one of the platform's too.
    ///
    /// # Errors
    /// When it is retired.
    pub async fn set_default(&self, actor: &Actor, id: TemplateId) -> Result<TemplateView> {
        actor.require(Permission::TemplatesManage)?;
        let mut tx = self.core.db.begin().await?;
        let template = tx.templates().get_for_update(actor.organization, id).await?.ok_or_else(nothing)?;
        if template.retired_at.is_some() {
            return Err(Error::new(ErrorCode::Conflict, "The template is retired. Restore it first."));
        }
        let before = tx.templates().default_of(actor.organization).await?;
        if before != Some(id) {
            tx.templates().begin_with(actor.organization, Some(id)).await?;
            let deed = Deed {
                action: "template.made_default",
                target: id.to_string(),
                before: before.as_ref().map(|id| id as &dyn crate::audit::erased::Json),
                after: Some(&id),
            };
            self.core.audit(&mut tx, actor, deed).await?;
        }
        tx.commit().await?;
        self.view_one(actor, template).await
    }

    /// Writes what has changed of a template, if anything has.
    async fn save(
        &self,
        mut tx: Tx,
        actor: &Actor,
        action: &'static str,
        before: Template,
        template: Template,
    ) -> Result<TemplateView> {
        if template != before {
            tx.templates().update(&template).await?;
            let (was, is) = (view::audited(&before), view::audited(&template));
            let deed = Deed { action, target: template.id.to_string(), before: Some(&was), after: Some(&is) };
            self.core.audit(&mut tx, actor, deed).await?;
        }
        tx.commit().await?;
        self.view_one(actor, template).await
    }
}

/// Whether the actor may make keys from a template of their organization or the platform.
fn may_use(actor: &Actor, template: &Template) -> bool {
    let allowed = template.allowed.holds(actor.role, &actor.teams) || actor.may(Permission::TemplatesManage);
    allowed && template.retired_at.is_none()
}

fn sees(actor: &Actor, template: &Template) -> bool {
    may_use(actor, template) || may_manage(actor, template) || actor.may(Permission::TemplatesManage)
}

fn may_manage(actor: &Actor, template: &Template) -> bool {
    actor.may(manages(template.organization_id.is_none()))
}

const fn manages(platform: bool) -> Permission {
    if platform { Permission::PlatformTemplates } else { Permission::TemplatesManage }
}

/// The template, if the actor may change it.
async fn manageable(tx: &mut Tx, actor: &Actor, id: TemplateId) -> Result<Template> {
    actor.require_any(SEEING)?;
    let template = tx.templates().get_for_update(actor.organization, id).await?;
    let template = template.filter(|template| sees(actor, template)).ok_or_else(nothing)?;
    actor.require(manages(template.organization_id.is_none()))?;
    Ok(template)
}

/// The template, if the actor may make keys from it.
///
/// # Errors
/// Says the same of one that there is not, that is retired and that is for others.
pub(crate) async fn usable(tx: &mut Tx, actor: &Actor, id: TemplateId) -> Result<Template> {
    usable_one(actor, tx.templates().get(actor.organization, id).await?)
}

/// The template that was found, if the actor may make keys from it.
///
/// # Errors
/// As [`usable`].
pub(crate) fn usable_one(actor: &Actor, template: Option<Template>) -> Result<Template> {
    template.filter(|template| may_use(actor, template)).ok_or_else(|| {
        let message = "There is no such template that you may use. Give one of those that are listed for you.";
        Invalid::new("template_id", message).into()
    })
}

/// Refuses teams that the organization does not have, and any for a template of every organization.
async fn check_allowed(tx: &mut Tx, actor: &Actor, platform: bool, allowed: &Allowed) -> Result<()> {
    if allowed.teams.is_empty() {
        return Ok(());
    }
    if platform {
        let message = "A template of the platform is for roles: a team belongs to one organization.";
        return Err(Invalid::new("allowed", message).into());
    }
    let teams = tx.organizations().teams(actor.organization).await?;
    match allowed.teams.iter().all(|id| teams.iter().any(|team| team.id == *id)) {
        true => Ok(()),
        false => Err(Invalid::new("allowed", "Your organization has no such team. Give ids of those it has.").into()),
    }
}

fn nothing() -> Error {
    Error::not_found("template")
}
