//! The calls: more by day than by night, few on weekends, some keys far busier than others.

use std::time::Duration;

use domain::{
    EventId, RequestId, Timestamp,
    keys::KeyStatus,
    usage::{Attribution, CallStatus, Endpoint, EventKind, Outcome, Service, Target, Timings, TokenUsage, UsageEvent},
};
use rand::{RngExt, rngs::StdRng};
use store::keys::Key;

use super::company::{Callable, Company};
use crate::{
    commands::{Failure, fail},
    open::Installation,
};

const DAY: u64 = 86_400;
/// How many events one transaction writes.
const BATCH: usize = 2_000;

pub(super) async fn make(
    installation: &Installation,
    company: &Company,
    count: u32,
    days: u32,
    random: &mut StdRng,
) -> Result<(), Failure> {
    if company.keys.is_empty() {
        return Ok(());
    }
    let now = installation.clock.now();
    let mut times: Vec<Timestamp> = (0..count).map(|_| moment(now, days, random)).collect();
    times.sort();
    for times in times.chunks(BATCH) {
        let mut events = Vec::with_capacity(times.len());
        for at in times {
            events.push(call(installation, company, *at, random)?);
        }
        let mut tx = installation.db.begin().await.map_err(fail)?;
        tx.usage().record(&events).await.map_err(fail)?;
        tx.commit().await.map_err(fail)?;
    }
    Ok(())
}

/// A moment of the last days, likelier at noon than at night and on weekdays.
fn moment(now: Timestamp, days: u32, random: &mut StdRng) -> Timestamp {
    loop {
        let ago = Duration::from_micros(random.random_range(0..u64::from(days) * DAY * 1_000_000));
        let at = now.minus(ago);
        let seconds = at.seconds().unsigned_abs();
        let hour = (seconds % DAY) as f64 / 3_600.0;
        let by_day = 0.55 - 0.45 * (hour / 24.0 * std::f64::consts::TAU).cos();
        // 1970 began on a Thursday.
        let is_weekend = matches!((seconds / DAY + 4) % 7, 0 | 6);
        let likely = by_day * if is_weekend { 0.35 } else { 1.0 };
        if random.random_range(0.0..1.0) < likely {
            return at;
        }
    }
}

fn call(
    installation: &Installation,
    company: &Company,
    at: Timestamp,
    random: &mut StdRng,
) -> Result<UsageEvent, Failure> {
    let key = busy(&company.keys, at, random);
    let model = model(company, key, random);
    let is_embedding = model.name.contains("embedding");
    let error = match random.random_range(0..250) {
        0 => Some((429, "rate_limit_exceeded")),
        1 => Some((500, "server_error")),
        2 => Some((504, "upstream_timeout")),
        _ => None,
    };
    let usage = if error.is_some() { TokenUsage::default() } else { tokens(is_embedding, random) };
    let first_byte_us = random.random_range(120_000..700_000_u64);
    let entropy = &installation.entropy;
    Ok(UsageEvent {
        id: EventId::mint(at, entropy),
        request_id: RequestId::mint(at, entropy),
        client_request_id: None,
        kind: EventKind::Call,
        at,
        environment: key.environment,
        service: Service::Ai,
        endpoint: if is_embedding { Endpoint::Embeddings } else { Endpoint::ChatCompletions },
        attribution: Attribution {
            organization: company.organization,
            team: key.team_id,
            parent_team: key.team_id.and_then(|t| company.parents.get(&t).copied().flatten()),
            user: key.owner_id,
            key: key.id,
            labels: key.labels.clone(),
        },
        target: Target {
            provider: model.provider,
            connection: model.connection,
            model: model.model,
            requested_model: model.name.clone(),
            actual_model: model.name.clone(),
        },
        usage,
        estimated: random.random_range(0..60) == 0,
        price: model.price,
        cost: if error.is_some() { domain::Money::ZERO } else { model.rates.cost(&usage).map_err(fail)? },
        outcome: Outcome {
            status: if error.is_some() { CallStatus::Error } else { CallStatus::Ok },
            http_status: error.map_or(200, |(status, _)| status),
            error_code: error.map(|(_, code)| code.to_owned()),
            attempts: 1,
        },
        timings: Timings {
            first_byte_us: Some(first_byte_us),
            total_us: first_byte_us + usage.output() * random.random_range(4_000..12_000),
        },
    })
}

/// A key that could call then; the first ones do most of the work.
fn busy<'a>(keys: &'a [Key], at: Timestamp, random: &mut StdRng) -> &'a Key {
    for _ in 0..16 {
        let position: f64 = random.random_range(0.0_f64..1.0).powi(3);
        let key = &keys[(position * keys.len() as f64) as usize % keys.len()];
        let ended = key.status == KeyStatus::Revoked && key.revoked_at.is_some_and(|end| end <= at);
        if key.status != KeyStatus::Disabled && !ended {
            return key;
        }
    }
    &keys[0]
}

fn model<'a>(company: &'a Company, key: &Key, random: &mut StdRng) -> &'a Callable {
    let fits: Vec<&Callable> = company.models.iter().filter(|m| m.environment == key.environment).collect();
    let position: f64 = random.random_range(0.0_f64..1.0).powi(2);
    fits[(position * fits.len() as f64) as usize % fits.len()]
}

fn tokens(is_embedding: bool, random: &mut StdRng) -> TokenUsage {
    let input = random.random_range(60..4_000_u64);
    if is_embedding {
        return TokenUsage::new(input, 0, 0, 0, 0);
    }
    let cached = if random.random_range(0..3) == 0 { input / 2 } else { 0 };
    TokenUsage::new(input, cached, 0, random.random_range(10..1_200), 0)
}
