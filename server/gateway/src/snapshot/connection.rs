//! How a provider is reached.

use domain::{
    ConnectionId,
    catalog::{Provider, WhenLeft},
    usage::Endpoint,
};
use http::{HeaderValue, Uri};
use store::{catalog::CatalogEntry, catalog::Connection as Row, vault::Vault};

use crate::intake::OutputBound;

/// A connection, ready to be used: nothing is decrypted or parsed for a call.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    pub(crate) name: String,
    pub(crate) provider: Provider,
    pub(crate) way: Way,
    pub(crate) when_left: WhenLeft,
}

/// The way to a provider.
#[derive(Debug)]
pub(crate) enum Way {
    /// The Sandbox, in this process.
    Sandbox,
    /// Over HTTP.
    Http(Box<Http>),
    /// The connection's address or key can't be read; the log says why.
    Broken,
}

/// The addresses of a provider, and what it is called with.
#[derive(Debug)]
pub(crate) struct Http {
    chat: Uri,
    embeddings: Uri,
    pub(crate) authorization: Option<HeaderValue>,
}

impl Http {
    /// The address of one of the provider's endpoints.
    pub(crate) fn uri(&self, endpoint: Endpoint) -> &Uri {
        match endpoint {
            Endpoint::ChatCompletions => &self.chat,
            Endpoint::Embeddings => &self.embeddings,
        }
    }
}

impl Connection {
    /// Under which name its provider takes the bound of an answer. OpenAI's own API refuses the older
    /// name with its newer models; others know only that one.
    pub(crate) fn output_bound(&self) -> OutputBound {
        match &self.way {
            Way::Http(http) if http.chat.host().is_some_and(|host| host.ends_with(".openai.com")) => {
                OutputBound::MaxCompletionTokens
            }
            _ => OutputBound::MaxTokens,
        }
    }

    pub(super) fn new(entry: &CatalogEntry, vault: &Vault) -> Self {
        let way = match entry.provider {
            Provider::Sandbox => Way::Sandbox,
            Provider::OpenaiCompatible => {
                http(entry, vault).map(|http| Way::Http(Box::new(http))).unwrap_or_else(|reason| {
                    tracing::error!(connection = %entry.connection, reason, "a connection can't be used");
                    Way::Broken
                })
            }
        };
        let (name, when_left) = (entry.connection_name.to_string(), entry.when_left);
        Self { id: entry.connection, name, provider: entry.provider, way, when_left }
    }
}

fn http(entry: &CatalogEntry, vault: &Vault) -> Result<Http, &'static str> {
    let base = entry.base_url.as_deref().ok_or("it has no base URL")?.trim_end_matches('/');
    let uri = |path: &str| format!("{base}{path}").parse::<Uri>().map_err(|_| "its base URL is not one");
    let authorization = match &entry.sealed_api_key {
        None => None,
        Some(sealed) => {
            let key = vault.open(Row::api_key_place(entry.connection), sealed).map_err(|_| "its key does not open")?;
            let bearer = [b"Bearer ", &key[..]].concat();
            let mut value = HeaderValue::from_bytes(&bearer).map_err(|_| "its key can't stand in a header")?;
            value.set_sensitive(true);
            Some(value)
        }
    };
    Ok(Http { chat: uri("/chat/completions")?, embeddings: uri("/embeddings")?, authorization })
}
