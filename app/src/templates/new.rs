use super::{
    actions::CreateTemplate,
    answers::TemplateAnswers,
    data::{StartTemplate, TemplateStart},
    fields::TemplateFields,
};
use crate::{
    prelude::*,
    shell::PageProblem,
    ui::{Button, ButtonKind, ButtonLink, Card, Checkbox, FormError, PageHead},
    wire::{Form, PageData, Sending, lazy_page},
};

/// `/templates/new`: a template is made.
#[derive(Debug)]
pub(crate) struct NewTemplatePage {
    start: PageData<TemplateStart>,
}

lazy_page!(templates: NewTemplatePage);

impl NewTemplatePage {
    fn load() -> Self {
        Self { start: PageData::alone::<StartTemplate>() }
    }

    fn show(self) -> AnyView {
        self.start.each(
            || ().into_any(),
            |start| match start {
                Ok(start) => view! { <NewTemplate start/> },
                Err(problem) => view! { <PageProblem problem/> },
            },
        )
    }
}

#[component]
fn NewTemplate(start: TemplateStart) -> impl IntoView {
    let action = Sending::to::<CreateTemplate>();
    let platform = start.platform.then(|| {
        view! { <Checkbox name="platform" label="For every organization" hint="It is the platform's then."/> }
    });
    view! {
        <div class="stack narrow">
            <PageHead title="Create template" note="A recipe for keys. What you lock can't be changed by who makes a key from it; the rest is a suggestion."/>
            <Card>
                <Form to=action class="form">
                    <FormError problem=action.problem()/>
                    <TemplateFields given=TemplateAnswers::default() start action/>
                    {platform}
                    <div class="form__actions">
                        <Button submit=true kind=ButtonKind::Primary pending=action.pending()>"Create template"</Button>
                        <ButtonLink href=Some("/templates".to_owned())>"Cancel"</ButtonLink>
                    </div>
                </Form>
            </Card>
        </div>
    }
}
