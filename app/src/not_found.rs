use leptos_meta::Title;

use crate::{
    prelude::*,
    ui::{ButtonLink, EmptyKind, EmptyState},
};

/// What an address answers that leads nowhere, with the status that says so.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text="Not found"/>
        <main class="auth">
            <EmptyState
                kind=EmptyKind::NoResults
                title="There is nothing at this address"
                text="It may have been moved or deleted, or belong to another organization."
            >
                <ButtonLink href=Some("/".to_owned())>"Go to the overview"</ButtonLink>
            </EmptyState>
        </main>
    }
}
