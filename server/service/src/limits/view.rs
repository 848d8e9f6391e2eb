use domain::{
    budgets::Scope,
    identity::Permission,
    keys::Environment,
    limits::{Limit, LimitKind, LimitView},
    usage::Endpoint,
};
use store::limits::StoredLimit;

use super::Limits;
use crate::{Actor, Result, subjects::Subjects};

/// What the audit log keeps of a limit: all that was decided.
#[derive(serde::Serialize)]
pub(super) struct Audited {
    scope: Scope,
    environment: Environment,
    endpoint: Option<Endpoint>,
    kind: LimitKind,
    amount: u64,
    burst: Option<u64>,
}

pub(super) fn audited(limit: &Limit) -> Audited {
    let Limit { scope, environment, endpoint, kind, amount, .. } = *limit;
    Audited { scope, environment, endpoint, kind, amount, burst: limit.own_burst() }
}

impl Limits {
    pub(super) async fn view_one(&self, actor: &Actor, limit: StoredLimit) -> Result<LimitView> {
        let mut reader = self.core.db.read().await?;
        let subjects = Subjects::of(&mut reader, actor, [limit.limit.scope].into_iter()).await?;
        Ok(self.view(actor, &subjects, &limit))
    }

    /// A limit with what its scope is called and how it stands.
    pub(super) fn view(&self, actor: &Actor, subjects: &Subjects, stored: &StoredLimit) -> LimitView {
        let level = self.core.standing.level(stored.organization, &stored.limit);
        let name = subjects.name(stored.limit.scope);
        LimitView::new(&stored.limit, &level, name, stored.created_at, actor.may(Permission::LimitsManage))
    }
}
