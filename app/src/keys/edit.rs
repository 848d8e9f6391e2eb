use domain::KeyId;
use serde::{Deserialize, Serialize};

use super::{
    answers::KeyAnswers,
    fields::{KeyOffer, MoreFields},
};
use crate::{
    lifetime::EndingSelect,
    prelude::*,
    problem::Problem,
    shell::PageProblem,
    ui::{Button, ButtonKind, ButtonLink, Card, FormError, Input, Moment, PageHead},
    wire::{Form, PageData, Sending, lazy_page},
};

/// What the page that changes a key begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEdit {
    /// The key.
    pub id: String,
    /// How it is now.
    pub given: KeyAnswers,
    /// When it ends.
    pub expires: Option<Moment>,
    /// What the form offers.
    pub offer: KeyOffer,
}

/// What the page that changes a key begins with.
#[server(prefix = "/fn", endpoint = "key_edit")]
pub async fn edit_key(
    /// The key.
    id: String,
) -> Result<KeyEdit, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let id = id.parse::<KeyId>().map_err(|_| service::Error::not_found("key"))?;
    let key = handle::<service::keys::Keys>()?.get(&actor, id).await?;
    if !key.manageable {
        actor.require(domain::identity::Permission::KeysManage)?;
    }
    Ok(KeyEdit {
        id: key.id.to_string(),
        given: super::answers::answers(&key),
        expires: match key.expires_at {
            Some(at) => Some(Calendar::of(&actor).await?.moment(at)),
            None => None,
        },
        offer: super::fields::offer(&actor, Some(&key)).await?,
    })
}

/// Changes a key, and leads back to it.
#[server(prefix = "/fn", endpoint = "key_change")]
pub async fn change_key(
    /// The key.
    id: KeyId,
    /// How it is to be.
    #[server(flatten)]
    answers: KeyAnswers,
) -> Result<(), Problem> {
    use crate::{
        lifetime::ending,
        server::{Wrong, actor, handle},
    };
    let (actor, now) = (actor()?, handle::<domain::Clock>()?.now());
    let mut wrong = Wrong::default();
    let read = answers.read(&mut wrong);
    let ends = match answers.expires_in.as_str() {
        "keep" => Some(None),
        other => wrong.check("expires_in", ending(other, now)).map(Some),
    };
    let (Some(read), Some(expires_at)) = (read, ends) else { return Err(wrong.problem()) };
    let changes = domain::keys::KeyChanges {
        name: Some(read.name),
        description: Some(read.description),
        owner_id: Some(read.owner),
        team_id: Some(read.team),
        labels: Some(read.labels),
        expires_at,
        rules: Some(read.rules),
    };
    handle::<service::keys::Keys>()?.update(&actor, id, changes).await?;
    leptos_axum::redirect(&format!("/keys/{id}"));
    Ok(())
}

/// `/keys/{id}/edit`: a key is changed.
#[derive(Debug)]
pub(crate) struct EditKeyPage {
    key: PageData<KeyEdit>,
}

lazy_page!(credentials: EditKeyPage);

impl EditKeyPage {
    fn load() -> Self {
        Self { key: PageData::of_id::<EditKey>() }
    }

    fn show(self) -> AnyView {
        let action = Sending::to::<ChangeKey>();
        self.key.each(
            || ().into_any(),
            move |key| match key {
                Ok(key) => view! { <KeyForm key_edit=key action/> },
                Err(problem) => view! { <PageProblem problem/> },
            },
        )
    }
}

#[component]
fn KeyForm(key_edit: KeyEdit, action: Sending) -> impl IntoView {
    let KeyEdit { id, given, expires, offer } = key_edit;
    let page = format!("/keys/{id}");
    let keep = match expires {
        Some(at) => format!("As now: {}", at.exact),
        None => "As now: never".to_owned(),
    };
    view! {
        <div class="stack narrow">
            <PageHead title=format!("Edit {}", given.name) note="What it may call is in force within a second."/>
            <Card>
                <Form to=action class="form">
                    <FormError problem=action.problem()/>
                    <input type="hidden" name="id" value=id/>
                    <Input name="name" label="Name" value=given.name.clone() required=true maxlength=100 autocomplete="off" error=action.error("name")/>
                    <EndingSelect value="keep" keep hint="After that its calls are refused." error=action.error("expires_in")/>
                    <MoreFields offer given action open=true/>
                    <div class="form__actions">
                        <Button submit=true kind=ButtonKind::Primary pending=action.pending()>"Save"</Button>
                        <ButtonLink href=Some(page)>"Cancel"</ButtonLink>
                    </div>
                </Form>
            </Card>
        </div>
    }
}
