use serde::{Deserialize, Serialize};

use crate::{
    prelude::*,
    problem::Problem,
    ui::{Button, ButtonKind, ButtonLink, Card, FormError, Input, Note, PageHead, Tone, query::query_param},
    wire::{Form, Sending, lazy_page},
};

/// What became of a key that was reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Whether it was anybody's: then it is refused from now on.
    pub revoked: bool,
    /// The key, where the viewer may know it.
    pub key: Option<LeakedRow>,
}

/// A key of the viewer's organization whose secret leaked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeakedRow {
    /// The key.
    pub id: String,
    /// How it is called.
    pub name: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Whether only its old secret ended.
    pub old_secret: bool,
}

/// Ends a secret that was found where it should not be.
#[server(prefix = "/fn", endpoint = "key_leaked")]
pub async fn report_leak(
    /// The secret.
    secret: String,
) -> Result<Told, Problem> {
    use domain::keys::LeakOutcome;

    use crate::server::{actor, handle, is_plain_form};
    let told = handle::<service::keys::Keys>()?.report_leak(&actor()?, &secret).await?;
    let key = told.key.map(|key| LeakedRow {
        id: key.id.to_string(),
        name: key.name.to_string(),
        owner: key.owner_name.map(|name| name.to_string()),
        old_secret: key.old_secret,
    });
    // Without WASM the answer is never seen, so the page that comes next says what became of it.
    if is_plain_form() {
        let onward = match &key {
            Some(key) => format!("/keys/{}", key.id),
            None => format!("/keys/leaked?told={}", told.outcome),
        };
        leptos_axum::redirect(&onward);
    }
    Ok(Told { revoked: told.outcome == LeakOutcome::Revoked, key })
}

/// `/keys/leaked`: a key that was found where it should not be is ended.
#[derive(Debug)]
pub(crate) struct LeakedPage;

lazy_page!(credentials: LeakedPage);

impl LeakedPage {
    fn load() -> Self {
        Self
    }

    fn show(self) -> AnyView {
        let action = Sending::to::<ReportLeak>();
        let led_here = query_param("told").get_untracked();
        let led_here = led_here.map(|told| Told { revoked: told == "revoked", key: None });
        let told = move || {
            let told = action.answer().or_else(|| led_here.clone().filter(|_| action.problem().read().is_none()));
            told.map(|told| view! { <Outcome told/> })
        };
        view! {
            <div class="stack narrow">
                <PageHead
                    title="Report a leaked key"
                    note="For a key that was found where it should not be: in a repository, a log, a message."
                />
                <Card>
                    <Form to=action class="form">
                        <FormError problem=action.problem()/>
                        <Input
                            name="secret"
                            label="Key"
                            hint="The whole key, as it was found. It is revoked at once, whosever it is, and that can't be undone."
                            placeholder="tpk_live_…"
                            required=true
                            maxlength=200
                            autocomplete="off"
                            autofocus=true
                            error=action.error("secret")
                        />
                        <div class="form__actions">
                            <Button submit=true kind=ButtonKind::Primary tone=Tone::Danger pending=action.pending()>"Revoke it"</Button>
                            <ButtonLink href=Some("/keys".to_owned())>"Cancel"</ButtonLink>
                        </div>
                    </Form>
                </Card>
                <div role="status">{told}</div>
            </div>
        }
    }
}

#[component]
fn Outcome(told: Told) -> impl IntoView {
    let Told { revoked, key } = told;
    let Some(LeakedRow { id, name, owner, old_secret }) = key else {
        let (tone, words) = match revoked {
            true => (
                Tone::Ok,
                "The key is revoked: it is refused from now on. It is not one of your organization that you can see.",
            ),
            false => {
                (Tone::Warn, "Nobody has this key. Check that it was copied whole, from tpk_ to its last character.")
            }
        };
        return view! { <Note tone>{words}</Note> };
    };
    let what = match old_secret {
        true => " had this secret before its rotation. It is refused from now on; the key goes on with its new secret.",
        false => " is revoked: it is refused from now on. Whatever used it needs a new key.",
    };
    let owner = owner.map(|name| format!(" {name} answers for it; tell them."));
    view! {
        <Note tone=Tone::Ok>
            <p><a href=format!("/keys/{id}")>{name}</a> {what} {owner}</p>
        </Note>
    }
}
