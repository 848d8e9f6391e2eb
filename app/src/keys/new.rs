use super::{
    answers::KeyAnswers,
    create::{CreateKey, KeyStart, StartKey},
    examples::examples,
    fields::{KeyOffer, MoreFields},
    made::MadeKey,
    template::{ChosenTemplate, SetByTemplate, TemplateCard, TemplateCards},
};
use crate::{
    lifetime::EndingSelect,
    prelude::*,
    shell::PageProblem,
    ui::{
        Button, ButtonKind, ButtonLink, Card, Checkbox, Choice, Choices, CodeBlock, DescriptionList, Entry,
        EnvironmentBadge, FormError, Input, Note, PageHead, SecretOnce, Time,
    },
    wire::{Form, PageData, Sending, lazy_page},
};

/// `/keys/new`: a key is made, and its secret shown once.
#[derive(Debug)]
pub(crate) struct NewKeyPage {
    start: PageData<KeyStart>,
}

lazy_page!(credentials: NewKeyPage);

impl NewKeyPage {
    fn load() -> Self {
        Self { start: PageData::of_query::<StartKey>(&["template"]) }
    }

    fn show(self) -> AnyView {
        self.start.each(
            || ().into_any(),
            |start| match start {
                Ok(start) => view! { <NewKey start/> },
                Err(problem) => view! { <PageProblem problem/> },
            },
        )
    }
}

#[component]
fn NewKey(start: KeyStart) -> impl IntoView {
    let KeyStart { arrived, offer, me, templates, chosen } = start;
    let action = Sending::to::<CreateKey>();
    let arrived = RwSignal::new(arrived);
    let made = Memo::new(move |_| action.answer().or_else(|| arrived.get()));
    let another = Callback::new(move |()| {
        arrived.set(None);
        action.forget();
    });
    let page = move || match made.get() {
        Some(made) => view! { <Ready made another/> },
        None => {
            view! { <KeyForm action offer=offer.clone() me=me.clone() templates=templates.clone() chosen=chosen.clone()/> }
        }
    };
    view! { <div class="stack narrow">{page}</div> }
}

#[component]
fn KeyForm(
    action: Sending<MadeKey>,
    offer: KeyOffer,
    me: String,
    templates: Vec<TemplateCard>,
    chosen: ChosenTemplate,
) -> impl IntoView {
    let given = KeyAnswers { owner_id: me, ..chosen.given.clone() };
    let environments = vec![
        Choice::new("test", "Test").with_note("Reaches the Sandbox, which answers at once and costs nothing."),
        Choice::new("live", "Live").with_note("Reaches connected providers, which charge for what is used."),
    ];
    let environment = (!chosen.locks("environment")).then(|| {
        view! { <Choices name="environment" label="Environment" choices=environments value=chosen.environment.clone()/> }
    });
    let of_template = chosen.ends.clone().map(|ends| format!("As the template says: {}", lower_first(&ends)));
    let hint = "After that its calls are refused.";
    let ending = (!chosen.locks("expiry")).then(|| match of_template {
        Some(keep) => view! { <EndingSelect value="keep" keep hint error=action.error("expires_in")/> },
        None => view! { <EndingSelect value="" hint error=action.error("expires_in")/> },
    });
    let without = |name: &'static str, what: Option<String>| {
        what.map(|what| view! { <Checkbox name label=format!("Leave out what the template suggests: {what}")/> })
    };
    let bounds = [without("without_limits", chosen.limits.clone()), without("without_budget", chosen.budget.clone())];
    let (locked, wants) = (chosen.locked.clone(), chosen.wants.is_some());
    view! {
        <PageHead title="Create key" note="One for each application, so that you see what each uses and can end one alone.">
            <ButtonLink href=Some("/keys/new-many".to_owned())>"Create many"</ButtonLink>
        </PageHead>
        <TemplateCards cards=templates chosen=chosen.id.clone() page="/keys/new"/>
        <Card>
            <Form to=action class="form">
                <FormError problem=action.problem()/>
                <input type="hidden" name="template_id" value=chosen.id.clone()/>
                <Input
                    name="name"
                    label="Name"
                    hint="What calls with it."
                    placeholder="checkout-staging"
                    required=true
                    maxlength=100
                    autocomplete="off"
                    autofocus=true
                    error=action.error("name")
                />
                {environment}
                {ending}
                {bounds}
                <SetByTemplate chosen/>
                <MoreFields offer given action hidden=locked open=wants/>
                <div class="form__actions">
                    <Button submit=true kind=ButtonKind::Primary pending=action.pending()>"Create key"</Button>
                    <ButtonLink href=Some("/keys".to_owned())>"Cancel"</ButtonLink>
                </div>
            </Form>
        </Card>
    }
}

/// Words as they stand within a sentence.
fn lower_first(words: &str) -> String {
    let mut words = words.to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    words
}

/// The one moment at which the secret is seen.
#[component]
fn Ready(made: MadeKey, another: Callback<()>) -> impl IntoView {
    let examples = examples(&made);
    let MadeKey { id, name, environment, secret, expires, models, may_connect, .. } = made;
    let file = format!("{name}.txt");
    let first_call = match examples.is_empty() {
        false => view! { <CodeBlock name="first-call" examples/> },
        true => view! { <NoModel may_connect/> },
    };
    view! {
        <PageHead title=format!("{name} is ready") note="Copy the key now. It is shown only this once."/>
        <Card>
            <div class="stack">
                <SecretOnce secret label="API key" file/>
                {first_call}
                <DescriptionList>
                    <Entry term="Environment"><EnvironmentBadge environment/></Entry>
                    <Entry term="May call">{may_call(&models)}</Entry>
                    <Entry term="Expires">{expires.map_or_else(|| "Never".into_any(), |at| view! { <Time at/> })}</Entry>
                </DescriptionList>
                <div class="form__actions">
                    <ButtonLink href=Some(format!("/keys/{id}")) kind=ButtonKind::Primary>"I have stored it"</ButtonLink>
                    <ButtonLink href=Some("/keys/new".to_owned()) on:click=move |_| another.run(())>"Create another"</ButtonLink>
                </div>
            </div>
        </Card>
    }
}

/// The first few models by name.
fn may_call(models: &[String]) -> String {
    const SHOWN: usize = 4;
    match models.len() {
        0 => "No model yet".to_owned(),
        n if n > SHOWN => format!("{} and {} more", models[..SHOWN].join(", "), n - SHOWN),
        _ => models.join(", "),
    }
}

#[component]
fn NoModel(may_connect: bool) -> impl IntoView {
    let way = if may_connect {
        view! { <a class="link" href="/connections/new">"Connect a provider"</a> " and set the price of a model to make the first call." }
    } else {
        "Platform staff can connect a provider and set its models' prices.".into_any()
    };
    view! { <Note><p>"No model can be called with a live key yet. " {way}</p></Note> }
}
