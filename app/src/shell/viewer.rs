use serde::{Deserialize, Serialize};

/// Who looks at the page, as far as the shell must know. What they may do is decided on the
/// server, again, for everything they ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The person's name; the address where none was given.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// The organization they look at.
    pub organization: String,
    /// Their role in it, in words.
    pub role: String,
    /// Whether they run the platform too.
    pub platform: bool,
}
