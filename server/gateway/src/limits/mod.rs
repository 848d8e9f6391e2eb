//! Rate limits: a call is let through by every limit above it before it may hold money.

mod exchange;
mod gates;
mod headers;
mod redis;
mod refusal;
mod slots;

use std::sync::Arc;

use domain::usage::Endpoint;
use http::Response;
use store::keys::KeySnapshot;

pub(crate) use exchange::run as exchange;
pub(crate) use gates::{Gates, Passed};
pub(crate) use redis::begin as redis;
pub(crate) use slots::run as lease_slots;

use gates::Denied;

use crate::{
    budgets::chain,
    core::Core,
    intake::Question,
    meter::estimate,
    respond::{Body, Refusal},
};

/// Lets a call through, if every limit above it does.
///
/// # Errors
/// When one does not.
pub(crate) async fn pass(
    core: &Arc<Core>,
    key: &KeySnapshot,
    endpoint: Endpoint,
    question: &Question<'_>,
) -> Result<Passed, Refusal> {
    let gates = &core.gates;
    if !gates.any() {
        return Ok(Passed::freely());
    }
    let chain = chain(key);
    // No prompt is without a token, whatever it is made of.
    let tokens = if gates.count_tokens(&chain, endpoint) { estimate::rough(endpoint, question).max(1) } else { 0 };
    gates.pass(&chain, endpoint, tokens).await.map_err(|denied| match denied {
        Denied::Limit(refused) => {
            let mut refusal = refusal::rate_limit_exceeded(&refused);
            headers::of_refusal(&refused, &gates.above(&chain, endpoint), &chain, refusal.headers_mut());
            refusal
        }
        Denied::CutOff => refusal::cut_off(),
    })
}

/// Says in an answer how the limits above its call stand now, unless it says so already.
pub(crate) fn tell(
    core: &Core,
    key: &KeySnapshot,
    endpoint: Endpoint,
    mut answer: Result<Response<Body>, Refusal>,
) -> Result<Response<Body>, Refusal> {
    if core.gates.any() {
        let chain = chain(key);
        let to = match &mut answer {
            Ok(response) => response.headers_mut(),
            Err(refusal) => refusal.headers_mut(),
        };
        if !headers::are_in(to) {
            headers::of_answer(&core.gates.above(&chain, endpoint), &chain, to);
        }
    }
    answer
}
