use serde::{Deserialize, Serialize};

use super::{Email, Permission, PersonName, Role};
use crate::{OrganizationId, UserId, organizations::OrganizationName};

/// Who looks at the portal, and what they may do there. Every signed-in page knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The person.
    pub user_id: UserId,
    /// How they are called.
    pub name: PersonName,
    /// Where mail reaches them.
    pub email: Email,
    /// The organization they look at.
    pub organization_id: OrganizationId,
    /// How that is called.
    pub organization: OrganizationName,
    /// Where its days begin: an IANA time zone.
    pub time_zone: String,
    /// As what they look at it.
    pub role: Role,
    /// Whether they are platform staff.
    pub super_admin: bool,
    /// Where applications call the gateway: what clients name `base_url`.
    pub gateway_url: String,
    /// All they may do.
    pub permissions: Vec<Permission>,
}

impl Viewer {
    /// Whether they may do this.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}
