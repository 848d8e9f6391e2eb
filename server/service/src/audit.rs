//! Writing audit entries. Every change does it, in the transaction that makes the change.

use domain::{AuditId, OrganizationId};
use serde::Serialize;
use store::{Tx, audit::NewEntry};

use crate::{Actor, Core, Error, RequestMeta, Result};

/// What changed, to be written down.
pub(crate) struct Deed<'a> {
    /// Noun and verb, e.g. `key.revoked`.
    pub(crate) action: &'static str,
    /// On what: a prefixed id.
    pub(crate) target: String,
    /// What was; nothing for something new.
    pub(crate) before: Option<&'a dyn erased::Json>,
    /// What is; nothing for something gone.
    pub(crate) after: Option<&'a dyn erased::Json>,
}

/// What changed, written as JSON.
pub(crate) struct Did {
    /// Noun and verb.
    pub(crate) action: &'static str,
    /// On what: a prefixed id.
    pub(crate) target: String,
    /// What was, as JSON.
    pub(crate) before: Option<String>,
    /// What is, as JSON.
    pub(crate) after: Option<String>,
}

/// `Serialize` can't be a trait object; this can.
pub(crate) mod erased {
    /// Something that can be written as JSON.
    pub(crate) trait Json: Sync {
        fn to_json(&self) -> serde_json::Result<String>;
    }

    impl<T: serde::Serialize + Sync> Json for T {
        fn to_json(&self) -> serde_json::Result<String> {
            serde_json::to_string(self)
        }
    }
}

impl Core {
    /// Writes the entry for what `actor` did.
    pub(crate) async fn audit(&self, tx: &mut Tx, actor: &Actor, deed: Deed<'_>) -> Result<()> {
        self.audit_as(tx, actor.audit_name(), actor.organization, &actor.meta, deed).await
    }

    /// Writes the entry for someone who is no actor yet: they are just signing in.
    pub(crate) async fn audit_as(
        &self,
        tx: &mut Tx,
        actor: String,
        organization: OrganizationId,
        meta: &RequestMeta,
        deed: Deed<'_>,
    ) -> Result<()> {
        let json =
            |value: Option<&dyn erased::Json>| value.map(erased::Json::to_json).transpose().map_err(Error::internal);
        let did =
            Did { action: deed.action, target: deed.target, before: json(deed.before)?, after: json(deed.after)? };
        tx.audit().append(self.entry_as(actor, organization, meta, did)).await?;
        Ok(())
    }

    /// The entry for what `actor` did, to be appended with others.
    pub(crate) fn entry(&self, actor: &Actor, did: Did) -> NewEntry {
        self.entry_as(actor.audit_name(), actor.organization, &actor.meta, did)
    }

    fn entry_as(&self, actor: String, organization: OrganizationId, meta: &RequestMeta, did: Did) -> NewEntry {
        let Did { action, target, before, after } = did;
        NewEntry {
            id: AuditId::mint(self.now(), &self.entropy),
            organization,
            at: self.now(),
            actor,
            action,
            target,
            ip: meta.ip.clone(),
            user_agent: meta.user_agent.clone(),
            request_id: Some(meta.request_id),
            before,
            after,
        }
    }
}

/// Something that is only in an audit entry's `after`.
pub(crate) fn created<'a, T: Serialize + Sync>(action: &'static str, target: String, after: &'a T) -> Deed<'a> {
    Deed { action, target, before: None, after: Some(after) }
}
