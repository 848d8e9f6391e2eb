use axum::extract::State;
use domain::{
    Page, PageQuery, TokenId,
    identity::{CreatedToken, NewToken, Permission, TokenView},
};
use service::identity::Tokens;
use utoipa_axum::routes;

use super::routes::Routes;
use crate::http::{ApiError, Authenticated, Created, Json, Path, Query, access::Access};

const COLLECTION: &str = "/api/v1/tokens";

pub(super) fn routes(routes: Routes) -> Routes {
    let access = Access::Needs(Permission::TokensManage);
    routes.add(access, routes!(list)).add(access, routes!(create)).add(access, routes!(revoke))
}

/// Lists tokens
///
/// Those that you made, the newest first, the revoked ones included.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "Tokens", operation_id = "listTokens", params(PageQuery),
    responses((status = 200, description = "A page of tokens.", body = Page<TokenView>)))]
async fn list(
    State(tokens): State<Tokens>,
    Authenticated(actor): Authenticated,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<TokenView>>, ApiError> {
    Ok(Json(tokens.list(&actor, &page).await?))
}

/// Creates a token
///
/// Its secret is in this answer and nowhere else. It can be given only scopes that you have.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "Tokens", operation_id = "createToken",
    responses((status = 201, description = "The token, and its secret.", body = CreatedToken)))]
async fn create(
    State(tokens): State<Tokens>,
    Authenticated(actor): Authenticated,
    Json(new): Json<NewToken>,
) -> Result<Created<CreatedToken>, ApiError> {
    let created = tokens.create(&actor, new).await?;
    Ok(Created::new(COLLECTION, created.token.id, created))
}

/// Revokes a token
///
/// It ends at once, for good.
#[utoipa::path(post, path = "/api/v1/tokens/{id}/revoke", tag = "Tokens", operation_id = "revokeToken",
    params(("id" = TokenId, Path)),
    responses((status = 200, description = "The token as it is now.", body = TokenView)))]
async fn revoke(
    State(tokens): State<Tokens>,
    Authenticated(actor): Authenticated,
    Path(id): Path<TokenId>,
) -> Result<Json<TokenView>, ApiError> {
    Ok(Json(tokens.revoke(&actor, id).await?))
}
