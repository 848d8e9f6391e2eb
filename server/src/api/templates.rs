use axum::extract::State;
use domain::{
    TemplateId,
    identity::Permission,
    templates::{NewTemplate, TemplateChanges, TemplateVersionView, TemplateView},
};
use service::templates::{SEEING, Templates};
use utoipa_axum::routes;

use super::routes::Routes;
use crate::http::{ApiError, Authenticated, Created, Json, Path, access::Access};

const COLLECTION: &str = "/api/v1/key-templates";
/// The platform's templates need another permission than the organization's, which the use case asks for.
const MANAGING: &[Permission] = &[Permission::TemplatesManage, Permission::PlatformTemplates];

pub(super) fn routes(routes: Routes) -> Routes {
    let (see, manage) = (Access::NeedsAny(SEEING), Access::NeedsAny(MANAGING));
    routes
        .add(see, routes!(list))
        .add(manage, routes!(create))
        .add(see, routes!(get))
        .add(manage, routes!(update))
        .add(manage, routes!(retire))
        .add(manage, routes!(restore))
        .add(Access::Needs(Permission::TemplatesManage), routes!(set_default))
        .add(see, routes!(versions))
}

/// Lists key templates
///
/// Those that you may use, the platform's first; all of them, retired ones too, if you manage templates.
#[utoipa::path(get, path = "/api/v1/key-templates", tag = "Key templates", operation_id = "listKeyTemplates",
    responses((status = 200, description = "The templates.", body = Vec<TemplateView>)))]
async fn list(
    State(templates): State<Templates>,
    Authenticated(actor): Authenticated,
) -> Result<Json<Vec<TemplateView>>, ApiError> {
    Ok(Json(templates.list(&actor).await?))
}

/// Creates a key template
#[utoipa::path(post, path = "/api/v1/key-templates", tag = "Key templates", operation_id = "createKeyTemplate",
    responses((status = 201, description = "The template, in its version 1.", body = TemplateView)))]
async fn create(
    State(templates): State<Templates>,
    Authenticated(actor): Authenticated,
    Json(new): Json<NewTemplate>,
) -> Result<Created<TemplateView>, ApiError> {
    let created = templates.create(&actor, new).await?;
    Ok(Created::new(COLLECTION, created.id, created))
}

/// Gets a key template
#[utoipa::path(get, path = "/api/v1/key-templates/{id}", tag = "Key templates", operation_id = "getKeyTemplate",
    params(("id" = TemplateId, Path)),
    responses((status = 200, description = "The template in its present version.", body = TemplateView)))]
async fn get(
    State(templates): State<Templates>,
    Authenticated(actor): Authenticated,
    Path(id): Path<TemplateId>,
) -> Result<Json<TemplateView>, ApiError> {
    Ok(Json(templates.get(&actor, id).await?))
}

/// Changes a key template
///
/// Another recipe is a new version, by which keys are made from now on. Those that there are stay as they are, until the bulk
/// action `apply_template` holds them to it.
#[utoipa::path(patch, path = "/api/v1/key-templates/{id}", tag = "Key templates", operation_id = "updateKeyTemplate",
    params(("id" = TemplateId, Path)),
    responses((status = 200, description = "The template as it is now.", body = TemplateView)))]
async fn update(
    State(templates): State<Templates>,
    Authenticated(actor): Authenticated,
    Path(id): Path<TemplateId>,
    Json(changes): Json<TemplateChanges>,
) -> Result<Json<TemplateView>, ApiError> {
    Ok(Json(templates.update(&actor, id, changes).await?))
}

/// Retires a key template
///
/// No more keys are made from it. Those that there are stay as they are.
#[utoipa::path(post, path = "/api/v1/key-templates/{id}/retire", tag = "Key templates", operation_id = "retireKeyTemplate",
    params(("id" = TemplateId, Path)),
    responses((status = 200, description = "The template as it is now.", body = TemplateView)))]
async fn retire(
    State(templates): State<Templates>,
    Authenticated(actor): Authenticated,
    Path(id): Path<TemplateId>,
) -> Result<Json<TemplateView>, ApiError> {
    Ok(Json(templates.retire(&actor, id).await?))
}

/// Restores a key template
///
/// Keys are made from it again.
#[utoipa::path(post, path = "/api/v1/key-templates/{id}/restore", tag = "Key templates", operation_id = "restoreKeyTemplate",
    params(("id" = TemplateId, Path)),
    responses((status = 200, description = "The template as it is now.", body = TemplateView)))]
async fn restore(
    State(templates): State<Templates>,
    Authenticated(actor): Authenticated,
    Path(id): Path<TemplateId>,
) -> Result<Json<TemplateView>, ApiError> {
    Ok(Json(templates.restore(&actor, id).await?))
}

/// Makes a key template the default
///
/// Your organization's form for keys begins with it, in place of the one before.
#[utoipa::path(post, path = "/api/v1/key-templates/{id}/default", tag = "Key templates", operation_id = "setDefaultKeyTemplate",
    params(("id" = TemplateId, Path)),
    responses((status = 200, description = "The template as it is now.", body = TemplateView)))]
async fn set_default(
    State(templates): State<Templates>,
    Authenticated(actor): Authenticated,
    Path(id): Path<TemplateId>,
) -> Result<Json<TemplateView>, ApiError> {
    Ok(Json(templates.set_default(&actor, id).await?))
}

/// Lists a key template's versions
///
/// The newest first.
#[utoipa::path(get, path = "/api/v1/key-templates/{id}/versions", tag = "Key templates", operation_id = "listKeyTemplateVersions",
    params(("id" = TemplateId, Path)),
    responses((status = 200, description = "The versions.", body = Vec<TemplateVersionView>)))]
async fn versions(
    State(templates): State<Templates>,
    Authenticated(actor): Authenticated,
    Path(id): Path<TemplateId>,
) -> Result<Json<Vec<TemplateVersionView>>, ApiError> {
    Ok(Json(templates.versions(&actor, id).await?))
}
