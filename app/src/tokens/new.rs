use domain::identity::Permission;

use super::actions::{CreateToken, MadeToken, StartToken, TokenStart};
use crate::{
    lifetime::EndingSelect,
    prelude::*,
    shell::PageProblem,
    ui::{
        Button, ButtonKind, ButtonLink, Card, Checkbox, CodeBlock, DescriptionList, Entry, Example, FormError, Input,
        PageHead, SecretOnce, Time,
    },
    wire::{Form, PageData, Sending, lazy_page},
};

/// `/tokens/new`: a token is made, and its secret shown once.
#[derive(Debug)]
pub(crate) struct NewTokenPage {
    start: PageData<TokenStart>,
}

lazy_page!(credentials: NewTokenPage);

impl NewTokenPage {
    fn load() -> Self {
        Self { start: PageData::alone::<StartToken>() }
    }

    fn show(self) -> AnyView {
        self.start.each(
            || ().into_any(),
            |start| match start {
                Ok(start) => view! { <NewToken start/> },
                Err(problem) => view! { <PageProblem problem/> },
            },
        )
    }
}

#[component]
fn NewToken(start: TokenStart) -> impl IntoView {
    let TokenStart { scopes, arrived } = start;
    let action = Sending::to::<CreateToken>();
    let arrived = RwSignal::new(arrived);
    let made = Memo::new(move |_| action.answer().or_else(|| arrived.get()));
    let another = Callback::new(move |()| {
        arrived.set(None);
        action.forget();
    });
    let page = move || match made.get() {
        Some(made) => view! { <Ready made another/> },
        None => view! { <TokenForm action scopes=scopes.clone()/> },
    };
    view! { <div class="stack narrow">{page}</div> }
}

#[component]
fn TokenForm(action: Sending<MadeToken>, scopes: Vec<Permission>) -> impl IntoView {
    let scope = |scope: Permission| {
        view! { <Checkbox name="scopes[]" label=scope.sentence() hint=scope.as_str() value=scope.as_str()/> }
    };
    view! {
        <PageHead title="Create token" note="For one program. Give it what it needs and no more."/>
        <Card>
            <Form to=action class="form">
                <FormError problem=action.problem()/>
                <Input
                    name="name"
                    label="Name"
                    hint="The program that uses it."
                    placeholder="deploy-pipeline"
                    required=true
                    maxlength=100
                    autocomplete="off"
                    autofocus=true
                    error=action.error("name")
                />
                <fieldset class="field" id="field-scopes">
                    <legend class="field__label">"Scopes"</legend>
                    {scopes.into_iter().map(scope).collect_view()}
                </fieldset>
                <EndingSelect value="90" hint="After that its requests are refused." error=action.error("expires_in")/>
                <div class="form__actions">
                    <Button submit=true kind=ButtonKind::Primary pending=action.pending()>"Create token"</Button>
                    <ButtonLink href=Some("/tokens".to_owned())>"Cancel"</ButtonLink>
                </div>
            </Form>
        </Card>
    }
}

/// The one moment at which the secret is seen.
#[component]
fn Ready(made: MadeToken, another: Callback<()>) -> impl IntoView {
    let example = example(&made).map(|example| view! { <CodeBlock name="first-request" examples=vec![example]/> });
    let MadeToken { name, secret, scopes, expires, .. } = made;
    let file = format!("{name}.txt");
    let scopes = scopes.into_iter().map(Permission::as_str).collect::<Vec<_>>().join(", ");
    view! {
        <PageHead title=format!("{name} is ready") note="Copy the token now. It is shown only this once."/>
        <Card>
            <div class="stack">
                <SecretOnce secret label="token" file/>
                {example}
                <DescriptionList>
                    <Entry term="Scopes">{scopes}</Entry>
                    <Entry term="Expires">{expires.map_or_else(|| "Never".into_any(), |at| view! { <Time at/> })}</Entry>
                </DescriptionList>
                <div class="form__actions">
                    <ButtonLink href=Some("/tokens".to_owned()) kind=ButtonKind::Primary>"I have stored it"</ButtonLink>
                    <ButtonLink href=Some("/tokens/new".to_owned()) on:click=move |_| another.run(())>"Create another"</ButtonLink>
                </div>
            </div>
        </Card>
    }
}

/// A request that the token may make, ready to paste.
fn example(made: &MadeToken) -> Option<Example> {
    const READS: &[(Permission, &str)] = &[
        (Permission::KeysRead, "keys"),
        (Permission::UsageRead, "usage/summary"),
        (Permission::BudgetsRead, "budgets"),
        (Permission::LimitsRead, "limits"),
        (Permission::CatalogRead, "models"),
        (Permission::TokensManage, "tokens"),
        (Permission::ConnectionsManage, "connections"),
    ];
    let (_, path) = READS.iter().find(|(scope, _)| made.scopes.contains(scope))?;
    let MadeToken { api_url, secret, .. } = made;
    Some(Example::new("curl", format!("curl {api_url}/{path} \\\n  -H \"Authorization: Bearer {secret}\"")))
}
