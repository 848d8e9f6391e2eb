use super::{detail::KeyDetail, rows::KeyBadges};
use crate::{
    prelude::*,
    ui::{Badge, Card, DescriptionList, Entry, EnvironmentBadge, Moment, Time},
};

/// All that is known of a key beside what it did.
#[component]
pub(super) fn Facts(
    /// The key.
    detail: KeyDetail,
) -> impl IntoView {
    let KeyDetail { key, description, labels, owner, team, template, secret_made, rotation, .. } = detail.clone();
    let KeyDetail { created, expires, revoked, .. } = detail;
    let never = |at: Option<Moment>| at.map_or_else(|| "Never".into_any(), |at| view! { <Time at/> });
    let description = description.map(|text| {
        view! { <Entry term="What for"><span class="kv__lines">{text}</span></Entry> }
    });
    let labels = (!labels.is_empty()).then(|| {
        let label = |(name, value): (String, String)| view! { <Badge plain=true>{format!("{name}={value}")}</Badge> };
        view! { <Entry term="Labels"><span class="cluster">{labels.into_iter().map(label).collect_view()}</span></Entry> }
    });
    let owner = owner.map(|name| view! { <Entry term="Owner">{name}</Entry> });
    let team = team.map(|name| view! { <Entry term="Team">{name}</Entry> });
    let template = template.map(|(id, words)| {
        view! { <Entry term="Template"><a class="link" href=format!("/templates/{id}")>{words}</a></Entry> }
    });
    let rotation = rotation.map(|at| view! { "; its change is due " <Time at/> });
    let revoked = revoked.map(|at| view! { <Entry term="Revoked"><Time at/></Entry> });
    view! {
        <Card title="About this key">
            <DescriptionList>
                <Entry term="Status"><KeyBadges standing=key.standing rotation_due=key.rotation_due/></Entry>
                <Entry term="Environment"><EnvironmentBadge environment=key.environment/></Entry>
                <Entry term="Key"><span class="mono">{key.hint}</span></Entry>
                <Entry term="Secret">"Made " <Time at=secret_made/> {rotation}</Entry>
                {description}
                {labels}
                {owner}
                {team}
                {template}
                <Entry term="Created"><Time at=created/> " by " {key.created_by}</Entry>
                <Entry term="Last used">{never(key.last_used)}</Entry>
                <Entry term="Expires">{never(expires)}</Entry>
                {revoked}
                <Entry term="Id"><span class="mono">{key.id}</span></Entry>
            </DescriptionList>
        </Card>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::{
        keys::row::{KeyRow, Moves},
        lifetime::Standing,
        ui::provide_now,
    };

    const HOSTILE: &str = "<script>alert('1')</script>\"><img src=x onerror=alert(2)>";

    fn detail() -> KeyDetail {
        let text = || HOSTILE.to_owned();
        let key = KeyRow {
            id: "key_1".into(),
            name: text(),
            hint: "tpk_test_…abcd".into(),
            standing: Standing::Active,
            environment: "test".into(),
            created_by: text(),
            created: Moment::default(),
            owner: Some(text()),
            team: Some(text()),
            template: Some(text()),
            labels: vec![text()],
            bounded: false,
            rotation_due: true,
            expires: None,
            last_used: None,
            calls: 0,
            cost: "$0.00".into(),
            calls_30d: 0,
            cost_30d: "$0.00".into(),
            errors_30d: "–".into(),
            may: Moves { change: true, enable: false },
        };
        KeyDetail {
            key,
            access: text(),
            description: Some(text()),
            labels: vec![("service".into(), text())],
            owner: Some(text()),
            team: Some(text()),
            template: None,
            secret_made: Moment::default(),
            rotation: Some(Moment::default()),
            old_secret: None,
            arrived: None,
            created: Moment::default(),
            expires: None,
            revoked: None,
        }
    }

    #[test]
    fn what_people_write_is_text_and_nothing_else() {
        let html = Owner::new().with(|| {
            provide_now();
            view! { <Facts detail=detail()/> }.to_html()
        });
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        assert_eq!(html.matches("&lt;script").count(), 5, "{html}");
    }
}
