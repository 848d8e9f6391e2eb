use super::{
    actions::ReadOn,
    data::{ConnectionFacts, ConnectionRow, LoadConnection, Said},
    head::Head,
    list::status,
    models::{Priced, Unpriced},
    price::PriceDialog,
};
use crate::{
    prelude::*,
    shell::PageProblem,
    ui::{
        Button, ButtonKind, Card, DescriptionList, EmptyKind, EmptyState, Entry, EnvironmentBadge, FormError, Glyph,
        Note, PageHead, Skeleton, Time, Tone, format,
    },
    wire::{Form, PageData, Sending, lazy_page},
};

/// `/connections/{id}`: a connection, its models and their prices.
#[derive(Debug)]
pub(crate) struct ConnectionPage {
    facts: PageData<ConnectionFacts>,
}

lazy_page!(catalog: ConnectionPage);

impl ConnectionPage {
    fn load() -> Self {
        Self { facts: PageData::of_id::<LoadConnection>() }
    }

    /// The page follows its data, so that a form half filled in stays as it is while another one's
    /// model gets its price.
    fn show(self) -> AnyView {
        let Self { facts: data } = self;
        data.follow(waiting, move |facts| {
            let body = move || match facts.problem.get() {
                Some(problem) => view! { <PageHead title="Connection"/> <PageProblem problem/> },
                None => view! { <Known shown=facts.value data/> },
            };
            body.into_any()
        })
    }
}

fn waiting() -> AnyView {
    view! { <PageHead title="Connection"/> <Card><Skeleton block=true/></Card> }
}

#[component]
fn Known(shown: RwSignal<ConnectionFacts>, data: PageData<ConnectionFacts>) -> impl IntoView {
    let row = Memo::new(move |_| shown.read().row.clone());
    let said = Memo::new(move |_| shown.read().said.clone());
    let models = Memo::new(move |_| shown.read().models.clone());
    let (symbol, zone) = shown.with_untracked(|facts| (facts.symbol.clone(), facts.zone.clone()));
    let told = move || {
        said.get().map(|Said { well, words }| {
            let tone = if well { Tone::Ok } else { Tone::Danger };
            view! { <Note tone><p role="status">{words}</p></Note> }
        })
    };
    let facts = move || view! { <Facts facts=shown.get() data/> };
    let none = Memo::new(move |_| models.read().is_empty());
    view! {
        {move || view! { <Head row=row.get() data/> }}
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
        <Unpriced models symbol=symbol.clone() connection=row.read_untracked().id.clone() data/>
        <Priced models symbol=symbol.clone()/>
        <PriceDialog models symbol zone connection=row.read_untracked().id.clone() data/>
    }
}

#[component]
fn Facts(facts: ConnectionFacts, data: PageData<ConnectionFacts>) -> impl IntoView {
    let ConnectionFacts { row, since, .. } = facts;
    let ConnectionRow { id, provider, environment, base_url, last_four, models, enabled, reads_on, .. } = row;
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
                <Entry term="When a client leaves"><WhenLeft id reads_on data/></Entry>
                <Entry term="Models">{format::count(models)}</Entry>
                <Entry term="Connected"><Time at=since/></Entry>
            </DescriptionList>
        </Card>
    }
}

/// What becomes of an answer whose client has left, and a button for the other way.
#[component]
fn WhenLeft(id: String, reads_on: bool, data: PageData<ConnectionFacts>) -> impl IntoView {
    let action = Sending::to::<ReadOn>();
    action.then(move || data.refetch());
    let (is, other) = match reads_on {
        true => ("Its answer is read on", "Cancel it instead"),
        false => ("Its answer is cancelled", "Read on instead"),
    };
    view! {
        <Form to=action class="kv__act">
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name="reads_on" value=(!reads_on).to_string()/>
            <span>{is}</span>
            <Button submit=true kind=ButtonKind::Ghost pending=action.pending()>{other}</Button>
            <FormError problem=action.problem()/>
        </Form>
    }
}
