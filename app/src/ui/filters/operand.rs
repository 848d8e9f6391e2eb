use super::{
    FilterField, FilterKind,
    field::{join, split},
    span::{Long, Span, Spans, is_number},
    suggested::suggested,
};
use crate::prelude::*;

/// What a filter compares with, as it is being chosen.
pub(super) struct Operand {
    pub(super) view: AnyView,
    /// How the address would say it; `None` filters nothing.
    pub(super) value: Signal<Option<String>>,
}

/// The operand of a field, beginning with the present one.
pub(super) fn operand(field: FilterField, before: &str) -> Operand {
    match field.kind {
        FilterKind::Words(words) => of_words(words, before),
        FilterKind::Values(path) => suggested(field.name, path, before, false),
        FilterKind::Labels(path) => suggested(field.name, path, before, true),
        FilterKind::Number(unit) => numbers(unit, before),
        FilterKind::Since(never) => age(["Within the last", "More than"], never, before),
        FilterKind::Until(never) => age(["Within the next", "In more than"], never, before),
    }
}

/// Whether the values are those that may be, or those that must not.
pub(super) fn negation(none_of: RwSignal<bool>) -> AnyView {
    let choice = move |value: bool, words: &'static str| {
        view! {
            <label class="segmented__item">
                <input class="sr-only" type="radio" name="negation" prop:checked=move || none_of.get() == value on:change=move |_| none_of.set(value)/>
                {words}
            </label>
        }
    };
    view! {
        <div class="segmented" role="radiogroup" aria-label="Operator">{choice(false, "is any of")} {choice(true, "is none of")}</div>
    }
}

fn of_words(words: &'static [(&'static str, &'static str)], before: &str) -> Operand {
    let (none_of, chosen) = split(before);
    let (none_of, chosen) = (RwSignal::new(none_of), RwSignal::new(chosen));
    let line = move |(word, shown): &(&'static str, &'static str)| {
        let word = *word;
        let turn = move |event: web_sys::Event| {
            let on = event_target_checked(&event);
            chosen.update(|chosen| {
                chosen.retain(|chosen| chosen != word);
                chosen.extend(on.then(|| word.to_owned()));
            });
        };
        let on = move || chosen.read().iter().any(|chosen| chosen == word);
        view! {
            <label class="choice filter-editor__line">
                <input type="checkbox" prop:checked=on on:change=turn/>
                <span>{*shown}</span>
            </label>
        }
    };
    let view = view! {
        {negation(none_of)}
        <div class="filter-editor__list" role="group" aria-label="Values">{words.iter().map(line).collect_view()}</div>
    };
    Operand { view, value: Signal::derive(move || join(none_of.get(), &chosen.read())) }
}

fn numbers(unit: &'static str, before: &str) -> Operand {
    let Span { from, to } = Span::read(before).unwrap_or_default();
    let (from, to) = (RwSignal::new(from.unwrap_or_default()), RwSignal::new(to.unwrap_or_default()));
    let end = move |end: RwSignal<String>, label: &'static str| {
        let wrong = move || (!end.read().trim().is_empty() && !is_number(end.read().trim())).then_some("true");
        let field = view! {
            <input class="input" type="text" inputmode="decimal" autocomplete="off" aria-invalid=wrong prop:value=move || end.get() on:input=move |event| end.set(event_target_value(&event))/>
        };
        let field = match unit {
            "" => field,
            unit => view! { <span class="input__affix"><span aria-hidden="true">{unit}</span> {field}</span> },
        };
        view! { <label class="field"><span class="field__label">{label}</span> {field}</label> }
    };
    let view = view! { <div class="filter-editor__pair">{end(from, "At least")} {end(to, "At most")}</div> };
    let value = Signal::derive(move || Span::read(&format!("{}..{}", from.read(), to.read()))?.write());
    Operand { view, value }
}

/// The operators of an age.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    Within,
    Beyond,
    Never,
}

fn age([within, beyond]: [&'static str; 2], never: Option<&'static str>, before: &str) -> Operand {
    let (operator, long) = match Spans::read(before) {
        Some(Spans::Within(long)) => (Age::Within, long),
        Some(Spans::Beyond(long)) => (Age::Beyond, long),
        None if before == "never" => (Age::Never, Long { count: 30, unit: 'd' }),
        None => (Age::Within, Long { count: 30, unit: 'd' }),
    };
    let operator = RwSignal::new(operator);
    let (count, unit) = (RwSignal::new(long.count.to_string()), RwSignal::new(long.unit));
    let choice = move |value: Age, words: &'static str| {
        view! {
            <label class="choice filter-editor__line">
                <input type="radio" name="age" prop:checked=move || operator.get() == value on:change=move |_| operator.set(value)/>
                <span>{words}</span>
            </label>
        }
    };
    let option = move |value: char, words: &'static str| {
        view! { <option value=value.to_string() selected=unit.get_untracked() == value>{words}</option> }
    };
    let wrong = move || count.read().trim().parse::<u32>().is_err().then_some("true");
    let take_unit = move |event: web_sys::Event| unit.set(event_target_value(&event).chars().next().unwrap_or('d'));
    let view = view! {
        <div role="radiogroup" aria-label="Operator">
            {choice(Age::Within, within)} {choice(Age::Beyond, beyond)} {never.map(|words| choice(Age::Never, words))}
        </div>
        <div class="filter-editor__pair" hidden=move || operator.get() == Age::Never>
            <input class="input" type="text" inputmode="numeric" autocomplete="off" aria-label="How long" aria-invalid=wrong prop:value=move || count.get() on:input=move |event| count.set(event_target_value(&event))/>
            <select class="input" aria-label="Unit" on:change=take_unit>
                {option('h', "hours")} {option('d', "days")} {option('w', "weeks")}
            </select>
        </div>
    };
    let value = Signal::derive(move || {
        let long = |count| Long { count, unit: unit.get() };
        let count = count.read().trim().parse().ok();
        match operator.get() {
            Age::Never => Some("never".to_owned()),
            Age::Within => count.map(|count| Spans::Within(long(count)).write()),
            Age::Beyond => count.map(|count| Spans::Beyond(long(count)).write()),
        }
    });
    Operand { view, value }
}
