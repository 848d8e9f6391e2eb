use std::time::Duration;

use domain::{
    ErrorCode, SessionId, Timestamp, UserId,
    identity::{Email, Viewer},
    secrets::{Secret, SecretHash},
};
use serde_json::json;
use store::{
    Reader,
    identity::{Membership, Session, User},
};

use super::passwords::Passwords;
use crate::{
    Actor, Core, Error, Principal, RequestMeta, Result,
    audit::created,
    throttle::{Allowance, Throttle},
};

const SESSION_PREFIX: &str = "tps_";
/// A session ends this long after signing in, whatever happens.
const ABSOLUTE: Duration = Duration::from_secs(30 * 86_400);
/// A session ends when it was not used for so long.
const IDLE: Duration = Duration::from_secs(7 * 86_400);
/// How exactly the last use is kept; a write a request would be too much.
const TOUCH: Duration = Duration::from_secs(60);

/// Wrong passwords for one account from one address.
const PAIR: Allowance = Allowance { burst: 5, each: Duration::from_secs(30) };
/// Wrong passwords from one address.
const ADDRESS: Allowance = Allowance { burst: 30, each: Duration::from_secs(5) };
/// Wrong passwords for one account from anywhere; generous, so that nobody can lock another out.
const ACCOUNT: Allowance = Allowance { burst: 100, each: Duration::from_secs(10) };

/// A session that was just begun.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What the cookie is to hold.
    pub secret: Secret,
    /// How long the cookie is worth keeping.
    pub max_age: Duration,
}

/// Signing in and out, and knowing who a cookie belongs to.
#[derive(Debug, Clone)]
pub struct Sessions {
    core: Core,
    passwords: Passwords,
    throttle: Throttle,
}

impl Sessions {
    /// The handle.
    pub fn new(core: Core) -> Result<Self> {
        let passwords = Passwords::new(&core.entropy)?;
        Ok(Self { core, passwords, throttle: Throttle::new() })
    }

    /// Begins a session for whoever knows the password.
    ///
    /// # Errors
    /// The same when the account is unknown, has no password, or the password is wrong; and when
    /// that happened too often.
    pub async fn sign_in(&self, email: &str, password: &str, meta: &RequestMeta) -> Result<SignedIn> {
        let email = email.parse::<Email>().map_err(|_| wrong())?;
        let now = self.core.now();
        let subjects = subjects(&email, meta);
        for (subject, allowance) in &subjects {
            self.throttle.check(subject, *allowance, now)?;
        }
        let user = self.core.db.read().await?.identity().user_by_email(&email).await?;
        let stored = user.as_ref().and_then(|u| u.password_hash.as_deref());
        let right = self.passwords.verify(password, stored).await?;
        match user {
            Some(user) if right => self.begin(user.id, meta).await,
            _ => {
                subjects.iter().for_each(|(subject, allowance)| self.throttle.failed(subject, *allowance, now));
                Err(wrong())
            }
        }
    }

    /// Begins a session for someone who proved who they are. The secret is new, whatever cookie
    /// the browser had, so that nobody can plant one.
    pub async fn begin(&self, user: UserId, meta: &RequestMeta) -> Result<SignedIn> {
        let core = &self.core;
        let membership = core.db.read().await?.identity().memberships(user).await?.into_iter().next();
        let membership = membership.ok_or_else(wrong)?;
        let (secret, now) = (Secret::mint(SESSION_PREFIX, &core.entropy), core.now());
        let session = Session {
            id: SessionId::mint(now, &core.entropy),
            user_id: user,
            organization_id: membership.organization_id,
            secret_hash: secret.hash(),
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus(ABSOLUTE),
            ip: meta.ip.clone(),
            user_agent: meta.user_agent.as_ref().map(|agent| agent.chars().take(300).collect()),
        };
        let mut tx = core.db.begin().await?;
        tx.identity().insert_session(&session).await?;
        let after = json!({ "user": user });
        let deed = created("session.created", session.id.to_string(), &after);
        core.audit_as(&mut tx, format!("user:{user}"), session.organization_id, meta, deed).await?;
        tx.commit().await?;
        Ok(SignedIn { secret, max_age: ABSOLUTE })
    }

