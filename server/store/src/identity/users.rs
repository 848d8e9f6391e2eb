use domain::{
    MembershipId, OrganizationId, Timestamp, UserId,
    identity::{Email, PersonName, Role},
};

use sqlx::QueryBuilder;

use super::Identity;
use crate::Result;

/// How many addresses one statement looks for.
const CHUNK: usize = 500;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct User {
    /// Their identity.
    pub id: UserId,
    /// Where mail reaches them; they sign in with it.
    pub email: Email,
    /// How they are called.
    pub name: PersonName,
    /// Argon2id in PHC form; none for those who sign in elsewhere.
    pub password_hash: Option<String>,
    /// Whether they are platform staff.
    pub super_admin: bool,
    /// Since when.
    pub created_at: Timestamp,
}

/// A person's place in an organization.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Membership {
    /// Its identity.
    pub id: MembershipId,
    /// Where.
    pub organization_id: OrganizationId,
    /// Who.
    pub user_id: UserId,
    /// As what.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
}

impl Identity<'_> {
    /// Adds a person.
    pub async fn insert_user(&mut self, user: &User) -> Result<()> {
        const SQL: &str = "INSERT INTO users (id, email, name, password_hash, super_admin, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)";
        let u = user;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(u.id).bind(&u.email).bind(&u.name).bind(&u.password_hash);
            insert.bind(u.super_admin).bind(u.created_at).execute(c).await?;
            Ok(())
        })
    }

    /// The person with this address.
    pub async fn user_by_email(&mut self, email: &Email) -> Result<Option<User>> {
        const SQL: &str = "SELECT id, email, name, password_hash, super_admin, created_at FROM users WHERE email = $1";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(email).fetch_optional(c).await?))
    }

    /// The person with this identity.
    pub async fn user(&mut self, id: UserId) -> Result<Option<User>> {
        const SQL: &str = "SELECT id, email, name, password_hash, super_admin, created_at FROM users WHERE id = $1";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(id).fetch_optional(c).await?))
    }

    /// How these people are called.
    pub async fn user_names(&mut self, ids: &[UserId]) -> Result<Vec<(UserId, PersonName)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT id, name FROM users WHERE id IN (");
            let mut list = q.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            q.push(")");
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }

    /// The people of an organization and their names.
    pub async fn people(&mut self, organization: OrganizationId) -> Result<Vec<(UserId, PersonName)>> {
        const SQL: &str = "SELECT u.id, u.name FROM memberships m JOIN users u ON u.id = m.user_id
            WHERE m.organization_id = $1 ORDER BY u.id";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).fetch_all(c).await?))
    }

    /// Adds a person to an organization.
    pub async fn insert_membership(&mut self, membership: &Membership) -> Result<()> {
        const SQL: &str = "INSERT INTO memberships (id, organization_id, user_id, role, created_at)
            VALUES ($1, $2, $3, $4, $5)";
        let m = membership;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(m.id).bind(m.organization_id).bind(m.user_id).bind(m.role);
            insert.bind(m.created_at).execute(c).await?;
            Ok(())
        })
    }

    /// A person's memberships, the oldest first.
    pub async fn memberships(&mut self, user: UserId) -> Result<Vec<Membership>> {
        const SQL: &str = "SELECT id, organization_id, user_id, role, created_at FROM memberships
            WHERE user_id = $1 ORDER BY created_at, id";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(user).fetch_all(c).await?))
    }

    /// Those of these people who are members of the organization.
    pub async fn members(&mut self, organization: OrganizationId, users: &[UserId]) -> Result<Vec<UserId>> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT user_id FROM memberships WHERE organization_id = ");
            q.push_bind(organization).push(" AND user_id IN (");
            let mut list = q.separated(", ");
            for user in users {
                list.push_bind(*user);
            }
            q.push(")");
            Ok(q.build_query_scalar().persistent(users.len() == 1).fetch_all(c).await?)
        })
    }

    /// Those of these addresses that are of members of the organization, with whose they are.
    pub async fn members_by_email(
        &mut self,
        organization: OrganizationId,
        emails: &[Email],
    ) -> Result<Vec<(Email, UserId)>> {
        let mut members = Vec::new();
        for chunk in emails.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new(
                    "SELECT u.email, u.id FROM users u JOIN memberships m ON m.user_id = u.id WHERE m.organization_id = ",
                );
                q.push_bind(organization).push(" AND u.email IN (");
                let mut list = q.separated(", ");
                for email in chunk {
                    list.push_bind(email);
                }
                q.push(")");
                members.extend(q.build_query_as::<(Email, UserId)>().persistent(false).fetch_all(c).await?);
            });
        }
        Ok(members)
    }

    /// A person's membership of one organization.
    pub async fn membership(&mut self, organization: OrganizationId, user: UserId) -> Result<Option<Membership>> {
        const SQL: &str = "SELECT id, organization_id, user_id, role, created_at FROM memberships
            WHERE organization_id = $1 AND user_id = $2";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).bind(user).fetch_optional(c).await?))
    }
}
