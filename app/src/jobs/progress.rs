use domain::jobs::{JobState, Outcome};

use super::data::Course;
use crate::{
    prelude::*,
    ui::{Badge, Meter, Tone, format},
};

impl Course {
    fn percent(&self) -> f64 {
        match self.state {
            // A job without items is over as soon as it begins.
            JobState::Done => 100.0,
            _ => self.progress.ended() as f64 * 100.0 / self.progress.total.max(1) as f64,
        }
    }

    fn tone(&self) -> Tone {
        match self.state {
            JobState::Failed => Tone::Danger,
            JobState::Cancelled => Tone::Neutral,
            _ if self.progress.failed > 0 => Tone::Warn,
            JobState::Done => Tone::Ok,
            JobState::Waiting | JobState::Running => Tone::Accent,
        }
    }

    /// How far it is, in numbers: `340 of 348`, or how many there were.
    fn words(&self) -> String {
        let total = format::count(self.progress.total);
        match self.state {
            JobState::Done => total,
            _ => format!("{} of {total}", format::count(self.progress.ended())),
        }
    }
}

/// How far a job is, as a bar and in numbers.
#[component]
pub(super) fn CourseBar(
    /// The job's course.
    #[prop(into)]
    course: Signal<Course>,
    /// Which job.
    #[prop(into)]
    label: String,
    /// Whether it is as wide as its container.
    #[prop(optional)]
    full: bool,
) -> impl IntoView {
    let percent = Signal::derive(move || course.read().percent());
    let tone = Signal::derive(move || course.read().tone());
    view! {
        <span class="job__course">
            <span class="num">{move || course.read().words()}</span>
            <Meter percent tone label full/>
        </span>
    }
}

/// Where a job is in its life.
#[component]
pub(super) fn StateBadge(
    /// The job's course.
    #[prop(into)]
    course: Signal<Course>,
) -> impl IntoView {
    let tone = Signal::derive(move || course.read().tone());
    let words = move || match course.read().state {
        JobState::Waiting => "Waiting",
        JobState::Running => "Running",
        JobState::Done if course.read().progress.failed > 0 => "Done, some failed",
        JobState::Done => "Done",
        JobState::Failed => "Given up",
        JobState::Cancelled => "Cancelled",
    };
    view! { <Badge tone>{words}</Badge> }
}

/// What became of an item.
#[component]
pub(super) fn OutcomeBadge(
    /// The outcome.
    outcome: Outcome,
) -> impl IntoView {
    let tone = match outcome {
        Outcome::Waiting | Outcome::Skipped => Tone::Neutral,
        Outcome::Done => Tone::Ok,
        Outcome::Failed => Tone::Danger,
    };
    view! { <Badge tone>{outcome_words(outcome)}</Badge> }
}

/// An outcome in a word.
pub(super) const fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Waiting => "Waiting",
        Outcome::Done => "Done",
        Outcome::Skipped => "Skipped",
        Outcome::Failed => "Failed",
    }
}
