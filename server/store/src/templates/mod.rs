//! Templates for keys.

use domain::{
    OrganizationId, TemplateId, Timestamp,
    keys::KeyDescription,
    templates::{Allowed, Recipe, TemplateName},
};
use sqlx::QueryBuilder;

use crate::{Result, db::Conn, dialect::ForUpdate};

/// A template with the recipe of its present version.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Template {
    /// Its identity.
    pub id: TemplateId,
    /// Whose it is; the platform's when absent.
    pub organization_id: Option<OrganizationId>,
    /// How it is called.
    pub name: TemplateName,
    /// When to use it.
    pub description: KeyDescription,
    /// Who may use it.
    pub allowed: Allowed,
    /// Its present version.
    pub version: i64,
    /// What keys are made by, in that version.
    pub recipe: Recipe,
    /// Since when no keys are made from it.
    pub retired_at: Option<Timestamp>,
    /// Since when there is it.
    pub created_at: Timestamp,
}

/// A version of a template. It never changes.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct TemplateVersion {
    /// The template.
    pub template_id: TemplateId,
    /// Its number, from 1.
    pub version: i64,
    /// What keys are made by.
    pub recipe: Recipe,
    /// Since when.
    pub created_at: Timestamp,
    /// Who made it: an audit actor.
    pub created_by: String,
}

/// How many keys were made from a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct TemplateKeys {
    /// The template.
    pub template_id: TemplateId,
    /// In any version.
    pub keys: i64,
    /// In an earlier one than the present.
    pub behind: i64,
}

/// Those that an organization sees: its own, and the platform's.
macro_rules! seen {
    () => {
        "SELECT t.id, t.organization_id, t.name, t.description, t.allowed, t.version, v.recipe, t.retired_at, t.created_at
        FROM key_templates t JOIN key_template_versions v ON v.template_id = t.id AND v.version = t.version
        WHERE (t.organization_id IS NULL OR t.organization_id = $1)"
    };
}

/// The repository.
#[derive(Debug)]
pub struct Templates<'c>(pub(crate) Conn<'c>);

