use super::{CopyButton, Glyph, Icon};
use crate::prelude::*;

/// A secret in the one moment it is shown: select, copy or download it.
#[component]
pub fn SecretOnce(
    /// The secret.
    #[prop(into)]
    secret: String,
    /// What it is, in words: "API key".
    #[prop(into)]
    label: String,
    /// The name of the file that a download makes.
    #[prop(into)]
    file: String,
) -> impl IntoView {
    // Secrets are letters, digits, `_` and `-`, so they may stand in an address as they are.
    let data = format!("data:text/plain;charset=utf-8,{secret}%0A");
    view! {
        <div class="secret">
            <code aria-label=label.clone() data-secret="">{secret.clone()}</code>
            <CopyButton text=secret label=format!("Copy {label}")/>
            <a class="button" data-size="s" data-icon="" href=data download=file aria-label=format!("Download {label}") title="Download">
                <Icon name=Glyph::Download/>
            </a>
        </div>
    }
}
