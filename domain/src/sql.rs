//! How domain values are stored, for any engine that can store a UUID, a `BIGINT`, text and JSON.
//!
//! With these, rows decode straight into domain types and a query can't bind a user's id where a
//! key's belongs.

use std::collections::BTreeMap;

use sqlx::{
    Database, Decode, Encode, Type,
    encode::IsNull,
    error::BoxDynError,
    types::{Json, Uuid},
};

use crate::*;

/// Stores `$ty` as `$raw`, given how to get there and back.
macro_rules! stored {
    ($ty:ty as $raw:ty, $to:expr, $from:expr) => {
        impl<DB: Database> Type<DB> for $ty
        where
            $raw: Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <$raw as Type<DB>>::type_info()
            }
            fn compatible(ty: &DB::TypeInfo) -> bool {
                <$raw as Type<DB>>::compatible(ty)
            }
        }

        impl<'q, DB: Database> Encode<'q, DB> for $ty
        where
            $raw: Encode<'q, DB>,
        {
            fn encode_by_ref(&self, buf: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let to: fn(&$ty) -> $raw = $to;
                to(self).encode(buf)
            }
        }

        impl<'r, DB: Database> Decode<'r, DB> for $ty
        where
            $raw: Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let from: fn($raw) -> Result<$ty, BoxDynError> = $from;
                from(<$raw as Decode<DB>>::decode(value)?)
            }
        }
    };
}

macro_rules! stored_ids {
    ($($id:ident)*) => { $(stored!($id as Uuid, |id| id.uuid(), |raw| Ok($id::from_uuid(raw)));)* };
}

/// Types whose text parses back into them.
macro_rules! stored_words {
    ($($ty:ty, $to:expr;)*) => { $(stored!($ty as String, $to, |raw| Ok(raw.parse()?));)* };
}

stored_ids! {
    OrganizationId UserId MembershipId TeamId KeyId TokenId SessionId ConnectionId ModelId PriceId BudgetId LimitId NodeId EventId RequestId ViewId TemplateId AuditId JobId WorkerId
}
stored!(Timestamp as i64, |at| at.micros(), |raw| Ok(Timestamp::from_micros(raw)));
stored!(Money as i64, |money| money.nanos(), |raw| Ok(Money::from_nanos(raw)));
stored!(Rate as i64, |rate| rate.nanos_per_million(), |raw| Ok(Rate::from_nanos_per_million(raw)));
stored!(secrets::SecretHash as Vec<u8>, |hash| hash.as_bytes().to_vec(), |raw| {
    secrets::SecretHash::from_bytes(&raw).ok_or_else(|| "a stored hash is not 32 bytes long".into())
});
stored!(keys::Labels as Json<BTreeMap<String, String>>, |labels| Json(labels.clone().into()), |raw| Ok(raw
    .0
    .try_into()?));
stored!(views::Parameters as Json<BTreeMap<String, String>>, |parameters| Json(parameters.0.clone()), |raw| Ok(
    views::Parameters(raw.0)
));
stored!(keys::Rules as Json<keys::Rules>, |rules| Json(rules.clone()), |raw| Ok(raw.0));
stored!(templates::Recipe as Json<templates::Recipe>, |recipe| Json(recipe.clone()), |raw| Ok(raw.0));
stored!(templates::Allowed as Json<templates::Allowed>, |allowed| Json(allowed.clone()), |raw| Ok(raw.0));
stored_words! {
    templates::TemplateName, |v| v.as_str().to_owned();
    identity::Email, |v| v.as_str().to_owned();
    identity::PersonName, |v| v.as_str().to_owned();
    identity::TokenName, |v| v.as_str().to_owned();
    identity::Role, |v| v.as_str().to_owned();
    organizations::OrganizationName, |v| v.as_str().to_owned();
    organizations::TimeZone, |v| v.as_str().to_owned();
    teams::TeamName, |v| v.as_str().to_owned();
    keys::KeyName, |v| v.as_str().to_owned();
    keys::KeyDescription, |v| v.as_str().to_owned();
    keys::KeyStatus, |v| v.as_str().to_owned();
    keys::Environment, |v| v.as_str().to_owned();
    budgets::Period, |v| v.as_str().to_owned();
    limits::LimitKind, |v| v.as_str().to_owned();
    catalog::ConnectionName, |v| v.as_str().to_owned();
    catalog::ModelName, |v| v.as_str().to_owned();
    catalog::WhenLeft, |v| v.as_str().to_owned();
    catalog::Provider, |v| v.as_str().to_owned();
    views::List, |v| v.as_str().to_owned();
    views::ViewName, |v| v.as_str().to_owned();
    usage::Service, |v| v.as_str().to_owned();
    usage::Endpoint, |v| v.as_str().to_owned();
    usage::EventKind, |v| v.as_str().to_owned();
    jobs::JobState, |v| v.as_str().to_owned();
    jobs::Outcome, |v| v.as_str().to_owned();
    jobs::Reason, |v| v.as_str().to_owned();
    usage::CallStatus, |v| v.as_str().to_owned();
}
