//! Schemas of the types that are strings on the wire.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type},
};

use crate::*;

/// Describes `$ty` as a string with an example, and whatever else is to be said of it.
macro_rules! string_schemas {
    ($($ty:ty, $name:expr, $description:literal, $example:literal $(, $more:expr)?;)*) => { $(
        impl PartialSchema for $ty {
            fn schema() -> RefOr<Schema> {
                let object = ObjectBuilder::new().schema_type(Type::String).description(Some($description));
                let object = object.examples([serde_json::Value::from($example)]);
                $(let object = $more(object);)?
                object.into()
            }
        }
        impl ToSchema for $ty {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    )* };
}

macro_rules! id_schemas {
    ($($id:ident, $description:literal, $example:literal;)*) => {
        string_schemas! { $($id, stringify!($id), $description, $example, id($id::PREFIX);)* }
    };
}

/// The form of an identifier: see [`crate::ids`].
fn id(prefix: &str) -> impl Fn(ObjectBuilder) -> ObjectBuilder {
    let pattern = format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$");
    move |object| object.pattern(Some(pattern.clone()))
}

/// One of these words.
fn words<const N: usize>(words: [&'static str; N]) -> impl Fn(ObjectBuilder) -> ObjectBuilder {
    move |object| object.enum_values(Some(words))
}

/// As many characters.
fn line(most: usize) -> impl Fn(ObjectBuilder) -> ObjectBuilder {
    move |object| object.min_length(Some(1)).max_length(Some(most))
}

/// At most as many characters, and perhaps none.
fn most(most: usize) -> impl Fn(ObjectBuilder) -> ObjectBuilder {
    move |object| object.max_length(Some(most))
}

/// A decimal of up to nine places.
fn decimal(object: ObjectBuilder) -> ObjectBuilder {
    object.pattern(Some(r"^-?[0-9]+(\.[0-9]{1,9})?$"))
}

fn instant(object: ObjectBuilder) -> ObjectBuilder {
    object.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}

fn scopes(object: ObjectBuilder) -> ObjectBuilder {
    object.enum_values(Some(identity::Permission::ALL.iter().map(|p| p.as_str())))
}

fn fields(object: ObjectBuilder) -> ObjectBuilder {
    object.enum_values(Some(templates::Field::ALL.iter().map(|f| f.as_str())))
}

fn reasons(object: ObjectBuilder) -> ObjectBuilder {
    object.enum_values(Some(jobs::Reason::ALL.iter().map(|r| r.as_str())))
}

fn codes(object: ObjectBuilder) -> ObjectBuilder {
    object.enum_values(Some(ErrorCode::ALL.iter().map(|c| c.as_str())))
}

id_schemas! {
    KeyId, "An API key's id.", "key_01h455vb4pex5vsknk084sn02q";
    TokenId, "A management token's id.", "tok_01h455vb4pex5vsknk084sn02q";
    UserId, "A person's id.", "usr_01h455vb4pex5vsknk084sn02q";
    OrganizationId, "An organization's id.", "org_01h455vb4pex5vsknk084sn02q";
    ConnectionId, "A connection's id.", "con_01h455vb4pex5vsknk084sn02q";
    ModelId, "A model's id.", "mod_01h455vb4pex5vsknk084sn02q";
    BudgetId, "A budget's id.", "bud_01h455vb4pex5vsknk084sn02q";
    LimitId, "A limit's id.", "lim_01h455vb4pex5vsknk084sn02q";
    TemplateId, "A template's id.", "tpl_01h455vb4pex5vsknk084sn02q";
    ViewId, "A saved view's id.", "view_01h455vb4pex5vsknk084sn02q";
    TeamId, "A team's id.", "team_01h455vb4pex5vsknk084sn02q";
    JobId, "A job's id.", "job_01h455vb4pex5vsknk084sn02q";
    PriceId, "A price's id.", "price_01h455vb4pex5vsknk084sn02q";
    EventId, "A usage event's id.", "evt_01h455vb4pex5vsknk084sn02q";
    AuditId, "The id of an entry of the audit log.", "aud_01h455vb4pex5vsknk084sn02q";
    RequestId, "A request's id, as in `x-request-id`.", "req_01h455vb4pex5vsknk084sn02q";
}

string_schemas! {
    Timestamp, "Timestamp", "An instant, RFC 3339 in UTC.", "2026-11-20T06:48:36Z", instant;
    Money, "Money", "An amount in the book currency, as an exact decimal.", "0.000021", decimal;
    Rate, "Rate", "A price per million units, as an exact decimal.", "2.5", decimal;
    Currency, "Currency", "The book currency, ISO 4217.", "USD";
    keys::KeyName, "KeyName", "A key's name, 1 to 100 characters.", "checkout-staging", line(100);
    keys::KeyDescription, "KeyDescription", "What a key is for, up to 500 characters on several lines.", "For the shop's checkout.", most(500);
    identity::PersonName, "PersonName", "How somebody is called.", "Mara König";
    teams::TeamName, "TeamName", "How a team is called.", "Search";
    keys::Environment, "Environment", "For trying out or for real.", "test", words(["test", "live"]);
    keys::Overlap, "Overlap", "A time: a number with s, m, h or d behind it, or a number of seconds. At most 90 days.", "24h";
    keys::LeakOutcome, "LeakOutcome", "What became of a secret that was reported.", "revoked", words(["revoked", "unknown"]);
    keys::KeyStatus, "KeyStatus", "Where a key is in its life.", "active", words(["active", "disabled", "revoked"]);
    catalog::Provider, "Provider", "Who runs a service.", "openai_compatible", words(["sandbox", "openai_compatible"]);
    catalog::WhenLeft, "WhenLeft", "What becomes of an answer whose client has left.", "cancel", words(["cancel", "read_on"]);
    usage::Endpoint, "Endpoint", "Which of the gateway's endpoints.", "chat.completions",
        words(["chat.completions", "embeddings"]);
    limits::LimitKind, "LimitKind", "What is limited.", "requests_per_minute",
        words(["requests_per_minute", "tokens_per_minute", "parallel_requests"]);
    templates::TemplateName, "TemplateName", "A template's name, 1 to 100 characters.", "Production", line(100);
    templates::Field, "TemplateField", "A part of a template that can be locked.", "environment", fields;
    views::List, "List", "A list that has views.", "keys", words(["keys"]);
    views::ViewName, "ViewName", "A view's name, 1 to 60 characters.", "Unused for 90 days", line(60);
    usage::EventKind, "EventKind", "Why an event exists.", "call", words(["call", "adjustment"]);
    usage::CallStatus, "CallStatus", "How a call ended.", "ok", words(["ok", "error", "aborted", "interrupted"]);
    jobs::JobState, "JobState", "Where a job is in its life.", "running",
        words(["waiting", "running", "done", "failed", "cancelled"]);
    jobs::SecretsState, "SecretsState", "Where the secrets of a job's keys are.", "ready",
        words(["waiting", "ready", "downloaded", "expired"]);
    jobs::Outcome, "Outcome", "What became of an item of a job.", "done", words(["waiting", "done", "skipped", "failed"]);
    jobs::Reason, "Reason", "Why an item of a job was not done.", "already_revoked", reasons;
    identity::Permission, "Permission", "A scope.", "keys:read", scopes;
    ErrorCode, "ErrorCode", "A code from the table of errors.", "invalid_request", codes;
}
