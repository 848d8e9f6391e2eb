use domain::usage::EventQuery;
use serde::{Deserialize, Serialize};

use crate::{prelude::*, problem::Problem, ui::Moment};

/// One call as a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRow {
    /// The event.
    pub id: String,
    /// When it was admitted.
    pub at: Moment,
    /// The same as a clock shows it, to the millisecond, because calls come many a second.
    pub clock: Clock,
    /// `test` or `live`.
    pub environment: String,
    /// The key's name.
    pub key: String,
    /// The name of the model that was asked for.
    pub model: String,
    /// Who runs it.
    pub provider: String,
    /// Input tokens.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// Whether Turnpike counted the tokens, because the provider did not say.
    pub estimated: bool,
    /// What it cost, formatted.
    pub cost: String,
    /// Time to the first byte, formatted; a dash where there was none.
    pub first_byte: String,
    /// Time in all, formatted.
    pub total: String,
    /// `ok`, `error`, `aborted` or `interrupted`.
    pub status: String,
    /// What the client was answered with.
    pub http_status: u16,
    /// Whether it corrects an earlier one.
    pub adjustment: bool,
    /// Whether it came in while the page was open.
    #[serde(skip)]
    pub fresh: bool,
}

/// A time of day in three parts of decreasing weight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// The day, unless it is today.
    pub day: Option<String>,
    /// `14:02:11`.
    pub time: String,
    /// `.482`.
    pub fraction: String,
}

/// A page of calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallList {
    /// The rows, the newest first.
    pub rows: Vec<CallRow>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// The calls that match.
#[server(prefix = "/fn", endpoint = "usage_calls")]
pub async fn load_calls(
    #[server(flatten)] query: EventQuery,
    #[server(default)] cursor: Option<String>,
) -> Result<CallList, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let calendar = Calendar::of(&actor).await?;
    let query =
        EventQuery { from: exact("from", query.from, &calendar)?, to: exact("to", query.to, &calendar)?, ..query };
    let page = domain::PageQuery { limit: None, cursor };
    let page = handle::<service::usage::Usage>()?.events(&actor, &query, &page).await?;
    let rows = page.data.iter().map(|event| row(event, &calendar)).collect();
    Ok(CallList { rows, next: page.next_cursor })
}

/// A time of the address in the form that the use case reads.
#[cfg(feature = "ssr")]
fn exact(
    field: &'static str,
    text: Option<String>,
    calendar: &crate::server::Calendar,
) -> Result<Option<String>, Problem> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let at = super::from_local(&text, calendar.zone());
    let at = at.ok_or_else(|| domain::Invalid::new(field, "Give the time as in 2026-01-31T12:00."))?;
    Ok(Some(at.to_string()))
}

/// An event as a row.
#[cfg(feature = "ssr")]
pub(crate) fn row(event: &domain::usage::EventView, calendar: &crate::server::Calendar) -> CallRow {
    use crate::ui::format;
    let ms = |us: u64| format::duration_ms(us / 1_000);
    CallRow {
        id: event.id.to_string(),
        at: calendar.moment(event.at),
        clock: clock(event.at, calendar),
        environment: event.environment.to_string(),
        key: event.key_name.clone(),
        model: event.model.clone(),
        provider: super::provider(event.provider).to_owned(),
        input: event.input_tokens,
        output: event.output_tokens,
        estimated: event.estimated,
        cost: format::cost(event.cost.nanos(), event.currency.code()),
        first_byte: event.first_byte_us.map_or_else(|| "–".to_owned(), ms),
        total: ms(event.total_us),
        status: event.status.to_string(),
        http_status: event.http_status,
        adjustment: event.kind == domain::usage::EventKind::Adjustment,
        fresh: false,
    }
}

#[cfg(feature = "ssr")]
fn clock(at: domain::Timestamp, calendar: &crate::server::Calendar) -> Clock {
    let zone = calendar.zone();
    let fraction = format!(".{:03}", at.micros().rem_euclid(1_000_000) / 1_000);
    let Some(zoned) = at.in_zone(zone) else {
        return Clock { day: None, time: at.to_string(), fraction };
    };
    let today = at.start_of_day(zone) == calendar.now().start_of_day(zone);
    Clock {
        day: (!today).then(|| zoned.strftime("%b %-d").to_string()),
        time: zoned.strftime("%H:%M:%S").to_string(),
        fraction,
    }
}
