use domain::{
    EventId, Invalid, Page, PageQuery,
    identity::Permission,
    usage::{EventQuery, EventView},
};
use store::usage::{EventFilter, EventRow};

use super::Usage;
use crate::{Actor, Core, Error, Result};

impl Usage {
    /// The organization's events that match, the newest first.
    pub async fn events(&self, actor: &Actor, query: &EventQuery, page: &PageQuery) -> Result<Page<EventView>> {
        actor.require(Permission::UsageRead)?;
        let limit = page.limit()?;
        let filter = EventFilter { before: page.after()?, ..filter(query)? };
        let rows = self.core.db.read().await?.usage().events(actor.organization, &filter, i64::from(limit) + 1).await?;
        Ok(Page::cut(rows, limit, |e| e.id.to_string()).map(|row| view(&self.core, row)))
    }

    /// One event.
    pub async fn event(&self, actor: &Actor, id: EventId) -> Result<EventView> {
        actor.require(Permission::UsageRead)?;
        let row = self.core.db.read().await?.usage().event(actor.organization, id).await?;
        Ok(view(&self.core, row.ok_or_else(|| Error::not_found("call"))?))
    }
}

fn filter(query: &EventQuery) -> Result<EventFilter> {
    Ok(EventFilter {
        id: None,
        environment: parsed("environment", &query.environment)?,
        key: parsed("key", &query.key)?,
        model: parsed("model", &query.model)?,
        status: parsed("status", &query.status)?,
        request_id: parsed("request_id", &query.request_id)?,
        from: parsed("from", &query.from)?,
        to: parsed("to", &query.to)?,
        before: None,
    })
}

/// Reads a filter's value; a blank one is no filter.
pub(super) fn parsed<T>(field: &'static str, text: &Option<String>) -> Result<Option<T>>
where
    T: std::str::FromStr<Err = Invalid>,
{
    let text = text.as_deref().map(str::trim).filter(|t| !t.is_empty());
    Ok(text.map(str::parse).transpose().map_err(|e: Invalid| Invalid { field, ..e })?)
}

pub(super) fn view(core: &Core, row: EventRow) -> EventView {
    EventView {
        id: row.id,
        request_id: row.request_id,
        client_request_id: row.client_request_id,
        kind: row.kind,
        at: row.at,
        environment: row.environment,
        endpoint: row.endpoint,
        key_id: row.key_id,
        key_name: row.key_name.unwrap_or_else(|| row.key_id.to_string()),
        provider: row.provider,
        connection_id: row.connection_id,
        connection_name: row.connection_name.unwrap_or_else(|| row.connection_id.to_string()),
        model_id: row.model_id,
        model: row.requested_model,
        actual_model: row.actual_model,
        input_tokens: row.input_tokens.unsigned_abs(),
        cached_input_tokens: row.cached_input_tokens.unsigned_abs(),
        cache_write_tokens: row.cache_write_tokens.unsigned_abs(),
        output_tokens: row.output_tokens.unsigned_abs(),
        reasoning_tokens: row.reasoning_tokens.unsigned_abs(),
        estimated: row.estimated,
        price_id: row.price_id,
        cost: row.cost,
        currency: core.settings.currency,
        status: row.status,
        http_status: u16::try_from(row.http_status).unwrap_or_default(),
        error_code: row.error_code,
        attempts: u32::try_from(row.attempts).unwrap_or_default(),
        first_byte_us: row.first_byte_us.map(i64::unsigned_abs),
        total_us: row.total_us.unsigned_abs(),
    }
}
