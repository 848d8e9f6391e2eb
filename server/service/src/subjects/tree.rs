use std::collections::BTreeMap;

use domain::budgets::Scope;

use super::Subjects;

/// A budget or a limit in its place among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// Below how many others it lies.
    pub depth: u8,
    /// What it is.
    pub item: T,
}

/// Where a scope stands beside others below the same one: by kind, by name, and apart from its like.
type Place = (u8, String, Scope);

fn place(scope: Scope, subjects: &Subjects) -> Place {
    let kind = match scope {
        Scope::Organization(_) => 0,
        Scope::Team(_) => 1,
        Scope::User(_) => 2,
        Scope::Key(_) => 3,
    };
    (kind, subjects.name(scope).to_lowercase(), scope)
}

/// What is decided on, from the top down: the organization's, its teams', its people's, its keys'. Those
/// of one scope are in the order of `order`. What lies in nothing that has one stands at the top.
pub(crate) fn in_order<T, O: Ord>(
    items: Vec<T>,
    subjects: &Subjects,
    scope: impl Fn(&T) -> Scope,
    order: impl Fn(&T) -> O,
) -> Vec<Placed<T>> {
    let mut by_scope: BTreeMap<Place, Vec<T>> = BTreeMap::new();
    for item in items {
        by_scope.entry(place(scope(&item), subjects)).or_default().push(item);
    }
    for own in by_scope.values_mut() {
        own.sort_by_key(&order);
    }
    let scopes: Vec<Scope> = by_scope.keys().map(|(_, _, scope)| *scope).collect();
    let mut below: BTreeMap<Option<Scope>, Vec<Place>> = BTreeMap::new();
    for at in by_scope.keys() {
        let above = subjects.above(at.2).into_iter().find(|above| scopes.contains(above));
        below.entry(above).or_default().push(at.clone());
    }
    let mut out = Vec::new();
    descend(None, 0, &below, &mut by_scope, &mut out);
    out
}

/// The organization is above teams and people, those above keys, and a team above a team: that ends.
fn descend<T>(
    above: Option<Scope>,
    depth: u8,
    below: &BTreeMap<Option<Scope>, Vec<Place>>,
    by_scope: &mut BTreeMap<Place, Vec<T>>,
    out: &mut Vec<Placed<T>>,
) {
    for at in below.get(&above).into_iter().flatten() {
        let own = by_scope.remove(at).unwrap_or_default();
        out.extend(own.into_iter().map(|item| Placed { depth, item }));
        descend(Some(at.2), depth.saturating_add(1), below, by_scope, out);
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        KeyId, OrganizationId, TeamId, Timestamp, UserId,
        keys::{Environment, KeyStatus},
        secrets::SecretHash,
    };
    use store::{
        keys::Key,
        organizations::{Organization, Team},
    };
    use uuid::Uuid;

    use super::*;

    const AT: Timestamp = Timestamp::from_micros(0);

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn team(n: u128, parent: Option<u128>, name: &str) -> Team {
        Team {
            id: TeamId::from_uuid(id(n)),
            organization_id: OrganizationId::from_uuid(id(1)),
            parent_id: parent.map(|parent| TeamId::from_uuid(id(parent))),
            name: name.parse().unwrap(),
            created_at: AT,
        }
    }

    fn key(n: u128, team: Option<u128>, owner: Option<u128>, name: &str) -> (KeyId, Key) {
        let key = Key {
            id: KeyId::from_uuid(id(n)),
            organization_id: OrganizationId::from_uuid(id(1)),
            team_id: team.map(|team| TeamId::from_uuid(id(team))),
            owner_id: owner.map(|owner| UserId::from_uuid(id(owner))),
            created_by: "system:test".to_owned(),
            name: name.parse().unwrap(),
            environment: Environment::Live,
            status: KeyStatus::Active,
            secret_hash: SecretHash::from_bytes(&[0; 32]).unwrap(),
            last_four: "abcd".to_owned(),
            labels: domain::keys::Labels::default(),
            description: Default::default(),
            rules: Default::default(),
            created_at: AT,
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
            calls: 0,
            errors: 0,
            cost: domain::Money::ZERO,
            template_id: None,
            template_version: None,
            secret_made_at: AT,
            rotation_due_at: None,
        };
        (key.id, key)
    }

    /// An organization with Search above Ranking, beside Checkout; with Mara; and with keys of all.
    fn subjects() -> Subjects {
        Subjects {
            organization: Organization {
                id: OrganizationId::from_uuid(id(1)),
                name: "Acme".parse().unwrap(),
                time_zone: "UTC".parse().unwrap(),
                created_at: AT,
            },
            teams: vec![team(2, None, "Search"), team(3, Some(2), "Ranking"), team(4, None, "checkout")],
            users: [(UserId::from_uuid(id(5)), "Mara".parse().unwrap())].into(),
            keys: [
                key(6, Some(3), Some(5), "of-mara"),
                key(7, Some(3), None, "of-ranking"),
                key(8, None, None, "of-nobody"),
            ]
            .into(),
        }
    }

    fn shown(scopes: &[(&str, u128, u32)]) -> Vec<String> {
        let subjects = subjects();
        let items = scopes.iter().map(|(kind, n, order)| (Scope::from_parts(kind, id(*n)).unwrap(), *order)).collect();
        let line = |Placed { depth, item: (scope, order) }| format!("{depth} {} {order}", subjects.name(scope));
        in_order(items, &subjects, |(scope, _)| *scope, |(_, order)| *order).into_iter().map(line).collect()
    }

    #[test]
    fn each_stands_below_those_that_bound_it_too() {
        let all = [
            ("key", 6, 1),
            ("key", 7, 1),
            ("key", 8, 1),
            ("user", 5, 1),
            ("team", 3, 1),
            ("team", 2, 1),
            ("team", 4, 1),
            ("organization", 1, 3),
            ("organization", 1, 2),
            ("organization", 1, 1),
        ];
        let expected = [
            "0 Acme 1",
            "0 Acme 2",
            "0 Acme 3",
            "1 checkout 1",
            "1 Search 1",
            "2 Ranking 1",
            "3 of-ranking 1",
            "1 Mara 1",
            "2 of-mara 1",
            "1 of-nobody 1",
        ];
        assert_eq!(shown(&all), expected);
    }

    #[test]
    fn what_lies_in_nothing_that_has_any_stands_at_the_top() {
        let some = [("key", 7, 1), ("key", 8, 1), ("team", 2, 1)];
        assert_eq!(shown(&some), ["0 Search 1", "1 of-ranking 1", "0 of-nobody 1"]);
    }
}
