//! Which keys a list shows.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{CalledModel, Environment, KeyRotation, KeyStatus, Labels, Reachable, Rules};
use crate::{
    Invalid, KeyId, Money, TeamId, TemplateId, Timestamp, UserId,
    budgets::Budget,
    filter::{AllLabels, Between, Count, OneOf, OrNone, Share, When, YesNo},
    organizations::TimeZone,
    text::folded,
};

spelled! {
    /// Whether a key works: its status, and its end where that has come.
    KeyStanding as "status" {
        /// It may call.
        Active = "active",
        /// Its end has come.
        Expired = "expired",
        /// Switched off.
        Disabled = "disabled",
        /// Ended for good.
        Revoked = "revoked",
    }
}

impl KeyStanding {
    /// How a key stands at `now`.
    pub fn of(status: KeyStatus, expires_at: Option<Timestamp>, now: Timestamp) -> Self {
        match status {
            KeyStatus::Revoked => Self::Revoked,
            KeyStatus::Disabled => Self::Disabled,
            KeyStatus::Active if expires_at.is_some_and(|end| end <= now) => Self::Expired,
            KeyStatus::Active => Self::Active,
        }
    }
}

/// A person in a filter: `me` is whoever asks, so that a view can be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// Whoever asks.
    Me,
    /// This one.
    User(UserId),
}

impl FromStr for Person {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "me" { Ok(Self::Me) } else { text.parse().map(Self::User) }
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Me => f.write_str("me"),
            Self::User(id) => id.fmt(f),
        }
    }
}

