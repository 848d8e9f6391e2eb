#[cfg(feature = "ssr")]
use domain::KeyId;
use serde::{Deserialize, Serialize};

use super::{
    actions::SetKeyStatus,
    activity::{Doings, KeyActivity, LoadKeyActivity},
    facts::Facts,
    moves::Actions,
    rotate::{EndKeyRotation, NewSecret, OldSecret, OldSecretNote, RotateKey, Rotated},
    row::KeyRow,
    trail::{LoadKeyTrail, Trail, TrailCard},
};
use crate::{
    lifetime::Standing,
    limits::{LimitCard, LimitRows, LoadKeyLimits},
    prelude::*,
    problem::Problem,
    shell::PageProblem,
    ui::{DialogButton, Glyph, Moment, Note, PageHead, Skeleton, Time, Tone, close_dialog, use_toasts},
    usage::use_live,
    wire::{Following, PageData, Sending, lazy_page},
};

/// A key, but what it does, which changes all the time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyDetail {
    /// The key as in the list.
    pub key: KeyRow,
    /// What it may do, in a sentence or two.
    pub access: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its labels, by name.
    pub labels: Vec<(String, String)>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Whose team's it is.
    pub team: Option<String>,
    /// Since when it has its present secret.
    pub secret_made: Moment,
    /// From when on that should be changed.
    pub rotation: Option<Moment>,
    /// The secret that it had before, while that is good.
    pub old_secret: Option<OldSecret>,
    /// The new secret that a form without WASM has just made.
    pub arrived: Option<Rotated>,
    /// The template that it is by: its id, and what is said of it.
    pub template: Option<(String, String)>,
    /// Since when.
    pub created: Moment,
    /// Until when.
    pub expires: Option<Moment>,
    /// When it was revoked.
    pub revoked: Option<Moment>,
}

/// One key.
#[server(prefix = "/fn", endpoint = "key")]
pub async fn load_key(
    /// Its id.
    id: String,
) -> Result<KeyDetail, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    // An address that can't be a key's leads nowhere, like one of a key that there is not.
    let id = id.parse::<KeyId>().map_err(|_| service::Error::not_found("key"))?;
    let key = handle::<service::keys::Keys>()?.get(&actor, id).await?;
    let calendar = Calendar::of(&actor).await?;
    let arrived = crate::lifetime::once::arrived::<KeyId>().filter(|(of, _)| *of == id);
    let budgets = crate::budgets::of_key(&actor, id, &calendar).await?;
    Ok(KeyDetail {
        access: super::access::access(&actor, &key, budgets.as_ref(), &calendar).await?,
        description: (!key.description.is_empty()).then(|| key.description.to_string()),
        labels: key.labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        owner: key.owner_name.as_ref().map(ToString::to_string),
        team: key.team_name.as_ref().map(ToString::to_string),
        secret_made: calendar.moment(key.secret_made_at),
        rotation: key.rotation_due_at.map(|at| calendar.moment(at)),
        old_secret: key.rotation.as_ref().map(|rotation| OldSecret::new(rotation, &calendar)),
        arrived: arrived.map(|(_, secret)| Rotated { secret }),
        template: key.template.as_ref().map(template),
        created: calendar.moment(key.created_at),
        expires: key.expires_at.map(|at| calendar.moment(at)),
        revoked: key.revoked_at.map(|at| calendar.moment(at)),
        key: super::row::row(&key, &calendar),
    })
}

/// A template's id, and it in words: `Production, version 2; change the secret every 90 days`.
#[cfg(feature = "ssr")]
fn template(of: &domain::templates::TemplateRef) -> (String, String) {
    let rotate = of.rotate_every_days.map(|days| format!("; change the secret every {days} days")).unwrap_or_default();
    (of.id.to_string(), format!("{}, version {}{rotate}", of.name, of.version))
}

/// `/keys/{id}`: one key.
#[derive(Debug)]
pub(crate) struct KeyPage {
    key: PageData<KeyDetail>,
    activity: PageData<KeyActivity>,
    limits: PageData<LimitRows>,
    trail: PageData<Option<Trail>>,
}

lazy_page!(credentials: KeyPage);

impl KeyPage {
    fn load() -> Self {
        Self {
            key: PageData::of_id::<LoadKey>(),
            activity: PageData::of_id_and_query::<LoadKeyActivity>(&["range", "show"]),
            limits: PageData::of_id::<LoadKeyLimits>(),
            trail: PageData::of_id_and_query::<LoadKeyTrail>(&["cursor"]),
        }
    }

