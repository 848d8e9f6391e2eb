use leptos_meta::{HashedStylesheet, MetaTags};

use super::Preferences;
use crate::{App, prelude::*};

/// The HTML document around the app, as the server sends it.
#[component]
fn Head(options: LeptosOptions) -> impl IntoView {
    view! {
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <link rel="preload" href="/fonts/inter-4.1.woff2" r#as="font" r#type="font/woff2" crossorigin=""/>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
        <HashedStylesheet options=options.clone() id="style"/>
        <AutoReload options=options.clone()/>
        {is_alive().then(|| view! { <HydrationScripts options/> })}
        <MetaTags/>
    }
}

/// Whether the browser takes the page over. Signing in is one form, which a browser sends by itself: it
/// need not load the portal's code before anyone is in.
fn is_alive() -> bool {
    #[cfg(feature = "ssr")]
    return use_context::<http::request::Parts>().is_none_or(|parts| parts.uri.path() != "/login");
    #[cfg(not(feature = "ssr"))]
    true
}

/// The whole document. The theme is painted here, from the cookie, so that a dark page never
/// flashes white.
pub fn document(options: LeptosOptions) -> impl IntoView {
    protect();
    #[cfg(feature = "ssr")]
    if is_alive() {
        crate::wire::announce::prepare(&options);
    }
    let Preferences { theme, density } = Preferences::current();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.name() data-density=density.name()>
            <head>
                <Head options/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Says what a page may load: its own files, scripts that carry this answer's nonce, and nothing
/// inline otherwise.
#[cfg(feature = "ssr")]
fn protect() {
    let (Some(response), Some(nonce)) = (use_context::<leptos_axum::ResponseOptions>(), nonce()) else { return };
    // The development server tells pages to reload themselves through a socket on another port.
    let sockets = if cfg!(debug_assertions) { " ws:" } else { "" };
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'{sockets}; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    );
    if let Ok(policy) = http::HeaderValue::from_str(&policy) {
        response.insert_header(http::header::CONTENT_SECURITY_POLICY, policy);
    }
}

#[cfg(not(feature = "ssr"))]
fn protect() {}

/// What a script element must carry to be let run. The browser needs none: scripts that a
/// running script adds are trusted by their address.
pub(crate) fn nonce() -> Option<String> {
    #[cfg(feature = "ssr")]
    return leptos::nonce::use_nonce().map(|nonce| nonce.to_string());
    #[cfg(not(feature = "ssr"))]
    None
}
