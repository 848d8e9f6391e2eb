use axum::extract::FromRef;
use domain::Clock;
use service::{
    budgets::Budgets,
    catalog::{Connections, Models},
    identity::{Sessions, Tokens},
    jobs::Jobs,
    keys::Keys,
    limits::Limits,
    platform::Replays,
    templates::Templates,
    usage::Usage,
    views::Views,
};

use super::Readiness;
use crate::http::Authenticator;

/// What the API's handlers work with. Each takes out the one handle that it needs.
#[derive(Debug, Clone)]
pub struct ApiState {
    /// API keys.
    pub keys: Keys,
    /// Work in the background.
    pub jobs: Jobs,
    /// Budgets.
    pub budgets: Budgets,
    /// Rate limits.
    pub limits: Limits,
    /// Connections to providers.
    pub connections: Connections,
    /// Models and prices.
    pub models: Models,
    /// Templates for keys.
    pub templates: Templates,
    /// Management tokens.
    pub tokens: Tokens,
    /// Signed-in browsers, who may call the API too.
    pub sessions: Sessions,
    /// Usage events and their sums.
    pub usage: Usage,
    /// Saved views.
    pub views: Views,
    /// Answers kept for repeated requests.
    pub replays: Replays,
    /// Whether the process can work.
    pub readiness: Readiness,
    /// The time.
    pub clock: Clock,
}

impl ApiState {
    /// What knows who asks.
    pub fn authenticator(&self) -> Authenticator {
        Authenticator::new(self.sessions.clone(), self.tokens.clone())
    }
}

/// Lets handlers take `State<Keys>` and the like.
macro_rules! taken_out {
    ($($field:ident: $handle:ty;)*) => { $(
        impl FromRef<ApiState> for $handle {
            fn from_ref(state: &ApiState) -> Self {
                state.$field.clone()
            }
        }
    )* };
}

taken_out! {
    keys: Keys;
    jobs: Jobs;
    budgets: Budgets;
    limits: Limits;
    connections: Connections;
    models: Models;
    templates: Templates;
    tokens: Tokens;
    usage: Usage;
    views: Views;
    readiness: Readiness;
}
