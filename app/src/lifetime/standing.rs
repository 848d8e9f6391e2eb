use serde::{Deserialize, Serialize};

use crate::{
    prelude::*,
    ui::{Badge, Tone},
};

/// Whether a key or token works, as people are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It works.
    Active,
    /// It works, but ends soon: when, in words.
    Expiring(String),
    /// Its end has passed.
    Expired,
    /// It is switched off for now.
    Disabled,
    /// It was ended for good.
    Revoked,
}

impl Standing {
    /// The standing of what is in force until `end`, if it has one.
    #[cfg(feature = "ssr")]
    pub(crate) fn until(end: Option<domain::Timestamp>, calendar: &crate::server::Calendar) -> Self {
        const SOON: std::time::Duration = std::time::Duration::from_secs(14 * 86_400);
        let now = calendar.now();
        match end {
            Some(end) if end <= now => Self::Expired,
            Some(end) if end.since(now) <= SOON => Self::Expiring(calendar.moment(end).relative),
            _ => Self::Active,
        }
    }

    /// The standing in words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Active => "Active".to_owned(),
            Self::Expiring(when) => format!("Expires {when}"),
            Self::Expired => "Expired".to_owned(),
            Self::Disabled => "Disabled".to_owned(),
            Self::Revoked => "Revoked".to_owned(),
        }
    }

    const fn tone(&self) -> Tone {
        match self {
            Self::Active => Tone::Ok,
            Self::Expiring(_) => Tone::Warn,
            Self::Expired | Self::Revoked => Tone::Danger,
            Self::Disabled => Tone::Neutral,
        }
    }
}

/// The badge that says it.
#[component]
pub(crate) fn StandingBadge(standing: Standing) -> impl IntoView {
    view! { <Badge tone=standing.tone()>{standing.words()}</Badge> }
}
