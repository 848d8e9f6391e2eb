use super::field::{Field, FieldAside, described_by};
use crate::prelude::*;

/// A line of text, with its label, hint and error. Its id is `field-` and its name.
#[component]
pub fn Input(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// How to answer.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with the answer.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// The answer to begin with.
    #[prop(optional, into)]
    value: Option<String>,
    /// The `type` of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// What a password manager or browser may fill in.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// The keyboard of a phone: `decimal`, `numeric`, `url`.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// An example of an answer.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Whether an answer must be given.
    #[prop(optional)]
    required: bool,
    /// Whether a choice elsewhere in the form decides that: then the field says neither.
    #[prop(optional)]
    depends: bool,
    /// The shortest answer.
    #[prop(optional)]
    minlength: Option<u32>,
    /// The longest answer.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Whether the page begins here.
    #[prop(optional)]
    autofocus: bool,
    /// A unit that stands before the answer: `$`.
    #[prop(optional, into)]
    prefix: Option<String>,
    /// The right end of the label.
    #[prop(optional)]
    field_aside: Option<FieldAside>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let describedby = described_by(&id, hint.is_some(), error);
    let input = view! {
        <input
            class="input"
            id=id.clone()
            name=name
            type=kind
            value=value
            autocomplete=autocomplete
            inputmode=inputmode
            placeholder=placeholder
            required=required
            minlength=minlength.map(|n| n.to_string())
            maxlength=maxlength.map(|n| n.to_string())
            autofocus=autofocus
            aria-invalid=move || error.get().map(|_| "true")
            aria-describedby=describedby
        />
    };
    let input = match prefix {
        Some(prefix) => {
            view! { <div class="input__affix"><span aria-hidden="true">{prefix}</span>{input}</div> }
        }
        None => input.into_any(),
    };
    frame(id, label, hint, error, !required && !depends, field_aside, input)
}

/// Several lines of text.
#[component]
pub fn Textarea(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// How to answer.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with the answer.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// The answer to begin with.
    #[prop(optional, into)]
    value: Option<String>,
    /// Whether an answer must be given.
    #[prop(optional)]
    required: bool,
    /// Whether a choice elsewhere in the form decides that: then the field says neither.
    #[prop(optional)]
    depends: bool,
) -> impl IntoView {
    let id = format!("field-{name}");
    let describedby = described_by(&id, hint.is_some(), error);
    let input = view! {
        <textarea
            class="input"
            id=id.clone()
            name=name
            required=required
            aria-invalid=move || error.get().map(|_| "true")
            aria-describedby=describedby
        >
            {value}
        </textarea>
    };
    frame(id, label, hint, error, !required && !depends, None, input.into_any())
}

/// An input in its frame.
pub(super) fn frame(
    id: String,
    label: String,
    hint: Option<String>,
    error: MaybeProp<String>,
    optional: bool,
    field_aside: Option<FieldAside>,
    input: AnyView,
) -> impl IntoView {
    let aside = field_aside;
    Field(crate::ui::field::FieldProps {
        id,
        label,
        hint,
        error,
        optional,
        field_aside: aside,
        children: Box::new(move || input),
    })
}
