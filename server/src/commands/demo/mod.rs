//! Fills an empty installation with a believable company, so that pages can be looked at full.

mod bounds;
mod calls;
mod company;

use domain::{RequestId, secrets::Secret};
use rand::{SeedableRng, rngs::StdRng};
use service::{RequestMeta, identity::Setup};

use super::{Failure, fail, say};
use crate::{cli::DemoArgs, config::Config, open, serve::core};

/// The same company every time.
const SEED: u64 = 0x7075_6e70_696b_6531;

pub(super) async fn run(config: &Config, args: &DemoArgs) -> Result<(), Failure> {
    let installation = open::open(config).await.map_err(fail)?;
    let core = core(&installation, config, || {}, service::Standing::of_the_books());
    let setup = Setup::new(core).map_err(fail)?;
    if !setup.is_open().await.map_err(fail)? {
        return Err(fail(
            "There is an organization already. The demo fills an empty installation: choose another --data-dir.",
        ));
    }
    let now = installation.clock.now();
    let password = Secret::mint("demo-", &installation.entropy).expose()[..21].to_owned();
    let meta = RequestMeta { request_id: RequestId::mint(now, &installation.entropy), ip: None, user_agent: None };
    let owner = company::owner(&password)?;
    let email = owner.email.to_string();
    let installed = setup.run(owner, meta).await.map_err(fail)?;
    let mut random = StdRng::seed_from_u64(SEED);
    say(format!("Making {} keys …", args.keys));
    let company = company::found(&installation, &installed, args.keys, &mut random).await?;
    say(format!("Making {} calls of the last {} days …", args.calls, args.days));
    calls::make(&installation, &company, args.calls, args.days, &mut random).await?;
    bounds::set(&installation, &company).await?;
    installation.db.close().await;
    say(format!("Done. Start `turnpike serve` and sign in as {email} with the password {password}"));
    Ok(())
}
