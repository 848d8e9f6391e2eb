//! The gateway's endpoints.

use domain::{ErrorCode, usage::Endpoint};
use http::Method;

use crate::respond::Refusal;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked<'a> {
    /// `GET /v1/models`
    Models,
    /// `GET /v1/models/{id}`; the id may hold slashes and is as it stands in the path.
    Model(&'a str),
    /// A call that is forwarded and metered.
    Call(Endpoint),
}

/// Reads method and path.
pub(crate) fn endpoint_of<'a>(method: &Method, path: &'a str) -> Result<Asked<'a>, Refusal> {
    let (asked, allowed) = match path {
        "/v1/chat/completions" => (Asked::Call(Endpoint::ChatCompletions), Method::POST),
        "/v1/embeddings" => (Asked::Call(Endpoint::Embeddings), Method::POST),
        "/v1/models" => (Asked::Models, Method::GET),
        _ => match path.strip_prefix("/v1/models/").filter(|id| !id.is_empty()) {
            Some(id) => (Asked::Model(id), Method::GET),
            None => return Err(Refusal::new(ErrorCode::NotFound, "There is no such endpoint.")),
        },
    };
    if *method == allowed {
        return Ok(asked);
    }
    let message = if allowed == Method::GET { "Use GET here." } else { "Use POST here." };
    Err(Refusal::new(ErrorCode::MethodNotAllowed, message).allowing(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_methods_are_told_apart() {
        let of = |method: Method, path: &'static str| endpoint_of(&method, path).map_err(|refusal| refusal.code());
        assert_eq!(of(Method::POST, "/v1/embeddings"), Ok(Asked::Call(Endpoint::Embeddings)));
        assert_eq!(of(Method::GET, "/v1/models"), Ok(Asked::Models));
        assert_eq!(of(Method::GET, "/v1/models/a/b"), Ok(Asked::Model("a/b")));
        assert_eq!(of(Method::GET, "/v1/chat/completions"), Err(ErrorCode::MethodNotAllowed));
        assert_eq!(of(Method::POST, "/v1/models"), Err(ErrorCode::MethodNotAllowed));
        for path in ["/v1", "/v1/", "/v1/models/", "/v1/chat/completions/", "/v1/responses"] {
            assert_eq!(of(Method::POST, path), Err(ErrorCode::NotFound), "{path}");
        }
    }
}
