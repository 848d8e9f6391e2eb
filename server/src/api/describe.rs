//! What every operation's description has in common: who may call it, and what can go wrong.

use domain::{ErrorCode, WireError};
use serde_json::Value;
use utoipa::{
    OpenApi as _,
    openapi::{
        ContentBuilder, Header, ObjectBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder, SecurityRequirement,
        extensions::ExtensionsBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        schema::{Components, Type},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::http::{access::Access, cookie};

const DESCRIPTION: &str = "Manage a Turnpike installation: keys, budgets, limits, connections, prices, tokens, usage.

- Authenticate with a management token, `Authorization: Bearer tpm_…`, or as a signed-in browser.
- Money is an exact decimal in a string, in the book currency that stands beside it. Times are RFC 3339 in UTC.
- Lists are pages: give `next_cursor` as `cursor` for the next one; it is null on the last.
- Every answer has an `x-request-id`. Every error has the same envelope; the codes are stable.
- Send an `Idempotency-Key` with a POST to be able to repeat it: for 24 hours the first answer is given again, marked \
`Idempotency-Replayed: true` and without any secret.";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Turnpike management API", version = "1", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    components(schemas(WireError)),
    tags(
        (name = "Keys", description = "What applications call the gateway with."),
        (name = "Key templates", description = "Named recipes for keys."),
        (name = "Saved views", description = "Filters and order of a list, under a name."),
        (name = "Jobs", description = "Work in the background: what was asked for, how far it is, what came of it."),
        (name = "Budgets", description = "How much may be spent, by whom, in which time."),
        (name = "Limits", description = "How many requests and tokens may pass in a minute, and how many at once."),
        (name = "Connections", description = "The platform's credentials for providers."),
        (name = "Models", description = "What can be called, and what it costs."),
        (name = "Tokens", description = "What programs call this API with."),
        (name = "Usage", description = "What was called, and what it cost."),
        (name = "Health", description = "For whoever watches over the process."),
    )
)]
struct Base;

/// The description before any route.
pub(super) fn base() -> OpenApi {
    let mut openapi = Base::openapi();
    openapi.info.description = Some(DESCRIPTION.to_owned());
    let components = openapi.components.get_or_insert_with(Components::new);
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("tpm_…");
    let token =
        token.description(Some("A management token. Its power is its scopes, and never more than its maker's."));
    components.add_security_scheme("token", SecurityScheme::Http(token.build()));
    let session = ApiKeyValue::with_description(cookie::NAME, "A signed-in browser, on this origin only.");
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    openapi
}

/// An item's operations with their methods.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, post, put, patch, delete, .. } = item;
    let all = [("GET", get), ("POST", post), ("PUT", put), ("PATCH", patch), ("DELETE", delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// The names that an operation takes in its query.
pub(super) fn query_names(operation: &Operation) -> Vec<String> {
    let parameters = operation.parameters.iter().flatten();
    let query = parameters.filter_map(|parameter| match parameter {
        RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => Some(parameter.name.clone()),
        _ => None,
    });
    query.collect()
}

/// Writes into an operation who may call it and every error that it can answer with.
pub(super) fn complete(operation: &mut Operation, method: &str, path: &str, access: Access) {
    if method == "POST" {
        operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
    }
    for code in refusals(operation, method, path, access) {
        let response = operation.responses.responses.entry(code.status().to_string());
        let line = format!("`{}`: {}", code.as_str(), code.meaning());
        match response.or_insert_with(|| RefOr::T(envelope())) {
            RefOr::T(response) if response.description.is_empty() => response.description = line,
            RefOr::T(response) => response.description = format!("{}\n\n{line}", response.description),
            RefOr::Ref(_) => {}
        }
    }
    if let Some(RefOr::T(created)) = operation.responses.responses.get_mut("201") {
        let location = Header::new(ObjectBuilder::new().schema_type(Type::String).build());
        created.headers.insert("Location".to_owned(), RefOr::T(location));
    }
    if access == Access::Public {
        operation.security = Some(Vec::new());
        return;
    }
    let none: [&str; 0] = [];
    operation.security = Some(vec![SecurityRequirement::new("token", none), SecurityRequirement::new("session", none)]);
    let permissions: Vec<Value> = access.permissions().iter().map(|p| p.as_str().into()).collect();
    if !permissions.is_empty() {
        operation.extensions = Some(ExtensionsBuilder::new().add("x-permission", permissions).build());
    }
}

/// The codes that an operation can be refused with, by what it is.
fn refusals(operation: &Operation, method: &str, path: &str, access: Access) -> Vec<ErrorCode> {
    use ErrorCode as E;
    if access == Access::Public {
        return Vec::new();
    }
    let mut codes = vec![E::InvalidRequest, E::Unauthenticated, E::Forbidden, E::Internal, E::Unavailable];
    if path.contains('{') {
        codes.push(E::NotFound);
    }
    if method != "GET" {
        codes.extend([E::CrossSite, E::Conflict]);
    }
    if operation.request_body.is_some() {
        codes.extend([E::InvalidJson, E::RequestTooLarge, E::UnsupportedMediaType]);
    }
    if method == "POST" {
        codes.extend([E::IdempotencyInProgress, E::IdempotencyMismatch]);
    }
    codes
}

fn envelope() -> utoipa::openapi::Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("WireError"))).build();
    ResponseBuilder::new().content("application/json", content).build()
}

fn idempotency_key() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
    let description = "Makes the request repeatable: the same key with the same body is carried out once.";
    let parameter = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header);
    parameter.required(Required::False).description(Some(description)).schema(Some(schema)).build()
}
