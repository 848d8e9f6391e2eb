use service::{
    Core, Result,
    budgets::Budgets,
    catalog::{Connections, Models},
    identity::{Sessions, Setup, Tokens},
    jobs::Jobs,
    keys::Keys,
    limits::Limits,
    platform::Replays,
    templates::Templates,
    usage::Usage,
    views::Views,
};

/// The use cases, one handle a room. Only the composition root holds them together; pages and
/// handlers are given the ones they need.
#[derive(Debug, Clone)]
pub struct Handles {
    /// The first organization.
    pub setup: Setup,
    /// Signing in and out.
    pub sessions: Sessions,
    /// Management tokens.
    pub tokens: Tokens,
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
    /// Usage events and sums.
    pub usage: Usage,
    /// Saved views.
    pub views: Views,
    /// Answers kept for repeated requests.
    pub replays: Replays,
}

impl Handles {
    /// Makes every handle.
    pub fn new(core: Core) -> Result<Self> {
        Ok(Self {
            setup: Setup::new(core.clone())?,
            sessions: Sessions::new(core.clone())?,
            tokens: Tokens::new(core.clone()),
            keys: Keys::new(core.clone()),
            jobs: Jobs::new(core.clone()),
            budgets: Budgets::new(core.clone()),
            limits: Limits::new(core.clone()),
            connections: Connections::new(core.clone()),
            models: Models::new(core.clone()),
            templates: Templates::new(core.clone()),
            usage: Usage::new(core.clone()),
            views: Views::new(core.clone()),
            replays: Replays::new(core),
        })
    }
}
