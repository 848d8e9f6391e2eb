use super::{Button, EmptyKind, EmptyState, Glyph, Icon, Tone};
use crate::{prelude::*, problem::Problem};

/// A remark that belongs to what is beside it, and stays.
#[component]
pub fn Note(
    /// What it means.
    #[prop(optional)]
    tone: Tone,
    /// The words.
    children: Children,
) -> impl IntoView {
    let icon = match tone {
        Tone::Neutral | Tone::Accent => Glyph::Info,
        Tone::Ok => Glyph::CircleCheck,
        Tone::Warn => Glyph::Alert,
        Tone::Danger => Glyph::CircleAlert,
    };
    view! {
        <div class="note" data-tone=tone.attribute() role=(tone == Tone::Danger).then_some("alert")>
            <Icon name=icon/>
            <div>{children()}</div>
        </div>
    }
}

/// What stands in the place of content that could not be had: what happened, the request id to
/// tell the operator, and a way to try again.
#[component]
pub fn ErrorSummary(
    /// What went wrong.
    problem: Problem,
) -> impl IntoView {
    let reload = move |_| {
        // A form would lose the query; asking for the same address again keeps the state.
        let _ = window().location().reload();
    };
    view! {
        <EmptyState kind=EmptyKind::Error title="This could not be loaded" text=problem.message>
            <Button icon=Glyph::Refresh on:click=reload>"Try again"</Button>
            {problem.request_id.map(|id| view! { <p class="small subtle">"Request " <code>{id}</code></p> })}
        </EmptyState>
    }
}
