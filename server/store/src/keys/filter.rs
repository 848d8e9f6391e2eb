//! The filters and orders of keys, as conditions of a query.

use domain::{
    KeyId, OrganizationId, TeamId, TemplateId,
    budgets::Period,
    filter::{AllLabels, OneOf, OrNone, Share, When, YesNo},
    keys::{Asked, KeyColumn, KeyCursor, KeyFilter, KeyGroup, KeyRotation, KeySort, KeyStanding, Ordinal, Person},
    text::folded,
};

use super::Key;
use crate::{
    dialect::{containing, storable},
    pieces::{Piece, Pieces},
};

/// When a key ends, those that never do after all others. As in the index, word for word.
const EXPIRES: &str = "COALESCE(expires_at, 9223372036854775807)";
const ERROR_SHARE: &str = "(CASE WHEN calls = 0 THEN 0 ELSE errors * 1000000 / calls END)";

/// The condition that a key is the organization's and is among those that the filter shows, as far as a look at
/// the key itself tells.
pub(super) fn plain(organization: OrganizationId, filter: &KeyFilter, asked: &Asked) -> Pieces {
    let mut p = Pieces::default();
    p.sql("organization_id = ").id(organization.uuid());
    if let Some(status) = &filter.status {
        standing(&mut p, status, asked);
    }
    if let Some(environment) = &filter.environment {
        p.sql(if environment.not { " AND environment NOT IN " } else { " AND environment IN " });
        p.list(environment.these.iter().map(|word| Piece::Text(word.as_str().to_owned())));
    }
    if let Some(owner) = &filter.owner {
        let id = |owner: &OrNone<Person>| owner.this().map(|person| asked.person(person).uuid());
        reference(&mut p, ["owner_id IS NULL", "owner_id"], owner.not, owner.these.iter().map(id).collect());
    }
    if let Some(team) = &filter.team {
        let these = team.these.iter().map(|team| team.this().map(TeamId::uuid)).collect();
        reference(&mut p, ["team_id IS NULL", "team_id"], team.not, these);
    }
    if let Some(template) = &filter.template {
        let these = template.these.iter().map(|template| template.this().map(TemplateId::uuid)).collect();
        reference(&mut p, ["template_id IS NULL", "template_id"], template.not, these);
    }
    if let Some(labels) = &filter.label {
        labelled(&mut p, organization, labels);
    }
    times(&mut p, filter, asked);
    if let Some(calls) = &filter.calls {
        p.between("calls", calls, |count| i64::from(count.0));
    }
    if let Some(cost) = &filter.cost {
        p.between("cost", cost, |money| money.nanos());
    }
    if let Some(errors) = &filter.errors {
        p.between(ERROR_SHARE, errors, |share: Share| i64::from(share.0));
    }
    if let Some(rotation) = &filter.rotation {
        rotating(&mut p, rotation, asked);
    }
    p
}

/// The condition that all words occur in a key.
pub(super) fn words(words: &[String], asked: &Asked) -> Pieces {
    let mut p = Pieces::default();
    for word in words {
        p.sql(" AND (search LIKE ").text(containing(word)).sql(" ESCAPE '\\'");
        let named: Vec<Piece> = asked.named(word).map(|user| Piece::Id(user.uuid())).collect();
        if !named.is_empty() {
            p.sql(" OR owner_id IN ").list(named);
        }
        if let Ok(id) = word.parse::<KeyId>() {
            p.sql(" OR id = ").id(id.uuid());
        }
        p.sql(")");
    }
    p
}

