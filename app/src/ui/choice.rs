use super::{field::described_by, input::frame};
use crate::prelude::*;

/// One of several answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What the reader sees.
    pub label: String,
    /// A sentence about it; shown by `Choices` only.
    pub note: Option<String>,
}

impl Choice {
    /// An answer.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), note: None }
    }

    /// The same answer with a sentence about it.
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// One answer from a list.
#[component]
pub fn Select(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// The answers.
    choices: Vec<Choice>,
    /// The answer to begin with.
    #[prop(optional, into)]
    value: Option<String>,
    /// How to answer.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with the answer.
    #[prop(optional, into)]
    error: MaybeProp<String>,
) -> impl IntoView {
    let options = options(choices, value.as_deref()).into_any();
    select(name, label, options, hint, error)
}

/// One answer from a list in groups.
#[component]
pub fn GroupedSelect(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// The groups, each with its title and its answers; one without answers is left out.
    groups: Vec<(&'static str, Vec<Choice>)>,
    /// The answer to begin with.
    #[prop(optional, into)]
    value: Option<String>,
    /// How to answer.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with the answer.
    #[prop(optional, into)]
    error: MaybeProp<String>,
) -> impl IntoView {
    let group = |(title, choices): (&'static str, Vec<Choice>)| {
        view! { <optgroup label=title>{options(choices, value.as_deref())}</optgroup> }
    };
    let groups = groups.into_iter().filter(|(_, choices)| !choices.is_empty()).map(group).collect_view();
    select(name, label, groups.into_any(), hint, error)
}

fn options(choices: Vec<Choice>, value: Option<&str>) -> impl IntoView + use<> {
    let option = |choice: Choice| {
        let selected = value == Some(choice.value.as_str());
        view! { <option value=choice.value selected=selected>{choice.label}</option> }
    };
    choices.into_iter().map(option).collect_view()
}

/// A list of answers in its frame.
fn select(
    name: String,
    label: String,
    options: AnyView,
    hint: Option<String>,
    error: MaybeProp<String>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let describedby = described_by(&id, hint.is_some(), error);
    let input = view! {
        <select
            class="input"
            id=id.clone()
            name=name
            aria-invalid=move || error.get().map(|_| "true")
            aria-describedby=describedby
        >
            {options}
        </select>
    };
    frame(id, label, hint, error, false, None, input.into_any())
}

/// One answer from two or three that deserve a sentence each.
#[component]
pub fn Choices(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// The answers.
    choices: Vec<Choice>,
    /// The answer to begin with.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let choice = |Choice { value: answer, label, note }: Choice| {
        let checked = answer == value;
        view! {
            <label class="choice">
                <input type="radio" name=name.clone() value=answer checked=checked/>
                <span>{label} {note.map(|note| view! { <small>{note}</small> })}</span>
            </label>
        }
    };
    view! {
        <fieldset class="field">
            <legend class="field__label">{label}</legend>
            <div class="choices">{choices.into_iter().map(choice).collect_view()}</div>
        </fieldset>
    }
}

/// Yes or no.
#[component]
pub fn Checkbox(
    /// The name in the form.
    #[prop(into)]
    name: String,
    /// What is agreed to.
    #[prop(into)]
    label: String,
    /// A sentence about it.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What the form sends when it is checked.
    #[prop(default = "true".to_owned(), into)]
    value: String,
    /// Whether it is checked to begin with.
    #[prop(optional)]
    checked: bool,
) -> impl IntoView {
    view! {
        <label class="choice">
            <input type="checkbox" name=name value=value checked=checked/>
            <span>{label} {hint.map(|hint| view! { <small>{hint}</small> })}</span>
        </label>
    }
}
