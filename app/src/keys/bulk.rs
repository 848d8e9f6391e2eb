//! What can be done with the chosen keys: asked, tried out, done in the background and watched.

use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

use super::{
    acts::{Act, Answers},
    list::KeyList,
};
use crate::{
    jobs::JobWatch,
    prelude::*,
    problem::Problem,
    ui::{
        BulkBar, Button, ButtonKind, ButtonLink, Chosen, ConfirmPhrase, Dialog, FormError, Glyph, Icon, Menu,
        MenuButton, MenuLine, MenuLink, Selection, Size, filters_of, format, query::form_encoded,
    },
    wire::{Form, PageData, Sending},
};

/// What would be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkPlan {
    /// What is to be done, for the form that has it done.
    pub action: String,
    /// How many keys it is about.
    pub matching: u64,
    /// How many of them would be changed.
    pub would_change: u64,
    /// Why the others would not: in words, how many, and some of their names.
    pub skipped: Vec<(String, u64, String)>,
    /// Why it could not be undone.
    pub is_final: Option<String>,
}

/// Says what would be done to keys.
#[server(prefix = "/fn", endpoint = "keys_plan")]
pub async fn plan_bulk(
    /// What is to be done.
    act: Act,
    /// With what.
    #[server(flatten)]
    answers: Answers,
    /// The keys' ids with commas between them; empty for all that match.
    #[server(default)]
    ids: String,
    /// The list's filters, as in its address.
    #[server(default)]
    filter: String,
) -> Result<BulkPlan, Problem> {
    use domain::keys::{BulkAnswer, BulkRequest};
    let (actor, now) = (crate::server::actor()?, crate::server::handle::<domain::Clock>()?.now());
    let action = act.action(&answers, now)?;
    let written = serde_json::to_string(&action).map_err(service::Error::internal)?;
    let (ids, filter) = selected(&ids, &filter)?;
    let request = BulkRequest { action, ids, filter, dry_run: true, expected_count: None };
    match crate::server::handle::<service::keys::Keys>()?.bulk(&actor, request).await? {
        BulkAnswer::Preview(preview) => Ok(BulkPlan {
            action: written,
            matching: preview.matching,
            would_change: preview.would_change,
            skipped: preview.skipped.into_iter().map(|s| (s.message, s.count, s.samples.join(", "))).collect(),
            is_final: preview.is_final,
        }),
        BulkAnswer::Job(_) => Err(service::Error::internal("a dry run began a job").into()),
    }
}

/// Has something done to keys, and answers which job does it.
#[server(prefix = "/fn", endpoint = "keys_bulk")]
pub async fn run_bulk(
    /// What is to be done, as the plan has it.
    action: String,
    /// The keys' ids with commas between them; empty for all that match.
    #[server(default)]
    ids: String,
    /// The list's filters, as in its address.
    #[server(default)]
    filter: String,
    /// How many keys the plan was about.
    expected: u64,
) -> Result<String, Problem> {
    use domain::keys::{BulkAnswer, BulkRequest};
    let actor = crate::server::actor()?;
    let bad = |_| domain::Invalid::new("action", "Ask again what would be done.");
    let action = serde_json::from_str(&action).map_err(bad)?;
    let (ids, filter) = selected(&ids, &filter)?;
    // Keys that are named are looked at one by one; of those that match it might be others by now.
    let expected_count = filter.is_some().then_some(expected);
    let request = BulkRequest { action, ids, filter, dry_run: false, expected_count };
    match crate::server::handle::<service::keys::Keys>()?.bulk(&actor, request).await? {
        BulkAnswer::Job(job) => Ok(job.id.to_string()),
        BulkAnswer::Preview(_) => Err(service::Error::internal("a job was a dry run").into()),
    }
}

#[cfg(feature = "ssr")]
type Selected = (Option<Vec<domain::KeyId>>, Option<domain::keys::KeyQuery>);

#[cfg(feature = "ssr")]
fn selected(ids: &str, filter: &str) -> Result<Selected, domain::Invalid> {
    use domain::keys::KeyQuery;
    if !ids.is_empty() {
        return Ok((Some(ids.split(',').map(str::parse).collect::<Result<_, _>>()?), None));
    }
    Ok((None, Some(KeyQuery::read(super::views::parameters(filter)?.iter())?)))
}

