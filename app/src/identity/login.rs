use super::sign_in::SignIn;
use crate::{
    prelude::*,
    shell::AuthFrame,
    ui::{Button, ButtonKind, FormError, Input, Note, Tone, query::query_param},
    wire::{Form, Sending, lazy_page},
};

/// `/login`: e-mail and password.
#[derive(Debug)]
pub(crate) struct LoginPage;

lazy_page!(credentials: LoginPage);

impl LoginPage {
    fn load() -> Self {
        Self
    }

    fn show(self) -> AnyView {
        let action = Sending::to::<SignIn>();
        let next = query_param("next");
        view! {
            <AuthFrame title="Sign in to Turnpike" note="One gate for every API and model.">
                <PlainHttpNote/>
                <Form to=action class="form">
                    <FormError problem=action.problem()/>
                    <input type="hidden" name="next" value=move || next.get()/>
                    <Input name="email" label="E-mail" kind="email" autocomplete="username" required=true autofocus=true/>
                    <Input name="password" label="Password" kind="password" autocomplete="current-password" required=true/>
                    <Button kind=ButtonKind::Primary submit=true full=true pending=action.pending()>"Sign in"</Button>
                </Form>
            </AuthFrame>
        }
    }
}

/// Says why signing in can't work where the browser would not keep the session's cookie.
///
/// A browser knows, and tells by what it sends; one that runs the portal's code looks for itself.
#[component]
pub(super) fn PlainHttpNote() -> impl IntoView {
    let kept = RwSignal::new(SharedValue::new(is_kept).into_inner());
    effect(move || kept.set(is_kept()));
    view! {
        <Show when=move || !kept.get()>
            <Note tone=Tone::Warn>
                <p>
                    "This page came over plain http, so your browser won't keep you signed in. Open it over https, and set "
                    <code>"public_url"</code> " to that address. On the machine itself, " <code>"http://localhost"</code> " works too."
                </p>
            </Note>
        </Show>
    }
}

#[cfg(feature = "ssr")]
fn is_kept() -> bool {
    let Some(parts) = use_context::<http::request::Parts>() else { return true };
    let header = |name: http::HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    // Browsers send these only over connections that they trust.
    if header(http::HeaderName::from_static("sec-fetch-site")).is_some() {
        return true;
    }
    let https = header(http::HeaderName::from_static("x-forwarded-proto")) == Some("https");
    header(http::header::HOST).is_none_or(|host| super::cookie::is_kept(https, host))
}

#[cfg(not(feature = "ssr"))]
fn is_kept() -> bool {
    window().is_secure_context()
}
