use axum::extract::State;
use domain::{
    Invalid, ModelId, Page, PageQuery,
    catalog::{ModelView, NewPrice},
    identity::Permission,
    keys::Environment,
};
use serde::Deserialize;
use service::catalog::Models;
use utoipa_axum::routes;

use super::routes::Routes;
use crate::http::{ApiError, Authenticated, Json, Path, Query, access::Access};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .add(Access::Needs(Permission::CatalogRead), routes!(list))
        .add(Access::Needs(Permission::PricesManage), routes!(set_price))
}

/// Which models to list.
#[derive(Deserialize, utoipa::IntoParams)]
struct ModelQuery {
    /// `test` or `live`; both when absent.
    #[param(value_type = Option<Environment>)]
    environment: Option<String>,
}

impl ModelQuery {
    fn environment(&self) -> Result<Option<Environment>, Invalid> {
        self.environment.as_deref().filter(|text| !text.is_empty()).map(str::parse).transpose()
    }
}

/// Lists models
///
/// The models that your organization's keys reach, those without a price included, the oldest first.
#[utoipa::path(get, path = "/api/v1/models", tag = "Models", operation_id = "listModels", params(ModelQuery, PageQuery),
    responses((status = 200, description = "A page of models.", body = Page<ModelView>)))]
async fn list(
    State(models): State<Models>,
    Authenticated(actor): Authenticated,
    Query(query): Query<ModelQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ModelView>>, ApiError> {
    Ok(Json(models.list(&actor, query.environment()?, &page).await?))
}

/// Sets a model's price
///
/// From now or from a later moment on, per million tokens and per request. What was charged before
/// stays as it was.
#[utoipa::path(put, path = "/api/v1/models/{id}/price", tag = "Models", operation_id = "setModelPrice",
    params(("id" = ModelId, Path)),
    responses((status = 200, description = "The model, with the price that is in force now.", body = ModelView)))]
async fn set_price(
    State(models): State<Models>,
    Authenticated(actor): Authenticated,
    Path(id): Path<ModelId>,
    Json(new): Json<NewPrice>,
) -> Result<Json<ModelView>, ApiError> {
    Ok(Json(models.set_price(&actor, id, new).await?))
}
