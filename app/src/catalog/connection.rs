use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};

use super::{
    data::{ConnectionFacts, ConnectionRow, Said, load_connection},
    head::Head,
    list::status,
    models::{Priced, Unpriced},
    price::PriceDialog,
};
use crate::{
    problem::Problem,
    shell::PageProblem,
    ui::{
        Card, DescriptionList, EmptyKind, EmptyState, Entry, EnvironmentBadge, Glyph, Note, PageHead, Skeleton, Time,
        Tone, format,
    },
};

/// `/connections/{id}`: a connection, its models and their prices.
#[derive(Debug)]
pub(crate) struct ConnectionPage {
    changes: RwSignal<u32>,
    facts: Resource<Result<ConnectionFacts, Problem>>,
}

#[lazy_route]
impl LazyRoute for ConnectionPage {
    fn data() -> Self {
        let (params, changes) = (use_params_map(), RwSignal::new(0));
        let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
        let facts = Resource::new_blocking(move || (id.get(), changes.get()), |(id, _)| load_connection(id));
        Self { changes, facts }
    }

    fn view(this: Self) -> AnyView {
        let ConnectionPage { changes, facts } = this;
        view! {
            <Transition fallback=|| view! { <PageHead title="Connection"/> <Card><Skeleton block=true/></Card> }>
                {Suspend::new(async move { view! { <Connection first=facts.await facts changes/> } })}
            </Transition>
        }
        .into_any()
    }
}

/// The page follows its resource in one signal, so that a form half filled in stays as it is while
/// another one's model gets its price.
#[component]
fn Connection(
    first: Result<ConnectionFacts, Problem>,
    facts: Resource<Result<ConnectionFacts, Problem>>,
    changes: RwSignal<u32>,
) -> impl IntoView {
    let shown = RwSignal::new(first);
    Effect::new(move |before: Option<()>| {
        let loaded = facts.get();
        if let Some(loaded) = loaded.filter(|_| before.is_some()) {
            shown.set(loaded);
        }
    });
    let problem = Memo::new(move |_| shown.read().as_ref().err().cloned());
    move || match problem.get() {
        Some(problem) => view! { <PageHead title="Connection"/> <PageProblem problem/> }.into_any(),
        None => view! { <Known shown changes/> }.into_any(),
    }
}

#[component]
fn Known(shown: RwSignal<Result<ConnectionFacts, Problem>>, changes: RwSignal<u32>) -> impl IntoView {
    let facts = move || shown.get().ok();
    let row = Memo::new(move |_| facts().map(|facts| facts.row).unwrap_or_default());
    let said = Memo::new(move |_| facts().and_then(|facts| facts.said));
    let models = Memo::new(move |_| facts().map(|facts| facts.models).unwrap_or_default());
    let (symbol, zone) = shown.with_untracked(|facts| match facts {
        Ok(facts) => (facts.symbol.clone(), facts.zone.clone()),
        Err(_) => Default::default(),
    });
    let told = move || {
        said.get().map(|Said { well, words }| {
            let tone = if well { Tone::Ok } else { Tone::Danger };
            view! { <Note tone><p role="status">{words}</p></Note> }
        })
    };
    let facts = move || facts().map(|facts| view! { <Facts facts/> });
    let none = Memo::new(move |_| models.read().is_empty());
    view! {
        {move || view! { <Head row=row.get() changes/> }}
        {told}
        {facts}
        <Show when=move || none.get()>
            <Card>
                <EmptyState
                    kind=EmptyKind::FirstUse
                    icon=Glyph::Boxes
                    title="No models yet"
                    text="A test asks the provider for its models and adds them here."
                />
            </Card>
        </Show>
        <Unpriced models symbol=symbol.clone() connection=row.read_untracked().id.clone() changes/>
        <Priced models symbol=symbol.clone()/>
        <PriceDialog models symbol zone connection=row.read_untracked().id.clone() changes/>
    }
}

#[component]
fn Facts(facts: ConnectionFacts) -> impl IntoView {
    let ConnectionFacts { row, since, .. } = facts;
    let ConnectionRow { provider, environment, base_url, last_four, models, enabled, .. } = row;
    let key = match (&base_url, last_four) {
        (None, _) => "None needed".to_owned(),
        (Some(_), Some(four)) => format!("…{four}"),
        (Some(_), None) => "Set".to_owned(),
    };
    view! {
        <Card>
            <DescriptionList>
                <Entry term="Status">{status(enabled)}</Entry>
                <Entry term="Environment"><EnvironmentBadge environment/></Entry>
                <Entry term="Provider">{provider}</Entry>
                {base_url.map(|url| view! { <Entry term="Base URL"><code>{url}</code></Entry> })}
                <Entry term="Key"><code>{key}</code></Entry>
                <Entry term="Models">{format::count(models)}</Entry>
                <Entry term="Connected"><Time at=since/></Entry>
            </DescriptionList>
        </Card>
    }
}