/// Declares the filters of keys once: the parameter, what it is, and its type.
macro_rules! key_filters {
    ($($(#[$doc:meta])* $name:ident: $ty:ty;)*) => {
        /// Which keys to list, as in an address. What is absent or blank does not filter.
        ///
        /// Words: `a,b` for any of them, `!a,b` for none. Ranges: `10..20`, `10..`, `..10`. Times: `90d..` for 90
        /// days ago or longer, `..7d` for the last 7 days (h, d, w), dates as `2026-01-01..2026-02-01`, `never`.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::IntoParams, utoipa::ToSchema))]
        pub struct KeyQuery {
            /// Words that all occur in a key's name, description, labels, last four, id or owner's name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub q: Option<String>,
            $($(#[$doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $name: Option<String>,)*
        }

        /// A [`KeyQuery`] that was understood.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct KeyFilter {
            /// Words that all occur in a key.
            pub text: Option<String>,
            $($(#[$doc])* pub $name: Option<$ty>,)*
        }

        impl KeyQuery {
            /// The parameters that filter, beside `q`.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];

            /// Understands it.
            ///
            /// # Errors
            /// When a value is none of its parameter's.
            pub fn filter(&self) -> Result<KeyFilter, Invalid> {
                Ok(KeyFilter {
                    text: given(&self.q).map(str::to_owned),
                    $($name: read(stringify!($name), &self.$name)?,)*
                })
            }

            /// Reads it from names and values.
            ///
            /// # Errors
            /// When a name is none of its parameters: a filter that is misspelt must not match everything.
            pub fn read<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Invalid> {
                let mut query = Self::default();
                for (name, value) in pairs {
                    let field = match name {
                        "q" => &mut query.q,
                        $(stringify!($name) => &mut query.$name,)*
                        _ => return Err(Invalid::new("filter", format!("There is no filter {name:?}."))),
                    };
                    *field = Some(value.to_owned());
                }
                Ok(query)
            }

            /// The parameters that are given, with their values.
            pub fn given(&self) -> impl Iterator<Item = (&'static str, &str)> {
                [("q", given(&self.q)), $((stringify!($name), given(&self.$name)),)*]
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, value?)))
            }
        }

        impl From<&KeyFilter> for KeyQuery {
            fn from(filter: &KeyFilter) -> Self {
                Self { q: filter.text.clone(), $($name: filter.$name.as_ref().map(ToString::to_string),)* }
            }
        }
    };
}

key_filters! {
    /// `active`, `expired`, `disabled`, `revoked`.
    status: OneOf<KeyStanding>;
    /// `test`, `live`.
    environment: OneOf<Environment>;
    /// Users' ids, `me` or `none`.
    owner: OneOf<OrNone<Person>>;
    /// Teams' ids, or `none`.
    team: OneOf<OrNone<TeamId>>;
    /// Templates' ids, or `none`.
    template: OneOf<OrNone<TemplateId>>;
    /// Labels that a key has: `name=value` or `name`; all of them.
    label: AllLabels;
    /// When it was made.
    created: When;
    /// When it was last used. `90d..` includes keys of that age that were never used.
    last_used: When;
    /// When it ends: `..14d` for the next 14 days.
    expires: When;
    /// How many calls it made in the last 30 days.
    calls: Between<Count>;
    /// What they cost, in the book currency.
    cost: Between<Money>;
    /// How many of them failed, in percent.
    errors: Between<Share>;
    /// Models that its rules let it call, by name or as `connection/name`.
    model: OneOf<CalledModel>;
    /// `yes` for those that have used up 80 % or more of a budget of their own.
    near_limit: OneOf<YesNo>;
    /// `due`, `overlap` while an old secret goes on, `none`.
    rotation: OneOf<KeyRotation>;
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// What a parameter says, if it is given.
pub(super) fn read<T: FromStr<Err = Invalid>>(
    field: &'static str,
    text: &Option<String>,
) -> Result<Option<T>, Invalid> {
    given(text).map(str::parse).transpose().map_err(|invalid: Invalid| Invalid { field, ..invalid })
}

/// What a filter must know beside the keys.
#[derive(Debug, Clone)]
pub struct Asked {
    /// When it is asked.
    pub now: Timestamp,
    /// Who asks.
    pub me: UserId,
    /// The organization's people with their names, so that their keys are found by them.
    pub people: Vec<(UserId, String)>,
    /// The models that the organization's keys reach, so that keys are found by those that they may call.
    pub models: Vec<Reachable>,
    /// By which calendar the organization's budgets begin anew.
    pub zone: TimeZone,
}

impl Asked {
    /// For a filter that needs to know nothing more.
    pub fn new(now: Timestamp, me: UserId) -> Self {
        Self { now, me, people: Vec::new(), models: Vec::new(), zone: TimeZone::utc() }
    }

    /// The models that are called by one of these names.
    pub fn called<'a>(&'a self, names: &'a OneOf<CalledModel>) -> impl Iterator<Item = &'a Reachable> {
        self.models.iter().filter(|model| names.these.iter().any(|name| model.is_called(name)))
    }

    /// The one that a filter means.
    pub fn person(&self, person: Person) -> UserId {
        match person {
            Person::Me => self.me,
            Person::User(id) => id,
        }
    }

    /// The people whose names contain a folded word.
    pub fn named<'a>(&'a self, word: &'a str) -> impl Iterator<Item = UserId> + 'a {
        self.people.iter().filter(move |(_, name)| folded(name).contains(word)).map(|(id, _)| *id)
    }
}

/// What of a key is filtered by. The database does the same to its rows: this is the rule in plain words.
#[derive(Debug, Clone)]
pub struct KeyFacts<'a> {
    /// The key.
    pub id: KeyId,
    /// What is searched: see [`searchable`].
    pub search: &'a str,
    /// Where it is in its life.
    pub status: KeyStatus,
    /// For trying out or for real.
    pub environment: Environment,
    /// Who answers for it.
    pub owner: Option<UserId>,
    /// Which team's it is.
    pub team: Option<TeamId>,
    /// The template that it is by.
    pub template: Option<TemplateId>,
    /// What the organization noted on it.
    pub labels: &'a Labels,
    /// Since when.
    pub created_at: Timestamp,
    /// When its last metered call was admitted.
    pub last_used_at: Option<Timestamp>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// Its calls in the last 30 days.
    pub calls: u32,
    /// Those of them that failed.
    pub errors: u32,
    /// What they cost.
    pub cost: Money,
    /// What it may call, and from where.
    pub rules: &'a Rules,
    /// Its own budgets, with what was spent of them in their present periods.
    pub budgets: &'a [(Budget, Money)],
    /// From when on its secret should be changed.
    pub rotation_due_at: Option<Timestamp>,
    /// Until when its old secret is good.
    pub old_secret_ends_at: Option<Timestamp>,
}

impl KeyFacts<'_> {
    /// Whether its rotation stands so. That of a revoked key is settled.
    fn rotation_is(&self, rotation: KeyRotation, now: Timestamp) -> bool {
        let lives = self.status != KeyStatus::Revoked;
        let due = lives && self.rotation_due_at.is_some_and(|at| at <= now);
        let overlap = lives && self.old_secret_ends_at.is_some_and(|end| end > now);
        rotation.holds(due, overlap)
    }
}

/// What of a key is searched, folded: all that is given, a line each.
pub fn searchable<'a>(parts: impl IntoIterator<Item = &'a str>, labels: &Labels) -> String {
    let mut text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    for (name, value) in labels.iter() {
        text.push_str(&format!("\n{name}={value}"));
    }
    folded(&text)
}

