use super::{
    data::{ConnectionFacts, ModelRow},
    price::PriceForm,
};
use crate::{
    prelude::*,
    ui::{Badge, Card, CardAside, Column, Priority, Table, Time, Tone, query::with_query},
    wire::PageData,
};

/// The models that can't be called before they have a price, each with the form that gives it one.
#[component]
pub(super) fn Unpriced(
    models: Memo<Vec<ModelRow>>,
    symbol: String,
    connection: String,
    data: PageData<ConnectionFacts>,
) -> impl IntoView {
    let unpriced =
        Memo::new(move |_| models.read().iter().filter(|model| model.priced.is_none()).cloned().collect::<Vec<_>>());
    let count = move || unpriced.read().len();
    let (symbol, connection) = (StoredValue::new(symbol), StoredValue::new(connection));
    view! {
        <Show when=move || !unpriced.read().is_empty()>
            <Card title="Waiting for a price" note="A model without a price can't be called. What its maker is known to charge is filled in: check it, then save." flush=true>
                <CardAside slot><Badge tone=Tone::Warn>{count}</Badge></CardAside>
                <ul class="prices">
                    <For
                        each=move || unpriced.get()
                        key=|model| model.id.clone()
                        children=move |model| view! { <li><PriceForm model symbol=symbol.get_value() connection=connection.get_value() data inline=true/></li> }
                    />
                </ul>
            </Card>
        </Show>
    }
}

/// The models with their prices.
#[component]
pub(super) fn Priced(models: Memo<Vec<ModelRow>>, symbol: String) -> impl IntoView {
    let priced =
        Memo::new(move |_| models.read().iter().filter(|model| model.priced.is_some()).cloned().collect::<Vec<_>>());
    let columns = StoredValue::new(columns(&symbol));
    view! {
        <Show when=move || !priced.read().is_empty()>
            <Card title="Models" note="Per million tokens. A dash counts as input, or output for reasoning." flush=true>
                <Table label="Models and prices" columns=columns.get_value() rows=priced key=model_key/>
            </Card>
        </Show>
    }
}

fn model_key(model: &ModelRow) -> String {
    let since = model.priced.as_ref().map_or(0, |at| at.seconds);
    format!("{} {since} {:?}", model.id, model.rates)
}

fn columns(symbol: &str) -> Vec<Column<ModelRow>> {
    let figure = |title: &'static str, of: fn(&ModelRow) -> &str| {
        let symbol = symbol.to_owned();
        Column::number(title, move |model: &ModelRow| match of(model) {
            "" => view! { <span class="subtle">"–"</span> },
            amount => format!("{symbol}{amount}").into_any(),
        })
    };
    vec![
        Column::new("Model", |model: &ModelRow| {
            let name = model.name.clone();
            view! { <b class="truncate">{name}</b> }
        })
        .shown(Priority::Always),
        figure("Input", |model| &model.rates.input).shown(Priority::Always),
        figure("Cached", |model| &model.rates.cached_input).shown(Priority::Desktop),
        figure("Cache write", |model| &model.rates.cache_write).shown(Priority::Desktop),
        figure("Output", |model| &model.rates.output).shown(Priority::Always),
        figure("Reasoning", |model| &model.rates.reasoning).shown(Priority::Desktop),
        figure("Per request", |model| &model.rates.per_request).shown(Priority::Desktop),
        Column::new("Since", |model: &ModelRow| {
            model.priced.clone().map(|at| view! { <span class="muted"><Time at/></span> })
        }),
        Column::new("Price", |model: &ModelRow| {
            let href = with_query(vec![("price", Some(model.id.clone()))]);
            let label = format!("Change the price of {}", model.name);
            view! { <a class="link" href=move || href.get() aria-label=label>"Change price"</a> }
        })
        .shown(Priority::Always),
    ]
}
