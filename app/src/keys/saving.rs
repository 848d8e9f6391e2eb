//! The dialog that saves what the list shows as a view, and changes views: loaded when it is first wanted.

use leptos_router::hooks::{use_location, use_navigate};

use super::views::{KeyViews, ViewTab};
use crate::{
    prelude::*,
    problem::Problem,
    ui::{Button, ButtonKind, Checkbox, Dialog, FormError, Input, Tone, query::form_encoded},
    wire::{Form, PageData, Sending, lazy_piece},
};

/// The dialog.
#[derive(Clone, Copy, Debug)]
pub(super) struct SaveView {
    /// To load the tabs again.
    pub(super) data: PageData<KeyViews>,
    /// The tabs.
    pub(super) views: RwSignal<KeyViews>,
    /// Whether it is open.
    pub(super) open: RwSignal<bool>,
}

lazy_piece!(tools: SaveView);

/// Saves what the list shows as a view; answers its address.
#[server(prefix = "/fn", endpoint = "key_view_save")]
pub async fn keep_view(
    /// How it is called.
    name: String,
    /// The list's parameters, as in its address.
    query: String,
    /// Whether all of the organization see it.
    #[server(default)]
    shared: bool,
    /// The view that is changed; a new one when absent.
    #[server(default)]
    id: Option<String>,
) -> Result<String, Problem> {
    use domain::views::{List, NewView, ViewChanges};
    let (actor, views) = (crate::server::actor()?, crate::server::handle::<service::views::Views>()?);
    let (name, parameters) = (name.parse()?, super::views::parameters(&query)?);
    let saved = match id.filter(|id| !id.is_empty()) {
        None => views.create(&actor, NewView { list: List::Keys, name, query: parameters, shared }).await?,
        Some(id) => {
            let changes =
                ViewChanges { name: Some(name), query: Some(parameters), shared: Some(shared), ..Default::default() };
            views.update(&actor, id.parse()?, changes).await?
        }
    };
    Ok(format!("/keys?view={}&{query}", saved.id))
}

/// Has the list open with a view, or not; moves it; or deletes it.
#[server(prefix = "/fn", endpoint = "key_view_change")]
pub async fn change_view(
    /// The view.
    id: String,
    /// `default`, `no_default`, `first`, `last` or `delete`.
    what: String,
) -> Result<(), Problem> {
    use domain::{Invalid, views::ViewChanges};
    let (actor, views) = (crate::server::actor()?, crate::server::handle::<service::views::Views>()?);
    let id = id.parse()?;
    let changes = match what.as_str() {
        "default" => ViewChanges { default: Some(true), ..Default::default() },
        "no_default" => ViewChanges { default: Some(false), ..Default::default() },
        "first" => ViewChanges { position: Some(0), ..Default::default() },
        "last" => ViewChanges { position: Some(u32::MAX), ..Default::default() },
        "delete" => {
            views.delete(&actor, id).await?;
            leptos_axum::redirect("/keys?view=all");
            return Ok(());
        }
        _ => {
            return Err(
                Invalid::new("what", "A view is made the default or not, moved first or last, or deleted.").into()
            );
        }
    };
    views.update(&actor, id, changes).await?;
    Ok(())
}

impl SaveView {
    fn show(self) -> AnyView {
        let Self { data, views, open } = self;
        let location = use_location();
        let current = Memo::new(move |_| {
            let id = location.query.read().get("view");
            views.read().views.iter().find(|view| Some(&view.id) == id.as_ref()).cloned()
        });
        let query = Signal::derive(move || parameters(location.query.get()));
        let (save, change) = (Sending::<String>::to::<KeepView>(), Sending::to::<ChangeView>());
        let navigate = use_navigate();
        save.then(move || {
            open.set(false);
            data.refetch();
            if let Some(href) = save.answer() {
                navigate(&href, Default::default());
            }
        });
        change.then(move || {
            open.set(false);
            data.refetch();
        });
        let title = Signal::derive(move || current.get().map_or("Save view".to_owned(), |view| view.name));
        let own = move || current.get().filter(|view| view.manageable);
        let forms = move || {
            let own = own();
            let of_current = current.get().map(|view| view! { <Changes view change/> });
            view! {
                {own.map(|view| view! { <SaveForm save query view=Some(view)/> })}
                <SaveForm save query view=None/>
                {of_current}
            }
        };
        view! {
            <Dialog id="save-view" title small=true open>
                <div class="stack">{forms}</div>
            </Dialog>
        }
    }
}

/// What of an address a view keeps.
fn parameters(query: leptos_router::params::ParamsMap) -> String {
    let kept = query.into_iter().filter(|(name, value)| !matches!(&**name, "view" | "cursor") && !value.is_empty());
    form_encoded(kept.map(|(name, value)| (name.into_owned(), value)))
}

#[component]
fn SaveForm(save: Sending<String>, query: Signal<String>, view: Option<ViewTab>) -> impl IntoView {
    let is_new = view.is_none();
    let (id, name, shared) = view.map(|view| (view.id, view.name, view.shared)).unwrap_or_default();
    let (words, kind) = match is_new {
        true => ("Save as a new view", ButtonKind::Primary),
        false => ("Save changes", ButtonKind::Secondary),
    };
    view! {
        <Form to=save class="form">
            <FormError problem=save.problem()/>
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name="query" value=move || query.get()/>
            <Input name="name" label=if is_new { "Name of the new view" } else { "Name" } value=name required=true maxlength=60 autocomplete="off" error=save.error("name")/>
            <Checkbox name="shared" label="Share with the organization" checked=shared/>
            <div class="form__actions"><Button kind submit=true pending=save.pending()>{words}</Button></div>
        </Form>
    }
}

/// What else can be done with the view that is shown.
#[component]
fn Changes(view: ViewTab, change: Sending) -> impl IntoView {
    let send = move |what: &'static str, words: &'static str, tone: Tone| {
        let id = view.id.clone();
        let press = move |_| {
            change.send(form_encoded([("id".to_owned(), id.clone()), ("what".to_owned(), what.to_owned())]));
        };
        view! { <Button tone on:click=press pending=change.pending()>{words}</Button> }
    };
    let default = match view.default {
        true => send("no_default", "Open the list without it", Tone::Neutral),
        false => send("default", "Open the list with it", Tone::Neutral),
    };
    let own = view.manageable.then(|| {
        view! {
            {send("first", "Move to the front", Tone::Neutral)}
            {send("last", "Move to the end", Tone::Neutral)}
            {send("delete", "Delete view", Tone::Danger)}
        }
    });
    view! {
        <FormError problem=change.problem()/>
        <div class="views__changes">{default} {own}</div>
    }
}