impl KeyFilter {
    /// The folded words that must all occur.
    pub fn words(&self) -> Vec<String> {
        self.text.as_deref().map(folded).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    }

    /// Whether a key is among those that the filter shows.
    pub fn holds(&self, key: &KeyFacts<'_>, asked: &Asked) -> bool {
        let now = asked.now;
        let person = |word: &OrNone<Person>| word.this().map(|person| asked.person(person));
        let owned = |owners: &OneOf<OrNone<Person>>| {
            owners.these.iter().map(person).any(|owner| owner == key.owner) != owners.not
        };
        let word_found = |word: &String| {
            key.search.contains(word)
                || word.parse() == Ok(key.id)
                || key.owner.is_some_and(|owner| asked.named(word).any(|named| named == owner))
        };
        let labelled = |labels: &AllLabels| {
            labels.0.iter().all(|wanted| {
                let fits = |value: &str| wanted.value.as_deref().is_none_or(|wanted| wanted == value);
                key.labels.iter().any(|(name, value)| name == wanted.name && fits(value))
            })
        };
        all(&self.status, |f| f.holds(&KeyStanding::of(key.status, key.expires_at, now)))
            && all(&self.environment, |f| f.holds(&key.environment))
            && all(&self.owner, owned)
            && all(&self.team, |f| f.holds(&key.team.into()))
            && all(&self.template, |f| f.holds(&key.template.into()))
            && all(&self.label, labelled)
            && all(&self.created, |f| f.ago(now).is_some_and(|times| times.holds(&key.created_at)))
            && all(&self.last_used, |f| last_used(f, key, now))
            && all(&self.expires, |f| match f.ahead(now) {
                None => key.expires_at.is_none(),
                Some(times) => key.expires_at.is_some_and(|end| times.holds(&end)),
            })
            && all(&self.calls, |f| f.holds(&Count(key.calls)))
            && all(&self.cost, |f| f.holds(&key.cost))
            && all(&self.errors, |f| f.holds(&Share::of(key.errors.into(), key.calls.into())))
            && all(&self.model, |f| asked.called(f).any(|model| model.is_allowed(key.environment, key.rules)) != f.not)
            && all(&self.near_limit, |f| {
                f.holds(&key.budgets.iter().any(|(budget, spent)| budget.is_nearly_spent(*spent)).into())
            })
            && all(&self.rotation, |f| f.these.iter().any(|rotation| key.rotation_is(*rotation, now)) != f.not)
            && self.words().iter().all(word_found)
    }
}

/// A key that was never used is as long unused as it is old, and was not used lately.
fn last_used(when: &When, key: &KeyFacts<'_>, now: Timestamp) -> bool {
    let Some(times) = when.ago(now) else { return key.last_used_at.is_none() };
    times.from.is_none_or(|from| key.last_used_at.is_some_and(|used| from <= used))
        && times.to.is_none_or(|to| key.last_used_at.unwrap_or(key.created_at) <= to)
}

fn all<T>(filter: &Option<T>, holds: impl FnOnce(&T) -> bool) -> bool {
    filter.as_ref().is_none_or(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_understood_and_written_again() {
        let query = KeyQuery {
            q: Some(" check ".into()),
            status: Some("!revoked,disabled".into()),
            owner: Some("me,none".into()),
            label: Some("team=a\\,b,region".into()),
            last_used: Some("90d..".into()),
            cost: Some("1.50..".into()),
            errors: Some("..0.5".into()),
            ..KeyQuery::default()
        };
        let filter = query.filter().unwrap();
        let again = KeyQuery::from(&filter);
        assert_eq!(again.filter().unwrap(), filter);
        assert_eq!((again.cost.as_deref(), again.q.as_deref()), (Some("1.5.."), Some("check")));
        assert_eq!(query.given().count(), 7);
    }

    #[test]
    fn blank_filters_mean_all_and_wrong_ones_name_their_field() {
        let query = KeyQuery { q: Some("  ".into()), status: Some(String::new()), ..KeyQuery::default() };
        assert_eq!(query.filter().unwrap(), KeyFilter::default());
        for (query, field) in [
            (KeyQuery { status: Some("active,gone".into()), ..KeyQuery::default() }, "status"),
            (KeyQuery { owner: Some("you".into()), ..KeyQuery::default() }, "owner"),
            (KeyQuery { cost: Some("much".into()), ..KeyQuery::default() }, "cost"),
        ] {
            assert_eq!(query.filter().unwrap_err().field, field);
        }
    }
}
