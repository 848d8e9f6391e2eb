use serde::{Deserialize, Serialize};

use super::field::{join, split};
use super::operand::{Operand, negation};
use crate::{
    prelude::*,
    ui::{Glyph, Icon, query::form_encoded},
    wire::Lookup,
};

/// A value that a field has somewhere. Server functions answer with several, the likeliest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What the address says.
    pub value: String,
    /// What the reader sees.
    pub label: String,
    /// What tells it from others of that name.
    pub note: Option<String>,
}

/// Some values of those that the server function at `path` suggests; with `free` also others that are typed.
pub(super) fn suggested(field: &'static str, path: &'static str, before: &str, free: bool) -> Operand {
    let (none_of, chosen) = split(before);
    let (none_of, chosen) = (RwSignal::new(none_of), RwSignal::new(chosen));
    let (typed, lookup) = (RwSignal::new(String::new()), Lookup::<Vec<Suggestion>>::at(path));
    let ask = move |q: String| lookup.ask(form_encoded([("field".to_owned(), field.to_owned()), ("q".to_owned(), q)]));
    ask(String::new());
    let offered = Memo::new(move |before: Option<&Vec<Suggestion>>| {
        // While another answer is on its way the last one stays, so that nothing jumps.
        let found = lookup.answer().or_else(|| before.cloned()).unwrap_or_default();
        with_own(found, &chosen.read(), if free { typed.read().trim().to_owned() } else { String::new() })
    });
    let line = move |suggestion: Suggestion| {
        let Suggestion { value, label, note } = suggestion;
        let own = value.clone();
        let turn = move |event: web_sys::Event| {
            let on = event_target_checked(&event);
            chosen.update(|chosen| {
                chosen.retain(|chosen| *chosen != value);
                chosen.extend(on.then(|| value.clone()));
            });
        };
        view! {
            <label class="choice filter-editor__line">
                <input type="checkbox" prop:checked=move || chosen.read().contains(&own) on:change=turn/>
                <span class="truncate">{label}</span>
                {note.map(|note| view! { <span class="filter-editor__note">{note}</span> })}
            </label>
        }
    };
    let type_in = move |event: web_sys::Event| {
        let words = event_target_value(&event);
        ask(words.trim().to_owned());
        typed.set(words);
    };
    let nothing = move || (offered.read().is_empty() && !lookup.pending().get()).then_some("Nothing is called that.");
    let placeholder = if free { "name=value, or a name" } else { "Search…" };
    let view = view! {
        {(!free).then(|| negation(none_of))}
        <div class="filter-editor__search">
            <Icon name=Glyph::Search/>
            <input type="text" placeholder=placeholder aria-label=placeholder autocomplete="off" spellcheck="false" prop:value=move || typed.get() on:input=type_in/>
        </div>
        <div class="filter-editor__list" role="group" aria-label="Values">
            {move || offered.get().into_iter().map(line).collect_view()}
            <p class="filter-editor__nothing" role="status">{nothing}</p>
        </div>
    };
    let value = Signal::derive(move || join(none_of.get(), &chosen.read()));
    Operand { view, value }
}

/// What is chosen stays in sight, and what is typed can be chosen, whatever the server suggests.
fn with_own(mut found: Vec<Suggestion>, chosen: &[String], typed: String) -> Vec<Suggestion> {
    let own = |value: &String| Suggestion { value: value.clone(), label: value.clone(), note: None };
    let missing = |value: &&String| !value.is_empty() && found.iter().all(|found| found.value != **value);
    // A comma would make two of it.
    let typed = Some(&typed).filter(|typed| !typed.contains(',') && !chosen.contains(*typed));
    let added: Vec<_> = typed.into_iter().chain(chosen).filter(missing).map(own).collect();
    found.splice(0..0, added);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_or_typed_is_offered_once() {
        let found = |value: &str| Suggestion { value: value.into(), label: value.into(), note: None };
        let values = |chosen: &[&str], typed: &str| -> Vec<String> {
            let chosen: Vec<String> = chosen.iter().map(|value| (*value).to_owned()).collect();
            let all = with_own(vec![found("a"), found("b")], &chosen, typed.to_owned());
            all.into_iter().map(|suggestion| suggestion.value).collect()
        };
        assert_eq!(values(&[], ""), ["a", "b"]);
        assert_eq!(values(&["x", "b"], ""), ["x", "a", "b"]);
        assert_eq!(values(&["x"], "x"), ["x", "a", "b"]);
        assert_eq!(values(&[], "team=pay"), ["team=pay", "a", "b"]);
        assert_eq!(values(&[], "p,q"), ["a", "b"]);
    }
}