/// The bar above the list, and the dialog in which things are done.
#[component]
pub(super) fn Bulk(
    selection: Selection,
    matching: Signal<u64>,
    may_bound: Signal<bool>,
    data: PageData<KeyList>,
) -> impl IntoView {
    let (act, open, title) = (RwSignal::new(Act::Disable), RwSignal::new(false), RwSignal::new(String::new()));
    let (plan, run) = (Sending::<BulkPlan>::to::<PlanBulk>(), Sending::<String>::to::<RunBulk>());
    let location = use_location();
    let chosen = move || match selection.chosen() {
        Chosen::These(ids) => (ids.join(","), String::new()),
        Chosen::AllMatching => (String::new(), filters_of(location.query.get())),
    };
    let ask = Callback::new(move |next: Act| {
        plan.forget();
        run.forget();
        let count = untrack(|| selection.count(matching.get()));
        title.set(format!("{} {} {}", next.verb(), format::count(count), if count == 1 { "key" } else { "keys" }));
        act.set(next);
        open.set(true);
        if next.question().is_none() {
            let (ids, filter) = untrack(chosen);
            let form = [("act", next.word().to_owned()), ("ids", ids), ("filter", filter)];
            plan.send(form_encoded(form.map(|(name, value)| (name.to_owned(), value))));
        }
    });
    let chosen = Signal::derive(chosen);
    let bounds = move || may_bound.get().then(|| Act::BOUNDS.iter().map(|act| item(ask, *act)).collect_view());
    let body = move || match (run.answer(), plan.answer()) {
        (Some(job), _) => view! { <Running job data selection/> },
        (None, Some(planned)) => view! { <Planned plan=planned act=act.get() run chosen/> },
        (None, None) => view! { <Asked act=act.get() plan chosen/> },
    };
    view! {
        <BulkBar selection matching>
            {button(ask, Act::Disable, Glyph::Pause)}
            {button(ask, Act::Enable, Glyph::Check)}
            <Menu id="bulk-more" label="More to do with the chosen keys" size=Size::Small>
                {Act::MORE.iter().map(|act| item(ask, *act)).collect_view()}
                {move || bounds()}
                {item(ask, Act::DeleteRevoked)}
                <MenuLine/>
                <MenuLink href=export(chosen, "csv") icon=Glyph::Download attr:rel="external">"Export as CSV"</MenuLink>
                <MenuLink href=export(chosen, "json") icon=Glyph::Download attr:rel="external">"Export as JSON"</MenuLink>
            </Menu>
            {button(ask, Act::Revoke, Glyph::Ban)}
        </BulkBar>
        <Dialog id="bulk" title small=true open>{body}</Dialog>
    }
}

fn button(ask: Callback<Act>, act: Act, icon: Glyph) -> AnyView {
    view! {
        <Button size=Size::Small tone=act.tone() on:click=move |_| ask.run(act)>
            <Icon name=icon/>
            {format!("{}…", act.verb())}
        </Button>
    }
}

fn item(ask: Callback<Act>, act: Act) -> AnyView {
    view! { <MenuButton tone=act.tone() on:click=move |_| ask.run(act)>{format!("{}…", act.words())}</MenuButton> }
}

/// Where the chosen keys come as a file.
fn export(chosen: Signal<(String, String)>, kind: &'static str) -> Signal<String> {
    Signal::derive(move || {
        let (ids, filter) = chosen.get();
        let chosen = if ids.is_empty() { filter } else { form_encoded([("ids".to_owned(), ids)]) };
        format!("/api/v1/keys/export?format={kind}&{chosen}")
    })
}

/// What must be known before it can be tried out; or nothing yet, while it is.
#[component]
fn Asked(act: Act, plan: Sending<BulkPlan>, chosen: Signal<(String, String)>) -> impl IntoView {
    let question = act.question().map(|question| {
        view! {
            <input type="hidden" name="act" value=act.word()/>
            <input type="hidden" name="ids" value=move || chosen.get().0/>
            <input type="hidden" name="filter" value=move || chosen.get().1/>
            {question.fields(plan.error("value"))}
            <div class="dialog__foot">
                <Button kind=ButtonKind::Primary submit=true pending=plan.pending()>"See what would change"</Button>
            </div>
        }
    });
    let waiting = move || plan.pending().get().then(|| view! { <p class="muted">"Looking at the keys…"</p> });
    view! {
        <Form to=plan class="form">
            <FormError problem=plan.problem()/>
            {question}
        </Form>
        {move || waiting()}
    }
}

/// What would be done, and the button that does it.
#[component]
fn Planned(plan: BulkPlan, act: Act, run: Sending<String>, chosen: Signal<(String, String)>) -> impl IntoView {
    let BulkPlan { action, matching, would_change, skipped, is_final } = plan;
    let line = |(message, count, samples): (String, u64, String)| {
        view! { <li><b>{format::count(count)}</b> " left alone: " {message} " " <span class="muted">{samples}</span></li> }
    };
    let change = match would_change {
        1 => "1 key will change.".to_owned(),
        count => format!("{} keys will change.", format::count(count)),
    };
    let confirm = (is_final.is_some() && would_change > 0)
        .then(|| view! { <ConfirmPhrase phrase=would_change.to_string() name="count"/> });
    let button = (would_change > 0).then(|| {
        view! { <Button kind=ButtonKind::Primary tone=act.tone() submit=true pending=run.pending()>{act.does()}</Button> }
    });
    view! {
        <p><b>{change}</b> " " {is_final.or_else(|| act.means().map(str::to_owned))}</p>
        <ul class="plan">{skipped.into_iter().map(line).collect_view()}</ul>
        <Form to=run class="form">
            <FormError problem=run.problem()/>
            <input type="hidden" name="action" value=action/>
            <input type="hidden" name="ids" value=move || chosen.get().0/>
            <input type="hidden" name="filter" value=move || chosen.get().1/>
            <input type="hidden" name="expected" value=matching.to_string()/>
            {confirm}
            <div class="dialog__foot">{button}</div>
        </Form>
    }
}

/// The job while it is worked on, and what came of it.
#[component]
fn Running(job: String, data: PageData<KeyList>, selection: Selection) -> impl IntoView {
    let over = Callback::new(move |()| {
        selection.clear();
        data.refetch();
    });
    let href = format!("/jobs/{job}");
    view! {
        <JobWatch id=job over/>
        <div class="dialog__foot"><ButtonLink href=Some(href)>"See each key"</ButtonLink></div>
    }
}
