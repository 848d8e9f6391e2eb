use super::{
    actions::LimitRows,
    columns::level,
    dialogs::{Actions, Asking, Dialogs},
    row::{LevelBar, LimitRow},
};
use crate::{
    bearers::kind_words,
    prelude::*,
    shell::PageProblem,
    ui::{Badge, Card, CardAside},
    wire::{Following, PageData, use_pulse},
};

/// The limits that calls with a key fall under, and what is used of them right now.
#[component]
pub(crate) fn LimitCard(
    /// How they are loaded.
    data: PageData<LimitRows>,
    /// The limits.
    limits: Following<LimitRows>,
    /// The key.
    key_id: String,
) -> impl IntoView {
    let asking = Asking::new(limits.value, data);
    use_pulse(move || data.renew(limits, |before, new| *before = new));
    let manageable = Memo::new(move |_| limits.value.read().manageable);
    let create = move || {
        let href = format!("/limits/new?key={key_id}");
        manageable.get().then(|| view! { <a class="link" href=href>"Create limit"</a> })
    };
    let body = move || match limits.problem.get() {
        Some(problem) => view! { <PageProblem problem/> },
        None => view! { <Rows limits=limits.value asking/> },
    };
    view! {
        <Card title="Limits">
            <CardAside slot>{create}</CardAside>
            {body}
        </Card>
        <Dialogs asking/>
    }
}

/// What limits a key itself, in words, for those who may see limits: `60 requests a minute`.
#[cfg(feature = "ssr")]
pub(crate) async fn own_words(
    actor: &service::Actor,
    id: domain::KeyId,
) -> Result<Vec<String>, crate::problem::Problem> {
    use domain::{PageQuery, budgets::Scope, identity::Permission, limits::LimitQuery};
    if !actor.may(Permission::LimitsRead) {
        return Ok(Vec::new());
    }
    let query = LimitQuery { key: Some(id.to_string()), environment: None };
    let page = PageQuery { limit: Some(100), cursor: None };
    let limits = crate::server::handle::<service::limits::Limits>()?.list(actor, &query, &page).await?.data;
    let own = limits.iter().filter(|limit| limit.scope == Scope::Key(id)).map(|limit| super::row::row(limit, 0));
    let words = |row: LimitRow| match &row.endpoint {
        Some(endpoint) => format!("{} of {endpoint}", row.allows()),
        None => row.allows(),
    };
    Ok(own.map(words).collect())
}

#[component]
fn Rows(limits: RwSignal<LimitRows>, asking: Asking) -> impl IntoView {
    let none = Memo::new(move |_| limits.read().rows.is_empty());
    let rows = move || limits.read().rows.clone();
    move || match none.get() {
        true => view! { <p class="muted">"Nothing limits how often this key calls."</p> },
        false => view! {
            <ul class="bearers">
                <For each=rows key=LimitRow::state let:row>
                    <Row row limits asking/>
                </For>
            </ul>
        },
    }
}

#[component]
fn Row(row: LimitRow, limits: RwSignal<LimitRows>, asking: Asking) -> impl IntoView {
    let (level, label) = (level(limits, &row), format!("Used of {}", row.title()));
    let (stands, bearer) = (row.clone(), kind_words(&row.bearer));
    let only = row.endpoint.as_ref().map(|endpoint| format!(", {endpoint} only"));
    let menu = row.manageable.then(|| view! { <Actions row=row.clone() asking/> });
    view! {
        <li class="bearers__row">
            <div class="bearers__head">
                <b class="truncate">{row.name}</b>
                <Badge plain=true>{bearer}</Badge>
                <span class="bearers__menu">{menu}</span>
            </div>
            <LevelBar level label full=true/>
            <div class="bearers__foot">
                <span class="num">{move || stands.used(&level.read())}{only}</span>
                <span class="num">{move || level.read().resets()}</span>
            </div>
        </li>
    }
}
