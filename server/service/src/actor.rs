use domain::{
    ErrorCode, OrganizationId, RequestId, SessionId, TeamId, TokenId, UserId,
    identity::{Permission, Role},
};

use crate::{Error, Result};

/// What is known of the request that a use case serves.
#[derive(Debug, Clone)]
pub struct RequestMeta {
    /// The request.
    pub request_id: RequestId,
    /// From which address, as far as proxies are trusted.
    pub ip: Option<String>,
    /// With which program.
    pub user_agent: Option<String>,
}

/// Through what somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// A signed-in browser.
    Session(SessionId),
    /// A management token.
    Token(TokenId),
    /// Nobody who waits: a job works in the name of a person who asked for it.
    Absent,
    /// A command on the machine itself.
    Console,
}

/// Who acts, for which organization, and what they may do there. Made by authentication only.
#[derive(Debug, Clone)]
pub struct Actor {
    pub(crate) principal: Principal,
    pub(crate) user: UserId,
    pub(crate) organization: OrganizationId,
    pub(crate) role: Role,
    pub(crate) super_admin: bool,
    /// A token's scopes; none where nothing narrows the role.
    pub(crate) scopes: Option<Vec<Permission>>,
    pub(crate) teams: Vec<TeamId>,
    pub(crate) meta: RequestMeta,
}

impl Actor {
    /// The person behind.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The organization they act for.
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// Through what they act.
    pub fn principal(&self) -> Principal {
        self.principal
    }

    /// Who they are, as the audit log and the owner of an idempotency key are spelled.
    pub fn audit_name(&self) -> String {
        match self.principal {
            Principal::Session(_) | Principal::Absent => format!("user:{}", self.user),
            Principal::Token(id) => format!("token:{id}"),
            Principal::Console => "system:console".to_owned(),
        }
    }

    /// Whether they may do this somewhere.
    pub fn may(&self, permission: Permission) -> bool {
        let by_role = self.super_admin || self.role.grants(permission);
        by_role && self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&permission))
    }

    /// All they may do.
    pub fn permissions(&self) -> Vec<Permission> {
        Permission::ALL.iter().copied().filter(|p| self.may(*p)).collect()
    }

    /// Refuses unless they may do this.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) { Ok(()) } else { Err(forbidden(permission)) }
    }

    /// Refuses unless they may do one of these.
    pub fn require_any(&self, permissions: &[Permission]) -> Result<()> {
        match permissions.iter().any(|p| self.may(*p)) {
            true => Ok(()),
            false => Err(forbidden(permissions[0])),
        }
    }
}

fn forbidden(permission: Permission) -> Error {
    let who = if permission.is_platform() { "Platform staff" } else { "An owner or admin of the organization" };
    Error::new(ErrorCode::Forbidden, format!("You need the permission {permission} for this. {who} can grant it."))
}
