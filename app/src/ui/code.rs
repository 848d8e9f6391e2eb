use super::{ButtonKind, CopyButton};
use crate::prelude::*;

/// One of several ways to write the same call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The language or tool: `curl`.
    pub title: String,
    /// What to paste.
    pub code: String,
}

impl Example {
    /// An example of up to four in a block.
    pub fn new(title: impl Into<String>, code: impl Into<String>) -> Self {
        Self { title: title.into(), code: code.into() }
    }
}

/// Code to paste, one language at a time. The choice is a radio button's, so that it works
/// before and without WASM.
#[component]
pub fn CodeBlock(
    /// A name that is unique on the page.
    #[prop(into)]
    name: String,
    /// Up to four examples.
    examples: Vec<Example>,
) -> impl IntoView {
    let group = name.clone();
    let chooser = (examples.len() > 1).then(|| {
        let choice = |(index, example): (usize, &Example)| {
            view! {
                <label class="segmented__item">
                    <input class="sr-only" type="radio" name=group.clone() value=index.to_string() checked=index == 0/>
                    {example.title.clone()}
                </label>
            }
        };
        view! {
            <div class="code__bar">
                <div class="segmented" role="radiogroup" aria-label="Language">
                    {examples.iter().enumerate().map(choice).collect_view()}
                </div>
            </div>
        }
    });
    let panel = |(index, Example { title, code }): (usize, Example)| {
        view! {
            <div class="code__panel" data-panel=index.to_string()>
                <pre tabindex="0" aria-label=title.clone()><code>{code.clone()}</code></pre>
                <CopyButton text=code label=format!("Copy the {title} example") kind=ButtonKind::Ghost compact=true/>
            </div>
        }
    };
    view! {
        <div class="code">
            {chooser}
            {examples.into_iter().enumerate().map(panel).collect_view()}
        </div>
    }
}
