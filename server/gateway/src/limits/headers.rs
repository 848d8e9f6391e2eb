//! How limits stand, in headers: those of the IETF's draft, and those that OpenAI's clients know.

use std::time::Duration;

use domain::{
    budgets::{Chain, Scope},
    limits::{Level, Limit, LimitKind, Refused, whole_seconds},
    usage::Endpoint,
};
use http::{HeaderMap, HeaderName, HeaderValue};

const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Limit, what remains and when it is all there again, by kind.
const OPENAI: [(LimitKind, [HeaderName; 3]); 2] = [
    (
        LimitKind::Requests,
        [
            HeaderName::from_static("x-ratelimit-limit-requests"),
            HeaderName::from_static("x-ratelimit-remaining-requests"),
            HeaderName::from_static("x-ratelimit-reset-requests"),
        ],
    ),
    (
        LimitKind::Tokens,
        [
            HeaderName::from_static("x-ratelimit-limit-tokens"),
            HeaderName::from_static("x-ratelimit-remaining-tokens"),
            HeaderName::from_static("x-ratelimit-reset-tokens"),
        ],
    ),
];

/// Whether it is said already.
pub(super) fn are_in(headers: &HeaderMap) -> bool {
    headers.contains_key(&RATELIMIT)
}

/// Says how all limits above a call stand.
pub(super) fn of_answer(above: &[(Limit, Level)], chain: &Chain, to: &mut HeaderMap) {
    let (mut policies, mut standings) = (list(above.len()), list(above.len()));
    for (limit, level) in above {
        let from = standings.len();
        name(&mut standings, limit, chain);
        policies.push_str(&standings[from..]);
        quota(&mut policies, limit);
        standing(&mut standings, level.remaining, level.resets_in);
    }
    write(policies, standings, above, to);
}

/// Says which limit refused, and when it lets the call through.
pub(super) fn of_refusal(refused: &Refused, above: &[(Limit, Level)], chain: &Chain, to: &mut HeaderMap) {
    let (mut policies, mut one) = (list(above.len()), list(1));
    for (limit, _) in above {
        name(&mut policies, limit, chain);
        quota(&mut policies, limit);
    }
    name(&mut one, &refused.limit, chain);
    standing(&mut one, refused.level.remaining, refused.wait);
    write(policies, one, above, to);
}

fn write(policies: String, standings: String, above: &[(Limit, Level)], to: &mut HeaderMap) {
    if above.is_empty() {
        return;
    }
    insert(to, &RATELIMIT_POLICY, policies);
    insert(to, &RATELIMIT, standings);
    for (kind, [limit_header, remaining, reset]) in &OPENAI {
        let of_kind = above.iter().filter(|(limit, _)| limit.kind == *kind);
        let tightest = of_kind.min_by_key(|(_, level)| (level.remaining, std::cmp::Reverse(level.resets_in)));
        let Some((limit, level)) = tightest else { continue };
        to.insert(limit_header, limit.amount.into());
        to.insert(remaining, level.remaining.into());
        insert(to, reset, duration(level.resets_in.unwrap_or_default()));
    }
}

/// With room for so many limits.
fn list(limits: usize) -> String {
    String::with_capacity(limits * 48)
}

/// It is made of words and numbers only, which every header can hold.
fn insert(to: &mut HeaderMap, name: &HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        to.insert(name, value);
    }
}

fn quota(to: &mut String, limit: &Limit) {
    number(to, ";q=", limit.amount);
    to.push_str(match limit.kind {
        LimitKind::Requests => ";w=60",
        LimitKind::Tokens => ";w=60;qu=\"tokens\"",
        LimitKind::Parallel => ";qu=\"concurrent-requests\"",
    });
}

fn standing(to: &mut String, remaining: u64, time: Option<Duration>) {
    number(to, ";r=", remaining);
    if let Some(time) = time {
        number(to, ";t=", whole_seconds(time));
    }
}

/// Whose limit of what it is, e.g. `"parent-team-tokens-embeddings"`; no two above one call are alike.
fn name(to: &mut String, limit: &Limit, chain: &Chain) {
    if !to.is_empty() {
        to.push_str(", ");
    }
    to.push('"');
    to.push_str(match limit.scope {
        Scope::Team(team) if chain.team != Some(team) => "parent-team",
        scope => scope.kind(),
    });
    to.push_str(match limit.kind {
        LimitKind::Requests => "-requests",
        LimitKind::Tokens => "-tokens",
        LimitKind::Parallel => "-parallel",
    });
    to.push_str(match limit.endpoint {
        None => "\"",
        Some(Endpoint::ChatCompletions) => "-chat-completions\"",
        Some(Endpoint::Embeddings) => "-embeddings\"",
    });
}

