use domain::jobs::{JobState, SecretsState};

use super::{
    actions::{CancelJob, RetryJob, UndoJob},
    data::{Course, ItemList, JobFacts, LoadItems, LoadJob},
    items::Items,
    progress::{CourseBar, StateBadge},
    secrets::Secrets,
};
use crate::{
    prelude::*,
    shell::PageProblem,
    ui::{
        Button, ButtonLink, Card, DescriptionList, EmptyKind, EmptyState, Entry, FormError, Glyph, Note, PageHead,
        Skeleton, Time, Tone,
    },
    wire::{Following, Form, PageData, Sending, lazy_page, use_pulse},
};

/// `/jobs/{id}`: how far a job is, and what became of its items.
#[derive(Debug)]
pub(crate) struct JobPage {
    job: PageData<Option<JobFacts>>,
    items: PageData<ItemList>,
}

lazy_page!(jobs: JobPage);

/// What the page follows.
#[derive(Clone, Copy)]
pub(super) struct Followed {
    job: (PageData<Option<JobFacts>>, Following<Option<JobFacts>>),
    pub(super) items: (PageData<ItemList>, Following<ItemList>),
}

impl JobPage {
    fn load() -> Self {
        let items = PageData::of_id_and_query::<LoadItems>(&["outcome", "cursor"]);
        Self { job: PageData::of_id::<LoadJob>(), items }
    }

    fn show(self) -> AnyView {
        let Self { job, items } = self;
        job.follow(waiting, move |facts| {
            items.follow(waiting, move |rows| {
                let followed = Followed { job: (job, facts), items: (items, rows) };
                view! { <Job followed/> }
            })
        })
    }
}

impl Followed {
    /// Loads the job and the items that are shown once more.
    async fn renew(self) {
        let ((job, facts), (items, rows)) = (self.job, self.items);
        job.renew(facts, |before, new| *before = new).await;
        items.renew(rows, |before, new| *before = new).await;
    }

    fn refetch(self) {
        self.job.0.refetch();
        self.items.0.refetch();
    }
}

fn waiting() -> AnyView {
    view! { <PageHead title="Job"/> <Card><Skeleton block=true/></Card> }
}

#[component]
fn Job(followed: Followed) -> impl IntoView {
    let facts = followed.job.1;
    // Secrets that are ready may be downloaded, here or in another window, and their time ends.
    let under_way = move || facts.value.with_untracked(|job| job.as_ref().is_some_and(JobFacts::is_moving));
    use_pulse(move || async move {
        if under_way() {
            followed.renew().await;
        }
    });
    // What moves moves in its place; the rest is drawn anew only when it is another.
    let still = Memo::new_with_compare(
        move |_| facts.value.get(),
        |before, now| before.map(|job| job.as_ref().map(shape)) != now.map(|job| job.as_ref().map(shape)),
    );
    move || match (facts.problem.get(), still.get()) {
        (Some(problem), _) => view! { <PageHead title="Job"/> <PageProblem problem/> },
        (None, None) => view! { <NoJob/> },
        (None, Some(job)) => view! { <Known job followed/> },
    }
}

/// What of a job makes another page of it: not how far it is, nor how long ago something was.
fn shape(job: &JobFacts) -> (&str, [bool; 5], JobState, Option<SecretsState>) {
    let facts =
        [job.can_cancel, job.can_retry, job.undo_until.is_some(), job.undone_by.is_some(), job.started.is_some()];
    (&job.row.id, facts, job.row.course.state, job.secrets.as_ref().map(|secrets| secrets.state))
}

impl JobFacts {
    /// Whether it may soon be another than it is.
    fn is_moving(&self) -> bool {
        let ready = self.secrets.as_ref().is_some_and(|secrets| secrets.state == SecretsState::Ready);
        ready || !self.row.course.state.is_over()
    }
}

#[component]
fn NoJob() -> impl IntoView {
    view! {
        <PageHead title="Job"/>
        <Card>
            <EmptyState
                kind=EmptyKind::NoResults
                title="There is no such job"
                text="It may be somebody else's, or the address is incomplete."
            >
                <ButtonLink href=Some("/jobs".to_owned())>"All jobs"</ButtonLink>
            </EmptyState>
        </Card>
    }
}

#[component]
fn Known(job: JobFacts, followed: Followed) -> impl IntoView {
    let (value, first) = (followed.job.1.value, job.row.course.clone());
    let course = Memo::new(move |before: Option<&Course>| {
        let job = value.read();
        job.as_ref().map(|job| &job.row.course).or(before).unwrap_or(&first).clone()
    });
    let JobFacts { row, started, ended, error, undoes, undone_by, undo_until, secrets, .. } = job.clone();
    let secrets = secrets.map(|secrets| view! { <Secrets id=row.id.clone() secrets/> });
    let link = |id: String, words: &'static str| view! { <a class="link" href=format!("/jobs/{id}")>{words}</a> };
    let label = format!("Progress of {}", row.title);
    view! {
        <Head job followed/>
        {error.map(|error| view! { <Note tone=Tone::Danger>{error}</Note> })}
        {secrets}
        <Card>
            <DescriptionList>
                <Entry term="State"><StateBadge course/></Entry>
                <Entry term="Progress"><CourseBar course label full=true/></Entry>
                <Entry term="Asked for by">{row.by}</Entry>
                <Entry term="Asked for"><Time at=row.created/></Entry>
                {started.map(|at| view! { <Entry term="Began"><Time at/></Entry> })}
                {ended.map(|at| view! { <Entry term="Ended"><Time at/></Entry> })}
                {undo_until.map(|at| view! { <Entry term="Can be undone until"><Time at/></Entry> })}
                {undoes.map(|id| view! { <Entry term="Takes back">{link(id, "Another job")}</Entry> })}
                {undone_by.map(|id| view! { <Entry term="Taken back by">{link(id, "Another job")}</Entry> })}
                <Entry term="Id"><code>{row.id.clone()}</code></Entry>
            </DescriptionList>
        </Card>
        <Items course items=followed.items.1/>
    }
}

/// What can be done with the job.
#[component]
fn Head(job: JobFacts, followed: Followed) -> impl IntoView {
    let (cancel, retry, undo) = (Sending::to::<CancelJob>(), Sending::to::<RetryJob>(), Sending::to::<UndoJob>());
    for action in [cancel, retry, undo] {
        action.then(move || followed.refetch());
    }
    let problem = Signal::derive(move || [cancel, retry, undo].into_iter().find_map(|action| action.problem().get()));
    let JobFacts { row, can_cancel, can_retry, undo_until, .. } = job;
    let export = Some(format!("/api/v1/jobs/{}/items.csv", row.id));
    let id = row.id;
    let button = |action: Sending, icon: Glyph, words: &'static str| {
        let id = id.clone();
        view! {
            <Form to=action>
                <input type="hidden" name="id" value=id/>
                <Button submit=true icon pending=action.pending()>{words}</Button>
            </Form>
        }
    };
    let undo = undo_until.map(|_| button(undo, Glyph::Undo, "Undo"));
    let retry = can_retry.then(|| button(retry, Glyph::Refresh, "Retry failed"));
    let cancel = can_cancel.then(|| button(cancel, Glyph::Ban, "Cancel job"));
    view! {
        <PageHead title=row.title>
            <ButtonLink href=export icon=Glyph::Download attr:download="">"Export CSV"</ButtonLink>
            {undo}
            {retry}
            {cancel}
        </PageHead>
        <FormError problem/>
    }
}
