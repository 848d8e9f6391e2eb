use super::actions::Connect;
use crate::{
    prelude::*,
    ui::{Button, ButtonKind, ButtonLink, Card, Choice, Choices, FormError, Input, PageHead},
    wire::{Form, Sending, lazy_page},
};

/// `/connections/new`: a provider is connected.
#[derive(Debug)]
pub(crate) struct NewConnectionPage;

lazy_page!(catalog: NewConnectionPage);

impl NewConnectionPage {
    fn load() -> Self {
        Self
    }

    fn show(self) -> AnyView {
        view! { <NewConnection/> }
    }
}

#[component]
fn NewConnection() -> impl IntoView {
    let action = Sending::to::<Connect>();
    let environments = vec![
        Choice::new("live", "Live").with_note("Reached by keys that are for real."),
        Choice::new("test", "Test").with_note("Reached by keys that are for trying out."),
    ];
    view! {
        <div class="stack narrow">
            <PageHead title="Connect provider" note="Anything that speaks OpenAI's protocol. The key is stored encrypted and never shown again."/>
            <Card>
                <Form to=action class="form">
                    <FormError problem=action.problem()/>
                    <Input name="name" label="Name" hint="Stands in front of the names of models that several connections have." placeholder="OpenAI" required=true maxlength=60 autocomplete="off" error=action.error("name")/>
                    <Input name="base_url" label="Base URL" hint="The address that the provider's own clients call base_url, version included." kind="url" inputmode="url" placeholder="https://api.openai.com/v1" required=true autocomplete="off" error=action.error("base_url")/>
                    <Input name="api_key" label="API key" hint="The one that the provider issued to you." kind="password" required=true autocomplete="off" error=action.error("api_key")/>
                    <Choices name="environment" label="Environment" choices=environments value="live"/>
                    <div class="form__actions">
                        <Button submit=true kind=ButtonKind::Primary pending=action.pending()>"Connect and test"</Button>
                        <ButtonLink href=Some("/connections".to_owned())>"Cancel"</ButtonLink>
                    </div>
                </Form>
            </Card>
        </div>
    }
}
