//! What calls can be looked up by.

use std::time::Duration;

use domain::{KeyId, ModelId, identity::Permission};

use super::Usage;
use crate::{Actor, Result};

/// How long ago the last use may be.
const SPAN: Duration = Duration::from_secs(30 * 86_400);

/// The keys and models that were used in the last 30 days, with their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// The keys.
    pub keys: Vec<(KeyId, String)>,
    /// The models.
    pub models: Vec<(ModelId, String)>,
}

impl Usage {
    /// What was used in the last 30 days.
    ///
    /// # Errors
    /// When the actor may not see usage.
    pub async fn used(&self, actor: &Actor) -> Result<Used> {
        actor.require(Permission::UsageRead)?;
        let since = self.core.now().minus(SPAN);
        let mut reader = self.core.db.read().await?;
        let keys = reader.usage().used_keys(actor.organization, since).await?;
        let models = reader.usage().used_models(actor.organization, since).await?;
        Ok(Used { keys, models })
    }
}
