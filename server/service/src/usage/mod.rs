//! What was used, and what it cost.

mod adjust;
mod course;
mod events;
mod overview;
mod summary;
mod used;

use store::Reader;
pub use used::Used;

use crate::{Actor, Core, Result};

/// Usage events and their sums.
#[derive(Debug, Clone)]
pub struct Usage {
    core: Core,
}

impl Usage {
    /// The handle.
    pub fn new(core: Core) -> Self {
        Self { core }
    }
}

/// The time zone of the actor's organization.
pub(crate) async fn time_zone(reader: &mut Reader, actor: &Actor) -> Result<String> {
    let organization = reader.organizations().get(actor.organization).await?;
    Ok(organization.map_or_else(|| "UTC".to_owned(), |o| o.time_zone.as_str().to_owned()))
}
