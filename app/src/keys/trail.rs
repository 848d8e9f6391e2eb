//! What was done to a key: by whom, when, and what it changed.

#[cfg(feature = "ssr")]
use domain::KeyId;
use serde::{Deserialize, Serialize};

use crate::{
    prelude::*,
    problem::Problem,
    shell::PageProblem,
    ui::{Card, Column, EmptyKind, EmptyState, Glyph, Moment, Paging, Priority, Table, Time, query::query_param},
    wire::Following,
};

/// A page of what was done to a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// The newest first.
    pub rows: Vec<TrailRow>,
    /// The cursor of the older ones.
    pub next: Option<String>,
}

/// Something that was done to a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailRow {
    /// The entry of the audit log.
    pub id: String,
    /// When.
    pub at: Moment,
    /// Who, by name.
    pub who: String,
    /// From where, for those who are told.
    pub from: Option<String>,
    /// What, in a few words.
    pub what: String,
    /// What it changed, a line each.
    pub changes: Vec<String>,
}

/// How many are shown at once.
#[cfg(feature = "ssr")]
const PAGE: u32 = 10;

/// What was done to a key; nothing for those who may neither manage it nor read the audit log.
#[server(prefix = "/fn", endpoint = "key_trail")]
pub async fn load_key_trail(
    /// Its id.
    id: String,
    /// Where the page before ended.
    #[server(default)]
    cursor: Option<String>,
) -> Result<Option<Trail>, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let id = id.parse::<KeyId>().map_err(|_| service::Error::not_found("key"))?;
    let page = domain::PageQuery { limit: Some(PAGE), cursor };
    let trail = match handle::<service::keys::Keys>()?.trail(&actor, id, &page).await {
        Err(error) if error.code == domain::ErrorCode::Forbidden => return Ok(None),
        trail => trail?,
    };
    let calendar = Calendar::of(&actor).await?;
    let rows = trail.data.iter().map(|entry| super::trail_words::row(entry, &calendar)).collect();
    Ok(Some(Trail { rows, next: trail.next_cursor }))
}

/// What was done to the key, for those who may see it.
#[component]
pub(super) fn TrailCard(
    /// It.
    traced: Following<Option<Trail>>,
) -> impl IntoView {
    let shown = Memo::new(move |_| traced.value.read().is_some());
    move || match (traced.problem.get(), shown.get()) {
        // Whatever keeps this from being shown keeps the key from being shown too, but for a wrong cursor.
        (Some(problem), _) => Some(view! { <Card title="History"><PageProblem problem/></Card> }),
        (None, true) => Some(view! { <Rows trail=traced.value/> }),
        (None, false) => None,
    }
}

#[component]
fn Rows(trail: RwSignal<Option<Trail>>) -> impl IntoView {
    let rows = move || trail.read().as_ref().map(|trail| trail.rows.clone()).unwrap_or_default();
    let paging = Signal::derive(move || {
        let trail = trail.read();
        let trail = trail.as_ref()?;
        let summary = match trail.rows.len() {
            1 => "1 entry".to_owned(),
            rows => format!("{rows} entries"),
        };
        Some(Paging { summary, previous: None, next: trail.next.clone() })
    });
    let columns = vec![
        Column::new("What", what).shown(Priority::Always),
        Column::new("Who", who).shown(Priority::Always),
        Column::new("When", |row: &TrailRow| {
            let at = row.at.clone();
            view! { <span class="muted"><Time at/></span> }
        })
        .shown(Priority::Always),
    ];
    let cursor = query_param("cursor");
    let nothing = move || match cursor.read().is_some() {
        true => {
            view! { <EmptyState kind=EmptyKind::NoResults title="Nothing older" text="There is nothing before what you have seen."/> }
        }
        false => {
            view! { <EmptyState kind=EmptyKind::FirstUse icon=Glyph::History title="Nothing yet" text="What is changed of this key is told here."/> }
        }
    };
    view! {
        <Card title="History" note="Who did what to this key, and to limits and budgets of its own." flush=true>
            <Table label="History of this key" columns rows=Signal::derive(rows) key=|row: &TrailRow| row.id.clone() paging empty=nothing/>
        </Card>
    }
}

fn what(row: &TrailRow) -> impl IntoView + use<> {
    let TrailRow { what, changes, .. } = row.clone();
    let changes = (!changes.is_empty()).then(|| {
        let line = |words: String| view! { <li>{words}</li> };
        view! { <ul class="trail">{changes.into_iter().map(line).collect_view()}</ul> }
    });
    view! { <span>{what}</span> {changes} }
}

fn who(row: &TrailRow) -> impl IntoView + use<> {
    let TrailRow { who, from, .. } = row.clone();
    view! { <span>{who}</span> <span class="table__sub">{from}</span> }
}
