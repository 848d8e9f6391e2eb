use domain::usage::Endpoint;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;

use super::answers::KeyAnswers;
use crate::{
    limits::endpoint_words,
    prelude::*,
    ui::{Button, ButtonKind, Checkbox, Choice, Glyph, Select, Size, Textarea},
    wire::Sender,
};

/// How many models are offered by name; who wants another one knows its name.
#[cfg(feature = "ssr")]
const SUGGESTED: usize = 12;

/// What a form about a key offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyOffer {
    /// The people who can own it, as ids and names.
    pub people: Vec<(String, String)>,
    /// The teams that it can count for, as ids and names.
    pub teams: Vec<(String, String)>,
    /// Whether nobody may own it.
    pub nobody: bool,
    /// Models that can be called, by name.
    pub models: Vec<String>,
}

/// What a form about this key offers, or about a new one: whoever holds it now is among them.
#[cfg(feature = "ssr")]
pub(super) async fn offer(
    actor: &service::Actor,
    key: Option<&domain::keys::KeyView>,
) -> Result<KeyOffer, crate::problem::Problem> {
    use domain::identity::Permission;

    use crate::server::handle;
    let service::keys::Holders { people, teams, nobody } = handle::<service::keys::Keys>()?.holders(actor).await?;
    let mut people: Vec<_> = people.into_iter().map(|(id, name)| (id.to_string(), name.to_string())).collect();
    let mut teams: Vec<_> = teams.into_iter().map(|(id, name)| (id.to_string(), name.to_string())).collect();
    let with = |list: &mut Vec<(String, String)>, id: Option<String>, name: Option<String>| {
        if let Some(id) = id.filter(|id| list.iter().all(|(known, _)| known != id)) {
            let name = name.unwrap_or_else(|| id.clone());
            list.push((id, name));
        }
    };
    if let Some(key) = key {
        with(&mut people, key.owner_id.map(|id| id.to_string()), key.owner_name.as_ref().map(ToString::to_string));
        with(&mut teams, key.team_id.map(|id| id.to_string()), key.team_name.as_ref().map(ToString::to_string));
    }
    let mut models = Vec::new();
    if actor.may(Permission::CatalogRead) {
        let page = domain::PageQuery { limit: Some(100), cursor: None };
        let environment = key.map(|key| key.environment);
        models = handle::<service::catalog::Models>()?.list(actor, environment, &page).await?.data;
    }
    let mut models: Vec<String> = models.into_iter().map(|model| model.name).collect();
    models.sort();
    models.dedup();
    models.truncate(SUGGESTED);
    let nobody = nobody || key.is_some_and(|key| key.owner_id.is_none());
    Ok(KeyOffer { people, teams, nobody, models })
}

/// The fields of a key beyond its name, environment and end, folded away until they are wanted.
#[component]
pub(super) fn MoreFields(
    /// What is offered.
    offer: KeyOffer,
    /// What they begin with.
    given: KeyAnswers,
    /// What became of the form.
    #[prop(into)]
    action: Sender,
    /// Whether they are not folded away.
    #[prop(optional)]
    open: bool,
    /// What a template has set, so that it is not asked: `models`, `endpoints`, `ips`.
    #[prop(optional)]
    hidden: Vec<String>,
) -> impl IntoView {
    const FIELDS: [&str; 7] = ["description", "labels", "owner_id", "team_id", "models", "endpoints", "ips"];
    let errors = FIELDS.map(|field| action.error(field));
    let unfolded = move || open || errors.iter().any(|error| error.read().is_some());
    let KeyOffer { people, teams, nobody, models } = offer;
    let KeyAnswers { description, labels, owner_id, team_id, models: allowed, endpoints, ips, .. } = given;
    let endpoint = |endpoint: &Endpoint| {
        let checked = endpoints.iter().any(|chosen| chosen == endpoint.as_str());
        let label = capital(endpoint_words(*endpoint));
        view! { <Checkbox name="endpoints[]" label hint=endpoint.as_str() value=endpoint.as_str() checked/> }
    };
    let asked = |field: &str| hidden.iter().all(|hidden| hidden != field);
    let models = asked("models").then(|| {
        view! {
            <Textarea name="models" label="Models" hint="One a line; * stands for any text: gpt-4o*, sandbox/*. Empty for all." value=allowed error=action.error("models")/>
            <Suggestions models/>
        }
    });
    let error = action.error("endpoints");
    let endpoints = asked("endpoints").then(|| {
        view! {
            <fieldset class="field" id="field-endpoints">
                <legend class="field__label">"Endpoints"</legend>
                {Endpoint::ALL.iter().map(endpoint).collect_view()}
                <p class="field__hint">"None chosen for all."</p>
                {move || error.get().map(|words| view! { <p class="field__error">{words}</p> })}
            </fieldset>
        }
    });
    let ips = asked("ips").then(|| {
        view! { <Textarea name="ips" label="Addresses" hint="One address or range a line: 10.0.0.0/8, 2001:db8::/32. Empty for anywhere." value=ips error=action.error("ips")/> }
    });
    view! {
        <details class="more" open=unfolded>
            <summary>"More: what it is for, whose it is, what it may call"</summary>
            <div class="form more__fields">
                <Textarea name="description" label="Description" hint="What it is for, and whom to ask. Up to 500 characters." value=description error=action.error("description")/>
                <Textarea name="labels" label="Labels" hint="One a line, as name=value: service=checkout." value=labels error=action.error("labels")/>
                <Holder name="owner_id" label="Owner" none=nobody.then_some("Nobody") offered=people value=owner_id error=action.error("owner_id")/>
                <Holder name="team_id" label="Team" none=Some("None") offered=teams value=team_id error=action.error("team_id")/>
                {models}
                {endpoints}
                {ips}
            </div>
        </details>
    }
}

/// Whom it belongs to, where there is anyone to choose.
#[component]
fn Holder(
    name: &'static str,
    label: &'static str,
    /// What no choice is called, where there need be none.
    none: Option<&'static str>,
    offered: Vec<(String, String)>,
    value: String,
    #[prop(into)] error: MaybeProp<String>,
) -> impl IntoView {
    let none = none.map(|words| Choice::new("", words));
    let choices: Vec<Choice> =
        none.into_iter().chain(offered.into_iter().map(|(id, name)| Choice::new(id, name))).collect();
    view! { <Select name label choices value error/> }
}

/// Models by name, each a button that adds it to the list.
#[component]
fn Suggestions(models: Vec<String>) -> impl IntoView {
    let model = |name: String| {
        let added = name.clone();
        let add = move |_| add_line("field-models", &added);
        let label = format!("Add {name}");
        view! { <Button size=Size::Small kind=ButtonKind::Ghost icon=Glyph::Plus on:click=add attr:aria-label=label>{name}</Button> }
    };
    (!models.is_empty()).then(|| {
        view! {
            <div class="cluster more__models" role="group" aria-label="Models that there are">
                {models.into_iter().map(model).collect_view()}
            </div>
        }
    })
}

/// Adds a line to what is typed in a field, unless it is there.
fn add_line(field: &str, line: &str) {
    let Some(area) =
        document().get_element_by_id(field).and_then(|e| e.dyn_into::<web_sys::HtmlTextAreaElement>().ok())
    else {
        return;
    };
    let typed = area.value();
    if typed.lines().any(|known| known.trim() == line) {
        return;
    }
    let typed = typed.trim_end();
    area.set_value(&if typed.is_empty() { line.to_owned() } else { format!("{typed}\n{line}") });
}

/// With a capital letter at its start.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
