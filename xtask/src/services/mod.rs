//! Real counterparts that the tests and measurements run against.

pub(crate) mod postgres;
pub(crate) mod turnpike;
