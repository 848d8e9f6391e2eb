#[cfg(feature = "ssr")]
use domain::KeyId;
use serde::{Deserialize, Serialize};

use super::{
    actions::{RenameKey, SetKeyStatus},
    revoke::RevokeForm,
    row::KeyRow,
    rows::turn,
};
use crate::{
    budgets::{BudgetCard, KeyBudgets},
    lifetime::StandingBadge,
    limits::{LimitCard, LimitRows, LoadKeyLimits},
    prelude::*,
    problem::Problem,
    shell::PageProblem,
    ui::{
        Button, ButtonKind, Card, CardAside, DescriptionList, Dialog, DialogButton, EmptyKind, EmptyState, Entry,
        EnvironmentBadge, FormError, Glyph, Input, Moment, PageHead, Skeleton, Table, Tile, Tiles, Time, Tone, format,
        query::query_param, use_toasts,
    },
    usage::{CallRow, Listed, columns},
    wire::{Form, PageData, Sending, lazy_page},
};

/// A key and what it did lately.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyDetail {
    /// The key as in the list.
    pub key: KeyRow,
    /// Since when.
    pub created: Moment,
    /// Until when.
    pub expires: Option<Moment>,
    /// When it was revoked.
    pub revoked: Option<Moment>,
    /// Its last calls; absent for those who may not see calls.
    pub calls: Option<Vec<CallRow>>,
    /// The budgets that its calls fall under; absent for those who may not see budgets.
    pub budgets: Option<KeyBudgets>,
}

/// One key.
#[server(prefix = "/fn", endpoint = "key")]
pub async fn load_key(
    /// Its id.
    id: String,
) -> Result<KeyDetail, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    // An address that can't be a key's leads nowhere, like one of a key that there is not.
    let id = id.parse::<KeyId>().map_err(|_| service::Error::not_found("key"))?;
    let key = handle::<service::keys::Keys>()?.get(&actor, id).await?;
    let calendar = Calendar::of(&actor).await?;
    Ok(KeyDetail {
        created: calendar.moment(key.created_at),
        expires: key.expires_at.map(|at| calendar.moment(at)),
        revoked: key.revoked_at.map(|at| calendar.moment(at)),
        calls: last_calls(&actor, id, &calendar).await?,
        budgets: crate::budgets::of_key(&actor, id, &calendar).await?,
        key: super::row::row(&key, &calendar),
    })
}

#[cfg(feature = "ssr")]
async fn last_calls(
    actor: &service::Actor,
    id: KeyId,
    calendar: &crate::server::Calendar,
) -> Result<Option<Vec<CallRow>>, Problem> {
    if !actor.may(domain::identity::Permission::UsageRead) {
        return Ok(None);
    }
    let query = domain::usage::EventQuery { key: Some(id.to_string()), ..Default::default() };
    let page = domain::PageQuery { limit: Some(10), cursor: None };
    let calls = crate::server::handle::<service::usage::Usage>()?.events(actor, &query, &page).await?;
    Ok(Some(calls.data.iter().map(|event| crate::usage::row(event, calendar)).collect()))
}

/// `/keys/{id}`: one key.
#[derive(Debug)]
pub(crate) struct KeyPage {
    key: PageData<KeyDetail>,
    limits: PageData<LimitRows>,
}

lazy_page!(credentials: KeyPage);

impl KeyPage {
    fn load() -> Self {
        Self { key: PageData::of_id::<LoadKey>(), limits: PageData::of_id::<LoadKeyLimits>() }
    }

    fn show(self) -> AnyView {
        let Self { key, limits } = self;
        let (change, rename) = (Sending::to::<SetKeyStatus>(), Sending::to::<RenameKey>());
        change.then(move || key.refetch());
        rename.then(move || key.refetch());
        let toasts = use_toasts();
        effect(move || {
            if let Some(problem) = change.problem().get() {
                toasts.fail(problem.message);
            }
        });
        let waiting: fn() -> AnyView = || view! { <Skeleton block=true/> };
        limits.follow(waiting, move |shown| {
            key.each(waiting, move |key| match key {
                Ok(detail) => {
                    let card = view! { <LimitCard data=limits limits=shown key_id=detail.key.id.clone()/> };
                    view! { <Detail detail limits=card change rename/> }
                }
                Err(problem) => view! { <PageProblem problem/> },
            })
        })
    }
}