/// The condition that a key has nearly spent a budget of its own. What was spent is the sum of the books, as for
/// [`Budgets::spent`](crate::budgets::Budgets::spent); keys that were not used in a budget's period spent nothing of it.
pub(super) fn near_limit(organization: OrganizationId, wanted: &OneOf<YesNo>, asked: &Asked) -> Pieces {
    let mut p = Pieces::default();
    let start = |p: &mut Pieces| {
        p.sql("(CASE b.period ");
        for (when, period) in [
            ("WHEN 'day' THEN ", Period::Day),
            ("WHEN 'week' THEN ", Period::Week),
            ("WHEN 'month' THEN ", Period::Month),
        ] {
            p.sql(when).number(period.window(asked.now, asked.zone.as_str(), asked.now).start.micros()).sql(" ");
        }
        p.sql("ELSE b.since END)");
    };
    let holds = |answer| wanted.holds(&answer);
    p.sql(match (holds(YesNo::Yes), holds(YesNo::No)) {
        (true, true) => return p,
        (false, false) => " AND 1 = 0 AND id IN ",
        (true, false) => " AND id IN ",
        (false, true) => " AND id NOT IN ",
    });
    p.sql("(SELECT b.subject FROM budgets b JOIN api_keys k ON k.id = b.subject WHERE b.organization_id = ");
    p.id(organization.uuid()).sql(" AND b.scope = 'key' AND k.last_used_at >= ");
    start(&mut p);
    p.sql(" AND b.amount - b.amount / 5 <= (SELECT COALESCE(CAST(sum(r.cost) AS BIGINT), 0) FROM usage_rollups r");
    p.sql(" WHERE r.key_id = b.subject AND r.organization_id = b.organization_id AND r.environment = b.environment");
    p.sql(" AND r.bucket >= ");
    start(&mut p);
    p.sql("))");
    p
}

/// Active and expired are one status in the table, and differ by the time.
fn standing(p: &mut Pieces, status: &OneOf<KeyStanding>, asked: &Asked) {
    p.sql(if status.not { " AND NOT (" } else { " AND (" });
    for (index, standing) in status.these.iter().enumerate() {
        p.sql(if index == 0 { "" } else { " OR " });
        let now = asked.now.micros();
        match standing {
            KeyStanding::Active => {
                p.sql("(status = 'active' AND (expires_at IS NULL OR expires_at > ").number(now).sql("))");
            }
            KeyStanding::Expired => {
                p.sql("(status = 'active' AND expires_at <= ").number(now).sql(" AND expires_at IS NOT NULL)");
            }
            KeyStanding::Disabled => {
                p.sql("status = 'disabled'");
            }
            KeyStanding::Revoked => {
                p.sql("status = 'revoked'");
            }
        }
    }
    p.sql(")");
}

/// How the change of a key's secret stands: that of a revoked key is settled. What is null is neither true nor false,
/// so each condition says that it is not.
fn rotating(p: &mut Pieces, rotation: &OneOf<KeyRotation>, asked: &Asked) {
    const DUE: &str = "(status <> 'revoked' AND rotation_due_at IS NOT NULL AND rotation_due_at <= ";
    const OVERLAP: &str = "(status <> 'revoked' AND id IN (SELECT key_id FROM key_secrets WHERE ends_at > ";
    let now = asked.now.micros();
    p.sql(if rotation.not { " AND NOT (" } else { " AND (" });
    for (index, rotation) in rotation.these.iter().enumerate() {
        p.sql(if index == 0 { "" } else { " OR " });
        match rotation {
            KeyRotation::Due => p.sql(DUE).number(now).sql(")"),
            KeyRotation::Overlap => p.sql(OVERLAP).number(now).sql("))"),
            KeyRotation::Settled => {
                p.sql("(NOT ").sql(DUE).number(now).sql(") AND NOT ").sql(OVERLAP).number(now).sql(")))")
            }
        };
    }
    p.sql(")");
}

