//! Schemas of the types that are strings on the wire.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::*;

/// Describes `$ty` as a string with an example.
macro_rules! string_schemas {
    ($($ty:ty, $name:literal, $description:literal, $example:literal;)*) => { $(
        impl PartialSchema for $ty {
            fn schema() -> RefOr<Schema> {
                let object = ObjectBuilder::new().schema_type(Type::String).description(Some($description));
                object.examples([serde_json::Value::from($example)]).into()
            }
        }
        impl ToSchema for $ty {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    )* };
}

string_schemas! {
    KeyId, "KeyId", "An API key's id.", "key_01h455vb4pex5vsknk084sn02q";
    TokenId, "TokenId", "A management token's id.", "tok_01h455vb4pex5vsknk084sn02q";
    UserId, "UserId", "A person's id.", "usr_01h455vb4pex5vsknk084sn02q";
    OrganizationId, "OrganizationId", "An organization's id.", "org_01h455vb4pex5vsknk084sn02q";
    ConnectionId, "ConnectionId", "A connection's id.", "con_01h455vb4pex5vsknk084sn02q";
    ModelId, "ModelId", "A model's id.", "mod_01h455vb4pex5vsknk084sn02q";
    PriceId, "PriceId", "A price's id.", "price_01h455vb4pex5vsknk084sn02q";
    EventId, "EventId", "A usage event's id.", "evt_01h455vb4pex5vsknk084sn02q";
    RequestId, "RequestId", "A request's id, as in `x-request-id`.", "req_01h455vb4pex5vsknk084sn02q";
    Timestamp, "Timestamp", "An instant, RFC 3339 in UTC.", "2026-11-20T06:48:36Z";
    Money, "Money", "An amount in the book currency, as an exact decimal.", "0.000021";
    Rate, "Rate", "A price per million units, as an exact decimal.", "2.5";
    Currency, "Currency", "The book currency, ISO 4217.", "USD";
    keys::KeyName, "KeyName", "A key's name, 1 to 100 characters.", "checkout-staging";
    keys::Environment, "Environment", "`test` or `live`.", "test";
    keys::KeyStatus, "KeyStatus", "`active`, `disabled` or `revoked`.", "active";
    catalog::Provider, "Provider", "`sandbox` or `openai_compatible`.", "openai_compatible";
    usage::Endpoint, "Endpoint", "`chat.completions` or `embeddings`.", "chat.completions";
    usage::EventKind, "EventKind", "`call` or `adjustment`.", "call";
    usage::CallStatus, "CallStatus", "`ok`, `error`, `aborted` or `interrupted`.", "ok";
    identity::Permission, "Permission", "A scope, e.g. `keys:read`.", "keys:read";
    ErrorCode, "ErrorCode", "A code from the table of errors.", "invalid_request";
}
