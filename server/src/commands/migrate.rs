use super::{Failure, fail, say};
use crate::{config::Config, open};

pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    let installation = open::open(config).await.map_err(fail)?;
    installation.db.close().await;
    say("The database is up to date.");
    Ok(())
}
