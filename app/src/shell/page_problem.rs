use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

use crate::{
    prelude::*,
    problem::Problem,
    ui::{ButtonLink, EmptyKind, EmptyState, ErrorSummary},
};

/// What a page shows in the place of what it was asked for, by the reason: the way to sign in, that
/// there is no such thing, who could permit it, or what broke. The answer's status is set already,
/// where the problem was made.
#[component]
pub fn PageProblem(
    /// Why there is nothing else to show.
    problem: Problem,
) -> impl IntoView {
    match problem.code.as_str() {
        "unauthenticated" => view! { <SignedOut/> },
        "not_found" => view! {
            <Title text="Not found"/>
            <EmptyState
                kind=EmptyKind::NoResults
                title="There is nothing at this address"
                text="It may have been moved or deleted, or belong to another organization."
            />
        },
        "forbidden" => view! {
            <Title text="Not permitted"/>
            <EmptyState kind=EmptyKind::NoPermission title="This is not for you to see" text=problem.message/>
        },
        _ => view! { <Title text="Error"/> <ErrorSummary problem/> },
    }
}

/// The session ended while the portal was open: on to signing in, and back here afterwards.
#[component]
fn SignedOut() -> impl IntoView {
    let location = use_location();
    let login = move || {
        let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
        let here = if search.is_empty() { path } else { format!("{path}?{}", search.trim_start_matches('?')) };
        format!("/login?next={}", leptos_router::location::Url::escape(&here))
    };
    let href = login();
    effect(move || use_navigate()(&login(), NavigateOptions { replace: true, ..NavigateOptions::default() }));
    view! {
        <Title text="Signed out"/>
        <EmptyState kind=EmptyKind::NoPermission title="You are signed out" text="Sign in again to go on where you were.">
            <ButtonLink href=Some(href)>"Sign in"</ButtonLink>
        </EmptyState>
    }
}