impl Templates<'_> {
    /// Adds a template with its first version.
    pub async fn insert(&mut self, new: &Template, created_by: &str) -> Result<()> {
        const SQL: &str =
            "INSERT INTO key_templates (id, organization_id, name, description, allowed, version, retired_at,
            created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let t = new;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(t.id).bind(t.organization_id).bind(&t.name).bind(&t.description);
            let insert = insert.bind(&t.allowed).bind(t.version).bind(t.retired_at).bind(t.created_at);
            insert.execute(c).await?;
        });
        self.add_version(&TemplateVersion {
            template_id: t.id,
            version: t.version,
            recipe: t.recipe.clone(),
            created_at: t.created_at,
            created_by: created_by.to_owned(),
        })
        .await
    }

    /// Adds a version; [`Templates::update`] makes it the present one.
    pub async fn add_version(&mut self, new: &TemplateVersion) -> Result<()> {
        const SQL: &str = "INSERT INTO key_template_versions (template_id, version, recipe, created_at, created_by)
            VALUES ($1, $2, $3, $4, $5)";
        let v = new;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(v.template_id).bind(v.version).bind(&v.recipe).bind(v.created_at);
            insert.bind(&v.created_by).execute(c).await?;
            Ok(())
        })
    }

    /// Writes all of a template but its recipe, which is its version's.
    pub async fn update(&mut self, template: &Template) -> Result<()> {
        const SQL: &str = "UPDATE key_templates SET name = $2, description = $3, allowed = $4, version = $5,
            retired_at = $6 WHERE id = $1";
        let t = template;
        run!(self.0, |c| {
            let update = sqlx::query(SQL).bind(t.id).bind(&t.name).bind(&t.description).bind(&t.allowed);
            update.bind(t.version).bind(t.retired_at).execute(c).await?;
            Ok(())
        })
    }

    /// The templates that an organization sees, the platform's first, in the order in which they were made.
    pub async fn list(&mut self, organization: OrganizationId) -> Result<Vec<Template>> {
        const SQL: &str = concat!(seen!(), " ORDER BY CASE WHEN t.organization_id IS NULL THEN 0 ELSE 1 END, t.id");
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).fetch_all(c).await?))
    }

    /// One of them.
    pub async fn get(&mut self, organization: OrganizationId, id: TemplateId) -> Result<Option<Template>> {
        const SQL: &str = concat!(seen!(), " AND t.id = $2");
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).bind(id).fetch_optional(c).await?))
    }

    /// As [`Templates::get`], for a transaction that is going to change the template.
    pub async fn get_for_update(&mut self, organization: OrganizationId, id: TemplateId) -> Result<Option<Template>> {
        // The lock is taken before the row is read that belongs to it.
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT version FROM key_templates WHERE id = ");
            q.push_bind(id).push(DB::FOR_UPDATE);
            let _: Option<i64> = q.build_query_scalar().fetch_optional(c).await?;
        });
        self.get(organization, id).await
    }

    /// The versions of a template that the organization sees, the newest first.
    pub async fn versions(&mut self, organization: OrganizationId, id: TemplateId) -> Result<Vec<TemplateVersion>> {
        const SQL: &str = "SELECT v.template_id, v.version, v.recipe, v.created_at, v.created_by
            FROM key_template_versions v JOIN key_templates t ON t.id = v.template_id
            WHERE (t.organization_id IS NULL OR t.organization_id = $1) AND t.id = $2 ORDER BY v.version DESC";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).bind(id).fetch_all(c).await?))
    }

    /// One of them.
    pub async fn version(
        &mut self,
        organization: OrganizationId,
        id: TemplateId,
        version: i64,
    ) -> Result<Option<TemplateVersion>> {
        const SQL: &str = "SELECT v.template_id, v.version, v.recipe, v.created_at, v.created_by
            FROM key_template_versions v JOIN key_templates t ON t.id = v.template_id
            WHERE (t.organization_id IS NULL OR t.organization_id = $1) AND t.id = $2 AND v.version = $3";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).bind(id).bind(version).fetch_optional(c).await?))
    }

    /// How many of the organization's keys were made from each template.
    pub async fn keys(&mut self, organization: OrganizationId) -> Result<Vec<TemplateKeys>> {
        const SQL: &str = "SELECT k.template_id, count(*) AS keys,
            CAST(sum(CASE WHEN k.template_version < t.version THEN 1 ELSE 0 END) AS BIGINT) AS behind
            FROM api_keys k JOIN key_templates t ON t.id = k.template_id
            WHERE k.organization_id = $1 AND k.template_id IS NOT NULL GROUP BY k.template_id";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).fetch_all(c).await?))
    }

    /// With which template the organization's form for keys begins.
    pub async fn default_of(&mut self, organization: OrganizationId) -> Result<Option<TemplateId>> {
        const SQL: &str = "SELECT template_id FROM default_key_templates WHERE organization_id = $1";
        run!(self.0, |c| Ok(sqlx::query_scalar(SQL).bind(organization).fetch_optional(c).await?))
    }

    /// Has the organization's form for keys begin with a template, or with none.
    pub async fn begin_with(&mut self, organization: OrganizationId, template: Option<TemplateId>) -> Result<()> {
        const NONE: &str = "DELETE FROM default_key_templates WHERE organization_id = $1";
        const THIS: &str = "INSERT INTO default_key_templates (organization_id, template_id) VALUES ($1, $2)
            ON CONFLICT (organization_id) DO UPDATE SET template_id = excluded.template_id";
        run!(self.0, |c| {
            match template {
                Some(template) => sqlx::query(THIS).bind(organization).bind(template).execute(c).await?,
                None => sqlx::query(NONE).bind(organization).execute(c).await?,
            };
            Ok(())
        })
    }
}
