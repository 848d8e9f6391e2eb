use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use domain::{
    ErrorCode, MembershipId, OrganizationId, Timestamp, UserId,
    identity::{Email, NewPassword, PersonName, Role},
    organizations::{OrganizationName, TimeZone},
    secrets::Secret,
};
use store::{
    changes::Change,
    identity::{Membership, User},
    organizations::Organization,
};

use super::passwords::Passwords;
use crate::{Actor, Core, Error, Principal, RequestMeta, Result, audit::created, catalog::ensure_sandbox, throttle};

/// Guesses of the setup code, from anywhere.
const GUESSES: throttle::Allowance = throttle::Allowance { burst: 10, each: std::time::Duration::from_secs(6) };

/// The first organization and its owner, who is platform staff too.
#[derive(Debug, Clone)]
pub struct NewInstallation {
    /// The organization.
    pub organization: OrganizationName,
    /// Where its days begin.
    pub time_zone: TimeZone,
    /// The owner's address.
    pub email: Email,
    /// The owner's name.
    pub name: PersonName,
    /// The owner's password.
    pub password: NewPassword,
}

/// What setting up made.
#[derive(Debug, Clone)]
pub struct Installed {
    /// The first organization.
    pub organization: OrganizationId,
    /// Its owner.
    pub user: UserId,
    /// The owner at the console, to go on with, e.g. by making a token.
    pub actor: Actor,
}

/// Setting up an empty installation.
#[derive(Debug, Clone)]
pub struct Setup {
    core: Core,
    passwords: Passwords,
    code: Arc<str>,
    throttle: throttle::Throttle,
    /// Once set up stays set up, so the database need not be asked again.
    done: Arc<AtomicBool>,
}

impl Setup {
    /// Draws a one-time setup code, which is kept in memory only.
    pub fn new(core: Core) -> Result<Self> {
        let secret = Secret::mint("", &core.entropy);
        let code =
            secret.expose().as_bytes()[..16].chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-");
        let passwords = Passwords::new(&core.entropy)?;
        Ok(Self { core, passwords, code: code.into(), throttle: throttle::Throttle::new(), done: Arc::default() })
    }

    /// The code that the first-run page asks for; the server prints it when it starts.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Whether the installation still waits for its first organization.
    pub async fn is_open(&self) -> Result<bool> {
        if self.done.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let done = self.core.db.read().await?.organizations().count().await? > 0;
        self.done.store(done, Ordering::Relaxed);
        Ok(!done)
    }

    /// Sets up with the code from the first-run page.
    ///
    /// # Errors
    /// When the code is wrong, was guessed too often, or someone was first.
    pub async fn run_with_code(&self, code: &str, new: NewInstallation, meta: RequestMeta) -> Result<Installed> {
        if !self.is_open().await? {
            return Err(already_set_up());
        }
        let now = self.core.now();
        self.throttle.check("code", GUESSES, now)?;
        if !same(code.trim(), &self.code) {
            self.throttle.failed("code", GUESSES, now);
            let message = "The setup code is wrong. The server printed it when it started.";
            return Err(Error { param: Some("code"), ..Error::new(ErrorCode::InvalidSetupCode, message) });
        }
        self.run(new, meta).await
    }

    /// Sets up: the organization, its owner, and the Sandbox to try everything with.
    ///
    /// # Errors
    /// When there is an organization already.
    pub async fn run(&self, new: NewInstallation, meta: RequestMeta) -> Result<Installed> {
        let core = &self.core;
        let password_hash = self.passwords.hash(&new.password, &core.entropy).await?;
        let now = core.now();
        let organization = organization(&new, now, core);
        let user = User {
            id: UserId::mint(now, &core.entropy),
            email: new.email,
            name: new.name,
            password_hash: Some(password_hash),
            super_admin: true,
            created_at: now,
        };
        let mut tx = core.db.begin().await?;
        // The setting's row decides between two that set up at the same moment.
        let first = tx.platform().ensure_setting("first_organization", &organization.id.to_string()).await?;
        if first != organization.id.to_string() {
            return Err(already_set_up());
        }
        tx.organizations().insert(&organization).await?;
        tx.identity().insert_user(&user).await?;
        tx.identity().insert_membership(&owner(&organization, &user, core)).await?;
        let actor = Actor {
            principal: Principal::Console,
            user: user.id,
            organization: organization.id,
            role: Role::Owner,
            super_admin: true,
            scopes: None,
            teams: Vec::new(),
            meta,
        };
        let after = serde_json::json!({ "name": organization.name, "owner": user.id });
        core.audit(&mut tx, &actor, created("organization.created", organization.id.to_string(), &after)).await?;
        ensure_sandbox(core, &mut tx).await?;
        core.commit_changes(tx, &[Change::Catalog]).await?;
        Ok(Installed { organization: organization.id, user: user.id, actor })
    }
}

fn organization(new: &NewInstallation, now: Timestamp, core: &Core) -> Organization {
    Organization {
        id: OrganizationId::mint(now, &core.entropy),
        name: new.organization.clone(),
        time_zone: new.time_zone.clone(),
        created_at: now,
    }
}

fn owner(organization: &Organization, user: &User, core: &Core) -> Membership {
    Membership {
        id: MembershipId::mint(user.created_at, &core.entropy),
        organization_id: organization.id,
        user_id: user.id,
        role: Role::Owner,
        created_at: user.created_at,
    }
}

fn already_set_up() -> Error {
    Error::new(ErrorCode::AlreadySetUp, "This installation has its first organization already. Sign in instead.")
}

/// Compares without telling by its duration how much was right.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differs, (x, y)| differs | (x ^ y)) == 0
}
