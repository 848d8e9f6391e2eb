//! Organizations and their teams.

use domain::{
    OrganizationId, TeamId, Timestamp, UserId,
    organizations::{OrganizationName, TimeZone},
    teams::TeamName,
    text::folded,
};

use crate::{Result, db::Conn};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Organization {
    /// Its identity.
    pub id: OrganizationId,
    /// How it is called.
    pub name: OrganizationName,
    /// Where its days begin.
    pub time_zone: TimeZone,
    /// Since when.
    pub created_at: Timestamp,
}

/// A group of members.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Team {
    /// Its identity.
    pub id: TeamId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// The team above it; that one has none above.
    pub parent_id: Option<TeamId>,
    /// How it is called.
    pub name: TeamName,
    /// Since when.
    pub created_at: Timestamp,
}

/// The repository.
#[derive(Debug)]
pub struct Organizations<'c>(pub(crate) Conn<'c>);

impl Organizations<'_> {
    /// How many there are.
    pub async fn count(&mut self) -> Result<i64> {
        run!(self.0, |c| Ok(sqlx::query_scalar("SELECT count(*) FROM organizations").fetch_one(c).await?))
    }

    /// The organization, if there is one.
    pub async fn get(&mut self, id: OrganizationId) -> Result<Option<Organization>> {
        const SQL: &str = "SELECT id, name, time_zone, created_at FROM organizations WHERE id = $1";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(id).fetch_optional(c).await?))
    }

    /// Adds an organization with an empty audit log.
    pub async fn insert(&mut self, organization: &Organization) -> Result<()> {
        const SQL: &str = "INSERT INTO organizations (id, name, time_zone, created_at) VALUES ($1, $2, $3, $4)";
        const HEAD: &str = "INSERT INTO audit_heads (organization_id, position, link) VALUES ($1, 0, $2)";
        let o = organization;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(o.id).bind(&o.name).bind(&o.time_zone).bind(o.created_at);
            insert.execute(&mut *c).await?;
            sqlx::query(HEAD).bind(o.id).bind(domain::audit::GENESIS.to_vec()).execute(c).await?;
            Ok(())
        })
    }

    /// Adds a team.
    pub async fn insert_team(&mut self, team: &Team) -> Result<()> {
        const SQL: &str =
            "INSERT INTO teams (id, organization_id, parent_id, name, created_at) VALUES ($1, $2, $3, $4, $5)";
        let t = team;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(t.id).bind(t.organization_id).bind(t.parent_id).bind(&t.name);
            insert.bind(t.created_at).execute(c).await?;
            Ok(())
        })
    }

    /// Puts a user into a team; nothing happens when the user is in it.
    pub async fn add_team_member(&mut self, team: TeamId, user: UserId) -> Result<()> {
        const SQL: &str = "INSERT INTO team_members (team_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        run!(self.0, |c| {
            sqlx::query(SQL).bind(team).bind(user).execute(c).await?;
            Ok(())
        })
    }

    /// The organization's teams by name.
    pub async fn teams(&mut self, organization: OrganizationId) -> Result<Vec<Team>> {
        const SQL: &str = "SELECT id, organization_id, parent_id, name, created_at FROM teams
            WHERE organization_id = $1";
        let mut teams: Vec<Team> = run!(self.0, |c| sqlx::query_as(SQL).bind(organization).fetch_all(c).await?);
        teams.sort_by_cached_key(|t| (folded(t.name.as_str()), t.id));
        Ok(teams)
    }

    /// The teams of the organization that the user is a member of.
    pub async fn teams_of(&mut self, organization: OrganizationId, user: UserId) -> Result<Vec<TeamId>> {
        const SQL: &str = "SELECT t.id FROM teams t JOIN team_members m ON m.team_id = t.id
            WHERE t.organization_id = $1 AND m.user_id = $2";
        run!(self.0, |c| Ok(sqlx::query_scalar(SQL).bind(organization).bind(user).fetch_all(c).await?))
    }
}
