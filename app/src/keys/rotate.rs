use domain::KeyId;
use serde::{Deserialize, Serialize};

use crate::{
    prelude::*,
    problem::Problem,
    ui::{
        Button, ButtonKind, ButtonLink, Card, Choice, Dialog, FormError, Input, Moment, Note, SecretOnce, Select, Size,
        Time, Tone,
    },
    wire::{Form, Sending},
};

/// A key's new secret in the one moment at which it is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotated {
    /// The secret.
    pub secret: String,
}

impl std::fmt::Debug for Rotated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rotated(…)")
    }
}

/// The secret that a key had before, while that is good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldSecret {
    /// What it ends with.
    pub last_four: String,
    /// Until when it is good.
    pub ends: Moment,
    /// When it was last used since it was replaced.
    pub last_used: Option<Moment>,
}

#[cfg(feature = "ssr")]
impl OldSecret {
    pub(super) fn new(rotation: &domain::keys::RotationView, calendar: &crate::server::Calendar) -> Self {
        Self {
            last_four: rotation.old_last_four.clone(),
            ends: calendar.moment(rotation.ends_at),
            last_used: rotation.last_used_at.map(|at| calendar.moment(at)),
        }
    }
}

/// Gives a key a new secret. The answer holds it, and nothing else ever does again.
#[server(prefix = "/fn", endpoint = "key_rotate")]
pub async fn rotate_key(
    /// The key.
    id: KeyId,
    /// For how long the old secret goes on.
    overlap: String,
    /// Another time, which counts instead where it is given.
    #[server(default)]
    other: String,
) -> Result<Rotated, Problem> {
    use crate::{
        lifetime::once,
        server::{Wrong, actor, handle},
    };
    let actor = actor()?;
    let (field, given) = if other.trim().is_empty() { ("overlap", overlap) } else { ("other", other) };
    let mut wrong = Wrong::default();
    let Some(overlap) = wrong.check(field, given.parse()) else { return Err(wrong.problem()) };
    let rotated = handle::<service::keys::Keys>()?.rotate(&actor, id, overlap).await?;
    let secret = rotated.secret.unwrap_or_default();
    once::send(&id.to_string(), &secret);
    Ok(Rotated { secret })
}

/// Ends a key's old secret now.
#[server(prefix = "/fn", endpoint = "key_rotation_end")]
pub async fn end_key_rotation(
    /// The key.
    id: KeyId,
) -> Result<(), Problem> {
    use crate::server::{actor, handle};
    handle::<service::keys::Keys>()?.end_rotation(&actor()?, id).await?;
    Ok(())
}

/// What changing a secret means, for how long the old one goes on, and the button that does it.
#[component]
pub(super) fn RotateDialog(
    /// The key.
    id: String,
    /// How it is called.
    name: String,
    /// The form.
    action: Sending<Rotated>,
    /// Whether the page arrives with it.
    shown: bool,
) -> impl IntoView {
    let overlaps = vec![
        Choice::new("24h", "24 hours"),
        Choice::new("1h", "1 hour"),
        Choice::new("7d", "7 days"),
        Choice::new("30d", "30 days"),
        Choice::new("0s", "Not at all: end it now"),
    ];
    view! {
        <Dialog id="rotate" title=format!("Rotate {name}") small=true shown=shown>
            <p>"The key gets a new secret. Its limits, budgets and history stay, and the old secret goes on beside the new one until all who use it have the new one."</p>
            <Form to=action class="form">
                <FormError problem=action.problem()/>
                <input type="hidden" name="id" value=id/>
                <Select name="overlap" label="The old secret goes on for" choices=overlaps value="24h" error=action.error("overlap")/>
                <Input name="other" label="Or for another time" hint="As in 90m, 12h or 3d, up to 90d." autocomplete="off" maxlength=20 error=action.error("other")/>
                <div class="dialog__foot">
                    <Button kind=ButtonKind::Primary submit=true pending=action.pending()>"Rotate key"</Button>
                </div>
            </Form>
        </Dialog>
    }
}

/// The new secret, in the one moment at which it is seen: what was answered, or what has arrived with the page.
#[component]
pub(super) fn NewSecret(
    /// The key.
    id: String,
    /// How it is called.
    name: String,
    /// The form.
    action: Sending<Rotated>,
    /// The secret that a form without WASM has just made.
    arrived: Option<String>,
) -> impl IntoView {
    let arrived = RwSignal::new(arrived);
    let secret = Memo::new(move |_| action.answer().map(|rotated| rotated.secret).or_else(|| arrived.get()));
    let stored = move |_| {
        arrived.set(None);
        action.forget();
    };
    move || {
        let (file, page) = (format!("{name}.txt"), format!("/keys/{id}"));
        secret.get().map(|secret| {
            view! {
                <Card title="The new secret" note="Copy it now. It is shown only this once.">
                    <div class="stack">
                        <SecretOnce secret label="API key" file/>
                        <div class="form__actions">
                            <ButtonLink href=Some(page) kind=ButtonKind::Primary on:click=stored>"I have stored it"</ButtonLink>
                        </div>
                    </div>
                </Card>
            }
        })
    }
}

/// That the key has two secrets for now, and the button that ends the old one.
#[component]
pub(super) fn OldSecretNote(
    /// The key.
    id: String,
    /// Its old secret.
    old: OldSecret,
    /// Ends it; absent for those who may not.
    end: Option<Sending>,
) -> impl IntoView {
    let OldSecret { last_four, ends, last_used } = old;
    let last_used = match last_used {
        Some(at) => view! { "It was last used " <Time at/> ". " },
        None => "It was not used since the rotation. ".into_any(),
    };
    let end = end.map(|action| {
        view! {
            <Form to=action>
                <input type="hidden" name="id" value=id/>
                <Button submit=true size=Size::Small pending=action.pending()>"End it now"</Button>
                <FormError problem=action.problem()/>
            </Form>
        }
    });
    view! {
        <Note tone=Tone::Accent>
            <div class="cluster">
                <p>"The old secret " <code>{format!("…{last_four}")}</code> " works until it ends " <Time at=ends/> ". " {last_used}</p>
                {end}
            </div>
        </Note>
    }
}
