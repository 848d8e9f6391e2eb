use std::{fmt, str::FromStr};

use crate::Invalid;

/// Declares the permissions once: variant, spelling, and the sentence people read.
macro_rules! permissions {
    ($($variant:ident $name:literal $sentence:literal;)*) => {
        /// Something that can be done. Roles are sets of these, and so are a token's scopes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum Permission {
            $(#[doc = $sentence] #[serde(rename = $name)] $variant,)*
        }

        impl Permission {
            /// Every permission, in the order in which people are shown them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The spelling in scopes and documents.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it lets someone do.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }
        }
    };
}

permissions! {
    UsageRead "usage:read" "See dashboards, calls, tokens and cost";
    KeysRead "keys:read" "See keys";
    KeysOwn "keys:own" "Create keys and manage one's own";
    KeysTeam "keys:team" "Manage the keys of one's own teams";
    KeysManage "keys:manage" "Manage every key of the organization";
    BudgetsRead "budgets:read" "See budgets and what is left of them";
    BudgetsManage "budgets:manage" "Set, change and delete budgets";
    LimitsRead "limits:read" "See rate limits and what is left of them";
    LimitsManage "limits:manage" "Set, change and delete rate limits";
    CatalogRead "catalog:read" "See which models can be called, and their prices";
    TemplatesManage "templates:manage" "Make, change and retire templates for keys, and apply them to keys";
    TokensManage "tokens:manage" "Make and revoke one's own management tokens";
    JobsRead "jobs:read" "See background work";
    AuditRead "audit:read" "Read the audit log";
    ConnectionsManage "platform:connections" "Connect providers and change their credentials";
    PricesManage "platform:prices" "Set the prices of models";
    PlatformTemplates "platform:templates" "Make and change templates for every organization";
}

impl Permission {
    /// Whether only platform staff can have it.
    pub const fn is_platform(self) -> bool {
        matches!(self, Self::ConnectionsManage | Self::PricesManage | Self::PlatformTemplates)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|p| p.as_str() == text).ok_or_else(|| {
            Invalid::new("scopes", format!("There is no scope {text:?}. The scopes are listed in the documentation."))
        })
    }
}
