use crate::{
    prelude::*,
    ui::{Button, ButtonKind, Dialog, FormError, Tone},
    wire::{Form, Sending, lazy_piece},
};

/// The key whose revocation is asked about, by id and name, and whether the question is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Revoking {
    target: RwSignal<(String, String)>,
    open: RwSignal<bool>,
}

impl Revoking {
    /// Nothing is asked yet.
    pub(super) fn nothing() -> Self {
        Self { target: RwSignal::new(Default::default()), open: RwSignal::new(false) }
    }

    /// Asks about this key.
    pub(super) fn ask(self, target: (String, String)) {
        self.target.set(target);
        self.open.set(true);
    }

    /// Whether it is asked.
    pub(super) fn is_asked(self) -> Signal<bool> {
        self.open.into()
    }

    /// Closes the question.
    pub(super) fn close(self) {
        self.open.set(false);
    }
}

/// The question of a list, about whichever key's menu asked it.
#[derive(Clone, Copy, Debug)]
pub(super) struct RevokeAsked {
    /// Which key.
    pub(super) revoking: Revoking,
    /// The answer on its way.
    pub(super) action: Sending,
}

lazy_piece!(tools: RevokeAsked);

impl RevokeAsked {
    fn show(self) -> AnyView {
        let Self { revoking, action } = self;
        let title = Signal::derive(move || format!("Revoke {}?", revoking.target.read().1));
        let id = Signal::derive(move || revoking.target.read().0.clone());
        view! {
            <Dialog id="revoke" title small=true open=revoking.open>
                <RevokeForm id action/>
            </Dialog>
        }
    }
}

/// What revoking means, and the button that does it.
#[component]
pub(super) fn RevokeForm(#[prop(into)] id: Signal<String>, action: Sending) -> impl IntoView {
    view! {
        <p>"Every call with this key is refused from the next second on. This is final: a revoked key can't be brought back."</p>
        <Form to=action class="form">
            <FormError problem=action.problem()/>
            <input type="hidden" name="id" value=move || id.get()/>
            <input type="hidden" name="status" value="revoked"/>
            <div class="dialog__foot">
                <Button kind=ButtonKind::Primary tone=Tone::Danger submit=true pending=action.pending()>"Revoke key"</Button>
            </div>
        </Form>
    }
}
