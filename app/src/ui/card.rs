use crate::prelude::*;

/// What stands at the right end of a card's head: a badge, a switch, a link.
#[slot]
pub struct CardAside {
    /// What stands there.
    children: Children,
}

/// A surface for one subject. Without a title it is only the frame, for a table with its bars.
#[component]
pub fn Card(
    /// The subject.
    #[prop(optional, into)]
    title: Option<String>,
    /// A sentence under the title.
    #[prop(optional, into)]
    note: Option<String>,
    /// Whether the content reaches the card's edges, as tables do.
    #[prop(optional)]
    flush: bool,
    /// The right end of the head.
    #[prop(optional)]
    card_aside: Option<CardAside>,
    /// The content.
    children: Children,
) -> impl IntoView {
    let name = title.clone();
    let head = title.map(|title| {
        view! {
            <header class="card__head">
                <h2>{title}</h2>
                {card_aside.map(|aside| view! { <div class="card__aside">{(aside.children)()}</div> })}
                {note.map(|note| view! { <p class="card__note">{note}</p> })}
            </header>
        }
    });
    let body = if flush {
        children()
    } else {
        view! { <div class="card__body">{children()}</div> }
    };
    view! {
        <section class="card" aria-label=name>
            {head}
            {body}
        </section>
    }
}
