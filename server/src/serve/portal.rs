//! The portal and the management API as one router.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use gateway::News;
use leptos::{config::LeptosOptions, context::provide_context};
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_async_with_context};
use metrics_exporter_prometheus::PrometheusHandle;
use service::identity::Setup;
use tower::ServiceExt;
use tower_http::{
    CompressionLevel,
    compression::CompressionLayer,
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};

use super::{Handles, ServeError, live, metrics, site};
use crate::{
    api::{self, ApiState, Readiness},
    config::Config,
    http::{self, ApiError, Authenticator, Csrf, Frame, Meta, Surroundings, access},
    open::Installation,
};

/// What the paths of server functions begin with.
const FUNCTIONS: &str = "/fn/";

/// The pages that a browser without WASM sends forms to.
const TYPED: [&str; 1] = ["/keys/new-many"];

/// What a process without a portal answers: how it is.
pub(super) fn probes(
    config: &Config,
    installation: &Installation,
    ready: Readiness,
    prometheus: PrometheusHandle,
) -> Result<Router, ServeError> {
    let readers = config.metrics_from().map_err(super::fail)?;
    let probes = api::probes(ready).merge(metrics::router(prometheus, readers)).fallback(http::no_route);
    Ok(http::around(probes.method_not_allowed_fallback(http::no_method), surroundings(config, installation)?))
}

/// Everything but the gateway's own paths.
pub(super) fn router(
    config: &Config,
    installation: &Installation,
    handles: &Handles,
    news: News,
    ready: Readiness,
    prometheus: PrometheusHandle,
) -> Result<Router, ServeError> {
    let site = site::find(config)?;
    let options = leptos_options(&site);
    let readers = config.metrics_from().map_err(super::fail)?;
    let (pages, nowhere) = pages(handles, installation, options);
    let authenticator = Authenticator::new(handles.sessions.clone(), handles.tokens.clone());
    let guard = middleware::from_fn_with_state(authenticator, access::guard_listed);
    let live = Router::new().route("/live/usage", get(live::usage)).with_state(news).layer(guard);
    let (api, _) = api::router(api_state(handles, installation, ready));
    let portal = pages.merge(live).merge(metrics::router(prometheus, readers)).merge(api).merge(files(&site));
    let portal = portal.fallback(move |request| unknown(nowhere, request)).method_not_allowed_fallback(http::no_method);
    let portal = http::around(portal, surroundings(config, installation)?);
    // Outermost, because envelopes are written below it. A stream of events is left as it is.
    Ok(portal.layer(CompressionLayer::new().quality(CompressionLevel::Precise(5))))
}

fn api_state(handles: &Handles, installation: &Installation, readiness: Readiness) -> ApiState {
    let Handles {
        setup: _,
        sessions,
        tokens,
        keys,
        jobs,
        budgets,
        limits,
        connections,
        models,
        templates,
        usage,
        views,
        replays,
    } = handles.clone();
    ApiState {
        keys,
        jobs,
        budgets,
        limits,
        connections,
        models,
        tokens,
        sessions,
        templates,
        usage,
        views,
        replays,
        readiness,
        clock: installation.clock.clone(),
    }
}

fn surroundings(config: &Config, installation: &Installation) -> Result<Surroundings, ServeError> {
    let public_url: Uri = config.public_url().parse().map_err(super::fail)?;
    let trusted_proxies = config.trusted_proxies().map_err(super::fail)?.into();
    let frame = Frame { clock: installation.clock.clone(), entropy: installation.entropy.clone(), trusted_proxies };
    Ok(Surroundings { frame, csrf: Csrf::new(Some(&public_url)) })
}

fn leptos_options(site: &std::path::Path) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("turnpike")
        .site_root(site.display().to_string())
        .site_pkg_dir(site::PKG)
        .build()
}

/// Pages and server functions, which Leptos registers beside them, with the handles they work with in
/// context; and what shows the page of an address that leads nowhere.
fn pages(handles: &Handles, installation: &Installation, options: LeptosOptions) -> (Router, Router) {
    let context = context(handles, installation);
    let document = {
        let options = options.clone();
        move || app::document(options.clone())
    };
    let routes = generate_route_list(app::App);
    let typed =
        post(render_app_async_with_context(context.clone(), document.clone())).route_layer(middleware::from_fn(typed));
    let pages = Router::new().leptos_routes_with_context(&options, routes, context.clone(), document.clone());
    let pages = TYPED.iter().fold(pages, |pages, path| pages.route(path, typed.clone()));
    let nowhere = Router::new().fallback(render_app_async_with_context(context, document));
    let authenticator = Authenticator::new(handles.sessions.clone(), handles.tokens.clone());
    let gate = middleware::from_fn_with_state(Gatekeeper { setup: handles.setup.clone(), authenticator }, gate);
    (pages.layer(gate.clone()).with_state(options), nowhere.layer(gate))
}

