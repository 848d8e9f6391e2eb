use super::{Glyph, Icon};
use crate::prelude::*;

/// A "?" beside a term: one sentence that explains it, and where to read on.
#[component]
pub fn HelpTip(
    /// The term, a word of the product's own vocabulary.
    #[prop(into)]
    term: String,
    /// One sentence.
    #[prop(into)]
    text: String,
    /// Where to read on.
    #[prop(optional, into)]
    href: Option<String>,
) -> impl IntoView {
    let id = format!("help-{}", term.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    let label = format!("What is {term}?");
    view! {
        <button class="help" type="button" popovertarget=id.clone() aria-label=label.clone() title=label>
            <Icon name=Glyph::Help/>
        </button>
        // Spans, because terms stand in paragraphs and headings, which hold no blocks.
        <span class="menu" popover="auto" id=id>
            <span class="help__text">
                {text} {href.map(|href| view! { <a class="link" href=href>"Read more"</a> })}
            </span>
        </span>
    }
}