    /// Who a cookie belongs to; nobody when the session ended.
    pub async fn authenticate(&self, cookie: &str, meta: RequestMeta) -> Result<Option<Actor>> {
        if !domain::secrets::is_well_formed(SESSION_PREFIX, cookie) {
            return Ok(None);
        }
        let now = self.core.now();
        let mut reader = self.core.db.read().await?;
        let Some(session) = reader.identity().session(&SecretHash::of(cookie)).await? else { return Ok(None) };
        if session.expires_at <= now || session.last_seen_at.plus(IDLE) <= now {
            return Ok(None);
        }
        let Some((user, membership)) = standing(&mut reader, &session).await? else { return Ok(None) };
        let teams = reader.organizations().teams_of(session.organization_id, user.id).await?;
        drop(reader);
        self.touch(&session, now).await?;
        Ok(Some(Actor {
            principal: Principal::Session(session.id),
            user: user.id,
            organization: session.organization_id,
            role: membership.role,
            super_admin: user.super_admin,
            scopes: None,
            teams,
            meta,
        }))
    }

    async fn touch(&self, session: &Session, now: Timestamp) -> Result<()> {
        if session.last_seen_at.plus(TOUCH) > now {
            return Ok(());
        }
        let mut tx = self.core.db.begin().await?;
        tx.identity().touch_session(session.id, now).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the session that the actor acts through.
    pub async fn sign_out(&self, actor: &Actor) -> Result<()> {
        let Principal::Session(id) = actor.principal else { return Ok(()) };
        let mut tx = self.core.db.begin().await?;
        if tx.identity().delete_session(id).await? {
            let before = json!({ "user": actor.user });
            let deed = crate::audit::Deed {
                action: "session.ended",
                target: id.to_string(),
                before: Some(&before),
                after: None,
            };
            self.core.audit(&mut tx, actor, deed).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The time zone in which the days of the actor's organization begin.
    pub async fn time_zone(&self, actor: &Actor) -> Result<String> {
        crate::usage::time_zone(&mut self.core.db.read().await?, actor).await
    }

    /// What the portal's frame shows of the actor.
    pub async fn viewer(&self, actor: &Actor) -> Result<Viewer> {
        let mut reader = self.core.db.read().await?;
        let user = reader.identity().user(actor.user).await?.ok_or_else(|| Error::not_found("person"))?;
        let organization = reader.organizations().get(actor.organization).await?;
        let organization = organization.ok_or_else(|| Error::not_found("organization"))?;
        Ok(Viewer {
            user_id: user.id,
            name: user.name,
            email: user.email,
            organization_id: organization.id,
            organization: organization.name,
            time_zone: organization.time_zone.as_str().to_owned(),
            role: actor.role,
            super_admin: actor.super_admin,
            permissions: actor.permissions(),
            gateway_url: format!("{}/v1", self.core.settings.public_url),
        })
    }
}

/// The person behind a session and their place in its organization, while they have one.
async fn standing(reader: &mut Reader, session: &Session) -> Result<Option<(User, Membership)>> {
    let Some(user) = reader.identity().user(session.user_id).await? else { return Ok(None) };
    let membership = reader.identity().membership(session.organization_id, user.id).await?;
    Ok(membership.map(|m| (user, m)))
}

fn subjects(email: &Email, meta: &RequestMeta) -> [(String, Allowance); 3] {
    let ip = meta.ip.as_deref().unwrap_or("unknown");
    [(format!("{email} {ip}"), PAIR), (format!("ip {ip}"), ADDRESS), (format!("account {email}"), ACCOUNT)]
}

fn wrong() -> Error {
    Error::new(ErrorCode::InvalidCredentials, "The e-mail address or the password is wrong.")
}
