use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

use super::{
    actions::SetPrice,
    data::{ConnectionFacts, Figures, ModelRow},
};
use crate::{
    prelude::*,
    ui::{Badge, Button, ButtonKind, Dialog, Field, FormError, Size, Tone, query::query_param, use_toasts},
    wire::{Form, PageData, Sending},
};

/// The figures of one model's price, and the button that puts them in force.
#[component]
pub(super) fn PriceForm(
    model: ModelRow,
    symbol: String,
    connection: String,
    data: PageData<ConnectionFacts>,
    /// Whether it stands in a list, under the model's name.
    #[prop(optional)]
    inline: bool,
    /// The zone in which a later beginning is read; without it there is none to choose.
    #[prop(optional, into)]
    zone: Option<String>,
) -> impl IntoView {
    let action = Sending::to::<SetPrice>();
    let ModelRow { id, name, rates, suggested, .. } = model;
    let (saved, toasts) = (format!("The price of {name} is saved."), use_toasts());
    action.then(move || {
        toasts.say(saved.clone());
        data.refetch();
    });
    // A form sent without WASM leaves its problem to all forms of its kind: each takes its own.
    let own = format!("{id}.");
    let problem = Signal::derive(move || {
        action.problem().get().filter(|problem| problem.fields.iter().any(|(field, _)| field.starts_with(&own)))
    });
    let Figures { input, cached_input, cache_write, output, reasoning, per_request } = rates;
    let model = id.clone();
    let figure = move |field: &'static str, label: &'static str, value: String, needed: bool| {
        let key = format!("{model}.{field}");
        let error = action.error(key.clone());
        view! { <Figure key field label value symbol=symbol.clone() needed error/> }
    };
    let head = inline.then(|| {
        view! {
            <div class="price__head">
                <b>{name.clone()}</b>
                {suggested.then(|| view! { <Badge plain=true tone=Tone::Accent>"Suggested price"</Badge> })}
            </div>
        }
    });
    let from = zone.map(|zone| {
        let key = format!("{id}.effective_from");
        let error = action.error(key.clone());
        let field = format!("field-{key}");
        view! {
            <Field id=field.clone() label="In force from" hint=format!("Empty for now on. Read in the zone {zone}.") error optional=true>
                <input class="input" id=field type="datetime-local" name="price[effective_from]"/>
            </Field>
        }
    });
    let save = move || view! { <Button submit=true kind=ButtonKind::Primary pending=action.pending() size=if inline { Size::Small } else { Size::Medium }>"Save price"</Button> };
    view! {
        <Form to=action class="price">
            {head}
            <FormError problem/>
            <input type="hidden" name="price[model]" value=id.clone()/>
            <input type="hidden" name="price[connection]" value=connection/>
            <div class="price__figures">
                {figure("input", "Input", input, true)}
                {figure("cached_input", "Cached input", cached_input, false)}
                {figure("cache_write", "Cache write", cache_write, false)}
                {figure("output", "Output", output, true)}
                {figure("reasoning", "Reasoning", reasoning, false)}
                {figure("per_request", "Per request", per_request, false)}
                {inline.then(|| view! { <div class="price__save">{save()}</div> })}
            </div>
            {from}
            {(!inline).then(|| view! { <div class="dialog__foot">{save()}</div> })}
        </Form>
    }
}

#[component]
fn Figure(
    key: String,
    field: &'static str,
    label: &'static str,
    value: String,
    symbol: String,
    needed: bool,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let id = format!("field-{key}");
    let described = format!("{id}-error");
    view! {
        <Field id=id.clone() label error>
            <div class="input__affix">
                <span aria-hidden="true">{symbol}</span>
                <input
                    class="input"
                    id=id
                    name=format!("price[{field}]")
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    value=value
                    required=needed
                    aria-invalid=move || error.get().map(|_| "true")
                    aria-describedby=move || error.get().map(|_| described.clone())
                />
            </div>
        </Field>
    }
}

/// The dialog in which a price is changed. It has an address, so that it opens without WASM.
#[component]
pub(super) fn PriceDialog(
    models: Memo<Vec<ModelRow>>,
    symbol: String,
    zone: String,
    connection: String,
    data: PageData<ConnectionFacts>,
) -> impl IntoView {
    let chosen = query_param("price");
    let location = use_location();
    // Found once: what the form is filled with shall not change under the reader's hands.
    let model = Memo::new(move |_| {
        let id = chosen.get()?;
        models.with_untracked(|models| models.iter().find(|model| model.id == id).cloned())
    });
    let navigate = use_navigate();
    let leave = move |event: web_sys::Event| {
        // Shown by the server, it closes for a moment to become modal: that is no leaving.
        if !event_target::<web_sys::HtmlDialogElement>(&event).open() {
            let path = location.pathname.get_untracked();
            navigate(&path, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
        }
    };
    move || {
        let (symbol, zone, connection, leave) = (symbol.clone(), zone.clone(), connection.clone(), leave.clone());
        model.get().map(|model| {
            let title = format!("Price of {}", model.name);
            view! {
                <Dialog id="price" title note="Per million tokens. What was charged before stays as it was." shown=true close_href="?" on:close=leave>
                    <PriceForm model symbol connection data zone/>
                </Dialog>
            }
        })
    }
}
