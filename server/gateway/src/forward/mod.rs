//! Forwarding: a call goes to its provider, and the answer comes back.

mod answer;
mod headers;
mod left;
mod plan;
mod send;
mod source;

use std::sync::Arc;

use bytes::Bytes;
use domain::{
    ErrorCode,
    catalog::WhenLeft,
    usage::{Attribution, Endpoint, Service, Target},
};
use http::{HeaderMap, Response};
use store::keys::KeySnapshot;

pub(crate) use source::Source;

use crate::{
    admit,
    budgets::{self, Admitted},
    call::{Arrival, Call, Taken},
    core::Core,
    intake::Question,
    journal::{Full, Started},
    limits,
    respond::{Body, Refusal},
};
use answer::{Answer, RefusedUsage};
use left::{GoesOn, Left};
use plan::Plan;

/// Serves a call whose key is good and whose body is whole.
pub(crate) async fn serve(
    core: &Arc<Core>,
    arrival: Arrival,
    key: &KeySnapshot,
    endpoint: Endpoint,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Response<Body>, Refusal> {
    let (plan, taken) = prepare(core, arrival, key, endpoint, headers, body).await?;
    let mut call = admit(core, arrival, key, endpoint, headers, &plan, taken)?;
    call.begin().await.map_err(overloaded)?;
    let (left, most) = (Left::default(), core.settings.left_answer_time);
    match plan.choice.target.connection.when_left {
        WhenLeft::Cancel => ask(core.clone(), arrival, plan, call, left).await,
        WhenLeft::ReadOn => GoesOn::new(ask(core.clone(), arrival, plan, call, left.clone()), left, most).await,
    }
}

/// Finds who answers, and takes what the call needs of limits and budgets.
async fn prepare(
    core: &Arc<Core>,
    arrival: Arrival,
    key: &KeySnapshot,
    endpoint: Endpoint,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<(Plan, Taken), Refusal> {
    let question = Question::read(&body)?;
    let choice = core.watch.catalog.load().choose(&question.model, key.organization, key.environment, arrival.at)?;
    admit::check_model(key, &choice.target)?;
    // Who comes too often does not wait for money.
    let passed = limits::pass(core, key, endpoint, &question).await?;
    let Admitted { held, cap } = budgets::hold(core, arrival.at, key, endpoint, &choice.rates, &question).await?;
    let plan = Plan::new(core, endpoint, choice, question, headers, body.clone(), cap);
    Ok((plan, Taken { passed, held }))
}

/// What [`serve`] does before it forwards, for benchmarks: as far as the money is held, or the call is
/// in the journal.
#[cfg(feature = "bench")]
pub(crate) async fn begin(
    core: &Arc<Core>,
    arrival: Arrival,
    key: &KeySnapshot,
    endpoint: Endpoint,
    headers: &HeaderMap,
    body: Bytes,
    journaled: bool,
) -> Result<Option<Call>, Refusal> {
    let (plan, taken) = prepare(core, arrival, key, endpoint, headers, body).await?;
    match journaled {
        true => admit(core, arrival, key, endpoint, headers, &plan, taken).map(Some),
        false => Ok(None),
    }
}

/// Asks the provider, and answers the client.
async fn ask(
    core: Arc<Core>,
    arrival: Arrival,
    mut plan: Plan,
    mut call: Call,
    left: Left,
) -> Result<Response<Body>, Refusal> {
    loop {
        call.attempt();
        let answer = match send::send(&core, &plan).await {
            Ok(response) => answer::receive(&core, &plan, &mut call, response).await,
            Err(failure) => Ok(Answer::Failed(failure)),
        };
        match answer {
            Ok(answer) => {
                if left.has() {
                    call.leave();
                }
                return answer.into_response(&core, arrival, &plan, call).await;
            }
            Err(RefusedUsage) => plan.stop_asking_for_usage(&core),
        }
    }
}

/// Notes the call in the journal. From here on it is settled, whatever happens.
fn admit(
    core: &Arc<Core>,
    arrival: Arrival,
    key: &KeySnapshot,
    endpoint: Endpoint,
    headers: &HeaderMap,
    plan: &Plan,
    taken: Taken,
) -> Result<Call, Refusal> {
    let (target, at) = (&plan.choice.target, taken.held.at());
    let started = Started {
        id: domain::EventId::mint(at, &core.entropy),
        request_id: arrival.request_id,
        client_request_id: headers::client_request_id(headers),
        at,
        environment: key.environment,
        service: Service::Ai,
        endpoint,
        attribution: Attribution {
            organization: key.organization,
            team: key.team,
            parent_team: key.parent_team,
            user: key.user,
            key: key.id,
            labels: key.labels.clone(),
        },
        target: Target {
            provider: target.connection.provider,
            connection: target.connection.id,
            model: target.model,
            requested_model: plan.requested_model.clone(),
            actual_model: target.upstream_id.clone(),
        },
        price: plan.choice.price,
        held: taken.held.amount().unwrap_or_default(),
    };
    let ticket = core.journal.start(&started).map_err(overloaded)?;
    Ok(Call::new(core.clone(), arrival, started, ticket, taken, plan.choice.rates, plan.request.clone()))
}

fn overloaded(Full: Full) -> Refusal {
    Refusal::new(
        ErrorCode::Overloaded,
        "Calls can't be taken right now without risking to lose one. Try again shortly.",
    )
}
