use wasm_bindgen::{JsCast, JsValue};

use super::login::PlainHttpNote;
use crate::{
    prelude::*,
    problem::Problem,
    shell::AuthFrame,
    ui::{Button, ButtonKind, Choice, FormError, Input, Select},
    wire::{Form, PageData, Sending, lazy_page},
};

/// `/setup`: the first organization, its owner, and with them the first sign-in.
#[derive(Debug)]
pub(crate) struct SetupPage {
    zones: PageData<Vec<String>>,
}

lazy_page!(credentials: SetupPage);

impl SetupPage {
    fn load() -> Self {
        Self { zones: PageData::alone::<TimeZones>() }
    }

    fn show(self) -> AnyView {
        let form = self
            .zones
            .each(|| ().into_any(), |zones| view! { <SetupForm zones=zones.unwrap_or_else(|_| vec!["UTC".into()])/> });
        view! {
            <AuthFrame title="Set up Turnpike" note="The first organization, and you as its owner.">
                <PlainHttpNote/>
                {form}
            </AuthFrame>
        }
    }
}

/// The time zones to choose from.
#[server(prefix = "/fn", endpoint = "time_zones")]
pub async fn time_zones() -> Result<Vec<String>, Problem> {
    Ok(domain::organizations::TimeZone::offered())
}

/// Sets up, and signs the owner in.
#[server(prefix = "/fn", endpoint = "setup")]
pub async fn set_up(
    /// The code that the server printed.
    code: String,
    /// The organization's name.
    organization: String,
    /// The owner's name.
    name: String,
    /// The owner's address.
    email: String,
    /// The owner's password.
    password: String,
    /// Where the organization's days begin.
    time_zone: String,
) -> Result<(), Problem> {
    use crate::server::{Wrong, handle, meta};
    let mut wrong = Wrong::default();
    let organization = wrong.check("organization", organization.parse());
    let name = wrong.check("name", name.parse());
    let email = wrong.check("email", email.parse());
    let password = wrong.check("password", password.parse());
    let time_zone = wrong.check("time_zone", time_zone.parse());
    let (Some(organization), Some(name), Some(email), Some(password), Some(time_zone)) =
        (organization, name, email, password, time_zone)
    else {
        return Err(wrong.problem());
    };
    let new = service::identity::NewInstallation { organization, time_zone, email, name, password };
    let installed = handle::<service::identity::Setup>()?.run_with_code(&code, new, meta()?).await?;
    let begun = handle::<service::identity::Sessions>()?.begin(installed.user, &meta()?).await?;
    super::sign_in::enter(&begun, "/")
}

#[component]
fn SetupForm(zones: Vec<String>) -> impl IntoView {
    let action = Sending::to::<SetUp>();
    let zones: Vec<Choice> = zones.into_iter().map(|zone| Choice::new(zone.clone(), zone.replace('_', " "))).collect();
    effect(choose_own_zone);
    view! {
        <Form to=action class="form">
            <FormError problem=action.problem()/>
            <Input
                name="code"
                label="Setup code"
                hint="The server printed it when it started."
                autocomplete="one-time-code"
                required=true
                autofocus=true
                error=action.error("code")
            />
            <Input name="organization" label="Organization" autocomplete="organization" required=true error=action.error("organization")/>
            <Input name="name" label="Your name" autocomplete="name" required=true error=action.error("name")/>
            <Input name="email" label="E-mail" kind="email" autocomplete="username" required=true error=action.error("email")/>
            <Input
                name="password"
                label="Password"
                hint="At least 12 characters."
                kind="password"
                autocomplete="new-password"
                minlength=12
                required=true
                error=action.error("password")
            />
            <Select name="time_zone" label="Time zone" choices=zones value="UTC" hint="Days, and so daily figures, begin by it." error=action.error("time_zone")/>
            <Button kind=ButtonKind::Primary submit=true full=true pending=action.pending()>"Set up"</Button>
        </Form>
    }
}

/// Chooses the browser's own zone in the list, unless something else was chosen already.
fn choose_own_zone() {
    let select = document()
        .get_element_by_id("field-time_zone")
        .and_then(|element| element.dyn_into::<web_sys::HtmlSelectElement>().ok());
    let resolved = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
    let zone = js_sys::Reflect::get(&resolved, &JsValue::from_str("timeZone")).ok().and_then(|zone| zone.as_string());
    let (Some(select), Some(zone)) = (select.filter(|select| select.value() == "UTC"), zone) else { return };
    select.set_value(&zone);
    if select.selected_index() < 0 {
        // The browser knows a zone that the server does not.
        select.set_value("UTC");
    }
}
