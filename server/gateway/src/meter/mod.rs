//! Metering: what a call used, by the provider's word or by our own count.

mod answer;
pub(crate) mod estimate;
mod sse;
pub(crate) mod stream;

pub(crate) use answer::{Read, read};
