use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::{
    shell::AuthFrame,
    ui::{Button, ButtonKind, Input},
};

/// `/login`: e-mail and password.
#[derive(Debug)]
pub(crate) struct LoginPage;

#[lazy_route]
impl LazyRoute for LoginPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <AuthFrame title="Sign in to Turnpike" note="One gate for every API and model.">
                <form class="form" method="post" action="/fn/sign_in">
                    <Input name="email" label="E-mail" kind="email" autocomplete="username" required=true autofocus=true/>
                    <Input name="password" label="Password" kind="password" autocomplete="current-password" required=true/>
                    <Button kind=ButtonKind::Primary submit=true full=true>"Sign in"</Button>
                </form>
            </AuthFrame>
        }
        .into_any()
    }
}
