use super::{Glyph, Icon, Note, Tone};
use crate::{prelude::*, problem::Problem};

/// What stands at the right end of a field's label: a link, a counter.
#[slot]
pub struct FieldAside {
    /// What stands there.
    children: Children,
}

/// The frame of every input: label above, hint and error below, tied together for screen readers.
#[component]
pub fn Field(
    /// The id of the input inside.
    #[prop(into)]
    id: String,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// How to answer.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with the answer.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// Says that it may be left empty.
    #[prop(optional)]
    optional: bool,
    /// The right end of the label.
    #[prop(optional)]
    field_aside: Option<FieldAside>,
    /// The input; give it `id` and, from `described_by`, `aria-describedby`.
    children: Children,
) -> impl IntoView {
    let error_id = format!("{id}-error");
    let hint = hint.map(|hint| view! { <p class="field__hint" id=format!("{id}-hint")>{hint}</p> });
    view! {
        <div class="field">
            <div class="field__top">
                <label for=id>{label}</label>
                {optional.then(|| view! { <span class="field__optional">"optional"</span> })}
                {field_aside.map(|aside| view! { <span class="field__aside">{(aside.children)()}</span> })}
            </div>
            {children()}
            {hint}
            {move || {
                error
                    .get()
                    .map(|words| {
                        view! { <p class="field__error" id=error_id.clone()><Icon name=Glyph::CircleAlert/>{words}</p> }
                    })
            }}
        </div>
    }
}

/// The value of an input's `aria-describedby` inside a `Field`.
pub(super) fn described_by(
    id: &str,
    hint: bool,
    error: MaybeProp<String>,
) -> impl Fn() -> Option<String> + Clone + use<> {
    let id = id.to_owned();
    move || match (hint, error.get().is_some()) {
        (false, false) => None,
        (true, false) => Some(format!("{id}-hint")),
        (false, true) => Some(format!("{id}-error")),
        (true, true) => Some(format!("{id}-error {id}-hint")),
    }
}

/// What went wrong with a whole form: the message, a link to each wrong field, the request id.
/// Place it first in the form.
#[component]
pub fn FormError(
    /// The problem, once there is one.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    move || {
        problem.get().map(|problem| {
            let trace = problem.is_ours().then(|| problem.request_id.clone()).flatten();
            let Problem { message, mut fields, .. } = problem;
            // What is wrong with one field only is not said twice.
            fields.retain(|(_, words)| *words != message);
            let link = |(name, words): (String, String)| {
                view! { <li><a href=format!("#field-{name}")>{words}</a></li> }
            };
            view! {
                <Note tone=Tone::Danger>
                    <p>{message}</p>
                    {(!fields.is_empty()).then(|| view! { <ul>{fields.into_iter().map(link).collect_view()}</ul> })}
                    {trace.map(|id| view! { <p class="note__trace">"Request " <code>{id}</code></p> })}
                </Note>
            }
        })
    }
}