/// An address that leads nowhere: a browser is shown a page that says so, a program reads the envelope.
async fn unknown(nowhere: Router, request: Request) -> Response {
    let accepts = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let reads_pages = accepts.is_some_and(|accept| accept.contains("text/html"));
    if reads_pages && request.method().is_safe() && !request.uri().path().starts_with("/api/") {
        return nowhere.oneshot(request).await.into_response();
    }
    http::no_route().await.into_response()
}

/// Hands a form to the page that it was sent to.
async fn typed(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let form = match http::body(body).await {
        Ok(form) => String::from_utf8_lossy(&form).into_owned(),
        Err(error) => return error.into_response(),
    };
    parts.extensions.insert(app::TypedForm(form));
    next.run(Request::from_parts(parts, Body::empty())).await
}

/// Gives a page or a server function each handle by itself.
fn context(handles: &Handles, installation: &Installation) -> impl Fn() + Clone + Send + Sync + 'static {
    let (handles, clock) = (handles.clone(), installation.clock.clone());
    move || {
        let Handles {
            setup,
            sessions,
            tokens,
            keys,
            jobs,
            budgets,
            limits,
            connections,
            models,
            templates,
            usage,
            views,
            replays: _,
        } = handles.clone();
        provide_context(clock.clone());
        provide_context(setup);
        provide_context(sessions);
        provide_context(tokens);
        provide_context(keys);
        provide_context(jobs);
        provide_context(budgets);
        provide_context(limits);
        provide_context(connections);
        provide_context(models);
        provide_context(templates);
        provide_context(usage);
        provide_context(views);
    }
}

/// What the gate in front of the pages works with.
#[derive(Clone)]
struct Gatekeeper {
    setup: Setup,
    authenticator: Authenticator,
}

/// Sends whoever asks for a page to where they must go first: to set up, or to sign in. A server
/// function is asked for by a page that is there already; what is not listed is not found. Those
/// who pass are in the request's extensions, as an [`Actor`](service::Actor).
async fn gate(State(keeper): State<Gatekeeper>, Meta(meta): Meta, mut request: Request, next: Next) -> Response {
    if request.uri().path().starts_with(FUNCTIONS) {
        return access::guard_listed(State(keeper.authenticator), request, next).await;
    }
    let actor = match keeper.authenticator.actor(request.headers(), &meta).await {
        Ok(actor) => actor,
        Err(error) => return ApiError::from(error).into_response(),
    };
    let open = match keeper.setup.is_open().await {
        Ok(open) => open,
        Err(error) => return ApiError::from(error).into_response(),
    };
    let signed_in = actor.is_some();
    if let Some(actor) = actor {
        request.extensions_mut().insert(actor);
    }
    match request.uri().path() {
        "/setup" if !open => Redirect::to("/login").into_response(),
        "/setup" | "/_gallery" => next.run(request).await,
        _ if open => Redirect::to("/setup").into_response(),
        "/login" if signed_in => Redirect::to("/").into_response(),
        "/login" => next.run(request).await,
        _ if !signed_in => Redirect::to(&login_for(request.uri())).into_response(),
        _ => next.run(request).await,
    }
}

/// The login page, which leads back to `uri` afterwards.
fn login_for(uri: &Uri) -> String {
    let wanted = uri.path_and_query().map_or("/", |p| p.as_str());
    if wanted == "/" {
        return "/login".to_owned();
    }
    format!("/login?next={}", percent_encode(wanted))
}

/// Escapes all but letters, digits and the few marks that a query's value may hold as they are.
fn percent_encode(text: &str) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    let write = |b: u8| if keep(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(write).collect()
}

/// Scripts, styles, fonts and icons. What a build makes is asked for anew each time, and answered
/// with "not modified" while it is the same; the font's name carries its version.
fn files(site: &std::path::Path) -> Router {
    let below = |dir: &'static str, cache: &'static str| {
        let files = ServeDir::new(site.join(dir)).precompressed_br().precompressed_gzip();
        let layer = SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        Router::new().nest_service(&format!("/{dir}"), tower::ServiceBuilder::new().layer(layer).service(files))
    };
    let alone = |name: &str| ServeFile::new(site.join(name));
    below(site::PKG, "no-cache")
        .merge(below("fonts", "public, max-age=31536000, immutable"))
        .merge(below("vendor", "no-cache"))
        .merge(below("licenses", "no-cache"))
        .route_service("/icons.svg", alone("icons.svg"))
        .route_service("/chevron.svg", alone("chevron.svg"))
        .route_service("/favicon.svg", alone("favicon.svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_login_page_leads_back() {
        assert_eq!(login_for(&"/keys?q=a&status=x".parse().unwrap()), "/login?next=/keys%3Fq%3Da%26status%3Dx");
        assert_eq!(login_for(&"/".parse().unwrap()), "/login");
    }
}
