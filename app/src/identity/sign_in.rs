use crate::{prelude::*, problem::Problem};

/// Begins a session and leads to where the person wanted to go.
#[server(prefix = "/fn", endpoint = "sign_in")]
pub async fn sign_in(
    /// The address.
    email: String,
    /// The password.
    password: String,
    /// The path of the page that was asked for.
    next: Option<String>,
) -> Result<(), Problem> {
    use crate::server::{handle, meta};
    let sessions = handle::<service::identity::Sessions>()?;
    let begun = sessions.sign_in(&email, &password, &meta()?).await?;
    enter(&begun, super::next::own_path(next.as_deref()))
}

/// Ends the session and leads to the sign-in.
#[server(prefix = "/fn", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), Problem> {
    use crate::server::{actor, handle};
    handle::<service::identity::Sessions>()?.sign_out(&actor()?).await?;
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.append_header(http::header::SET_COOKIE, super::cookie::end());
    }
    leptos_axum::redirect("/login");
    Ok(())
}

/// Gives the browser the session's cookie, and leads it on.
#[cfg(feature = "ssr")]
pub(super) fn enter(begun: &service::identity::SignedIn, path: &str) -> Result<(), Problem> {
    let cookie = super::cookie::begin(&begun.secret, begun.max_age)?;
    crate::server::handle::<leptos_axum::ResponseOptions>()?.append_header(http::header::SET_COOKIE, cookie);
    leptos_axum::redirect(path);
    Ok(())
}
