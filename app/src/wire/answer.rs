//! A server function's answer as text: the JSON of a `Result<T, Problem>`.

use serde::de::DeserializeOwned;
#[cfg(feature = "ssr")]
use serde_json::from_str;

#[cfg(not(feature = "ssr"))]
use super::json::from_str;
use crate::problem::Problem;

/// What an answer says.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    from_str(text).unwrap_or_else(|_| Err(unreadable()))
}

/// A proxy's own page, or the answer of a newer server.
fn unreadable() -> Problem {
    Problem::new("unreachable", "Turnpike's answer was not understood. Reload the page and try again.")
}

#[cfg(feature = "ssr")]
pub(super) use self::server::ask;

#[cfg(not(feature = "ssr"))]
pub(super) use self::browser::{ask, ask_until};

#[cfg(feature = "ssr")]
mod server {
    use leptos::{prelude::FromServerFnError, server_fn::ServerFn};
    use serde::{Serialize, de::DeserializeOwned};

    use crate::problem::Problem;

    /// Runs a server function on arguments as a form sends them. For pages that are rendered: calls
    /// from outside come through the guard and never here.
    pub(crate) async fn ask<S>(form: String) -> String
    where
        S: ServerFn<Error = Problem> + DeserializeOwned,
        S::Output: Serialize,
    {
        use leptos::server_fn::error::ServerFnErrorErr;
        // As the server functions' own form decoder is set up.
        let answer = match serde_qs::Config::new(5, false).deserialize_str::<S>(&form) {
            Ok(asked) => asked.run_body().await,
            Err(wrong) => Err(Problem::from_server_fn_error(ServerFnErrorErr::Args(wrong.to_string()))),
        };
        serde_json::to_string(&answer).unwrap_or_else(|error| {
            tracing::error!(%error, path = S::PATH, "an answer could not be written");
            // Reads as no answer at all, which the page says.
            String::new()
        })
    }
}

#[cfg(not(feature = "ssr"))]
mod browser {
    use leptos::{prelude::window, server_fn::redirect::REDIRECT_HEADER};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{AbortSignal, Headers, RequestInit, Response};

    /// What is shown instead of an answer.
    const UNREACHABLE: &str =
        r#"{"Err":{"code":"unreachable","message":"Turnpike can't be reached. Check the connection and try again."}}"#;

    /// An answer, and where it leads.
    pub(crate) struct Answered {
        /// The JSON of a `Result<T, Problem>`.
        pub(crate) text: String,
        /// The page to go on to.
        pub(crate) onward: Option<String>,
    }

    /// Sends a form to a server function.
    pub(crate) async fn ask(path: &str, form: &str) -> Answered {
        fetch(path, form, None).await.unwrap_or_else(|_| unreachable())
    }

    /// Sends a form whose answer may be called back.
    pub(crate) async fn ask_until(path: &str, form: &str, signal: &AbortSignal) -> Answered {
        fetch(path, form, Some(signal)).await.unwrap_or_else(|_| unreachable())
    }

    fn unreachable() -> Answered {
        Answered { text: UNREACHABLE.to_owned(), onward: None }
    }

    async fn fetch(path: &str, form: &str, signal: Option<&AbortSignal>) -> Result<Answered, JsValue> {
        let headers = Headers::new()?;
        headers.set("content-type", "application/x-www-form-urlencoded")?;
        headers.set("accept", "application/json")?;
        let request = RequestInit::new();
        request.set_method("POST");
        request.set_signal(signal);
        request.set_headers(&headers);
        request.set_body(&JsValue::from_str(form));
        let response: Response =
            JsFuture::from(window().fetch_with_str_and_init(path, &request)).await?.unchecked_into();
        let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
        let arm = if response.ok() { "Ok" } else { "Err" };
        let onward = match response.headers().has(REDIRECT_HEADER)? {
            true => response.headers().get("location")?,
            false => None,
        };
        Ok(Answered { text: format!("{{\"{arm}\":{text}}}"), onward })
    }
}
