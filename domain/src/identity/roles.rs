use std::{fmt, str::FromStr};

use super::Permission;
use crate::Invalid;

/// What a member may do in an organization.
///
/// Platform staff (`super_admin`) are not a role here: that is a property of the person, because
/// it reaches beyond any one organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, the plan and the organization's end included.
    Owner,
    /// Everything but plan, payments and ownership.
    Admin,
    /// Own keys and own teams' keys.
    Developer,
    /// Reads figures.
    Analyst,
}

impl Role {
    /// Every role, the mightiest first.
    pub const ALL: &'static [Self] = &[Self::Owner, Self::Admin, Self::Developer, Self::Analyst];

    /// The spelling in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Developer => "developer",
            Self::Analyst => "analyst",
        }
    }

    /// Whether the role carries a permission. Platform permissions belong to no role.
    pub const fn grants(self, permission: Permission) -> bool {
        use Permission as P;
        match permission {
            P::UsageRead | P::KeysRead | P::BudgetsRead | P::LimitsRead | P::CatalogRead => true,
            P::KeysOwn | P::KeysTeam | P::TokensManage | P::JobsRead => !matches!(self, Self::Analyst),
            P::KeysManage | P::BudgetsManage | P::LimitsManage | P::TemplatesManage | P::AuditRead => {
                matches!(self, Self::Owner | Self::Admin)
            }
            P::ConnectionsManage | P::PricesManage | P::PlatformTemplates => false,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = Invalid;

    /// Accepts `engineer` and `viewer` too, as other systems name developers and analysts.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "owner" => Self::Owner,
            "admin" => Self::Admin,
            "developer" | "engineer" => Self::Developer,
            "analyst" | "viewer" => Self::Analyst,
            _ => return Err(Invalid::new("role", "The roles are owner, admin, developer and analyst.")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mightier_role_may_all_that_a_lesser_one_may() {
        for pair in Role::ALL.windows(2) {
            for permission in Permission::ALL {
                assert!(pair[0].grants(*permission) || !pair[1].grants(*permission), "{pair:?} {permission}");
            }
        }
    }

    #[test]
    fn spellings_round_trip() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().unwrap(), *role);
        }
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse::<Permission>().unwrap(), *permission);
        }
    }
}
