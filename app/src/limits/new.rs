use domain::{limits::LimitKind, usage::Endpoint};

use super::{
    actions::{CreateLimit, StartLimit},
    dialogs::BurstInput,
    row::endpoint_words,
};
use crate::{
    bearers::{BearerFields, Bearers},
    prelude::*,
    shell::PageProblem,
    ui::{Button, ButtonKind, ButtonLink, Card, Choice, Choices, FormError, Input, PageHead, Select},
    wire::{Form, PageData, Sending, lazy_page},
};

/// `/limits/new`: a limit is made.
#[derive(Debug)]
pub(crate) struct NewLimitPage {
    start: PageData<Bearers>,
}

lazy_page!(credentials: NewLimitPage);

impl NewLimitPage {
    fn load() -> Self {
        Self { start: PageData::of_query::<StartLimit>(&["key"]) }
    }

    fn show(self) -> AnyView {
        self.start.each(
            || ().into_any(),
            |start| match start {
                Ok(bearers) => view! { <NewLimit bearers/> },
                Err(problem) => view! { <PageProblem problem/> },
            },
        )
    }
}

#[component]
fn NewLimit(bearers: Bearers) -> impl IntoView {
    let action = Sending::to::<CreateLimit>();
    view! {
        <div class="stack narrow">
            <PageHead title="Create limit" note="How much may pass in a minute, or at once, and by whom."/>
            <Card>
                <Form to=action class="form">
                    <FormError problem=action.problem()/>
                    <BearerFields bearers action/>
                    <Choices name="kind" label="What is limited" choices=kinds() value=LimitKind::Requests.as_str()/>
                    <Input
                        name="amount"
                        label="Amount"
                        hint="In a minute, or at once for parallel requests."
                        placeholder="60"
                        inputmode="numeric"
                        required=true
                        autocomplete="off"
                        error=action.error("amount")
                    />
                    <BurstInput value=None action/>
                    <Select
                        name="endpoint"
                        label="Calls"
                        choices=endpoints()
                        value=""
                        hint="A limit of one endpoint takes the place of the one for all calls there, with a count of its own."
                        error=action.error("endpoint")
                    />
                    <div class="form__actions">
                        <Button submit=true kind=ButtonKind::Primary pending=action.pending()>"Create limit"</Button>
                        <ButtonLink href=Some("/limits".to_owned())>"Cancel"</ButtonLink>
                    </div>
                </Form>
            </Card>
        </div>
    }
}

fn kinds() -> Vec<Choice> {
    let choice = |kind: LimitKind, label, note| Choice::new(kind.as_str(), label).with_note(note);
    vec![
        choice(LimitKind::Requests, "Requests a minute", "How often calls may come."),
        choice(LimitKind::Tokens, "Tokens a minute", "Prompts when calls come, completions when they end."),
        choice(LimitKind::Parallel, "Parallel requests", "How many calls may be under way at once."),
    ]
}

fn endpoints() -> Vec<Choice> {
    let each = Endpoint::ALL.iter().map(|endpoint| Choice::new(endpoint.as_str(), capital(endpoint_words(*endpoint))));
    std::iter::once(Choice::new("", "All")).chain(each).collect()
}

/// Words as a label begins.
pub(super) fn capital(words: &str) -> String {
    let mut words = words.to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}
