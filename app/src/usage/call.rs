use serde::{Deserialize, Serialize};

use super::{CallRow, facts::CallFacts};
use crate::{
    prelude::*,
    problem::Problem,
    shell::PageProblem,
    ui::{ButtonLink, Card, EmptyKind, EmptyState, PageHead, Skeleton},
    wire::{PageData, lazy_page},
};

/// Everything that is known of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// What the list shows of it.
    pub row: CallRow,
    /// How it ended, in a sentence.
    pub ending: String,
    /// The error's code.
    pub error_code: Option<String>,
    /// The gateway's endpoint.
    pub endpoint: String,
    /// The key's id.
    pub key_id: String,
    /// The model's id.
    pub model_id: String,
    /// The name the provider was asked for.
    pub actual_model: String,
    /// The connection's name.
    pub connection: String,
    /// The connection's id.
    pub connection_id: String,
    /// How often the provider was tried.
    pub attempts: u32,
    /// What was used at which price.
    pub lines: Vec<CostLine>,
    /// The price that was applied, in words.
    pub price: String,
    /// The price's id.
    pub price_id: String,
    /// The cost to the last digit.
    pub exact_cost: String,
    /// Microseconds to the first byte.
    pub first_byte_us: Option<u64>,
    /// Microseconds in all.
    pub total_us: u64,
    /// Output tokens a second after the first byte, where that says something.
    pub speed: Option<String>,
    /// The call's id, as in the answer's `x-request-id`.
    pub request_id: String,
    /// The client's own.
    pub client_request_id: Option<String>,
}

/// One kind of tokens of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostLine {
    /// Which kind.
    pub what: String,
    /// How many; none for what is charged by the call.
    pub tokens: Option<u64>,
    /// Per million; unknown for a price that was replaced since.
    pub rate: Option<String>,
    /// What they cost.
    pub cost: Option<String>,
}

/// One call.
#[server(prefix = "/fn", endpoint = "usage_call")]
pub async fn load_call(id: String) -> Result<Call, Problem> {
    use super::{cost, words};
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let id = id.parse().map_err(|_| service::Error::not_found("call"))?;
    let event = handle::<service::usage::Usage>()?.event(&actor, id).await?;
    let calendar = Calendar::of(&actor).await?;
    let price = cost::applied(&actor, &event).await?;
    let after = event.total_us.saturating_sub(event.first_byte_us.unwrap_or(event.total_us));
    let speed = (event.output_tokens > 1 && after > 1_000)
        .then(|| format!("{:.0} tokens a second", event.output_tokens as f64 * 1e6 / after as f64));
    Ok(Call {
        row: super::row(&event, &calendar),
        ending: words::ending(event.status).to_owned(),
        error_code: event.error_code.clone(),
        endpoint: words::endpoint(event.endpoint).to_owned(),
        key_id: event.key_id.to_string(),
        model_id: event.model_id.to_string(),
        actual_model: event.actual_model.clone(),
        connection: event.connection_name.clone(),
        connection_id: event.connection_id.to_string(),
        attempts: event.attempts,
        lines: cost::lines(&event, price.as_ref().map(|price| &price.rates)),
        price: match &price {
            Some(price) => format!("In force since {}", calendar.moment(price.effective_from).exact),
            None => "Replaced since".to_owned(),
        },
        price_id: event.price_id.to_string(),
        exact_cost: format!("{}{}", crate::ui::format::symbol(event.currency.code()), event.cost),
        first_byte_us: event.first_byte_us,
        total_us: event.total_us,
        speed,
        request_id: event.request_id.to_string(),
        client_request_id: event.client_request_id,
    })
}

/// `/usage/{id}`: one call in full.
#[derive(Debug)]
pub(crate) struct CallPage {
    call: PageData<Call>,
}

lazy_page!(usage: CallPage);

impl CallPage {
    fn load() -> Self {
        Self { call: PageData::of_id::<LoadCall>() }
    }

    fn show(self) -> AnyView {
        let waiting = || view! { <PageHead title="Call"/> <Card><Skeleton block=true/></Card> };
        self.call.each(waiting, |call| match call {
            Ok(call) => view! { <CallFacts call/> },
            Err(problem) if problem.code == "not_found" => view! { <NoCall/> },
            Err(problem) => view! { <PageProblem problem/> },
        })
    }
}

#[component]
fn NoCall() -> impl IntoView {
    view! {
        <PageHead title="Call"/>
        <Card>
            <EmptyState
                kind=EmptyKind::NoResults
                title="There is no such call"
                text="It may belong to another organization, or the address is incomplete."
            >
                <ButtonLink href=Some("/usage".to_owned())>"All calls"</ButtonLink>
            </EmptyState>
        </Card>
    }
}
