use std::{io::Read, path::Path};

use domain::{
    Invalid, RequestId,
    identity::{Email, NewToken, Permission},
};
use serde::Serialize;
use service::{
    RequestMeta, Standing,
    identity::{NewInstallation, Setup, Tokens},
};

use super::{Failure, fail, say};
use crate::{cli::BootstrapArgs, config::Config, open, serve::core};

/// What `--json` prints.
#[derive(Serialize)]
struct Printed {
    organization_id: String,
    user_id: String,
    management_token: String,
}

pub(super) async fn run(config: &Config, args: &BootstrapArgs) -> Result<(), Failure> {
    let new = read(args)?;
    let installation = open::open(config).await.map_err(fail)?;
    let core = core(&installation, config, || {}, Standing::of_the_books());
    let meta = RequestMeta {
        request_id: RequestId::mint(installation.clock.now(), &installation.entropy),
        ip: None,
        user_agent: None,
    };
    let done = Setup::new(core.clone()).map_err(fail)?.run(new, meta).await.map_err(fail)?;
    let all = NewToken { name: "bootstrap".parse().map_err(fail)?, scopes: Permission::ALL.to_vec(), expires_at: None };
    let token = Tokens::new(core).create(&done.actor, all).await.map_err(fail)?;
    installation.db.close().await;
    print(
        args.json,
        &Printed {
            organization_id: done.organization.to_string(),
            user_id: done.user.to_string(),
            management_token: token.secret.unwrap_or_default(),
        },
    )
}

fn read(args: &BootstrapArgs) -> Result<NewInstallation, Failure> {
    let wrong = |flag: &'static str| move |e: Invalid| fail(format!("{flag}: {e}"));
    let email: Email = args.email.parse().map_err(wrong("--email"))?;
    let before_at = email.as_str().split('@').next().unwrap_or_default();
    let name = args.name.as_deref().unwrap_or(before_at).parse().map_err(wrong("--name"))?;
    Ok(NewInstallation {
        organization: args.organization.parse().map_err(wrong("--organization"))?,
        time_zone: args.time_zone.parse().map_err(wrong("--time-zone"))?,
        password: read_password(&args.password_file)?.parse().map_err(wrong("--password-file"))?,
        email,
        name,
    })
}

fn read_password(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(|_| ())
    } else {
        std::fs::read_to_string(file).map(|read| text = read)
    };
    read.map_err(|e| fail(format!("The password file {} can't be read: {e}.", file.display())))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn print(json: bool, printed: &Printed) -> Result<(), Failure> {
    if json {
        say(serde_json::to_string(printed).map_err(fail)?);
        return Ok(());
    }
    say("Turnpike is set up.");
    say(format!("  organization      {}", printed.organization_id));
    say(format!("  owner             {}", printed.user_id));
    say(format!("  management token  {}", printed.management_token));
    say("The token is shown this once. It may do everything; make narrower ones on the portal's Tokens page.");
    Ok(())
}
