use super::{
    answers::ManyAnswers,
    data::{CreateMany, ManyPlan, ManyStart, PlanMany, StartMany},
    fields::ManyForm,
    plan::Plan,
};
use crate::{
    prelude::*,
    shell::PageProblem,
    wire::{PageData, Sending, lazy_page},
};

/// Where a browser without WASM sends the form: to the page itself, which then says what would be made.
pub(super) const PAGE: &str = "/keys/new-many";

/// `/keys/new-many`: many keys are made, after a look at what they would be.
#[derive(Debug)]
pub(crate) struct ManyKeysPage {
    start: PageData<ManyStart>,
}

lazy_page!(credentials: ManyKeysPage);

impl ManyKeysPage {
    fn load() -> Self {
        Self { start: PageData::of_query::<StartMany>(&["template"]) }
    }

    fn show(self) -> AnyView {
        self.start.each(
            || ().into_any(),
            |start| match start {
                Ok(start) => view! { <ManyKeys start/> },
                Err(problem) => view! { <PageProblem problem/> },
            },
        )
    }
}

#[component]
fn ManyKeys(start: ManyStart) -> impl IntoView {
    let (plan, create) = (Sending::<ManyPlan>::to::<PlanMany>(), Sending::to::<CreateMany>());
    let given = ManyAnswers { each: start.chosen.given.clone(), ..ManyAnswers::default() };
    let mut given = start.typed.clone().unwrap_or(given);
    if start.typed.is_none() {
        given.each.owner_id.clone_from(&start.me);
    }
    let given = StoredValue::new(given);
    if let Some(planned) = start.planned.clone() {
        plan.arrived(planned);
    }
    let planned = Memo::new(move |_| plan.answer());
    let page = move || match planned.get() {
        Some(planned) => {
            given.set_value(planned.answers.clone());
            view! { <Plan planned plan create/> }
        }
        None => view! { <ManyForm start=start.clone() given=given.get_value() plan create/> },
    };
    view! { <div class="stack narrow">{page}</div> }
}
