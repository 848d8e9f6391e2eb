//! Ways for `cargo bench` into what has none from outside.

use std::{net::Ipv4Addr, sync::Arc, time::Instant};

use bytes::Bytes;
use domain::{RequestId, usage::Endpoint};
use http::HeaderMap;

use crate::{
    Gateway, admit,
    call::{Arrival, Call, Ending},
    core::Core,
    forward,
    respond::Refusal,
};

/// Admits a chat completion as far as it goes before it is forwarded, and lets it go again: key, policy,
/// route, limits and budgets. Answers whether it was admitted.
pub async fn admits(gateway: &Gateway, headers: &HeaderMap, body: &Bytes) -> bool {
    begin(gateway.core(), headers, body, false).await.is_ok()
}

/// Admits a chat completion, writes it into the journal, and settles it as if it had been answered. Answers
/// whether it was admitted.
pub async fn settles(gateway: &Gateway, headers: &HeaderMap, body: &Bytes) -> bool {
    match begin(gateway.core(), headers, body, true).await {
        Ok(Some(mut call)) => call.settle(Ending::ok(200)).is_some(),
        _ => false,
    }
}

/// How many settled calls are not in the books yet.
pub fn waiting(gateway: &Gateway) -> usize {
    gateway.core().queue.waiting()
}

async fn begin(core: &Arc<Core>, headers: &HeaderMap, body: &Bytes, journaled: bool) -> Result<Option<Call>, Refusal> {
    let at = core.clock.now();
    let arrival = Arrival { request_id: RequestId::mint(at, &core.entropy), at, clock: Instant::now() };
    let known = core.watch.keys.get(&admit::presented(headers)?).await?;
    admit::check(&known, at, || Ipv4Addr::LOCALHOST.into())?;
    let key = known.key;
    forward::begin(core, arrival, &key, Endpoint::ChatCompletions, headers, body.clone(), journaled).await
}
