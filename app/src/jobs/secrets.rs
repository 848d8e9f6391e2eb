use std::time::Duration;

use domain::jobs::SecretsState;

use super::data::SecretFacts;
use crate::{
    prelude::*,
    ui::{Button, ButtonKind, Glyph, Moment, Note, Time, Tone, format},
};

/// The secrets of the keys that a job made, while they can be downloaded; and afterwards what became of them.
#[component]
pub(super) fn Secrets(
    /// The job.
    id: String,
    /// Where they are.
    secrets: SecretFacts,
) -> impl IntoView {
    let SecretFacts { state, count, until, downloaded, yours } = secrets;
    match (state, yours) {
        (SecretsState::Waiting, true) => view! {
            <Note>"When the job is over, you can download the secrets of its keys here: once, within an hour."</Note>
        },
        (SecretsState::Waiting | SecretsState::Ready, false) => view! {
            <Note>"Only whoever asked for this job can download the secrets of its keys, within an hour of its end."</Note>
        },
        (SecretsState::Ready, true) => view! { <Ready id count until=until.unwrap_or_default()/> },
        (SecretsState::Downloaded, _) => view! {
            <Note tone=Tone::Ok>
                "The secrets were downloaded " {downloaded.map(|at| view! { <Time at/> })}
                ", and are kept nowhere here. A key whose secret is lost can be rotated."
            </Note>
        },
        (SecretsState::Expired, _) => view! {
            <Note tone=Tone::Warn>
                "The secrets were kept for an hour after the job's end, and are gone. Keys whose secret nobody has can be rotated, or revoked by an undo of this job."
            </Note>
        },
    }
}

/// The button, which works once. It is a form of its own, which the browser answers with a file.
#[component]
fn Ready(id: String, count: u64, until: Moment) -> impl IntoView {
    let keys = if count == 1 {
        "the secret of 1 key".to_owned()
    } else {
        format!("the secrets of {} keys", format::count(count))
    };
    view! {
        <Note tone=Tone::Warn>
            <div class="job__secrets">
                <p>
                    "Download " {keys} " now: this works once, and only for you. With the click they are deleted here, even if the download fails. "
                    <Countdown until/>
                </p>
                <form action=format!("/api/v1/jobs/{id}/secrets") method="post">
                    <Button submit=true kind=ButtonKind::Primary icon=Glyph::Download>"Download secrets"</Button>
                </form>
            </div>
        </Note>
    }
}

/// How long it is until then, to the second once the browser counts.
#[component]
fn Countdown(until: Moment) -> impl IntoView {
    let (end, left) = (until.seconds, RwSignal::new(None));
    effect(move || {
        let tick = move || left.set(Some((end - (js_sys::Date::now() / 1000.0) as i64).max(0)));
        tick();
        let ticking = set_interval_with_handle(tick, Duration::from_secs(1));
        on_cleanup(move || drop(ticking.map(|ticking| ticking.clear())));
    });
    let words = move || match left.get() {
        Some(left) => format!("{:02}:{:02}", left / 60, left % 60),
        None => until.relative.clone(),
    };
    view! { <span class="job__left">"Time left: " <strong class="num" role="timer">{words}</strong></span> }
}
