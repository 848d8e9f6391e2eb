use domain::{KeyId, keys::KeyStatus};

use crate::{prelude::*, problem::Problem};

/// Disables, enables or revokes a key.
#[server(prefix = "/fn", endpoint = "key_status")]
pub async fn set_key_status(
    /// The key.
    id: KeyId,
    /// What it becomes.
    status: KeyStatus,
) -> Result<(), Problem> {
    use crate::server::{actor, handle};
    let (keys, actor) = (handle::<service::keys::Keys>()?, actor()?);
    match status {
        KeyStatus::Active => keys.enable(&actor, id).await?,
        KeyStatus::Disabled => keys.disable(&actor, id).await?,
        KeyStatus::Revoked => keys.revoke(&actor, id).await?,
    };
    Ok(())
}
