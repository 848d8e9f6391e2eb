//! How a call's cost came about.

use domain::{
    Money, PageQuery, Rate,
    catalog::{PriceView, Rates},
    usage::{EventView, TokenUsage},
};
use service::{Actor, catalog::Models};

use super::call::CostLine;
use crate::{problem::Problem, server::handle, ui::format};

/// The price that was applied, while it is the model's present one.
pub(super) async fn applied(actor: &Actor, event: &EventView) -> Result<Option<PriceView>, Problem> {
    let models: Models = handle()?;
    let mut page = PageQuery { limit: Some(100), cursor: None };
    loop {
        let found = models.list(actor, Some(event.environment), &page).await?;
        if let Some(model) = found.data.into_iter().find(|model| model.id == event.model_id) {
            return Ok(model.price.filter(|price| price.id == event.price_id));
        }
        match found.next_cursor {
            Some(cursor) => page.cursor = Some(cursor),
            None => return Ok(None),
        }
    }
}

/// What was used, kind by kind, each at its own rate; kinds that were not used are left out.
pub(super) fn lines(event: &EventView, rates: Option<&Rates>) -> Vec<CostLine> {
    let currency = event.currency.code();
    let (cached, written, reasoning) = (event.cached_input_tokens, event.cache_write_tokens, event.reasoning_tokens);
    let fresh = event.input_tokens.saturating_sub(cached + written);
    let plain = event.output_tokens.saturating_sub(reasoning);
    let bare = rates.map(|rates| Rates { per_request: Money::ZERO, ..*rates });
    let line = |what: &str, tokens, used: TokenUsage, rate: fn(&Rates) -> Rate| CostLine {
        what: what.to_owned(),
        tokens: Some(tokens),
        rate: bare.as_ref().map(|rates| format::money(rate(rates).nanos_per_million(), currency)),
        cost: bare.as_ref().and_then(|rates| rates.cost(&used).ok()).map(|cost| format::cost(cost.nanos(), currency)),
    };
    let mut lines = vec![line("Input", fresh, TokenUsage::new(fresh, 0, 0, 0, 0), |r| r.input)];
    if cached > 0 {
        lines.push(line("Input from the cache", cached, TokenUsage::new(cached, cached, 0, 0, 0), |r| {
            r.cached_input.unwrap_or(r.input)
        }));
    }
    if written > 0 {
        lines.push(line("Input written to the cache", written, TokenUsage::new(written, 0, written, 0, 0), |r| {
            r.cache_write.unwrap_or(r.input)
        }));
    }
    lines.push(line("Output", plain, TokenUsage::new(0, 0, 0, plain, 0), |r| r.output));
    if reasoning > 0 {
        lines.push(line("Reasoning", reasoning, TokenUsage::new(0, 0, 0, reasoning, reasoning), |r| {
            r.reasoning.unwrap_or(r.output)
        }));
    }
    if let Some(per_request) = rates.map(|rates| rates.per_request).filter(|amount| *amount != Money::ZERO) {
        let cost = Some(format::cost(per_request.nanos(), currency));
        lines.push(CostLine { what: "The call itself".to_owned(), tokens: None, rate: None, cost });
    }
    lines
}
