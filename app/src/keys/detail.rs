#[cfg(feature = "ssr")]
use domain::KeyId;
use serde::{Deserialize, Serialize};

use super::{
    actions::SetKeyStatus,
    facts::Facts,
    moves::Actions,
    rotate::{EndKeyRotation, NewSecret, OldSecret, OldSecretNote, RotateKey, Rotated},
    row::KeyRow,
};
use crate::{
    budgets::{BudgetCard, KeyBudgets},
    lifetime::Standing,
    limits::{LimitCard, LimitRows, LoadKeyLimits},
    prelude::*,
    problem::Problem,
    shell::PageProblem,
    ui::{
        Card, CardAside, DialogButton, EmptyKind, EmptyState, Glyph, Moment, Note, PageHead, Skeleton, Table, Tile,
        Tiles, Time, Tone, close_dialog, format, use_toasts,
    },
    usage::{CallRow, Listed, columns},
    wire::{PageData, Sending, lazy_page},
};

/// A key and what it did lately.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyDetail {
    /// The key as in the list.
    pub key: KeyRow,
    /// What it may do, in a sentence or two.
    pub access: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its labels, by name.
    pub labels: Vec<(String, String)>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Whose team's it is.
    pub team: Option<String>,
    /// Since when it has its present secret.
    pub secret_made: Moment,
    /// From when on that should be changed.
    pub rotation: Option<Moment>,
    /// The secret that it had before, while that is good.
    pub old_secret: Option<OldSecret>,
    /// The new secret that a form without WASM has just made.
    pub arrived: Option<Rotated>,
    /// The template that it is by: its id, and what is said of it.
    pub template: Option<(String, String)>,
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
    let arrived = crate::lifetime::once::arrived::<KeyId>().filter(|(of, _)| *of == id);
    let budgets = crate::budgets::of_key(&actor, id, &calendar).await?;
    Ok(KeyDetail {
        access: super::access::access(&actor, &key, budgets.as_ref(), &calendar).await?,
        description: (!key.description.is_empty()).then(|| key.description.to_string()),
        labels: key.labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        owner: key.owner_name.as_ref().map(ToString::to_string),
        team: key.team_name.as_ref().map(ToString::to_string),
        secret_made: calendar.moment(key.secret_made_at),
        rotation: key.rotation_due_at.map(|at| calendar.moment(at)),
        old_secret: key.rotation.as_ref().map(|rotation| OldSecret::new(rotation, &calendar)),
        arrived: arrived.map(|(_, secret)| Rotated { secret }),
        template: key.template.as_ref().map(template),
        created: calendar.moment(key.created_at),
        expires: key.expires_at.map(|at| calendar.moment(at)),
        revoked: key.revoked_at.map(|at| calendar.moment(at)),
        calls: last_calls(&actor, id, &calendar).await?,
        budgets,
        key: super::row::row(&key, &calendar),
    })
}

/// A template's id, and it in words: `Production, version 2; change the secret every 90 days`.
#[cfg(feature = "ssr")]
fn template(of: &domain::templates::TemplateRef) -> (String, String) {
    let rotate = of.rotate_every_days.map(|days| format!("; change the secret every {days} days")).unwrap_or_default();
    (of.id.to_string(), format!("{}, version {}{rotate}", of.name, of.version))
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
        let (change, rotate) = (Sending::to::<SetKeyStatus>(), Sending::to::<RotateKey>());
        let end = Sending::to::<EndKeyRotation>();
        change.then(move || key.refetch());
        rotate.then(move || {
            close_dialog("rotate");
            key.refetch();
        });
        end.then(move || key.refetch());
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
                    view! { <Detail detail limits=card change rotate end/> }
                }
                Err(problem) => view! { <PageProblem problem/> },
            })
        })
    }
}

#[component]
fn Detail(
    detail: KeyDetail,
    limits: AnyView,
    change: Sending,
    rotate: Sending<Rotated>,
    end: Sending,
) -> impl IntoView {
    let KeyDetail { key, access, rotation, old_secret, arrived, calls, budgets, .. } = detail.clone();
    let (id, may_end) = (key.id.clone(), key.may.change);
    let old_secret = old_secret.map(|old| view! { <OldSecretNote id=id.clone() old end=may_end.then_some(end)/> });
    let arrived = arrived.map(|rotated| rotated.secret);
    let lead = format!("/usage?key={}", key.id);
    let budgets = budgets.map(|budgets| view! { <BudgetCard budgets key_id=key.id.clone()/> });
    let recent = calls.map(|calls| view! { <Calls calls lead=lead.clone()/> });
    let actions =
        key.may.change.then(|| view! { <Actions key_row=key.clone() change rotate has_new=arrived.is_some()/> });
    view! {
        <PageHead title=key.name.clone() note=meaning(&key)>{actions}</PageHead>
        <p>{access}</p>
        <NewSecret id name=key.name.clone() action=rotate arrived/>
        {old_secret}
        {rotation_due(&key, rotation)}
        {ends_soon(&key)}
        <Tiles label="Today">
            <Tile label="Calls today" value=format::count(key.calls) href=lead.clone()/>
            <Tile label="Cost today" value=key.cost.clone() href=lead.clone()/>
        </Tiles>
        <div class="grid">
            {recent}
            <div class="stack">
                {budgets}
                {limits}
                <Facts detail/>
            </div>
        </div>
    }
}

/// The reminder of a key that ends soon.
fn ends_soon(key: &KeyRow) -> Option<AnyView> {
    let Standing::Expiring(when) = &key.standing else { return None };
    let edit = key.may.change.then(|| view! { <a href=format!("/keys/{}/edit", key.id)>"Change its end"</a> });
    let words = format!("This key expires {when}. From then on its calls are refused. ");
    Some(view! { <Note tone=Tone::Warn>{words} {edit}</Note> })
}

/// The reminder of a key whose secret should be changed, and the button that does it.
fn rotation_due(key: &KeyRow, since: Option<Moment>) -> Option<AnyView> {
    let at = since.filter(|_| key.rotation_due)?;
    let collect = key.may.change.then(|| {
        view! { <DialogButton opens="rotate" icon=Glyph::Refresh>"Collect new secret…"</DialogButton> }
    });
    Some(view! {
        <Note tone=Tone::Warn>
            <div class="cluster">
                <p>"The rotation of this key is due since " <Time at/> ". It goes on working until somebody collects a new secret."</p>
                {collect}
            </div>
        </Note>
    })
}

/// What the key is, in a sentence.
fn meaning(key: &KeyRow) -> &'static str {
    match key.environment.as_str() {
        "test" => "A test key: its calls reach the Sandbox and cost nothing real.",
        _ => "A live key: its calls reach connected providers and cost money.",
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
