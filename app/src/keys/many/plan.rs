use super::{
    answers::ManyAnswers,
    data::{BadKey, ManyPlan},
    page::PAGE,
};
use crate::{
    prelude::*,
    ui::{
        Button, ButtonKind, Card, Column, DescriptionList, Entry, EnvironmentBadge, FormError, Note, PageHead,
        Priority, Table, Tone, format,
    },
    wire::{Form, Sending},
};

/// What would be made, and the button that has it made.
#[component]
pub(super) fn Plan(
    /// What would be made.
    planned: ManyPlan,
    /// The form that asked for it.
    plan: Sending<ManyPlan>,
    /// Where it is sent on to.
    create: Sending,
) -> impl IntoView {
    let title = format!("Create {}", keys(planned.count));
    let answers = planned.answers.clone();
    let create = (planned.all_bad == 0).then(|| {
        let (fields, words) = (answers.clone(), title.clone());
        view! {
            <Form to=create>
                <Hidden answers=fields/>
                <Button submit=true kind=ButtonKind::Primary pending=create.pending()>{words}</Button>
            </Form>
            <FormError problem=create.problem()/>
        }
    });
    let back = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        plan.forget();
    };
    view! {
        <PageHead title note="Nothing is made yet."/>
        {match planned.all_bad {
            0 => view! { <Good planned/> },
            _ => view! { <Bad planned/> },
        }}
        <div class="form__actions">
            {create}
            <form action=PAGE method="post" on:submit=back>
                <Hidden answers/>
                <input type="hidden" name="change" value="true"/>
                <Button submit=true>"Change"</Button>
            </form>
        </div>
    }
}

#[component]
fn Good(planned: ManyPlan) -> impl IntoView {
    let ManyPlan { count, names, template, environment, .. } = planned;
    view! {
        <Card>
            <DescriptionList>
                <Entry term="Keys"><span class="num">{format::count(count)}</span></Entry>
                <Entry term="Names"><span class="many__names">{names}</span></Entry>
                <Entry term="Environment"><EnvironmentBadge environment/></Entry>
                <Entry term="Template">{template.unwrap_or_else(|| "None".to_owned())}</Entry>
            </DescriptionList>
        </Card>
        <Note>
            "A job makes them. When it is over, you download their secrets on its page: once, within an hour. After that nobody has them."
        </Note>
    }
}

#[component]
fn Bad(planned: ManyPlan) -> impl IntoView {
    let ManyPlan { answers, count, bad, all_bad, .. } = planned;
    let words = match (all_bad, all_bad > bad.len() as u64) {
        (1, _) => format!("1 of {} can't be made. Correct it; until then none is made.", keys(count)),
        (all, false) => {
            format!("{} of {} can't be made. Correct them; until then none is made.", format::count(all), keys(count))
        }
        (all, true) => format!(
            "{} of {} can't be made; these are the first {}. Correct them; until then none is made.",
            format::count(all),
            keys(count),
            bad.len()
        ),
    };
    let place = if answers.way == "csv" { "Line" } else { "Key" };
    let columns = vec![
        Column::new(place, |row: &BadKey| view! { <span class="num">{row.row}</span> }).shown(Priority::Always),
        Column::new("Name", |row: &BadKey| view! { <span class="many__names">{row.name.clone()}</span> }),
        Column::new("What to do", |row: &BadKey| view! { <span class="job__why">{row.message.clone()}</span> })
            .shown(Priority::Always),
    ];
    let rows = Signal::stored(bad);
    view! {
        <Note tone=Tone::Danger>{words}</Note>
        <Card flush=true>
            <Table label="Keys that can't be made" columns rows key=|row: &BadKey| row.row.to_string()/>
        </Card>
    }
}

/// What was typed, to be sent once more.
#[component]
fn Hidden(answers: ManyAnswers) -> impl IntoView {
    // A line of an input would lose the ends of its lines.
    let field = |(name, value): (&'static str, String)| view! { <textarea hidden name=name aria-hidden="true">{value}</textarea> };
    answers.fields().into_iter().map(field).collect_view()
}

fn keys(count: u64) -> String {
    if count == 1 { "1 key".to_owned() } else { format!("{} keys", format::count(count)) }
}