/// Every answer has a dozen of them, for which formatting would take longer than limiting.
fn number(to: &mut String, after: &str, number: u64) {
    to.push_str(after);
    to.push_str(itoa::Buffer::new().format(number));
}

/// A time as OpenAI writes it, never too short: `20ms`, `1s`, `6m0s`.
fn duration(time: Duration) -> String {
    let millis = time.as_nanos().div_ceil(1_000_000);
    if (1..1_000).contains(&millis) {
        return format!("{millis}ms");
    }
    let seconds = whole_seconds(time);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds}s"),
        (hours, minutes, seconds) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{KeyId, TeamId, keys::Environment};

    fn limit(scope: Scope, endpoint: Option<Endpoint>, kind: LimitKind, amount: u64) -> Limit {
        let (id, environment) = ("lim_01h455vb4pex5vsknk084sn02q".parse().unwrap(), Environment::Live);
        Limit { id, scope, environment, endpoint, kind, amount, burst: amount }
    }

    fn level(remaining: u64, seconds: Option<u64>) -> Level {
        Level { used: 0, remaining, resets_in: seconds.map(Duration::from_secs) }
    }

    fn teams() -> (Chain, Vec<(Limit, Level)>) {
        let team: TeamId = "team_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let parent: TeamId = "team_01h455vb4pex5vsknk084sn02r".parse().unwrap();
        let key: KeyId = "key_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let chain = Chain {
            organization: "org_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
            team: Some(team),
            parent_team: Some(parent),
            user: None,
            key,
            environment: Environment::Live,
        };
        let above = vec![
            (limit(Scope::Key(key), None, LimitKind::Requests, 60), level(50, Some(10))),
            (limit(Scope::Team(team), None, LimitKind::Tokens, 10_000), level(400, Some(58))),
            (limit(Scope::Team(parent), Some(Endpoint::Embeddings), LimitKind::Tokens, 500), level(400, Some(12))),
            (limit(Scope::Key(key), None, LimitKind::Parallel, 5), level(3, None)),
        ];
        (chain, above)
    }

    #[test]
    fn all_limits_are_named_and_the_tightest_of_a_kind_is_openai_s() {
        let (chain, above) = teams();
        let mut headers = HeaderMap::new();
        of_answer(&above, &chain, &mut headers);
        assert!(are_in(&headers));
        assert_eq!(
            headers["ratelimit-policy"],
            "\"key-requests\";q=60;w=60, \"team-tokens\";q=10000;w=60;qu=\"tokens\", \
             \"parent-team-tokens-embeddings\";q=500;w=60;qu=\"tokens\", \
             \"key-parallel\";q=5;qu=\"concurrent-requests\""
        );
        assert_eq!(
            headers["ratelimit"],
            "\"key-requests\";r=50;t=10, \"team-tokens\";r=400;t=58, \
             \"parent-team-tokens-embeddings\";r=400;t=12, \"key-parallel\";r=3"
        );
        assert_eq!(headers["x-ratelimit-limit-tokens"], "10000");
        assert_eq!(headers["x-ratelimit-remaining-tokens"], "400");
        assert_eq!(headers["x-ratelimit-reset-tokens"], "58s");
        assert_eq!(headers["x-ratelimit-reset-requests"], "10s");
    }

    #[test]
    fn a_refusal_names_the_one_limit_that_refused() {
        let (chain, above) = teams();
        let mut headers = HeaderMap::new();
        let (limit, level) = above[1];
        let refused = Refused { limit, level, needs: 500, wait: Some(Duration::from_millis(1_001)) };
        of_refusal(&refused, &above, &chain, &mut headers);
        assert_eq!(headers["ratelimit"], "\"team-tokens\";r=400;t=2");
        of_refusal(&Refused { wait: None, ..refused }, &above, &chain, &mut headers);
        assert_eq!(headers["ratelimit"], "\"team-tokens\";r=400");
    }

    #[test]
    fn nothing_is_said_where_nothing_is_limited() {
        let mut headers = HeaderMap::new();
        of_answer(&[], &teams().0, &mut headers);
        assert!(headers.is_empty());
    }

    #[test]
    fn times_are_written_as_openai_writes_them() {
        let written = |micros: u64| duration(Duration::from_micros(micros));
        assert_eq!([written(0), written(1), written(20_000)], ["0s", "1ms", "20ms"]);
        assert_eq!([written(999_001), written(1_000_000), written(1_000_001)], ["1s", "1s", "2s"]);
        assert_eq!([written(360_000_000), written(3_661_000_000)], ["6m0s", "1h1m1s"]);
    }
}
