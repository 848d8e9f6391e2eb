use super::{actions::UndoJob, data::JobFacts, progress::CourseBar};
use crate::{
    prelude::*,
    ui::{Button, Glyph, Icon, format, query::form_encoded},
    wire::{Lookup, Sending, use_pulse},
};

/// A job that somebody has just asked for: how far it is, what came of it, and the way back.
#[component]
pub(crate) fn JobWatch(
    /// The job.
    id: String,
    /// Runs when it is over.
    over: Callback<()>,
) -> impl IntoView {
    let form = form_encoded([("id".to_owned(), id.clone())]);
    let lookup = Lookup::<Option<JobFacts>>::at("/fn/job");
    let ended = |facts: &JobFacts| facts.row.course.state.is_over();
    let facts = Memo::new(move |before: Option<&Option<JobFacts>>| {
        lookup.answer().flatten().or_else(|| before.cloned().flatten())
    });
    let is_over = Memo::new(move |_| facts.read().as_ref().is_some_and(ended));
    lookup.ask(form.clone());
    use_pulse(move || {
        if !is_over.get_untracked() {
            lookup.ask(form.clone());
        }
        std::future::ready(())
    });
    effect(move || {
        if is_over.get() {
            over.run(());
        }
    });
    let undo = Sending::to::<UndoJob>();
    let result = move || {
        let JobFacts { row, undo_until, error, .. } = facts.get().filter(ended)?;
        let progress = row.course.progress;
        let words = format!(
            "{} done, {} left alone, {} failed.",
            format::count(progress.done),
            format::count(progress.skipped),
            format::count(progress.failed)
        );
        let id = row.id.clone();
        let back = move |_| undo.send(form_encoded([("id".to_owned(), id.clone())]));
        let undo = undo_until.filter(|_| progress.done > 0).map(|_| {
            view! { <Button on:click=back pending=undo.pending()><Icon name=Glyph::Undo/> "Undo"</Button> }
        });
        Some(view! { <p role="status">{words} " " {error}</p> {undo} })
    };
    let bar = move || match facts.get() {
        Some(facts) => view! { <CourseBar course=facts.row.course label="Progress" full=true/> },
        None => view! { <p class="muted">"The work begins…"</p> },
    };
    view! { <div class="stack">{move || bar()} {move || result()}</div> }
}