/// A column that refers to something or to nothing.
fn reference(p: &mut Pieces, [null, column]: [&'static str; 2], not: bool, these: Vec<Option<uuid::Uuid>>) {
    let ids: Vec<Piece> = these.iter().flatten().map(|id| Piece::Id(*id)).collect();
    p.sql(if not { " AND NOT (" } else { " AND (" });
    p.sql(if these.contains(&None) { null } else { "1 = 0" });
    if !ids.is_empty() {
        // Without the first condition, what is null would be neither in the list nor not in it.
        p.sql(" OR (").sql(column).sql(" IS NOT NULL AND ").sql(column).sql(" IN ").list(ids).sql(")");
    }
    p.sql(")");
}

fn labelled(p: &mut Pieces, organization: OrganizationId, labels: &AllLabels) {
    for label in &labels.0 {
        p.sql(" AND id IN (SELECT key_id FROM key_labels WHERE organization_id = ").id(organization.uuid());
        p.sql(" AND name = ").text(storable(&label.name));
        if let Some(value) = &label.value {
            p.sql(" AND value = ").text(storable(value));
        }
        p.sql(")");
    }
}

fn times(p: &mut Pieces, filter: &KeyFilter, asked: &Asked) {
    let micros = domain::Timestamp::micros;
    if let Some(created) = &filter.created {
        match created.ago(asked.now) {
            None => {
                p.sql(" AND 1 = 0");
            }
            Some(range) => p.between("created_at", &range, micros),
        }
    }
    if let Some(used) = &filter.last_used {
        last_used(p, used, asked);
    }
    if let Some(expires) = &filter.expires {
        match expires.ahead(asked.now) {
            None => {
                p.sql(" AND expires_at IS NULL");
            }
            Some(range) => {
                // The first condition is the index's.
                p.between(EXPIRES, &range, micros);
                p.between("expires_at", &range, micros);
            }
        }
    }
}

/// A key that was never used is as long unused as it is old, and was not used lately.
fn last_used(p: &mut Pieces, used: &When, asked: &Asked) {
    let Some(range) = used.ago(asked.now) else {
        p.sql(" AND last_used_at IS NULL");
        return;
    };
    if let Some(from) = range.from {
        p.sql(" AND COALESCE(last_used_at, 0) >= ").number(from.micros());
        p.sql(" AND last_used_at IS NOT NULL");
    }
    if let Some(to) = range.to {
        // The first condition is the index's.
        p.sql(" AND COALESCE(last_used_at, 0) <= ").number(to.micros());
        p.sql(" AND COALESCE(last_used_at, created_at) <= ").number(to.micros());
    }
}

/// What a list is ordered by, beside the key's identity. As in the index, word for word. What keys are grouped by
/// is gone through in [`groups`](super::groups).
const fn column(column: KeyColumn) -> Option<&'static str> {
    Some(match column {
        // Identities are minted for the time at which a key is made.
        KeyColumn::Created => return None,
        KeyColumn::Owner | KeyColumn::Team | KeyColumn::Template => return None,
        KeyColumn::Name => "name_folded",
        KeyColumn::Status => "status",
        KeyColumn::Environment => "environment",
        KeyColumn::LastUsed => "COALESCE(last_used_at, 0)",
        KeyColumn::Expires => EXPIRES,
        KeyColumn::Calls => "calls",
        KeyColumn::Cost => "cost",
        KeyColumn::Errors => ERROR_SHARE,
    })
}

/// The order of a page, after where the page before ended.
pub(super) fn page(p: &mut Pieces, sort: KeySort, after: Option<&KeyCursor>) {
    let by = column(sort.column);
    if let Some(after) = after {
        p.sql(" AND (");
        if let Some(by) = by {
            p.sql(by).sql(", ");
        }
        p.sql(if sort.descending { "id) < (" } else { "id) > (" });
        match &after.value {
            Ordinal::Made | Ordinal::Group(_) => {}
            Ordinal::Text(text) => {
                p.text(storable(text)).sql(", ");
            }
            Ordinal::Number(number) => {
                p.number(*number).sql(", ");
            }
        }
        p.id(after.id.uuid()).sql(")");
    }
    p.sql(" ORDER BY ");
    for by in by.into_iter().chain(["id"]) {
        p.sql(by).sql(if sort.descending { " DESC" } else { "" });
        p.sql(if by == "id" { "" } else { ", " });
    }
}

/// Where a page ends that ends with this key.
pub(super) fn cursor(key: &Key, sort: KeySort) -> KeyCursor {
    let share = Share::of(key.errors.unsigned_abs(), key.calls.unsigned_abs());
    let value = match sort.column {
        KeyColumn::Created => Ordinal::Made,
        KeyColumn::Name => Ordinal::Text(folded(key.name.as_str())),
        KeyColumn::Status => Ordinal::Text(key.status.as_str().to_owned()),
        KeyColumn::Environment => Ordinal::Text(key.environment.as_str().to_owned()),
        KeyColumn::LastUsed => Ordinal::Number(key.last_used_at.map_or(0, |at| at.micros())),
        KeyColumn::Expires => Ordinal::Number(key.expires_at.map_or(i64::MAX, |at| at.micros())),
        KeyColumn::Calls => Ordinal::Number(key.calls),
        KeyColumn::Cost => Ordinal::Number(key.cost.nanos()),
        KeyColumn::Errors => Ordinal::Number(share.0.into()),
        KeyColumn::Owner => Ordinal::Group(key.group(KeyGroup::Owner)),
        KeyColumn::Team => Ordinal::Group(key.group(KeyGroup::Team)),
        KeyColumn::Template => Ordinal::Group(key.group(KeyGroup::Template)),
    };
    KeyCursor { id: key.id, value }
}
