use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use domain::{
    KeyId, csv,
    identity::Permission,
    keys::{ExportFormat, ExportQuery, KeyQuery, KeyView},
};
use futures_util::{Stream, stream};
use service::{
    Error,
    keys::{KeyExport, Keys},
};
use utoipa_axum::routes;

use super::routes::Routes;
use crate::http::{ApiError, Authenticated, Query, access::Access};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.add(Access::Needs(Permission::KeysRead), routes!(export))
}

/// Exports keys
///
/// All that match the filters, or those that are named, as a file: CSV or one JSON object a line. In CSV a cell
/// that a spreadsheet would take for a formula has a `'` before it.
#[utoipa::path(get, path = "/api/v1/keys/export", tag = "Keys", operation_id = "exportKeys", params(KeyQuery, ExportQuery),
    responses((status = 200, description = "The keys, in the order in which they were made.", body = String,
        content_type = "text/csv")))]
async fn export(
    State(keys): State<Keys>,
    Authenticated(actor): Authenticated,
    Query(query): Query<KeyQuery>,
    Query(how): Query<ExportQuery>,
) -> Result<Response, ApiError> {
    let (format, ids) = (how.format()?, how.ids()?);
    let mut export = keys.export(&actor, &query, ids).await?;
    // The first page is read before anything is answered, so that a refusal is one.
    let first = export.next().await?;
    let (kind, name) = match format {
        ExportFormat::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"keys.csv\""),
        ExportFormat::Json => ("application/x-ndjson", "attachment; filename=\"keys.ndjson\""),
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(text(export, format, first))).into_response())
}

/// The file's text, a page of keys at a time.
fn text(export: KeyExport, format: ExportFormat, first: Vec<KeyView>) -> impl Stream<Item = Result<String, Error>> {
    let head = match format {
        ExportFormat::Csv => csv::row(COLUMNS),
        ExportFormat::Json => String::new(),
    };
    stream::try_unfold(Some((export, head, first)), move |state| async move {
        let Some((mut export, mut text, keys)) = state else { return Ok(None) };
        for key in &keys {
            match format {
                ExportFormat::Csv => text.push_str(&row(key)),
                ExportFormat::Json => {
                    text.push_str(&serde_json::to_string(key).map_err(Error::internal)?);
                    text.push('\n');
                }
            }
        }
        let next = match keys.is_empty() {
            true => None,
            false => Some((export.next().await?, export)),
        };
        Ok(Some((text, next.map(|(keys, export)| (export, String::new(), keys)))))
    })
}

/// The columns of keys in a spreadsheet.
pub(crate) const COLUMNS: [&str; 17] = [
    "id",
    "name",
    "description",
    "environment",
    "status",
    "last_four",
    "owner",
    "team",
    "labels",
    "created_by",
    "created_at",
    "expires_at",
    "last_used_at",
    "revoked_at",
    "calls_30d",
    "errors_30d",
    "cost_30d",
];

fn row(key: &KeyView) -> String {
    csv::row(cells(key).iter().map(String::as_str))
}

/// A key, by these columns.
pub(crate) fn cells(key: &KeyView) -> [String; COLUMNS.len()] {
    let text = |value: Option<String>| value.unwrap_or_default();
    let labels: Vec<String> = key.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    [
        KeyId::to_string(&key.id),
        key.name.to_string(),
        key.description.to_string(),
        key.environment.to_string(),
        key.status.as_str().to_owned(),
        key.last_four.clone(),
        text(key.owner_name.as_ref().map(ToString::to_string)),
        text(key.team_name.as_ref().map(ToString::to_string)),
        labels.join("; "),
        key.created_by.clone(),
        key.created_at.to_string(),
        text(key.expires_at.map(|at| at.to_string())),
        text(key.last_used_at.map(|at| at.to_string())),
        text(key.revoked_at.map(|at| at.to_string())),
        key.calls_30d.to_string(),
        key.errors_30d.to_string(),
        key.cost_30d.to_string(),
    ]
}
