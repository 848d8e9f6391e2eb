use axum::{extract::State, http::StatusCode};
use domain::{
    BudgetId, Page, PageQuery,
    budgets::{BudgetChanges, BudgetQuery, BudgetView, NewBudget},
    identity::Permission,
};
use service::budgets::Budgets;
use utoipa_axum::routes;

use super::routes::Routes;
use crate::http::{ApiError, Authenticated, Created, Json, Path, Query, access::Access};

const COLLECTION: &str = "/api/v1/budgets";

pub(super) fn routes(routes: Routes) -> Routes {
    let (read, manage) = (Access::Needs(Permission::BudgetsRead), Access::Needs(Permission::BudgetsManage));
    routes
        .add(read, routes!(list))
        .add(manage, routes!(create))
        .add(read, routes!(get))
        .add(manage, routes!(update))
        .add(manage, routes!(delete))
}

/// Lists budgets
///
/// The organization's budgets that match, the oldest first, each with what is left of it.
#[utoipa::path(get, path = "/api/v1/budgets", tag = "Budgets", operation_id = "listBudgets", params(BudgetQuery, PageQuery),
    responses((status = 200, description = "A page of budgets.", body = Page<BudgetView>)))]
async fn list(
    State(budgets): State<Budgets>,
    Authenticated(actor): Authenticated,
    Query(query): Query<BudgetQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<BudgetView>>, ApiError> {
    Ok(Json(budgets.list(&actor, &query, &page).await?))
}

/// Creates a budget
///
/// For the organization, a team, a user or a key, as in `{"key": "key_…"}`. It is in force within one
/// second. What was spent in the present period before counts, except for one that never begins anew.
#[utoipa::path(post, path = "/api/v1/budgets", tag = "Budgets", operation_id = "createBudget",
    responses((status = 201, description = "The budget, and how it stands.", body = BudgetView)))]
async fn create(
    State(budgets): State<Budgets>,
    Authenticated(actor): Authenticated,
    Json(new): Json<NewBudget>,
) -> Result<Created<BudgetView>, ApiError> {
    let created = budgets.create(&actor, new).await?;
    Ok(Created::new(COLLECTION, created.id, created))
}

/// Gets a budget
#[utoipa::path(get, path = "/api/v1/budgets/{id}", tag = "Budgets", operation_id = "getBudget",
    params(("id" = BudgetId, Path)),
    responses((status = 200, description = "The budget, and how it stands.", body = BudgetView)))]
async fn get(
    State(budgets): State<Budgets>,
    Authenticated(actor): Authenticated,
    Path(id): Path<BudgetId>,
) -> Result<Json<BudgetView>, ApiError> {
    Ok(Json(budgets.get(&actor, id).await?))
}

/// Changes a budget
///
/// Its amount, or whether it is hard. What is absent stays. It is in force within one second; what was
/// spent stays spent.
#[utoipa::path(patch, path = "/api/v1/budgets/{id}", tag = "Budgets", operation_id = "updateBudget",
    params(("id" = BudgetId, Path)),
    responses((status = 200, description = "The budget as it is now.", body = BudgetView)))]
async fn update(
    State(budgets): State<Budgets>,
    Authenticated(actor): Authenticated,
    Path(id): Path<BudgetId>,
    Json(changes): Json<BudgetChanges>,
) -> Result<Json<BudgetView>, ApiError> {
    Ok(Json(budgets.update(&actor, id, changes).await?))
}

/// Deletes a budget
///
/// It bounds nothing from the next second on. What was spent stays in the books.
#[utoipa::path(delete, path = "/api/v1/budgets/{id}", tag = "Budgets", operation_id = "deleteBudget",
    params(("id" = BudgetId, Path)),
    responses((status = 204, description = "It is gone.")))]
async fn delete(
    State(budgets): State<Budgets>,
    Authenticated(actor): Authenticated,
    Path(id): Path<BudgetId>,
) -> Result<StatusCode, ApiError> {
    budgets.delete(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