    fn show(self) -> AnyView {
        let Self { key, activity, limits, trail } = self;
        let (change, rotate) = (Sending::to::<SetKeyStatus>(), Sending::to::<RotateKey>());
        let end = Sending::to::<EndKeyRotation>();
        let changed = move || {
            key.refetch();
            trail.refetch();
        };
        change.then(changed);
        rotate.then(move || {
            close_dialog("rotate");
            changed();
        });
        end.then(changed);
        let toasts = use_toasts();
        effect(move || {
            if let Some(problem) = change.problem().get() {
                toasts.fail(problem.message);
            }
        });
        let waiting: fn() -> AnyView = || view! { <Skeleton block=true/> };
        // What moves is loaded once and moves in its place; only the key itself is drawn anew when it was changed.
        limits.follow(waiting, move |shown| {
            activity.follow(waiting, move |doing| {
                trail.follow(waiting, move |traced| {
                    key.each(waiting, move |key| match key {
                        Ok(detail) => {
                            let limits = view! { <LimitCard data=limits limits=shown key_id=detail.key.id.clone()/> };
                            let parts = Parts { limits, activity, doing, traced };
                            view! { <Detail detail parts change rotate end/> }
                        }
                        Err(problem) => view! { <PageProblem problem/> },
                    })
                })
            })
        })
    }
}

/// What of the page has a life of its own beside the key.
struct Parts {
    limits: AnyView,
    activity: PageData<KeyActivity>,
    doing: Following<KeyActivity>,
    traced: Following<Option<Trail>>,
}

#[component]
fn Detail(detail: KeyDetail, parts: Parts, change: Sending, rotate: Sending<Rotated>, end: Sending) -> impl IntoView {
    let KeyDetail { key, access, rotation, old_secret, arrived, .. } = detail.clone();
    let Parts { limits, activity, doing, traced } = parts;
    let live = use_live(Signal::stored(true), move || {
        activity.renew(doing, |before, mut new| {
            new.mark_fresh(before);
            *before = new;
        })
    });
    let (id, may_end) = (key.id.clone(), key.may.change);
    let old_secret = old_secret.map(|old| view! { <OldSecretNote id=id.clone() old end=may_end.then_some(end)/> });
    let arrived = arrived.map(|rotated| rotated.secret);
    let actions =
        key.may.change.then(|| view! { <Actions key_row=key.clone() change rotate has_new=arrived.is_some()/> });
    view! {
        <PageHead title=key.name.clone() note=meaning(&key) live>{actions}</PageHead>
        <p>{access}</p>
        <NewSecret id=id.clone() name=key.name.clone() action=rotate arrived/>
        {old_secret}
        {rotation_due(&key, rotation)}
        {ends_soon(&key)}
        <Doings doing key_id=id>
            {limits}
            <Facts detail/>
        </Doings>
        <TrailCard traced/>
    }
}

/// The reminder of a key that ends soon.
fn ends_soon(key: &KeyRow) -> Option<AnyView> {
    let Standing::Expiring(when) = &key.standing else { return None };
    let edit = key.may.change.then(|| view! { <a href=format!("/keys/{}/edit", key.id)>"Change its end"</a> });
    let words = format!("This key expires {when}. From then on its calls are refused. ");
    Some(view! { <Note tone=Tone::Warn>{words} {edit}</Note> })
}

/// The reminder of a key whose secret should be changed, and the button that does it.
fn rotation_due(key: &KeyRow, since: Option<Moment>) -> Option<AnyView> {
    let at = since.filter(|_| key.rotation_due)?;
    let collect = key.may.change.then(|| {
        view! { <DialogButton opens="rotate" icon=Glyph::Refresh>"Collect new secret…"</DialogButton> }
    });
    Some(view! {
        <Note tone=Tone::Warn>
            <div class="cluster">
                <p>"The rotation of this key is due since " <Time at/> ". It goes on working until somebody collects a new secret."</p>
                {collect}
            </div>
        </Note>
    })
}

/// What the key is, in a sentence.
fn meaning(key: &KeyRow) -> &'static str {
    match key.environment.as_str() {
        "test" => "A test key: its calls reach the Sandbox and cost nothing real.",
        _ => "A live key: its calls reach connected providers and cost money.",
    }
}
