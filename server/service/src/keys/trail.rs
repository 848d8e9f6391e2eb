use domain::{KeyId, Page, PageQuery, audit::AuditEntryView, identity::Permission};

use super::{Keys, lookup::may_manage};
use crate::{Actor, Error, Result, audit};

/// The permissions that let someone see what was done to a key: those who may manage it do, and who may read
/// the audit log.
pub const TRACING: &[Permission] =
    &[Permission::KeysOwn, Permission::KeysTeam, Permission::KeysManage, Permission::AuditRead];

impl Keys {
    /// A page of what was done to a key, and to limits and budgets of its own, the newest first.
    ///
    /// # Errors
    /// Forbidden when they may see the key, but neither manage it nor read the audit log.
    pub async fn trail(&self, actor: &Actor, id: KeyId, page: &PageQuery) -> Result<Page<AuditEntryView>> {
        actor.require_any(TRACING)?;
        let (limit, before) = (page.limit()?, page.after()?);
        let mut reader = self.core.db.read().await?;
        let key = reader.keys().get(actor.organization, id).await?.ok_or_else(|| Error::not_found("key"))?;
        if !may_manage(actor, &key) {
            actor.require(Permission::AuditRead)?;
        }
        let entries = reader.audit().of_key(actor.organization, id, before, i64::from(limit) + 1).await?;
        let Page { data, next_cursor } = Page::cut(entries, limit, |entry| entry.position.to_string());
        Ok(Page { data: audit::views(&mut reader, actor, data).await?, next_cursor })
    }
}
