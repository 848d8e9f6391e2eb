//! Saved views.

use domain::{
    OrganizationId, Timestamp, UserId, ViewId,
    views::{List, Parameters, ViewName},
};

use crate::{Result, db::Conn};

/// A view as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct View {
    /// Its identity.
    pub id: ViewId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Who saved it.
    pub user_id: UserId,
    /// Of which list.
    pub list: List,
    /// How it is called.
    pub name: ViewName,
    /// The list's query parameters.
    pub query: Parameters,
    /// Whether all of the organization see it.
    pub shared: bool,
    /// Where it stands among the others: the lower the earlier.
    pub position: i64,
    /// Since when.
    pub created_at: Timestamp,
}

/// The repository.
#[derive(Debug)]
pub struct Views<'c>(pub(crate) Conn<'c>);

impl Views<'_> {
    /// Adds a view.
    pub async fn insert(&mut self, view: &View) -> Result<()> {
        const SQL: &str = "INSERT INTO saved_views (id, organization_id, user_id, list, name, query, shared, position,
            created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let v = view;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(v.id).bind(v.organization_id).bind(v.user_id).bind(v.list);
            let insert = insert.bind(&v.name).bind(&v.query).bind(v.shared).bind(v.position).bind(v.created_at);
            insert.execute(c).await?;
            Ok(())
        })
    }

    /// The views of a list that somebody sees: their own, and those that are shared; in their order.
    pub async fn seen_by(&mut self, organization: OrganizationId, user: UserId, list: List) -> Result<Vec<View>> {
        const SQL: &str = "SELECT id, organization_id, user_id, list, name, query, shared, position, created_at
            FROM saved_views WHERE organization_id = $1 AND list = $3 AND (user_id = $2 OR shared) ORDER BY position, id";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).bind(user).bind(list).fetch_all(c).await?))
    }

    /// One of them.
    pub async fn get(&mut self, organization: OrganizationId, user: UserId, id: ViewId) -> Result<Option<View>> {
        const SQL: &str = "SELECT id, organization_id, user_id, list, name, query, shared, position, created_at
            FROM saved_views WHERE organization_id = $1 AND (user_id = $2 OR shared) AND id = $3";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).bind(user).bind(id).fetch_optional(c).await?))
    }

    /// Writes name, parameters, sharing and position.
    pub async fn update(&mut self, view: &View) -> Result<()> {
        const SQL: &str = "UPDATE saved_views SET name = $3, query = $4, shared = $5, position = $6
            WHERE organization_id = $1 AND id = $2";
        let v = view;
        run!(self.0, |c| {
            let update = sqlx::query(SQL).bind(v.organization_id).bind(v.id).bind(&v.name).bind(&v.query);
            update.bind(v.shared).bind(v.position).execute(c).await?;
            Ok(())
        })
    }

    /// Removes a view, also where a list opened with it.
    pub async fn delete(&mut self, organization: OrganizationId, id: ViewId) -> Result<()> {
        const VIEW: &str = "DELETE FROM saved_views WHERE organization_id = $1 AND id = $2";
        const DEFAULTS: &str = "DELETE FROM default_views WHERE organization_id = $1 AND view_id = $2";
        run!(self.0, |c| {
            sqlx::query(VIEW).bind(organization).bind(id).execute(&mut *c).await?;
            sqlx::query(DEFAULTS).bind(organization).bind(id).execute(c).await?;
            Ok(())
        })
    }

    /// With which view a list opens for somebody.
    pub async fn default_of(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        list: List,
    ) -> Result<Option<ViewId>> {
        const SQL: &str = "SELECT view_id FROM default_views WHERE organization_id = $1 AND user_id = $2 AND list = $3";
        run!(self.0, |c| Ok(sqlx::query_scalar(SQL).bind(organization).bind(user).bind(list).fetch_optional(c).await?))
    }

    /// Has a list open with a view for somebody, or with none.
    pub async fn open_with(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        list: List,
        view: Option<ViewId>,
    ) -> Result<()> {
        const NONE: &str = "DELETE FROM default_views WHERE organization_id = $1 AND user_id = $2 AND list = $3";
        const THIS: &str = "INSERT INTO default_views (organization_id, user_id, list, view_id) VALUES ($1, $2, $3, $4)
            ON CONFLICT (organization_id, user_id, list) DO UPDATE SET view_id = excluded.view_id";
        run!(self.0, |c| {
            let question =
                sqlx::query(if view.is_some() { THIS } else { NONE }).bind(organization).bind(user).bind(list);
            match view {
                Some(view) => question.bind(view).execute(c).await?,
                None => question.execute(c).await?,
            };
            Ok(())
        })
    }
}
