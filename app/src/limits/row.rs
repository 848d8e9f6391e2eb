use domain::limits::LimitKind;
use serde::{Deserialize, Serialize};

use crate::{
    prelude::*,
    ui::{Meter, Tone, format},
};

/// A limit as a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LimitRow {
    /// The limit.
    pub id: String,
    /// Below how many others it lies.
    pub depth: u8,
    /// Whose calls it limits, by kind: `organization`, `team`, `user` or `key`.
    pub bearer: String,
    /// What that is called.
    pub name: String,
    /// Its own page, where it has one.
    pub href: Option<String>,
    /// `test` or `live`.
    pub environment: String,
    /// Of which endpoint, for people.
    pub endpoint: Option<String>,
    /// What is limited.
    pub limit: LimitKind,
    /// How much in a minute, or at once.
    pub amount: u64,
    /// How much of it may come at once, where that is less.
    pub burst: Option<u64>,
    /// How it stands.
    pub level: Level,
    /// Whether the viewer may change it.
    pub manageable: bool,
}

/// How much of a limit is used, which changes with every call and with the time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// What is used.
    pub used: u64,
    /// What is left.
    pub remaining: u64,
    /// How much may come at once.
    pub most: u64,
    /// In how many seconds all is left again; absent for parallel requests.
    pub resets: Option<u64>,
}

impl LimitRow {
    /// Whatever of the row may change while the page is open, but the level, which moves in its place.
    pub(super) fn state(&self) -> String {
        let Self { id, depth, name, amount, burst, manageable, .. } = self;
        format!("{id} {depth} {amount} {burst:?} {manageable} {name}")
    }

    /// Whose calls and which of them: `Search, live, requests`.
    pub(super) fn title(&self) -> String {
        let of = self.endpoint.as_ref().map(|endpoint| format!(", {endpoint}")).unwrap_or_default();
        format!("{}, {}, {}{of}", self.name, self.environment, unit(self.limit))
    }

    /// What it allows: `60 requests a minute, 10 at once`.
    pub(super) fn allows(&self) -> String {
        match self.burst {
            Some(burst) => format!("{}, {} at once", self.amount(), format::count(burst)),
            None => self.amount(),
        }
    }

    /// What is used of it: `4 of 60 requests a minute`, `4 of 10 at once, 60 requests a minute`.
    pub(super) fn used(&self, level: &Level) -> String {
        let used = format::count(level.used);
        match self.burst {
            Some(burst) => format!("{used} of {} at once, {}", format::count(burst), self.amount()),
            None => format!("{used} of {}", self.amount()),
        }
    }

    fn amount(&self) -> String {
        let amount = format::count(self.amount);
        match (self.limit, self.amount) {
            (LimitKind::Requests, 1) => "1 request a minute".to_owned(),
            (LimitKind::Tokens, 1) => "1 token a minute".to_owned(),
            (LimitKind::Parallel, 1) => "1 request at a time".to_owned(),
            (LimitKind::Requests, _) => format!("{amount} requests a minute"),
            (LimitKind::Tokens, _) => format!("{amount} tokens a minute"),
            (LimitKind::Parallel, _) => format!("{amount} parallel requests"),
        }
    }
}

impl Level {
    fn percent(&self) -> f64 {
        (self.used as f64 * 100.0 / self.most.max(1) as f64).min(100.0)
    }

    fn tone(&self) -> Tone {
        Tone::of_use(self.percent(), self.remaining > 0)
    }

    /// What is used, of how much.
    pub(super) fn used(&self) -> String {
        format!("{} of {}", format::compact(self.used), format::compact(self.most))
    }

    /// When all is left again, where something is used.
    pub(super) fn resets(&self) -> Option<String> {
        let seconds = self.resets.filter(|seconds| *seconds > 0)?;
        Some(match seconds {
            1..=59 => format!("all again in {seconds} s"),
            _ => format!("all again in {} min {} s", seconds / 60, seconds % 60),
        })
    }
}

/// The level as a bar.
#[component]
pub(super) fn LevelBar(
    /// How the limit stands.
    #[prop(into)]
    level: Signal<Level>,
    /// Whose limit.
    #[prop(into)]
    label: String,
    /// Whether it is as wide as its container.
    #[prop(optional)]
    full: bool,
) -> impl IntoView {
    let percent = Signal::derive(move || level.read().percent());
    let tone = Signal::derive(move || level.read().tone());
    view! { <Meter percent tone label full/> }
}

/// What is limited, in a word.
pub(super) const fn unit(limit: LimitKind) -> &'static str {
    match limit {
        LimitKind::Requests => "requests",
        LimitKind::Tokens => "tokens",
        LimitKind::Parallel => "parallel requests",
    }
}

/// What its figures count, where a word must do.
pub(super) const fn counted(limit: LimitKind) -> &'static str {
    match limit {
        LimitKind::Requests => "requests",
        LimitKind::Tokens => "tokens",
        LimitKind::Parallel => "at once",
    }
}

/// A limit as a row, below `depth` others.
#[cfg(feature = "ssr")]
pub(super) fn row(limit: &domain::limits::LimitView, depth: u8) -> LimitRow {
    LimitRow {
        id: limit.id.to_string(),
        depth,
        bearer: limit.scope.kind().to_owned(),
        name: limit.name.clone(),
        href: crate::bearers::page_of(limit.scope),
        environment: limit.environment.to_string(),
        endpoint: limit.endpoint.map(|endpoint| endpoint_words(endpoint).to_owned()),
        limit: limit.kind,
        amount: limit.amount,
        burst: limit.burst.filter(|burst| *burst < limit.amount),
        level: Level {
            used: limit.used,
            remaining: limit.remaining,
            most: limit.burst.unwrap_or(limit.amount),
            resets: limit.resets_in_seconds,
        },
        manageable: limit.manageable,
    }
}

/// An endpoint for people.
pub(crate) const fn endpoint_words(endpoint: domain::usage::Endpoint) -> &'static str {
    match endpoint {
        domain::usage::Endpoint::ChatCompletions => "chat completions",
        domain::usage::Endpoint::Embeddings => "embeddings",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(used: u64, remaining: u64, resets: Option<u64>) -> Level {
        Level { used, remaining, most: 60, resets }
    }

    #[test]
    fn a_level_is_told_as_it_stands() {
        assert_eq!(level(6, 54, Some(6)).percent(), 10.0);
        assert_eq!((level(90, 0, None).percent(), level(90, 0, None).tone()), (100.0, Tone::Danger));
        assert_eq!(level(6, 54, None).used(), "6 of 60");
        assert_eq!(level(6, 54, Some(6)).resets().as_deref(), Some("all again in 6 s"));
        assert_eq!(level(90, 0, Some(90)).resets().as_deref(), Some("all again in 1 min 30 s"));
        assert_eq!((level(0, 60, Some(0)).resets(), level(1, 59, None).resets()), (None, None));
    }
}
