use store::{Tx, jobs::Job};

use crate::{Actor, Core, Principal, RequestMeta, Result};

/// Who asked for a job, with what they may do now; nobody when they may do nothing any more. Rights that
/// somebody had when they asked are no reason to go on when they lost them.
pub(super) async fn asker(core: &Core, tx: &mut Tx, job: &Job) -> Result<Option<Actor>> {
    let (mut principal, mut scopes) = (Principal::Absent, None);
    if let Some(id) = job.created_by.strip_prefix("token:") {
        let Ok(id) = id.parse() else { return Ok(None) };
        let token = tx.identity().token(job.organization_id, id).await?;
        let in_force = |token: &store::identity::Token| {
            token.revoked_at.is_none() && token.expires_at.is_none_or(|end| end > core.now())
        };
        let Some(token) = token.filter(in_force) else { return Ok(None) };
        (principal, scopes) = (Principal::Token(id), Some(token.scopes.0));
    }
    let Some(user) = tx.identity().user(job.user_id).await? else { return Ok(None) };
    let Some(membership) = tx.identity().membership(job.organization_id, user.id).await? else { return Ok(None) };
    let teams = tx.organizations().teams_of(job.organization_id, user.id).await?;
    Ok(Some(Actor {
        principal,
        user: user.id,
        organization: job.organization_id,
        role: membership.role,
        super_admin: user.super_admin,
        scopes,
        teams,
        meta: RequestMeta { request_id: job.request_id, ip: job.ip.clone(), user_agent: job.user_agent.clone() },
    }))
}