#[component]
fn Detail(detail: KeyDetail, limits: AnyView, change: Sending, rename: Sending) -> impl IntoView {
    let KeyDetail { key, created, expires, revoked, calls, budgets } = detail;
    let lead = format!("/usage?key={}", key.id);
    let budgets = budgets.map(|budgets| view! { <BudgetCard budgets key_id=key.id.clone()/> });
    let recent = calls.map(|calls| view! { <Calls calls lead=lead.clone()/> });
    let actions = key.may.change.then(|| view! { <Actions key_row=key.clone() change rename/> });
    let never = |at: Option<Moment>, none: &'static str| at.map_or_else(|| none.into_any(), |at| view! { <Time at/> });
    let last_used = key.last_used.clone();
    let revoked = revoked.map(|at| view! { <Entry term="Revoked"><Time at/></Entry> });
    view! {
        <PageHead title=key.name.clone() note=meaning(&key)>{actions}</PageHead>
        <Tiles label="Today">
            <Tile label="Calls today" value=format::count(key.calls) href=lead.clone()/>
            <Tile label="Cost today" value=key.cost.clone() href=lead.clone()/>
        </Tiles>
        <div class="grid">
            {recent}
            <div class="stack">
                {budgets}
                {limits}
                <Card title="About this key">
                    <DescriptionList>
                        <Entry term="Status"><StandingBadge standing=key.standing.clone()/></Entry>
                        <Entry term="Environment"><EnvironmentBadge environment=key.environment.clone()/></Entry>
                        <Entry term="Key"><span class="mono">{key.hint.clone()}</span></Entry>
                        <Entry term="Created"><Time at=created/> " by " {key.created_by.clone()}</Entry>
                        <Entry term="Last used">{never(last_used, "Never")}</Entry>
                        <Entry term="Expires">{never(expires, "Never")}</Entry>
                        {revoked}
                        <Entry term="Id"><span class="mono">{key.id.clone()}</span></Entry>
                    </DescriptionList>
                </Card>
            </div>
        </div>
    }
}

/// What the key is, in a sentence.
fn meaning(key: &KeyRow) -> &'static str {
    match key.environment.as_str() {
        "test" => "A test key: its calls reach the Sandbox and cost nothing real.",
        _ => "A live key: its calls reach connected providers and cost money.",
    }
}

#[component]
fn Actions(key_row: KeyRow, change: Sending, rename: Sending) -> impl IntoView {
    let KeyRow { id, name, may, .. } = key_row;
    let (icon, next, words) = turn(may.enable);
    let asked = query_param("ask").get_untracked().as_deref() == Some("revoke");
    let (rename_title, revoke_title) = (format!("Rename {name}"), format!("Revoke {name}?"));
    let (renamed, revoked) = (id.clone(), id.clone());
    view! {
        <DialogButton opens="rename" icon=Glyph::Pencil>"Rename…"</DialogButton>
        <Form to=change>
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name="status" value=next/>
            <Button submit=true icon pending=change.pending()>{words}</Button>
        </Form>
        <DialogButton opens="revoke" tone=Tone::Danger icon=Glyph::Ban>"Revoke…"</DialogButton>
        <Dialog id="rename" title=rename_title small=true>
            <Form to=rename class="form">
                <FormError problem=rename.problem()/>
                <input type="hidden" name="id" value=renamed/>
                <Input name="name" label="Name" value=name required=true maxlength=100 autocomplete="off" error=rename.error("name")/>
                <div class="dialog__foot">
                    <Button kind=ButtonKind::Primary submit=true pending=rename.pending()>"Rename"</Button>
                </div>
            </Form>
        </Dialog>
        <Dialog id="revoke" title=revoke_title small=true shown=asked>
            <RevokeForm id=revoked action=change/>
        </Dialog>
    }
}

#[component]
fn Calls(calls: Vec<CallRow>, lead: String) -> impl IntoView {
    let nothing = || {
        view! { <EmptyState kind=EmptyKind::FirstUse icon=Glyph::Activity title="No calls yet" text="The first call with this key appears here."/> }
    };
    view! {
        <Card title="Recent calls" flush=true>
            <CardAside slot><a class="link" href=lead>"All calls"</a></CardAside>
            <Table
                label="Recent calls"
                columns=columns(Listed::OfKey)
                rows=calls
                key=|call: &CallRow| call.id.clone()
                href=|call: &CallRow| format!("/usage/{}", call.id)
                empty=nothing
            />
        </Card>
    }
}
